//! Who gives access: a client's secret is for whom it was used with, another is believed only by a new consent, and what was answered for one
//! server's question is nothing for another's.

use frontdesk_engine::mcp::keep;
use frontdesk_kernel::{Secret, ids::McpServerId, mcp::McpServer};
use frontdesk_store::{
    mcp::{self, Kept},
    work,
};
use frontdesk_testkit::{
    desk::{Browser, TestDesk},
    fakes::{Act, CONSENT_CLIENT},
    story,
};
use serde_json::{Value, json};

use crate::{
    mcp_client::approve,
    mcp_consent::{CODE, ask, bent, connect, consented, entered, person},
    mcp_consent_calls::{call, connected, consent_of},
    people::SECOND,
};

/// Whom the server names as givers of access.
fn name(desk: &TestDesk, givers: &[&str]) {
    let givers = json!(givers);
    desk.mcp.describe(move |told| told["authorization_servers"] = givers);
}

async fn change(browser: &Browser<'_>, desk: &TestDesk, id: &str, change: Value) -> Value {
    desk.advance(SECOND * 5);
    let changed = browser.patch(&format!("/api/v1/mcp-servers/{id}"), &change).await;
    assert_eq!(changed.status, 200, "{change}: {}", changed.text);
    changed.json()
}

/// It is asked for access, and refuses, because somebody else would see the secret.
async fn refuses(browser: &Browser<'_>, desk: &TestDesk, id: &str) {
    let refused = ask(browser, desk, id).await;
    assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("another_giver")), "{}", refused.text);
    assert!(refused.text.contains("tenant1") && refused.text.contains("tenant2"), "{}", refused.text);
}

story!(a_clients_secret_is_for_whom_it_was_used_with, |desk| async {
    let shop = desk.business("Luna").open().await;
    let ana = person(&shop, "ana", "admin").await;
    let auth = json!({ "kind": CODE, "client_id": CONSENT_CLIENT.0, "scope": "orders offline_access" });
    let id = entered(&ana, desk, auth.clone()).await;
    desk.consent.knows_us(&format!("{}/oauth/mcp/callback/{id}", desk.url));
    let (one, two) = (desk.consent.issuer().to_owned(), desk.consent.issuer().replace("tenant1", "tenant2"));
    connect(&ana, desk, &id).await;
    name(desk, &[&two]);
    refuses(&ana, desk, &id).await;
    assert_eq!(consent_of(&ana, &id).await["consent"]["connected"], true, "nothing was lost by asking");
    // Neither a farewell nor another scope makes it somebody else's.
    assert_eq!(ana.delete(&format!("/api/v1/mcp-servers/{id}/authorize")).await.status, 204);
    refuses(&ana, desk, &id).await;
    let narrow = json!({ "kind": CODE, "client_id": CONSENT_CLIENT.0, "scope": "orders" });
    assert_eq!(change(&ana, desk, &id, json!({ "auth": narrow })).await["has_secret"], true);
    refuses(&ana, desk, &id).await;
    change(&ana, desk, &id, json!({ "title": "Ours" })).await;
    refuses(&ana, desk, &id).await;
    assert_eq!(desk.consent.asked().redeemed, 1, "the secret went nowhere");
    // It was asked for already, but nobody answered: the first one asked is the one.
    name(desk, &[&one]);
    connect(&ana, desk, &id).await;

    // A secret that was entered anew is for whom it is used with then. A question from before is none of it.
    let before = consented(&ana, desk, &id).await;
    change(&ana, desk, &id, json!({ "secret": CONSENT_CLIENT.1 })).await;
    let stale = ana.get(&before).await;
    assert!(stale.status == 409 && stale.text.contains("changed meanwhile"), "{}: {}", stale.status, stale.text);
    assert_eq!(desk.consent.asked().redeemed, 2);
    name(desk, &[&two]);
    let back = consented(&ana, desk, &id).await;
    name(desk, &[&one]);
    refuses(&ana, desk, &id).await;
    assert_eq!(ana.get(&bent(&back, "iss", &two)).await.status, 303);
    assert_eq!(consent_of(&ana, &id).await["consent"]["issuer"], two);

    // The secret of one client is not another's.
    let other = json!({ "kind": CODE, "client_id": "another", "scope": "orders" });
    assert_eq!(change(&ana, desk, &id, json!({ "auth": other })).await["has_secret"], false);
});

story!(who_renews_proves_itself_with_the_secret_of_now, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let ana = person(&shop, "ana", "admin").await;
    let id = entered(&ana, desk, json!({ "kind": CODE, "client_id": CONSENT_CLIENT.0, "scope": "orders offline_access" })).await;
    desk.consent.knows_us(&format!("{}/oauth/mcp/callback/{id}", desk.url));
    connect(&ana, desk, &id).await;
    approve(&shop, &id, |_| json!({ "level": "automatic" })).await;
    // Another process has the same secret sealed anew, and asks the giver with it; what this one has in memory is from in between.
    let (s, server) = (shop.scope.clone(), McpServerId::parse(&id).unwrap());
    let kept = desk.engine.db.read(&shop.scope, work!(tx => mcp::server(tx, &s, &server).await)).await.unwrap().unwrap();
    let sealed = keep::sealed(&desk.engine, &shop.scope, &kept.server, &Secret::new(CONSENT_CLIENT.1));
    let issuer = kept.sealed_for.clone().unwrap();
    let updated_at = desk.now().plus(SECOND);
    let anew = Kept { sealed: Some(sealed.clone()), server: McpServer { updated_at, ..kept.server }, sealed_for: None };
    let s = shop.scope.clone();
    assert!(desk.engine.db.write(&shop.scope, work!(tx => mcp::change(tx, &s, &anew).await)).await.unwrap());
    desk.advance(SECOND * 60);
    assert!(call(&shop, 1).await.0);
    let (s, server) = (shop.scope.clone(), McpServerId::parse(&id).unwrap());
    let shown = desk.engine.db.write(&shop.scope, work!(tx => mcp::show_only(tx, &s, &server, &sealed, &issuer).await));
    assert!(shown.await.unwrap());
    desk.advance(SECOND * 3600);
    let (ok, told) = call(&shop, 2).await;
    assert!(ok && desk.consent.asked().renewed == 1, "{told}");
});

story!(a_new_consent_takes_nothing_away_before_it_is_given, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let (ana, id) = connected(&shop).await;
    let (one, two) = (desk.consent.issuer().to_owned(), desk.consent.issuer().replace("tenant1", "tenant2"));
    let access = desk.consent.alive();
    // Who gave access does not answer now: nobody else is asked in their place.
    let away = format!("{}/giver", desk.service.url());
    for act in [Act::json(503, &json!({})), Act::Cut] {
        desk.service.then(act);
        name(desk, &[&away, &two]);
        let refused = ask(&ana, desk, &id).await;
        assert_eq!((refused.status, &refused.json()["code"]), (409, &json!("no_way_in")), "{}", refused.text);
    }
    assert_eq!(desk.service.seen().len(), 2);
    // They are asked first, wherever they stand.
    name(desk, &[&two, &one]);
    connect(&ana, desk, &id).await;
    assert_eq!((consent_of(&ana, &id).await["consent"]["issuer"].clone(), desk.consent.asked().registered), (json!(one), 1));
    assert!(call(&shop, 0).await.0, "what was just given stands");
    let log = ana.get("/api/v1/audit").await.text;
    assert_eq!(log.matches("\"replaces\"").count(), 1, "{log}");

    // Another one is named: what there is stays until a person consents there.
    name(desk, &[&two]);
    let back = consented(&ana, desk, &id).await;
    assert_eq!(ana.get(&bent(&bent(&back, "iss", &two), "error", "access_denied")).await.status, 200);
    let back = consented(&ana, desk, &id).await;
    let consent = consent_of(&ana, &id).await["consent"].clone();
    assert!(consent["connected"] == true && consent["issuer"] == one && call(&shop, 1).await.0, "{consent}");
    assert_eq!(ana.get(&bent(&back, "iss", &two)).await.status, 303);
    assert_eq!(consent_of(&ana, &id).await["consent"]["issuer"], two);
    desk.until("what was there before is given back", || desk.consent.alive() == access).await;
    assert!(call(&shop, 2).await.0 && shop.tasks().await.is_empty());
});

story!(an_answer_comes_back_to_the_server_whose_question_it_was, |desk| async {
    let shop = desk.business("Luna").open().await;
    let ana = person(&shop, "ana", "admin").await;
    let id = entered(&ana, desk, json!({ "kind": CODE })).await;
    let other = json!({ "name": "other", "url": format!("{}?other", desk.mcp.endpoint()), "auth": { "kind": CODE } });
    let other = ana.post("/api/v1/mcp-servers", &other).await.json()["id"].as_str().unwrap().to_owned();
    // Who does not say who it is cannot be told from another by its answer.
    desk.consent.bend(|about| drop(about.as_object_mut().unwrap().remove("authorization_response_iss_parameter_supported")));
    desk.consent.speak_as("");
    let back = consented(&ana, desk, &id).await;
    for (elsewhere, status, word) in
        [(back.replace(&id, &other), 502, "cannot be trusted"), (back.replace(&id, "mcp_nobody"), 410, "not good any more")]
    {
        let told = ana.get(&elsewhere).await;
        assert!(told.status == status && told.text.contains(word), "{elsewhere}: {} {}", told.status, told.text);
    }
    assert_eq!(desk.consent.asked().redeemed, 0, "no code went anywhere");
    for server in [&id, &other] {
        assert_eq!(consent_of(&ana, server).await["consent"]["connected"], false);
    }
    assert_eq!(ana.get(&back).await.status, 410, "it was answered");
    connect(&ana, desk, &id).await;
});
