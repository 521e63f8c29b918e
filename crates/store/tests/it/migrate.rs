//! The schema and who may change it.

use frontdesk_kernel::Timestamp;
use frontdesk_store::{Db, Error, migrate};

use crate::harness::*;

async fn applied_at(db: &Db) -> Vec<(String, Option<Timestamp>)> {
    migrate::status(db).await.unwrap().into_iter().map(|m| (m.name, m.applied_at)).collect()
}

/// What every way to ask about the schema says.
async fn refusals(db: &Db) -> Vec<String> {
    let answers =
        [migrate::status(db).await.map(drop), migrate::run(db, at(9)).await.map(drop), migrate::applied(db).await.map(drop)];
    answers
        .into_iter()
        .map(|answer| match answer {
            Err(Error::Refused(why)) => why,
            other => panic!("not refused: {other:?}"),
        })
        .collect()
}

bare_db_test!(an_empty_database_is_migrated_once, |db| async {
    assert!(!matches!(migrate::applied(&db).await, Ok(true)));
    assert!(!migrate::applied(&db).await.unwrap(), "nothing was made yet, which is no failure");
    let waiting = applied_at(&db).await;
    assert_eq!(waiting.first(), Some(&("main_job".to_owned(), None)));
    assert_eq!(waiting.len(), migrate::sources().count());
    assert!(waiting.iter().all(|(_, at)| at.is_none()));
    assert!(!migrate::applied(&db).await.unwrap());

    let first = migrate::run(&db, at(1)).await.unwrap();
    assert_eq!(
        first.iter().map(|m| m.name.clone()).collect::<Vec<_>>(),
        waiting.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>()
    );
    assert!(first.is_sorted_by_key(|m| m.version) && first.iter().all(|m| m.applied_at == Some(at(1))));
    assert_eq!(migrate::run(&db, at(2)).await.unwrap(), []);
    assert!(applied_at(&db).await.iter().all(|(_, applied)| *applied == Some(at(1))));
    assert!(migrate::applied(&db).await.unwrap());
});

/// A file that nobody applies would be noticed by nobody.
#[test]
fn every_file_of_the_schema_is_applied() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts: Vec<_> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    assert_eq!(migrate::sources().collect::<Vec<_>>(), texts);
}

bare_db_test!(of_several_that_migrate_at_once_one_does_it, |db| async {
    let runs = (0..4).map(|n| {
        let db = db.clone();
        async move { migrate::run(&db, at(n)).await.unwrap().len() }
    });
    assert_eq!(at_once(runs).await.iter().filter(|applied| **applied > 0).count(), 1);
});

db_test!(a_database_of_a_newer_frontdesk_is_refused, |db| async {
    execute(&db, "INSERT INTO migration (version, name, checksum, applied_at) VALUES (99, 'future', 'x', 0)").await;
    for why in refusals(&db).await {
        assert!(why.contains("version 99") && why.contains("newer"), "{why}");
    }
});

db_test!(a_migration_that_was_applied_with_other_contents_is_refused, |db| async {
    execute(&db, "UPDATE migration SET checksum = 'another'").await;
    for why in refusals(&db).await {
        assert!(why.contains("main_job") && why.contains("other contents"), "{why}");
    }
});
