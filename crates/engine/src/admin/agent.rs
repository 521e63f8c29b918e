//! Agents: every change of prompt, models or tools is a new version, checked before it is published.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope,
    agent::{Agent, AgentSpec, ModelChoice},
    tenant::Tenant,
};
use frontdesk_store::{Error, Result, Tx, agents, work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{check, refused, scope};
use crate::{
    Desk,
    agents::{self as rules, Edition, Refusal},
    directory::View,
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    List,
    Get {
        agent: String,
    },
    Create(Change),
    Update {
        /// Id or name.
        agent: String,
        change: Change,
    },
    Delete {
        agent: String,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    pub name: Option<String>,
    /// Answers where no other agent is named.
    pub default: bool,
    /// Why, for the list of versions.
    pub note: Option<String>,
    /// A template; empty = the built-in prompt.
    pub prompt: Option<String>,
    /// `vendor/model`, in the order they are tried; empty = the server's chain.
    pub models: Option<Vec<String>>,
    /// Where these models are served; only with `models`.
    pub base_url: Option<String>,
    /// Names of tools; `["all"]` = every one.
    pub tools: Option<Vec<String>>,
    pub temperature: Option<f32>,
    pub max_output_tokens: Option<u32>,
}

pub(super) async fn execute(desk: &Arc<Desk>, tenant: &Tenant, action: Action) -> Result<Value> {
    let (scope, now) = (scope(&tenant.id), desk.now());
    let s = scope.clone();
    match action {
        Action::List => {
            let all = desk.db.read(&scope, work!(tx => agents::list(tx, &s).await)).await?;
            Ok(json!({ "agents": all.iter().map(shown).collect::<Vec<_>>() }))
        }
        Action::Get { agent } => desk.db.read(&scope, work!(tx => find(tx, &s, &agent).await.map(|a| shown(&a)))).await,
        Action::Create(change) => {
            let name = check::line("name", change.name.as_deref().unwrap_or_default(), 120)?;
            let view = view(desk, tenant).await?;
            let spec = changed(desk, &view, AgentSpec::default(), &change).await?;
            let agent = Agent { id: desk.id(), name, is_default: change.default, version: 1, spec };
            desk.db
                .write(
                    &scope,
                    work!(tx => {
                        rules::create(tx, &s, &agent, None, now).await?.map_err(|why| in_words(&agent, &why))?;
                        Ok(shown(&agent))
                    }),
                )
                .await
        }
        Action::Update { agent, change } => update(desk, tenant, agent, change).await,
        Action::Delete { agent } => {
            desk.db
                .write(
                    &scope,
                    work!(tx => {
                        let agent = find(tx, &s, &agent).await?;
                        rules::remove(tx, &s, &agent.id).await?.map_err(|why| in_words(&agent, &why))?;
                        Ok(json!({ "deleted": agent.id, "name": agent.name }))
                    }),
                )
                .await
        }
    }
}

/// The business as it is now: a server beside us may have changed it.
async fn view(desk: &Desk, tenant: &Tenant) -> Result<Arc<View>> {
    desk.directory.tenant(desk, &tenant.id).await?.ok_or_else(|| refused("this business is gone"))
}

fn in_words(agent: &Agent, why: &Refusal) -> Error {
    let name = &agent.name;
    refused(match why {
        Refusal::NameTaken => format!("there is an agent called `{name}` already: choose another name, or update that one"),
        Refusal::IsDefault => {
            format!("{name} answers by default: make another agent the default first (`frontdesk agent update … --default`)")
        }
        Refusal::OnChannel(channel) => format!("{name} answers on the channel {channel}: give that another agent first"),
        Refusal::Stale => format!("{name} was changed by somebody else a moment ago: look at it and try again"),
    })
}

async fn update(desk: &Arc<Desk>, tenant: &Tenant, wanted: String, change: Change) -> Result<Value> {
    let scope = &scope(&tenant.id);
    // The checks are made on a copy first: compiling a template does not belong into the database's writer.
    let (s, w) = (scope.clone(), wanted.clone());
    let before = desk.db.read(scope, work!(tx => find(tx, &s, &w).await)).await?;
    let view = view(desk, tenant).await?;
    let spec = changed(desk, &view, before.spec.clone(), &change).await?;
    let name = change.name.as_deref().map_or_else(|| Ok(before.name.clone()), |name| check::line("name", name, 120))?;
    let note = check::line("note", change.note.as_deref().unwrap_or("changed at the command line"), 500)?;
    let (s, now) = (scope.clone(), desk.now());
    desk.db
        .write(scope, work!(tx => {
            let agent = find(tx, &s, before.id.as_str()).await?;
            let agent = Agent { name, is_default: agent.is_default || change.default, ..agent };
            if spec != before.spec {
                let edition = Edition { seen: before.version, spec: &spec, note: &note, author: None, ends_draft: false };
                rules::publish(tx, &s, &agent.id, &edition, now).await?.map_err(|why| in_words(&agent, &why))?;
            }
            rules::settle(tx, &s, &agent.id, &agent.name, agent.is_default, now).await?.map_err(|why| in_words(&agent, &why))?;
            find(tx, &s, agent.id.as_str()).await.map(|a| shown(&a))
        }))
        .await
}

/// The spec with the change applied, fit to be published.
async fn changed(desk: &Desk, view: &View, mut spec: AgentSpec, change: &Change) -> Result<AgentSpec> {
    if let Some(template) = &change.prompt {
        spec.prompt.clone_from(template);
    }
    let base_url = change.base_url.as_deref().map(|url| check::http_url("base URL", url)).transpose()?;
    match &change.models {
        Some(models) => {
            let choices = models.iter().map(|text| model(desk, text, base_url.clone()));
            spec.models = choices.collect::<Result<_>>()?;
        }
        None if base_url.is_some() => return Err(refused("base URL: say with --model which models it serves")),
        None => {}
    }
    if let Some(tools) = &change.tools {
        spec.tools = match tools.as_slice() {
            [all] if all == "all" => None,
            names => {
                let known = rules::tool_names(desk, view);
                for name in names {
                    check::one_of("tool", name, known.iter().map(String::as_str))?;
                }
                Some(names.to_vec())
            }
        };
    }
    spec.temperature = change.temperature.or(spec.temperature);
    spec.max_output_tokens = change.max_output_tokens.or(spec.max_output_tokens);
    match rules::faults(desk, view, &spec).await.first() {
        None => Ok(spec),
        Some(rules::Fault { path, problem, line, .. }) => {
            let what = match path.as_str() {
                "max_output_tokens" => "max output tokens",
                path => path,
            };
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            Err(refused(format!("{what}: {place}{problem}")))
        }
    }
}

fn model(desk: &Desk, text: &str, base_url: Option<String>) -> Result<ModelChoice> {
    // The scripted model is its vendor's only one.
    let (vendor, model) = text.split_once('/').unwrap_or((text, if text == "scripted" { text } else { "" }));
    check::one_of("model vendor", vendor, desk.vendors.iter().map(|v| v.key))?;
    if model.trim().is_empty() {
        return Err(refused(format!("model: write vendor/model, for example {vendor}/NAME, not `{text}`")));
    }
    let configured = desk.settings.model_servers.get(vendor).is_some_and(|s| s.base_url.is_some());
    if desk.vendor(vendor).is_some_and(|v| v.base_url.is_empty() && v.key != "scripted") && base_url.is_none() && !configured {
        return Err(refused(format!("model {text}: say with --base-url where it is served")));
    }
    Ok(ModelChoice { vendor: vendor.to_owned(), model: model.trim().to_owned(), base_url })
}

pub(super) async fn find(tx: &mut Tx, scope: &Scope, wanted: &str) -> Result<Agent> {
    let all = agents::list(tx, scope).await?;
    let names = all.iter().map(|a| a.name.as_str()).collect::<Vec<_>>().join(", ");
    all.into_iter()
        .find(|a| a.id.as_str() == wanted || a.name == wanted)
        .ok_or_else(|| refused(format!("there is no agent `{wanted}` (agents: {names})")))
}

fn shown(a: &Agent) -> Value {
    let models: Vec<String> = a.spec.models.iter().map(|m| format!("{}/{}", m.vendor, m.model)).collect();
    json!({
        "id": a.id, "name": a.name, "default": a.is_default, "version": a.version, "models": models,
        "base_url": a.spec.models.first().and_then(|m| m.base_url.clone()), "tools": a.spec.tools, "temperature": a.spec.temperature,
        "max_output_tokens": a.spec.max_output_tokens, "prompt": a.spec.prompt,
    })
}
