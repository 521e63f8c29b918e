//! Mails to those who may decide, each with a link of their own.

use frontdesk_kernel::{
    Scope,
    approval::Approval,
    ids::{ChannelId, LocationId},
    tenant::Tenant,
};
use frontdesk_store::{Result, Tx, people, threads};

use super::{link, permission};
use crate::{Desk, access};

const MOST: u32 = 50;

/// To everybody who may decide about it; `overdue`: what has waited too long already, in words. After the commit `desk.wake.mail` gets them
/// on their way.
pub(super) async fn write(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    tenant: &Tenant,
    channel: &ChannelId,
    approval: &Approval,
    overdue: Option<&str>,
) -> Result<()> {
    if desk.access.mailer.is_none() {
        return Ok(());
    }
    let wanted = permission(approval.kind);
    for member in people::team(tx, scope, None, MOST).await? {
        let may = member.active && member.role.allows(wanted) && member.person.as_str() != approval.requested_by;
        if !may || !sees(tx, scope, channel, &member.locations).await? {
            continue;
        }
        let link = link::to(desk, scope, approval, &member.person);
        match overdue {
            Some(what) => access::remind_by_mail(tx, desk, &member.email, tenant, what, &link).await?,
            None => access::ask_by_mail(tx, desk, &member.email, tenant, approval.kind, &link).await?,
        }
    }
    Ok(())
}

/// Whether somebody who works at these branches has to do with conversations on this channel.
async fn sees(tx: &mut Tx, scope: &Scope, channel: &ChannelId, locations: &[LocationId]) -> Result<bool> {
    Ok(locations.is_empty() || threads::channels_in(tx, scope, locations).await?.contains(channel))
}
