//! Payments, refunds and reports, and the accounts through which they come.

use frontdesk_kernel::{
    Timestamp,
    ids::*,
    money::Money,
    payment::{End, Payment, Refund, RefundState, State},
    ports::payments::{News, Notice, Subject},
    scope::Server,
};
use frontdesk_store::{
    Db, contacts, merges, payments,
    payments::{Filter, Report},
    refunds, tills,
    tills::Till,
};

use crate::harness::*;

pub(crate) fn payment(contact: &ContactId, conversation: &ConversationId, reference: &str, now: Timestamp) -> Payment {
    Payment {
        id: fresh(),
        reference: reference.to_owned(),
        contact: contact.clone(),
        conversation: Some(conversation.clone()),
        appointment: None,
        amount: Money { minor: 4_500_000, currency: "COP".into() },
        description: "Corte".into(),
        state: State::Open,
        refunded: 0,
        vendor: "bank".into(),
        vendor_link: None,
        vendor_payment: None,
        url: None,
        problem: None,
        created_at: now,
        paid_at: None,
        ended: None,
        ended_at: None,
        updated_at: now,
    }
}

pub(crate) fn refund(payment: &Payment, reference: &str, now: Timestamp) -> Refund {
    Refund {
        id: fresh(),
        payment: payment.id.clone(),
        reference: reference.to_owned(),
        minor: 100,
        state: RefundState::Pending,
        reason: "she was ill".into(),
        requested_by: "usr_ana".into(),
        vendor_refund: None,
        problem: None,
        created_at: now,
        updated_at: now,
    }
}

fn report(id: &str, payment: Option<&PaymentId>) -> Report {
    let subject = Subject { payment: payment.map(|p| p.to_string()), ..Subject::default() };
    let notice =
        Notice { id: id.to_owned(), kind: "link.expired".into(), at: at(0), of_account: None, subject, what: News::Expired };
    Report { vendor: "bank".into(), payment: payment.cloned(), outcome: "heard".into(), notice, received_at: at(5) }
}

fn till(shop: &Shop, secrets: &[&str]) -> Till {
    Till {
        tenant: shop.scope.tenant().clone(),
        vendor: "bank".into(),
        sealed_key: "v1.sealed".into(),
        sealed_secrets: secrets.iter().map(|s| (*s).to_owned()).collect(),
        rules: serde_json::json!({ "most_minor": 5 }).as_object().cloned().unwrap(),
        updated_at: at(0),
    }
}

/// A till, a payment, something given back, a report.
pub(crate) async fn takes(db: &Db, shop: &'static Shop, conversation: &'static ConversationId) {
    let scope = &shop.scope;
    let contact = shop.contact_in(db, conversation).await;
    let (till, paid) = (keep(till(shop, &["one"])), keep(payment(&contact, conversation, "call", at(0))));
    let (back, told) = (keep(refund(paid, "back", at(0))), keep(report("evt", Some(&paid.id))));
    change!(db, scope, tx => tills::put(tx, scope, till));
    change!(db, scope, tx => payments::insert(tx, scope, paid));
    change!(db, scope, tx => refunds::insert(tx, scope, back));
    change!(db, scope, tx => payments::hear(tx, scope, told));
}

db_test!(the_same_call_is_the_same_payment_and_is_found_by_every_name_it_has, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let conversation = a.hears(&db, "57300", at(0)).await;
    let contact = a.contact_in(&db, conversation).await;
    let first = keep(payment(&contact, conversation, "call-1", at(0)));
    let again = keep(payment(&contact, conversation, "call-1", at(9)));
    assert!(change!(db, &a.scope, tx => payments::insert(tx, &a.scope, first)));
    assert!(!change!(db, &a.scope, tx => payments::insert(tx, &a.scope, again)));
    assert_eq!(look!(db, &a.scope, tx => payments::by_reference(tx, &a.scope, "call-1")).as_ref(), Some(first));
    assert_eq!(look!(db, &b.scope, tx => payments::by_reference(tx, &b.scope, "call-1")), None);
    assert_eq!(look!(db, &b.scope, tx => payments::get(tx, &b.scope, &first.id)), None);

    let paid = keep(Payment {
        state: State::Paid,
        refunded: 7,
        vendor_link: Some("link_1".into()),
        vendor_payment: Some("pay_vendor".into()),
        url: Some("https://pay.example/1".into()),
        problem: Some("none".into()),
        paid_at: Some(at(3)),
        ended: Some(End::Expired),
        ended_at: Some(at(4)),
        updated_at: at(5),
        ..first.clone()
    });
    assert!(!change!(db, &b.scope, tx => payments::keep(tx, &b.scope, paid)));
    assert!(change!(db, &a.scope, tx => payments::keep(tx, &a.scope, paid)));
    assert_eq!(change!(db, &a.scope, tx => payments::lock(tx, &a.scope, &first.id)).as_ref(), Some(paid));
    let named = |payment: Option<&str>, link: Option<&str>, made: Option<&str>| {
        let text = |t: Option<&str>| t.map(str::to_owned);
        keep(Subject { payment: text(payment), vendor_link: text(link), vendor_payment: text(made) })
    };
    for (subject, found) in [
        (named(Some(first.id.as_str()), None, None), true),
        (named(None, Some("link_1"), None), true),
        (named(Some("pay_else"), None, Some("pay_vendor")), true),
        (named(Some("'; DROP"), Some("x"), None), false),
        (named(None, None, None), false),
    ] {
        let id = look!(db, &a.scope, tx => payments::named(tx, &a.scope, "bank", subject));
        assert_eq!(id.is_some(), found, "{subject:?}");
        assert_eq!(look!(db, &a.scope, tx => payments::named(tx, &a.scope, "other", subject)), None);
        assert_eq!(look!(db, &b.scope, tx => payments::named(tx, &b.scope, "bank", subject)), None);
    }
});

db_test!(payments_are_listed_newest_first_by_what_is_wanted, |db| async {
    let shop = shop(&db, "a").await;
    let conversation = shop.hears(&db, "57300", at(0)).await;
    let contact = shop.contact_in(&db, conversation).await;
    let mut made = Vec::new();
    for n in 0..5 {
        let one = keep(payment(&contact, conversation, &format!("call-{n}"), at(n)));
        change!(db, &shop.scope, tx => payments::insert(tx, &shop.scope, one));
        made.insert(0, one.clone());
    }
    let list = async |filter: Filter, after: Option<(Timestamp, PaymentId)>, limit| {
        let (filter, after) = (keep(filter), keep(after));
        look!(db, &shop.scope, tx => payments::list(tx, &shop.scope, filter, after.as_ref(), limit))
    };
    assert_eq!(list(Filter::default(), None, 10).await, made);
    let after = (made[1].created_at, made[1].id.clone());
    assert_eq!(list(Filter::default(), Some(after), 2).await, made[2..4]);
    let of = |contact: &ContactId| Filter { contact: Some(contact.clone()), ..Filter::default() };
    assert_eq!(list(of(&contact), None, 10).await.len(), 5);
    assert_eq!(list(of(&fresh()), None, 10).await.len(), 0);
    let between = Filter {
        from: Some(at(1)),
        to: Some(at(3)),
        state: Some(State::Open),
        conversation: Some(conversation.clone()),
        ..Filter::default()
    };
    assert_eq!(list(between, None, 10).await, made[2..4]);
    assert!(list(Filter { state: Some(State::Paid), ..Filter::default() }, None, 10).await.is_empty());
    assert!(list(Filter { appointment: Some(fresh()), ..Filter::default() }, None, 10).await.is_empty());
});

db_test!(refunds_are_kept_and_those_without_an_answer_are_found, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let conversation = a.hears(&db, "57300", at(0)).await;
    let contact = a.contact_in(&db, conversation).await;
    let paid = keep(payment(&contact, conversation, "call", at(0)));
    change!(db, &a.scope, tx => payments::insert(tx, &a.scope, paid));
    let (first, second) = (keep(refund(paid, "one", at(0))), keep(refund(paid, "two", at(10))));
    for one in [first, second] {
        assert!(change!(db, &a.scope, tx => refunds::insert(tx, &a.scope, one)));
    }
    let twice = keep(refund(paid, "one", at(20)));
    assert!(!change!(db, &a.scope, tx => refunds::insert(tx, &a.scope, twice)));
    assert_eq!(look!(db, &a.scope, tx => refunds::of_payment(tx, &a.scope, &paid.id)), [first.clone(), second.clone()]);
    assert_eq!(look!(db, &b.scope, tx => refunds::of_payment(tx, &b.scope, &paid.id)), []);
    assert_eq!(look!(db, &a.scope, tx => refunds::by_reference(tx, &a.scope, "one")).as_ref(), Some(first));
    let waiting = look!(db, &Server, tx => refunds::unanswered(tx, &Server, at(5), 10));
    assert_eq!(waiting, [(a.scope.tenant().clone(), first.id.clone())]);
    let done = keep(Refund {
        state: RefundState::Succeeded,
        vendor_refund: Some("re_1".into()),
        problem: Some("p".into()),
        updated_at: at(9),
        ..first.clone()
    });
    assert!(!change!(db, &b.scope, tx => refunds::keep(tx, &b.scope, done)));
    assert!(change!(db, &a.scope, tx => refunds::keep(tx, &a.scope, done)));
    assert_eq!(look!(db, &a.scope, tx => refunds::get(tx, &a.scope, &first.id)).as_ref(), Some(done));
    assert_eq!(look!(db, &b.scope, tx => refunds::get(tx, &b.scope, &first.id)), None);
    assert_eq!(look!(db, &Server, tx => refunds::unanswered(tx, &Server, at(50), 10)).len(), 1);
});

db_test!(a_report_is_heard_once_by_whom_it_is_for, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (ours, nobodys): (PaymentId, _) = (fresh(), keep(report("evt_2", None)));
    let first = keep(report("evt_1", Some(&ours)));
    assert!(change!(db, &a.scope, tx => payments::hear(tx, &a.scope, first)));
    assert!(!change!(db, &a.scope, tx => payments::hear(tx, &a.scope, first)));
    assert!(change!(db, &b.scope, tx => payments::hear(tx, &b.scope, first)), "another business's own");
    assert!(change!(db, &a.scope, tx => payments::hear(tx, &a.scope, nobodys)));
    assert!(change!(db, &a.scope, tx => payments::judge(tx, &a.scope, "bank", "evt_1", "paid")));
    let judged = Report { outcome: "paid".into(), ..first.clone() };
    let ours = keep(ours);
    assert_eq!(look!(db, &a.scope, tx => payments::reports(tx, &a.scope, Some(ours), 10)), [judged]);
    assert_eq!(look!(db, &a.scope, tx => payments::reports(tx, &a.scope, None, 10)), std::slice::from_ref(nobodys));
    assert_eq!(change!(db, &Server, tx => payments::forget_before(tx, &Server, at(5))), 0);
    assert_eq!(change!(db, &Server, tx => payments::forget_before(tx, &Server, at(6))), 3);
});

db_test!(a_business_has_one_till_and_nobody_elses, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (old, new) = (keep(till(a, &["one"])), keep(till(a, &["two", "one"])));
    change!(db, &a.scope, tx => tills::put(tx, &a.scope, old));
    change!(db, &a.scope, tx => tills::put(tx, &a.scope, new));
    assert_eq!(look!(db, &a.scope, tx => tills::get(tx, &a.scope)).as_ref(), Some(new));
    assert_eq!(look!(db, &b.scope, tx => tills::get(tx, &b.scope)), None);
    assert_eq!(look!(db, &Server, tx => tills::all(tx, &Server)), std::slice::from_ref(new));
    assert!(!change!(db, &b.scope, tx => tills::delete(tx, &b.scope)));
    assert!(change!(db, &a.scope, tx => tills::delete(tx, &a.scope)));
    assert_eq!(look!(db, &a.scope, tx => tills::get(tx, &a.scope)), None);
});

db_test!(payments_go_with_their_contact_into_a_merge_back_out_and_into_oblivion, |db| async {
    let shop = shop(&db, "a").await;
    let (one, two) = (shop.hears(&db, "57300", at(0)).await, shop.hears(&db, "57301", at(0)).await);
    takes(&db, shop, two).await;
    let (ana, ben) = (keep(shop.contact_in(&db, one).await), keep(shop.contact_in(&db, two).await));
    let of = async |contact: &ContactId| {
        let filter = keep(Filter { contact: Some(contact.clone()), ..Filter::default() });
        look!(db, &shop.scope, tx => payments::list(tx, &shop.scope, filter, None, 10)).len()
    };
    change!(db, &shop.scope, tx => merges::merge(tx, &shop.scope, ana, ben, false, at(1)));
    assert_eq!((of(ana).await, of(ben).await), (1, 0));
    change!(db, &shop.scope, tx => merges::undo(tx, &shop.scope, ben, at(2)));
    assert_eq!((of(ana).await, of(ben).await), (0, 1));
    assert!(change!(db, &shop.scope, tx => contacts::erase(tx, &shop.scope, ben)));
    for table in ["payment", "refund", "payment_report"] {
        assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM {table}")).await, 0, "{table}");
    }
});
