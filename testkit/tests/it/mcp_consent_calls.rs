//! Access that a person consented to, in use: renewed once by whoever needs it first, ended in words, given back.

use frontdesk_kernel::ids::McpServerId;
use frontdesk_store::{mcp_grants, work};
use frontdesk_testkit::{
    desk::{Browser, Shop, TestDesk},
    fakes::McpAct,
    story,
};
use serde_json::{Value, json};

use crate::{
    mcp_client::{approve, offered, results},
    mcp_consent::{CODE, connect, entered, person},
    people::{ANA, LUZ, SECOND},
};

/// A server that ana connected; `find` is approved as something that writes, and is called without asking.
pub(crate) async fn connected<'d>(shop: &Shop<'d>) -> (Browser<'d>, String) {
    let ana = person(shop, "ana", "admin").await;
    let id = entered(&ana, shop.desk, json!({ "kind": CODE })).await;
    connect(&ana, shop.desk, &id).await;
    approve(shop, &id, |_| json!({ "level": "automatic" })).await;
    (ana, id)
}

pub(crate) async fn call(shop: &Shop<'_>, number: usize) -> (bool, String) {
    shop.desk.openai.call("shop__find", json!({ "number": number.to_string() }));
    shop.talk(ANA, &format!("hola {number}")).await;
    let (ok, told, _) = results(shop).await.remove(0);
    (ok, told)
}

pub(crate) async fn consent_of(browser: &Browser<'_>, id: &str) -> Value {
    browser.get(&format!("/api/v1/mcp-servers/{id}")).await.json()
}

fn numbers(desk: &TestDesk) -> Vec<String> {
    let mut all: Vec<String> = desk.mcp.calls().iter().map(|(_, a)| a["number"].as_str().unwrap().to_owned()).collect();
    all.sort();
    all
}

story!(access_is_renewed_once_however_many_need_it_and_no_call_is_made_twice, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, id) = connected(&shop).await;
    let token = desk.consent.tokens().remove(0);
    let echo = json!({ "content": [{ "type": "text", "text": format!("you said {token}") }] });
    desk.mcp.then("tools/call", McpAct::Result(echo));
    let (ok, told) = call(&shop, 0).await;
    assert!(
        ok && told.contains("you said") && !told.contains(&token),
        "a server that repeats our token does not get it told: {told}"
    );
    assert_eq!(desk.consent.asked().renewed, 0);
    // Two turns at once find it old.
    desk.advance(SECOND * 3600);
    for (from, number) in [(ANA, "1"), (LUZ, "2")] {
        desk.openai.call("shop__find", json!({ "number": number }));
        shop.say(from, &format!("hola {number}")).await;
    }
    desk.answer().await;
    assert_eq!((desk.consent.asked().renewed, numbers(desk)), (1, vec!["0".to_owned(), "1".into(), "2".into()]));
    // Requests of people, at once; a token that was used already would have ended everything.
    let tools = ana.get(&format!("/api/v1/mcp-servers/{id}/tools")).await.json();
    let path = format!("/api/v1/mcp-servers/{id}/tools/{}/test", tools["items"][0]["id"].as_str().unwrap());
    for round in 0..3 {
        desk.advance(SECOND * 4000);
        let body = json!({ "arguments": { "number": "7" } });
        let all = tokio::join!(ana.post(&path, &body), ana.post(&path, &body), ana.post(&path, &body), ana.post(&path, &body));
        for tried in [all.0, all.1, all.2, all.3] {
            assert_eq!((tried.status, &tried.json()["succeeded"]), (200, &json!(true)), "{}", tried.text);
        }
        assert_eq!(desk.consent.asked().renewed, 2 + round);
    }
    // The server does not take it any more before its time: renewed, and asked once more.
    desk.consent.refuse_access();
    let before = desk.mcp.calls().len();
    assert!(call(&shop, 3).await.0);
    assert_eq!((desk.consent.asked().renewed, desk.mcp.calls().len()), (5, before + 1));
    assert_eq!(consent_of(&ana, &id).await["consent"]["connected"], true);
    assert!(shop.tasks().await.is_empty());
    assert!(!desk.dump().await.contains("-of-nobody"), "tokens are sealed");
});

story!(a_server_that_repeats_our_tokens_does_not_get_them_told, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, id) = connected(&shop).await;
    let says = |text: &str| McpAct::Result(json!({ "content": [{ "type": "text", "text": format!("you said {text}") }] }));
    let first = desk.consent.tokens().remove(0);
    // To an agent, also the one that it did not take a moment ago.
    desk.consent.refuse_access();
    desk.mcp.then("tools/call", says(&first));
    let (ok, told) = call(&shop, 0).await;
    assert!(ok && told.contains("you said *"), "{told}");
    let token = desk.consent.tokens().remove(2);
    // To a person who tries it.
    let tools = ana.get(&format!("/api/v1/mcp-servers/{id}/tools")).await.json();
    let path = format!("/api/v1/mcp-servers/{id}/tools/{}/test", tools["items"][0]["id"].as_str().unwrap());
    desk.mcp.then("tools/call", says(&token));
    let tried = ana.post(&path, &json!({ "arguments": { "number": "7" } })).await;
    assert!(tried.text.contains("you said *") && !tried.text.contains(&token), "{}", tried.text);
    // In what is kept of it.
    let mut tool = offered("find");
    tool["description"] = json!(format!("Finds what {token} may see, and {first}."));
    desk.mcp.offer([tool]);
    desk.advance(SECOND * 5);
    let asked = ana.post(&format!("/api/v1/mcp-servers/{id}/refresh"), &json!({})).await;
    assert_eq!((asked.status, &asked.json()["problem"]), (200, &Value::Null), "{}", asked.text);
    let tools = ana.get(&format!("/api/v1/mcp-servers/{id}/tools")).await.text;
    assert!(tools.contains("Finds what *") && !tools.contains(&token), "{tools}");
    assert!(!desk.dump().await.contains(&token));
});

story!(while_another_process_renews_nobody_else_does, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (_, id) = connected(&shop).await;
    desk.advance(SECOND * 3600);
    let (server, now) = (McpServerId::parse(&id).unwrap(), desk.now());
    let s = shop.scope.clone();
    let claimed = desk.engine.db.write(
        &shop.scope,
        work!(tx => {
            let sealed = mcp_grants::get(tx, &s, &server).await?.and_then(|grant| grant.sealed).unwrap_or_default();
            mcp_grants::claim(tx, &s, &server, &sealed, now, now.plus(SECOND * 3600)).await
        }),
    );
    assert!(claimed.await.unwrap());
    let (ok, told) = call(&shop, 1).await;
    assert!(!ok && told.contains("being renewed"), "{told}");
    assert_eq!((desk.consent.asked().renewed, desk.mcp.calls().len()), (0, 0));
    // It died: after a while somebody else does it.
    desk.advance(SECOND * 3600);
    assert!(call(&shop, 2).await.0);
    assert_eq!(desk.consent.asked().renewed, 1);
});

story!(access_that_has_ended_is_told_once_and_consented_to_again, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, id) = connected(&shop).await;
    // A fault over there ends nothing.
    desk.advance(SECOND * 3600);
    desk.consent.fail_renewals(&[503]);
    let (ok, told) = call(&shop, 0).await;
    assert!(!ok && told.contains("fault"), "{told}");
    desk.advance(SECOND * 30);
    assert!(consent_of(&ana, &id).await["consent"]["connected"] == true && call(&shop, 1).await.0);

    desk.consent.forget_everything();
    let renewed = desk.consent.asked().renewed;
    for number in 2..4 {
        let (ok, told) = call(&shop, number).await;
        assert!(!ok && told.contains("connect it again") && told.contains("Nothing was done"), "{told}");
    }
    assert_eq!((desk.consent.asked().renewed, desk.mcp.calls().len()), (renewed + 1, 1), "it is not tried again and again");
    assert_eq!(shop.tasks().await, ["access_ended"]);
    let server = consent_of(&ana, &id).await;
    assert!(server["consent"]["connected"] == false && server["consent"]["by_name"] == "ana", "{server}");
    assert!(server["problem"].as_str().unwrap().contains("invalid_grant"), "{server}");
    assert!(ana.get("/api/v1/audit").await.text.contains("mcp_server.access_ended"));
    let server = connect(&ana, desk, &id).await;
    assert_eq!((&server["consent"]["connected"], &server["problem"]), (&json!(true), &Value::Null), "{server}");
    assert!(call(&shop, 4).await.0);
});

story!(access_that_cannot_be_renewed_ends_with_its_token, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.consent.bend(|about| about["scopes_supported"] = json!(["orders"]));
    let (ana, id) = connected(&shop).await;
    assert!(call(&shop, 0).await.0);
    desk.advance(SECOND * 3600);
    assert!(call(&shop, 1).await.1.contains("cannot be renewed"));
    assert_eq!((shop.tasks().await.len(), desk.consent.asked().renewed, desk.mcp.calls().len()), (1, 0, 1));
    assert_eq!(consent_of(&ana, &id).await["consent"]["connected"], false);
});

story!(access_is_given_back_and_goes_with_what_it_was_for, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, id) = connected(&shop).await;
    let (at, path) = (format!("/api/v1/mcp-servers/{id}"), format!("/api/v1/mcp-servers/{id}/authorize"));
    for _ in 0..2 {
        assert_eq!(ana.delete(&path).await.status, 204);
    }
    desk.until("both tokens are given back", || (desk.consent.alive(), desk.consent.asked().revoked) == (0, 2)).await;
    let log = ana.get("/api/v1/audit").await.text;
    assert_eq!(log.matches("mcp_server.disconnected").count(), 1, "what changed nothing is not written down");
    let (ok, told) = call(&shop, 1).await;
    assert!(!ok && told.contains("not set up") && desk.mcp.calls().is_empty(), "{told}");
    let server = consent_of(&ana, &id).await;
    let way_back = format!("{}/oauth/mcp/callback/{id}", desk.url);
    assert_eq!(server["consent"], json!({ "connected": false, "redirect_uri": way_back }), "{server}");
    assert!(server["problem"].is_string(), "{server}");

    for change in [
        json!({ "url": format!("{}?x=1", desk.mcp.endpoint()) }),
        json!({ "url": desk.mcp.endpoint(), "auth": { "kind": CODE, "scope": "orders" } }),
        json!({ "auth": { "kind": "none" } }),
    ] {
        connect(&ana, desk, &id).await;
        assert!(desk.consent.alive() > 0);
        desk.advance(SECOND * 5);
        assert_eq!(ana.patch(&at, &change).await.status, 200, "{change}");
        desk.until("it is given back", || desk.consent.alive() == 0).await;
        assert_ne!(consent_of(&ana, &id).await["consent"]["connected"], json!(true), "{change}");
    }
    desk.advance(SECOND * 5);
    assert_eq!(ana.patch(&at, &json!({ "title": "Ours", "auth": { "kind": CODE } })).await.status, 200);
    connect(&ana, desk, &id).await;
    assert_eq!(ana.patch(&at, &json!({ "title": "Theirs" })).await.status, 200);
    assert_eq!(consent_of(&ana, &id).await["consent"]["connected"], true, "a title changes nothing");
    // Who gives access does not answer: it is dropped here all the same.
    desk.consent.bend(|about| drop(about.as_object_mut().unwrap().remove("revocation_endpoint")));
    connect(&ana, desk, &id).await;
    assert_eq!(ana.delete(&format!("{at}?force=true")).await.status, 204);
    assert!(!desk.dump().await.contains("\"mcp_grant\""));
});
