//! Every route that names a thing, asked for a thing of another business: the answer is that of a thing that never was. The routes come
//! from the description, so that a new one is tested by being there.

use std::collections::{BTreeMap, BTreeSet};

use frontdesk_kernel::{
    approval::{Approval, Kind, State},
    ids::ConversationId,
    money::Money,
    payment::{self, Payment},
};
use frontdesk_store::{approvals, payments, work};
use frontdesk_testkit::{
    desk::{Shop, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::people::ANA;

/// Places in paths that hold no id of a business's rows, with the reason.
const NO_ID: &[(&str, &str)] = &[
    ("/account/passkeys/{id}", "of a person, found among their own"),
    ("/account/passkeys/{id}/remove", "of a person, found among their own"),
    ("/sessions/{id}", "of a person, found among their own"),
    ("/settings/model-keys/{vendor}", "the name of a vendor"),
    ("/tools/secrets/{name}", "a name that the business chose"),
];
/// Where the id of a thing is found when its list does not say: (path, list, pointer).
const FOUND: &[(&str, &str, &str)] = &[
    ("/appointments/{id}", "/appointments?from=2026-11-01T00:00:00Z&to=2026-12-30T00:00:00Z", "/items/0/id"),
    ("/messages/{id}", "/conversations/{conversation}/messages", "/items/0/id"),
    ("/tenants/{id}", "/business", "/id"),
    ("/agent/conversations/{tenant}", "/business", "/id"),
];

/// One of everything, told by the business's own API.
async fn furnish(desk: &TestDesk, shop: &Shop<'_>, key: &str) {
    shop.talk(ANA, "book:2026-11-23T10:00 service:Manicure").await;
    shop.hire("vera", "viewer").await;
    let conversation = shop.conversation(ANA).await.id;
    let tool = json!({
        "name": "find_order", "description": "Finds an order.", "parameters": {"number": {"type": "string"}},
        "request": {"method": "GET", "url": format!("{}/orders/{{number}}", desk.service.url()), "rest": "nowhere", "timeout_ms": 2000},
    });
    let made: [(&str, Value); 12] = [
        ("/tasks", json!({"title": "call back"})),
        ("/services", json!({"name": "Color", "duration_minutes": 60})),
        ("/staff", json!({"name": "Marta"})),
        ("/locations", json!({"name": "North"})),
        ("/macros", json!({"name": "hello", "text": "Hello!"})),
        ("/prompts", json!({"name": "night", "content": "Be brief."})),
        ("/tools", tool),
        ("/mcp-servers", json!({"name": "shop", "url": desk.mcp.endpoint()})),
        ("/reports", json!({"analysis": "messages"})),
        ("/keys", json!({"name": "another", "scopes": ["contact:read"]})),
        ("/invitations", json!({"email": "new@luna.example", "role": "viewer"})),
        (&format!("/conversations/{conversation}/notes"), json!({"text": "likes tea"})),
    ];
    for (path, body) in &made {
        let answer = desk.post_as(key, &format!("/api/v1{path}"), body).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text);
    }
    ask(desk, shop, &conversation).await;
    let csv = [("content-type", "text/csv")];
    let uploaded = desk.ask_as(key, "POST", "/api/v1/contacts/imports", &csv, "name,phone\nEva,+573005556677\n").await;
    assert!(uploaded.status < 300, "{}", uploaded.text);
}

/// Something waits for a yes.
async fn ask(desk: &TestDesk, shop: &Shop<'_>, conversation: &ConversationId) {
    let (arguments, now) = (json!({"start": "2026-11-24T10:00"}), desk.now());
    let asked = Approval {
        id: desk.engine.id(),
        kind: Kind::Approval,
        state: State::Pending,
        conversation: conversation.clone(),
        turn: desk.engine.id(),
        action: "schedule_appointment".into(),
        args_hash: approvals::hash(&arguments),
        arguments,
        provenance: Vec::new(),
        question: "Book it?".into(),
        rule: "default".into(),
        requested_by: String::new(),
        decided_by: String::new(),
        decided_at: None,
        note: None,
        edited_from: None,
        edited_by: None,
        taken_by: None,
        asked: 1,
        created_at: now,
        updated_at: now,
        expires_at: now.plus(std::time::Duration::from_secs(3600)),
        escalate_at: None,
        result: None,
    };
    let s = shop.scope.clone();
    desk.engine.db.write(&shop.scope, work!(tx => approvals::insert(tx, &s, &asked).await)).await.unwrap();
}

/// A payment that is open.
async fn asked_to_pay(shop: &Shop<'_>) {
    let (thread, now, s) = (shop.conversation(ANA).await, shop.desk.now(), shop.scope.clone());
    let payment = Payment {
        id: shop.desk.engine.id(),
        reference: "call".into(),
        contact: thread.contact,
        conversation: Some(thread.id),
        appointment: None,
        amount: Money { minor: 100, currency: "COP".into() },
        description: "Manicure".into(),
        state: payment::State::Open,
        refunded: 0,
        vendor: "stripe".into(),
        vendor_link: None,
        vendor_payment: None,
        url: None,
        problem: None,
        created_at: now,
        paid_at: None,
        ended: None,
        ended_at: None,
        updated_at: now,
    };
    assert!(shop.desk.engine.db.write(&shop.scope, work!(tx => payments::insert(tx, &s, &payment).await)).await.unwrap());
}

/// What to put into the place of a path, from the business's own lists.
async fn own_id(desk: &TestDesk, key: &str, conversation: &str, path: &str) -> Option<String> {
    let found = FOUND.iter().find(|(prefix, _, _)| path.starts_with(prefix));
    let list = found
        .map_or_else(|| path.split("/{").next().unwrap_or_default().to_owned(), |f| f.1.replace("{conversation}", conversation));
    let listed = desk.get_as(key, &format!("/api/v1{list}")).await.json();
    let items = listed["items"].as_array().or(listed.as_array());
    let id = match found {
        Some((_, _, pointer)) => listed.pointer(pointer),
        // The last: what is there from the beginning comes first, and some of it has names instead of ids.
        None => items.and_then(|items| items.iter().rev().find_map(|i| i.get("id"))),
    };
    id.and_then(Value::as_str).map(str::to_owned)
}

/// Of the same shape, and nobody's.
fn nobodys(id: &str) -> String {
    format!("{}00000000", &id[..id.len() - 8])
}

/// The path with this id in its first place; further places get something readable.
fn filled(path: &str, id: &str) -> String {
    let (before, rest) = path.split_once('{').unwrap_or((path, "}"));
    let rest = rest.split_once('}').map_or("", |r| r.1);
    // What these need besides.
    let asks = match rest {
        "/merge-preview" => format!("?other={}", nobodys(id).replace("0000", "1111")),
        "/text" => format!("?conversation={}", id.replace("mac_", "cnv_")),
        _ => String::new(),
    };
    let rest = rest
        .replace("{n}", "1")
        .replace("{kind}", "phone")
        .replace("{value}", ANA)
        .replace("{note}", id)
        .replace("{tool}", "tol_1");
    let rest = rest.replace("{user}", "ana@luna.example").replace("{session}", "cnv_1");
    format!("/api/v1{before}{id}{rest}{asks}")
}

story!(every_route_says_of_anothers_thing_that_it_does_not_exist, |desk| async {
    let luna = desk.business("Luna").openai().with_api().open().await;
    let sol = desk.business("Sol").with_api().open().await;
    let (ours, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    furnish(desk, &luna, &ours).await;
    luna.store_file("image/png", b"\x89PNG\r\n\x1a\n").await;
    asked_to_pay(&luna).await;
    let conversation = luna.conversation(ANA).await.id.to_string();
    let media = luna.store_file("image/png", b"\x89PNG\r\n\x1a\n").await.to_string();

    let described = desk.get("/api/v1/openapi.json").await.json();
    let mut known = BTreeMap::new();
    let mut asked = BTreeSet::new();
    for (path, operations) in described["paths"].as_object().expect("paths") {
        if !path.contains('{') || NO_ID.iter().any(|(p, _)| p == path) {
            continue;
        }
        let end = path.find('}').expect("a place ends") + 1;
        let place = path[..end].to_owned();
        if !known.contains_key(&place) {
            let id = match place.as_str() {
                "/media/{id}" => Some(media.clone()),
                _ => own_id(desk, &ours, &conversation, &place).await,
            };
            known.insert(place.clone(), id.unwrap_or_else(|| panic!("{place}: add one to what the business has")));
        }
        let id = &known[&place];
        for method in operations.as_object().expect("operations").keys().map(|m| m.to_uppercase()) {
            let what = format!("{method} {path}");
            let body = if method == "GET" || method == "DELETE" { String::new() } else { "{}".to_owned() };
            let headers: &[(&str, &str)] = if body.is_empty() { &[] } else { &[("content-type", "application/json")] };
            let refused = desk.ask_as(&theirs, &method, &filled(path, id), headers, body.clone()).await;
            let unknown = desk.ask_as(&theirs, &method, &filled(path, &nobodys(id)), headers, body).await;
            assert_eq!(
                (refused.status, &refused.text),
                (unknown.status, &unknown.text),
                "{what}: a difference to what never was"
            );
            // What is wrong with an empty body, or with who asks, may be said first.
            let allowed: &[u16] = if path.starts_with("/tenants") || path.starts_with("/agent/") {
                &[403]
            } else if headers.is_empty() {
                &[404]
            } else {
                &[404, 422]
            };
            assert!(allowed.contains(&refused.status), "{what}: {} {}", refused.status, refused.text);
            asked.insert(what);
        }
    }
    assert!(asked.len() > 60, "only {} operations were asked: {asked:?}", asked.len());

    // The ids are real: their own business sees what they name, unharmed.
    for (place, id) in &known {
        if described["paths"][place].get("get").is_some() && !place.starts_with("/tenants") {
            let answer = desk.get_as(&ours, &filled(place, id)).await;
            assert_eq!(answer.status, 200, "GET {place}: {}", answer.text);
        }
    }
});

story!(a_body_that_names_anothers_thing_is_refused_as_if_it_never_was, |desk| async {
    let luna = desk.business("Luna").with_api().open().await;
    let sol = desk.business("Sol").with_api().open().await;
    let (ours, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    furnish(desk, &luna, &ours).await;
    sol.talk(ANA, "hola").await;
    let own = |list: &'static str| {
        let ours = &ours;
        async move { own_id(desk, ours, "", list).await.unwrap_or_else(|| panic!("{list}: there is none")) }
    };
    let (contact, staff, service, location) =
        (own("/contacts/{id}").await, own("/staff/{id}").await, own("/services/{id}").await, own("/locations/{id}").await);
    let member = own("/members/{id}").await;
    let agent = own("/agents/{id}").await;
    let conversation = luna.conversation(ANA).await.id.to_string();
    let thread = sol.conversation(ANA).await.id.to_string();
    let person = sol.contact(ANA).await.expect("Ana wrote").to_string();
    let rows = [
        ("POST", "/tasks".to_owned(), json!({"title": "x", "contact": "?"}), &contact),
        ("POST", "/tasks".to_owned(), json!({"title": "x", "conversation": "?"}), &conversation),
        ("POST", "/tasks".to_owned(), json!({"title": "x", "assignee": "?"}), &member),
        ("POST", "/staff".to_owned(), json!({"name": "x", "services": ["?"]}), &service),
        ("POST", "/staff".to_owned(), json!({"name": "x", "location": "?"}), &location),
        (
            "POST",
            "/appointments".to_owned(),
            json!({"starts_at": "2026-11-24T15:00:00Z", "minutes": 30, "contact": "?"}),
            &contact,
        ),
        (
            "POST",
            "/appointments".to_owned(),
            json!({"starts_at": "2026-11-24T15:00:00Z", "minutes": 30, "contact": person, "staff": "?"}),
            &staff,
        ),
        (
            "POST",
            "/appointments".to_owned(),
            json!({"starts_at": "2026-11-24T15:00:00Z", "contact": person, "service": "?"}),
            &service,
        ),
        ("POST", "/invitations".to_owned(), json!({"email": "x@sol.example", "role": "staff", "locations": ["?"]}), &location),
        ("PATCH", format!("/conversations/{thread}"), json!({"assignee": "?"}), &member),
        ("POST", format!("/contacts/{person}/merge"), json!({"other": "?"}), &contact),
        ("POST", "/channels".to_owned(), json!({"kind": "api", "agent": "?"}), &agent),
    ];
    for (method, path, body, id) in rows {
        let with = |id: &str| body.to_string().replace('?', id);
        let json = [("content-type", "application/json")];
        let refused = desk.ask_as(&theirs, method, &format!("/api/v1{path}"), &json, with(id)).await;
        let unknown = desk.ask_as(&theirs, method, &format!("/api/v1{path}"), &json, with(&nobodys(id))).await;
        let said = |text: &str, id: &str| text.replace(id, "?");
        assert_eq!(
            (refused.status, said(&refused.text, id)),
            (unknown.status, said(&unknown.text, &nobodys(id))),
            "{method} {path} {body}"
        );
        assert!(!refused.text.contains("field `"), "{method} {path} {body}: not read at all: {}", refused.text);
        assert!(matches!(refused.status, 404 | 409 | 422), "{method} {path} {body}: {} {}", refused.status, refused.text);
    }
});
