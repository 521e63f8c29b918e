//! What comes after the password, or instead of it: codes of an app, recovery codes, passkeys.

use std::time::Duration;

use frontdesk_kernel::Clock;
use frontdesk_testkit::{
    desk::{Browser, PASSWORD, Setup, TestDesk},
    fakes::Authenticator,
    story,
};
use serde_json::{Value, json};

const ANA: &str = "ana@luna.example";
const SESSION: &str = "/api/v1/session";
const STEP: Duration = Duration::from_secs(30);

/// The code that the app shows now, or so many steps from now.
pub(crate) fn code(desk: &TestDesk, secret: &str, steps: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    app.generate((desk.clock.now().0 / 1000 + steps * 30) as u64).to_string()
}

/// Ana with an authenticator app: her browser, the app's secret, her recovery codes.
async fn with_app(desk: &TestDesk) -> (Browser<'_>, String, Vec<String>) {
    let browser = desk.browser();
    assert_eq!(browser.sign_in(ANA, PASSWORD).await.status, 201);
    let app = browser.post("/api/v1/account/totp", &json!({})).await.json();
    let secret = app["secret"].as_str().unwrap().to_owned();
    assert!(
        app["uri"].as_str().unwrap().starts_with("otpauth://totp/") && app["qr"].as_str().unwrap().starts_with("<svg"),
        "{app}"
    );
    let confirm = json!({ "challenge": app["challenge"], "code": code(desk, &secret, 0) });
    let done = browser.post("/api/v1/account/totp/confirm", &confirm).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let codes = serde_json::from_value(done.json()["recovery_codes"].clone()).unwrap();
    desk.advance(STEP * 2);
    (browser, secret, codes)
}

/// The challenge that a right password gets.
async fn challenge(browser: &Browser<'_>) -> Value {
    let asked = browser.sign_in(ANA, PASSWORD).await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    asked.json()
}

async fn give(browser: &Browser<'_>, challenge: &Value, factor: (&str, Value)) -> u16 {
    let mut body = json!({ "challenge": challenge["challenge"] });
    body[factor.0] = factor.1;
    browser.post("/api/v1/session/factor", &body).await.status
}

story!(a_code_of_the_app_is_asked_for_and_taken_once, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let (_, secret, codes) = with_app(desk).await;
    assert_eq!(codes.len(), 10);
    let browser = desk.browser_at("192.0.2.9");
    let asked = challenge(&browser).await;
    assert_eq!(asked["factors"], json!(["totp", "recovery_code"]));
    assert_eq!(browser.get(SESSION).await.status, 401, "the password alone opens nothing");
    assert_eq!(give(&browser, &asked, ("code", json!("000000"))).await, 401);
    assert_eq!(give(&browser, &asked, ("code", json!(code(desk, &secret, 5)))).await, 401, "a code of later");
    let now = code(desk, &secret, 0);
    assert_eq!(give(&browser, &asked, ("code", json!(format!("{} {}", &now[..3], &now[3..])))).await, 201);
    assert_eq!(browser.get(SESSION).await.json()["factors"]["totp"], true);
    assert_eq!(give(&browser, &asked, ("code", json!(now))).await, 410, "the challenge is used up");

    let second = desk.browser_at("192.0.2.10");
    let asked = challenge(&second).await;
    assert_eq!(give(&second, &asked, ("code", json!(now))).await, 401, "the code is used up");
    assert_eq!(give(&second, &asked, ("code", json!(code(desk, &secret, -1)))).await, 401, "and so are earlier ones");
    assert_eq!(give(&second, &asked, ("code", json!(code(desk, &secret, 1)))).await, 201, "a clock that is a step ahead");
});

story!(a_recovery_code_works_once_and_guessing_ends, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let (ana, secret, codes) = with_app(desk).await;
    let browser = desk.browser_at("192.0.2.9");
    let asked = challenge(&browser).await;
    assert_eq!(give(&browser, &asked, ("recovery_code", json!(codes[0].to_uppercase().replace('-', " ")))).await, 201);
    assert_eq!(browser.get(SESSION).await.json()["factors"]["recovery_codes_left"], 9);
    let other = desk.browser_at("192.0.2.10");
    let asked = challenge(&other).await;
    assert_eq!(give(&other, &asked, ("recovery_code", json!(codes[0]))).await, 401);

    let guesser = desk.browser_at("192.0.2.66");
    let asked = challenge(&guesser).await;
    let mut statuses = Vec::new();
    for n in 0..6 {
        statuses.push(give(&guesser, &asked, ("code", json!(format!("{n:06}")))).await);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 410], "a challenge is not for guessing");
    for body in [json!({ "challenge": "x" }), json!({ "challenge": "x", "code": "1", "recovery_code": "2" })] {
        assert_eq!(desk.browser().post("/api/v1/session/factor", &body).await.status, 422, "{body}");
    }
    desk.advance(Duration::from_secs(3700));
    let late = desk.browser_at("192.0.2.11");
    let asked = challenge(&late).await;
    desk.advance(Duration::from_secs(601));
    assert_eq!(give(&late, &asked, ("code", json!(code(desk, &secret, 0)))).await, 410);

    let remove = async |password: &str| ana.post("/api/v1/account/totp/remove", &json!({ "password": password })).await.status;
    assert_eq!((remove("wrong").await, remove(PASSWORD).await), (422, 204));
    assert_eq!(desk.browser_at("192.0.2.12").sign_in(ANA, PASSWORD).await.status, 201, "the password is enough again");
});

async fn with_passkey<'d>(desk: &'d TestDesk) -> (Browser<'d>, Authenticator) {
    let browser = desk.browser();
    assert_eq!(browser.sign_in(ANA, PASSWORD).await.status, 201);
    let mut device = Authenticator::new(&desk.url, 7);
    let begun = browser.post("/api/v1/account/passkeys/begin", &json!({ "password": PASSWORD })).await.json();
    let body = json!({ "challenge": begun["challenge"], "name": "Laptop", "credential": device.register(&begun["options"]) });
    let made = browser.post("/api/v1/account/passkeys", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    (browser, device)
}

pub(crate) async fn by_passkey(browser: &Browser<'_>, device: &mut Authenticator) -> u16 {
    let begun = browser.post("/api/v1/session/passkey/begin", &json!({})).await.json();
    let body = json!({ "challenge": begun["challenge"], "credential": device.sign(&begun["options"]) });
    browser.post("/api/v1/session/passkey", &body).await.status
}

story!(a_passkey_signs_in_by_itself, Setup::new().named(), |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let (ana, mut device) = with_passkey(desk).await;
    let browser = desk.browser_at("192.0.2.9");
    assert_eq!(by_passkey(&browser, &mut device).await, 201);
    assert_eq!(browser.get(SESSION).await.json()["person"]["email"], ANA);

    let stranger = desk.browser_at("192.0.2.10");
    let begun = stranger.post("/api/v1/session/passkey/begin", &json!({})).await.json();
    let body = json!({ "challenge": begun["challenge"], "credential": device.sign(&begun["options"]) });
    assert_eq!(stranger.post("/api/v1/session/passkey", &body).await.status, 201);
    assert_eq!(desk.browser().post("/api/v1/session/passkey", &body).await.status, 410, "an answer is used once");
    for (what, mut bent) in [
        ("another page", device.but(|d| d.origin = "https://evil.example".into())),
        ("another server", device.but(|d| d.relying_party = "evil.example".into())),
        ("no finger given", device.but(|d| d.verified = false)),
        ("a copy that is behind", device.but(|d| d.counter = 0)),
        ("another device", Authenticator::new(&desk.url, 8)),
    ] {
        assert_eq!(by_passkey(&desk.browser(), &mut bent).await, 401, "{what}");
    }
    let begun = stranger.post("/api/v1/session/passkey/begin", &json!({})).await.json();
    let mut answer = device.sign(&begun["options"]);
    answer["user_handle"] = json!("dXNyX290aGVy");
    let body = json!({ "challenge": begun["challenge"], "credential": answer });
    assert_eq!(stranger.post("/api/v1/session/passkey", &body).await.status, 401, "somebody else's name");

    let listed = ana.get("/api/v1/account/passkeys").await.json();
    assert_eq!((listed["items"][0]["name"].clone(), listed["items"].as_array().unwrap().len()), (json!("Laptop"), 1));
    let path = format!("/api/v1/account/passkeys/{}", listed["items"][0]["id"].as_str().unwrap());
    assert_eq!(ana.patch(&path, &json!({ "name": "Old laptop" })).await.status, 204);
    let remove = async || ana.post(&format!("{path}/remove"), &json!({ "password": PASSWORD })).await.status;
    assert_eq!((remove().await, remove().await), (204, 404));
    assert_eq!(by_passkey(&browser, &mut device).await, 401);
});

story!(a_passkey_is_a_second_factor_too, Setup::new().named(), |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let (_, mut device) = with_passkey(desk).await;
    let (_, _, _) = with_app(desk).await;
    let browser = desk.browser_at("192.0.2.9");
    let asked = challenge(&browser).await;
    assert_eq!(asked["factors"], json!(["totp", "recovery_code", "passkey"]));
    device.verified = false;
    let answer = device.sign(&asked["passkey"]);
    assert_eq!(give(&browser, &asked, ("passkey", Authenticator::new(&desk.url, 9).sign(&asked["passkey"]))).await, 401);
    assert_eq!(give(&browser, &asked, ("passkey", answer)).await, 201, "the password was the first");
});

story!(where_passkeys_cannot_work_it_is_said, |desk| async {
    assert_eq!(desk.get("/api/v1/session/options").await.json()["passkeys"], false, "an address has no passkeys");
    let refused = desk.browser().post("/api/v1/session/passkey/begin", &json!({})).await;
    assert_eq!((refused.status, refused.json()["code"].clone()), (409, json!("passkeys_unavailable")));
});

story!(a_session_alone_makes_no_lasting_way_in, Setup::new().named(), |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let (ana, mut device) = with_passkey(desk).await;
    for body in [json!({}), json!({ "password": "" }), json!({ "password": "wrong" })] {
        let refused = ana.post("/api/v1/account/passkeys/begin", &body).await;
        assert_eq!((refused.status, &refused.json()["errors"][0]["path"]), (422, &json!("password")), "{body}: {}", refused.text);
    }
    let listed = ana.get("/api/v1/account/passkeys").await.json();
    let path = format!("/api/v1/account/passkeys/{}", listed["items"][0]["id"].as_str().unwrap());
    assert_eq!(ana.post(&format!("{path}/remove"), &json!({ "password": "wrong" })).await.status, 422);
    assert_ne!(ana.delete(&path).await.status, 204);
    assert_eq!(by_passkey(&desk.browser_at("192.0.2.9"), &mut device).await, 201, "it is still theirs");
    assert_eq!(ana.post(&format!("{path}/remove"), &json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(by_passkey(&desk.browser_at("192.0.2.9"), &mut device).await, 401);
});

story!(an_app_takes_the_place_of_another_only_when_its_owner_says_so, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let thief = desk.browser_at("192.0.2.66");
    assert_eq!(thief.sign_in(ANA, PASSWORD).await.status, 201);
    let begin = async |body: Value| thief.post("/api/v1/account/totp", &body).await;
    // Begun before there was one.
    let early = begin(json!({})).await;
    assert_eq!(early.status, 200, "the first takes nobody's place: {}", early.text);
    let (_, secret, _) = with_app(desk).await;
    let theirs = early.json();
    let body = json!({ "challenge": theirs["challenge"], "code": code(desk, theirs["secret"].as_str().unwrap(), 0) });
    assert_eq!(thief.post("/api/v1/account/totp/confirm", &body).await.status, 410);
    for body in [json!({}), json!({ "password": "wrong" })] {
        let refused = begin(body).await;
        assert_eq!((refused.status, &refused.json()["errors"][0]["path"]), (422, &json!("password")), "{}", refused.text);
    }
    let browser = desk.browser_at("192.0.2.9");
    let asked = challenge(&browser).await;
    assert_eq!(give(&browser, &asked, ("code", json!(code(desk, &secret, 0)))).await, 201, "hers is still the one");
    assert_eq!(begin(json!({ "password": PASSWORD })).await.status, 200);
});
