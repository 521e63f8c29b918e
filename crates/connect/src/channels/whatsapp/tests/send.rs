//! What goes out: addresses, bodies, receipts and refusals.

use std::time::Duration;

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, effect,
    message::{Button, ListRow, ListSection, SharedContact},
    ports::{
        channel::Receipt,
        http::{Auth, Method},
    },
};

use super::*;

async fn sent(message: &Outbound) -> Value {
    let vendor = Vendor::answering([accepted()]);
    let receipt = WhatsApp.send(&vendor, &account(), message).await.unwrap();
    assert_eq!(receipt, Receipt { vendor_id: "wamid.OUT".into() });
    sent_json(&vendor.asked()[0])
}

async fn failure(outcome: Result<Response, HttpError>) -> ConnectorError {
    WhatsApp.send(&Vendor::answering([outcome]), &account(), &outbound(text("Hola"))).await.unwrap_err()
}

#[tokio::test]
async fn a_text_goes_as_it_is_to_the_number_with_the_token_and_our_echo() {
    let vendor = Vendor::answering([accepted()]);
    WhatsApp.send(&vendor, &account(), &outbound(text("*Hola*, _carta_ (https://x.co)"))).await.unwrap();
    let [request] = &vendor.asked()[..] else { panic!("not one request") };
    assert_eq!((request.method, request.url.as_str()), (Method::Post, "https://graph.example/v23.0/106540352242922/messages"));
    assert!(matches!(&request.auth, Auth::Bearer(token) if token.reveal() == TOKEN));
    assert_eq!(request.timeout, Duration::from_secs(10));
    assert_eq!(
        sent_json(request),
        json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+573001234567",
            "biz_opaque_callback_data": "v1.eff_1.1.mac", "type": "text",
            "text": {"preview_url": false, "body": "*Hola*, _carta_ (https://x.co)"}})
    );
}

#[tokio::test]
async fn a_business_scoped_id_is_a_recipient_and_a_quote_is_a_context() {
    let to = Address { kind: AddressKind::Bsuid, value: "US.1349".into() };
    let body = sent(&Outbound { to, quotes: Some("wamid.Q".into()), ..outbound(text("x")) }).await;
    assert_eq!((body.get("to"), &body["recipient"]), (None, &json!("US.1349")));
    assert_eq!(body["context"], json!({"message_id": "wamid.Q"}));
    let reaction = Part::Reaction { to: "wamid.R".into(), emoji: None };
    let body = sent(&Outbound { quotes: Some("wamid.Q".into()), echo: String::new(), ..outbound(reaction) }).await;
    assert_eq!(body["reaction"], json!({"message_id": "wamid.R", "emoji": ""}));
    assert_eq!((body.get("context"), body.get("biz_opaque_callback_data")), (None, None));
}

#[tokio::test]
async fn choices_templates_places_and_cards_have_the_vendors_form() {
    let button = Button { id: "b1".into(), title: "Sí".into() };
    let body = sent(&outbound(Part::Buttons { text: "¿*Confirma*?".into(), buttons: vec![button] })).await;
    assert_eq!(
        (&body["type"], &body["interactive"]),
        (
            &json!("interactive"),
            &json!({"type": "button", "body": {"text": "¿*Confirma*?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "b1", "title": "Sí"}}]}})
        )
    );
    let rows = vec![ListRow { id: "r1".into(), title: "10:00".into(), description: Some("con Ana".into()) }];
    let list = Part::List { text: "Elija".into(), button: "Horas".into(), sections: vec![ListSection { title: None, rows }] };
    assert_eq!(
        sent(&outbound(list)).await["interactive"],
        json!({"type": "list", "body": {"text": "Elija"},
            "action": {"button": "Horas", "sections": [{"rows": [{"id": "r1", "title": "10:00", "description": "con Ana"}]}]}})
    );
    let components = json!([{"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]);
    let template =
        |components| Part::Template { name: "recordatorio".into(), language: "es_CO".into(), components, preview: String::new() };
    let body = sent(&outbound(template(components.clone()))).await;
    assert_eq!(body["template"], json!({"name": "recordatorio", "language": {"code": "es_CO"}, "components": components}));
    assert_eq!(sent(&outbound(template(Value::Null))).await["template"].get("components"), None);
    let place = Part::Location { latitude: 4.5, longitude: -74.0, name: Some("Casa".into()), address: None };
    assert_eq!(sent(&outbound(place)).await["location"], json!({"latitude": 4.5, "longitude": -74.0, "name": "Casa"}));
    let contact = SharedContact { name: "Ana Paz".into(), phones: vec!["+571".into()], emails: Vec::new() };
    assert_eq!(
        sent(&outbound(Part::Contacts { contacts: vec![contact; 7] })).await["contacts"],
        json!(vec![json!({"name": {"formatted_name": "Ana Paz", "first_name": "Ana"}, "phones": [{"phone": "+571"}]}); 5])
    );
}

#[tokio::test]
async fn texts_longer_than_the_vendor_takes_are_cut_and_choices_without_choice_are_texts() {
    let long = "palabra ".repeat(2000);
    let shown = |value: &Value| value.as_str().unwrap().chars().count();
    let body = sent(&outbound(text(&long))).await;
    assert!((4000..=4096).contains(&shown(&body["text"]["body"])));
    let buttons = vec![Button { id: "b".into(), title: "B".into() }];
    let body = sent(&outbound(Part::Buttons { text: long, buttons })).await;
    assert!((1000..=1024).contains(&shown(&body["interactive"]["body"]["text"])));
    let none = Part::List { text: "Nada libre".into(), button: "x".into(), sections: Vec::new() };
    assert_eq!(sent(&outbound(none)).await["text"]["body"], "Nada libre");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before_anything_leaves() {
    let template = Part::Template { name: "n".into(), language: "es".into(), components: json!({}), preview: String::new() };
    let email = Address { kind: AddressKind::Email, value: "a@b.co".into() };
    let choice = Part::Choice { id: "1".into(), title: "x".into() };
    let mut elsewhere = account();
    elsewhere.account = "1/../2".into();
    let mut locked = account();
    locked.secrets.clear();
    let cases = [
        (account(), outbound(text(" \n ")), ErrorKind::Rejected),
        (account(), outbound(template), ErrorKind::Rejected),
        (account(), outbound(Part::Contacts { contacts: Vec::new() }), ErrorKind::Rejected),
        (account(), outbound(choice), ErrorKind::Unsupported),
        (account(), Outbound { to: email, ..outbound(text("x")) }, ErrorKind::Rejected),
        (elsewhere, outbound(text("x")), ErrorKind::Rejected),
        (locked, outbound(text("x")), ErrorKind::Unauthorized),
    ];
    for (account, message, kind) in cases {
        let vendor = Vendor::answering([]);
        let error = WhatsApp.send(&vendor, &account, &message).await.unwrap_err();
        assert_eq!((error.kind, error.retry), (kind, Retry::Never), "{error}");
        assert!(vendor.asked().is_empty());
    }
}

#[tokio::test]
async fn a_lost_or_unreadable_answer_is_unknown_and_a_refusal_is_not() {
    let graph = |code: i64| json!({"error": {"message": "m", "code": code}});
    let cases = [
        (Err(HttpError::NotSent("dns".into())), ErrorKind::Unavailable, Retry::Later),
        (Err(HttpError::Timeout("10 s".into())), ErrorKind::Timeout, Retry::Unknown),
        (Err(HttpError::Broken("reset".into())), ErrorKind::Unavailable, Retry::Unknown),
        (answer(200, &json!({"messages": []})), ErrorKind::Malformed, Retry::Unknown),
        (answer(200, &Value::Null), ErrorKind::Malformed, Retry::Unknown),
        (answer(503, &Value::Null), ErrorKind::Unavailable, Retry::Unknown),
        (answer(500, &graph(131_016)), ErrorKind::Unavailable, Retry::Unknown),
        (answer(400, &graph(131_016)), ErrorKind::Unavailable, Retry::Later),
        (answer(400, &graph(131_056)), ErrorKind::RateLimited, Retry::After(Duration::from_secs(6))),
        (answer(400, &graph(131_047)), ErrorKind::WindowClosed, Retry::Never),
    ];
    for (outcome, kind, retry) in cases {
        let error = failure(outcome).await;
        assert_eq!((error.kind, error.retry, error.operation, error.vendor), (kind, retry, "send", "whatsapp"), "{error}");
    }
    for (code, stops) in [(190, true), (131_048, true), (131_042, true), (131_026, false), (130_429, false)] {
        assert_eq!(effect::stops_account(&failure(answer(400, &graph(code))).await), stops, "{code}");
    }
}

#[tokio::test]
async fn reading_and_typing_are_told_in_one_call_that_may_be_repeated() {
    for (typing, expected) in [
        (
            true,
            json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN", "typing_indicator": {"type": "text"}}),
        ),
        (false, json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"})),
    ] {
        let vendor = Vendor::answering([answer(200, &json!({"success": true}))]);
        WhatsApp.mark_read(&vendor, &account(), "wamid.IN", typing).await.unwrap();
        assert_eq!(sent_json(&vendor.asked()[0]), expected);
    }
    let vendor = Vendor::answering([answer(503, &Value::Null)]);
    assert_eq!(WhatsApp.mark_read(&vendor, &account(), "w", true).await.unwrap_err().retry, Retry::Later);
}

#[tokio::test]
async fn a_check_asks_for_the_number_and_sends_nothing() {
    let vendor = Vendor::answering([answer(
        200,
        &json!({"verified_name": "Salón Uno", "display_phone_number": "+57 1 234", "id": NUMBER_ID}),
    )]);
    assert_eq!(WhatsApp.check(&vendor, &account()).await.unwrap(), "Salón Uno (+57 1 234)");
    let request = &vendor.asked()[0];
    let url = "https://graph.example/v23.0/106540352242922?fields=display_phone_number,verified_name";
    assert_eq!((request.method, request.url.as_str()), (Method::Get, url));
    let expired =
        Vendor::answering([answer(401, &json!({"error": {"message": format!("Malformed access token {TOKEN}"), "code": 190}}))]);
    let error = WhatsApp.check(&expired, &account()).await.unwrap_err();
    assert_eq!((error.kind, error.retry), (ErrorKind::Unauthorized, Retry::Never));
    assert!(!format!("{error} {error:?}").contains(TOKEN));
}
