use std::time::Instant;

use axum::{
    Router,
    body::Bytes as Body,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde_json::json;

use super::*;
use crate::fakes::{
    inbound::{self, status_update},
    testing::{Client, SOON, text_to},
};

const MESSAGES: &str = "/v23.0/106540352242922/messages";

async fn graph() -> (FakeGraph, Client) {
    let graph = FakeGraph::start().await;
    let client = Client::bearer(graph.url());
    (graph, client)
}

/// A product's webhook: keeps what came with a right signature, refuses the first `refusals`.
#[derive(Clone, Default)]
struct Product {
    heard: Arc<Mutex<Vec<Value>>>,
    forged: Arc<Mutex<usize>>,
    refusals: Arc<Mutex<usize>>,
}

impl Product {
    async fn listen(&self) -> String {
        async fn webhook(State(product): State<Product>, headers: HeaderMap, body: Body) -> StatusCode {
            let mut refusals = lock(&product.refusals);
            if *refusals > 0 {
                *refusals -= 1;
                return StatusCode::SERVICE_UNAVAILABLE;
            }
            if headers.get("x-hub-signature-256").map(|h| h.to_str().unwrap()) != Some(&inbound::sign("secret", &body)) {
                *lock(&product.forged) += 1;
                return StatusCode::FORBIDDEN;
            }
            lock(&product.heard).push(serde_json::from_slice(&body).unwrap());
            StatusCode::OK
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let router = Router::new().fallback(webhook).with_state(self.clone());
        TaskTracker::new().spawn(async move { axum::serve(listener, router).await });
        url
    }
    fn statuses(&self) -> Vec<Value> {
        lock(&self.heard).iter().map(|w| w["entry"][0]["changes"][0]["value"]["statuses"][0].clone()).collect()
    }
    fn words(&self) -> Vec<String> {
        self.statuses().iter().map(|s| s["status"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn messages_of_every_kind_are_accepted_in_order() {
    let (graph, client) = graph().await;
    let media = graph.add_media("image/png", "png");
    let base = |kind: &str, content: Value| {
        let mut body = json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+57 300 1", "type": kind});
        body[kind] = content;
        body
    };
    let buttons = json!({"type": "button", "body": {"text": "Pick"}, "action": {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "A"}}]}});
    let template = json!({"name": "hello_world", "language": {"code": "es"}});
    let cases = [
        (text_to("573001", "hola", "eff_1"), "text", Some("hola")),
        (base("interactive", buttons), "interactive", Some("Pick")),
        (base("template", template), "template", Some("hello_world")),
        (base("image", json!({"id": media.id, "caption": "mira"})), "image", Some("mira")),
        (base("image", json!({"link": "https://example.com/a.png"})), "image", None),
        (base("reaction", json!({"message_id": "wamid.x", "emoji": "👍"})), "reaction", Some("👍")),
    ];
    for (i, (body, kind, text)) in cases.iter().enumerate() {
        let answer = client.post(MESSAGES, body).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        let sent = graph.sent().pop().unwrap();
        assert_eq!(answer.json()["messages"][0]["id"], sent.vendor_id.as_str());
        assert_eq!((sent.order, sent.kind.as_str(), sent.text.as_deref()), (i as u64 + 1, *kind, *text));
        assert_eq!((sent.account.as_str(), &sent.body), ("106540352242922", body));
    }
    assert_eq!(graph.sent()[0].echo.as_deref(), Some("eff_1"));
    assert_eq!(graph.wait_for(6, SOON).await.unwrap().len(), 6);
    assert!(graph.wait_for(7, Duration::from_millis(5)).await.is_err());
    assert_eq!(graph.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_person_without_a_phone_number_is_reached_by_user_id() {
    let (graph, client) = graph().await;
    let body = json!({"messaging_product": "whatsapp", "recipient": "US.1349", "type": "text", "text": {"body": "hola"}});
    let answer = client.post(MESSAGES, &body).await.unwrap();
    assert_eq!(answer.json()["contacts"], json!([{"input": "US.1349"}]));
    assert_eq!(graph.sent()[0].to, "US.1349");
}

#[tokio::test]
async fn a_read_mark_is_no_message() {
    let (graph, client) = graph().await;
    graph.faults().push(GraphFault::VendorError(131_000));
    let body =
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x", "typing_indicator": {"type": "text"}});
    let answer = client.post(MESSAGES, &body).await.unwrap();
    assert_eq!((answer.status, answer.json()), (200, json!({"success": true})));
    let mark = ReadMark { account: "106540352242922".into(), message: "wamid.x".into(), typing: true };
    assert_eq!((graph.read_marks(), graph.sent_count(), graph.faults().waiting()), (vec![mark], 0, 1));
}

#[tokio::test]
async fn what_the_contract_forbids_is_refused_and_recorded() {
    if crate::contracts::Contracts::load().is_none() {
        return;
    }
    let (graph, client) = graph().await;
    let mut misspelt = text_to("57", "hola", "e");
    misspelt["text"] = json!({"boddy": "hola"});
    let long = text_to("57", &"x".repeat(4097), "e");
    let unknown_file = json!({"messaging_product": "whatsapp", "to": "57", "type": "image", "image": {"id": "med_1"}});
    for (i, body) in
        [misspelt, long, text_to("57", "", "e"), text_to("57", "x", &"e".repeat(513)), unknown_file].iter().enumerate()
    {
        let answer = client.post(MESSAGES, body).await.unwrap();
        assert_eq!((answer.status, answer.json()["error"]["code"].as_i64()), (400, Some(100)), "{body}");
        assert_eq!(graph.violations().len(), i + 1, "{body}");
    }
    assert_eq!(client.post("/v23.0/1/mesages", &json!({})).await.unwrap().status, 400);
    assert_eq!(client.post("/messages", &json!({})).await.unwrap().json()["error"]["code"], 2500);
    assert_eq!(graph.sent_count(), 0);
}

#[tokio::test]
async fn without_validation_a_misspelt_member_passes() {
    let base = Options { validate: false, ..Options::default() };
    let graph = FakeGraph::start_with(GraphOptions { base, ..GraphOptions::default() }).await.unwrap();
    let mut body = text_to("57", "hola", "e");
    body["extra"] = json!(1);
    assert_eq!(Client::bearer(graph.url()).post(MESSAGES, &body).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_missing_or_wrong_token_is_refused_with_190() {
    let base = Options { key: Some("other".into()), ..Options::default() };
    let graph = FakeGraph::start_with(GraphOptions { base, ..GraphOptions::default() }).await.unwrap();
    let client = Client::bearer(graph.url());
    let answer = client.post(MESSAGES, &text_to("57", "x", "e")).await.unwrap();
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (401, &json!(190)));
    assert_eq!(client.anonymous("/v23.0/106540352242922").await.status, 401);
    assert_eq!(graph.sent_count(), 0);
}

#[tokio::test]
async fn a_file_goes_up_is_looked_up_and_comes_down() {
    let (graph, client) = graph().await;
    let form = || {
        let file = reqwest::multipart::Part::bytes(b"OggS\r\n--x".to_vec()).file_name("a.ogg").mime_str("audio/ogg").unwrap();
        reqwest::multipart::Form::new().text("messaging_product", "whatsapp").text("type", "audio/ogg").part("file", file)
    };
    let up = client.upload("/v23.0/106540352242922/media", form()).await.unwrap().json();
    let id = up["id"].as_str().unwrap();
    let about = client.get(&format!("/v23.0/{id}?phone_number_id=106540352242922")).await.unwrap().json();
    assert_eq!((&about["mime_type"], &about["file_size"]), (&json!("audio/ogg"), &json!("9")));
    let down = client.get(about["url"].as_str().unwrap()).await.unwrap();
    assert_eq!((down.body.as_slice(), down.header("content-type")), (&b"OggS\r\n--x"[..], Some("audio/ogg")));
    assert_eq!(client.anonymous(&format!("/download/{id}")).await.status, 401);
    assert_eq!(client.get("/download/1").await.unwrap().status, 404);
    assert_eq!(client.get("/v23.0/900000000099999").await.unwrap().json()["error"]["code"], 100);
    let no_product = reqwest::multipart::Form::new().text("type", "audio/ogg");
    assert_eq!(graph.violations(), Vec::<String>::new());
    assert_eq!(client.upload("/v23.0/106540352242922/media", no_product).await.unwrap().status, 400);

    graph.faults_of(Route::Download).push(GraphFault::Status(404, json!("gone")));
    graph.faults_of(Route::Upload).push(GraphFault::Reset);
    assert_eq!(client.get(about["url"].as_str().unwrap()).await.unwrap().status, 404);
    assert!(client.upload("/v23.0/106540352242922/media", form()).await.is_err());
}

#[tokio::test]
async fn the_number_can_be_looked_up() {
    let (graph, client) = graph().await;
    let about = client.get("/v23.0/106540352242922?fields=verified_name,quality_rating").await.unwrap().json();
    assert_eq!(about, json!({"id": "106540352242922", "verified_name": "Frontdesk Test", "quality_rating": "GREEN"}));
    assert_eq!(client.get("/v23.0/nobody").await.unwrap().status, 400);
    graph.faults_of(Route::Number).push(GraphFault::VendorError(190));
    assert_eq!(client.get("/v23.0/106540352242922").await.unwrap().status, 401);
}

#[tokio::test]
async fn every_fault_of_a_send_shows_and_takes_effect_or_not() {
    let (graph, client) = graph().await;
    let two = Some(Duration::from_millis(1500));
    // Fault, status (0: the connection broke), accepted.
    let cases = [
        (GraphFault::Reset, 0, false),
        (GraphFault::AnswerLost, 0, true),
        (GraphFault::LostAfter(Duration::from_millis(20)), 0, true),
        (GraphFault::Status(500, json!({"error": {"code": 2}})), 500, false),
        (GraphFault::RateLimited { retry_after: two }, 429, false),
        (GraphFault::RateLimited { retry_after: None }, 429, false),
        (GraphFault::AcceptThen502, 502, true),
        (GraphFault::Stall(Duration::from_millis(60)), 200, true),
        (GraphFault::InvalidJson200, 200, true),
        (GraphFault::NoIdIn200, 200, true),
        (GraphFault::VendorError(131_047), 400, false),
        (GraphFault::VendorError(131_016), 503, false),
        (GraphFault::VendorError(190), 401, false),
    ];
    for (fault, status, accepted) in cases {
        let before = graph.sent_count();
        graph.faults().push(fault.clone());
        let start = Instant::now();
        let answer = client.post(MESSAGES, &text_to("57", "hola", "e")).await;
        assert_eq!(answer.as_ref().map_or(0, |a| a.status), status, "{fault:?}");
        assert_eq!(graph.sent_count() - before, u64::from(accepted), "{fault:?}");
        let Ok(answer) = answer else { continue };
        match fault {
            GraphFault::RateLimited { retry_after } => {
                assert_eq!(answer.header("retry-after"), retry_after.map(|_| "2"));
                assert_eq!(answer.json()["error"]["code"], 130_429);
            }
            GraphFault::Stall(pause) => assert!(start.elapsed() >= pause),
            GraphFault::InvalidJson200 => assert!(serde_json::from_slice::<Value>(&answer.body).is_err()),
            GraphFault::NoIdIn200 => assert!(answer.json().get("messages").is_none()),
            GraphFault::VendorError(code) => assert_eq!(answer.json()["error"]["code"], code),
            _ => {}
        }
    }
    assert_eq!(client.post(MESSAGES, &text_to("57", "hola", "e")).await.unwrap().status, 200);
    assert_eq!((graph.faults().struck(), graph.violations()), (13, Vec::new()));
}

#[tokio::test]
async fn statuses_follow_signed_with_the_echo() {
    let (graph, client) = graph().await;
    let product = Product::default();
    *lock(&product.refusals) = 1;
    graph.webhook(product.listen().await, "secret");
    client.post(MESSAGES, &text_to("+57 300", "hola", "eff_7")).await.unwrap();
    assert!(graph.settled(SOON).await);
    assert_eq!(product.words(), ["sent", "delivered", "read"]);
    let sent = graph.sent().pop().unwrap();
    for status in product.statuses() {
        assert_eq!((&status["id"], &status["recipient_id"]), (&json!(sent.vendor_id), &json!("57300")));
        assert_eq!(status["biz_opaque_callback_data"], "eff_7");
        assert!(status["pricing"].is_object() && status["conversation"]["id"].is_string());
    }
    assert_eq!((graph.given_up(), graph.violations()), (0, Vec::new()));
}

#[tokio::test]
async fn statuses_come_late_twice_in_disorder_forged_or_not_at_all() {
    let (graph, client) = graph().await;
    let product = Product::default();
    graph.webhook(product.listen().await, "secret");
    let disorder = [News::Read, News::Wait(Duration::from_millis(5)), News::Sent];
    let cases: &[(Statuses, &[&str], usize)] = &[
        (Statuses::never(), &[], 0),
        (Statuses::of(disorder), &["read", "sent"], 0),
        (Statuses::of([News::Sent]).copies(3), &["sent", "sent", "sent"], 0),
        (Statuses::of([News::Played]), &["played"], 0),
        (Statuses::of([News::Failed(131_049)]), &["failed"], 0),
        (Statuses::of([News::Sent]).forged().tries(2), &[], 2),
    ];
    for (statuses, words, forged) in cases {
        lock(&product.heard).clear();
        *lock(&product.forged) = 0;
        graph.statuses(statuses.clone());
        client.post(MESSAGES, &text_to("57", "hola", "e")).await.unwrap();
        assert!(graph.settled(SOON).await);
        assert_eq!((product.words(), *lock(&product.forged)), (words.iter().map(|w| (*w).to_owned()).collect(), *forged));
        if words == &["failed"] {
            assert_eq!(product.statuses()[0]["errors"][0]["code"], 131_049);
        }
    }
    assert_eq!(graph.given_up(), 1);
    graph.statuses(Statuses::of([News::Sent]).before_answer());
    client.post(MESSAGES, &text_to("57", "hola", "e")).await.unwrap();
    assert_eq!(product.words(), ["sent"], "known before the answer");
}

#[tokio::test]
async fn a_lost_answer_still_has_its_statuses_and_its_line_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("sent.jsonl");
    let options = GraphOptions { log: Some(log.clone()), ..GraphOptions::default() };
    let graph = FakeGraph::start_with(options).await.unwrap();
    let product = Product::default();
    graph.webhook(product.listen().await, "secret");
    graph.faults().push(GraphFault::AnswerLost);
    let client = Client::bearer(graph.url());
    assert!(client.post(MESSAGES, &text_to("57", "uno", "eff_1")).await.is_err());
    client.post(MESSAGES, &text_to("57", "dos", "eff_2")).await.unwrap();
    assert!(graph.settled(SOON).await);
    assert_eq!(product.statuses().len(), 6);
    let lines: Vec<Value> = std::fs::read_to_string(&log).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.iter().map(|l| l["echo"].as_str().unwrap()).collect::<Vec<_>>(), ["eff_1", "eff_2"]);
    assert_eq!((&lines[1]["order"], &lines[1]["text"], &lines[1]["to"]), (&json!(2), &json!("dos"), &json!("57")));
}

#[tokio::test]
async fn a_webhook_is_posted_with_and_without_signature() {
    let product = Product::default();
    let url = product.listen().await;
    let body = status_update("1", "57", "wamid.x", "read", None).to_string();
    assert_eq!(inbound::post_webhook(&url, body.clone(), Some("secret")).await.0, 200);
    assert_eq!(inbound::post_webhook(&url, body.clone(), Some("wrong")).await.0, 403);
    assert_eq!(inbound::post_webhook(&url, body.clone(), None).await.0, 403);
    assert_eq!(inbound::post_webhook("http://127.0.0.1:1/", body, None).await.0, 0);
}

#[tokio::test]
async fn dropping_the_fake_closes_its_port() {
    let (graph, client) = graph().await;
    let url = graph.url().to_owned();
    drop(graph);
    let gone = async {
        while tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, gone).await.unwrap();
    assert!(client.post(MESSAGES, &text_to("57", "x", "e")).await.is_err());
}
