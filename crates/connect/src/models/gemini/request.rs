//! From the conversation to a `generateContent` request.

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    ports::{
        http::{Auth, Body, Method, Request},
        model::{Content, ModelRequest, ToolCall, Turn},
    },
};
use serde::Serialize;
use serde_json::Value;

use super::{
    DIALECT,
    wire::{
        Args, Blob, ContentOut, FunctionDeclaration, FunctionResponse, GenerateRequest, GenerationConfig, Kind, Outcome, PartOut,
        SystemInstruction, Tool,
    },
};
use crate::models::{
    call::{Call, path_of},
    stream::WIRE_FACTOR,
};

pub(super) fn generate(call: Call<'_>, request: &ModelRequest) -> Result<Request, ConnectorError> {
    let system = request.system.as_ref();
    let declarations: Vec<_> = request
        .tools
        .iter()
        .map(|tool| FunctionDeclaration {
            name: &tool.name,
            description: &tool.description,
            parameters_json_schema: &tool.parameters,
        })
        .collect();
    let body = GenerateRequest {
        system_instruction: (!system.is_empty()).then(|| SystemInstruction { parts: [Kind::Text(system).into()] }),
        contents: contents(&request.turns),
        tools: if declarations.is_empty() { Vec::new() } else { vec![Tool { function_declarations: declarations }] },
        generation_config: GenerationConfig { temperature: request.temperature, max_output_tokens: request.max_output_tokens },
    };
    let mut out = post(call, &format!("{}:streamGenerateContent?alt=sse", name_of(&request.model)), &body)?;
    out.headers.push(("accept", "text/event-stream, application/json".to_owned()));
    out.timeout = request.limits.total;
    out.gap = request.limits.first_token.max(request.limits.gap);
    out.max_bytes = request.limits.max_answer_bytes.saturating_mul(WIRE_FACTOR);
    Ok(out)
}

pub(super) fn post(call: Call<'_>, path: &str, body: &impl Serialize) -> Result<Request, ConnectorError> {
    let body = serde_json::to_vec(body).map_err(|e| call.error(ErrorKind::Unexpected, Retry::Never, e.to_string()))?;
    Ok(Request { body: Body::Json(body.into_boxed_slice().into()), ..to(call, Method::Post, path)? })
}

/// An empty request about a model, as the account of the endpoint.
pub(super) fn to(call: Call<'_>, method: Method, path: &str) -> Result<Request, ConnectorError> {
    let Some(key) = call.endpoint.key.as_ref().filter(|key| !key.is_empty()) else {
        return Err(call.error(ErrorKind::Unauthorized, Retry::Never, "no key is configured"));
    };
    let base = call.endpoint.base_url.trim_end_matches('/');
    let base = base.strip_suffix("/v1beta").unwrap_or(base);
    let mut out = Request::new(method, format!("{base}/v1beta/models/{path}"));
    out.auth = Auth::Header("x-goog-api-key", key.clone());
    Ok(out)
}

/// The vendor lists its models as `models/…`.
pub(super) fn name_of(model: &str) -> String {
    path_of(model.strip_prefix("models/").unwrap_or(model))
}

/// A thought signature for calls that another vendor's model made: it says that there was none to keep.
const FOREIGN: &str = "skip_thought_signature_validator";

fn contents(turns: &[Turn]) -> Vec<ContentOut<'_>> {
    let mut out = Vec::with_capacity(turns.len());
    let mut own: Option<&Value> = None;
    // The answers to parallel calls belong into one content.
    for group in turns.chunk_by(|a, b| matches!((a, b), (Turn::Tool { .. }, Turn::Tool { .. }))) {
        match &group[0] {
            Turn::User(content) => out.extend(built("user", content.iter().filter_map(said).collect())),
            Turn::Model { raw: Some(raw), raw_dialect, .. } if raw_dialect.as_deref() == Some(DIALECT) => {
                own = Some(raw);
                out.push(ContentOut::Verbatim(raw));
            }
            Turn::Model { text, calls, .. } => {
                own = None;
                let text = text.as_deref().filter(|text| !text.is_empty()).map(|text| Kind::Text(text).into());
                out.extend(built("model", text.into_iter().chain(foreign(calls)).collect()));
            }
            Turn::Tool { .. } => out.extend(built("user", group.iter().filter_map(|turn| response(turn, own)).collect())),
        }
    }
    out
}

/// Contents without parts are refused by the vendor.
fn built<'a>(role: &'static str, parts: Vec<PartOut<'a>>) -> Option<ContentOut<'a>> {
    (!parts.is_empty()).then_some(ContentOut::Built { role, parts })
}

fn said(content: &Content) -> Option<PartOut<'_>> {
    match content {
        Content::Text(text) if text.is_empty() => None,
        Content::Text(text) => Some(Kind::Text(text).into()),
        Content::Image { mime, bytes } => Some(Kind::InlineData(Blob { mime_type: mime, data: bytes }).into()),
    }
}

fn foreign(calls: &[ToolCall]) -> impl Iterator<Item = PartOut<'_>> {
    calls.iter().enumerate().map(|(i, call)| PartOut {
        kind: Kind::FunctionCall { name: &call.name, args: Args(&call.arguments) },
        thought_signature: (i == 0).then_some(FOREIGN),
    })
}

/// The id is echoed only if the vendor gave it; others are ours.
fn response<'a>(turn: &'a Turn, own: Option<&Value>) -> Option<PartOut<'a>> {
    let Turn::Tool { call, name, result, failed } = turn else { return None };
    let parts = own.and_then(|raw| raw.get("parts")?.as_array());
    let came = parts.into_iter().flatten().any(|part| part.pointer("/functionCall/id").and_then(Value::as_str) == Some(call));
    let response = if *failed { Outcome::Error(result) } else { Outcome::Output(result) };
    Some(Kind::FunctionResponse(FunctionResponse { id: came.then_some(call), name, response }).into())
}
