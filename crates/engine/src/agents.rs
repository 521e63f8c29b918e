//! What an agent may be, and how it becomes what answers: the rules that the API and the command line share.

use frontdesk_kernel::{
    Scope, Timestamp,
    agent::{Agent, AgentSpec, ModelChoice},
    ids::AgentId,
};
use frontdesk_store::{Result, Tx, agents, channels, versions};

use crate::{Desk, directory::View, prompt};

/// A prompt beyond this would leave no room for the conversation.
pub const LONGEST_PROMPT: usize = 100_000;
pub const LONGEST_NAME: usize = 120;
pub const LONGEST_NOTE: usize = 500;
/// Models in a chain.
const MOST_MODELS: usize = 8;

/// What is wrong with a spec, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its member: `prompt`, `models[0].vendor`, `tools[2]` …
    pub path: String,
    pub problem: String,
    /// In the prompt, from 1.
    pub line: Option<usize>,
    pub column: Option<usize>,
}

impl Fault {
    fn of(path: impl Into<String>, problem: impl Into<String>) -> Fault {
        Fault { path: path.into(), problem: problem.into(), line: None, column: None }
    }
}

/// Everything that keeps a spec from being published.
pub async fn faults(desk: &Desk, view: &View, spec: &AgentSpec) -> Vec<Fault> {
    let mut faults = Vec::new();
    if spec.prompt.chars().count() > LONGEST_PROMPT {
        faults.push(Fault::of("prompt", format!("longer than {LONGEST_PROMPT} characters")));
    } else if let Err(fault) = sound(desk, &spec.prompt).await {
        faults.push(Fault { path: "prompt".into(), problem: fault.problem, line: fault.line, column: fault.column });
    }
    if spec.models.len() > MOST_MODELS {
        faults.push(Fault::of("models", format!("more than {MOST_MODELS}")));
    }
    for (i, choice) in spec.models.iter().enumerate() {
        faults.extend(model(desk, choice).map(|(member, problem)| Fault::of(format!("models[{i}]{member}"), problem)));
    }
    let known = tool_names(desk, view);
    for (i, name) in spec.tools.iter().flatten().enumerate() {
        if !known.contains(name) {
            let problem = format!("there is no tool `{name}` (there are {})", known.join(", "));
            faults.push(Fault::of(format!("tools[{i}]"), problem));
        }
    }
    if let Some(t) = spec.temperature.filter(|t| !(0.0..=2.0).contains(t)) {
        faults.push(Fault::of("temperature", format!("{t} is not between 0 and 2")));
    }
    if let Some(limit) = spec.max_output_tokens.filter(|limit| !(16..=100_000).contains(limit)) {
        faults.push(Fault::of("max_output_tokens", format!("{limit} is not between 16 and 100000")));
    }
    faults
}

async fn sound(desk: &Desk, prompt: &str) -> Result<(), prompt::Fault> {
    prompt::validate(prompt)?;
    prompt::run_programs(desk.scripts.as_ref(), prompt).await
}

/// The member and what is wrong with it.
fn model(desk: &Desk, choice: &ModelChoice) -> Option<(&'static str, String)> {
    let Some(vendor) = desk.vendor(&choice.vendor) else {
        let known: Vec<_> = desk.vendors.iter().map(|v| v.key).collect();
        return Some((".vendor", format!("there is no model vendor `{}` (there are {})", choice.vendor, known.join(", "))));
    };
    if choice.model.trim().is_empty() || choice.model.len() > 200 || choice.model.chars().any(char::is_control) {
        return Some((".model", "write the vendor's name of the model, up to 200 characters".to_owned()));
    }
    let served = choice.base_url.is_some() || desk.settings.model_servers.get(vendor.key).is_some_and(|s| s.base_url.is_some());
    (vendor.base_url.is_empty() && vendor.model.about().is_ai && !served)
        .then(|| (".base_url", format!("nothing says where {} is served", vendor.key)))
}

/// Names of the tools that an agent of a business may have.
pub fn tool_names(desk: &Desk, view: &View) -> Vec<String> {
    desk.toolbox.names().chain(view.tools.names()).map(str::to_owned).collect()
}

/// A rule that a change of agents breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Another agent is called so.
    NameTaken,
    /// It answers where no other is named.
    IsDefault,
    /// It answers on this channel.
    OnChannel(String),
    /// It is gone, or was changed since it was read.
    Stale,
}

type Outcome<T> = Result<std::result::Result<T, Refusal>>;

/// A new agent; its first version answers at once where it is asked.
pub async fn create(tx: &mut Tx, scope: &Scope, agent: &Agent, author: Option<&str>, now: Timestamp) -> Outcome<()> {
    if name_taken(tx, scope, &agent.name, &agent.id).await? {
        return Ok(Err(Refusal::NameTaken));
    }
    agents::insert(tx, scope, agent, now).await?;
    sign(tx, scope, &agent.id, 1, author).await?;
    Ok(Ok(()))
}

/// Publishes a version over the one that was seen; its draft is done with. Returns the new number.
pub async fn publish(tx: &mut Tx, scope: &Scope, id: &AgentId, of: &Edition<'_>, now: Timestamp) -> Outcome<i64> {
    if agents::get(tx, scope, id).await?.is_none_or(|a| a.version != of.seen) {
        return Ok(Err(Refusal::Stale));
    }
    let Some(version) = agents::publish(tx, scope, id, of.spec, of.note, now).await? else { return Ok(Err(Refusal::Stale)) };
    sign(tx, scope, id, version, of.author).await?;
    if of.ends_draft {
        versions::drop_draft(tx, scope, id).await?;
    }
    Ok(Ok(version))
}

/// What is published.
pub struct Edition<'e> {
    /// The version that was published when it was decided.
    pub seen: i64,
    pub spec: &'e AgentSpec,
    pub note: &'e str,
    pub author: Option<&'e str>,
    /// It is what the draft said.
    pub ends_draft: bool,
}

/// Renames an agent, or makes it the one that answers where no other is named.
pub async fn settle(tx: &mut Tx, scope: &Scope, id: &AgentId, name: &str, is_default: bool, now: Timestamp) -> Outcome<()> {
    if name_taken(tx, scope, name, id).await? {
        return Ok(Err(Refusal::NameTaken));
    }
    let kept = agents::update(tx, scope, id, name, is_default, now).await?;
    Ok(if kept { Ok(()) } else { Err(Refusal::Stale) })
}

/// Removes an agent with its versions and its draft, unless it answers somewhere.
pub async fn remove(tx: &mut Tx, scope: &Scope, id: &AgentId) -> Outcome<()> {
    let Some(agent) = agents::get(tx, scope, id).await? else { return Ok(Err(Refusal::Stale)) };
    if agent.is_default {
        return Ok(Err(Refusal::IsDefault));
    }
    if let Some(channel) = channels::list(tx, scope).await?.into_iter().find(|c| c.agent.as_ref() == Some(id)) {
        return Ok(Err(Refusal::OnChannel(channel.name)));
    }
    agents::delete(tx, scope, id).await?;
    Ok(Ok(()))
}

async fn name_taken(tx: &mut Tx, scope: &Scope, name: &str, id: &AgentId) -> Result<bool> {
    Ok(agents::list(tx, scope).await?.iter().any(|a| a.name == name && a.id != *id))
}

async fn sign(tx: &mut Tx, scope: &Scope, id: &AgentId, version: i64, author: Option<&str>) -> Result<()> {
    match author {
        Some(author) => versions::sign(tx, scope, id, version, author).await,
        None => Ok(()),
    }
}
