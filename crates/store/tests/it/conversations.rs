//! Threads.

use frontdesk_kernel::{
    Timestamp,
    conversation::Mode,
    ids::{ChannelId, ContactId, ConversationId, UserId},
};
use frontdesk_store::{
    conversations,
    inbound::{self, Arrival, Received},
};

use crate::harness::*;

db_test!(a_thread_is_opened_once_for_a_contact_on_a_channel, |db| async {
    let a = shop(&db, "a").await;
    let (first, second): (&ConversationId, &ConversationId) = (keep(id("1")), keep(id("2")));
    let (contact, other): (&ContactId, &ChannelId) = (keep(id("maria")), keep(id("other")));
    let number = keep(phone("57300"));
    assert_eq!(look!(db, &a.scope, tx => conversations::of_contact(tx, &a.scope, &a.channel, contact)), None);
    for (id, channel, t) in [(first, &a.channel, 1), (second, &a.channel, 2), (second, other, 3)] {
        change!(db, &a.scope, tx => conversations::open(tx, &a.scope, id, channel, contact, number, at(t)));
    }
    let expected = conversations::Conversation {
        id: first.clone(),
        channel: a.channel.clone(),
        contact: contact.clone(),
        address: number.clone(),
        mode: Mode::Bot,
        mode_reason: None,
        agent: None,
        acts_for: None,
        last_inbound_at: None,
        last_message_at: at(1),
        created_at: at(1),
    };
    assert_eq!(look!(db, &a.scope, tx => conversations::of_contact(tx, &a.scope, &a.channel, contact)), Some(expected.clone()));
    assert_eq!(look!(db, &a.scope, tx => conversations::get(tx, &a.scope, first)), Some(expected));
    assert_eq!(look!(db, &a.scope, tx => conversations::of_contact(tx, &a.scope, other, contact)).unwrap().id, *second);
    let all = look!(db, &a.scope, tx => conversations::all_of_contact(tx, &a.scope, contact));
    assert_eq!(all.iter().map(|c| &c.id).collect::<Vec<_>>(), [second, first], "latest first");
    let b = shop(&db, "b").await;
    assert!(look!(db, &b.scope, tx => conversations::all_of_contact(tx, &b.scope, contact)).is_empty());
});

db_test!(who_answers_is_kept_with_the_reason, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    for mode in [Mode::Human, Mode::Paused(at(99)), Mode::Closed, Mode::Bot] {
        assert!(change!(db, &a.scope, tx => conversations::set_mode(tx, &a.scope, conversation, mode, "because")));
        assert_eq!(change!(db, &a.scope, tx => conversations::current_mode(tx, &a.scope, conversation)), Some(mode));
        let now = a.conversation(&db, conversation).await;
        assert_eq!((now.mode, now.mode_reason.as_deref()), (mode, Some("because")));
    }
    let nobody: &ConversationId = keep(fresh());
    assert!(!change!(db, &a.scope, tx => conversations::set_mode(tx, &a.scope, nobody, Mode::Human, "because")));
    assert_eq!(change!(db, &a.scope, tx => conversations::current_mode(tx, &a.scope, nobody)), None);
});

db_test!(the_thread_in_which_something_was_said_last_comes_first, |db| async {
    let a = shop(&db, "a").await;
    let mut threads = Vec::new();
    for n in 0..4 {
        threads.push(a.hears(&db, &format!("5730{n}"), at(n * 1000)).await);
    }
    let first = threads[0];
    change!(db, &a.scope, tx => conversations::touch(tx, &a.scope, first, at(10_000)));
    let recent = |before: Timestamp| {
        let db = db.clone();
        async move {
            let page = look!(db, &a.scope, tx => conversations::recent(tx, &a.scope, before, 2));
            page.into_iter().map(|c| (c.id, c.last_message_at)).collect::<Vec<_>>()
        }
    };
    assert_eq!(recent(Timestamp::NEVER).await, [(first.clone(), at(10_000)), (threads[3].clone(), at(3000))]);
    assert_eq!(recent(at(3000)).await, [(threads[2].clone(), at(2000)), (threads[1].clone(), at(1000))]);
});

db_test!(the_agent_acts_for_itself_until_it_is_told_for_whom, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (conversation, ana) = (a.hears(&db, "57300", at(0)).await, keep(id("ana")));
    assert_eq!(look!(db, &a.scope, tx => conversations::acts_for(tx, &a.scope, conversation)), None);
    assert!(!change!(db, &b.scope, tx => conversations::act_for(tx, &b.scope, conversation, Some(ana))), "another tenant's");
    assert!(change!(db, &a.scope, tx => conversations::act_for(tx, &a.scope, conversation, Some(ana))));
    assert_eq!(look!(db, &a.scope, tx => conversations::acts_for(tx, &a.scope, conversation)).as_ref(), Some(ana));
    assert!(change!(db, &a.scope, tx => conversations::act_for(tx, &a.scope, conversation, None)));
    assert_eq!(look!(db, &a.scope, tx => conversations::acts_for(tx, &a.scope, conversation)), None);
});

db_test!(somebody_of_the_team_has_sessions_of_their_own, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let ana: &UserId = keep(id("ana"));
    let customer = a.hears(&db, "57300", at(0)).await;
    let contact: &ContactId = keep(look!(db, &a.scope, tx => conversations::get(tx, &a.scope, customer)).unwrap().contact);
    let mut sessions = Vec::new();
    for n in 1..=3_i64 {
        let session: &ConversationId = keep(id(format!("session{n}")));
        let arrival = keep(Arrival { session: Some(session.clone()), ..a.text("57300", format!("s{n}"), "hola", at(n * 1000)) });
        let received = change!(db, &a.scope, tx => inbound::receive(tx, &a.scope, arrival));
        let Received::New { conversation, .. } = received else { panic!("{received:?}") };
        assert_eq!(conversation, *session, "a thread of its own, of the same contact");
        assert_eq!(look!(db, &a.scope, tx => conversations::get(tx, &a.scope, session)).unwrap().contact, *contact);
        change!(db, &a.scope, tx => conversations::act_for(tx, &a.scope, session, Some(ana)));
        sessions.insert(0, session);
    }
    // What comes without a session goes where it went.
    assert_eq!(a.hears(&db, "57300", at(9000)).await, customer);
    let page = look!(db, &a.scope, tx => conversations::sessions_of(tx, &a.scope, ana, None, 2));
    assert_eq!(page.iter().map(|c| &c.id).collect::<Vec<_>>(), sessions[..2]);
    let after = keep((page[1].last_message_at, page[1].id.clone()));
    let page = look!(db, &a.scope, tx => conversations::sessions_of(tx, &a.scope, ana, Some(after), 2));
    assert_eq!(page.iter().map(|c| &c.id).collect::<Vec<_>>(), sessions[2..]);
    assert_eq!(look!(db, &b.scope, tx => conversations::sessions_of(tx, &b.scope, ana, None, 2)), []);
});
