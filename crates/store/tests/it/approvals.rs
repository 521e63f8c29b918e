//! What waits for somebody's word, and what was decided about calls.

use frontdesk_kernel::{
    action::{Amount, Level},
    approval::{Approval, Kind, Origin, Source, State, decided_in},
    decision::Facts,
    ids::*,
    message::{Author, Direction},
    tool::ToolResult,
};
use frontdesk_store::{
    Db,
    approvals::{self, Filter, Word},
    decisions::{self, Decision, Outcome},
    lanes, merges, messages,
    tool_calls::Place,
};
use serde_json::json;

use crate::harness::*;

pub(crate) fn asked(id: &ApprovalId, conversation: &ConversationId, turn: &TurnId) -> Approval {
    let arguments = json!({"amount": 500, "reason": "ñandú \"quoted\""});
    Approval {
        id: id.clone(),
        kind: Kind::Approval,
        state: State::Pending,
        conversation: conversation.clone(),
        turn: turn.clone(),
        action: "refund".into(),
        args_hash: approvals::hash(&arguments),
        arguments,
        provenance: vec![Origin { argument: "amount".into(), from: Source::Message, of: Some("msg_1".into()) }],
        question: "Refund 500?".into(),
        rule: "default".into(),
        requested_by: String::new(),
        decided_by: String::new(),
        decided_at: None,
        note: None,
        edited_from: None,
        edited_by: None,
        taken_by: None,
        asked: 1,
        created_at: at(0),
        updated_at: at(0),
        expires_at: at(86_400_000),
        escalate_at: Some(at(3_600_000)),
        result: None,
    }
}

pub(crate) fn decision(turn: &TurnId, action: &str, amount: i64) -> Decision {
    Decision {
        place: Place { turn: turn.clone(), step: 1, n: 0 },
        action: action.into(),
        level: Level::Approval,
        rule: "rul_1".into(),
        outcome: Outcome::Waiting,
        facts: Facts {
            action: action.into(),
            category: "external".into(),
            role: None,
            location: None,
            channel: None,
            amount: Amount::Minor(amount),
            amount_today: 0,
            count_today: 0,
            other_recipient: false,
            outside_hours: true,
            first_time_contact: false,
        },
        amount: Some(amount),
        approval: Some(id("1")),
        at: at(10),
    }
}

fn done() -> &'static ToolResult {
    keep(ToolResult {
        call: "apv_1".into(),
        name: "refund".into(),
        ok: true,
        content: "done".into(),
        data: json!({"id": 7}),
        receipt: Some(frontdesk_kernel::tool::ReceiptKind::Paid),
    })
}

fn word(to: State, by: &str) -> &'static Word<'static> {
    keep(Word { to, by: keep(by.to_owned()), note: Some("as agreed"), taken_by: None })
}

async fn one(db: &Db, a: &'static Shop) -> (&'static ConversationId, &'static Approval) {
    let conversation = a.hears(db, "57300", at(0)).await;
    let approval = keep(asked(&fresh(), conversation, keep(fresh())));
    change!(db, &a.scope, tx => approvals::insert(tx, &a.scope, approval));
    (conversation, approval)
}

#[test]
fn arguments_have_the_same_hash_in_any_order_and_another_when_they_differ() {
    let hash = approvals::hash(&json!({"a": 1, "b": 2}));
    assert_eq!(hash.len(), 64);
    assert_eq!(hash, approvals::hash(&json!({"b": 2, "a": 1})));
    assert_ne!(hash, approvals::hash(&json!({"a": 1, "b": 3})));
}

db_test!(the_first_word_counts_and_it_is_carried_out_once, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (_, asked) = one(&db, a).await;
    let id = &asked.id;
    assert_eq!(look!(db, &a.scope, tx => approvals::get(tx, &a.scope, id)).as_ref(), Some(asked));
    assert_eq!(look!(db, &b.scope, tx => approvals::get(tx, &b.scope, id)), None, "another tenant's");
    let (yes, no) = (word(State::Approved, "usr_ana"), word(State::Rejected, "usr_leo"));
    assert!(
        !change!(db, &a.scope, tx => approvals::end(tx, &a.scope, id, State::Executed, done(), at(1))),
        "nobody said yes yet"
    );
    assert!(!change!(db, &b.scope, tx => approvals::decide(tx, &b.scope, id, yes, at(1))));
    assert!(change!(db, &a.scope, tx => approvals::decide(tx, &a.scope, id, yes, at(2))));
    assert!(!change!(db, &a.scope, tx => approvals::decide(tx, &a.scope, id, no, at(3))), "the second click");
    assert!(!change!(db, &a.scope, tx => approvals::ask_again(tx, &a.scope, id, at(3))));
    assert!(change!(db, &a.scope, tx => approvals::end(tx, &a.scope, id, State::Executed, done(), at(4))));
    assert!(!change!(db, &a.scope, tx => approvals::end(tx, &a.scope, id, State::Failed, done(), at(5))));
    let kept = change!(db, &a.scope, tx => approvals::lock(tx, &a.scope, id)).unwrap();
    let expected = Approval {
        state: State::Executed,
        decided_by: "usr_ana".into(),
        decided_at: Some(at(2)),
        note: Some("as agreed".into()),
        updated_at: at(4),
        result: Some(done().clone()),
        ..asked.clone()
    };
    assert_eq!(kept, expected);
});

db_test!(two_who_decide_at_the_same_moment_do_not_both_decide, |db| async {
    let a = shop(&db, "a").await;
    let (_, asked) = one(&db, a).await;
    let clicks = (0..8).map(|n| {
        let (db, word) = (db.clone(), word(if n % 2 == 0 { State::Approved } else { State::Rejected }, &format!("usr_{n}")));
        async move { change!(db, &a.scope, tx => approvals::decide(tx, &a.scope, &asked.id, word, at(n))) }
    });
    assert_eq!(at_once(clicks).await.into_iter().filter(|won| *won).count(), 1);
});

db_test!(who_is_asked_again_and_who_else_is_told_is_counted_until_somebody_decides, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (_, asked) = one(&db, a).await;
    for t in 1..3 {
        assert!(change!(db, &a.scope, tx => approvals::ask_again(tx, &a.scope, &asked.id, at(t))));
    }
    assert!(!change!(db, &b.scope, tx => approvals::ask_again(tx, &b.scope, &asked.id, at(9))), "another tenant's");
    let kept = look!(db, &a.scope, tx => approvals::get(tx, &a.scope, &asked.id)).unwrap();
    assert_eq!((kept.asked, kept.updated_at), (3, at(2)));
    for before in 0..3 {
        assert_eq!(change!(db, &a.scope, tx => approvals::escalate(tx, &a.scope, &asked.id)), Some(before));
    }
    assert_eq!(change!(db, &b.scope, tx => approvals::escalate(tx, &b.scope, &asked.id)), None, "another tenant's");
    change!(db, &a.scope, tx => approvals::decide(tx, &a.scope, &asked.id, word(State::Rejected, ""), at(3)));
    assert_eq!(change!(db, &a.scope, tx => approvals::escalate(tx, &a.scope, &asked.id)), None);
    assert!(!change!(db, &a.scope, tx => approvals::ask_again(tx, &a.scope, &asked.id, at(4))));
});

db_test!(a_person_may_change_the_arguments_until_somebody_decides, |db| async {
    let a = shop(&db, "a").await;
    let (conversation, asked) = one(&db, a).await;
    let (first, second, origins) = (keep(json!({"amount": 300})), keep(json!({"amount": 200})), keep(Vec::new()));
    for (arguments, t) in [(first, 1), (second, 2)] {
        assert!(change!(db, &a.scope, tx => approvals::edit(tx, &a.scope, &asked.id, arguments, origins, "usr_ana", at(t))));
    }
    let kept = look!(db, &a.scope, tx => approvals::get(tx, &a.scope, &asked.id)).unwrap();
    assert_eq!(
        (&kept.arguments, kept.edited_from.as_ref(), kept.edited_by.as_deref()),
        (second, Some(&asked.arguments), Some("usr_ana"))
    );
    assert_eq!(kept.args_hash, approvals::hash(second));
    let of = |arguments: &'static serde_json::Value| {
        let (db, hash) = (db.clone(), keep(approvals::hash(arguments)));
        async move { look!(db, &a.scope, tx => approvals::waiting(tx, &a.scope, conversation, Kind::Approval, "refund", hash)) }
    };
    assert_eq!((of(second).await, of(first).await), (Some(asked.id.clone()), None));
    change!(db, &a.scope, tx => approvals::decide(tx, &a.scope, &asked.id, word(State::Rejected, ""), at(3)));
    assert!(!change!(db, &a.scope, tx => approvals::edit(tx, &a.scope, &asked.id, first, origins, "usr_ana", at(4))));
    assert_eq!(of(second).await, None);
});

db_test!(a_decision_comes_into_its_conversation_once_as_a_message_of_ours, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let (conversation, asked) = one(&db, a).await;
    let first = claim_one(&db, node, at(1500)).await;
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, first));
    for expected in [true, false] {
        let message: &MessageId = keep(fresh());
        let told = change!(db, &a.scope, tx => approvals::announce(tx, &a.scope, conversation, &asked.id, message, "approved", at(5000)));
        assert_eq!(told, expected);
    }
    let turn = claim_one(&db, node, at(5000)).await;
    assert_eq!((turn.from_seq, turn.to_seq), (2, 2));
    let brought = look!(db, &a.scope, tx => messages::of_lane(tx, &a.scope, conversation, 2, 2));
    assert_eq!(brought.len(), 1);
    assert_eq!((brought[0].direction, brought[0].author, brought[0].vendor_id.as_deref()), (Direction::In, Author::System, None));
    assert_eq!(decided_in(&brought[0].parts[0]), Some(asked.id.clone()));
});

db_test!(a_turn_sees_what_it_has_to_do_with, |db| async {
    let a = shop(&db, "a").await;
    let (conversation, rejected) = one(&db, a).await;
    let other = a.hears(&db, "57301", at(0)).await;
    let turn: &TurnId = keep(fresh());
    let mut ids = Vec::new();
    for (kind, state, t) in [
        (Kind::Suggestion, State::Pending, 1),
        (Kind::Approval, State::Pending, 2),
        (Kind::Approval, State::Approved, 3),
        (Kind::Suggestion, State::Expired, 4),
    ] {
        let a_request =
            keep(Approval { kind, state, created_at: at(t), updated_at: at(t), ..asked(&fresh(), conversation, turn) });
        change!(db, &a.scope, tx => approvals::insert(tx, &a.scope, a_request));
        ids.push(a_request.id.clone());
    }
    let elsewhere = keep(Approval { state: State::Approved, ..asked(&fresh(), other, turn) });
    change!(db, &a.scope, tx => approvals::insert(tx, &a.scope, elsewhere));
    let and = keep([rejected.id.clone()]);
    let open = look!(db, &a.scope, tx => approvals::open_in(tx, &a.scope, conversation, and));
    assert_eq!(open.iter().map(|o| &o.id).collect::<Vec<_>>(), [&ids[0], &ids[2], &rejected.id]);
    assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM approval WHERE turn = '{turn}'")).await, 5);
    assert_eq!(look!(db, &a.scope, tx => approvals::pending(tx, &a.scope, None)), (2, 1));
    let (here, there): (&[ChannelId], &[ChannelId]) = (keep([a.channel.clone()]), keep([id("x")]));
    assert_eq!(look!(db, &a.scope, tx => approvals::pending(tx, &a.scope, Some(here))), (2, 1));
    assert_eq!(look!(db, &a.scope, tx => approvals::pending(tx, &a.scope, Some(there))), (0, 0));
    assert_eq!(look!(db, &a.scope, tx => approvals::pending(tx, &a.scope, Some(&[]))), (0, 0));
    // The turn that was to carry it out is given up; what comes after it, and elsewhere, stays.
    let node = node(&db, "n").await;
    let approved = keep(ids[2].clone());
    let claims = claim(&db, node, at(2000), 10).await;
    let first = keep(claims.into_iter().find(|c| c.conversation == *conversation).unwrap());
    change!(db, &a.scope, tx => approvals::announce(tx, &a.scope, conversation, approved, keep(fresh()), "approved", at(2000)));
    assert!(change!(db, &a.scope, tx => approvals::give_up(tx, &a.scope, first, at(2001))).is_empty());
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, first));
    let second = claim_one(&db, node, at(2002)).await;
    assert_eq!(change!(db, &a.scope, tx => approvals::give_up(tx, &a.scope, second, at(2003))), std::slice::from_ref(approved));
    assert_eq!(look!(db, &a.scope, tx => approvals::get(tx, &a.scope, &elsewhere.id)).unwrap().state, State::Approved);
});

db_test!(requests_are_filtered_and_come_in_pages, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let conversation = a.hears(&db, "57300", at(0)).await;
    for (name, kind, state, t) in [
        ("1", Kind::Approval, State::Pending, 0),
        ("2", Kind::Consultation, State::Pending, 0),
        ("3", Kind::Approval, State::Rejected, 5),
        ("4", Kind::Suggestion, State::Pending, 6),
    ] {
        let a_request = keep(Approval { kind, state, created_at: at(t), ..asked(&id(name), conversation, keep(fresh())) });
        change!(db, &a.scope, tx => approvals::insert(tx, &a.scope, a_request));
    }
    let of = Filter::default;
    for (filter, expected) in [
        (of(), vec!["apv_4", "apv_3", "apv_2", "apv_1"]),
        (Filter { state: Some(State::Pending), ..of() }, vec!["apv_4", "apv_2", "apv_1"]),
        (Filter { state: Some(State::Rejected), ..of() }, vec!["apv_3"]),
        (Filter { kind: Some(Kind::Approval), ..of() }, vec!["apv_3", "apv_1"]),
        (
            Filter { conversation: Some(conversation.clone()), channels: Some(vec![id("x"), a.channel.clone()]), ..of() },
            vec!["apv_4", "apv_3", "apv_2", "apv_1"],
        ),
        (Filter { channels: Some(Vec::new()), ..of() }, vec![]),
        (Filter { conversation: Some(id("other")), ..of() }, vec![]),
    ] {
        let filter = keep(filter);
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let from = keep(after.take());
            let page = look!(db, &a.scope, tx => approvals::list(tx, &a.scope, filter, from.as_ref(), 2));
            let Some(last) = page.last() else { break };
            assert_eq!((&last.channel, last.contact_name.as_deref()), (&a.channel, None));
            after = Some((last.approval.created_at, last.approval.id.clone()));
            seen.extend(page.iter().map(|l| l.approval.id.to_string()));
        }
        assert_eq!(seen, expected, "{filter:?}");
    }
    let all = keep(of());
    assert!(look!(db, &b.scope, tx => approvals::list(tx, &b.scope, all, None, 10)).is_empty(), "another tenant's");
});

db_test!(what_was_decided_is_kept_with_its_call_and_adds_up_over_a_contact_s_threads, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let node = node(&db, "n").await;
    let (mine, other) = (a.hears(&db, "57300", at(0)).await, a.hears(&db, "57301", at(0)).await);
    let contact = keep(a.contact_in(&db, mine).await);
    let claims = claim(&db, node, at(10_000), 10).await;
    let turn_of = |c: &ConversationId| keep(claims.iter().find(|claim| claim.conversation == *c).unwrap().turn.clone());
    let (turn, others) = (turn_of(mine), turn_of(other));
    for (n, of, outcome, amount, t) in [
        (0, turn, Outcome::Run, 100, 10),
        (1, turn, Outcome::Waiting, 50, 20),
        (2, turn, Outcome::Approved, 50, 30),
        (3, turn, Outcome::Refused, 7000, 30),
        (0, others, Outcome::Run, 9000, 30),
    ] {
        let place = Place { turn: of.clone(), step: 1, n };
        let d = keep(Decision { place, outcome, at: at(t), ..decision(of, "refund", amount) });
        change!(db, &a.scope, tx => decisions::insert(tx, &a.scope, d));
    }
    let since = |t: i64| {
        let db = db.clone();
        async move { look!(db, &a.scope, tx => decisions::since(tx, &a.scope, contact, "refund", at(t))) }
    };
    assert_eq!((since(0).await, since(15).await, since(99).await), ((2, 150), (1, 50), (0, 0)));
    let kept = look!(db, &a.scope, tx => decisions::of_turn(tx, &a.scope, turn));
    assert_eq!(kept.iter().map(|d| d.outcome.as_str()).collect::<Vec<_>>(), ["run", "waiting", "approved", "refused"]);
    let first = keep(kept[0].place.clone());
    assert_eq!(look!(db, &a.scope, tx => decided_at(tx, &a.scope, first)).as_ref(), Some(&kept[0]));
    assert_eq!(look!(db, &b.scope, tx => decided_at(tx, &b.scope, first)), None, "another tenant's");
    let ghost = keep(decision(turn, "refund", 1));
    assert!(try_change!(db, &a.scope, tx => decisions::insert(tx, &a.scope, ghost)).is_err(), "its place is taken");
    // The two turn out to be one person.
    let second = keep(a.contact_in(&db, other).await);
    change!(db, &a.scope, tx => merges::merge(tx, &a.scope, contact, second, false, at(40)));
    assert_eq!(look!(db, &a.scope, tx => decisions::since(tx, &a.scope, contact, "refund", at(0))), (3, 9150));
});
