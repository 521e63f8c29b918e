//! Facts about the installation.

use frontdesk_kernel::scope::Server;
use frontdesk_store::meta;

db_test!(a_fact_is_kept_until_it_is_removed, |db| async {
    assert_eq!(look!(db, &Server, tx => meta::get(tx, &Server, meta::PAUSED)), None);
    for why in ["restored", "by hand"] {
        change!(db, &Server, tx => meta::set(tx, &Server, meta::PAUSED, why));
        assert_eq!(look!(db, &Server, tx => meta::get(tx, &Server, meta::PAUSED)).as_deref(), Some(why));
    }
    assert!(change!(db, &Server, tx => meta::remove(tx, &Server, meta::PAUSED)));
    assert!(!change!(db, &Server, tx => meta::remove(tx, &Server, meta::PAUSED)));
    assert_eq!(look!(db, &Server, tx => meta::get(tx, &Server, meta::PAUSED)), None);
});
