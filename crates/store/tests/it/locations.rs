//! Branches of a business.

use frontdesk_kernel::{booking::Staff, ids::LocationId, location::Location};
use frontdesk_store::{calendar, locations};

use crate::harness::*;

db_test!(branches_are_kept_in_the_owners_order_and_only_for_their_owner, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let (north, south) = (keep(branch("north")), keep(branch("south")));
    for location in [north, south] {
        change!(db, &a.scope, tx => locations::insert(tx, &a.scope, location));
    }
    assert_eq!(look!(db, &a.scope, tx => locations::all(tx, &a.scope)), [north.clone(), south.clone()]);
    assert!(look!(db, &b.scope, tx => locations::all(tx, &b.scope)).is_empty());
    assert!(!change!(db, &b.scope, tx => locations::set_position(tx, &b.scope, &south.id, -1, at(4))));
    assert!(change!(db, &a.scope, tx => locations::set_position(tx, &a.scope, &south.id, -1, at(4))));
    let south = keep(Location { updated_at: at(4), ..south.clone() });
    assert_eq!(look!(db, &a.scope, tx => locations::all(tx, &a.scope)), [south.clone(), north.clone()]);

    let changed = keep(Location { time_zone: None, active: false, updated_at: at(5), ..north.clone() });
    assert!(!change!(db, &b.scope, tx => locations::update(tx, &b.scope, changed)));
    assert!(change!(db, &a.scope, tx => locations::update(tx, &a.scope, changed)));
    assert_eq!(look!(db, &a.scope, tx => locations::get(tx, &a.scope, &north.id)).as_ref(), Some(changed));
    assert_eq!(look!(db, &b.scope, tx => locations::get(tx, &b.scope, &north.id)), None);
    assert!(!change!(db, &b.scope, tx => locations::delete(tx, &b.scope, &north.id)));
    assert!(change!(db, &a.scope, tx => locations::delete(tx, &a.scope, &north.id)));
    assert_eq!(look!(db, &a.scope, tx => locations::all(tx, &a.scope)), std::slice::from_ref(south));
});

db_test!(who_is_at_a_branch_is_counted, |db| async {
    let a = shop(&db, "a").await;
    let north: &LocationId = keep(id("north"));
    let ana = keep(Staff { location: Some(north.clone()), ..staff("ana") });
    change!(db, &a.scope, tx => calendar::put_staff(tx, &a.scope, ana, 0, at(0)));
    assert_eq!(look!(db, &a.scope, tx => locations::users(tx, &a.scope, north)), (1, 0));
    assert_eq!(look!(db, &a.scope, tx => locations::of_channel(tx, &a.scope, &a.channel)), None);
});
