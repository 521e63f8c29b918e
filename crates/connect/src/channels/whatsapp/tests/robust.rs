//! What comes in and should not: forged shapes, broken pieces, endless texts.

use frontdesk_kernel::{ConnectorError, ErrorKind, Retry};

use super::*;

fn refused(body: impl Into<Bytes>) -> ConnectorError {
    WhatsApp.receive(&posted(body)).unwrap_err()
}

#[test]
fn one_malformed_message_among_many_hides_none_of_the_others() {
    let mut messages: Vec<Value> = (0..99)
        .map(|n| {
            let mut good = message_of("text", &json!({ "body": n.to_string() }));
            good["id"] = json!(format!("wamid.{n}"));
            good
        })
        .collect();
    messages.insert(50, json!({"id": "wamid.bad", "from": "16505551234", "type": "text", "text": "not an object"}));
    let statuses = json!([{"id": "wamid.O", "status": "read", "timestamp": "1"}, {"status": "read"}]);
    let body = payload(&json!({"messages": messages, "statuses": statuses}));
    let events = received(&body);
    let count = |wanted: fn(&EventKind) -> bool| events.iter().filter(|e| wanted(&e.kind)).count();
    assert_eq!(count(|k| matches!(k, EventKind::Message(_))), 99);
    assert_eq!(count(|k| matches!(k, EventKind::Status(_))), 1);
    assert_eq!(count(|k| matches!(k, EventKind::Malformed { .. })), 2);
    assert!(events.iter().all(|e| e.account == NUMBER_ID));
    assert_eq!(events, received(&body), "the names of malformed pieces are stable");
}

#[test]
fn each_broken_piece_is_parked_with_its_problem() {
    let cases = [
        (json!(5), "a message that is not an object"),
        (json!({"from": "16505551234", "type": "text"}), "a message without an id"),
        (json!({"id": "x".repeat(513), "from": "16505551234", "type": "text"}), "a message without an id"),
        (json!({"id": "w", "type": "text", "text": {"body": "x"}}), "a message without a sender"),
        (json!({"id": "w", "from": "me", "type": "text", "text": {"body": "x"}}), "a message without a sender"),
        (json!({"id": "w", "from": "16505551234"}), "a message without a type"),
        (message_of("text", &json!({"body": ""})), "a text message without a text"),
        (message_of("text", &json!({"body": ["x"]})), "a text message without a text"),
        (message_of("image", &json!({"mime_type": "image/png"})), "a file without an id"),
        (message_of("location", &json!({"latitude": "north", "longitude": 1})), "a location without coordinates"),
        (message_of("interactive", &json!({})), "an interactive reply without a type"),
        (message_of("interactive", &json!({"type": "list_reply"})), "a choice without an id"),
        (message_of("interactive", &json!({"type": "nfm_reply", "nfm_reply": {}})), "a form without answers"),
        (message_of("button", &json!({})), "a button without a payload"),
        (message_of("reaction", &json!({"emoji": "👍"})), "a reaction to nothing"),
        (message_of("edit", &json!({})), "an edit of nothing"),
        (message_of("revoke", &json!({})), "a deletion of nothing"),
    ];
    for (bad, expected) in cases {
        match &received(&payload(&json!({"messages": [bad]})))[..] {
            [Event { kind: EventKind::Malformed { id, problem, body }, .. }] => {
                assert_eq!((problem.as_str(), body), (expected, &bad));
                assert!(id.starts_with("malformed:") && id.len() == 10 + 64, "{id}");
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn wrong_shapes_around_the_messages_are_parked_too() {
    let entry = |entry: Value| json!({"object": "whatsapp_business_account", "entry": [entry]});
    for body in [
        entry(json!(7)),
        entry(json!({"id": "1"})),
        entry(json!({"id": "1", "changes": {}})),
        entry(json!({"id": "1", "changes": [{"field": "messages"}]})),
        entry(json!({"id": "1", "changes": [null]})),
        payload(&json!({"messages": {"id": "w"}})),
        payload(&json!({"messages": "w"})),
        payload(&json!({"statuses": 3})),
        payload(&json!({"messages": [{"id": "w", "from": {"a": 1}, "type": {"b": []}}]})),
    ] {
        assert!(matches!(&received(&body)[..], [Event { kind: EventKind::Malformed { .. }, .. }]), "{body}");
    }
    assert_eq!(received(&json!({"object": "whatsapp_business_account", "entry": []})), []);
}

#[test]
fn what_is_not_a_whatsapp_event_is_refused_as_such() {
    for body in [
        "{}",
        "[]",
        "5",
        "null",
        r#"{"object":"page","entry":[]}"#,
        r#"{"object":"whatsapp_business_account"}"#,
        r#"{"object":"whatsapp_business_account","entry":{}}"#,
        r#"{"entry":[]}"#,
    ] {
        let error = refused(body);
        assert_eq!((error.kind, error.retry), (ErrorKind::Unsupported, Retry::Never), "{body}");
    }
}

#[test]
fn what_is_not_json_is_malformed_and_never_a_panic() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_message = payload(&json!({"messages": ["X"]})).to_string().replace("\"X\"", &deep);
    let huge_number = payload(&json!({"messages": ["X"]})).to_string().replace("\"X\"", "1e999");
    let surrogate = payload(&json!({"messages": ["X"]})).to_string().replace("\"X\"", r#""\ud800""#);
    for body in ["", "{", "mock", "\u{feff}{}", &deep, &deep_message, &huge_number, &surrogate] {
        let error = refused(body.to_owned());
        assert_eq!((error.kind, error.retry), (ErrorKind::Malformed, Retry::Never), "{}", &body[..body.len().min(40)]);
    }
    assert_eq!(refused(&b"{\"object\":\"\xff\"}"[..]).kind, ErrorKind::Malformed);
    assert_eq!(refused(&b"\0"[..]).kind, ErrorKind::Malformed);
}

#[test]
fn of_a_member_given_twice_one_counts() {
    let body = payload(&json!({"messages": [message_of("text", &json!({"body": "a"}))]})).to_string();
    let twice = body.replace(r#""body":"a""#, r#""body":"a","body":"b""#);
    let body: Value = serde_json::from_str(&twice).unwrap();
    assert_eq!(message(&body).parts, [text("b")]);
}

#[test]
fn endless_and_odd_texts_are_kept_up_to_a_border_between_graphemes() {
    let of = |body: &str| message(&payload(&json!({"messages": [message_of("text", &json!({ "body": body }))]}))).parts.remove(0);
    assert_eq!(of(&"😀".repeat(2000)), text(&"😀".repeat(2000)));
    assert_eq!(of("\u{202e}evil\u{200b}"), text("\u{202e}evil\u{200b}"));
    let family = "👨‍👩‍👧";
    let Part::Text { text: kept } = of(&family.repeat(20_000)) else { panic!("not a text") };
    assert!(kept.chars().count() <= 65_536 && kept.len() % family.len() == 0);
}
