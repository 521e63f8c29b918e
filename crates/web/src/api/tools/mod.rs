//! Tools: what models may call. Built-in ones are shown, a business's own HTTP tools are made, changed, imported and tried here.

mod imports;
mod secrets;
mod shown;
mod trials;
mod write;

use axum::extract::State;
use frontdesk_engine::http_tools::keep::{Shelf, known_as};
use frontdesk_kernel::ids::ToolId;
use frontdesk_store::{http_tools, work};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::shown::{Tool, ToolPage};
use crate::{
    Web,
    kit::{Caller, Found, Path, Problem},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, write::create))
        .routes(routes!(show, write::update, write::delete))
        .routes(routes!(trials::draft))
        .routes(routes!(trials::kept))
        .routes(routes!(trials::probe))
        .routes(routes!(trials::values))
        .routes(routes!(imports::curl))
        .routes(routes!(imports::openapi))
        .routes(routes!(secrets::list))
        .routes(routes!(secrets::put, secrets::delete))
}

/// Every tool
///
/// Built-in ones first, then your own by name. There are at most a few hundred: they come in one page.
#[utoipa::path(get, path = "/tools", tag = "tools", responses((status = 200, body = ToolPage)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<ToolPage>, Problem> {
    caller.require("tool:read")?;
    let view = view(&web, &caller).await?;
    let shelf = Shelf::of(&web.desk, &caller.scope).await?;
    let toolbox = &web.desk.toolbox;
    let built_in = toolbox.all().iter().chain(view.tools.offered());
    let built_in = built_in.map(|spec| Tool::built_in(spec, toolbox.changes_something(&spec.name), &view));
    let own = shelf.tools.iter().map(|tool| Tool::own(tool, &known_as(&web.desk, tool), &view));
    Ok(Found(ToolPage { items: built_in.chain(own).collect() }))
}

/// One of your own tools
#[utoipa::path(get, path = "/tools/{id}", tag = "tools", params(("id" = ToolId, Path)), responses((status = 200, body = Tool)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<ToolId>) -> Result<Found<Tool>, Problem> {
    caller.require("tool:read")?;
    let tool = one(&web, &caller, &id).await?;
    let view = view(&web, &caller).await?;
    Ok(Found::tagged(Tool::own(&tool, &known_as(&web.desk, &tool), &view), tool.updated_at))
}

async fn one(web: &Web, caller: &Caller, id: &ToolId) -> Result<frontdesk_kernel::http_tool::HttpTool, Problem> {
    let (s, id) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => http_tools::get(tx, &s, &id).await)).await?;
    found.ok_or_else(|| Problem::not_found("tool"))
}

async fn view(web: &Web, caller: &Caller) -> Result<std::sync::Arc<frontdesk_engine::directory::View>, Problem> {
    let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
    view.ok_or_else(|| Problem::not_found("tenant"))
}
