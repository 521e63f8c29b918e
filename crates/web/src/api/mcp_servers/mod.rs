//! Servers that offer tools: connected, looked at, and approved here, tool by tool.

mod approvals;
mod shown;
mod write;

use axum::extract::State;
use frontdesk_kernel::{
    ids::{McpServerId, ToolId},
    mcp::McpTool,
};
use frontdesk_store::{
    mcp::{self, Counts, Kept},
    work,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::shown::{McpServerPage, McpServerView, McpToolPage, McpToolView};
use crate::{
    Web,
    kit::{Caller, Found, Path, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, write::create))
        .routes(routes!(show, write::update, write::delete))
        .routes(routes!(write::refresh))
        .routes(routes!(tools))
        .routes(routes!(approvals::approve))
        .routes(routes!(approvals::choose))
        .routes(routes!(approvals::test))
}

/// Connected servers
///
/// By name. There are at most twenty: they come in one page.
#[utoipa::path(get, path = "/mcp-servers", tag = "tools", operation_id = "mcp_servers", responses((status = 200, body = McpServerPage)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<McpServerPage>, Problem> {
    caller.require("tool:read")?;
    let s = caller.scope.clone();
    let (servers, counts) =
        web.desk.db.read(&caller.scope, work!(tx => Ok((mcp::servers(tx, &s).await?, mcp::counts(tx, &s).await?)))).await?;
    let items = servers.iter().map(|kept| McpServerView::of(kept, counted(&counts, &kept.server.id)));
    Ok(Found(McpServerPage { items: items.collect() }))
}

/// A connected server
#[utoipa::path(get, path = "/mcp-servers/{id}", tag = "tools", operation_id = "mcp_server", params(("id" = McpServerId, Path)),
    responses((status = 200, body = McpServerView)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<McpServerId>,
) -> Result<Found<McpServerView>, Problem> {
    caller.require("tool:read")?;
    view(&web, &caller, &id).await
}

/// Tools of a server
///
/// As it described them when it was last asked. There are at most some hundred: they come in one page.
#[utoipa::path(get, path = "/mcp-servers/{id}/tools", tag = "tools", operation_id = "mcp_tools", params(("id" = McpServerId, Path)),
    responses((status = 200, body = McpToolPage)))]
pub(crate) async fn tools(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<McpServerId>,
) -> Result<Found<McpToolPage>, Problem> {
    caller.require("tool:read")?;
    one(&web, &caller, &id).await?;
    let items = tools_of(&web, &caller, &id).await?.iter().map(McpToolView::of).collect();
    Ok(Found(McpToolPage { items }))
}

async fn view(web: &Web, caller: &Caller, id: &McpServerId) -> Result<Found<McpServerView>, Problem> {
    let (s, i) = (caller.scope.clone(), id.clone());
    let found =
        web.desk.db.read(&caller.scope, work!(tx => Ok((mcp::server(tx, &s, &i).await?, mcp::counts(tx, &s).await?)))).await?;
    let (Some(kept), counts) = found else { return Err(Problem::not_found("server")) };
    Ok(Found::tagged(McpServerView::of(&kept, counted(&counts, id)), kept.server.updated_at))
}

async fn one(web: &Web, caller: &Caller, id: &McpServerId) -> Result<Kept, Problem> {
    let (s, i) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => mcp::server(tx, &s, &i).await)).await?;
    found.ok_or_else(|| Problem::not_found("server"))
}

async fn tools_of(web: &Web, caller: &Caller, id: &McpServerId) -> Result<Vec<McpTool>, Problem> {
    let (s, i) = (caller.scope.clone(), id.clone());
    Ok(web.desk.db.read(&caller.scope, work!(tx => mcp::tools_of(tx, &s, &i).await)).await?)
}

async fn one_tool(web: &Web, caller: &Caller, server: &McpServerId, id: &ToolId) -> Result<McpTool, Problem> {
    let found = tools_of(web, caller, server).await?.into_iter().find(|tool| tool.id == *id);
    found.ok_or_else(|| Problem::not_found("tool"))
}

fn counted<'c>(all: &'c [Counts], id: &McpServerId) -> Option<&'c Counts> {
    all.iter().find(|counts| counts.server == *id)
}
