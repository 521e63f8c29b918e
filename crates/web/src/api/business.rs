//! The caller's business, in short.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use frontdesk_engine::models;
use serde_json::json;

use crate::{Web, auth::Caller, problem::Problem};

pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Response, Problem> {
    caller.require("business:read")?;
    let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?.ok_or_else(|| Problem::not_found("business"))?;
    let agent = view.agent([None, None]);
    let first = agent.and_then(|a| models::chain(&web.desk, &a.spec).first());
    let model = first.and_then(|c| web.desk.vendor(&c.vendor)).map(|v| v.model.about());
    Ok(Json(json!({
        "id": view.tenant.id, "name": view.tenant.name, "time_zone": view.tenant.time_zone, "language": view.tenant.language,
        "agent": agent.map(|a| a.name.clone()), "model": first.map(|c| format!("{}/{}", c.vendor, c.model)),
        "is_ai": model.is_some_and(|m| m.is_ai),
    }))
    .into_response())
}
