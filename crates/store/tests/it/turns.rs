//! Turns and their journal.

use frontdesk_kernel::{
    Timestamp,
    conversation::Mode,
    ids::{AgentId, TurnId},
    ports::model::{Finish, ToolCall, Usage},
    tool::ToolResult,
    turn::{GiveUp, Step},
};
use frontdesk_store::{Error, conversations, lanes, messages, turns};

use crate::harness::*;

fn model(text: &str) -> Step {
    Step::Model {
        dialect: "openai".into(),
        model: "small".into(),
        text: Some(text.to_owned()),
        calls: vec![ToolCall {
            id: "c1".into(),
            name: "book".into(),
            arguments: serde_json::json!({ "at": "10:00" }),
            broken: None,
        }],
        usage: Usage { input: 10, cached: 2, output: 3, cost_micros: Some(9) },
        finish: Finish::ToolCalls,
        raw: Some(serde_json::json!({ "thought": "…" })),
    }
}

db_test!(the_journal_reads_back_in_order_as_it_was_written, |db| async {
    let a = shop(&db, "a").await;
    a.hears(&db, "57300", at(0)).await;
    let turn = &claim_one(&db, node(&db, "n").await, at(5000)).await.turn;
    let steps: &'static [Step] = keep([
        model("¿Mañana a las 10? 💇 \"sí\""),
        Step::Tools { results: Vec::<ToolResult>::new() },
        Step::Correction { text: "again".into() },
        Step::Finished { text: "hecho".into(), gave_up: Some(GiveUp::Deadline) },
    ]);
    // Written out of order: `n` rules.
    for n in [3, 0, 2, 1] {
        change!(db, &a.scope, tx => turns::append(tx, &a.scope, turn, n as i64, &steps[n], 100 + n as i64, at(n as i64)));
    }
    let journal = look!(db, &a.scope, tx => turns::journal(tx, &a.scope, turn));
    assert_eq!(journal.iter().map(|j| j.step.clone()).collect::<Vec<_>>(), steps);
    assert_eq!(
        journal.iter().map(|j| (j.millis, j.at)).collect::<Vec<_>>(),
        [(100, at(0)), (101, at(1)), (102, at(2)), (103, at(3))]
    );
});

db_test!(steps_that_are_journaled_together_stand_one_after_another_or_not_at_all, |db| async {
    let a = shop(&db, "a").await;
    let turn: &'static TurnId = keep(id("1"));
    let (asked, ran, done): (&Step, &Step, &Step) = (
        keep(model("¿Mañana?")),
        keep(Step::Tools { results: Vec::new() }),
        keep(Step::Finished { text: "hecho".into(), gave_up: None }),
    );
    change!(db, &a.scope, tx => turns::append_all(tx, &a.scope, turn, 0, &[], at(1)));
    change!(db, &a.scope, tx => turns::append_all(tx, &a.scope, turn, 0, &[(asked, 7), (ran, 0)], at(1)));
    // A ghost has the same places to give: nothing of it stays.
    let ghost = try_change!(db, &a.scope, tx => turns::append_all(tx, &a.scope, turn, 1, &[(ran, 0), (done, 0)], at(2)));
    assert!(matches!(ghost, Err(frontdesk_store::Error::Conflict(_))), "{ghost:?}");
    change!(db, &a.scope, tx => turns::append_all(tx, &a.scope, turn, 2, &[(done, 0)], at(3)));
    let journal = look!(db, &a.scope, tx => turns::journal(tx, &a.scope, turn));
    let rows: Vec<_> = journal.iter().map(|j| (&j.step, j.millis, j.at)).collect();
    assert_eq!(rows, [(asked, 7, at(1)), (ran, 0, at(1)), (done, 0, at(3))]);
});

db_test!(a_turn_tells_what_ran_what_went_wrong_and_how_it_ended, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let claimed = claim_one(&db, node(&db, "n").await, at(5000)).await;
    let turn = &claimed.turn;
    let agent: &AgentId = keep(id("front"));
    change!(db, &a.scope, tx => turns::describe(tx, &a.scope, turn, agent, 7, "You are …"));
    change!(db, &a.scope, tx => turns::stumble(tx, &a.scope, turn, "the model was silent"));
    change!(db, &a.scope, tx => turns::extend(tx, &a.scope, claimed, 4));
    let running = look!(db, &a.scope, tx => turns::get(tx, &a.scope, turn)).unwrap();
    assert_eq!((running.state.as_str(), running.ended_at), ("running", None));

    change!(db, &a.scope, tx => turns::end(tx, &a.scope, turn, "handed_off", Some(GiveUp::Deadline), at(6000)));
    let ended = look!(db, &a.scope, tx => turns::get(tx, &a.scope, turn)).unwrap();
    let expected = turns::Turn {
        id: turn.clone(),
        conversation: conversation.clone(),
        from_seq: 1,
        to_seq: 4,
        state: "handed_off".into(),
        attempts: 1,
        agent: Some(agent.clone()),
        agent_version: Some(7),
        prompt: Some("You are …".into()),
        outcome: Some("Deadline".into()),
        problem: Some("the model was silent".into()),
        started_at: at(5000),
        ended_at: Some(at(6000)),
    };
    assert_eq!(ended, expected);
    let stranger = keep(fresh());
    assert_eq!(look!(db, &a.scope, tx => turns::get(tx, &a.scope, stranger)), None);
});

db_test!(a_message_leads_to_the_turn_that_answered_it, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let mut told = Vec::new();
    for n in 0..3 {
        let arrival = keep(a.text("57300", n, "hola", at(n * 10_000)));
        a.receive(&db, arrival).await;
        let claimed = claim_one(&db, node, at(n * 10_000 + 5000)).await;
        change!(db, &a.scope, tx => frontdesk_store::lanes::finish(tx, &a.scope, claimed));
        told.push((&arrival.message, &claimed.turn));
    }
    for (message, turn) in told {
        let found = look!(db, &a.scope, tx => turns::of_message(tx, &a.scope, message)).unwrap();
        assert_eq!(&found.id, turn);
    }
    let waiting = keep(a.text("57300", 9, "hola", at(90_000)));
    a.receive(&db, waiting).await;
    assert_eq!(look!(db, &a.scope, tx => turns::of_message(tx, &a.scope, &waiting.message)), None);
});

db_test!(a_message_that_no_turn_will_take_up_is_known, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let answered = claim_one(&db, node(&db, "n").await, at(5000)).await;
    change!(db, &a.scope, tx => frontdesk_store::lanes::finish(tx, &a.scope, answered));
    change!(db, &a.scope, tx => conversations::set_mode(tx, &a.scope, conversation, Mode::Human, "asked for"));
    let to_a_person = keep(a.text("57300", "w1", "¿hay alguien?", at(6000)));
    a.receive(&db, to_a_person).await;
    change!(db, &a.scope, tx => conversations::set_mode(tx, &a.scope, conversation, Mode::Bot, "done"));
    let waiting = keep(a.text("57300", "w2", "gracias", at(7000)));
    a.receive(&db, waiting).await;
    let of_answered = look!(db, &a.scope, tx => messages::of_lane(tx, &a.scope, conversation, 1, 1)).remove(0).id;
    for (message, expected) in
        [(keep(of_answered), false), (&to_a_person.message, true), (&waiting.message, false), (keep(fresh()), false)]
    {
        assert_eq!(look!(db, &a.scope, tx => turns::none_follows(tx, &a.scope, message)), expected, "{message}");
    }
});

db_test!(recent_turns_come_latest_first_in_pages, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    for n in 0..5 {
        a.hears(&db, &format!("5730{n}"), at(n * 10_000)).await;
        claim_one(&db, node, at(n * 10_000 + 5000)).await;
    }
    let page = look!(db, &a.scope, tx => turns::recent(tx, &a.scope, Timestamp::NEVER, 2));
    assert_eq!(page.iter().map(|t| t.started_at).collect::<Vec<_>>(), [at(45_000), at(35_000)]);
    let page = look!(db, &a.scope, tx => turns::recent(tx, &a.scope, at(35_000), 2));
    assert_eq!(page.iter().map(|t| t.started_at).collect::<Vec<_>>(), [at(25_000), at(15_000)]);
});

db_test!(a_step_is_billed_once_and_tokens_are_counted_since_a_moment, |db| async {
    let a = shop(&db, "a").await;
    let b = shop(&db, "b").await;
    a.hears(&db, "57300", at(0)).await;
    let turn = &claim_one(&db, node(&db, "n").await, at(5000)).await.turn;
    assert_eq!(look!(db, &a.scope, tx => turns::tokens_since(tx, &a.scope, at(0))), 0);
    for (n, usage) in [
        (1, Usage { input: 100, cached: 90, output: 10, cost_micros: None }),
        (2, Usage { input: 5, output: 6, ..Usage::default() }),
    ] {
        let usage = keep(usage);
        change!(db, &a.scope, tx => turns::bill(tx, &a.scope, turn, n, "openai", "small", usage, at(n * 1000)));
        let twice = try_change!(db, &a.scope, tx => turns::bill(tx, &a.scope, turn, n, "openai", "small", usage, at(n * 1000)));
        assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
    }
    for (since, tokens) in [(0, 121), (1000, 121), (1001, 11), (2001, 0)] {
        assert_eq!(look!(db, &a.scope, tx => turns::tokens_since(tx, &a.scope, at(since))), tokens, "since {since}");
    }
    assert_eq!(look!(db, &b.scope, tx => turns::tokens_since(tx, &b.scope, at(0))), 0);
});

db_test!(the_agent_of_a_thread_is_kept, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let agent: &AgentId = keep(id("night"));
    for agent in [Some(agent), None] {
        assert!(change!(db, &a.scope, tx => conversations::set_agent(tx, &a.scope, conversation, agent)));
        assert_eq!(a.conversation(&db, conversation).await.agent.as_ref(), agent);
    }
});

db_test!(turns_are_listed_by_time_conversation_and_state, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let node = node(&db, "n").await;
    let mut turns_of = Vec::new();
    for (n, from) in ["57300", "57301", "57300"].into_iter().enumerate() {
        let t = at(n as i64 * 10_000);
        a.hears(&db, from, t).await;
        let claim = claim_one(&db, node, frontdesk_kernel::Timestamp(t.0 + 5000)).await;
        change!(db, &a.scope, tx => turns::end(tx, &a.scope, &claim.turn, if n == 1 { "dead" } else { "done" }, None, t));
        change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, claim));
        turns_of.push(claim.turn.clone());
    }
    let list = async |filter: turns::Filter, after: Option<(Timestamp, TurnId)>, limit| {
        let found = look!(db, &a.scope, tx => turns::list(tx, &a.scope, &filter, after.as_ref(), limit));
        found.into_iter().map(|t| (t.started_at, t.id)).collect::<Vec<_>>()
    };
    let ids = |found: &[(Timestamp, TurnId)]| found.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>();
    let all = list(turns::Filter::default(), None, 10).await;
    assert_eq!(ids(&all), turns_of.iter().rev().cloned().collect::<Vec<_>>());
    let second = list(turns::Filter::default(), Some(all[0].clone()), 1).await;
    assert_eq!(ids(&second), [turns_of[1].clone()]);
    let conversation = Some(a.hears(&db, "57300", at(50_000)).await.clone());
    let theirs = list(turns::Filter { conversation, ..turns::Filter::default() }, None, 10).await;
    assert_eq!(ids(&theirs), [turns_of[2].clone(), turns_of[0].clone()]);
    let dead = list(turns::Filter { state: Some("dead".into()), ..turns::Filter::default() }, None, 10).await;
    assert_eq!(ids(&dead), [turns_of[1].clone()]);
    assert_eq!(look!(db, &b.scope, tx => turns::list(tx, &b.scope, &turns::Filter::default(), None, 10)), []);
});

db_test!(what_the_tools_came_to_is_read_without_the_rest_of_the_journal, |db| async {
    let a = shop(&db, "a").await;
    a.hears(&db, "57300", at(0)).await;
    let turn = &claim_one(&db, node(&db, "n").await, at(5000)).await.turn;
    let result = ToolResult {
        call: "c1".into(),
        name: "book".into(),
        ok: true,
        content: "done".into(),
        data: serde_json::Value::Null,
        receipt: Some(frontdesk_kernel::tool::ReceiptKind::Booked),
    };
    let steps: &'static [Step] = keep([model("{\"kind\":\"tools\"}"), Step::Tools { results: vec![result.clone()] }]);
    for n in [0, 1] {
        change!(db, &a.scope, tx => turns::append(tx, &a.scope, turn, n as i64, &steps[n], 1, at(0)));
    }
    assert_eq!(look!(db, &a.scope, tx => turns::tool_results(tx, &a.scope, turn)), [result]);
});
