//! Credit that is bought: an order is one business's and keeps what became of it.

use frontdesk_kernel::{
    Timestamp,
    money::Money,
    payment::{State, next_look},
    scope::Server,
};
use frontdesk_store::{
    contacts, looks, payments,
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

db_test!(orders_and_payments_are_looked_at_when_their_time_has_come_and_by_one, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let order = keep(order("1", at(1000)));
    change!(db, &a.scope, tx => orders::insert(tx, &a.scope, order));
    let conversation = a.hears(&db, "57300", at(0)).await;
    let contact = keep(a.contact_in(&db, conversation).await);
    let payment = keep(crate::payments::payment(contact, conversation, "r1", at(1000)));
    change!(db, &a.scope, tx => payments::insert(tx, &a.scope, payment));
    assert_eq!(look!(db, &a.scope, tx => orders::get(tx, &a.scope, &order.id)).as_ref(), Some(order));
    assert_eq!(look!(db, &b.scope, tx => orders::get(tx, &b.scope, &order.id)), None);

    let due = next_look(order.created_at, order.created_at).unwrap();
    let (early, later) = (Timestamp(due.0 - 1), Some(at(9_999_000)));
    let tenant = a.scope.tenant();
    assert!(look!(db, &Server, tx => looks::orders(tx, &Server, early, 9)).is_empty());
    assert!(look!(db, &Server, tx => looks::payments(tx, &Server, early, 9)).is_empty());
    assert_eq!(look!(db, &Server, tx => looks::orders(tx, &Server, due, 9)), [(tenant.clone(), order.id.clone(), at(1000))]);
    assert_eq!(look!(db, &Server, tx => looks::payments(tx, &Server, due, 9)), [(tenant.clone(), payment.id.clone(), at(1000))]);
    assert!(!change!(db, &b.scope, tx => looks::order_next(tx, &b.scope, &order.id, due, later)), "another tenant's");
    assert!(!change!(db, &b.scope, tx => looks::payment_next(tx, &b.scope, &payment.id, due, later)), "another tenant's");
    for taken in [true, false] {
        assert_eq!(change!(db, &a.scope, tx => looks::order_next(tx, &a.scope, &order.id, due, later)), taken);
        assert_eq!(change!(db, &a.scope, tx => looks::payment_next(tx, &a.scope, &payment.id, due, later)), taken);
    }
    let end = at(99_999_000);
    assert!(change!(db, &a.scope, tx => looks::order_next(tx, &a.scope, &order.id, end, None)));
    assert!(change!(db, &a.scope, tx => looks::payment_next(tx, &a.scope, &payment.id, end, None)));
    assert!(look!(db, &Server, tx => looks::orders(tx, &Server, end, 9)).is_empty());
    assert!(look!(db, &Server, tx => looks::payments(tx, &Server, end, 9)).is_empty());
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
