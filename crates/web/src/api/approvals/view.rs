//! How a request is shown: what the agent wants, word for word, and what was said about it.

use frontdesk_engine::{
    approvals::{permission, title},
    directory::View,
};
use frontdesk_kernel::{
    approval::{Kind, Origin, State},
    ids::*,
};
use frontdesk_store::approvals::Listed;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    Web,
    kit::{Caller, Time},
};

/// Somebody of the business, a key, or the customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalActor)]
pub(crate) struct Actor {
    /// `usr_…`, `key_…` or `con_…`.
    id: String,
    name: Option<String>,
}

/// What it came to when it was carried out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovalResult)]
pub(crate) struct Outcome {
    ok: bool,
    /// What the agent was told.
    content: String,
    /// What it proves.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<frontdesk_kernel::tool::ReceiptKind>,
}

/// Something that the agent does not do alone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Approval)]
pub(crate) struct ApprovalView {
    id: ApprovalId,
    kind: Kind,
    state: State,
    /// The tool's name.
    action: String,
    /// What people call it, in the business's language.
    title: String,
    conversation: ConversationId,
    contact: ContactId,
    contact_name: Option<String>,
    /// The turn that asked.
    turn: TurnId,
    /// Exactly what would be done.
    arguments: Value,
    /// Of exactly these arguments; an approval names it, so that nobody approves what they have not seen.
    args_hash: String,
    /// Where each argument came from.
    provenance: Vec<Origin>,
    /// In words.
    question: String,
    /// The rule that asked for it: its id, or `default`, `floor`, `raised`.
    rule: String,
    /// For whom the agent acts; absent for itself.
    requested_by: Option<Actor>,
    /// What the agent wanted, when a person changed it.
    #[schema(value_type = Option<Object>)]
    edited_from: Option<Value>,
    edited_by: Option<Actor>,
    /// Absent also when its time simply ended.
    decided_by: Option<Actor>,
    decided_at: Option<Time>,
    /// What whoever decided said; the answer to a question.
    note: Option<String>,
    result: Option<Outcome>,
    /// Whether you may decide about it now.
    may_decide: bool,
    created_at: Time,
    updated_at: Time,
    expires_at: Time,
    escalate_at: Option<Time>,
}

impl ApprovalView {
    pub(super) fn of(web: &Web, view: &View, caller: &Caller, listed: Listed, names: &[(String, String)]) -> ApprovalView {
        let a = listed.approval;
        let actor = |id: String| {
            let known = names.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone());
            let contact = listed.contact_name.clone().filter(|_| id == listed.contact.as_str());
            Actor { name: known.or(contact), id }
        };
        let own = !a.requested_by.is_empty() && a.requested_by == caller.actor.id();
        let may_decide = a.state == State::Pending && a.kind != Kind::Suggestion && !own && caller.may(permission(a.kind));
        let title = title(&web.desk, view, &a.action).of(view.tenant.speaks()).to_owned();
        ApprovalView {
            id: a.id,
            kind: a.kind,
            state: a.state,
            title,
            action: a.action,
            conversation: a.conversation,
            contact: listed.contact.clone(),
            contact_name: listed.contact_name.clone(),
            turn: a.turn,
            arguments: a.arguments,
            args_hash: a.args_hash,
            provenance: a.provenance,
            question: a.question,
            rule: a.rule,
            requested_by: Some(a.requested_by).filter(|id| !id.is_empty()).map(actor),
            edited_from: a.edited_from,
            edited_by: a.edited_by.map(actor),
            decided_by: Some(a.decided_by).filter(|id| !id.is_empty()).map(actor),
            decided_at: a.decided_at.map(Time),
            note: a.note,
            result: a.result.map(|r| Outcome { ok: r.ok, content: r.content, receipt: r.receipt }),
            may_decide,
            created_at: a.created_at.into(),
            updated_at: a.updated_at.into(),
            expires_at: a.expires_at.into(),
            escalate_at: a.escalate_at.map(Time),
        }
    }
}
