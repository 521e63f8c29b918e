//! The caller's business, in short: who answers, and whether that is an AI.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use frontdesk_engine::models;
use serde_json::json;

use crate::{
    Web,
    kit::{Caller, Problem},
};

pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Response, Problem> {
    caller.require("business:read")?;
    let view =
        web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?.ok_or_else(|| Problem::not_found("business"))?;
    let default = view.agent([None, None]);
    let agents: Vec<_> = view
        .agents
        .iter()
        .map(|a| {
            let first = models::chain(&web.desk, &a.spec).first();
            let is_ai = first.and_then(|c| web.desk.vendor(&c.vendor)).is_some_and(|v| v.model.about().is_ai);
            json!({
                "id": a.id, "name": a.name, "default": default.is_some_and(|d| d.id == a.id), "is_ai": is_ai,
                "model": first.map(|c| format!("{}/{}", c.vendor, c.model)),
            })
        })
        .collect();
    Ok(Json(json!({
        "id": view.tenant.id, "name": view.tenant.name, "time_zone": view.tenant.time_zone, "language": view.tenant.language,
        "agents": agents, "paused": web.desk.is_paused(),
    }))
    .into_response())
}
