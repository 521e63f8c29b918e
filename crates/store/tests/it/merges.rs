//! Two contacts become one, while messages arrive and turns run.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    contact::{AddressKind, Contact},
    effect::Class,
    ids::*,
    scope::Server,
};
use frontdesk_store::{
    Db, Error, calendar, contacts, conversations, effects, inbound::Received, lanes, mails, merges, messages, tasks, turns,
};

use crate::harness::*;

/// Two contacts with a thread each on the same channel.
async fn two(
    db: &Db,
    a: &'static Shop,
) -> (&'static ContactId, &'static ContactId, &'static ConversationId, &'static ConversationId) {
    let (t1, t2) = (a.hears(db, "57301", at(0)).await, a.hears(db, "57302", at(0)).await);
    (keep(a.contact_in(db, t1).await), keep(a.contact_in(db, t2).await), t1, t2)
}

async fn thread(db: &Db, a: &'static Shop, conversation: &'static ConversationId) -> Vec<MessageId> {
    look!(db, &a.scope, tx => messages::thread(tx, &a.scope, conversation, frontdesk_kernel::Timestamp::NEVER, 100))
        .into_iter()
        .map(|m| m.id)
        .collect()
}

db_test!(all_that_hangs_on_the_other_goes_over_and_no_message_changes_its_thread, |db| async {
    let a = shop(&db, "a").await;
    let (one, two, t1, t2) = two(&db, a).await;
    for (contact, name, fact) in [(one, "Ana", ("age", "30")), (two, "Ana María", ("city", "Cali"))] {
        let known = look!(db, &a.scope, tx => contacts::get(tx, &a.scope, contact)).unwrap();
        let told =
            keep(Contact { name: Some(name.into()), facts: BTreeMap::from([(fact.0.to_owned(), fact.1.to_owned())]), ..known });
        change!(db, &a.scope, tx => contacts::update(tx, &a.scope, told));
    }
    let tags = keep([vec!["vip".to_owned()], vec!["new".to_owned(), "vip".to_owned()]]);
    change!(db, &a.scope, tx => contacts::set_tags(tx, &a.scope, one, &tags[0]));
    change!(db, &a.scope, tx => contacts::set_tags(tx, &a.scope, two, &tags[1]));
    let booked = keep(appointment(two, at(86_400_000)));
    change!(db, &a.scope, tx => calendar::insert(tx, &a.scope, booked, None));
    change!(db, &a.scope, tx => tasks::open(tx, &a.scope, keep(id("t")), "handoff", "call", Some(t2), None, at(0)));
    let before = (thread(&db, a, t1).await, thread(&db, a, t2).await);
    let of_two = look!(db, &a.scope, tx => merges::belongings(tx, &a.scope, two));
    assert_eq!(of_two, merges::Belongings { addresses: 1, conversations: 1, messages: 1, appointments: 1, tasks: 1 });

    let (merged, clashes) = change!(db, &a.scope, tx => merges::merge(tx, &a.scope, one, two, false, at(50)));
    assert_eq!(merged.name.as_deref(), Some("Ana"));
    assert_eq!(merged.facts.keys().collect::<Vec<_>>(), ["age", "city"]);
    assert_eq!(clashes.len(), 1, "{clashes:?}");
    assert_eq!(look!(db, &a.scope, tx => contacts::get(tx, &a.scope, one)), Some(merged));
    assert_eq!(look!(db, &a.scope, tx => contacts::get(tx, &a.scope, two)), None);
    assert_eq!(look!(db, &a.scope, tx => contacts::tags(tx, &a.scope, one)), ["new", "vip"]);
    let of_one = look!(db, &a.scope, tx => merges::belongings(tx, &a.scope, one));
    assert_eq!(of_one, merges::Belongings { addresses: 2, conversations: 2, messages: 2, appointments: 1, tasks: 1 });
    assert_eq!((thread(&db, a, t1).await, thread(&db, a, t2).await), before);
    assert_eq!(look!(db, &a.scope, tx => merges::of_other(tx, &a.scope, two)).unwrap().survivor, *one);
    assert_eq!(look!(db, &a.scope, tx => merges::into(tx, &a.scope, one)).len(), 1);
    let b = shop(&db, "b").await;
    assert_eq!(look!(db, &b.scope, tx => merges::of_other(tx, &b.scope, two)), None);

    // Each number keeps its own thread, a third one joins the first.
    assert_eq!(a.hears(&db, "57302", at(60)).await, t2);
    assert_eq!(a.hears(&db, "57301", at(70)).await, t1);
    let third = keep(phone("57303"));
    change!(db, &a.scope, tx => contacts::add_address(tx, &a.scope, one, third, at(80)));
    assert_eq!(a.hears(&db, "57303", at(90)).await, t1);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM conversation").await, 2);
});

db_test!(each_address_finds_the_thread_that_its_messages_go_into, |db| async {
    let a = shop(&db, "a").await;
    let (one, two, t1, t2) = two(&db, a).await;
    change!(db, &a.scope, tx => merges::merge(tx, &a.scope, one, two, false, at(50)));
    for (number, thread) in [("57301", t1), ("57302", t2), ("57303", t1)] {
        let address = keep(phone(number));
        let found = look!(db, &a.scope, tx => conversations::at_address(tx, &a.scope, &a.channel, one, address));
        assert_eq!(found.map(|c| c.id).as_ref(), Some(thread), "{number}");
        assert_eq!(look!(db, &a.scope, tx => conversations::at_address(tx, &a.scope, &a.channel, two, address)), None);
    }
});

db_test!(a_merge_that_was_wrong_is_undone, |db| async {
    let a = shop(&db, "a").await;
    let (one, two, t1, t2) = two(&db, a).await;
    let known = look!(db, &a.scope, tx => contacts::get(tx, &a.scope, two)).unwrap();
    let told = keep(Contact { name: Some("José".into()), facts: BTreeMap::from([("age".into(), "40".into())]), ..known });
    change!(db, &a.scope, tx => contacts::update(tx, &a.scope, told));
    let booked = keep(appointment(two, at(86_400_000)));
    change!(db, &a.scope, tx => calendar::insert(tx, &a.scope, booked, None));
    change!(db, &a.scope, tx => merges::merge(tx, &a.scope, one, two, false, at(50)));
    // Meanwhile somebody learns something about the survivor.
    let merged = look!(db, &a.scope, tx => contacts::get(tx, &a.scope, one)).unwrap();
    assert_eq!(merged.name.as_deref(), Some("José"));
    let learnt = keep(Contact { facts: BTreeMap::from([("age".into(), "40".into()), ("pet".into(), "cat".into())]), ..merged });
    change!(db, &a.scope, tx => contacts::update(tx, &a.scope, learnt));

    let back = change!(db, &a.scope, tx => merges::undo(tx, &a.scope, two, at(60))).unwrap();
    assert_eq!((back.id.clone(), back.name.as_deref()), (two.clone(), Some("José")));
    let one_again = look!(db, &a.scope, tx => contacts::get(tx, &a.scope, one)).unwrap();
    assert_eq!((one_again.name, one_again.facts.keys().cloned().collect::<Vec<_>>()), (None, vec!["pet".to_owned()]));
    assert_eq!(a.contact_in(&db, t1).await, *one);
    assert_eq!(a.contact_in(&db, t2).await, *two);
    assert_eq!(a.hears(&db, "57302", at(70)).await, t2);
    assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM appointment WHERE contact = '{two}'")).await, 1);
    assert_eq!(change!(db, &a.scope, tx => merges::undo(tx, &a.scope, two, at(80))), None, "there is nothing to undo any more");

    change!(db, &a.scope, tx => merges::merge(tx, &a.scope, one, two, false, at(90)));
    assert_eq!(change!(db, &Server, tx => merges::forget_before(tx, &Server, at(91))), 1);
    assert_eq!(change!(db, &a.scope, tx => merges::undo(tx, &a.scope, two, at(92))), None);
});

db_test!(a_running_turn_of_the_other_loses_its_lane_and_is_run_again, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let (one, two, _, t2) = two(&db, a).await;
    let claims = claim(&db, node, at(10_000), 10).await;
    let claimed = keep(claims.into_iter().find(|c| c.conversation == *t2).unwrap());
    let sent = a.replies(&db, t2, Class::B, at(10_000)).await;
    change!(db, &a.scope, tx => merges::merge(tx, &a.scope, one, two, false, at(10_001)));
    assert!(matches!(try_change!(db, &a.scope, tx => lanes::fence(tx, &a.scope, claimed)), Err(Error::LeaseLost)));
    let again = claim(&db, node, at(10_002), 10).await;
    let resumed = again.iter().find(|c| c.conversation == *t2).expect("the lane is free at once");
    assert_eq!((&resumed.turn, resumed.attempts), (&claimed.turn, 1), "the same turn, and this run does not count");
    assert_eq!(a.contact_in(&db, t2).await, *one);
    assert_eq!(
        look!(db, &a.scope, tx => effects::get(tx, &a.scope, &sent.id)).unwrap().conversation,
        *t2,
        "what was planned still goes"
    );
    assert!(look!(db, &a.scope, tx => turns::get(tx, &a.scope, &claimed.turn)).is_some());
});

db_test!(a_message_that_arrives_while_contacts_are_merged_is_neither_lost_nor_orphaned, |db| async {
    let a = shop(&db, "a").await;
    for round in 0..6 {
        let (n1, n2) = (format!("5731{round}"), format!("5732{round}"));
        let one = keep(a.contact_in(&db, a.hears(&db, &n1, at(0)).await).await);
        let two = keep(a.contact_in(&db, a.hears(&db, &n2, at(0)).await).await);
        let tries = (0..8).map(|k| {
            let (db, n2) = (db.clone(), n2.clone());
            async move {
                if k == 3 {
                    change!(db, &a.scope, tx => merges::merge(tx, &a.scope, one, two, false, at(50)));
                } else {
                    let arrival = a.text(&n2, format!("{round}/{k}"), "hola", at(40));
                    assert!(matches!(a.receive(&db, &arrival).await, Received::New { .. }));
                }
            }
        });
        at_once(tries).await;
    }
    let orphans = "SELECT COUNT(*) AS n FROM conversation c WHERE NOT EXISTS (SELECT 1 FROM contact p WHERE p.tenant = c.tenant AND p.id = c.contact)";
    assert_eq!(count(&db, orphans).await, 0);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM message").await, 6 * 9);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM conversation").await, 12);
    // Every lane counts its messages without gap.
    let gaps = "SELECT COUNT(*) AS n FROM lane l WHERE l.head_seq <> (SELECT COUNT(*) FROM message m WHERE m.tenant = l.tenant AND m.conversation = l.conversation)";
    assert_eq!(count(&db, gaps).await, 0);
});

db_test!(who_is_not_there_is_not_merged_and_nothing_is_half_done, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (one, two, _, t2) = two(&db, a).await;
    let nobody: &ContactId = keep(fresh());
    for (scope, survivor, other) in [(&a.scope, one, nobody), (&a.scope, nobody, two), (&a.scope, one, one), (&b.scope, one, two)]
    {
        let refused = try_change!(db, scope, tx => merges::merge(tx, scope, survivor, other, false, at(50)));
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
    }
    assert_eq!(a.contact_in(&db, t2).await, *two);
    assert_eq!(look!(db, &a.scope, tx => contacts::at_address(tx, &a.scope, AddressKind::Phone, "57302")).as_ref(), Some(two));
    assert_eq!(look!(db, &a.scope, tx => conversations::all_of_contact(tx, &a.scope, one)).len(), 1);
});

db_test!(two_who_are_merged_into_each_other_at_once_end_as_one, |db| async {
    let a = shop(&db, "a").await;
    let (one, two, _, _) = two(&db, a).await;
    let tries = [(one, two), (two, one)].map(|(survivor, other)| {
        let db = db.clone();
        async move { try_change!(db, &a.scope, tx => merges::merge(tx, &a.scope, survivor, other, false, at(50))).is_ok() }
    });
    let done = at_once(tries).await;
    assert_eq!(done.iter().filter(|ok| **ok).count(), 1, "{done:?}");
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM contact").await, 1);
    assert_eq!(count(&db, "SELECT COUNT(DISTINCT contact) AS n FROM conversation").await, 1);
});

db_test!(whoever_is_erased_goes_with_all_who_became_part_of_them, |db| async {
    let a = shop(&db, "a").await;
    let (one, two, _, _) = two(&db, a).await;
    let three = keep(a.contact_in(&db, a.hears(&db, "57303", at(0)).await).await);
    let eva = keep(a.contact_in(&db, a.hears(&db, "57304", at(0)).await).await);
    let eve = keep(a.contact_in(&db, a.hears(&db, "57305", at(0)).await).await);
    for (contact, name, told) in [(one, "Ana", "ana@example.org"), (two, "José", "jose@example.org")] {
        let known = look!(db, &a.scope, tx => contacts::get(tx, &a.scope, contact)).unwrap();
        let facts = BTreeMap::from([("email".to_owned(), told.to_owned())]);
        let told = keep(Contact { name: Some(name.into()), facts, ..known });
        change!(db, &a.scope, tx => contacts::update(tx, &a.scope, told));
    }
    let (kind, recipient) = ("business".to_owned(), "jose@example.org".to_owned());
    let mail = keep(mails::Mail { id: id("m"), kind, recipient, contents: "v1.sealed".into(), attempts: 0, created_at: at(0) });
    change!(db, &a.scope, tx => mails::insert_of(tx, &a.scope, mail));
    // José is Ana, who is the third; what José was called, and which address he told, was dropped.
    for (survivor, other, t) in [(one, two, 50), (three, one, 51), (eva, eve, 52)] {
        change!(db, &a.scope, tx => merges::merge(tx, &a.scope, survivor, other, false, at(t)));
    }
    assert!(change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, three)));
    assert_eq!(look!(db, &a.scope, tx => merges::of_other(tx, &a.scope, two)), None, "nothing of José is kept");
    assert_eq!(look!(db, &a.scope, tx => merges::of_other(tx, &a.scope, one)), None);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM mail").await, 0, "nor what was mailed to him");
    assert!(look!(db, &a.scope, tx => merges::of_other(tx, &a.scope, eve)).is_some(), "of others nothing is lost");
});
