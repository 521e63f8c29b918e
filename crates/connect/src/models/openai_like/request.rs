//! From the conversation to a chat completions request.

use std::borrow::Cow;

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    ports::{
        http::{Auth, Body, Method, Request},
        model::{Content, Endpoint, ModelRequest, Turn},
    },
};

use super::{
    vendors::{MaxTokens, Vendor},
    wire::{
        CallOut, ChatRequest, FunctionOut, FunctionSpec, Image, ImageUrl, Message, PartOut, StreamOptions, Tool, UserContent,
    },
};
use crate::models::{call::Call, stream::WIRE_FACTOR};

pub(super) fn chat(call: Call<'_>, vendor: &Vendor, request: &ModelRequest) -> Result<Request, ConnectorError> {
    let limit = |name| request.max_output_tokens.filter(|_| vendor.max_tokens == name);
    let mut messages = Vec::with_capacity(request.turns.len() + 1);
    if !request.system.is_empty() {
        messages.push(Message::System { content: &request.system });
    }
    messages.extend(request.turns.iter().map(|turn| message(vendor, turn)));
    let body = ChatRequest {
        model: &request.model,
        messages,
        tools: request.tools.iter().map(|tool| Tool { kind: "function", function: function(tool) }).collect(),
        temperature: request.temperature,
        max_tokens: limit(MaxTokens::MaxTokens),
        max_completion_tokens: limit(MaxTokens::MaxCompletionTokens),
        stream: true,
        stream_options: vendor.stream_options.then_some(StreamOptions { include_usage: true }),
    };
    let body = serde_json::to_vec(&body).map_err(|e| call.error(ErrorKind::Unexpected, Retry::Never, e.to_string()))?;
    let mut out = to(call, vendor, Method::Post, "chat/completions")?;
    out.headers.push(("accept", "text/event-stream, application/json".to_owned()));
    // It is kept while the model thinks: without what the buffer has to spare.
    out.body = Body::Json(body.into_boxed_slice().into());
    out.timeout = request.limits.total;
    out.gap = request.limits.first_token.max(request.limits.gap);
    out.max_bytes = request.limits.max_answer_bytes.saturating_mul(WIRE_FACTOR);
    Ok(out)
}

/// An empty request to a path below the base URL, as the account of the endpoint.
pub(super) fn to(call: Call<'_>, vendor: &Vendor, method: Method, path: &str) -> Result<Request, ConnectorError> {
    let Endpoint { base_url, key, organization, project, .. } = call.endpoint;
    let mut out = Request::new(method, format!("{}/{path}", base_url.trim_end_matches('/')));
    out.auth = match key {
        Some(key) if !key.is_empty() => Auth::Bearer(key.clone()),
        _ if vendor.needs_key => return Err(call.error(ErrorKind::Unauthorized, Retry::Never, "no key is configured")),
        _ => Auth::None,
    };
    for (name, value) in [("openai-organization", organization), ("openai-project", project)] {
        out.headers.extend(value.iter().map(|value| (name, value.clone())));
    }
    Ok(out)
}

fn message<'a>(vendor: &Vendor, turn: &'a Turn) -> Message<'a> {
    match turn {
        Turn::User(content) => Message::User { content: user_content(vendor, content) },
        Turn::Model { text, calls, .. } => Message::Assistant {
            // One of the two must be there.
            content: if calls.is_empty() { Some(text.as_deref().unwrap_or_default()) } else { text.as_deref() },
            tool_calls: calls
                .iter()
                .map(|call| CallOut {
                    id: call_id(vendor, &call.id),
                    kind: "function",
                    function: FunctionOut { name: &call.name, arguments: &call.arguments },
                })
                .collect(),
        },
        Turn::Tool { call, result, .. } => Message::Tool { tool_call_id: call_id(vendor, call), content: result },
    }
}

fn user_content<'a>(vendor: &Vendor, content: &'a [Content]) -> UserContent<'a> {
    match content {
        [] => UserContent::Text(""),
        [Content::Text(text)] => UserContent::Text(text),
        _ => UserContent::Parts(
            content
                .iter()
                .map(|part| match part {
                    Content::Text(text) => PartOut::Text { text },
                    Content::Image { mime, bytes } if vendor.images => {
                        PartOut::ImageUrl { image_url: ImageUrl { url: Image { mime, bytes } } }
                    }
                    Content::Image { .. } => PartOut::Text { text: UNSEEN_IMAGE },
                })
                .collect(),
        ),
    }
}

/// What a model that sees no images reads instead.
const UNSEEN_IMAGE: &str = "[an image that you cannot see]";

fn function(tool: &frontdesk_kernel::tool::ToolSpec) -> FunctionSpec<'_> {
    FunctionSpec { name: &tool.name, description: &tool.description, parameters: &tool.parameters }
}

/// The id of a call as this vendor takes it. The history may hold ids of another vendor: equal ids stay equal, and the chance that
/// two of one conversation meet is nil.
fn call_id<'a>(vendor: &Vendor, id: &'a str) -> Cow<'a, str> {
    const LENGTH: usize = 9;
    if !vendor.short_call_ids || (id.len() == LENGTH && id.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Cow::Borrowed(id);
    }
    // FNV-1a, written with the digits of base 36.
    let mut hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut digit = || {
        let digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(hash % 36) as usize];
        hash /= 36;
        char::from(digit)
    };
    Cow::Owned((0..LENGTH).map(|_| digit()).collect())
}
