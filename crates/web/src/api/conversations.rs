//! Conversations, latest first.

use axum::{
    Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use frontdesk_kernel::Timestamp;
use frontdesk_store::{conversations, work};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Web,
    kit::{Caller, Problem},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    before: Option<i64>,
    limit: Option<u32>,
}

pub(crate) async fn list(State(web): State<Web>, caller: Caller, Query(page): Query<Page>) -> Result<Response, Problem> {
    caller.require("conversation:read")?;
    let limit = page.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::invalid("limit: from 1 to 200"));
    }
    let (s, before) = (caller.scope.clone(), page.before.map_or(Timestamp::NEVER, Timestamp));
    let found = web.desk.db.read(&caller.scope, work!(tx => conversations::recent(tx, &s, before, limit).await)).await?;
    let next = (found.len() == limit as usize).then(|| found.last().map(|c| c.last_message_at.0)).flatten();
    let shown: Vec<_> = found
        .iter()
        .map(|c| {
            json!({
                "id": c.id, "channel": c.channel, "contact": c.contact, "state": c.mode, "reason": c.mode_reason,
                "last_message_at": c.last_message_at.to_string(), "last_inbound_at": c.last_inbound_at.map(|at| at.to_string()),
            })
        })
        .collect();
    Ok(Json(json!({ "conversations": shown, "before": next })).into_response())
}
