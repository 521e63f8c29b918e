//! Access to a server that a person consents to: their browser is sent to whoever gives it, and it is given back here.

use axum::{
    Extension, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontdesk_engine::mcp::consent;
use frontdesk_kernel::ids::McpServerId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{one, write::QUESTIONS};
use crate::{
    Web,
    kit::{Caller, Deleted, Path, Problem, Query, ShownOnce, authenticate::Identity},
};

/// Where the person's browser goes.
#[derive(Serialize, ToSchema)]
pub(crate) struct McpAuthorization {
    /// For this person, in this browser, once, within ten minutes.
    url: String,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Confirmed {
    /// Where a client secret is entered: who it is from, as the refusal `confirm_giver` names them.
    giver: Option<String>,
}

/// Ask for access to a server
///
/// For servers whose `auth` is `authorization_code`, and only for a person who is signed in. Who gives access is found out from the server;
/// the person consents at the address in the answer, and comes back to the server's page.
#[utoipa::path(post, path = "/mcp-servers/{id}/authorize", tag = "tools", operation_id = "authorize_mcp_server",
    params(("id" = McpServerId, Path), Confirmed), responses((status = 200, body = McpAuthorization)))]
pub(crate) async fn begin(
    State(web): State<Web>,
    caller: Caller,
    Extension(identity): Extension<Identity>,
    Path(id): Path<McpServerId>,
    Query(q): Query<Confirmed>,
) -> Result<Response, Problem> {
    caller.require("tool:write")?;
    let kept = one(&web, &caller, &id).await?;
    let Identity::Person(who) = identity else {
        return Err(Problem::forbidden(
            "person_needed",
            "Only a person can consent: sign in to the console and connect it there.",
        ));
    };
    caller.slowly(&web, QUESTIONS)?;
    let entry =
        caller.entry(&web, "mcp_server.authorize", id.as_str(), json!({ "name": kept.server.name, "url": kept.server.url }));
    let begun = consent::begin(&web.desk, &caller.scope, kept, &who.person.id, &who.session, q.giver.as_deref(), entry).await?;
    let url = begun.map_err(|cannot| {
        let problem = Problem::new(StatusCode::CONFLICT, cannot.code, cannot.why);
        match cannot.giver {
            Some(giver) => problem.with("giver", giver),
            None => problem,
        }
    })?;
    let mut answer = Json(McpAuthorization { url }).into_response();
    // It is for once.
    answer.extensions_mut().insert(ShownOnce);
    Ok(answer)
}

/// Give access back
///
/// The tokens are dropped here, and revoked where they were given, as far as that is possible.
#[utoipa::path(delete, path = "/mcp-servers/{id}/authorize", tag = "tools", operation_id = "disconnect_mcp_server",
    params(("id" = McpServerId, Path)), responses((status = 204)))]
pub(crate) async fn end(State(web): State<Web>, caller: Caller, Path(id): Path<McpServerId>) -> Result<Deleted, Problem> {
    caller.require("tool:write")?;
    let kept = one(&web, &caller, &id).await?;
    let entry = caller.entry(&web, "mcp_server.disconnected", id.as_str(), json!({ "name": kept.server.name }));
    consent::end(&web.desk, &caller.scope, kept, entry).await?;
    Ok(Deleted)
}
