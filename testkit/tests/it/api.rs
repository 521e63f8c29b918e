//! The REST API of a server whose loops run, as programs use it.

use std::time::Duration;

use frontdesk_kernel::language::Line;
use frontdesk_testkit::{
    desk::{Setup, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::people::{ANA, SECOND, text};

const HELLO: &str = "/api/v1/conversations/web-1/messages";

pub(crate) fn live() -> Setup {
    Setup::new().live().with(|s| s.burst_wait = Duration::from_millis(40))
}

async fn say(desk: &TestDesk, key: &str, path: &str, text: &str) -> Value {
    let answer = desk.post_as(key, path, &json!({ "text": text })).await;
    assert!(answer.status < 300, "{answer:?}");
    answer.json()
}

/// The only conversation, as the list shows it.
async fn only_thread(desk: &TestDesk, key: &str) -> Value {
    desk.get_as(key, "/api/v1/conversations").await.json()["items"][0].clone()
}

story!(a_program_talks_and_waits_for_the_answer, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let key = shop.key(&["*"]).await;
    let answer = say(desk, &key, &format!("{HELLO}?wait=true"), "hola").await;
    assert_eq!((&answer["status"], &answer["replies"][0]["text"]), (&json!("replied"), &json!("echo: hola")), "{answer}");
    assert_eq!(answer["replies"][0]["delivery"], "sent");

    let conversation = answer["conversation"].as_str().unwrap();
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let again = say(desk, &key, &format!("{path}?wait=true"), "otra cosa").await;
    assert_eq!((&again["conversation"], &again["replies"][0]["text"]), (&answer["conversation"], &json!("echo: otra cosa")));
    let thread = desk.get_as(&key, &path).await.json();
    let texts: Vec<_> =
        thread["items"].as_array().unwrap().iter().rev().map(|m| m["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, ["hola", "echo: hola", "otra cosa", "echo: otra cosa"]);

    let trace = desk.get_as(&key, &format!("/api/v1/turns/{}", answer["turn"].as_str().unwrap())).await.json();
    assert_eq!((&trace["state"], &trace["sends"][0]["state"]), (&json!("done"), &json!("succeeded")), "{trace}");
    assert_eq!(trace["steps"].as_array().unwrap().len(), 2);
    let listed = desk.get_as(&key, "/api/v1/conversations").await.json();
    assert_eq!(listed["items"][0]["id"], conversation);
    assert_eq!(desk.graph.sent_count(), 0);
});

story!(the_same_id_is_said_once, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let key = shop.key(&["message:write", "conversation:*"]).await;
    let body = json!({"text": "hola", "id": "order-7"});
    let first = desk.post_as(&key, &format!("{HELLO}?wait=true"), &body).await;
    assert_eq!(first.json()["status"], "replied");
    let second = desk.post_as(&key, &format!("{HELLO}?wait=true"), &body).await;
    assert_eq!((second.status, second.json()["duplicate"].clone()), (200, json!(true)));
    assert_eq!(desk.openai.asked().len(), 1);
});

story!(who_does_not_wait_asks_later, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let key = shop.key(&["*"]).await;
    let answer = desk.post_as(&key, HELLO, &json!({"text": "hola", "id": "m-1"})).await;
    assert_eq!((answer.status, answer.json()["status"].clone()), (202, json!("pending")));
    let later = desk.get_as(&key, "/api/v1/inbound/m-1?wait=10").await.json();
    assert_eq!((&later["status"], &later["replies"][0]["text"]), (&json!("replied"), &json!("echo: hola")), "{later}");
});

story!(a_flood_or_a_machine_silences_the_bot_for_twelve_hours_here_too, |desk| async {
    for (name, per_hour, times, notices) in [("Luna", 2, 3, 1), ("Sol", 600, 12, 0)] {
        let business = desk.business(name).openai().with_api();
        let shop = business.tenant(|t| t.settings.contact_messages_per_hour = Some(per_hour)).open().await;
        let key = shop.key(&["*"]).await;
        for _ in 0..times {
            say(desk, &key, HELLO, "Gracias por su mensaje").await;
            desk.answer().await;
        }
        let silenced = only_thread(desk, &key).await;
        assert_eq!((&silenced["state"]["mode"], shop.tasks().await), (&json!("human"), vec!["flood".to_owned()]), "{name}");
        let thread = format!("/api/v1/conversations/{}/messages", silenced["id"].as_str().unwrap());
        let thread = desk.get_as(&key, &thread).await.json();
        let told = thread["items"].as_array().unwrap().iter().filter(|m| m["text"] == text(Line::SlowDown)).count();
        assert_eq!(told, notices, "{name}");
        desk.pass(SECOND * 13 * 3600, SECOND * 3600).await;
        assert_eq!(only_thread(desk, &key).await["state"]["mode"], "bot", "{name}");
        let before = desk.openai.asked().len();
        say(desk, &key, HELLO, "¿sigue ahí?").await;
        desk.answer().await;
        assert_eq!(desk.openai.asked().len(), before + 1, "{name}");
    }
});

story!(the_loops_answer_on_whatsapp_too, live(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let id = shop.say(ANA, "hola").await;
    desk.graph.wait_for(1, Duration::from_secs(10)).await.unwrap();
    let answer = desk.get_as(&key, &format!("/api/v1/inbound/{id}?wait=10")).await.json();
    assert_eq!((&answer["status"], &answer["replies"][0]["text"]), (&json!("replied"), &json!("echo: hola")), "{answer}");
    let status = desk.get_as(&key, "/api/v1/status").await.json();
    assert_eq!((&status["lanes_unfinished"], &status["sends_unknown"]), (&json!(0), &json!(0)), "{status}");
});

story!(bad_requests_are_refused_with_a_reason, |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let bare = desk.business("Sol").open().await;
    let (all, read, none) = (shop.key(&["*"]).await, shop.key(&["conversation:read"]).await, bare.key(&["*"]).await);
    let long = "a".repeat(65_537);
    for (what, key, path, body, status, code) in [
        ("no such key", "fd_nobody", HELLO, json!({"text": "hola"}), 401, "unauthorized"),
        ("a key that may only read", read.as_str(), HELLO, json!({"text": "hola"}), 403, "forbidden"),
        ("no api channel", &none, HELLO, json!({"text": "hola"}), 409, "no_channel"),
        ("no text", &all, HELLO, json!({}), 422, "invalid"),
        ("a blank text", &all, HELLO, json!({"text": "  \n"}), 422, "invalid"),
        ("too long a text", &all, HELLO, json!({"text": long}), 422, "invalid"),
        ("a member that does not exist", &all, HELLO, json!({"text": "hola", "tenant": "tnt_1"}), 422, "invalid"),
        ("a number as text", &all, HELLO, json!({"text": 7}), 422, "invalid"),
        ("not JSON", &all, HELLO, Value::Null, 422, "invalid"),
        ("a name with a slash", &all, "/api/v1/conversations/a%2Fb/messages", json!({"text": "hola"}), 422, "invalid"),
        (
            "a conversation that does not exist",
            &all,
            "/api/v1/conversations/cnv_1/messages",
            json!({"text": "hola"}),
            404,
            "not_found",
        ),
        ("no such route", &all, "/api/v1/nothing", json!({}), 404, "not_found"),
    ] {
        let answer = desk.post_as(key, path, &body).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some(code)), "{what}: {}", answer.text);
    }
    for path in ["/api/v1/conversations", "/api/v1/turns/trn_1", "/api/v1/status", "/api/v1/inbound/x"] {
        assert_eq!(desk.get(path).await.status, 401, "{path}");
    }
    for path in ["/api/v1/conversations?limit=0", "/api/v1/conversations?limit=1000000000"] {
        assert_eq!(desk.get_as(&all, path).await.status, 422, "{path}");
    }
    desk.settle().await;
    assert!(desk.openai.asked().is_empty());
});

story!(health_readiness_and_metrics_are_told, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.talk(ANA, "hola").await;
    assert_eq!(desk.get("/health").await.json()["status"], "ok");
    let ready = desk.get("/ready").await;
    assert_eq!((ready.status, ready.json()["status"].clone()), (200, json!("ready")));
    let metrics = desk.get("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.text.contains("frontdesk_lanes_unfinished 0"), "{}", metrics.text);
    desk.engine.stop.cancel();
    assert_eq!(desk.get("/ready").await.status, 503);
});
