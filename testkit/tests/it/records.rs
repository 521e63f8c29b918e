//! Records of the business's own system: read, added, changed and deleted for a member, whose name goes with every request.

use frontdesk_testkit::{
    desk::{Setup, Shop, TestDesk},
    fakes::Act,
    story,
};
use serde_json::{Value, json};

use crate::{
    approvals::{approve, requests, rules},
    people::ANA,
};

fn with_records() -> Setup {
    Setup::new().records().live().with(|s| s.burst_wait = std::time::Duration::from_millis(40))
}

async fn open<'d>(desk: &'d TestDesk) -> Shop<'d> {
    let chosen = ["find_records", "create_record", "update_record", "delete_record"].map(str::to_owned).to_vec();
    desk.business("Luna").openai().agent(|a| a.spec.tools = Some(chosen)).with_api().open().await
}

async fn alone(shop: &Shop<'_>) {
    rules(shop, json!([{ "action": "category:resource", "level": "automatic" }])).await;
}

/// What a member's wish came to: the first action of it.
async fn wish(shop: &Shop<'_>, user: &str, tool: &str, arguments: Value) -> Value {
    shop.desk.openai.call(tool, arguments);
    shop.desk.openai.say("Hecho.");
    let key = shop.key(&["delegation:use"]).await;
    let headers = [("content-type", "application/json"), ("x-user-id", user)];
    let answer = shop.desk.ask_as(&key, "POST", "/agent/process", &headers, r#"{"message":"por favor"}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["actions"][0].clone()
}

story!(a_member_reads_and_changes_records_under_their_own_name, with_records(), |desk| async {
    let shop = open(desk).await;
    alone(&shop).await;
    let ana = shop.hire("ana", "admin").await.to_string();
    desk.service.then(Act::json(200, &json!({ "id": "inv-7", "total": 120 })));
    let found = wish(&shop, &ana, "find_records", json!({ "resource": "invoices", "id": "inv-7" })).await;
    assert_eq!((&found["state"], found["result"].as_str().unwrap().contains("120")), (&json!("executed"), true), "{found}");
    wish(&shop, &ana, "find_records", json!({ "resource": "invoices", "filter": { "state": "open & late", "page": 2 } })).await;
    wish(
        &shop,
        &ana,
        "create_record",
        json!({ "resource": "invoices", "fields": { "total": 5, "id": "x", "note": "{{secret.API_SERVER_KEY}}" } }),
    )
    .await;
    wish(&shop, &ana, "update_record", json!({ "resource": "invoices", "id": "inv-7", "fields": { "total": 6 } })).await;
    let seen = desk.service.seen();
    let asked: Vec<(String, String)> = seen.iter().map(|r| (r.method.clone(), r.path.clone())).collect();
    let asked: Vec<(&str, &str)> = asked.iter().map(|(m, p)| (m.as_str(), p.as_str())).collect();
    assert_eq!(
        asked,
        [("GET", "/v2/invoices/inv-7"), ("GET", "/v2/invoices"), ("POST", "/v2/invoices"), ("PATCH", "/v2/invoices/inv-7")]
    );
    assert_eq!(seen[1].query, "page=2&state=open+%26+late");
    assert_eq!(
        seen[2].json(),
        json!({ "total": 5, "id": "x", "note": "{{secret.API_SERVER_KEY}}" }),
        "what is written stays text"
    );
    assert_eq!(seen[3].json(), json!({ "total": 6 }));
    for request in &seen {
        assert_eq!(request.header("authorization"), Some("Bearer records-key"));
        assert_eq!(
            (request.header("x-user-id"), request.header("x-tenant-id")),
            (Some(&*ana), Some(shop.scope.tenant().as_str()))
        );
    }
});

story!(nothing_leaves_that_may_not_and_a_deletion_is_approved_first, with_records(), |desk| async {
    let shop = open(desk).await;
    alone(&shop).await;
    let (ana, vera) = (shop.hire("ana", "admin").await.to_string(), shop.hire("vera", "viewer").await.to_string());
    let sara = shop.hire("sara", "staff").await.to_string();
    for (user, tool, arguments, rule) in [
        (&ana, "find_records", json!({ "resource": "../admin" }), "arguments"),
        (&ana, "find_records", json!({ "resource": "a", "id": "x/../../y" }), "arguments"),
        (&ana, "create_record", json!({ "resource": "a", "fields": { "a b": 1 } }), "arguments"),
        (&ana, "update_record", json!({ "resource": "a", "fields": {} }), "arguments"),
        (&vera, "find_records", json!({ "resource": "invoices" }), "permission"),
        (&sara, "delete_record", json!({ "resource": "invoices", "id": "1" }), "permission"),
    ] {
        let action = wish(&shop, user, tool, arguments.clone()).await;
        assert_eq!((&action["state"], &action["rule"]), (&json!("refused"), &json!(rule)), "{tool} {arguments}: {action}");
    }
    assert!(desk.service.seen().is_empty());
    // The floor holds although the rule says otherwise.
    let waiting = wish(&shop, &ana, "delete_record", json!({ "resource": "invoices", "id": "inv-7" })).await;
    assert_eq!((&waiting["state"], &waiting["level"]), (&json!("pending"), &json!("approval")));
    assert!(desk.service.seen().is_empty());
    assert_eq!(requests(&shop).await.len(), 1);
    desk.openai.say("Borrada.");
    approve(&shop).await;
    for _ in 0..200 {
        if !desk.service.seen().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let seen = desk.service.seen();
    assert_eq!((seen.len(), seen[0].method.as_str(), seen[0].path.as_str()), (1, "DELETE", "/v2/invoices/inv-7"));
});

story!(a_customer_gets_no_records_and_a_server_without_them_has_no_such_tool, Setup::new().records(), |desk| async {
    let shop = open(desk).await;
    desk.openai.call("find_records", json!({ "resource": "invoices" }));
    desk.openai.say("No puedo.");
    shop.talk(ANA, "muéstrame las facturas").await;
    let asked = desk.openai.asked().pop().unwrap();
    let told = asked["messages"].as_array().unwrap().last().unwrap().to_string();
    assert!(told.contains("solo se hace para alguien del equipo"), "{told}");
    assert!(desk.service.seen().is_empty());
});
