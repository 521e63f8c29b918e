//! Agents: who answers. What is written is a draft; what is published answers, and every publication is kept.

mod draft;
mod models;
mod playground;
mod preview;
mod shown;
mod versions;

use axum::extract::State;
use frontdesk_engine::{
    agents::{self as rules, LONGEST_NAME, Refusal},
    directory::View,
    events::Event,
};
use frontdesk_kernel::{
    agent::{Agent, AgentSpec},
    ids::{AgentId, PromptId},
};
use frontdesk_store::{Tx, agents, audit, prompts, versions as stored, work};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::shown::{AgentList, AgentView, SpecBody};
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Path, Problem, problem::Field},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, update, delete))
        .routes(routes!(draft::show, draft::save, draft::discard))
        .routes(routes!(draft::publish))
        .routes(routes!(versions::list))
        .routes(routes!(versions::show))
        .routes(routes!(versions::restore))
        .routes(routes!(preview::variables))
        .routes(routes!(preview::preview))
        .routes(routes!(preview::tools))
        .routes(routes!(models::list))
        .routes(routes!(playground::run))
}

/// Every agent, the default one first
///
/// Together with its published version; drafts are read one by one.
#[utoipa::path(get, path = "/agents", tag = "agents", responses((status = 200, body = AgentList)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<AgentList>, Problem> {
    caller.require("agent:read")?;
    let s = caller.scope.clone();
    let (all, times) = web
        .desk
        .db
        .read(&caller.scope, work!(tx => Ok((agents::list(tx, &s).await?, stored::times(tx, &s, None).await?))))
        .await?;
    let items = all.into_iter().filter_map(|a| {
        let times = times.iter().find(|t| t.agent == a.id)?;
        Some(AgentView::of(a, times))
    });
    Ok(Found(AgentList { items: items.collect() }))
}

/// One agent with its published version
#[utoipa::path(get, path = "/agents/{id}", tag = "agents", params(("id" = AgentId, Path)), responses((status = 200, body = AgentView)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<AgentId>) -> Result<Found<AgentView>, Problem> {
    caller.require("agent:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(
        &caller.scope,
        work!(tx => Ok(match agents::get(tx, &s, &id).await? {
            Some(agent) => stored::times(tx, &s, Some(&id)).await?.pop().map(|times| (agent, times)),
            None => None,
        })),
    );
    let (agent, times) = found.await?.ok_or_else(gone)?;
    let tag = times.updated_at;
    Ok(Found::tagged(AgentView::of(agent, &times), tag))
}

/// A new agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAgent {
    #[schema(min_length = 1, max_length = 120)]
    name: String,
    /// It answers where no other agent is named.
    #[serde(default)]
    is_default: bool,
    /// What it consists of; absent = the built-in prompt, the server's models and every tool.
    #[serde(default)]
    spec: Option<SpecBody>,
    /// A prompt of the library to begin with.
    #[serde(default)]
    prompt: Option<PromptId>,
}

/// Make an agent
///
/// Its first version is published at once: it answers nowhere until a channel names it or it is the default.
#[utoipa::path(post, path = "/agents", tag = "agents", request_body = NewAgent, responses((status = 201, body = AgentView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewAgent>,
) -> Result<Created<AgentView>, Problem> {
    caller.require("agent:write")?;
    let name = name_of(&new.name)?;
    let mut spec = new.spec.map(AgentSpec::from).unwrap_or_default();
    if let Some(id) = new.prompt {
        caller.require("prompt:read")?;
        if !spec.prompt.is_empty() {
            return Err(Problem::field("prompt", "give either a prompt of the library or words of its own"));
        }
        let s = caller.scope.clone();
        let found = web.desk.db.read(&caller.scope, work!(tx => prompts::get(tx, &s, &id).await)).await?;
        spec.prompt = found.ok_or_else(|| Problem::field("prompt", "there is no such prompt in the library"))?.content;
    }
    own_servers(&caller, &spec, &[])?;
    fit(&web, &*view(&web, &caller).await?, &spec).await?;
    let agent = Agent { id: web.desk.id(), name, is_default: new.is_default, version: 1, spec };
    let (s, now, author) = (caller.scope.clone(), web.desk.now(), caller.actor.id().to_owned());
    let entry = caller.entry(&web, "agent.create", agent.id.as_str(), json!({ "name": agent.name, "default": agent.is_default }));
    let made = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            if let Err(why) = rules::create(tx, &s, &agent, Some(&author), now).await? {
                return Ok(Err(why));
            }
            audit::write(tx, &s, &entry).await?;
            let times = stored::times(tx, &s, Some(&agent.id)).await?.pop();
            Ok(Ok((agent, times)))
        }),
    );
    let (agent, times) = made.await?.map_err(in_words)?;
    let times = times.ok_or_else(gone)?;
    changed(&web, &caller, &agent.id);
    let location = format!("/api/v1/agents/{}", agent.id);
    Ok(Created::at(location, AgentView::of(agent, &times)).tagged(times.updated_at))
}

/// What changes beside the versions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentPatch {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 120)]
    name: Option<String>,
    /// `true`: it answers where no other agent is named, instead of the one that did.
    #[serde(default)]
    is_default: Option<bool>,
}

/// Rename an agent, or make it the default
#[utoipa::path(patch, path = "/agents/{id}", tag = "agents", params(("id" = AgentId, Path)), request_body = AgentPatch, responses((status = 200, body = AgentView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<AgentId>,
    Body(patch): Body<AgentPatch>,
) -> Result<Found<AgentView>, Problem> {
    caller.require("agent:write")?;
    let name = patch.name.as_deref().map(name_of).transpose()?;
    if patch.is_default == Some(false) {
        return Err(Problem::field("is_default", "make another agent the default instead: there is always one"));
    }
    let (s, now, c) = (caller.scope.clone(), web.desk.now(), caller.clone());
    let fields: Vec<_> = [name.as_ref().map(|_| "name"), patch.is_default.map(|_| "is_default")].into_iter().flatten().collect();
    let entry = caller.entry(&web, "agent.update", id.as_str(), json!({ "fields": fields, "name": name }));
    let i = id.clone();
    let updated = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            let Some((agent, times)) = read(tx, &s, &i).await? else { return Ok(Err(gone())) };
            if let Err(problem) = c.if_match(times.updated_at) {
                return Ok(Err(problem));
            }
            let name = name.unwrap_or_else(|| agent.name.clone());
            let is_default = agent.is_default || patch.is_default == Some(true);
            // Moved on even when the clock stands: the tag must differ.
            let now = now.max(frontdesk_kernel::Timestamp(times.updated_at.0 + 1));
            if let Err(why) = rules::settle(tx, &s, &i, &name, is_default, now).await? {
                return Ok(Err(in_words(why)));
            }
            audit::write(tx, &s, &entry).await?;
            Ok(read(tx, &s, &i).await?.ok_or_else(gone))
        }),
    );
    let (agent, times) = updated.await??;
    changed(&web, &caller, &id);
    let tag = times.updated_at;
    Ok(Found::tagged(AgentView::of(agent, &times), tag))
}

/// Remove an agent with its versions and its draft
///
/// Refused while it answers somewhere: as the default, or on a channel.
#[utoipa::path(delete, path = "/agents/{id}", tag = "agents", params(("id" = AgentId, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, caller: Caller, Path(id): Path<AgentId>) -> Result<Deleted, Problem> {
    caller.require("agent:write")?;
    let (s, c, i) = (caller.scope.clone(), caller.clone(), id.clone());
    let w = web.clone();
    let removed = web.desk.db.write(
        &caller.scope,
        work!(tx => {
            let Some((agent, times)) = read(tx, &s, &i).await? else { return Ok(Err(gone())) };
            if let Err(problem) = c.if_match(times.updated_at) {
                return Ok(Err(problem));
            }
            if let Err(why) = rules::remove(tx, &s, &i).await? {
                return Ok(Err(in_words(why)));
            }
            audit::write(tx, &s, &c.entry(&w, "agent.delete", i.as_str(), json!({ "name": agent.name }))).await?;
            Ok(Ok(()))
        }),
    );
    removed.await??;
    changed(&web, &caller, &id);
    Ok(Deleted)
}

async fn read(
    tx: &mut Tx,
    scope: &frontdesk_kernel::Scope,
    id: &AgentId,
) -> frontdesk_store::Result<Option<(Agent, stored::Times)>> {
    let Some(agent) = agents::get(tx, scope, id).await? else { return Ok(None) };
    Ok(stored::times(tx, scope, Some(id)).await?.pop().map(|times| (agent, times)))
}

/// The business as turns see it.
async fn view(web: &Web, caller: &Caller) -> Result<Arc<View>, Problem> {
    web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?.ok_or_else(|| Problem::not_found("business"))
}

/// Running turns and whoever watches learn of it.
fn changed(web: &Web, caller: &Caller, id: &AgentId) {
    web.desk.directory.invalidate();
    web.desk.events.tell(caller.scope.tenant(), Event::new("agent.changed", id.as_str()));
}

fn gone() -> Problem {
    Problem::not_found("agent")
}

fn name_of(text: &str) -> Result<String, Problem> {
    one_line("name", text, LONGEST_NAME)
}

fn one_line(path: &str, text: &str, longest: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
        return Err(Problem::field(path, format!("one line of 1 to {longest} characters")));
    }
    Ok(text.to_owned())
}

fn in_words(why: Refusal) -> Problem {
    match why {
        Refusal::NameTaken => Problem::conflict("name_taken", "Another agent is called so."),
        Refusal::IsDefault => {
            Problem::conflict("is_default", "It answers where no other agent is named: make another one the default first.")
        }
        Refusal::OnChannel(channel) => {
            Problem::conflict("in_use", format!("It answers on the channel {channel}: give that another agent first."))
        }
        Refusal::Stale => Problem::conflict("changed", "It was changed by somebody else a moment ago: read it again."),
    }
}

/// Refuses what cannot be published, with every reason and its place.
async fn fit(web: &Web, view: &View, spec: &AgentSpec) -> Result<(), Problem> {
    let faults = rules::faults(&web.desk, view, spec).await;
    if faults.is_empty() {
        return Ok(());
    }
    let field = |f: rules::Fault| {
        let place = match (f.line, f.column) {
            (Some(line), Some(column)) => format!("line {line}, column {column}: "),
            (Some(line), None) => format!("line {line}: "),
            _ => String::new(),
        };
        Field { path: format!("spec.{}", f.path), problem: format!("{place}{}", f.problem) }
    };
    Err(Problem::fields(faults.into_iter().map(field).collect()))
}

/// Where our server calls is for whoever runs it to say: an address of a business's own choice would let it reach into our network.
fn own_servers(caller: &Caller, spec: &AgentSpec, before: &[&AgentSpec]) -> Result<(), Problem> {
    if caller.operator {
        return Ok(());
    }
    let known = |choice| before.iter().any(|spec| spec.models.contains(choice));
    match spec.models.iter().position(|choice| choice.base_url.is_some() && !known(choice)) {
        None => Ok(()),
        Some(i) => Err(Problem::field(
            format!("spec.models[{i}].base_url"),
            "only the operator of this server may say where models are served",
        )),
    }
}
