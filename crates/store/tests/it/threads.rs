//! Conversations as the inbox lists them.

use frontdesk_kernel::{Timestamp, conversation::Mode, effect::Class, ids::*};
use frontdesk_store::{
    Db, conversations, threads,
    threads::{Assigned, Counts, Filter, Sessions, State, Thread},
};

use crate::harness::*;

async fn list(
    db: &Db,
    shop: &'static Shop,
    filter: Filter,
    after: Option<(Timestamp, ConversationId)>,
    limit: u32,
) -> Vec<Thread> {
    look!(db, &shop.scope, tx => threads::list(tx, &shop.scope, &filter, after.as_ref(), limit))
}

async fn ids(db: &Db, shop: &'static Shop, filter: Filter) -> Vec<ConversationId> {
    list(db, shop, filter, None, 50).await.into_iter().map(|t| t.conversation.id).collect()
}

fn place(t: &Thread) -> (Timestamp, ConversationId) {
    (t.conversation.last_message_at, t.conversation.id.clone())
}

db_test!(each_filter_finds_its_own_and_nobody_elses, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let mut all = Vec::new();
    for n in 0..4 {
        all.push(a.hears(&db, &format!("5730{n}"), at(n * 1000)).await);
    }
    let all: &[&ConversationId] = keep(all);
    b.hears(&db, "57300", at(0)).await;
    let scope = &a.scope;
    let ana: &UserId = keep(id("ana"));
    change!(db, scope, tx => conversations::set_mode(tx, scope, all[0], Mode::Human, "asked"));
    change!(db, scope, tx => conversations::set_mode(tx, scope, all[1], Mode::Paused(at(90_000)), "holiday"));
    change!(db, scope, tx => conversations::set_mode(tx, scope, all[2], Mode::Closed, "done"));
    a.replies(&db, all[1], Class::B, at(9000)).await;
    change!(db, scope, tx => conversations::touch(tx, scope, all[1], at(9000)));
    assert!(change!(db, scope, tx => threads::assign(tx, scope, all[0], Some(ana))));
    assert!(change!(db, scope, tx => threads::snooze(tx, scope, all[3], Some(at(50_000)))));
    assert!(change!(db, scope, tx => threads::set_unread(tx, scope, all[2], false)));
    assert!(!change!(db, scope, tx => threads::set_unread(tx, scope, all[2], false)), "seen before");
    assert!(!change!(db, &b.scope, tx => threads::assign(tx, &b.scope, all[0], None)));
    assert!(!change!(db, &b.scope, tx => threads::snooze(tx, &b.scope, all[3], None)));

    let state = |state| Filter { state: Some(state), ..Filter::default() };
    let all_of = |numbers: &[usize]| numbers.iter().map(|n| all[*n].clone()).collect::<Vec<_>>();
    for (what, filter, expected) in [
        ("all", Filter::default(), all_of(&[1, 3, 2, 0])),
        ("bot", state(State::Bot), all_of(&[3])),
        ("human", state(State::Human), all_of(&[0])),
        ("waiting", state(State::Waiting), all_of(&[0])),
        ("paused", state(State::Paused), all_of(&[1])),
        ("closed", state(State::Closed), all_of(&[2])),
        ("hers", Filter { assigned: Some(Assigned::To(ana.clone())), ..Filter::default() }, all_of(&[0])),
        ("nobody's", Filter { assigned: Some(Assigned::Nobody), ..Filter::default() }, all_of(&[1, 3, 2])),
        ("unread", Filter { unread: Some(true), ..Filter::default() }, all_of(&[1, 3, 0])),
        ("seen", Filter { unread: Some(false), ..Filter::default() }, all_of(&[2])),
        ("snoozed", Filter { snoozed: Some(true), ..Filter::default() }, all_of(&[3])),
        ("awake", Filter { snoozed: Some(false), ..Filter::default() }, all_of(&[1, 2, 0])),
        ("channel", Filter { channels: Some(vec![a.channel.clone()]), ..Filter::default() }, all_of(&[1, 3, 2, 0])),
        ("channels", Filter { channels: Some(vec![id("none"), a.channel.clone()]), ..Filter::default() }, all_of(&[1, 3, 2, 0])),
        ("no channel", Filter { channels: Some(Vec::new()), ..Filter::default() }, Vec::new()),
        ("contact", Filter { contact: Some(a.contact_in(&db, all[2]).await), ..Filter::default() }, all_of(&[2])),
    ] {
        assert_eq!(ids(&db, a, filter).await, expected, "{what}");
    }
    let counted = look!(db, scope, tx => threads::counts(tx, scope, None, &Sessions::Everybodys, Some(ana), 1000));
    assert_eq!(counted, Counts { waiting: 1, unread: 2, mine: 1 });
    let nowhere = look!(db, scope, tx => threads::counts(tx, scope, Some(&[]), &Sessions::Everybodys, None, 1000));
    assert_eq!(nowhere, Counts { waiting: 0, unread: 0, mine: 0 });
});

db_test!(a_page_goes_on_where_the_last_one_ended_whatever_came_in, |db| async {
    let a = shop(&db, "a").await;
    for n in 0..7 {
        // Two at the same time: the id decides.
        a.hears(&db, &format!("5730{n}"), at(n / 2 * 1000)).await;
    }
    let all = list(&db, a, Filter::default(), None, 50).await;
    let mut seen = list(&db, a, Filter::default(), None, 3).await;
    a.hears(&db, "57300", at(60_000)).await;
    a.hears(&db, "57399", at(60_000)).await;
    loop {
        let next = list(&db, a, Filter::default(), seen.last().map(place), 3).await;
        if next.is_empty() {
            break;
        }
        seen.extend(next);
    }
    let expected: Vec<_> = all.iter().map(place).filter(|p| seen.iter().any(|t| place(t) == *p)).collect();
    assert_eq!(seen.iter().map(place).collect::<Vec<_>>(), expected, "in order, none twice");
    assert!(seen.len() >= 6);
});

db_test!(a_thread_tells_the_last_word_and_wakes_when_it_is_time_or_when_the_contact_writes, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let scope = &a.scope;
    let get = async || look!(db, scope, tx => threads::get(tx, scope, conversation)).unwrap();
    let thread = get().await;
    assert_eq!((thread.unread, thread.last_in, thread.waiting()), (true, true, false), "the bot answers");
    assert_eq!(thread.last.unwrap().text, "hola");
    a.replies(&db, conversation, Class::B, at(0)).await;
    change!(db, scope, tx => conversations::touch(tx, scope, conversation, at(0)));
    change!(db, scope, tx => conversations::set_mode(tx, scope, conversation, Mode::Human, ""));
    assert!(!get().await.waiting(), "we spoke last, in the same millisecond");

    change!(db, scope, tx => threads::snooze(tx, scope, conversation, Some(at(50_000))));
    change!(db, scope, tx => threads::set_unread(tx, scope, conversation, false));
    assert!(!change!(db, scope, tx => threads::wake(tx, scope, conversation, at(49_999))));
    assert!(change!(db, scope, tx => threads::wake(tx, scope, conversation, at(50_000))));
    let woken = get().await;
    assert_eq!((woken.unread, woken.snoozed_until), (true, None));
    change!(db, scope, tx => threads::snooze(tx, scope, conversation, Some(at(90_000))));
    a.hears(&db, "57300", at(60_000)).await;
    let woken = get().await;
    assert_eq!((woken.snoozed_until, woken.waiting()), (None, true));
});

db_test!(channels_of_a_location_and_those_of_none_are_told_apart, |db| async {
    let a = shop(&db, "a").await;
    let (north, south): (&LocationId, &LocationId) = (keep(id("north")), keep(id("south")));
    let channels_in =
        async |locations: &'static [LocationId]| look!(db, &a.scope, tx => threads::channels_in(tx, &a.scope, locations));
    assert_eq!(channels_in(keep([north.clone()])).await, std::slice::from_ref(&a.channel), "of no location: everybody's");
    execute(&db, "UPDATE channel SET location = 'loc_south'").await;
    assert_eq!(channels_in(keep([north.clone()])).await, []);
    assert_eq!(channels_in(keep([north.clone(), south.clone()])).await, std::slice::from_ref(&a.channel));
    assert_eq!(look!(db, &a.scope, tx => threads::channels_at(tx, &a.scope, south)), std::slice::from_ref(&a.channel));
    assert_eq!(look!(db, &a.scope, tx => threads::channels_at(tx, &a.scope, north)), []);
});
