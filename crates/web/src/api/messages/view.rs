//! How a message is shown.

use std::collections::{BTreeMap, BTreeSet};

use frontdesk_kernel::{
    Scope,
    ids::*,
    message::{Author, Delivery, Direction, Message, Part, plain_text},
};
use frontdesk_store::{
    Result, Tx, conversations,
    messages::{self, Shown},
    turns,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::kit::Time;

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessageView {
    pub(crate) id: MessageId,
    pub(crate) conversation: ConversationId,
    direction: Direction,
    author: Author,
    /// Who of the team wrote it: `usr_…` or `key_…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    written_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_name: Option<String>,
    /// The parts as one plain text.
    text: String,
    parts: Vec<Part>,
    /// Of ours: how far it came.
    delivery: Option<Delivery>,
    /// Why it was not delivered, in words.
    failure: Option<String>,
    /// May be sent once more.
    can_retry: bool,
    /// What this message quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    quotes: Option<Quoted>,
    /// The vendor's id; what quotes refer to.
    vendor_id: Option<String>,
    turn: Option<TurnId>,
    /// What the turn did before it said this; on its first message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolChip>,
    at: Time,
}

/// A tool call in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ToolChip {
    name: String,
    ok: bool,
    /// What it proves: `booked`, `rescheduled`, `cancelled`, `contact_updated`, `handed_over` …
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
}

/// A message that another one quotes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Quoted {
    vendor_id: String,
    /// Absent when it is not ours to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<Author>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// What goes with messages of a page: what they quote, what their turns did.
#[derive(Default)]
pub(super) struct Beside {
    quoted: BTreeMap<String, Message>,
    tools: BTreeMap<TurnId, Vec<ToolChip>>,
}

/// Reads it in the page's own unit of work.
pub(super) async fn beside(tx: &mut Tx, scope: &Scope, page: &[Shown]) -> Result<Beside> {
    let quoted: BTreeSet<String> = page.iter().filter_map(|m| m.message.quotes.clone()).collect();
    let here = page.first().map(|m| m.message.conversation.clone());
    let quoted = messages::quoted(tx, scope, &quoted.into_iter().collect::<Vec<_>>()).await?;
    let turns: BTreeSet<TurnId> = page.iter().filter_map(|m| m.message.turn.clone()).collect();
    let mut beside = Beside::default();
    for message in quoted.into_iter().filter(|m| Some(&m.conversation) == here.as_ref()) {
        beside.quoted.extend(message.vendor_id.clone().map(|id| (id, message)));
    }
    for turn in turns {
        let chips: Vec<ToolChip> = turns::tool_results(tx, scope, &turn)
            .await?
            .into_iter()
            .map(|r| ToolChip {
                name: r.name,
                ok: r.ok,
                receipt: r.receipt.and_then(|k| serde_json::to_value(k).ok()).and_then(|v| v.as_str().map(str::to_owned)),
            })
            .collect();
        if !chips.is_empty() {
            beside.tools.insert(turn, chips);
        }
    }
    Ok(beside)
}

/// Messages as they are, in this order (newest first).
pub(super) fn views(page: Vec<Shown>, mut beside: Beside) -> Vec<MessageView> {
    let mut views: Vec<MessageView> = page.into_iter().map(|m| view(m, &beside)).collect();
    // The first of a turn is the last here.
    for view in views.iter_mut().rev() {
        if let Some(chips) = view.turn.as_ref().and_then(|turn| beside.tools.remove(turn)) {
            view.tools = chips;
        }
    }
    views
}

fn view(m: Shown, beside: &Beside) -> MessageView {
    let Shown { message, written_by, written_by_name } = m;
    let quotes = message.quotes.map(|vendor_id| {
        let found = beside.quoted.get(&vendor_id);
        Quoted {
            message: found.map(|m| m.id.clone()),
            author: found.map(|m| m.author),
            text: found.map(|m| plain_text(&m.parts).chars().take(300).collect()),
            vendor_id,
        }
    });
    MessageView {
        id: message.id,
        conversation: message.conversation,
        direction: message.direction,
        author: message.author,
        written_by,
        author_name: written_by_name,
        text: plain_text(&message.parts),
        parts: message.parts,
        delivery: message.delivery,
        failure: message.failure,
        can_retry: message.direction == Direction::Out && message.delivery == Some(Delivery::Failed),
        quotes,
        vendor_id: message.vendor_id,
        turn: message.turn,
        tools: Vec::new(),
        at: message.at.into(),
    }
}

/// One message with everything beside it, when its conversation is on one of `channels`.
pub(super) async fn one(
    tx: &mut Tx,
    scope: &Scope,
    id: &MessageId,
    channels: Option<&[ChannelId]>,
) -> Result<Option<MessageView>> {
    let Some(shown) = messages::look_at(tx, scope, id).await? else { return Ok(None) };
    if let Some(channels) = channels {
        let conversation = conversations::get(tx, scope, &shown.message.conversation).await?;
        if conversation.is_none_or(|c| !channels.contains(&c.channel)) {
            return Ok(None);
        }
    }
    let page = vec![shown];
    let beside = beside(tx, scope, &page).await?;
    Ok(views(page, beside).pop())
}
