//! Making, changing and deleting tools. Every flaw is told beside its field.

use axum::extract::State;
use frontdesk_engine::{
    events::Event,
    http_tools::{
        MOST_TOOLS,
        check::Flaw,
        keep::{Shelf, agents_with, known_as},
    },
};
use frontdesk_kernel::{http_tool::HttpTool, ids::ToolId};
use frontdesk_store::{Error, audit, http_tools, work};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::{
    one,
    shown::{NewTool, Tool, ToolChange},
    trials::{TRIALS, has_example, probed},
    view,
};
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Path, Problem, Query, problem::Field},
};

/// Make a tool
///
/// Secrets that it sends are entered before, with `PUT /tools/secrets/{name}`.
#[utoipa::path(post, path = "/tools", tag = "tools", request_body = NewTool, responses((status = 201, body = Tool)))]
pub(crate) async fn create(State(web): State<Web>, caller: Caller, Body(new): Body<NewTool>) -> Result<Created<Tool>, Problem> {
    caller.require("tool:write")?;
    let (name, enabled, test, now) = (new.name.trim().to_owned(), new.enabled, new.test, web.desk.now());
    let spec = new.spec()?;
    if test {
        has_example(&spec)?;
    }
    let shelf = Shelf::of(&web.desk, &caller.scope).await?;
    if shelf.tools.len() as i64 >= MOST_TOOLS {
        return Err(Problem::conflict("too_many", format!("There are {MOST_TOOLS} tools: delete one first.")));
    }
    refuse(shelf.flaws(&web.desk, None, &name, &spec, &[]))?;
    if test {
        caller.slowly(&web, TRIALS)?;
    }
    let tool =
        HttpTool { id: web.desk.id(), number: 0, name, enabled, version: 1, spec, probe: None, created_at: now, updated_at: now };
    let entry = caller.entry(&web, "tool.create", tool.id.as_str(), json!({ "name": tool.name, "url": tool.spec.request.url }));
    let (s, t) = (caller.scope.clone(), tool.clone());
    let made = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                if !http_tools::insert(tx, &s, &t).await? {
                    return Ok(false);
                }
                audit::write(tx, &s, &entry).await?;
                Ok(true)
            }),
        )
        .await;
    if !settled(made)? {
        return Err(taken(&tool.name));
    }
    changed(&web, &caller, &tool.id);
    let tool = if test { probed(&web, &caller, tool).await? } else { tool };
    let view = view(&web, &caller).await?;
    let shown = Tool::own(&tool, &known_as(&web.desk, &tool), &view);
    Ok(Created::at(format!("/api/v1/tools/{}", tool.id), shown).tagged(now))
}

/// Change a tool
#[utoipa::path(patch, path = "/tools/{id}", tag = "tools", params(("id" = ToolId, Path)), request_body = ToolChange,
    responses((status = 200, body = Tool)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ToolId>,
    Body(change): Body<ToolChange>,
) -> Result<Found<Tool>, Problem> {
    caller.require("tool:write")?;
    let before = one(&web, &caller, &id).await?;
    caller.if_match(before.updated_at)?;
    let (fields, test) = (change.names(), change.test);
    let name = change.name.as_deref().map_or_else(|| before.name.clone(), |name| name.trim().to_owned());
    let enabled = change.enabled.unwrap_or(before.enabled);
    let touched = change.touches_the_spec();
    let spec = change.over(before.spec.clone())?;
    if test {
        has_example(&spec)?;
    }
    let tool = HttpTool { name, enabled, spec, updated_at: web.desk.now(), ..before.clone() };
    if touched {
        let shelf = Shelf::of(&web.desk, &caller.scope).await?;
        refuse(shelf.flaws(&web.desk, Some(&id), &tool.name, &tool.spec, &[]))?;
    }
    let old = known_as(&web.desk, &before);
    if old != known_as(&web.desk, &tool) {
        refuse_used(&web, &caller, &old).await?;
    }
    if test {
        caller.slowly(&web, TRIALS)?;
    }
    let entry = caller.entry(
        &web,
        "tool.update",
        id.as_str(),
        json!({ "name": tool.name, "changed": fields, "url": tool.spec.request.url }),
    );
    let (s, t, seen) = (caller.scope.clone(), tool.clone(), before.version);
    let kept = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let current = http_tools::get(tx, &s, &t.id).await?;
                if current.is_none_or(|c| c.version != seen) {
                    return Ok(None);
                }
                http_tools::update(tx, &s, &t).await?;
                audit::write(tx, &s, &entry).await?;
                http_tools::get(tx, &s, &t.id).await
            }),
        )
        .await;
    let kept = match kept {
        Err(Error::Conflict(_)) => return Err(taken(&tool.name)),
        other => other?.ok_or_else(|| Problem::conflict("changed", "Somebody changed it a moment ago: read it again."))?,
    };
    changed(&web, &caller, &id);
    let kept = if test { probed(&web, &caller, kept).await? } else { kept };
    let view = view(&web, &caller).await?;
    Ok(Found::tagged(Tool::own(&kept, &known_as(&web.desk, &kept), &view), kept.updated_at))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowToDelete {
    /// Also when agents chose it by name: they lose it.
    #[serde(default)]
    force: bool,
}

/// Delete a tool
///
/// One that agents chose by name is deleted only with `force=true`.
#[utoipa::path(delete, path = "/tools/{id}", tag = "tools", params(("id" = ToolId, Path), HowToDelete), responses((status = 204)))]
pub(crate) async fn delete(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ToolId>,
    Query(how): Query<HowToDelete>,
) -> Result<Deleted, Problem> {
    caller.require("tool:write")?;
    let tool = one(&web, &caller, &id).await?;
    caller.if_match(tool.updated_at)?;
    if !how.force {
        refuse_used(&web, &caller, &known_as(&web.desk, &tool)).await?;
    }
    let entry = caller.entry(&web, "tool.delete", id.as_str(), json!({ "name": tool.name }));
    let (s, i) = (caller.scope.clone(), id.clone());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                if http_tools::delete(tx, &s, &i).await? {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(())
            }),
        )
        .await?;
    changed(&web, &caller, &id);
    Ok(Deleted)
}

async fn refuse_used(web: &Web, caller: &Caller, name: &str) -> Result<(), Problem> {
    let view = view(web, caller).await?;
    let users: Vec<&str> = agents_with(&view, name).map(|a| a.name.as_str()).collect();
    if users.is_empty() {
        return Ok(());
    }
    Err(Problem::conflict("in_use", format!("Agents use it: {}.", users.join(", "))))
}

pub(super) fn refuse(flaws: Vec<Flaw>) -> Result<(), Problem> {
    if flaws.is_empty() {
        return Ok(());
    }
    Err(Problem::fields(flaws.into_iter().map(|f| Field { path: f.path, problem: f.problem }).collect()))
}

/// Somebody took the name, or the next number, between our look and our write.
fn settled(made: Result<bool, Error>) -> Result<bool, Problem> {
    match made {
        Err(Error::Conflict(_)) => Err(Problem::conflict("changed", "Somebody made a tool at the same moment: try again.")),
        other => Ok(other?),
    }
}

fn taken(name: &str) -> Problem {
    Problem::field("name", format!("`{name}` is taken by another tool"))
}

/// After the commit: turns see it at once, and so does the console.
fn changed(web: &Web, caller: &Caller, id: &ToolId) {
    web.desk.directory.invalidate();
    web.desk.events.tell(caller.scope.tenant(), Event::new("tool.changed", id.as_str()));
}
