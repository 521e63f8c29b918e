//! Who may decide about a request.

use frontdesk_kernel::{
    Scope,
    approval::Approval,
    ids::{ChannelId, LocationId, UserId},
    member::Role,
};
use frontdesk_store::{Result, Tx, people, people::Member, threads};

use super::permission;

const MOST: u32 = 200;

/// Everybody who may, in the order of their coming. Nobody decides about what they asked for.
pub(super) async fn all(tx: &mut Tx, scope: &Scope, channel: &ChannelId, approval: &Approval) -> Result<Vec<Member>> {
    let mut found = Vec::new();
    for member in people::team(tx, scope, None, MOST).await? {
        if may(tx, scope, channel, approval, &member).await? {
            found.push(member);
        }
    }
    Ok(found)
}

pub(super) async fn may(tx: &mut Tx, scope: &Scope, channel: &ChannelId, approval: &Approval, member: &Member) -> Result<bool> {
    let allowed =
        member.active && member.role.allows(permission(approval.kind)) && member.person.as_str() != approval.requested_by;
    Ok(allowed && sees(tx, scope, channel, &member.locations).await?)
}

/// Whether somebody who works at these branches has to do with conversations on this channel.
pub(super) async fn sees(tx: &mut Tx, scope: &Scope, channel: &ChannelId, locations: &[LocationId]) -> Result<bool> {
    Ok(locations.is_empty() || threads::channels_in(tx, scope, locations).await?.contains(channel))
}

/// To whom it goes when nobody has decided. Named ones one after another, `before` of them were told already; `None`: all of them were.
/// Whoever is named and gone, or may not, is stood in for by the owners.
pub(super) async fn next(
    tx: &mut Tx,
    scope: &Scope,
    channel: &ChannelId,
    approval: &Approval,
    named: &[UserId],
    before: usize,
) -> Result<Option<Vec<Member>>> {
    if named.is_empty() {
        return if before == 0 { all(tx, scope, channel, approval).await.map(Some) } else { Ok(None) };
    }
    let Some(person) = named.get(before) else { return Ok(None) };
    if let Some(member) = people::member_of(tx, scope, person).await?
        && may(tx, scope, channel, approval, &member).await?
    {
        return Ok(Some(vec![member]));
    }
    let mut owners = all(tx, scope, channel, approval).await?;
    owners.retain(|member| member.role == Role::Owner);
    Ok(Some(owners))
}
