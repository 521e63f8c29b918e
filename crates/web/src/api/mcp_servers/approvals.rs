//! A person's yes to tools of a server, and what they say of a tool beside it.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use frontdesk_engine::mcp::{trial, usable};
use frontdesk_kernel::{
    Scope,
    action::Level,
    http_tool::ToolEffect,
    ids::{McpServerId, ToolId},
    mcp::{Choice, Hints, MOST_APPROVED, MOST_LISTED, McpTool, ToolState},
};
use frontdesk_store::{Error, Tx, audit, mcp, work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{
    one, one_tool,
    shown::{McpToolPage, McpToolView},
    tools_of,
    write::{QUESTIONS, changed},
};
use crate::{
    Web,
    kit::{Body, Caller, Found, Patch, Path, Problem, ShownOnce},
};

/// Tools to say yes to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct McpApproval {
    tools: Vec<ApprovedTool>,
}

/// Exactly what was looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovedTool {
    id: ToolId,
    /// As the list shows it: when the server offers something else by now, nothing is approved.
    hash: String,
    /// `writes` until somebody says otherwise, whatever the server's hints are.
    #[serde(default)]
    effect: Option<ToolEffect>,
    #[serde(default)]
    repeatable: Option<bool>,
    /// Absent: as it was. `null`, and at first: `automatic` for what only reads and `approval` for everything else.
    #[serde(default)]
    #[schema(value_type = Option<Level>)]
    level: Patch<Level>,
}

/// Approve tools
///
/// All of them or none. Agents may have them from now on, until their server changes them.
#[utoipa::path(post, path = "/mcp-servers/{id}/approve", tag = "tools", operation_id = "approve_mcp_tools",
    params(("id" = McpServerId, Path)), request_body = McpApproval, responses((status = 200, body = McpToolPage)))]
pub(crate) async fn approve(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<McpServerId>,
    Body(approval): Body<McpApproval>,
) -> Result<Found<McpToolPage>, Problem> {
    caller.require("tool:write")?;
    one(&web, &caller, &id).await?;
    if approval.tools.is_empty() || approval.tools.len() > MOST_LISTED {
        return Err(Problem::field("tools", format!("must name 1 to {MOST_LISTED} tools")));
    }
    let (actor, now, server) = (caller.actor.id().to_owned(), web.desk.now(), id.clone());
    let entry = caller.entry(
        &web,
        "mcp_tool.approve",
        id.as_str(),
        json!({ "tools": approval.tools.iter().map(|t| json!({ "id": t.id, "hash": t.hash })).collect::<Vec<_>>() }),
    );
    let s = caller.scope.clone();
    let wanted = approval.tools;
    let done = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            if mcp::lock(tx, &s, &server).await?.is_none() {
                return Ok(Err(Problem::not_found("server")));
            }
            let offered = mcp::tools_of(tx, &s, &server).await?;
            let mut all = in_use(tx, &s).await?;
            let mut choices = Vec::new();
            for (n, yes) in wanted.iter().enumerate() {
                let Some(tool) = offered.iter().find(|t| t.id == yes.id) else {
                    return Ok(Err(Problem::field(format!("tools.{n}.id"), "is no tool of this server")));
                };
                match fit(tool, yes) {
                    Ok(choice) => choices.push((tool, yes, choice)),
                    Err((member, problem)) => return Ok(Err(Problem::field(format!("tools.{n}.{member}"), problem))),
                }
                all.insert(tool.id.clone());
            }
            if all.len() > MOST_APPROVED {
                return Ok(Err(too_many()));
            }
            for (tool, yes, choice) in &choices {
                if !mcp::approve(tx, &s, &yes.id, &yes.hash, choice, &actor, now).await? {
                    // An error undoes what was approved before it.
                    return Err(Error::Conflict(tool.shown_as.clone()));
                }
            }
            audit::write(tx, &s, &entry).await?;
            Ok(Ok(()))
        }),
    );
    match done.await {
        Err(Error::Conflict(tool)) => {
            let detail = format!("The server offers something else as `{tool}` by now: look at it again.");
            return Err(Problem::conflict("changed", detail));
        }
        other => other??,
    }
    changed(&web, &caller, &id);
    let items = tools_of(&web, &caller, &id).await?.iter().map(McpToolView::of).collect();
    Ok(Found(McpToolPage { items }))
}

/// Tools of servers that agents have now.
async fn in_use(tx: &mut Tx, scope: &Scope) -> Result<BTreeSet<ToolId>, Error> {
    let approved = mcp::approved(tx, scope).await?;
    Ok(approved.into_iter().filter(|t| t.state() == ToolState::Approved).map(|t| t.id).collect())
}

fn too_many() -> Problem {
    Problem::conflict("too_many", format!("Agents can have at most {MOST_APPROVED} tools of servers: switch others off first."))
}

fn fit(tool: &McpTool, yes: &ApprovedTool) -> Result<Choice, (&'static str, String)> {
    if let Err(problem) = usable(&tool.offered) {
        return Err(("id", format!("agents cannot have it: {problem}")));
    }
    let choice = Choice {
        effect: yes.effect.unwrap_or(tool.choice.effect),
        repeatable: yes.repeatable.unwrap_or(tool.choice.repeatable),
        level: yes.level.clone().over(tool.choice.level),
    };
    believable(&choice, &tool.offered.hints).map(|()| choice)
}

/// Hints of a server are not believed where they would allow more, only where they allow less.
fn believable(choice: &Choice, hints: &Hints) -> Result<(), (&'static str, String)> {
    let changes = hints.reads_only == Some(false) || (hints.destroys == Some(true) && hints.reads_only != Some(true));
    if choice.effect == ToolEffect::Reads && changes {
        return Err(("effect", "its server says that it changes something".to_owned()));
    }
    if choice.repeatable && choice.effect == ToolEffect::Writes && hints.repeatable == Some(false) {
        return Err(("repeatable", "its server says that a repeated call has another effect".to_owned()));
    }
    Ok(())
}

/// What people say of a tool; what is absent stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct McpToolChange {
    enabled: Option<bool>,
    effect: Option<ToolEffect>,
    repeatable: Option<bool>,
    /// `null`: as usual for its effect.
    #[serde(default)]
    #[schema(value_type = Option<Level>)]
    level: Patch<Level>,
}

/// Change what is said of a tool
#[utoipa::path(patch, path = "/mcp-servers/{id}/tools/{tool}", tag = "tools", operation_id = "change_mcp_tool",
    params(("id" = McpServerId, Path), ("tool" = ToolId, Path)), request_body = McpToolChange,
    responses((status = 200, body = McpToolView)))]
pub(crate) async fn choose(
    State(web): State<Web>,
    caller: Caller,
    Path((id, tool)): Path<(McpServerId, ToolId)>,
    Body(change): Body<McpToolChange>,
) -> Result<Found<McpToolView>, Problem> {
    caller.require("tool:write")?;
    let before = one_tool(&web, &caller, &id, &tool).await?;
    caller.if_match(before.updated_at)?;
    let choice = Choice {
        effect: change.effect.unwrap_or(before.choice.effect),
        repeatable: change.repeatable.unwrap_or(before.choice.repeatable),
        level: change.level.over(before.choice.level),
    };
    let hints = before.approved.as_ref().map_or(before.offered.hints, |approved| approved.definition.hints);
    believable(&choice, &hints).map_err(|(member, problem)| Problem::field(member, problem))?;
    let enabled = change.enabled.unwrap_or(before.enabled);
    let detail = json!({ "tool": before.shown_as, "enabled": enabled, "effect": choice.effect, "repeatable": choice.repeatable,
        "level": choice.level() });
    let entry = caller.entry(&web, "mcp_tool.update", tool.as_str(), detail);
    let (s, server, now) = (caller.scope.clone(), id.clone(), web.desk.now());
    let after = McpTool { enabled, ..before.clone() };
    let done = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            if mcp::lock(tx, &s, &server).await?.is_none() {
                return Ok(Err(Problem::not_found("server")));
            }
            let joins = after.state() == ToolState::Approved && before.state() != ToolState::Approved;
            if joins && in_use(tx, &s).await?.len() >= MOST_APPROVED {
                return Ok(Err(too_many()));
            }
            if !mcp::choose(tx, &s, &before.id, enabled, &choice, before.updated_at, now).await? {
                return Ok(Err(Problem::conflict("changed", "It changed a moment ago: read it again.")));
            }
            audit::write(tx, &s, &entry).await?;
            Ok(Ok(()))
        }),
    );
    done.await??;
    changed(&web, &caller, &id);
    let tool = one_tool(&web, &caller, &id, &tool).await?;
    Ok(Found::tagged(McpToolView::of(&tool), tool.updated_at))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TryMcpTool {
    #[serde(default)]
    arguments: Value,
}

/// What a trial came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct McpTrial {
    /// What a model would read.
    told: String,
    succeeded: bool,
    millis: i64,
}

/// Try a tool of a server
///
/// It is really called, once, as the server offers it now, whether or not it is approved.
#[utoipa::path(post, path = "/mcp-servers/{id}/tools/{tool}/test", tag = "tools", operation_id = "try_mcp_tool",
    params(("id" = McpServerId, Path), ("tool" = ToolId, Path)), request_body = TryMcpTool, responses((status = 200, body = McpTrial)))]
pub(crate) async fn test(
    State(web): State<Web>,
    caller: Caller,
    Path((id, tool)): Path<(McpServerId, ToolId)>,
    Body(wanted): Body<TryMcpTool>,
) -> Result<Response, Problem> {
    caller.require("tool:write")?;
    let kept = one(&web, &caller, &id).await?;
    let tool = one_tool(&web, &caller, &id, &tool).await?;
    caller.slowly(&web, QUESTIONS)?;
    let arguments = if wanted.arguments.is_null() { json!({}) } else { wanted.arguments };
    let entry = caller.entry(&web, "mcp_tool.try", tool.id.as_str(), json!({ "tool": tool.shown_as }));
    let s = caller.scope.clone();
    web.desk.db.write(&caller.scope, work!(tx => audit::write(tx, &s, &entry).await)).await?;
    let tried = trial::run(&web.desk, &caller.scope, kept, tool, &arguments).await?;
    let mut answer = Json(McpTrial { told: tried.told, succeeded: tried.succeeded, millis: tried.millis }).into_response();
    // Somebody else's data: they are not kept for a repeat.
    answer.extensions_mut().insert(ShownOnce);
    Ok(answer)
}
