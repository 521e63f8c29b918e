//! How a conversation is shown, in the list and whole.

use axum::extract::State;
use frontdesk_kernel::{
    Timestamp,
    contact::AddressKind,
    conversation::Mode,
    ids::*,
    message::{Author, Delivery, Direction},
};
use frontdesk_store::threads::Thread;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::seen_by;
use crate::{
    Web,
    kit::{Caller, Found, Path, Problem, Time},
};

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModeName {
    Bot,
    Human,
    Paused,
    Closed,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StateView {
    mode: ModeName,
    /// The bot is back on duty then.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
    /// For staff: why it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// A person must answer, and the last word is the contact's.
    waiting: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ThreadAddress)]
pub(crate) struct AddressView {
    #[schema(value_type = String, example = "phone")]
    kind: AddressKind,
    value: String,
}

/// The contact, in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactBrief {
    pub(crate) id: ContactId,
    pub(crate) name: Option<String>,
    pub(crate) address: Option<AddressView>,
}

/// The channel, in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChannelBrief {
    pub(crate) id: ChannelId,
    /// `whatsapp`, `api` …
    pub(crate) kind: String,
    pub(crate) name: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonBrief {
    pub(crate) id: UserId,
    pub(crate) name: Option<String>,
}

/// The beginning of the last message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessagePreview)]
pub(crate) struct Preview {
    id: MessageId,
    direction: Direction,
    author: Author,
    /// At most 140 characters, on one line.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Delivery>,
    at: Time,
}

/// A conversation as the list shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationItem {
    pub(crate) id: ConversationId,
    contact: ContactBrief,
    channel: ChannelBrief,
    state: StateView,
    assignee: Option<PersonBrief>,
    /// Out of the way until then.
    snoozed_until: Option<Time>,
    unread: bool,
    last_message: Option<Preview>,
    last_message_at: Time,
    last_inbound_at: Option<Time>,
}

/// The vendor's window for free text: it closes so long after the contact's last message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WindowView {
    open: bool,
    /// When it closes, or closed; absent when the contact has not written yet.
    until: Option<Time>,
}

/// What this channel can carry; 0 = not at all.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Capabilities {
    /// Longest text of one message; longer ones are split.
    text: usize,
    buttons: usize,
    button_title: usize,
    list_rows: usize,
    caption: usize,
    media: bool,
    templates: bool,
    quotes: bool,
    read_receipts: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AgentBrief {
    id: AgentId,
    name: String,
    /// Chosen for this conversation, not by its channel or the business.
    own: bool,
}

/// A conversation whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationView {
    #[serde(flatten)]
    item: ConversationItem,
    /// Who answers when the bot is on duty.
    agent: Option<AgentBrief>,
    /// Only where the channel has one.
    window: Option<WindowView>,
    can: Capabilities,
    created_at: Time,
}

impl ModeName {
    pub(crate) fn of(mode: Mode) -> (ModeName, Option<Timestamp>) {
        match mode {
            Mode::Bot => (ModeName::Bot, None),
            Mode::Human => (ModeName::Human, None),
            Mode::Paused(until) => (ModeName::Paused, Some(until).filter(|u| *u < Timestamp::NEVER)),
            Mode::Closed => (ModeName::Closed, None),
        }
    }
}

/// Every one of them with its channel's name.
pub(super) async fn items(web: &Web, threads: Vec<Thread>) -> Result<Vec<ConversationItem>, Problem> {
    let lines = web.desk.directory.lines(&web.desk).await?;
    let channel = |id: &ChannelId| {
        let line = lines.get(id);
        ChannelBrief {
            id: id.clone(),
            kind: line.map(|l| l.channel.kind.clone()).unwrap_or_default(),
            name: line.map(|l| l.channel.name.clone()).unwrap_or_default(),
        }
    };
    Ok(threads
        .into_iter()
        .map(|t| {
            let c = channel(&t.conversation.channel);
            item(t, c)
        })
        .collect())
}

fn item(thread: Thread, channel: ChannelBrief) -> ConversationItem {
    let waiting = thread.waiting();
    let c = thread.conversation;
    let (mode, until) = ModeName::of(c.mode);
    ConversationItem {
        id: c.id,
        contact: ContactBrief {
            id: c.contact,
            name: thread.contact_name,
            address: Some(AddressView { kind: c.address.kind, value: c.address.value }),
        },
        channel,
        state: StateView { mode, until: until.map(Time), reason: c.mode_reason, waiting },
        assignee: thread.assignee.map(|id| PersonBrief { id, name: thread.assignee_name }),
        snoozed_until: thread.snoozed_until.map(Time),
        unread: thread.unread,
        last_message: thread.last.map(|m| Preview {
            id: m.id,
            direction: m.direction,
            author: m.author,
            text: m.text,
            delivery: m.delivery,
            at: m.at.into(),
        }),
        last_message_at: c.last_message_at.into(),
        last_inbound_at: c.last_inbound_at.map(Time),
    }
}

pub(super) async fn whole(web: &Web, caller: &Caller, thread: Thread) -> Result<ConversationView, Problem> {
    let (desk, now) = (&web.desk, web.desk.now());
    let lines = desk.directory.lines(desk).await?;
    let line = lines.get(&thread.conversation.channel);
    let about = line.and_then(|l| desk.channel(&l.channel.kind)).map(|c| c.about());
    let own = thread.conversation.agent.clone();
    let view = desk.directory.tenant(desk, caller.scope.tenant()).await?;
    let agent = view
        .as_ref()
        .and_then(|v| v.agent([own.as_ref(), line.and_then(|l| l.channel.agent.as_ref())]))
        .map(|a| AgentBrief { id: a.id.clone(), name: a.name.clone(), own: own.as_ref() == Some(&a.id) });
    let window = about.and_then(|a| a.window).map(|length| {
        let until = thread.conversation.last_inbound_at.map(|at| at.plus(length));
        WindowView { open: until.is_some_and(|until| now < until), until: until.map(Time) }
    });
    let can = about.map_or_else(Capabilities::none, |a| Capabilities {
        text: a.limits.text,
        buttons: a.limits.buttons,
        button_title: a.limits.button_title,
        list_rows: a.limits.list_rows,
        caption: a.limits.caption,
        media: a.media_in,
        templates: a.window.is_some(),
        quotes: a.media_in,
        read_receipts: a.read_receipts,
    });
    let created_at = thread.conversation.created_at.into();
    let item = items(web, vec![thread]).await?.pop().ok_or_else(Problem::internal)?;
    Ok(ConversationView { item, agent, window, can, created_at })
}

impl Capabilities {
    fn none() -> Capabilities {
        Capabilities {
            text: 0,
            buttons: 0,
            button_title: 0,
            list_rows: 0,
            caption: 0,
            media: false,
            templates: false,
            quotes: false,
            read_receipts: false,
        }
    }
}

/// One conversation: who answers, what its channel can carry, whether the vendor's window is open.
#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations", params(("id" = ConversationId, Path)),
    responses((status = 200, body = ConversationView)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ConversationId>,
) -> Result<Found<ConversationView>, Problem> {
    caller.require("conversation:read")?;
    let thread = seen_by(&web, &caller, &id).await?;
    Ok(Found(whole(&web, &caller, thread).await?))
}
