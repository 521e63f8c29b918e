//! Tests on both engines and units of work, in few words.

/// `db_test!(name, |db| async { … })`: the tests `name::sqlite` and `name::postgres`, each on a migrated, empty database of its own.
macro_rules! db_test {
    ($name:ident, |$db:ident| async $story:block) => {
        on_both_engines!($name, $db, $story, sqlite, postgres);
    };
}

/// As `db_test!`, on databases without a schema.
macro_rules! bare_db_test {
    ($name:ident, |$db:ident| async $story:block) => {
        on_both_engines!($name, $db, $story, bare_sqlite, bare_postgres);
    };
}

macro_rules! on_both_engines {
    ($name:ident, $db:ident, $story:block, $sqlite:ident, $postgres:ident) => {
        mod $name {
            use super::*;

            async fn story($db: frontdesk_store::Db) $story

            #[test]
            fn sqlite() {
                $crate::harness::at_home($crate::harness::Home::$sqlite(), story);
            }

            #[test]
            fn postgres() {
                $crate::harness::at_home($crate::harness::Home::$postgres(), story);
            }
        }
    };
}

/// One call that writes, in a unit of work of its own: `change!(db, scope, tx => tasks::close(tx, scope, id, now))`.
macro_rules! change {
    ($db:expr, $reach:expr, $tx:ident => $call:expr) => {
        try_change!($db, $reach, $tx => $call).unwrap()
    };
}

/// As `change!`, for calls that may be refused.
macro_rules! try_change {
    ($db:expr, $reach:expr, $tx:ident => $call:expr) => {
        $db.write($reach, frontdesk_store::work!($tx => $call.await)).await
    };
}

/// One call that reads.
macro_rules! look {
    ($db:expr, $reach:expr, $tx:ident => $call:expr) => {
        $db.read($reach, frontdesk_store::work!($tx => $call.await)).await.unwrap()
    };
}
