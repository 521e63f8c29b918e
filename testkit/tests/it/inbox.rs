//! The inbox: lists, takeovers, snoozes, notes, saved replies, through the API.

use std::time::Duration;

use frontdesk_kernel::conversation::Mode;
use frontdesk_testkit::{
    desk::{Answer, Setup, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::people::{ANA, LUZ};

const LIST: &str = "/api/v1/conversations";

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
}

async fn ask(desk: &TestDesk, key: &str, method: &str, path: &str, body: &Value) -> Answer {
    desk.ask_as(key, method, path, &[("content-type", "application/json")], body.to_string()).await
}

story!(the_list_tells_who_answers_and_what_was_said_last, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    shop.say(LUZ, "¿me llaman?\nes urgente").await;
    shop.set_mode(LUZ, Mode::Human).await;
    let (ana, luz) = (shop.conversation(ANA).await.id.to_string(), shop.conversation(LUZ).await.id.to_string());
    let list = desk.get_as(&key, LIST).await.json();
    assert_eq!(ids(&list), [luz.clone(), ana.clone()]);
    let (first, second) = (&list["items"][0], &list["items"][1]);
    assert_eq!(first["last_message"]["text"], "¿me llaman? es urgente");
    assert_eq!((&first["state"]["mode"], &first["state"]["waiting"]), (&json!("human"), &json!(true)), "{first}");
    assert_eq!((&second["last_message"]["author"], &second["state"]["waiting"]), (&json!("bot"), &json!(false)));
    assert_eq!(second["contact"]["address"], json!({ "kind": "phone", "value": ANA }));
    assert_eq!(second["channel"]["kind"], "whatsapp");

    for (query, expected) in [
        ("?state=waiting", vec![luz.clone()]),
        ("?state=bot", vec![ana.clone()]),
        ("?unread=true", vec![luz.clone(), ana.clone()]),
        ("?assignee=none", vec![luz.clone(), ana.clone()]),
        ("?snoozed=true", vec![]),
        ("?q=57300444", vec![luz.clone()]),
        (&format!("?channel={}", shop.channel), vec![luz.clone(), ana.clone()]),
        ("?channel=chn_none", vec![]),
    ] {
        assert_eq!(ids(&desk.get_as(&key, &format!("{LIST}{query}")).await.json()), expected, "{query}");
    }
    let page = desk.get_as(&key, &format!("{LIST}?limit=1")).await.json();
    let next = page["next"].as_str().unwrap();
    shop.talk(LUZ, "otra vez").await;
    let rest = desk.get_as(&key, &format!("{LIST}?limit=1&cursor={next}")).await.json();
    assert_eq!((ids(&page), ids(&rest), rest.get("next")), (vec![luz], vec![ana], None));
    desk.settle().await;
});

story!(bad_questions_to_the_inbox_are_refused_with_a_reason, |desk| async {
    let (luna, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    let (key, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    for n in 0..3 {
        luna.say(&format!("57300111000{n}"), "hola").await;
        sol.say(&format!("57300111000{n}"), "hola").await;
    }
    desk.answer().await;
    let cursor = desk.get_as(&theirs, &format!("{LIST}?limit=1")).await.json()["next"].as_str().unwrap().to_owned();
    let id = luna.conversation("573001110000").await.id;
    let (long, thread) = ("a".repeat(257), format!("{LIST}/{id}/messages"));
    for (what, path, status) in [
        ("limit 0", format!("{LIST}?limit=0"), 422),
        ("limit 10^9", format!("{LIST}?limit=1000000000"), 422),
        ("limit -1", format!("{LIST}?limit=-1"), 422),
        ("a cursor of another business", format!("{LIST}?limit=1&cursor={cursor}"), 400),
        ("a cursor that was changed", format!("{LIST}?cursor={}x", &cursor[..cursor.len() - 1]), 400),
        ("a cursor of another list", format!("{thread}?cursor={cursor}"), 400),
        ("SQL as a state", format!("{LIST}?state=bot';--"), 422),
        ("an unknown filter", format!("{LIST}?sort=id"), 422),
        ("SQL as an assignee", format!("{LIST}?assignee=';--"), 422),
        ("me, with a key", format!("{LIST}?assignee=me"), 422),
        ("too long a search", format!("{LIST}?q={long}"), 422),
        ("a search of signs", format!("{LIST}?q=%25%27"), 422),
        ("too long a text", format!("/api/v1/search/messages?q={long}"), 422),
        ("a text of signs", "/api/v1/search/messages?q=.*".to_owned(), 422),
        ("no text", "/api/v1/search/messages".to_owned(), 422),
        ("no id", format!("{LIST}/conversation"), 404),
    ] {
        let answer = desk.get_as(&key, &path).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
    }
    let note = desk.post_as(&key, &format!("{LIST}/{id}/notes"), &json!({"text": "x"})).await.json()["id"].clone();
    let note = note.as_str().unwrap();
    for (method, path) in [
        ("GET", format!("{LIST}/{id}")),
        ("PATCH", format!("{LIST}/{id}")),
        ("POST", format!("{LIST}/{id}/takeover")),
        ("GET", thread),
        ("POST", format!("{LIST}/{id}/replies")),
        ("GET", format!("{LIST}/{id}/notes")),
        ("POST", format!("{LIST}/{id}/notes")),
        ("PATCH", format!("{LIST}/{id}/notes/{note}")),
        ("DELETE", format!("{LIST}/{id}/notes/{note}")),
        ("GET", format!("/api/v1/turns?conversation={id}")),
    ] {
        let body = match method {
            "POST" | "PATCH" if path.ends_with("replies") => json!({"parts": [{"type": "text", "text": "x"}]}),
            "POST" | "PATCH" if path.contains("notes") => json!({"text": "x"}),
            _ => json!({}),
        };
        assert_eq!(ask(desk, &theirs, method, &path, &body).await.status, 404, "{method} {path}");
    }
    for body in [
        json!({"state": {"mode": "paused"}}),
        json!({"state": {"mode": "paused", "until": "2001-01-01T00:00:00Z"}}),
        json!({"state": {"mode": "bot", "until": "2099-01-01T00:00:00Z"}}),
        json!({"state": {"mode": "asleep"}}),
        json!({"assignee": "usr_nobody"}),
        json!({"assignee": 7}),
        json!({"agent": "agt_nobody"}),
        json!({"snoozed_until": "2099-01-01T00:00:00Z"}),
        json!({"tenant": "tnt_x"}),
    ] {
        assert_eq!(ask(desk, &key, "PATCH", &format!("{LIST}/{id}"), &body).await.status, 422, "{body}");
    }
});

story!(who_takes_over_in_the_middle_of_a_turn_silences_the_bot_until_it_is_given_back, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.say(ANA, "hola").await;
    desk.settle().await;
    let id = shop.conversation(ANA).await.id;
    let taken = desk.post_as(&key, &format!("{LIST}/{id}/takeover"), &json!({})).await.json();
    assert_eq!(taken["conversation"]["state"]["mode"], "human", "{taken}");
    assert_eq!(taken["previous"]["state"], json!({ "mode": "bot" }));
    desk.answer().await;
    assert!(shop.replies(ANA).is_empty(), "the turn had begun before");

    let sent = desk.post_as(&key, &format!("{LIST}/{id}/replies"), &json!({"parts": [{"type": "text", "text": "ya voy"}]})).await;
    assert_eq!((sent.status, sent.json()["messages"][0]["author_name"].clone()), (202, json!("a key")), "{}", sent.text);
    desk.settle().await;
    assert_eq!(shop.replies(ANA), ["ya voy"]);
    let thread = desk.get_as(&key, &format!("{LIST}/{id}/messages")).await.json();
    assert_eq!((&thread["items"][0]["text"], &thread["items"][1]["text"]), (&json!("ya voy"), &json!("hola")));

    let back = ask(desk, &key, "PATCH", &format!("{LIST}/{id}"), &json!({"state": {"mode": "bot"}})).await.json();
    assert_eq!(back["conversation"]["state"]["mode"], "bot");
    assert_eq!(shop.talk(ANA, "¿sigues?").await, "echo: ¿sigues?");
    let undone = ask(desk, &key, "PATCH", &format!("{LIST}/{id}"), &back["previous"]).await.json();
    assert_eq!(undone["conversation"]["state"]["mode"], "human", "what was before can be asked for again: {undone}");
});

story!(a_pause_and_a_snooze_end_by_themselves, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    let path = format!("{LIST}/{}", shop.conversation(ANA).await.id);
    let until = desk.now().plus(Duration::from_secs(3600)).to_string();
    let body = json!({"state": {"mode": "paused", "until": until}, "snoozed_until": until, "unread": false});
    let paused = ask(desk, &key, "PATCH", &path, &body).await.json();
    assert_eq!(paused["conversation"]["snoozed_until"], until, "{paused}");
    assert_eq!(ids(&desk.get_as(&key, &format!("{LIST}?state=paused&snoozed=true")).await.json()).len(), 1);
    desk.advance(Duration::from_secs(3601));
    desk.settle().await;
    let now = desk.get_as(&key, &path).await.json();
    assert_eq!((&now["state"]["mode"], &now["snoozed_until"], &now["unread"]), (&json!("bot"), &Value::Null, &json!(true)));
});

story!(notes_and_saved_replies_are_the_teams_and_never_reach_the_contact, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    let id = shop.conversation(ANA).await.id;
    let notes = format!("{LIST}/{id}/notes");
    let note = desk.post_as(&key, &notes, &json!({"text": "paga siempre tarde"})).await;
    assert_eq!((note.status, note.json()["author_name"].clone()), (201, json!("a key")));
    let one = format!("{notes}/{}", note.json()["id"].as_str().unwrap());
    assert_eq!(ask(desk, &key, "PATCH", &one, &json!({"text": "paga tarde"})).await.json()["text"], "paga tarde");
    assert_eq!(desk.get_as(&key, &notes).await.json()["items"][0]["text"], "paga tarde");
    shop.talk(ANA, "¿qué sabes de mí?").await;
    assert!(!desk.openai.asked().iter().any(|asked| asked.to_string().contains("tarde")), "no model reads it");
    assert_eq!(ask(desk, &key, "DELETE", &one, &json!({})).await.status, 204);
    assert_eq!(desk.get_as(&key, &notes).await.json()["items"], json!([]));

    let saved = desk
        .post_as(&key, "/api/v1/macros", &json!({"name": "saludo", "text": "Hola {{contact.name}}, aquí {{business.name}}"}))
        .await;
    assert_eq!(saved.status, 201, "{}", saved.text);
    let path = format!("/api/v1/macros/{}", saved.json()["id"].as_str().unwrap());
    let filled = desk.get_as(&key, &format!("{path}/text?conversation={id}")).await.json();
    assert_eq!(filled, json!({ "text": "Hola , aquí Luna", "missing": ["contact.name"] }));
    let taken = desk.post_as(&key, "/api/v1/macros", &json!({"name": "saludo", "text": "x"})).await;
    assert_eq!((taken.status, taken.json()["code"].clone()), (409, json!("name_taken")));
    let unsafe_text = desk.post_as(&key, "/api/v1/macros", &json!({"name": "x", "text": "{{ 7 * 7 }}"})).await;
    assert_eq!(unsafe_text.status, 422);
    assert_eq!(ask(desk, &key, "DELETE", &path, &json!({})).await.status, 204);
});

story!(messages_are_found_by_what_was_said_in_ones_own_business, |desk| async {
    let (luna, sol) = (desk.business("Luna").openai().open().await, desk.business("Sol").openai().open().await);
    let (key, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    luna.talk(ANA, "¿Puede ser MAÑANA por la tarde?").await;
    sol.talk(ANA, "mañana no").await;
    let find = async |key: &str, q: &str| desk.get_as(key, &format!("/api/v1/search/messages?q={q}")).await.json();
    let found = find(&key, "manana").await;
    let texts: Vec<_> = found["items"].as_array().unwrap().iter().map(|h| h["snippet"].as_str().unwrap()).collect();
    assert_eq!(texts, ["echo: ¿Puede ser MAÑANA por la tarde?", "¿Puede ser MAÑANA por la tarde?"]);
    assert_eq!(found["items"][1]["highlights"], json!([[11, 17]]));
    assert_eq!(found["items"][1]["contact"]["id"], luna.contact(ANA).await.unwrap().as_str());
    assert_eq!(find(&key, "%22por%20la%20tarde%22").await["items"].as_array().unwrap().len(), 2);
    assert_eq!(find(&key, "%22tarde%20la%22").await["items"], json!([]));
    assert_eq!(find(&theirs, "tarde").await["items"], json!([]));
    let page = desk.get_as(&key, "/api/v1/search/messages?q=tarde&limit=1").await.json();
    let rest = desk
        .get_as(&key, &format!("/api/v1/search/messages?q=tarde&limit=1&cursor={}", page["next"].as_str().unwrap()))
        .await
        .json();
    assert_eq!((rest["items"].as_array().unwrap().len(), rest.get("next")), (1, None));
});

story!(what_was_not_delivered_is_sent_again_when_a_person_says_so, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    let id = shop.conversation(ANA).await.id;
    desk.advance(Duration::from_secs(25 * 3600));
    let sent =
        desk.post_as(&key, &format!("{LIST}/{id}/replies"), &json!({"parts": [{"type": "text", "text": "¿sigue ahí?"}]})).await;
    let message = sent.json()["messages"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/messages/{message}");
    let early = desk.post_as(&key, &format!("{path}/retry"), &json!({})).await;
    assert_eq!((early.status, early.json()["code"].clone()), (409, json!("not_failed")));
    desk.settle().await;
    let failed = desk.get_as(&key, &path).await.json();
    assert_eq!((&failed["delivery"], &failed["can_retry"]), (&json!("failed"), &json!(true)), "the window is closed: {failed}");
    assert!(failed["failure"].as_str().unwrap().contains("window"));
    shop.say(ANA, "aquí estoy").await;
    assert_eq!(desk.post_as(&key, &format!("{path}/retry"), &json!({})).await.json()["delivery"], "queued");
    desk.settle().await;
    assert_eq!(desk.get_as(&key, &path).await.json()["delivery"], "read");
    assert_eq!(shop.replies(ANA).last().unwrap(), "¿sigue ahí?");
});

story!(two_who_send_it_again_at_once_send_it_once, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    let id = shop.conversation(ANA).await.id;
    desk.advance(Duration::from_secs(25 * 3600));
    let parts = json!({"parts": [{"type": "text", "text": "¿sigue ahí?"}]});
    let sent = desk.post_as(&key, &format!("{LIST}/{id}/replies"), &parts).await;
    let path = format!("/api/v1/messages/{}/retry", sent.json()["messages"][0]["id"].as_str().unwrap());
    desk.settle().await;
    shop.say(ANA, "aquí estoy").await;
    let nothing = json!({});
    let tries = futures_util::future::join_all((0..8).map(|_| desk.post_as(&key, &path, &nothing))).await;
    let statuses: Vec<_> = tries.iter().map(|answer| answer.status).collect();
    assert_eq!(
        (statuses.iter().filter(|s| **s == 202).count(), statuses.iter().filter(|s| **s == 409).count()),
        (1, 7),
        "{statuses:?}"
    );
    desk.settle().await;
    assert_eq!(shop.replies(ANA).iter().filter(|said| *said == "¿sigue ahí?").count(), 1, "{:?}", shop.replies(ANA));
});

fn live() -> Setup {
    Setup::new().live().with(|s| s.burst_wait = Duration::from_millis(40))
}

story!(an_answer_is_watched_as_it_comes_about, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_api().open().await;
    let key = shop.key(&["*"]).await;
    let headers = [("accept", "text/event-stream"), ("content-type", "application/json")];
    let told = desk.ask_as(&key, "POST", "/api/v1/conversations/web-1/messages", &headers, r#"{"text": "hola"}"#).await;
    assert_eq!(told.status, 200);
    let names: Vec<&str> = told.text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names, ["accepted", "step", "reply", "done"], "{}", told.text);
    assert!(told.text.contains("echo: hola") && told.text.contains("\"status\":\"replied\""), "{}", told.text);
});
