//! Access that is refused: by the server, which does not end it, and by whoever gives it, which ends it only where they say so.

use frontdesk_kernel::ids::McpServerId;
use frontdesk_store::{mcp_grants, mcp_grants::Grant, work};
use frontdesk_testkit::{
    desk::{Browser, Setup, Shop},
    fakes::McpAct,
    story,
};
use serde_json::{Value, json};

use crate::{
    mcp_consent::{CODE, ask, connect, consented, entered, person},
    mcp_consent_calls::{call, connected, consent_of},
    people::SECOND,
};

fn status(status: u16) -> McpAct {
    McpAct::Answer { status, kind: "application/json", body: "{}".to_owned() }
}

async fn kept(shop: &Shop<'_>, id: &str) -> Option<Grant> {
    let (s, id) = (shop.scope.clone(), McpServerId::parse(id).unwrap());
    shop.desk.engine.db.read(&shop.scope, work!(tx => mcp_grants::get(tx, &s, &id).await)).await.unwrap()
}

async fn refresh(browser: &Browser<'_>, shop: &Shop<'_>, id: &str) -> Value {
    shop.desk.advance(SECOND * 5);
    browser.post(&format!("/api/v1/mcp-servers/{id}/refresh"), &json!({})).await.json()
}

story!(what_a_server_does_not_allow_costs_no_access, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    for scopes in [json!(["orders", "offline_access"]), json!(["orders"])] {
        desk.consent.bend(move |about| about["scopes_supported"] = scopes.clone());
        let (ana, id) = connected(&shop).await;
        let before = kept(&shop, &id).await;
        for (number, method) in [(0, "tools/call"), (1, "tools/list"), (2, "initialize")] {
            desk.mcp.then(method, status(403));
            let (ok, told) = call(&shop, number).await;
            assert!(!ok && told.contains("does not allow this"), "{method}: {told}");
        }
        desk.mcp.then("tools/list", status(403));
        let server = refresh(&ana, &shop, &id).await;
        assert!(server["problem"].as_str().unwrap().contains("not enough"), "{server}");
        assert_eq!(kept(&shop, &id).await, before, "the tokens are the same");
        assert!(call(&shop, 3).await.0);
        assert_eq!((desk.consent.asked().renewed, shop.tasks().await.len()), (0, 0));
        assert_eq!(ana.delete(&format!("/api/v1/mcp-servers/{id}?force=true")).await.status, 204);
        assert_eq!(ana.delete("/api/v1/session").await.status, 204);
        desk.mcp.relent();
    }
});

story!(a_good_token_that_is_refused_is_a_problem_before_it_is_an_end, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.consent.bend(|about| about["scopes_supported"] = json!(["orders"]));
    desk.consent.tokens_live(SECOND * 100_000);
    let (ana, id) = connected(&shop).await;
    desk.mcp.revoke();
    for number in 0..3 {
        let (ok, told) = call(&shop, number).await;
        assert!(!ok && told.contains("does not take the access") && told.contains("Nothing was done"), "{told}");
    }
    let server = consent_of(&ana, &id).await;
    assert_eq!(server["consent"]["connected"], true, "{server}");
    assert!(server["problem"].as_str().unwrap().contains("does not take"), "{server}");
    assert_eq!(shop.tasks().await, ["access_refused"]);
    assert!(ana.get("/api/v1/audit").await.text.contains("mcp_server.access_refused"));
    // It was a fault over there.
    desk.mcp.relent();
    assert!(call(&shop, 3).await.0 && kept(&shop, &id).await.unwrap().refused_at.is_none());
    assert_eq!(refresh(&ana, &shop, &id).await["problem"], Value::Null);
    // It is none: who does not take it for an hour has ended it.
    desk.mcp.revoke();
    assert!(!call(&shop, 4).await.0);
    desk.advance(SECOND * 3700);
    let (ok, told) = call(&shop, 5).await;
    assert!(!ok && told.contains("has ended") && told.contains("connect it again"), "{told}");
    assert_eq!(consent_of(&ana, &id).await["consent"]["connected"], false);
    assert_eq!(shop.tasks().await, ["access_refused", "access_ended"]);
});

story!(what_was_just_renewed_and_is_refused_is_not_renewed_at_every_call, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.consent.tokens_live(SECOND * 100_000);
    let (ana, id) = connected(&shop).await;
    desk.mcp.revoke();
    let (ok, told) = call(&shop, 0).await;
    assert!(!ok && told.contains("refused our credentials"), "{told}");
    for number in 1..4 {
        assert!(!call(&shop, number).await.0);
        assert!(refresh(&ana, &shop, &id).await["problem"].as_str().unwrap().contains("does not take"));
    }
    assert_eq!((desk.consent.asked().renewed, shop.tasks().await), (1, vec!["access_refused".to_owned()]));
    assert_eq!(consent_of(&ana, &id).await["consent"]["connected"], true);
    // An hour later it is tried once more, and nobody is told again.
    desk.advance(SECOND * 3700);
    for number in 4..7 {
        assert!(!call(&shop, number).await.0);
    }
    assert_eq!((desk.consent.asked().renewed, shop.tasks().await.len()), (2, 1));
    desk.mcp.relent();
    assert!(call(&shop, 7).await.0);
    assert_eq!((desk.consent.asked().renewed, kept(&shop, &id).await.unwrap().refused_at), (2, None));
    // It worked, and then it does not again: as long as nobody has looked, there is no second task.
    desk.mcp.revoke();
    assert!(!call(&shop, 8).await.0);
    assert_eq!(shop.tasks().await, ["access_refused"]);
});

story!(only_who_says_that_access_has_ended_ends_it, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, id) = connected(&shop).await;
    for (number, (status, word)) in
        [(400, "invalid_request"), (400, "invalid_scope"), (403, "access_denied"), (429, "slow_down")].into_iter().enumerate()
    {
        desk.advance(SECOND * 3700);
        desk.consent.refuse_renewals(1, status, word);
        let (ok, told) = call(&shop, number).await;
        assert!(!ok && told.contains(word), "{told}");
        desk.advance(SECOND * 30);
        assert!(call(&shop, number + 10).await.0, "{word} ended it");
    }
    assert!(shop.tasks().await.is_empty());
    // Who fails again and again is asked less often, and people are told once.
    desk.advance(SECOND * 3700);
    desk.consent.fail_renewals(&[500; 6]);
    let before = desk.consent.asked().renewed;
    for number in 20..24 {
        assert!(!call(&shop, number).await.0);
    }
    assert_eq!(desk.consent.asked().renewed, before + 1, "it is not asked at every call");
    for asked in 2..5 {
        desk.advance(SECOND * 100);
        assert!(!call(&shop, 30 + asked as usize).await.0);
        assert_eq!(desk.consent.asked().renewed, before + asked);
    }
    assert_eq!(shop.tasks().await, ["access_not_renewed"]);
    let server = consent_of(&ana, &id).await;
    assert!(server["consent"]["connected"] == true && server["problem"].as_str().unwrap().contains("fault"), "{server}");
    desk.consent.fail_renewals(&[]);
    desk.advance(SECOND * 1000);
    assert!(call(&shop, 40).await.0);
    let after = kept(&shop, &id).await.unwrap();
    assert_eq!((after.failures, after.retry_at, after.problem), (0, None, None));

    for (number, (status, word)) in
        [(200, "bad_refresh_token"), (401, "invalid_client"), (403, "unauthorized_client"), (400, "invalid_grant")]
            .into_iter()
            .enumerate()
    {
        desk.advance(SECOND * 3700);
        desk.consent.refuse_renewals(1, status, word);
        let (ok, told) = call(&shop, 50 + number).await;
        assert!(!ok && told.contains(word) && told.contains("connect it again"), "{told}");
        assert_eq!(consent_of(&ana, &id).await["consent"]["connected"], false, "{word}");
        connect(&ana, desk, &id).await;
    }
});

story!(nobody_waits_longer_than_a_call_may_take, Setup::new().with(|s| s.server_patience = SECOND), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, id) = connected(&shop).await;
    desk.advance(SECOND * 3600);
    desk.consent.hold();
    let tools = ana.get(&format!("/api/v1/mcp-servers/{id}/tools")).await.json();
    let path = format!("/api/v1/mcp-servers/{id}/tools/{}/test", tools["items"][0]["id"].as_str().unwrap());
    let body = json!({ "arguments": { "number": "7" } });
    let (one, two) = tokio::join!(ana.post(&path, &body), ana.post(&path, &body));
    for tried in [one, two] {
        assert!(tried.json()["succeeded"] == false && tried.text.contains("being renewed"), "{}", tried.text);
    }
    assert_eq!(desk.consent.held(), 1, "who renews goes on when nobody waits for it any more");
    desk.consent.release();
    desk.until("what was given is kept", || desk.consent.held() == 0).await;
    while !ana.post(&path, &body).await.json()["succeeded"].as_bool().unwrap() {}
    assert_eq!(desk.consent.asked().renewed, 1);
});

story!(a_person_who_closes_the_page_is_connected_all_the_same, |desk| async {
    let shop = desk.business("Luna").open().await;
    let ana = person(&shop, "ana", "admin").await;
    let id = entered(&ana, desk, json!({ "kind": CODE })).await;
    let back = consented(&ana, desk, &id).await;
    desk.consent.hold();
    tokio::select! {
        _ = ana.get(&back) => panic!("nobody answered"),
        () = desk.until("the code is on its way", || desk.consent.held() == 1) => {}
    }
    // Time enough for the desk to see that nobody listens.
    for _ in 0..20 {
        assert_eq!(consent_of(&ana, &id).await["consent"]["connected"], false);
    }
    assert_eq!(desk.consent.held(), 1, "the exchange goes on");
    desk.consent.release();
    while consent_of(&ana, &id).await["consent"]["connected"] == false {}
    assert_eq!(desk.consent.asked().redeemed, 1);
});

story!(access_is_for_the_server_as_it_is_and_goes_only_where_it_is_safe, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, id) = connected(&shop).await;
    // A row of another time says nothing of the server of today.
    let old = Grant { url: "https://old.example/mcp".into(), ..kept(&shop, &id).await.unwrap() };
    let s = shop.scope.clone();
    desk.engine.db.write(&shop.scope, work!(tx => mcp_grants::put(tx, &s, &old).await)).await.unwrap();
    assert_eq!(consent_of(&ana, &id).await["consent"]["connected"], false);
    assert!(call(&shop, 0).await.1.contains("not set up"));

    let plain = json!({ "name": "plain", "url": "http://mcp.example/mcp", "auth": { "kind": CODE } });
    let plain = ana.post("/api/v1/mcp-servers", &plain).await.json();
    let refused = ask(&ana, desk, plain["id"].as_str().unwrap()).await;
    assert!(refused.status == 409 && refused.text.contains("not reached by https"), "{}", refused.text);
});
