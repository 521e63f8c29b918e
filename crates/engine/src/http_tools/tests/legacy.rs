//! The predecessor's executor, rule by rule.

use bytes::Bytes;
use frontdesk_kernel::{
    http_tool::LegacyTool,
    ports::http::{HttpError, Method, Response},
};
use serde_json::{Value, json};

use super::{
    super::{
        exchange::ready,
        legacy::tell,
        template::{Prepared, Unfit},
    },
    *,
};

fn sent(parameters: Value, method: Option<&str>, url: &str, input: Value) -> Result<Prepared, String> {
    let mut draft = Draft::new(Method::Get, url);
    let mut api_config = json!({ "url": url, "headers": {"X-A": "b"} });
    if let Some(method) = method {
        api_config["method"] = method.into();
    }
    draft.spec.legacy = Some(LegacyTool { parameters, api_config });
    let tool = HttpTool { name: "X".into(), ..tool(draft.spec) };
    match ready(&tool, &input, &super::super::OurValues::default(), &secrets(&[])) {
        Ok(ready) => Ok(ready.sent),
        Err(Unfit::Arguments(problem) | Unfit::Setup(problem)) => Err(problem),
    }
}

#[test]
fn inputs_and_methods_make_the_requests_they_made_there() {
    let one = || json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    let bare = || json!({"city": {"type": "string"}});
    let two = || json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]});
    let none_wanted = || json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}});
    let u = "https://x.example/";
    let ok = |url: &str, body: Option<&str>| Ok((url.to_owned(), body.map(str::to_owned)));
    type Outcome = Result<(String, Option<String>), String>;
    let cases: Vec<(Value, Option<&str>, &str, Value, Outcome)> = vec![
        (one(), None, "", json!({"city": "x"}), Err("Error: API URL is not defined in tool configuration.".into())),
        (one(), None, u, json!({"city": "São Paulo"}), ok("https://x.example/?city=S%C3%A3o+Paulo", None)),
        (one(), None, u, json!("Berlin"), ok("https://x.example/?city=Berlin", None)),
        (bare(), Some("GET"), u, json!("Berlin"), ok("https://x.example/?city=Berlin", None)),
        (two(), Some("GET"), u, json!("Berlin"), ok("https://x.example/?a=Berlin", None)),
        (two(), Some("get"), u, json!(r#"{"a": "x", "b": 2}"#), ok("https://x.example/?a=x&b=2", None)),
        (
            none_wanted(),
            None,
            u,
            json!("oops"),
            Err("Error: Input 'oops' for tool 'X' is not valid JSON for the expected parameters.".into()),
        ),
        (none_wanted(), None, u, json!("7"), ok(u, None)),
        (two(), Some("POST"), u, json!({"a": "x"}), ok(u, Some(r#"{"a":"x"}"#))),
        (two(), Some("PUT"), u, json!("text"), ok(u, Some(r#"{"a":"text"}"#))),
        (
            one(),
            Some("PATCH"),
            u,
            json!("text"),
            Err("Error: Tool 'X' expects a JSON object, but received a plain string: text".into()),
        ),
        (Value::Null, Some("POST"), u, json!("text"), ok(u, Some(r#"{"value":"text"}"#))),
        (Value::Null, Some("POST"), u, json!("[1]"), ok(u, Some(r#"{"value":[1]}"#))),
        (one(), Some("DELETE"), u, json!({"city": "x"}), ok(u, None)),
    ];
    for (parameters, method, url, input, expected) in cases {
        let made = sent(parameters.clone(), method, url, input.clone());
        if let Ok(made) = &made {
            assert_eq!(made.headers, [("X-A".to_owned(), "b".to_owned())]);
        }
        assert_eq!(made.map(|p| (p.url, p.body.map(|b| b.1))), expected, "{parameters} {method:?} {input}");
    }
}

#[test]
fn answers_have_the_texts_they_had_there() {
    let answer = |status, body: &str| Ok(Response { status, headers: Vec::new(), body: Bytes::from(body.to_owned()) });
    let url = "https://x.example/";
    let cases = [
        (answer(200, r#"{ "a": 1 }"#), r#"{"a":1}"#.to_owned()),
        (answer(200, "plain"), "plain".to_owned()),
        (
            answer(404, r#"{"detail":"no"}"#),
            format!(r#"Error: API request to {url} failed with status 404. Details: {{"detail":"no"}}"#),
        ),
        (
            answer(500, &"x".repeat(300)),
            format!("Error: API request to {url} failed with status 500. Details: {}", "x".repeat(200)),
        ),
        (
            Err(HttpError::NotSent("10.0.0.1".into())),
            format!("Error: Could not connect to API at {url}. Details: the connection was not established."),
        ),
        (
            Err(HttpError::Refused("x".into())),
            "Error: An unexpected error occurred during the API call. The address may not be called.".to_owned(),
        ),
    ];
    for (answered, text) in cases {
        assert_eq!(tell(url, &answered).content, text);
    }
}
