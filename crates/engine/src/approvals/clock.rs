//! When nobody says anything: others are told, and in the end it is not done.

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{Kind, State},
    ids::{ApprovalId, MessageId, TaskId},
    language::Language,
};
use frontdesk_store::{Result, Tx, approvals, audit, conversations, tasks, tenants, timers};
use serde_json::json;

use super::{
    deciders, escalation_timer, letters,
    say::{bring_back, hold, news_of},
    tell::{Ways, tell},
    words::Occasion,
};
use crate::{Desk, directory::Lines, news::News, tools};

/// Its time is over. A customer who never answered is not bothered again; what the team owed is told to the customer.
pub(crate) async fn expire(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    id: &ApprovalId,
    now: Timestamp,
    news: &mut News,
) -> Result<()> {
    let Some(asked) = hold(tx, scope, id).await? else { return Ok(()) };
    let word = approvals::Word { to: State::Expired, by: "", note: None, taken_by: None };
    if asked.state != State::Pending || now < asked.expires_at || !approvals::decide(tx, scope, id, &word, now).await? {
        return Ok(());
    }
    audit::write(tx, scope, &entry(desk, "approval.expired", id, now)).await?;
    let message: MessageId = desk.id();
    let expired = approvals::get(tx, scope, id).await?.unwrap_or(asked);
    if expired.kind.is_for_staff() {
        bring_back(tx, scope, &expired, &message, now).await?;
        let (task, title): (TaskId, _) = (desk.id(), format!("nobody decided in time: {}", expired.question));
        let title: String = title.chars().take(300).collect();
        let (conversation, turn) = (Some(&expired.conversation), Some(&expired.turn));
        tasks::open(tx, scope, &task, "approval_expired", &title, conversation, turn, now).await?;
    }
    news_of(news, scope, &expired, Some(&message).filter(|_| expired.kind != Kind::Suggestion));
    Ok(())
}

/// Nobody has decided yet: a task says so, and whoever is named for it is told, one after another; else everybody who may decide. On their
/// number where that can be, and by mail in any case: what is sent to a number may not arrive.
pub(crate) async fn escalate(
    tx: &mut Tx,
    desk: &Desk,
    lines: &Lines,
    scope: &Scope,
    id: &ApprovalId,
    now: Timestamp,
    news: &mut News,
) -> Result<()> {
    let Some(asked) = approvals::lock(tx, scope, id).await? else { return Ok(()) };
    let Some(before) = approvals::escalate(tx, scope, id).await? else { return Ok(()) };
    if before == 0 {
        let (task, title): (TaskId, _) = (desk.id(), format!("still nobody decided: {}", asked.question));
        let title: String = title.chars().take(300).collect();
        tasks::open(tx, scope, &task, "approval_overdue", &title, Some(&asked.conversation), Some(&asked.turn), now).await?;
        news.task(scope.tenant(), &task, Some(&asked.conversation));
    }
    let Some(tenant) = tenants::get(tx, scope).await? else { return Ok(()) };
    let Some(conversation) = conversations::get(tx, scope, &asked.conversation).await? else { return Ok(()) };
    let (named, before) = (&tenant.settings.escalate_to, usize::try_from(before).unwrap_or_default());
    let Some(members) = deciders::next(tx, scope, &conversation.channel, &asked, named, before).await? else { return Ok(()) };
    let to: Vec<&str> = if named.is_empty() { Vec::new() } else { members.iter().map(|m| m.person.as_str()).collect() };
    audit::write(tx, scope, &audit::Entry { detail: json!({ "to": to }), ..entry(desk, "approval.escalated", id, now) }).await?;
    if let Some(after) = tenant.settings.escalation_time()
        && before + 1 < named.len()
        && now.plus(after) < asked.expires_at
    {
        timers::arm(tx, scope, &escalation_timer(id), "escalate_approval", id.as_str(), now.plus(after)).await?;
    }
    // What it is called, and no value: a mailbox is no place for those.
    let what = called(tx, desk, scope, &asked.action, tenant.speaks()).await?;
    let ways = Ways { desk, lines, tenant: &tenant, title: &what };
    tell(tx, ways, scope, &asked, &members, Occasion::Overdue, now).await?;
    letters::write(tx, desk, scope, &tenant, &asked, members.iter(), Some(&what)).await
}

/// What people call it, also a tool that the business brought along.
pub(super) async fn called(tx: &mut Tx, desk: &Desk, scope: &Scope, action: &str, language: Language) -> Result<String> {
    let title = match desk.toolbox.about(action) {
        Some(about) => Some(about.title.of(language).to_owned()),
        None => tools::title_of_brought(tx, desk, scope, action).await?,
    };
    Ok(title.unwrap_or_else(|| action.to_owned()))
}

fn entry(desk: &Desk, action: &str, id: &ApprovalId, now: Timestamp) -> audit::Entry {
    audit::Entry {
        id: desk.id(),
        actor_kind: "server".into(),
        actor: String::new(),
        action: action.to_owned(),
        subject: id.to_string(),
        detail: json!({}),
        at: now,
    }
}
