//! T1: what arrives becomes a row, once, and moves its lane.

mod together;

use std::time::Duration;

use frontdesk_kernel::{
    Timestamp,
    contact::AddressKind,
    conversation::Mode,
    message::{Part, Referral},
    ports::channel::{Address, Inbound},
    scope::Server,
};
use frontdesk_store::{
    Db, Error, contacts, conversations, inbound,
    inbound::{Received, Rules},
    lanes, messages, tasks, work,
};

use crate::harness::*;

/// When the turn that follows may start.
async fn ready_at(db: &Db, received: &Received) -> Timestamp {
    match received {
        Received::New { conversation, silent: None, .. } => {
            Timestamp(count(db, &format!("SELECT ready_at AS n FROM lane WHERE conversation = '{conversation}'")).await)
        }
        other => panic!("no turn follows: {other:?}"),
    }
}

fn turn_follows(received: &Received) -> bool {
    matches!(received, Received::New { silent: None, .. })
}

fn why(received: &Received) -> &'static str {
    match received {
        Received::New { silent: Some(why), .. } => why,
        other => panic!("a turn follows: {other:?}"),
    }
}

db_test!(a_hundred_deliveries_of_one_message_at_once_make_one_row, |db| async {
    let a = shop(&db, "a").await;
    let deliveries = (0..100).map(|_| (db.clone(), a.text("57300", "wamid.1", "hola", at(0))));
    let received = at_once(deliveries.map(|(db, arrival)| async move { a.receive(&db, &arrival).await })).await;
    assert_eq!(received.iter().filter(|r| matches!(r, Received::New { .. })).count(), 1);
    assert_eq!(received.iter().filter(|r| matches!(r, Received::Duplicate)).count(), 99);
    for table in ["inbound", "message", "contact", "conversation", "lane"] {
        assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM {table}")).await, 1, "{table}");
    }
    assert_eq!(count(&db, "SELECT head_seq AS n FROM lane").await, 1);
});

db_test!(a_burst_waits_for_quiet_but_never_longer_than_its_cap, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    for (t, ready) in [(0, 1500), (1000, 2500), (2400, 3900), (6400, 7900), (6600, 8000), (7900, 8000), (9000, 8000)] {
        let received = a.receive(&db, &a.text("57300", t, "hola", at(t))).await;
        assert_eq!(ready_at(&db, &received).await, at(ready), "written at {t}");
    }
    assert!(claim(&db, node, at(7999), 10).await.is_empty());
    let turn = claim_one(&db, node, at(8000)).await;
    assert_eq!((turn.from_seq, turn.to_seq), (1, 7));

    // The lane is owned: what comes now is a burst of its own.
    for (t, ready) in [(9500, 11_000), (10_000, 11_500)] {
        let received = a.receive(&db, &a.text("57300", t, "hola", at(t))).await;
        assert_eq!(ready_at(&db, &received).await, at(ready), "written at {t}");
    }
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, turn));
    assert!(claim(&db, node, at(11_499), 10).await.is_empty());
    let turn = claim_one(&db, node, at(11_500)).await;
    assert_eq!((turn.from_seq, turn.to_seq), (8, 9));
});

db_test!(a_lane_that_was_put_off_stays_put_off_when_the_contact_writes_again, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    a.hears(&db, "57300", at(0)).await;
    let turn = claim_one(&db, node, at(1500)).await;
    change!(db, &a.scope, tx => lanes::release(tx, &a.scope, turn, at(60_000), true));
    let received = a.receive(&db, &a.text("57300", 2, "¿hola?", at(20_000))).await;
    assert_eq!(ready_at(&db, &received).await, at(60_000));
});

db_test!(without_a_burst_wait_every_message_is_ready_at_once, |db| async {
    let a = shop(&db, "a").await;
    for t in [0, 10, 20] {
        let mut arrival = a.text("57300", t, "hola", at(t));
        arrival.rules.burst_wait = Duration::ZERO;
        let received = a.receive(&db, &arrival).await;
        assert_eq!(ready_at(&db, &received).await, at(t), "written at {t}");
    }
});

db_test!(where_the_bot_does_not_answer_a_message_is_kept_and_no_turn_follows, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let rules = a.text("", 0, "", at(0)).rules;
    for (n, (rules, part, expected)) in [
        (Rules { answers: false, ..rules }, None, "the bot is switched off here"),
        (Rules { own_echo: true, ..rules }, None, "our own message"),
        (rules, Some(Part::Reaction { to: "wamid.9".into(), emoji: Some("👍".into()) }), "needs no answer"),
        (rules, Some(Part::Delete { of: "wamid.9".into() }), "needs no answer"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut arrival = a.text(&format!("5730{n}"), n, "hola", at(0));
        arrival.rules = rules;
        arrival.inbound.parts = part.map_or(arrival.inbound.parts, |part| vec![part]);
        assert_eq!(why(&a.receive(&db, &arrival).await), expected);
        assert_eq!(a.message(&db, &arrival.message).await.parts, arrival.inbound.parts);
    }
    assert!(claim(&db, node, at(100_000), 10).await.is_empty());
});

db_test!(while_a_person_answers_no_turn_follows_and_the_bot_comes_back_with_what_is_new, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let turn = claim_one(&db, node, at(5000)).await;
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, turn));

    change!(db, &a.scope, tx => conversations::set_mode(tx, &a.scope, conversation, Mode::Human, "asked for a person"));
    assert_eq!(why(&a.receive(&db, &a.text("57300", 2, "hola", at(6000))).await), "a person answers here");
    assert!(claim(&db, node, at(60_000), 10).await.is_empty());

    change!(db, &a.scope, tx => conversations::set_mode(tx, &a.scope, conversation, Mode::Bot, "done"));
    a.receive(&db, &a.text("57300", 3, "gracias", at(70_000))).await;
    let turn = claim_one(&db, node, at(80_000)).await;
    assert_eq!((turn.from_seq, turn.to_seq), (3, 3));
});

db_test!(a_message_opens_a_closed_thread_and_ends_a_pause_that_is_over, |db| async {
    let a = shop(&db, "a").await;
    for (n, (mode, answers)) in
        [(Mode::Closed, true), (Mode::Paused(at(999)), true), (Mode::Paused(at(1001)), false), (Mode::Human, false)]
            .into_iter()
            .enumerate()
    {
        let from = keep(format!("5730{n}"));
        let conversation = a.hears(&db, from, at(0)).await;
        change!(db, &a.scope, tx => conversations::set_mode(tx, &a.scope, conversation, mode, "test"));
        let received = a.receive(&db, &a.text(from, format!("again-{n}"), "hola", at(1000))).await;
        assert_eq!(turn_follows(&received), answers, "{mode:?}");
        let expected = if answers { Mode::Bot } else { mode };
        assert_eq!(change!(db, &a.scope, tx => conversations::current_mode(tx, &a.scope, conversation)), Some(expected));
    }
});

db_test!(a_flood_is_muted_once_and_told_to_a_person_once, |db| async {
    let a = shop(&db, "a").await;
    let mut seen = Vec::new();
    for n in 0..7 {
        let mut arrival = a.text("57300", n, &format!("message {n}"), at(n * 1000));
        arrival.rules.per_hour = 4;
        seen.push(a.receive(&db, &arrival).await);
    }
    assert!(seen[..4].iter().all(turn_follows));
    assert!(matches!(seen[4], Received::Muted { .. }));
    assert!(seen[5..].iter().all(|r| why(r) == "a person answers here"));
    let tasks = look!(db, &a.scope, tx => tasks::open_tasks(tx, &a.scope, 10));
    assert_eq!(
        tasks.iter().map(|t| (t.kind.as_str(), t.title.as_str())).collect::<Vec<_>>(),
        [("flood", "too many messages from this contact")]
    );
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM message").await, 7);
});

db_test!(the_budget_begins_anew_after_an_hour, |db| async {
    let a = shop(&db, "a").await;
    for (n, minute) in [0, 20, 40, 60, 70, 80].into_iter().enumerate() {
        let mut arrival = a.text("57300", n, &format!("message {n}"), at(minute * 60_000));
        arrival.rules.per_hour = 3;
        assert!(turn_follows(&a.receive(&db, &arrival).await), "minute {minute}");
    }
});

db_test!(a_flood_that_comes_at_once_is_counted_to_the_last_message, |db| async {
    let a = shop(&db, "a").await;
    a.hears(&db, "57300", at(0)).await;
    let flood = (0..40).map(|n| {
        let (db, mut arrival) = (db.clone(), a.text("57300", n, &format!("message {n}"), at(1000)));
        arrival.rules.per_hour = 10;
        async move { a.receive(&db, &arrival).await }
    });
    let received = at_once(flood).await;
    assert_eq!(count(&db, "SELECT budget_used AS n FROM conversation").await, 41);
    assert_eq!(received.iter().filter(|r| turn_follows(r)).count(), 9);
    assert_eq!(received.iter().filter(|r| matches!(r, Received::Muted { .. })).count(), 1);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM task").await, 1);
});

db_test!(another_machine_is_recognised_by_its_pace_and_handed_to_a_person, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    for (n, pause, stopped) in [
        (1, 1500, false),
        (2, 1500, false),
        (3, 2500, false),
        (4, 1500, false),
        (5, 2000, false),
        (6, 1500, false),
        (7, 1500, false),
        (8, 1500, false),
        (9, 1500, false),
        (10, 1500, true),
    ] {
        let spoke = at(n * 10_000);
        change!(db, &a.scope, tx => conversations::touch(tx, &a.scope, conversation, spoke));
        let received = a.receive(&db, &a.text("57300", n, "hola", spoke.plus(Duration::from_millis(pause)))).await;
        assert_eq!(!turn_follows(&received), stopped, "pair {n}, {pause} ms after our answer");
    }
    assert_eq!(change!(db, &a.scope, tx => conversations::current_mode(tx, &a.scope, conversation)), Some(Mode::Human));
    assert_eq!(look!(db, &a.scope, tx => tasks::open_tasks(tx, &a.scope, 10)).len(), 1);
});

db_test!(a_scoped_id_first_and_a_phone_number_later_are_one_contact, |db| async {
    let a = shop(&db, "a").await;
    let bsuid = Address { kind: AddressKind::Bsuid, value: "US.1349".into() };
    let number = phone("57300");
    for (n, (addresses, answered_at)) in
        [(vec![&bsuid], &bsuid), (vec![&number, &bsuid], &number), (vec![&bsuid, &number], &number), (vec![&number], &number)]
            .into_iter()
            .enumerate()
    {
        let mut arrival = a.text("", n, "hola", at(n as i64));
        arrival.inbound.addresses = addresses.into_iter().cloned().collect();
        a.receive(&db, &arrival).await;
        let threads = look!(db, &a.scope, tx => conversations::recent(tx, &a.scope, Timestamp::NEVER, 10));
        assert_eq!(threads.iter().map(|c| &c.address).collect::<Vec<_>>(), [answered_at], "message {n}");
    }
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM contact").await, 1);
    let conversations = look!(db, &a.scope, tx => conversations::recent(tx, &a.scope, Timestamp::NEVER, 10));
    assert_eq!(conversations.len(), 1);
    assert_eq!(conversations[0].address, phone("57300"), "replies go to the number");
    let contact = keep(conversations[0].contact.clone());
    assert_eq!(look!(db, &a.scope, tx => contacts::addresses(tx, &a.scope, contact)), [bsuid, phone("57300")]);
});

db_test!(what_the_vendor_says_beside_a_message_is_kept_with_it, |db| async {
    let a = shop(&db, "a").await;
    let ad = Referral { source_type: Some("ad".into()), source_id: Some("12".into()), ..Referral::default() };
    let plain = a.text("57300", 0, "hola", at(0)).inbound;
    let cases = [
        (plain.clone(), "extra IS NULL"),
        (Inbound { forwarded: true, ..plain.clone() }, "extra LIKE '%\"forwarded\":true%'"),
        (Inbound { profile_name: Some("Ana".into()), ..plain.clone() }, "extra LIKE '%\"profile_name\":\"Ana\"%'"),
        (Inbound { referral: Some(ad), ..plain }, "extra LIKE '%\"source_id\":\"12\"%'"),
    ];
    for (n, (said, kept)) in cases.into_iter().enumerate() {
        let mut arrival = a.text("57300", n, "hola", at(0));
        arrival.inbound = Inbound { vendor_id: arrival.inbound.vendor_id, ..said };
        a.receive(&db, &arrival).await;
        let found = format!("SELECT COUNT(*) AS n FROM message WHERE id = '{}' AND {kept}", arrival.message);
        assert_eq!(count(&db, &found).await, 1, "{kept}");
    }
});

db_test!(two_known_contacts_are_never_merged, |db| async {
    let a = shop(&db, "a").await;
    let by_phone = a.contact_in(&db, a.hears(&db, "57300", at(0)).await).await;
    let mut arrival = a.text("", 1, "hola", at(1));
    let bsuid = Address { kind: AddressKind::Bsuid, value: "US.1349".into() };
    arrival.inbound.addresses = vec![bsuid.clone()];
    a.receive(&db, &arrival).await;
    let by_bsuid = a.contact_in(&db, &arrival.new_conversation).await;

    let mut both = a.text("57300", 2, "hola", at(2));
    both.inbound.addresses.push(bsuid);
    let Received::New { conversation, .. } = a.receive(&db, &both).await else { panic!("not new") };
    assert_eq!(a.contact_in(&db, &conversation).await, by_phone);
    let owner = look!(db, &a.scope, tx => contacts::at_address(tx, &a.scope, AddressKind::Bsuid, "US.1349"));
    assert_eq!(owner, Some(by_bsuid));
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM contact").await, 2);
});

db_test!(messages_that_arrive_at_once_take_places_without_gaps, |db| async {
    let a = shop(&db, "a").await;
    let arrivals: Vec<_> = (0..50).map(|n| (db.clone(), a.text("57300", n, &format!("message {n}"), at(n)))).collect();
    at_once(arrivals.into_iter().map(|(db, arrival)| async move { a.receive(&db, &arrival).await })).await;
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM contact").await, 1);
    let conversation = keep(look!(db, &a.scope, tx => conversations::recent(tx, &a.scope, Timestamp::NEVER, 10)).remove(0).id);
    let turn = claim_one(&db, node(&db, "n").await, at(100_000)).await;
    assert_eq!((turn.from_seq, turn.to_seq), (1, 50));
    let lane = look!(db, &a.scope, tx => messages::of_lane(tx, &a.scope, conversation, 1, 50));
    assert_eq!(lane.len(), 50);
    assert_eq!(count(&db, "SELECT COUNT(DISTINCT seq) AS n FROM message WHERE seq BETWEEN 1 AND 50").await, 50);
});

db_test!(a_message_without_a_sender_is_refused_and_leaves_nothing_behind, |db| async {
    let a = shop(&db, "a").await;
    let arrival = keep({
        let mut arrival = a.text("57300", 1, "hola", at(0));
        arrival.inbound.addresses.clear();
        arrival
    });
    let refused = try_change!(db, &a.scope, tx => inbound::receive(tx, &a.scope, arrival));
    assert!(matches!(&refused, Err(Error::Broken(why)) if why.contains("without a sender")), "{refused:?}");
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM inbound").await, 0, "the vendor may deliver it again");
});

db_test!(notices_and_strays_are_kept_once, |db| async {
    let a = shop(&db, "a").await;
    for first in [true, false] {
        let kept = change!(db, &a.scope, tx => inbound::park(tx, &a.scope, "account-a", "n1", "template_status", "{}", at(0)));
        assert_eq!(kept, first);
        let kept = change!(db, &Server, tx => inbound::keep_stray(tx, &Server, "whatsapp", "nobody", "wamid.1", "{}", at(0)));
        assert_eq!(kept, first);
    }
    assert_eq!(look!(db, &Server, tx => inbound::count_strays(tx, &Server)), 1);
    assert!(change!(db, &Server, tx => inbound::keep_stray(tx, &Server, "whatsapp", "nobody", "wamid.2", "{}", at(0))));
    assert_eq!(look!(db, &Server, tx => inbound::count_strays(tx, &Server)), 2);
});

db_test!(what_was_delivered_before_is_known_under_its_account_and_business_only, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    assert!(!look!(db, &a.scope, tx => inbound::is_known(tx, &a.scope, &a.account, "wamid.1")));
    a.receive(&db, &a.text("57300", "wamid.1", "hola", at(0))).await;
    assert!(look!(db, &a.scope, tx => inbound::is_known(tx, &a.scope, &a.account, "wamid.1")));
    assert!(!look!(db, &a.scope, tx => inbound::is_known(tx, &a.scope, &b.account, "wamid.1")));
    assert!(!look!(db, &b.scope, tx => inbound::is_known(tx, &b.scope, &a.account, "wamid.1")));
});

db_test!(where_no_budget_is_set_nobody_is_muted, |db| async {
    let a = shop(&db, "a").await;
    for n in 0..3 {
        let mut arrival = a.text("57300", n, &format!("message {n}"), at(n * 1000));
        arrival.rules.per_hour = 0;
        assert!(turn_follows(&a.receive(&db, &arrival).await), "message {n}");
    }
});

db_test!(old_dedupe_rows_are_forgotten_and_parked_ones_are_not, |db| async {
    let a = shop(&db, "a").await;
    for t in [0, 1000, 2000] {
        a.receive(&db, &a.text("57300", t, "hola", at(t))).await;
    }
    change!(db, &a.scope, tx => inbound::park(tx, &a.scope, "account-a", "n1", "malformed", "{", at(0)));
    assert_eq!(change!(db, &Server, tx => inbound::forget_before(tx, &Server, at(1000))), 1);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM inbound").await, 3);
    assert_eq!(a.receive(&db, &a.text("57300", 1000, "hola", at(3000))).await, Received::Duplicate);
});

db_test!(what_is_forgotten_is_found_by_its_age, |db| async {
    if db.engine_name() == "postgres" {
        return;
    }
    let asked = "EXPLAIN QUERY PLAN DELETE FROM inbound WHERE received_at < 1 AND body IS NULL";
    let plan =
        db.read(&Server, work!(tx => tx.query(asked).all(|row| row.get::<String>("detail")).await)).await.unwrap().join("; ");
    assert!(plan.contains("inbound_to_forget") && !plan.contains("SCAN"), "{plan}");
});
