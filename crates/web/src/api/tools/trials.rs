//! Trying a tool: the exact request, secrets masked, and what came back.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use frontdesk_engine::{
    events::Event,
    http_tools::{
        keep::{Shelf, known_as},
        probe,
        trial::{self, Trial},
    },
};
use frontdesk_kernel::{
    http_tool::{HttpTool, HttpToolSpec},
    ids::ToolId,
};
use frontdesk_store::{audit, work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    one,
    shown::{NewTool, Tool},
    view,
    write::refuse,
};
use crate::{
    Web,
    kit::{Body, Caller, Found, Path, Problem, ShownOnce},
};

/// What is counted, for people.
pub(super) const TRIALS: &str = "trials";

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TryDraft {
    tool: NewTool,
    /// The arguments, as a model would write them.
    #[serde(default)]
    arguments: Value,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TryTool {
    #[serde(default)]
    arguments: Value,
}

/// What a trial came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct ToolTrial {
    /// The exact request, secrets masked; absent when none could be made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request: Option<TriedRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    response: Option<TriedResponse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    problem: Option<TrialProblem>,
    /// What a model would read.
    told: String,
    succeeded: bool,
    millis: i64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TriedRequest {
    method: String,
    url: String,
    headers: Vec<TriedHeader>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    body: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TriedResponse {
    status: u16,
    headers: Vec<TriedHeader>,
    body: String,
    cut_off: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TriedHeader {
    name: String,
    value: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TrialProblem {
    /// `arguments`, `setup`, `access`, `blocked`, `dns`, `tls`, `connection`, `timeout`, `broken`, `too_large`.
    kind: String,
    detail: String,
}

impl From<Trial> for ToolTrial {
    fn from(t: Trial) -> ToolTrial {
        let headers = |all: Vec<(String, String)>| all.into_iter().map(|(name, value)| TriedHeader { name, value }).collect();
        ToolTrial {
            request: t.request.map(|r| TriedRequest {
                method: r.method.to_owned(),
                url: r.url,
                headers: headers(r.headers),
                body: r.body,
            }),
            response: t.response.map(|r| TriedResponse {
                status: r.status,
                headers: headers(r.headers),
                body: r.body,
                cut_off: r.cut_off,
            }),
            problem: t.problem.map(|p| TrialProblem { kind: p.kind.to_owned(), detail: p.detail }),
            told: t.told,
            succeeded: t.succeeded,
            millis: t.millis,
        }
    }
}

/// Try a tool before it is made
///
/// The request really goes out, once. Values of the customer are made up.
#[utoipa::path(post, path = "/tools/test", tag = "tools", operation_id = "try_draft", request_body = TryDraft,
    responses((status = 200, body = ToolTrial)))]
pub(crate) async fn draft(State(web): State<Web>, caller: Caller, Body(wanted): Body<TryDraft>) -> Result<Response, Problem> {
    caller.require("tool:write")?;
    let (name, now) = (wanted.tool.name.trim().to_owned(), web.desk.now());
    let spec = wanted.tool.spec()?;
    let shelf = Shelf::of(&web.desk, &caller.scope).await?;
    // A name may be taken: it is not being made.
    refuse(shelf.flaws(&web.desk, None, &name, &spec, &[]).into_iter().filter(|f| f.path != "name").collect())?;
    let tool = HttpTool {
        id: web.desk.id(),
        number: 0,
        name,
        enabled: true,
        version: 1,
        spec,
        probe: None,
        created_at: now,
        updated_at: now,
    };
    run(&web, &caller, shelf, tool, &wanted.arguments).await
}

/// Try a tool
///
/// The request really goes out, once. Values of the customer are made up.
#[utoipa::path(post, path = "/tools/{id}/test", tag = "tools", operation_id = "try_kept", params(("id" = ToolId, Path)),
    request_body = TryTool, responses((status = 200, body = ToolTrial)))]
pub(crate) async fn kept(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ToolId>,
    Body(wanted): Body<TryTool>,
) -> Result<Response, Problem> {
    caller.require("tool:write")?;
    let tool = one(&web, &caller, &id).await?;
    let shelf = Shelf::of(&web.desk, &caller.scope).await?;
    run(&web, &caller, shelf, tool, &wanted.arguments).await
}

/// Make the example call of a tool
///
/// It really goes out, once, and what it came to is kept with the tool.
#[utoipa::path(post, path = "/tools/{id}/probe", tag = "tools", operation_id = "probe_tool", params(("id" = ToolId, Path)),
    responses((status = 200, body = Tool)))]
pub(crate) async fn probe(State(web): State<Web>, caller: Caller, Path(id): Path<ToolId>) -> Result<Found<Tool>, Problem> {
    caller.require("tool:write")?;
    let tool = one(&web, &caller, &id).await?;
    has_example(&tool.spec)?;
    caller.slowly(&web, TRIALS)?;
    let tool = probed(&web, &caller, tool).await?;
    let view = view(&web, &caller).await?;
    Ok(Found::tagged(Tool::own(&tool, &known_as(&web.desk, &tool), &view), tool.updated_at))
}

pub(super) fn has_example(spec: &HttpToolSpec) -> Result<(), Problem> {
    match spec.example {
        Some(_) => Ok(()),
        None => Err(Problem::field("example", "there are no arguments to make an example call with")),
    }
}

/// The tool with what its example call came to just now. Whether it may be made is asked before, also before the tool is kept.
pub(super) async fn probed(web: &Web, caller: &Caller, mut tool: HttpTool) -> Result<HttpTool, Problem> {
    let shelf = Shelf::of(&web.desk, &caller.scope).await?;
    let view = view(web, caller).await?;
    let entry = caller.entry(web, "tool.probe", tool.id.as_str(), json!({ "name": tool.name, "url": tool.spec.request.url }));
    let s = caller.scope.clone();
    web.desk.db.write(&caller.scope, work!(tx => audit::write(tx, &s, &entry).await)).await?;
    tool.probe = probe::run(&web.desk, &view.tenant, shelf.secrets, &tool).await?;
    // Nothing that turns see.
    web.desk.events.tell(caller.scope.tenant(), Event::new("tool.changed", tool.id.as_str()));
    Ok(tool)
}

async fn run(web: &Web, caller: &Caller, shelf: Shelf, tool: HttpTool, arguments: &Value) -> Result<Response, Problem> {
    caller.slowly(web, TRIALS)?;
    let arguments = if arguments.is_null() { &json!({}) } else { arguments };
    let view = view(web, caller).await?;
    let entry = caller.entry(web, "tool.try", tool.id.as_str(), json!({ "name": tool.name, "url": tool.spec.request.url }));
    let s = caller.scope.clone();
    web.desk.db.write(&caller.scope, work!(tx => audit::write(tx, &s, &entry).await)).await?;
    let trial = trial::run(&web.desk, &view.tenant, shelf.secrets, tool, arguments).await;
    let mut answer = Json(ToolTrial::from(trial)).into_response();
    // Somebody else's data: they are not kept for a repeat.
    answer.extensions_mut().insert(ShownOnce);
    Ok(answer)
}

/// What the server fills in, with an example of each.
#[derive(Serialize, ToSchema)]
pub(crate) struct ToolValues {
    items: Vec<ToolValue>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ToolValue {
    /// Written `{{contact.phone}}` in a request.
    name: String,
    example: String,
}

/// What a request may say that the server knows
#[utoipa::path(get, path = "/tools/values", tag = "tools", responses((status = 200, body = ToolValues)))]
pub(crate) async fn values(State(web): State<Web>, caller: Caller) -> Result<Found<ToolValues>, Problem> {
    caller.require("tool:read")?;
    let view = view(&web, &caller).await?;
    let samples = trial::samples(&view.tenant, web.desk.now());
    let items = samples.into_iter().map(|(name, example)| ToolValue { name: name.to_owned(), example }).collect();
    Ok(Found(ToolValues { items }))
}
