//! What became of a message that a vendor delivered: for `replay` and for support.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontdesk_kernel::Scope;
use frontdesk_store::{messages, work};
use serde::Deserialize;
use serde_json::json;

use super::{answer, conversations::seen_by, wait_for};
use crate::{
    Web,
    kit::{Caller, Problem},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    /// Seconds.
    #[serde(default)]
    wait: u64,
    /// The vendor's account that it was delivered to: names the tenant for an operator.
    #[serde(default)]
    account: Option<String>,
}

pub(crate) async fn show(
    State(web): State<Web>,
    mut caller: Caller,
    Path(vendor_id): Path<String>,
    Query(wait): Query<Wait>,
) -> Result<Response, Problem> {
    caller.require("conversation:read")?;
    if let Some(account) = wait.account.filter(|_| caller.operator) {
        let lines = web.desk.directory.lines(&web.desk).await?;
        let line = lines.all().find(|l| l.channel.account == account).ok_or_else(nobodys)?;
        caller.scope = Scope::of(line.tenant.clone());
    }
    let (scope, s) = (caller.scope.clone(), caller.scope.clone());
    let message = web.desk.db.read(&scope, work!(tx => messages::by_vendor_id(tx, &s, &vendor_id).await)).await?;
    let message = message.ok_or_else(|| Problem::not_found("message"))?;
    seen_by(&web, &caller, &message.conversation).await.map_err(|why| why.hiding("message"))?;
    let longest = Duration::from_secs(wait.wait).min(web.limits.answer_timeout);
    let outcome = wait_for(&web, &scope, &message.id, longest).await?;
    let mut body = answer(&outcome);
    body["conversation"] = json!(message.conversation);
    body["message"] = json!(message.id);
    Ok(Json(body).into_response())
}

fn nobodys() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_account", "No business here has this account.")
}
