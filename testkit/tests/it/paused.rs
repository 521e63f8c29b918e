//! An installation that was restored does nothing until an operator says so, and then everything that it left.

use frontdesk_engine::workers;
use frontdesk_kernel::scope::Server;
use frontdesk_store::{meta, work};
use frontdesk_testkit::story;

story!(a_pause_whose_end_fails_ends_with_the_next_heartbeat, |desk| async {
    let (db, engine) = (&desk.engine.db, &desk.engine);
    db.write(&Server, work!(tx => meta::set(tx, &Server, meta::PAUSED, "restored").await)).await.unwrap();
    workers::heartbeat(engine, "test").await.unwrap();
    assert!(engine.is_paused());
    // Sends of unknown fate cannot be looked at, which is done once when a pause ends and never again.
    let rename = |sql: &'static str| db.write(&Server, work!(tx => tx.query(sql).execute().await));
    rename("ALTER TABLE effect RENAME TO gone").await.unwrap();
    assert!(workers::resume(engine).await.is_err());
    assert!(engine.is_paused());
    workers::heartbeat(engine, "test").await.unwrap_err();
    assert!(engine.is_paused());
    rename("ALTER TABLE gone RENAME TO effect").await.unwrap();
    workers::heartbeat(engine, "test").await.unwrap();
    assert!(!engine.is_paused());
});
