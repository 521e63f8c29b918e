use std::time::{Duration, Instant};

use super::*;
use crate::{
    contracts::Contracts,
    fakes::{
        ModelFault, Reply,
        testing::{Client, tool},
    },
};

const CHAT: &str = "/v1/chat/completions";

async fn openai() -> (FakeOpenAi, Client) {
    let fake = FakeOpenAi::start().await;
    let client = Client::bearer(fake.url());
    (fake, client)
}

fn ask(text: &str, stream: bool) -> Value {
    let mut body = json!({
        "model": "gpt-4o-mini",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": text}],
        "tools": [{"type": "function", "function": tool("schedule_appointment")}],
    });
    if stream {
        body["stream"] = true.into();
        body["stream_options"] = json!({"include_usage": true});
    }
    body
}

/// What a client puts together from a stream: text, calls (id, name, arguments), finish reason, usage.
fn assemble(events: &[String]) -> (String, Vec<(String, String, String)>, String, Value) {
    let (mut text, mut calls, mut finish, mut usage) = (String::new(), Vec::new(), String::new(), Value::Null);
    assert_eq!(events.last().unwrap(), "[DONE]");
    for event in &events[..events.len() - 1] {
        let event: Value = serde_json::from_str(event).unwrap();
        if !event["usage"].is_null() {
            usage = event["usage"].clone();
        }
        let choice = &event["choices"][0];
        text += choice["delta"]["content"].as_str().unwrap_or_default();
        for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let at = call["index"].as_u64().unwrap() as usize;
            if calls.len() <= at {
                let word = |v: &Value| v.as_str().unwrap().to_owned();
                calls.push((word(&call["id"]), word(&call["function"]["name"]), String::new()));
            }
            calls[at].2 += call["function"]["arguments"].as_str().unwrap_or_default();
        }
        finish += choice["finish_reason"].as_str().unwrap_or_default();
    }
    (text, calls, finish, usage)
}

#[tokio::test]
async fn scripted_words_and_parallel_calls_come_whole_and_streamed() {
    let (fake, client) = openai().await;
    let both = Reply::call("a", json!({"x": 1})).and_call("b", json!({"y": "ñandú con patas muy largas"})).and_text("Un momento");
    for _ in 0..2 {
        fake.say("Hola, ¿en qué puedo ayudarte? 👋");
        fake.reply(both.clone());
    }
    let whole = client.post(CHAT, &ask("x", false)).await.unwrap().json();
    assert_eq!(whole["choices"][0]["message"]["content"], "Hola, ¿en qué puedo ayudarte? 👋");
    assert_eq!((&whole["choices"][0]["finish_reason"], &whole["model"]), (&json!("stop"), &json!("gpt-4o-mini")));
    let whole = client.post(CHAT, &ask("x", false)).await.unwrap().json();
    let calls = &whole["choices"][0]["message"]["tool_calls"];
    assert_eq!((&calls[0]["function"]["name"], &calls[1]["function"]["name"]), (&json!("a"), &json!("b")));
    assert_eq!(whole["choices"][0]["finish_reason"], "tool_calls");

    for fragment in [0, 1, 7] {
        if fragment > 0 {
            fake.say("Hola, ¿en qué puedo ayudarte? 👋");
            fake.reply(both.clone());
        }
        fake.fragment(fragment);
        let (text, calls, finish, usage) = assemble(&client.post(CHAT, &ask("x", true)).await.unwrap().events());
        assert_eq!((text.as_str(), calls.len(), finish.as_str()), ("Hola, ¿en qué puedo ayudarte? 👋", 0, "stop"));
        assert!(usage["prompt_tokens"].as_u64().unwrap() > 20 && usage["completion_tokens"].as_u64().unwrap() > 5);
        let (text, calls, finish, _) = assemble(&client.post(CHAT, &ask("x", true)).await.unwrap().events());
        assert_eq!((text.as_str(), finish.as_str()), ("Un momento", "tool_calls"));
        assert_eq!(calls[1].2, r#"{"y":"ñandú con patas muy largas"}"#);
        assert_ne!(calls[0].0, calls[1].0);
    }
    assert_eq!((fake.waiting(), fake.violations()), (0, Vec::new()));
}

#[tokio::test]
async fn the_same_request_costs_the_same() {
    let (_fake, client) = openai().await;
    let a = client.post(CHAT, &ask("hola", false)).await.unwrap().json();
    let b = client.post(CHAT, &ask("hola", false)).await.unwrap().json();
    assert_eq!(a["usage"], b["usage"]);
    assert_ne!(a["id"], b["id"]);
}

#[tokio::test]
async fn the_built_in_brain_books_and_reports() {
    let (fake, client) = openai().await;
    let mut body = ask("book:2026-11-24T10:00:00", false);
    let answer = client.post(CHAT, &body).await.unwrap().json();
    let message = &answer["choices"][0]["message"];
    assert_eq!(message["tool_calls"][0]["function"]["arguments"], r#"{"start":"2026-11-24T10:00:00"}"#);
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "content": null, "tool_calls": message["tool_calls"]}));
    messages.push(json!({"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "booked"}));
    let answer = client.post(CHAT, &body).await.unwrap().json();
    assert_eq!(answer["choices"][0]["message"]["content"], "done: booked");
    let parts = json!([{"type": "text", "text": "hola"}, {"type": "text", "text": "chao"}]);
    body["messages"].as_array_mut().unwrap().push(json!({"role": "user", "content": parts}));
    let answer = client.post(CHAT, &body).await.unwrap().json();
    assert_eq!(answer["choices"][0]["message"]["content"], "echo: hola\nchao");
    fake.brain(|request| Reply::text(format!("{} messages", request["messages"].as_array().unwrap().len())));
    assert_eq!(client.post(CHAT, &body).await.unwrap().json()["choices"][0]["message"]["content"], "5 messages");
    assert_eq!((fake.violations(), fake.asked().len()), (Vec::new(), 4));
}

#[tokio::test]
async fn tool_calls_must_be_answered_each_by_its_id() {
    let (fake, client) = openai().await;
    let user = json!({"role": "user", "content": "x"});
    let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let calls = json!({"role": "assistant", "content": null, "tool_calls": [call("a"), call("b")]});
    let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "ok"});
    let cases = [
        (json!([user, calls, result("b"), result("a")]), 200),
        (json!([user, calls, result("a")]), 400),
        (json!([user, calls, result("a"), user]), 400),
        (json!([user, calls, result("a"), result("c")]), 400),
        (json!([user, result("a")]), 400),
        (json!([user, calls, result("a"), result("a")]), 400),
    ];
    for (messages, status) in cases {
        let answer = client.post(CHAT, &json!({"model": "m", "messages": messages})).await.unwrap();
        assert_eq!(answer.status, status, "{messages}");
    }
    assert_eq!(fake.violations().len(), 5);
}

#[tokio::test]
async fn what_the_contract_forbids_is_refused_and_recorded() {
    if Contracts::load().is_none() {
        return;
    }
    let (fake, client) = openai().await;
    let mut body = ask("x", false);
    body["temprature"] = json!(1);
    let answer = client.post(CHAT, &body).await.unwrap();
    assert_eq!((answer.status, &answer.json()["error"]["type"]), (400, &json!("invalid_request_error")));
    assert_eq!(client.get("/v1/chat").await.unwrap().status, 404);
    assert_eq!(fake.violations().len(), 2);
}

#[tokio::test]
async fn keys_are_checked_and_models_listed() {
    let options = Options { key: Some("test-token".into()), ..Options::default() };
    let fake = FakeOpenAi::start_with(options).await.unwrap();
    let client = Client::bearer(fake.url());
    assert_eq!(client.get("/v1/models/gpt-4o-mini").await.unwrap().json()["id"], "gpt-4o-mini");
    assert_eq!(client.get("/v1/models").await.unwrap().json()["object"], "list");
    assert_eq!(client.anonymous("/v1/models").await.status, 401);
    let other = FakeOpenAi::start_with(Options { key: Some("other".into()), ..Options::default() }).await.unwrap();
    let refused = Client::bearer(other.url()).get("/v1/models").await.unwrap();
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (401, &json!("invalid_api_key")));
    assert_eq!(fake.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_recording_is_heard() {
    let (fake, client) = openai().await;
    let form = |format: &str| {
        let file = reqwest::multipart::Part::bytes(vec![0xff; 9]).file_name("a.ogg").mime_str("audio/ogg").unwrap();
        let form = reqwest::multipart::Form::new().text("model", "gpt-4o-transcribe").text("response_format", format.to_owned());
        form.part("file", file)
    };
    let path = "/v1/audio/transcriptions";
    fake.hear("quiero una cita");
    assert_eq!(client.upload(path, form("json")).await.unwrap().json(), json!({"text": "quiero una cita"}));
    assert_eq!(client.upload(path, form("text")).await.unwrap().text(), "a recording of 9 bytes\n");
    assert_eq!(fake.violations(), Vec::<String>::new());
    fake.hearing_faults().push(ModelFault::Status(503));
    fake.hearing_faults().push(ModelFault::InvalidJson);
    assert_eq!(client.upload(path, form("json")).await.unwrap().status, 503);
    assert!(serde_json::from_slice::<Value>(&client.upload(path, form("json")).await.unwrap().body).is_err());
    if Contracts::load().is_some() {
        let no_model = reqwest::multipart::Form::new().text("file", "x");
        assert_eq!(client.upload(path, no_model).await.unwrap().status, 400);
    }
}

#[tokio::test]
async fn refusals_of_the_vendor_have_its_status_code_and_wait() {
    let (fake, client) = openai().await;
    let cases = [
        (ModelFault::RateLimited { retry_after: Some(Duration::from_secs(3)) }, 429, json!("rate_limit_exceeded"), Some("3")),
        (ModelFault::RateLimited { retry_after: None }, 429, json!("rate_limit_exceeded"), None),
        (ModelFault::Quota, 429, json!("insufficient_quota"), None),
        (ModelFault::ContextOverflow, 400, json!("context_length_exceeded"), None),
        (ModelFault::Status(401), 401, json!("invalid_api_key"), None),
        (ModelFault::Status(500), 500, Value::Null, None),
        (ModelFault::Status(503), 503, Value::Null, None),
        (ModelFault::Status(529), 529, Value::Null, None),
    ];
    fake.say("the script waits");
    for (fault, status, code, wait) in cases {
        fake.faults().push(fault.clone());
        let answer = client.post(CHAT, &ask("x", true)).await.unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (status, wait), "{fault:?}");
        assert_eq!(answer.json()["error"]["code"], code, "{fault:?}");
    }
    for fault in [ModelFault::Reset, ModelFault::AnswerLost] {
        fake.faults().push(fault);
        assert!(client.post(CHAT, &ask("x", true)).await.is_err());
    }
    assert_eq!(fake.waiting(), 1);
}

#[tokio::test]
async fn broken_streams_break_as_named() {
    let (fake, client) = openai().await;
    let strike = async |fault: ModelFault| {
        fake.faults().push(fault);
        client.post(CHAT, &ask("x", true)).await
    };
    let error = strike(ModelFault::ErrorAfter200).await.unwrap().events();
    assert!(error.len() > 1 && error.last().unwrap().contains("\"error\""));
    let silent = strike(ModelFault::NoTerminalEvent).await.unwrap().events();
    assert!(silent.iter().all(|e| e != "[DONE]" && e.contains("\"finish_reason\":null")), "{silent:?}");
    assert!(strike(ModelFault::CutMidStream).await.is_err());
    let broken = strike(ModelFault::InvalidJson).await.unwrap().events();
    assert!(broken.iter().any(|e| e != "[DONE]" && serde_json::from_str::<Value>(e).is_err()));
    assert!(std::str::from_utf8(&strike(ModelFault::InvalidUtf8).await.unwrap().body).is_err());

    fake.say("tarde");
    let (pause, start) = (Duration::from_millis(60), Instant::now());
    let late = strike(ModelFault::StallBeforeFirstToken(pause)).await.unwrap();
    assert!(start.elapsed() >= pause && assemble(&late.events()).0 == "tarde");
    fake.say("más tarde");
    let start = Instant::now();
    let late = strike(ModelFault::StallMidStream(pause)).await.unwrap();
    assert!(start.elapsed() >= pause && assemble(&late.events()).0 == "más tarde");
    fake.say("entero");
    let plain = strike(ModelFault::JsonInsteadOfSse).await.unwrap();
    assert_eq!(plain.header("content-type"), Some("application/json"));
    assert_eq!(plain.json()["choices"][0]["message"]["content"], "entero");
    assert_eq!((fake.waiting(), fake.violations()), (0, Vec::new()));
}

#[tokio::test]
async fn a_stall_before_the_first_token_comes_after_the_headers() {
    let (fake, _) = openai().await;
    fake.faults().push(ModelFault::StallBeforeFirstToken(Duration::from_secs(600)));
    let body = ask("x", true).to_string();
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(fake.url().trim_start_matches("http://")).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, (head + &body).as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    while !seen.windows(4).any(|w| w == b"\r\n\r\n") {
        tokio::io::AsyncReadExt::read_buf(&mut stream, &mut seen).await.unwrap();
    }
    let seen = String::from_utf8(seen).unwrap();
    assert!(seen.starts_with("HTTP/1.1 200") && !seen.contains("data:"), "{seen}");
}

#[tokio::test]
async fn whole_answers_break_as_named() {
    let (fake, client) = openai().await;
    let strike = async |fault: ModelFault| {
        fake.faults().push(fault);
        client.post(CHAT, &ask("x", false)).await
    };
    assert!(strike(ModelFault::ErrorAfter200).await.unwrap().json().get("error").is_some());
    for fault in [ModelFault::InvalidJson, ModelFault::NoTerminalEvent, ModelFault::InvalidUtf8] {
        let answer = strike(fault.clone()).await.unwrap();
        assert!(answer.status == 200 && serde_json::from_slice::<Value>(&answer.body).is_err(), "{fault:?}");
    }
    assert!(strike(ModelFault::CutMidStream).await.is_err());
    let start = Instant::now();
    let late = strike(ModelFault::StallMidStream(Duration::from_millis(60))).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(60) && late.json()["choices"][0]["finish_reason"] == "stop");
}

#[tokio::test]
async fn senseless_answers_are_senseless_as_named() {
    let (fake, client) = openai().await;
    let strike = async |fault: ModelFault| {
        fake.faults().push(fault);
        assemble(&client.post(CHAT, &ask("x", true)).await.unwrap().events())
    };
    let (_, calls, _, _) = strike(ModelFault::PartialToolJson).await;
    assert!(calls[0].1 == "schedule_appointment" && serde_json::from_str::<Value>(&calls[0].2).is_err());
    let (_, calls, _, _) = strike(ModelFault::NotANumber).await;
    assert_eq!(calls[0].2, r#"{"amount":NaN}"#);
    let (_, calls, _, _) = strike(ModelFault::DuplicateCallIds).await;
    assert_eq!((calls.len(), &calls[0].0), (2, &calls[1].0));
    let (_, calls, _, _) = strike(ModelFault::UnknownTool).await;
    assert_eq!(calls[0].1, "delete_everything");
    let (_, calls, _, _) = strike(ModelFault::WrongTypes).await;
    assert_eq!(calls[0].2, r#"{"start":7}"#);
    let (text, ..) = strike(ModelFault::HugeAnswer(10 << 20)).await;
    assert!(text.len() >= 10 << 20);
    let (text, calls, finish, usage) = strike(ModelFault::NoTokens).await;
    assert_eq!((text.as_str(), calls.len(), finish.as_str(), &usage["completion_tokens"]), ("", 0, "stop", &json!(0)));
    let (text, _, finish, _) = strike(ModelFault::ContentFilter).await;
    assert_eq!((text.as_str(), finish.as_str()), ("", "content_filter"));
    fake.say("una frase entera");
    let (text, _, finish, _) = strike(ModelFault::LengthCut).await;
    assert_eq!((text.as_str(), finish.as_str()), ("una fras", "length"));
    fake.call("schedule_appointment", json!({"start": "2026-11-24T10:00:00"}));
    let (_, calls, finish, _) = strike(ModelFault::LengthCut).await;
    assert!(finish == "length" && serde_json::from_str::<Value>(&calls[0].2).is_err());

    fake.faults().push(ModelFault::Refusal);
    let message = client.post(CHAT, &ask("x", false)).await.unwrap().json()["choices"][0]["message"].clone();
    assert!(message["content"].is_null() && message["refusal"].is_string());
    fake.faults().push(ModelFault::Refusal);
    let events = client.post(CHAT, &ask("x", true)).await.unwrap().events().concat();
    assert!(events.contains("\"refusal\":\"I cannot"), "{events}");
}

#[tokio::test]
async fn a_tool_loop_never_ends_and_never_repeats_itself() {
    let (fake, client) = openai().await;
    fake.faults().always(ModelFault::ToolLoop);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let answer = client.post(CHAT, &ask("x", false)).await.unwrap().json();
        let call = answer["choices"][0]["message"]["tool_calls"][0].clone();
        assert_eq!(call["function"]["name"], "schedule_appointment");
        assert!(seen.insert(call["function"]["arguments"].to_string()));
    }
    fake.faults().clear();
    fake.say("ya");
    assert_eq!(client.post(CHAT, &ask("x", false)).await.unwrap().json()["choices"][0]["message"]["content"], "ya");
}

#[tokio::test]
async fn answers_take_their_latency() {
    let fake = FakeOpenAi::start_with(Options { latency: Duration::from_millis(60), ..Options::default() }).await.unwrap();
    let start = Instant::now();
    Client::bearer(fake.url()).get("/v1/models").await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(60));
}
