//! A member's own number: claimed by them or by whoever looks after the team, theirs when its code came from it.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp, coded,
    ids::{AuditId, UserId},
};
use frontdesk_store::{
    Result, Tx, audit, effects,
    member_numbers::{self, MemberNumber},
    people, work,
};
use serde_json::json;

use super::tell::sending;
use crate::{Desk, contacts::phone, directory::Line, events::Event};

/// A code is no word that stays on a screen for long.
const CODE_FOR: Duration = Duration::from_secs(30 * 60);
const CODE_LENGTH: usize = 6;

/// Why a number is not claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    NoMember,
    NotANumber,
    /// It is where the business itself is reached.
    Ours,
    /// Somebody else here has proven that it is theirs.
    Taken,
    /// No channel of the business sends to numbers.
    NoChannel,
}

/// Where a code may be sent to: every channel that sends to numbers.
pub async fn doors(desk: &Arc<Desk>, scope: &Scope) -> Result<Vec<Arc<Line>>> {
    let lines = desk.directory.lines(desk).await?;
    Ok(sending(desk, &lines, scope.tenant()))
}

/// Claims it for a member, with a new code. What is theirs already stays as it is, and counts until another one is proven.
pub async fn claim(
    desk: &Arc<Desk>,
    scope: &Scope,
    person: &UserId,
    number: &str,
    entry: audit::Entry,
) -> Result<std::result::Result<MemberNumber, Refused>> {
    let Some(view) = desk.directory.tenant(desk, scope.tenant()).await? else { return Ok(Err(Refused::NoMember)) };
    let region = phone::region(&view.tenant);
    let Ok(number) = phone::digits(number, region) else { return Ok(Err(Refused::NotANumber)) };
    let spellings = phone::variants(&number);
    let doors = doors(desk, scope).await?;
    if doors.is_empty() {
        return Ok(Err(Refused::NoChannel));
    }
    let own = |line: &Arc<Line>| line.account.setting("display_phone_number").and_then(|own| phone::digits(own, region).ok());
    if doors.iter().filter_map(own).any(|own| spellings.contains(&own)) {
        return Ok(Err(Refused::Ours));
    }
    let now = desk.now();
    let wanted = MemberNumber {
        person: person.clone(),
        number,
        next: None,
        line: desk.id(),
        code: Some(coded::code(desk.access.random.as_ref(), CODE_LENGTH)),
        code_until: Some(now.plus(CODE_FOR)),
        confirmed_at: None,
        channel: None,
        heard_at: None,
        tries: 0,
        tries_from: now,
        created_at: now,
        updated_at: now,
    };
    let s = scope.clone();
    let claimed = desk
        .db
        .write(
            scope,
            work!(tx => {
                if people::member_of(tx, &s, &wanted.person).await?.is_none() {
                    return Ok(Err(Refused::NoMember));
                }
                for known in member_numbers::at(tx, &s, &spellings).await? {
                    if !known.counts(now) || !spellings.contains(&known.number) {
                        continue;
                    }
                    if known.person != wanted.person {
                        return Ok(Err(Refused::Taken));
                    }
                    if known.next.is_some() {
                        member_numbers::claim_next(tx, &s, &known.person, None, now).await?;
                    }
                    return Ok(Ok(MemberNumber { next: None, code: None, code_until: None, ..known }));
                }
                let before = member_numbers::get(tx, &s, &wanted.person).await?.filter(|n| n.counts(now));
                let mut entry = entry.clone();
                match &before {
                    Some(before) => {
                        member_numbers::claim_next(tx, &s, &before.person, Some(&wanted), now).await?;
                        entry.detail = json!({ "replaces": true });
                    }
                    None => member_numbers::claim(tx, &s, &wanted).await?,
                }
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(match before {
                    Some(before) => MemberNumber { next: Some(wanted.number), code: wanted.code, code_until: wanted.code_until, ..before },
                    None => wanted,
                }))
            }),
        )
        .await?;
    if claimed.is_ok() {
        desk.events.tell(scope.tenant(), Event::new("member.changed", person.as_str()));
    }
    Ok(claimed)
}

/// Nothing more goes there or counts from there. `false`: they had none.
pub async fn forget(tx: &mut Tx, scope: &Scope, person: &UserId, entry: &audit::Entry) -> Result<bool> {
    let had = member_numbers::remove(tx, scope, person).await?;
    if had {
        audit::write(tx, scope, entry).await?;
    }
    Ok(had)
}

/// WhatsApp says that somebody else may have this telephone's number by now: whoever had it proves it anew. Who that is.
pub(crate) async fn changed_hands(
    tx: &mut Tx,
    scope: &Scope,
    digits: &str,
    entry: &AuditId,
    now: Timestamp,
) -> Result<Option<UserId>> {
    let spellings = phone::variants(digits);
    let there = member_numbers::at(tx, scope, &spellings).await?;
    let Some(lost) = there.into_iter().find(|n| n.confirmed_at.is_some() && spellings.contains(&n.number)) else {
        return Ok(None);
    };
    member_numbers::doubt(tx, scope, &lost.person, now).await?;
    effects::withdraw_all(tx, scope, &lost.line, "the member has another number", now).await?;
    let entry = audit::Entry {
        id: entry.clone(),
        actor_kind: "server".into(),
        actor: String::new(),
        action: "member_number.doubt".into(),
        subject: lost.person.to_string(),
        detail: json!({ "why": "changed_number" }),
        at: now,
    };
    audit::write(tx, scope, &entry).await?;
    Ok(Some(lost.person))
}
