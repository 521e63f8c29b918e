//! Business credit over HTTP: the API's own routes and those of the agent server.

use frontdesk_testkit::story;
use serde_json::{Value, json};

use crate::{
    people::ANA,
    tokens::{credit, paying},
};

const JSON: (&str, &str) = ("content-type", "application/json");

story!(accounts_are_begun_filled_spent_and_read, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["tokens:*"]).await;
    let begin = json!({
        "enabled": true, "costs": { "whatsapp_conversation": 20, "tool:refund": 5 }, "ceilings": { "day": 500 },
        "prices": { "gpt-4o-mini": { "input": 1_000_000, "cached": 1_000_000, "output": 1_000_000 } },
        "cheaper_model": { "vendor": "openai", "model": "gpt-4.1-nano" },
    });
    let balance = desk.get_as(&key, "/api/v1/tokens/balance").await.json();
    assert_eq!((&balance["enabled"], &balance["balance"], &balance["next_fee"]), (&json!(false), &json!(0), &Value::Null));
    let settings = desk.patch_as(&key, "/api/v1/tokens/settings", &begin).await;
    assert_eq!(settings.status, 200, "{}", settings.text);
    let settings = settings.json();
    assert_eq!(
        settings["ceilings"],
        json!({ "day": 500, "contact_day": null, "campaign": null, "month": null, "money_day": null })
    );
    assert_eq!(settings["cheaper_model"]["model"], "gpt-4.1-nano");
    let cost = |settings: &Value, key: &str| settings["costs"].as_array().unwrap().iter().find(|c| c["key"] == key).cloned();
    assert_eq!(cost(&settings, "whatsapp_conversation").unwrap()["tokens"], 20);
    assert_eq!(cost(&settings, "tool:refund").unwrap()["own"], 5);
    assert_eq!(desk.get_as(&key, "/api/v1/tokens/settings").await.json(), settings);

    let filled = desk.post_as(&key, "/api/v1/tokens/top-ups", &json!({ "tokens": 300, "note": "=1+1" })).await;
    assert_eq!((filled.status, &filled.json()["available"]), (201, &json!(300)));
    let taken = desk.post_as(&key, "/api/v1/tokens/top-ups", &json!({ "tokens": -30, "note": "a slip" })).await;
    assert_eq!((taken.status, &taken.json()["available"]), (201, &json!(270)));
    assert_eq!(shop.talk(ANA, "hola").await, "echo: hola");
    assert_eq!(credit(&shop).await, (249, 0));
    let balance = desk.get_as(&key, "/api/v1/tokens/balance").await.json();
    assert_eq!((&balance["today"]["used"], &balance["today"]["ceiling"]), (&json!(21), &json!(500)));
    assert!(balance["money_today"]["used"].as_i64().unwrap() > 0);

    let first = desk.get_as(&key, "/api/v1/tokens/ledger?limit=4").await.json();
    let rest =
        desk.get_as(&key, &format!("/api/v1/tokens/ledger?limit=4&cursor={}", first["next"].as_str().unwrap())).await.json();
    let numbers: Vec<i64> =
        [&first, &rest].iter().flat_map(|p| p["items"].as_array().unwrap()).map(|e| e["n"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [6, 5, 4, 3, 2, 1]);
    let grants = desk.get_as(&key, "/api/v1/tokens/ledger?kind=grant").await.json();
    assert_eq!((grants["items"].as_array().unwrap().len(), &grants["items"][0]["note"]), (1, &json!("=1+1")));
    assert!(grants["items"][0]["by"].as_str().unwrap().starts_with("key_"));

    let usage = desk.get_as(&key, "/api/v1/tokens/usage").await.json();
    assert_eq!((&usage["tokens"], usage["items"].as_array().unwrap().len()), (&json!(21), 2));
    assert_eq!(usage["unpriced_calls"], 0);
    let csv = desk.get_as(&key, "/api/v1/tokens/ledger.csv").await;
    assert_eq!((csv.status, csv.header("content-disposition")), (200, "attachment; filename=\"tokens.csv\""));
    assert_eq!(csv.text.lines().count(), 7);
    assert!(csv.text.contains(",\"'=1+1\","), "no cell is a formula: {}", csv.text);
    assert!(csv.text.contains(",adjust,adjust,-30,0,270,0,,a slip,"), "{}", csv.text);

    let ended = json!({ "enabled": false, "costs": { "whatsapp_conversation": null }, "cheaper_model": null });
    let settings = desk.patch_as(&key, "/api/v1/tokens/settings", &ended).await.json();
    assert_eq!((&settings["enabled"], &settings["cheaper_model"]), (&json!(false), &Value::Null));
    assert_eq!(cost(&settings, "whatsapp_conversation").unwrap()["own"], Value::Null);
    assert_eq!(cost(&settings, "tool:refund").unwrap()["own"], 5, "what is absent stays");
    let trail = shop.key(&["audit:read"]).await;
    let audit = desk.get_as(&trail, "/api/v1/audit?action=tokens.").await.json();
    assert_eq!(audit["items"].as_array().unwrap().len(), 5, "two settings, two top-ups, one export: {audit}");
});

story!(a_person_who_cannot_pay_for_an_answer_is_told_why, |desk| async {
    let shop = paying(desk, |_| {}).open().await;
    shop.say(ANA, "hola").await;
    desk.answer().await;
    let key = shop.key(&["message:send", "conversation:read"]).await;
    let id = shop.conversation(ANA).await.id;
    let reply = json!({ "parts": [{ "type": "text", "text": "ya te atiendo" }] });
    let answer = desk.post_as(&key, &format!("/api/v1/conversations/{id}/replies"), &reply).await;
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert_eq!(answer.json()["detail"], "not sent: there are not enough tokens left: top up");
    assert_eq!(shop.outgoing(ANA).await.len(), 1, "nothing but our own line");
});

story!(bad_input_to_the_accounts_is_refused_and_nothing_changes, |desk| async {
    let shop = paying(desk, |_| {}).open().await;
    let (key, reader) = (shop.key(&["tokens:*"]).await, shop.key(&["tokens:read"]).await);
    for (body, path) in [
        (json!({ "tokens": 0 }), "tokens"),
        (json!({ "tokens": 1_000_000_001 }), "tokens"),
        (json!({ "tokens": 1.5 }), "tokens"),
        (json!({ "tokens": "10" }), "tokens"),
        (json!({ "tokens": -5 }), "note"),
        (json!({ "tokens": -5, "note": "  " }), "note"),
        (json!({ "tokens": 5, "note": "x".repeat(501) }), "note"),
        (json!({ "tokens": 5, "tenant": "tnt_x" }), ""),
        (json!({}), ""),
    ] {
        let answer = desk.post_as(&key, "/api/v1/tokens/top-ups", &body).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        assert!(path.is_empty() || answer.json()["errors"][0]["path"] == path, "{body}: {}", answer.text);
    }
    for body in [
        json!({ "costs": { "sms": -1 } }),
        json!({ "costs": { "fax": 1 } }),
        json!({ "costs": { "tool:": 1 } }),
        json!({ "costs": { "sms": 1_000_000_001 } }),
        json!({ "ceilings": { "day": -1 } }),
        json!({ "ceilings": { "hour": 1 } }),
        json!({ "prices": { "m": { "input": -1, "cached": 0, "output": 0 } } }),
        json!({ "prices": { "m": { "input": 1 } } }),
        json!({ "prices": { "": { "input": 1, "cached": 1, "output": 1 } } }),
        json!({ "cheaper_model": { "vendor": "nobody", "model": "m" } }),
        json!({ "cheaper_model": { "vendor": "openai", "model": "" } }),
        json!({ "enabled": "yes" }),
        json!({ "balance": 5 }),
    ] {
        let answer = desk.patch_as(&key, "/api/v1/tokens/settings", &body).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
    }
    for query in ["from=2026-13-01", "from=x", "from=2026-12-01&to=2026-11-01", "from=2020-01-01&to=2026-01-01", "x=1"] {
        assert_eq!(desk.get_as(&key, &format!("/api/v1/tokens/usage?{query}")).await.status, 422, "{query}");
    }
    for query in ["limit=0", "limit=201", "kind=gift", "from=x"] {
        assert_eq!(desk.get_as(&key, &format!("/api/v1/tokens/ledger?{query}")).await.status, 422, "{query}");
    }
    assert_eq!(desk.get_as(&key, "/api/v1/tokens/ledger?cursor=abc").await.status, 400);
    assert_eq!(desk.post_as(&reader, "/api/v1/tokens/top-ups", &json!({ "tokens": 5 })).await.status, 403);
    assert_eq!(desk.patch_as(&reader, "/api/v1/tokens/settings", &json!({ "enabled": false })).await.status, 403);
    assert_eq!(credit(&shop).await, (0, 0));
});

story!(the_agent_servers_routes_answer_for_the_business_of_the_key_only, |desk| async {
    let (luna, sol) = (paying(desk, |_| {}).open().await, desk.business("Sol").open().await);
    let (key, reader) = (luna.key(&["tokens:*"]).await, luna.key(&["tokens:read"]).await);
    let (mine, theirs) = (luna.scope.tenant().to_string(), sol.scope.tenant().to_string());
    let add = async |key: &str, tenant: &str, name: Option<&str>, header: Option<&str>, body: &Value| {
        let bearer = format!("Bearer {key}");
        let mut headers = vec![("authorization", bearer.as_str()), JSON];
        headers.extend(name.map(|name| ("idempotency-key", name)));
        headers.extend(header.map(|tenant| ("x-tenant-id", tenant)));
        desk.ask_with("POST", &format!("/tokens/add/{tenant}"), &headers, body.to_string()).await
    };
    let fine = json!({ "amount": 100, "description": "paid in cash" });
    for n in 0..3 {
        let answer = add(&key, &mine, Some("invoice-7"), Some(&mine), &fine).await;
        assert_eq!((answer.status, &answer.json()["balance"]), (201, &json!(100)), "{n}: {}", answer.text);
        assert_eq!(answer.json()["tenantId"], mine);
    }
    assert_eq!(credit(&luna).await, (100, 0), "one invoice, one top-up");
    // A day later the kept answers are forgotten; the ledger is not.
    desk.advance(std::time::Duration::from_secs(3 * 24 * 3600));
    frontdesk_engine::upkeep::tidy(&desk.engine).await.unwrap();
    assert_eq!(add(&key, &mine, Some("invoice-7"), None, &fine).await.status, 201);
    assert_eq!(credit(&luna).await, (100, 0));

    for (key, tenant, name, header, body, status) in [
        (&*key, &*theirs, Some("a"), None, &fine, 403),
        (&key, &theirs, Some("a"), Some(&*theirs), &fine, 404),
        (&key, &mine, Some("a"), Some(&*theirs), &fine, 404),
        (&key, "tnt_nobody", Some("b"), None, &fine, 403),
        (&key, "%00", Some("c"), None, &fine, 403),
        (&key, &mine, None, None, &fine, 400),
        (&key, &mine, Some(""), None, &fine, 422),
        (&reader, &mine, Some("b"), None, &fine, 403),
        ("fd_nobody", &mine, Some("b"), None, &fine, 401),
        (&key, &mine, Some("i"), None, &json!({ "amount": 0 }), 422),
        (&key, &mine, Some("d"), None, &json!({ "amount": -5 }), 422),
        (&key, &mine, Some("e"), None, &json!({ "amount": 1e30 }), 422),
        (&key, &mine, Some("f"), None, &json!({ "amount": 5, "tokens": 5 }), 422),
        (&key, &mine, Some("g"), None, &json!({ "amount": null }), 422),
        (&key, &mine, Some("h"), None, &json!([]), 422),
    ] {
        let answer = add(key, tenant, name, header, body).await;
        assert_eq!(answer.status, status, "{tenant} {name:?} {header:?} {body}: {}", answer.text);
    }
    assert_eq!((credit(&luna).await, credit(&sol).await), ((100, 0), (0, 0)));

    luna.talk(ANA, "hola").await;
    let balance = desk.get_as(&reader, &format!("/tokens/balance/{mine}")).await;
    let expected = json!({ "tenantId": mine, "balance": 89, "reserved": 0, "available": 89, "enabled": true });
    assert_eq!((balance.status, balance.json()), (200, expected));
    let usage = desk.get_as(&reader, &format!("/tokens/usage/{mine}")).await.json();
    assert_eq!((&usage["total"], usage["usage"].as_array().unwrap().len()), (&json!(11), 2));
    assert_eq!(usage["usage"][0]["action"], "internal_model_call");
    let costs = desk.get_as(&reader, "/tokens/costs").await.json();
    let usual =
        json!({ "whatsapp_conversation": 10, "sms": 1, "email": 1, "call": 50, "internal_model_call": 1, "monthly_fee": 200 });
    assert_eq!(costs["costs"], usual);
    for path in [format!("/tokens/balance/{theirs}"), format!("/tokens/usage/{theirs}")] {
        assert_eq!(desk.get_as(&key, &path).await.status, 403, "{path}");
        assert_eq!(desk.get(&path).await.status, 401, "{path}");
    }
    assert_eq!(desk.get("/tokens/costs").await.status, 401);
    assert_eq!(desk.get_as(&key, &format!("/tokens/usage/{mine}?from=yesterday")).await.status, 422);
    assert_eq!(desk.ask_with("DELETE", &format!("/tokens/balance/{mine}"), &[], "").await.status, 405);
});
