//! What the agent does not do alone: it is put before a customer or a colleague, decided once, and brought back into its conversation.
//! Nothing waits in memory.

mod ask;
pub mod by_mail;
mod clock;
mod deciders;
mod exact;
pub(crate) mod hear;
mod letters;
pub mod link;
pub mod numbers;
mod say;
mod tell;
mod words;

use frontdesk_kernel::{
    action::{About, Title},
    approval::{Approval, Kind, State},
    ids::{ApprovalId, TaskId},
    language::Language,
};
use serde_json::Value;

pub(crate) use self::{
    ask::{Request, ask, ask_question},
    clock::{escalate, expire},
    say::carried_out,
    tell::{is_open, stale},
};
pub use self::{
    say::{Refusal, Said, Signature, Word, edit, say},
    tell::reach,
};
use crate::{Desk, directory::View, tools};

/// The timers of a request.
pub(crate) fn expiry_timer(id: &ApprovalId) -> String {
    format!("expire/{id}")
}
pub(crate) fn escalation_timer(id: &ApprovalId) -> String {
    format!("escalate/{id}")
}

/// The task that shows a request among others; it has the request's own number.
fn task_of(id: &ApprovalId) -> Option<TaskId> {
    TaskId::parse(&id.as_str().replacen("apv_", "tsk_", 1)).ok()
}

/// Who may decide about it.
pub fn permission(kind: Kind) -> &'static str {
    match kind {
        Kind::Consultation => "approval:answer",
        Kind::Approval | Kind::Suggestion => "approval:decide",
    }
}

/// What a person calls an action of this business; its own name when there is no such action any more.
pub fn title(desk: &Desk, view: &View, action: &str) -> Title {
    let own = || view.tools.get(action).map(|own| own.about());
    let about: Option<About> = desk.toolbox.about(action).cloned().or_else(own);
    about.map_or_else(|| Title { english: action.to_owned().into(), spanish: action.to_owned().into() }, |about| about.title)
}

/// The call in one line that a customer or a colleague can read: what is done, with which values.
pub(crate) fn summary(title: &str, arguments: &Value) -> String {
    let values: Vec<String> = arguments.as_object().into_iter().flatten().filter_map(|(_, value)| shown(value)).collect();
    if values.is_empty() { title.to_owned() } else { format!("{title} ({})", values.join(" · ")) }
}

fn shown(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let short: String = text.chars().take(120).collect();
    (!short.is_empty()).then_some(short)
}

/// The question that a customer is asked before it is done. The server words it, so that a yes is to exactly this.
pub(crate) fn question(title: &Title, arguments: &Value, language: Language) -> String {
    let what = summary(title.of(language), arguments);
    match language {
        Language::Spanish => format!("Por favor confirma: {what}. ¿Lo hago?"),
        Language::English => format!("Please confirm: {what}. Shall I do it?"),
    }
}

/// What a conversation is told about a decision; the model reads it, and the team in the thread.
fn announcement(a: &Approval) -> String {
    let action = &a.action;
    let note = a.note.as_deref().filter(|n| !n.is_empty());
    let says = note.map(|n| format!(" They say: «{n}»")).unwrap_or_default();
    match a.state {
        State::Approved if a.edited_from.is_some() => {
            format!("Decision: the team approved `{action}`, with other arguments than you asked for: {}.{says}", a.arguments)
        }
        State::Approved => format!("Decision: the team approved `{action}`.{says}"),
        State::Rejected => format!("Decision: the team declined `{action}`; nothing was done.{says}"),
        State::Answered => {
            let question: String = a.question.chars().take(300).collect();
            format!("Decision: a colleague answers your question ({question}): «{}»", note.unwrap_or_default())
        }
        _ => format!("Decision: nobody of the team decided about `{action}` in time; nothing was done."),
    }
}

/// Whether arguments that a person wrote are what the tool takes.
pub(crate) fn fits(desk: &Desk, view: &View, action: &str, arguments: &Value) -> Result<(), String> {
    tools::takes(desk, view, action, arguments)
}
