//! What only SQLite does: one process, one writer, group commit.

use std::sync::mpsc;

use frontdesk_kernel::{Timestamp, scope::Server};
use frontdesk_store::{Db, Error, Options, meta, migrate, work};

use crate::harness::*;

async fn facts(db: &Db) -> i64 {
    count(db, "SELECT COUNT(*) AS n FROM meta").await
}

#[test]
fn a_second_open_of_the_same_file_is_refused_until_the_first_is_gone() {
    let home = Home::sqlite().unwrap();
    run(async {
        let first = home.open().await;
        let second = Db::open(&home.options()).await.map(drop);
        assert!(
            matches!(&second, Err(Error::Refused(why)) if why.contains("another frontdesk process") && why.contains("frontdesk.db")),
            "{second:?}"
        );
        change!(first, &Server, tx => meta::set(tx, &Server, "a", "1"));
        first.close().await;
        drop(first);
        assert_eq!(facts(&home.open().await).await, 1);
    });
}

#[test]
fn two_hundred_writes_at_once_are_all_there_after_a_restart() {
    let home = Home::sqlite().unwrap();
    run(async {
        let db = home.open().await;
        let writes = (0..200).map(|n| {
            let (db, key) = (db.clone(), keep(format!("k{n}")));
            async move { change!(db, &Server, tx => meta::set(tx, &Server, key, "1")) }
        });
        assert_eq!(at_once(writes).await.len(), 200);
        // Answered means durable: not closed in order, only let go.
        drop(db);
        let mut again = Db::open(&home.options()).await;
        while again.is_err() {
            tokio::task::yield_now().await;
            again = Db::open(&home.options()).await;
        }
        assert_eq!(facts(&again.unwrap()).await, 200);
    });
}

#[test]
fn what_was_queued_before_the_end_is_committed_before_the_end() {
    let home = Home::sqlite().unwrap();
    run(async {
        let db = home.open().await;
        let queued = async { tokio::join!(set(&db, "a"), set(&db, "b"), async { db.close().await }) };
        let (a, b, ()) = queued.await;
        assert!(a.is_ok() && b.is_ok());
        drop(db);
        assert_eq!(facts(&home.open().await).await, 2);
    });
}

async fn set(db: &Db, key: &'static str) -> Result<(), Error> {
    try_change!(db, &Server, tx => meta::set(tx, &Server, key, "1"))
}

#[test]
fn who_fails_or_panics_in_a_group_fails_alone() {
    at_home(Home::sqlite(), |db| async move {
        let (go, may_go) = mpsc::channel::<()>();
        // While this one holds the writer, the others queue up behind it: they are one group.
        let first = db.write(
            &Server,
            work!(tx => {
                may_go.recv().unwrap();
                meta::set(tx, &Server, "first", "1").await
            }),
        );
        let refused = db.write(
            &Server,
            work!(tx => {
                meta::set(tx, &Server, "refused", "1").await?;
                Err::<(), _>(Error::Refused("because".into()))
            }),
        );
        let conflict = db.write(
            &Server,
            work!(tx => {
                meta::set(tx, &Server, "conflict", "1").await?;
                tx.query("INSERT INTO meta (key, value) VALUES ('before', '2')").execute().await
            }),
        );
        let panicking = db.write(
            &Server,
            work!(tx => {
                meta::set(tx, &Server, "panicking", "1").await?;
                assert!(meta::get(tx, &Server, "panicking").await?.is_none(), "a bug");
                Ok(())
            }),
        );
        let waiting = db.write(
            &Server,
            work!(tx => {
                meta::set(tx, &Server, "waiting", "1").await?;
                tokio::task::yield_now().await;
                Ok(())
            }),
        );
        let all = tokio::join!(first, set(&db, "before"), refused, conflict, panicking, waiting, set(&db, "after"), async {
            go.send(())
        });

        assert!(all.0.is_ok() && all.1.is_ok() && all.6.is_ok());
        assert!(matches!(&all.2, Err(Error::Refused(why)) if why == "because"), "{:?}", all.2);
        assert!(matches!(&all.3, Err(Error::Conflict(_))), "{:?}", all.3);
        assert!(matches!(&all.4, Err(Error::Broken(why)) if why.contains("panicked")), "{:?}", all.4);
        assert!(matches!(&all.5, Err(Error::Broken(why)) if why.contains("not the database")), "{:?}", all.5);
        for (key, there) in [
            ("first", true),
            ("before", true),
            ("refused", false),
            ("conflict", false),
            ("panicking", false),
            ("waiting", false),
            ("after", true),
        ] {
            assert_eq!(look!(db, &Server, tx => meta::get(tx, &Server, key)).is_some(), there, "{key}");
        }
    });
}

#[test]
fn a_file_survives_a_power_cut_by_its_settings_and_its_library() {
    at_home(Home::sqlite(), |db| async move {
        let writer =
            db.write(&Server, work!(tx => tx.query("PRAGMA synchronous").one(|row| row.get::<i64>("synchronous")).await)).await;
        assert_eq!(writer.unwrap(), 2, "FULL");
        let journal = db
            .read(&Server, work!(tx => tx.query("PRAGMA journal_mode").one(|row| row.get::<String>("journal_mode")).await))
            .await;
        assert_eq!(journal.unwrap(), "wal");
        let version = db.engine_version().await.unwrap();
        let numbers: Vec<u32> = version.trim_start_matches("SQLite ").split('.').map(|n| n.parse().unwrap()).collect();
        assert!(numbers >= vec![3, 51, 3], "{version}");
    });
}

#[test]
fn a_folder_that_is_missing_is_made_and_one_that_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let inside = folder.path().join("new folder/ñ/front desk.db");
        let options = Options { url: format!("sqlite:{}", inside.display()), pool_size: 1, prepared_statements: true };
        let db = Db::open(&options).await.unwrap();
        migrate::run(&db, Timestamp(0)).await.unwrap();
        assert!(inside.is_file());
        let below_a_file = Options { url: format!("sqlite:{}/x/y.db", inside.display()), ..options };
        let refused = Db::open(&below_a_file).await.map(drop);
        assert!(matches!(&refused, Err(Error::Unavailable(why)) if why.contains("front desk.db/x")), "{refused:?}");
    });
}
