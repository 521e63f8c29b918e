//! A model that knows three answers: it books, it cancels, and it says that this was done.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::Desk;
use crate::customers::{BOOK, CANCEL};

pub(super) async fn complete(State(desk): State<Arc<Desk>>, body: axum::body::Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    desk.think().await;
    let answer = answer(&request);
    if request["stream"] != true {
        let choice = json!({ "index": 0, "message": answer.message(), "logprobs": null, "finish_reason": answer.reason() });
        let whole = json!({
            "id": "chatcmpl-bench", "object": "chat.completion", "created": 1_795_273_200, "model": request["model"],
            "choices": [choice], "usage": usage(),
        });
        return ([(header::CONTENT_TYPE, "application/json")], whole.to_string()).into_response();
    }
    let chunk = |choices: Value, usage: Value| {
        let chunk = json!({
            "id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_795_273_200, "model": request["model"],
            "choices": choices, "usage": usage,
        });
        format!("data: {chunk}\n\n")
    };
    let mut delta = answer.message();
    for (index, call) in delta["tool_calls"].as_array_mut().into_iter().flatten().enumerate() {
        call["index"] = index.into();
    }
    let said = json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": null }]);
    let end = json!([{ "index": 0, "delta": {}, "logprobs": null, "finish_reason": answer.reason() }]);
    let events = [chunk(said, Value::Null), chunk(end, Value::Null), chunk(json!([]), usage()), "data: [DONE]\n\n".to_owned()];
    ([(header::CONTENT_TYPE, "text/event-stream")], events.concat()).into_response()
}

fn usage() -> Value {
    let details = json!({ "cached_tokens": 0 });
    json!({ "prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940, "prompt_tokens_details": details })
}

enum Answer {
    Call(&'static str, Value),
    Text(String),
}

impl Answer {
    fn message(&self) -> Value {
        match self {
            Answer::Text(text) => json!({ "role": "assistant", "content": text, "refusal": null }),
            Answer::Call(name, arguments) => {
                let function = json!({ "name": name, "arguments": arguments.to_string() });
                let call = json!({ "id": "call_bench", "type": "function", "function": function });
                json!({ "role": "assistant", "content": null, "refusal": null, "tool_calls": [call] })
            }
        }
    }

    fn reason(&self) -> &'static str {
        if matches!(self, Answer::Call(..)) { "tool_calls" } else { "stop" }
    }
}

fn answer(request: &Value) -> Answer {
    let last = request["messages"].as_array().and_then(|messages| messages.last()).unwrap_or(&Value::Null);
    let text = words(last);
    if last["role"] == "tool" {
        // A refusal is reported as one: nothing is claimed that was not done.
        let done = text.contains('✅');
        return Answer::Text(match (done, text.contains("cancel")) {
            (true, true) => "Listo, tu cita quedó cancelada. ¿Te ayudo con algo más?".to_owned(),
            (true, false) => "Listo, tu cita quedó agendada. ¡Te esperamos!".to_owned(),
            (false, _) => format!("No fue posible: {text}"),
        });
    }
    if let Some((_, start)) = text.rsplit_once(BOOK) {
        return Answer::Call("schedule_appointment", json!({ "start": start.split_whitespace().next() }));
    }
    if text.contains(CANCEL) {
        return Answer::Call("cancel_appointment", json!({ "appointment": "latest" }));
    }
    Answer::Text("¡Hola! ¿En qué puedo ayudarte?".to_owned())
}

fn words(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        parts => {
            let texts = parts.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_books_cancels_and_claims_only_what_was_done() {
        let ask = |role: &str, text: &str| answer(&json!({ "messages": [{ "role": role, "content": text }] })).message();
        let call = |text: &str| ask("user", text)["tool_calls"][0]["function"].clone();
        assert_eq!(call("una cita book:2026-12-01T10:00 por favor")["arguments"], r#"{"start":"2026-12-01T10:00"}"#);
        assert_eq!(call("cancela mi cita, por favor: cancel!")["name"], "cancel_appointment");
        let said = |result: &str| ask("tool", result)["content"].as_str().unwrap_or_default().to_owned();
        assert!(said("✅ Tu cita fue agendada").contains("agendada") && said("✅ Tu cita fue cancelada").contains("cancelada"));
        assert!(said("Ese horario está ocupado").starts_with("No fue posible"));
    }
}
