//! Agents as people run them: written, tried, published, taken back.

use frontdesk_testkit::{
    desk::{Answer, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::people::ANA;

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

/// The id of the only agent.
pub(crate) async fn only_agent(desk: &TestDesk, key: &str) -> String {
    let listed = desk.get_as(key, "/api/v1/agents").await.json();
    listed["items"][0]["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn save(desk: &TestDesk, key: &str, id: &str, prompt: &str, tag: Option<&str>) -> Answer {
    let spec = json!({ "prompt": prompt, "models": [{ "vendor": "openai", "model": "gpt-4o-mini" }], "temperature": 0.5 });
    let mut headers = vec![JSON];
    headers.extend(tag.map(|tag| ("if-match", tag)));
    desk.ask_as(key, "PUT", &format!("/api/v1/agents/{id}/draft"), &headers, spec.to_string()).await
}

async fn publish(desk: &TestDesk, key: &str, id: &str, note: &str) -> Answer {
    desk.post_as(key, &format!("/api/v1/agents/{id}/publish"), &json!({ "note": note })).await
}

/// What the last model call was told to be.
fn last_prompt(desk: &TestDesk) -> String {
    let request = desk.openai.asked().pop().unwrap();
    request["messages"][0]["content"].as_str().unwrap().to_owned()
}

story!(what_is_published_answers_from_the_next_turn_on_and_can_be_taken_back, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["agent:*", "audit:read"]).await;
    let id = only_agent(desk, &key).await;
    shop.talk(ANA, "hola").await;
    assert!(last_prompt(desk).starts_with("Eres Sofía"));

    let saved = save(desk, &key, &id, "Di siempre «ahoy», {{ contact.name | default('marinero') }}.", None).await;
    assert_eq!((saved.status, &saved.json()["problems"]), (200, &json!([])), "{}", saved.text);
    shop.talk(ANA, "hola").await;
    assert!(last_prompt(desk).starts_with("Eres Sofía"), "a draft answers nobody");

    let published = publish(desk, &key, &id, "más marinero").await;
    assert_eq!((published.status, published.header("location")), (201, &*format!("/api/v1/agents/{id}/versions/2")));
    shop.talk(ANA, "hola").await;
    assert!(last_prompt(desk).starts_with("Di siempre «ahoy»"), "{}", last_prompt(desk));
    assert_eq!(publish(desk, &key, &id, "again").await.json()["code"], "nothing_to_publish");

    let path = format!("/api/v1/agents/{id}/versions");
    let restored = desk.post_as(&key, &format!("{path}/1/restore"), &json!({})).await;
    assert_eq!((restored.status, &restored.json()["version"]), (201, &json!(3)), "{}", restored.text);
    shop.talk(ANA, "hola").await;
    assert!(last_prompt(desk).starts_with("Eres Sofía"));
    // Going back is undone the same way.
    assert_eq!(desk.post_as(&key, &format!("{path}/2/restore"), &json!({ "note": "sí, marinero" })).await.status, 201);
    shop.talk(ANA, "hola").await;
    assert!(last_prompt(desk).starts_with("Di siempre «ahoy»"));

    let listed = desk.get_as(&key, &path).await.json();
    let told: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| (v["version"].as_i64().unwrap(), v["note"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [(4, "sí, marinero"), (3, "restored version 1"), (2, "más marinero"), (1, "first version")]);
    assert_eq!((&listed["items"][0]["is_published"], &listed["items"][0]["author_name"]), (&json!(true), &json!("a key")));
    assert_eq!(desk.post_as(&key, &format!("{path}/4/restore"), &json!({})).await.json()["code"], "already_published");
    let first = desk.get_as(&key, &format!("{path}?limit=1")).await.json();
    let next = desk.get_as(&key, &format!("{path}?limit=1&cursor={}", first["next"].as_str().unwrap())).await.json();
    assert_eq!(next["items"][0]["version"], 3);
});

story!(of_two_who_write_at_once_the_second_is_told, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["agent:*"]).await;
    let id = only_agent(desk, &key).await;
    let opened = desk.get_as(&key, &format!("/api/v1/agents/{id}/draft")).await;
    assert_eq!((&opened.json()["is_saved"], &opened.json()["based_on"]), (&json!(false), &json!(1)));
    let tag = opened.header("etag").to_owned();
    let first = save(desk, &key, &id, "uno", Some(&tag)).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let second = save(desk, &key, &id, "dos", Some(&tag)).await;
    assert_eq!((second.status, &second.json()["code"]), (412, &json!("stale")));
    // In the same instant, with what is there now, it goes on.
    let third = save(desk, &key, &id, "tres", Some(first.header("etag"))).await;
    assert_eq!((third.status, &third.json()["spec"]["prompt"]), (200, &json!("tres")));
    assert_ne!(third.header("etag"), first.header("etag"));
    // What somebody saw is what they publish.
    let publish_it = format!("/api/v1/agents/{id}/publish");
    let headers = [JSON, ("if-match", first.header("etag"))];
    assert_eq!(desk.ask_as(&key, "POST", &publish_it, &headers, r#"{"note":"x"}"#).await.status, 412);
    let headers = [JSON, ("if-match", third.header("etag"))];
    assert_eq!(desk.ask_as(&key, "POST", &publish_it, &headers, r#"{"note":"x"}"#).await.status, 201);
    // A tab from before the publication is told so too.
    assert_eq!(save(desk, &key, &id, "cuatro", Some(third.header("etag"))).await.status, 412);
    // What was begun can be thrown away.
    assert_eq!(save(desk, &key, &id, "cinco", None).await.status, 200);
    assert_eq!(desk.delete_as(&key, &format!("/api/v1/agents/{id}/draft")).await.status, 204);
    assert_eq!(desk.get_as(&key, &format!("/api/v1/agents/{id}/draft")).await.json()["spec"]["prompt"], "tres");
});

story!(what_cannot_be_published_is_said_with_its_place, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["agent:*"]).await;
    let id = only_agent(desk, &key).await;
    let draft = format!("/api/v1/agents/{id}/draft");
    let saved = save(desk, &key, &id, "Hola\n  {{ contact.nmae }}", None).await.json();
    assert_eq!(
        (&saved["problems"][0]["path"], &saved["problems"][0]["line"], &saved["problems"][0]["column"]),
        (&json!("prompt"), &json!(2), &json!(6))
    );
    let refused = publish(desk, &key, &id, "x").await;
    assert_eq!((refused.status, &refused.json()["errors"][0]["path"]), (422, &json!("spec.prompt")));
    let why = refused.json()["errors"][0]["problem"].as_str().unwrap().to_owned();
    assert!(why.starts_with("line 2, column 6: there is no contact.nmae; there are "), "{why}");

    for (spec, path) in [
        (json!({ "models": [{ "vendor": "opnai", "model": "x" }] }), "spec.models[0].vendor"),
        (json!({ "models": [{ "vendor": "openai", "model": " " }] }), "spec.models[0].model"),
        (json!({ "tools": ["business_info", "sudo"] }), "spec.tools[1]"),
        (json!({ "temperature": 3 }), "spec.temperature"),
        (json!({ "max_output_tokens": 1 }), "spec.max_output_tokens"),
    ] {
        assert_eq!(desk.ask_as(&key, "PUT", &draft, &[JSON], spec.to_string()).await.status, 200, "{spec}");
        assert_eq!(publish(desk, &key, &id, "x").await.json()["errors"][0]["path"], path, "{spec}");
    }
    for (spec, path) in [
        (json!({ "promt": "x" }), "promt"),
        (json!({ "tools": "all" }), "tools"),
        (json!({ "temperature": "hot" }), "temperature"),
        (json!({ "max_output_tokens": -1 }), "max_output_tokens"),
        (json!({ "max_output_tokens": 1e300 }), "max_output_tokens"),
        (
            json!({ "models": [{ "vendor": "openai", "model": "x", "base_url": "http://169.254.169.254/" }] }),
            "spec.models[0].base_url",
        ),
        (json!({ "prompt": "x".repeat(100_001) }), "prompt"),
    ] {
        let refused = desk.ask_as(&key, "PUT", &draft, &[JSON], spec.to_string()).await;
        assert_eq!((refused.status, refused.json()["errors"][0]["path"].as_str()), (422, Some(path)), "{}", refused.text);
    }
    for note in ["", " ", "two\nlines", &"x".repeat(501)] {
        assert_eq!(publish(desk, &key, &id, note).await.status, 422, "{note}");
    }
});

story!(agents_are_made_renamed_and_removed, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["agent:*", "prompt:*"]).await;
    let first = only_agent(desk, &key).await;
    let prompt = desk.post_as(&key, "/api/v1/prompts", &json!({ "name": "Night", "content": "De noche." })).await.json();
    let made = desk.post_as(&key, "/api/v1/agents", &json!({ "name": "Noche", "prompt": prompt["id"] })).await;
    assert_eq!((made.status, &made.json()["spec"]["prompt"]), (201, &json!("De noche.")), "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/api/v1/agents/{id}"));
    for (body, status, code) in [
        (json!({ "name": "Noche" }), 409, "name_taken"),
        (json!({ "name": "" }), 422, "invalid"),
        (json!({ "name": "x", "prompt": "prm_nobody" }), 422, "invalid"),
        (json!({ "name": "x", "spec": { "prompt": "{{ x }}" } }), 422, "invalid"),
        (json!({ "name": "x", "tenant": "tnt_1" }), 422, "invalid"),
    ] {
        let refused = desk.post_as(&key, "/api/v1/agents", &body).await;
        assert_eq!((refused.status, refused.json()["code"].as_str()), (status, Some(code)), "{body}");
    }
    let (one, other) = (format!("/api/v1/agents/{first}"), format!("/api/v1/agents/{id}"));
    assert_eq!(desk.delete_as(&key, &one).await.json()["code"], "is_default");
    let tag = desk.get_as(&key, &other).await.header("etag").to_owned();
    assert_eq!(desk.patch_as(&key, &other, &json!({ "is_default": true })).await.json()["is_default"], true);
    assert_eq!(desk.ask_as(&key, "PATCH", &other, &[JSON, ("if-match", &tag)], r#"{"name":"Tarde"}"#).await.status, 412);
    assert_eq!(desk.patch_as(&key, &other, &json!({ "name": "Sofía" })).await.json()["code"], "name_taken");
    assert_eq!(desk.patch_as(&key, &other, &json!({ "is_default": false })).await.status, 422);
    assert_eq!(desk.delete_as(&key, &one).await.status, 204);
    assert_eq!(only_agent(desk, &key).await, id);
});

story!(nobody_reaches_the_agents_and_prompts_of_another_business, |desk| async {
    let (luna, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    let (key, foreign) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    let id = only_agent(desk, &key).await;
    let prompt = desk.post_as(&key, "/api/v1/prompts", &json!({ "name": "Mine", "content": "x" })).await.json();
    let (agent, prompt) = (format!("/api/v1/agents/{id}"), format!("/api/v1/prompts/{}", prompt["id"].as_str().unwrap()));
    let said = json!({ "said": [{ "by": "customer", "text": "hola" }] });
    for (method, path, body) in [
        ("GET", agent.clone(), json!({})),
        ("PATCH", agent.clone(), json!({ "name": "x" })),
        ("DELETE", agent.clone(), json!({})),
        ("GET", format!("{agent}/draft"), json!({})),
        ("PUT", format!("{agent}/draft"), json!({})),
        ("DELETE", format!("{agent}/draft"), json!({})),
        ("POST", format!("{agent}/publish"), json!({ "note": "x" })),
        ("GET", format!("{agent}/versions"), json!({})),
        ("GET", format!("{agent}/versions/1"), json!({})),
        ("POST", format!("{agent}/versions/1/restore"), json!({})),
        ("POST", format!("{agent}/playground"), said),
        ("GET", prompt.clone(), json!({})),
        ("PATCH", prompt.clone(), json!({ "name": "x" })),
        ("DELETE", prompt.clone(), json!({})),
        ("GET", "/api/v1/agents/agt_nobody".to_owned(), json!({})),
        ("GET", "/api/v1/agents/%20".to_owned(), json!({})),
    ] {
        let answer = desk.ask_as(&foreign, method, &path, &[JSON], body.to_string()).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not_found")), "{method} {path}: {}", answer.text);
    }
    let reader = luna.key(&["agent:read", "prompt:read"]).await;
    assert_eq!(desk.ask_as(&reader, "PUT", &format!("{agent}/draft"), &[JSON], "{}").await.status, 403);
    assert_eq!(desk.post_as(&reader, "/api/v1/prompts", &json!({ "name": "x", "content": "" })).await.status, 403);
    assert_eq!(desk.get_as(&reader, &prompt).await.status, 200);
});

story!(a_prompt_is_previewed_in_its_parts_with_the_palette_beside_it, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["agent:read", "contact:read"]).await;
    shop.talk(ANA, "hola, soy Ana").await;
    let contact = shop.contact(ANA).await.unwrap();
    let body = json!({ "prompt": "{{ business.name }} {{ weekday }}\n{{ busines }}", "contact": contact, "now": "2026-11-23T15:00:00Z" });
    let shown = desk.post_as(&key, "/api/v1/agents/preview", &body).await.json();
    assert_eq!(shown["own"], "Luna lunes", "{shown}");
    assert_eq!((&shown["problems"][0]["path"], &shown["problems"][0]["line"]), (&json!("prompt"), &json!(2)));
    assert!(shown["moment"].as_str().unwrap().contains(ANA) && shown["business"].as_str().unwrap().contains("Manicure"));
    let palette = desk.get_as(&key, "/api/v1/agents/variables").await.json();
    let name = palette["items"].as_array().unwrap().iter().find(|v| v["name"] == "business.name").unwrap().clone();
    assert_eq!(
        (&name["sample"], &name["insert"], &name["meaning"]["es"]),
        (&json!("Luna"), &json!("{{ business.name }}"), &json!("nombre del negocio"))
    );
    let tools = desk.get_as(&key, "/api/v1/agents/tools").await.json();
    assert!(
        tools["items"].as_array().unwrap().iter().any(|t| t["name"] == "schedule_appointment" && t["changes_something"] == true)
    );
    let models = desk.get_as(&key, "/api/v1/models").await.json();
    let configured: Vec<_> = models["vendors"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|v| v["is_configured"] == true)
        .map(|v| v["vendor"].as_str().unwrap())
        .collect();
    assert!(configured.contains(&"openai") && configured.contains(&"scripted"), "{configured:?}");
});

story!(the_library_keeps_named_prompts, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["prompt:*"]).await;
    let made =
        desk.post_as(&key, "/api/v1/prompts", &json!({ "name": "Día", "content": "Sé amable", "metadata": { "v": 1.5 } })).await;
    assert_eq!((made.status, &made.json()["number"]), (201, &json!(1)), "{}", made.text);
    let path = made.header("location").to_owned();
    for (body, status) in [
        (json!({ "name": "Día", "content": "" }), 409),
        (json!({ "name": "", "content": "" }), 422),
        (json!({ "name": "x".repeat(101), "content": "" }), 422),
        (json!({ "name": "x", "content": "", "metadata": [] }), 422),
        (json!({ "name": "x", "content": null }), 422),
    ] {
        assert_eq!(desk.post_as(&key, "/api/v1/prompts", &body).await.status, status, "{body}");
    }
    let tag = made.header("etag").to_owned();
    let changed = desk.ask_as(&key, "PATCH", &path, &[JSON, ("if-match", &tag)], r#"{"metadata":null}"#).await;
    assert_eq!(
        (changed.status, &changed.json()["metadata"], &changed.json()["content"]),
        (200, &Value::Null, &json!("Sé amable"))
    );
    assert_eq!(desk.ask_as(&key, "PATCH", &path, &[JSON, ("if-match", &tag)], r#"{"name":"x"}"#).await.status, 412);
    desk.post_as(&key, "/api/v1/prompts", &json!({ "name": "Noche", "content": "Sé breve" })).await;
    let found = desk.get_as(&key, "/api/v1/prompts?q=BREVE").await.json();
    assert_eq!((found["items"].as_array().unwrap().len(), &found["items"][0]["name"]), (1, &json!("Noche")));
    let page = desk.get_as(&key, "/api/v1/prompts?limit=1").await.json();
    let next = desk.get_as(&key, &format!("/api/v1/prompts?limit=1&cursor={}", page["next"].as_str().unwrap())).await.json();
    assert_eq!((&page["items"][0]["name"], &next["items"][0]["name"]), (&json!("Día"), &json!("Noche")));
    assert_eq!(desk.patch_as(&key, &path, &json!({ "name": "Noche" })).await.json()["code"], "name_taken");
    assert_eq!(desk.delete_as(&key, &path).await.status, 204);
    assert_eq!(desk.get_as(&key, &path).await.status, 404);
});
