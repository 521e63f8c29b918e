//! Reports of the payment vendor that never came.

use std::time::Duration;

use frontdesk_engine::payments::look;
use frontdesk_testkit::{desk::TestDesk, fakes::StripeFault, story};

use crate::{
    payments::{connected, deliver, linked, only},
    people::ANA,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

async fn looked(desk: &TestDesk) -> usize {
    let lost = look::catch_up(&desk.engine).await.unwrap();
    desk.settle().await;
    lost
}

/// How often the vendor was asked.
fn asked(desk: &TestDesk) -> usize {
    desk.stripe.requests().iter().filter(|r| r.method == "GET" && r.path.starts_with("/v1/checkout/sessions/")).count()
}

story!(what_was_paid_is_known_although_nobody_reported_it, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    let session = desk.stripe.pay();
    desk.advance(Duration::from_secs(9 * MINUTE));
    assert_eq!((looked(desk).await, asked(desk)), (0, 0), "a report may still come");
    desk.advance(Duration::from_secs(MINUTE));
    // Two nodes look at the same moment.
    let (one, two) = tokio::join!(look::catch_up(&desk.engine), look::catch_up(&desk.engine));
    assert_eq!((one.unwrap() + two.unwrap(), asked(desk)), (1, 1));
    desk.settle().await;
    let payment = only(&shop).await;
    assert_eq!((payment.state.as_str(), payment.vendor_payment.as_deref()), ("paid", Some(session.intent.as_str())));
    let told = |reply: &&String| reply.contains("Recibimos tu pago");
    assert_eq!(shop.replies(ANA).iter().filter(told).count(), 1);
    // It comes after all, and nobody is asked any more.
    deliver(desk, &desk.stripe.session_event("checkout.session.completed", &session)).await;
    desk.advance(Duration::from_secs(30 * 24 * HOUR));
    assert_eq!((looked(desk).await, looked(desk).await, asked(desk)), (0, 0, 1));
    assert_eq!(shop.replies(ANA).iter().filter(told).count(), 1, "{:?}", shop.replies(ANA));
});

story!(a_vendor_is_asked_less_and_less_often_and_then_no_more, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    desk.stripe.faults().push(StripeFault::Refuse(500));
    let mut times = Vec::new();
    for minutes in 0..16 * 24 * 6 {
        let before = asked(desk);
        assert_eq!(look::catch_up(&desk.engine).await.unwrap(), 0);
        if asked(desk) > before {
            times.push(minutes * 10);
        }
        desk.advance(Duration::from_secs(10 * MINUTE));
    }
    assert_eq!(times, [10, 60, 6 * 60, 25 * 60, 4 * 24 * 60, 15 * 24 * 60]);
    assert_eq!(only(&shop).await.state.as_str(), "open");
});

story!(a_link_that_ran_out_is_known_to_have, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    desk.stripe.expire();
    desk.advance(Duration::from_secs(25 * HOUR));
    assert_eq!((looked(desk).await, only(&shop).await.state.as_str(), shop.replies(ANA).len()), (1, "expired", 1));
});
