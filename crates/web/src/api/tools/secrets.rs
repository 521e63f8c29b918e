//! Secrets of tools: written, never read. Each is sent to one host only.

use axum::extract::State;
use frontdesk_engine::{
    events::Event,
    http_tools::{
        host_of,
        keep::{self, Shelf},
    },
};
use frontdesk_kernel::{Secret, http_tool::is_secret_name};
use frontdesk_store::{audit, http_tools, http_tools::ToolSecret, work};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    Web,
    kit::{Body, Caller, Deleted, Found, Path, Problem, Time},
};

#[derive(Serialize, ToSchema)]
pub(crate) struct ToolSecrets {
    items: Vec<ToolSecretShown>,
}

/// A secret that is set; its value is never shown.
#[derive(Serialize, ToSchema)]
#[schema(as = ToolSecret)]
pub(crate) struct ToolSecretShown {
    name: String,
    /// The only host that it is sent to.
    host: String,
    /// Where it buys tokens: then it goes there only, and the tokens to `host` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token_host: Option<String>,
    /// Names of tools.
    used_by: Vec<String>,
    updated_at: Time,
}

/// Secrets that are set
#[utoipa::path(get, path = "/tools/secrets", tag = "tools", operation_id = "list_secrets", responses((status = 200, body = ToolSecrets)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<ToolSecrets>, Problem> {
    caller.require("tool:read")?;
    let shelf = Shelf::of(&web.desk, &caller.scope).await?;
    let shown = shelf.secrets.iter().map(|s| ToolSecretShown {
        name: s.name.clone(),
        host: s.host.clone(),
        token_host: s.token_host.clone(),
        used_by: shelf.users_of(&s.name),
        updated_at: s.updated_at.into(),
    });
    Ok(Found(ToolSecrets { items: shown.collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSecret {
    /// `api.example.com`, with `:port` where it is not that of https.
    host: String,
    /// The host where tokens are given for it (OAuth client credentials): it goes there instead, and the tokens go to `host`.
    #[serde(default)]
    token_host: Option<String>,
    #[schema(value_type = String, write_only)]
    value: Secret,
}

/// Set or replace a secret
///
/// The host comes with it: whoever may change tools cannot send it elsewhere without knowing it.
#[utoipa::path(put, path = "/tools/secrets/{name}", tag = "tools", operation_id = "put_secret", params(("name" = String, Path)),
    request_body = NewSecret, responses((status = 204)))]
pub(crate) async fn put(
    State(web): State<Web>,
    caller: Caller,
    Path(name): Path<String>,
    Body(new): Body<NewSecret>,
) -> Result<Deleted, Problem> {
    caller.require("tool:write")?;
    if !is_secret_name(&name) {
        return Err(Problem::field("name", "must begin with a letter and hold letters, digits and `_` only, at most 64"));
    }
    if name.starts_with("LEGACY_") {
        return Err(Problem::field("name", "names that begin with LEGACY_ belong to tools of the predecessor's routes"));
    }
    let host = read_host("host", &new.host)?;
    let token_host = new.token_host.as_deref().map(|text| read_host("token_host", text)).transpose()?;
    if let Some(problem) = keep::secret_problem(&new.value) {
        return Err(Problem::field("value", problem));
    }
    let entry = caller.entry(&web, "tool_secret.set", &name, json!({ "host": host, "token_host": token_host }));
    let sealed = keep::sealed(&web.desk, &caller.scope, &name, &host, &new.value, None, web.desk.now());
    let secret = ToolSecret { token_host, ..sealed };
    let s = caller.scope.clone();
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                http_tools::put_secret(tx, &s, &secret).await?;
                audit::write(tx, &s, &entry).await
            }),
        )
        .await?;
    changed(&web, &caller, &name);
    Ok(Deleted)
}

fn read_host(field: &'static str, text: &str) -> Result<String, Problem> {
    let text = text.trim().to_ascii_lowercase();
    let host = host_of(&format!("https://{text}")).filter(|host| *host == text);
    host.ok_or_else(|| Problem::field(field, "must be a host like api.example.com or api.example.com:8443"))
}

/// Delete a secret
///
/// Not while a tool sends it.
#[utoipa::path(delete, path = "/tools/secrets/{name}", tag = "tools", operation_id = "delete_secret", params(("name" = String, Path)),
    responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, caller: Caller, Path(name): Path<String>) -> Result<Deleted, Problem> {
    caller.require("tool:write")?;
    let shelf = Shelf::of(&web.desk, &caller.scope).await?;
    if !shelf.secrets.iter().any(|s| s.name == name) {
        return Err(Problem::not_found("secret"));
    }
    let users = shelf.users_of(&name);
    if !users.is_empty() {
        return Err(Problem::conflict("in_use", format!("Tools send it: {}.", users.join(", "))));
    }
    let entry = caller.entry(&web, "tool_secret.delete", &name, json!({}));
    let (s, n) = (caller.scope.clone(), name.clone());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                http_tools::delete_secret(tx, &s, &n).await?;
                audit::write(tx, &s, &entry).await
            }),
        )
        .await?;
    changed(&web, &caller, &name);
    Ok(Deleted)
}

fn changed(web: &Web, caller: &Caller, name: &str) {
    web.desk.directory.invalidate();
    web.desk.events.tell(caller.scope.tenant(), Event::new("tool.changed", name));
}
