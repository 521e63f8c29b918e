//! Taking over, giving back, pausing, closing, assigning, snoozing: what people decide about a conversation. Every answer says how it was
//! before, in the form in which it can be asked for again.

use axum::extract::State;
use frontdesk_engine::{crash, events::Event, handover};
use frontdesk_kernel::{Timestamp, conversation::Mode, ids::*, scope::Server};
use frontdesk_store::{audit, people, threads::Thread, work};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use utoipa::ToSchema;

use super::{
    list::me,
    seen_by,
    view::{ConversationView, ModeName, whole},
};
use crate::{
    Web,
    kit::{Body, Caller, Found, Patch, Path, Problem, Time},
};

const LONGEST: std::time::Duration = std::time::Duration::from_secs(366 * 24 * 3600);

/// Who is to answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewState {
    mode: ModeName,
    /// Only for `paused`: until when; the bot is back on duty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Time>,
}

/// What is to change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConversationChange)]
pub(crate) struct Change {
    #[serde(default)]
    #[schema(nullable = false)]
    state: Option<NewState>,
    /// `me` or a person's id; `null` = nobody.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    assignee: Patch<String>,
    /// `null` brings it back.
    #[serde(default)]
    #[schema(value_type = Option<Time>)]
    snoozed_until: Patch<Time>,
    /// Who answers when the bot is on duty; `null` = the channel's agent.
    #[serde(default)]
    #[schema(value_type = Option<AgentId>)]
    agent: Patch<AgentId>,
    /// `false`: seen.
    #[serde(default)]
    #[schema(nullable = false)]
    unread: Option<bool>,
}

/// The conversation now, and how it was: `PATCH` it with `previous` to undo.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Changed {
    conversation: ConversationView,
    previous: Previous,
}

/// What was changed, as it was.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Previous {
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<NewState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    assignee: Option<Option<UserId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Time>)]
    snoozed_until: Option<Option<Time>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AgentId>)]
    agent: Option<Option<AgentId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<bool>,
}

/// Changes who answers, who looks after it, until when it is out of the way, whether it is seen.
#[utoipa::path(patch, path = "/conversations/{id}", tag = "conversations", params(("id" = ConversationId, Path)), request_body = Change,
    responses((status = 200, body = Changed)))]
pub(crate) async fn change(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ConversationId>,
    Body(wanted): Body<Change>,
) -> Result<Found<Changed>, Problem> {
    caller.require("conversation:write")?;
    seen_by(&web, &caller, &id).await?;
    let change = checked(&web, &caller, wanted).await?;
    let why = match change.mode {
        Some(Mode::Bot) => "given back to the bot",
        Some(Mode::Human) => "taken over",
        Some(Mode::Paused(_)) => "paused",
        Some(Mode::Closed) => "closed",
        None => "",
    };
    make(&web, &caller, &id, change, why).await.map(Found)
}

/// A person begins to answer: the bot falls silent at once, also in the middle of a turn.
#[utoipa::path(post, path = "/conversations/{id}/takeover", tag = "conversations", params(("id" = ConversationId, Path)),
    responses((status = 200, body = Changed)))]
pub(crate) async fn take_over(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ConversationId>,
) -> Result<Found<Changed>, Problem> {
    caller.require("conversation:write")?;
    let thread = seen_by(&web, &caller, &id).await?;
    // Whoever begins to answer looks after it, unless somebody does.
    let assignee = caller.person().filter(|_| thread.assignee.is_none()).map(|person| Some(person.clone()));
    let change = handover::Change { mode: Some(Mode::Human), assignee, unread: Some(false), ..handover::Change::default() };
    make(&web, &caller, &id, change, "taken over").await.map(Found)
}

async fn checked(web: &Web, caller: &Caller, wanted: Change) -> Result<handover::Change, Problem> {
    let now = web.desk.now();
    let mut change = handover::Change { unread: wanted.unread, ..handover::Change::default() };
    if let Some(state) = wanted.state {
        change.mode = Some(match (state.mode, state.until) {
            (ModeName::Paused, Some(until)) => Mode::Paused(ahead("state.until", until, now)?),
            (ModeName::Paused, None) => return Err(Problem::field("state.until", "`paused` needs a time when the bot is back")),
            (_, Some(_)) => return Err(Problem::field("state.until", "only `paused` has an end")),
            (ModeName::Bot, None) => Mode::Bot,
            (ModeName::Human, None) => Mode::Human,
            (ModeName::Closed, None) => Mode::Closed,
        });
    }
    change.assignee = match wanted.assignee {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(who) => Some(Some(member(web, caller, &who).await?)),
    };
    change.snoozed_until = match wanted.snoozed_until {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(until) => Some(Some(ahead("snoozed_until", until, now)?)),
    };
    change.agent = match wanted.agent {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(agent) => {
            let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
            let known = view.is_some_and(|v| v.agents.iter().any(|a| a.id == agent));
            Some(Some(known.then_some(agent).ok_or_else(|| Problem::field("agent", "there is no such agent"))?))
        }
    };
    Ok(change)
}

fn ahead(path: &str, at: Time, now: Timestamp) -> Result<Timestamp, Problem> {
    if at.0 <= now || at.0 > now.plus(LONGEST) {
        return Err(Problem::field(path, "a time from now on, at most a year ahead"));
    }
    Ok(at.0)
}

/// Somebody who works here.
async fn member(web: &Web, caller: &Caller, who: &str) -> Result<UserId, Problem> {
    if who == "me" {
        return me(caller);
    }
    let nobody = || Problem::field("assignee", "`me` or the id of somebody who works here, `usr_…`");
    let id = UserId::parse(who).map_err(|_| nobody())?;
    let wanted = id.clone();
    let places = web.desk.db.read(&Server, work!(tx => people::places(tx, &Server, &wanted).await)).await?;
    places.iter().any(|p| p.tenant == *caller.scope.tenant()).then_some(id).ok_or_else(nobody)
}

async fn make(web: &Web, caller: &Caller, id: &ConversationId, change: handover::Change, why: &str) -> Result<Changed, Problem> {
    let detail = told(&change);
    let seen_only = detail.as_object().is_some_and(Map::is_empty);
    let entry = caller.entry(web, "conversation.update", id.as_str(), detail);
    let (s, d, c, wanted, why) = (caller.scope.clone(), web.desk.clone(), id.clone(), change.clone(), why.to_owned());
    let before = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let before = handover::apply(tx, &d, &s, &c, &wanted, &why).await?;
                if before.is_some() && !seen_only {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(before)
            }),
        )
        .await?;
    crash::point("handover committed");
    let before = before.ok_or_else(|| Problem::not_found("conversation"))?;
    web.desk.wake.timers.notify_one();
    web.desk.events.tell(caller.scope.tenant(), Event::new("conversation.changed", id.as_str()).within(id));
    let thread = seen_by(web, caller, id).await?;
    Ok(Changed { previous: previous(&before, &change), conversation: whole(web, caller, thread).await? })
}

/// For the audit log. That somebody has seen it is no change.
fn told(change: &handover::Change) -> serde_json::Value {
    let mut told = Map::new();
    if let Some(mode) = change.mode {
        told.insert("state".to_owned(), json!(mode));
    }
    if let Some(assignee) = &change.assignee {
        told.insert("assignee".to_owned(), json!(assignee));
    }
    if let Some(until) = change.snoozed_until {
        told.insert("snoozed_until".to_owned(), json!(until.map(|at| at.to_string())));
    }
    if let Some(agent) = &change.agent {
        told.insert("agent".to_owned(), json!(agent));
    }
    told.into()
}

fn previous(before: &Thread, change: &handover::Change) -> Previous {
    let c = &before.conversation;
    Previous {
        state: change.mode.map(|_| {
            let (mode, until) = ModeName::of(c.mode);
            NewState { mode, until: until.map(Time) }
        }),
        assignee: change.assignee.as_ref().map(|_| before.assignee.clone()),
        snoozed_until: change.snoozed_until.map(|_| before.snoozed_until.map(Time)),
        agent: change.agent.as_ref().map(|_| c.agent.clone()),
        unread: change.unread.map(|_| before.unread),
    }
}
