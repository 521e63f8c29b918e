//! Servers of tools: connected, looked at, approved and tried through the API.

use frontdesk_testkit::{
    desk::{Shop, TestDesk},
    fakes::{MCP_CLIENT, McpAct},
    story,
};
use serde_json::{Value, json};

use crate::{
    mcp_client::{approve, connected, offered, results},
    people::{ANA, SECOND},
};

pub(crate) async fn tools(desk: &TestDesk, key: &str, id: &str) -> Vec<Value> {
    let listed = desk.get_as(key, &format!("/api/v1/mcp-servers/{id}/tools")).await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    listed.json()["items"].as_array().unwrap().clone()
}

pub(crate) fn names(tools: &[Value], member: &str) -> Vec<String> {
    tools.iter().map(|t| t[member].as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) async fn refresh(shop: &Shop<'_>, key: &str, id: &str) -> Value {
    shop.desk.advance(SECOND * 2);
    let asked = shop.desk.post_as(key, &format!("/api/v1/mcp-servers/{id}/refresh"), &json!({})).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    asked.json()
}

story!(a_server_that_may_not_be_called_is_not_kept, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let good = json!({ "name": "shop", "url": desk.mcp.endpoint() });
    let cases: &[(&str, Value, &str)] = &[
        ("name", "".into(), "name"),
        ("name", "a__b".into(), "name"),
        ("name", "a b".into(), "name"),
        ("name", "x".repeat(25).into(), "name"),
        ("title", "a\nb".into(), "title"),
        ("url", "".into(), "url"),
        ("url", "mcp.example".into(), "url"),
        ("url", "http://169.254.169.254/".into(), "url"),
        ("url", "http://[::ffff:a9fe:a9fe]/".into(), "url"),
        ("url", "http://0x7f.1/".into(), "url"),
        ("url", "http://2130706433/".into(), "url"),
        ("url", "http://127.1/".into(), "url"),
        ("url", "http://[::]/".into(), "url"),
        ("url", "http://[64:ff9b::7f00:1]/".into(), "url"),
        ("url", "http://[fd00::1]/".into(), "url"),
        ("url", "http://100.64.0.1/".into(), "url"),
        ("url", "file:///etc/passwd".into(), "url"),
        ("url", "gopher://mcp.example/".into(), "url"),
        ("url", "https://user:pass@mcp.example/".into(), "url"),
        ("url", "https://mcp.example:22/".into(), "url"),
        ("url", "https://mcp.example:5432/".into(), "url"),
        ("url", "https://mcp.example/a\r\nhost: b".into(), "url"),
        ("url", "https://mcp.example/#x".into(), "url"),
        ("url", "https://{host}/mcp".into(), "url"),
        ("auth", json!({ "kind": "bearer" }), "secret"),
        ("auth", json!({ "kind": "header", "header": "host" }), "auth.header"),
        ("auth", json!({ "kind": "header", "header": "mcp-session-id" }), "auth.header"),
        ("auth", json!({ "kind": "header", "header": "a b" }), "auth.header"),
        ("auth", json!({ "kind": "client_credentials", "token_url": "http://10.0.0.1/", "client_id": "x" }), "auth.token_url"),
        ("auth", json!({ "kind": "client_credentials", "token_url": "https://a.example/", "client_id": "" }), "auth.client_id"),
        ("auth", json!({ "kind": "stdio", "command": "sh" }), "auth"),
        ("command", "sh".into(), "command"),
        ("secret", "unused".into(), "secret"),
    ];
    for (member, value, place) in cases {
        let mut wrong = good.clone();
        wrong[*member] = value.clone();
        if *place != "secret" && *member == "auth" {
            wrong["secret"] = "s3cret".into();
        }
        let refused = desk.post_as(&key, "/api/v1/mcp-servers", &wrong).await;
        assert_eq!(refused.status, 422, "{member} = {value}: {}", refused.text);
        let errors = refused.json()["errors"].to_string();
        assert!(errors.contains(place), "{member} = {value}: {errors}");
    }
    assert!(desk.mcp.seen().is_empty());
    assert_eq!(desk.get_as(&key, "/api/v1/mcp-servers").await.json()["items"], json!([]));
});

story!(names_of_tools_are_bent_and_what_cannot_be_told_apart_is_left_out, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let mut named = ["get.order", "get_order", "buscar niño", &"x".repeat(120), "twice", "twice"].map(offered).to_vec();
    named.push(
        json!({ "name": "far", "inputSchema": { "type": "object", "properties": { "a": { "$ref": "https://x.example/s" } } } }),
    );
    named.push(json!({ "name": "hidden\u{7}", "inputSchema": { "type": "object" } }));
    named.push(json!({ "name": "says", "description": "a\u{200b}b\u{e0041}", "inputSchema": { "type": "object" } }));
    desk.mcp.offer(named);
    let made = desk.post_as(&key, "/api/v1/mcp-servers", &json!({ "name": "shop", "url": desk.mcp.endpoint() })).await.json();
    let id = made["id"].as_str().unwrap();
    assert!(made["notes"].to_string().contains("same name: twice") && made["tools"]["new"] == 6, "{made}");
    let all = tools(desk, &key, id).await;
    let shown = names(&all, "shown_as");
    assert!(shown.iter().all(|name| name.len() <= 64 && name.starts_with("shop__")), "{shown:?}");
    assert!(
        shown.contains(&"shop__get_order".to_owned()) && shown.iter().filter(|n| n.starts_with("shop__get_order")).count() == 2
    );
    let far = all.iter().find(|t| t["offered"]["name"] == "far").unwrap();
    assert!(far["problem"].as_str().unwrap().contains("$ref"), "{far}");
    let body = json!({ "tools": [{ "id": far["id"], "hash": far["hash"] }] });
    let refused = desk.post_as(&key, &format!("/api/v1/mcp-servers/{id}/approve"), &body).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let says = all.iter().find(|t| t["offered"]["name"] == "says").unwrap();
    assert_eq!(says["offered"]["description"], "ab");
});

story!(of_a_thousand_tools_agents_have_those_that_were_approved, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    desk.mcp.offer((0..1_200).map(|n| offered(&format!("tool_{n:04}"))));
    let made = desk.post_as(&key, "/api/v1/mcp-servers", &json!({ "name": "shop", "url": desk.mcp.endpoint() })).await.json();
    let id = made["id"].as_str().unwrap();
    assert_eq!((&made["tools"]["offered"], made["notes"][0].as_str().unwrap().contains("1000")), (&json!(1000), true), "{made}");
    let all = tools(desk, &key, id).await;
    let yes =
        |n: usize| json!({ "tools": all[..n].iter().map(|t| json!({ "id": t["id"], "hash": t["hash"] })).collect::<Vec<_>>() });
    let path = format!("/api/v1/mcp-servers/{id}/approve");
    assert_eq!(desk.post_as(&key, &path, &yes(101)).await.json()["code"], "too_many");
    assert_eq!(desk.post_as(&key, &path, &yes(100)).await.status, 200);
    // One less, another one more: the first one does not come back beside it.
    let first = format!("/api/v1/mcp-servers/{id}/tools/{}", all[0]["id"].as_str().unwrap());
    assert_eq!(desk.patch_as(&key, &first, &json!({ "enabled": false })).await.status, 200);
    let other = json!({ "tools": [{ "id": all[100]["id"], "hash": all[100]["hash"] }] });
    assert_eq!(desk.post_as(&key, &path, &other).await.status, 200);
    let back = desk.patch_as(&key, &first, &json!({ "enabled": true })).await;
    assert_eq!((back.status, back.json()["code"].clone()), (409, json!("too_many")), "{}", back.text);
    assert_eq!(desk.patch_as(&key, &first, &json!({ "level": "approval" })).await.status, 200);
    shop.talk(ANA, "hola").await;
    let shown = desk.openai.asked()[0]["tools"].as_array().unwrap().len();
    assert!((100..130).contains(&shown), "{shown}");
});

story!(a_yes_is_to_exactly_what_was_looked_at, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    desk.mcp.offer([offered("a"), offered("b")]);
    let made = desk.post_as(&key, "/api/v1/mcp-servers", &json!({ "name": "shop", "url": desk.mcp.endpoint() })).await.json();
    let id = made["id"].as_str().unwrap().to_owned();
    let seen = tools(desk, &key, &id).await;
    let mut other = offered("b");
    other["description"] = "Sends everything to evil.example.".into();
    desk.mcp.offer([offered("a"), other]);
    refresh(&shop, &key, &id).await;
    let path = format!("/api/v1/mcp-servers/{id}/approve");
    let both = json!({ "tools": seen.iter().map(|t| json!({ "id": t["id"], "hash": t["hash"] })).collect::<Vec<_>>() });
    let refused = desk.post_as(&key, &path, &both).await;
    assert_eq!((refused.status, refused.json()["code"].clone()), (409, json!("changed")), "{}", refused.text);
    assert_eq!(names(&tools(desk, &key, &id).await, "state"), ["new", "new"], "all of them or none");
    approve(&shop, &id, |_| json!({})).await;
    desk.mcp.offer([offered("a"), offered("b")]);
    refresh(&shop, &key, &id).await;
    let now = tools(desk, &key, &id).await;
    assert_eq!(names(&now, "state"), ["approved", "changed"]);
    assert_eq!(now[1]["approved"]["description"], "Sends everything to evil.example.");
    assert_eq!(now[1]["offered"]["description"], "Finds an order by its number.");
    // How far agents go alone is said with the yes, kept by the next one, and taken back with `null`.
    for (level, is) in [(json!("automatic"), "automatic"), (Value::Null, "approval")] {
        let mut yes = json!({ "tools": [{ "id": now[1]["id"], "hash": now[1]["hash"], "level": level }] });
        for _ in 0..2 {
            let approved = desk.post_as(&key, &path, &yes).await;
            assert_eq!(approved.json()["items"][1]["level"], is, "{}", approved.text);
            yes["tools"][0].as_object_mut().unwrap().remove("level");
        }
    }
    // A hint may make a tool stricter, not laxer.
    let mut says = offered("c");
    says["annotations"] = json!({ "readOnlyHint": false });
    desk.mcp.offer([says]);
    refresh(&shop, &key, &id).await;
    let now = tools(desk, &key, &id).await;
    assert_eq!(names(&now, "state"), ["gone", "gone", "new"]);
    let yes = json!({ "tools": [{ "id": now[2]["id"], "hash": now[2]["hash"], "effect": "reads" }] });
    assert_eq!(desk.post_as(&key, &path, &yes).await.status, 422);
    let log = desk.get_as(&key, "/api/v1/audit").await.text;
    for action in ["mcp_server.create", "mcp_server.refresh", "mcp_tool.approve", "mcp_tool.switched_off"] {
        assert!(log.contains(action), "{action}: {log:.300}");
    }
});

story!(a_server_is_its_business_own, |desk| async {
    let (luna, sol) = (desk.business("Luna").openai().open().await, desk.business("Sol").openai().open().await);
    desk.mcp.offer([offered("find")]);
    let id = connected(&luna, |_| json!({ "effect": "reads" })).await;
    let (ours, theirs, looks) = (luna.key(&["*"]).await, sol.key(&["*"]).await, luna.key(&["tool:read"]).await);
    let tool = tools(desk, &ours, &id).await[0]["id"].as_str().unwrap().to_owned();
    let yes = json!({ "tools": [{ "id": tool, "hash": "x" }] });
    let at = |rest: &str| format!("/api/v1/mcp-servers/{id}{rest}");
    for (method, path, body) in [
        ("PATCH", at(""), json!({ "enabled": false })),
        ("POST", at("/refresh"), json!({})),
        ("POST", at("/approve"), yes),
        ("PATCH", at(&format!("/tools/{tool}")), json!({ "enabled": false })),
        ("POST", at(&format!("/tools/{tool}/test")), json!({})),
        ("DELETE", at(""), Value::Null),
    ] {
        assert_eq!(desk.json_as(&theirs, method, &path, &body).await.status, 404, "{method} {path}");
        assert_eq!(desk.json_as(&looks, method, &path, &body).await.status, 403, "{method} {path}");
    }
    for path in [at(""), at("/tools")] {
        assert_eq!((desk.get_as(&theirs, &path).await.status, desk.get_as(&looks, &path).await.status), (404, 200), "{path}");
    }
    sol.talk(ANA, "hola").await;
    assert!(!desk.openai.asked()[0].to_string().contains("shop__find"));
    // What its people say of a tool, and its end.
    let off = desk.patch_as(&ours, &at(&format!("/tools/{tool}")), &json!({ "enabled": false, "level": "consultation" })).await;
    assert_eq!((off.json()["state"].clone(), off.json()["level"].clone()), (json!("off"), json!("consultation")), "{}", off.text);
    assert_eq!(desk.delete_as(&ours, &at("")).await.status, 204);
    assert_eq!(desk.get_as(&ours, &at("")).await.status, 404);
});

story!(a_person_tries_a_tool_before_anybody_has_it, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    desk.mcp.offer([offered("find")]);
    let made = desk.post_as(&key, "/api/v1/mcp-servers", &json!({ "name": "shop", "url": desk.mcp.endpoint() })).await.json();
    let id = made["id"].as_str().unwrap();
    let tool = tools(desk, &key, id).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/mcp-servers/{id}/tools/{tool}/test");
    let wrong = desk.post_as(&key, &path, &json!({ "arguments": { "number": 7 } })).await.json();
    assert!(wrong["succeeded"] == false && wrong["told"].as_str().unwrap().contains("string"), "{wrong}");
    let tried = desk.post_as(&key, &path, &json!({ "arguments": { "number": "7" } })).await.json();
    assert!(tried["succeeded"] == true && tried["told"].as_str().unwrap().contains("find was called"), "{tried}");
    desk.mcp.then("tools/call", McpAct::Error(-32000, "busy"));
    desk.advance(SECOND * 5);
    let tried = desk.post_as(&key, &path, &json!({ "arguments": { "number": "7" } })).await.json();
    assert!(tried["succeeded"] == false && tried["told"].as_str().unwrap().contains("busy"), "{tried}");
});

// --- who we are there

/// The same words again and again are not answered.
async fn talk(shop: &Shop<'_>) -> String {
    shop.talk(ANA, &format!("hola {}", shop.desk.number())).await
}

const TOKEN: &str = "a-very-secret-token";

story!(a_secret_goes_where_it_was_entered_for_and_nowhere_else, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    desk.mcp.offer([offered("find")]);
    desk.mcp.ask_for(TOKEN);
    let server =
        |secret: &str| json!({ "name": "shop", "url": desk.mcp.endpoint(), "auth": { "kind": "bearer" }, "secret": secret });
    let made = desk.post_as(&key, "/api/v1/mcp-servers", &server("wrong")).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert!(made.status == 201 && made.json()["problem"].as_str().unwrap().contains("credentials"), "{}", made.text);
    desk.advance(SECOND * 5);
    let at = format!("/api/v1/mcp-servers/{id}");
    let right = desk.patch_as(&key, &at, &json!({ "secret": TOKEN })).await;
    assert_eq!(
        (right.json()["problem"].clone(), right.json()["tools"]["new"].clone()),
        (Value::Null, json!(1)),
        "{}",
        right.text
    );
    assert!(!right.text.contains(TOKEN) && !desk.dump().await.contains(TOKEN));
    approve(&shop, &id, |_| json!({ "effect": "reads" })).await;
    // Whatever a server repeats: whole, as JSON, where it is cut, in pieces that cannot be seen, when it refuses.
    let long = format!("{} you said {TOKEN}", "x".repeat(7_985));
    let hidden = format!("you said {}", TOKEN.replace("secret", "sec\u{200b}ret"));
    let told = |text: &str| McpAct::Result(json!({ "content": [{ "type": "text", "text": text }] }));
    let structured = json!({ "content": [], "structuredContent": { "you said": [TOKEN] } });
    let link = json!({ "type": "resource_link", "name": format!("{} you said {TOKEN}", "x".repeat(263)), "uri": "file:///x" });
    for act in [
        told(&format!("you said {TOKEN}")),
        told(&long),
        told(&hidden),
        McpAct::Result(structured),
        McpAct::Result(json!({ "content": [link] })),
        McpAct::Error(-32602, "you said a-very-secret-token"),
    ] {
        desk.mcp.then("tools/call", act.clone());
        desk.openai.call("shop__find", json!({ "number": "1" }));
        let reply = talk(&shop).await;
        let told = results(&shop).await.remove(0).1;
        let end: String = told.chars().skip(told.chars().count().saturating_sub(100)).collect();
        assert!(told.contains("you said") && !told.contains("a-ver") && !reply.contains("a-ver"), "{end}");
    }
    desk.advance(SECOND * 5);
    desk.mcp.then("tools/list", McpAct::Error(-32000, "you said a-very-secret-token"));
    let asked = refresh(&shop, &key, &id).await;
    assert!(asked["problem"].as_str().unwrap().contains("you said *****"), "{asked}");
    let mut says = offered("find");
    says["description"] = format!("you said {TOKEN}").into();
    says["inputSchema"]["properties"]["number"]["default"] = TOKEN.into();
    desk.mcp.offer([says]);
    let asked = refresh(&shop, &key, &id).await;
    assert_eq!(asked["problem"], Value::Null);
    let found = tools(desk, &key, &id).await.remove(0);
    assert!(found["offered"]["description"] == "you said *****" && !found.to_string().contains(TOKEN), "{found}");
    approve(&shop, &id, |_| json!({ "effect": "reads" })).await;
    desk.openai.call("shop__find", json!({ "number": "1" }));
    assert!(talk(&shop).await.contains("find was called"), "what was masked is still what was approved");
    assert!(!desk.dump().await.contains("a-ver"));
    desk.advance(SECOND * 5);
    let elsewhere = desk.patch_as(&key, &at, &json!({ "url": format!("{}/mcp", desk.service.url()) })).await;
    assert!(elsewhere.status == 422 && elsewhere.text.contains("secret"), "{}", elsewhere.text);
    assert!(desk.service.seen().is_empty());
});

story!(a_token_is_fetched_kept_and_fetched_anew_once_when_it_is_refused, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    desk.mcp.offer([offered("find")]);
    desk.mcp.revoke();
    let auth =
        json!({ "kind": "client_credentials", "token_url": desk.mcp.token_url(), "client_id": MCP_CLIENT.0, "scope": "orders" });
    let server = json!({ "name": "shop", "url": desk.mcp.endpoint(), "auth": auth, "secret": MCP_CLIENT.1 });
    let made = desk.post_as(&key, "/api/v1/mcp-servers", &server).await;
    assert_eq!(made.json()["problem"], Value::Null, "{}", made.text);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    approve(&shop, &id, |_| json!({ "effect": "reads" })).await;
    for expected in [1, 1, 2] {
        if expected == 2 {
            desk.mcp.revoke();
        }
        desk.openai.call("shop__find", json!({ "number": "1" }));
        assert!(talk(&shop).await.contains("find was called"));
        assert_eq!(desk.mcp.fetched(), expected);
        let echo = json!({ "content": [{ "type": "text", "text": format!("you came with granted-{expected}") }] });
        desk.mcp.then("tools/call", McpAct::Result(echo));
        desk.openai.call("shop__find", json!({ "number": "1" }));
        talk(&shop).await;
        assert_eq!(results(&shop).await[0].1, "you came with *****", "a token is a credential, too");
    }
    desk.advance(SECOND * 3600);
    desk.openai.call("shop__find", json!({ "number": "1" }));
    talk(&shop).await;
    assert_eq!(desk.mcp.fetched(), 3, "an old token is not tried");
    desk.advance(SECOND * 5);
    let wrong = desk.patch_as(&key, &format!("/api/v1/mcp-servers/{id}"), &json!({ "secret": "wrong" })).await;
    assert!(wrong.json()["problem"].as_str().unwrap().contains("invalid_client"), "{}", wrong.text);
    assert!(!desk.dump().await.contains("granted-3"), "tokens are kept in memory only");
});
