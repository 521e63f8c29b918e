//! Saved replies.

use frontdesk_store::{Error, macros, macros::Macro};

use crate::harness::*;

db_test!(saved_replies_are_listed_by_name_and_a_name_is_taken_once, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (hello, bye) = (keep(saved_reply("hello")), keep(saved_reply("bye")));
    for saved in [hello, bye] {
        change!(db, &a.scope, tx => macros::insert(tx, &a.scope, saved));
    }
    change!(db, &b.scope, tx => macros::insert(tx, &b.scope, keep(saved_reply("hello"))));
    let same = keep(saved_reply("hello"));
    assert!(matches!(try_change!(db, &a.scope, tx => macros::insert(tx, &a.scope, same)), Err(Error::Conflict(_))));
    assert_eq!(look!(db, &a.scope, tx => macros::list(tx, &a.scope, None, 10)), [bye.clone(), hello.clone()]);
    assert_eq!(look!(db, &a.scope, tx => macros::list(tx, &a.scope, Some("bye"), 10)), std::slice::from_ref(hello));

    let changed = keep(Macro { name: "adios".into(), updated_at: at(7), ..bye.clone() });
    assert!(change!(db, &a.scope, tx => macros::update(tx, &a.scope, changed)));
    assert_eq!(look!(db, &a.scope, tx => macros::get(tx, &a.scope, &bye.id)).as_ref(), Some(changed));
    let taken = keep(Macro { name: "hello".into(), ..bye.clone() });
    assert!(matches!(try_change!(db, &a.scope, tx => macros::update(tx, &a.scope, taken)), Err(Error::Conflict(_))));
    assert_eq!(look!(db, &b.scope, tx => macros::get(tx, &b.scope, &bye.id)), None);
    assert!(!change!(db, &b.scope, tx => macros::update(tx, &b.scope, changed)));
    assert!(!change!(db, &b.scope, tx => macros::delete(tx, &b.scope, &bye.id)));
    assert!(change!(db, &a.scope, tx => macros::delete(tx, &a.scope, &bye.id)));
});
