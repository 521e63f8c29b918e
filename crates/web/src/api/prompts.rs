//! The library of prompts.

use axum::extract::State;
use frontdesk_engine::{agents::LONGEST_PROMPT, events::Event};
use frontdesk_kernel::{Timestamp, ids::PromptId};
use frontdesk_store::{
    audit,
    prompts::{self as stored, Changed, Prompt},
    work,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Page, Patch, Path, Problem, Query, Time},
};

pub(crate) const LONGEST_NAME: usize = 100;
pub(crate) const LARGEST_METADATA: usize = 64 * 1024;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, update, delete))
}

/// A named text.
#[derive(Serialize, ToSchema)]
#[schema(as = Prompt)]
pub(crate) struct PromptView {
    id: PromptId,
    /// What `/ui/prompts/api` calls it by.
    number: i64,
    name: String,
    content: String,
    /// Whatever belongs to it; stored, never run.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
    created_at: Time,
    updated_at: Time,
}

impl From<Prompt> for PromptView {
    fn from(p: Prompt) -> PromptView {
        PromptView {
            id: p.id,
            number: p.number,
            name: p.name,
            content: p.content,
            metadata: p.metadata,
            created_at: p.created_at.into(),
            updated_at: p.updated_at.into(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    /// Words in the name or the content.
    #[param(max_length = 200)]
    q: Option<String>,
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// The library, by name
#[utoipa::path(get, path = "/prompts", tag = "prompts", params(List), responses((status = 200, body = Page<PromptView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<PromptView>>, Problem> {
    caller.require("prompt:read")?;
    let words = q.q.as_deref().map(str::trim).filter(|w| !w.is_empty()).map(str::to_owned);
    if words.as_ref().is_some_and(|w| w.chars().count() > 200) {
        return Err(Problem::field("q", "longer than 200 characters"));
    }
    let window = web.window::<String>(&caller, "prompts", q.cursor.as_deref(), q.limit)?;
    let (s, limit, after) = (caller.scope.clone(), window.limit, window.after);
    let found = web
        .desk
        .db
        .read(&caller.scope, work!(tx => stored::list(tx, &s, words.as_deref(), after.as_deref(), limit + 1).await))
        .await?;
    Ok(Found(web.page(&caller, "prompts", limit, found, |p| p.name.clone()).map(PromptView::from)))
}

/// One prompt
#[utoipa::path(get, path = "/prompts/{id}", tag = "prompts", params(("id" = PromptId, Path)), responses((status = 200, body = PromptView)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<PromptId>) -> Result<Found<PromptView>, Problem> {
    caller.require("prompt:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => stored::get(tx, &s, &id).await)).await?.ok_or_else(gone)?;
    let tag = found.updated_at;
    Ok(Found::tagged(found.into(), tag))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPrompt {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(max_length = 100_000)]
    content: String,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Map<String, Value>>,
}

/// Add a prompt
#[utoipa::path(post, path = "/prompts", tag = "prompts", request_body = NewPrompt, responses((status = 201, body = PromptView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewPrompt>,
) -> Result<Created<PromptView>, Problem> {
    caller.require("prompt:write")?;
    let now = web.desk.now();
    let prompt = Prompt {
        id: web.desk.id(),
        number: 0,
        name: name_of(&new.name)?,
        content: content_of(new.content)?,
        metadata: metadata_of(new.metadata)?,
        created_at: now,
        updated_at: now,
    };
    let s = caller.scope.clone();
    let entry = caller.entry(&web, "prompt.create", prompt.id.as_str(), json!({ "name": prompt.name }));
    let kept = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            let Some(kept) = stored::insert(tx, &s, &prompt).await? else { return Ok(None) };
            audit::write(tx, &s, &entry).await?;
            Ok(Some(kept))
        }),
    );
    let kept = kept.await?.ok_or_else(taken)?;
    changed(&web, &caller, &kept.id);
    let tag = kept.updated_at;
    Ok(Created::at(format!("/api/v1/prompts/{}", kept.id), PromptView::from(kept)).tagged(tag))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PromptPatch {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    #[serde(default)]
    #[schema(max_length = 100_000)]
    content: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    metadata: Patch<Map<String, Value>>,
}

/// Change a prompt
#[utoipa::path(patch, path = "/prompts/{id}", tag = "prompts", params(("id" = PromptId, Path)), request_body = PromptPatch, responses((status = 200, body = PromptView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<PromptId>,
    Body(patch): Body<PromptPatch>,
) -> Result<Found<PromptView>, Problem> {
    caller.require("prompt:write")?;
    let s = caller.scope.clone();
    let i = id.clone();
    let before = web.desk.db.read(&caller.scope, work!(tx => stored::get(tx, &s, &i).await)).await?.ok_or_else(gone)?;
    caller.if_match(before.updated_at)?;
    let after = Prompt {
        name: patch.name.as_deref().map_or_else(|| Ok(before.name.clone()), name_of)?,
        content: patch.content.map_or_else(|| Ok(before.content.clone()), content_of)?,
        metadata: metadata_of(patch.metadata.over(before.metadata.clone()))?,
        updated_at: web.desk.now().max(Timestamp(before.updated_at.0 + 1)),
        ..before.clone()
    };
    let entry = caller.entry(&web, "prompt.update", id.as_str(), json!({ "fields": fields(&before, &after) }));
    match change(&web, &caller.scope, &after, before.updated_at, entry).await? {
        Changed::Kept => {}
        Changed::NameTaken => return Err(taken()),
        Changed::Stale => {
            return Err(Problem::conflict("changed", "It was changed by somebody else a moment ago: read it again."));
        }
    }
    changed(&web, &caller, &id);
    let tag = after.updated_at;
    Ok(Found::tagged(after.into(), tag))
}

/// Writes a change with its line in the audit log; a lost race for the name is a taken name.
pub(crate) async fn change(
    web: &Web,
    scope: &frontdesk_kernel::Scope,
    after: &Prompt,
    as_of: Timestamp,
    entry: audit::Entry,
) -> Result<Changed, Problem> {
    let (s, p) = (scope.clone(), after.clone());
    let written = web.desk.db.write(
        scope,
        work!(tx => {
            let what = stored::update(tx, &s, &p, as_of).await?;
            if what == Changed::Kept {
                audit::write(tx, &s, &entry).await?;
            }
            Ok(what)
        }),
    );
    match written.await {
        Err(e) if stored::is_name_taken(&e) => Ok(Changed::NameTaken),
        other => Ok(other?),
    }
}

pub(crate) fn fields(before: &Prompt, after: &Prompt) -> Vec<&'static str> {
    let all = [
        ("name", before.name != after.name),
        ("content", before.content != after.content),
        ("metadata", before.metadata != after.metadata),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// Remove a prompt
///
/// Agents that were started from it keep their words.
#[utoipa::path(delete, path = "/prompts/{id}", tag = "prompts", params(("id" = PromptId, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, caller: Caller, Path(id): Path<PromptId>) -> Result<Deleted, Problem> {
    caller.require("prompt:write")?;
    let (s, c, w, i) = (caller.scope.clone(), caller.clone(), web.clone(), id.clone());
    let removed = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            let Some(prompt) = stored::get(tx, &s, &i).await? else { return Ok(Err(gone())) };
            if let Err(problem) = c.if_match(prompt.updated_at) {
                return Ok(Err(problem));
            }
            stored::delete(tx, &s, &i).await?;
            audit::write(tx, &s, &c.entry(&w, "prompt.delete", i.as_str(), json!({ "name": prompt.name }))).await?;
            Ok(Ok(()))
        }),
    );
    removed.await??;
    changed(&web, &caller, &id);
    Ok(Deleted)
}

fn changed(web: &Web, caller: &Caller, id: &PromptId) {
    web.desk.events.tell(caller.scope.tenant(), Event::new("prompt.changed", id.as_str()));
}

fn gone() -> Problem {
    Problem::not_found("prompt")
}

fn taken() -> Problem {
    Problem::conflict("name_taken", "Another prompt is called so.")
}

fn name_of(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) {
        return Err(Problem::field("name", format!("one line of 1 to {LONGEST_NAME} characters")));
    }
    Ok(text.to_owned())
}

fn content_of(text: String) -> Result<String, Problem> {
    if text.chars().count() > LONGEST_PROMPT {
        return Err(Problem::field("content", format!("longer than {LONGEST_PROMPT} characters")));
    }
    Ok(text)
}

fn metadata_of(metadata: Option<Map<String, Value>>) -> Result<Option<Map<String, Value>>, Problem> {
    match &metadata {
        Some(map) if serde_json::to_string(map).map_or(0, |t| t.len()) > LARGEST_METADATA => {
            Err(Problem::field("metadata", format!("larger than {} KiB", LARGEST_METADATA / 1024)))
        }
        _ => Ok(metadata),
    }
}
