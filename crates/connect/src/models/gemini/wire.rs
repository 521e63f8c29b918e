//! The JSON of `generateContent`, as far as we use it.

use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use frontdesk_kernel::tool::Schema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GenerateRequest<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) system_instruction: Option<SystemInstruction<'a>>,
    pub(super) contents: Vec<ContentOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<Tool<'a>>,
    pub(super) generation_config: GenerationConfig,
}

#[derive(Serialize)]
pub(super) struct SystemInstruction<'a> {
    pub(super) parts: [PartOut<'a>; 1],
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ContentOut<'a> {
    /// A turn of the model's own, sent back as it came.
    Verbatim(&'a Value),
    Built {
        role: &'static str,
        parts: Vec<PartOut<'a>>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartOut<'a> {
    #[serde(flatten)]
    pub(super) kind: Kind<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thought_signature: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind<'a> {
    Text(&'a str),
    InlineData(Blob<'a>),
    FunctionCall { name: &'a str, args: Args<'a> },
    FunctionResponse(FunctionResponse<'a>),
}

impl<'a> From<Kind<'a>> for PartOut<'a> {
    fn from(kind: Kind<'a>) -> Self {
        PartOut { kind, thought_signature: None }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob<'a> {
    pub(super) mime_type: &'a str,
    #[serde(serialize_with = "base64")]
    pub(super) data: &'a [u8],
}

fn base64<S: Serializer>(bytes: &[u8], s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&Base64Display::new(bytes, &STANDARD))
}

/// The arguments of a call; a broken call had none.
pub(super) struct Args<'a>(pub(super) &'a Value);

impl Serialize for Args<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        if self.0.is_null() { Map::new().serialize(s) } else { self.0.serialize(s) }
    }
}

#[derive(Serialize)]
pub(super) struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) response: Outcome<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome<'a> {
    Output(&'a str),
    Error(&'a str),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tool<'a> {
    pub(super) function_declarations: Vec<FunctionDeclaration<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FunctionDeclaration<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) parameters_json_schema: &'a Schema,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GenerationConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_output_tokens: Option<u32>,
}

/// A streamed chunk, and a whole answer too. Every member may be absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chunk {
    #[serde(default)]
    pub(super) candidates: Option<Vec<Candidate>>,
    #[serde(default)]
    pub(super) prompt_feedback: Option<PromptFeedback>,
    #[serde(default)]
    pub(super) usage_metadata: Option<UsageIn>,
    #[serde(default)]
    pub(super) model_version: Option<String>,
    #[serde(default)]
    pub(super) error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate {
    #[serde(default)]
    pub(super) index: Option<u64>,
    #[serde(default)]
    pub(super) content: Option<ContentIn>,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
}

/// The parts are kept as they come: what they hold must be sent back, known to us or not.
#[derive(Deserialize)]
pub(super) struct ContentIn {
    #[serde(default)]
    pub(super) parts: Option<Vec<Map<String, Value>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PromptFeedback {
    #[serde(default)]
    pub(super) block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UsageIn {
    #[serde(default)]
    pub(super) prompt_token_count: Option<f64>,
    #[serde(default)]
    pub(super) cached_content_token_count: Option<f64>,
    #[serde(default)]
    pub(super) candidates_token_count: Option<f64>,
    #[serde(default)]
    pub(super) thoughts_token_count: Option<f64>,
}
