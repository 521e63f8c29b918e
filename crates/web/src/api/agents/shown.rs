//! Agents, versions and drafts as the API shows and reads them.

use frontdesk_engine::agents::Fault;
use frontdesk_kernel::{
    agent::{Agent, AgentSpec, ModelChoice},
    ids::AgentId,
};
use frontdesk_store::versions::{Draft, Times, Version};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::kit::Time;

#[derive(Serialize, ToSchema)]
pub(crate) struct AgentList {
    pub(crate) items: Vec<AgentView>,
}

/// An agent with what it answers by.
#[derive(Serialize, ToSchema)]
#[schema(as = Agent)]
pub(crate) struct AgentView {
    id: AgentId,
    name: String,
    /// It answers where no other agent is named.
    is_default: bool,
    /// Number of the published version.
    version: i64,
    /// What is published.
    spec: AgentSpec,
    published_at: Time,
    /// When its draft was saved last; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    drafted_at: Option<Time>,
    created_at: Time,
    updated_at: Time,
}

impl AgentView {
    pub(crate) fn of(agent: Agent, times: &Times) -> AgentView {
        AgentView {
            id: agent.id,
            name: agent.name,
            is_default: agent.is_default,
            version: agent.version,
            spec: agent.spec,
            published_at: times.published_at.into(),
            drafted_at: times.drafted_at.map(Time::from),
            created_at: times.created_at.into(),
            updated_at: times.updated_at.into(),
        }
    }
}

/// What an agent consists of, as it is written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpecBody {
    /// A template; empty = the built-in prompt.
    #[serde(default)]
    #[schema(max_length = 100_000)]
    prompt: String,
    /// Tried in order; empty = the server's own.
    #[serde(default)]
    #[schema(max_items = 8)]
    models: Vec<ModelBody>,
    /// Names of tools; `null` = every one.
    #[serde(default)]
    #[schema(max_items = 200)]
    tools: Option<Vec<String>>,
    /// `null` = the vendor's usual one.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f32>,
    /// Longest answer, in the model's tokens; `null` = the vendor's limit.
    #[serde(default)]
    #[schema(minimum = 16, maximum = 100_000)]
    max_output_tokens: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModelBody {
    vendor: String,
    model: String,
    /// Where it is served, when not at the vendor's. Only the server's operator may set it.
    #[serde(default)]
    base_url: Option<String>,
}

impl From<SpecBody> for AgentSpec {
    fn from(body: SpecBody) -> AgentSpec {
        let choice = |m: ModelBody| ModelChoice { vendor: m.vendor, model: m.model.trim().to_owned(), base_url: m.base_url };
        AgentSpec {
            prompt: body.prompt,
            models: body.models.into_iter().map(choice).collect(),
            tools: body.tools,
            temperature: body.temperature,
            max_output_tokens: body.max_output_tokens,
        }
    }
}

/// What somebody is writing.
#[derive(Serialize, ToSchema)]
#[schema(as = AgentDraft)]
pub(crate) struct DraftView {
    spec: AgentSpec,
    /// Whether it is kept; otherwise this is what is published.
    is_saved: bool,
    /// The version it was begun from.
    based_on: i64,
    /// The version that is published now.
    published: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<Time>,
    /// What keeps it from being published.
    problems: Vec<FaultView>,
}

impl DraftView {
    pub(crate) fn of(agent: &Agent, draft: Option<Draft>, problems: Vec<Fault>) -> DraftView {
        DraftView {
            is_saved: draft.is_some(),
            based_on: draft.as_ref().map_or(agent.version, |d| d.based_on),
            published: agent.version,
            updated_at: draft.as_ref().map(|d| d.updated_at.into()),
            spec: draft.map_or_else(|| agent.spec.clone(), |d| d.spec),
            problems: problems.into_iter().map(FaultView::from).collect(),
        }
    }
}

/// Something wrong, and where.
#[derive(Serialize, ToSchema)]
#[schema(as = AgentFault)]
pub(crate) struct FaultView {
    /// The member of the spec (`prompt`, `models[0].vendor` …) or the part of a preview.
    path: String,
    problem: String,
    /// In the prompt, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

impl From<Fault> for FaultView {
    fn from(f: Fault) -> FaultView {
        FaultView { path: f.path, problem: f.problem, line: f.line, column: f.column }
    }
}

impl From<(&'static str, frontdesk_engine::prompt::Fault)> for FaultView {
    fn from((part, f): (&'static str, frontdesk_engine::prompt::Fault)) -> FaultView {
        FaultView { path: part.to_owned(), problem: f.problem, line: f.line, column: f.column }
    }
}

/// Something that was published once.
#[derive(Serialize, ToSchema)]
#[schema(as = AgentVersion)]
pub(crate) struct VersionView {
    pub(crate) version: i64,
    /// It answers now.
    is_published: bool,
    note: String,
    /// Id of the person or key that published it; absent for the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_name: Option<String>,
    created_at: Time,
    spec: AgentSpec,
}

impl VersionView {
    pub(crate) fn of(v: Version, published: i64) -> VersionView {
        VersionView {
            is_published: v.version == published,
            version: v.version,
            note: v.note,
            author: v.author.filter(|a| !a.is_empty()),
            author_name: v.author_name,
            created_at: v.created_at.into(),
            spec: v.spec,
        }
    }
}
