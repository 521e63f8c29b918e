use std::time::Duration;

use super::*;
use crate::{
    contracts::Contracts,
    fakes::{
        ModelFault, Reply,
        testing::{Client, tool},
    },
};

const WHOLE: &str = "/v1beta/models/gemini-3-flash:generateContent";
const STREAM: &str = "/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse";

async fn gemini() -> (FakeGemini, Client) {
    let fake = FakeGemini::start().await;
    let client = Client::google(fake.url());
    (fake, client)
}

fn ask(text: &str) -> Value {
    let mut declared = tool("schedule_appointment");
    let parameters = declared["parameters"].take();
    declared.as_object_mut().unwrap().remove("parameters");
    declared["parametersJsonSchema"] = parameters;
    json!({
        "systemInstruction": {"parts": [{"text": "s"}]},
        "contents": [{"role": "user", "parts": [{"text": text}]}],
        "tools": [{"functionDeclarations": [declared]}],
    })
}

fn parts(events: &[String]) -> Vec<Value> {
    let event = |e: &String| serde_json::from_str::<Value>(e).unwrap();
    let of = |e: Value| e.pointer("/candidates/0/content/parts").and_then(|p| p.as_array().cloned()).unwrap_or_default();
    events.iter().map(event).flat_map(of).collect()
}

fn text(parts: &[Value]) -> String {
    parts.iter().filter_map(|p| p["text"].as_str()).collect()
}

#[tokio::test]
async fn scripted_words_and_parallel_calls_come_whole_and_streamed() {
    let (fake, client) = gemini().await;
    let both = Reply::call("a", json!({"x": 1})).and_call("b", json!({"y": "z"})).and_text("Un momento, por favor");
    fake.say("Hola, ¿en qué puedo ayudarte?");
    fake.reply(both.clone());
    let answer = client.post(WHOLE, &ask("x")).await.unwrap().json();
    assert_eq!(answer["candidates"][0]["content"]["parts"][0]["text"], "Hola, ¿en qué puedo ayudarte?");
    assert_eq!(answer["candidates"][0]["finishReason"], "STOP");
    let calls = client.post(WHOLE, &ask("x")).await.unwrap().json()["candidates"][0]["content"]["parts"].clone();
    assert_eq!((&calls[1]["functionCall"]["name"], &calls[2]["functionCall"]["args"]), (&json!("a"), &json!({"y": "z"})));
    assert!(calls[1]["thoughtSignature"].is_string() && calls[2].get("thoughtSignature").is_none(), "only the first carries it");

    for fragment in [0, 1, 9] {
        fake.fragment(fragment);
        fake.say("Hola, ¿en qué puedo ayudarte?");
        fake.reply(both.clone());
        let events = client.post(STREAM, &ask("x")).await.unwrap().events();
        assert!(events.len() > 2 && text(&parts(&events)) == "Hola, ¿en qué puedo ayudarte?");
        let last: Value = serde_json::from_str(events.last().unwrap()).unwrap();
        assert_eq!(last["candidates"][0]["finishReason"], "STOP");
        assert!(last["usageMetadata"]["candidatesTokenCount"].as_u64().unwrap() > 5);
        let events = client.post(STREAM, &ask("x")).await.unwrap().events();
        let calls: Vec<_> = parts(&events).into_iter().filter(|p| p.get("functionCall").is_some()).collect();
        assert_eq!((calls.len(), &calls[1]["functionCall"]["args"]), (2, &json!({"y": "z"})));
    }
    assert_eq!((fake.waiting(), fake.violations()), (0, Vec::new()));
}

#[tokio::test]
async fn a_call_must_come_back_with_its_signature_and_its_answer() {
    let (fake, client) = gemini().await;
    let answer = client.post(WHOLE, &ask("book:2026-11-24T10:00:00")).await.unwrap().json();
    let turn = answer["candidates"][0]["content"].clone();
    let call = &turn["parts"][0]["functionCall"];
    assert_eq!(call["args"], json!({"start": "2026-11-24T10:00:00"}));
    let result = |id: &Value| {
        let response = json!({"functionResponse": {"id": id, "name": "schedule_appointment", "response": {"output": "booked"}}});
        json!({"role": "user", "parts": [response]})
    };
    let follow = |turn: Value, answer: Value| {
        let mut body = ask("book:2026-11-24T10:00:00");
        body["contents"].as_array_mut().unwrap().extend([turn, answer]);
        body
    };
    let good = client.post(WHOLE, &follow(turn.clone(), result(&call["id"]))).await.unwrap().json();
    assert_eq!(good["candidates"][0]["content"]["parts"][0]["text"], "done: booked");
    assert_eq!(fake.violations(), Vec::<String>::new());

    let mut bare = turn.clone();
    bare["parts"][0].as_object_mut().unwrap().remove("thoughtSignature");
    let mut changed = turn.clone();
    changed["parts"][0]["thoughtSignature"] = "AAEC".into();
    let wrong = [
        (follow(bare, result(&call["id"])), "missing a thought_signature"),
        (follow(changed, result(&call["id"])), "not valid"),
        (follow(turn.clone(), result(&json!("other"))), "do not answer"),
        (follow(turn.clone(), json!({"role": "user", "parts": [{"text": "y"}]})), "do not answer"),
    ];
    for (body, reason) in wrong {
        let refused = client.post(STREAM, &body).await.unwrap();
        let error = &refused.json()["error"];
        assert_eq!((refused.status, &error["status"]), (400, &json!("INVALID_ARGUMENT")), "{body}");
        assert!(error["message"].as_str().unwrap().contains(reason), "{error}");
    }
    assert_eq!(fake.violations().len(), 4);
}

#[tokio::test]
async fn what_the_contract_forbids_is_refused_and_recorded() {
    if Contracts::load().is_none() {
        return;
    }
    let (fake, client) = gemini().await;
    let mut body = ask("x");
    body["temperature"] = json!(1);
    assert_eq!(client.post(WHOLE, &body).await.unwrap().status, 400);
    assert_eq!(client.post("/v1beta/models/g:answer", &ask("x")).await.unwrap().status, 404);
    assert_eq!(fake.violations().len(), 2);
}

#[tokio::test]
async fn keys_are_checked_and_models_known() {
    let options = Options { key: Some("test-key".into()), ..Options::default() };
    let fake = FakeGemini::start_with(options).await.unwrap();
    let client = Client::google(fake.url());
    assert_eq!(client.get("/v1beta/models/gemini-3-flash").await.unwrap().json()["name"], "models/gemini-3-flash");
    assert_eq!(client.get("/v1beta/models").await.unwrap().json()["models"].as_array().unwrap().len(), 2);
    assert_eq!(client.anonymous("/v1beta/models").await.status, 403);
    assert_eq!(client.anonymous("/v1beta/models?key=test-key").await.status, 200);
    assert_eq!(client.anonymous("/v1beta/models?key=other").await.json()["error"]["details"][0]["reason"], "API_KEY_INVALID");
    assert_eq!(fake.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn every_fault_speaks_gemini() {
    let (fake, client) = gemini().await;
    let strike = async |fault: ModelFault, path: &str| {
        fake.faults().push(fault);
        client.post(path, &ask("x")).await
    };
    let wait = Some(Duration::from_millis(2500));
    let refusals = [
        (ModelFault::RateLimited { retry_after: wait }, 429, "RESOURCE_EXHAUSTED"),
        (ModelFault::Quota, 429, "RESOURCE_EXHAUSTED"),
        (ModelFault::ContextOverflow, 400, "INVALID_ARGUMENT"),
        (ModelFault::Status(503), 503, "UNAVAILABLE"),
        (ModelFault::Status(500), 500, "INTERNAL"),
    ];
    for (fault, status, name) in refusals {
        let answer = strike(fault.clone(), STREAM).await.unwrap();
        assert_eq!((answer.status, &answer.json()["error"]["status"]), (status, &json!(name)), "{fault:?}");
        if let ModelFault::RateLimited { .. } = fault {
            assert_eq!(answer.json()["error"]["details"][0]["retryDelay"], "2.5s");
            assert_eq!(answer.header("retry-after"), Some("3"));
        }
    }
    for fault in [ModelFault::Reset, ModelFault::AnswerLost, ModelFault::CutMidStream] {
        assert!(strike(fault, STREAM).await.is_err());
    }
    for fault in [ModelFault::InvalidJson, ModelFault::PartialToolJson, ModelFault::NotANumber] {
        let events = strike(fault.clone(), STREAM).await.unwrap().events();
        assert!(events.iter().any(|e| serde_json::from_str::<Value>(e).is_err()), "{fault:?}: {events:?}");
        let whole = strike(fault.clone(), WHOLE).await.unwrap();
        assert!(serde_json::from_slice::<Value>(&whole.body).is_err(), "{fault:?}");
    }
    assert!(std::str::from_utf8(&strike(ModelFault::InvalidUtf8, STREAM).await.unwrap().body).is_err());
    let silent = strike(ModelFault::NoTerminalEvent, STREAM).await.unwrap().events();
    assert!(!silent.is_empty() && silent.iter().all(|e| !e.contains("finishReason")));
    assert!(strike(ModelFault::ErrorAfter200, STREAM).await.unwrap().events().last().unwrap().contains("\"error\""));
    let blocked = strike(ModelFault::Refusal, WHOLE).await.unwrap().json();
    assert!(blocked["promptFeedback"]["blockReason"].is_string() && blocked.get("candidates").is_none());
    let filtered = strike(ModelFault::ContentFilter, WHOLE).await.unwrap().json();
    assert_eq!(filtered["candidates"][0]["finishReason"], "SAFETY");
    let nothing = strike(ModelFault::NoTokens, WHOLE).await.unwrap().json();
    assert_eq!((&nothing["candidates"][0]["finishReason"], nothing["candidates"][0].get("content")), (&json!("STOP"), None));
    fake.say("una frase entera");
    let cut = strike(ModelFault::LengthCut, WHOLE).await.unwrap().json();
    assert_eq!(cut["candidates"][0]["finishReason"], "MAX_TOKENS");
    assert_eq!(cut["candidates"][0]["content"]["parts"][0]["text"], "una fras");
    let twins = strike(ModelFault::DuplicateCallIds, WHOLE).await.unwrap().json()["candidates"][0]["content"]["parts"].clone();
    assert_eq!(twins[0]["functionCall"]["id"], twins[1]["functionCall"]["id"]);
    let plain = strike(ModelFault::JsonInsteadOfSse, STREAM).await.unwrap();
    assert_eq!(plain.json()["candidates"][0]["content"]["parts"][0]["text"], "echo: x");
}
