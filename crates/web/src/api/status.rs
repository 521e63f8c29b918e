//! What the server is doing, for operators' scripts and the CLI.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use frontdesk_engine::upkeep;
use serde_json::json;

use crate::{
    Web,
    kit::{Caller, Problem},
};

pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Response, Problem> {
    caller.require("status:read")?;
    let b = upkeep::backlog(&web.desk).await?;
    Ok(Json(json!({
        "version": web.version, "database": web.desk.db.engine_name(), "lanes_unfinished": b.lanes, "sends_pending": b.pending,
        "sends_sending": b.sending, "sends_unknown": b.unknown, "sends_in_review": b.review, "strays": b.strays,
        "models_paused": web.desk.breakers.open(web.desk.now()),
    }))
    .into_response())
}
