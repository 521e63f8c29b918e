//! Who changed what.

use frontdesk_kernel::scope::Server;
use frontdesk_store::{
    Error,
    audit::{self, Entry, Filter},
    audit_seals,
};
use serde_json::json;

use crate::harness::*;

fn entry(n: i64, actor: &str, action: &str) -> &'static Entry {
    keep(Entry {
        id: id(format!("{n:04}")),
        actor_kind: "person".into(),
        actor: actor.into(),
        action: action.into(),
        subject: format!("con_{n}"),
        detail: json!({ "name": n }),
        at: at(n / 2),
    })
}

db_test!(entries_are_listed_newest_first_by_page_and_by_filter, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let all: Vec<_> = (0..5).map(|n| entry(n, if n == 3 { "usr_bob" } else { "usr_ana" }, "contact.update")).collect();
    for e in all.iter().copied().chain([entry(9, "usr_ana", "key.create")]) {
        change!(db, &a.scope, tx => audit::write(tx, &a.scope, e));
    }
    let ids = |found: Vec<Entry>| found.into_iter().map(|e| e.id.to_string()).collect::<Vec<_>>();
    let none = keep(Filter::default());
    let first = look!(db, &a.scope, tx => audit::list(tx, &a.scope, none, None, 3));
    assert_eq!(first[1], *all[4]);
    let after = first.last().map(|e| (e.at, e.id.clone()));
    assert_eq!(ids(first), ["aud_0009", "aud_0004", "aud_0003"]);
    assert_eq!(ids(look!(db, &a.scope, tx => audit::list(tx, &a.scope, none, after, 9))), ["aud_0002", "aud_0001", "aud_0000"]);
    for (filter, expected) in [
        (Filter { actor: Some("usr_bob".into()), ..Filter::default() }, vec!["aud_0003"]),
        (Filter { action: Some("key.".into()), ..Filter::default() }, vec!["aud_0009"]),
        (Filter { action: Some("key.create".into()), ..Filter::default() }, vec!["aud_0009"]),
        (Filter { subject: Some("con_2".into()), ..Filter::default() }, vec!["aud_0002"]),
        (Filter { from: Some(at(1)), to: Some(at(2)), ..Filter::default() }, vec!["aud_0003", "aud_0002"]),
    ] {
        let filter = keep(filter);
        assert_eq!(ids(look!(db, &a.scope, tx => audit::list(tx, &a.scope, filter, None, 9))), expected, "{filter:?}");
    }
    assert!(look!(db, &b.scope, tx => audit::list(tx, &b.scope, none, None, 9)).is_empty());
});

db_test!(entries_get_their_places_in_the_chain_once_and_in_order, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for n in 0..4 {
        let e = entry(n, "usr_ana", "contact.update");
        change!(db, &a.scope, tx => audit::write(tx, &a.scope, e));
    }
    assert_eq!(look!(db, &Server, tx => audit_seals::waiting(tx, &Server, at(1), 9)), [a.scope.tenant().clone()]);
    let unsealed = look!(db, &a.scope, tx => audit_seals::unsealed(tx, &a.scope, at(1), 9));
    assert_eq!(unsealed.iter().map(|link| link.id.as_str()).collect::<Vec<_>>(), ["aud_0000", "aud_0001"]);
    assert_eq!((unsealed[1].detail.as_str(), unsealed[1].n), (r#"{"name":1}"#, None));
    assert_eq!(look!(db, &a.scope, tx => audit_seals::last(tx, &a.scope)), None);
    assert!(change!(db, &a.scope, tx => audit_seals::seal(tx, &a.scope, "aud_0000", 1, "s1")));
    assert!(!change!(db, &a.scope, tx => audit_seals::seal(tx, &a.scope, "aud_0000", 2, "s2")), "once");
    let taken = try_change!(db, &a.scope, tx => audit_seals::seal(tx, &a.scope, "aud_0001", 1, "s1"));
    assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
    assert!(change!(db, &a.scope, tx => audit_seals::seal(tx, &a.scope, "aud_0001", 2, "s2")));
    let last = look!(db, &a.scope, tx => audit_seals::last(tx, &a.scope)).unwrap();
    assert_eq!((last.id.as_str(), last.n, last.seal.as_deref()), ("aud_0001", Some(2), Some("s2")));
    assert_eq!(look!(db, &a.scope, tx => audit_seals::after(tx, &a.scope, 1, 9)), [last]);
    assert!(look!(db, &b.scope, tx => audit_seals::after(tx, &b.scope, 0, 9)).is_empty());
    assert!(!change!(db, &b.scope, tx => audit_seals::seal(tx, &b.scope, "aud_0002", 3, "s3")), "of another business");
    assert!(look!(db, &Server, tx => audit_seals::waiting(tx, &Server, at(1), 9)).is_empty(), "the others are from later");
});
