//! The dialect against a scripted vendor.

mod answers;
mod errors;
mod others;
mod requests;

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    ErrorKind, Retry, Secret,
    ports::{
        http::{Auth, Body, HttpError, Method},
        model::{CallLimits, Content, Finish, NoSink, ToolCall, Turn, Usage},
    },
};
use serde_json::{Value, json};

use super::*;
use crate::models::{
    contract::assert_accepted,
    fake::{Answer as Reply, Fake, Said, endpoint, request, user},
};

async fn ask(vendor: &'static str, reply: Reply) -> Result<(Completion, String), ConnectorError> {
    let fake = Fake::answering([reply]);
    let mut said = Said::default();
    let completion = OpenAiLike.complete(&fake, &endpoint(vendor), &request(vec![user("hi")]), &mut said).await?;
    Ok((completion, said.0))
}

fn text(content: &str) -> String {
    json!({ "model": "m-1", "choices": [{ "index": 0, "delta": { "content": content } }] }).to_string()
}

fn calls(pieces: Value) -> String {
    json!({ "choices": [{ "index": 0, "delta": { "tool_calls": pieces } }] }).to_string()
}

fn finish(reason: &str) -> String {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }).to_string()
}

fn stream(data: &[String]) -> Reply {
    Reply::events(&data.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A history with everything in it.
fn history() -> Vec<Turn> {
    let call = |id: &str, day: &str| ToolCall {
        id: id.to_owned(),
        name: "find_slots".to_owned(),
        arguments: json!({ "day": day }),
        broken: None,
    };
    let broken = ToolCall { arguments: Value::Null, broken: Some("not valid JSON".to_owned()), ..call("call_3", "") };
    let result = |id: &str, result: &str, failed| Turn::Tool {
        call: id.to_owned(),
        name: "find_slots".to_owned(),
        result: result.to_owned(),
        failed,
    };
    vec![
        user("a \"quoted\" day, señor"),
        Turn::Model {
            text: None,
            calls: vec![call("call_1", "2026-12-01"), call("call_2", "2026-12-02"), broken],
            raw: None,
            raw_dialect: None,
        },
        result("call_1", "09:00", false),
        result("call_2", "closed", true),
        result("call_3", "arguments were not valid JSON", true),
        Turn::Model {
            text: Some("At nine?".to_owned()),
            calls: vec![],
            raw: Some(Arc::new(json!({}))),
            raw_dialect: Some("gemini".to_owned()),
        },
        Turn::User(vec![
            Content::Text("Where is this?".to_owned()),
            Content::Image { mime: "image/png".to_owned(), bytes: Bytes::from_static(b"\x89PNG") },
        ]),
        Turn::Model { text: None, calls: vec![], raw: None, raw_dialect: None },
        Turn::User(vec![]),
    ]
}

async fn sent(vendor: &'static str, turns: Vec<Turn>) -> Value {
    let fake = Fake::answering([stream(&[text("ok"), finish("stop")])]);
    OpenAiLike.complete(&fake, &endpoint(vendor), &request(turns), &mut NoSink).await.unwrap();
    fake.json(0)
}
