//! Tasks over the API.

use frontdesk_kernel::ids::LocationId;
use frontdesk_testkit::{desk::PASSWORD, story};
use serde_json::{Value, json};

use crate::{
    calendar::{book, named},
    people::ANA,
};

const TASKS: &str = "/api/v1/tasks";

story!(a_task_is_written_changed_done_and_undone, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    let conversation = shop.conversation(ANA).await;
    let new = json!({"title": " Call  her ", "detail": "about\ncolour", "due_at": "2030-01-01T10:00:00-05:00", "conversation": conversation.id});
    let made = desk.post_as(&key, TASKS, &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let task = made.json();
    assert_eq!((&task["title"], &task["kind"], &task["state"]), (&json!("Call her"), &json!("todo"), &json!("open")));
    assert_eq!((&task["due_at"], &task["contact"]), (&json!("2030-01-01T15:00:00.000Z"), &json!(conversation.contact)));
    let path = format!("{TASKS}/{}", task["id"].as_str().unwrap());
    let tag = desk.get_as(&key, &path).await.header("etag").to_owned();

    let done = desk.patch_as(&key, &path, &json!({"state": "done"})).await.json();
    assert!(done["done_at"].is_string(), "{done}");
    let stale =
        desk.ask_as(&key, "PATCH", &path, &[("content-type", "application/json"), ("if-match", &tag)], "{\"title\":\"x\"}").await;
    assert_eq!(stale.status, 412);
    let open = desk.patch_as(&key, &path, &json!({"state": "open", "due_at": null, "detail": null})).await.json();
    assert_eq!(
        (&open["state"], &open["done_at"], &open["due_at"], &open["detail"]),
        (&json!("open"), &Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(open["title"], "Call her");

    let list = desk.get_as(&key, &format!("{TASKS}?state=open&contact={}", conversation.contact)).await.json();
    assert_eq!(list["items"][0]["id"], task["id"]);
    let counts = desk.get_as(&key, &format!("{TASKS}/counts")).await.json();
    assert_eq!(counts, json!({"open": 1, "overdue": 0, "mine": 0}));
    let contact = desk.get_as(&key, &format!("/api/v1/contacts/{}", conversation.contact)).await.json();
    assert_eq!(contact["tasks"][0]["title"], "Call her");
});

story!(what_the_server_asks_for_is_a_task_with_its_contact, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    let conversation = shop.conversation(ANA).await;
    let scope = shop.scope.clone();
    let (id, now, thread) = (desk.engine.id(), desk.now(), conversation.id.clone());
    desk.engine
        .db
        .write(
            &shop.scope,
            frontdesk_store::work!(tx => frontdesk_store::tasks::open(tx, &scope, &id, "handoff", "wants a person", Some(&thread), None, now).await),
        )
        .await
        .unwrap();
    let list = desk.get_as(&key, &format!("{TASKS}?kind=handoff&assignee=none")).await.json();
    assert_eq!(list["items"][0]["contact"], json!(conversation.contact), "{list}");
    assert_eq!(list["items"][0]["created_by"], "");
});

story!(bad_tasks_are_refused_and_others_tasks_are_not_there, |desk| async {
    let (luna, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    let (key, theirs, read) = (luna.key(&["*"]).await, sol.key(&["*"]).await, luna.key(&["task:read"]).await);
    for (body, path) in [
        (json!({}), ""),
        (json!({"title": "  "}), "title"),
        (json!({"title": "x".repeat(201)}), "title"),
        (json!({"title": null}), "title"),
        (json!({"title": "x", "due_at": "tomorrow"}), "due_at"),
        (json!({"title": "x", "due_at": -1}), "due_at"),
        (json!({"title": "x", "state": "done"}), "state"),
        (json!({"title": "x", "assignee": "usr_nobody"}), "assignee"),
        (json!({"title": "x", "contact": "con_nobody"}), "contact"),
        (json!({"title": "x", "conversation": "cnv_nobody"}), "conversation"),
        (json!({"title": "x", "appointment": "con_1"}), "appointment"),
        (json!({"title": "x", "created_by": "me"}), "created_by"),
    ] {
        let answer = desk.post_as(&key, TASKS, &body).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        let problem = answer.json();
        assert!(
            path.is_empty() || problem["errors"][0]["path"].as_str().unwrap_or_default().starts_with(path),
            "{body}: {problem}"
        );
    }
    for query in ["state=late", "assignee=me", "limit=0", "due_before=x", "sort=x"] {
        assert_eq!(desk.get_as(&key, &format!("{TASKS}?{query}")).await.status, 422, "{query}");
    }
    let made = desk.post_as(&key, TASKS, &json!({"title": "mine"})).await.json();
    let path = format!("{TASKS}/{}", made["id"].as_str().unwrap());
    assert_eq!(desk.get_as(&theirs, &path).await.status, 404);
    assert_eq!(desk.patch_as(&theirs, &path, &json!({"state": "done"})).await.status, 404);
    assert_eq!(desk.patch_as(&read, &path, &json!({"state": "done"})).await.status, 403);
    assert_eq!(desk.patch_as(&key, &path, &json!({"state": "gone"})).await.status, 422);
    assert_eq!(desk.get_as(&read, &path).await.json()["state"], "open");
});

story!(a_task_at_another_location_is_not_there_but_for_whose_it_is, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let made = async |path: &str, body: Value| -> String {
        let answer = desk.post_as(&key, path, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    let north = made("/api/v1/locations", json!({ "name": "Norte" })).await;
    let south = made("/api/v1/locations", json!({ "name": "Sur" })).await;
    shop.change_channel(|c| c.location = Some(LocationId::parse(&north).unwrap())).await;
    shop.talk(ANA, "hola").await;
    let thread = shop.conversation(ANA).await;
    let manicure = named(&shop, &key, "services", "Manicure").await;
    let wish = json!({ "contact": thread.contact, "service": manicure, "starts_at": "2026-11-23T15:00:00Z", "location": north });
    let visit = book(&shop, &key, wish).await.json()["id"].clone();
    let vera = shop.hire("vera", "staff").await;
    let said = made(TASKS, json!({ "title": "said", "conversation": thread.id })).await;
    let booked = made(TASKS, json!({ "title": "booked", "appointment": visit, "contact": thread.contact })).await;
    let given = made(TASKS, json!({ "title": "given", "conversation": thread.id, "assignee": vera })).await;
    made(TASKS, json!({ "title": "anywhere", "contact": thread.contact })).await;
    let titles = |list: &Value| {
        let mut titles: Vec<String> = list.as_array().unwrap().iter().map(|t| t["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    };
    for (place, seen, status, more) in
        [(&north, vec!["anywhere", "booked", "given", "said"], 200, 201), (&south, vec!["anywhere", "given"], 404, 422)]
    {
        let limited = desk.patch_as(&key, &format!("/api/v1/members/{vera}"), &json!({ "locations": [place] })).await;
        assert_eq!(limited.status, 200, "{}", limited.text);
        let browser = desk.browser();
        assert_eq!(browser.sign_in("vera@luna.example", PASSWORD).await.status, 201);
        assert_eq!(titles(&browser.get(&format!("{TASKS}?state=open")).await.json()["items"]), seen);
        let contact = browser.get(&format!("/api/v1/contacts/{}", thread.contact)).await.json();
        assert_eq!(titles(&contact["tasks"]), seen, "nor beside the contact");
        let counts = browser.get(&format!("{TASKS}/counts")).await.json();
        assert_eq!(counts, json!({ "open": seen.len(), "overdue": 0, "mine": 1 }));
        for task in [&said, &booked] {
            let path = format!("{TASKS}/{task}");
            assert_eq!(browser.get(&path).await.status, status, "{place}");
            assert_eq!(browser.patch(&path, &json!({ "detail": "x" })).await.status, status, "{place}");
        }
        let path = format!("{TASKS}/{given}");
        assert_eq!(browser.patch(&path, &json!({ "detail": "x" })).await.status, 200);
        let about = json!({ "title": "more", "conversation": thread.id });
        assert_eq!(browser.post(TASKS, &about).await.status, more, "nor is a conversation there to say something about");
    }
});
