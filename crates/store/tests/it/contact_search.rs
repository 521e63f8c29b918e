//! Contacts in a list: pages, filters, and what they are found by.

use frontdesk_kernel::{
    contact::{AddressKind, Contact},
    ids::ContactId,
    ports::channel::Address,
    scope::Server,
    search,
};
use frontdesk_store::{
    Db, contact_search,
    contact_search::{After, Filter, Order},
    contacts,
};

use crate::harness::*;

async fn know(db: &Db, shop: &'static Shop, name: &str, shown: Option<&str>, t: i64, addresses: &[(AddressKind, &str)]) {
    let contact =
        keep(Contact { name: shown.map(str::to_owned), updated_at: at(1000 - t), ..Contact::stranger(id(name), at(t)) });
    change!(db, &shop.scope, tx => contacts::insert(tx, &shop.scope, contact));
    for (kind, value) in addresses {
        let address = keep(Address { kind: *kind, value: (*value).to_owned() });
        assert!(change!(db, &shop.scope, tx => contacts::add_address(tx, &shop.scope, &contact.id, address, at(t))));
    }
}

/// Every page of a list, two at a time.
async fn all(db: &Db, shop: &'static Shop, filter: &'static Filter, order: Order) -> Vec<String> {
    let (mut seen, mut after): (Vec<String>, Option<After>) = (Vec::new(), None);
    loop {
        let from = keep(after.take());
        let page = look!(db, &shop.scope, tx => contact_search::list(tx, &shop.scope, filter, order, from.as_ref(), 2));
        let Some(last) = page.last() else { return seen };
        after = Some(After { key: last.key.clone(), id: last.contact.id.clone() });
        seen.extend(page.iter().map(|l| l.contact.id.to_string()));
        assert!(seen.len() < 100, "pages without end");
    }
}

async fn found(db: &Db, shop: &'static Shop, query: &str, filter: &'static Filter) -> Vec<String> {
    let words = keep(search::wanted(query));
    let (mut seen, mut after): (Vec<String>, Option<After>) = (Vec::new(), None);
    loop {
        let from = keep(after.take());
        let page = look!(db, &shop.scope, tx => contact_search::find(tx, &shop.scope, words, filter, from.as_ref(), 1));
        let Some(last) = page.last() else { return seen };
        after = Some(After { key: last.key.clone(), id: last.contact.id.clone() });
        seen.extend(page.iter().map(|l| l.contact.id.to_string()));
        assert!(seen.len() < 100, "pages without end");
    }
}

db_test!(contacts_come_in_every_order_without_gap_or_repetition, |db| async {
    let a = shop(&db, "a").await;
    for (name, shown, t) in
        [("c1", Some("Óscar"), 10), ("c2", None, 20), ("c3", Some("ana"), 20), ("c4", Some("Ana"), 20), ("c5", Some("Zoe"), 30)]
    {
        know(&db, a, name, shown, t, &[]).await;
    }
    let b = shop(&db, "b").await;
    know(&db, b, "c1", Some("Another tenant's"), 15, &[]).await;
    let none: &Filter = keep(Filter::default());
    for (order, expected) in [
        (Order::Newest, ["con_c5", "con_c4", "con_c3", "con_c2", "con_c1"]),
        (Order::Oldest, ["con_c1", "con_c2", "con_c3", "con_c4", "con_c5"]),
        (Order::Changed, ["con_c1", "con_c4", "con_c3", "con_c2", "con_c5"]),
        (Order::Name, ["con_c3", "con_c4", "con_c1", "con_c5", "con_c2"]),
    ] {
        assert_eq!(all(&db, a, none, order).await, expected, "{order:?}");
    }
    let range: &Filter = keep(Filter { created_from: Some(at(20)), created_to: Some(at(30)), ..Filter::default() });
    assert_eq!(all(&db, a, range, Order::Oldest).await, ["con_c2", "con_c3", "con_c4"]);
});

db_test!(a_contact_is_found_by_the_beginnings_of_name_number_and_mail, |db| async {
    let a = shop(&db, "a").await;
    use AddressKind::{Email, Phone};
    know(&db, a, "maria", Some("María José Núñez"), 1, &[(Phone, "573001234567"), (Email, "mj.nunez@example.org")]).await;
    know(&db, a, "mario", Some("Mario Marín"), 2, &[(Phone, "4915112345678")]).await;
    know(&db, a, "nobody", None, 3, &[(Phone, "573009999999")]).await;
    let b = shop(&db, "b").await;
    know(&db, b, "maria", Some("Maria"), 1, &[(Phone, "573001234567")]).await;
    let none: &Filter = keep(Filter::default());
    for (query, expected) in [
        ("MARI", vec!["con_maria", "con_mario"]),
        ("marin", vec!["con_mario"]),
        ("nunez jose", vec!["con_maria"]),
        ("jose mario", vec![]),
        ("+57 300", vec!["con_maria", "con_nobody"]),
        ("300-123", vec!["con_maria"]),
        ("0151 123", vec!["con_mario"]),
        ("mj.nunez@exam", vec!["con_maria"]),
        ("example", vec!["con_maria"]),
        ("%", vec![]),
        ("'; DROP TABLE contact", vec![]),
    ] {
        let mut found = found(&db, a, query, none).await;
        found.sort();
        assert_eq!(found, expected, "{query}");
    }
});

db_test!(a_search_is_narrowed_by_tag_and_channel, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "573001111111", at(0)).await;
    let writes = keep(a.contact_in(&db, conversation).await);
    know(&db, a, "tagged", Some("Ana"), 2, &[(AddressKind::Phone, "573002222222")]).await;
    let (tagged, tags): (&ContactId, _) = (keep(id("tagged")), keep(["vip".to_owned()]));
    change!(db, &a.scope, tx => contacts::set_tags(tx, &a.scope, tagged, tags));
    let vip: &Filter = keep(Filter { tag: Some("vip".into()), ..Filter::default() });
    let here: &Filter = keep(Filter { channel: Some(a.channel.clone()), ..Filter::default() });
    assert_eq!(all(&db, a, vip, Order::Newest).await, ["con_tagged"]);
    assert_eq!(all(&db, a, here, Order::Newest).await, [writes.to_string()]);
    assert_eq!(found(&db, a, "57300", vip).await, ["con_tagged"]);
    assert_eq!(found(&db, a, "57300", here).await, [writes.to_string()]);
});

db_test!(what_a_contact_is_found_by_follows_what_they_are_called, |db| async {
    let a = shop(&db, "a").await;
    know(&db, a, "maria", Some("María"), 1, &[(AddressKind::Phone, "573001234567")]).await;
    let maria = keep(look!(db, &a.scope, tx => contacts::get(tx, &a.scope, keep(id("maria")))).unwrap());
    let married = keep(Contact { name: Some("María Pérez".into()), ..maria.clone() });
    change!(db, &a.scope, tx => contacts::update(tx, &a.scope, married));
    let none: &Filter = keep(Filter::default());
    assert_eq!(found(&db, a, "perez", none).await, ["con_maria"]);
    let nameless = keep(Contact { name: None, ..maria.clone() });
    change!(db, &a.scope, tx => contacts::update(tx, &a.scope, nameless));
    assert!(found(&db, a, "maria", none).await.is_empty());
    assert_eq!(found(&db, a, "300123", none).await, ["con_maria"]);
    let number = keep(phone("573001234567"));
    change!(db, &a.scope, tx => contacts::remove_address(tx, &a.scope, &maria.id, number));
    assert!(found(&db, a, "300123", none).await.is_empty());
});

db_test!(contacts_of_older_versions_are_taken_into_the_search, |db| async {
    let a = shop(&db, "a").await;
    know(&db, a, "maria", Some("María"), 1, &[(AddressKind::Phone, "573001234567")]).await;
    execute(&db, "DELETE FROM contact_word").await;
    execute(&db, "UPDATE contact SET name_key = NULL").await;
    let none: &Filter = keep(Filter::default());
    assert!(found(&db, a, "maria", none).await.is_empty());
    assert_eq!(change!(db, &Server, tx => contact_search::index_missing(tx, &Server, 10)), 1);
    assert_eq!(change!(db, &Server, tx => contact_search::index_missing(tx, &Server, 10)), 0);
    assert_eq!(found(&db, a, "maria", none).await, ["con_maria"]);
    assert_eq!(all(&db, a, none, Order::Name).await, ["con_maria"]);
});

db_test!(people_of_the_same_name_are_seen, |db| async {
    let a = shop(&db, "a").await;
    for (name, shown) in
        [("m1", Some("María Pérez")), ("m2", Some("maria perez")), ("m3", Some("María")), ("n1", None), ("n2", None)]
    {
        know(&db, a, name, shown, 1, &[]).await;
    }
    let m1 = keep(look!(db, &a.scope, tx => contacts::get(tx, &a.scope, keep(id("m1")))).unwrap());
    let same = look!(db, &a.scope, tx => contact_search::namesakes(tx, &a.scope, m1, 5));
    assert_eq!(same.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["con_m2"]);
    let n1 = keep(look!(db, &a.scope, tx => contacts::get(tx, &a.scope, keep(id("n1")))).unwrap());
    assert!(
        look!(db, &a.scope, tx => contact_search::namesakes(tx, &a.scope, n1, 5)).is_empty(),
        "without a name nobody is the same"
    );
    let groups = look!(db, &a.scope, tx => contact_search::shared_names(tx, &a.scope, 5));
    assert_eq!(groups, [vec![id("m1"), id("m2")]]);
});
