//! Marked secrets and personal data go in through every door; afterwards they are looked for where they must not be: in logs at debug
//! level, in traces and metrics, in refusals, and (secrets) in every row of the database.

use std::{
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use frontdesk_engine::tracer::TALKATIVE;
use frontdesk_testkit::{
    desk::{APP_SECRET, PASSWORD, Setup},
    fakes::{Act, ModelFault, STRIPE_KEY, STRIPE_SECRET, sign},
    story,
};
use serde_json::{Value, json};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::payments;

const PHONE: &str = "573017778899";
const TOOL_SECRET: &str = "canary-tool-secret";
const MODEL_KEY: &str = "canary-model-key";

/// What people said or are called. It is stored, shown to the business, and nowhere else.
const PERSONAL: &[&str] = &[
    PHONE,
    "Zoraida Canaria",
    "canary-of-a-message",
    "canary-of-a-model",
    "canary-of-an-argument",
    "canary-of-a-tool",
    "canary-of-a-vendor",
    "canary-of-a-mail",
    "canary-of-a-visitor",
    "canary-of-a-file",
    "canary-of-a-broken-body",
    "canary-of-a-parked-piece",
    "canary-of-a-note",
    "canary.customer@mail.example",
];

/// Everything that is logged in this process.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Logged {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Logged {
    type Writer = Logged;
    fn make_writer(&'w self) -> Logged {
        self.clone()
    }
}

/// As the program sets its logs up when an operator asks for everything.
fn logs() -> Logged {
    static LOGS: OnceLock<Logged> = OnceLock::new();
    let logged = LOGS.get_or_init(|| {
        let logged = Logged::default();
        let filter = TALKATIVE.iter().map(|quiet| quiet.parse().unwrap()).fold(EnvFilter::new("debug"), EnvFilter::add_directive);
        let layer = tracing_subscriber::fmt::layer().with_writer(logged.clone()).with_ansi(false);
        tracing_subscriber::registry().with(filter).with(layer).init();
        logged
    });
    logged.clone()
}

/// Lines with a canary, cut so that the report can be read.
fn hits(place: &str, text: &str, canaries: &[&str]) -> Vec<String> {
    let found = |line: &&str| canaries.iter().any(|canary| line.contains(canary));
    text.lines().filter(found).map(|line| format!("{place}: {}", line.chars().take(400).collect::<String>())).collect()
}

fn named(mut webhook: Value) -> Value {
    webhook["entry"][0]["changes"][0]["value"]["contacts"][0]["profile"]["name"] = "Zoraida Canaria".into();
    webhook
}

story!(marked_data_are_found_nowhere_but_where_they_belong, Setup::new().mailbox(), |desk| async {
    let logged = logs();
    let shop = desk.business("Luna").openai().model_key("openai", MODEL_KEY).with_webchat().open().await;
    shop.hire("olga", "owner").await;
    let key = payments::connected(&shop, |_| {}).await;
    let mut refusals = Vec::new();

    // A tool of the business's own, with a secret, that answers and then fails with words of its own.
    let secret = json!({ "host": desk.service.host(), "value": TOOL_SECRET });
    assert_eq!(desk.json_as(&key, "PUT", "/api/v1/tools/secrets/SHOP_KEY", &secret).await.status, 204);
    let tool = json!({
        "name": "find_order", "description": "Finds an order.", "parameters": {"number": {"type": "string", "required": true}},
        "request": {
            "method": "GET", "url": format!("{}/orders/{{number}}", desk.service.url()), "timeout_ms": 2000, "rest": "query",
            "auth": {"kind": "bearer", "secret": "SHOP_KEY"},
            "query": [{"name": "who", "value": "{{contact.phone}}"}],
        },
    });
    let made = desk.post_as(&key, "/api/v1/tools", &tool).await;
    assert_eq!(made.status, 201, "{}", made.text);

    // A customer's message, the model's call, the tool's answer, the model's words.
    for act in [Act::json(200, &json!({ "said": "canary-of-a-tool" })), Act::json(500, &json!({ "at": "canary-of-a-vendor" }))] {
        desk.service.then(act);
        desk.openai.call("find_order", json!({ "number": "canary-of-an-argument" }));
        desk.openai.say("Aquí está: canary-of-a-model.");
        let id = shop.wamid();
        let message = frontdesk_testkit::fakes::inbound_text(&shop.account, PHONE, &id, "canary-of-a-message");
        assert_eq!(shop.deliver(named(message)).await.status, 200);
        desk.answer().await;
    }
    // A model that fails, then an answer that cannot be sent.
    desk.openai.faults().push(ModelFault::ErrorAfter200);
    desk.openai.say("canary-of-a-model");
    shop.say(PHONE, "canary-of-a-message").await;
    desk.answer().await;

    // Bodies that cannot be read, and one that nobody signed.
    for (body, secret) in [
        ("{\"canary-of-a-broken-body\":".to_owned(), APP_SECRET),
        (frontdesk_testkit::fakes::inbound_text(&shop.account, PHONE, "x", "canary-of-a-message").to_string(), "stranger"),
    ] {
        let signature = sign(secret, body.as_bytes());
        let refused = desk.post_raw("/webhooks/whatsapp", &[("x-hub-signature-256", &signature)], body).await;
        assert!(refused.status >= 400);
        refusals.push(refused.text);
    }
    let mut parked = named(frontdesk_testkit::fakes::inbound_text(&shop.account, PHONE, "wamid.parked", "x"));
    parked["entry"][0]["changes"][0]["value"]["messages"][0]["text"] = json!(["canary-of-a-parked-piece"]);
    assert_eq!(shop.deliver(parked).await.status, 200);

    // The chat on the site: words, a file, a pass.
    let visitor = shop.visitor().await;
    desk.openai.say("Hola.");
    assert_eq!(visitor.say("1", "canary-of-a-visitor").await.status, 201);
    desk.answer().await;
    assert_eq!(visitor.upload("canary-of-a-file.txt", "canary-of-a-file").await.status, 201);

    // People: a wrong and a right password, a contact with a note, a foreign id, a wrong body.
    let browser = desk.browser();
    refusals.push(browser.sign_in("olga@luna.example", "canary-of-a-password").await.text);
    assert_eq!(browser.sign_in("olga@luna.example", PASSWORD).await.status, 201);
    let session = browser.cookies()["frontdesk"].clone();
    let contact = json!({ "name": "Zoraida Canaria", "note": "canary-of-a-note",
        "addresses": [{ "kind": "email", "value": "canary.customer@mail.example" }] });
    let made = desk.post_as(&key, "/api/v1/contacts", &contact).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let sol = desk.business("Sol").open().await;
    let stranger = sol.key(&["*"]).await;
    for path in [format!("/api/v1/contacts/{id}"), format!("/api/v1/contacts/{id}/history"), "/api/v1/conversations/con_x".into()]
    {
        let refused = desk.get_as(&stranger, &path).await;
        assert_eq!(refused.status, 404, "{path}");
        refusals.push(refused.text);
    }
    refusals.push(desk.get_as("fd_canary-of-a-key", "/api/v1/contacts").await.text);
    refusals.push(desk.get(&format!("/webchat/{}/messages?pass={}", shop.scope.tenant(), visitor.pass)).await.text);

    // A mail to the mailbox that answers nothing.
    desk.read_mail().await;
    desk.imap
        .deliver("From: canary.customer@mail.example\nTo: desk@luna.example\nSubject: canary-of-a-mail\n\ncanary-of-a-mail\n");
    desk.read_mail().await;

    frontdesk_engine::upkeep::tidy(&desk.engine).await.unwrap();
    desk.settle().await;

    let secrets = [
        APP_SECRET,
        TOOL_SECRET,
        MODEL_KEY,
        STRIPE_KEY,
        STRIPE_SECRET,
        PASSWORD,
        "canary-of-a-password",
        "fd_canary-of-a-key",
        &key,
        &stranger,
        &session,
        &visitor.pass,
    ];
    let everything: Vec<&str> = PERSONAL.iter().copied().chain(secrets).collect();
    let log = logged.text();
    // Where nothing was logged, nothing is shown.
    assert!(log.lines().count() > 100 && log.contains("[TRACE] Tool call"), "{} lines:\n{log}", log.lines().count());
    let metrics = desk.get("/metrics").await.text;
    // The first desk of a process has its metrics.
    assert!(metrics.is_empty() || metrics.contains("frontdesk_turns_total"), "{metrics}");
    let rows = desk.dump().await;
    assert!(PERSONAL.iter().take(5).all(|canary| rows.contains(canary)), "what belongs into the database is there");

    let mut found = hits("log", &log, &everything);
    found.extend(hits("metrics", &metrics, &everything));
    found.extend(refusals.iter().flat_map(|text| hits("refusal", text, &everything)));
    found.extend(hits("database", &rows, &secrets));
    assert!(found.is_empty(), "{} hits:\n{}", found.len(), found.join("\n"));
});
