//! One message to the agent, and everything that came of it: what it said, what it did, what waits for a person, what it cost.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header::ACCEPT},
    response::{IntoResponse, Response},
};
use frontdesk_engine::{
    directory::Line,
    inbox::door::{self, Session},
};
use frontdesk_kernel::{action::Level, ids::*, message::Part, ports::channel::Inbound, tool::ToolResult, turn::Step};
use frontdesk_store::{
    approvals,
    decisions::{self, Outcome},
    inbound::Received,
    locations, messages,
    people::Member,
    threads,
    tokens::{account, entries},
    turns, work,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{acted_for, sessions::session_of};
use crate::{
    Web,
    api::{conversations::channels_of, messages::stream, wait_for},
    kit::{Body, Caller, Problem},
};

/// Longest message, in characters.
const LONGEST: usize = 65_536;
/// Largest context, in bytes of JSON.
const LARGEST_CONTEXT: usize = 16_384;

/// What somebody of the team says to the agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Process {
    /// At most 65,536 characters.
    message: String,
    /// What the calling system knows, at most 16 kB of JSON. The agent reads it as data; it allows nothing.
    #[serde(default)]
    #[schema(value_type = Object)]
    context: Map<String, Value>,
    /// Goes on with that session; a new one begins without it.
    #[serde(default)]
    #[schema(nullable = false)]
    session_id: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Processed {
    session_id: ConversationId,
    /// `replied`, `no_reply` (a person answers here, or a rule says so), `pending` (it goes on: read the session) or `duplicate` (this
    /// `Idempotency-Key` was used before; nothing was done again).
    status: &'static str,
    /// What the agent says; several messages are joined by an empty line.
    reply: Option<String>,
    actions: Vec<AgentAction>,
    tokens: AgentTokens,
    message_id: Option<MessageId>,
    /// `GET /api/v1/turns/{traceId}` tells the turn whole.
    trace_id: Option<TurnId>,
    /// Why there is no reply.
    reason: Option<String>,
}

/// Something that the agent wanted to do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentAction {
    name: String,
    /// `communication`, `resource`, `external` or `coordination`; empty when there is no such action.
    category: String,
    level: Level,
    /// What decided: the id of a rule, or `default`, `floor`, `raised`, `answered`, `permission`, `arguments`, `unknown`, `foreign`, `stale`.
    rule: String,
    /// `executed`, `failed`, `refused`, or that of the request that it waits for: `pending`, `approved`, `rejected`, `answered`, `expired`.
    state: String,
    /// The request that it waits, or waited, for: `GET /api/v1/approvals/{id}`.
    approval_id: Option<ApprovalId>,
    /// What the agent was told.
    result: Option<String>,
}

/// Business credit.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AgentTokens {
    /// What this turn has cost so far. Replies that cost something are paid for when they leave.
    spent: i64,
    balance: i64,
    reserved: i64,
}

/// Says something to the agent that acts for a member, and waits for the answer.
///
/// `x-user-id` (a member's id or e-mail address) says for whom the agent acts: it may do no more than they may. A key needs the scope
/// `delegation:use`; who is signed in acts for themselves. `x-location-id` says at which location a new session begins; it stays there. With `Accept: text/event-stream`
/// the answer is a stream of `step`, `tool` and `reply` events that ends with `done`. The same route stands at `/agent/process`.
#[utoipa::path(post, path = "/agent/process", tag = "agent server", request_body = Process,
    params(("x-user-id" = Option<String>, Header, description = "For whom the agent acts: id or e-mail address of a member."),
           ("x-location-id" = Option<LocationId>, Header, description = "Where.")),
    responses((status = 200, body = Processed), (status = 202, body = Processed, description = "It goes on: read the session.")))]
pub(crate) async fn process(
    State(web): State<Web>,
    caller: Caller,
    headers: HeaderMap,
    Body(asked): Body<Process>,
) -> Result<Response, Problem> {
    let member = acted_for(&web, &caller, &headers).await?;
    let parts = parts(&asked)?;
    let (line, session) = match asked.session_id.as_deref().filter(|id| !id.is_empty()) {
        Some(id) => going_on(&web, &caller, &member, id).await?,
        None => (line(&web, &caller, &member, &headers).await?, Session { id: web.desk.id(), new: true }),
    };
    let once = headers.get("idempotency-key").and_then(|v| v.to_str().ok());
    let inbound = Inbound {
        vendor_id: once.map_or_else(|| web.desk.id::<OfMessage>().to_string(), |key| format!("{}/{key}", member.person)),
        addresses: Vec::new(),
        profile_name: None,
        parts,
        quotes: None,
        referral: None,
        sent_at: None,
        forwarded: false,
    };
    let vendor_id = inbound.vendor_id.clone();
    let streams = headers.get(ACCEPT).is_some_and(|v| v.as_bytes().starts_with(b"text/event-stream"));
    let events = streams.then(|| web.desk.events.subscribe());
    let (received, message) = door::speak(&web.desk, &line, &member, &session, inbound).await?.ok_or_else(no_session)?;
    let unanswered = match received {
        Received::Duplicate => {
            let s = caller.scope.clone();
            let before = web.desk.db.read(&caller.scope, work!(tx => messages::by_vendor_id(tx, &s, &vendor_id).await)).await?;
            let before = before.ok_or_else(no_session)?;
            let processed = processed(&web, &caller, before.conversation, before.id).await?;
            return Ok(Json(Processed { status: "duplicate", ..processed }).into_response());
        }
        Received::New { silent: Some(why), .. } => Some(why.to_owned()),
        Received::Muted { .. } => Some("too many messages from this user: a person was told".to_owned()),
        Received::New { .. } => None,
    };
    if unanswered.is_some() {
        let told = told(&web, &caller, session.id, "no_reply").await?;
        return Ok(Json(Processed { message_id: Some(message), reason: unanswered, ..told }).into_response());
    }
    if let Some(events) = events {
        return Ok(stream::of(web, caller.scope, session.id, message, events).into_response());
    }
    let processed = processed(&web, &caller, session.id, message).await?;
    let status = if processed.status == "pending" { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(processed)).into_response())
}

fn parts(asked: &Process) -> Result<Vec<Part>, Problem> {
    if asked.message.trim().is_empty() || asked.message.chars().count() > LONGEST {
        return Err(Problem::field("message", format!("from 1 to {LONGEST} characters")));
    }
    let mut parts = vec![Part::Text { text: asked.message.clone() }];
    if !asked.context.is_empty() {
        let context = serde_json::to_string(&asked.context).unwrap_or_default();
        if context.len() > LARGEST_CONTEXT {
            return Err(Problem::field("context", format!("at most {LARGEST_CONTEXT} bytes of JSON")));
        }
        parts.push(Part::Text { text: format!("(context) {context}") });
    }
    Ok(parts)
}

/// A session of theirs, and the channel where it began: it stays there.
async fn going_on(web: &Web, caller: &Caller, member: &Member, id: &str) -> Result<(Arc<Line>, Session), Problem> {
    let (conversation, person) = session_of(web, caller, id).await?;
    let lines = web.desk.directory.lines(&web.desk).await?;
    let line = lines.get(&conversation.channel).filter(|_| person == member.person).ok_or_else(no_session)?;
    Ok((line.clone(), Session { id: conversation.id, new: false }))
}

/// Where a session begins: the `api` channel of the location that is named, else one of no location, else one where the member works.
async fn line(web: &Web, caller: &Caller, member: &Member, headers: &HeaderMap) -> Result<Arc<Line>, Problem> {
    let named = headers.get("x-location-id").and_then(|v| v.to_str().ok()).map(str::trim).filter(|v| !v.is_empty());
    let location = named.map(|named| LocationId::parse(named).map_err(|_| unknown_location())).transpose()?;
    let (s, wanted, theirs) = (caller.scope.clone(), location.clone(), member.locations.clone());
    let (known, there, of_none, theirs) = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let (known, there) = match &wanted {
                    Some(id) => (locations::get(tx, &s, id).await?.is_some(), threads::channels_at(tx, &s, id).await?),
                    None => (true, Vec::new()),
                };
                let of_none = threads::channels_in(tx, &s, &[]).await?;
                let theirs = match theirs.is_empty() {
                    true => None,
                    false => Some(threads::channels_in(tx, &s, &theirs).await?),
                };
                Ok((known, there, of_none, theirs))
            }),
        )
        .await?;
    let works_there = |id: &LocationId| member.locations.is_empty() || member.locations.contains(id);
    if !known || location.as_ref().is_some_and(|id| !works_there(id) || !caller.sees(Some(id))) {
        return Err(unknown_location());
    }
    let (lines, seen) = (web.desk.directory.lines(&web.desk).await?, channels_of(web, caller).await?);
    let among = |allowed: &Option<Vec<ChannelId>>, id| allowed.as_ref().is_none_or(|allowed| allowed.contains(id));
    let mut ours: Vec<_> = lines
        .all()
        .filter(|l| l.tenant == *caller.scope.tenant() && l.channel.kind == "api")
        .filter(|l| among(&seen, &l.channel.id) && among(&theirs, &l.channel.id))
        .collect();
    ours.sort_by_key(|l| &l.channel.id);
    let first_of = |channels: &[ChannelId]| ours.iter().find(|l| channels.contains(&l.channel.id));
    let found = first_of(&there).or_else(|| first_of(&of_none)).or_else(|| ours.first().filter(|_| location.is_none()));
    found.map(|line| Arc::clone(line)).ok_or_else(|| {
        let detail =
            "This business has no `api` channel for this: `frontdesk channel create --kind api`, or Channels in the console.";
        Problem::conflict("no_channel", detail)
    })
}

fn unknown_location() -> Problem {
    Problem::forbidden("unknown_location", "`x-location-id` names no location of this business where this user works.")
}

fn no_session() -> Problem {
    Problem::not_found("session")
}

async fn processed(web: &Web, caller: &Caller, session: ConversationId, message: MessageId) -> Result<Processed, Problem> {
    let outcome = wait_for(web, &caller.scope, &message, web.limits.answer_timeout).await?;
    let reply: Vec<String> = outcome.replies.iter().map(|m| frontdesk_kernel::message::plain_text(&m.parts)).collect();
    let status = outcome.status();
    let mut told = told(web, caller, session, status).await?;
    told.message_id = Some(message);
    told.reply = Some(reply.join("\n\n")).filter(|r| !r.is_empty());
    if let Some(turn) = outcome.turn {
        let (s, id) = (caller.scope.clone(), turn.id.clone());
        let (actions, spent) = web
            .desk
            .db
            .read(&caller.scope, work!(tx => Ok((actions(tx, &s, &id).await?, entries::of_turn(tx, &s, &id).await?))))
            .await?;
        told.actions = actions;
        told.tokens.spent = spent;
        told.reason = (status == "no_reply").then(|| turn.problem.or(turn.outcome)).flatten();
        told.trace_id = Some(turn.id);
    }
    Ok(told)
}

async fn told(web: &Web, caller: &Caller, session_id: ConversationId, status: &'static str) -> Result<Processed, Problem> {
    let s = caller.scope.clone();
    let account = web.desk.db.read(&caller.scope, work!(tx => account::get(tx, &s).await)).await?;
    let tokens = account.map(|a| AgentTokens { spent: 0, balance: a.balance, reserved: a.reserved }).unwrap_or_default();
    Ok(Processed { session_id, status, reply: None, actions: Vec::new(), tokens, message_id: None, trace_id: None, reason: None })
}

/// What was decided about each call of a turn, and what it came to.
async fn actions(
    tx: &mut frontdesk_store::Tx,
    scope: &frontdesk_kernel::Scope,
    turn: &TurnId,
) -> frontdesk_store::Result<Vec<AgentAction>> {
    let journal = turns::journal(tx, scope, turn).await?;
    let result = |step: i64, n: i64| -> Option<&ToolResult> {
        match &journal.get(usize::try_from(step).ok()?)?.step {
            Step::Tools { results } => results.get(usize::try_from(n).ok()?),
            _ => None,
        }
    };
    let mut actions = Vec::new();
    for d in decisions::of_turn(tx, scope, turn).await? {
        let result = result(d.place.step, d.place.n);
        let state = match d.outcome {
            Outcome::Refused => "refused".to_owned(),
            Outcome::Run | Outcome::Approved if result.is_some_and(|r| r.ok) => "executed".to_owned(),
            Outcome::Run | Outcome::Approved => "failed".to_owned(),
            Outcome::Waiting => {
                let request = match &d.approval {
                    Some(id) => approvals::get(tx, scope, id).await?,
                    None => None,
                };
                request.map_or("pending", |a| a.state.as_str()).to_owned()
            }
        };
        actions.push(AgentAction {
            name: d.action,
            category: d.facts.category,
            level: d.level,
            rule: d.rule,
            state,
            approval_id: d.approval,
            result: result.map(|r| r.content.clone()),
        });
    }
    Ok(actions)
}
