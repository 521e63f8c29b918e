//! Published examples in, the vendor's own schema out.

use std::{path::Path, sync::OnceLock};

use frontdesk_kernel::message::{Button, ListRow, ListSection, Media, MediaKind, SharedContact};
use jsonschema::Validator;

use super::*;

/// The bodies of `POST …/messages`: as published, and with unknown members refused. Compiled once.
fn schemas() -> Option<&'static [(&'static str, Validator)]> {
    static SCHEMAS: OnceLock<Option<Vec<(&'static str, Validator)>>> = OnceLock::new();
    SCHEMAS
        .get_or_init(|| {
            let text = std::fs::read_to_string(contracts()?.join("bundles/whatsapp.json")).unwrap();
            let bundle: Value = serde_json::from_str(&text).unwrap();
            let request = &bundle["operations"]["POST /{Version}/{Phone-Number-ID}/messages"]["requests"]["application/json"];
            let compile = |which: &'static str| {
                let mut schema = json!({"$schema": bundle["$schema"], "$defs": bundle["$defs"]});
                schema.as_object_mut().unwrap().extend(request[which].as_object().unwrap().clone());
                (which, jsonschema::validator_for(&schema).unwrap())
            };
            Some(vec![compile("open"), compile("closed")])
        })
        .as_deref()
}

fn problems(body: &Value) -> Vec<String> {
    let schemas = schemas().unwrap_or_default();
    let of = |(which, schema): &(&str, Validator)| schema.iter_errors(body).map(|e| format!("{which}: {e}")).collect::<Vec<_>>();
    schemas.iter().flat_map(of).collect()
}

fn media(kind: MediaKind) -> Part {
    Part::Media(Media {
        kind,
        vendor_ref: None,
        url: Some("https://x.co/f".into()),
        stored: None,
        mime: None,
        sha256: None,
        file_name: Some("f.pdf".into()),
        caption: Some("c ".repeat(2000)),
        transcript: None,
        problem: None,
    })
}

/// One of everything we send, beyond every limit where there is one.
fn everything() -> Vec<Part> {
    let long = "sobre los límites ".repeat(40);
    let button = |n: usize| Button { id: format!("{n}{}", "i".repeat(300)), title: format!("{n} {long}") };
    let row = |s: usize, n: usize| ListRow {
        id: format!("{s}.{n}{}", "i".repeat(300)),
        title: format!("{n} {long}"),
        description: Some(long.clone()),
    };
    let section = |s: usize| ListSection { title: (s != 1).then(|| long.clone()), rows: (0..3).map(|n| row(s, n)).collect() };
    let components = json!([
        {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://x.co/i.png"}}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
        {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "p"}]},
    ]);
    let contact = SharedContact { name: "Ana Paz".into(), phones: vec!["+57 1".into()], emails: vec!["a@b.co".into()] };
    let template = |components| Part::Template { name: "n".into(), language: "es_CO".into(), components, preview: String::new() };
    let mut all = vec![
        text("**Hola**"),
        Part::Buttons { text: long.clone(), buttons: (0..5).map(button).collect() },
        Part::List { text: long.clone(), button: long.clone(), sections: (0..13).map(section).collect() },
        Part::List { text: "x".into(), button: String::new(), sections: vec![section(1)] },
        template(components),
        template(Value::Null),
        Part::Location { latitude: 4.6, longitude: -74.1, name: Some("Casa".into()), address: Some("Calle 1".into()) },
        Part::Contacts { contacts: vec![contact; 9] },
        Part::Contacts { contacts: vec![SharedContact { name: String::new(), phones: Vec::new(), emails: Vec::new() }] },
        Part::Reaction { to: "wamid.R".into(), emoji: Some("👍".into()) },
        Part::Reaction { to: "wamid.R".into(), emoji: None },
    ];
    all.extend(
        [MediaKind::Image, MediaKind::Audio, MediaKind::Voice, MediaKind::Video, MediaKind::Document, MediaKind::Sticker]
            .map(media),
    );
    all
}

#[tokio::test]
async fn every_request_we_build_satisfies_the_vendors_schema() {
    if schemas().is_none() {
        return;
    }
    for part in everything() {
        for quotes in [None, Some("wamid.Q".to_owned())] {
            for to in [("573001234567", AddressKind::Phone), ("US.1349", AddressKind::Bsuid)] {
                let to = Address { kind: to.1, value: to.0.to_owned() };
                let vendor = Vendor::answering([accepted()]);
                let message = Outbound { to, quotes: quotes.clone(), ..outbound(part.clone()) };
                WhatsApp.send(&vendor, &account(), &message).await.unwrap();
                let body = sent_json(&vendor.asked()[0]);
                assert_eq!(problems(&body), [""; 0], "{body}");
            }
        }
    }
    for typing in [true, false] {
        let vendor = Vendor::answering([answer(200, &json!({"success": true}))]);
        WhatsApp.mark_read(&vendor, &account(), "wamid.IN", typing).await.unwrap();
        let body = sent_json(&vendor.asked()[0]);
        assert_eq!(problems(&body), [""; 0], "{body}");
    }
}

#[test]
fn the_schema_does_refuse_wrong_requests() {
    if schemas().is_none() {
        return;
    }
    for wrong in [
        json!({"messaging_product": "whatsapp", "type": "text", "text": {"body": "no recipient"}}),
        json!({"messaging_product": "whatsapp", "to": "1", "type": "text", "text": {"boddy": "x"}}),
        json!({"messaging_product": "whatsapp", "to": "1", "type": "text", "text": {"body": "x"}, "extra": 1}),
    ] {
        assert_ne!(problems(&wrong), [""; 0], "{wrong}");
    }
}

#[test]
fn every_published_webhook_is_read_without_a_malformed_piece_and_alike_each_time() {
    let Some(folder) = contracts() else { return };
    let mut read = 0;
    for set in ["webhook-official", "webhook-pywa"] {
        for file in std::fs::read_dir(folder.join("examples/whatsapp").join(set)).unwrap() {
            let path = file.unwrap().path();
            let body = std::fs::read(&path).unwrap();
            let events = WhatsApp.receive(&posted(body.clone())).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(events.len(), 1, "{}: {events:?}", path.display());
            assert_eq!(events, WhatsApp.receive(&posted(body)).unwrap());
            assert!(is_as_named(&path, &events[0].kind), "{}: {events:?}", path.display());
            read += 1;
        }
    }
    assert!(read > 50, "only {read} examples");
}

/// The file's name says what is in it.
fn is_as_named(path: &Path, event: &EventKind) -> bool {
    let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default();
    let starts = |prefixes: &[&str]| prefixes.iter().any(|p| name.starts_with(p));
    match event {
        EventKind::Status(_) => starts(&["message_status--"]),
        EventKind::Notice { .. } => starts(&[
            "account_update",
            "call_connect",
            "call_status",
            "call_terminate",
            "group-",
            "outgoing_message",
            "template_",
            "user_marketing",
        ]),
        EventKind::Message(_) => {
            name.ends_with("-message")
                || starts(&["text-message", "message--", "callback_", "system--", "flow_completion", "call_permission_update"])
        }
        EventKind::Malformed { .. } => false,
    }
}

#[test]
fn published_messages_mean_what_their_authors_meant() {
    let Some(payload) = example("webhook-official/text-message.json") else { return };
    let official = |name: &str| message(&example(&format!("webhook-official/{name}.json")).unwrap_or_default());
    let pywa = |name: &str| message(&example(&format!("webhook-pywa/{name}.json")).unwrap_or_default());

    let inbound = message(&payload);
    assert_eq!(inbound.vendor_id, "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=");
    assert_eq!(inbound.profile_name.as_deref(), Some("Sheena Nelson"));
    assert_eq!(inbound.parts, [text("Does it come in another color?")]);
    assert_eq!(inbound.addresses, [Address { kind: AddressKind::Phone, value: "16505551234".into() }]);
    assert_eq!(received(&payload)[0].account, NUMBER_ID);

    let both = pywa("message--text").addresses;
    assert_eq!(both.iter().map(|a| a.value.as_str()).collect::<Vec<_>>(), ["US.13491208655302741918", "972987654321"]);
    assert!(matches!(&official("image-message").parts[..], [Part::Media(m)] if m.caption.as_deref() == Some("Taj Mahal")));
    assert!(
        matches!(&official("order-message").parts[..], [Part::Order { items, .. }] if items.len() == 2 && items[0].price == "30")
    );
    assert!(matches!(&official("system-message").parts[..], [Part::System { text, .. }] if text == "12195555358"));
    assert!(
        matches!(&official("unsupported-message").parts[..], [Part::Unsupported { detail: Some(d), .. }] if d.starts_with("131051"))
    );
    assert!(official("text-message-from-click-to-whatsapp-ad").referral.is_some_and(|r| r.source_type.as_deref() == Some("ad")));
    assert!(pywa("message--forwarded").forwarded);
    assert!(matches!(&pywa("message--unreaction-empty").parts[..], [Part::Reaction { emoji: None, .. }]));
    assert!(
        matches!(&pywa("flow_completion--completion").parts[..], [Part::Form { answers, .. }] if answers.contains("delivery_rating"))
    );
    assert!(matches!(&pywa("callback_selection--callback").parts[..], [Part::Choice { id, .. }] if id == "callback_data"));
}

#[test]
fn published_signatures_are_accepted_and_each_only_with_its_secret() {
    let Some(file) = example("signature-vectors.json") else { return };
    let vectors = file["vectors"].as_array().unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let field = |key: &str| vector[key].as_str().unwrap().to_owned();
        let raw = RawRequest {
            query: String::new(),
            headers: vec![(field("header").to_lowercase(), field("value"))],
            body: field("body").into(),
        };
        assert_eq!(WhatsApp.verify(&raw, &Secret::new(field("secret"))), Ok(()));
        assert!(WhatsApp.verify(&raw, &Secret::new("another")).is_err());
        let changed = RawRequest { body: format!("{} ", field("body")).into(), ..raw };
        assert!(WhatsApp.verify(&changed, &Secret::new(field("secret"))).is_err());
    }
}

#[tokio::test]
async fn every_published_error_is_understood_and_only_server_errors_leave_the_outcome_open() {
    use frontdesk_kernel::{ErrorKind, Retry};
    let Some(file) = example("error-responses-official.json") else { return };
    for error in file.as_array().unwrap() {
        let status: u16 = error["http_status"].as_str().unwrap().parse().unwrap();
        let vendor = Vendor::answering([answer(status, &error["body"])]);
        let found = WhatsApp.send(&vendor, &account(), &outbound(text("x"))).await.unwrap_err();
        assert_eq!(found.retry == Retry::Unknown, status >= 500, "{error}: {found}");
        assert_eq!(
            found.kind == ErrorKind::RateLimited,
            status == 429 || found.code.as_deref() == Some("613"),
            "{error}: {found}"
        );
        assert_ne!(found.kind, ErrorKind::Unexpected, "{error}");
    }
}

#[tokio::test]
async fn every_code_of_a_message_that_was_not_sent_has_a_meaning_of_its_own() {
    let Some(file) = example("error-codes.json") else { return };
    let mut seen = 0;
    for entry in file["codes"].as_array().unwrap() {
        let family = entry["family"].as_str().unwrap_or_default();
        let Some(code) =
            entry["code"].as_i64().filter(|_| ["SendMessageError", "AuthorizationError", "IntegrityError"].contains(&family))
        else {
            continue;
        };
        // A status that alone would mean something else shows that the code was found.
        let vendor = Vendor::answering([answer(429, &json!({"error": {"code": code, "message": "m"}}))]);
        let found = WhatsApp.send(&vendor, &account(), &outbound(text("x"))).await.unwrap_err();
        assert_ne!(found.kind, frontdesk_kernel::ErrorKind::RateLimited, "{code} {}", entry["name"]);
        seen += 1;
    }
    assert!(seen > 30, "only {seen} codes");
}
