//! External writes: planned, begun, ended, reaped, sent again.

use frontdesk_kernel::{
    Timestamp,
    effect::{Class, State},
    ids::{NodeId, TurnId},
    message::Delivery,
    scope::Server,
};
use frontdesk_store::{
    Db, channels, effects,
    effects::{Attempt, Effect, Ended},
    messages,
};

use crate::harness::*;

async fn due(db: &Db, now: Timestamp) -> Vec<Effect> {
    change!(db, &Server, tx => effects::due(tx, &Server, now, 100)).into_iter().map(|due| due.effect).collect()
}

fn ids<'e>(effects: impl IntoIterator<Item = &'e Effect>) -> Vec<String> {
    effects.into_iter().map(|effect| effect.id.to_string()).collect()
}

db_test!(a_planned_send_is_found_by_its_id_its_message_and_its_turn, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let turn: &TurnId = keep(fresh());
    let mut planned = Vec::new();
    for class in [Class::A, Class::B, Class::C] {
        let (message, mut effect) = a.answer(conversation, class, at(1000));
        (effect.turn, effect.is_reply) = (Some(turn.clone()), class != Class::C);
        let (message, effect) = (keep(message), keep(effect));
        change!(db, &a.scope, tx => messages::insert(tx, &a.scope, message));
        change!(db, &a.scope, tx => effects::plan(tx, &a.scope, effect, at(1000)));
        assert_eq!(look!(db, &a.scope, tx => effects::get(tx, &a.scope, &effect.id)).as_ref(), Some(effect));
        assert_eq!(look!(db, &a.scope, tx => effects::of_message(tx, &a.scope, &message.id)).as_ref(), Some(effect));
        planned.push(effect.clone());
    }
    assert_eq!(look!(db, &a.scope, tx => effects::of_turn(tx, &a.scope, turn)), planned);
    let stranger = keep(fresh());
    assert_eq!(look!(db, &a.scope, tx => effects::get(tx, &a.scope, stranger)), None);
});

db_test!(sends_of_a_conversation_go_one_after_another_in_the_order_of_planning, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let (one, two) = (a.hears(&db, "57300", at(0)).await, a.hears(&db, "57301", at(0)).await);
    let mut thread = Vec::new();
    for n in 0..3 {
        thread.push(a.replies(&db, one, Class::B, at(1000 - n)).await);
    }
    let other = a.replies(&db, two, Class::B, at(2000)).await;
    assert!(due(&db, at(997)).await.is_empty(), "none before its time");
    for first in thread {
        let mut expected = ids([first, other]);
        let mut found = ids(&due(&db, at(5000)).await);
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
        assert_eq!(change!(db, &a.scope, tx => begin(tx, &a.scope, &first.id, node, at(5000))), Some(1));
        assert_eq!(ids(&due(&db, at(5000)).await), ids([other]), "the next waits while one is being sent");
        change!(db, &a.scope, tx => effects::end(tx, &a.scope, first, 1, &ended(), at(5001)));
    }
    assert_eq!(ids(&due(&db, at(5000)).await), ids([other]));
});

db_test!(a_reply_waits_ninety_seconds_for_one_whose_fate_is_unknown, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let first = a.sends(&db, conversation, Class::B, node, at(1000)).await;
    let second = a.replies(&db, conversation, Class::B, at(1000)).await;
    assert_eq!(
        change!(db, &a.scope, tx => effects::lost::silence(tx, &a.scope, first_run(first), "timeout", at(2000))),
        State::Unknown
    );
    assert!(due(&db, at(92_000)).await.is_empty());
    assert_eq!(ids(&due(&db, at(92_001)).await), ids([second]));
    // Sent again, the first has its place back.
    assert!(change!(db, &a.scope, tx => effects::lost::resend(tx, &a.scope, &first.id, at(92_001))));
    assert_eq!(ids(&due(&db, at(92_001)).await), ids([first]));
});

/// The effect as it is while its first attempt runs.
fn first_run(effect: &Effect) -> &'static Effect {
    keep(Effect { state: State::Sending, attempts: 1, ..effect.clone() })
}

db_test!(nothing_is_due_on_an_account_that_is_paused, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let effect = a.replies(&db, conversation, Class::B, at(1000)).await;
    assert_eq!(look!(db, &Server, tx => effects::next_due(tx, &Server)), Some(at(1000)));
    change!(db, &a.scope, tx => channels::report_fault(tx, &a.scope, &a.channel, "token expired", true, at(1500)));
    assert!(due(&db, at(2000)).await.is_empty());
    assert_eq!(look!(db, &Server, tx => effects::next_due(tx, &Server)), None);
    let cleared = keep(a.channel());
    change!(db, &a.scope, tx => channels::update(tx, &a.scope, cleared));
    assert_eq!(ids(&due(&db, at(2000)).await), ids([effect]));
});

db_test!(of_many_that_begin_the_same_send_at_once_one_wins, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let effect = a.replies(&db, conversation, Class::B, at(1000)).await;
    let mut senders = Vec::new();
    for name in ["n1", "n2", "n3", "n4", "n5", "n6"] {
        let (db, node) = (db.clone(), node(&db, name).await);
        senders.push(async move { change!(db, &a.scope, tx => begin(tx, &a.scope, &effect.id, node, at(2000))) });
    }
    let begun = at_once(senders).await;
    assert_eq!(begun.iter().filter(|n| **n == Some(1)).count(), 1, "{begun:?}");
    assert_eq!(begun.iter().filter(|n| n.is_none()).count(), 5, "{begun:?}");
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM attempt").await, 1);
});

db_test!(an_attempt_ends_as_it_was_judged_and_shows_on_its_message, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    for (n, (state, shown)) in [
        (State::Succeeded, Delivery::Sent),
        (State::Failed, Delivery::Failed),
        (State::Pending, Delivery::Queued),
        (State::Unknown, Delivery::Unknown),
        (State::Review, Delivery::Unknown),
    ]
    .into_iter()
    .enumerate()
    {
        let conversation = a.hears(&db, &format!("5730{n}"), at(0)).await;
        let effect = a.sends(&db, conversation, Class::B, node, at(1000)).await;
        let vendor_id = (state == State::Succeeded).then(|| &**keep(format!("wamid.{n}")));
        let end = Ended { state, outcome: "so", vendor_id, detail: Some("HTTP 500"), not_before: at(9000), uncounted: false };
        change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 1, &end, at(2000)));

        let now = a.effect(&db, effect).await;
        assert_eq!((now.state, now.attempts), (state, 1), "{state:?}");
        assert_eq!(now.vendor_id.as_deref(), vendor_id, "{state:?}");
        assert_eq!(now.unknown_since, (state == State::Unknown).then_some(at(2000)), "{state:?}");
        let message = a.message(&db, &effect.message).await;
        assert_eq!((message.delivery, message.vendor_id.as_deref()), (Some(shown), vendor_id), "{state:?}");
        assert_eq!(message.failure.as_deref(), (state == State::Failed).then_some("HTTP 500"), "{state:?}");
        assert_eq!(
            count(&db, &format!("SELECT COUNT(*) AS n FROM effect WHERE id = '{}' AND owner IS NULL", effect.id)).await,
            1
        );
        let attempt = Attempt {
            n: 1,
            started_at: at(1000),
            ended_at: Some(at(2000)),
            outcome: Some("so".into()),
            detail: Some("HTTP 500".into()),
        };
        assert_eq!(look!(db, &a.scope, tx => effects::attempts(tx, &a.scope, &effect.id)), [attempt], "{state:?}");
    }
});

db_test!(an_attempt_that_did_not_begin_is_not_counted, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let effect = a.sends(&db, conversation, Class::B, node, at(1000)).await;
    let paced = Ended { state: State::Pending, uncounted: true, not_before: at(7000), ..ended() };
    change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 1, &paced, at(2000)));
    assert_eq!(a.effect(&db, effect).await.attempts, 0);
    assert!(due(&db, at(6999)).await.is_empty());
    assert_eq!(change!(db, &a.scope, tx => begin(tx, &a.scope, &effect.id, node, at(7000))), Some(1));
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM attempt").await, 1);
});

db_test!(an_answer_that_comes_after_its_attempt_was_replaced_changes_nothing, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let effect = a.sends(&db, conversation, Class::A, node, at(1000)).await;
    let again = Ended { state: State::Pending, not_before: at(2000), ..ended() };
    change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 1, &again, at(2000)));
    assert_eq!(change!(db, &a.scope, tx => begin(tx, &a.scope, &effect.id, node, at(2000))), Some(2));
    let late = keep(Ended { state: State::Failed, ..ended() });
    change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 1, late, at(3000)));
    assert_eq!(a.effect(&db, effect).await.state, State::Sending);
    // One that was called unknown too early may still tell the truth.
    change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 2, &Ended { state: State::Unknown, ..ended() }, at(3000)));
    change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 2, &ended(), at(4000)));
    assert_eq!(a.effect(&db, effect).await.state, State::Succeeded);
    change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 2, late, at(5000)));
    assert_eq!(a.effect(&db, effect).await.state, State::Succeeded, "final is final");
});

db_test!(sends_of_dead_processes_are_repeated_awaited_or_asked_about_by_class, |db| async {
    let a = shop(&db, "a").await;
    let (alive, dead) = (node(&db, "alive").await, node(&db, "dead").await);
    let mut expected = Vec::new();
    for (class, state, shown) in [
        (Class::A, State::Pending, Delivery::Queued),
        (Class::B, State::Unknown, Delivery::Unknown),
        (Class::C, State::Review, Delivery::Unknown),
    ] {
        let of_dead = a.sends(&db, a.hears(&db, &format!("5730{class:?}"), at(0)).await, class, dead, at(1000)).await;
        let of_alive = a.sends(&db, a.hears(&db, &format!("5731{class:?}"), at(0)).await, class, alive, at(1000)).await;
        expected.extend([(of_dead, state, shown), (of_alive, State::Sending, Delivery::Queued)]);
    }
    let living: &[NodeId] = keep([alive.clone()]);
    let reaped = change!(db, &Server, tx => effects::lost::reap(tx, &Server, living, at(2000), 100));
    assert_eq!(reaped.len(), 3);
    assert!(reaped.iter().all(|(tenant, _)| tenant == a.scope.tenant()));
    for (effect, state, shown) in expected {
        assert_eq!(a.effect(&db, effect).await.state, state, "{:?}", effect.class);
        assert_eq!(a.message(&db, &effect.message).await.delivery, Some(shown), "{:?}", effect.class);
    }
    assert!(
        change!(db, &Server, tx => effects::lost::reap(tx, &Server, living, at(3000), 100)).is_empty(),
        "again is nothing more"
    );
});

db_test!(a_send_that_takes_too_long_was_lost_even_if_its_process_lives, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let effect = a.sends(&db, a.hears(&db, "57300", at(0)).await, Class::B, node, at(1000)).await;
    let living: &[NodeId] = keep([node.clone()]);
    assert!(change!(db, &Server, tx => effects::lost::reap(tx, &Server, living, at(180_999), 100)).is_empty());
    assert_eq!(change!(db, &Server, tx => effects::lost::reap(tx, &Server, living, at(181_000), 100)).len(), 1);
    assert_eq!(a.effect(&db, effect).await.state, State::Unknown);
});

db_test!(an_unknown_send_is_overtaken_when_a_later_one_went_out, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let (conversation, elsewhere) = (a.hears(&db, "57300", at(0)).await, a.hears(&db, "57301", at(0)).await);
    let effect = a.sends(&db, conversation, Class::B, node, at(1000)).await;
    change!(db, &a.scope, tx => effects::lost::silence(tx, &a.scope, first_run(effect), "timeout", at(2000)));
    let overtaken = || {
        let db = db.clone();
        async move { look!(db, &Server, tx => effects::lost::unknown(tx, &Server, 10))[0].overtaken }
    };
    let later = a.replies(&db, conversation, Class::B, at(3000)).await;
    a.sends(&db, elsewhere, Class::B, node, at(3000)).await;
    assert!(!overtaken().await, "the later one only waits");
    assert_eq!(change!(db, &a.scope, tx => begin(tx, &a.scope, &later.id, node, at(95_000))), Some(1));
    assert!(overtaken().await);
});

db_test!(an_unknown_send_is_repeated_once_and_then_a_person_decides, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let effect = a.sends(&db, conversation, Class::B, node, at(1000)).await;
    assert!(!change!(db, &a.scope, tx => effects::lost::resend(tx, &a.scope, &effect.id, at(1500))), "its fate is not unknown");
    assert!(!change!(db, &a.scope, tx => effects::lost::to_review(tx, &a.scope, &effect.id, "why", at(1500))));
    change!(db, &a.scope, tx => effects::lost::silence(tx, &a.scope, first_run(effect), "timeout", at(2000)));

    let unknown = look!(db, &Server, tx => effects::lost::unknown(tx, &Server, 10));
    assert_eq!(unknown.len(), 1);
    assert_eq!((&unknown[0].tenant, &unknown[0].effect), (a.scope.tenant(), &a.effect(&db, effect).await));
    assert_eq!((unknown[0].last_echo_at, unknown[0].overtaken), (None, false));

    assert!(change!(db, &a.scope, tx => effects::lost::resend(tx, &a.scope, &effect.id, at(3000))));
    assert_eq!(change!(db, &a.scope, tx => begin(tx, &a.scope, &effect.id, node, at(3000))), Some(2));
    let second = keep(a.effect(&db, effect).await);
    assert_eq!((second.state, second.resends, second.unknown_since), (State::Sending, 1, None));
    let attempts = look!(db, &a.scope, tx => effects::attempts(tx, &a.scope, &effect.id));
    assert_eq!(attempts.iter().map(|a| (a.n, a.outcome.as_deref())).collect::<Vec<_>>(), [(1, Some("unknown")), (2, None)]);
    change!(db, &a.scope, tx => effects::lost::silence(tx, &a.scope, second, "timeout", at(4000)));
    assert!(!change!(db, &a.scope, tx => effects::lost::resend(tx, &a.scope, &effect.id, at(5000))), "never twice");
    assert!(change!(db, &a.scope, tx => effects::lost::to_review(tx, &a.scope, &effect.id, "no sign of it", at(5000))));
    let now = a.effect(&db, effect).await;
    assert_eq!((now.state, now.problem.as_deref()), (State::Review, Some("no sign of it")));
    assert!(look!(db, &Server, tx => effects::lost::unknown(tx, &Server, 10)).is_empty());
});

db_test!(a_send_that_waits_can_be_postponed_or_withdrawn_and_one_that_began_cannot, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let waiting = a.replies(&db, conversation, Class::B, at(1000)).await;
    change!(db, &a.scope, tx => effects::postpone(tx, &a.scope, &waiting.id, at(9000)));
    assert_eq!(look!(db, &Server, tx => effects::next_due(tx, &Server)), Some(at(9000)));
    change!(db, &a.scope, tx => effects::withdraw(tx, &a.scope, waiting, State::Expired, "window closed", at(2000)));
    let now = a.effect(&db, waiting).await;
    assert_eq!((now.state, now.problem.as_deref()), (State::Expired, Some("window closed")));
    let message = a.message(&db, &waiting.message).await;
    assert_eq!((message.delivery, message.failure.as_deref()), (Some(Delivery::Failed), Some("window closed")));

    let begun = a.sends(&db, conversation, Class::B, node, at(3000)).await;
    change!(db, &a.scope, tx => effects::postpone(tx, &a.scope, &begun.id, at(90_000)));
    change!(db, &a.scope, tx => effects::withdraw(tx, &a.scope, begun, State::Canceled, "superseded", at(4000)));
    assert_eq!(a.effect(&db, begun).await.state, State::Sending);
    let message = a.message(&db, &begun.message).await;
    assert_eq!((message.delivery, message.failure), (Some(Delivery::Queued), None), "what is on its way is not called failed");
});

db_test!(when_a_person_answers_what_the_bot_has_not_begun_to_say_is_withdrawn, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let (conversation, elsewhere) = (a.hears(&db, "57300", at(0)).await, a.hears(&db, "57301", at(0)).await);
    let mut planned = Vec::new();
    for (thread, of_turn, begun) in
        [(conversation, true, false), (conversation, true, true), (conversation, false, false), (elsewhere, true, false)]
    {
        let (message, mut effect) = a.answer(thread, Class::B, at(1000));
        effect.turn = of_turn.then(fresh);
        let (message, effect) = (keep(message), keep(effect));
        change!(db, &a.scope, tx => messages::insert(tx, &a.scope, message));
        change!(db, &a.scope, tx => effects::plan(tx, &a.scope, effect, at(1000)));
        if begun {
            change!(db, &a.scope, tx => begin(tx, &a.scope, &effect.id, node, at(1500)));
        }
        planned.push(effect);
    }
    assert_eq!(change!(db, &a.scope, tx => effects::withdraw_bots(tx, &a.scope, conversation, "a person answers", at(2000))), 1);
    let mut states = Vec::new();
    for effect in planned {
        states.push((a.effect(&db, effect).await.state, a.message(&db, &effect.message).await.delivery.unwrap()));
    }
    use State::{Canceled, Pending, Sending};
    assert_eq!(
        states,
        [(Canceled, Delivery::Failed), (Sending, Delivery::Queued), (Pending, Delivery::Queued), (Pending, Delivery::Queued)]
    );
});

db_test!(what_waits_for_one_line_is_withdrawn_and_nothing_else, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let (conversation, elsewhere) = (a.hears(&db, "57300", at(0)).await, a.hears(&db, "57301", at(0)).await);
    let begun = a.sends(&db, conversation, Class::B, node, at(1000)).await;
    let waiting = a.replies(&db, conversation, Class::B, at(1000)).await;
    let other = a.replies(&db, elsewhere, Class::B, at(1000)).await;
    assert_eq!(change!(db, &a.scope, tx => effects::withdraw_all(tx, &a.scope, conversation, "another number", at(2000))), 1);
    for (effect, state, delivery) in [
        (begun, State::Sending, Delivery::Queued),
        (waiting, State::Canceled, Delivery::Failed),
        (other, State::Pending, Delivery::Queued),
    ] {
        assert_eq!((a.effect(&db, effect).await.state, a.message(&db, &effect.message).await.delivery), (state, Some(delivery)));
    }
});

db_test!(an_unknown_send_can_be_given_up_and_nobody_is_asked, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let effect = a.sends(&db, a.hears(&db, "57300", at(0)).await, Class::B, node, at(1000)).await;
    change!(db, &a.scope, tx => effects::lost::silence(tx, &a.scope, first_run(effect), "timeout", at(2000)));
    let unknown = keep(a.effect(&db, effect).await);
    change!(db, &a.scope, tx => effects::lost::give_up(tx, &a.scope, unknown, "no sign of it", at(3000)));
    let now = a.effect(&db, effect).await;
    assert_eq!((now.state, now.problem.as_deref(), now.unknown_since), (State::Failed, Some("no sign of it"), None));
    assert_eq!(a.message(&db, &effect.message).await.delivery, Some(Delivery::Failed));
});

db_test!(the_pace_of_an_account_and_of_a_pair_is_kept, |db| async {
    let a = shop(&db, "a").await;
    let b = shop(&db, "b").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    a.replies(&db, conversation, Class::B, at(1000)).await;
    assert_eq!(change!(db, &a.scope, tx => frontdesk_store::pace::account_pace(tx, &a.scope, &a.channel)), Timestamp(0));
    for pace in [at(5), at(7)] {
        change!(db, &a.scope, tx => frontdesk_store::pace::set_account_pace(tx, &a.scope, &a.channel, pace));
        assert_eq!(change!(db, &a.scope, tx => frontdesk_store::pace::account_pace(tx, &a.scope, &a.channel)), pace);
    }
    assert_eq!(change!(db, &b.scope, tx => frontdesk_store::pace::account_pace(tx, &b.scope, &b.channel)), Timestamp(0));
    change!(db, &a.scope, tx => frontdesk_store::pace::set_pair_pace(tx, &a.scope, conversation, at(9)));
    let due = change!(db, &Server, tx => effects::due(tx, &Server, at(2000), 10));
    assert_eq!(due.iter().map(|d| (&d.tenant, d.pair_tat)).collect::<Vec<_>>(), [(a.scope.tenant(), at(9))]);
});

db_test!(the_backlog_counts_what_waits_runs_and_is_not_known, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    assert_eq!(look!(db, &Server, tx => effects::backlog(tx, &Server)), (0, None, 0, 0, 0));
    for (n, class) in [Class::A, Class::A, Class::B, Class::C].into_iter().enumerate() {
        let conversation = a.hears(&db, &format!("5730{n}"), at(0)).await;
        let effect = a.sends(&db, conversation, class, node, at(n as i64)).await;
        if n > 0 {
            change!(db, &a.scope, tx => effects::lost::silence(tx, &a.scope, first_run(effect), "timeout", at(2000)));
        }
    }
    assert_eq!(look!(db, &Server, tx => effects::backlog(tx, &Server)), (1, Some(at(1)), 1, 1, 1));
});

db_test!(a_send_whose_beginning_nobody_heard_of_waits_as_before, |db| async {
    let a = shop(&db, "a").await;
    let (node, other) = (node(&db, "n").await, node(&db, "other").await);
    let conversation = a.hears(&db, "57300", at(0)).await;
    let sent = a.sends(&db, conversation, Class::C, node, at(1000)).await;
    let owned = look!(db, &Server, tx => effects::lost::owned(tx, &Server, node));
    assert_eq!(ids(owned.iter().map(|(_, effect)| effect)), ids([sent]));
    assert!(look!(db, &Server, tx => effects::lost::owned(tx, &Server, other)).is_empty());

    let begun = keep(owned[0].1.clone());
    change!(db, &a.scope, tx => effects::lost::not_begun(tx, &a.scope, begun, at(2000)));
    assert!(look!(db, &Server, tx => effects::lost::owned(tx, &Server, node)).is_empty());
    let waits = due(&db, at(2000)).await;
    assert_eq!((ids(&waits), waits[0].state, waits[0].attempts), (ids([sent]), State::Pending, 0));
    assert!(look!(db, &a.scope, tx => effects::attempts(tx, &a.scope, &sent.id)).is_empty());
});
