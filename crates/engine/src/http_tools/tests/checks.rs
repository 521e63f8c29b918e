//! What may be kept, and where a flaw is said to be.

use async_trait::async_trait;
use frontdesk_kernel::{
    http_tool::{Field, HttpToolSpec, Rest, ToolAuth},
    ports::http::{Http, HttpError, Method, Request, Response, Streaming},
};
use serde_json::json;

use super::{super::check::*, *};

struct Strict;

#[async_trait]
impl Http for Strict {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        Err(HttpError::NotSent("a test".into()))
    }
    async fn stream(&self, _: Request) -> Result<Streaming, HttpError> {
        Err(HttpError::NotSent("a test".into()))
    }
    fn admits_guest(&self, url: &str) -> Result<(), HttpError> {
        if url.contains("127.0.0.1") { Err(HttpError::Refused("not a public address".into())) } else { Ok(()) }
    }
}

fn good() -> HttpToolSpec {
    let mut draft = Draft::new(Method::Get, "https://x.example/orders/{id}");
    parameters(&mut draft, json!({"id": {"type": "string", "required": true}}));
    draft.spec.description = "Looks up an order.".into();
    draft.spec
}

fn found(name: &str, spec: &HttpToolSpec) -> Vec<String> {
    let known = [("KEY".to_owned(), "x.example".to_owned()), ("FAR".to_owned(), "far.example".to_owned())].into();
    let known = Known { taken: &|name| name == "business_info", secrets: &known, http: &Strict };
    flaws(name, spec, &known).into_iter().map(|f| f.path).collect()
}

#[test]
fn a_good_tool_has_no_flaw() {
    let mut spec = good();
    spec.request.headers = vec![Field { name: "x-key".into(), value: "{{secret.KEY}}".into() }];
    spec.request.query = vec![Field { name: "who".into(), value: "{{contact.phone}}".into() }];
    assert_eq!(found("get_order", &spec), Vec::<String>::new());
}

#[test]
fn every_flaw_is_named_at_its_place() {
    type Change = fn(&mut HttpToolSpec);
    let cases: &[(&str, Change)] = &[
        ("description", |s| s.description.clear()),
        ("parameters", |s| s.parameters = json!({"type": "object", "properties": {"id": {"type": "nonsense"}}})),
        ("request.url", |s| s.request.url = "not a url/{id}".into()),
        ("request.url", |s| s.request.url = "ftp://x.example/{id}".into()),
        ("request.url", |s| s.request.url = "https://{id}.example/".into()),
        ("request.url", |s| s.request.url = "https://x.example/{id}/{oops".into()),
        ("request.url", |s| s.request.url = "http://127.0.0.1/{id}".into()),
        ("request.url", |s| s.request.url = "https://x.example/{id}\r\nx".into()),
        ("request.url", |s| s.request.url = "https://x.example/{{secret.KEY}}/{id}".into()),
        ("request.url", |s| s.request.url = "https://x.example/{other}".into()),
        ("request.headers.0.name", |s| s.request.headers = vec![Field { name: "Host".into(), value: "y".into() }]),
        ("request.headers.0.name", |s| s.request.headers = vec![Field { name: "a b".into(), value: "y".into() }]),
        ("request.headers.0.value", |s| s.request.headers = vec![Field { name: "a".into(), value: "b\r\nc: d".into() }]),
        ("request.headers.0.value", |s| s.request.headers = vec![Field { name: "a".into(), value: "{id}".into() }]),
        ("request.headers.0.value", |s| s.request.headers = vec![Field { name: "a".into(), value: "{{secret.NONE}}".into() }]),
        ("request.headers.0.value", |s| s.request.headers = vec![Field { name: "a".into(), value: "{{contact.iban}}".into() }]),
        ("request.auth.secret", |s| s.request.auth = ToolAuth::Bearer { secret: "FAR".into() }),
        ("request.rest", |s| {
            s.request.method = Method::Post;
            s.request.rest = Rest::Body;
            s.request.body = Some(json!({}));
        }),
        ("request.body", |s| s.request.rest = Rest::Body),
        ("request.timeout_ms", |s| s.request.timeout_ms = 60_000),
        ("answer.pointer", |s| s.answer.pointer = "data".into()),
        ("answer.max_chars", |s| s.answer.max_chars = 10),
        ("parameters", |s| {
            s.request.url = "https://x.example/".into();
            s.request.rest = Rest::Nowhere;
        }),
    ];
    for (path, change) in cases {
        let mut spec = good();
        change(&mut spec);
        let found = found("get_order", &spec);
        assert!(found.contains(&(*path).to_owned()), "{path}: {found:?} of {:?}", spec.request);
    }
    for name in ["", "9x", "get order", "business_info"] {
        assert_eq!(found(name, &good()), ["name"], "{name}");
    }
}
