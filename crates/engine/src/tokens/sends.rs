//! What messages cost: reserved when they are planned, settled with their send (`store/effects.rs`).

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::ContactId,
    ledger::{Blocked, Per, per},
};
use frontdesk_store::{
    Result, Tx, conversations,
    effects::Effect,
    tokens::holds::{self, Ask},
};

use super::Books;
use crate::{Desk, directory::Line, news::News};

/// The key of what a message costs on this channel; `None`: nothing.
pub fn cost_of(desk: &Desk, line: &Line) -> Option<&'static str> {
    desk.channel(&line.channel.kind)?.about().cost
}

/// Reserves for all of them or for none, and notes on each what it holds.
#[expect(clippy::too_many_arguments, reason = "whose accounts, for what, for whom")]
pub(crate) async fn reserve(
    tx: &mut Tx,
    scope: &Scope,
    books: &Books,
    cost: &'static str,
    contact: &ContactId,
    effects: impl Iterator<Item = &mut Effect>,
    now: Timestamp,
    news: &mut News,
) -> Result<Result<(), Blocked>> {
    let mut held: Vec<String> = Vec::new();
    for effect in effects {
        let ask = Ask {
            name: format!("send/{}", effect.id),
            action: cost.to_owned(),
            tokens: books.accounting.cost(cost),
            micros: 0,
            window_ends: if let Per::Window(lasts) = per(cost) { Some(now.plus(lasts)) } else { None },
            contact: Some(contact.clone()),
            campaign: None,
            channel: Some(effect.channel.clone()),
            conversation: Some(effect.conversation.clone()),
            turn: effect.turn.as_ref().map(ToString::to_string),
        };
        match books.reserve(tx, scope, &ask, now, news).await? {
            Ok(hold) => {
                if hold == ask.name {
                    held.push(ask.name);
                }
                effect.hold = Some(hold);
            }
            Err(why) => {
                for name in &held {
                    holds::release(tx, scope, name, now).await?;
                }
                return Ok(Err(why));
            }
        }
    }
    Ok(Ok(()))
}

/// As `reserve`, for who knows the conversation only.
pub(crate) async fn reserve_in_thread(
    tx: &mut Tx,
    scope: &Scope,
    books: &Books,
    cost: &'static str,
    effects: &mut [&mut Effect],
    now: Timestamp,
    news: &mut News,
) -> Result<Result<(), Blocked>> {
    let Some(first) = effects.first() else { return Ok(Ok(())) };
    let Some(thread) = conversations::get(tx, scope, &first.conversation).await? else { return Ok(Ok(())) };
    reserve(tx, scope, books, cost, &thread.contact, effects.iter_mut().map(|e| &mut **e), now, news).await
}

/// For the one who wanted to send it.
pub(crate) fn refused(why: Blocked) -> frontdesk_store::Error {
    frontdesk_store::Error::Refused(format!("not sent: {why}"))
}
