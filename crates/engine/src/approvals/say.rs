//! Somebody of the team says yes, no, or answers. One transaction: the state (first word counts), the audit log, and the decision in its
//! conversation's lane.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{Approval, Kind, Origin, Source, State},
    conversation::Mode,
    ids::{ApprovalId, MessageId},
    tool::ToolResult,
};
use frontdesk_store::{Result, Tx, approvals, audit, conversations, lanes, tasks, timers, work};
use serde_json::{Value, json};

use super::{
    announcement, deciders, escalation_timer, expiry_timer, fits, letters, task_of,
    tell::{Ways, tell},
    title,
    words::Occasion,
};
use crate::{Desk, crash, events::Event, news::News, tools::ToolContext};

/// Who says it.
#[derive(Debug, Clone)]
pub struct Signature {
    /// As the audit log names kinds: `person`, `key`, `operator`.
    pub kind: &'static str,
    /// `usr_…` or `key_…`; empty for the machine's operator.
    pub id: String,
    /// Where: `api`, `link`, or the channel that it came on.
    pub by_way_of: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// To exactly the arguments with this hash.
    Yes {
        hash: String,
    },
    No,
    /// To a question.
    Answer,
}

/// Why a word does not count.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    Missing,
    /// Whoever asks for it does not decide about it.
    Own,
    /// The arguments are others by now.
    Changed,
    /// It was decided, otherwise.
    Decided(Box<Approval>),
    Expired,
    /// Such a word is not asked for.
    NotAsked(&'static str),
    /// The new arguments are not what the tool takes.
    Misfit(String),
}

/// What holds now; `changed`: because of this word.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub approval: Approval,
    pub changed: bool,
}

/// Says it. The same word twice is said once.
pub async fn say(
    desk: &Arc<Desk>,
    scope: &Scope,
    id: &ApprovalId,
    word: Word,
    note: Option<String>,
    by: &Signature,
) -> Result<std::result::Result<Said, Refusal>> {
    let (d, s, id, by, now) = (desk.clone(), scope.clone(), id.clone(), by.clone(), desk.now());
    let said = desk.db.write(scope, work!(tx => say_in(tx, &d, &s, &id, &word, note.as_deref(), &by, now).await)).await?;
    if let Ok(SaidIn { said, message }) = &said
        && said.changed
    {
        crash::point("decision committed");
        let mut news = News::default();
        news_of(&mut news, scope, &said.approval, Some(message));
        news.tell(&desk.events);
        desk.wake.lanes.notify_one();
    }
    Ok(said.map(|in_it| in_it.said))
}

/// The same, and the message that brings it into its conversation.
pub(super) struct SaidIn {
    pub(super) said: Said,
    pub(super) message: MessageId,
}

/// Says it in a transaction of somebody else's.
#[expect(clippy::too_many_arguments, reason = "who says what about what, and when")]
pub(super) async fn say_in(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    id: &ApprovalId,
    word: &Word,
    note: Option<&str>,
    by: &Signature,
    now: Timestamp,
) -> Result<std::result::Result<SaidIn, Refusal>> {
    let message: MessageId = desk.id();
    let Some(asked) = hold(tx, scope, id).await? else { return Ok(Err(Refusal::Missing)) };
    let to = match wanted(&asked, word, by, now) {
        Ok(Some(to)) => to,
        Ok(None) => return Ok(Ok(SaidIn { said: Said { approval: asked, changed: false }, message })),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let word = approvals::Word { to, by: &by.id, note, taken_by: None };
    if !approvals::decide(tx, scope, id, &word, now).await? {
        return Ok(Err(Refusal::Decided(Box::new(asked))));
    }
    let decided = approvals::get(tx, scope, id).await?.unwrap_or(asked);
    let detail = json!({ "action": decided.action, "arguments": decided.args_hash, "by_way_of": by.by_way_of });
    audit::write(tx, scope, &entry_of(desk.id(), by, &format!("approval.{}", to.as_str()), id, detail, now)).await?;
    bring_back(tx, scope, &decided, &message, now).await?;
    crash::point("decision before commit");
    Ok(Ok(SaidIn { said: Said { approval: decided, changed: true }, message }))
}

/// Other arguments, before anybody decides: what is approved then is what this person wrote. Others who may decide are told on their
/// numbers, with a new code.
pub async fn edit(
    desk: &Arc<Desk>,
    scope: &Scope,
    id: &ApprovalId,
    arguments: Value,
    by: &Signature,
) -> Result<std::result::Result<Approval, Refusal>> {
    let Some(view) = desk.directory.tenant(desk, scope.tenant()).await? else { return Ok(Err(Refusal::Missing)) };
    let (s, wanted) = (scope.clone(), id.clone());
    let Some(asked) = desk.db.read(scope, work!(tx => approvals::get(tx, &s, &wanted).await)).await? else {
        return Ok(Err(Refusal::Missing));
    };
    if let Err(problem) = fits(desk, &view, &asked.action, &arguments) {
        return Ok(Err(Refusal::Misfit(problem)));
    }
    let (d, lines) = (desk.clone(), desk.directory.lines(desk).await?);
    let title = title(desk, &view, &asked.action).of(view.tenant.speaks()).to_owned();
    let (s, id, by, now, entry) = (scope.clone(), id.clone(), by.clone(), desk.now(), desk.id());
    let edited = desk
        .db
        .write(
            scope,
            work!(tx => {
                let Some(asked) = hold(tx, &s, &id).await? else { return Ok(Err(Refusal::Missing)) };
                if asked.kind != Kind::Approval {
                    return Ok(Err(Refusal::NotAsked("Only what waits for a yes or no has arguments to change.")));
                }
                if asked.requested_by == by.id && !by.id.is_empty() {
                    return Ok(Err(Refusal::Own));
                }
                if asked.state != State::Pending {
                    return Ok(Err(Refusal::Decided(Box::new(asked))));
                }
                if now >= asked.expires_at {
                    return Ok(Err(Refusal::Expired));
                }
                let origins = origins(&asked, &arguments, &by.id);
                approvals::edit(tx, &s, &id, &arguments, &origins, &by.id, now).await?;
                let detail = json!({ "action": asked.action, "from": asked.args_hash, "to": approvals::hash(&arguments) });
                audit::write(tx, &s, &entry_of(entry, &by, "approval.edit", &id, detail, now)).await?;
                let Some(edited) = approvals::get(tx, &s, &id).await? else { return Ok(Err(Refusal::Missing)) };
                let ways = Ways { desk: &d, lines: &lines, tenant: &view.tenant, title: &title };
                if edited.args_hash != asked.args_hash
                    && let Some(thread) = conversations::get(tx, &s, &edited.conversation).await?
                {
                    let mut others = deciders::all(tx, &s, &thread.channel, &edited).await?;
                    others.retain(|member| member.person.as_str() != by.id);
                    tell(tx, ways, &s, &edited, &others, Occasion::Changed, now).await?;
                    // A mail that can be answered shows what it is about: what it was does not count any more.
                    if d.access.mailbox.is_some() {
                        letters::write(tx, &d, &s, &view.tenant, &edited, others.iter(), None).await?;
                    }
                }
                Ok(Ok(edited))
            }),
        )
        .await?;
    if let Ok(approval) = &edited {
        desk.wake.outbox.notify_one();
        desk.wake.mail.notify_one();
        desk.events.tell(scope.tenant(), Event::new("approval.changed", approval.id.as_str()).within(&approval.conversation));
    }
    Ok(edited)
}

/// What stays as it was keeps its origin; the rest is this person's.
fn origins(asked: &Approval, arguments: &Value, by: &str) -> Vec<Origin> {
    let members = arguments.as_object().into_iter().flatten();
    members
        .map(|(name, value)| {
            let before = asked.provenance.iter().find(|o| o.argument == *name);
            match before.filter(|_| asked.arguments.get(name) == Some(value)) {
                Some(origin) => origin.clone(),
                None => {
                    Origin { argument: name.clone(), from: Source::Person, of: Some(by.to_owned()).filter(|by| !by.is_empty()) }
                }
            }
        })
        .collect()
}

/// Its row, with the lane of its conversation before it: the order of every turn.
pub(super) async fn hold(tx: &mut Tx, scope: &Scope, id: &ApprovalId) -> Result<Option<Approval>> {
    let Some(asked) = approvals::get(tx, scope, id).await? else { return Ok(None) };
    lanes::lock(tx, scope, &asked.conversation).await?;
    approvals::lock(tx, scope, id).await
}

/// The state that this word leads to; `None`: it was said before.
fn wanted(asked: &Approval, word: &Word, by: &Signature, now: Timestamp) -> std::result::Result<Option<State>, Refusal> {
    let to = match (asked.kind, word) {
        (Kind::Approval, Word::Yes { .. }) => State::Approved,
        (Kind::Consultation, Word::Answer) => State::Answered,
        (_, Word::No) => State::Rejected,
        (Kind::Suggestion, _) => {
            return Err(Refusal::NotAsked("The customer is asked here, not the team; it can only be withdrawn."));
        }
        (Kind::Consultation, Word::Yes { .. }) => return Err(Refusal::NotAsked("This is a question: it wants an answer.")),
        (Kind::Approval, Word::Answer) => return Err(Refusal::NotAsked("This wants a yes or a no.")),
    };
    if asked.requested_by == by.id && !by.id.is_empty() {
        return Err(Refusal::Own);
    }
    match (asked.state, word) {
        (State::Pending, _) => {}
        (State::Approved | State::Executed | State::Failed, Word::Yes { hash }) if *hash == asked.args_hash => return Ok(None),
        (State::Rejected, Word::No) => return Ok(None),
        _ => return Err(Refusal::Decided(Box::new(asked.clone()))),
    }
    if now >= asked.expires_at {
        return Err(Refusal::Expired);
    }
    match word {
        Word::Yes { hash } if *hash != asked.args_hash => Err(Refusal::Changed),
        _ => Ok(Some(to)),
    }
}

/// The decision goes into its lane; what reminded of the request is over.
pub(super) async fn bring_back(
    tx: &mut Tx,
    scope: &Scope,
    decided: &Approval,
    message: &MessageId,
    now: Timestamp,
) -> Result<()> {
    for timer in [expiry_timer(&decided.id), escalation_timer(&decided.id)] {
        timers::disarm(tx, scope, &timer).await?;
    }
    if let Some(task) = task_of(&decided.id) {
        tasks::close(tx, scope, &task, now).await?;
    }
    // The customer still waits for the outcome.
    if conversations::current_mode(tx, scope, &decided.conversation).await? == Some(Mode::Closed) {
        conversations::set_mode(tx, scope, &decided.conversation, Mode::Bot, "the team decided about a request").await?;
    }
    approvals::announce(tx, scope, &decided.conversation, &decided.id, message, &announcement(decided), now).await.map(drop)
}

/// For those who watch.
pub(super) fn news_of(news: &mut News, scope: &Scope, decided: &Approval, message: Option<&MessageId>) {
    news.other(scope.tenant(), Event::new("approval.changed", decided.id.as_str()).within(&decided.conversation));
    if let Some(task) = task_of(&decided.id).filter(|_| decided.kind.is_for_staff()) {
        news.task(scope.tenant(), &task, Some(&decided.conversation));
    }
    if let Some(message) = message {
        news.message(scope.tenant(), &decided.conversation, message);
    }
}

fn entry_of(
    id: frontdesk_kernel::ids::AuditId,
    by: &Signature,
    action: &str,
    subject: &ApprovalId,
    detail: Value,
    at: Timestamp,
) -> audit::Entry {
    audit::Entry {
        id,
        actor_kind: by.kind.to_owned(),
        actor: by.id.clone(),
        action: action.to_owned(),
        subject: subject.to_string(),
        detail,
        at,
    }
}

/// What was approved was carried out, or could not be; in the transaction that journals it.
pub(crate) async fn carried_out(tx: &mut Tx, context: &ToolContext, result: &ToolResult) -> Result<()> {
    let Ok(id) = ApprovalId::parse(&result.call) else { return Ok(()) };
    let (scope, now) = (&context.scope, context.now);
    let to = if result.ok { State::Executed } else { State::Failed };
    if !approvals::end(tx, scope, &id, to, result, now).await? {
        return Ok(());
    }
    crash::point("approval carried out");
    let by = Signature { kind: "server", id: String::new(), by_way_of: "turn" };
    let detail = json!({ "action": result.name, "turn": context.turn });
    audit::write(tx, scope, &entry_of(context.id(), &by, &format!("approval.{}", to.as_str()), &id, detail, now)).await?;
    // An unknown outcome has a task of its own.
    if to == State::Failed && result.data["outcome"] != "unknown" {
        let title = format!("`{}` was approved and could not be done", result.name);
        let (conversation, turn) = (Some(&context.conversation.id), Some(&context.turn));
        tasks::open(tx, scope, &context.id(), "approval_failed", &title, conversation, turn, now).await?;
    }
    Ok(())
}
