//! The agent server's contract: `/agent/process` and its sessions, for members of the team.

use frontdesk_testkit::{
    desk::{Answer, PASSWORD, Shop, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::{
    api::live,
    approvals::asks_first,
    tokens::{paying, top_up},
};

const PROCESS: &str = "/agent/process";

/// Ana, who owns the place, and Vera, who may only look.
async fn team(shop: &Shop<'_>) -> (String, String) {
    (shop.hire("ana", "owner").await.to_string(), shop.hire("vera", "viewer").await.to_string())
}

async fn process(desk: &TestDesk, key: &str, user: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("x-user-id", user)];
    desk.ask_as(key, "POST", PROCESS, &headers, body.to_string()).await
}

async fn said(desk: &TestDesk, key: &str, user: &str, body: Value) -> Value {
    let answer = process(desk, key, user, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

story!(a_member_talks_with_the_agent_in_sessions, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let (ana, _) = team(&shop).await;
    let key = shop.key(&["delegation:use", "conversation:read"]).await;
    let first = said(desk, &key, &ana, json!({ "message": "hola", "context": { "screen": "calendar", "week": 48 } })).await;
    assert_eq!((&first["status"], &first["actions"], &first["tokens"]["spent"]), (&json!("replied"), &json!([]), &json!(0)));
    assert!(first["traceId"].as_str().unwrap().starts_with("trn_"), "{first}");
    let session = first["sessionId"].as_str().unwrap().to_owned();
    // The context stands beside the words, as data.
    let asked = desk.openai.asked().pop().unwrap().to_string();
    assert!(asked.contains("hola") && asked.contains("(context)") && asked.contains("calendar"), "{asked}");

    let again = said(desk, &key, &ana, json!({ "message": "y ahora", "sessionId": session })).await;
    assert_eq!((again["sessionId"].as_str(), &again["reply"]), (Some(&*session), &json!("echo: y ahora")));
    // Named by mail, in a session of its own: the agent does not read the other one.
    let other = said(desk, &key, "ANA@luna.example", json!({ "message": "otro tema", "context": {} })).await;
    assert_ne!(other["sessionId"].as_str(), Some(&*session));
    assert!(!desk.openai.asked().pop().unwrap().to_string().contains("y ahora"));

    let tenant = shop.scope.tenant();
    for base in ["/agent", "/api/v1/agent"] {
        let list = desk.get_as(&key, &format!("{base}/conversations/{tenant}/users/{ana}?limit=1")).await.json();
        assert_eq!(list["items"][0]["sessionId"], other["sessionId"], "{list}");
        let next = list["next"].as_str().unwrap();
        let list = desk.get_as(&key, &format!("{base}/conversations/{tenant}/users/{ana}?limit=1&cursor={next}")).await.json();
        assert_eq!((&list["items"][0]["sessionId"], &list["next"]), (&json!(session), &Value::Null));
        let one = desk.get_as(&key, &format!("{base}/conversations/{tenant}/sessions/{session}")).await.json();
        assert_eq!((&one["userId"], &one["state"]), (&json!(ana), &json!("bot")));
        let lines = desk.get_as(&key, &format!("{base}/conversations/{tenant}/sessions/{session}/messages")).await.json();
        let told: Vec<(&str, &str)> = lines["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|l| (l["role"].as_str().unwrap(), l["content"].as_str().unwrap().split('\n').next().unwrap()))
            .collect();
        assert_eq!(told[..2], [("assistant", "echo: y ahora"), ("user", "y ahora")]);
        assert_eq!((told.len(), told[3]), (4, ("user", "hola")));
    }
    // The inbox shows who it is.
    let all = shop.key(&["*"]).await;
    let listed = desk.get_as(&all, "/api/v1/conversations").await.json();
    assert_eq!(listed["items"][0]["contact"]["name"], "ana", "{listed}");
});

story!(what_the_agent_told_a_member_is_for_that_member, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let (ana, _) = team(&shop).await;
    let all = shop.key(&["*"]).await;
    let session = said(desk, &all, &ana, json!({ "message": "cuentas de marzo" })).await;
    let (id, turn) = (session["sessionId"].as_str().unwrap(), session["traceId"].as_str().unwrap());
    let tenant = shop.scope.tenant();
    let narrow = shop.key(&["conversation:*", "message:*", "trace:read"]).await;
    let found = async |key: &str, path: &str| desk.get_as(key, path).await.json()["items"].as_array().map(Vec::len);
    for (key, shown) in [(&all, 1), (&narrow, 0)] {
        for path in ["/api/v1/conversations", "/api/v1/search/messages?q=marzo"] {
            assert_eq!(found(key, path).await.map(|n| n.min(1)), Some(shown), "{path}");
        }
        let message = desk.get_as(&all, &format!("/api/v1/conversations/{id}/messages")).await.json();
        let message = message["items"][0]["id"].as_str().unwrap().to_owned();
        for path in [
            format!("/api/v1/conversations/{id}"),
            format!("/api/v1/conversations/{id}/messages"),
            format!("/api/v1/messages/{message}"),
            format!("/api/v1/turns/{turn}"),
            format!("/api/v1/turns?conversation={id}"),
            format!("/agent/conversations/{tenant}/users/{ana}"),
            format!("/agent/conversations/{tenant}/sessions/{id}"),
            format!("/agent/conversations/{tenant}/sessions/{id}/messages"),
        ] {
            assert_eq!(desk.get_as(key, &path).await.status, if shown == 1 { 200 } else { 404 }, "{path}");
        }
    }
});

story!(what_became_of_a_members_message_is_for_that_member, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let (ana, _) = team(&shop).await;
    let all = shop.key(&["*"]).await;
    let session = said(desk, &all, &ana, json!({ "message": "cuentas de marzo" })).await;
    let thread = format!("/api/v1/conversations/{}/messages", session["sessionId"].as_str().unwrap());
    let messages = desk.get_as(&all, &thread).await.json();
    let hers = messages["items"].as_array().unwrap().iter().find(|m| m["direction"] == "in").unwrap();
    let path = format!("/api/v1/inbound/{}", hers["vendor_id"].as_str().unwrap());
    assert_eq!(desk.get_as(&all, &path).await.json()["replies"][0]["text"], "echo: cuentas de marzo");
    let narrow = shop.key(&["conversation:*", "message:*", "trace:read"]).await;
    let unknown = desk.get_as(&narrow, "/api/v1/inbound/msg_nobodys").await;
    let hidden = desk.get_as(&narrow, &path).await;
    assert_eq!((hidden.status, hidden.text), (404, unknown.text), "no difference to what does not exist");
    let vera = desk.browser();
    assert_eq!(vera.sign_in("vera@luna.example", PASSWORD).await.status, 201);
    assert_eq!(vera.get(&path).await.status, 404);
});

story!(the_agent_may_do_no_more_than_the_member_it_acts_for, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let (ana, vera) = team(&shop).await;
    let key = shop.key(&["delegation:use", "trace:read"]).await;
    let book = json!({ "start": "2026-11-23T10:00", "service": "Manicure" });
    desk.openai.call("schedule_appointment", book.clone());
    desk.openai.say("No puedo.");
    let refused = said(desk, &key, &vera, json!({ "message": "reserva manicure" })).await;
    assert_eq!(
        (&refused["actions"][0]["name"], &refused["actions"][0]["state"], &refused["actions"][0]["rule"]),
        (&json!("schedule_appointment"), &json!("refused"), &json!("permission")),
        "{refused}"
    );
    assert!(shop.appointments().await.is_empty());
    desk.openai.call("schedule_appointment", book.clone());
    desk.openai.say("Listo, quedó reservado.");
    let done = said(desk, &key, &ana, json!({ "message": "reserva manicure" })).await;
    assert_eq!((&done["actions"][0]["state"], &done["actions"][0]["level"]), (&json!("executed"), &json!("automatic")), "{done}");
    assert_eq!(shop.appointments().await.len(), 1);

    // What needs a yes says so, and for which request.
    asks_first(&shop, "schedule_appointment", "approval").await;
    desk.openai.call("schedule_appointment", json!({ "start": "2026-11-23T15:00", "service": "Manicure" }));
    desk.openai.say("Lo consulto.");
    let waiting = said(desk, &key, &ana, json!({ "message": "otra a las tres" })).await;
    let action = &waiting["actions"][0];
    assert_eq!((&action["state"], &action["level"]), (&json!("pending"), &json!("approval")), "{waiting}");
    assert!(action["approvalId"].as_str().unwrap().starts_with("apv_"));
    assert_eq!(shop.appointments().await.len(), 1);
});

story!(who_acts_for_whom_is_checked_and_nothing_is_done_in_doubt, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let other = desk.business("Sol").openai().with_api().open().await;
    let (ana, vera) = team(&shop).await;
    let key = shop.key(&["delegation:use", "conversation:read", "message:write"]).await;
    let mine = said(desk, &key, &ana, json!({ "message": "hola" })).await;
    let session = mine["sessionId"].as_str().unwrap();
    let (narrow, foreign) = (shop.key(&["message:*", "conversation:*"]).await, other.key(&["*"]).await);
    let hello = json!({ "message": "hola" });
    let long = json!({ "message": "hola", "context": { "x": "y".repeat(20_000) } });
    for (key, user, body, status, code) in [
        (&narrow, &*ana, &hello, 403, "forbidden"),
        (&foreign, &*ana, &hello, 403, "unknown_user"),
        (&key, "usr_00000000000000000000000000000000", &hello, 403, "unknown_user"),
        (&key, "nadie@luna.example", &hello, 403, "unknown_user"),
        (&key, "", &hello, 400, "user_required"),
        (&key, &*ana, &json!({ "message": " " }), 422, "invalid"),
        (&key, &*ana, &json!({ "message": "hola", "tenant": "x" }), 422, "invalid"),
        (&key, &*ana, &json!({ "message": "hola", "context": [] }), 422, "invalid"),
        (&key, &*ana, &long, 422, "invalid"),
        (&key, &*vera, &json!({ "message": "hola", "sessionId": session }), 404, "not_found"),
        (&key, &*ana, &json!({ "message": "hola", "sessionId": "cnv_00000000000000000000000000000000" }), 404, "not_found"),
        (&key, &*ana, &json!({ "message": "hola", "sessionId": "s-1" }), 404, "not_found"),
    ] {
        let answer = process(desk, key, user, body).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{user} {body}: {}", answer.text);
    }
    // Nobody speaks in a member's session by another door.
    for id in [session, &format!("team:{ana}")] {
        let path = format!("/api/v1/conversations/{id}/messages");
        assert!(desk.post_as(&key, &path, &json!({ "text": "reserva" })).await.status >= 400, "{id}");
    }
    for path in [
        format!("/agent/conversations/{}/users/{ana}", other.scope.tenant()),
        format!("/agent/conversations/tnt_x/sessions/{session}"),
        format!("/agent/conversations/tnt_x/sessions/{session}/messages"),
    ] {
        let answer = desk.get_as(&key, &path).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("tenant_mismatch")), "{path}");
    }
    let theirs = format!("/agent/conversations/{}/sessions/{session}", other.scope.tenant());
    assert_eq!(desk.get_as(&foreign, &theirs).await.status, 404);
    // Who is signed in acts for themselves only.
    let browser = desk.browser();
    assert_eq!(browser.sign_in("vera@luna.example", PASSWORD).await.status, 201);
    let own = browser.post("/api/v1/agent/process", &hello).await;
    assert_eq!((own.status, &own.json()["reply"]), (200, &json!("echo: hola")), "{}", own.text);
    let as_ana = browser.ask("POST", "/api/v1/agent/process", Some(&hello), &[("x-user-id", &ana)]).await;
    assert_eq!((as_ana.status, as_ana.json()["code"].as_str()), (403, Some("not_yourself")));
    assert_eq!(desk.openai.asked().len(), 2, "nothing else reached a model");
});

story!(a_repeat_is_carried_out_once_and_a_stream_tells_what_happens, live(), |desk| async {
    let shop = paying(desk, |_| {}).with_api().open().await;
    top_up(&shop, 1000).await;
    let (ana, _) = team(&shop).await;
    let key = shop.key(&["delegation:use"]).await;
    let headers = [("content-type", "application/json"), ("x-user-id", &*ana), ("idempotency-key", "order-7")];
    let body = json!({ "message": "hola" }).to_string();
    let first = desk.ask_as(&key, "POST", PROCESS, &headers, body.clone()).await.json();
    assert_eq!((&first["tokens"]["spent"], &first["status"]), (&json!(1), &json!("replied")), "{first}");
    // The same key through the other door: the message is known.
    let second = desk.ask_as(&key, "POST", "/api/v1/agent/process", &headers, body).await.json();
    assert_eq!((&second["sessionId"], &second["reply"]), (&first["sessionId"], &first["reply"]), "{second}");
    assert_eq!(desk.openai.asked().len(), 1);
    let headers = [("content-type", "application/json"), ("x-user-id", &*ana), ("accept", "text/event-stream")];
    let streamed = desk.ask_as(&key, "POST", PROCESS, &headers, json!({ "message": "otra" }).to_string()).await;
    assert!(streamed.text.contains("event: reply") && streamed.text.contains("event: done"), "{}", streamed.text);
});

story!(a_session_begins_where_the_member_works_and_stays_there, live(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let all = shop.key(&["*"]).await;
    let made = async |path: &str, body: Value| -> String {
        let answer = desk.post_as(&all, path, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    let (north, south) = (
        made("/api/v1/locations", json!({ "name": "North" })).await,
        made("/api/v1/locations", json!({ "name": "South" })).await,
    );
    let mut channels = Vec::new();
    for (name, location) in [("north", &north), ("south", &south)] {
        channels
            .push(made("/api/v1/channels", json!({ "kind": "api", "account": name, "name": name, "location": location })).await);
    }
    let (ana, sara) = (shop.hire("ana", "owner").await.to_string(), shop.hire("sara", "staff").await.to_string());
    let limited = desk.patch_as(&all, &format!("/api/v1/members/{sara}"), &json!({ "locations": [south] })).await;
    assert_eq!(limited.status, 200, "{}", limited.text);
    let key = shop.key(&["delegation:use", "conversation:read"]).await;
    let begin = async |user: &str, location: &str, session: Option<&str>| {
        let mut headers = vec![("content-type", "application/json"), ("x-user-id", user)];
        if !location.is_empty() {
            headers.push(("x-location-id", location));
        }
        let body = json!({ "message": "hola", "sessionId": session });
        desk.ask_as(&key, "POST", PROCESS, &headers, body.to_string()).await
    };
    let channel_of = async |answer: &Answer| {
        let id = answer.json()["sessionId"].as_str().unwrap().to_owned();
        desk.get_as(&all, &format!("/api/v1/conversations/{id}")).await.json()["channel"]["id"].as_str().unwrap().to_owned()
    };
    // The member's own place without being told, the one that is named, and no other.
    for (user, location, channel) in [(&sara, "", 1), (&sara, &*south, 1), (&ana, &*south, 1), (&ana, &*north, 0)] {
        let answer = begin(user, location, None).await;
        assert_eq!((answer.status, channel_of(&answer).await), (200, channels[channel].clone()), "{user} {location}");
    }
    for (user, location) in [(&sara, &*north), (&ana, "loc_nowhere"), (&ana, "north")] {
        let answer = begin(user, location, None).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (403, Some("unknown_location")), "{user} {location}");
    }
    let first = begin(&ana, &south, None).await;
    let session = first.json()["sessionId"].as_str().unwrap().to_owned();
    let again = begin(&ana, &north, Some(&session)).await;
    assert_eq!((again.status, channel_of(&again).await), (200, channels[1].clone()), "{}", again.text);
});
