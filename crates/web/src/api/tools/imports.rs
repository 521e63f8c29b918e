//! Drafts from what people have at hand: a cURL command, an OpenAPI document. Nothing is kept and nothing is fetched.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use frontdesk_engine::http_tools::{curl as command, openapi as document};
use frontdesk_kernel::ports::http::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shown::ToolDraft;
use crate::kit::{Body, Caller, Found, Problem, ShownOnce};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PastedCommand {
    /// `curl …`, as documentation and browsers write it.
    command: String,
}

/// A draft from a cURL command
///
/// Values become parameters; credentials are offered as secrets.
#[utoipa::path(post, path = "/tools/import/curl", tag = "tools", request_body = PastedCommand, responses((status = 200, body = ToolDraft)))]
pub(crate) async fn curl(caller: Caller, Body(pasted): Body<PastedCommand>) -> Result<Response, Problem> {
    caller.require("tool:write")?;
    let draft = command::read(&pasted.command).map_err(|problem| Problem::field("command", problem))?;
    let mut answer = Json(ToolDraft::from(draft)).into_response();
    // It holds the credentials that were pasted.
    answer.extensions_mut().insert(ShownOnce);
    Ok(answer)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PastedDocument {
    /// OpenAPI 3, JSON or YAML.
    document: String,
}

/// What a document offers.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportedOperations {
    title: String,
    version: String,
    operations: Vec<ImportedOperation>,
    notes: Vec<String>,
}

/// An operation: a draft, or why there is none.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportedOperation {
    method: Method,
    path: String,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    draft: Option<ToolDraft>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<String>,
}

/// Drafts from an OpenAPI document
///
/// References are followed inside the document only.
#[utoipa::path(post, path = "/tools/import/openapi", tag = "tools", request_body = PastedDocument,
    responses((status = 200, body = ImportedOperations)))]
pub(crate) async fn openapi(caller: Caller, Body(pasted): Body<PastedDocument>) -> Result<Found<ImportedOperations>, Problem> {
    caller.require("tool:write")?;
    // Large documents take a while: other requests do not wait for them.
    let read = tokio::task::spawn_blocking(move || document::read(&pasted.document)).await;
    let found = read.map_err(|_| Problem::internal())?.map_err(|problem| Problem::field("document", problem))?;
    let operations = found.operations.into_iter().map(|o| {
        let (draft, problem) = match o.outcome {
            Ok(draft) => (Some(draft.into()), None),
            Err(problem) => (None, Some(problem)),
        };
        ImportedOperation { method: o.method, path: o.path, summary: o.summary, draft, problem }
    });
    Ok(Found(ImportedOperations {
        title: found.title,
        version: found.version,
        operations: operations.collect(),
        notes: found.notes,
    }))
}
