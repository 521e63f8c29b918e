//! What comes in: identities, kinds of content, statuses.

use frontdesk_kernel::{
    message::{Delivery, Media, MediaKind, OrderItem, SharedContact},
    ports::channel::StatusUpdate,
};

use super::*;

fn single(kind: &str, content: &Value) -> Part {
    let inbound = message(&payload(&json!({"messages": [message_of(kind, content)]})));
    match <[Part; 1]>::try_from(inbound.parts) {
        Ok([part]) => part,
        Err(parts) => panic!("not one part: {parts:?}"),
    }
}

fn status(status: &Value) -> StatusUpdate {
    match received(&payload(&json!({"statuses": [status]}))).remove(0).kind {
        EventKind::Status(update) => update,
        other => panic!("not a status: {other:?}"),
    }
}

fn media(kind: MediaKind) -> Media {
    Media {
        kind,
        vendor_ref: Some("77".into()),
        url: None,
        stored: None,
        mime: Some("m/t".into()),
        sha256: None,
        file_name: None,
        caption: None,
        transcript: None,
        problem: None,
    }
}

#[test]
fn every_kind_of_content_becomes_its_own_part() {
    let file = json!({"id": "77", "mime_type": "m/t"});
    let image =
        json!({"id": 77, "mime_type": "m/t", "caption": "Mire", "sha256": "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI="});
    let hex = "49f227634806293b0995459bc310b593e1400f41591efcf07e9bced335f41942";
    let choice = |id: &str, title: &str| Part::Choice { id: id.into(), title: title.into() };
    let system = |kind: &str, text: &str| Part::System { kind: kind.into(), text: text.into() };
    let unsupported = |kind: &str| Part::Unsupported { kind: kind.into(), detail: None };
    let reaction = |emoji: Option<&str>| Part::Reaction { to: "wamid.O".into(), emoji: emoji.map(str::to_owned) };
    let edited = |text: &str| Part::Edit { of: "wamid.O".into(), text: text.into() };
    let cases = [
        ("text", json!({"body": "Ho\u{0}la"}), text("Hola")),
        (
            "image",
            image,
            Part::Media(Media { caption: Some("Mire".into()), sha256: Some(hex.into()), ..media(MediaKind::Image) }),
        ),
        ("audio", file.clone(), Part::Media(media(MediaKind::Audio))),
        ("audio", json!({"id": "77", "mime_type": "m/t", "voice": true}), Part::Media(media(MediaKind::Voice))),
        ("video", file.clone(), Part::Media(media(MediaKind::Video))),
        ("sticker", file, Part::Media(media(MediaKind::Sticker))),
        (
            "document",
            json!({"id": "77", "mime_type": "m/t", "filename": "a.pdf"}),
            Part::Media(Media { file_name: Some("a.pdf".into()), ..media(MediaKind::Document) }),
        ),
        (
            "location",
            json!({"latitude": 4.6, "longitude": "-74.08", "name": "Casa"}),
            Part::Location { latitude: 4.6, longitude: -74.08, name: Some("Casa".into()), address: None },
        ),
        (
            "contacts",
            json!([{"name": {"first_name": "Ana", "last_name": "Paz"}, "phones": [{"phone": "+57 1"}, {}], "emails": [{"email": "a@b.co"}]}]),
            Part::Contacts {
                contacts: vec![SharedContact {
                    name: "Ana Paz".into(),
                    phones: vec!["+57 1".into()],
                    emails: vec!["a@b.co".into()],
                }],
            },
        ),
        ("interactive", json!({"type": "button_reply", "button_reply": {"id": "b1", "title": "Sí"}}), choice("b1", "Sí")),
        (
            "interactive",
            json!({"type": "list_reply", "list_reply": {"id": "r1", "title": "10:00", "description": "d"}}),
            choice("r1", "10:00"),
        ),
        (
            "interactive",
            json!({"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "{\"a\":1}"}}),
            Part::Form { name: "flow".into(), answers: "{\"a\":1}".into() },
        ),
        (
            "interactive",
            json!({"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}),
            system("call_permission_reply", "accept"),
        ),
        ("interactive", json!({"type": "hologram"}), unsupported("interactive hologram")),
        ("button", json!({"payload": "Unsubscribe", "text": "Stop"}), choice("Unsubscribe", "Stop")),
        (
            "order",
            json!({"catalog_id": 19, "text": "", "product_items": [{"product_retailer_id": "p", "quantity": "2", "item_price": 30.5, "currency": "USD"}]}),
            Part::Order {
                catalog: "19".into(),
                text: None,
                items: vec![OrderItem { product: "p".into(), quantity: 2, price: "30.5".into(), currency: "USD".into() }],
            },
        ),
        ("reaction", json!({"message_id": "wamid.O", "emoji": "👍"}), reaction(Some("👍"))),
        ("reaction", json!({"message_id": "wamid.O", "emoji": ""}), reaction(None)),
        ("reaction", json!({"message_id": "wamid.O"}), reaction(None)),
        (
            "edit",
            json!({"original_message_id": "wamid.O", "message": {"type": "text", "text": {"body": "Mejor a las 5"}}}),
            edited("Mejor a las 5"),
        ),
        (
            "edit",
            json!({"original_message_id": "wamid.O", "message": {"type": "image", "image": {"id": "1", "caption": "c"}}}),
            edited("c"),
        ),
        ("revoke", json!({"original_message_id": "wamid.O"}), Part::Delete { of: "wamid.O".into() }),
        (
            "system",
            json!({"type": "user_changed_number", "wa_id": "12195555358", "body": "User A changed from … to …"}),
            system("user_changed_number", "12195555358"),
        ),
        (
            "system",
            json!({"type": "user_changed_user_id", "user_id": "MX.09", "previous_user_id": "CO.12"}),
            system("user_changed_user_id", "MX.09"),
        ),
        (
            "system",
            json!({"type": "customer_identity_changed", "body": "User identity changed"}),
            system("customer_identity_changed", "User identity changed"),
        ),
        ("request_welcome", Value::Null, system("request_welcome", "opened the chat")),
        ("unknown", Value::Null, unsupported("unknown")),
        ("carrier_pigeon", json!({"coo": 1}), unsupported("carrier_pigeon")),
        ("unsupported", json!({"type": "poll_creation"}), unsupported("poll_creation")),
    ];
    for (kind, content, expected) in cases {
        assert_eq!(single(kind, &content), expected, "{kind} {content}");
    }
}

#[test]
fn what_whatsapp_itself_could_not_read_says_why() {
    let mut unsupported = message_of("unsupported", &Value::Null);
    unsupported["errors"] =
        json!([{"code": 131_051, "title": "Message type unknown", "error_data": {"details": "Not supported."}}]);
    let parts = message(&payload(&json!({"messages": [unsupported]}))).parts;
    let detail = Some("131051: Message type unknown (Not supported.)".to_owned());
    assert_eq!(parts, [Part::Unsupported { kind: "unsupported".into(), detail }]);
}

#[test]
fn the_business_scoped_id_comes_first_and_the_phone_may_be_missing() {
    let bsuid = |value: &str| Address { kind: AddressKind::Bsuid, value: value.into() };
    let phone = |value: &str| Address { kind: AddressKind::Phone, value: value.into() };
    let body = json!({"body": "x"});
    let cases = [
        ("phone only", json!({"from": "16505551234"}), json!([]), vec![phone("16505551234")], None),
        (
            "both in the message",
            json!({"from": "16505551234", "from_user_id": "US.1"}),
            json!([]),
            vec![bsuid("US.1"), phone("16505551234")],
            None,
        ),
        (
            "the card adds the id and the name",
            json!({"from": "972987654321"}),
            json!([{"wa_id": "111111111", "profile": {"name": "Other"}}, {"wa_id": "972987654321", "user_id": "US.2", "profile": {"name": "Ana"}}]),
            vec![bsuid("US.2"), phone("972987654321")],
            Some("Ana"),
        ),
        (
            "only the id",
            json!({"from_user_id": "US.3"}),
            json!([{"user_id": "US.3", "profile": {"name": "Luz", "username": "luz"}}]),
            vec![bsuid("US.3")],
            Some("Luz"),
        ),
        ("the card is the only identity", json!({}), json!([{"user_id": "US.4"}]), vec![bsuid("US.4")], None),
        (
            "somebody else's card is not used",
            json!({"from": "16505551234", "from_user_id": "US.5"}),
            json!([{"wa_id": "999999999", "user_id": "US.9", "profile": {"name": "Eve"}}]),
            vec![bsuid("US.5"), phone("16505551234")],
            None,
        ),
        (
            "a phone of a lone stranger's card is not used either",
            json!({"from": "16505551234"}),
            json!([{"wa_id": "999999999", "user_id": "US.9"}]),
            vec![phone("16505551234")],
            None,
        ),
        ("an id where a phone is expected", json!({"from": "CO.7"}), json!([]), vec![bsuid("CO.7")], None),
    ];
    for (name, sender, contacts, addresses, profile_name) in cases {
        let mut one = json!({"id": "wamid.IN", "timestamp": "1", "type": "text", "text": body});
        one.as_object_mut().unwrap().extend(sender.as_object().unwrap().clone());
        let inbound = message(&payload(&json!({"contacts": contacts, "messages": [one]})));
        assert_eq!(inbound.addresses, addresses, "{name}");
        assert_eq!(inbound.profile_name.as_deref(), profile_name, "{name}");
    }
}

#[test]
fn a_changed_id_is_told_by_its_former_owner() {
    let change = json!({"id": "wamid.S", "timestamp": "1753851315", "type": "system",
        "system": {"type": "user_changed_user_id", "user_id": "MX.0987654321", "previous_user_id": "CO.1234567890"}});
    let inbound = message(&payload(&json!({"messages": [change]})));
    assert_eq!(inbound.addresses, [Address { kind: AddressKind::Bsuid, value: "CO.1234567890".into() }]);
}

#[test]
fn quotes_forwarding_and_advertisements_are_kept() {
    let mut one = message_of("text", &json!({"body": "¿Hay?"}));
    one["context"] = json!({"from": "15550783881", "id": "wamid.Q", "forwarded": true, "referred_product": {"catalog_id": "1", "product_retailer_id": "di9"}});
    one["referral"] = json!({"source_url": "https://fb.me/x", "source_id": "12", "source_type": "ad", "headline": "Chat", "body": "Now", "ctwa_clid": "Aff"});
    let inbound = message(&payload(&json!({"messages": [one]})));
    assert_eq!((inbound.quotes.as_deref(), inbound.forwarded), (Some("wamid.Q"), true));
    assert_eq!(inbound.sent_at.map(|t| t.0), Some(1_749_416_383_000));
    let referral = inbound.referral.unwrap();
    assert_eq!((referral.source_id.as_deref(), referral.click_id.as_deref()), (Some("12"), Some("Aff")));
    assert_eq!(inbound.parts[1], Part::System { kind: "referred_product".into(), text: "about product di9".into() });
}

#[test]
fn statuses_carry_our_echo_and_the_reason_of_a_failure() {
    for (word, delivery) in [
        ("sent", Delivery::Sent),
        ("delivered", Delivery::Delivered),
        ("read", Delivery::Read),
        ("played", Delivery::Played),
        ("failed", Delivery::Failed),
    ] {
        let update = status(&json!({"id": "wamid.O", "status": word, "timestamp": "1698266945", "recipient_id": "972987654321",
            "biz_opaque_callback_data": "v1.eff_1.1.mac"}));
        assert_eq!(update.delivery, delivery);
        assert_eq!(update.echo.as_deref(), Some("v1.eff_1.1.mac"));
        assert_eq!(update.at.map(|t| t.0), Some(1_698_266_945_000));
        assert_eq!((update.recipient.as_deref(), update.code), (Some("972987654321"), None));
    }
    let failed = status(&json!({"id": "wamid.O", "status": "failed", "timestamp": 1, "recipient_user_id": "US.1",
        "errors": [{"code": 131_047, "title": "Re-engagement message", "error_data": {"details": "to 573001234567"}}]}));
    assert_eq!(failed.reason.as_deref(), Some("131047: Re-engagement message (to [number])"));
    assert_eq!((failed.code.as_deref(), failed.recipient.as_deref()), (Some("131047"), Some("US.1")));
}

#[test]
fn our_own_messages_groups_and_vendor_news_are_notices() {
    let own = json!({"from": "+1 555 078 3881", "id": "wamid.E", "timestamp": "1", "type": "text", "text": {"body": "x"}});
    let mut group = message_of("text", &json!({"body": "x"}));
    group["group_id"] = json!("G");
    let unknown_status = json!({"id": "wamid.O", "status": "warming", "timestamp": "1"});
    let cases = [
        (payload(&json!({"messages": [own]})), "message_echo"),
        (payload(&json!({"messages": [group]})), "group_message"),
        (payload(&json!({"statuses": [unknown_status]})), "status"),
        (payload(&json!({"errors": [{"code": 131_052}]})), "error"),
        (payload(&json!({})), "messages"),
        (
            json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "time": 5, "changes": [{"field": "account_update", "value": {"event": "X"}}]}]}),
            "account_update",
        ),
    ];
    for (payload, expected) in cases {
        match &received(&payload)[..] {
            [Event { kind: EventKind::Notice { id, kind, .. }, .. }] => {
                assert_eq!(kind, expected);
                let again = received(&payload);
                assert!(matches!(&again[0].kind, EventKind::Notice { id: same, .. } if same == id), "stable over redelivery");
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn the_account_is_looked_for_in_metadata_then_value_then_entry() {
    let change = |value: Value, entry_id: Value| {
        let mut entry = json!({"id": "1", "changes": [{"field": "messages", "value": value}]});
        entry["phone_number_id"] = entry_id;
        received(&json!({"object": "whatsapp_business_account", "entry": [entry]})).remove(0).account
    };
    let status = json!([{"id": "w", "status": "sent", "timestamp": "1"}]);
    assert_eq!(
        change(json!({"statuses": status, "metadata": {"phone_number_id": "1"}, "phone_number_id": "2"}), json!("3")),
        "1"
    );
    assert_eq!(change(json!({"statuses": status, "phone_number_id": 2}), json!("3")), "2");
    assert_eq!(change(json!({"statuses": status}), json!("3")), "3");
    assert_eq!(change(json!({"statuses": status}), Value::Null), "");
}
