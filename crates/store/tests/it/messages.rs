//! Messages, and how far they came.

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::AddressKind,
    effect::Class,
    ids::{MessageId, TurnId},
    message::{Author, Delivery, Direction, Message, Part},
    ports::channel::Address,
    scope::Server,
};
use frontdesk_store::{deliveries, effects, lanes, messages, people, work};

use crate::harness::*;

db_test!(a_message_of_any_author_is_read_back_as_written, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    for (n, (direction, author)) in [
        (Direction::Out, Author::Bot),
        (Direction::Out, Author::Staff),
        (Direction::Out, Author::System),
        (Direction::In, Author::Contact),
    ]
    .into_iter()
    .enumerate()
    {
        let (mut message, _) = a.answer(conversation, Class::B, at(1000));
        (message.direction, message.author) = (direction, author);
        message.vendor_id = Some(format!("wamid.{n}"));
        message.quotes = Some("wamid.q".into());
        message.turn = Some(id("t1"));
        message.parts = vec![
            Part::Text { text: "¿Qué \"tal\"?\n💇 \\".into() },
            Part::Location { latitude: 3.45, longitude: -76.53, name: Some("Cali".into()), address: None },
            picture(&id("file")),
        ];
        let message = keep(message);
        change!(db, &a.scope, tx => lanes::push(tx, &a.scope, conversation, at(1000)));
        change!(db, &a.scope, tx => messages::insert_in_lane(tx, &a.scope, message, Some(r#"{"referral":null}"#)));
        assert_eq!(look!(db, &a.scope, tx => messages::get(tx, &a.scope, &message.id)).as_ref(), Some(message));
        let vendor_id = message.vendor_id.as_deref().unwrap();
        assert_eq!(look!(db, &a.scope, tx => messages::by_vendor_id(tx, &a.scope, vendor_id)).as_ref(), Some(message));
    }
    assert_eq!(look!(db, &a.scope, tx => messages::by_vendor_id(tx, &a.scope, "wamid.none")), None);
});

db_test!(what_is_to_be_sent_is_read_with_where_it_goes_and_until_when_it_may, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let conversation = a.hears(&db, "573001112233", at(3000)).await;
    let (message, _) = keep(a.answer(conversation, Class::B, at(5000)));
    change!(db, &a.scope, tx => messages::insert(tx, &a.scope, message));
    let to_send = async |scope: &'static Scope, id: MessageId| {
        db.read(
            scope,
            work!(tx => {
                let asked = messages::ask_to_send(tx, scope, &id)?;
                asked.optional(tx).await
            }),
        )
        .await
        .unwrap()
    };
    let to = Address { kind: AddressKind::Phone, value: "573001112233".into() };
    let expected = messages::ToSend { message: message.clone(), to, last_inbound_at: Some(at(3000)) };
    assert_eq!(to_send(&a.scope, message.id.clone()).await, Some(expected));
    assert_eq!(to_send(&b.scope, message.id.clone()).await, None, "another business's");
    assert_eq!(to_send(&a.scope, id("gone")).await, None);
});

db_test!(a_turn_sees_its_own_messages_and_before_them_the_history, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let first = claim_one(&db, node, at(5000)).await;
    a.replies(&db, conversation, Class::B, at(6000)).await;
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, first));
    for t in [7000, 7500] {
        a.hears(&db, "57300", at(t)).await;
    }
    let second = claim_one(&db, node, at(20_000)).await;
    a.hears(&db, "57300", at(21_000)).await;

    let at_of = |messages: Vec<Message>| messages.into_iter().map(|m| m.at).collect::<Vec<_>>();
    let own = look!(db, &a.scope, tx => messages::of_lane(tx, &a.scope, conversation, second.from_seq, second.to_seq));
    assert_eq!(at_of(own), [at(7000), at(7500)]);
    let history = look!(db, &a.scope, tx => remembered(tx, &a.scope, conversation, second.from_seq, 10));
    assert_eq!(at_of(history), [at(0), at(6000)]);
    let history = look!(db, &a.scope, tx => remembered(tx, &a.scope, conversation, second.from_seq, 1));
    assert_eq!(at_of(history), [at(6000)], "the last ones");
    let thread = look!(db, &a.scope, tx => messages::thread(tx, &a.scope, conversation, Timestamp::NEVER, 3));
    assert_eq!(at_of(thread), [at(7000), at(7500), at(21_000)]);
    let thread = look!(db, &a.scope, tx => messages::thread(tx, &a.scope, conversation, at(7000), 3));
    assert_eq!(at_of(thread), [at(0), at(6000)]);
});

db_test!(what_a_turn_sent_comes_in_the_order_of_sending, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let turn: &TurnId = &claim_one(&db, node(&db, "n").await, at(5000)).await.turn;
    let mut sent = Vec::new();
    for t in [6000, 6000, 6000] {
        let (message, mut effect) = a.answer(conversation, Class::B, at(t));
        effect.turn = Some(turn.clone());
        let (message, effect) = (keep(message), keep(effect));
        change!(db, &a.scope, tx => messages::insert(tx, &a.scope, message));
        change!(db, &a.scope, tx => effects::plan(tx, &a.scope, effect, at(t)));
        sent.push(message.clone());
    }
    assert_eq!(look!(db, &a.scope, tx => messages::of_turn(tx, &a.scope, turn)), sent);
});

db_test!(parts_are_replaced_with_the_text_that_is_searched, |db| async {
    let a = shop(&db, "a").await;
    let arrival = keep(a.text("57300", 1, "[voice]", at(0)));
    a.receive(&db, arrival).await;
    let parts: &[Part] = keep([Part::Text { text: "lo que dijo".into() }]);
    change!(db, &a.scope, tx => messages::set_parts(tx, &a.scope, &arrival.message, parts));
    assert_eq!(a.message(&db, &arrival.message).await.parts, parts);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM message WHERE body = 'lo que dijo'").await, 1);
});

db_test!(the_delivery_of_a_message_only_moves_up, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let message: &MessageId = &a.replies(&db, conversation, Class::B, at(1000)).await.message;
    use Delivery::*;
    for (news, vendor_id, why, expected) in [
        (Unknown, None, None, Unknown),
        (Sent, Some("wamid.1"), None, Sent),
        (Failed, None, Some("blocked"), Failed),
        (Sent, None, None, Failed),
        (Delivered, Some("wamid.2"), None, Delivered),
        (Failed, None, Some("too late"), Delivered),
        (Queued, None, None, Delivered),
        (Read, None, None, Read),
    ] {
        change!(db, &a.scope, tx => deliveries::advance(tx, &a.scope, message, news, vendor_id, why));
        let now = a.message(&db, message).await;
        assert_eq!(now.delivery, Some(expected), "{news:?}");
        assert_eq!(now.failure.as_deref(), (expected == Failed).then_some("blocked"), "{news:?}");
    }
    assert_eq!(a.message(&db, message).await.vendor_id.as_deref(), Some("wamid.1"), "the first id stays");
    let nobody: &MessageId = keep(fresh());
    change!(db, &a.scope, tx => deliveries::advance(tx, &a.scope, nobody, Sent, None, None));
    assert_eq!(look!(db, &a.scope, tx => messages::get(tx, &a.scope, nobody)), None);
});

db_test!(a_page_is_newest_first_and_says_who_of_the_team_wrote, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let ana = keep(person("ana"));
    change!(db, &Server, tx => people::insert(tx, &Server, ana));
    let conversation = a.hears(&db, "57300", at(0)).await;
    let reply: &MessageId = &a.replies(&db, conversation, Class::B, at(1000)).await.message;
    change!(db, &a.scope, tx => messages::sign(tx, &a.scope, reply, ana.id.as_str()));
    change!(db, &a.scope, tx => deliveries::advance(tx, &a.scope, reply, Delivery::Failed, Some("wamid.9"), Some("blocked")));
    let page = look!(db, &a.scope, tx => messages::page(tx, &a.scope, conversation, None, 10));
    let told: Vec<_> = page.iter().map(|m| (m.message.at, m.written_by_name.as_deref())).collect();
    assert_eq!(told, [(at(1000), Some("ana")), (at(0), None)]);
    let before = keep((at(1000), reply.clone()));
    let rest = look!(db, &a.scope, tx => messages::page(tx, &a.scope, conversation, Some(before), 10));
    assert_eq!(rest, page[1..]);
    assert_eq!(look!(db, &a.scope, tx => messages::look_at(tx, &a.scope, reply)).as_ref(), Some(&page[0]));
    assert_eq!(look!(db, &b.scope, tx => messages::look_at(tx, &b.scope, reply)), None);
    assert_eq!(look!(db, &b.scope, tx => messages::page(tx, &b.scope, conversation, None, 10)), []);
    let wanted: &[String] = keep(["wamid.9".to_owned(), "wamid.none".to_owned()]);
    assert_eq!(look!(db, &a.scope, tx => messages::quoted(tx, &a.scope, wanted)).len(), 1);
    change!(db, &a.scope, tx => messages::queue_again(tx, &a.scope, reply));
    let again = a.message(&db, reply).await;
    assert_eq!((again.delivery, again.failure, again.vendor_id), (Some(Delivery::Queued), None, None));
});
