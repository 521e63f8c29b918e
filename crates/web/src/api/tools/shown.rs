//! How a tool reads, and how it is written.

use frontdesk_engine::{
    directory::View,
    http_tools::{draft::Draft, keep::agents_with, probe, schema, secrets_of},
};
use frontdesk_kernel::{
    action::{Category, Level},
    http_tool::{AnswerRule, HttpTool, HttpToolSpec, RequestTemplate, ToolEffect},
    ids::{AgentId, ToolId},
    ports::http::Method,
    tool::{ReceiptKind, ToolSpec},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::kit::{Patch, Problem, Time};

#[derive(Serialize, ToSchema)]
pub(crate) struct ToolPage {
    pub(super) items: Vec<Tool>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToolKind {
    BuiltIn,
    Http,
}

/// A tool; what only your own ones have is absent from built-in ones.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tool {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<ToolId>,
    kind: ToolKind,
    name: String,
    /// As models see it; differs from `name` only for tools with a name that no model accepts.
    shown_as: String,
    title: String,
    description: String,
    /// JSON Schema of the arguments.
    parameters: Value,
    effect: ToolEffect,
    idempotent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proves: Option<ReceiptKind>,
    enabled: bool,
    /// How far the agent goes alone, where no rule says otherwise; absent = automatic, or as the built-in tool has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    level: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    category: Option<Category>,
    /// JSON pointer to the amount among the arguments, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    amount: Option<String>,
    /// Arguments of the example call.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    example: Option<Value>,
    /// What the last example call came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    probe: Option<ToolProbe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request: Option<RequestTemplate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    answer: Option<AnswerRule>,
    /// Names of the secrets that it sends.
    secrets: Vec<String>,
    /// Agents that chose it by name; agents without a choice use every tool that is switched on.
    agents: Vec<ToolAgent>,
    /// Came by the predecessor's routes; a change here makes it an ordinary one.
    legacy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    created_at: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    updated_at: Option<Time>,
}

/// An example call.
#[derive(Serialize, ToSchema)]
pub(crate) struct ToolProbe {
    at: Time,
    succeeded: bool,
    /// What a model would have read, or why there was no answer.
    told: String,
    millis: i64,
    /// The tool was changed since.
    outdated: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ToolAgent {
    id: AgentId,
    name: String,
}

impl Tool {
    pub(super) fn built_in(spec: &ToolSpec, changes: bool, view: &View) -> Tool {
        Tool {
            id: None,
            kind: ToolKind::BuiltIn,
            name: spec.name.clone(),
            shown_as: spec.name.clone(),
            title: String::new(),
            description: spec.description.clone(),
            parameters: (*spec.parameters).clone(),
            effect: if changes { ToolEffect::Writes } else { ToolEffect::Reads },
            idempotent: true,
            proves: None,
            enabled: true,
            level: None,
            category: None,
            amount: None,
            example: None,
            probe: None,
            request: None,
            answer: None,
            secrets: Vec::new(),
            agents: agents(view, &spec.name),
            legacy: false,
            version: None,
            created_at: None,
            updated_at: None,
        }
    }

    pub(super) fn own(t: &HttpTool, shown_as: &str, view: &View) -> Tool {
        Tool {
            id: Some(t.id.clone()),
            kind: ToolKind::Http,
            name: t.name.clone(),
            shown_as: shown_as.to_owned(),
            title: t.spec.title.clone(),
            description: t.spec.description.clone(),
            parameters: schema::normalise(&t.spec.parameters).unwrap_or_default(),
            effect: t.spec.effect,
            idempotent: t.spec.idempotent,
            proves: t.spec.proves,
            enabled: t.enabled,
            level: t.spec.level,
            category: t.spec.category,
            amount: t.spec.amount.clone(),
            example: t.spec.example.clone(),
            probe: t.probe.as_ref().map(|p| ToolProbe {
                at: p.at.into(),
                succeeded: p.succeeded,
                told: p.told.clone(),
                millis: p.millis,
                outdated: p.version != t.version,
            }),
            request: Some(t.spec.request.clone()),
            answer: Some(t.spec.answer.clone()),
            secrets: secrets_of(&t.spec),
            agents: agents(view, shown_as),
            legacy: t.spec.legacy.is_some(),
            version: Some(t.version),
            created_at: Some(t.created_at.into()),
            updated_at: Some(t.updated_at.into()),
        }
    }
}

fn agents(view: &View, name: &str) -> Vec<ToolAgent> {
    agents_with(view, name).map(|a| ToolAgent { id: a.id.clone(), name: a.name.clone() }).collect()
}

/// A tool to be made or tried.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTool {
    /// A letter, then letters, digits, `_` and `-`; at most 64.
    pub(super) name: String,
    #[serde(default)]
    title: String,
    /// For the model: when to use it and what comes back.
    description: String,
    /// JSON Schema of the arguments, or a bare map of properties.
    #[serde(default)]
    parameters: Value,
    request: RequestTemplate,
    #[serde(default)]
    answer: AnswerRule,
    /// `reads` for GET, `writes` for everything else when absent.
    #[serde(default)]
    effect: Option<ToolEffect>,
    /// The service honours an `Idempotency-Key`.
    #[serde(default)]
    idempotent: bool,
    /// What a success proves: an answer may claim it then.
    #[serde(default)]
    proves: Option<ReceiptKind>,
    /// How far the agent goes alone, where no rule says otherwise; absent = automatic.
    #[serde(default)]
    level: Option<Level>,
    /// `external` when absent.
    #[serde(default)]
    category: Option<Category>,
    /// JSON pointer to the amount among the arguments, in minor units, so that rules on amounts see it; absent = by the usual names.
    #[serde(default)]
    amount: Option<String>,
    /// Arguments of a call that may be made to see whether the service answers.
    #[serde(default)]
    example: Option<Value>,
    /// Makes the example call once it is saved; what it came to is told in the result.
    #[serde(default)]
    pub(super) test: bool,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
}

fn yes() -> bool {
    true
}

impl NewTool {
    /// The parameters in their one form.
    pub(super) fn spec(self) -> Result<HttpToolSpec, Problem> {
        let parameters = schema::normalise(&self.parameters).map_err(|problem| Problem::field("parameters", problem))?;
        let reads = self.request.method == Method::Get;
        let effect = self.effect.unwrap_or(if reads { ToolEffect::Reads } else { ToolEffect::Writes });
        Ok(HttpToolSpec {
            title: self.title.trim().to_owned(),
            description: self.description.trim().to_owned(),
            parameters,
            request: self.request,
            answer: self.answer,
            effect,
            idempotent: self.idempotent,
            proves: self.proves,
            level: self.level,
            category: self.category,
            amount: self.amount.filter(|pointer| !pointer.is_empty()),
            example: probe::example(self.example),
            legacy: None,
        })
    }

    pub(super) fn of(draft: &Draft) -> NewTool {
        let spec = &draft.spec;
        NewTool {
            name: draft.name.clone(),
            title: spec.title.clone(),
            description: spec.description.clone(),
            parameters: spec.parameters.clone(),
            request: spec.request.clone(),
            answer: spec.answer.clone(),
            effect: Some(spec.effect),
            idempotent: spec.idempotent,
            proves: spec.proves,
            level: spec.level,
            category: spec.category,
            amount: spec.amount.clone(),
            example: spec.example.clone(),
            test: false,
            enabled: true,
        }
    }
}

/// What changes; what is absent stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolChange {
    pub(super) name: Option<String>,
    title: Option<String>,
    description: Option<String>,
    /// JSON Schema of the arguments, or a bare map of properties.
    parameters: Option<Value>,
    request: Option<RequestTemplate>,
    answer: Option<AnswerRule>,
    effect: Option<ToolEffect>,
    idempotent: Option<bool>,
    #[serde(default)]
    #[schema(value_type = Option<ReceiptKind>)]
    proves: Patch<ReceiptKind>,
    #[serde(default)]
    #[schema(value_type = Option<Level>)]
    level: Patch<Level>,
    #[serde(default)]
    #[schema(value_type = Option<Category>)]
    category: Patch<Category>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    amount: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<Value>)]
    example: Patch<Value>,
    /// Makes the example call once it is saved.
    #[serde(default)]
    pub(super) test: bool,
    pub(super) enabled: Option<bool>,
}

impl ToolChange {
    pub(super) fn names(&self) -> Vec<&'static str> {
        [
            ("name", self.name.is_some()),
            ("title", self.title.is_some()),
            ("description", self.description.is_some()),
            ("parameters", self.parameters.is_some()),
            ("request", self.request.is_some()),
            ("answer", self.answer.is_some()),
            ("effect", self.effect.is_some()),
            ("idempotent", self.idempotent.is_some()),
            ("proves", !self.proves.is_keep()),
            ("level", !self.level.is_keep()),
            ("category", !self.category.is_keep()),
            ("amount", !self.amount.is_keep()),
            ("example", !self.example.is_keep()),
            ("enabled", self.enabled.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, changed)| changed.then_some(name))
        .collect()
    }

    /// Something other than its switch.
    pub(super) fn touches_the_spec(&self) -> bool {
        self.names().iter().any(|name| *name != "enabled")
    }

    pub(super) fn over(self, mut spec: HttpToolSpec) -> Result<HttpToolSpec, Problem> {
        if self.touches_the_spec() {
            // Changed here, it is an ordinary tool from now on.
            spec.legacy = None;
            let parameters = self.parameters.as_ref().unwrap_or(&spec.parameters);
            spec.parameters = schema::normalise(parameters).map_err(|problem| Problem::field("parameters", problem))?;
        }
        spec.title = self.title.map_or(spec.title, |t| t.trim().to_owned());
        spec.description = self.description.map_or(spec.description, |t| t.trim().to_owned());
        spec.request = self.request.unwrap_or(spec.request);
        spec.answer = self.answer.unwrap_or(spec.answer);
        spec.effect = self.effect.unwrap_or(spec.effect);
        spec.idempotent = self.idempotent.unwrap_or(spec.idempotent);
        spec.proves = self.proves.over(spec.proves);
        spec.level = self.level.over(spec.level);
        spec.category = self.category.over(spec.category);
        spec.amount = self.amount.over(spec.amount).filter(|pointer| !pointer.is_empty());
        spec.example = probe::example(self.example.over(spec.example));
        Ok(spec)
    }
}

/// What an import proposes.
#[derive(Serialize, ToSchema)]
pub(crate) struct ToolDraft {
    tool: NewTool,
    /// To be entered, or found in what was pasted.
    secrets: Vec<OfferedSecret>,
    /// What could not be carried over, or was assumed.
    notes: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct OfferedSecret {
    name: String,
    host: String,
    /// Found in what was pasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    value: Option<String>,
}

impl From<Draft> for ToolDraft {
    fn from(draft: Draft) -> ToolDraft {
        let tool = NewTool::of(&draft);
        let secrets = draft.secrets.into_iter().map(|s| OfferedSecret { name: s.name, host: s.host, value: s.value }).collect();
        ToolDraft { tool, secrets, notes: draft.notes }
    }
}
