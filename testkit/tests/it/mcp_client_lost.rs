//! What an answer that is lost, refused in the protocol's own way, or followed by a slow goodbye means for a call of a server's tool.

use frontdesk_testkit::{
    desk::{BURST, Shop},
    fakes::{McpAct, Reply},
    story,
};
use serde_json::{Value, json};

use crate::{
    mcp_client::{connected, offered, ordering, results},
    people::ANA,
};

fn page(status: u16, body: &Value) -> McpAct {
    McpAct::Answer { status, kind: "application/json", body: body.to_string() }
}

fn error(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

/// One call, as the model would make it: outcome and what it read.
async fn called(shop: &Shop<'_>, tool: &str) -> (String, String) {
    shop.desk.openai.call(tool, json!({ "what": "1" }));
    shop.talk(ANA, &format!("pide uno: {}", shop.desk.number())).await;
    let (_, content, outcome) = results(shop).await.remove(0);
    (outcome, content)
}

story!(a_repeat_that_is_refused_does_not_make_a_lost_write_undone, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.mcp.offer([ordering("order")]);
    connected(&shop, |_| json!({ "level": "automatic", "repeatable": true })).await;
    let mut other = ordering("order");
    other["description"] = "Orders something else.".into();
    let list = |tool: Value| McpAct::Result(json!({ "tools": [tool] }));
    let refusals = [
        ("tools/call", McpAct::Error(-32602, "Invalid params")),
        ("tools/call", page(429, &json!({}))),
        ("tools/call", page(401, &json!({}))),
        ("tools/list", list(other)),
    ];
    for (n, (method, refusal)) in refusals.into_iter().enumerate() {
        desk.mcp.then("tools/call", McpAct::Cut);
        if method == "tools/list" {
            desk.mcp.then(method, list(ordering("order")));
        }
        desk.mcp.then(method, refusal.clone());
        let (outcome, content) = called(&shop, "shop__order").await;
        assert_eq!(outcome, "unknown", "{refusal:?}: {content}");
        assert!(content.contains("not known whether"), "{refusal:?}: {content}");
        assert!(!content.contains("nothing was done") && !content.contains("refused"), "{refusal:?}: {content}");
        let asked = shop.tasks().await.iter().filter(|kind| *kind == "unknown_call").count();
        assert_eq!(asked, n + 1, "{refusal:?}: a person checks");
    }
});

story!(an_error_that_names_no_request_is_the_answer_to_the_only_one, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.mcp.offer([ordering("order")]);
    connected(&shop, |_| json!({ "level": "automatic" })).await;
    let events = |body: Value| McpAct::Answer { status: 200, kind: "text/event-stream", body: format!("data: {body}\n\n") };
    let nobody = Value::Null;
    for (act, outcome) in [
        (page(200, &error(&nobody, -32600, "not like this")), "failed"),
        (events(error(&nobody, -32600, "not like this")), "failed"),
        (page(200, &error(&nobody, -32603, "not like this")), "unknown"),
        // A status that refuses is certain, whatever the protocol's own code would leave open.
        (page(400, &error(&nobody, -32600, "not like this")), "failed"),
        (page(400, &error(&nobody, -32603, "not like this")), "failed"),
        (page(422, &error(&json!("another"), -32000, "not like this")), "failed"),
    ] {
        let before = (desk.mcp.calls().len(), shop.tasks().await.len());
        desk.mcp.then("tools/call", act.clone());
        let (is, content) = called(&shop, "shop__order").await;
        assert_eq!(is, outcome, "{act:?}: {content}");
        assert!(content.contains("not like this"), "{act:?}: {content}");
        let after = (desk.mcp.calls().len(), shop.tasks().await.len());
        assert_eq!(after, (before.0 + 1, before.1 + usize::from(outcome == "unknown")), "{act:?}");
    }
});

story!(nobody_waits_for_a_goodbye, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.mcp.offer([offered("find_order")]);
    connected(&shop, |_| json!({ "effect": "reads" })).await;
    desk.mcp.then("DELETE", McpAct::Hold);
    desk.openai.reply(Reply::call("shop__find_order", json!({ "number": "1" })));
    shop.say(ANA, "¿dónde está mi pedido?").await;
    desk.advance(BURST);
    desk.begin().await;
    desk.until("the model reads the answer", || desk.openai.asked().len() == 2).await;
    desk.until("the goodbye is under way", || desk.mcp.waiting() == 0).await;
    assert_eq!(desk.mcp.held(), 1, "the model read the answer before the server said goodbye");
    desk.mcp.release();
    desk.settle().await;
    assert_eq!((results(&shop).await[0].2.as_str(), shop.replies(ANA).len()), ("succeeded", 1));
});
