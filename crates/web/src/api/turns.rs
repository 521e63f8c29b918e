//! A turn with its journal: the trace.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use frontdesk_kernel::ids::TurnId;
use frontdesk_store::{effects, turns, work};
use serde_json::json;

use crate::{Web, auth::Caller, problem::Problem};

pub(crate) async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    caller.require("trace:read")?;
    let id = TurnId::parse(&id).map_err(|_| Problem::not_found("turn"))?;
    let s = caller.scope.clone();
    let found = web
        .desk
        .db
        .read(&caller.scope, work!(tx => {
            let Some(turn) = turns::get(tx, &s, &id).await? else { return Ok(None) };
            let journal = turns::journal(tx, &s, &id).await?;
            let effects = effects::of_turn(tx, &s, &id).await?;
            Ok(Some((turn, journal, effects)))
        }))
        .await?;
    let (turn, journal, effects) = found.ok_or_else(|| Problem::not_found("turn"))?;
    let steps: Vec<_> = journal.iter().map(|j| json!({ "step": j.step, "millis": j.millis, "at": j.at.to_string() })).collect();
    let sends: Vec<_> = effects
        .iter()
        .map(|e| json!({ "id": e.id, "state": e.state, "attempts": e.attempts, "vendor_id": e.vendor_id, "problem": e.problem }))
        .collect();
    Ok(Json(json!({
        "id": turn.id, "conversation": turn.conversation, "state": turn.state, "attempts": turn.attempts, "outcome": turn.outcome,
        "problem": turn.problem, "agent": turn.agent, "agent_version": turn.agent_version, "prompt": turn.prompt,
        "started_at": turn.started_at.to_string(), "ended_at": turn.ended_at.map(|at| at.to_string()), "steps": steps, "sends": sends,
    }))
    .into_response())
}
