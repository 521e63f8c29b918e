//! Making, importing and trying tools through the API: what is accepted, what is refused and where, and that nothing leaks.

use frontdesk_testkit::{
    desk::{Setup, Shop},
    fakes::Act,
    story,
};
use serde_json::{Value, json};

use crate::payments::connected;

fn good(shop: &Shop<'_>) -> Value {
    json!({
        "name": "find_order", "title": "Orders", "description": "Finds an order.",
        "parameters": {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]},
        "request": {"method": "GET", "url": format!("{}/orders/{{number}}", shop.desk.service.url()), "rest": "nowhere", "timeout_ms": 2000},
    })
}

story!(a_tool_is_made_shown_changed_and_deleted, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["tool:read", "tool:write"]).await;
    let made = desk.post_as(&key, "/api/v1/tools", &good(&shop)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let tool = made.json();
    assert_eq!(
        (&tool["effect"], &tool["enabled"], &tool["version"], &tool["kind"]),
        (&json!("reads"), &json!(true), &json!(1), &json!("http"))
    );
    assert_eq!(tool["parameters"]["additionalProperties"], json!(false));
    let path = format!("/api/v1/tools/{}", tool["id"].as_str().unwrap());
    let listed = desk.get_as(&key, "/api/v1/tools").await.json();
    let kinds: Vec<_> = listed["items"].as_array().unwrap().iter().map(|t| t["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds.len(), kinds.last()), (17, Some(&"http")));
    desk.advance(std::time::Duration::from_secs(1));
    let changed = desk
        .json_as(
            &key,
            "PATCH",
            &path,
            &json!({"name": "look_up", "parameters": {"number": {"type": "integer"}}, "proves": "sent"}),
        )
        .await;
    assert_eq!(
        (changed.status, &changed.json()["name"], &changed.json()["version"]),
        (200, &json!("look_up"), &json!(2)),
        "{}",
        changed.text
    );
    let cleared = desk.json_as(&key, "PATCH", &path, &json!({"proves": null})).await.json();
    assert!(cleared.get("proves").is_none() && cleared["title"] == "Orders");
    assert_eq!(desk.json_as(&key, "DELETE", &path, &Value::Null).await.status, 204);
    assert_eq!(desk.get_as(&key, &path).await.status, 404);
    let reader = shop.key(&["tool:read"]).await;
    assert_eq!(desk.post_as(&reader, "/api/v1/tools", &good(&shop)).await.status, 403);
    assert_eq!(desk.get_as(&reader, "/api/v1/tools").await.status, 200);
});

story!(a_built_in_tool_is_shown_as_writing_exactly_when_it_changes_something, Setup::new().records(), |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = connected(&shop, |_| {}).await;
    let listed = desk.get_as(&key, "/api/v1/tools").await.json();
    let shown: Vec<_> = listed["items"].as_array().unwrap().iter().filter(|t| t["kind"] == "built_in").collect();
    assert_eq!(shown.len(), desk.engine.toolbox.names().count(), "this business can use all there are: {listed}");
    for tool in shown {
        let about = desk.engine.toolbox.about(tool["name"].as_str().unwrap()).unwrap();
        assert_eq!(tool["effect"], if about.changes { "writes" } else { "reads" }, "{tool}");
    }
    let effect = |name: &str| listed["items"].as_array().unwrap().iter().find(|t| t["name"] == name).unwrap()["effect"].clone();
    assert!(effect("find_records") == "reads" && effect("analyze_data") == "reads");
    assert!(effect("create_record") == "writes" && effect("schedule_appointment") == "writes");
});

story!(what_is_wrong_is_said_beside_its_field, |desk| async {
    let shop = desk.business("Luna").agent(|a| a.spec.tools = Some(vec!["find_order".into()])).open().await;
    let key = shop.key(&["*"]).await;
    let first = desk.post_as(&key, "/api/v1/tools", &good(&shop)).await;
    assert_eq!(first.status, 201, "{}", first.text);
    type Spoil = fn(&mut Value);
    let cases: Vec<(&str, Spoil)> = vec![
        ("name", |_| {}),
        ("name", |t| t["name"] = "business_info".into()),
        ("name", |t| t["name"] = "no spaces".into()),
        ("description", |t| t["description"] = " ".into()),
        ("parameters", |t| t["parameters"] = json!([1])),
        ("parameters", |t| {
            t["parameters"] = json!({"phone": {"type": "string", "required": true}, "number": {"type": "string"}})
        }),
        ("request.url", |t| t["request"]["url"] = "http://169.254.169.254/latest/{number}".into()),
        ("request.url", |t| t["request"]["url"] = "http://[::ffff:127.0.0.1]/{number}".into()),
        ("request.url", |t| t["request"]["url"] = "http://2130706433/{number}".into()),
        ("request.url", |t| t["request"]["url"] = "http://example.com:5432/{number}".into()),
        ("request.url", |t| t["request"]["url"] = "https://user:pass@example.com/{number}".into()),
        ("request.url", |t| t["request"]["url"] = "file:///etc/passwd?{number}".into()),
        ("request.url", |t| t["request"]["url"] = "https://{number}/".into()),
        ("request.method", |t| t["request"]["method"] = "TRACE".into()),
        ("request.timeout_ms", |t| t["request"]["timeout_ms"] = 20_001.into()),
        ("request.auth.secret", |t| t["request"]["auth"] = json!({"kind": "bearer", "secret": "NONE"})),
        ("request.headers.0.name", |t| t["request"]["headers"] = json!([{"name": "Host", "value": "x"}])),
        ("request.headers.0.value", |t| t["request"]["headers"] = json!([{"name": "a", "value": "b\r\nc"}])),
    ];
    for (n, (path, change)) in cases.into_iter().enumerate() {
        let mut tool = good(&shop);
        if n > 0 {
            tool["name"] = format!("tool_{n}").into();
        }
        change(&mut tool);
        let refused = desk.post_as(&key, "/api/v1/tools", &tool).await;
        let paths: Vec<_> = refused.json()["errors"]
            .as_array()
            .unwrap_or(&Vec::new())
            .iter()
            .map(|e| e["path"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert!(
            refused.status == 422 && paths.iter().any(|p| p.replace(['[', ']'], ".").starts_with(path)),
            "{path}: {} {}",
            refused.status,
            refused.text
        );
    }
    // An agent chose it by its name.
    let path = format!("/api/v1/tools/{}", first.json()["id"].as_str().unwrap());
    assert_eq!(first.json()["agents"].as_array().unwrap().len(), 1);
    for (method, body) in [("PATCH", json!({"name": "other"})), ("DELETE", Value::Null)] {
        let refused = desk.json_as(&key, method, &path, &body).await;
        assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("in_use")), "{}", refused.text);
    }
    assert_eq!(desk.json_as(&key, "DELETE", &format!("{path}?force=true"), &Value::Null).await.status, 204);
});

story!(a_secret_is_written_never_read_and_bound_to_its_host, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let host = desk.service.host();
    for (name, body, status) in [
        ("KEY", json!({"host": host, "value": "sk-hidden-1"}), 204),
        ("FAR", json!({"host": "api.example.com", "value": "sk-hidden-2"}), 204),
        ("no-good", json!({"host": host, "value": "x"}), 422),
        ("KEY", json!({"host": "https://x.example/", "value": "x"}), 422),
        ("KEY", json!({"host": host, "value": "a\r\nb"}), 422),
        ("KEY", json!({"host": host, "value": ""}), 422),
        ("KEY", json!({"host": host}), 422),
    ] {
        let set = desk.json_as(&key, "PUT", &format!("/api/v1/tools/secrets/{name}"), &body).await;
        assert_eq!(set.status, status, "{name} {body}: {}", set.text);
    }
    let mut tool = good(&shop);
    tool["request"]["headers"] = json!([{"name": "x-key", "value": "{{secret.KEY}}"}]);
    let made = desk.post_as(&key, "/api/v1/tools", &tool).await;
    assert_eq!((made.status, &made.json()["secrets"]), (201, &json!(["KEY"])), "{}", made.text);
    let path = format!("/api/v1/tools/{}", made.json()["id"].as_str().unwrap());
    let mut elsewhere = tool["request"].clone();
    elsewhere["url"] = "https://evil.example/{number}".into();
    let moved = desk.json_as(&key, "PATCH", &path, &json!({"request": elsewhere})).await;
    assert!(moved.status == 422 && moved.text.contains("enter it again"), "{}", moved.text);
    desk.service.then(Act::json(200, &json!({"you": "sk-hidden-1"})));
    let tried = desk.post_as(&key, &format!("{path}/test"), &json!({"arguments": {"number": "7"}})).await;
    assert_eq!(tried.status, 200, "{}", tried.text);
    assert_eq!(desk.service.seen()[0].header("x-key"), Some("sk-hidden-1"));
    let header = tried.json()["request"]["headers"][0].clone();
    assert_eq!(header, json!({"name": "x-key", "value": "*****"}));
    let used = desk.json_as(&key, "DELETE", "/api/v1/tools/secrets/KEY", &Value::Null).await;
    assert_eq!(used.status, 409);
    assert_eq!(desk.json_as(&key, "DELETE", "/api/v1/tools/secrets/FAR", &Value::Null).await.status, 204);
    for path in ["/api/v1/tools", "/api/v1/tools/secrets", &path] {
        let shown = desk.get_as(&key, path).await;
        assert!(!shown.text.contains("sk-hidden"), "{path}: {}", shown.text);
    }
    assert!(!tried.text.contains("sk-hidden"), "not even when the service repeats it: {}", tried.text);
});

story!(a_trial_shows_the_exact_request_and_what_came_back, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let mut draft = good(&shop);
    draft["request"]["method"] = "POST".into();
    draft["request"]["rest"] = "body".into();
    draft["parameters"] = json!({"number": {"type": "string", "required": true}, "count": {"type": "integer"}});
    let attempt = async |draft: &Value, arguments: Value| {
        desk.advance(std::time::Duration::from_secs(2));
        desk.post_as(&key, "/api/v1/tools/test", &json!({"tool": draft, "arguments": arguments})).await
    };
    desk.service.then(Act::json(201, &json!({"id": 7})));
    let fine = attempt(&draft, json!({"number": "A1", "count": 2})).await;
    assert_eq!(fine.status, 200, "{}", fine.text);
    let told = fine.json();
    assert_eq!(told["request"]["method"], "POST");
    assert_eq!(told["request"]["url"], format!("{}/orders/A1", desk.service.url()));
    assert_eq!(told["request"]["body"], r#"{"count":2}"#);
    assert_eq!(
        (&told["response"]["status"], &told["response"]["body"], &told["succeeded"]),
        (&json!(201), &json!(r#"{"id":7}"#), &json!(true))
    );
    assert!(desk.get_as(&key, "/api/v1/tools").await.json()["items"].as_array().unwrap().len() == 16, "nothing was kept");
    desk.service.then(Act::Cut);
    let gone = format!("http://127.0.0.1:{}/x", free_port());
    let cases: Vec<(Value, Value, &str)> =
        vec![(draft.clone(), json!({"number": 7}), "arguments"), (draft.clone(), json!({"number": "A1"}), "broken")];
    for (draft, arguments, kind) in cases {
        let tried = attempt(&draft, arguments).await.json();
        assert_eq!(tried["problem"]["kind"], kind, "{tried}");
    }
    let mut inside = draft.clone();
    inside["request"]["url"] = gone.into();
    assert_eq!(
        attempt(&inside, json!({"number": "1"})).await.status,
        422,
        "an inner address is refused before anything is tried"
    );
    let body = json!({"tool": draft, "arguments": {"number": 7}});
    let many = futures_util::future::join_all((0..12).map(|_| desk.post_as(&key, "/api/v1/tools/test", &body))).await;
    assert!(many.iter().any(|a| a.status == 429), "trials are paced");
});

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

story!(commands_and_documents_become_drafts_that_can_be_kept, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let command = format!(
        "curl -X POST '{}/orders' -H 'Authorization: Bearer sk-pasted' --json '{{\"item\": \"cut\"}}'",
        desk.service.url()
    );
    let read = desk.post_as(&key, "/api/v1/tools/import/curl", &json!({"command": command})).await;
    assert_eq!(read.status, 200, "{}", read.text);
    let draft = read.json();
    let secret = &draft["secrets"][0];
    assert_eq!((&secret["name"], &secret["value"]), (&json!("TOKEN"), &json!("sk-pasted")));
    let set = json!({"host": secret["host"], "value": secret["value"]});
    assert_eq!(desk.json_as(&key, "PUT", "/api/v1/tools/secrets/TOKEN", &set).await.status, 204);
    let mut tool = draft["tool"].clone();
    tool["description"] = "Orders something.".into();
    let made = desk.post_as(&key, "/api/v1/tools", &tool).await;
    assert_eq!(made.status, 201, "{}", made.text);

    let document = format!(
        "openapi: 3.0.0\ninfo: {{title: Shop, version: '1'}}\nservers: [{{url: '{}'}}]\npaths:\n  /a/{{id}}:\n    get:\n      operationId: getA\n      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]\n",
        desk.service.url()
    );
    let read = desk.post_as(&key, "/api/v1/tools/import/openapi", &json!({"document": document})).await;
    assert_eq!(read.status, 200, "{}", read.text);
    let operation = &read.json()["operations"][0];
    assert_eq!((&operation["method"], &operation["draft"]["tool"]["name"]), (&json!("GET"), &json!("getA")), "{}", read.text);
    assert_eq!(desk.post_as(&key, "/api/v1/tools", &operation["draft"]["tool"]).await.status, 201);
    for (path, body, field) in
        [("curl", json!({"command": "wget x"}), "command"), ("openapi", json!({"document": "hello"}), "document")]
    {
        let refused = desk.post_as(&key, &format!("/api/v1/tools/import/{path}"), &body).await;
        assert_eq!((refused.status, &refused.json()["errors"][0]["path"]), (422, &json!(field)), "{}", refused.text);
    }
});
