//! Tools of businesses, their secrets, and their calls.

use frontdesk_kernel::{
    effect::{Class, State},
    http_tool::{AnswerRule, Encoding, HttpTool, HttpToolSpec, Probe, RequestTemplate, Rest, ToolAuth, ToolEffect},
    ids::{ToolId, TurnId},
    ports::http::Method,
    tool::ToolResult,
};
use frontdesk_store::{
    Error,
    http_tools::{self, ToolSecret},
    tool_calls::{self, Place},
};
use serde_json::{Value, json};

use crate::harness::*;

pub(crate) fn http_tool(name: &str, at: frontdesk_kernel::Timestamp) -> HttpTool {
    HttpTool {
        id: id(name),
        number: 0,
        name: name.to_owned(),
        enabled: true,
        version: 1,
        spec: HttpToolSpec {
            title: "Órdenes".into(),
            description: "Looks up an order.".into(),
            parameters: json!({"type": "object", "properties": {"id": {"type": "string"}}, "additionalProperties": false}),
            request: RequestTemplate {
                method: Method::Get,
                url: "https://x.example/orders/{id}".into(),
                query: Vec::new(),
                headers: Vec::new(),
                auth: ToolAuth::Bearer { secret: "KEY".into() },
                rest: Rest::Query,
                body: None,
                encoding: Encoding::Json,
                timeout_ms: 5000,
            },
            answer: AnswerRule::default(),
            effect: ToolEffect::Reads,
            idempotent: false,
            proves: None,
            level: None,
            category: None,
            amount: Some("/id".into()),
            example: Some(json!({"id": "1"})),
            legacy: None,
        },
        probe: None,
        created_at: at,
        updated_at: at,
    }
}

db_test!(a_tool_is_kept_under_its_name_and_number, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for (shop, name) in [(a, "zeta"), (a, "alpha"), (b, "alpha")] {
        let tool = keep(http_tool(name, at(10)));
        assert!(change!(db, &shop.scope, tx => http_tools::insert(tx, &shop.scope, tool)));
    }
    let again = keep(HttpTool { id: id("other"), ..http_tool("alpha", at(11)) });
    assert!(!change!(db, &a.scope, tx => http_tools::insert(tx, &a.scope, again)), "the name is taken");
    let names: Vec<_> =
        look!(db, &a.scope, tx => http_tools::list(tx, &a.scope)).into_iter().map(|t| (t.name, t.number)).collect();
    assert_eq!(names, [("alpha".to_owned(), 2), ("zeta".to_owned(), 1)]);
    let page: Vec<_> = look!(db, &a.scope, tx => http_tools::page(tx, &a.scope, 1, 5)).into_iter().map(|t| t.name).collect();
    assert_eq!(page, ["alpha"]);
    assert_eq!(look!(db, &a.scope, tx => http_tools::count(tx, &a.scope)), 2);

    let listed = look!(db, &a.scope, tx => http_tools::list(tx, &a.scope));
    let zeta = keep(listed.into_iter().find(|t| t.name == "zeta").unwrap());
    assert_eq!(*zeta, HttpTool { number: 1, ..http_tool("zeta", at(10)) });
    assert_eq!(look!(db, &a.scope, tx => http_tools::get(tx, &a.scope, &zeta.id)).as_ref(), Some(zeta));
    assert_eq!(look!(db, &a.scope, tx => http_tools::by_number(tx, &a.scope, 1)).as_ref(), Some(zeta));
    assert_eq!(look!(db, &b.scope, tx => http_tools::get(tx, &b.scope, &zeta.id)), None, "the other business has no such tool");

    let renamed = keep(HttpTool { name: "omega".into(), enabled: false, updated_at: at(20), ..zeta.clone() });
    assert!(change!(db, &a.scope, tx => http_tools::update(tx, &a.scope, renamed)));
    let kept = look!(db, &a.scope, tx => http_tools::get(tx, &a.scope, &zeta.id)).unwrap();
    assert_eq!(kept, HttpTool { version: 2, ..renamed.clone() });
    let probe = keep(Probe { at: at(30), succeeded: true, told: "there".into(), millis: 7, version: 2 });
    assert!(!change!(db, &b.scope, tx => http_tools::probed(tx, &b.scope, &zeta.id, probe)));
    assert!(change!(db, &a.scope, tx => http_tools::probed(tx, &a.scope, &zeta.id, probe)));
    let probed = look!(db, &a.scope, tx => http_tools::get(tx, &a.scope, &zeta.id)).unwrap();
    assert_eq!((probed.probe.as_ref(), probed.updated_at, probed.version), (Some(probe), at(20), 2), "the tool is as it was");
    let clash = keep(HttpTool { name: "alpha".into(), ..kept });
    assert!(matches!(try_change!(db, &a.scope, tx => http_tools::update(tx, &a.scope, clash)), Err(Error::Conflict(_))));
    assert!(!change!(db, &b.scope, tx => http_tools::update(tx, &b.scope, renamed)), "the other business changes nothing");
    assert!(!change!(db, &b.scope, tx => http_tools::delete(tx, &b.scope, &zeta.id)));
    assert!(change!(db, &a.scope, tx => http_tools::delete(tx, &a.scope, &zeta.id)));
    assert_eq!(look!(db, &a.scope, tx => http_tools::count(tx, &a.scope)), 1);
});

db_test!(a_secret_is_replaced_and_goes_with_its_tool, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let tool = keep(http_tool("mine", at(0)));
    change!(db, &a.scope, tx => http_tools::insert(tx, &a.scope, tool));
    let secret = |name: &str, sealed: &str, tool: Option<&ToolId>| {
        keep(ToolSecret {
            name: name.into(),
            host: "x.example".into(),
            token_host: (name == "B").then(|| "login.example".into()),
            sealed: sealed.into(),
            tool: tool.cloned(),
            updated_at: at(5),
        })
    };
    for secret in
        [secret("A", "v1.a", None), secret("A", "v1.b", None), secret("B", "v1.c", Some(&tool.id)), secret("C", "v1.d", None)]
    {
        change!(db, &a.scope, tx => http_tools::put_secret(tx, &a.scope, secret));
    }
    assert!(change!(db, &a.scope, tx => http_tools::delete_secret(tx, &a.scope, "C")));
    assert!(!change!(db, &b.scope, tx => http_tools::delete_secret(tx, &b.scope, "A")));
    let all = look!(db, &a.scope, tx => http_tools::secrets(tx, &a.scope));
    assert_eq!(all, [secret("A", "v1.b", None).clone(), secret("B", "v1.c", Some(&tool.id)).clone()]);
    change!(db, &a.scope, tx => http_tools::delete(tx, &a.scope, &tool.id));
    assert_eq!(look!(db, &a.scope, tx => http_tools::secrets(tx, &a.scope)).len(), 1);
    assert!(look!(db, &b.scope, tx => http_tools::secrets(tx, &b.scope)).is_empty());
});

db_test!(a_call_is_planned_begun_and_ended_once, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (turn, tool): (&TurnId, &ToolId) = (keep(fresh()), keep(fresh()));
    let at_place = |n| keep(Place { turn: turn.clone(), step: 1, n });
    let result = keep(ToolResult {
        call: "c".into(),
        name: "x".into(),
        ok: true,
        content: "done".into(),
        data: Value::Null,
        receipt: None,
    });
    for n in [1, 0, 1] {
        change!(db, &a.scope, tx => tool_calls::plan(tx, &a.scope, at_place(n), tool, "x", Class::C));
    }
    let states = || {
        let db = db.clone();
        async move {
            let calls = look!(db, &a.scope, tx => tool_calls::of_step(tx, &a.scope, turn, 1));
            calls.into_iter().map(|c| (c.place.n, c.state, c.attempts, c.result.is_some())).collect::<Vec<_>>()
        }
    };
    assert_eq!(states().await, [(0, State::Pending, 0, false), (1, State::Pending, 0, false)]);
    assert!(change!(db, &a.scope, tx => tool_calls::begin(tx, &a.scope, at_place(0), at(5))));
    assert!(change!(db, &a.scope, tx => tool_calls::begin(tx, &a.scope, at_place(0), at(6))));
    assert!(change!(db, &a.scope, tx => tool_calls::end(tx, &a.scope, at_place(0), State::Succeeded, result, at(7))));
    let late = keep(ToolResult { ok: false, ..result.clone() });
    assert!(
        !change!(db, &a.scope, tx => tool_calls::end(tx, &a.scope, at_place(0), State::Review, late, at(8))),
        "the first outcome stays"
    );
    assert!(!change!(db, &a.scope, tx => tool_calls::begin(tx, &a.scope, at_place(0), at(9))), "and it is not begun again");
    assert_eq!(states().await, [(0, State::Succeeded, 2, true), (1, State::Pending, 0, false)]);
    assert!(!change!(db, &b.scope, tx => tool_calls::begin(tx, &b.scope, at_place(1), at(9))));
    let first = look!(db, &a.scope, tx => tool_calls::of_turn(tx, &a.scope, turn)).remove(0);
    assert_eq!((first.result.as_ref(), first.started_at, first.ended_at), (Some(result), Some(at(5)), Some(at(7))));
    change!(db, &a.scope, tx => tool_calls::settle(tx, &a.scope, turn, 1));
    assert_eq!(states().await, [(0, State::Succeeded, 2, false), (1, State::Pending, 0, false)]);
    assert!(look!(db, &b.scope, tx => tool_calls::of_turn(tx, &b.scope, turn)).is_empty());
});
