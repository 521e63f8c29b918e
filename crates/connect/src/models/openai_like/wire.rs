//! The JSON of chat completions, as far as we use it.

use std::borrow::Cow;

use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use frontdesk_kernel::tool::Schema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, Value};

#[derive(Serialize)]
pub(super) struct ChatRequest<'a> {
    pub(super) model: &'a str,
    pub(super) messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_completion_tokens: Option<u32>,
    pub(super) stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
pub(super) struct StreamOptions {
    pub(super) include_usage: bool,
}

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub(super) enum Message<'a> {
    System {
        content: &'a str,
    },
    User {
        content: UserContent<'a>,
    },
    Assistant {
        content: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<CallOut<'a>>,
    },
    Tool {
        tool_call_id: Cow<'a, str>,
        content: &'a str,
    },
}

/// Plain text is sent as such: servers that know no parts exist.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum UserContent<'a> {
    Text(&'a str),
    Parts(Vec<PartOut<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum PartOut<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: ImageUrl<'a> },
}

#[derive(Serialize)]
pub(super) struct ImageUrl<'a> {
    #[serde(serialize_with = "data_url")]
    pub(super) url: Image<'a>,
}

pub(super) struct Image<'a> {
    pub(super) mime: &'a str,
    pub(super) bytes: &'a [u8],
}

fn data_url<S: Serializer>(image: &Image<'_>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&format_args!("data:{};base64,{}", image.mime, Base64Display::new(image.bytes, &STANDARD)))
}

#[derive(Serialize)]
pub(super) struct CallOut<'a> {
    pub(super) id: Cow<'a, str>,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) function: FunctionOut<'a>,
}

#[derive(Serialize)]
pub(super) struct FunctionOut<'a> {
    pub(super) name: &'a str,
    #[serde(serialize_with = "arguments_text")]
    pub(super) arguments: &'a Value,
}

/// The arguments travel as JSON within a text. A broken call had none.
fn arguments_text<S: Serializer>(arguments: &Value, s: S) -> Result<S::Ok, S::Error> {
    if arguments.is_null() { s.serialize_str("{}") } else { s.collect_str(arguments) }
}

#[derive(Serialize)]
pub(super) struct Tool<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) function: FunctionSpec<'a>,
}

#[derive(Serialize)]
pub(super) struct FunctionSpec<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) parameters: &'a Schema,
}

/// A streamed chunk, and a whole completion too: they differ in `delta` and `message`. Every member may be absent or null.
#[derive(Deserialize)]
pub(super) struct Chunk<'a> {
    #[serde(default)]
    pub(super) model: Option<String>,
    #[serde(borrow, default)]
    pub(super) choices: Option<Vec<Choice<'a>>>,
    #[serde(default)]
    pub(super) usage: Option<UsageIn>,
    #[serde(default)]
    pub(super) error: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub(super) index: Option<u64>,
    #[serde(borrow, default)]
    pub(super) delta: Option<Delta<'a>>,
    #[serde(borrow, default)]
    pub(super) message: Option<Delta<'a>>,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    /// A text, or parts with texts.
    #[serde(borrow, default)]
    pub(super) content: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) refusal: Option<String>,
    #[serde(borrow, default)]
    pub(super) tool_calls: Option<Vec<CallDelta<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct CallDelta<'a> {
    #[serde(default)]
    pub(super) index: Option<u64>,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(borrow, default)]
    pub(super) function: Option<FunctionDelta<'a>>,
}

#[derive(Deserialize)]
pub(super) struct FunctionDelta<'a> {
    #[serde(default)]
    pub(super) name: Option<String>,
    /// A piece of the text; some servers send the object itself.
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
}

/// Counts are read as numbers of any kind; a negative one is zero.
#[derive(Deserialize)]
pub(super) struct UsageIn {
    #[serde(default)]
    pub(super) prompt_tokens: Option<f64>,
    #[serde(default)]
    pub(super) completion_tokens: Option<f64>,
    #[serde(default)]
    pub(super) prompt_tokens_details: Option<PromptDetails>,
    /// DeepSeek's name for the cached part.
    #[serde(default)]
    pub(super) prompt_cache_hit_tokens: Option<f64>,
    /// OpenRouter's price in US dollars.
    #[serde(default)]
    pub(super) cost: Option<f64>,
}

#[derive(Deserialize)]
pub(super) struct PromptDetails {
    #[serde(default)]
    pub(super) cached_tokens: Option<f64>,
}

/// The text of a JSON string, borrowed where it holds no escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Only parts of type `text` are said to the contact; thinking and references are not.
#[derive(Deserialize)]
pub(super) struct PartIn {
    #[serde(rename = "type", default)]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) text: Option<String>,
}
