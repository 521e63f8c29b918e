//! Backup and restore, within and between engines.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, BufWriter, Cursor},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use frontdesk_kernel::{effect::State, scope::Server};
use frontdesk_store::{Db, Error, backup, effects, inbound, mailbox, meta, migrate, timers, work};
use serde_json::Value;

use crate::harness::*;

async fn write(db: &Db, path: &Path) -> u64 {
    let told = Arc::new(AtomicU64::new(0));
    let progress = told.clone();
    let file = BufWriter::new(File::create(path).unwrap());
    let rows = backup::write(db, file, at(50_000), move |n| progress.store(n, Ordering::Relaxed)).await.unwrap();
    assert_eq!(told.load(Ordering::Relaxed), rows, "progress ends at the end");
    rows
}

async fn restore(db: &Db, path: &Path) -> u64 {
    backup::restore(db, BufReader::new(File::open(path).unwrap()), at(60_000), |_| {}).await.unwrap()
}

/// Rows of a backup by table, in order.
fn rows(path: &Path) -> BTreeMap<String, Vec<Value>> {
    let mut tables: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if let Some(table) = line["table"].as_str() {
            tables.entry(table.to_owned()).or_default().push(line["row"].take());
        }
    }
    tables
}

/// Two shops, what belongs to nobody, and enough of one thing for several pages.
async fn town(db: &Db) {
    let (a, _) = (full_shop(db, "a").await, full_shop(db, "b").await);
    change!(db, &Server, tx => inbound::keep_stray(tx, &Server, "whatsapp", "nobody", "wamid.0", "{\"ñ\":\"\\u0001\"}", at(0)));
    change!(db, &Server, tx => meta::set(tx, &Server, "installed", "yes"));
    assert!(change!(db, &Server, tx => mailbox::take(tx, &Server, "desk", at(0), at(1))).is_some());
    db.write(
        &a.scope,
        work!(tx => {
            for n in 0..1203 {
                timers::arm(tx, &a.scope, &format!("timer {n}"), "wake", "{}", at(n)).await?;
            }
            Ok(())
        }),
    )
    .await
    .unwrap();
}

fn moves(from: Option<Home>, to: Option<Home>) {
    let (Some(from), Some(to)) = (from, to) else { return };
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let (before, after) = (folder.path().join("before.jsonl"), folder.path().join("after.jsonl"));
        let (source, target) = (from.open().await, to.open().await);
        town(&source).await;

        let written = write(&source, &before).await;
        assert_eq!(restore(&target, &before).await, written);
        write(&target, &after).await;
        let (mut expected, mut found) = (rows(&before), rows(&after));
        let empty: Vec<_> = backup::tables()
            .filter(|table| *table != "node" && !backup::DERIVED.contains(table) && !expected.contains_key(*table))
            .collect();
        assert!(empty.is_empty(), "every table has rows: {empty:?}");
        assert_eq!(expected["timer"].len(), 1205);

        // What was being sent is not being sent any more, nobody owns anything, and nothing goes until an operator says so.
        let meta: BTreeMap<_, _> =
            found["meta"].iter().map(|row| (row["key"].as_str().unwrap(), row["value"].as_str().unwrap())).collect();
        assert!(meta[meta::PAUSED].starts_with("restored from a backup of 20"), "{meta:?}");
        assert_eq!(meta["installed"], "yes");
        for effect in expected.get_mut("effect").unwrap().iter_mut().filter(|row| row["state"] == "sending") {
            let (state, since) = match effect["class"].as_str().unwrap() {
                "A" => (State::Pending, Value::Null),
                "B" => (State::Unknown, at(60_000).0.into()),
                _ => (State::Review, Value::Null),
            };
            (effect["state"], effect["unknown_since"], effect["owner"]) = (state.as_str().into(), since, Value::Null);
        }
        for lane in expected.get_mut("lane").unwrap().iter_mut().filter(|row| !row["owner"].is_null()) {
            (lane["owner"], lane["epoch"]) = (Value::Null, (lane["epoch"].as_i64().unwrap() + 1).into());
        }
        for tables in [&mut expected, &mut found] {
            tables.remove("meta");
            // The order of a key that is text is each engine's own.
            tables.values_mut().for_each(|rows| rows.sort_by_key(Value::to_string));
        }
        assert_eq!(found, expected);
        assert_eq!(backup::integrity(&target, true).await.unwrap(), "ok");
        assert_eq!(look!(target, &Server, tx => effects::backlog(tx, &Server)).2, 0, "nothing is being sent");
        assert!(!claim(&target, node(&target, "new").await, at(90_000), 100).await.is_empty(), "lanes can be claimed");
    });
}

#[test]
fn from_sqlite_to_sqlite() {
    moves(Home::sqlite(), Home::sqlite());
}

#[test]
fn from_sqlite_to_postgres() {
    moves(Home::sqlite(), Home::postgres());
}

#[test]
fn from_postgres_to_sqlite() {
    moves(Home::postgres(), Home::sqlite());
}

#[test]
fn from_postgres_to_postgres() {
    moves(Home::postgres(), Home::postgres());
}

db_test!(a_damaged_backup_is_refused_and_leaves_nothing, |db| async {
    let source = Home::sqlite().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    let town = source.open().await;
    full_shop(&town, "a").await;
    write(&town, &path).await;
    let whole = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let without = |gone: usize| {
        lines.iter().enumerate().filter(|(i, _)| *i != gone).map(|(_, line)| format!("{line}\n")).collect::<String>()
    };

    for (damage, text) in [
        ("nothing in it", String::new()),
        ("cut in the middle of a line", whole[..whole.len() / 2].to_owned()),
        ("cut between two lines", whole[..whole.len() - lines[lines.len() - 1].len() - 1].to_owned()),
        ("only its head", format!("{}\n", lines[0])),
        ("without its head", without(0)),
        ("a row is missing", without(5)),
        (
            "a row is missing and the count is right",
            without(5).replace(&format!("\"end\":{}", lines.len() - 2), &format!("\"end\":{}", lines.len() - 3)),
        ),
        ("a letter was changed", whole.replacen("buenas", "buenos", 1)),
        ("a newer format", whole.replacen("backup 1", "backup 2", 1)),
        (
            "a table from the future",
            whole.replacen("{\"row\":", "{\"ROW\":", 1).replacen("\"table\":\"tenant\"", "\"table\":\"future\"", 1),
        ),
        ("something else", "PK\u{3}\u{4}".to_owned()),
    ] {
        assert_ne!(text, whole, "{damage}");
        let refused = backup::restore(&db, Cursor::new(text), at(0), |_| {}).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{damage}: {refused:?}");
        for table in backup::tables() {
            assert_eq!(count(&db, &format!("SELECT COUNT(*) AS n FROM {table}")).await, 0, "{damage}: {table}");
        }
    }
    assert!(restore(&db, &path).await > 0, "undamaged, it is restored");
});

db_test!(a_database_in_use_is_not_restored_over, |db| async {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.jsonl");
    full_shop(&db, "a").await;
    write(&db, &path).await;
    let refused = backup::restore(&db, BufReader::new(File::open(&path).unwrap()), at(0), |_| {}).await;
    assert!(matches!(&refused, Err(Error::Refused(why)) if why.contains("not empty")), "{refused:?}");
    assert_eq!(look!(db, &Server, tx => meta::get(tx, &Server, meta::PAUSED)), None);
});

bare_db_test!(a_database_without_a_schema_is_not_restored_into, |db| async {
    let refused = backup::restore(&db, Cursor::new("{}\n"), at(0), |_| {}).await;
    assert!(refused.is_err(), "{refused:?}");
    migrate::run(&db, at(0)).await.unwrap();
});
