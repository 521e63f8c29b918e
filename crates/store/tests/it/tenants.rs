//! Businesses.

use frontdesk_kernel::scope::Server;
use frontdesk_store::tenants;

use crate::harness::*;

db_test!(a_tenant_is_read_back_as_written, |db| async {
    let (scope, written) = (keep(scope("a")), keep(tenant("a")));
    change!(db, scope, tx => tenants::insert(tx, scope, written));
    assert_eq!(look!(db, scope, tx => tenants::get(tx, scope)).as_ref(), Some(written));

    let mut changed = written.clone();
    changed.name = "Café \"Ñandú\" 💇".into();
    changed.profile.promotions = vec!["2×1".into()];
    changed.active = false;
    changed.updated_at = at(5);
    let changed = keep(changed);
    assert!(change!(db, scope, tx => tenants::update(tx, scope, changed)));
    assert_eq!(look!(db, scope, tx => tenants::get(tx, scope)).as_ref(), Some(changed));
    assert_eq!(look!(db, &Server, tx => tenants::list(tx, &Server)), vec![changed.clone()]);
});

db_test!(a_tenant_that_is_not_there_is_not_found_not_changed_and_not_deleted, |db| async {
    let (scope, nobody) = (keep(scope("nobody")), keep(tenant("nobody")));
    assert_eq!(look!(db, scope, tx => tenants::get(tx, scope)), None);
    assert!(!change!(db, scope, tx => tenants::update(tx, scope, nobody)));
    assert!(!change!(db, scope, tx => tenants::delete(tx, scope, at(0))));
    let known = shop(&db, "a").await;
    assert!(look!(db, &known.scope, tx => tenants::get(tx, &known.scope)).is_some());
    assert!(look!(db, scope, tx => tenants::get(tx, scope)).is_none());
});

db_test!(a_profile_is_written_only_over_the_one_that_was_read, |db| async {
    let a = shop(&db, "a").await;
    let mut changed = tenant("a");
    changed.profile.city = Some("Bogotá".into());
    changed.updated_at = at(5);
    let changed = keep(changed);
    assert!(!change!(db, &a.scope, tx => tenants::update_profile(tx, &a.scope, changed, at(3))));
    assert!(change!(db, &a.scope, tx => tenants::update_profile(tx, &a.scope, changed, at(0))));
    assert_eq!(look!(db, &a.scope, tx => tenants::get(tx, &a.scope)).as_ref(), Some(changed));
});

db_test!(deleting_a_tenant_removes_every_row_of_it_and_none_of_another, |db| async {
    let (a, b) = (full_shop(&db, "a").await, full_shop(&db, "b").await);
    let before = rows_of(&db, b).await;
    for (table, rows) in rows_of(&db, a).await {
        assert!(rows > 0, "the story must fill {table}, or this test proves nothing");
    }

    assert!(change!(db, &a.scope, tx => tenants::delete(tx, &a.scope, at(0))));

    for (table, rows) in rows_of(&db, a).await {
        assert_eq!(rows, 0, "{table}");
    }
    assert_eq!(rows_of(&db, b).await, before);
});
