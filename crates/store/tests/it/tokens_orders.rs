//! Credit that is bought: an order is one business's and keeps what became of it.

use frontdesk_kernel::{Timestamp, money::Money, payment::State};
use frontdesk_store::{
    contacts, payments,
    tokens::orders::{self, Order},
};

use crate::harness::*;

pub(crate) fn order(tail: &str, now: Timestamp) -> Order {
    Order {
        id: id(tail),
        tokens: 1000,
        price: Money { minor: 9_900, currency: "USD".into() },
        state: State::Open,
        vendor: "bank".into(),
        vendor_link: None,
        url: None,
        problem: None,
        made_by: "usr_ana".into(),
        created_at: now,
        paid_at: None,
        updated_at: now,
    }
}

db_test!(an_order_is_kept_with_what_became_of_it_and_nobody_elses, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (first, second) = (keep(order("1", at(1000))), keep(order("2", at(2000))));
    for order in [first, second] {
        change!(db, &a.scope, tx => orders::insert(tx, &a.scope, order));
    }
    assert_eq!(look!(db, &a.scope, tx => orders::recent(tx, &a.scope, 10)), [second.clone(), first.clone()]);
    assert_eq!(look!(db, &a.scope, tx => orders::recent(tx, &a.scope, 1)), *std::slice::from_ref(second));
    assert_eq!(look!(db, &b.scope, tx => orders::recent(tx, &b.scope, 10)), []);

    let paid: &Order = keep(Order {
        state: State::Paid,
        vendor_link: Some("cs_1".into()),
        url: Some("https://pay.example/1".into()),
        problem: Some("late".into()),
        paid_at: Some(at(3000)),
        updated_at: at(3000),
        ..first.clone()
    });
    assert!(!change!(db, &b.scope, tx => orders::keep(tx, &b.scope, paid)), "another tenant's");
    assert!(change!(db, &a.scope, tx => orders::keep(tx, &a.scope, paid)));
    assert_eq!(change!(db, &a.scope, tx => orders::lock(tx, &a.scope, &paid.id)).as_ref(), Some(paid));
    assert_eq!(change!(db, &b.scope, tx => orders::lock(tx, &b.scope, &paid.id)), None);
});

db_test!(those_who_pay_have_names_where_they_are_known, |db| async {
    let a = shop(&db, "a").await;
    let mut ids = Vec::new();
    for from in ["57300", "57301"] {
        let conversation = a.hears(&db, from, at(0)).await;
        ids.push(a.contact_in(&db, conversation).await);
    }
    let first = keep(ids[0].clone());
    let mut ana = look!(db, &a.scope, tx => contacts::get(tx, &a.scope, first)).unwrap();
    ana.name = Some("Ana".into());
    let ana = keep(ana);
    assert!(change!(db, &a.scope, tx => contacts::update(tx, &a.scope, ana)));
    let ids = keep(ids);
    let names = look!(db, &a.scope, tx => payments::payers(tx, &a.scope, ids));
    assert_eq!((names.len(), names[&ana.id].as_str()), (1, "Ana"));
    assert!(look!(db, &a.scope, tx => payments::payers(tx, &a.scope, &[])).is_empty());
});
