//! T2: claiming.

use frontdesk_store::{lanes, Error};

use crate::harness::*;

db_test!(smoke, |db| async {
    let a = shop(&db, "a").await;
    let n1 = node(&db, "n1").await;
    a.hears(&db, "57300", at(0)).await;
    let c = claim_one(&db, n1, at(10_000)).await;
    assert_eq!(change!(db, &a.scope, tx => lanes::fence(tx, &a.scope, c)), 1);
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, c));
    assert!(matches!(try_change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, c)), Err(Error::LeaseLost)));
});
