//! T9: what is to happen later.

use std::collections::BTreeSet;

use frontdesk_kernel::{Timestamp, scope::Server};
use frontdesk_store::{Db, Error, lanes, tasks, timers, timers::Timer, waiting, waiting::Next, work};

use crate::harness::*;

async fn arm(db: &Db, a: &'static Shop, dedupe: &'static str, payload: &'static str, fire_at: Timestamp) {
    change!(db, &a.scope, tx => timers::arm(tx, &a.scope, dedupe, "reminder", payload, fire_at));
}

async fn fire(db: &Db, now: Timestamp, limit: u32) -> Vec<Timer> {
    change!(db, &Server, tx => timers::fire(tx, &Server, now, limit))
}

db_test!(a_timer_fires_when_its_time_has_come_and_only_then, |db| async {
    let a = shop(&db, "a").await;
    assert_eq!(look!(db, &Server, tx => timers::next_due(tx, &Server)), None);
    arm(&db, a, "late", "{}", at(2000)).await;
    arm(&db, a, "soon", r#"{"x":1}"#, at(1000)).await;
    assert_eq!(look!(db, &Server, tx => timers::next_due(tx, &Server)), Some(at(1000)));
    assert!(fire(&db, at(999), 10).await.is_empty());
    let expected = Timer {
        tenant: a.scope.tenant().clone(),
        dedupe: "soon".into(),
        kind: "reminder".into(),
        payload: r#"{"x":1}"#.into(),
        fire_at: at(1000),
    };
    assert_eq!(fire(&db, at(1000), 10).await, [expected]);
    assert!(fire(&db, at(1999), 10).await.is_empty());
    assert_eq!(look!(db, &Server, tx => timers::next_due(tx, &Server)), Some(at(2000)));
});

db_test!(one_look_says_what_waits_of_each_kind, |db| async {
    let a = shop(&db, "a").await;
    let nothing = Next { lane: None, send: None, timer: None, mail: None };
    assert_eq!(look!(db, &Server, tx => waiting::next(tx, &Server)), nothing);
    arm(&db, a, "soon", "{}", at(1000)).await;
    assert_eq!(look!(db, &Server, tx => waiting::next(tx, &Server)), Next { timer: Some(at(1000)), ..nothing });
    a.hears(&db, "573001", at(0)).await;
    let with_a_lane = look!(db, &Server, tx => waiting::next(tx, &Server));
    assert_eq!(with_a_lane.lane, look!(db, &Server, tx => lanes::next_ready(tx, &Server)));
    assert!(with_a_lane.lane.is_some() && with_a_lane.send.is_none());
});

db_test!(arming_again_replaces_a_timer_and_disarming_takes_it_away, |db| async {
    let a = shop(&db, "a").await;
    let b = shop(&db, "b").await;
    arm(&db, a, "one", "{}", at(1000)).await;
    change!(db, &a.scope, tx => timers::arm(tx, &a.scope, "one", "expiry", "[]", at(5000)));
    arm(&db, b, "one", "of b", at(1000)).await;
    assert_eq!(fire(&db, at(1000), 10).await.len(), 1, "that of the other tenant");
    let moved = fire(&db, at(5000), 10).await.remove(0);
    assert_eq!((moved.kind.as_str(), moved.payload.as_str()), ("expiry", "[]"));

    arm(&db, a, "one", "{}", at(6000)).await;
    assert!(change!(db, &a.scope, tx => timers::disarm(tx, &a.scope, "one")));
    assert!(!change!(db, &a.scope, tx => timers::disarm(tx, &a.scope, "one")));
    assert!(fire(&db, at(9000), 10).await.is_empty());
});

db_test!(the_earliest_fire_first_and_no_more_than_asked_for, |db| async {
    let a = shop(&db, "a").await;
    for (dedupe, fire_at) in [("c", 300), ("a", 100), ("e", 500), ("b", 200), ("d", 400)] {
        arm(&db, a, dedupe, "{}", at(fire_at)).await;
    }
    // With statistics the planner of PostgreSQL knows that the table is tiny, and chooses other plans.
    execute(&db, "ANALYZE timer").await;
    for expected in [&["a", "b"][..], &["c", "d"], &["e"], &[]] {
        let fired: BTreeSet<_> = fire(&db, at(9000), 2).await.into_iter().map(|timer| timer.dedupe).collect();
        assert_eq!(fired, expected.iter().map(|dedupe| (*dedupe).to_owned()).collect());
    }
});

db_test!(of_several_that_fire_at_once_each_timer_has_one, |db| async {
    let a = shop(&db, "a").await;
    for n in 0..60 {
        arm(&db, a, keep(format!("t{n}")), "{}", at(n)).await;
    }
    let firers = (0..8).map(|_| {
        let db = db.clone();
        async move {
            let mut fired = Vec::new();
            loop {
                let more = fire(&db, at(9000), 5).await;
                if more.is_empty() {
                    return fired;
                }
                fired.extend(more);
            }
        }
    });
    let mut fired = at_once(firers).await.concat();
    // SKIP LOCKED may leave what another held for a moment.
    fired.extend(fire(&db, at(9000), 100).await);
    let once: BTreeSet<_> = fired.iter().map(|timer| &timer.dedupe).collect();
    assert_eq!((fired.len(), once.len()), (60, 60));
});

db_test!(a_timer_whose_work_fails_is_armed_still, |db| async {
    let a = shop(&db, "a").await;
    arm(&db, a, "one", "{}", at(1000)).await;
    let refused = db
        .write(
            &Server,
            work!(tx => {
                assert_eq!(timers::fire(tx, &Server, at(2000), 10).await?.len(), 1);
                tasks::open(tx, &a.scope, keep(fresh()), "reminder", "call", None, None, at(2000)).await?;
                Err::<(), _>(Error::Refused("its work failed".into()))
            }),
        )
        .await;
    assert!(matches!(refused, Err(Error::Refused(_))));
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM task").await, 0);
    assert_eq!(fire(&db, at(2000), 10).await.len(), 1);
});

db_test!(timers_that_are_over_are_forgotten, |db| async {
    let a = shop(&db, "a").await;
    for (dedupe, fire_at) in [("fired", 100), ("canceled", 200), ("armed", 300), ("young", 5000)] {
        arm(&db, a, dedupe, "{}", at(fire_at)).await;
    }
    fire(&db, at(100), 10).await;
    change!(db, &a.scope, tx => timers::disarm(tx, &a.scope, "canceled"));
    change!(db, &a.scope, tx => timers::disarm(tx, &a.scope, "young"));
    assert_eq!(change!(db, &Server, tx => timers::forget_before(tx, &Server, at(1000))), 2);
    assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM timer").await, 2);
});

#[test]
fn who_disarms_a_timer_that_fires_does_not_wait_for_it_on_postgres() {
    at_home(Home::postgres(), |db| async move {
        let a = shop(&db, "a").await;
        arm(&db, a, "one", "{}", at(1000)).await;
        let other = db.clone();
        let fired = db
            .write(
                &Server,
                work!(tx => {
                    let fired = timers::fire(tx, &Server, at(2000), 10).await?.len();
                    // The one waits for the other: with a lock here, for ever.
                    let disarmed = other.write(&a.scope, work!(tx => timers::disarm(tx, &a.scope, "one").await)).await?;
                    Ok((fired, disarmed))
                }),
            )
            .await;
        assert_eq!(fired.unwrap(), (1, false));
    });
}
