//! A fake of OpenAI's API: chat completions, transcriptions, models.

use std::{io, ops::Deref};

use serde_json::{Value, json};

use super::{
    journal::{Options, Recorded},
    model::{Asked, Dialect, Draft, DraftCall, Events, Failure, FakeModel, Finish, slices},
    script::Last,
};

/// A running fake; dropping it stops it.
pub struct FakeOpenAi(FakeModel);

impl FakeOpenAi {
    /// On any free port, with everything checked.
    ///
    /// # Panics
    /// When no local port can be opened.
    pub async fn start() -> FakeOpenAi {
        Self::start_with(Options::default()).await.expect("a free local port")
    }
    pub async fn start_with(options: Options) -> io::Result<FakeOpenAi> {
        Ok(FakeOpenAi(FakeModel::start(Box::new(OpenAi), options).await?))
    }
}

impl Deref for FakeOpenAi {
    type Target = FakeModel;
    fn deref(&self) -> &FakeModel {
        &self.0
    }
}

struct OpenAi;

const CREATED: i64 = 1_795_273_200;

impl Dialect for OpenAi {
    fn vendor(&self) -> &'static str {
        "openai"
    }
    fn base(&self) -> &'static str {
        "/v1"
    }
    fn credential(&self, request: &Recorded) -> Option<String> {
        request.bearer().map(str::to_owned)
    }

    fn route(&self, method: &str, path: &str) -> Option<Asked> {
        match (method, path.strip_prefix("/v1")?) {
            ("POST", "/chat/completions") => Some(Asked::Complete),
            ("POST", "/audio/transcriptions") => Some(Asked::Transcribe),
            ("GET", "/models") => Some(Asked::Models),
            ("GET", path) => path.strip_prefix("/models/").filter(|m| !m.is_empty()).map(|m| Asked::Model(m.to_owned())),
            _ => None,
        }
    }

    fn streams(&self, _: &Recorded, body: &Value) -> bool {
        body["stream"] == true
    }

    /// Each tool call is answered, at once and by its id; nothing else is.
    fn check(&self, body: &Value) -> Result<(), String> {
        let mut open: Vec<&str> = Vec::new();
        for (i, message) in body["messages"].as_array().into_iter().flatten().enumerate() {
            if message["role"] == "tool" {
                let id = message["tool_call_id"].as_str().unwrap_or_default();
                let Some(at) = open.iter().position(|o| *o == id) else {
                    return Err(format!("messages[{i}]: a tool message must answer a preceding tool call, `{id}` is none"));
                };
                open.remove(at);
                continue;
            }
            if !open.is_empty() {
                return Err(format!("messages[{i}]: tool calls without a tool message: {}", open.join(", ")));
            }
            let calls = message["tool_calls"].as_array().into_iter().flatten();
            open = calls.filter_map(|c| c["id"].as_str()).collect();
        }
        if open.is_empty() { Ok(()) } else { Err(format!("tool calls without a tool message: {}", open.join(", "))) }
    }

    fn last(&self, body: &Value) -> Last {
        let mut messages = body["messages"].as_array().into_iter().flatten().rev();
        let last = messages.next().unwrap_or(&Value::Null);
        if last["role"] != "tool" {
            return Last::User(words(last));
        }
        let mut calls = String::new();
        for message in messages {
            let made = message["tool_calls"].as_array().into_iter().flatten().filter(|_| calls.is_empty());
            calls = made.filter_map(|c| c["function"]["arguments"].as_str()).fold(calls.clone(), |all, one| all + " " + one);
            if message["role"] == "user" {
                return Last::Tool { result: words(last), asked: words(message) + &calls };
            }
        }
        Last::Tool { result: words(last), asked: calls }
    }

    fn tools(&self, body: &Value) -> Vec<(String, Value)> {
        let functions = body["tools"].as_array().into_iter().flatten().map(|t| &t["function"]);
        functions.filter_map(|f| Some((f["name"].as_str()?.to_owned(), f["parameters"].clone()))).collect()
    }

    fn whole(&self, body: &Value, draft: &Draft) -> String {
        let mut message = json!({"role": "assistant", "content": draft.text, "refusal": draft.refusal});
        if !draft.calls.is_empty() {
            let call =
                |c: &DraftCall| json!({"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}});
            message["tool_calls"] = draft.calls.iter().map(call).collect();
        }
        json!({
            "id": format!("chatcmpl-{}", draft.number),
            "object": "chat.completion",
            "created": CREATED,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason(draft)}],
            "usage": usage(draft),
        })
        .to_string()
    }

    fn stream(&self, body: &Value, draft: &Draft) -> Events {
        let with_usage = body["stream_options"]["include_usage"] == true;
        let chunk = |choices: Value, usage: Value| {
            let mut chunk = json!({
                "id": format!("chatcmpl-{}", draft.number),
                "object": "chat.completion.chunk",
                "created": CREATED,
                "model": body["model"],
                "choices": choices,
            });
            if with_usage {
                chunk["usage"] = usage;
            }
            chunk.to_string()
        };
        let choice = |delta: Value, finish: Option<&str>| {
            chunk(json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]), Value::Null)
        };
        let mut content = vec![choice(json!({"role": "assistant", "content": "", "refusal": null}), None)];
        for (member, text) in [("content", &draft.text), ("refusal", &draft.refusal)] {
            content.extend(slices(text.as_deref().unwrap_or_default()).map(|s| choice(json!({ member: s }), None)));
        }
        for (index, call) in draft.calls.iter().enumerate() {
            let head =
                json!({"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}});
            content.push(choice(json!({ "tool_calls": [head] }), None));
            content.extend(
                slices(&call.arguments)
                    .map(|s| choice(json!({"tool_calls": [{"index": index, "function": {"arguments": s}}]}), None)),
            );
        }
        let mut terminal = vec![choice(json!({}), Some(finish_reason(draft)))];
        if with_usage {
            terminal.push(chunk(json!([]), usage(draft)));
        }
        terminal.push("[DONE]".to_owned());
        Events { content, terminal }
    }

    fn failure(&self, failure: &Failure) -> (u16, Value) {
        let (status, kind, code, message) = match failure {
            Failure::Status(401) | Failure::WrongKey => {
                (401, "invalid_request_error", Some("invalid_api_key"), "Incorrect API key provided.".to_owned())
            }
            Failure::NoKey => (401, "invalid_request_error", None, "You didn't provide an API key.".to_owned()),
            Failure::Status(404) => (
                404,
                "invalid_request_error",
                Some("model_not_found"),
                "This does not exist or you have no access to it.".to_owned(),
            ),
            Failure::Status(503) => (503, "service_unavailable_error", None, "The engine is currently overloaded.".to_owned()),
            Failure::Status(529) => (529, "overloaded_error", None, "Overloaded".to_owned()),
            Failure::Status(status @ 500..) => (*status, "server_error", None, "The server had an error.".to_owned()),
            Failure::Status(status) => (*status, "invalid_request_error", None, "The request is not acceptable.".to_owned()),
            Failure::RateLimited(_) => (429, "tokens", Some("rate_limit_exceeded"), "Rate limit reached.".to_owned()),
            Failure::Quota => {
                (429, "insufficient_quota", Some("insufficient_quota"), "You exceeded your current quota.".to_owned())
            }
            Failure::ContextOverflow => (
                400,
                "invalid_request_error",
                Some("context_length_exceeded"),
                "This model's maximum context length is 128000 tokens. Please reduce the length of the messages.".to_owned(),
            ),
            Failure::Forbidden(problem) => (400, "invalid_request_error", None, problem.clone()),
        };
        (status, json!({"error": {"message": message, "type": kind, "param": null, "code": code}}))
    }

    fn models(&self, one: Option<&str>) -> Value {
        let model = |id: &str| json!({"id": id, "object": "model", "created": CREATED, "owned_by": "system"});
        match one {
            Some(id) => model(id),
            None => json!({"object": "list", "data": [model("gpt-4o-mini"), model("gpt-4o-transcribe")]}),
        }
    }
}

fn words(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        parts => {
            let texts = parts.as_array().into_iter().flatten().filter_map(|p| p["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
    }
}

fn finish_reason(draft: &Draft) -> &'static str {
    match draft.finish {
        Finish::Length => "length",
        Finish::Filtered => "content_filter",
        Finish::Done if draft.calls.is_empty() => "stop",
        Finish::Done => "tool_calls",
    }
}

fn usage(draft: &Draft) -> Value {
    json!({
        "prompt_tokens": draft.input_tokens,
        "completion_tokens": draft.output_tokens,
        "total_tokens": draft.input_tokens + draft.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
    })
}

#[cfg(test)]
mod tests;
