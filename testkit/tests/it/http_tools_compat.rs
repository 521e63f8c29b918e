//! `/ui/tools/api`, as a client of the predecessor uses it.

use frontdesk_testkit::{
    desk::{Answer, TestDesk},
    fakes::Act,
    story,
};
use serde_json::{Value, json};

use crate::people::ANA;

async fn ask(desk: &TestDesk, method: &str, path: &str, body: Option<&Value>) -> Answer {
    // admin:contraseña
    let headers = [("authorization", "Basic YWRtaW46Y29udHJhc2XDsWE="), ("content-type", "application/json")];
    desk.ask_with(method, &format!("/ui/tools/api{path}"), &headers, body.map(Value::to_string).unwrap_or_default()).await
}

fn weather(url: &str) -> Value {
    json!({
        "name": "WeatherAPI", "description": "Gets the weather",
        "parameters": {"type": "object", "properties": {"location": {"type": "string"}}, "required": ["location"]},
        "api_config": {"url": url, "method": "GET", "headers": {"X-API-Key": "secret-1234"}},
    })
}

story!(the_predecessor_s_routes_answer_as_they_did, |desk| async {
    desk.business("Luna").open().await;
    let tool = weather("https://api.example.com/weather");
    let made = ask(desk, "POST", "", Some(&tool)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let mut expected = tool.clone();
    expected["id"] = 1.into();
    assert_eq!(made.json(), expected);
    let again = ask(desk, "POST", "", Some(&tool)).await;
    assert_eq!((again.status, again.json()), (400, json!({"detail": "Tool name 'WeatherAPI' already registered"})));

    let shown = ask(desk, "GET", "/1", None).await;
    expected["api_config"]["headers"]["X-API-Key"] = "********".into();
    assert_eq!((shown.status, shown.json()), (200, expected.clone()));
    let bare = json!({"name": "Bare map", "description": "x", "parameters": {"city": {"type": "string"}}, "api_config": null});
    let bare = ask(desk, "POST", "", Some(&bare)).await;
    assert_eq!((bare.status, &bare.json()["parameters"]), (201, &json!({"city": {"type": "string"}})), "{}", bare.text);
    let listed = ask(desk, "GET", "?skip=0&limit=100", None).await.json();
    assert_eq!(listed.as_array().unwrap().iter().map(|t| t["id"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(ask(desk, "GET", "?skip=1&limit=1", None).await.json()[0]["id"], 2);

    let changed = ask(desk, "PUT", "/1", Some(&json!({"description": "New"}))).await;
    expected["description"] = "New".into();
    assert_eq!((changed.status, changed.json()), (200, expected.clone()), "absent members are kept");
    let cleared = ask(desk, "PUT", "/1", Some(&json!({"parameters": null}))).await;
    assert_eq!((cleared.status, &cleared.json()["parameters"]), (200, &Value::Null), "explicit null clears");
    let clash = ask(desk, "PUT", "/2", Some(&json!({"name": "WeatherAPI"}))).await;
    assert_eq!((clash.status, clash.json()), (400, json!({"detail": "Tool name 'WeatherAPI' already exists."})));
    assert_eq!(ask(desk, "DELETE", "/2", None).await.status, 204);
    for (method, body) in [("GET", None), ("PUT", Some(json!({"name": "x"}))), ("DELETE", None)] {
        let gone = ask(desk, method, "/2", body.as_ref()).await;
        assert_eq!((gone.status, gone.json()), (404, json!({"detail": "Tool not found"})), "{method}");
    }
});

story!(what_does_not_fit_is_refused_as_the_predecessor_s_framework_did, |desk| async {
    desk.business("Luna").open().await;
    for (body, kind, place) in [
        (json!({"description": "x"}), "missing", json!(["body", "name"])),
        (json!({"name": "x"}), "missing", json!(["body", "description"])),
        (json!({"name": "", "description": "x"}), "string_too_short", json!(["body", "name"])),
        (json!({"name": "x".repeat(101), "description": "x"}), "string_too_long", json!(["body", "name"])),
        (json!({"name": 5, "description": "x"}), "string_type", json!(["body", "name"])),
        (json!({"name": "x", "description": "x", "parameters": [1]}), "dict_type", json!(["body", "parameters"])),
        (json!({"name": "x", "description": "x", "api_config": "u"}), "dict_type", json!(["body", "api_config"])),
        (json!([]), "model_attributes_type", json!(["body"])),
    ] {
        let refused = ask(desk, "POST", "", Some(&body)).await;
        let first = refused.json()["detail"][0].clone();
        assert_eq!((refused.status, &first["type"], &first["loc"]), (422, &json!(kind), &place), "{body}: {}", refused.text);
    }
    let number = ask(desk, "GET", "/abc", None).await;
    assert_eq!((number.status, &number.json()["detail"][0]["loc"]), (422, &json!(["path", "tool_id"])));
    for (headers, status, detail) in [
        (vec![], 401, "Not authenticated"),
        (vec![("authorization", "Bearer x")], 401, "Not authenticated"),
        (vec![("authorization", "Basic ???")], 401, "Invalid authentication credentials"),
        (vec![("authorization", "Basic YWRtaW46d3Jvbmc=")], 401, "Incorrect username or password."),
        (vec![("authorization", "Basic dXNlcjpjb250cmFzZcOxYQ==")], 401, "Incorrect username or password."),
    ] {
        let refused = desk.ask_with("GET", "/ui/tools/api", &headers, "").await;
        assert_eq!((refused.status, refused.json()), (status, json!({ "detail": detail })), "{headers:?}");
    }
});

story!(a_tool_of_the_predecessor_s_form_is_called_by_agents, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let made = ask(desk, "POST", "", Some(&weather(&format!("{}/weather", desk.service.url())))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    desk.service.then(Act::json(200, &json!({"temp": 21})));
    desk.openai.call("WeatherAPI", json!({"location": "Bogotá"}));
    assert_eq!(shop.talk(ANA, "¿qué tiempo hace?").await, r#"done: {"temp":21}"#);
    let seen = desk.service.seen().remove(0);
    assert_eq!((seen.query.as_str(), seen.header("x-api-key")), ("location=Bogot%C3%A1", Some("secret-1234")));
    // What was hidden and sent back stays; the tool still proves itself.
    let config = ask(desk, "GET", "/1", None).await.json()["api_config"].clone();
    assert_eq!(ask(desk, "PUT", "/1", Some(&json!({"api_config": config}))).await.status, 200);
    desk.service.then(Act::json(404, &json!({"detail": "no"})));
    desk.openai.call("WeatherAPI", json!({"location": "Cali"}));
    let told = format!("done: Error: API request to {}/weather?location=Cali failed", desk.service.url());
    assert!(shop.talk(ANA, "¿y en Cali?").await.starts_with(&told[..60]));
    assert_eq!(desk.service.seen()[1].header("x-api-key"), Some("secret-1234"));
    // A key that was given for one host is not sent to another.
    let mut elsewhere = config.clone();
    elsewhere["url"] = "https://evil.example/".into();
    assert_eq!(ask(desk, "PUT", "/1", Some(&json!({"api_config": elsewhere}))).await.status, 200);
    desk.openai.call("WeatherAPI", json!({"location": "Cali"}));
    assert!(shop.talk(ANA, "¿y ahora?").await.contains("not set up"));
});
