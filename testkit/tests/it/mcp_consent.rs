//! A server of tools that wants a person's consent: asked for, given once, in the browser that asked, and refused wherever something is not
//! as it should be.

use frontdesk_kernel::ids::UserId;
use frontdesk_store::{people, work};
use frontdesk_testkit::{
    desk::{Answer, Browser, PASSWORD, Setup, Shop, TestDesk},
    fakes::{Asked, CONSENT_CLIENT},
    story,
};
use serde_json::{Value, json};

use crate::{
    mcp_client::{approve, offered},
    people::{ANA, SECOND},
};

pub(crate) const CODE: &str = "authorization_code";

/// Somebody of the team, signed in.
pub(crate) async fn person<'d>(shop: &Shop<'d>, name: &str, role: &str) -> Browser<'d> {
    shop.hire(name, role).await;
    signed_in(shop.desk, name).await
}

async fn signed_in<'d>(desk: &'d TestDesk, name: &str) -> Browser<'d> {
    let browser = desk.browser();
    assert_eq!(browser.sign_in(&format!("{name}@luna.example"), PASSWORD).await.status, 201, "{name}");
    browser
}

/// A protected server is entered; its id.
pub(crate) async fn entered(browser: &Browser<'_>, desk: &TestDesk, auth: Value) -> String {
    desk.mcp.protect(&desk.consent);
    desk.mcp.offer([offered("find")]);
    let mut server = json!({ "name": "shop", "url": desk.mcp.endpoint(), "auth": auth });
    if auth["client_id"].is_string() {
        server["secret"] = CONSENT_CLIENT.1.into();
    }
    let made = browser.post("/api/v1/mcp-servers", &server).await;
    assert_eq!((made.status, made.json()["consent"]["connected"].clone()), (201, json!(false)), "{}", made.text);
    assert!(made.json()["problem"].as_str().unwrap().contains("consent"), "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn ask(browser: &Browser<'_>, desk: &TestDesk, id: &str) -> Answer {
    desk.advance(SECOND * 2);
    let path = format!("/api/v1/mcp-servers/{id}/authorize");
    let answer = browser.post(&path, &json!({})).await;
    if answer.status != 409 || answer.json()["code"] != "confirm_giver" {
        return answer;
    }
    // A client secret is entered: the person looks at whom it would be shown, and says that it is from there.
    let giver = answer.json()["giver"].as_str().unwrap().to_owned();
    let named =
        |giver: &str| format!("{path}?giver={}", url::form_urlencoded::byte_serialize(giver.as_bytes()).collect::<String>());
    let other = browser.post(&named("https://evil.example"), &json!({})).await;
    assert_eq!((other.status, &other.json()["code"]), (409, &json!("confirm_giver")), "{}", other.text);
    browser.post(&named(&giver), &json!({})).await
}

/// Asked, and consented to: the address that the browser is sent back to.
pub(crate) async fn consented(browser: &Browser<'_>, desk: &TestDesk, id: &str) -> String {
    let asked = ask(browser, desk, id).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    let back = browser.get(asked.json()["url"].as_str().unwrap()).await;
    assert_eq!(back.status, 302, "who gives access found the question wrong: {}", back.text);
    back.location.unwrap()
}

/// All the way; the server as it is then.
pub(crate) async fn connect(browser: &Browser<'_>, desk: &TestDesk, id: &str) -> Value {
    let landed = browser.get(&consented(browser, desk, id).await).await;
    assert_eq!((landed.status, landed.location), (303, Some(format!("/servers/{id}"))), "{}", landed.text);
    browser.get(&format!("/api/v1/mcp-servers/{id}")).await.json()
}

/// The address with another value in it; an empty one leaves the name out.
pub(crate) fn bent(address: &str, name: &str, value: &str) -> String {
    let mut url = url::Url::parse(address).unwrap();
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(n, _)| n != name).collect();
    if !value.is_empty() {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url.into()
}

story!(a_person_connects_a_server_and_agents_have_its_tools, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = person(&shop, "ana", "admin").await;
    let id = entered(&ana, desk, json!({ "kind": CODE })).await;
    let back = consented(&ana, desk, &id).await;
    let landed = ana.get(&back).await;
    assert_eq!((landed.status, landed.location.as_deref()), (303, Some(format!("/servers/{id}").as_str())), "{}", landed.text);
    let shown = ana.get(&format!("/api/v1/mcp-servers/{id}")).await;
    let consent = shown.json()["consent"].clone();
    assert_eq!((&consent["connected"], &consent["by_name"]), (&json!(true), &json!("ana")), "{}", shown.text);
    assert_eq!((&consent["issuer"], &consent["scope"]), (&json!(desk.consent.issuer()), &json!("orders offline_access")));
    assert_eq!((&shown.json()["problem"], &shown.json()["tools"]["new"]), (&Value::Null, &json!(1)), "{}", shown.text);
    assert_eq!(desk.consent.asked(), Asked { registered: 1, authorized: 1, redeemed: 1, renewed: 0, revoked: 0 });
    approve(&shop, &id, |_| json!({ "effect": "reads" })).await;
    desk.openai.call("shop__find", json!({ "number": "1" }));
    assert!(shop.talk(ANA, "hola").await.contains("find was called"));

    // Connected again, it is the same client.
    connect(&ana, desk, &id).await;
    assert_eq!((desk.consent.asked().registered, desk.consent.asked().redeemed), (1, 2));
    let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let everything = [
        shown.text,
        landed.text,
        desk.dump().await,
        ana.get("/api/v1/audit").await.text,
        ana.get("/api/v1/mcp-servers").await.text,
        ana.get("/api/v1/turns").await.text,
    ];
    for hidden in desk.consent.tokens().iter().map(String::as_str).chain([state, "registered-secret"]) {
        assert!(everything.iter().all(|text| !text.contains(hidden)), "{hidden} is told");
    }
    for action in ["mcp_server.authorize", "mcp_server.connected"] {
        assert!(everything[3].contains(action), "{action}");
    }
});

story!(only_the_browser_that_asked_may_answer_and_once, |desk| async {
    let (shop, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    let ana = person(&shop, "ana", "admin").await;
    let id = entered(&ana, desk, json!({ "kind": CODE })).await;
    let [bea, eve] = [person(&shop, "bea", "admin").await, person(&sol, "eve", "owner").await];
    let (other_browser, nobody) = (signed_in(desk, "ana").await, desk.browser());
    for (browser, status, word) in [
        (&bea, 403, "Somebody else"),
        (&eve, 403, "Somebody else"),
        (&other_browser, 403, "Somebody else"),
        (&nobody, 401, "Sign in"),
    ] {
        let back = consented(&ana, desk, &id).await;
        let theirs = browser.get(&back).await;
        assert!(theirs.status == status && theirs.text.contains(word), "{}: {}", theirs.status, theirs.text);
    }
    let back = consented(&ana, desk, &id).await;
    for (wrong, status) in [
        (bent(&back, "state", "made-up-and-long-enough-to-be-one"), 410),
        (bent(&back, "state", ""), 410),
        (format!("{back}&state=another"), 410),
        (bent(&back, "state", &"x".repeat(5000)), 410),
    ] {
        assert_eq!(ana.get(&wrong).await.status, status, "{wrong:.200}");
    }
    assert_eq!(desk.consent.asked().redeemed, 0, "no code went anywhere");
    assert_eq!(ana.get(&back).await.status, 303);
    let again = ana.get(&back).await;
    assert!(again.status == 410 && again.text.contains("used already"), "{}", again.text);
    // A code that was used, brought with a question of today.
    let code = |address: &str| url::Url::parse(address).unwrap().query_pairs().find(|(n, _)| n == "code").unwrap().1.into_owned();
    let replayed = ana.get(&bent(&consented(&ana, desk, &id).await, "code", &code(&back))).await;
    assert!(replayed.status == 502 && replayed.text.contains("invalid_grant"), "{}", replayed.text);
    assert_eq!(desk.consent.asked().redeemed, 2);

    let late = consented(&ana, desk, &id).await;
    desk.advance(SECOND * 601);
    assert_eq!(ana.get(&late).await.status, 410);
    // The server is another one by now.
    let changed = consented(&ana, desk, &id).await;
    desk.advance(SECOND * 5);
    let elsewhere = json!({ "url": format!("{}/mcp", desk.service.url()) });
    assert_eq!(ana.patch(&format!("/api/v1/mcp-servers/{id}"), &elsewhere).await.status, 200);
    let refused = ana.get(&changed).await;
    assert!(refused.status == 409 && refused.text.contains("changed meanwhile"), "{}", refused.text);
    let spanish = ana.ask("GET", &changed, None, &[("accept-language", "es-CO")]).await;
    assert!(spanish.status == 410 && spanish.text.contains("Este enlace ya no sirve"), "{}", spanish.text);
    let authorized = desk.service.seen().iter().any(|r| r.header("authorization").is_some());
    assert!(!authorized, "what was given for one server goes to no other");
});

story!(an_answer_is_believed_only_from_whom_was_asked, |desk| async {
    let shop = desk.business("Luna").open().await;
    let ana = person(&shop, "ana", "admin").await;
    let id = entered(&ana, desk, json!({ "kind": CODE })).await;
    desk.consent.refuse_with("access_denied");
    let denied = ana.get(&consented(&ana, desk, &id).await).await;
    assert!(
        denied.status == 200 && denied.text.contains("was not granted") && !denied.text.contains("because"),
        "{}",
        denied.text
    );
    for (error, shown) in [("invalid_scope", true), ("<script>alert(1)</script>", false), ("", false)] {
        desk.consent.refuse_with(error);
        let told = ana.get(&consented(&ana, desk, &id).await).await;
        assert_eq!((told.status, told.text.contains(&format!("<code>{error}</code>"))), (502, shown), "{}", told.text);
        assert!(!told.text.contains("<script"), "{}", told.text);
    }
    for issuer in ["https://evil.example", &format!("{}/", desk.consent.issuer()), ""] {
        let back = bent(&consented(&ana, desk, &id).await, "iss", issuer);
        let told = ana.get(&back).await;
        assert!(told.status == 502 && told.text.contains("cannot be trusted"), "{issuer}: {}", told.text);
    }
    desk.consent.speak_as("https://evil.example");
    let told = ana.get(&consented(&ana, desk, &id).await).await;
    assert!(told.status == 502 && told.text.contains("cannot be trusted"), "{}", told.text);
    assert_eq!(desk.consent.asked().redeemed, 0, "no code went anywhere");
    let shown = ana.get(&format!("/api/v1/mcp-servers/{id}")).await.json();
    assert_eq!(shown["consent"]["connected"], false, "{shown}");
});

story!(who_cannot_be_asked_safely_is_not_asked, |desk| async {
    let shop = desk.business("Luna").open().await;
    let ana = person(&shop, "ana", "admin").await;
    let id = entered(&ana, desk, json!({ "kind": CODE })).await;
    let cases: [(&'static str, Value, &str); 17] = [
        ("code_challenge_methods_supported", json!(["plain"]), "S256"),
        ("code_challenge_methods_supported", Value::Null, "S256"),
        ("response_types_supported", json!(["token"]), "authorization code"),
        ("grant_types_supported", json!(["client_credentials"]), "authorization code"),
        ("issuer", json!("https://evil.example"), "calls itself otherwise"),
        ("token_endpoint", json!("http://10.0.0.1/token"), "may not be called"),
        ("token_endpoint", json!("http://127.0.0.1:1/token"), "may not be called"),
        ("registration_endpoint", json!("http://169.254.169.254/latest"), "may not be called"),
        ("revocation_endpoint", json!("http://[fd00::1]/"), "may not be called"),
        ("authorization_endpoint", json!("javascript:alert(1)"), "cannot be used"),
        ("authorization_endpoint", json!("https://user:pass@evil.example/"), "may not be called"),
        ("authorization_endpoint", json!("file:///etc/passwd"), "cannot be used"),
        ("authorization_endpoint", json!(format!("{}/authorize?client_id=theirs", desk.consent.issuer())), "holds `client_id`"),
        (
            "authorization_endpoint",
            json!(format!("{}/authorize?a=b&re%71uest_uri=urn:x", desk.consent.issuer())),
            "`request_uri`",
        ),
        ("authorization_endpoint", json!(format!("{}/authorize?redirect_uri", desk.consent.issuer())), "`redirect_uri`"),
        ("authorization_endpoint", json!(format!("{}/authorize?state=1", desk.consent.issuer())), "`state`"),
        ("registration_endpoint", Value::Null, "A client id is needed"),
    ];
    for (member, value, word) in cases {
        let shown = format!("{member} = {value}");
        desk.consent.bend(move |about| about[member] = value.clone());
        let refused = ask(&ana, desk, &id).await;
        assert!(refused.status == 409 && refused.text.contains(word), "{shown}: {} {}", refused.status, refused.text);
    }
    desk.consent.bend(|_| {});
    let origin = desk.consent.origin();
    for (resource, givers, word) in [
        (desk.mcp.endpoint(), json!([]), "names nobody"),
        (desk.mcp.endpoint(), json!(["http://169.254.169.254/"]), "may not be called"),
        (desk.mcp.endpoint(), json!(["http://2130706433/"]), "may not be called"),
        (desk.mcp.endpoint(), json!(["gopher://x.example/"]), "not safe"),
        (desk.mcp.endpoint(), json!([format!("{origin}/a/b")]), "does not describe itself"),
        ("https://evil.example/mcp".to_owned(), json!([desk.consent.issuer()]), "describes itself as another"),
        (format!("{}/mc", desk.mcp.url()), json!([desk.consent.issuer()]), "describes itself as another"),
    ] {
        let (shown, r, g) = (format!("{resource} {givers}"), resource.clone(), givers.clone());
        desk.mcp.describe(move |told| (told["resource"], told["authorization_servers"]) = (r.into(), g));
        let refused = ask(&ana, desk, &id).await;
        assert!(refused.status == 409 && refused.text.contains(word), "{shown}: {} {}", refused.status, refused.text);
    }
    let asked = desk.consent.asked();
    assert_eq!((asked.registered, asked.authorized, asked.redeemed), (0, 0, 0));
    // Whose description is where such descriptions are, and of the whole site.
    let (site, giver) = (desk.mcp.url().to_owned(), desk.consent.issuer().to_owned());
    desk.mcp.describe(move |told| (told["resource"], told["authorization_servers"]) = (site.into(), json!([giver])));
    desk.mcp.point_nowhere();
    let server = connect(&ana, desk, &id).await;
    assert_eq!((&server["consent"]["connected"], &server["problem"]), (&json!(true), &Value::Null), "{server}");
});

story!(a_client_that_somebody_registered_is_used, |desk| async {
    let shop = desk.business("Luna").open().await;
    let ana = person(&shop, "ana", "admin").await;
    let auth = json!({ "kind": CODE, "client_id": CONSENT_CLIENT.0, "scope": "orders offline_access" });
    let id = entered(&ana, desk, auth).await;
    let at = format!("/api/v1/mcp-servers/{id}");
    let way_back = ana.get(&at).await.json()["consent"]["redirect_uri"].as_str().unwrap().to_owned();
    assert_eq!(way_back, format!("{}/oauth/mcp/callback/{id}", desk.url));
    desk.consent.knows_us(&way_back);
    for method in ["client_secret_basic", "client_secret_post"] {
        desk.consent.bend(move |about| about["token_endpoint_auth_methods_supported"] = json!([method]));
        let server = connect(&ana, desk, &id).await;
        assert_eq!((&server["consent"]["connected"], &server["problem"]), (&json!(true), &Value::Null), "{server}");
    }
    assert_eq!(desk.consent.asked().registered, 0);
    desk.advance(SECOND * 5);
    assert_eq!(ana.patch(&at, &json!({ "secret": "wrong" })).await.status, 200);
    let told = ana.get(&consented(&ana, desk, &id).await).await;
    assert!(told.status == 502 && told.text.contains("invalid_client"), "{}", told.text);
    for (auth, secret, place) in [
        (json!({ "kind": CODE, "client_id": "a\nb" }), None, "auth.client_id"),
        (json!({ "kind": CODE, "scope": "x".repeat(1001) }), None, "auth.scope"),
        (json!({ "kind": CODE }), Some("s3cret"), "secret"),
        (json!({ "kind": CODE, "token_url": "https://x.example/" }), None, "auth"),
    ] {
        let mut server = json!({ "name": "other", "url": desk.mcp.endpoint(), "auth": auth });
        if let Some(secret) = secret {
            server["secret"] = secret.into();
        }
        let refused = ana.post("/api/v1/mcp-servers", &server).await;
        assert!(refused.status == 422 && refused.json()["errors"].to_string().contains(place), "{server}: {}", refused.text);
    }
});

story!(who_reads_descriptions_of_clients_gets_ours, Setup::new().reached_at("https://desk.luna.example"), |desk| async {
    let shop = desk.business("Luna").open().await;
    let ana = person(&shop, "ana", "admin").await;
    desk.consent.bend(|about| about["client_id_metadata_document_supported"] = true.into());
    let id = entered(&ana, desk, json!({ "kind": CODE })).await;
    let description = desk.get(&format!("/oauth/mcp/client/{id}")).await.json();
    assert_eq!(description["client_id"], format!("https://desk.luna.example/oauth/mcp/client/{id}"), "{description}");
    desk.consent.knows(description["client_id"].as_str().unwrap(), None, description["redirect_uris"][0].as_str().unwrap());
    let back = consented(&ana, desk, &id).await.replace("https://desk.luna.example", &desk.url);
    assert_eq!(ana.get(&back).await.status, 303);
    assert_eq!((desk.consent.asked().registered, desk.consent.asked().redeemed), (0, 1));
});

story!(nobody_is_asked_where_codes_would_come_back_unsafely, Setup::new().reached_at("http://desk.luna.example"), |desk| async {
    let shop = desk.business("Luna").open().await;
    let ana = person(&shop, "ana", "admin").await;
    let id = entered(&ana, desk, json!({ "kind": CODE })).await;
    let refused = ask(&ana, desk, &id).await;
    assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("not_reached_safely")), "{}", refused.text);
});

story!(consent_is_a_matter_of_people_who_may, |desk| async {
    let (shop, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    let ana = person(&shop, "ana", "admin").await;
    let id = entered(&ana, desk, json!({ "kind": CODE })).await;
    let (vera, eve) = (person(&shop, "vera", "viewer").await, person(&sol, "eve", "owner").await);
    let (key, reads, theirs) = (shop.key(&["*"]).await, shop.key(&["tool:read"]).await, sol.key(&["*"]).await);
    let path = format!("/api/v1/mcp-servers/{id}/authorize");
    for method in ["POST", "DELETE"] {
        let by = async |browser: &Browser<'_>| browser.ask(method, &path, None, &[]).await.status;
        assert_eq!((by(&vera).await, by(&eve).await), (403, 404), "{method}");
        let by_key = async |key: &str| desk.ask_as(key, method, &path, &[], "").await.status;
        assert_eq!((by_key(&reads).await, by_key(&theirs).await), (403, 404), "{method}");
    }
    let refused = desk.post_as(&key, &path, &json!({})).await;
    assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("person_needed")), "{}", refused.text);
    let plain = ana.post("/api/v1/mcp-servers", &json!({ "name": "plain", "url": desk.mcp.endpoint() })).await.json();
    let refused = ask(&ana, desk, plain["id"].as_str().unwrap()).await;
    assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("no_consent_needed")), "{}", refused.text);
    // Whose role changed while they were away does not connect any more.
    let back = consented(&ana, desk, &id).await;
    let me = UserId::parse(ana.get("/api/v1/session").await.json()["person"]["id"].as_str().unwrap()).unwrap();
    let (s, now) = (shop.scope.clone(), desk.now());
    let less = desk.engine.db.write(&shop.scope, work!(tx => people::set_role(tx, &s, &me, "viewer", now).await));
    less.await.unwrap();
    let told = ana.get(&back).await;
    assert!(told.status == 403 && told.text.contains("may not connect"), "{}", told.text);
    assert_eq!(desk.consent.asked().redeemed, 0);
});
