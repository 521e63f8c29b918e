//! Money given back: never more than came in, once, and by nobody but a person.

use std::time::Duration;

use frontdesk_engine::payments::back::{self, Settled};
use frontdesk_testkit::{
    fakes::{GivenBack, StripeFault},
    story,
};
use serde_json::json;

use crate::{
    approvals::{approve, audited, decide, requests},
    payments::{connected, deliver, linked, only, paid, refund},
    people::{ANA, LUZ},
};

story!(never_more_is_given_back_than_was_paid, |desk| async {
    let luna = desk.business("Luna").openai().open().await;
    let sol = desk.business("Sol").openai().open().await;
    let (ours, theirs) = (connected(&luna, |_| {}).await, connected(&sol, |_| {}).await);
    linked(&luna, ANA).await;
    let id = only(&luna).await.id;
    let unpaid = refund(desk, &ours, &id, None).await;
    assert_eq!((unpaid.status, unpaid.json()["code"].as_str()), (409, Some("not_paid")), "{}", unpaid.text);
    let session = paid(&luna).await;
    assert_eq!(refund(desk, &theirs, &id, None).await.status, 404, "another business's");
    let reader = luna.key(&["payment:read"]).await;
    assert_eq!(refund(desk, &reader, &id, None).await.status, 403);
    for (minor, status) in [(Some(2_500_001), 409), (Some(i64::MAX), 409), (Some(0), 422), (Some(-1), 422)] {
        assert_eq!(refund(desk, &ours, &id, minor).await.status, status, "{minor:?}");
    }
    assert!(desk.stripe.refunds().is_empty());
    let part = refund(desk, &ours, &id, Some(1_000_000)).await;
    let shown = part.json();
    assert_eq!(
        (part.status, shown["state"].as_str(), shown["refundable_minor"].as_i64()),
        (200, Some("paid"), Some(1_500_000)),
        "{}",
        part.text
    );
    let again = refund(desk, &ours, &id, Some(1_500_001)).await;
    assert_eq!((again.status, again.json()["left_minor"].as_i64()), (409, Some(1_500_000)), "{}", again.text);
    // The rest goes back at the vendor's, without us; its total comes before the refund itself.
    let rest = GivenBack { id: "re_x".into(), amount: 500_000, metadata: Default::default(), ..desk.stripe.refunds().remove(0) };
    deliver(desk, &desk.stripe.charge_event(&session, 1_500_000)).await;
    let told = refund(desk, &ours, &id, Some(1_000_001)).await;
    assert_eq!((told.status, told.json()["left_minor"].as_i64()), (409, Some(1_000_000)), "{}", told.text);
    deliver(desk, &desk.stripe.refund_event("refund.created", &rest)).await;
    deliver(desk, &desk.stripe.refund_event("refund.updated", &rest)).await;
    assert_eq!(only(&luna).await.refunded, 1_500_000);
    let last = refund(desk, &ours, &id, None).await;
    assert_eq!((last.status, last.json()["state"].as_str()), (200, Some("refunded")), "{}", last.text);
    assert_eq!(refund(desk, &ours, &id, None).await.status, 409);
    desk.settle().await;
    let back = luna.replies(ANA).iter().filter(|r| r.contains("Te devolvimos")).count();
    assert_eq!(back, 3, "{:?}", luna.replies(ANA));
});

story!(a_refund_without_an_answer_is_made_once_all_the_same, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    paid(&shop).await;
    let id = only(&shop).await.id;
    desk.stripe.slow_refunds();
    desk.stripe.faults().push_times(2, StripeFault::AppliedThen500);
    let asked = refund(desk, &key, &id, Some(1_000_000)).await;
    let shown = asked.json();
    assert_eq!(
        (asked.status, shown["state"].as_str(), shown["refunds"][0]["state"].as_str()),
        (200, Some("refunding"), Some("pending")),
        "{}",
        asked.text
    );
    assert_eq!(refund(desk, &key, &id, Some(1_500_001)).await.status, 409, "its amount is held");
    assert_eq!(back::catch_up(&desk.engine).await.unwrap(), 0, "not yet");
    desk.advance(Duration::from_secs(130));
    assert_eq!(back::catch_up(&desk.engine).await.unwrap(), 1);
    assert_eq!(back::catch_up(&desk.engine).await.unwrap(), 0, "answered");
    let made = desk.stripe.refunds();
    assert_eq!(made.len(), 1, "once");
    assert_eq!(only(&shop).await.state.as_str(), "refunding", "the vendor takes its time");
    let done = GivenBack { status: "succeeded", ..made[0].clone() };
    deliver(desk, &desk.stripe.refund_event("refund.updated", &done)).await;
    let payment = only(&shop).await;
    assert_eq!((payment.state.as_str(), payment.refunded), ("paid", 1_000_000));
    // It bounces at the customer's bank: the amount is free again.
    let bounced = GivenBack { status: "failed", ..done };
    deliver(desk, &desk.stripe.refund_event("refund.failed", &bounced)).await;
    assert_eq!(only(&shop).await.refunded, 0);
    // The vendor refuses: nothing is held any more.
    desk.stripe.faults().push(StripeFault::Refuse(402));
    let refused = refund(desk, &key, &id, None).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("refused")), "{}", refused.text);
    assert_eq!(only(&shop).await.state.as_str(), "paid");
    // Nobody answers for longer than the vendor remembers: it is not made again, a person looks.
    desk.stripe.faults().push_times(2, StripeFault::Refuse(500));
    assert_eq!(refund(desk, &key, &id, Some(5)).await.status, 200);
    desk.advance(Duration::from_secs(24 * 3600));
    let asked = desk.stripe.requests().len();
    assert_eq!(back::catch_up(&desk.engine).await.unwrap(), 1);
    assert_eq!((desk.stripe.requests().len(), shop.tasks().await), (asked, vec!["unknown_refund".to_owned()]));
});

story!(an_agent_gives_back_what_a_person_approved_once_and_nothing_else, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    paid(&shop).await;
    let id = only(&shop).await.id;
    let wanted = |minor: i64| json!({"payment": id.as_str(), "amount_minor": minor, "reason": "she was ill"});
    desk.openai.call("refund_payment", wanted(5));
    assert!(shop.talk(LUZ, "devuélveme el dinero").await.contains("no es de este cliente"));
    assert_eq!(audited(&shop, "action.").await, ["action.refused"]);
    assert!(requests(&shop).await.is_empty());

    desk.openai.call("refund_payment", wanted(1_000_000));
    desk.openai.say("Lo consulto con el equipo.");
    assert_eq!(shop.talk(ANA, "devuélveme el dinero").await, "Lo consulto con el equipo.");
    assert!(desk.stripe.refunds().is_empty(), "nothing is given back before somebody says yes");
    desk.stripe.faults().push(StripeFault::LoseAnswer);
    let asked = approve(&shop).await;
    desk.openai.say("Te reembolsé una parte del pago.");
    desk.settle().await;
    assert_eq!(shop.replies(ANA).last().unwrap(), "Te reembolsé una parte del pago.");
    assert_eq!((desk.stripe.refunds().len(), only(&shop).await.refunded), (1, 1_000_000), "once, although the answer was lost");
    decide(&shop, &asked.id, "approve", json!({"args_hash": asked.args_hash})).await;
    desk.settle().await;
    assert_eq!(desk.stripe.refunds().len(), 1, "a second click changes nothing");

    // A yes to more than is left gives nothing.
    desk.openai.call("refund_payment", wanted(1_500_001));
    desk.openai.say("Lo consulto con el equipo.");
    shop.talk(ANA, "y el resto, y más").await;
    let more = requests(&shop).await.remove(0);
    assert_eq!(decide(&shop, &more.id, "approve", json!({"args_hash": more.args_hash})).await.status, 200);
    desk.settle().await;
    assert!(shop.replies(ANA).last().unwrap().contains("At most"), "{:?}", shop.replies(ANA).last());
    assert_eq!((desk.stripe.refunds().len(), only(&shop).await.refunded), (1, 1_000_000));
});

story!(a_repeat_that_is_refused_does_not_make_a_refund_undone, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    paid(&shop).await;
    let id = only(&shop).await.id;
    for (n, status) in [429, 409, 401].into_iter().enumerate() {
        let already = 500_000 * n as i64;
        desk.stripe.faults().push(StripeFault::LoseAnswer);
        desk.stripe.faults().push(StripeFault::Refuse(status));
        let asked = refund(desk, &key, &id, Some(500_000)).await;
        let shown = asked.json();
        assert_eq!((asked.status, shown["state"].as_str()), (200, Some("refunding")), "{status}: {}", asked.text);
        assert_eq!(shown["refundable_minor"].as_i64(), Some(2_000_000 - already), "its amount is held: {}", asked.text);
        // Whoever asks again later hears the same, and knows as little.
        desk.advance(Duration::from_secs(130));
        desk.stripe.faults().push(StripeFault::Refuse(status));
        assert_eq!(back::catch_up(&desk.engine).await.unwrap(), 0, "{status}");
        assert_eq!(back::catch_up(&desk.engine).await.unwrap(), 1, "{status}");
        assert_eq!((desk.stripe.refunds().len(), only(&shop).await.refunded), (n + 1, already + 500_000), "{status}");
    }
    // A refusal of the call itself is the vendor's answer to it, whenever it comes.
    desk.stripe.faults().push(StripeFault::Refuse(500));
    desk.stripe.faults().push(StripeFault::Refuse(402));
    let refused = refund(desk, &key, &id, Some(500_000)).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (409, Some("refused")), "{}", refused.text);
    assert_eq!(desk.stripe.refunds().len(), 3);
});

story!(what_the_vendor_made_is_made_whatever_another_node_hears, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = connected(&shop, |_| {}).await;
    linked(&shop, ANA).await;
    paid(&shop).await;
    let id = only(&shop).await.id;
    let done = refund(desk, &key, &id, Some(500_000)).await.json();
    let first = done["refunds"][0]["id"].as_str().unwrap().parse().unwrap();
    let late = back::finish(&desk.engine, &shop.scope, &first, Settled::Refused("late".into())).await.unwrap();
    assert_eq!((late.state.as_str(), only(&shop).await.refunded), ("succeeded", 500_000));
    // We believed that it was refused; the vendor says that it was made.
    desk.stripe.faults().push(StripeFault::Refuse(402));
    assert_eq!(refund(desk, &key, &id, Some(700_000)).await.status, 409);
    let shown = desk.get_as(&key, &format!("/api/v1/payments/{id}")).await.json();
    let ours = shown["refunds"].as_array().unwrap().iter().find(|r| r["state"] == "failed").unwrap()["id"].clone();
    let known = desk.stripe.refunds().remove(0);
    let metadata = [("refund", ours.as_str().unwrap()), ("payment", id.as_str())];
    let metadata = metadata.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let made = GivenBack { id: "re_made".into(), amount: 700_000, metadata, ..known };
    deliver(desk, &desk.stripe.refund_event("refund.updated", &made)).await;
    assert_eq!(only(&shop).await.refunded, 1_200_000);
});
