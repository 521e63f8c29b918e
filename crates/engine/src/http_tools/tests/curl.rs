//! Pasted commands, as documentation and browsers write them.

use frontdesk_kernel::{
    http_tool::{Encoding, Rest, ToolAuth, ToolEffect},
    ports::http::Method,
};
use serde_json::json;

use super::{super::curl::read, *};

fn names(draft: &Draft) -> Vec<&str> {
    draft.spec.parameters["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_query_becomes_parameters_and_its_key_a_secret() {
    let draft = read("curl 'https://api.weather.example/v1/current?city=Berlin&units=metric&appid=abc123'").unwrap();
    assert_eq!(
        (draft.name.as_str(), draft.spec.request.method, draft.spec.effect),
        ("get_current", Method::Get, ToolEffect::Reads)
    );
    assert_eq!(draft.spec.request.url, "https://api.weather.example/v1/current");
    assert_eq!(names(&draft), ["city", "units"]);
    assert_eq!(draft.spec.request.query[0].value, "{{secret.APPID}}");
    assert_eq!((draft.secrets[0].host.as_str(), draft.secrets[0].value.as_deref()), ("api.weather.example", Some("abc123")));
}

#[test]
fn a_json_body_becomes_parameters_with_types() {
    let text = r#"$ curl -sS -X POST \
        https://api.shop.example/orders \
        -H "Content-Type: application/json" -H 'Authorization: Bearer sk_live_1' -H 'X-Shop: 7' \
        --data-raw '{"item": "cut", "count": 2, "gift": false, "to": {"street": "x"}, "tags": ["a"], "note": null}'"#;
    let draft = read(text).unwrap();
    let r = &draft.spec.request;
    assert_eq!((r.method, r.rest, r.encoding, draft.spec.effect), (Method::Post, Rest::Body, Encoding::Json, ToolEffect::Writes));
    assert_eq!(names(&draft), ["count", "gift", "item", "note", "tags", "to"]);
    let p = &draft.spec.parameters;
    assert_eq!(
        (&p["properties"]["count"]["type"], &p["properties"]["to"]["properties"]["street"]["type"]),
        (&json!("integer"), &json!("string"))
    );
    assert!(!p["required"].as_array().unwrap().contains(&json!("note")));
    assert_eq!(r.auth, ToolAuth::Bearer { secret: "TOKEN".into() });
    assert_eq!(draft.secrets[0].value.as_deref(), Some("sk_live_1"));
    assert_eq!((r.headers.len(), r.headers[0].name.as_str()), (1, "X-Shop"));
    assert!(!format!("{:?}", draft.spec).contains("sk_live_1"), "the secret is not in the tool");
}

#[test]
fn flags_mean_what_they_mean_to_curl() {
    let form = read("curl https://x.example/a -d a=1 -d 'b=x y' --data-urlencode 'c=é&'").unwrap();
    assert_eq!(
        (form.spec.request.method, form.spec.request.encoding, names(&form)),
        (Method::Post, Encoding::Form, vec!["a", "b", "c"])
    );
    let get = read("curl -G https://x.example/a --data-urlencode 'q=two words' -d n=1").unwrap();
    assert_eq!((get.spec.request.method, names(&get)), (Method::Get, vec!["n", "q"]));
    let json = read(r#"curl --json '{"a":1}' https://x.example/a"#).unwrap();
    assert_eq!((json.spec.request.method, json.spec.request.rest, names(&json)), (Method::Post, Rest::Body, vec!["a"]));
    let user = read("curl -u me:pass https://x.example/a").unwrap();
    assert_eq!(user.spec.request.auth, ToolAuth::Basic { username: "me".into(), secret: "PASSWORD".into() });
    let in_url = read("curl https://me:p%40ss@x.example/a").unwrap();
    assert_eq!((in_url.spec.request.url.as_str(), in_url.secrets[0].value.as_deref()), ("https://x.example/a", Some("p@ss")));
    let basic = read("curl x.example/a -H 'Authorization: Basic bWU6cGFzcw=='").unwrap();
    assert_eq!((basic.secrets[0].value.as_deref(), basic.spec.request.url.as_str()), (Some("pass"), "https://x.example/a"));
    let attached = read("curl -sSLXDELETE -H'X-API-Key: k1' --url=https://x.example/orders/12 -m 7 --compressed").unwrap();
    let r = &attached.spec.request;
    assert_eq!((r.method, r.timeout_ms, attached.name.as_str()), (Method::Delete, 7000, "delete_orders"));
    assert_eq!((r.headers[0].value.as_str(), attached.secrets[0].name.as_str()), ("{{secret.X_API_KEY}}", "X_API_KEY"));
    let chrome = read("curl 'https://x.example/graphql' -H 'sec-ch-ua: \"x\"' -H 'user-agent: y' -H 'cookie: sid=1' --data-raw $'{\"q\":\"a\\'b\\\\n\"}' -H 'content-type: application/json'").unwrap();
    assert_eq!((names(&chrome), chrome.secrets[0].name.as_str(), chrome.spec.request.headers.len()), (vec!["q"], "COOKIE", 1));
}

#[test]
fn what_cannot_be_a_tool_is_refused_with_the_reason() {
    for (text, word) in [
        ("wget https://x.example", "curl"),
        ("curl", "no URL"),
        ("curl 'https://x.example", "not closed"),
        ("curl https://x.example -d @file.json", "file"),
        ("curl https://x.example --data-urlencode q@file", "file"),
        ("curl https://x.example -F a=b", "-F"),
        ("curl https://x.example --proxy http://y", "proxy"),
        ("curl https://x.example --magic", "needs a value"),
        ("curl https://x.example --magic yes", "not known"),
        ("curl https://x.example https://y.example", "two URLs"),
        ("curl https://x.example -X TRACE", "TRACE"),
        ("curl https://x.example -X GET -d a=1", "GET with a body"),
        ("curl https://x.example -H 'no colon here'", "colon"),
        ("curl https://x.example -H 'content-type: text/xml' -d '<a/>'", "text/xml"),
        ("curl https://x.example -H 'content-type: application/json' -d '{oops'", "not JSON"),
        ("curl `id`", "run a command"),
        ("curl https://x.example -X", "needs a value"),
        ("curl -I https://x.example", "HEAD"),
    ] {
        let refused = read(text).unwrap_err();
        assert!(refused.contains(word), "{text}: {refused}");
    }
    assert!(read(&format!("curl https://x.example/{}", "a".repeat(70_000))).is_err());
}
