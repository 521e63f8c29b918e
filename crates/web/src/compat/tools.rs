//! `/ui/tools/api`: the predecessor's routes for tools, onto the same table as the console.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::get,
};
use frontdesk_engine::{
    events::Event,
    http_tools::{MOST_TOOLS, keep, legacy_form},
};
use frontdesk_kernel::{
    Scope,
    http_tool::{HttpTool, HttpToolSpec},
    ids::ToolId,
};
use frontdesk_store::{Error, audit, http_tools, http_tools::ToolSecret, work};
use serde_json::{Map, Value, json};

use super::{
    basic::Basic,
    forms::{self, Refused},
};
use crate::Web;

pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/ui/tools/api", get(list).post(create)).route("/ui/tools/api/{id}", get(show).put(update).delete(delete))
}

async fn list(State(web): State<Web>, basic: Basic, uri: Uri) -> Result<Response, Refused> {
    let (skip, limit) = forms::window(&uri)?;
    let s = basic.scope.clone();
    let found = web.desk.db.read(&basic.scope, work!(tx => http_tools::page(tx, &s, skip, limit).await)).await?;
    Ok(Json(found.iter().map(|t| shown(t, None)).collect::<Vec<_>>()).into_response())
}

async fn show(State(web): State<Web>, basic: Basic, Path(id): Path<String>) -> Result<Response, Refused> {
    let tool = one(&web, &basic.scope, &id).await?;
    Ok(Json(shown(&tool, None)).into_response())
}

async fn create(State(web): State<Web>, basic: Basic, body: Bytes) -> Result<Response, Refused> {
    let given = forms::object(&body)?;
    let mut flaws = forms::Flaws::default();
    let name = flaws.text(&given, "name", 1, 100);
    let description = flaws.text(&given, "description", 0, 10_000);
    let parameters = flaws.map(&given, "parameters");
    let api_config = flaws.map(&given, "api_config");
    flaws.end()?;
    let (name, description) = (name.unwrap_or_default(), description.unwrap_or_default());
    let id: ToolId = web.desk.id();
    let (kept, sealings) = legacy_form::without_credentials(&id, &api_config, None);
    let spec = legacy_form::spec(&description, &parameters, &kept).map_err(|problem| forms::invalid("parameters", &problem))?;
    let now = web.desk.now();
    let secrets = sealed(&web, &basic.scope, &id, sealings)?;
    let tool = HttpTool {
        id,
        number: 0,
        name: name.clone(),
        enabled: true,
        version: 1,
        spec,
        probe: None,
        created_at: now,
        updated_at: now,
    };
    let entry = entry(&web, "tool.create", &tool);
    let (s, t) = (basic.scope.clone(), tool.clone());
    let made = web
        .desk
        .db
        .write(
            &basic.scope,
            work!(tx => {
                if http_tools::count(tx, &s).await? >= MOST_TOOLS {
                    return Err(Error::Refused(format!("There are {MOST_TOOLS} tools already.")));
                }
                if !http_tools::insert(tx, &s, &t).await? {
                    return Ok(None);
                }
                for secret in &secrets {
                    http_tools::put_secret(tx, &s, secret).await?;
                }
                audit::write(tx, &s, &entry).await?;
                http_tools::get(tx, &s, &t.id).await
            }),
        )
        .await?;
    let made = made.ok_or_else(|| Refused::bad(format!("Tool name '{name}' already registered")))?;
    changed(&web, &basic.scope, &made.id);
    Ok((StatusCode::CREATED, Json(shown(&made, given.get("api_config")))).into_response())
}

async fn update(State(web): State<Web>, basic: Basic, Path(id): Path<String>, body: Bytes) -> Result<Response, Refused> {
    let given = forms::object(&body)?;
    let mut flaws = forms::Flaws::default();
    let name = given.contains_key("name").then(|| flaws.text(&given, "name", 1, 100)).flatten();
    let description = match given.get("description") {
        None => None,
        Some(Value::Null) => Some(String::new()),
        Some(_) => flaws.text(&given, "description", 0, 10_000),
    };
    let parameters = given.contains_key("parameters").then(|| flaws.map(&given, "parameters"));
    let api_config = given.contains_key("api_config").then(|| flaws.map(&given, "api_config"));
    flaws.end()?;
    let before = one(&web, &basic.scope, &id).await?;
    let (spec, sealings) = changed_spec(&before, description, parameters, api_config)?;
    let secrets = sealed(&web, &basic.scope, &before.id, sealings)?;
    let tool = HttpTool { name: name.unwrap_or_else(|| before.name.clone()), spec, updated_at: web.desk.now(), ..before };
    let entry = entry(&web, "tool.update", &tool);
    let (s, t, wanted) = (basic.scope.clone(), tool.clone(), tool.name.clone());
    let kept = web
        .desk
        .db
        .write(
            &basic.scope,
            work!(tx => {
                http_tools::update(tx, &s, &t).await?;
                for secret in &secrets {
                    http_tools::put_secret(tx, &s, secret).await?;
                }
                // Credentials that it no longer sends are gone.
                let sent = frontdesk_engine::http_tools::secrets_of(&t.spec);
                for old in http_tools::secrets(tx, &s).await? {
                    if old.tool.as_ref() == Some(&t.id) && !sent.contains(&old.name) {
                        http_tools::delete_secret(tx, &s, &old.name).await?;
                    }
                }
                audit::write(tx, &s, &entry).await?;
                http_tools::get(tx, &s, &t.id).await
            }),
        )
        .await;
    let kept = match kept {
        Err(Error::Conflict(_)) => return Err(Refused::bad(format!("Tool name '{wanted}' already exists."))),
        other => other?.ok_or_else(not_found)?,
    };
    changed(&web, &basic.scope, &kept.id);
    Ok(Json(shown(&kept, given.get("api_config"))).into_response())
}

/// A tool of the console's that keeps its request stays what it is; one with a new configuration takes the predecessor's form.
fn changed_spec(
    before: &HttpTool,
    description: Option<String>,
    parameters: Option<Value>,
    api_config: Option<Value>,
) -> Result<(HttpToolSpec, Vec<legacy_form::Sealing>), Refused> {
    let description = description.unwrap_or_else(|| before.spec.description.clone());
    let old = before.spec.legacy.as_ref();
    if old.is_none() && api_config.is_none() {
        let given = parameters.unwrap_or_else(|| before.spec.parameters.clone());
        let parameters = frontdesk_engine::http_tools::schema::normalise(&given).map_err(|p| forms::invalid("parameters", &p))?;
        return Ok((HttpToolSpec { description, parameters, ..before.spec.clone() }, Vec::new()));
    }
    let (shown_parameters, shown_config) = legacy_form::shown(before);
    let parameters = parameters.unwrap_or(shown_parameters);
    let before_config = old.map(|form| form.api_config.clone());
    let (kept, sealings) = match api_config {
        Some(config) => legacy_form::without_credentials(&before.id, &config, before_config.as_ref()),
        None => (before_config.unwrap_or(shown_config), Vec::new()),
    };
    let spec = legacy_form::spec(&description, &parameters, &kept).map_err(|p| forms::invalid("parameters", &p))?;
    // What these routes do not know of stays.
    let HttpToolSpec { title, proves, level, category, amount, .. } = before.spec.clone();
    Ok((HttpToolSpec { title, proves, level, category, amount, ..spec }, sealings))
}

async fn delete(State(web): State<Web>, basic: Basic, Path(id): Path<String>) -> Result<Response, Refused> {
    let tool = one(&web, &basic.scope, &id).await?;
    let entry = entry(&web, "tool.delete", &tool);
    let (s, t) = (basic.scope.clone(), tool.id.clone());
    web.desk
        .db
        .write(
            &basic.scope,
            work!(tx => {
                if http_tools::delete(tx, &s, &t).await? {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(())
            }),
        )
        .await?;
    changed(&web, &basic.scope, &tool.id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn one(web: &Web, scope: &Scope, id: &str) -> Result<HttpTool, Refused> {
    let number = forms::number("tool_id", id)?;
    let s = scope.clone();
    let found = web.desk.db.read(scope, work!(tx => http_tools::by_number(tx, &s, number).await)).await?;
    found.ok_or_else(not_found)
}

fn not_found() -> Refused {
    Refused::not_found("Tool not found")
}

/// Credentials are hidden, but not from whoever sent them a moment ago.
fn shown(tool: &HttpTool, sent: Option<&Value>) -> Value {
    let (parameters, config) = legacy_form::shown(tool);
    let mut shown = Map::new();
    shown.insert("name".into(), tool.name.clone().into());
    shown.insert("description".into(), tool.spec.description.clone().into());
    shown.insert("parameters".into(), parameters);
    shown.insert("api_config".into(), sent.cloned().unwrap_or(config));
    shown.insert("id".into(), tool.number.into());
    Value::Object(shown)
}

fn sealed(web: &Web, scope: &Scope, id: &ToolId, sealings: Vec<legacy_form::Sealing>) -> Result<Vec<ToolSecret>, Refused> {
    let mut secrets = Vec::with_capacity(sealings.len());
    for s in sealings {
        if let Some(problem) = keep::secret_problem(&s.text) {
            return Err(forms::invalid("api_config", &format!("a header's value {problem}")));
        }
        secrets.push(keep::sealed(&web.desk, scope, &s.name, &s.host, &s.text, Some(id.clone()), web.desk.now()));
    }
    Ok(secrets)
}

fn entry(web: &Web, action: &str, tool: &HttpTool) -> audit::Entry {
    audit::Entry {
        id: web.desk.id(),
        actor_kind: "operator".to_owned(),
        actor: String::new(),
        action: action.to_owned(),
        subject: tool.id.as_str().to_owned(),
        detail: json!({ "name": tool.name, "by": "the predecessor's routes" }),
        at: web.desk.now(),
    }
}

fn changed(web: &Web, scope: &Scope, id: &ToolId) {
    web.desk.directory.invalidate();
    web.desk.events.tell(scope.tenant(), Event::new("tool.changed", id.as_str()));
}
