//! The business, its settings, channels and figures, as the console asks for them.

use frontdesk_testkit::{
    desk::{Setup, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::people::ANA;

async fn patch(desk: &TestDesk, key: &str, path: &str, body: &Value) -> (u16, Value) {
    let answer = desk.patch_as(key, path, body).await;
    (answer.status, answer.json())
}

/// What is noted in the background is there soon.
async fn eventually(desk: &TestDesk, key: &str, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..2000 {
        let seen = desk.get_as(key, path).await.json();
        if holds(&seen) {
            return seen;
        }
        tokio::task::yield_now().await;
    }
    panic!("{path} never came to hold");
}

story!(a_business_is_changed_and_who_did_it_is_written_down, |desk| async {
    let shop = desk.business("Luna").with_api().open().await;
    let key = shop.key(&["*"]).await;
    let before = desk.get_as(&key, "/api/v1/business").await.json();
    assert_eq!((before["name"].as_str(), before["agents"][0]["default"].as_bool()), (Some("Luna"), Some(true)));
    let change = json!({ "name": "Luna Nueva", "phone": "+57 1", "payment_methods": ["efectivo"] });
    let (status, after) = patch(desk, &key, "/api/v1/business", &change).await;
    assert_eq!((status, after["name"].as_str(), after["phone"].as_str()), (200, Some("Luna Nueva"), Some("+57 1")));
    let (_, cleared) = patch(desk, &key, "/api/v1/business", &json!({ "phone": null })).await;
    assert_eq!((cleared["phone"].clone(), cleared["payment_methods"].clone()), (Value::Null, json!(["efectivo"])));
    for (wrong, path) in [
        (json!({ "tenant_id": "tnt_x" }), "tenant_id"),
        (json!({ "name": 7 }), "name"),
        (json!({ "appointments": { "slot_minutes": -1 } }), "appointments"),
    ] {
        let (status, said) = patch(desk, &key, "/api/v1/business", &wrong).await;
        assert_eq!((status, said["code"].as_str()), (422, Some("invalid")), "{wrong}");
        assert!(said.to_string().contains(path), "{said}");
    }
    let (status, said) = patch(desk, &key, "/api/v1/business", &json!({ "time_zone": "Mars/Olympus" })).await;
    assert_eq!(status, 422, "{said}");
    let reader = shop.key(&["business:read"]).await;
    let (status, said) = patch(desk, &reader, "/api/v1/business", &json!({ "name": "x" })).await;
    assert_eq!((status, said["detail"].as_str()), (403, Some("This key lacks the scope `business:write`.")));
});

story!(who_saw_an_older_state_is_refused, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    desk.advance(std::time::Duration::from_secs(5));
    let (status, _) = patch(desk, &key, "/api/v1/business", &json!({ "city": "Cali" })).await;
    assert_eq!(status, 200);
    let stale =
        desk.ask_as(&key, "PATCH", "/api/v1/business", &[("if-match", "\"1\"")], json!({ "city": "Bogotá" }).to_string()).await;
    assert_eq!((stale.status, stale.json()["code"].as_str()), (412, Some("stale")));
    assert_eq!(desk.get_as(&key, "/api/v1/business").await.json()["city"], "Cali");
});

story!(limits_of_the_business_come_before_those_of_the_server, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let settings = desk.get_as(&key, "/api/v1/settings").await.json();
    assert_eq!(settings["history_limit"]["own"], Value::Null);
    let (status, set) = patch(desk, &key, "/api/v1/settings", &json!({ "history_limit": 3 })).await;
    assert_eq!((status, set["history_limit"]["own"].as_u64()), (200, Some(3)));
    let (status, _) = patch(desk, &key, "/api/v1/settings", &json!({ "history_limit": 100000 })).await;
    assert_eq!(status, 422);
    let (_, unset) = patch(desk, &key, "/api/v1/settings", &json!({ "history_limit": null })).await;
    assert_eq!(unset["history_limit"]["own"], Value::Null);

    let put = desk
        .ask_as(&key, "PUT", "/api/v1/settings/model-keys/openai", &[], json!({ "key": "sk-own-0123456789" }).to_string())
        .await;
    let own = |v: &Value| v["model_keys"].as_array().unwrap().iter().find(|k| k["vendor"] == "openai").unwrap()["own"].clone();
    assert_eq!((put.status, own(&put.json())), (200, json!(true)));
    assert!(!put.text.contains("sk-own"), "a key is never shown");
    let gone = desk.delete_as(&key, "/api/v1/settings/model-keys/openai").await;
    assert_eq!(gone.status, 204);
    let again = desk.delete_as(&key, "/api/v1/settings/model-keys/openai").await;
    assert_eq!(again.status, 404);
    for (vendor, key_text, status) in
        [("nobody", "sk-0123456789", 404), ("openai", "short", 422), ("openai", "with blank inside", 422)]
    {
        let path = format!("/api/v1/settings/model-keys/{vendor}");
        assert_eq!(
            desk.ask_as(&key, "PUT", &path, &[], json!({ "key": key_text }).to_string()).await.status,
            status,
            "{vendor} {key_text}"
        );
    }
});

story!(a_channel_says_whether_its_vendor_was_heard, |desk| async {
    let shop = desk.business("Luna").open().await;
    let other = desk.business("Sol").open().await;
    let (key, foreign) = (shop.key(&["*"]).await, other.key(&["*"]).await);
    let path = format!("/api/v1/channels/{}", shop.channel);
    let fresh = desk.get_as(&key, &path).await.json();
    assert_eq!((fresh["state"].as_str(), fresh["webhook_at"].clone()), (Some("waiting"), Value::Null));
    assert!(!fresh.to_string().contains("token-of-Luna"), "secrets are never shown");

    desk.deliver_bytes(&b"{}"[..], "another secret").await;
    let refused = eventually(desk, &key, &path, |seen| seen["webhook_problem"].is_string()).await;
    assert!(refused["webhook_problem"].as_str().unwrap().contains("signature"), "{refused}");
    shop.talk(ANA, "hola").await;
    eventually(desk, &key, &path, |seen| seen["state"] == "active").await;
    assert_eq!(desk.get_as(&foreign, &path).await.status, 404);
    assert_eq!(desk.patch_as(&foreign, &path, &json!({ "name": "x" })).await.status, 404);

    let check = desk.post_as(&key, &format!("{path}/check"), &json!({})).await.json();
    assert_eq!(check["works"], true, "{check}");
    let kinds = desk.get_as(&key, "/api/v1/channels/kinds").await.json();
    assert!(kinds["items"].as_array().unwrap().iter().any(|k| k["key"] == "whatsapp" && k["settings"][0]["key"].is_string()));
});

story!(a_channel_is_connected_changed_and_disconnected, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let secrets = json!({ "access_token": "t", "app_secret": "s", "verify_token": "v" });
    let new = json!({ "kind": "whatsapp", "account": "10999", "name": "Second", "secrets": secrets });
    let made = desk.post_as(&key, "/api/v1/channels", &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/api/v1/channels/{}", made.json()["id"].as_str().unwrap());
    let again = desk.post_as(&key, "/api/v1/channels", &new).await;
    assert_eq!(again.status, 422, "an account is connected once");
    let (status, changed) = patch(desk, &key, &path, &json!({ "name": "Front", "active": false })).await;
    assert_eq!((status, changed["name"].as_str(), changed["state"].as_str()), (200, Some("Front"), Some("off")));
    let missing = desk.post_as(&key, "/api/v1/channels", &json!({ "kind": "whatsapp", "account": "10998" })).await;
    assert!(missing.status == 422 && missing.text.contains("access_token"), "{}", missing.text);
    assert_eq!(desk.delete_as(&key, &path).await.status, 204);
    assert_eq!(desk.get_as(&key, &path).await.status, 404);
});

story!(figures_are_told_by_day_of_the_business_s_own_zone, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    let told = desk.get_as(&key, "/api/v1/stats/overview").await;
    let overview = told.json();
    assert_eq!(told.status, 200, "{overview}");
    assert_eq!(overview["days"].as_array().unwrap().len(), 14);
    assert_eq!((overview["total"]["received"].as_i64(), overview["total"]["turns"].as_i64()), (Some(1), Some(1)));
    assert_eq!(overview["days"][13]["received"], 1);
    assert!(overview["total"]["response_ms_p50"].as_i64().is_some());
    for (query, status) in [
        ("from=2026-01-01&to=2026-01-31", 200),
        ("from=2026-02-01&to=2026-01-31", 422),
        ("from=2020-01-01&to=2026-01-31", 422),
        ("from=2026-13-01", 422),
        ("days=3", 422),
        ("to=9999-12-31", 422),
    ] {
        assert_eq!(desk.get_as(&key, &format!("/api/v1/stats/overview?{query}")).await.status, status, "{query}");
    }
    let steps = desk.get_as(&key, "/api/v1/setup").await.json();
    assert!(steps["steps"].as_array().unwrap().iter().any(|s| s["step"] == "services" && s["done"] == true), "{steps}");
});

story!(only_the_operator_sees_every_business_and_the_server, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    for path in ["/api/v1/tenants", "/api/v1/system", "/api/v1/tenants/tnt_1"] {
        assert_eq!(desk.get_as(&key, path).await.status, 403, "{path}");
        assert_eq!(desk.get(path).await.status, 401, "{path}");
    }
});

story!(a_post_that_names_itself_is_carried_out_once, |desk| async {
    let shop = desk.business("Luna").open().await;
    let other = desk.business("Sol").open().await;
    let (key, foreign) = (shop.key(&["*"]).await, other.key(&["*"]).await);
    let secrets = json!({ "access_token": "t", "app_secret": "s", "verify_token": "v" });
    let new = json!({ "kind": "whatsapp", "account": "10777", "secrets": secrets });
    let named = [("idempotency-key", "one")];
    let first = desk.ask_as(&key, "POST", "/api/v1/channels", &named, new.to_string()).await;
    let second = desk.ask_as(&key, "POST", "/api/v1/channels", &named, new.to_string()).await;
    assert_eq!((first.status, second.status), (201, 201), "{}", second.text);
    assert_eq!(first.text, second.text);
    let changed = json!({ "kind": "whatsapp", "account": "10778", "secrets": secrets });
    let reused = desk.ask_as(&key, "POST", "/api/v1/channels", &named, changed.to_string()).await;
    assert_eq!((reused.status, reused.json()["code"].as_str()), (422, Some("idempotency_key_reused")));
    let theirs = desk.ask_as(&foreign, "POST", "/api/v1/channels", &named, changed.to_string()).await;
    assert_eq!(theirs.status, 201, "another business's keys are its own: {}", theirs.text);
});

story!(too_many_requests_of_one_key_do_not_hold_up_another, Setup::new().limits(|l| l.requests_per_second = 2), |desk| async {
    let shop = desk.business("Luna").open().await;
    let (busy, calm) = (shop.key(&["*"]).await, shop.key(&["business:read"]).await);
    let mut refused = None;
    for _ in 0..12 {
        let answer = desk.get_as(&busy, "/api/v1/business").await;
        if answer.status == 429 {
            refused = Some(answer);
        }
    }
    let refused = refused.expect("eleven is one too many");
    assert_eq!(refused.json()["code"], "rate_limited");
    assert_eq!(desk.get_as(&calm, "/api/v1/business").await.status, 200);
    desk.advance(std::time::Duration::from_secs(5));
    assert_eq!(desk.get_as(&busy, "/api/v1/business").await.status, 200);
});

story!(whoever_has_a_network_of_ipv6_asks_as_one, Setup::new().limits(|l| l.requests_per_second = 2), |desk| async {
    let ask = async |from: &str| desk.ask_with("GET", "/api/v1/business", &[("x-forwarded-for", from)], "").await.status;
    let mut statuses = Vec::new();
    for n in 0..20 {
        statuses.push(ask(&format!("2001:db8:1:2::{n:x}")).await);
    }
    assert_eq!((statuses[0], statuses[19]), (401, 429), "{statuses:?}");
    assert_eq!(ask("2001:db8:1:3::1").await, 401, "the neighbour is not held up");
});
