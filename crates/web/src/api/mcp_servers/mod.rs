//! Servers that offer tools: connected, looked at, and approved here, tool by tool.

mod approvals;
mod authorize;
mod shown;
mod write;

use axum::extract::State;
use frontdesk_kernel::{
    Scope,
    ids::{McpServerId, ToolId},
    mcp::McpTool,
};
use frontdesk_store::{
    Tx,
    mcp::{self, Counts, Kept},
    mcp_grants::{self, Grant},
    people, work,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::shown::{Consented, McpServerPage, McpServerView, McpToolPage, McpToolView};
use crate::{
    Web,
    kit::{Caller, Found, Path, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, write::create))
        .routes(routes!(show, write::update, write::delete))
        .routes(routes!(write::refresh))
        .routes(routes!(authorize::begin, authorize::end))
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
    let found = web.desk.db.read(
        &caller.scope,
        work!(tx => {
            let mut consented = Vec::new();
            for grant in mcp_grants::all(tx, &s).await? {
                consented.push(named(tx, &s, grant).await?);
            }
            Ok((mcp::servers(tx, &s).await?, mcp::counts(tx, &s).await?, consented))
        }),
    );
    let (servers, counts, consented) = found.await?;
    let items = servers.iter().map(|kept| {
        let id = &kept.server.id;
        McpServerView::of(&web.desk, kept, counted(&counts, id), consented.iter().find(|c| c.grant.server == *id))
    });
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
    let found = web.desk.db.read(
        &caller.scope,
        work!(tx => {
            let consented = match mcp_grants::get(tx, &s, &i).await? {
                Some(grant) => Some(named(tx, &s, grant).await?),
                None => None,
            };
            Ok((mcp::server(tx, &s, &i).await?, mcp::counts(tx, &s).await?, consented))
        }),
    );
    let (Some(kept), counts, consented) = found.await? else {
        return Err(Problem::not_found("server"));
    };
    Ok(Found::tagged(McpServerView::of(&web.desk, &kept, counted(&counts, id), consented.as_ref()), kept.server.updated_at))
}

async fn named(tx: &mut Tx, scope: &Scope, grant: Grant) -> frontdesk_store::Result<Consented> {
    let member = people::member_of(tx, scope, &grant.person).await?;
    Ok(Consented { grant, name: member.map(|member| member.name) })
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
