use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    ErrorKind, Retry,
    ports::{
        http::{Auth, HttpError},
        model::{Content, Finish, NoSink, ToolCall, Turn, Usage},
    },
};
use serde_json::{Value, json};

use super::*;
use crate::models::{
    contract::assert_accepted,
    fake::{Answer as Reply, Fake, Said, endpoint, request, user},
};

const OPERATION: &str = "POST /models/{modelsId}:streamGenerateContent";

async fn ask(reply: Reply) -> Result<(Completion, String), ConnectorError> {
    let fake = Fake::answering([reply]);
    let mut said = Said::default();
    let completion = Gemini.complete(&fake, &endpoint("gemini"), &request(vec![user("hi")]), &mut said).await?;
    Ok((completion, said.0))
}

async fn sent(turns: Vec<Turn>) -> Value {
    let fake = Fake::answering([stream(&[chunk(json!([{ "text": "ok" }]), Some("STOP"))])]);
    Gemini.complete(&fake, &endpoint("gemini"), &request(turns), &mut NoSink).await.unwrap();
    fake.json(0)
}

fn chunk(parts: Value, finish: Option<&str>) -> Value {
    let mut candidate = json!({ "content": { "role": "model", "parts": parts }, "index": 0 });
    if let Some(reason) = finish {
        candidate["finishReason"] = json!(reason);
    }
    json!({ "candidates": [candidate], "modelVersion": "gemini-x-001" })
}

fn stream(chunks: &[Value]) -> Reply {
    let data: Vec<String> = chunks.iter().map(Value::to_string).collect();
    Reply::events(&data.iter().map(String::as_str).collect::<Vec<_>>())
}

fn call(id: &str, day: &str) -> ToolCall {
    ToolCall { id: id.to_owned(), name: "find_slots".to_owned(), arguments: json!({ "day": day }), broken: None }
}

fn result(id: &str, failed: bool) -> Turn {
    Turn::Tool { call: id.to_owned(), name: "find_slots".to_owned(), result: "09:00".to_owned(), failed }
}

fn own(raw: &Value) -> Turn {
    Turn::Model {
        text: None,
        calls: vec![call("fc-1", "x"), call("call_1", "y")],
        raw: Some(Arc::new(raw.clone())),
        raw_dialect: Some("gemini".to_owned()),
    }
}

fn signed() -> Value {
    json!({ "role": "model", "parts": [
        { "text": "thinking", "thought": true },
        { "functionCall": { "id": "fc-1", "name": "find_slots", "args": { "day": "x" } }, "thoughtSignature": "c2lnbmF0dXJl" },
        { "functionCall": { "name": "find_slots", "args": { "day": "y" } } },
    ] })
}

#[tokio::test]
async fn requests_fit_the_vendors_own_contract() {
    let foreign = Turn::Model {
        text: Some("Let me look.".to_owned()),
        calls: vec![call("a", "x"), ToolCall { arguments: Value::Null, broken: Some("no".to_owned()), ..call("b", "") }],
        raw: None,
        raw_dialect: None,
    };
    let image = Turn::User(vec![
        Content::Text("And this?".to_owned()),
        Content::Image { mime: "image/png".to_owned(), bytes: Bytes::from_static(b"\x89PNG") },
    ]);
    let body =
        sent(vec![user("hi"), foreign, result("a", false), result("b", true), own(&signed()), result("fc-1", false), image])
            .await;
    let mut misspelt = body.clone();
    misspelt["system_instruction"] = json!({});
    let mut text_response = body.clone();
    text_response["contents"][2]["parts"][0]["functionResponse"]["response"] = json!("09:00");
    let mut unknown_role_member = body.clone();
    unknown_role_member["contents"][0]["name"] = json!("x");
    assert_accepted("gemini", OPERATION, &body, &[misspelt, text_response, unknown_role_member]);
    assert_eq!(
        body["contents"][1]["parts"],
        json!([
            { "text": "Let me look." },
            { "functionCall": { "name": "find_slots", "args": { "day": "x" } }, "thoughtSignature": "skip_thought_signature_validator" },
            { "functionCall": { "name": "find_slots", "args": {} } },
        ])
    );
    assert_eq!(
        body["contents"][2],
        json!({ "role": "user", "parts": [
            { "functionResponse": { "name": "find_slots", "response": { "output": "09:00" } } },
            { "functionResponse": { "name": "find_slots", "response": { "error": "09:00" } } },
        ] })
    );
    assert_eq!(body["contents"][5]["parts"][1], json!({ "inlineData": { "mimeType": "image/png", "data": "iVBORw==" } }));
}

#[tokio::test]
async fn the_models_own_turn_goes_back_unchanged_and_parallel_results_together() {
    let body =
        sent(vec![user("hi"), own(&signed()), result("fc-1", false), result("call_1", false), user(""), user("so?")]).await;
    let contents = body["contents"].as_array().unwrap();
    assert_eq!(contents.len(), 4, "a turn without parts is left out: {contents:#?}");
    assert_eq!(contents[1], signed());
    let ids: Vec<_> = contents[2]["parts"].as_array().unwrap().iter().map(|p| p["functionResponse"].get("id")).collect();
    assert_eq!(ids, [Some(&json!("fc-1")), None], "only an id that came is echoed");
    assert_eq!(body["systemInstruction"], json!({ "parts": [{ "text": "You answer for a clinic." }] }));
    assert_eq!(body["generationConfig"]["maxOutputTokens"], 800);
    assert_eq!(body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]["type"], "object");
}

#[tokio::test]
async fn the_model_and_the_key_are_named_where_the_vendor_looks() {
    for (base, model) in
        [("https://g.example", "gemini-x"), ("https://g.example/", "models/gemini-x"), ("https://g.example/v1beta", "gemini-x")]
    {
        let fake = Fake::answering([stream(&[chunk(json!([{ "text": "ok" }]), Some("STOP"))])]);
        let account = Endpoint { base_url: base.to_owned(), ..endpoint("gemini") };
        let mut asked = request(vec![user("hi")]);
        asked.model = model.to_owned();
        Gemini.complete(&fake, &account, &asked, &mut NoSink).await.unwrap();
        let seen = &fake.seen()[0];
        assert_eq!(seen.url, "https://g.example/v1beta/models/gemini-x:streamGenerateContent?alt=sse");
        assert!(matches!(&seen.auth, Auth::Header("x-goog-api-key", key) if key.reveal() == "sk-test-key"));
    }
    let nobody = Endpoint { key: None, ..endpoint("gemini") };
    let error = Gemini.complete(&Fake::default(), &nobody, &request(vec![]), &mut NoSink).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::Unauthorized, Retry::Never));
}

#[tokio::test]
async fn an_answer_is_put_together_and_its_turn_kept_verbatim() {
    let mut last = chunk(json!([{ "text": "", "thoughtSignature": "ZW5k" }]), Some("STOP"));
    last["usageMetadata"] =
        json!({ "promptTokenCount": 100, "cachedContentTokenCount": 40, "candidatesTokenCount": 7, "thoughtsTokenCount": 20 });
    let chunks = [
        chunk(json!([{ "text": "The contact ", "thought": true }]), None),
        chunk(json!([{ "text": "wants a day.", "thought": true }]), None),
        chunk(json!([{ "text": "Un mo" }]), None),
        chunk(json!([{ "text": "mento, señor." }]), None),
        chunk(
            json!([{ "functionCall": { "id": "fc-1", "name": "find_slots", "args": { "day": "x" } }, "thoughtSignature": "c2ln" },
            { "functionCall": { "name": "find_slots" } }]),
            None,
        ),
        last,
    ];
    let (completion, said) = ask(stream(&chunks)).await.unwrap();
    assert_eq!(said, "Un momento, señor.");
    assert_eq!(completion.text.as_deref(), Some("Un momento, señor."));
    assert_eq!(completion.finish, Finish::ToolCalls);
    assert_eq!(completion.usage, Usage { input: 100, cached: 40, output: 27, cost_micros: None });
    assert_eq!(completion.model, "gemini-x-001");
    let calls: Vec<_> = completion.calls.iter().map(|c| (c.id.as_str(), c.arguments.to_string())).collect();
    assert_eq!(calls, [("fc-1", r#"{"day":"x"}"#.to_owned()), ("call_1", "{}".to_owned())]);
    assert_eq!(
        completion.raw,
        Some(json!({ "role": "model", "parts": [
            { "text": "The contact wants a day.", "thought": true },
            { "text": "Un momento, señor." },
            { "functionCall": { "id": "fc-1", "name": "find_slots", "args": { "day": "x" } }, "thoughtSignature": "c2ln" },
            { "functionCall": { "name": "find_slots" } },
            { "text": "", "thoughtSignature": "ZW5k" },
        ] }))
    );
}

#[tokio::test]
async fn text_after_a_signature_begins_a_part_of_its_own() {
    let chunks = [
        chunk(json!([{ "text": "a", "thoughtSignature": "c2ln" }]), None),
        chunk(json!([{ "text": "b" }]), None),
        chunk(json!([{ "text": "c" }]), Some("STOP")),
    ];
    let (completion, _) = ask(stream(&chunks)).await.unwrap();
    assert_eq!(completion.raw.unwrap()["parts"], json!([{ "text": "a", "thoughtSignature": "c2ln" }, { "text": "bc" }]));
    assert_eq!(completion.text.as_deref(), Some("abc"));
}

#[tokio::test]
async fn what_was_said_before_a_filter_struck_is_no_answer() {
    for reason in ["SAFETY", "RECITATION", "SOMETHING_NEW"] {
        let chunks = [chunk(json!([{ "text": "The first of" }]), None), chunk(json!([{ "text": " three" }]), Some(reason))];
        let (completion, _) = ask(stream(&chunks)).await.unwrap();
        assert_eq!((completion.finish, completion.text), (Finish::Refused, None), "{reason}");
    }
}

#[tokio::test]
async fn each_finish_reason_has_a_meaning() {
    let said = |reason| stream(&[chunk(json!([{ "text": "Well" }]), Some(reason))]);
    for reason in ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY", "SOMETHING_NEW"]
    {
        let (completion, _) = ask(said(reason)).await.unwrap();
        assert_eq!((completion.finish, completion.raw), (Finish::Refused, None), "{reason}");
    }
    let blocked = json!({ "promptFeedback": { "blockReason": "SAFETY" }, "usageMetadata": { "promptTokenCount": 5 } });
    let (completion, _) = ask(stream(&[blocked])).await.unwrap();
    assert_eq!((completion.finish, completion.text, completion.usage.input), (Finish::Refused, None, 5));

    for reason in ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE", "OTHER"] {
        let error = ask(said(reason)).await.map(|(c, _)| c).unwrap_err();
        assert_eq!((error.kind, error.retry, error.code.as_deref()), (ErrorKind::Malformed, Retry::Later, Some(reason)));
    }
    let parts = json!([{ "functionCall": { "name": "find_slots", "args": {} } }]);
    let (completion, _) = ask(stream(&[chunk(parts, Some("MAX_TOKENS"))])).await.unwrap();
    assert_eq!(completion.finish, Finish::Length);
    assert!(completion.calls[0].broken.is_some() && completion.calls[0].arguments.is_null());
}

#[tokio::test]
async fn arguments_beyond_limits_do_not_run() {
    for args in [json!([1]), json!("x"), json!({ "a": "x".repeat(70_000) })] {
        let parts =
            json!([{ "functionCall": { "id": "a", "name": "f", "args": args } }, { "functionCall": { "id": "a", "name": "" } }]);
        let (completion, _) = ask(stream(&[chunk(parts, Some("STOP"))])).await.unwrap();
        assert!(completion.calls.iter().all(|c| c.broken.is_some() && c.arguments.is_null()), "{:?}", completion.calls);
        assert_ne!(completion.calls[0].id, completion.calls[1].id);
    }
}

#[tokio::test]
async fn an_answer_counts_only_with_its_finish_reason() {
    let half = || chunk(json!([{ "text": "Your appointment is" }]), None);
    let whole = || chunk(json!([{ "text": " today." }]), Some("STOP"));
    for reply in [stream(&[half(), whole()]).then(HttpError::Broken("reset".into())), Reply::json(200, &whole())] {
        assert!(ask(reply).await.unwrap().0.text.unwrap().ends_with("today."));
    }
    let cases: Vec<(&str, Reply, ErrorKind)> = vec![
        ("half an answer", stream(&[half()]), ErrorKind::Malformed),
        ("nothing", Reply::new(200, "text/event-stream", ""), ErrorKind::Malformed),
        ("no candidates", stream(&[json!({ "usageMetadata": {} })]), ErrorKind::Malformed),
        ("a page", Reply::new(200, "text/html", "<html></html>"), ErrorKind::Malformed),
        ("broken JSON", Reply::events(&["{\"candidates\":["]), ErrorKind::Malformed),
        ("broken off", stream(&[half()]).then(HttpError::Broken("reset".into())), ErrorKind::Unavailable),
        ("fallen silent", stream(&[half()]).then(HttpError::Timeout("gap".into())), ErrorKind::Timeout),
        ("too large", stream(&vec![chunk(json!([{ "text": "x".repeat(900_000) }]), None); 3]), ErrorKind::TooLarge),
        (
            "too large in an unknown part",
            stream(&vec![chunk(json!([{ "new": "x".repeat(900_000) }]), None); 3]),
            ErrorKind::TooLarge,
        ),
    ];
    for (name, reply, kind) in cases {
        let error = ask(reply).await.map(|(c, _)| c).expect_err(name);
        assert_eq!((error.kind, error.retry), (kind, Retry::Later), "{name}: {error}");
        assert!(!error.to_string().contains("appointment"), "{name}: {error}");
    }
}

#[tokio::test]
async fn every_error_of_the_vendor_says_what_happened_and_whether_to_try_again() {
    use ErrorKind::*;
    let error = |code: u16, status: &str, message: &str, details: Value| json!({ "error": { "code": code, "message": message, "status": status, "details": details } });
    let retry_info = json!([{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "13.5s" }]);
    let bad_key = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID" }]);
    let daily = json!([{ "violations": [{ "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }] }, retry_info[0]]);
    let odd = json!([{ "retryDelay": "soon" }, { "retryDelay": 7 }, null]);
    let after = Retry::After(Duration::from_millis(13_500));
    let cases: Vec<(u16, Value, ErrorKind, Retry)> = vec![
        (400, error(400, "INVALID_ARGUMENT", "API key not valid.", bad_key), Unauthorized, Retry::Never),
        (400, error(400, "INVALID_ARGUMENT", "Unknown name", json!([])), Rejected, Retry::Never),
        (
            400,
            error(
                400,
                "INVALID_ARGUMENT",
                "The input token count (9) exceeds the maximum number of tokens allowed (8).",
                json!([]),
            ),
            ContextOverflow,
            Retry::Never,
        ),
        (401, error(401, "UNAUTHENTICATED", "m", json!([])), Unauthorized, Retry::Never),
        (403, error(403, "PERMISSION_DENIED", "m", json!([])), Forbidden, Retry::Never),
        (404, error(404, "NOT_FOUND", "m", json!([])), NotFound, Retry::Never),
        (429, error(429, "RESOURCE_EXHAUSTED", "m", retry_info), RateLimited, after),
        (429, error(429, "RESOURCE_EXHAUSTED", "m", odd), RateLimited, Retry::Later),
        (429, error(429, "RESOURCE_EXHAUSTED", "m", daily), Quota, Retry::Never),
        (503, json!([error(503, "UNAVAILABLE", "overloaded", json!([]))]), Unavailable, Retry::Later),
        (500, json!({}), Unavailable, Retry::Later),
    ];
    for (status, body, kind, retry) in cases {
        let got = ask(Reply::json(status, &body)).await.map(|(c, _)| c).unwrap_err();
        assert_eq!((got.kind, got.retry, got.status), (kind, retry, Some(status)), "{body}: {got}");
        if status != 500 {
            let inside = body.get(0).unwrap_or(&body).clone();
            let got = ask(stream(&[chunk(json!([{ "text": "Half" }]), None), inside])).await.map(|(c, _)| c).unwrap_err();
            assert_eq!((got.kind, got.retry), (kind, retry), "inside a 200: {got}");
        }
    }
    let got = ask(Reply::new(502, "text/html", "<html>")).await.map(|(c, _)| c).unwrap_err();
    assert_eq!((got.kind, got.retry), (Unavailable, Retry::Later));
}

#[tokio::test]
async fn speech_is_written_down_by_the_model() {
    let fake = Fake::answering([Reply::json(
        200,
        &chunk(json!([{ "text": "hm", "thought": true }, { "text": "Quiero una cita.\n" }]), Some("STOP")),
    )]);
    let audio = Bytes::from_static(b"OggS");
    let got = Gemini.transcribe(&fake, &endpoint("gemini"), audio.clone(), "audio/ogg; codecs=opus", Some("es")).await.unwrap();
    assert_eq!(got, "Quiero una cita.");
    let body = fake.json(0);
    assert_eq!(body["contents"][0]["parts"][1]["inlineData"], json!({ "mimeType": "audio/ogg", "data": "T2dnUw==" }));
    assert!(fake.seen()[0].url.ends_with(":generateContent"));
    let mut wrong = body.clone();
    wrong["contents"][0]["parts"][1]["inlineData"]["mime_type"] = json!("audio/ogg");
    assert_accepted("gemini", "POST /models/{modelsId}:generateContent", &body, &[wrong]);

    let refused = Fake::answering([Reply::json(200, &json!({ "promptFeedback": { "blockReason": "SAFETY" } }))]);
    let error = Gemini.transcribe(&refused, &endpoint("gemini"), audio.clone(), "audio/ogg", None).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::Rejected, Retry::Never));
    let error = Gemini.transcribe(&Fake::default(), &endpoint("gemini"), audio, "audio/amr", None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_check_asks_for_the_model_and_spends_nothing() {
    let bad_key = json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT", "details": [{ "reason": "API_KEY_INVALID" }] } });
    let fake = Fake::answering([Reply::json(200, &json!({ "name": "models/gemini-x" })), Reply::json(400, &bad_key)]);
    assert!(Gemini.check(&fake, &endpoint("gemini"), "gemini-x").await.unwrap().contains("gemini-x"));
    assert_eq!(Gemini.check(&fake, &endpoint("gemini"), "gemini-x").await.unwrap_err().kind, ErrorKind::Unauthorized);
    assert_eq!(fake.seen()[0].url, "https://vendor.example/v1/v1beta/models/gemini-x");
}
