//! What the agent may do alone and whom it asks.

use frontdesk_kernel::{
    action::Level,
    decision::{Condition, Rule},
};
use frontdesk_store::policies;

use crate::harness::*;

pub(crate) fn rule(action: &str) -> Rule {
    Rule {
        id: fresh(),
        action: action.to_owned(),
        role: None,
        location: None,
        channel: None,
        when: vec![Condition::AmountOver { minor: 5_000 }],
        level: Level::Approval,
        note: "the owner says so".into(),
    }
}

db_test!(rules_are_kept_in_their_order_and_only_over_the_ones_that_were_read, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    assert_eq!(look!(db, &a.scope, tx => policies::get(tx, &a.scope)), (Vec::new(), frontdesk_kernel::Timestamp(0)));
    let (first, second) = (keep([rule("refund"), rule("*")]), keep([rule("book*")]));
    assert!(change!(db, &a.scope, tx => policies::put(tx, &a.scope, first, at(0), at(1))), "there were none");
    assert_eq!(look!(db, &a.scope, tx => policies::get(tx, &a.scope)), (first.to_vec(), at(1)));
    assert!(!change!(db, &a.scope, tx => policies::put(tx, &a.scope, second, at(0), at(2))), "somebody else was faster");
    assert!(change!(db, &a.scope, tx => policies::put(tx, &a.scope, second, at(1), at(2))));
    assert_eq!(look!(db, &a.scope, tx => policies::get(tx, &a.scope)), (second.to_vec(), at(2)));
    assert!(look!(db, &b.scope, tx => policies::get(tx, &b.scope)).0.is_empty(), "another tenant has its own");
});
