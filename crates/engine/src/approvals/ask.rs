//! Putting a request before somebody, in the transaction of the step that wants it.

use frontdesk_kernel::{
    approval::{Approval, Kind, Origin, State},
    contact::AddressKind,
    ids::ApprovalId,
};
use frontdesk_store::{Result, Tx, approvals, contacts, member_numbers, tasks, timers};
use serde_json::{Value, json};

use super::{
    deciders, escalation_timer, expiry_timer, letters, task_of,
    tell::{Ways, tell},
    title,
    words::Occasion,
};
use crate::{contacts::phone, crash, tools::ToolContext};

/// What is asked.
pub(crate) struct Request<'r> {
    pub(crate) kind: Kind,
    pub(crate) action: &'r str,
    pub(crate) arguments: &'r Value,
    pub(crate) provenance: Vec<Origin>,
    pub(crate) question: String,
    pub(crate) rule: &'r str,
    /// For whom the agent acts; empty for itself.
    pub(crate) requested_by: String,
}

/// The same request of the same conversation is asked once, however often the model begs.
pub(crate) async fn ask(tx: &mut Tx, context: &ToolContext, r: Request<'_>) -> Result<ApprovalId> {
    let (scope, conversation, now) = (&context.scope, &context.conversation.id, context.now);
    let args_hash = approvals::hash(r.arguments);
    if let Some(id) = approvals::waiting(tx, scope, conversation, r.kind, r.action, &args_hash).await? {
        return Ok(id);
    }
    let requested_by = match r.kind {
        Kind::Approval if r.requested_by.is_empty() => customer_who_works_here(tx, context).await?,
        _ => r.requested_by,
    };
    let settings = &context.view.tenant.settings;
    let approval = Approval {
        id: context.id(),
        kind: r.kind,
        state: State::Pending,
        conversation: conversation.clone(),
        turn: context.turn.clone(),
        action: r.action.to_owned(),
        arguments: r.arguments.clone(),
        args_hash,
        provenance: r.provenance,
        question: r.question,
        rule: r.rule.to_owned(),
        requested_by,
        decided_by: String::new(),
        decided_at: None,
        note: None,
        edited_from: None,
        edited_by: None,
        taken_by: None,
        asked: 1,
        created_at: now,
        updated_at: now,
        expires_at: now.plus(settings.approval_time()),
        escalate_at: settings.escalation_time().filter(|_| r.kind.is_for_staff()).map(|after| now.plus(after)),
        result: None,
    };
    let id = approval.id.clone();
    approvals::insert(tx, scope, &approval).await?;
    timers::arm(tx, scope, &expiry_timer(&id), "expire_approval", id.as_str(), approval.expires_at).await?;
    if let Some(at) = approval.escalate_at {
        timers::arm(tx, scope, &escalation_timer(&id), "escalate_approval", id.as_str(), at).await?;
    }
    if approval.kind.is_for_staff() {
        let (kind, heading) = match approval.kind {
            Kind::Consultation => ("consultation", format!("the agent asks: {}", approval.question)),
            Kind::Approval | Kind::Suggestion => ("approval", format!("say yes or no: {}", approval.question)),
        };
        if let Some(task) = task_of(&id) {
            let heading: String = heading.chars().take(300).collect();
            tasks::open(tx, scope, &task, kind, &heading, Some(conversation), Some(&context.turn), now).await?;
        }
        let members = deciders::all(tx, scope, &context.conversation.channel, &approval).await?;
        let called = title(&context.desk, &context.view, &approval.action);
        let tenant = &context.view.tenant;
        let ways = Ways { desk: &context.desk, lines: &context.lines, tenant, title: called.of(tenant.speaks()) };
        tell(tx, ways, scope, &approval, &members, Occasion::Asked, now).await?;
        letters::write(tx, &context.desk, scope, tenant, &approval, members.iter(), None).await?;
    }
    crash::point("approval before commit");
    Ok(id)
}

/// A member who asks from their own telephone as a customer does asks for themselves all the same. Empty: no member.
async fn customer_who_works_here(tx: &mut Tx, context: &ToolContext) -> Result<String> {
    for address in contacts::addresses(tx, &context.scope, &context.contact.id).await? {
        if address.kind != AddressKind::Phone {
            continue;
        }
        if let Some(person) = member_numbers::whose(tx, &context.scope, &phone::variants(&address.value)).await? {
            return Ok(person.to_string());
        }
    }
    Ok(String::new())
}

/// A question in words. Returns what the trace keeps of it.
pub(crate) async fn ask_question(
    tx: &mut Tx,
    context: &ToolContext,
    action: &str,
    arguments: &Value,
    question: &str,
) -> Result<Value> {
    let request = Request {
        kind: Kind::Consultation,
        action,
        arguments,
        provenance: Vec::new(),
        question: question.to_owned(),
        rule: "default",
        requested_by: String::new(),
    };
    let id = ask(tx, context, request).await?;
    Ok(json!({ "approval": id, "state": "waiting", "kind": Kind::Consultation }))
}
