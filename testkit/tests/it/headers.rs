//! The headers that every answer carries, whoever gives it.

use frontdesk_testkit::{
    desk::{PASSWORD, Setup},
    story,
};
use serde_json::json;

/// What a browser is told about a page of ours: no script but our own, no guessing of types, in nobody's frame.
fn guarded(what: &str, header: impl Fn(&str) -> String) -> String {
    let policy = header("content-security-policy");
    for rule in ["default-src ", "frame-ancestors "] {
        assert!(policy.contains(rule), "{what}: `{policy}`");
    }
    for hole in ["unsafe-eval", "script-src *", "default-src *", "'unsafe-inline' 'self'"] {
        assert!(!policy.contains(hole), "{what}: `{policy}`");
    }
    let scripts = policy.split(';').find(|rule| rule.trim().starts_with("script-src")).unwrap_or("default-src");
    assert!(!scripts.contains("unsafe-inline"), "{what}: `{policy}`");
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert!(["same-origin", "no-referrer"].contains(&&*header("referrer-policy")), "{what}: {}", header("referrer-policy"));
    assert!(header("server").is_empty() && header("x-powered-by").is_empty(), "{what} names its program");
    policy
}

story!(every_answer_carries_the_headers_that_keep_browsers_safe, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").with_webchat().open().await;
    shop.hire("ana", "owner").await;
    let key = shop.key(&["*"]).await;
    let browser = desk.browser();

    // Pages and files: framed by nobody.
    for path in ["/", "/inbox", "/privacy", "/terms", "/paid", "/data-deletion", "/a/forged", "/nothing.js", "/docs", "/redoc"] {
        let answer = desk.get(path).await;
        let policy = guarded(path, |name| answer.header(name).to_owned());
        let framed = policy.contains("frame-ancestors 'none'") || policy.contains("frame-ancestors 'self'");
        assert!(framed, "{path}: `{policy}`");
    }
    // The API, whatever it says: kept by no cache.
    let signed_in = browser.sign_in("ana@luna.example", PASSWORD).await;
    assert_eq!(signed_in.status, 201, "{}", signed_in.text);
    for (what, answer) in [
        ("a session", signed_in),
        ("a list", desk.get_as(&key, "/api/v1/contacts").await),
        ("nobody", desk.get("/api/v1/contacts").await),
        ("a wrong key", desk.get_as("fd_wrong", "/api/v1/contacts").await),
        ("nothing there", desk.get_as(&key, "/api/v1/contacts/con_1").await),
        ("no such route", desk.get_as(&key, "/api/v1/nothing").await),
        ("a wrong body", desk.post_as(&key, "/api/v1/contacts", &json!({ "x": 1 })).await),
        ("a page of somebody else's", browser.on_page_of(Some("https://evil.example")).post("/api/v1/session", &json!({})).await),
    ] {
        guarded(what, |name| answer.header(name).to_owned());
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        assert!(answer.header("access-control-allow-origin").is_empty(), "{what} is open to other sites");
    }
    // What programs ask, and what only says that it is alive.
    for path in ["/health", "/ready", "/metrics", "/api/v1/openapi.json", "/.well-known/security.txt"] {
        let answer = desk.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        guarded(path, |name| answer.header(name).to_owned());
    }
    let refused = desk.post_raw("/webhooks/whatsapp", &[], "{}").await;
    guarded("a webhook", |name| refused.header(name).to_owned());

    // The chat's own answers go to the sites that the business names, and no further.
    let mut visitor = shop.visitor().await;
    let reply = visitor.say("1", "hola").await;
    guarded("the chat", |name| reply.header(name).unwrap_or_default().to_owned());
    assert_ne!(reply.header("access-control-allow-origin"), Some("*"));
    visitor.pass = "fdv1.forged.pass".into();
    let refused = visitor.say("2", "hola").await;
    assert_eq!(refused.status, 401);
    guarded("the chat, to a stranger", |name| refused.header(name).unwrap_or_default().to_owned());
    desk.answer().await;
});

story!(whom_to_tell_about_a_weakness_is_said_where_people_look_for_it, |desk| async {
    let told = desk.get("/.well-known/security.txt").await;
    assert_eq!((told.status, told.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert!(told.text.starts_with("Contact: mailto:security@desk.example\n"), "{}", told.text);
    let expires = told.text.lines().find_map(|line| line.strip_prefix("Expires: ")).unwrap();
    let ends: jiff::Timestamp = expires.parse().unwrap();
    let days = (ends.as_millisecond() - desk.now().0) / 86_400_000;
    assert!((150..=200).contains(&days), "{expires}");
});
