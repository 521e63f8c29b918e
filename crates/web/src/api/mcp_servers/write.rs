//! Connecting, changing, asking and forgetting a server.

use axum::extract::State;
use frontdesk_engine::{
    events::Event,
    http_tools::keep::agents_with,
    mcp::{check, consent, keep},
};
use frontdesk_kernel::{
    Secret,
    ids::McpServerId,
    mcp::{MOST_SERVERS, McpAuth, McpServer},
};
use frontdesk_store::{
    audit,
    mcp::{self, Kept},
    mcp_grants, work,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::{one, shown::McpServerView, tools_of, view};
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Path, Problem, Query, problem::Field},
};

/// What is counted, for people.
pub(super) const QUESTIONS: &str = "questions to servers";

/// A server to be connected.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMcpServer {
    /// Stands in front of the names of its tools and never changes: a letter, then letters, digits, `-` and single `_`, at most 24.
    name: String,
    #[serde(default)]
    title: String,
    /// Where it speaks the protocol over streamable HTTP.
    url: String,
    #[serde(default)]
    auth: McpAuth,
    /// The token, the header's value, or the client's secret.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    secret: Option<Secret>,
    #[serde(default = "yes")]
    enabled: bool,
}

fn yes() -> bool {
    true
}

/// Connect a server
///
/// It is asked at once what it offers; whether it answered is told in the result. Agents have none of its tools before they are approved.
#[utoipa::path(post, path = "/mcp-servers", tag = "tools", operation_id = "connect_mcp_server", request_body = NewMcpServer,
    responses((status = 201, body = McpServerView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewMcpServer>,
) -> Result<Created<McpServerView>, Problem> {
    caller.require("tool:write")?;
    let now = web.desk.now();
    let server = McpServer {
        id: web.desk.id(),
        name: new.name.trim().to_owned(),
        title: new.title.trim().to_owned(),
        url: new.url.trim().to_owned(),
        auth: new.auth,
        enabled: new.enabled,
        about: None,
        problem: None,
        notes: Vec::new(),
        checked_at: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    refuse(&web, &server, new.secret.as_ref(), false)?;
    caller.slowly(&web, QUESTIONS)?;
    let sealed = new.secret.map(|secret| keep::sealed(&web.desk, &caller.scope, &server, &secret));
    let entry = caller.entry(
        &web,
        "mcp_server.create",
        server.id.as_str(),
        json!({ "name": server.name, "url": server.url, "auth": kind(&server.auth) }),
    );
    let (s, id, kept) = (caller.scope.clone(), server.id.clone(), Kept { server, sealed, sealed_for: None });
    let made = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            if mcp::servers(tx, &s).await?.len() >= MOST_SERVERS {
                return Ok(Err(Problem::conflict("too_many", format!("There are {MOST_SERVERS} servers: remove one first."))));
            }
            if !mcp::add(tx, &s, &kept).await? {
                return Ok(Err(Problem::field("name", format!("`{}` is taken by another server", kept.server.name))));
            }
            audit::write(tx, &s, &entry).await?;
            Ok(Ok(()))
        }),
    );
    made.await??;
    changed(&web, &caller, &id);
    if new.enabled {
        keep::refresh(&web.desk, &caller.scope, &id).await?;
    }
    let (value, _) = view(&web, &caller, &id).await?.into_parts();
    Ok(Created::at(format!("/api/v1/mcp-servers/{id}"), value).tagged(now))
}

/// What changes; what is absent stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct McpServerChange {
    title: Option<String>,
    url: Option<String>,
    auth: Option<McpAuth>,
    /// Entered again when the server or the way of signing in changes: it goes nowhere that it was not entered for.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    secret: Option<Secret>,
    enabled: Option<bool>,
}

/// Change a server
///
/// When its address, its sign-in or its switch changes, it is asked anew. At another origin it is another server: what was approved of its
/// tools is approved anew.
#[utoipa::path(patch, path = "/mcp-servers/{id}", tag = "tools", operation_id = "change_mcp_server", params(("id" = McpServerId, Path)),
    request_body = McpServerChange, responses((status = 200, body = McpServerView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<McpServerId>,
    Body(change): Body<McpServerChange>,
) -> Result<Found<McpServerView>, Problem> {
    caller.require("tool:write")?;
    let before = one(&web, &caller, &id).await?;
    caller.if_match(before.server.updated_at)?;
    let fields = [
        ("title", change.title.is_some()),
        ("url", change.url.is_some()),
        ("auth", change.auth.is_some()),
        ("secret", change.secret.is_some()),
        ("enabled", change.enabled.is_some()),
    ];
    let names: Vec<&str> = fields.into_iter().filter_map(|(name, is)| is.then_some(name)).collect();
    let ask = names.iter().any(|name| *name != "title");
    let server = McpServer {
        title: change.title.map_or_else(|| before.server.title.clone(), |t| t.trim().to_owned()),
        url: change.url.map_or_else(|| before.server.url.clone(), |t| t.trim().to_owned()),
        auth: change.auth.unwrap_or_else(|| before.server.auth.clone()),
        enabled: change.enabled.unwrap_or(before.server.enabled),
        updated_at: web.desk.now(),
        ..before.server.clone()
    };
    let keeps = before.sealed.is_some() && !check::goes_elsewhere(&before.server, &server);
    refuse(&web, &server, change.secret.as_ref(), keeps)?;
    if ask {
        caller.slowly(&web, QUESTIONS)?;
    }
    // What a person consented to was for exactly this server, and for who we were there.
    let moves = server.url != before.server.url || server.auth != before.server.auth || change.secret.is_some();
    let was = before.clone();
    let sealed = match (&server.auth, change.secret) {
        (McpAuth::None, _) => None,
        (_, Some(secret)) => Some(keep::sealed(&web.desk, &caller.scope, &server, &secret)),
        (_, None) => before.sealed.filter(|_| keeps),
    };
    let another = check::is_another(&before.server, &server);
    let mut detail = json!({ "name": server.name, "changed": names, "url": server.url });
    if another {
        detail["approvals"] = "withdrawn".into();
    }
    let entry = caller.entry(&web, "mcp_server.update", id.as_str(), detail);
    let (s, enabled, kept) = (caller.scope.clone(), server.enabled, Kept { server, sealed, sealed_for: None });
    let done = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            if !mcp::change(tx, &s, &kept).await? {
                return Ok(None);
            }
            if another {
                mcp::withdraw(tx, &s, &kept.server.id, kept.server.updated_at).await?;
            }
            audit::write(tx, &s, &entry).await?;
            Ok(Some(if moves { mcp_grants::take(tx, &s, &kept.server.id).await? } else { None }))
        }),
    );
    let Some(dropped) = done.await? else {
        return Err(Problem::conflict("changed", "Somebody changed it a moment ago: read it again."));
    };
    changed(&web, &caller, &id);
    if let Some(grant) = dropped {
        consent::give_back(&web.desk, &caller.scope, was, grant);
    }
    if ask && enabled {
        keep::refresh(&web.desk, &caller.scope, &id).await?;
    }
    view(&web, &caller, &id).await
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HowToRemove {
    /// Also when agents chose tools of it.
    #[serde(default)]
    force: bool,
}

/// Remove a server
///
/// Its tools go with it, and what was approved of them.
#[utoipa::path(delete, path = "/mcp-servers/{id}", tag = "tools", operation_id = "remove_mcp_server",
    params(("id" = McpServerId, Path), HowToRemove), responses((status = 204)))]
pub(crate) async fn delete(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<McpServerId>,
    Query(how): Query<HowToRemove>,
) -> Result<Deleted, Problem> {
    caller.require("tool:write")?;
    let kept = one(&web, &caller, &id).await?;
    caller.if_match(kept.server.updated_at)?;
    if !how.force {
        let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
        let view = view.ok_or_else(|| Problem::not_found("tenant"))?;
        let tools = tools_of(&web, &caller, &id).await?;
        let mut users: Vec<&str> = tools.iter().flat_map(|t| agents_with(&view, &t.shown_as).map(|a| a.name.as_str())).collect();
        users.sort_unstable();
        users.dedup();
        if !users.is_empty() {
            return Err(Problem::conflict("in_use", format!("Agents use its tools: {}.", users.join(", "))));
        }
    }
    let entry = caller.entry(&web, "mcp_server.delete", id.as_str(), json!({ "name": kept.server.name, "url": kept.server.url }));
    let (s, i) = (caller.scope.clone(), id.clone());
    let removed = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            if mcp::remove(tx, &s, &i).await? {
                audit::write(tx, &s, &entry).await?;
            }
            mcp_grants::take(tx, &s, &i).await
        }),
    );
    let dropped = removed.await?;
    changed(&web, &caller, &id);
    if let Some(grant) = dropped {
        consent::give_back(&web.desk, &caller.scope, kept, grant);
    }
    Ok(Deleted)
}

/// Ask a server what it offers now
///
/// Whether it answered is told in the result. What changed since it was approved is off until somebody approves it anew.
#[utoipa::path(post, path = "/mcp-servers/{id}/refresh", tag = "tools", operation_id = "refresh_mcp_server",
    params(("id" = McpServerId, Path)), responses((status = 200, body = McpServerView)))]
pub(crate) async fn refresh(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<McpServerId>,
) -> Result<Found<McpServerView>, Problem> {
    caller.require("tool:write")?;
    one(&web, &caller, &id).await?;
    caller.slowly(&web, QUESTIONS)?;
    let entry = caller.entry(&web, "mcp_server.refresh", id.as_str(), json!({}));
    let s = caller.scope.clone();
    web.desk.db.write(&caller.scope, work!(tx => audit::write(tx, &s, &entry).await)).await?;
    keep::refresh(&web.desk, &caller.scope, &id).await?.ok_or_else(|| Problem::not_found("server"))?;
    view(&web, &caller, &id).await
}

fn refuse(web: &Web, server: &McpServer, secret: Option<&Secret>, keeps: bool) -> Result<(), Problem> {
    let flaws = check::flaws(server, secret, keeps, web.desk.http.as_ref());
    if flaws.is_empty() {
        return Ok(());
    }
    Err(Problem::fields(flaws.into_iter().map(|f| Field { path: f.path, problem: f.problem }).collect()))
}

fn kind(auth: &McpAuth) -> &'static str {
    match auth {
        McpAuth::None => "none",
        McpAuth::Bearer {} => "bearer",
        McpAuth::Header { .. } => "header",
        McpAuth::ClientCredentials(_) => "client_credentials",
        McpAuth::AuthorizationCode(_) => "authorization_code",
    }
}

/// After the commit: turns see it at once, and so does the console.
pub(super) fn changed(web: &Web, caller: &Caller, id: &McpServerId) {
    web.desk.directory.invalidate();
    web.desk.events.tell(caller.scope.tenant(), Event::new("tool.changed", id.as_str()));
}
