//! A member's own number: claimed by them or by whoever looks after the team, theirs when its code came from it.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{Scope, coded, ids::UserId};
use frontdesk_store::{
    Result, Tx, audit,
    member_numbers::{self, MemberNumber},
    people, work,
};

use super::tell::sending;
use crate::{Desk, directory::Line, events::Event};

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

/// Digits with the country's code, from what people write: `+57 300 111-22-33`, `0057…`.
pub fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let fine = |c: char| c.is_ascii_digit() || " +-().".contains(c);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.strip_prefix("00").filter(|_| !text.starts_with('+')).unwrap_or(&digits).to_owned();
    let plain = text.chars().all(fine) && !text.get(1..).is_some_and(|rest| rest.contains('+'));
    (plain && (8..=15).contains(&digits.len()) && !digits.starts_with('0')).then_some(digits)
}

/// Where a code may be sent to: every channel that sends to numbers.
pub async fn doors(desk: &Arc<Desk>, scope: &Scope) -> Result<Vec<Arc<Line>>> {
    let lines = desk.directory.lines(desk).await?;
    Ok(sending(desk, &lines, scope.tenant()))
}

/// Claims it for a member, with a new code. What is theirs already stays as it is.
pub async fn claim(
    desk: &Arc<Desk>,
    scope: &Scope,
    person: &UserId,
    number: &str,
    entry: audit::Entry,
) -> Result<std::result::Result<MemberNumber, Refused>> {
    let Some(number) = digits(number) else { return Ok(Err(Refused::NotANumber)) };
    let doors = doors(desk, scope).await?;
    if doors.is_empty() {
        return Ok(Err(Refused::NoChannel));
    }
    let ours = |line: &Arc<Line>| line.account.setting("display_phone_number").and_then(digits).is_some_and(|own| own == number);
    if doors.iter().any(ours) {
        return Ok(Err(Refused::Ours));
    }
    let now = desk.now();
    let wanted = MemberNumber {
        person: person.clone(),
        number,
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
                for known in member_numbers::at(tx, &s, &wanted.number).await? {
                    if known.confirmed_at.is_some() {
                        return Ok(if known.person == wanted.person { Ok(known) } else { Err(Refused::Taken) });
                    }
                }
                member_numbers::claim(tx, &s, &wanted).await?;
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(wanted))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for text in ["+57 300 111 22 33", "573001112233", "0057-300-111-2233", "+57 (300) 111.22.33"] {
            assert_eq!(digits(text).as_deref(), Some("573001112233"), "{text}");
        }
        for text in
            ["", "+", "3001", "+57 300 111 22 33 44 55 66", "ana", "57300111223x", "+57+3001112233", "0300111222", "+0057300111"]
        {
            assert_eq!(digits(text), None, "{text}");
        }
    }
}
