//! Contacts as the API shows them.

use std::collections::BTreeMap;

use frontdesk_engine::contacts::export::Whole;
use frontdesk_kernel::{
    booking::AppointmentStatus,
    contact::{AddressKind, Contact},
    ids::*,
    ports::channel::Address,
};
use frontdesk_store::{
    contact_history::{Thread, Visit},
    tasks::Task,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kit::Time;

/// A way to reach a contact.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressView {
    pub(crate) kind: AddressKind,
    /// Phone numbers as digits with the country code; they may be written in any usual way.
    pub(crate) value: String,
}

impl From<Address> for AddressView {
    fn from(a: Address) -> AddressView {
        AddressView { kind: a.kind, value: a.value }
    }
}

/// A contact in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactView {
    id: ContactId,
    name: Option<String>,
    /// The language they speak; absent: the business's.
    language: Option<String>,
    addresses: Vec<AddressView>,
    tags: Vec<String>,
    created_at: Time,
    updated_at: Time,
}

impl From<Whole> for ContactView {
    fn from(w: Whole) -> ContactView {
        ContactView {
            id: w.contact.id,
            name: w.contact.name,
            language: w.contact.language,
            addresses: w.addresses.into_iter().map(AddressView::from).collect(),
            tags: w.tags,
            created_at: w.contact.created_at.into(),
            updated_at: w.contact.updated_at.into(),
        }
    }
}

/// A contact with all that is known of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactDetail {
    id: ContactId,
    name: Option<String>,
    /// The language they speak; absent: the business's.
    language: Option<String>,
    /// What staff wrote; the bot does not read it.
    note: Option<String>,
    /// What the bot or staff learnt, such as `birthday`.
    facts: BTreeMap<String, String>,
    addresses: Vec<AddressView>,
    tags: Vec<String>,
    /// Latest first.
    conversations: Vec<ThreadView>,
    /// Latest first.
    appointments: Vec<VisitView>,
    /// Newest first.
    tasks: Vec<TaskLine>,
    /// Contacts that became part of this one, as long as that can be undone.
    merged: Vec<MergedView>,
    created_at: Time,
    updated_at: Time,
}

/// A conversation of a contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThreadView {
    id: ConversationId,
    channel: ChannelId,
    channel_kind: String,
    channel_name: String,
    address: AddressView,
    /// `bot`, `human`, `paused` or `closed`.
    state: String,
    last_message_at: Time,
}

impl From<Thread> for ThreadView {
    fn from(t: Thread) -> ThreadView {
        ThreadView {
            id: t.id,
            channel: t.channel,
            channel_kind: t.channel_kind,
            channel_name: t.channel_name,
            address: AddressView { kind: t.address_kind, value: t.address },
            state: t.mode.as_str().to_owned(),
            last_message_at: t.last_message_at.into(),
        }
    }
}

/// An appointment of a contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VisitView {
    id: AppointmentId,
    title: String,
    starts_at: Time,
    ends_at: Time,
    /// Such as `confirmed` or `cancelled`.
    status: String,
}

impl From<Visit> for VisitView {
    fn from(v: Visit) -> VisitView {
        let status = AppointmentStatus::as_str(v.status).to_owned();
        VisitView { id: v.id, title: v.title, starts_at: v.starts_at.into(), ends_at: v.ends_at.into(), status }
    }
}

/// A task about a contact.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskLine {
    id: TaskId,
    kind: String,
    title: String,
    /// `open` or `done`.
    state: String,
    due_at: Option<Time>,
    created_at: Time,
}

impl From<Task> for TaskLine {
    fn from(t: Task) -> TaskLine {
        TaskLine {
            id: t.id,
            kind: t.kind,
            title: t.title,
            state: t.state,
            due_at: t.due_at.map(Time::from),
            created_at: t.created_at.into(),
        }
    }
}

/// A merge that can be undone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MergedView {
    /// Who became part of this contact.
    pub(crate) other: ContactId,
    pub(crate) merged_at: Time,
}

/// What is around a contact.
pub(crate) struct Around {
    pub(crate) threads: Vec<Thread>,
    pub(crate) visits: Vec<Visit>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) merged: Vec<MergedView>,
}

impl ContactDetail {
    pub(crate) fn of(whole: Whole, around: Around) -> ContactDetail {
        let Whole { contact: Contact { id, name, facts, language, note, created_at, updated_at }, addresses, tags } = whole;
        ContactDetail {
            id,
            name,
            language,
            note,
            facts,
            addresses: addresses.into_iter().map(AddressView::from).collect(),
            tags,
            conversations: around.threads.into_iter().map(ThreadView::from).collect(),
            appointments: around.visits.into_iter().map(VisitView::from).collect(),
            tasks: around.tasks.into_iter().map(TaskLine::from).collect(),
            merged: around.merged,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
        }
    }
}
