//! Processes that do work, and what becomes of what they held.

use std::time::Duration;

use frontdesk_kernel::{Timestamp, scope::Server};
use frontdesk_store::{Db, lanes, nodes};

use crate::harness::*;

const MINUTE: Duration = Duration::from_secs(60);

async fn names(db: &Db) -> Vec<String> {
    look!(db, &Server, tx => nodes::alive(tx, &Server, at(0)))
        .into_iter()
        .map(|(id, name, version)| format!("{id} {name} {version}"))
        .collect()
}

/// On PostgreSQL the database's own clock decides; a lease of no length is over on both.
async fn beat(db: &Db, node: &'static str, name: &'static str, lease: Duration) {
    let node = keep(id(node));
    change!(db, &Server, tx => nodes::heartbeat(tx, &Server, node, name, "0.1.0", at(0), lease));
}

db_test!(a_node_lives_as_long_as_its_heart_beats, |db| async {
    assert!(names(&db).await.is_empty());
    beat(&db, "1", "alpha", MINUTE).await;
    beat(&db, "2", "beta", Duration::ZERO).await;
    assert_eq!(names(&db).await, ["nod_1 alpha 0.1.0"]);
    beat(&db, "2", "beta", MINUTE).await;
    assert_eq!(names(&db).await, ["nod_1 alpha 0.1.0", "nod_2 beta 0.1.0"]);
    let leaving = keep(id("1"));
    change!(db, &Server, tx => nodes::leave(tx, &Server, leaving));
    assert_eq!(names(&db).await, ["nod_2 beta 0.1.0"]);
});

db_test!(a_process_that_restarts_under_its_name_is_alone_under_it, |db| async {
    beat(&db, "1", "alpha", MINUTE).await;
    beat(&db, "2", "beta", MINUTE).await;
    beat(&db, "3", "alpha", MINUTE).await;
    let new = keep(id("3"));
    let gone = change!(db, &Server, tx => nodes::supersede(tx, &Server, new, "alpha"));
    // On SQLite there is one process at a time: every other is dead, whatever its name was.
    let expected: &[&str] =
        if db.engine_name() == "sqlite" { &["nod_3 alpha 0.1.0"] } else { &["nod_3 alpha 0.1.0", "nod_2 beta 0.1.0"] };
    assert_eq!(names(&db).await, expected);
    assert_eq!(gone, 3 - expected.len() as u64);
});

db_test!(the_long_dead_are_forgotten_and_the_lately_dead_are_not, |db| async {
    beat(&db, "1", "alpha", MINUTE).await;
    beat(&db, "2", "beta", Duration::ZERO).await;
    beat(&db, "3", "gamma", Duration::ZERO).await;
    execute(&db, "UPDATE node SET expires_at = 0 WHERE id = 'nod_3'").await;
    assert_eq!(change!(db, &Server, tx => nodes::forget_dead(tx, &Server, at(0))), 1);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM node").await, 2);
});

db_test!(lanes_of_the_dead_are_free_and_lanes_of_the_living_are_not, |db| async {
    let a = shop(&db, "a").await;
    let mut claims = Vec::new();
    for name in ["alive", "left", "expired"] {
        a.hears(&db, &format!("57{name}"), at(0)).await;
        claims.push(claim_one(&db, node(&db, name).await, at(5000)).await);
    }
    assert_eq!(change!(db, &Server, tx => nodes::free_dead_lanes(tx, &Server, at(6000))), 0);
    let (alive, left) = (claims[0], claims[1]);
    change!(db, &Server, tx => nodes::leave(tx, &Server, &left.node));
    beat(&db, "expired", "expired", Duration::ZERO).await;
    assert_eq!(change!(db, &Server, tx => nodes::free_dead_lanes(tx, &Server, at(6000))), 2);
    assert_eq!(change!(db, &Server, tx => nodes::free_dead_lanes(tx, &Server, at(6000))), 0, "once");

    change!(db, &a.scope, tx => lanes::fence(tx, &a.scope, alive));
    let again = claim(&db, node(&db, "heir").await, at(6000), 10).await;
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|c| c.attempts == 2 && c.epoch == 3));
});

db_test!(nobody_is_alive_for_ever, |db| async {
    beat(&db, "1", "alpha", MINUTE).await;
    if db.engine_name() == "sqlite" {
        assert!(look!(db, &Server, tx => nodes::alive(tx, &Server, at(60_000))).is_empty());
    } else {
        // A node whose clock is wrong decides nothing.
        assert_eq!(look!(db, &Server, tx => nodes::alive(tx, &Server, Timestamp::NEVER)).len(), 1);
    }
});
