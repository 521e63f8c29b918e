//! Sends to members' own numbers: what is different about them, which is where they go and when they may.

use std::collections::HashMap;

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::State as Asked,
    contact::AddressKind,
    effect::State,
    ids::{ChannelId, ConversationId, TaskId},
    message::{Author, Message, Part},
    ports::channel::Address,
};
use frontdesk_store::{Result, Tx, approvals, conversations, effects, member_messages, member_numbers, people, tasks};

use super::{Due, Ready, pace};
use crate::{
    Desk,
    approvals::{is_open, stale},
};

/// The conversation of a send; `None`: it goes to a member.
pub(crate) async fn thread_of(tx: &mut Tx, scope: &Scope, effect: &effects::Effect) -> Result<Option<ConversationId>> {
    Ok(conversations::get(tx, scope, &effect.conversation).await?.map(|thread| thread.id))
}

/// A member's number was not reached about a request that still waits: a person is told, once for each number until they have looked. The task,
/// and where the request is; `None`: there is nothing more to say.
pub(crate) async fn not_reached(
    tx: &mut Tx,
    scope: &Scope,
    effect: &effects::Effect,
    why: &str,
    now: Timestamp,
) -> Result<Option<(TaskId, ConversationId)>> {
    let Some(message) = member_messages::get(tx, scope, &effect.message).await? else { return Ok(None) };
    let Some(about) = &message.approval else { return Ok(None) };
    let Some(asked) = approvals::get(tx, scope, about).await?.filter(|asked| asked.state == Asked::Pending) else {
        return Ok(None);
    };
    let Ok(task) = TaskId::parse(&message.line.as_str().replacen("cnv_", "tsk_", 1)) else { return Ok(None) };
    let name = people::names(tx, scope, &[message.person.to_string()]).await?.pop().map_or_else(String::new, |(_, name)| name);
    let title = format!("{name} was not reached on their number ({why}) about: {}", asked.question);
    let title: String = title.chars().take(300).collect();
    let (conversation, turn) = (Some(&asked.conversation), Some(&asked.turn));
    let opened = tasks::open_once(tx, scope, &task, "send_failed", &title, conversation, turn, now).await?;
    Ok(opened.then_some((task, asked.conversation)))
}

pub(super) async fn begin(
    tx: &mut Tx,
    desk: &Desk,
    send: Due,
    paces: &mut HashMap<ChannelId, Timestamp>,
    now: Timestamp,
) -> Result<Option<Ready>> {
    let Due { scope, due: effects::Due { effect, .. }, line } = send;
    let Some(number) = member_numbers::of_line(tx, &scope, &effect.conversation).await? else {
        let gone = if thread_of(tx, &scope, &effect).await?.is_some() { "message" } else { "conversation" };
        effects::withdraw(tx, &scope, &effect, State::Canceled, &format!("the {gone} was removed"), now).await?;
        return Ok(None);
    };
    let Some(stored) = member_messages::get(tx, &scope, &effect.message).await? else {
        effects::withdraw(tx, &scope, &effect, State::Canceled, "the message was removed", now).await?;
        return Ok(None);
    };
    if !number.counts(now) {
        effects::withdraw(tx, &scope, &effect, State::Canceled, "the number is not certainly the member's any more", now).await?;
        return Ok(None);
    }
    // Decided meanwhile, changed, or nothing of theirs any more: what is not sent cannot be taken for news.
    if !effect.is_reply
        && let Some(why) = stale(tx, &scope, &stored, now).await?
    {
        effects::withdraw(tx, &scope, &effect, State::Canceled, why, now).await?;
        return Ok(None);
    }
    let is_template = matches!(stored.part, Part::Template { .. });
    if !is_template && !is_open(desk, &line, &number, now) {
        // Mail and console have said it, too.
        effects::withdraw(tx, &scope, &effect, State::Expired, "the member's 24-hour window has closed", now).await?;
        return Ok(None);
    }
    if let Some(wait) = pace::pace(tx, desk, &scope, &line, &effect, Timestamp::default(), paces, now).await? {
        effects::postpone(tx, &scope, &effect.id, wait).await?;
        return Ok(None);
    }
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
    Ok(Some(Ready { scope, effect, line, message, to, thread: None }))
}
