//! Replies on their way out: statuses and faults of the vendor.

use std::time::Duration;

use frontdesk_engine::{outbox, turns, upkeep};
use frontdesk_kernel::{effect::State, message::Delivery, scope::Server};
use frontdesk_store::work;
use frontdesk_testkit::{
    desk::{BURST, Shop, TestDesk},
    fakes::{GraphFault, News, Statuses, status_update},
    story,
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::people::{ANA, LUZ, SECOND};

const WINDOW: Duration = Duration::from_secs(60);

pub(crate) async fn state(shop: &Shop<'_>, to: &str) -> State {
    let effects = shop.effects(to).await;
    assert_eq!(effects.len(), 1, "{effects:?}");
    effects[0].state
}

/// The last message to somebody: how far it came, and why it failed.
pub(crate) async fn delivery(shop: &Shop<'_>, to: &str) -> (Delivery, String) {
    let last = shop.outgoing(to).await.pop().unwrap();
    (last.delivery.unwrap(), last.failure.unwrap_or_default())
}

/// A customer writes and the reply meets this fault.
pub(crate) async fn talk_in(desk: &TestDesk, shop: &Shop<'_>, fault: GraphFault) {
    desk.graph.faults().push(fault);
    shop.say(ANA, "hola").await;
    desk.answer().await;
}

story!(statuses_show_on_the_message_and_only_move_up, |desk| async {
    let shop = desk.business("Luna").open().await;
    use News::{Delivered as D, Failed, Played, Read as R, Sent as S};
    for (i, (news, expected)) in [
        (vec![], Delivery::Sent),
        (vec![S], Delivery::Sent),
        (vec![S, D], Delivery::Delivered),
        (vec![S, D, R], Delivery::Read),
        (vec![R, D, S], Delivery::Read),
        (vec![D, S, D, S], Delivery::Delivered),
        (vec![S, D, R, Played], Delivery::Played),
        (vec![S, D, Failed(131_026)], Delivery::Delivered),
        (vec![S, Failed(131_026)], Delivery::Failed),
        (vec![Failed(131_026), D], Delivery::Delivered),
    ]
    .into_iter()
    .enumerate()
    {
        desk.graph.statuses(Statuses::of(news.clone()).copies(2));
        let customer = format!("57300777{i:04}");
        shop.talk(&customer, "hola").await;
        let (delivery, failure) = delivery(&shop, &customer).await;
        assert_eq!(delivery, expected, "{news:?}");
        assert!(expected != Delivery::Failed || failure.contains("131026"), "{news:?}: {failure}");
        assert!(news.contains(&Failed(131_026)) || state(&shop, &customer).await == State::Succeeded, "{news:?}");
    }
    assert_eq!(shop.doubled().await, 0);
});

story!(statuses_that_come_before_the_answer_are_not_lost, |desk| async {
    let shop = desk.business("Luna").open().await;
    desk.graph.statuses(Statuses::of([News::Sent, News::Read]).before_answer());
    for fault in [None, Some(GraphFault::AnswerLost), Some(GraphFault::AcceptThen502)] {
        desk.graph.faults().clear();
        fault.into_iter().for_each(|f| desk.graph.faults().push(f));
        let before = shop.sent(ANA).len();
        shop.talk(ANA, "hola").await;
        assert_eq!(delivery(&shop, ANA).await.0, Delivery::Read);
        assert_eq!(shop.sent(ANA).len(), before + 1);
    }
    assert!(shop.effects(ANA).await.iter().all(|e| e.state == State::Succeeded));
});

/// Customers who were answered, and of whose messages the vendor has said nothing yet.
async fn answered_in_silence(desk: &TestDesk, shop: &Shop<'_>, how_many: usize) -> Vec<String> {
    desk.graph.statuses(Statuses::of([]));
    let customers: Vec<String> = (0..how_many).map(|n| format!("57300778{n:04}")).collect();
    for customer in &customers {
        shop.talk(customer, "hola").await;
    }
    customers
}

/// What the vendor says of the last message to somebody.
fn news_of(shop: &Shop<'_>, customer: &str, status: &str) -> Value {
    let sent = shop.sent(customer).pop().unwrap();
    status_update(&shop.account, customer, &sent.vendor_id, status, sent.echo.as_deref())
}

story!(statuses_of_many_messages_at_once_are_each_kept_before_they_are_acknowledged, |desk| async {
    let shop = desk.business("Luna").open().await;
    let customers = answered_in_silence(desk, &shop, 9).await;
    let mut news = Vec::new();
    for customer in &customers {
        // The last one twice: vendors repeat.
        for status in ["read", "sent", "delivered", "delivered"] {
            news.push(shop.deliver(news_of(&shop, customer, status)));
        }
    }
    let answers = join_all(news).await;
    assert!(answers.iter().all(|a| a.status == 200), "{answers:?}");
    for customer in &customers {
        assert_eq!(delivery(&shop, customer).await.0, Delivery::Read, "{customer}");
    }
    assert_eq!(shop.doubled().await, 0);
});

story!(statuses_that_could_not_be_kept_are_not_acknowledged_and_are_taken_when_they_come_again, |desk| async {
    let shop = desk.business("Luna").open().await;
    let customers = answered_in_silence(desk, &shop, 3).await;
    let all = || join_all(customers.iter().map(|customer| shop.deliver(news_of(&shop, customer, "read"))));
    let rename = |from: &'static str, to: &'static str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        desk.engine.db.write(&Server, work!(tx => tx.query(&sql).execute().await))
    };
    rename("message", "gone").await.unwrap();
    let refused = all().await;
    rename("gone", "message").await.unwrap();
    assert!(refused.iter().all(|a| a.status == 503), "{refused:?}");
    assert!(all().await.iter().all(|a| a.status == 200));
    for customer in &customers {
        assert_eq!(delivery(&shop, customer).await.0, Delivery::Read, "{customer}");
    }
});

story!(forged_and_strange_statuses_change_nothing, |desk| async {
    let shop = desk.business("Luna").open().await;
    desk.graph.statuses(Statuses::of([News::Read]).forged().tries(1));
    shop.talk(ANA, "hola").await;
    assert_eq!(delivery(&shop, ANA).await.0, Delivery::Sent);
    desk.expect_leftovers();

    let (sent, effect) = (shop.sent(ANA).remove(0), shop.effects(ANA).await.remove(0));
    let genuine = sent.echo.clone().unwrap();
    let (head, mac) = genuine.rsplit_once('.').unwrap();
    let flipped: String = mac.chars().rev().collect();
    for (vendor_id, echo) in [
        ("wamid.unknown", None),
        ("wamid.other", Some(format!("{head}.{flipped}"))),
        ("wamid.other", Some(format!("v1.{}.2.{mac}", effect.id))),
        (sent.vendor_id.as_str(), Some(format!("{head}.0000"))),
        ("wamid.other", Some("not ours".to_owned())),
    ] {
        let news = status_update(&shop.account, ANA, vendor_id, "read", echo.as_deref());
        assert_eq!(shop.deliver(news).await.status, 200);
        assert_eq!(delivery(&shop, ANA).await.0, Delivery::Sent, "{vendor_id} {echo:?}");
    }
    for (status, echo, expected) in [("delivered", None, Delivery::Delivered), ("read", Some(genuine), Delivery::Read)] {
        let news = status_update(&shop.account, ANA, &sent.vendor_id, status, echo.as_deref());
        assert_eq!(shop.deliver(news).await.status, 200);
        assert_eq!(delivery(&shop, ANA).await.0, expected);
    }
    assert_eq!(shop.doubled().await, 0);
});

story!(an_answer_that_got_lost_is_settled_by_its_echo, |desk| async {
    let shop = desk.business("Luna").open().await;
    for fault in [
        GraphFault::AnswerLost,
        GraphFault::AcceptThen502,
        GraphFault::InvalidJson200,
        GraphFault::NoIdIn200,
        GraphFault::Stall(Duration::from_millis(50)),
    ] {
        let before = shop.sent(ANA).len();
        talk_in(desk, &shop, fault.clone()).await;
        assert_eq!(delivery(&shop, ANA).await.0, Delivery::Read, "{fault:?}");
        desk.pass(WINDOW * 11, WINDOW).await;
        assert_eq!(shop.sent(ANA).len(), before + 1, "{fault:?} was sent again");
        assert!(shop.tasks().await.is_empty(), "{fault:?}");
    }
    assert!(shop.effects(ANA).await.iter().all(|e| e.state == State::Succeeded && e.attempts == 1 && e.vendor_id.is_some()));
});

story!(an_answer_that_gets_lost_while_lost_work_is_looked_for_is_unknown_and_not_sent_again, |desk| async {
    let shop = desk.business("Luna").open().await;
    desk.graph.statuses(Statuses::of([]));
    desk.graph.faults().push(GraphFault::LostAfter(Duration::from_millis(500)));
    shop.say(ANA, "hola").await;
    desk.advance(BURST);
    turns::claim::step(&desk.engine).await.unwrap();
    desk.quiet().await;
    assert_eq!(outbox::step(&desk.engine).await.unwrap(), 1);
    // The lanes are read first, then the sends: this one is on its way, and its answer is lost before anything is concluded.
    desk.stand_still_after_reading(2);
    let (looked, ()) = tokio::join!(upkeep::reap(&desk.engine), async {
        desk.stands_still().await;
        desk.quiet().await;
        desk.go_on();
    });
    looked.unwrap();
    assert_eq!(state(&shop, ANA).await, State::Unknown);
    assert_eq!((outbox::step(&desk.engine).await.unwrap(), shop.replies(ANA).len()), (0, 1));
    desk.expect_leftovers();
});

story!(what_was_certainly_not_sent_is_sent_again_later, |desk| async {
    let shop = desk.business("Luna").open().await;
    for (fault, wait) in [
        (GraphFault::RateLimited { retry_after: Some(SECOND * 7) }, SECOND * 7),
        (GraphFault::RateLimited { retry_after: None }, SECOND * 2),
        (GraphFault::VendorError(130_429), SECOND * 2),
        (GraphFault::VendorError(131_056), SECOND * 6),
        (GraphFault::VendorError(131_053), SECOND * 2),
    ] {
        let before = shop.sent(ANA).len();
        talk_in(desk, &shop, fault.clone()).await;
        assert_eq!(shop.sent(ANA).len(), before, "{fault:?}");
        assert_eq!(delivery(&shop, ANA).await.0, Delivery::Queued, "{fault:?}");
        desk.advance(wait - SECOND * 2 + Duration::from_millis(900));
        desk.settle().await;
        assert_eq!(shop.sent(ANA).len(), before, "{fault:?}: too early");
        desk.advance(SECOND * 2);
        desk.settle().await;
        assert_eq!((shop.sent(ANA).len(), delivery(&shop, ANA).await.0), (before + 1, Delivery::Read), "{fault:?}");
    }
});

story!(what_was_certainly_not_sent_is_not_sent_any_more_once_a_person_answers, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    talk_in(desk, &shop, GraphFault::RateLimited { retry_after: Some(SECOND * 60) }).await;
    assert_eq!((state(&shop, ANA).await, shop.sent(ANA).len()), (State::Pending, 0));
    desk.advance(SECOND);
    let path = format!("/api/v1/conversations/{}/replies", shop.conversation(ANA).await.id);
    let said = desk.post_as(&key, &path, &json!({"parts": [{"type": "text", "text": "ya te atiendo yo"}]})).await;
    assert_eq!(said.status, 202, "{}", said.text);
    desk.settle().await;
    assert_eq!(shop.replies(ANA), ["ya te atiendo yo"], "at once, and not behind what the bot had to say");
    desk.pass(SECOND * 180, SECOND * 30).await;
    assert_eq!(shop.replies(ANA).len(), 1);
    let states: Vec<_> = shop.effects(ANA).await.iter().map(|e| e.state).collect();
    assert_eq!(states, [State::Canceled, State::Succeeded]);
});

story!(what_meta_refuses_for_good_fails_with_its_reason_and_a_task, |desk| async {
    let shop = desk.business("Luna").open().await;
    for (i, code) in [131_026, 131_047, 131_050, 131_021, 100].into_iter().enumerate() {
        talk_in(desk, &shop, GraphFault::VendorError(code)).await;
        let (delivery, failure) = delivery(&shop, ANA).await;
        assert_eq!(delivery, Delivery::Failed, "{code}");
        assert!(failure.contains(&code.to_string()), "{code}: {failure}");
        assert_eq!(shop.tasks().await, vec!["send_failed"; i + 1]);
    }
    assert!(shop.sent(ANA).is_empty());
    assert!(!shop.talk(ANA, "hola otra vez").await.is_empty(), "a failed message holds up nothing");
});

story!(a_reset_or_a_500_is_sent_once_more_when_the_echoes_of_others_come, |desk| async {
    let shop = desk.business("Luna").open().await;
    for fault in [GraphFault::Reset, GraphFault::Status(500, json!({})), GraphFault::VendorError(131_016)] {
        let before = shop.sent(ANA).len();
        talk_in(desk, &shop, fault.clone()).await;
        assert_eq!(shop.effects(ANA).await.last().unwrap().state, State::Unknown, "{fault:?}");
        assert_eq!(delivery(&shop, ANA).await.0, Delivery::Unknown);
        desk.pass(WINDOW - SECOND, SECOND * 20).await;
        assert_eq!(shop.sent(ANA).len(), before, "{fault:?}: before the window is over");
        shop.talk(LUZ, "hola").await;
        desk.pass(WINDOW, SECOND * 10).await;
        assert_eq!((shop.sent(ANA).len(), delivery(&shop, ANA).await.0), (before + 1, Delivery::Read), "{fault:?}");
    }
    assert!(shop.tasks().await.is_empty());
});

story!(a_reply_whose_fate_stays_unknown_is_left_to_a_person, |desk| async {
    let shop = desk.business("Luna").open().await;
    desk.graph.statuses(Statuses::never());
    talk_in(desk, &shop, GraphFault::AnswerLost).await;
    desk.pass(WINDOW * 9, WINDOW).await;
    assert_eq!((state(&shop, ANA).await, shop.tasks().await.len()), (State::Unknown, 0));
    desk.pass(WINDOW * 2, WINDOW).await;
    assert_eq!(state(&shop, ANA).await, State::Review);
    assert_eq!(shop.tasks().await, ["unknown_send"]);
    assert_eq!(shop.sent(ANA).len(), 1, "and it was not sent twice");
    // The news is late, but it is news.
    let sent = shop.sent(ANA).remove(0);
    let news = status_update(&shop.account, ANA, &sent.vendor_id, "delivered", sent.echo.as_deref());
    assert_eq!(shop.deliver(news).await.status, 200);
    assert_eq!((state(&shop, ANA).await, delivery(&shop, ANA).await.0), (State::Succeeded, Delivery::Delivered));
});

story!(a_later_reply_waits_for_the_fate_of_the_one_before, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.graph.statuses(Statuses::never());
    desk.graph.faults().push(GraphFault::Reset);
    shop.say(ANA, "uno").await;
    desk.answer().await;
    desk.graph.statuses(Statuses::of([News::Sent, News::Read]));
    desk.advance(SECOND);
    shop.say(ANA, "dos").await;
    desk.answer().await;
    assert!(shop.sent(ANA).is_empty());
    shop.talk(LUZ, "hola").await;
    desk.pass(WINDOW + SECOND * 10, SECOND * 10).await;
    assert_eq!(shop.replies(ANA), ["echo: uno", "echo: dos"]);
    assert!(shop.tasks().await.is_empty());
});

story!(a_reply_that_was_overtaken_is_not_sent_again, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    desk.graph.statuses(Statuses::never());
    desk.graph.faults().push(GraphFault::Reset);
    shop.say(ANA, "uno").await;
    desk.answer().await;
    desk.advance(SECOND);
    shop.say(ANA, "dos").await;
    desk.answer().await;
    desk.pass(SECOND * 80, SECOND * 10).await;
    assert!(shop.sent(ANA).is_empty(), "it waits up to 90 seconds");
    desk.graph.statuses(Statuses::of([News::Sent, News::Read]));
    desk.pass(SECOND * 600, SECOND * 10).await;
    assert_eq!(shop.replies(ANA), ["echo: dos"]);
    let states: Vec<_> = shop.effects(ANA).await.iter().map(|e| e.state).collect();
    assert_eq!((states, shop.tasks().await), (vec![State::Review, State::Succeeded], vec!["unknown_send".to_owned()]));
});

story!(a_double_that_could_not_be_avoided_is_noticed, |desk| async {
    let shop = desk.business("Luna").open().await;
    desk.graph.statuses(Statuses::never());
    talk_in(desk, &shop, GraphFault::AnswerLost).await;
    desk.graph.statuses(Statuses::of([News::Sent]));
    desk.advance(SECOND * 2);
    shop.talk(LUZ, "hola").await;
    desk.pass(WINDOW * 2, SECOND * 10).await;
    let sent = shop.sent(ANA);
    assert_eq!(sent.len(), 2, "one resend, by the rule");
    assert_eq!(shop.doubled().await, 0);
    let late = status_update(&shop.account, ANA, &sent[0].vendor_id, "sent", sent[0].echo.as_deref());
    assert_eq!(shop.deliver(late).await.status, 200);
    assert_eq!(shop.doubled().await, 1);
});

story!(a_refused_token_stops_the_channel_and_keeps_its_messages, |desk| async {
    let shop = desk.business("Luna").open().await;
    for (round, code) in [190, 131_031, 131_042].into_iter().enumerate() {
        talk_in(desk, &shop, GraphFault::VendorError(code)).await;
        let channel = shop.channel().await;
        assert!(channel.paused_reason.is_some_and(|why| why.contains(&code.to_string())), "{code}");
        assert_eq!(shop.tasks().await.len(), round + 1);
        shop.say(LUZ, "hola").await;
        desk.answer().await;
        assert_eq!(desk.graph.sent_count() as usize, round * 2, "{code}: nothing goes out of a stopped channel");
        desk.pass(SECOND * 600, SECOND * 300).await;
        shop.change_channel(|c| c.paused_reason = None).await;
        desk.settle().await;
        assert_eq!((shop.sent(ANA).len(), shop.sent(LUZ).len()), (round + 1, round + 1), "{code}");
    }
    assert_eq!(shop.tasks().await, ["channel_stopped"; 3]);
});
