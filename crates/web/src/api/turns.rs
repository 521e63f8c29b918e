//! A turn with its journal: the trace. Found by its id, by a message of it, or by the vendor's id of that message.

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use frontdesk_engine::trace;
use serde::Deserialize;

use crate::{
    Web,
    kit::{Caller, Problem},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reach {
    /// In every business; only an operator may.
    #[serde(default)]
    anywhere: bool,
}

pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<String>,
    Query(reach): Query<Reach>,
) -> Result<Response, Problem> {
    caller.require("trace:read")?;
    let told = if reach.anywhere && caller.operator {
        trace::tell_anywhere(&web.desk.db, &id).await?
    } else {
        trace::tell(&web.desk.db, &caller.scope, &id).await?
    };
    told.map(|told| Json(told).into_response()).ok_or_else(|| Problem::not_found("turn"))
}
