//! Signing in with a password: what gets in, what does not, and who is held up by whom.

use std::time::Duration;

use frontdesk_kernel::scope::Server;
use frontdesk_store::{people, work};
use frontdesk_testkit::{
    desk::{BURST, PASSWORD, TestDesk},
    story,
};
use serde_json::json;

use crate::people::LUZ;

const ANA: &str = "ana@luna.example";
const SESSION: &str = "/api/v1/session";
const NEW: &str = "cinco perros comen pan caliente";

async fn with_one_time_password(desk: &TestDesk) {
    let found = desk.engine.db.read(&Server, work!(tx => people::by_email(tx, &Server, ANA).await)).await.unwrap();
    let ana = people::Person { must_change_password: true, ..found.unwrap() };
    desk.engine.db.write(&Server, work!(tx => people::update(tx, &Server, &ana).await)).await.unwrap();
}

story!(whoever_signs_in_sees_where_they_work_and_what_they_may, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "staff").await;
    let browser = desk.browser();
    assert_eq!(browser.get(SESSION).await.status, 401);
    let entered = browser.sign_in(" ANA@luna.example ", PASSWORD).await;
    assert_eq!(entered.status, 201, "{}", entered.text);
    let seen = browser.get(SESSION).await.json();
    assert_eq!(seen, entered.json());
    assert_eq!((&seen["person"]["email"], &seen["must_change_password"]), (&json!(ANA), &json!(false)));
    let place = &seen["tenants"][0];
    assert_eq!((&place["role"], &place["name"]), (&json!("staff"), &json!("Luna")), "{seen}");
    let may = place["permissions"].as_array().unwrap();
    assert!(may.contains(&json!("message:send")) && !may.contains(&json!("key:write")), "{may:?}");
    assert_eq!(seen["factors"], json!({ "totp": false, "passkeys": 0, "recovery_codes_left": 0 }));
    assert!(!entered.text.contains("argon2") && !entered.text.contains(&browser.cookies()["frontdesk"]), "no secrets");

    assert_eq!(browser.get("/api/v1/conversations").await.status, 200);
    assert_eq!(browser.delete(SESSION).await.status, 204);
    assert_eq!((browser.get(SESSION).await.status, browser.cookies().contains_key("frontdesk")), (401, false));
});

story!(who_watches_is_asked_again_after_minutes_who_they_are, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "staff").await;
    let (browser, tab) = (desk.browser(), desk.browser());
    assert_eq!(browser.sign_in(ANA, PASSWORD).await.status, 201);
    browser.cookies().iter().for_each(|(name, value)| tab.plant(name, value));
    let watching = tab.get("/api/v1/events");
    let meanwhile = async {
        desk.until("somebody watches", || desk.engine.events.watchers() > 0).await;
        assert_eq!(browser.delete(SESSION).await.status, 204);
        desk.advance(Duration::from_secs(6 * 60));
        shop.say(LUZ, "hola").await;
    };
    let (seen, ()) = tokio::join!(watching, meanwhile);
    assert!(seen.text.starts_with("event: ready"), "it began: {}", seen.text);
    assert!(seen.text.trim_end().ends_with("event: again\ndata: {}"), "it ended, and said so: {}", seen.text);
    assert!(!seen.text.contains(shop.conversation(LUZ).await.id.as_str()), "what came later is not told: {}", seen.text);
    assert_eq!(tab.get("/api/v1/events").await.status, 401);
    desk.advance(BURST);
    desk.settle().await;
});

story!(an_unknown_address_gets_the_answer_of_a_wrong_password, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "staff").await;
    let wrong = desk.browser_at("192.0.2.1").sign_in(ANA, "not the password").await;
    let unknown = desk.browser_at("192.0.2.2").sign_in("nobody@luna.example", "not the password").await;
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.text, unknown.text);
    for (n, body) in [
        json!({}),
        json!({ "email": ANA }),
        json!({ "email": ANA, "password": 1 }),
        json!({ "email": ANA, "password": PASSWORD, "role": "owner" }),
        json!({ "email": "x".repeat(300), "password": "x" }),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(desk.browser_at(&format!("192.0.2.{}", n + 10)).post(SESSION, body).await.status, 422, "{body}");
    }
});

story!(guessing_is_slowed_down_and_the_owner_is_not_locked_out, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let at_home = desk.browser_at("198.51.100.7");
    assert_eq!(at_home.sign_in(ANA, PASSWORD).await.status, 201);

    let stranger = desk.browser_at("192.0.2.66");
    let mut statuses = Vec::new();
    for n in 0..8 {
        statuses.push(stranger.sign_in(ANA, &format!("guess {n}")).await.status);
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
    let held = stranger.sign_in(ANA, PASSWORD).await;
    assert_eq!((held.status, held.retry_after), (429, Some(1)), "not even the right one is tried");
    // The wait doubles each time it is waited for.
    for wait in [1, 2, 4, 8] {
        desk.advance(Duration::from_secs(wait));
        assert_eq!(stranger.sign_in(ANA, "again wrong").await.status, 401);
        assert_eq!(stranger.sign_in(ANA, "again wrong").await.retry_after, Some(wait * 2));
    }
    // The same for somebody who does not exist: the wait says nothing.
    let elsewhere = desk.browser_at("192.0.2.67");
    for n in 0..8 {
        let status = elsewhere.sign_in("nobody@luna.example", &format!("guess {n}")).await.status;
        assert_eq!(status, if n < 5 { 401 } else { 429 });
    }
    // The owner, from another address and from the known browser at the stranger's own address.
    assert_eq!(desk.browser_at("203.0.113.5").sign_in(ANA, PASSWORD).await.status, 201);
    let same_network = desk.browser_at("192.0.2.66");
    same_network.plant("frontdesk-device", &at_home.cookies()["frontdesk-device"]);
    assert_eq!(same_network.sign_in(ANA, PASSWORD).await.status, 201);
    // A mark that was made up helps nobody.
    let forger = desk.browser_at("192.0.2.66");
    forger.plant("frontdesk-device", &at_home.cookies()["frontdesk-device"].replace(|c: char| c.is_ascii_digit(), "0"));
    assert_eq!(forger.sign_in(ANA, PASSWORD).await.status, 429);
});

story!(one_address_that_tries_many_accounts_is_slowed_down, |desk| async {
    desk.business("Luna").open().await;
    let stuffing = desk.browser_at("2001:db8:1:2::1");
    for n in 0..30 {
        assert_eq!(stuffing.sign_in(&format!("someone{n}@luna.example"), "from a list").await.status, 401, "{n}");
    }
    let next = desk.browser_at("2001:db8:1:2:ffff::9").sign_in("another@luna.example", "from a list").await;
    assert_eq!(next.status, 429, "its whole network counts");
    assert_eq!(desk.browser_at("2001:db8:1:3::1").sign_in("another@luna.example", "from a list").await.status, 401);
});

story!(a_session_is_new_with_every_sign_in_and_old_ones_die, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "staff").await;
    let (laptop, phone) = (desk.browser(), desk.browser_at("192.0.2.9"));
    laptop.plant("frontdesk", "a-token-that-somebody-put-there");
    assert_eq!(laptop.sign_in(ANA, PASSWORD).await.status, 201);
    let first = laptop.cookies()["frontdesk"].clone();
    assert_ne!(first, "a-token-that-somebody-put-there");
    assert_eq!(phone.sign_in(ANA, PASSWORD).await.status, 201);

    let listed = laptop.get("/api/v1/sessions").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2, "{listed}");
    let there = listed["items"].as_array().unwrap().iter().find(|s| s["current"] == false).unwrap();
    assert_eq!(there["address"], "192.0.2.9");

    let changed = laptop.post("/api/v1/session/password", &json!({ "current": PASSWORD, "password": NEW })).await;
    assert_eq!(changed.status, 201, "{}", changed.text);
    assert_ne!(laptop.cookies()["frontdesk"], first, "rotated");
    assert_eq!((laptop.get(SESSION).await.status, phone.get(SESSION).await.status), (200, 401), "the others are out at once");
    let thief = desk.browser();
    thief.plant("frontdesk", &first);
    assert_eq!(thief.get(SESSION).await.status, 401, "the old token is worth nothing");
    assert_eq!(desk.browser_at("192.0.2.8").sign_in(ANA, PASSWORD).await.status, 401);
    assert_eq!(phone.sign_in(ANA, NEW).await.status, 201);

    let id =
        laptop.get("/api/v1/sessions").await.json()["items"].as_array().unwrap().iter().find(|s| s["current"] == false).unwrap()
            ["id"]
            .clone();
    assert_eq!(laptop.delete(&format!("/api/v1/sessions/{}", id.as_str().unwrap())).await.status, 204);
    assert_eq!(phone.get(SESSION).await.status, 401);
    assert_eq!(laptop.delete(&format!("/api/v1/sessions/{}", id.as_str().unwrap())).await.status, 404);
    assert_eq!(phone.sign_in(ANA, NEW).await.status, 201);
    assert_eq!(laptop.delete("/api/v1/sessions").await.status, 204);
    assert_eq!((laptop.get(SESSION).await.status, phone.get(SESSION).await.status), (200, 401));
});

story!(a_session_that_nobody_uses_ends_and_one_of_somebody_inactive_at_once, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "staff").await;
    let browser = desk.browser();
    browser.sign_in(ANA, PASSWORD).await;
    desk.advance(Duration::from_secs(10 * 24 * 3600));
    assert_eq!(browser.get(SESSION).await.status, 200);
    desk.advance(Duration::from_secs(10 * 24 * 3600));
    assert_eq!(browser.get(SESSION).await.status, 200, "it lives on while it is used");
    desk.advance(Duration::from_secs(15 * 24 * 3600));
    assert_eq!(browser.get(SESSION).await.status, 401);

    browser.sign_in(ANA, PASSWORD).await;
    let found = desk.engine.db.read(&Server, work!(tx => people::by_email(tx, &Server, ANA).await)).await.unwrap();
    let gone = people::Person { active: false, ..found.unwrap() };
    desk.engine.db.write(&Server, work!(tx => people::update(tx, &Server, &gone).await)).await.unwrap();
    assert_eq!(browser.get(SESSION).await.status, 401);
    assert_eq!(desk.browser().sign_in(ANA, PASSWORD).await.status, 401);
});

story!(no_page_of_somebody_else_signs_anybody_in_or_changes_anything, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "staff").await;
    let ours = desk.browser();
    assert_eq!(ours.sign_in(ANA, PASSWORD).await.status, 201);
    let body = json!({ "current": PASSWORD, "password": NEW });
    for origin in [Some("https://evil.example"), Some("null"), Some(""), None] {
        let theirs = ours.on_page_of(origin);
        for (method, path, body) in [
            ("POST", SESSION, json!({ "email": ANA, "password": PASSWORD })),
            ("POST", "/api/v1/session/factor", json!({ "challenge": "x", "code": "123456" })),
            ("POST", "/api/v1/session/password", body.clone()),
            ("DELETE", "/api/v1/sessions", json!({})),
            ("PATCH", "/api/v1/account", json!({ "name": "Eva" })),
        ] {
            let refused = theirs.ask(method, path, Some(&body), &[]).await;
            assert_eq!(
                (refused.status, refused.json()["code"].clone()),
                (403, json!("foreign_origin")),
                "{origin:?} {method} {path}"
            );
        }
    }
    let form = ours.ask("POST", SESSION, Some(&json!({})), &[("content-type", "text/plain")]).await;
    assert!(form.status >= 400);
    assert_eq!(ours.get(SESSION).await.json()["person"]["name"], "ana");
});

story!(a_one_time_password_opens_nothing_but_the_way_to_a_new_one, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    with_one_time_password(desk).await;
    let browser = desk.browser();
    let entered = browser.sign_in(ANA, PASSWORD).await;
    assert_eq!((entered.status, entered.json()["must_change_password"].clone()), (201, json!(true)));
    for path in ["/api/v1/conversations", "/api/v1/account/passkeys"] {
        let refused = browser.get(path).await;
        assert_eq!((refused.status, refused.json()["code"].clone()), (403, json!("password_change_required")), "{path}");
    }
    let change = async |current: &str, password: &str| {
        browser.post("/api/v1/session/password", &json!({ "current": current, "password": password })).await
    };
    for (current, password) in
        [(PASSWORD, "short"), (PASSWORD, "password1234"), (PASSWORD, "ana@luna.example"), (PASSWORD, PASSWORD), ("wrong", NEW)]
    {
        assert_eq!(change(current, password).await.status, 422, "{password}");
    }
    assert_eq!(change(PASSWORD, NEW).await.status, 201);
    assert_eq!(browser.get("/api/v1/conversations").await.status, 200);
    assert_eq!(browser.get(SESSION).await.json()["must_change_password"], false);
});

story!(one_changes_ones_own_name_and_language, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "viewer").await;
    let browser = desk.browser();
    browser.sign_in(ANA, PASSWORD).await;
    let changed = browser.patch("/api/v1/account", &json!({ "name": " Ana María ", "language": "es" })).await;
    assert_eq!((changed.status, &changed.json()["person"]["name"]), (200, &json!("Ana María")), "{}", changed.text);
    let cleared = browser.patch("/api/v1/account", &json!({ "language": null })).await.json();
    assert_eq!((&cleared["person"]["language"], &cleared["person"]["name"]), (&json!(null), &json!("Ana María")));
    for body in
        [json!({ "operator": true }), json!({ "email": "x@y.example" }), json!({ "name": "" }), json!({ "language": "tlh" })]
    {
        assert_eq!(browser.patch("/api/v1/account", &body).await.status, 422, "{body}");
    }
});

story!(a_session_ends_when_nobody_uses_it_and_after_a_season_anyway, |desk| async {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    desk.business("Luna").open().await.hire("ana", "staff").await;
    let (idle, busy) = (desk.browser(), desk.browser());
    for browser in [&idle, &busy] {
        assert_eq!(browser.sign_in(ANA, PASSWORD).await.status, 201);
    }
    for day in 1..=90 {
        desk.advance(DAY);
        let status = busy.get(SESSION).await.status;
        assert_eq!(status, if day < 90 { 200 } else { 401 }, "day {day}");
        if day == 14 {
            assert_eq!(idle.get(SESSION).await.status, 401);
        }
    }
});
