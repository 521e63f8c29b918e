//! What was published, and going back to it.

use axum::extract::State;
use frontdesk_engine::agents::{self as rules, Edition, LONGEST_NOTE};
use frontdesk_kernel::{Timestamp, ids::AgentId};
use frontdesk_store::{agents, audit, versions as stored, work};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{changed, fit, gone, in_words, one_line, read, shown::VersionView, view};
use crate::{
    Web,
    kit::{Body, Caller, Created, Found, Page, Path, Problem, Query},
};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Everything that was published, newest first
#[utoipa::path(get, path = "/agents/{id}/versions", tag = "agents", params(("id" = AgentId, Path), List), operation_id = "versions", responses((status = 200, body = Page<VersionView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Query(q): Query<List>,
) -> Result<Found<Page<VersionView>>, Problem> {
    caller.require("agent:read")?;
    let name = format!("versions of {id}");
    let window = web.window::<i64>(&caller, &name, q.cursor.as_deref(), q.limit)?;
    let (s, limit, after) = (caller.scope.clone(), window.limit, window.after);
    let found = web.desk.db.read(
        &caller.scope,
        work!(tx => {
            let Some(agent) = agents::get(tx, &s, &id).await? else { return Ok(None) };
            Ok(Some((agent.version, stored::list(tx, &s, &id, after, limit + 1).await?)))
        }),
    );
    let (published, found) = found.await?.ok_or_else(gone)?;
    let page = web.page(&caller, &name, limit, found, |v| v.version);
    Ok(Found(page.map(|v| VersionView::of(v, published))))
}

/// One version
#[utoipa::path(get, path = "/agents/{id}/versions/{n}", tag = "agents", params(("id" = AgentId, Path), ("n" = i64, Path)), operation_id = "version", responses((status = 200, body = VersionView)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path((id, n)): Path<(AgentId, i64)>,
) -> Result<Found<VersionView>, Problem> {
    caller.require("agent:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(
        &caller.scope,
        work!(tx => {
            let Some(agent) = agents::get(tx, &s, &id).await? else { return Ok(None) };
            Ok(stored::get(tx, &s, &id, n).await?.map(|v| (v, agent.version)))
        }),
    );
    let (version, published) = found.await?.ok_or_else(|| Problem::not_found("version"))?;
    Ok(Found(VersionView::of(version, published)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Restoration {
    /// Why; absent = that it was restored.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// Go back to a version
///
/// It is published again under a new number: nothing is lost, and going back can be undone the same way. A draft stays.
#[utoipa::path(post, path = "/agents/{id}/versions/{n}/restore", tag = "agents",
    params(("id" = AgentId, Path), ("n" = i64, Path)), request_body = Restoration, responses((status = 201, body = VersionView)))]
pub(crate) async fn restore(
    State(web): State<Web>,
    caller: Caller,
    Path((id, n)): Path<(AgentId, i64)>,
    Body(body): Body<Restoration>,
) -> Result<Created<VersionView>, Problem> {
    caller.require("agent:write")?;
    let note = match &body.note {
        Some(note) => one_line("note", note, LONGEST_NOTE)?,
        None => format!("restored version {n}"),
    };
    let (s, i) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(
        &caller.scope,
        work!(tx => {
            let Some((agent, times)) = read(tx, &s, &i).await? else { return Ok(None) };
            Ok(stored::get(tx, &s, &i, n).await?.map(|v| (agent, times, v)))
        }),
    );
    let (agent, times, old) = found.await?.ok_or_else(|| Problem::not_found("version"))?;
    caller.if_match(times.updated_at)?;
    if old.version == agent.version {
        return Err(Problem::conflict("already_published", "This version answers already."));
    }
    // What it names may be gone by now.
    fit(&web, &*view(&web, &caller).await?, &old.spec).await?;
    let (s, i, author) = (caller.scope.clone(), id.clone(), caller.actor.id().to_owned());
    let now = web.desk.now().max(Timestamp(times.updated_at.0.max(times.published_at.0) + 1));
    let (c, w) = (caller.clone(), web.clone());
    let published = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            let edition = Edition { seen: agent.version, spec: &old.spec, note: &note, author: Some(&author), ends_draft: false };
            let version = match rules::publish(tx, &s, &i, &edition, now).await? {
                Ok(version) => version,
                Err(why) => return Ok(Err(in_words(why))),
            };
            let detail = json!({ "version": version, "restored": n, "instead_of": agent.version });
            audit::write(tx, &s, &c.entry(&w, "agent.restore", i.as_str(), detail)).await?;
            Ok(stored::get(tx, &s, &i, version).await?.ok_or_else(gone))
        }),
    );
    let version = published.await??;
    changed(&web, &caller, &id);
    let n = version.version;
    Ok(Created::at(format!("/api/v1/agents/{id}/versions/{n}"), VersionView::of(version, n)))
}
