//! T8: the vendor's news of what we sent.

use frontdesk_kernel::{
    effect::{Class, State},
    ids::EffectId,
    message::Delivery,
    ports::channel::StatusUpdate,
    scope::Server,
};
use frontdesk_store::{
    Db, channels, echoes,
    echoes::Heard,
    effects,
    effects::{Effect, Ended},
    messages,
};

use crate::harness::*;

/// News with the token of an effect, or without.
async fn hear(db: &Db, a: &'static Shop, status: StatusUpdate, effect: Option<&'static EffectId>) -> Heard {
    let status = keep(status);
    change!(db, &a.scope, tx => echoes::hear(tx, &a.scope, &a.channel, status, effect, at(5000)))
}

/// A send that the vendor accepted as `vendor_id`.
async fn sent(db: &Db, a: &'static Shop, from: &str, vendor_id: &'static str) -> &'static Effect {
    let conversation = a.hears(db, from, at(0)).await;
    let effect = a.sends(db, conversation, Class::B, node(db, "n").await, at(1000)).await;
    let accepted = Ended { vendor_id: Some(vendor_id), ..ended() };
    change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 1, &accepted, at(2000)));
    effect
}

db_test!(news_says_what_it_was_about, |db| async {
    let a = shop(&db, "a").await;
    let effect = sent(&db, a, "57300", "wamid.1").await;
    let read = keep(status("wamid.1", Delivery::Read));
    let (heard, about) =
        change!(db, &a.scope, tx => echoes::hear_about(tx, &a.scope, Some(&a.channel), read, None, None, at(5000)));
    assert_eq!((heard, about.map(|e| e.message)), (Heard::Shown, Some(effect.message.clone())));
    let again = change!(db, &a.scope, tx => echoes::hear_about(tx, &a.scope, Some(&a.channel), read, None, None, at(5001)));
    assert_eq!(again, (Heard::Repeated, None));
});

db_test!(news_is_heard_once_and_only_moves_the_message_up, |db| async {
    let a = shop(&db, "a").await;
    let effect = sent(&db, a, "57300", "wamid.1").await;
    use Delivery::*;
    for (news, heard, shown) in [
        (Read, Heard::Shown, Read),
        (Sent, Heard::Shown, Read),
        (Delivered, Heard::Shown, Read),
        (Delivered, Heard::Repeated, Read),
        (Failed, Heard::Shown, Read),
        (Played, Heard::Shown, Played),
        (Read, Heard::Repeated, Played),
    ] {
        assert_eq!(hear(&db, a, status("wamid.1", news), None).await, heard, "{news:?}");
        let message = a.message(&db, &effect.message).await;
        assert_eq!((message.delivery, message.failure), (Some(shown), None), "after {news:?}");
    }
    assert_eq!(a.effect(&db, effect).await.state, State::Succeeded);
});

db_test!(news_that_came_before_the_answer_is_known_again_after_it, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let effect = a.sends(&db, conversation, Class::B, node(&db, "n").await, at(1000)).await;
    assert_eq!(hear(&db, a, status("wamid.1", Delivery::Sent), Some(&effect.id)).await, Heard::Settled);
    for (news, heard) in [
        (Delivery::Sent, Heard::Repeated),
        (Delivery::Delivered, Heard::Shown),
        (Delivery::Delivered, Heard::Repeated),
        (Delivery::Sent, Heard::Repeated),
    ] {
        assert_eq!(hear(&db, a, status("wamid.1", news), Some(&effect.id)).await, heard, "{news:?}");
    }
    assert!(look!(db, &a.scope, tx => echoes::doubled(tx, &a.scope)).is_empty());
});

db_test!(a_message_that_is_sent_anew_hears_all_of_it_anew, |db| async {
    let a = shop(&db, "a").await;
    let first = sent(&db, a, "57300", "wamid.1").await;
    for news in [Delivery::Delivered, Delivery::Failed] {
        assert_eq!(hear(&db, a, status("wamid.1", news), Some(&first.id)).await, Heard::Shown);
    }
    change!(db, &a.scope, tx => messages::queue_again(tx, &a.scope, &first.message));
    assert_eq!(hear(&db, a, status("wamid.1", Delivery::Delivered), Some(&first.id)).await, Heard::Repeated);
    let message = a.message(&db, &first.message).await;
    assert_eq!((message.delivery, message.vendor_id), (Some(Delivery::Queued), None));
    let again = keep(Effect { id: id("again"), ..first.clone() });
    change!(db, &a.scope, tx => effects::plan(tx, &a.scope, again, at(6000)));
    let node = node(&db, "m").await;
    change!(db, &a.scope, tx => begin(tx, &a.scope, &again.id, node, at(6000)));
    let accepted = Ended { vendor_id: Some("wamid.2"), ..ended() };
    change!(db, &a.scope, tx => effects::end(tx, &a.scope, again, 1, &accepted, at(6001)));
    // The first one's late news is not the second's.
    for late in [Delivery::Read, Delivery::Delivered] {
        assert_eq!(hear(&db, a, status("wamid.1", late), Some(&first.id)).await, Heard::Repeated);
        let message = a.message(&db, &first.message).await;
        assert_eq!((message.delivery, message.vendor_id.as_deref()), (Some(Delivery::Sent), Some("wamid.2")));
    }
    for heard in [Heard::Shown, Heard::Repeated] {
        assert_eq!(hear(&db, a, status("wamid.2", Delivery::Delivered), Some(&again.id)).await, heard);
    }
    assert!(look!(db, &a.scope, tx => echoes::doubled(tx, &a.scope)).is_empty());
});

db_test!(a_failure_that_the_vendor_tells_later_shows_with_its_reason, |db| async {
    let a = shop(&db, "a").await;
    let effect = sent(&db, a, "57300", "wamid.1").await;
    let failed = StatusUpdate { reason: Some("not on WhatsApp".into()), ..status("wamid.1", Delivery::Failed) };
    assert_eq!(hear(&db, a, failed, None).await, Heard::Shown);
    let message = a.message(&db, &effect.message).await;
    assert_eq!((message.delivery, message.failure.as_deref()), (Some(Delivery::Failed), Some("not on WhatsApp")));
    // It arrived after all.
    assert_eq!(hear(&db, a, status("wamid.1", Delivery::Delivered), None).await, Heard::Shown);
    let message = a.message(&db, &effect.message).await;
    assert_eq!((message.delivery, message.failure), (Some(Delivery::Delivered), None));
});

db_test!(an_id_that_nobody_knows_is_a_stranger, |db| async {
    let a = shop(&db, "a").await;
    let b = shop(&db, "b").await;
    let of_b = sent(&db, b, "57300", "wamid.1").await;
    assert_eq!(hear(&db, a, status("wamid.1", Delivery::Read), None).await, Heard::Stranger, "another tenant's message");
    assert_eq!(hear(&db, a, status("wamid.2", Delivery::Read), Some(&of_b.id)).await, Heard::Stranger, "another tenant's effect");
    assert_eq!(hear(&db, a, status("wamid.2", Delivery::Read), Some(&of_b.id)).await, Heard::Repeated);
    assert_eq!(b.message(&db, &of_b.message).await.delivery, Some(Delivery::Sent));
});

db_test!(news_settles_a_send_in_any_state_in_which_its_fate_is_open, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    for (n, (state, news, expected)) in [
        (State::Sending, Delivery::Sent, State::Succeeded),
        (State::Unknown, Delivery::Delivered, State::Succeeded),
        (State::Review, Delivery::Read, State::Succeeded),
        (State::Pending, Delivery::Sent, State::Succeeded),
        (State::Unknown, Delivery::Failed, State::Failed),
        (State::Failed, Delivery::Sent, State::Failed),
    ]
    .into_iter()
    .enumerate()
    {
        let conversation = a.hears(&db, &format!("5730{n}"), at(0)).await;
        let effect = a.sends(&db, conversation, Class::B, node, at(1000)).await;
        if state != State::Sending {
            change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 1, &Ended { state, ..ended() }, at(2000)));
        }
        let vendor_id = format!("wamid.{n}");
        let heard = if state.is_final() { Heard::Shown } else { Heard::Settled };
        assert_eq!(hear(&db, a, status(&vendor_id, news), Some(&effect.id)).await, heard, "{state:?} and {news:?}");
        let now = a.effect(&db, effect).await;
        assert_eq!((now.state, now.unknown_since), (expected, None), "{state:?} and {news:?}");
        assert!(
            !change!(db, &a.scope, tx => effects::lost::resend(tx, &a.scope, &effect.id, at(9000))),
            "{state:?} and {news:?}"
        );
    }
});

db_test!(news_of_a_send_that_never_began_does_not_settle_it, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let effect = a.replies(&db, conversation, Class::B, at(1000)).await;
    assert_eq!(hear(&db, a, status("wamid.1", Delivery::Sent), Some(&effect.id)).await, Heard::Shown);
    assert_eq!(a.effect(&db, effect).await.state, State::Pending);
});

db_test!(the_answer_that_comes_after_its_echo_changes_nothing, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let effect = a.sends(&db, conversation, Class::B, node(&db, "n").await, at(1000)).await;
    assert_eq!(hear(&db, a, status("wamid.1", Delivery::Delivered), Some(&effect.id)).await, Heard::Settled);
    let settled = a.effect(&db, effect).await;
    assert_eq!((settled.state, settled.vendor_id.as_deref()), (State::Succeeded, Some("wamid.1")));
    for state in [State::Unknown, State::Failed, State::Pending] {
        let late = Ended { state, vendor_id: Some("wamid.2"), detail: Some("timeout"), ..ended() };
        change!(db, &a.scope, tx => effects::end(tx, &a.scope, effect, 1, &late, at(6000)));
        assert_eq!(a.effect(&db, effect).await, settled, "{state:?}");
        let message = a.message(&db, &effect.message).await;
        assert_eq!((message.delivery, message.vendor_id.as_deref()), (Some(Delivery::Delivered), Some("wamid.1")), "{state:?}");
    }
});

db_test!(a_second_vendor_id_for_one_send_is_a_detected_duplicate, |db| async {
    let a = shop(&db, "a").await;
    let effect = sent(&db, a, "57300", "wamid.1").await;
    sent(&db, a, "57301", "wamid.9").await;
    assert_eq!(hear(&db, a, status("wamid.1", Delivery::Sent), Some(&effect.id)).await, Heard::Shown);
    assert!(look!(db, &a.scope, tx => echoes::doubled(tx, &a.scope)).is_empty());
    assert_eq!(hear(&db, a, status("wamid.2", Delivery::Sent), Some(&effect.id)).await, Heard::Doubled);
    assert_eq!(hear(&db, a, status("wamid.2", Delivery::Sent), Some(&effect.id)).await, Heard::Repeated);
    assert_eq!(look!(db, &a.scope, tx => echoes::doubled(tx, &a.scope)), [(effect.id.clone(), 2)]);
    assert_eq!(a.message(&db, &effect.message).await.vendor_id.as_deref(), Some("wamid.1"));
});

db_test!(news_that_comes_at_once_from_several_sides_leaves_the_highest, |db| async {
    let a = shop(&db, "a").await;
    let mut news = Vec::new();
    let mut sends = Vec::new();
    for n in 0..12 {
        let vendor_id = keep(format!("wamid.{n}"));
        sends.push(sent(&db, a, &format!("573{n:02}"), vendor_id).await);
        for delivery in [Delivery::Read, Delivery::Sent, Delivery::Delivered] {
            let db = db.clone();
            news.push(async move { hear(&db, a, status(vendor_id, delivery), None).await });
        }
    }
    assert!(at_once(news).await.iter().all(|heard| *heard == Heard::Shown));
    for effect in sends {
        assert_eq!(a.message(&db, &effect.message).await.delivery, Some(Delivery::Read));
    }
});

db_test!(the_channel_remembers_its_last_sign_of_life, |db| async {
    let a = shop(&db, "a").await;
    for (n, (now, expected)) in [(5000, 5000), (5250, 5000), (5251, 5251), (3000, 5251)].into_iter().enumerate() {
        let status = keep(status(&format!("wamid.{n}"), Delivery::Sent));
        change!(db, &a.scope, tx => echoes::hear(tx, &a.scope, &a.channel, status, None, at(now)));
        let channel = look!(db, &a.scope, tx => channels::get(tx, &a.scope, &a.channel)).unwrap();
        assert_eq!(channel.last_echo_at, Some(at(expected)), "heard at {now}");
    }
    assert!(look!(db, &Server, tx => effects::lost::unknown(tx, &Server, 10)).is_empty());
});
