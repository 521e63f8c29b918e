//! What the agent does not do alone: the customer or a colleague is asked, once, and what they said is carried out once or not at all.

use frontdesk_kernel::{
    approval::{Approval, Kind, State},
    conversation::Mode,
    ids::ApprovalId,
    language::Line,
    scope::Server,
    turn::Step,
};
use frontdesk_store::{approvals, decisions, nodes, work};
use frontdesk_testkit::{
    desk::{Answer, BURST, Setup, Shop, TestDesk, appointments_of},
    fakes::{Act, ModelFault},
    story,
};
use serde_json::{Value, json};

use crate::people::{ANA, SECOND, text};

pub(crate) const TEN: &str = "2026-11-23T10:00";

/// These rules and no others.
pub(crate) async fn rules(shop: &Shop<'_>, rules: Value) {
    let key = shop.key(&["*"]).await;
    let put = shop.desk.json_as(&key, "PUT", "/api/v1/policies", &json!({ "items": rules })).await;
    assert_eq!(put.status, 200, "{}", put.text);
}

pub(crate) async fn asks_first(shop: &Shop<'_>, action: &str, level: &str) {
    rules(shop, json!([{ "action": action, "level": level }])).await;
}

/// A service of the business that pays money back.
pub(crate) async fn refund_tool(shop: &Shop<'_>) {
    let key = shop.key(&["*"]).await;
    let tool = json!({
        "name": "refund", "description": "Pays an amount back.", "proves": "paid",
        "parameters": {
            "type": "object", "additionalProperties": false, "required": ["amount"],
            "properties": { "amount": {"type": "integer", "minimum": 1}, "phone": {"type": "string"}, "order": {"type": "string"} },
        },
        "request": { "method": "POST", "url": format!("{}/refunds", shop.desk.service.url()), "rest": "body", "timeout_ms": 15_000 },
    });
    let made = shop.desk.post_as(&key, "/api/v1/tools", &tool).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

/// Every request, newest first.
pub(crate) async fn requests(shop: &Shop<'_>) -> Vec<Approval> {
    let s = shop.scope.clone();
    let all = approvals::Filter::default();
    let listed =
        shop.desk.engine.db.read(&shop.scope, work!(tx => approvals::list(tx, &s, &all, None, 100).await)).await.unwrap();
    listed.into_iter().map(|l| l.approval).collect()
}

pub(crate) async fn only(shop: &Shop<'_>) -> Approval {
    let mut all = requests(shop).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

pub(crate) async fn decide(shop: &Shop<'_>, id: &ApprovalId, verb: &str, body: Value) -> Answer {
    let key = shop.key(&["*"]).await;
    shop.desk.post_as(&key, &format!("/api/v1/approvals/{id}/{verb}"), &body).await
}

/// Somebody of the team says yes to it as it is.
pub(crate) async fn approve(shop: &Shop<'_>) -> Approval {
    let asked = only(shop).await;
    let said = decide(shop, &asked.id, "approve", json!({ "args_hash": asked.args_hash })).await;
    assert_eq!((said.status, said.json()["state"].as_str()), (200, Some("approved")), "{}", said.text);
    asked
}

pub(crate) async fn outcomes(shop: &Shop<'_>) -> Vec<(String, &'static str, String)> {
    let mut found = Vec::new();
    for turn in shop.turns().await {
        let s = shop.scope.clone();
        let of = shop.desk.engine.db.read(&shop.scope, work!(tx => decisions::of_turn(tx, &s, &turn.id).await)).await.unwrap();
        found.extend(of.into_iter().map(|d| (d.action, d.outcome.as_str(), d.rule)));
    }
    found
}

/// The audit log's actions, oldest first.
pub(crate) async fn audited(shop: &Shop<'_>, beginning: &str) -> Vec<String> {
    let key = shop.key(&["*"]).await;
    let log = shop.desk.get_as(&key, &format!("/api/v1/audit?action={beginning}")).await;
    assert_eq!(log.status, 200, "{}", log.text);
    let mut actions: Vec<_> =
        log.json()["items"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap().to_owned()).collect();
    actions.reverse();
    actions
}

pub(crate) async fn booked(shop: &Shop<'_>) -> usize {
    appointments_of(&shop.appointments().await).len()
}

pub(crate) fn book(desk: &TestDesk) {
    desk.openai.call("schedule_appointment", json!({"start": TEN, "service": "Manicure"}));
}

// --- a person says yes or no

story!(what_needs_a_yes_waits_and_is_done_once_when_it_comes, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    asks_first(&shop, "schedule_appointment", "approval").await;
    book(desk);
    desk.openai.say("Lo consulto con el equipo.");
    assert_eq!(shop.talk(ANA, "manicure el lunes a las 10").await, "Lo consulto con el equipo.");
    assert_eq!((booked(&shop).await, shop.tasks().await), (0, vec!["approval".to_owned()]));
    let asked = approve(&shop).await;
    assert_eq!((asked.kind, asked.action.as_str()), (Kind::Approval, "schedule_appointment"));
    desk.openai.say("¡Listo! Tu cita está agendada.");
    desk.settle().await;
    assert_eq!(shop.replies(ANA).last().unwrap(), "¡Listo! Tu cita está agendada.", "what was carried out may be said");
    let done = only(&shop).await;
    assert_eq!((booked(&shop).await, done.state, done.result.unwrap().ok), (1, State::Executed, true));
    assert!(shop.tasks().await.is_empty());
    // The second click, and the other one.
    let again = decide(&shop, &asked.id, "approve", json!({ "args_hash": asked.args_hash })).await;
    assert_eq!((again.status, again.json()["state"].as_str()), (200, Some("executed")));
    let no = decide(&shop, &asked.id, "reject", json!({})).await;
    assert_eq!((no.status, no.json()["code"].as_str()), (409, Some("decided")));
    desk.settle().await;
    assert_eq!((booked(&shop).await, shop.replies(ANA).len()), (1, 2));
    let waited = ("schedule_appointment".to_owned(), "waiting");
    let all = outcomes(&shop).await;
    assert_eq!((all[0].0.clone(), all[0].1), waited);
    assert_eq!(all[1].1, "approved");
    assert_eq!(audited(&shop, "approval.").await, ["approval.approved", "approval.executed"]);
    // The model saw who decided, and its call with the result.
    let last = desk.openai.asked().pop().unwrap().to_string();
    assert!(last.contains("Decision: the team approved") && last.contains(asked.id.as_str()), "{last}");
});

story!(a_no_is_told_to_the_customer_and_nothing_is_done, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    asks_first(&shop, "*", "approval").await;
    for note in [None, Some("solo con anticipo")] {
        book(desk);
        desk.openai.say("Lo consulto.");
        shop.talk(ANA, &format!("manicure {}", note.unwrap_or("por favor"))).await;
        let asked = requests(&shop).await.remove(0);
        let asked_before = desk.openai.asked().len();
        let no = decide(&shop, &asked.id, "reject", json!({ "note": note })).await;
        let no = if note.is_none() { decide(&shop, &asked.id, "reject", json!({})).await } else { no };
        assert_eq!((no.status, no.json()["state"].as_str()), (200, Some("rejected")), "{}", no.text);
        desk.settle().await;
        match note {
            // Nothing to phrase: our own line, without a model.
            None => assert_eq!(
                (shop.replies(ANA).last().unwrap().as_str(), desk.openai.asked().len()),
                (text(Line::Declined), asked_before)
            ),
            Some(note) => assert!(desk.openai.asked().last().unwrap().to_string().contains(note)),
        }
    }
    assert_eq!((booked(&shop).await, shop.tasks().await.len()), (0, 0));
});

story!(a_person_changes_the_arguments_and_exactly_these_are_carried_out, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    refund_tool(&shop).await;
    asks_first(&shop, "refund", "approval").await;
    desk.openai.call("refund", json!({"amount": 50_000}));
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "devuélveme 50000").await;
    assert!(desk.service.seen().is_empty());
    let asked = only(&shop).await;
    for (bad, path) in [
        (json!({"amount": "x"}), "arguments"),
        (json!({"amount": 0}), "arguments"),
        (json!([]), "arguments"),
        (json!({"amount": 5, "x": 1}), "arguments"),
    ] {
        let refused = decide(&shop, &asked.id, "edit", json!({ "arguments": bad })).await;
        assert_eq!((refused.status, refused.json()["errors"][0]["path"].as_str()), (422, Some(path)), "{}", refused.text);
    }
    let edited = decide(&shop, &asked.id, "edit", json!({ "arguments": {"amount": 20_000} })).await;
    assert_eq!((edited.status, edited.json()["edited_from"]["amount"].as_i64()), (200, Some(50_000)), "{}", edited.text);
    // Whoever looked before has seen other arguments.
    let stale = decide(&shop, &asked.id, "approve", json!({ "args_hash": asked.args_hash })).await;
    assert_eq!((stale.status, stale.json()["code"].as_str()), (409, Some("changed")));
    desk.service.then(Act::json(201, &json!({"id": "r1"})));
    desk.openai.say("Tu reembolso de 20000 fue pagado.");
    let now = approve(&shop).await;
    assert_eq!(now.edited_from, Some(json!({"amount": 50_000})));
    desk.settle().await;
    let seen = desk.service.seen();
    assert_eq!((seen.len(), seen[0].json()), (1, json!({"amount": 20_000})));
    assert_eq!((only(&shop).await.state, shop.replies(ANA).len()), (State::Executed, 2));
});

story!(when_nobody_decides_others_are_told_and_in_the_end_it_is_not_done, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    asks_first(&shop, "schedule_appointment", "approval").await;
    book(desk);
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "manicure").await;
    let asked = only(&shop).await;
    desk.pass(SECOND * 3700, SECOND * 3700).await;
    assert_eq!(shop.tasks().await, ["approval", "approval_overdue"]);
    desk.pass(SECOND * 22 * 3600, SECOND * 3600).await;
    assert_eq!((only(&shop).await.state, shop.replies(ANA).last().unwrap().as_str()), (State::Expired, text(Line::NoDecision)));
    assert!(shop.tasks().await.contains(&"approval_expired".to_owned()));
    let late = decide(&shop, &asked.id, "approve", json!({ "args_hash": asked.args_hash })).await;
    assert_eq!((late.status, booked(&shop).await), (409, 0));
});

story!(a_yes_after_its_time_does_not_count_even_before_the_clock_noticed, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    asks_first(&shop, "schedule_appointment", "approval").await;
    book(desk);
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "manicure").await;
    desk.advance(SECOND * 25 * 3600);
    let asked = only(&shop).await;
    let late = decide(&shop, &asked.id, "approve", json!({ "args_hash": asked.args_hash })).await;
    assert_eq!((late.status, late.json()["code"].as_str()), (409, Some("expired")));
    desk.settle().await;
    assert_eq!((booked(&shop).await, only(&shop).await.state), (0, State::Expired));
});

story!(many_clicks_at_once_are_one_decision, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    refund_tool(&shop).await;
    asks_first(&shop, "refund", "approval").await;
    desk.openai.call("refund", json!({"amount": 5}));
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "reembolso").await;
    let asked = only(&shop).await;
    let key = shop.key(&["*"]).await;
    let clicks = (0..6).map(|n| {
        let (verb, body) = if n % 2 == 0 { ("approve", json!({ "args_hash": asked.args_hash })) } else { ("reject", json!({})) };
        let (path, key) = (format!("/api/v1/approvals/{}/{verb}", asked.id), key.clone());
        async move { desk.post_as(&key, &path, &body).await.status }
    });
    let answers = futures_util::future::join_all(clicks).await;
    assert!(answers.iter().all(|s| [200, 409].contains(s)) && answers.contains(&200), "{answers:?}");
    desk.settle().await;
    let ended = only(&shop).await.state;
    let done = desk.service.seen().len();
    assert!(matches!((ended, done), (State::Executed, 1) | (State::Rejected, 0)), "{ended:?} {done}");
    assert_eq!(
        audited(&shop, "approval.").await.iter().filter(|a| *a == "approval.approved" || *a == "approval.rejected").count(),
        1
    );
});

story!(what_was_approved_is_done_though_a_person_answers_and_the_bot_says_nothing, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    refund_tool(&shop).await;
    asks_first(&shop, "refund", "approval").await;
    desk.openai.call("refund", json!({"amount": 5}));
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "reembolso").await;
    shop.set_mode(ANA, Mode::Human).await;
    let asked = desk.openai.asked().len();
    approve(&shop).await;
    desk.settle().await;
    assert_eq!((desk.service.seen().len(), only(&shop).await.state), (1, State::Executed));
    assert_eq!((shop.replies(ANA).len(), desk.openai.asked().len()), (1, asked));
    assert!(shop.incoming(ANA).await.last().unwrap().contains("Decision"), "the thread shows it");
});

story!(when_no_model_answers_the_outcome_is_told_in_our_own_words, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    asks_first(&shop, "schedule_appointment", "approval").await;
    book(desk);
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "manicure").await;
    desk.openai.faults().push(ModelFault::Status(401));
    approve(&shop).await;
    desk.settle().await;
    assert_eq!((booked(&shop).await, shop.replies(ANA).last().unwrap().as_str()), (1, text(Line::ApprovedAndDone)));
});

story!(a_yes_to_what_cannot_be_done_any_more_ends_with_a_person, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    asks_first(&shop, "schedule_appointment", "approval").await;
    book(desk);
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "manicure").await;
    // Meanwhile the owner forbids it altogether.
    asks_first(&shop, "schedule_appointment", "off").await;
    approve(&shop).await;
    desk.openai.say("No se pudo.");
    desk.settle().await;
    assert_eq!(
        (booked(&shop).await, only(&shop).await.state, shop.tasks().await),
        (0, State::Failed, vec!["approval_failed".to_owned()])
    );
});

// --- crashes

/// The node is taken for dead, and the lane goes to whoever claims next.
async fn dies(desk: &TestDesk) {
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
}

story!(
    who_dies_between_the_yes_and_the_deed_leaves_it_to_the_next,
    Setup::new().model_patience(SECOND * 5, SECOND * 8),
    |desk| async {
        let shop = desk.business("Luna").openai().open().await;
        refund_tool(&shop).await;
        asks_first(&shop, "refund", "approval").await;
        desk.openai.call("refund", json!({"amount": 5}));
        desk.openai.say("Lo consulto.");
        shop.talk(ANA, "reembolso").await;
        approve(&shop).await;
        // While the call is under way: nobody knows whether it arrived, so it is not made again.
        desk.service.then(Act::Hold);
        desk.begin().await;
        desk.until("the service is asked", || !desk.service.seen().is_empty()).await;
        dies(desk).await;
        desk.openai.say("El equipo lo está revisando.");
        desk.begin().await;
        desk.until("the turn goes on", || desk.openai.asked().len() >= 3).await;
        desk.service.release();
        desk.settle().await;
        assert_eq!((desk.service.seen().len(), only(&shop).await.state), (1, State::Failed));
        assert_eq!((shop.tasks().await, shop.replies(ANA).len()), (vec!["unknown_call".to_owned()], 2));
    }
);

story!(a_yes_after_a_restart_is_carried_out_once, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    asks_first(&shop, "schedule_appointment", "approval").await;
    book(desk);
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "manicure").await;
    // Nothing waits in memory: the process is gone, the caches with it, and another one says who it is.
    for word in ["approve", "approve"] {
        let (node, now) = (desk.engine.node.clone(), desk.now());
        let reborn = desk.engine.db.write(
            &Server,
            work!(tx => {
                nodes::leave(tx, &Server, &node).await?;
                nodes::free_dead_lanes(tx, &Server, now).await?;
                nodes::heartbeat(tx, &Server, &node, "test", "1", now, SECOND * 1_000_000).await
            }),
        );
        reborn.await.unwrap();
        desk.engine.directory.invalidate();
        let asked = only(&shop).await;
        let said = decide(&shop, &asked.id, word, json!({ "args_hash": asked.args_hash })).await;
        assert_eq!(said.status, 200, "{}", said.text);
    }
    desk.openai.say("Tu cita está agendada.");
    desk.settle().await;
    assert_eq!((booked(&shop).await, only(&shop).await.state, shop.replies(ANA).len()), (1, State::Executed, 2));
    assert_eq!(audited(&shop, "approval.").await, ["approval.approved", "approval.executed"]);
});

story!(a_yes_in_a_burst_is_taken_up_with_it_and_done_once, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    asks_first(&shop, "schedule_appointment", "approval").await;
    book(desk);
    desk.openai.say("Lo consulto.");
    shop.talk(ANA, "manicure").await;
    shop.say(ANA, "¿y entonces?").await;
    approve(&shop).await;
    desk.openai.say("Tu cita está agendada.");
    desk.advance(BURST);
    desk.settle().await;
    assert_eq!((booked(&shop).await, shop.turns().await.len(), shop.replies(ANA).len()), (1, 2, 2));
    let steps = shop.journal(&shop.turns().await[1].id).await;
    assert!(steps[0].is_policy() && matches!(steps[1], Step::Tools { .. }), "{steps:?}");
});
