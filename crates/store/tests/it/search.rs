//! The search over messages.

use frontdesk_kernel::{ids::*, message::Part, scope::Server};
use frontdesk_store::{
    Db, contacts, messages, search,
    search::{Found, Place, Query},
    threads::Sessions,
};

use crate::harness::*;

async fn says(db: &Db, shop: &'static Shop, from: &str, n: i64, text: &str) -> MessageId {
    let arrival = shop.text(from, fresh::<OfMessage>(), text, at(n));
    shop.receive(db, &arrival).await;
    arrival.message
}

async fn page(db: &Db, shop: &'static Shop, query: &str, after: Option<&'static Place>, limit: usize) -> Found {
    let query = keep(Query::parse(query).unwrap());
    look!(db, &shop.scope, tx => search::find(tx, &shop.scope, query, None, &Sessions::Everybodys, after, limit))
}

async fn found(db: &Db, shop: &'static Shop, query: &str) -> Vec<String> {
    page(db, shop, query, None, 50).await.hits.into_iter().map(|hit| hit.snippet.text).collect()
}

async fn index(db: &Db, shop: &'static Shop, size: u32) {
    while change!(db, &shop.scope, tx => search::chunks::build(tx, &shop.scope, size)) {}
    while change!(db, &shop.scope, tx => search::chunks::rebuild(tx, &shop.scope)) {}
}

db_test!(messages_are_found_at_once_and_after_they_are_indexed_by_their_own_business_only, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for (n, text) in
        ["¿Puede ser mañana?", "un corte por favor", "MANANA no puedo", "corte y tinte mañana", "gracias"].iter().enumerate()
    {
        says(&db, a, &format!("5730{n}"), n as i64 * 1000, text).await;
    }
    says(&db, b, "57300", 0, "mañana en la otra tienda").await;
    for indexed in [false, true] {
        if indexed {
            index(&db, a, 2).await;
            assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM search_chunk").await, 2);
            assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM search_due WHERE tenant = 'tnt_a'").await, 1, "the rest");
        }
        for (query, expected) in [
            ("manana", vec!["corte y tinte mañana", "MANANA no puedo", "¿Puede ser mañana?"]),
            ("mañana corte", vec!["corte y tinte mañana"]),
            ("\"un corte\"", vec!["un corte por favor"]),
            ("\"corte por\" fav", vec!["un corte por favor"]),
            ("\"por corte\"", vec![]),
            ("\"corte favor\"", vec![]),
            ("\"y tinte mañana\" cor", vec!["corte y tinte mañana"]),
            ("corte y-tin", vec!["corte y tinte mañana"]),
            ("\"corte y\" \"tinte mañana\"", vec!["corte y tinte mañana"]),
            ("ma", vec!["corte y tinte mañana", "MANANA no puedo", "¿Puede ser mañana?"]),
            ("cort", vec!["corte y tinte mañana", "un corte por favor"]),
            ("cort ", vec![]),
            ("grac", vec!["gracias"]),
            ("otra tienda", vec![]),
            ("' OR 1=1 --", vec![]),
        ] {
            assert_eq!(found(&db, a, query).await, expected, "{query}, indexed: {indexed}");
        }
        assert_eq!(found(&db, b, "manana").await, ["mañana en la otra tienda"]);
    }
});

db_test!(a_phrase_is_found_however_long_the_message_and_however_often_its_words_stand_there, |db| async {
    let a = shop(&db, "a").await;
    let far = format!("{} cita para mañana", "y ".repeat(300));
    for (n, text) in
        ["cita y mañana cita para hoy", "para mañana cita", "cita cita para mañana", &far, "cita para"].iter().enumerate()
    {
        says(&db, a, "57300", n as i64 * 1000, text).await;
    }
    index(&db, a, 1).await;
    let hits = async |query: &str| {
        page(&db, a, query, None, 50).await.hits.into_iter().map(|h| (h.at.0 - at(0).0) / 1000).collect::<Vec<_>>()
    };
    assert_eq!(hits("\"cita para mañana\"").await, [3, 2]);
    assert_eq!(hits("\"cita para\"").await, [4, 3, 2, 0]);
    assert_eq!(hits("\"cita cita\"").await, [2]);
    assert_eq!(hits("\"mañana cita\" hoy").await, [0]);
});

db_test!(pages_of_hits_go_on_where_they_ended_while_messages_come_in_and_are_indexed, |db| async {
    let a = shop(&db, "a").await;
    for n in 0..13 {
        says(&db, a, &format!("5730{}", n % 3), n * 1000, &format!("cita numero {n}")).await;
    }
    index(&db, a, 4).await;
    let expected: Vec<String> = (0..13).rev().map(|n| format!("cita numero {n}")).collect();
    let first = page(&db, a, "cita", None, 1).await;
    let mut seen: Vec<String> = first.hits.into_iter().map(|h| h.snippet.text).collect();
    let mut next = first.next;
    for n in 20..27 {
        says(&db, a, "57300", n * 1000, &format!("cita numero {n}")).await;
    }
    index(&db, a, 4).await;
    while let Some(place) = next {
        let found = page(&db, a, "cita", Some(keep(place)), 2).await;
        assert!(found.hits.len() <= 2);
        seen.extend(found.hits.into_iter().map(|h| h.snippet.text));
        next = found.next;
    }
    assert_eq!(seen, expected);
});

db_test!(what_was_changed_or_erased_is_found_no_more, |db| async {
    let a = shop(&db, "a").await;
    let first = keep(says(&db, a, "57300", 0, "nombre secreto").await);
    says(&db, a, "57301", 1000, "hola").await;
    index(&db, a, 2).await;
    let parts: &[Part] = keep([Part::Text { text: "texto corregido".into() }]);
    change!(db, &a.scope, tx => messages::set_parts(tx, &a.scope, first, parts));
    assert_eq!(found(&db, a, "secreto").await, Vec::<String>::new(), "not found by what it said");
    assert_eq!(look!(db, &Server, tx => search::chunks::tenants_with_work(tx, &Server, 1000)), [a.scope.tenant().clone()]);
    index(&db, a, 2).await;
    assert_eq!(found(&db, a, "corregido").await, ["texto corregido"]);
    assert!(look!(db, &Server, tx => search::chunks::tenants_with_work(tx, &Server, 1000)).is_empty());

    let conversation = a.hears(&db, "57300", at(2000)).await;
    let contact = keep(a.contact_in(&db, conversation).await);
    assert!(change!(db, &a.scope, tx => contacts::erase(tx, &a.scope, contact)));
    index(&db, a, 2).await;
    assert_eq!(found(&db, a, "corregido").await, Vec::<String>::new());
    assert_eq!(found(&db, a, "hola").await, ["hola"]);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM search_word WHERE hits IS NOT NULL").await, 4, "hola and its beginnings");
});

db_test!(hits_are_narrowed_to_channels_and_say_whose_they_are, |db| async {
    let a = shop(&db, "a").await;
    says(&db, a, "57300", 0, "quiero una cita").await;
    let query = keep(Query::parse("cita").unwrap());
    let elsewhere: &[ChannelId] = keep([id("elsewhere")]);
    let none = look!(db, &a.scope, tx => search::find(tx, &a.scope, query, Some(elsewhere), &Sessions::Everybodys, None, 5));
    assert_eq!(none, Found::default());
    let here: &[ChannelId] = keep([a.channel.clone()]);
    let hit =
        look!(db, &a.scope, tx => search::find(tx, &a.scope, query, Some(here), &Sessions::Everybodys, None, 5)).hits.remove(0);
    assert_eq!((hit.channel, hit.snippet.highlights), (a.channel.clone(), vec![(11, 15)]));
});
