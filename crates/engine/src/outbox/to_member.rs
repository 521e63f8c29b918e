//! Sends to members' own numbers: what is different about them, which is where they go and when they may.

use std::{collections::HashMap, sync::Arc};

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::AddressKind,
    effect::State,
    ids::{ChannelId, ConversationId},
    message::{Author, Message, Part},
    ports::channel::Address,
};
use frontdesk_store::{Result, Tx, conversations, effects, member_messages, member_numbers};

use super::{Begun, pace};
use crate::{Desk, approvals, directory::Line};

/// The conversation of a send; `None`: it goes to a member.
pub(crate) async fn thread_of(tx: &mut Tx, scope: &Scope, effect: &effects::Effect) -> Result<Option<ConversationId>> {
    Ok(conversations::get(tx, scope, &effect.conversation).await?.map(|thread| thread.id))
}

pub(super) async fn begin(
    tx: &mut Tx,
    desk: &Desk,
    scope: Scope,
    effect: effects::Effect,
    line: &Arc<Line>,
    paces: &mut HashMap<ChannelId, Timestamp>,
    now: Timestamp,
) -> Result<Option<Begun>> {
    let Some(number) = member_numbers::of_line(tx, &scope, &effect.conversation).await? else {
        effects::withdraw(tx, &scope, &effect, State::Canceled, "the conversation was removed", now).await?;
        return Ok(None);
    };
    let Some(stored) = member_messages::get(tx, &scope, &effect.message).await? else {
        effects::withdraw(tx, &scope, &effect, State::Canceled, "the message was removed", now).await?;
        return Ok(None);
    };
    let is_template = matches!(stored.part, Part::Template { .. });
    if !is_template && !approvals::is_open(tx, desk, &scope, line, &number, now).await? {
        // Mail and console have said it, too.
        effects::withdraw(tx, &scope, &effect, State::Expired, "the member's 24-hour window has closed", now).await?;
        return Ok(None);
    }
    if let Some(wait) = pace::pace(tx, desk, &scope, line, &effect, Timestamp::default(), paces, now).await? {
        effects::postpone(tx, &scope, &effect.id, wait).await?;
        return Ok(None);
    }
    let Some(attempt) = effects::begin(tx, &scope, &effect.id, &desk.node, now).await? else { return Ok(None) };
    let effect = effects::Effect { attempts: attempt, state: State::Sending, ..effect };
    let message = Message {
        id: stored.id,
        conversation: stored.line,
        direction: stored.direction,
        author: Author::System,
        parts: vec![stored.part],
        vendor_id: stored.vendor_id,
        quotes: None,
        delivery: stored.delivery,
        failure: stored.failure,
        turn: None,
        at: stored.at,
    };
    let to = Address { kind: AddressKind::Phone, value: number.number };
    Ok(Some(Begun { scope, effect, attempt, line: line.clone(), message, to, thread: None }))
}
