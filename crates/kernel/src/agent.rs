//! Who answers: prompt, model and tools, versioned.

use serde::{Deserialize, Serialize};

use crate::ids::AgentId;

/// A model to call: a vendor row and the vendor's model name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ModelChoice {
    /// `openai`, `gemini`, `openrouter`, `ollama`, `vllm`, `custom`, `scripted`.
    pub vendor: String,
    pub model: String,
    /// The tenant's own server, instead of the vendor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

/// What a version of an agent consists of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AgentSpec {
    /// A template in the sandboxed language of `engine/src/prompt`; empty = the built-in prompt.
    #[serde(default)]
    pub prompt: String,
    /// Tried in order; the first is the usual one. Empty = the server's default chain.
    #[serde(default)]
    pub models: Vec<ModelChoice>,
    /// Names of tools; `None` = all, built-in ones and the business's own.
    #[serde(default)]
    pub tools: Option<Vec<String>>,
    #[serde(default)]
    pub temperature: Option<f32>,
    #[serde(default)]
    pub max_output_tokens: Option<u32>,
}

impl Default for AgentSpec {
    fn default() -> Self {
        AgentSpec {
            prompt: String::new(),
            models: Vec::new(),
            tools: None,
            temperature: Some(0.7),
            max_output_tokens: Some(1024),
        }
    }
}

/// An agent with its published version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    pub id: AgentId,
    pub name: String,
    /// Answers where no other agent is named.
    pub is_default: bool,
    /// Number of the published version.
    pub version: i64,
    pub spec: AgentSpec,
}
