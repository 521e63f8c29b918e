//! Our API as an MCP server, spoken to as its clients do; what it answers is held against the protocol's published schema.

use frontdesk_testkit::{
    contracts::Contracts,
    desk::{Answer, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::people::ANA;

const ACCEPT: (&str, &str) = ("accept", "application/json, text/event-stream");
const JSON: (&str, &str) = ("content-type", "application/json");

/// A request of an MCP client of the 2025 protocol, which needs no session here.
async fn rpc(desk: &TestDesk, key: &str, path: &str, method: &str, params: Value) -> Answer {
    let message = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
    desk.ask_as(key, "POST", path, &[ACCEPT, JSON, ("mcp-protocol-version", "2025-11-25")], message.to_string()).await
}

/// The result of an answer, which has to be one.
fn result(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let message = answer.json();
    assert_eq!((&message["jsonrpc"], &message["id"], &message["error"]), (&json!("2.0"), &json!(7), &Value::Null), "{message}");
    message["result"].clone()
}

fn is(kind: &str, value: &Value) {
    let Some(contracts) = Contracts::load() else { return };
    let mut schema = contracts.read("specs/mcp/schema-2025-11-25.json");
    schema["$ref"] = json!(format!("#/$defs/{kind}"));
    let schema = jsonschema::validator_for(&schema).expect("the protocol's schema");
    let wrong: Vec<String> = schema.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(wrong.is_empty(), "{kind}: {wrong:?}");
}

async fn call(desk: &TestDesk, key: &str, tool: &str, arguments: Value) -> Value {
    let called = result(&rpc(desk, key, "/mcp", "tools/call", json!({ "name": tool, "arguments": arguments })).await);
    is("CallToolResult", &called);
    called
}

story!(a_client_greets_lists_and_calls, |desk| async {
    let shop = desk.business("Luna").with_api().open().await;
    shop.talk(ANA, "hola").await;
    let key = shop.key(&["*"]).await;
    let client =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "a client", "version": "1" } });
    let greeted = result(&rpc(desk, &key, "/mcp", "initialize", client).await);
    is("InitializeResult", &greeted);
    assert_eq!((&greeted["serverInfo"]["name"], greeted["capabilities"].get("tools").is_some()), (&json!("frontdesk"), true));

    let all = result(&rpc(desk, &key, "/mcp", "tools/list", json!({})).await);
    is("ListToolsResult", &all);
    let some = result(&rpc(desk, &key, "/mcp?tags=contacts,tasks", "tools/list", json!({})).await);
    let count = |listed: &Value| listed["tools"].as_array().map_or(0, Vec::len);
    assert!(count(&some) > 10 && count(&all) > 2 * count(&some), "{} of {}", count(&some), count(&all));

    let listed = call(desk, &key, "get_contacts", json!({ "limit": 1 })).await;
    let contact = listed["structuredContent"]["items"][0]["id"].as_str().expect("Ana").to_owned();
    let change = json!({ "id": contact, "body": { "name": "Ana Ruiz" } });
    assert_ne!(call(desk, &key, "patch_contacts_id", change).await["isError"], json!(true));
    let shown = call(desk, &key, "get_contacts_id", json!({ "id": contact })).await;
    assert_eq!(shown["structuredContent"]["name"], json!("Ana Ruiz"));
});

story!(nobody_may_do_here_what_they_may_not_do_there, |desk| async {
    let luna = desk.business("Luna").with_api().open().await;
    let sol = desk.business("Sol").with_api().open().await;
    luna.talk(ANA, "hola").await;
    let contact = luna.contact(ANA).await.expect("Ana wrote").to_string();
    let (reader, stranger) = (luna.key(&["contact:read"]).await, sol.key(&["*"]).await);
    let refused = call(desk, &reader, "patch_contacts_id", json!({ "id": contact, "body": { "name": "X" } })).await;
    assert!(refused["isError"] == true && refused["content"][0]["text"].as_str().unwrap().contains("contact:write"), "{refused}");
    let foreign = call(desk, &stranger, "get_contacts_id", json!({ "id": contact })).await;
    assert!(foreign["isError"] == true && foreign["structuredContent"]["status"] == 404, "{foreign}");

    for key in ["", "fd_0000000000000000000000000000000000000000000"] {
        let nobody = rpc(desk, key, "/mcp", "tools/list", json!({})).await;
        assert_eq!((nobody.status, nobody.header("www-authenticate")), (401, "Bearer realm=\"frontdesk\""));
    }
    luna.hire("ana", "owner").await;
    let browser = desk.browser();
    browser.sign_in("ana@luna.example", frontdesk_testkit::desk::PASSWORD).await;
    assert_eq!(browser.post("/mcp", &json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" })).await.status, 403);
});

story!(what_is_no_call_is_said_to_be_none, |desk| async {
    let shop = desk.business("Luna").with_api().open().await;
    let key = shop.key(&["*"]).await;
    for (tool, arguments) in [
        ("drop_tables", json!({})),
        ("get_contacts_id", json!({})),
        ("get_contacts_id", json!({ "id": { "$ne": 1 } })),
        ("get_contacts_id", json!({ "id": ".." })),
        ("get_contacts_id", json!({ "id": "x", "tenant": "tnt_other" })),
        ("get_contacts", json!({ "limit": { "a": 1 } })),
    ] {
        let answer = rpc(desk, &key, "/mcp", "tools/call", json!({ "name": tool, "arguments": arguments })).await;
        assert_eq!(answer.json()["error"]["code"], json!(-32602), "{tool} {arguments}: {}", answer.text);
    }
    let sideways = call(desk, &key, "get_contacts_id", json!({ "id": "../conversations" })).await;
    assert_eq!(sideways["structuredContent"]["status"], json!(404));
    for (what, body) in [("no JSON", "{"), ("nothing", ""), ("a list", "[]"), ("no method", r#"{"jsonrpc":"2.0","id":1}"#)] {
        let answer = desk.ask_as(&key, "POST", "/mcp", &[ACCEPT, JSON], body).await;
        assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
    }
    let large = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{}"}}"#, "x".repeat(4 << 20));
    assert_eq!(desk.ask_as(&key, "POST", "/mcp", &[ACCEPT, JSON], large).await.status, 413);
});
