//! What goes wrong and what it means.

use super::*;

#[tokio::test]
async fn every_error_of_a_vendor_says_what_happened_and_whether_to_try_again() {
    use ErrorKind::*;
    let after = |seconds| Retry::After(Duration::from_secs(seconds));
    let plain = |message: &str| json!({ "error": { "message": message, "type": "t", "param": null, "code": null } });
    let coded = |code: Value| json!({ "error": { "message": "m", "code": code } });
    type Case = (u16, Value, Option<(&'static str, &'static str)>, ErrorKind, Retry);
    let cases: Vec<Case> = vec![
        (401, plain("Incorrect API key provided: sk-abcdef"), None, Unauthorized, Retry::Never),
        (402, coded(json!(402)), None, Quota, Retry::Never),
        (403, plain("no"), None, Forbidden, Retry::Never),
        (404, plain("no such model"), None, NotFound, Retry::Never),
        (400, coded(json!("context_length_exceeded")), None, ContextOverflow, Retry::Never),
        (
            400,
            json!({ "object": "error", "message": "This model's maximum context length is 4096 tokens.", "type": "BadRequestError", "code": 400 }),
            None,
            ContextOverflow,
            Retry::Never,
        ),
        (
            413,
            json!({ "error": { "code": 413, "message": "m", "metadata": { "error_type": "context_length_exceeded" } } }),
            None,
            ContextOverflow,
            Retry::Never,
        ),
        (413, plain("too big"), None, TooLarge, Retry::Never),
        (400, plain("bad temperature"), None, Rejected, Retry::Never),
        (422, json!({ "detail": [{ "loc": ["body"], "msg": "extra" }] }), None, Rejected, Retry::Never),
        (301, json!({}), None, Rejected, Retry::Never),
        (408, plain(""), None, Unavailable, Retry::Later),
        (409, plain(""), None, Unavailable, Retry::Later),
        (500, plain(""), None, Unavailable, Retry::Later),
        (502, json!("bad gateway"), None, Unavailable, Retry::Later),
        (503, plain(""), Some(("retry-after", "3")), Unavailable, after(3)),
        (524, plain(""), None, Unavailable, Retry::Later),
        (529, plain(""), Some(("retry-after", "9")), Unavailable, after(9)),
        (429, coded(json!("rate_limit_exceeded")), Some(("retry-after-ms", "2000")), RateLimited, after(2)),
        (429, plain("slow down"), Some(("retry-after", "5")), RateLimited, after(5)),
        (429, plain("slow down"), Some(("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")), RateLimited, Retry::Later),
        (429, coded(json!("insufficient_quota")), Some(("retry-after", "5")), Quota, Retry::Never),
        (404, json!({ "error": "model 'x' not found" }), None, NotFound, Retry::Never),
    ];
    for (status, body, header, kind, retry) in cases {
        let reply = Reply::json(status, &body);
        let reply = header.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value));
        let error = ask("openai", reply).await.map(|(c, _)| c).unwrap_err();
        assert_eq!((error.kind, error.retry, error.status), (kind, retry, Some(status)), "{status} {body}: {error}");
        assert!(!error.to_string().contains("sk-abc"), "{error}");
        assert!(!error.detail.is_empty());
    }
    let error = ask("openai", Reply::new(502, "text/html", "<html>secret page</html>")).await.map(|(c, _)| c).unwrap_err();
    assert_eq!((error.kind, error.detail.as_str()), (Unavailable, "the answer is not JSON"));
}

#[tokio::test]
async fn an_error_inside_a_200_is_an_error() {
    use ErrorKind::*;
    for (error, kind, retry) in [
        (json!({ "code": 429, "message": "slow" }), RateLimited, Retry::Later),
        (json!({ "code": 402, "message": "credits" }), Quota, Retry::Never),
        (
            json!({ "code": 502, "message": "upstream", "metadata": { "error_type": "provider_unavailable" } }),
            Unavailable,
            Retry::Later,
        ),
        (json!({ "code": "server_error", "message": "oops" }), Unavailable, Retry::Later),
        (json!({ "code": "insufficient_quota", "message": "m" }), Quota, Retry::Never),
        (json!({ "code": "context_length_exceeded", "message": "m" }), ContextOverflow, Retry::Never),
        (json!("overloaded"), Unavailable, Retry::Later),
    ] {
        let body = json!({ "error": error });
        let in_stream = stream(&[text("Half"), body.to_string(), "[DONE]".to_owned()]);
        let after_finish = stream(&[
            text("Half"),
            json!({ "choices": [{ "delta": {}, "finish_reason": "error" }], "error": error }).to_string(),
        ]);
        for reply in [in_stream, after_finish, Reply::json(200, &body)] {
            let got = ask("openrouter", reply).await.map(|(c, _)| c).unwrap_err();
            assert_eq!((got.kind, got.retry), (kind, retry), "{error}: {got}");
        }
    }
}

#[tokio::test]
async fn the_status_of_an_error_inside_a_200_counts_beside_its_word() {
    use ErrorKind::*;
    for (status, word, kind, retry) in [
        (400, "invalid_prompt", Rejected, Retry::Never),
        (400, "unsupported_image_format", Rejected, Retry::Never),
        (401, "authentication", Unauthorized, Retry::Never),
        (402, "payment_required", Quota, Retry::Never),
        (403, "content_policy_violation", Forbidden, Retry::Never),
        (403, "permission_denied", Forbidden, Retry::Never),
        (413, "payload_too_large", TooLarge, Retry::Never),
        (429, "rate_limit_exceeded", RateLimited, Retry::Later),
        (504, "timeout", Unavailable, Retry::Later),
        (529, "provider_overloaded", Unavailable, Retry::Later),
    ] {
        let error = json!({ "code": status, "message": "m", "metadata": { "error_type": word } });
        let body = json!({ "error": error });
        for reply in [stream(&[text("Half"), body.to_string(), "[DONE]".to_owned()]), Reply::json(200, &body)] {
            let got = ask("openrouter", reply).await.map(|(c, _)| c).unwrap_err();
            assert_eq!((got.kind, got.retry, got.status), (kind, retry, Some(status)), "{error}: {got}");
            assert_eq!(got.code.as_deref(), Some(word));
        }
    }
}

#[tokio::test]
async fn a_call_that_never_arrived_may_be_made_again() {
    for (error, kind) in [
        (HttpError::NotSent("dns".into()), ErrorKind::Unavailable),
        (HttpError::Timeout("silent".into()), ErrorKind::Timeout),
        (HttpError::Broken("reset".into()), ErrorKind::Unavailable),
    ] {
        let fake = Fake::failing(error);
        let got = OpenAiLike.complete(&fake, &endpoint("openai"), &request(vec![user("hi")]), &mut NoSink).await.unwrap_err();
        assert_eq!((got.kind, got.retry, got.vendor), (kind, Retry::Later, "openai"));
    }
}
