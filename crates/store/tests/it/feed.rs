//! What readers of a hosted channel are shown.

use frontdesk_kernel::{effect::Class, ids::*, message::Delivery};
use frontdesk_store::{Db, contacts, deliveries, feed, media, messages};

use crate::harness::*;

async fn numbers(db: &Db, shop: &'static Shop, conversation: &'static ConversationId, after: i64) -> Vec<(i64, MessageId)> {
    let found = look!(db, &shop.scope, tx => feed::after(tx, &shop.scope, conversation, after, 100));
    found.into_iter().map(|e| (e.seq, e.message.id)).collect()
}

async fn said(db: &Db, shop: &'static Shop, conversation: &'static ConversationId) -> &'static MessageId {
    let (message, _) = shop.answer(conversation, Class::A, at(0));
    let message = keep(message);
    change!(db, &shop.scope, tx => messages::insert(tx, &shop.scope, message));
    &message.id
}

db_test!(messages_are_numbered_in_their_order_without_gaps_and_once, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (ana, luz) = (a.hears(&db, "57300", at(0)).await, a.hears(&db, "57301", at(0)).await);
    let mut shown = Vec::new();
    for n in 1..=4 {
        let message = said(&db, a, ana).await;
        assert_eq!(look!(db, &a.scope, tx => feed::place(tx, &a.scope, message)), None);
        assert_eq!(change!(db, &a.scope, tx => feed::append(tx, &a.scope, ana, message)), n);
        assert_eq!(change!(db, &a.scope, tx => feed::append(tx, &a.scope, ana, message)), n, "again");
        assert_eq!(look!(db, &a.scope, tx => feed::place(tx, &a.scope, message)), Some(n));
        shown.push((n, message.clone()));
    }
    assert_eq!(look!(db, &a.scope, tx => feed::head(tx, &a.scope, ana)), 4);
    assert_eq!(look!(db, &a.scope, tx => feed::head(tx, &a.scope, luz)), 0);
    let hers = said(&db, a, luz).await;
    assert_eq!(change!(db, &a.scope, tx => feed::append(tx, &a.scope, luz, hers)), 1, "each conversation counts for itself");
    assert_eq!(numbers(&db, a, ana, 0).await, shown);
    assert_eq!(numbers(&db, a, ana, 3).await, shown[3..]);
    assert_eq!(numbers(&db, a, ana, 4).await, []);
    assert_eq!(numbers(&db, b, ana, 0).await, [], "another tenant's");
    let last = look!(db, &a.scope, tx => feed::before(tx, &a.scope, ana, 4, 2));
    assert_eq!(last.into_iter().map(|e| e.seq).collect::<Vec<_>>(), [2, 3]);
});

db_test!(whoever_appends_at_the_same_time_gets_numbers_one_after_another, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let mut messages = Vec::new();
    for _ in 0..12 {
        messages.push(said(&db, a, conversation).await);
    }
    let tries = messages.into_iter().map(|message| {
        let db = db.clone();
        async move { change!(db, &a.scope, tx => feed::append(tx, &a.scope, conversation, message)) }
    });
    let mut given = at_once(tries).await;
    given.sort_unstable();
    assert_eq!(given, (1..=12).collect::<Vec<_>>());
});

db_test!(a_file_belongs_to_the_conversation_that_showed_it, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (ana, luz) = (a.hears(&db, "57300", at(0)).await, a.hears(&db, "57301", at(0)).await);
    let file = keep(file());
    change!(db, &a.scope, tx => media::insert(tx, &a.scope, file));
    let sent = keep({
        let (mut message, _) = a.answer(ana, Class::A, at(1));
        message.parts = vec![picture(&file.id)];
        message
    });
    change!(db, &a.scope, tx => messages::insert(tx, &a.scope, sent));
    assert!(!look!(db, &a.scope, tx => feed::shows(tx, &a.scope, ana, &file.id)), "not shown yet");
    change!(db, &a.scope, tx => feed::append(tx, &a.scope, ana, &sent.id));
    assert!(look!(db, &a.scope, tx => feed::shows(tx, &a.scope, ana, &file.id)));
    assert!(!look!(db, &a.scope, tx => feed::shows(tx, &a.scope, luz, &file.id)), "another visitor's");
    assert!(!look!(db, &b.scope, tx => feed::shows(tx, &b.scope, ana, &file.id)), "another tenant's");
    let contact = keep(a.contact_in(&db, ana).await);
    change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, contact));
    assert!(!look!(db, &a.scope, tx => feed::shows(tx, &a.scope, ana, &file.id)));
});

db_test!(what_was_sent_and_seen_is_read_and_nothing_else, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let mut shown = Vec::new();
    for delivery in [Delivery::Sent, Delivery::Failed, Delivery::Sent] {
        let message = said(&db, a, conversation).await;
        change!(db, &a.scope, tx => deliveries::advance(tx, &a.scope, message, delivery, None, None));
        change!(db, &a.scope, tx => feed::append(tx, &a.scope, conversation, message));
        shown.push(message);
    }
    assert_eq!(change!(db, &a.scope, tx => feed::seen(tx, &a.scope, conversation, 2)), 1);
    assert_eq!(change!(db, &a.scope, tx => feed::seen(tx, &a.scope, conversation, 2)), 0);
    for (message, delivery) in shown.into_iter().zip([Delivery::Read, Delivery::Failed, Delivery::Sent]) {
        assert_eq!(a.message(&db, message).await.delivery, Some(delivery));
    }
});
