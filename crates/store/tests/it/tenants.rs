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
    assert_eq!(look!(db, &Server, tx => tenants::list(tx, &Server)), [changed.clone()]);
});
