//! What a language model must teach us. Fallback, retries, breakers, deadlines and money belong to the engine.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ConnectorError, Secret, ports::http::Http, tool::ToolSpec};

#[derive(Debug)]
pub struct ModelAbout {
    /// `openai_like`, `gemini`, `scripted`: the dialect.
    pub key: &'static str,
    pub name: &'static str,
    /// Rules, not an AI: shown wherever it answers.
    pub is_ai: bool,
    pub images: bool,
    pub transcription: bool,
}

/// Where and as whom a model is called.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The vendor row (`openai`, `openrouter`, `ollama` …): names breakers, prices, errors.
    pub vendor: &'static str,
    /// Without a trailing slash (`https://api.openai.com/v1`).
    pub base_url: String,
    pub key: Option<Secret>,
    pub organization: Option<String>,
    pub project: Option<String>,
}

/// Time limits of one call.
#[derive(Debug, Clone, Copy)]
pub struct CallLimits {
    pub first_token: Duration,
    pub gap: Duration,
    pub total: Duration,
    pub max_answer_bytes: usize,
}

impl Default for CallLimits {
    fn default() -> Self {
        CallLimits {
            first_token: Duration::from_secs(20),
            gap: Duration::from_secs(20),
            total: Duration::from_secs(90),
            max_answer_bytes: 2 << 20,
        }
    }
}

#[derive(Debug, Clone)]
pub struct ModelRequest {
    pub model: String,
    /// The rendered prompt.
    pub system: Arc<str>,
    pub turns: Vec<Turn>,
    pub tools: Arc<[ToolSpec]>,
    pub temperature: Option<f32>,
    pub max_output_tokens: Option<u32>,
    pub limits: CallLimits,
}

/// One entry of the conversation as a model sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    User(Vec<Content>),
    /// What the model said before. `raw` is the vendor's own turn, sent back verbatim to the dialect named in `raw_dialect`.
    Model {
        text: Option<String>,
        calls: Vec<ToolCall>,
        raw: Option<Arc<Value>>,
        raw_dialect: Option<String>,
    },
    Tool {
        call: String,
        name: String,
        result: String,
        failed: bool,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Text(String),
    Image { mime: String, bytes: Bytes },
}

/// The model asks for a tool. `arguments` is an object that parsed; anything else never gets this far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    pub arguments: Value,
    /// Set when the arguments were not a JSON object within limits; the call must not run. What was wrong, for the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
}

/// Model tokens of one call, as the vendor counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub input: u64,
    /// Part of `input` that was served from the vendor's cache.
    pub cached: u64,
    pub output: u64,
    /// The vendor's own price in millionths of a US dollar, when it tells (OpenRouter).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    Stop,
    ToolCalls,
    /// Cut off at the token limit: a cut-off tool call never runs.
    Length,
    /// The vendor's filter or the model itself declined.
    Refused,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    pub text: Option<String>,
    pub calls: Vec<ToolCall>,
    pub usage: Usage,
    pub finish: Finish,
    /// The model that answered, in the vendor's words.
    pub model: String,
    /// The vendor's own turn when it must be sent back unchanged (Gemini's thought signatures).
    pub raw: Option<Value>,
}

/// Where text goes while it is written.
pub trait Sink: Send {
    fn text(&mut self, delta: &str);
    /// What was written since the call began is void: the call failed and another follows.
    fn again(&mut self) {}
}

/// Drops what it is given.
pub struct NoSink;
impl Sink for NoSink {
    fn text(&mut self, _: &str) {}
}

#[async_trait]
pub trait Model: Send + Sync + 'static {
    fn about(&self) -> &'static ModelAbout;
    /// One call. An answer without the vendor's terminal event is an error, never a short answer.
    async fn complete(
        &self,
        http: &dyn Http,
        endpoint: &Endpoint,
        request: &ModelRequest,
        sink: &mut dyn Sink,
    ) -> Result<Completion, ConnectorError>;
    /// Speech to text; `language` is a hint (`es`). `Unsupported` when the dialect has none.
    async fn transcribe(
        &self,
        http: &dyn Http,
        endpoint: &Endpoint,
        audio: Bytes,
        mime: &str,
        language: Option<&str>,
    ) -> Result<String, ConnectorError>;
    /// Asks the vendor whether the key works, without spending tokens. `Ok` is a line for the operator.
    async fn check(&self, http: &dyn Http, endpoint: &Endpoint, model: &str) -> Result<String, ConnectorError>;
}
