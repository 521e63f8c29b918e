//! Turns, and one of them told whole: the trace. It is found by its id, by a message of it, or by the vendor's id of that message.

use axum::extract::State;
use frontdesk_engine::trace;
use frontdesk_kernel::{Timestamp, action::Level, ids::*, message::Part};
use frontdesk_store::{
    turns::{self, Filter, Turn},
    work,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::conversations::seen_by;
use crate::{
    Web,
    kit::{Caller, Found, Page, Path, Problem, Query, Time},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show))
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TurnState {
    Running,
    Done,
    HandedOff,
    Suppressed,
    Dead,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    limit: Option<u32>,
    conversation: Option<ConversationId>,
    #[param(inline)]
    state: Option<TurnState>,
    agent: Option<AgentId>,
}

/// A turn in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TurnItem {
    id: TurnId,
    conversation: ConversationId,
    /// `running`, `done`, `handed_off`, `suppressed` (nothing was to be said) or `dead`.
    state: String,
    attempts: i64,
    agent: Option<AgentId>,
    agent_version: Option<i64>,
    /// Why it ended without the model's answer.
    outcome: Option<String>,
    /// The last fault, for staff.
    problem: Option<String>,
    started_at: Time,
    ended_at: Option<Time>,
}

impl From<Turn> for TurnItem {
    fn from(t: Turn) -> TurnItem {
        TurnItem {
            id: t.id,
            conversation: t.conversation,
            state: t.state,
            attempts: t.attempts,
            agent: t.agent,
            agent_version: t.agent_version,
            outcome: t.outcome,
            problem: t.problem,
            started_at: t.started_at.into(),
            ended_at: t.ended_at.map(Time),
        }
    }
}

/// Turns, the latest first.
#[utoipa::path(get, path = "/turns", tag = "turns", params(List), responses((status = 200, body = Page<TurnItem>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<TurnItem>>, Problem> {
    caller.require("trace:read")?;
    match &q.conversation {
        Some(conversation) => drop(seen_by(&web, &caller, conversation).await?),
        // Somebody who works at one location looks at one conversation at a time.
        None if caller.locations().is_some() => {
            return Err(Problem::field("conversation", "say which conversation: you work at some locations only"));
        }
        None => {}
    }
    let window = web.window::<(Timestamp, TurnId)>(&caller, "turns", q.cursor.as_deref(), q.limit)?;
    let state = q.state.map(|state| match state {
        TurnState::Running => "running",
        TurnState::Done => "done",
        TurnState::HandedOff => "handed_off",
        TurnState::Suppressed => "suppressed",
        TurnState::Dead => "dead",
    });
    let filter = Filter { conversation: q.conversation, state: state.map(str::to_owned), agent: q.agent };
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let found =
        web.desk.db.read(&caller.scope, work!(tx => turns::list(tx, &s, &filter, after.as_ref(), limit + 1).await)).await?;
    Ok(Found(web.page(&caller, "turns", limit, found, |t| (t.started_at, t.id.clone())).map(TurnItem::from)))
}

/// A turn told whole.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Trace {
    /// Absent for a message that no turn holds.
    id: Option<TurnId>,
    tenant: TenantId,
    conversation: ConversationId,
    /// Of a turn: `running`, `done`, `handed_off`, `suppressed`, `dead`. Without one: `no_turn_follows`, `waiting`, `sent_without_a_turn`.
    state: String,
    attempts: Option<i64>,
    outcome: Option<String>,
    problem: Option<String>,
    agent: Option<AgentId>,
    agent_name: Option<String>,
    agent_version: Option<i64>,
    /// What the model was told, as it was rendered for this turn.
    prompt: Option<String>,
    started_at: Option<Time>,
    ended_at: Option<Time>,
    millis: Option<u64>,
    incoming: Vec<TraceMessage>,
    steps: Vec<TraceStep>,
    /// What was decided about each call, and by which rule.
    #[serde(default)]
    decisions: Vec<TraceDecision>,
    sends: Vec<TraceSend>,
    used: Option<TraceUsed>,
}

/// What came in.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TraceMessage {
    id: MessageId,
    vendor_id: Option<String>,
    author: String,
    text: String,
    parts: Vec<Part>,
    at: Time,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TraceStep {
    step: StepBody,
    /// What it took.
    millis: i64,
    at: Time,
}

/// A fact of the journal. `kind` says which members there are.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct StepBody {
    /// `model`, `tools`, `correction`, `note`, `more` or `finished`.
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dialect: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calls: Vec<TraceCall>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usage: Option<TraceUsage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finish: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raw: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    results: Vec<TraceResult>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_seq: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_seq: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gave_up: Option<String>,
}

/// What the model asked for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TraceCall {
    id: String,
    name: String,
    arguments: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    broken: Option<String>,
}

/// What a tool came to.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TraceResult {
    call: String,
    name: String,
    ok: bool,
    content: String,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    data: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TraceUsage {
    #[serde(default)]
    input: u64,
    #[serde(default)]
    cached: u64,
    #[serde(default)]
    output: u64,
    /// Millionths of the account's currency; absent when the price is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost_micros: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TraceUsed {
    model_calls: u32,
    tool_calls: u32,
    corrections: u32,
    tokens: TraceUsage,
}

/// What was decided about a call.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TraceDecision {
    /// Number of the step that holds its result, and its place there; both from 0.
    step: i64,
    n: i64,
    action: String,
    /// `automatic`, `suggestion`, `consultation`, `approval` or `off`.
    level: Level,
    /// The rule's id, or `default`, `floor`, `raised`, `answered`, `permission`, `arguments`, `unknown`, `foreign`, `stale`.
    rule: String,
    /// `run`, `waiting`, `approved` or `refused`.
    outcome: String,
    /// What was known.
    #[schema(value_type = Object)]
    facts: Value,
    approval: Option<ApprovalId>,
    at: Time,
}

/// A message on its way out.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TraceSend {
    id: EffectId,
    state: String,
    attempts: u32,
    vendor_id: Option<String>,
    problem: Option<String>,
    message: MessageId,
    text: Option<String>,
    delivery: Option<String>,
    tries: Vec<TraceTry>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct TraceTry {
    n: u32,
    started_at: Time,
    millis: Option<u64>,
    outcome: Option<String>,
    detail: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Reach {
    /// In every business; only an operator may.
    #[serde(default)]
    anywhere: bool,
}

/// A turn told whole: what came in, what the model saw, said and called, what was sent and how far it came.
///
/// `id` is a turn's, a message's, or a vendor's id of a message.
#[utoipa::path(get, path = "/turns/{id}", tag = "turns", params(("id" = String, Path), Reach), responses((status = 200, body = Trace)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
    Query(reach): Query<Reach>,
) -> Result<Found<Trace>, Problem> {
    caller.require("trace:read")?;
    let anywhere = reach.anywhere && caller.operator;
    let told = if anywhere {
        trace::tell_anywhere(&web.desk.db, &id).await?
    } else {
        trace::tell(&web.desk.db, &caller.scope, &id).await?
    };
    let told = told.ok_or_else(|| Problem::not_found("turn"))?;
    let trace: Trace = serde_json::from_value(told).map_err(|e| {
        tracing::error!(error = %e, "a trace does not fit its description");
        Problem::internal()
    })?;
    if !anywhere {
        seen_by(&web, &caller, &trace.conversation).await.map_err(|why| why.hiding("turn"))?;
    }
    Ok(Found(trace))
}
