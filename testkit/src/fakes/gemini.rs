//! A fake of Gemini's API: content generation with thought signatures, models.

use std::{io, ops::Deref};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    journal::{Options, Recorded},
    model::{Asked, Dialect, Draft, Events, Failure, FakeModel, Finish, slices},
    script::Last,
};

/// A running fake; dropping it stops it.
pub struct FakeGemini(FakeModel);

impl FakeGemini {
    /// On any free port, with everything checked.
    ///
    /// # Panics
    /// When no local port can be opened.
    pub async fn start() -> FakeGemini {
        Self::start_with(Options::default()).await.expect("a free local port")
    }
    pub async fn start_with(options: Options) -> io::Result<FakeGemini> {
        Ok(FakeGemini(FakeModel::start(Box::new(Gemini), options).await?))
    }
}

impl Deref for FakeGemini {
    type Target = FakeModel;
    fn deref(&self) -> &FakeModel {
        &self.0
    }
}

struct Gemini;

impl Dialect for Gemini {
    fn vendor(&self) -> &'static str {
        "gemini"
    }
    fn base(&self) -> &'static str {
        "/v1beta"
    }
    fn credential(&self, request: &Recorded) -> Option<String> {
        let in_query = || url::form_urlencoded::parse(request.query.as_bytes()).find(|(name, _)| name == "key");
        let key = request.header("x-goog-api-key").map(str::to_owned);
        key.or_else(|| in_query().map(|(_, key)| key.into_owned())).filter(|key| !key.is_empty())
    }

    fn route(&self, method: &str, path: &str) -> Option<Asked> {
        let rest = path.strip_prefix("/v1beta/models")?;
        match (method, rest.strip_prefix('/').unwrap_or(rest)) {
            ("GET", "") => Some(Asked::Models),
            ("GET", model) if !model.contains([':', '/']) => Some(Asked::Model(model.to_owned())),
            ("POST", call) => {
                let (_, verb) = call.split_once(':')?;
                matches!(verb, "generateContent" | "streamGenerateContent").then_some(Asked::Complete)
            }
            _ => None,
        }
    }

    fn streams(&self, request: &Recorded, _: &Value) -> bool {
        request.path.ends_with(":streamGenerateContent")
    }

    /// Model turns come back as they were said, signatures included; each call is answered by its id.
    fn check(&self, body: &Value) -> Result<(), String> {
        let mut open: Vec<(Option<&str>, &str)> = Vec::new();
        for (i, content) in body["contents"].as_array().into_iter().flatten().enumerate() {
            let parts = || content["parts"].as_array().into_iter().flatten();
            let answers: Vec<_> = parts().filter_map(|p| p.get("functionResponse")).map(identity).collect();
            if answers.len() != open.len() || answers.iter().any(|a| !open.contains(a)) {
                return Err(format!("contents[{i}]: function responses {answers:?} do not answer the function calls {open:?}"));
            }
            open = parts().filter_map(|p| p.get("functionCall")).map(identity).collect();
            if content["role"] != "model" && !open.is_empty() {
                return Err(format!("contents[{i}]: function calls are the model's to make"));
            }
            // Of parallel calls, the first carries the signature.
            let Some(first) = parts().find(|p| p.get("functionCall").is_some()) else { continue };
            let (id, name) = identity(&first["functionCall"]);
            match (id.filter(|id| id.starts_with("call_")), first["thoughtSignature"].as_str()) {
                (_, None | Some("")) => {
                    return Err(format!("Function call `{name}` in contents[{i}] is missing a thought_signature."));
                }
                (Some(id), Some(given)) if given != signature(id, name) => {
                    return Err(format!("Function call `{name}` in contents[{i}]: the thought signature is not valid."));
                }
                _ => {}
            }
        }
        if open.is_empty() { Ok(()) } else { Err(format!("function calls {open:?} have no function responses")) }
    }

    fn last(&self, body: &Value) -> Last {
        let mut contents = body["contents"].as_array().into_iter().flatten().rev();
        let last = contents.next().unwrap_or(&Value::Null);
        let mut parts = last["parts"].as_array().into_iter().flatten().rev();
        if let Some(answer) = parts.find_map(|p| p.get("functionResponse")) {
            let response = &answer["response"];
            let result = response.get("output").or_else(|| response.get("result")).unwrap_or(response);
            let result = result.as_str().map_or_else(|| result.to_string(), str::to_owned);
            return Last::Tool { result, asked: contents.map(words).find(|text| !text.is_empty()).unwrap_or_default() };
        }
        Last::User(words(last))
    }

    fn tools(&self, body: &Value) -> Vec<(String, Value)> {
        let lists = body["tools"].as_array().into_iter().flatten().filter_map(|t| t["functionDeclarations"].as_array());
        let tool = |f: &Value| {
            let parameters = f.get("parametersJsonSchema").or_else(|| f.get("parameters"));
            Some((f["name"].as_str()?.to_owned(), parameters.cloned().unwrap_or_default()))
        };
        lists.flatten().filter_map(tool).collect()
    }

    fn whole(&self, _: &Value, draft: &Draft) -> String {
        let mut parts: Vec<Value> = draft.text.iter().map(|text| json!({ "text": text })).collect();
        parts.extend(call_parts(draft));
        written(&chunk(parts, Some(draft), draft), draft)
    }

    fn stream(&self, _: &Value, draft: &Draft) -> Events {
        let event = |part: Value| written(&chunk(vec![part], None, draft), draft);
        let mut content: Vec<_> =
            slices(draft.text.as_deref().unwrap_or_default()).map(|s| event(json!({ "text": s }))).collect();
        content.extend(call_parts(draft).map(event));
        Events { content, terminal: vec![chunk(vec![json!({"text": ""})], Some(draft), draft).to_string()] }
    }

    fn failure(&self, failure: &Failure) -> (u16, Value) {
        let (status, message, details) = match failure {
            Failure::Status(status) => (*status, "The model could not answer.".to_owned(), Value::Null),
            Failure::RateLimited(wait) => {
                let delay = wait.map(|w| format!("{}s", w.as_secs_f64()));
                let info = delay.map(|d| json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": d}]));
                (429, "Resource has been exhausted (e.g. check quota).".to_owned(), info.unwrap_or_default())
            }
            Failure::Quota => {
                let violation = json!({"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"});
                let info = json!([{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}]);
                (429, "You exceeded your current quota, please check your plan and billing details.".to_owned(), info)
            }
            Failure::ContextOverflow => {
                let message = "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";
                (400, message.to_owned(), Value::Null)
            }
            Failure::Forbidden(problem) => (400, problem.clone(), Value::Null),
            Failure::NoKey => (403, "Method doesn't allow unregistered callers.".to_owned(), Value::Null),
            Failure::WrongKey => {
                let info = json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]);
                (400, "API key not valid. Please pass a valid API key.".to_owned(), info)
            }
        };
        let mut error = json!({"code": status, "message": message, "status": grpc_name(status)});
        if !details.is_null() {
            error["details"] = details;
        }
        (status, json!({ "error": error }))
    }

    fn models(&self, one: Option<&str>) -> Value {
        let model = |id: &str| {
            json!({
                "name": format!("models/{id}"),
                "version": "001",
                "displayName": id,
                "inputTokenLimit": 1_048_576,
                "outputTokenLimit": 65_536,
                "supportedGenerationMethods": ["generateContent", "countTokens"],
            })
        };
        match one {
            Some(id) => model(id),
            None => json!({"models": [model("gemini-2.5-flash"), model("gemini-3-flash")]}),
        }
    }
}

/// The opaque value that must come back with the call.
fn words(content: &Value) -> String {
    let texts = content["parts"].as_array().into_iter().flatten().filter_map(|p| p["text"].as_str());
    texts.collect::<Vec<_>>().join("\n")
}

fn signature(id: &str, name: &str) -> String {
    STANDARD.encode(Sha256::digest(format!("{id}/{name}")))
}

fn identity(call: &Value) -> (Option<&str>, &str) {
    (call["id"].as_str(), call["name"].as_str().unwrap_or_default())
}

/// A call that the token limit cuts off is left out.
fn call_parts(draft: &Draft) -> impl Iterator<Item = Value> {
    let whole = draft.finish != Finish::Length;
    draft.calls.iter().enumerate().filter(move |_| whole).map(|(i, call)| {
        let arguments = serde_json::from_str(&call.arguments).unwrap_or_else(|_| Value::from(stand_in(i)));
        let mut part = json!({"functionCall": {"id": call.id, "name": call.name, "args": arguments}});
        if i == 0 {
            part["thoughtSignature"] = signature(&call.id, &call.name).into();
        }
        part
    })
}

/// Arguments that are not JSON cannot be in a `Value`; this stands for them until the answer is text.
fn stand_in(i: usize) -> String {
    format!("\u{1}{i}")
}

fn written(chunk: &Value, draft: &Draft) -> String {
    let mut text = chunk.to_string();
    for (i, call) in draft.calls.iter().enumerate() {
        let mark = Value::from(stand_in(i)).to_string();
        if text.contains(&mark) {
            text = text.replace(&mark, &call.arguments);
        }
    }
    text
}

/// One `GenerateContentResponse`; with `end`, the last one.
fn chunk(parts: Vec<Value>, end: Option<&Draft>, draft: &Draft) -> Value {
    let mut candidate = json!({"index": 0, "content": {"role": "model", "parts": parts}});
    let output = end.map_or(0, |d| d.output_tokens);
    if let Some(draft) = end {
        candidate["finishReason"] = match draft.finish {
            Finish::Done => "STOP".into(),
            Finish::Length => "MAX_TOKENS".into(),
            Finish::Filtered => "SAFETY".into(),
        };
        if draft.finish == Finish::Filtered || draft.output_tokens == 0 {
            candidate.as_object_mut().map(|c| c.remove("content"));
        }
    }
    let mut response = json!({
        "usageMetadata": {
            "promptTokenCount": draft.input_tokens,
            "candidatesTokenCount": output,
            "totalTokenCount": draft.input_tokens + output,
        },
        "modelVersion": "gemini-fake",
        "responseId": format!("response-{}", draft.number),
    });
    match draft.refusal {
        // A declined prompt has no candidates at all.
        Some(_) => response["promptFeedback"] = json!({"blockReason": "PROHIBITED_CONTENT"}),
        None => response["candidates"] = json!([candidate]),
    }
    response
}

fn grpc_name(status: u16) -> &'static str {
    match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 | 529 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "INTERNAL",
    }
}

#[cfg(test)]
mod tests;
