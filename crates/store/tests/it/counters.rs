//! Numbers that are given once.

use frontdesk_store::counters;

use crate::harness::*;

db_test!(every_business_counts_for_itself_and_nobody_gets_a_number_twice, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let asked = (0..8).map(|_| {
        let db = db.clone();
        async move { change!(db, &a.scope, tx => counters::next(tx, &a.scope, "prompt")) }
    });
    let mut given = at_once(asked).await;
    given.sort_unstable();
    assert_eq!(given, (1..=8).collect::<Vec<_>>());
    assert_eq!(change!(db, &b.scope, tx => counters::next(tx, &b.scope, "prompt")), 1);
    assert_eq!(change!(db, &a.scope, tx => counters::next(tx, &a.scope, "tool")), 1);
});
