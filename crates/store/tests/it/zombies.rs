//! T7: a process that lost its lane and does not know it writes nothing.

use std::time::Duration;

use frontdesk_kernel::{
    effect::{Class, State},
    message::Delivery,
    scope::Server,
    turn::Step,
};
use frontdesk_store::{Db, Error, effects, effects::Ended, lanes, nodes, turns};

use crate::harness::*;

/// Everything that a run of a turn can change.
async fn traces(db: &Db) -> Vec<i64> {
    let mut traces = Vec::new();
    for sql in [
        "SELECT epoch AS n FROM lane",
        "SELECT done_seq AS n FROM lane",
        "SELECT ready_at AS n FROM lane",
        "SELECT COUNT(*) AS n FROM lane WHERE owner = 'nod_b'",
        "SELECT attempts AS n FROM turn",
        "SELECT COUNT(*) AS n FROM turn WHERE state = 'running'",
        "SELECT COUNT(*) AS n FROM step",
    ] {
        traces.push(count(db, sql).await);
    }
    traces
}

db_test!(a_run_that_lost_its_lane_changes_nothing, |db| async {
    let shop = shop(&db, "a").await;
    let scope = &shop.scope;
    let (a, b) = (node(&db, "a").await, node(&db, "b").await);
    shop.hears(&db, "57300", at(0)).await;
    let of_a = claim_one(&db, a, at(5000)).await;
    change!(db, &Server, tx => nodes::leave(tx, &Server, a));
    assert_eq!(change!(db, &Server, tx => nodes::free_dead_lanes(tx, &Server, at(6000))), 1);

    // Freed and not claimed yet: even now the old run is over.
    assert!(matches!(try_change!(db, scope, tx => lanes::fence(tx, scope, of_a)), Err(Error::LeaseLost)));

    let of_b = claim_one(&db, b, at(7000)).await;
    assert_eq!((&of_b.turn, of_b.attempts, of_b.to_seq), (&of_a.turn, 2, of_a.to_seq));
    assert!(of_b.epoch > of_a.epoch);
    let before = traces(&db).await;

    assert!(matches!(try_change!(db, scope, tx => lanes::fence(tx, scope, of_a)), Err(Error::LeaseLost)));
    assert!(matches!(try_change!(db, scope, tx => lanes::finish(tx, scope, of_a)), Err(Error::LeaseLost)));
    for counted in [true, false] {
        change!(db, scope, tx => lanes::release(tx, scope, of_a, at(0), counted));
    }
    assert_eq!(traces(&db).await, before);
    change!(db, scope, tx => lanes::finish(tx, scope, of_b));
});

db_test!(a_zombie_that_wakes_as_the_owner_again_is_fenced_by_its_epoch, |db| async {
    let shop = shop(&db, "a").await;
    let scope = &shop.scope;
    let a = node(&db, "a").await;
    shop.hears(&db, "57300", at(0)).await;
    let old = claim_one(&db, a, at(5000)).await;
    change!(db, &Server, tx => nodes::heartbeat(tx, &Server, a, "a", "0.1.0", at(5000), Duration::ZERO));
    assert_eq!(change!(db, &Server, tx => nodes::free_dead_lanes(tx, &Server, at(6000))), 1);
    change!(db, &Server, tx => nodes::heartbeat(tx, &Server, a, "a", "0.1.0", at(6000), Duration::from_secs(60)));
    let new = claim_one(&db, a, at(7000)).await;
    assert!(matches!(try_change!(db, scope, tx => lanes::fence(tx, scope, old)), Err(Error::LeaseLost)));
    change!(db, scope, tx => lanes::fence(tx, scope, new));
});

db_test!(a_fact_is_journaled_and_billed_once_whoever_comes_second, |db| async {
    let shop = shop(&db, "a").await;
    let scope = &shop.scope;
    shop.hears(&db, "57300", at(0)).await;
    let turn = claim_one(&db, node(&db, "a").await, at(5000)).await;
    let (first, second) = (keep(Step::Tools { results: Vec::new() }), keep(Step::Correction { text: "ghost".into() }));
    change!(db, scope, tx => turns::append(tx, scope, &turn.turn, 1, first, 10, at(5001)));
    let refused = try_change!(db, scope, tx => turns::append(tx, scope, &turn.turn, 1, second, 10, at(5002)));
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    let journal = look!(db, scope, tx => turns::journal(tx, scope, &turn.turn));
    assert_eq!(journal.iter().map(|j| &j.step).collect::<Vec<_>>(), [first]);
});

db_test!(the_send_of_a_frozen_process_ends_without_effect_when_another_has_taken_over, |db| async {
    let shop = shop(&db, "a").await;
    let scope = &shop.scope;
    let (a, b) = (node(&db, "a").await, node(&db, "b").await);
    let conversation = shop.hears(&db, "57300", at(0)).await;
    let effect = shop.sends(&db, conversation, Class::A, a, at(1000)).await;
    let living = keep([b.clone()]);
    change!(db, &Server, tx => effects::lost::reap(tx, &Server, living, at(2000), 10));
    assert_eq!(change!(db, scope, tx => begin(tx, scope, &effect.id, b, at(3000))), Some(2));

    let late = Ended { state: State::Failed, detail: Some("frozen"), ..ended() };
    change!(db, scope, tx => effects::end(tx, scope, effect, 1, &late, at(4000)));
    let now = shop.effect(&db, effect).await;
    assert_eq!((now.state, now.attempts), (State::Sending, 2));
    assert_eq!(shop.message(&db, &effect.message).await.delivery, Some(Delivery::Queued));
});
