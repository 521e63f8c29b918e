//! `/ui/prompts/api`: the predecessor's routes for prompts, onto the same table as the console.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use frontdesk_engine::{agents::LONGEST_PROMPT, events::Event};
use frontdesk_kernel::{Scope, Timestamp};
use frontdesk_store::{
    audit,
    prompts::{self, Changed, Prompt},
    work,
};
use serde_json::{Map, Value, json};

use super::{
    basic::Basic,
    forms::{self, Refused},
};
use crate::{
    Web,
    api::prompts::{LARGEST_METADATA, LONGEST_NAME, fields},
};

pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/ui/prompts/api", get(list).post(create))
        .route("/ui/prompts/api/{id}", get(show).put(update).delete(delete))
        // What was shown there is in the console now.
        .route("/ui", get(|| async { Redirect::temporary("/") }))
}

async fn list(State(web): State<Web>, basic: Basic, uri: Uri) -> Result<Response, Refused> {
    let (skip, limit) = forms::window(&uri)?;
    let s = basic.scope.clone();
    let found = web.desk.db.read(&basic.scope, work!(tx => prompts::numbered(tx, &s, skip, limit).await)).await?;
    Ok(Json(found.iter().map(shown).collect::<Vec<_>>()).into_response())
}

async fn show(State(web): State<Web>, basic: Basic, Path(id): Path<String>) -> Result<Response, Refused> {
    let prompt = one(&web, &basic.scope, &id).await?;
    Ok(Json(shown(&prompt)).into_response())
}

async fn create(State(web): State<Web>, basic: Basic, body: Bytes) -> Result<Response, Refused> {
    let given = forms::object(&body)?;
    let mut flaws = forms::Flaws::default();
    let name = flaws.text(&given, "name", 1, LONGEST_NAME);
    let content = flaws.text(&given, "content", 0, LONGEST_PROMPT);
    let metadata = flaws.map(&given, "metadata");
    flaws.end()?;
    let now = web.desk.now();
    let prompt = Prompt {
        id: web.desk.id(),
        number: 0,
        name: name.unwrap_or_default(),
        content: content.unwrap_or_default(),
        metadata: bounded(metadata)?,
        created_at: now,
        updated_at: now,
    };
    let entry = entry(&web, "prompt.create", &prompt, json!({ "name": prompt.name }));
    let (s, p) = (basic.scope.clone(), prompt.clone());
    let made = web
        .desk
        .db
        .write(
            &basic.scope,
            work!(tx => {
                let Some(made) = prompts::insert(tx, &s, &p).await? else { return Ok(None) };
                audit::write(tx, &s, &entry).await?;
                Ok(Some(made))
            }),
        )
        .await?;
    let made = made.ok_or_else(|| Refused::bad(format!("Prompt name '{}' already registered", prompt.name)))?;
    changed(&web, &basic.scope, &made);
    Ok((StatusCode::CREATED, Json(shown(&made))).into_response())
}

/// Absent members stay; `null` clears the metadata.
async fn update(State(web): State<Web>, basic: Basic, Path(id): Path<String>, body: Bytes) -> Result<Response, Refused> {
    let given = forms::object(&body)?;
    let mut flaws = forms::Flaws::default();
    let name = given.contains_key("name").then(|| flaws.text(&given, "name", 1, LONGEST_NAME)).flatten();
    let content = given.contains_key("content").then(|| flaws.text(&given, "content", 0, LONGEST_PROMPT)).flatten();
    let metadata = given.contains_key("metadata").then(|| flaws.map(&given, "metadata"));
    flaws.end()?;
    let metadata = metadata.map(bounded).transpose()?;
    loop {
        let before = one(&web, &basic.scope, &id).await?;
        let after = Prompt {
            name: name.clone().unwrap_or_else(|| before.name.clone()),
            content: content.clone().unwrap_or_else(|| before.content.clone()),
            metadata: metadata.clone().unwrap_or_else(|| before.metadata.clone()),
            updated_at: web.desk.now().max(Timestamp(before.updated_at.0 + 1)),
            ..before.clone()
        };
        let taken = || Refused::bad(format!("Prompt name '{}' already exists.", after.name));
        let entry = entry(&web, "prompt.update", &after, json!({ "fields": fields(&before, &after) }));
        let (s, p) = (basic.scope.clone(), after.clone());
        let written = web
            .desk
            .db
            .write(
                &basic.scope,
                work!(tx => {
                    let what = prompts::update(tx, &s, &p, before.updated_at).await?;
                    if what == Changed::Kept {
                        audit::write(tx, &s, &entry).await?;
                    }
                    Ok(what)
                }),
            )
            .await;
        match written {
            Ok(Changed::Kept) => {
                changed(&web, &basic.scope, &after);
                return Ok(Json(shown(&after)).into_response());
            }
            // It is a partial update: what somebody else changed a moment ago stays. Should it be gone, the next look says so.
            Ok(Changed::Stale) => {}
            Ok(Changed::NameTaken) => return Err(taken()),
            Err(e) if prompts::is_name_taken(&e) => return Err(taken()),
            Err(e) => return Err(e.into()),
        }
    }
}

async fn delete(State(web): State<Web>, basic: Basic, Path(id): Path<String>) -> Result<Response, Refused> {
    let prompt = one(&web, &basic.scope, &id).await?;
    let entry = entry(&web, "prompt.delete", &prompt, json!({ "name": prompt.name }));
    let (s, i) = (basic.scope.clone(), prompt.id.clone());
    web.desk
        .db
        .write(
            &basic.scope,
            work!(tx => {
                if prompts::delete(tx, &s, &i).await? {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(())
            }),
        )
        .await?;
    changed(&web, &basic.scope, &prompt);
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn one(web: &Web, scope: &Scope, id: &str) -> Result<Prompt, Refused> {
    let number = forms::number("prompt_id", id)?;
    let s = scope.clone();
    let found = web.desk.db.read(scope, work!(tx => prompts::by_number(tx, &s, number).await)).await?;
    found.ok_or_else(|| Refused::not_found("Prompt not found"))
}

fn bounded(metadata: Value) -> Result<Option<Map<String, Value>>, Refused> {
    match metadata {
        Value::Object(map) if serde_json::to_string(&map).map_or(0, |text| text.len()) > LARGEST_METADATA => {
            Err(forms::invalid("metadata", &format!("larger than {} KiB", LARGEST_METADATA / 1024)))
        }
        Value::Object(map) => Ok(Some(map)),
        _ => Ok(None),
    }
}

fn shown(p: &Prompt) -> Value {
    json!({ "name": p.name, "content": p.content, "metadata": p.metadata, "id": p.number })
}

fn entry(web: &Web, action: &str, prompt: &Prompt, mut detail: Value) -> audit::Entry {
    detail["by"] = "the predecessor's routes".into();
    audit::Entry {
        id: web.desk.id(),
        actor_kind: "operator".to_owned(),
        actor: String::new(),
        action: action.to_owned(),
        subject: prompt.id.as_str().to_owned(),
        detail,
        at: web.desk.now(),
    }
}

fn changed(web: &Web, scope: &Scope, prompt: &Prompt) {
    web.desk.events.tell(scope.tenant(), Event::new("prompt.changed", prompt.id.as_str()));
}
