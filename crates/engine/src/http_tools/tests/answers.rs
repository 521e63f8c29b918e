//! Answers and faults, what they mean, and what the model reads.

use bytes::Bytes;
use frontdesk_kernel::{
    effect::Outcome,
    ports::http::{HttpError, Method, Response},
};

use super::{super::answer::*, *};

fn answer(status: u16, kind: &str, body: &str) -> Result<Response, HttpError> {
    let headers = vec![("content-type".to_owned(), kind.to_owned())];
    Ok(Response { status, headers, body: Bytes::from(body.to_owned()) })
}

fn told(method: Method, pointer: &str, answered: &Result<Response, HttpError>) -> (Outcome, String) {
    let mut spec = Draft::new(method, "https://x.example/").spec;
    spec.answer.pointer = pointer.to_owned();
    spec.answer.max_chars = 300;
    let told = tell(&spec, answered);
    (told.outcome, told.content)
}

#[test]
fn an_answer_is_read_as_its_rule_says() {
    let json = "application/json; charset=utf-8";
    let cases = [
        (answer(200, json, r#"{ "a": [1, {"b": "x"}] }"#), "", Outcome::Succeeded, r#"{"a":[1,{"b":"x"}]}"#),
        (answer(200, json, r#"{"a":[1,{"b":"x"}]}"#), "/a/1/b", Outcome::Succeeded, "x"),
        (answer(200, json, r#"{"a":1}"#), "/b", Outcome::Refused, "The answer of the service has no `/b`."),
        (answer(201, "text/plain", "done it"), "", Outcome::Succeeded, "done it"),
        (answer(204, "", ""), "", Outcome::Succeeded, "The service accepted it (status 204) and said nothing more."),
        (
            answer(200, "text/html", "<html>login</html>"),
            "",
            Outcome::Refused,
            "The service answered with a web page instead of data.",
        ),
        (answer(200, json, "{oops"), "", Outcome::Refused, "The answer of the service is not JSON."),
        (
            answer(404, json, r#"{"error":"no order 7"}"#),
            "",
            Outcome::Refused,
            r#"The service refused the request (status 404): {"error":"no order 7"}"#,
        ),
        (
            answer(401, json, "{}"),
            "",
            Outcome::Refused,
            "The service refused our credentials (status 401). A person of the team must look.",
        ),
        (answer(429, json, "{}"), "", Outcome::Refused, "The service is busy (status 429). Try again later."),
        (
            answer(302, json, ""),
            "",
            Outcome::Refused,
            "The service answered with a redirect (status 302), which is not followed.",
        ),
        (answer(500, json, "stack trace at db.internal:5432"), "", Outcome::Unknown, "The service has a fault (status 500)."),
        (answer(408, json, ""), "", Outcome::Unknown, "The service did not answer in time."),
    ];
    for (answered, pointer, outcome, content) in cases {
        assert_eq!(told(Method::Get, pointer, &answered), (outcome, content.to_owned()), "{answered:?}");
    }
    let long = answer(200, "text/plain", &"é".repeat(400));
    assert_eq!(told(Method::Get, "", &long).1, format!("{} … (cut off)", "é".repeat(300)));
}

#[test]
fn a_write_whose_answer_proves_nothing_is_unknown() {
    for (answered, outcome) in [
        (answer(200, "text/html", "<html>"), Outcome::Unknown),
        (answer(200, "application/json", "{oops"), Outcome::Unknown),
        (answer(400, "application/json", "{}"), Outcome::Refused),
        (answer(502, "text/html", "<html>"), Outcome::Unknown),
    ] {
        assert_eq!(told(Method::Post, "", &answered).0, outcome, "{answered:?}");
    }
}

#[test]
fn faults_are_told_without_a_word_of_how_things_look_inside() {
    let inside = "db.internal 10.0.0.7 os error 111";
    let after = |error: HttpError| told(Method::Post, "", &Err(error));
    for (error, outcome) in [
        (HttpError::NotSent(inside.into()), Outcome::NotApplied { after: None }),
        (HttpError::NoName(inside.into()), Outcome::NotApplied { after: None }),
        (HttpError::Untrusted(inside.into()), Outcome::NotApplied { after: None }),
        (HttpError::Refused(inside.into()), Outcome::Refused),
        (HttpError::Timeout(inside.into()), Outcome::Unknown),
        (HttpError::Broken(inside.into()), Outcome::Unknown),
        (HttpError::TooLarge(1), Outcome::Unknown),
    ] {
        let (is, content) = after(error.clone());
        assert_eq!(is, outcome, "{error}");
        assert!(!content.contains("internal") && !content.contains("10.0.0.7") && !content.contains("111"), "{content}");
    }
}
