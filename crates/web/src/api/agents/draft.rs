//! Drafts: what is being written, saved as it is written, published with a note.

use axum::extract::State;
use frontdesk_engine::agents::{self as rules, Edition, LONGEST_NOTE, LONGEST_PROMPT};
use frontdesk_kernel::{
    Timestamp,
    agent::{Agent, AgentSpec},
    ids::AgentId,
};
use frontdesk_store::{
    audit,
    versions::{self as stored, Draft, Times},
    work,
};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    changed, fit, gone, in_words, one_line, own_servers, read,
    shown::{DraftView, SpecBody, VersionView},
    view,
};
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Path, Problem},
};

/// What a draft's tag stands for: its last change, or the publication it would begin from.
fn tag(times: &Times) -> Timestamp {
    times.drafted_at.unwrap_or(times.published_at)
}

/// What is being written, or what is published when nothing is
#[utoipa::path(get, path = "/agents/{id}/draft", tag = "agents", params(("id" = AgentId, Path)), operation_id = "draft", responses((status = 200, body = DraftView)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<AgentId>) -> Result<Found<DraftView>, Problem> {
    caller.require("agent:read")?;
    let (agent, times, draft) = found(&web, &caller, &id).await?;
    let spec = draft.as_ref().map_or(&agent.spec, |d| &d.spec);
    let problems = rules::faults(&web.desk, &*view(&web, &caller).await?, spec).await;
    Ok(Found::tagged(DraftView::of(&agent, draft, problems), tag(&times)))
}

async fn found(web: &Web, caller: &Caller, id: &AgentId) -> Result<(Agent, Times, Option<Draft>), Problem> {
    let (s, i) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(
        &caller.scope,
        work!(tx => {
            let Some((agent, times)) = read(tx, &s, &i).await? else { return Ok(None) };
            Ok(Some((agent, times, stored::draft(tx, &s, &i).await?)))
        }),
    );
    found.await?.ok_or_else(gone)
}

/// Save what is being written
///
/// What is wrong with it is told and does not keep it from being saved, only from being published. With `If-Match`, a change by
/// somebody else in the meantime is 412.
#[utoipa::path(put, path = "/agents/{id}/draft", tag = "agents", params(("id" = AgentId, Path)), request_body = SpecBody, operation_id = "save_draft", responses((status = 200, body = DraftView)))]
pub(crate) async fn save(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Body(body): Body<SpecBody>,
) -> Result<Found<DraftView>, Problem> {
    caller.require("agent:write")?;
    let spec = AgentSpec::from(body);
    if spec.prompt.chars().count() > LONGEST_PROMPT {
        return Err(Problem::field("prompt", format!("longer than {LONGEST_PROMPT} characters")));
    }
    if spec.models.len() > 50 || spec.tools.as_ref().is_some_and(|t| t.len() > 500) {
        return Err(Problem::invalid("Too many models or tools."));
    }
    let (s, c, i, now) = (caller.scope.clone(), caller.clone(), id.clone(), web.desk.now());
    let entry = caller.entry(&web, "agent.draft", id.as_str(), json!({}));
    let saved = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            let Some((agent, times)) = read(tx, &s, &i).await? else { return Ok(Err(gone())) };
            if let Err(problem) = c.if_match(tag(&times)) {
                return Ok(Err(problem));
            }
            let before = stored::draft(tx, &s, &i).await?;
            let known: Vec<&AgentSpec> = before.iter().map(|d| &d.spec).chain([&agent.spec]).collect();
            if let Err(problem) = own_servers(&c, &spec, &known) {
                return Ok(Err(problem));
            }
            let draft = Draft {
                spec,
                based_on: before.as_ref().map_or(agent.version, |d| d.based_on),
                // Two savings in one millisecond are two states.
                updated_at: now.max(Timestamp(tag(&times).0 + 1)),
            };
            if !stored::save_draft(tx, &s, &i, &draft, before.as_ref().map(|d| d.updated_at)).await? {
                return Ok(Err(in_words(rules::Refusal::Stale)));
            }
            // Beginning a draft is worth a line, each keystroke is not.
            if before.is_none() {
                audit::write(tx, &s, &entry).await?;
            }
            Ok(Ok((agent, draft)))
        }),
    );
    let (agent, draft) = saved.await??;
    let problems = rules::faults(&web.desk, &*view(&web, &caller).await?, &draft.spec).await;
    let tag = draft.updated_at;
    web.desk.events.tell(caller.scope.tenant(), frontdesk_engine::events::Event::new("agent.drafted", id.as_str()));
    Ok(Found::tagged(DraftView::of(&agent, Some(draft), problems), tag))
}

/// Throw the draft away
///
/// What is published stays as it is.
#[utoipa::path(delete, path = "/agents/{id}/draft", tag = "agents", params(("id" = AgentId, Path)), operation_id = "discard_draft", responses((status = 204)))]
pub(crate) async fn discard(State(web): State<Web>, caller: Caller, Path(id): Path<AgentId>) -> Result<Deleted, Problem> {
    caller.require("agent:write")?;
    let (s, c, i) = (caller.scope.clone(), caller.clone(), id.clone());
    let entry = caller.entry(&web, "agent.discard", id.as_str(), json!({}));
    let done = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            let Some((_, times)) = read(tx, &s, &i).await? else { return Ok(Err(gone())) };
            if let Err(problem) = c.if_match(tag(&times)) {
                return Ok(Err(problem));
            }
            if stored::drop_draft(tx, &s, &i).await? {
                audit::write(tx, &s, &entry).await?;
            }
            Ok(Ok(()))
        }),
    );
    done.await??;
    changed(&web, &caller, &id);
    Ok(Deleted)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publication {
    /// What changed and why, for the list of versions.
    #[schema(min_length = 1, max_length = 500)]
    note: String,
}

/// Publish the draft
///
/// From the next turn on it answers. What is wrong with it is 422, with line and column where it is the prompt.
#[utoipa::path(post, path = "/agents/{id}/publish", tag = "agents", params(("id" = AgentId, Path)), request_body = Publication, responses((status = 201, body = VersionView)))]
pub(crate) async fn publish(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Body(body): Body<Publication>,
) -> Result<Created<VersionView>, Problem> {
    caller.require("agent:write")?;
    let note = one_line("note", &body.note, LONGEST_NOTE)?;
    let (agent, times, draft) = found(&web, &caller, &id).await?;
    caller.if_match(tag(&times))?;
    let Some(draft) = draft else {
        return Err(Problem::conflict("nothing_to_publish", "There is no draft: what is published is what there is."));
    };
    fit(&web, &*view(&web, &caller).await?, &draft.spec).await?;
    let (s, i, now, author) = (caller.scope.clone(), id.clone(), web.desk.now(), caller.actor.id().to_owned());
    let now = now.max(Timestamp(times.updated_at.0.max(times.published_at.0) + 1));
    let (c, w) = (caller.clone(), web.clone());
    let published = web.desk.db.write(&caller.scope, work!(tx => {
        // What was checked is what is published.
        if stored::draft(tx, &s, &i).await?.is_none_or(|d| d.updated_at != draft.updated_at) {
            return Ok(Err(in_words(rules::Refusal::Stale)));
        }
        let edition = Edition { seen: agent.version, spec: &draft.spec, note: &note, author: Some(&author), ends_draft: true };
        let version = match rules::publish(tx, &s, &i, &edition, now).await? {
            Ok(version) => version,
            Err(why) => return Ok(Err(in_words(why))),
        };
        audit::write(tx, &s, &c.entry(&w, "agent.publish", i.as_str(), json!({ "version": version, "note": note }))).await?;
        Ok(stored::get(tx, &s, &i, version).await?.ok_or_else(gone))
    }));
    let version = published.await??;
    changed(&web, &caller, &id);
    let n = version.version;
    Ok(Created::at(format!("/api/v1/agents/{id}/versions/{n}"), VersionView::of(version, n)))
}
