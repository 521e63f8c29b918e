//! What a unit of work may rely on, whatever engine is behind it.

use std::sync::mpsc;

use frontdesk_kernel::{Timestamp, ids::TenantId, scope::Server};
use frontdesk_store::{Db, Error, meta, work};
use tokio::task::JoinSet;

use crate::harness::*;

async fn fact(db: &Db, key: &'static str) -> Option<String> {
    look!(db, &Server, tx => meta::get(tx, &Server, key))
}

db_test!(a_unit_of_work_that_fails_leaves_nothing, |db| async {
    let failed = db
        .write(
            &Server,
            work!(tx => {
                meta::set(tx, &Server, "a", "1").await?;
                assert_eq!(meta::get(tx, &Server, "a").await?.as_deref(), Some("1"));
                Err::<(), _>(Error::Refused("because".into()))
            }),
        )
        .await;
    assert!(matches!(failed, Err(Error::Refused(why)) if why == "because"));
    assert_eq!(fact(&db, "a").await, None);
});

db_test!(a_unit_of_work_is_told_what_really_happened, |db| async {
    change!(db, &Server, tx => meta::set(tx, &Server, "taken", "1"));
    // It goes on after a refused statement as if nothing had been.
    let told = db
        .write(
            &Server,
            work!(tx => {
                meta::set(tx, &Server, "before", "1").await?;
                let refused = tx.query("INSERT INTO meta (key, value) VALUES ('taken', '2')").execute().await;
                assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
                Ok(())
            }),
        )
        .await;
    assert_eq!(told.is_ok(), fact(&db, "before").await.is_some(), "{told:?}");
});

db_test!(nobody_is_told_that_it_is_done_before_the_commit, |db| async {
    // A rule that the database looks at when it commits, and not before.
    let rule = "CREATE TABLE late (of_key TEXT REFERENCES meta (key) DEFERRABLE INITIALLY DEFERRED)";
    db.write(&Server, work!(tx => tx.query(rule).execute().await)).await.unwrap();
    let told = db
        .write(
            &Server,
            work!(tx => {
                meta::set(tx, &Server, "a", "1").await?;
                tx.query("INSERT INTO late (of_key) VALUES ('nothing')").execute().await
            }),
        )
        .await;
    assert!(matches!(told, Err(Error::Conflict(_))), "{told:?}");
    assert_eq!(fact(&db, "a").await, None);
});

db_test!(an_error_says_what_happened_and_whether_to_try_again, |db| async {
    let failing = |sql: &'static str| {
        let db = db.clone();
        async move { db.write(&Server, work!(tx => tx.query(sql).execute().await)).await.unwrap_err() }
    };
    let twice = failing("INSERT INTO meta (key, value) VALUES ('a', '1'), ('a', '2')").await;
    assert!(matches!(twice, Error::Conflict(_)), "{twice:?}");
    let empty = failing("INSERT INTO meta (key, value) VALUES ('a', NULL)").await;
    assert!(matches!(empty, Error::Conflict(_)), "{empty:?}");
    let wrong = failing("SELEC 1").await;
    assert!(matches!(wrong, Error::Broken(_)), "{wrong:?}");
    assert!([twice, empty, wrong].iter().all(|error| !error.may_retry()));
    assert!(Error::Unavailable(String::new()).may_retry());
});

db_test!(a_value_that_cannot_be_read_is_named_by_its_column, |db| async {
    execute(&db, "INSERT INTO meta (key, value) VALUES ('tenant', 'not an id')").await;
    let sql = "SELECT key, value, CAST(NULL AS BIGINT) AS never FROM meta";
    let id = db.read(&Server, work!(tx => tx.query(sql).one(|row| row.get::<TenantId>("value")).await)).await;
    let null = db.read(&Server, work!(tx => tx.query(sql).one(|row| row.get::<Timestamp>("never")).await)).await;
    let kind = db.read(&Server, work!(tx => tx.query(sql).one(|row| row.get::<i64>("value")).await)).await;
    let missing = db.read(&Server, work!(tx => tx.query(sql).one(|row| row.get::<String>("missing")).await)).await;
    for (column, error) in
        [("value", id.map(drop)), ("never", null.map(drop)), ("value", kind.map(drop)), ("missing", missing.map(drop))]
    {
        assert!(matches!(&error, Err(Error::Unreadable { column: named, .. }) if named == column), "{column}: {error:?}");
    }
});

db_test!(one_is_exactly_what_is_asked_for, |db| async {
    let none = "SELECT value FROM meta WHERE key = 'nobody'";
    let optional = db.read(&Server, work!(tx => tx.query(none).optional(|row| row.get::<String>("value")).await)).await;
    assert_eq!(optional.unwrap(), None);
    let one = db.read(&Server, work!(tx => tx.query(none).one(|row| row.get::<String>("value")).await)).await;
    assert!(matches!(&one, Err(Error::Broken(why)) if why.contains("nobody")), "{one:?}");
});

db_test!(a_reader_cannot_write, |db| async {
    let written = db.read(&Server, work!(tx => meta::set(tx, &Server, "a", "1").await)).await;
    assert!(written.is_err());
    assert_eq!(fact(&db, "a").await, None);
    change!(db, &Server, tx => meta::set(tx, &Server, "a", "2"));
});

db_test!(a_unit_of_work_that_panics_takes_nobody_with_it, |db| async {
    // More often than there are connections: none of them is lost.
    for _ in 0..12 {
        let panicking = db.clone();
        let mut task = JoinSet::new();
        task.spawn(async move {
            panicking
                .write(
                    &Server,
                    work!(tx => {
                        meta::set(tx, &Server, "a", "1").await?;
                        assert!(meta::get(tx, &Server, "a").await?.is_none(), "a bug");
                        Ok(())
                    }),
                )
                .await
        });
        let told = task.join_next().await.unwrap();
        assert!(!matches!(told, Ok(Ok(()))), "{told:?}");
        assert_eq!(fact(&db, "a").await, None);
        change!(db, &Server, tx => meta::set(tx, &Server, "b", "1"));
    }
});

/// Waits in the middle of a unit of work, without stopping the driver of connections.
fn wait(signal: &mpsc::Receiver<()>) {
    tokio::task::block_in_place(|| signal.recv().unwrap());
}

db_test!(what_is_not_committed_is_not_seen, |db| async {
    change!(db, &Server, tx => meta::set(tx, &Server, "n", "old"));
    let ((wrote, has_written), (commit, may_commit)) = (mpsc::channel(), mpsc::channel());
    let writing = db.clone();
    let mut writer = JoinSet::new();
    writer.spawn(async move {
        writing
            .write(
                &Server,
                work!(tx => {
                    meta::set(tx, &Server, "n", "new").await?;
                    assert_eq!(meta::get(tx, &Server, "n").await?.as_deref(), Some("new"));
                    wrote.send(()).unwrap();
                    wait(&may_commit);
                    Ok(())
                }),
            )
            .await
    });
    wait(&has_written);
    assert_eq!(fact(&db, "n").await.as_deref(), Some("old"));
    commit.send(()).unwrap();
    writer.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(fact(&db, "n").await.as_deref(), Some("new"));
});

db_test!(a_reader_sees_one_moment_from_its_first_look_to_its_last, |db| async {
    change!(db, &Server, tx => meta::set(tx, &Server, "n", "old"));
    let ((looked, has_looked), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel());
    let reading = db.clone();
    let mut reader = JoinSet::new();
    reader.spawn(async move {
        reading
            .read(
                &Server,
                work!(tx => {
                    let first = meta::get(tx, &Server, "n").await?;
                    looked.send(()).unwrap();
                    wait(&may_go_on);
                    Ok((first, meta::get(tx, &Server, "n").await?))
                }),
            )
            .await
    });
    wait(&has_looked);
    change!(db, &Server, tx => meta::set(tx, &Server, "n", "new"));
    go_on.send(()).unwrap();
    let seen = reader.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(seen, (Some("old".to_owned()), Some("old".to_owned())));
    assert_eq!(fact(&db, "n").await.as_deref(), Some("new"));
});

db_test!(many_at_once_on_the_same_row_lose_no_update, |db| async {
    change!(db, &Server, tx => meta::set(tx, &Server, "n", "0"));
    let sql = "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE key = $1";
    let writers = (0..50).map(|_| {
        let db = db.clone();
        async move { db.write(&Server, work!(tx => tx.query(sql).bind("n").execute().await)).await.unwrap() }
    });
    assert_eq!(at_once(writers).await.iter().sum::<u64>(), 50);
    assert_eq!(fact(&db, "n").await.as_deref(), Some("50"));
});

db_test!(parameters_go_where_they_are_named_not_where_they_stand, |db| async {
    let sql = "INSERT INTO meta (value, key) VALUES ($2, $1)";
    db.write(&Server, work!(tx => tx.query(sql).bind("the key").bind("the value").execute().await)).await.unwrap();
    assert_eq!(fact(&db, "the key").await.as_deref(), Some("the value"));
    let twice = "SELECT COUNT(*) AS n FROM meta WHERE value = $2 AND key = $1 AND key = $1";
    let found = db
        .read(&Server, work!(tx => tx.query(twice).bind("the key").bind("the value").one(|row| row.get::<i64>("n")).await))
        .await;
    assert_eq!(found.unwrap(), 1);
    let too_few = db.read(&Server, work!(tx => tx.query(twice).bind("the key").one(|row| row.get::<i64>("n")).await)).await;
    assert!(too_few.is_err(), "{too_few:?}");
});

db_test!(a_closed_database_says_so, |db| async {
    assert!(db.engine_version().await.unwrap().to_lowercase().starts_with(db.engine_name()));
    db.close().await;
    let closed = try_change!(db, &Server, tx => meta::set(tx, &Server, "a", "1"));
    assert!(matches!(closed, Err(Error::Unavailable(_))), "{closed:?}");
    db.close().await;
});

db_test!(a_rehearsal_sees_what_it_did_and_leaves_nothing, |db| async {
    let a = shop(&db, "a").await;
    let seen = db
        .rehearse(
            &a.scope,
            work!(tx => {
                frontdesk_store::timers::arm(tx, &a.scope, "x", "wake", "{}", at(1)).await?;
                tx.query("SELECT COUNT(*) AS n FROM timer WHERE tenant = $1").bind(a.scope.tenant()).one(|row| row.get::<i64>("n")).await
            }),
        )
        .await;
    assert_eq!(seen.unwrap(), 1);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM timer").await, 0);
    let refused: Result<(), _> = db
        .rehearse(
            &a.scope,
            work!(tx => {
                let _ = tx;
                Err(frontdesk_store::Error::Refused("no".into()))
            }),
        )
        .await;
    assert_eq!(refused.unwrap_err().to_string(), "no");
});

db_test!(a_long_read_ends_in_its_time_and_leaves_the_connection_whole, |db| async {
    let counting =
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT MAX(i) AS n FROM n";
    let up_to = |limit_ms: u64, last: i64| {
        let limit = std::time::Duration::from_millis(limit_ms);
        db.read_long(&Server, limit, work!(tx => tx.query(counting).bind(last).one(|r| r.get::<i64>("n")).await))
    };
    assert_eq!(up_to(10_000, 1000).await.unwrap(), 1000);
    for _ in 0..3 {
        // Minutes, if nobody stopped it; whoever asks at the same time is answered.
        let long = up_to(200, 3_000_000_000);
        let (long, short) = tokio::join!(long, db.read(&Server, work!(tx => meta::get(tx, &Server, "a").await)));
        assert!(matches!(long, Err(Error::TooLong)), "{long:?}");
        assert_eq!(short.unwrap(), None);
    }
    assert_eq!(up_to(10_000, 1000).await.unwrap(), 1000, "and the next one has its turn");
});
