//! Tools of a business's own: access that is bought with client credentials, example calls, and what decisions see of them.

use frontdesk_testkit::{
    desk::{Shop, TestDesk},
    fakes::{Act, MCP_CLIENT},
    story,
};
use serde_json::{Value, json};

use crate::{
    approvals::{only, requests, rules},
    http_tools::results,
    people::{ANA, SECOND},
};

fn order(desk: &TestDesk) -> Value {
    json!({
        "name": "find_order", "description": "Finds an order by its number.",
        "parameters": { "number": { "type": "string", "required": true } },
        "request": { "method": "GET", "url": format!("{}/orders/{{number}}", desk.service.url()), "rest": "query", "timeout_ms": 2000 },
    })
}

/// Proves itself with a token of another service.
fn with_access(desk: &TestDesk, mut tool: Value) -> Value {
    tool["request"]["auth"] = json!({
        "kind": "client_credentials", "secret": "CLIENT", "token_url": desk.mcp.token_url(), "client_id": MCP_CLIENT.0,
    });
    tool
}

async fn secret(shop: &Shop<'_>, key: &str, name: &str, body: Value) {
    let set = shop.desk.json_as(key, "PUT", &format!("/api/v1/tools/secrets/{name}"), &body).await;
    assert_eq!(set.status, 204, "{}", set.text);
}

async fn client_secret(shop: &Shop<'_>, key: &str, value: &str) {
    let token_host = shop.desk.mcp.url().trim_start_matches("http://");
    secret(shop, key, "CLIENT", json!({ "host": shop.desk.service.host(), "token_host": token_host, "value": value })).await;
}

async fn made(desk: &TestDesk, key: &str, tool: &Value) -> Value {
    let made = desk.post_as(key, "/api/v1/tools", tool).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.json()
}

story!(a_token_is_bought_kept_and_bought_anew_once_when_it_is_refused, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    client_secret(&shop, &key, MCP_CLIENT.1).await;
    made(desk, &key, &with_access(desk, order(desk))).await;
    let tokens = |desk: &TestDesk| -> Vec<String> {
        desk.service.seen().iter().map(|r| r.header("authorization").unwrap_or_default().to_owned()).collect()
    };
    let call = async |number: &str| {
        desk.openai.call("find_order", json!({ "number": number }));
        shop.talk(ANA, &format!("hola {number}")).await
    };
    call("1").await;
    call("2").await;
    assert_eq!(tokens(desk), ["Bearer granted-1", "Bearer granted-1"]);
    desk.service.then(Act::json(401, &json!({ "error": "expired" })));
    desk.service.then(Act::json(200, &json!({ "you": "granted-2" })));
    let reply = call("3").await;
    assert_eq!(tokens(desk)[2..], ["Bearer granted-1", "Bearer granted-2"]);
    assert!(
        reply.contains("you") && !reply.contains("granted-2"),
        "a service that repeats our token does not get it told: {reply}"
    );
    for _ in 0..2 {
        desk.service.then(Act::json(401, &json!({})));
    }
    assert!(call("4").await.contains("refused our credentials"));
    assert_eq!((desk.service.seen().len(), desk.mcp.fetched()), (6, 3), "once, not again and again");
    desk.advance(SECOND * 3600);
    call("5").await;
    assert_eq!(tokens(desk).last().unwrap(), "Bearer granted-4", "an old token is not tried");
    client_secret(&shop, &key, "wrong").await;
    call("6").await;
    let told = results(&shop).await;
    assert!(!told[0].1 && told[0].2.contains("invalid_client"), "{told:?}");
    assert_eq!(desk.service.seen().len(), 7, "without a token nothing is asked");
    assert!(!desk.dump().await.contains("granted-4") && !desk.dump().await.contains(MCP_CLIENT.1));
});

story!(a_secret_that_buys_access_goes_nowhere_else, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    client_secret(&shop, &key, MCP_CLIENT.1).await;
    secret(&shop, &key, "PLAIN", json!({ "host": desk.service.host(), "value": "plain-secret" })).await;
    let mut far = with_access(desk, order(desk));
    far["request"]["auth"]["token_url"] = "https://login.example/token".into();
    let mut inside = with_access(desk, order(desk));
    inside["request"]["auth"]["token_url"] = "http://169.254.169.254/token".into();
    let mut plain = with_access(desk, order(desk));
    plain["request"]["auth"]["secret"] = "PLAIN".into();
    let mut bearer = order(desk);
    bearer["request"]["auth"] = json!({ "kind": "bearer", "secret": "CLIENT" });
    let mut query = order(desk);
    query["request"]["query"] = json!([{ "name": "key", "value": "{{secret.CLIENT}}" }]);
    let mut both = with_access(desk, order(desk));
    both["request"]["headers"] = json!([{ "name": "authorization", "value": "x" }]);
    let mut nobody = with_access(desk, order(desk));
    nobody["request"]["auth"]["client_id"] = "".into();
    for (tool, place) in [
        (far, "request.auth.secret"),
        (inside, "request.auth.token_url"),
        (plain, "request.auth.secret"),
        (bearer, "request.auth.secret"),
        (query, "request.query.0.value"),
        (both, "request.auth"),
        (nobody, "request.auth.client_id"),
    ] {
        let refused = desk.post_as(&key, "/api/v1/tools", &tool).await;
        let errors = refused.json()["errors"].to_string();
        assert!(refused.status == 422 && errors.contains(&format!("\"{place}\"")), "{place}: {}", refused.text);
    }
    let listed = desk.get_as(&key, "/api/v1/tools/secrets").await;
    assert!(listed.text.contains("token_host") && !listed.text.contains(MCP_CLIENT.1), "{}", listed.text);
    assert!(desk.service.seen().is_empty() && desk.mcp.seen().is_empty());
});

story!(a_secret_that_was_given_for_a_safe_connection_is_not_sent_in_clear, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    secret(&shop, &key, "SAFE", json!({ "host": "api.example.com", "value": "safe-secret" })).await;
    let mut tool = order(desk);
    tool["request"]["auth"] = json!({ "kind": "bearer", "secret": "SAFE" });
    tool["request"]["url"] = "https://api.example.com/orders/{number}".into();
    let kept = made(desk, &key, &tool).await;
    let path = format!("/api/v1/tools/{}", kept["id"].as_str().unwrap());
    tool["request"]["url"] = "http://api.example.com/orders/{number}".into();
    let change = async || desk.patch_as(&key, &path, &json!({ "request": tool["request"] })).await;
    let refused = change().await;
    assert!(refused.status == 422 && refused.text.contains("enter it again for api.example.com:80"), "{}", refused.text);
    // Whoever knows the secret may send it so.
    secret(&shop, &key, "SAFE", json!({ "host": "api.example.com:80", "value": "safe-secret" })).await;
    let moved = change().await;
    assert_eq!(moved.status, 200, "{}", moved.text);
});

story!(the_example_call_of_a_tool_tells_whether_its_service_answers, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let mut tool = order(desk);
    tool["test"] = true.into();
    assert_eq!(desk.post_as(&key, "/api/v1/tools", &tool).await.status, 422, "there is nothing to test with");
    tool["example"] = json!({ "number": 7 });
    let refused = desk.post_as(&key, "/api/v1/tools", &tool).await;
    assert!(refused.status == 422 && refused.text.contains("example"), "{}", refused.text);
    tool["example"] = json!({ "number": "7" });
    let kept = made(desk, &key, &tool).await;
    assert_eq!((&kept["probe"]["succeeded"], &kept["probe"]["outdated"]), (&json!(true), &json!(false)), "{kept}");
    assert_eq!(desk.service.seen()[0].path, "/orders/7");
    let path = format!("/api/v1/tools/{}", kept["id"].as_str().unwrap());
    desk.service.then(Act::json(503, &json!({ "at": "db.internal" })));
    let failed = desk.post_as(&key, &format!("{path}/probe"), &json!({})).await.json();
    assert!(failed["probe"]["succeeded"] == false && failed["probe"]["told"].as_str().unwrap().contains("503"), "{failed}");
    assert!(!failed["probe"].to_string().contains("internal"));
    let changed = desk.patch_as(&key, &path, &json!({ "title": "Orders" })).await.json();
    assert_eq!((&changed["probe"]["outdated"], &changed["probe"]["succeeded"]), (&json!(true), &json!(false)), "{changed}");
    let again = desk.patch_as(&key, &path, &json!({ "title": "Order", "test": true })).await.json();
    assert_eq!((&again["probe"]["outdated"], &again["probe"]["succeeded"]), (&json!(false), &json!(true)), "{again}");
    let without = desk.patch_as(&key, &path, &json!({ "example": null })).await.json();
    assert_eq!(without["example"], Value::Null);
    assert_eq!(desk.post_as(&key, &format!("{path}/probe"), &json!({})).await.status, 422);
    assert!(desk.get_as(&key, "/api/v1/audit").await.text.contains("tool.probe"));
});

story!(a_tool_that_cannot_be_tested_now_is_not_kept_half, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let mut tool = order(desk);
    tool["example"] = json!({ "number": "7" });
    let kept = made(desk, &key, &tool).await;
    let path = format!("/api/v1/tools/{}", kept["id"].as_str().unwrap());
    let tried = async || desk.post_as(&key, &format!("{path}/probe"), &json!({})).await.status;
    let mut tries = 0;
    while tried().await == 200 {
        tries += 1;
        assert!(tries < 20, "trials are bounded");
    }
    tool["name"] = "half_kept".into();
    tool["test"] = true.into();
    assert_eq!(desk.post_as(&key, "/api/v1/tools", &tool).await.status, 429);
    let change = desk.patch_as(&key, &path, &json!({ "title": "Half kept", "test": true })).await;
    assert_eq!(change.status, 429, "{}", change.text);
    let listed = desk.get_as(&key, "/api/v1/tools").await.text;
    assert!(!listed.contains("half_kept") && !listed.contains("Half kept"), "who is refused has changed nothing: {listed}");
    assert_eq!(desk.service.seen().len(), tries);
});

story!(rules_see_what_a_tool_says_of_itself, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let mut tool = order(desk);
    tool["name"] = "credit".into();
    tool["parameters"] = json!({
        "type": "object", "required": ["price"],
        "properties": { "price": { "type": "object", "properties": { "minor": { "type": "integer" } } } },
    });
    tool["request"]["method"] = "POST".into();
    tool["request"]["url"] = format!("{}/credits", desk.service.url()).into();
    tool["request"]["rest"] = "body".into();
    for (pointer, fits) in [("/nothing", false), ("price", false), ("/price/minor", true)] {
        tool["amount"] = pointer.into();
        assert_eq!(desk.post_as(&key, "/api/v1/tools", &tool).await.status == 201, fits, "{pointer}");
    }
    let id = desk.get_as(&key, "/api/v1/tools").await.json()["items"].as_array().unwrap().last().unwrap()["id"].clone();
    let path = format!("/api/v1/tools/{}", id.as_str().unwrap());
    rules(&shop, json!([{ "action": "credit", "level": "approval", "when": [{ "kind": "amount_over", "minor": 1000 }] }])).await;
    for (minor, asked) in [(600, 0), (600, 1)] {
        desk.openai.call("credit", json!({ "price": { "minor": minor } }));
        shop.talk(ANA, "abona 6 euros").await;
        assert_eq!(requests(&shop).await.len(), asked, "two amounts are counted together");
    }
    assert_eq!(desk.service.seen().len(), 1);
    // Without a rule, its own level decides; a rule about its category finds it.
    rules(&shop, json!([])).await;
    let put = desk.patch_as(&key, &path, &json!({ "level": "off", "category": "resource", "amount": null })).await;
    assert_eq!((put.json()["level"].clone(), put.json()["category"].clone()), (json!("off"), json!("resource")), "{}", put.text);
    desk.openai.call("credit", json!({ "price": { "minor": 1 } }));
    assert!(shop.talk(ANA, "abona más").await.contains("no se hace"));
    rules(&shop, json!([{ "action": "category:resource", "level": "automatic" }])).await;
    desk.openai.call("credit", json!({ "price": { "minor": 1 } }));
    shop.talk(ANA, "ahora sí").await;
    assert_eq!((desk.service.seen().len(), only(&shop).await.action.as_str()), (2, "credit"));
});
