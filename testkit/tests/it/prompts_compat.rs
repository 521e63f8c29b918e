//! `/ui/prompts/api`, as a client of the predecessor uses it.

use frontdesk_testkit::{
    desk::{Answer, TestDesk},
    story,
};
use serde_json::{Value, json};

async fn ask(desk: &TestDesk, method: &str, path: &str, body: Option<&Value>) -> Answer {
    // admin:contraseña
    let headers = [("authorization", "Basic YWRtaW46Y29udHJhc2XDsWE="), ("content-type", "application/json")];
    desk.ask_with(method, &format!("/ui/prompts/api{path}"), &headers, body.map(Value::to_string).unwrap_or_default()).await
}

fn detail(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json()["detail"].clone())
}

story!(the_predecessor_s_routes_for_prompts_answer_as_they_did, |desk| async {
    let shop = desk.business("Luna").open().await;
    let prompt =
        json!({ "name": "day", "content": "Be kind.", "metadata": { "js_snippet": "console.log(\"hello\");", "version": 1.0 } });
    let made = ask(desk, "POST", "", Some(&prompt)).await;
    let mut expected = prompt.clone();
    expected["id"] = 1.into();
    assert_eq!((made.status, made.json()), (201, expected.clone()), "{}", made.text);
    let again = ask(desk, "POST", "", Some(&prompt)).await;
    assert_eq!(detail(&again), (400, json!("Prompt name 'day' already registered")));
    let bare = ask(desk, "POST", "", Some(&json!({ "name": "night", "content": "" }))).await;
    assert_eq!((bare.status, bare.json()), (201, json!({ "name": "night", "content": "", "metadata": null, "id": 2 })));

    assert_eq!(ask(desk, "GET", "/1", None).await.json(), expected);
    let listed = ask(desk, "GET", "?skip=0&limit=100", None).await.json();
    assert_eq!(listed.as_array().unwrap().iter().map(|p| p["id"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(ask(desk, "GET", "?skip=1&limit=1", None).await.json()[0]["id"], 2);

    let changed = ask(desk, "PUT", "/1", Some(&json!({ "content": "Be brief." }))).await;
    expected["content"] = "Be brief.".into();
    assert_eq!((changed.status, changed.json()), (200, expected.clone()), "absent members are kept");
    let cleared = ask(desk, "PUT", "/1", Some(&json!({ "metadata": null }))).await;
    assert_eq!((cleared.status, &cleared.json()["metadata"]), (200, &Value::Null), "explicit null clears");
    let clash = ask(desk, "PUT", "/2", Some(&json!({ "name": "day" }))).await;
    assert_eq!(detail(&clash), (400, json!("Prompt name 'day' already exists.")));

    // It is the same library as the console's.
    let key = shop.key(&["prompt:*"]).await;
    let found = desk.get_as(&key, "/api/v1/prompts?q=brief").await.json();
    assert_eq!((&found["items"][0]["number"], &found["items"][0]["name"]), (&json!(1), &json!("day")));

    assert_eq!(ask(desk, "DELETE", "/2", None).await.status, 204);
    for (method, body) in [("GET", None), ("PUT", Some(json!({ "name": "x" }))), ("DELETE", None)] {
        let gone = ask(desk, method, "/2", body.as_ref()).await;
        assert_eq!(detail(&gone), (404, json!("Prompt not found")), "{method}");
    }
    assert_eq!(
        ask(desk, "POST", "", Some(&json!({ "name": "x", "content": "y" }))).await.json()["id"],
        3,
        "a number is given once"
    );
});

story!(a_prompt_that_does_not_fit_is_refused_as_the_predecessor_did, |desk| async {
    desk.business("Luna").open().await;
    for (body, kind, place) in [
        (json!({ "content": "x" }), "missing", json!(["body", "name"])),
        (json!({ "name": "x" }), "missing", json!(["body", "content"])),
        (json!({ "name": "", "content": "x" }), "string_too_short", json!(["body", "name"])),
        (json!({ "name": "x".repeat(101), "content": "x" }), "string_too_long", json!(["body", "name"])),
        (json!({ "name": "x", "content": 5 }), "string_type", json!(["body", "content"])),
        (json!({ "name": "x", "content": "y", "metadata": [1] }), "dict_type", json!(["body", "metadata"])),
        (json!([]), "model_attributes_type", json!(["body"])),
    ] {
        let refused = ask(desk, "POST", "", Some(&body)).await;
        let first = refused.json()["detail"][0].clone();
        assert_eq!((refused.status, &first["type"], &first["loc"]), (422, &json!(kind), &place), "{body}: {}", refused.text);
    }
    let number = ask(desk, "GET", "/abc", None).await;
    assert_eq!((number.status, &number.json()["detail"][0]["loc"]), (422, &json!(["path", "prompt_id"])));
    for (headers, said) in [
        (vec![], "Not authenticated"),
        (vec![("authorization", "Bearer x")], "Not authenticated"),
        (vec![("authorization", "Basic YWRtaW46d3Jvbmc=")], "Incorrect username or password."),
    ] {
        let refused = desk.ask_with("GET", "/ui/prompts/api", &headers, "").await;
        assert_eq!(detail(&refused), (401, json!(said)), "{headers:?}");
        assert_eq!(refused.header("www-authenticate"), "Basic");
    }
});

story!(of_many_who_give_a_prompt_the_same_name_one_succeeds_and_nobody_sees_a_fault, |desk| async {
    desk.business("Luna").open().await;
    let body = json!({ "name": "wanted", "content": "x" });
    let mut statuses: Vec<u16> = futures_util::future::join_all((0..8).map(|_| ask(desk, "POST", "", Some(&body))))
        .await
        .iter()
        .map(|a| a.status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400]);
});
