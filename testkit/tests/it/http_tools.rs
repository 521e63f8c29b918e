//! Tools that a business defined itself, called by its agent in the middle of a turn.

use frontdesk_kernel::{conversation::Mode, ids::ToolId, language::Line, scope::Server, turn::Step};
use frontdesk_store::{nodes, tool_calls, work};
use frontdesk_testkit::{
    desk::{BURST, Setup, Shop, TestDesk},
    fakes::{Act, Reply},
    story,
};
use serde_json::{Value, json};

use crate::people::{ANA, LUZ, SECOND, text};

const SECRET: &str = "sk-very-secret-1234";

/// A tool of the shop's own, made through the API.
pub(crate) async fn tool(shop: &Shop<'_>, change: impl FnOnce(&mut Value)) -> ToolId {
    let key = shop.key(&["*"]).await;
    let desk = shop.desk;
    let secret = json!({"host": desk.service.host(), "value": SECRET});
    let set = desk.json_as(&key, "PUT", "/api/v1/tools/secrets/SHOP_KEY", &secret).await;
    assert_eq!(set.status, 204, "{}", set.text);
    let mut tool = json!({
        "name": "find_order", "description": "Finds an order by its number.",
        "parameters": {"number": {"type": "string", "required": true}},
        "request": {
            "method": "GET", "url": format!("{}/orders/{{number}}", desk.service.url()), "rest": "query", "timeout_ms": 2000,
            "auth": {"kind": "bearer", "secret": "SHOP_KEY"},
            "query": [{"name": "who", "value": "{{contact.phone}}"}],
        },
    });
    change(&mut tool);
    let made = desk.post_as(&key, "/api/v1/tools", &tool).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert!(!made.text.contains(SECRET));
    ToolId::parse(made.json()["id"].as_str().unwrap()).unwrap()
}

/// One that writes: orders something.
pub(crate) fn ordering(tool: &mut Value) {
    tool["name"] = "order".into();
    tool["request"]["method"] = "POST".into();
    tool["request"]["url"] = tool["request"]["url"].as_str().unwrap().replace("/{number}", "").into();
    tool["request"]["rest"] = "body".into();
}

/// What the model was told about its calls in the last turn.
pub(crate) async fn results(shop: &Shop<'_>) -> Vec<(String, bool, String, String)> {
    let turn = shop.turns().await.pop().unwrap();
    let steps = shop.journal(&turn.id).await;
    let results = steps.into_iter().flat_map(|s| if let Step::Tools { results } = s { results } else { Vec::new() });
    results.map(|r| (r.name, r.ok, r.content, r.data["outcome"].as_str().unwrap_or_default().to_owned())).collect()
}

story!(an_agent_calls_a_tool_of_the_business_and_answers_with_what_it_says, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |_| {}).await;
    desk.service.then(Act::json(200, &json!({"status": "shipped", "echo": SECRET})));
    desk.openai.call("find_order", json!({"number": "A 7/9"}));
    let reply = shop.talk(ANA, "¿dónde está mi pedido?").await;
    assert!(reply.contains("shipped") && !reply.contains(SECRET), "{reply}");
    let seen = desk.service.seen();
    assert_eq!((seen.len(), seen[0].path.as_str(), seen[0].query.as_str()), (1, "/orders/A%207%2F9", &*format!("who={ANA}")));
    assert_eq!(seen[0].header("authorization"), Some(&*format!("Bearer {SECRET}")));
    // The model sees the tool with its schema, without its address or secret.
    let asked = desk.openai.asked()[0].to_string();
    assert!(asked.contains("find_order") && !asked.contains("/orders") && !asked.contains(SECRET));
    let turn = shop.turns().await.pop().unwrap();
    let key = shop.key(&["*"]).await;
    for path in [format!("/api/v1/turns/{}", turn.id), "/api/v1/tools".into(), "/api/v1/tools/secrets".into()] {
        let told = desk.get_as(&key, &path).await;
        assert!(told.status == 200 && !told.text.contains(SECRET), "{path}: {}", told.text);
    }
});

story!(arguments_that_do_not_fit_never_leave_and_the_model_reads_why, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |_| {}).await;
    for (arguments, word) in [
        (json!({}), "number"),
        (json!({"number": 7}), "string"),
        (json!({"number": "1", "phone": "5"}), "phone"),
        (json!({"number": ".."}), ".."),
    ] {
        desk.openai.call("find_order", arguments.clone());
        shop.talk(ANA, "hola").await;
        let told = results(&shop).await;
        assert!(!told[0].1 && told[0].2.contains(word), "{arguments}: {told:?}");
    }
    assert!(desk.service.seen().is_empty());
});

story!(a_tool_is_there_for_the_agents_that_chose_it_while_it_is_switched_on, |desk| async {
    let luna = desk.business("Luna").openai().agent(|a| a.spec.tools = Some(vec!["business_info".into()])).open().await;
    let sol = desk.business("Sol").openai().open().await;
    let id = tool(&luna, |_| {}).await;
    let names = |n: usize| {
        let tools = desk.openai.asked()[n]["tools"].as_array().unwrap().clone();
        tools.iter().map(|t| t["function"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    luna.talk(ANA, "hola").await;
    sol.talk(ANA, "hola").await;
    assert_eq!(names(0), ["business_info"]);
    assert!(!names(1).contains(&"find_order".to_owned()), "the other business has no such tool");
    desk.openai.call("find_order", json!({"number": "1"}));
    assert!(sol.talk(ANA, "otra").await.contains("There is no tool"));
    assert!(desk.service.seen().is_empty());
    let (ours, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    for (method, path, body) in [
        ("GET", format!("/api/v1/tools/{id}"), Value::Null),
        ("PATCH", format!("/api/v1/tools/{id}"), json!({"enabled": false})),
        ("DELETE", format!("/api/v1/tools/{id}"), Value::Null),
        ("POST", format!("/api/v1/tools/{id}/test"), json!({})),
        ("DELETE", "/api/v1/tools/secrets/SHOP_KEY".into(), Value::Null),
    ] {
        assert_eq!(desk.json_as(&theirs, method, &path, &body).await.status, 404, "{method} {path}");
    }
    assert!(!desk.get_as(&theirs, "/api/v1/tools").await.text.contains("find_order"));
    let off = desk.json_as(&ours, "PATCH", &format!("/api/v1/tools/{id}"), &json!({"enabled": false})).await;
    assert_eq!((off.status, off.json()["enabled"].clone()), (200, json!(false)), "{}", off.text);
});

story!(a_fault_of_the_service_is_told_without_a_word_of_its_inside, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |_| {}).await;
    let big = Act::Answer { status: 200, kind: "text/plain", body: "x".repeat(2 << 20) };
    let html = Act::Answer { status: 200, kind: "text/html", body: "<html>at db.internal</html>".into() };
    for (acts, word) in [
        (vec![Act::json(500, &json!({"at": "db.internal"})); 2], "fault (status 500)"),
        (vec![Act::Cut; 2], "connection to the service broke"),
        (vec![big; 2], "too large"),
        (vec![html; 1], "web page"),
        (vec![Act::Redirect(format!("{}/elsewhere", desk.service.url())); 1], "redirect"),
        (vec![Act::json(404, &json!({"error": "no such order"})); 1], "no such order"),
        (vec![Act::json(200, &json!(["x".repeat(20_000)])); 1], "cut off"),
    ] {
        let before = desk.service.seen().len();
        let tries = acts.len();
        acts.into_iter().for_each(|act| desk.service.then(act));
        desk.openai.call("find_order", json!({"number": word}));
        shop.talk(ANA, &format!("hola, {word}")).await;
        let told = results(&shop).await;
        assert!(told[0].2.contains(word) && !told[0].2.contains("internal"), "{word}: {:.300}", told[0].2);
        assert_eq!(desk.service.seen().len() - before, tries, "{word}: what only reads is tried again after a fault");
    }
    assert!(shop.tasks().await.is_empty(), "nothing was changed, nobody is bothered");
});

story!(a_service_that_keeps_silent_is_not_waited_for, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |t| t["request"]["timeout_ms"] = 1000.into()).await;
    desk.service.then(Act::Hold);
    desk.openai.call("find_order", json!({"number": "1"}));
    let reply = shop.talk(ANA, "hola").await;
    desk.service.release();
    assert!(reply.contains("did not answer in time"), "{reply}");
});

story!(a_write_whose_answer_is_lost_is_not_repeated_and_a_person_checks, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, ordering).await;
    for (n, act) in [Act::Cut, Act::json(502, &json!({}))].into_iter().enumerate() {
        desk.service.then(act);
        desk.openai.call("order", json!({"number": "1"}));
        // The model insists: its second call does not leave.
        desk.openai.call("order", json!({"number": "2"}));
        shop.talk(ANA, "pide uno").await;
        let told = results(&shop).await;
        assert_eq!(told[0].3, "unknown");
        assert!(told[0].2.contains("not known whether") && told[1].2.contains("not called again"), "{told:?}");
        assert_eq!((desk.service.seen().len(), shop.tasks().await.len()), (n + 1, n + 1));
    }
    assert_eq!(shop.tasks().await, ["unknown_call", "unknown_call"]);
});

story!(a_write_that_the_service_can_recognise_is_repeated_under_the_same_key, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |t| {
        ordering(t);
        t["idempotent"] = true.into();
    })
    .await;
    desk.service.then(Act::Cut);
    desk.openai.call("order", json!({"number": "1"}));
    shop.talk(ANA, "pide uno").await;
    let seen = desk.service.seen();
    let keys: Vec<_> = seen.iter().map(|r| r.header("idempotency-key").unwrap().to_owned()).collect();
    assert_eq!((keys.len(), keys[0] == keys[1]), (2, true));
    assert_eq!(results(&shop).await[0].3, "succeeded");
    assert!(shop.tasks().await.is_empty());
    assert_eq!(seen[0].json(), json!({"number": "1"}));
});

story!(a_repeat_that_is_refused_does_not_make_a_lost_write_undone, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |t| {
        ordering(t);
        t["idempotent"] = true.into();
    })
    .await;
    for (n, status) in [400, 401, 429].into_iter().enumerate() {
        desk.service.then(Act::Cut);
        desk.service.then(Act::json(status, &json!({})));
        desk.openai.call("order", json!({"number": "1"}));
        shop.talk(ANA, "pide uno").await;
        let told = results(&shop).await.remove(0);
        assert!(told.3 == "unknown" && told.2.starts_with("It is not known whether"), "{status}: {told:?}");
        assert_eq!((desk.service.seen().len(), shop.tasks().await.len()), (2 * (n + 1), n + 1), "{status}: a person checks");
    }
});

story!(built_in_and_own_tools_of_one_step_keep_their_order, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |_| {}).await;
    let calls = Reply::call("business_info", json!({"topic": "hours"}))
        .and_call("find_order", json!({"number": "1"}))
        .and_call("my_appointments", json!({}))
        .and_call("find_order", json!({"number": "2"}));
    desk.openai.reply(calls);
    shop.talk(ANA, "hola").await;
    let names: Vec<_> = results(&shop).await.into_iter().map(|r| r.0).collect();
    assert_eq!(names, ["business_info", "find_order", "my_appointments", "find_order"]);
});

story!(what_a_tool_proves_may_be_said, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |t| {
        ordering(t);
        t["proves"] = "paid".into();
    })
    .await;
    desk.openai.call("order", json!({"number": "1"}));
    desk.openai.say("Tu pago fue recibido.");
    assert_eq!(shop.talk(ANA, "paga").await, "Tu pago fue recibido.");
    desk.service.then(Act::json(402, &json!({"error": "card declined"})));
    desk.openai.call("order", json!({"number": "1"}));
    desk.openai.say("Tu pago fue recibido.");
    desk.openai.say("Tu pago fue recibido.");
    assert_eq!(shop.talk(ANA, "paga otra vez").await, text(Line::BeingConfirmed));
});

// --- crashes

fn patient() -> Setup {
    Setup::new().model_patience(SECOND * 5, SECOND * 8)
}

/// The turn waits for the service; then its node is taken for dead, and the lane goes to whoever claims next.
async fn dies_while_waiting(desk: &TestDesk, shop: &Shop<'_>, calls: Reply, asked: usize) {
    desk.openai.reply(calls);
    shop.say(ANA, "pide").await;
    desk.advance(BURST);
    desk.begin().await;
    desk.until("the service is asked", || desk.service.seen().len() >= asked).await;
    let (node, now) = (desk.engine.node.clone(), desk.now());
    let freed = desk.engine.db.write(
        &Server,
        work!(tx => {
            nodes::leave(tx, &Server, &node).await?;
            let freed = nodes::free_dead_lanes(tx, &Server, now).await?;
            nodes::heartbeat(tx, &Server, &node, "test", "0", now, SECOND * 1_000_000).await?;
            Ok(freed)
        }),
    );
    assert!(freed.await.unwrap() >= 1);
    desk.begin().await;
}

/// The states of the calls of the last turn, and how often each was begun.
async fn calls(shop: &Shop<'_>) -> Vec<(String, u32)> {
    let turn = shop.turns().await.pop().unwrap().id;
    let s = shop.scope.clone();
    let calls = shop.desk.engine.db.read(&shop.scope, work!(tx => tool_calls::of_turn(tx, &s, &turn).await)).await.unwrap();
    assert!(calls.iter().all(|c| c.result.is_none()), "the journal holds the results, nothing else does");
    calls.into_iter().map(|c| (c.state.as_str().to_owned(), c.attempts)).collect()
}

story!(a_write_that_was_under_way_when_the_process_died_is_not_made_again, patient(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |t| {
        ordering(t);
        t["request"]["timeout_ms"] = 15_000.into();
    })
    .await;
    desk.service.then(Act::Hold);
    dies_while_waiting(desk, &shop, Reply::call("order", json!({"number": "1"})), 1).await;
    desk.until("the turn goes on", || desk.openai.asked().len() >= 2).await;
    desk.service.release();
    desk.settle().await;
    assert_eq!(desk.service.seen().len(), 1, "once, whatever happened");
    assert_eq!((results(&shop).await[0].3.as_str(), shop.tasks().await), ("unknown", vec!["unknown_call".to_owned()]));
    assert_eq!(calls(&shop).await, [("review".to_owned(), 1)]);
    assert_eq!(shop.replies(ANA).len(), 1, "and the customer is answered once");
});

story!(a_write_that_is_made_again_after_a_crash_and_refused_is_not_undone, patient(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |t| {
        ordering(t);
        t["request"]["timeout_ms"] = 15_000.into();
        t["idempotent"] = true.into();
    })
    .await;
    desk.service.then(Act::Hold);
    desk.service.then(Act::json(409, &json!({"error": "another with this key is under way"})));
    dies_while_waiting(desk, &shop, Reply::call("order", json!({"number": "1"})), 1).await;
    desk.until("the turn goes on", || desk.openai.asked().len() >= 2).await;
    desk.service.release();
    desk.settle().await;
    assert_eq!((results(&shop).await[0].3.as_str(), shop.tasks().await), ("unknown", vec!["unknown_call".to_owned()]));
    assert_eq!(calls(&shop).await, [("review".to_owned(), 2)]);
});

story!(what_only_reads_is_simply_made_again, patient(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |t| t["request"]["timeout_ms"] = 15_000.into()).await;
    desk.service.then(Act::Hold);
    dies_while_waiting(desk, &shop, Reply::call("find_order", json!({"number": "1"})), 1).await;
    desk.until("it is asked again", || desk.service.seen().len() >= 2).await;
    desk.until("the turn goes on", || desk.openai.asked().len() >= 2).await;
    desk.service.release();
    desk.settle().await;
    assert_eq!(results(&shop).await[0].3, "succeeded");
    assert!(shop.tasks().await.is_empty());
    assert_eq!(shop.replies(ANA).len(), 1);
});

story!(an_outcome_on_record_is_kept_and_a_call_not_begun_is_made, patient(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, |t| {
        ordering(t);
        t["request"]["timeout_ms"] = 15_000.into();
    })
    .await;
    desk.service.then(Act::json(201, &json!({"id": "first"})));
    desk.service.then(Act::Hold);
    let three = Reply::call("order", json!({"number": "1"}))
        .and_call("order", json!({"number": "2"}))
        .and_call("order", json!({"number": "3"}));
    dies_while_waiting(desk, &shop, three, 2).await;
    desk.until("the turn goes on", || desk.openai.asked().len() >= 2).await;
    desk.service.release();
    desk.settle().await;
    let sent: Vec<_> = desk.service.seen().iter().map(|r| r.json()["number"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(sent, ["1", "2", "3"], "each left once");
    let outcomes: Vec<_> = results(&shop).await.into_iter().map(|r| r.3).collect();
    assert_eq!(outcomes, ["succeeded", "unknown", "succeeded"]);
    assert!(results(&shop).await[0].2.contains("first"));
    assert_eq!(calls(&shop).await, [("succeeded".to_owned(), 1), ("review".to_owned(), 1), ("succeeded".to_owned(), 1)]);
    assert_eq!(shop.tasks().await, ["unknown_call"]);
});

story!(a_person_who_took_over_meanwhile_wins_over_a_write, patient(), |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    tool(&shop, ordering).await;
    desk.openai.faults().push(frontdesk_testkit::fakes::ModelFault::StallBeforeFirstToken(std::time::Duration::from_millis(400)));
    desk.openai.call("order", json!({"number": "1"}));
    shop.say(LUZ, "pide").await;
    desk.advance(BURST);
    desk.begin().await;
    desk.until("the model is asked", || !desk.openai.asked().is_empty()).await;
    shop.set_mode(LUZ, Mode::Human).await;
    desk.answer().await;
    assert!(desk.service.seen().is_empty() && shop.replies(LUZ).is_empty());
});
