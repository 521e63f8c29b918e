//! Signing in through an identity provider: who comes in, who does not, and where they land.

use frontdesk_testkit::{
    desk::{Browser, Setup, TestDesk},
    fakes::Authenticator,
    story,
};
use serde_json::{Value, json};

use crate::access_factors::{by_passkey, code};

const BEGIN: &str = "/api/v1/session/sso";
const ANA: &str = "ana@luna.example";

fn setup() -> Setup {
    Setup::new().sso()
}

fn person(sub: &str, email: &str) -> Value {
    json!({ "sub": sub, "email": email, "email_verified": true, "name": "Ana" })
}

/// To the provider and back; where the browser ends up.
async fn through(browser: &Browser<'_>, next: &str) -> String {
    let to_provider = browser.get(&format!("{BEGIN}{next}")).await;
    assert_eq!(to_provider.status, 303, "{}", to_provider.text);
    let back = browser.get(&to_provider.location.expect("an address")).await;
    assert_eq!(back.status, 302, "the provider found the request wrong: {}", back.text);
    land(browser, &back.location.expect("an address")).await
}

async fn land(browser: &Browser<'_>, address: &str) -> String {
    let landed = browser.get(address).await;
    assert_eq!(landed.status, 303, "{}", landed.text);
    landed.location.expect("an address")
}

async fn is_inside(browser: &Browser<'_>) -> bool {
    browser.get("/api/v1/session").await.status == 200
}

async fn provider_page(desk: &TestDesk, browser: &Browser<'_>) -> String {
    desk.identity.person(person("ana-1", ANA));
    let to_provider = browser.get(BEGIN).await.location.expect("an address");
    browser.get(&to_provider).await.location.expect("an address")
}

story!(who_works_here_comes_in_by_the_provider, setup(), |desk| async {
    let shop = desk.business("Luna").open().await;
    let ana = shop.hire("ana", "staff").await;
    desk.identity.person(person("ana-1", "ANA@luna.example"));
    let browser = desk.browser();
    let (to, inside) = (through(&browser, "?next=/calendar").await, browser.get("/api/v1/session").await);
    assert_eq!((to.as_str(), inside.status), ("/calendar", 200));
    assert_eq!(inside.json()["person"]["id"], json!(ana));

    // From now on the subject counts: an address may change hands.
    desk.identity.person(person("ana-1", "renamed@luna.example"));
    let again = desk.browser();
    assert_eq!(through(&again, "").await, "/");
    assert_eq!(again.get("/api/v1/session").await.json()["person"]["id"], json!(ana));
    desk.identity.person(person("somebody-else", ANA));
    let other = desk.browser();
    assert_eq!((through(&other, "").await.as_str(), is_inside(&other).await), ("/sign-in?problem=refused", false));
});

story!(an_invitation_is_accepted_by_signing_in, setup(), |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let invited = desk.post_as(&key, "/api/v1/invitations", &json!({ "email": "eva@luna.example", "role": "viewer" })).await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    desk.identity.person(person("eva-1", "eva@luna.example"));
    let browser = desk.browser();
    assert_eq!(through(&browser, "").await, "/");
    assert_eq!(browser.get("/api/v1/session").await.json()["tenants"][0]["role"], json!("viewer"));
});

story!(a_token_that_is_not_for_us_opens_nothing, setup(), |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    type Bend = fn(&mut Value);
    let bends: [(&str, Bend); 9] = [
        ("another audience", |c| c["aud"] = json!("another desk")),
        ("two audiences, made for the other", |c| c["aud"] = json!(["front desk", "another"])),
        ("another issuer", |c| c["iss"] = json!("https://id.evil.example")),
        ("an answer to another request", |c| c["nonce"] = json!("another")),
        ("expired", |c| c["exp"] = json!(c["iat"].as_i64().unwrap() - 120)),
        ("from the future", |c| c["iat"] = json!(c["iat"].as_i64().unwrap() + 3600)),
        ("without an end", |c| drop(c.as_object_mut().unwrap().remove("exp"))),
        ("an address that nobody verified", |c| c["email_verified"] = json!(false)),
        ("no subject", |c| c["sub"] = json!("")),
    ];
    for (what, bend) in bends {
        desk.identity.person(person("ana-1", ANA));
        desk.identity.bend(bend);
        let browser = desk.browser();
        assert_eq!(
            (through(&browser, "").await.as_str(), is_inside(&browser).await),
            ("/sign-in?problem=refused", false),
            "{what}"
        );
    }
});

story!(strangers_stay_outside, setup(), |desk| async {
    desk.business("Luna").open().await.hire("ana", "owner").await;
    desk.identity.person(person("eve-1", "eve@evil.example"));
    let browser = desk.browser();
    assert_eq!((through(&browser, "").await.as_str(), is_inside(&browser).await), ("/sign-in?problem=refused", false));
});

story!(only_the_browser_that_began_may_end_it_and_once, setup(), |desk| async {
    desk.business("Luna").open().await.hire("ana", "owner").await;
    let mine = desk.browser();
    let address = provider_page(desk, &mine).await;
    // Somebody who is sent this address would work in Ana's account without knowing.
    let theirs = desk.browser_at("192.0.2.7");
    assert_eq!((land(&theirs, &address).await.as_str(), is_inside(&theirs).await), ("/sign-in?problem=gone", false));
    assert_eq!((land(&mine, &address).await.as_str(), is_inside(&mine).await), ("/", true));
    assert_eq!(land(&mine, &address).await, "/sign-in?problem=gone", "a second time");

    let slow = desk.browser();
    let address = provider_page(desk, &slow).await;
    desk.advance(std::time::Duration::from_secs(11 * 60));
    assert_eq!(land(&slow, &address).await, "/sign-in?problem=gone", "too late");

    for wrong in ["?code=x&state=made-up", "?state=x", "?error=access_denied&state=x", ""] {
        let to = land(&desk.browser(), &format!("{BEGIN}/callback{wrong}")).await;
        assert!(to.starts_with("/sign-in?problem="), "{wrong}: {to}");
    }
});

story!(only_a_path_of_ours_is_gone_to_afterwards, setup(), |desk| async {
    desk.business("Luna").open().await.hire("ana", "owner").await;
    let rows = [
        ("/inbox?filter=open#top", "/inbox?filter=open#top"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("inbox", "/"),
        ("", "/"),
    ];
    for (next, lands) in rows {
        desk.identity.person(person("ana-1", ANA));
        let next = url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>();
        assert_eq!(through(&desk.browser(), &format!("?next={next}")).await, lands, "{next}");
    }
});

story!(a_provider_that_does_not_answer_is_said_so, setup(), |desk| async {
    desk.business("Luna").open().await;
    desk.identity.down(true);
    let browser = desk.browser();
    assert_eq!(land(&browser, BEGIN).await, "/sign-in?problem=unavailable");
    desk.identity.down(false);
    assert_eq!(browser.get(BEGIN).await.status, 303);
});

story!(who_has_no_password_makes_a_new_way_in_only_soon_after_signing_in, setup().named(), |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let invited = desk.post_as(&key, "/api/v1/invitations", &json!({ "email": "eva@luna.example", "role": "viewer" })).await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    let browser = desk.browser();
    let enter = async || {
        desk.identity.person(person("eva-1", "eva@luna.example"));
        assert_eq!(through(&browser, "").await, "/");
    };
    let passkey = async || browser.post("/api/v1/account/passkeys/begin", &json!({})).await;
    let own = json!({ "current": "", "password": "cinco perros comen pan caliente" });
    let password = async || browser.post("/api/v1/session/password", &own).await;
    enter().await;
    assert_eq!(passkey().await.status, 200);
    desk.advance(std::time::Duration::from_secs(11 * 60));
    for refused in [passkey().await, password().await] {
        assert_eq!((refused.status, refused.json()["code"].clone()), (409, json!("sign_in_again")), "{}", refused.text);
    }
    enter().await;
    assert_eq!((passkey().await.status, password().await.status), (200, 201));
});

story!(who_accepted_an_invitation_in_anothers_name_is_out_once_that_person_comes, setup().named(), |desk| async {
    const BOSS: &str = "boss@elsewhere.example";
    const THEIRS: &str = "cinco perros comen pan caliente";
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let invited = desk.post_as(&key, "/api/v1/invitations", &json!({ "email": BOSS, "role": "admin" })).await.json();
    let token = invited["link"].as_str().unwrap().rsplit('/').next().unwrap();
    // Without mail the link is shown to whoever invites, and they may answer it themselves.
    let squatter = desk.browser_at("192.0.2.66");
    let joined = squatter.post("/api/v1/join", &json!({ "token": token, "name": "Boss", "password": THEIRS })).await;
    assert_eq!(joined.status, 201, "{}", joined.text);
    let mut device = Authenticator::new(&desk.url, 7);
    let begun = squatter.post("/api/v1/account/passkeys/begin", &json!({ "password": THEIRS })).await.json();
    let body = json!({ "challenge": begun["challenge"], "name": "Laptop", "credential": device.register(&begun["options"]) });
    assert_eq!(squatter.post("/api/v1/account/passkeys", &body).await.status, 201);
    let app = squatter.post("/api/v1/account/totp", &json!({})).await.json();
    let body = json!({ "challenge": app["challenge"], "code": code(desk, app["secret"].as_str().unwrap(), 0) });
    assert_eq!(squatter.post("/api/v1/account/totp/confirm", &body).await.status, 200);

    let boss = desk.browser_at("192.0.2.7");
    desk.identity.person(person("boss-1", BOSS));
    assert_eq!((through(&boss, "").await.as_str(), is_inside(&boss).await), ("/", true));
    assert!(!is_inside(&squatter).await, "what was open ends");
    assert_eq!(squatter.sign_in(BOSS, THEIRS).await.status, 401);
    assert_eq!(by_passkey(&desk.browser_at("192.0.2.66"), &mut device).await, 401);
    let seen = boss.get("/api/v1/session").await.json();
    let none = json!({ "totp": false, "passkeys": 0, "recovery_codes_left": 0 });
    assert_eq!((&seen["person"]["has_password"], &seen["factors"]), (&json!(false), &none));
    let log = desk.get_as(&key, "/api/v1/audit?action=password.").await.json();
    assert_eq!(
        (&log["items"][0]["action"], &log["items"][0]["actor"]),
        (&json!("password.delete"), &seen["person"]["id"]),
        "{log}"
    );

    // What they choose from now on stays theirs.
    let own = json!({ "current": "", "password": "seven quiet lamps drift" });
    assert_eq!(boss.post("/api/v1/session/password", &own).await.status, 201);
    desk.identity.person(person("boss-1", BOSS));
    assert_eq!(through(&desk.browser_at("192.0.2.8"), "").await, "/");
    assert!(is_inside(&boss).await);
    assert_eq!(desk.browser_at("192.0.2.9").sign_in(BOSS, "seven quiet lamps drift").await.status, 201);
});
