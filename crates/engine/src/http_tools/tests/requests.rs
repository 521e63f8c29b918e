//! Templates and arguments, and the requests they make.

use frontdesk_kernel::{
    http_tool::{Encoding, Field, HttpToolSpec, Rest, ToolAuth},
    oauth::ClientLogin,
    ports::http::{Method, Response},
};
use serde_json::{Value, json};

use super::{super::template::*, *};

const OURS: Fixed =
    Fixed(&[("contact.phone", "57300"), ("tenant.id", "tnt_a"), ("secret.KEY", "s3cr&t"), ("secret.PASS", "p:w")]);

fn spec(method: Method, url: &str, change: impl FnOnce(&mut HttpToolSpec)) -> HttpToolSpec {
    let mut spec = Draft::new(method, url).spec;
    change(&mut spec);
    spec
}

fn made(spec: &HttpToolSpec, arguments: Value) -> Result<Prepared, Unfit> {
    prepare(spec, arguments.as_object().unwrap(), &OURS)
}

#[test]
fn places_are_found_and_other_braces_are_plain() {
    let cases: &[(&str, &[Piece<'_>])] = &[
        ("a{b}c", &[Piece::Plain("a"), Piece::Argument("b"), Piece::Plain("c")]),
        ("{{secret.KEY}}", &[Piece::Ours("secret.KEY")]),
        ("{{ now }}", &[Piece::Ours("now")]),
        ("{}{ a b }{1x}", &[Piece::Plain("{}{ a b }{1x}")]),
        ("{{{a}}}", &[Piece::Plain("{{"), Piece::Argument("a"), Piece::Plain("}}")]),
        ("{a", &[Piece::Plain("{a")]),
        ("é{x}", &[Piece::Plain("é"), Piece::Argument("x")]),
        ("", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(pieces(text), *expected, "{text}");
    }
}

#[test]
fn values_are_encoded_where_they_stand_and_cannot_leave_their_place() {
    let at = |url: &'static str| spec(Method::Get, url, |_| {});
    let cases = [
        (at("https://x.example/o/{id}"), json!({"id": "a b/ü?#&"}), "https://x.example/o/a%20b%2F%C3%BC%3F%23%26"),
        (
            at("https://x.example/o/{id}"),
            json!({"id": 7, "q": "x y", "l": [1, 2], "n": null}),
            "https://x.example/o/7?l=1&l=2&q=x+y",
        ),
        (at("https://x.example/o?a={a}&b=1"), json!({"a": "1&b=2"}), "https://x.example/o?a=1%26b%3D2&b=1"),
        (at("https://x.example/o?a={a}"), json!({}), "https://x.example/o?a="),
        (at("https://x.example/{{tenant.id}}/{id}"), json!({"id": "é"}), "https://x.example/tnt_a/%C3%A9"),
        (at("https://x.example/{id}.json"), json!({"id": "@evil.example"}), "https://x.example/%40evil.example.json"),
    ];
    for (spec, arguments, url) in cases {
        assert_eq!(made(&spec, arguments.clone()).unwrap().url, url, "{arguments}");
    }
    for id in [json!(""), json!("."), json!(".."), json!(null), json!({"a": 1}), json!([1])] {
        let refused = made(&at("https://x.example/o/{id}/x"), json!({ "id": id })).unwrap_err();
        assert!(matches!(refused, Unfit::Arguments(_)), "{id}: {refused:?}");
    }
    let dots = made(&at("https://x.example/o/.{id}/x"), json!({ "id": ".." }));
    assert!(dots.is_err() || !dots.unwrap().url.contains(".."), "no way up");
    for half in [json!({"a": ".", "b": "x"}), json!({"a": "x", "b": "."})] {
        assert!(made(&at("https://x.example/o/{a}/{b}"), half).is_err());
    }
    assert!(made(&at("https://x.example/o/{a}{b}/x"), json!({"a": "\u{2e}x", "b": "y"})).is_ok());
}

#[test]
fn bodies_keep_types_and_leave_out_what_was_not_given() {
    let template = json!({"name": "{name}", "size": "{size}", "note": "for {name}", "who": "{{contact.phone}}", "list": ["{size}", 1], "deep": {"x": "{gone}"}});
    let body = spec(Method::Post, "https://x.example/o", |s| {
        s.request.rest = Rest::Nowhere;
        s.request.body = Some(template);
    });
    let sent = made(&body, json!({"name": "A\"b", "size": 3})).unwrap();
    let (encoding, text) = sent.body.unwrap();
    assert_eq!(encoding, Encoding::Json);
    let expected = json!({"name": "A\"b", "size": 3, "note": "for A\"b", "who": "57300", "list": [3, 1], "deep": {}});
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);

    let rest = spec(Method::Post, "https://x.example/o/{id}", |_| {});
    let sent = made(&rest, json!({"id": 1, "a": {"b": true}, "c": "{id}"})).unwrap();
    assert_eq!(sent.body.unwrap().1, r#"{"a":{"b":true},"c":"{id}"}"#, "what a model writes is no template");

    let form = spec(Method::Post, "https://x.example/o", |s| s.request.encoding = Encoding::Form);
    let sent = made(&form, json!({"a": "x y&z", "b": [1, 2], "c": null})).unwrap();
    assert_eq!(sent.body.unwrap(), (Encoding::Form, "a=x+y%26z&b=1&b=2".to_owned()));

    let nothing = spec(Method::Delete, "https://x.example/o/{id}", |s| s.request.rest = Rest::Nowhere);
    assert_eq!(made(&nothing, json!({"id": 1})).unwrap().body, None);
}

#[test]
fn secrets_go_into_headers_queries_and_proofs() {
    let with = |auth: ToolAuth| spec(Method::Get, "https://x.example/", |s| s.request.auth = auth);
    let header = |auth| made(&with(auth), json!({})).unwrap().headers;
    assert_eq!(header(ToolAuth::Bearer { secret: "KEY".into() }), [("authorization".to_owned(), "Bearer s3cr&t".to_owned())]);
    assert_eq!(
        header(ToolAuth::Header { header: "x-key".into(), secret: "KEY".into() }),
        [("x-key".to_owned(), "s3cr&t".to_owned())]
    );
    let basic = header(ToolAuth::Basic { username: "me".into(), secret: "PASS".into() });
    assert_eq!(basic[0].1, "Basic bWU6cDp3");
    let query = spec(Method::Get, "https://x.example/", |s| {
        s.request.query =
            vec![Field { name: "k".into(), value: "{{secret.KEY}}".into() }, Field { name: "x".into(), value: "{x}".into() }];
        s.request.headers = vec![Field { name: "x-a".into(), value: "pre {{secret.KEY}} post".into() }];
    });
    let sent = made(&query, json!({})).unwrap();
    assert_eq!((sent.url.as_str(), sent.headers[0].1.as_str()), ("https://x.example/?k=s3cr%26t", "pre s3cr&t post"));
    let missing = made(&with(ToolAuth::Bearer { secret: "NONE".into() }), json!({})).unwrap_err();
    assert!(matches!(missing, Unfit::Setup(why) if why.contains("NONE")));
}

#[test]
fn a_secret_is_sent_to_its_own_host_only_and_never_shown() {
    use super::super::exchange::ready;
    let tool = tool(spec(Method::Get, "https://x.example/v1", |s| {
        s.request.auth = ToolAuth::Basic { username: "me".into(), secret: "KEY".into() };
        s.request.query = vec![Field { name: "k".into(), value: "{{secret.KEY}}".into() }];
    }));
    let values = super::super::OurValues::default();
    let fine = ready(&tool, &json!({}), &values, &secrets(&[("KEY", "x.example", "hush-hush")])).unwrap();
    assert!(fine.sent.url.contains("hush-hush"));
    assert_eq!(fine.shown.url, "https://x.example/v1?k=*****");
    assert_eq!(fine.shown.headers, [("authorization".to_owned(), "Basic *****".to_owned())]);
    let known = secrets(&[("KEY", "x.example", "hush-hush")]);
    let echoed = format!("you sent hush-hush and {}", fine.sent.headers[0].1);
    assert_eq!(fine.scrub(&echoed, &known, None), "you sent ***** and Basic *****");
    let token = Secret::new("granted");
    assert_eq!(fine.scrub("hush-hush, granted", &known, Some(&token)), "*****, *****");
    // Cut where the secret stands, nothing of it is left.
    let body = format!("{}hush-hush", "x".repeat(tool.spec.answer.max_chars as usize - 4));
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    let mut answer = Response { status: 200, headers, body: body.into() };
    fine.clean(&mut answer, &known, None);
    let told = super::super::answer::tell(&tool.spec, &Ok(answer)).content;
    assert!(told.contains("x****") && !told.contains("hush"), "{told}");
    for other in [secrets(&[("KEY", "y.example", "hush-hush")]), secrets(&[("KEY", "x.example:8443", "hush-hush")]), secrets(&[])]
    {
        assert!(matches!(ready(&tool, &json!({}), &values, &other), Err(Unfit::Setup(_))));
    }
}

#[test]
fn what_buys_tokens_over_a_safe_connection_does_not_go_over_another() {
    for (token_url, goes_to) in [
        ("https://login.example/token", "x.example with tokens of login.example"),
        ("https://login.example:443/token", "x.example with tokens of login.example"),
        ("http://login.example/token", "x.example with tokens of login.example:80"),
        ("http://login.example:80/token", "x.example with tokens of login.example:80"),
        ("https://login.example:8443/token", "x.example with tokens of login.example:8443"),
    ] {
        let spec = spec(Method::Get, "https://x.example/v1", |spec| {
            let (secret, token_url) = ("KEY".to_owned(), token_url.to_owned());
            let (client_id, scope, resource, send_as) = ("us".to_owned(), String::new(), String::new(), ClientLogin::Basic);
            spec.request.auth = ToolAuth::ClientCredentials { secret, token_url, client_id, scope, resource, send_as };
        });
        let uses: Vec<String> = super::super::uses_of(&spec, "x.example").into_iter().map(|(_, _, to)| to).collect();
        assert_eq!(uses, [goes_to], "{token_url}");
    }
}

#[test]
fn a_secret_of_a_safe_connection_does_not_go_over_another() {
    use super::super::exchange::ready;
    let values = super::super::OurValues::default();
    for (url, given_for, goes) in [
        ("https://x.example/v1", "x.example", true),
        ("https://x.example:443/v1", "x.example", true),
        ("http://x.example/v1", "x.example", false),
        ("http://x.example:80/{id}", "x.example", false),
        ("http://x.example/v1", "x.example:80", true),
        ("http://x.example:80/{id}", "x.example:80", true),
        ("https://x.example/v1", "x.example:80", false),
        ("http://x.example:443/v1", "x.example", false),
    ] {
        let tool = tool(spec(Method::Get, url, |s| s.request.auth = ToolAuth::Bearer { secret: "KEY".into() }));
        let known = secrets(&[("KEY", given_for, "hush-hush")]);
        assert_eq!(ready(&tool, &json!({"id": "7"}), &values, &known).is_ok(), goes, "{url} {given_for}");
    }
}
