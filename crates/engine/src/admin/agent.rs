//! Agents: every change of prompt, models or tools is a new version, checked before it is published.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope,
    agent::{Agent, AgentSpec, ModelChoice},
    tenant::Tenant,
};
use frontdesk_store::{Result, Tx, agents, channels, work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{check, refused, scope};
use crate::{Desk, prompt};

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

/// A prompt beyond this would leave no room for the conversation.
const LONGEST_PROMPT: usize = 100_000;

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
            let spec = changed(desk, AgentSpec::default(), &change)?;
            let agent = Agent { id: desk.id(), name, is_default: change.default, version: 1, spec };
            desk.db
                .write(&scope, work!(tx => {
                    free_name(tx, &s, &agent).await?;
                    agents::insert(tx, &s, &agent, now).await?;
                    Ok(shown(&agent))
                }))
                .await
        }
        Action::Update { agent, change } => update(desk, &scope, agent, change).await,
        Action::Delete { agent } => {
            desk.db
                .write(&scope, work!(tx => {
                    let agent = find(tx, &s, &agent).await?;
                    if agent.is_default {
                        return Err(refused(format!("{} answers by default: make another agent the default first (`frontdesk agent update … --default`)", agent.name)));
                    }
                    let used = channels::list(tx, &s).await?.into_iter().find(|c| c.agent.as_ref() == Some(&agent.id));
                    if let Some(channel) = used {
                        return Err(refused(format!("{} answers on the channel {}: give that another agent first", agent.name, channel.name)));
                    }
                    agents::delete(tx, &s, &agent.id).await?;
                    Ok(json!({ "deleted": agent.id, "name": agent.name }))
                }))
                .await
        }
    }
}

async fn update(desk: &Arc<Desk>, scope: &Scope, wanted: String, change: Change) -> Result<Value> {
    // The checks are made on a copy first: compiling a template does not belong into the database's writer.
    let (s, w) = (scope.clone(), wanted.clone());
    let before = desk.db.read(scope, work!(tx => find(tx, &s, &w).await)).await?;
    let spec = changed(desk, before.spec.clone(), &change)?;
    let name = change.name.as_deref().map_or_else(|| Ok(before.name.clone()), |name| check::line("name", name, 120))?;
    let note = check::line("note", change.note.as_deref().unwrap_or("changed at the command line"), 500)?;
    let (s, now) = (scope.clone(), desk.now());
    desk.db
        .write(scope, work!(tx => {
            let agent = find(tx, &s, before.id.as_str()).await?;
            if agent.version != before.version {
                return Err(refused(format!("{} was changed by somebody else a moment ago: look at it and try again", agent.name)));
            }
            let agent = Agent { name, is_default: agent.is_default || change.default, ..agent };
            free_name(tx, &s, &agent).await?;
            if spec != before.spec {
                agents::publish(tx, &s, &agent.id, &spec, &note, now).await?;
            }
            agents::update(tx, &s, &agent.id, &agent.name, agent.is_default, now).await?;
            find(tx, &s, agent.id.as_str()).await.map(|a| shown(&a))
        }))
        .await
}

/// The spec with the change applied, fit to be published.
fn changed(desk: &Desk, mut spec: AgentSpec, change: &Change) -> Result<AgentSpec> {
    if let Some(template) = &change.prompt {
        if template.chars().count() > LONGEST_PROMPT {
            return Err(refused(format!("prompt: longer than {LONGEST_PROMPT} characters")));
        }
        prompt::validate(template).map_err(|problem| refused(format!("prompt: {problem}")))?;
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
                for name in names {
                    check::one_of("tool", name, desk.toolbox.names())?;
                }
                Some(names.to_vec())
            }
        };
    }
    if let Some(t) = change.temperature {
        if !(0.0..=2.0).contains(&t) {
            return Err(refused(format!("temperature: {t} is not between 0 and 2")));
        }
        spec.temperature = Some(t);
    }
    if let Some(limit) = change.max_output_tokens {
        if !(16..=100_000).contains(&limit) {
            return Err(refused(format!("max output tokens: {limit} is not between 16 and 100000")));
        }
        spec.max_output_tokens = Some(limit);
    }
    Ok(spec)
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

async fn free_name(tx: &mut Tx, scope: &Scope, agent: &Agent) -> Result<()> {
    let taken = agents::list(tx, scope).await?.iter().any(|a| a.name == agent.name && a.id != agent.id);
    if taken {
        Err(refused(format!("there is an agent called `{}` already: choose another name, or update that one", agent.name)))
    } else {
        Ok(())
    }
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
