//! The team: invitations, roles, keys, forgotten passwords, and the log of it all.

use std::time::Duration;

use frontdesk_kernel::scope::Server;
use frontdesk_store::work;
use frontdesk_testkit::{
    desk::{Browser, PASSWORD, Setup, TestDesk},
    fakes::MailFault,
    story,
};
use serde_json::{Value, json};

const NEW: &str = "cinco perros comen pan caliente";
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

async fn signed_in<'d>(desk: &'d TestDesk, name: &str) -> Browser<'d> {
    let browser = desk.browser();
    assert_eq!(browser.sign_in(&format!("{name}@luna.example"), PASSWORD).await.status, 201, "{name}");
    browser
}

/// Invites and returns the token of the link that is shown.
async fn invited(by: &Browser<'_>, email: &str, role: &str) -> String {
    let sent = by.post("/api/v1/invitations", &json!({ "email": email, "role": role })).await;
    assert_eq!((sent.status, sent.json()["mailed"].clone()), (201, json!(false)), "{}", sent.text);
    sent.json()["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

fn acceptance(token: &str) -> Value {
    json!({ "token": token, "name": "Luz", "password": NEW })
}

story!(an_invitation_lets_one_person_in_once, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let ana = signed_in(desk, "ana").await;
    let token = invited(&ana, "Luz@else.example", "staff").await;
    let luz = desk.browser_at("192.0.2.50");
    let seen = luz.post("/api/v1/join/look", &json!({ "token": token })).await.json();
    assert_eq!(
        (&seen["business"], &seen["email"], &seen["known"]),
        (&json!("Luna"), &json!("luz@else.example"), &json!(false)),
        "{seen}"
    );
    for weak in ["short", "password1234"] {
        let body = json!({ "token": token, "name": "Luz", "password": weak });
        assert_eq!(luz.post("/api/v1/join", &body).await.status, 422, "{weak}");
    }
    let joined = luz.post("/api/v1/join", &acceptance(&token)).await;
    assert_eq!((joined.status, &joined.json()["tenants"][0]["role"]), (201, &json!("staff")), "{}", joined.text);
    assert_eq!(luz.get("/api/v1/conversations").await.status, 200);
    for again in [
        acceptance(&token),
        json!({ "token": token, "name": "Eva", "password": NEW }),
        json!({ "token": "made-up", "name": "E", "password": NEW }),
    ] {
        assert_eq!(desk.browser().post("/api/v1/join", &again).await.status, 410);
    }
    assert_eq!(luz.post("/api/v1/join", &json!({ "token": token })).await.status, 410);
    let team = ana.get("/api/v1/members").await.json();
    let names: Vec<_> = team["items"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["ana", "Luz"]);
    assert_eq!(ana.post("/api/v1/invitations", &json!({ "email": "luz@else.example", "role": "staff" })).await.status, 409);
});

story!(an_invitation_that_is_withdrawn_replaced_or_old_opens_nothing, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let ana = signed_in(desk, "ana").await;
    let open = async |token: &str| desk.browser().post("/api/v1/join/look", &json!({ "token": token })).await.status;
    let first = invited(&ana, "luz@else.example", "staff").await;
    let second = invited(&ana, "luz@else.example", "viewer").await;
    assert_eq!((open(&first).await, open(&second).await), (410, 200), "the newer one replaces the older");
    let list = ana.get("/api/v1/invitations").await.json();
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let again = ana.post(&format!("/api/v1/invitations/{id}/resend"), &json!({})).await.json();
    let third = again["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!((open(&second).await, open(&third).await), (410, 200));
    desk.advance(WEEK);
    assert_eq!(open(&third).await, 410);
    let ana = signed_in(desk, "ana").await;
    let fourth = invited(&ana, "sol@else.example", "staff").await;
    let list = ana.get("/api/v1/invitations").await.json();
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ana.delete(&format!("/api/v1/invitations/{id}")).await.status, 204);
    assert_eq!((open(&fourth).await, ana.delete(&format!("/api/v1/invitations/{id}")).await.status), (410, 404));
});

story!(somebody_who_signs_in_already_accepts_signed_in_and_only_for_themselves, |desk| async {
    let (luna, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    luna.hire("ana", "owner").await;
    sol.hire("bob", "owner").await;
    let (ana, bob) = (signed_in(desk, "ana").await, signed_in(desk, "bob").await);
    let token = invited(&ana, "bob@luna.example", "viewer").await;
    assert_eq!(desk.browser().post("/api/v1/join", &acceptance(&token)).await.status, 409, "signs in first");
    assert_eq!(desk.browser().post("/api/v1/join", &json!({ "token": token })).await.status, 401);
    assert_eq!(ana.post("/api/v1/join", &json!({ "token": token })).await.status, 403, "not hers");
    let joined = bob.post("/api/v1/join", &json!({ "token": token })).await;
    assert_eq!((joined.status, joined.json()["tenants"].as_array().unwrap().len()), (200, 2), "{}", joined.text);
});

story!(nobody_gives_more_than_they_have_and_an_owner_remains, |desk| async {
    let shop = desk.business("Luna").open().await;
    let (owner, admin) = (shop.hire("ana", "owner").await, shop.hire("ada", "admin").await);
    let staff = shop.hire("sam", "staff").await;
    let (ana, ada, sam) = (signed_in(desk, "ana").await, signed_in(desk, "ada").await, signed_in(desk, "sam").await);
    let member = |id: &frontdesk_kernel::ids::UserId| format!("/api/v1/members/{id}");
    let role = |role: &str| json!({ "role": role });
    for (who, path, body, status) in [
        (&ada, member(&owner), role("staff"), 403),
        (&ada, member(&staff), role("owner"), 403),
        (&ada, member(&admin), role("owner"), 403),
        (&sam, member(&staff), role("admin"), 403),
        (&ana, member(&owner), role("admin"), 409),
        (&ana, member(&staff), role("boss"), 422),
        (&ana, member(&staff), json!({ "role": "staff", "operator": true }), 422),
        (&ana, member(&staff), json!({ "locations": ["loc_nowhere"] }), 422),
        (&ana, "/api/v1/members/usr_nobody".into(), role("staff"), 404),
    ] {
        let refused = who.patch(&path, &body).await;
        assert_eq!(refused.status, status, "{path} {body}: {}", refused.text);
    }
    assert_eq!((ada.delete(&member(&owner)).await.status, ana.delete(&member(&owner)).await.status), (403, 409));
    for (who, body, status) in [
        (&ada, json!({ "email": "x@y.example", "role": "owner" }), 403),
        (&sam, json!({ "email": "x@y.example", "role": "viewer" }), 403),
        (&ada, json!({ "email": "not an address", "role": "viewer" }), 422),
        (&ada, json!({ "email": "x@y.example", "role": "viewer", "tenant_id": "tnt_x" }), 422),
    ] {
        assert_eq!(who.post("/api/v1/invitations", &body).await.status, status, "{body}");
    }
    // A new role takes effect at once, and the old session is dead.
    assert_eq!(ana.patch(&member(&staff), &role("viewer")).await.status, 200);
    assert_eq!(sam.get("/api/v1/session").await.status, 401);
    let sam = signed_in(desk, "sam").await;
    assert_eq!(sam.get("/api/v1/session").await.json()["tenants"][0]["role"], "viewer");
    assert_eq!(sam.delete(&member(&staff)).await.status, 204, "leaving is everybody's right");
    assert_eq!(sam.get("/api/v1/conversations").await.status, 404);
});

story!(keys_do_what_they_were_made_for_and_no_more, |desk| async {
    let (luna, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    luna.hire("ana", "admin").await;
    luna.hire("sam", "staff").await;
    let (ana, sam) = (signed_in(desk, "ana").await, signed_in(desk, "sam").await);
    let new = |scopes: Value| json!({ "name": "website", "scopes": scopes });
    for (who, body, status) in [
        (&sam, new(json!(["contact:read"])), 403),
        (&ana, new(json!([])), 422),
        (&ana, new(json!(["contact:dance"])), 422),
        (&ana, new(json!(["dance:*"])), 422),
        (&ana, json!({ "name": "x", "scopes": ["contact:read"], "expires_in_days": 0 }), 422),
        (&ana, json!({ "name": "x", "scopes": ["contact:read"], "expires_in_days": 4_294_967_296_i64 }), 422),
        (&ana, json!({ "name": "", "scopes": ["contact:read"] }), 422),
        (&ana, json!({ "name": "x", "scopes": ["contact:read"], "hash": "x" }), 422),
    ] {
        assert_eq!(who.post("/api/v1/keys", &body).await.status, status, "{body}");
    }
    let made = ana
        .post("/api/v1/keys", &json!({ "name": "website", "scopes": ["conversation:read", "key:*"], "expires_in_days": 30 }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let (key, id) = (made.json()["key"].as_str().unwrap().to_owned(), made.json()["id"].as_str().unwrap().to_owned());
    assert!(key.starts_with("fd_") && key.len() == 46, "{key}");
    assert!(!ana.get("/api/v1/keys").await.text.contains(&key), "shown once");

    assert_eq!(desk.get_as(&key, "/api/v1/conversations").await.status, 200);
    let lacking = desk.get_as(&key, "/api/v1/members").await;
    assert_eq!(lacking.status, 403);
    assert!(lacking.text.contains("member:read"), "{}", lacking.text);
    assert_eq!(desk.post_as(&key, "/api/v1/keys", &new(json!(["contact:read"]))).await.status, 403, "more than it has itself");
    assert_eq!(desk.post_as(&key, "/api/v1/keys", &new(json!(["conversation:read"]))).await.status, 201);

    // Missing, made up, revoked, expired: the same answer.
    let other = sol.key(&["*"]).await;
    let path = format!("/api/v1/keys/{id}");
    let foreign = desk.browser().ask("DELETE", &path, None, &[("authorization", &format!("Bearer {other}"))]).await;
    assert_eq!(foreign.status, 404, "another business's key");
    let unknown = desk.get_as("fd_made_up", "/api/v1/conversations").await;
    assert_eq!(ana.delete(&path).await.status, 204);
    let revoked = desk.get_as(&key, "/api/v1/conversations").await;
    let made = ana.post("/api/v1/keys", &json!({ "name": "short", "scopes": ["*"], "expires_in_days": 1 })).await;
    assert_eq!(made.status, 403, "`*` is more than an admin has: {}", made.text);
    let made = ana.post("/api/v1/keys", &json!({ "name": "short", "scopes": ["conversation:read"], "expires_in_days": 1 })).await;
    let short = made.json()["key"].as_str().unwrap().to_owned();
    desk.advance(Duration::from_secs(86_401));
    let expired = desk.get_as(&short, "/api/v1/conversations").await;
    for refused in [&revoked, &expired] {
        assert_eq!((refused.status, &refused.text), (401, &unknown.text));
    }
});

story!(a_forgotten_password_comes_back_by_mail, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let old = signed_in(desk, "ana").await;
    let lost = desk.browser_at("192.0.2.77");
    let asked = lost.post("/api/v1/password-reset", &json!({ "email": "Ana@luna.example" })).await;
    let nobody = lost.post("/api/v1/password-reset", &json!({ "email": "nobody@luna.example" })).await;
    assert_eq!((asked.status, &asked.text), (202, &nobody.text));
    assert_eq!(nobody.status, 202);
    desk.smtp.fail(&[MailFault::HangUp]);
    desk.send_mail().await;
    assert!(desk.smtp.received().is_empty(), "the server hung up");
    desk.advance(Duration::from_secs(60));
    desk.send_mail().await;
    let mails = desk.smtp.received();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "ana@luna.example"));
    let token = mails[0].token("/reset/");
    let redeem = async |token: &str, password: &str| {
        lost.post("/api/v1/password-reset/redeem", &json!({ "token": token, "password": password })).await.status
    };
    assert_eq!((redeem(&token, "password1234").await, redeem("made-up", NEW).await), (422, 410));
    assert_eq!(redeem(&token, NEW).await, 204);
    assert_eq!((redeem(&token, NEW).await, old.get("/api/v1/session").await.status), (410, 401), "once, and every session ends");
    assert_eq!(desk.browser().sign_in("ana@luna.example", NEW).await.status, 201);

    assert_eq!(lost.post("/api/v1/password-reset", &json!({ "email": "ana@luna.example" })).await.status, 202);
    desk.send_mail().await;
    let late = desk.smtp.received()[1].token("/reset/");
    desk.advance(Duration::from_secs(3601));
    assert_eq!(redeem(&late, PASSWORD).await, 410);
    assert_eq!(desk.smtp.violations(), Vec::<String>::new());
});

story!(an_invitation_goes_by_mail_and_a_refused_address_is_given_up, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let ana = signed_in(desk, "ana").await;
    let sent = ana.post("/api/v1/invitations", &json!({ "email": "luz@else.example", "role": "staff" })).await.json();
    assert_eq!((&sent["mailed"], &sent["link"]), (&json!(true), &Value::Null), "{sent}");
    desk.send_mail().await;
    let token = desk.smtp.received()[0].token("/invitation/");
    assert_eq!(desk.browser().post("/api/v1/join", &acceptance(&token)).await.status, 201);

    desk.smtp.fail(&[MailFault::Refuse]);
    ana.post("/api/v1/invitations", &json!({ "email": "typo@else.example", "role": "staff" })).await;
    for _ in 0..3 {
        desk.send_mail().await;
        desk.advance(Duration::from_secs(3600));
    }
    assert_eq!(desk.smtp.received().len(), 1);
});

story!(why_a_mail_will_not_leave_is_kept_without_an_address, Setup::new().mail(), |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.hire("ana", "owner").await;
    let ana = signed_in(desk, "ana").await;
    desk.smtp.fail(&[MailFault::Refuse]);
    ana.post("/api/v1/invitations", &json!({ "email": "typo@else.example", "role": "staff" })).await;
    desk.send_mail().await;
    let sql = "SELECT problem FROM mail WHERE state = 'failed'";
    let kept = desk.engine.db.read(&Server, work!(tx => tx.query(sql).one(|row| row.get::<String>("problem")).await));
    let problem = kept.await.unwrap();
    assert!(problem.contains("550") && problem.contains("5.1.1") && problem.contains("is no mailbox here"), "{problem}");
    assert!(!problem.contains("typo") && !problem.contains("else.example"), "{problem}");
});

story!(who_did_what_is_written_down_and_can_be_taken_away, |desk| async {
    let (luna, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    let id = luna.hire("ana", "admin").await;
    luna.hire("sam", "staff").await;
    sol.hire("bob", "owner").await;
    let (ana, sam, bob) = (signed_in(desk, "ana").await, signed_in(desk, "sam").await, signed_in(desk, "bob").await);
    let made = ana.post("/api/v1/keys", &json!({ "name": "=HYPERLINK(\"x\")", "scopes": ["contact:read"] })).await;
    assert_eq!(made.status, 201);
    invited(&ana, "luz@else.example", "staff").await;

    let page = ana.get("/api/v1/audit?limit=2").await.json();
    assert_eq!((&page["items"][0]["action"], &page["items"][1]["action"]), (&json!("invitation.create"), &json!("key.create")));
    assert_eq!((&page["items"][0]["actor"], &page["items"][0]["actor_name"]), (&json!(id), &json!("ana")));
    let next = page["next"].as_str().unwrap();
    let rest = ana.get(&format!("/api/v1/audit?limit=50&cursor={next}")).await.json();
    assert_eq!(rest["items"].as_array().unwrap().iter().filter(|e| e["action"] == "session.create").count(), 2, "{rest}");
    let keys = ana.get("/api/v1/audit?action=key.").await.json();
    assert_eq!(keys["items"].as_array().unwrap().len(), 1);
    let file = ana.get("/api/v1/audit/export?action=key.create").await;
    assert!(file.status == 200 && file.text.starts_with("at,actor_kind") && file.text.contains("key.create"), "{}", file.text);
    assert!(!file.text.contains(made.json()["key"].as_str().unwrap()), "no secrets");

    assert_eq!(sam.get("/api/v1/audit").await.status, 403);
    assert!(!bob.get("/api/v1/audit").await.text.contains("luz@else.example"), "another business");
    assert_eq!(bob.get(&format!("/api/v1/audit?cursor={next}")).await.status, 400, "a cursor of another business");
    for query in ["limit=0", "limit=1000000000", "action=';--", "from=yesterday", "colour=red"] {
        assert_eq!(ana.get(&format!("/api/v1/audit?{query}")).await.status, 422, "{query}");
    }
});

story!(the_first_owner_comes_by_the_terminals_link_and_only_once, |desk| async {
    let none = frontdesk_engine::access::setup::is_awaited(&desk.engine).await.unwrap();
    assert!(!none);
    let link = frontdesk_engine::access::setup::begin(&desk.engine).await.unwrap().expect("nobody signs in yet");
    let token = link.rsplit('/').next().unwrap().to_owned();
    let browser = desk.browser();
    assert_eq!(browser.get("/api/v1/session/options").await.json()["setup"], true);
    let first = |token: &str, password: &str| json!({ "token": token, "email": "Ana@luna.example", "name": "Ana", "password": password, "language": "es", "time_zone": "America/Bogota" });
    assert_eq!(browser.post("/api/v1/first-owner", &first("made-up", NEW)).await.status, 410);
    assert_eq!(browser.post("/api/v1/first-owner", &first(&token, "password1234")).await.status, 422);
    let entered = browser.post("/api/v1/first-owner", &first(&token, NEW)).await;
    assert_eq!((entered.status, &entered.json()["person"]["operator"]), (201, &json!(true)), "{}", entered.text);
    assert_eq!(desk.browser().post("/api/v1/first-owner", &first(&token, NEW)).await.status, 410);
    assert_eq!(frontdesk_engine::access::setup::begin(&desk.engine).await.unwrap(), None, "somebody signs in now");
    assert_eq!(browser.get("/api/v1/session/options").await.json()["setup"], false);
});
