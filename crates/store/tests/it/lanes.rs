//! T2: one conversation, one lane, one live turn.

use std::{collections::BTreeSet, time::Duration};

use frontdesk_kernel::{Scope, Timestamp, conversation::Mode, ids::ConversationId, scope::Server};
use frontdesk_store::{Db, Error, conversations, lanes, turns, work};

use crate::harness::*;

db_test!(the_lanes_that_were_ready_first_are_claimed_first_and_no_more_than_asked_for, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let mut conversations = Vec::new();
    for n in [3, 1, 4, 0, 2] {
        conversations.push((n, a.hears(&db, &format!("5730{n}"), at(n * 100)).await));
    }
    conversations.sort();
    // With statistics the planner of PostgreSQL knows that the table is tiny, and chooses other plans.
    execute(&db, "ANALYZE lane").await;

    assert!(claim(&db, node, at(1499), 10).await.is_empty());
    for expected in [&conversations[..2], &conversations[2..4], &conversations[4..], &[]] {
        let claimed: BTreeSet<_> = claim(&db, node, at(10_000), 2).await.into_iter().map(|c| c.conversation).collect();
        assert_eq!(claimed, expected.iter().map(|(_, c)| (*c).clone()).collect());
    }
});

db_test!(claimers_at_the_same_time_never_get_the_same_lane, |db| async {
    let a = shop(&db, "a").await;
    for n in 0..40 {
        a.hears(&db, &format!("573{n:02}"), at(0)).await;
    }
    let mut claimers = Vec::new();
    for name in ["n1", "n2", "n3", "n4", "n5", "n6"] {
        let (db, node) = (db.clone(), node(&db, name).await);
        claimers.push(async move {
            let mut mine = Vec::new();
            loop {
                let more = claim(&db, node, at(10_000), 3).await;
                assert!(more.len() <= 3);
                if more.is_empty() {
                    return mine;
                }
                mine.extend(more);
            }
        });
    }
    let claims: Vec<_> = at_once(claimers).await.concat();
    // SKIP LOCKED may leave a lane that somebody held for a moment: the next round gets it.
    let rest = claim(&db, node(&db, "n7").await, at(10_000), 100).await;
    let all: BTreeSet<_> = claims.iter().chain(&rest).map(|c| (&c.conversation, &c.turn)).collect();
    assert_eq!(all.len(), 40);
    assert_eq!(claims.len() + rest.len(), 40);
    assert!(claims.iter().chain(&rest).all(|c| c.epoch == 1 && c.attempts == 1));
});

db_test!(a_turn_that_is_claimed_again_is_the_same_turn_with_the_same_messages, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    a.hears(&db, "57300", at(0)).await;
    a.hears(&db, "57300", at(100)).await;
    let first = claim_one(&db, node, at(5000)).await;
    assert_eq!((first.from_seq, first.to_seq, first.attempts, first.merge), (1, 2, 1, true));
    assert!(first.is_new, "nothing of it can be journaled");
    assert_eq!(first.started_at, at(5000));

    a.hears(&db, "57300", at(6000)).await;
    change!(db, &a.scope, tx => lanes::release(tx, &a.scope, first, at(8000), true));
    assert!(claim(&db, node, at(7999), 10).await.is_empty());
    let second = claim_one(&db, node, at(8000)).await;
    assert_eq!((&second.turn, second.from_seq, second.to_seq, second.attempts), (&first.turn, 1, 2, 2));
    assert!(!second.is_new);
    assert_eq!((second.started_at, second.epoch), (at(5000), 2));

    // A run that could not even begin (drain, pause) does not count.
    change!(db, &a.scope, tx => lanes::release(tx, &a.scope, second, at(8000), false));
    let third = claim_one(&db, node, at(8000)).await;
    assert_eq!((third.attempts, third.is_new), (2, false), "a run that did not count may have journaled all the same");
});

db_test!(a_finished_turn_is_followed_by_one_with_what_came_meanwhile, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    a.hears(&db, "57300", at(0)).await;
    let first = claim_one(&db, node, at(5000)).await;
    a.hears(&db, "57300", at(6000)).await;
    assert_eq!(change!(db, &a.scope, tx => lanes::fence(tx, &a.scope, first)), 2, "the fence tells of newer messages");
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, first));
    let second = claim_one(&db, node, at(10_000)).await;
    assert_ne!(second.turn, first.turn);
    assert_eq!((second.from_seq, second.to_seq, second.attempts), (2, 2, 1));
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, second));
    assert!(claim(&db, node, at(100_000), 10).await.is_empty());
});

db_test!(a_turn_that_took_newer_messages_in_finishes_them_too, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    a.hears(&db, "57300", at(0)).await;
    let claimed = claim_one(&db, node, at(5000)).await;
    a.hears(&db, "57300", at(6000)).await;
    change!(db, &a.scope, tx => turns::extend(tx, &a.scope, claimed, 2));
    change!(db, &a.scope, tx => lanes::release(tx, &a.scope, claimed, at(7000), true));
    let resumed = claim_one(&db, node, at(7000)).await;
    assert_eq!((resumed.from_seq, resumed.to_seq), (1, 2));
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, resumed));
    assert!(claim(&db, node, at(100_000), 10).await.is_empty());
});

db_test!(where_messages_do_not_merge_each_has_a_turn_of_its_own, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    for n in 0..3 {
        let mut arrival = a.text("57300", n, "hola", at(n));
        arrival.rules.burst_wait = Duration::ZERO;
        a.receive(&db, &arrival).await;
    }
    for n in 1..=3 {
        let turn = claim_one(&db, node, at(10)).await;
        assert_eq!((turn.from_seq, turn.to_seq, turn.merge), (n, n, false));
        change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, turn));
    }
    assert!(claim(&db, node, at(10), 10).await.is_empty());
});

db_test!(the_fence_lets_only_the_owner_of_this_epoch_pass, |db| async {
    let a = shop(&db, "a").await;
    let b = shop(&db, "b").await;
    let (mine, other) = (node(&db, "n1").await, node(&db, "n2").await);
    a.hears(&db, "57300", at(0)).await;
    let claimed = claim_one(&db, mine, at(5000)).await;
    assert_eq!(change!(db, &a.scope, tx => lanes::fence(tx, &a.scope, claimed)), 1);
    let with_mode = async |scope: &'static Scope, claim: &'static lanes::Claim| {
        db.write(
            scope,
            work!(tx => {
                let fence = lanes::ask_fence_and_mode(tx, scope, claim)?;
                lanes::passed(tx, fence).await
            }),
        )
        .await
    };
    for mode in [Mode::Bot, Mode::Paused(at(9000)), Mode::Human] {
        change!(db, &a.scope, tx => conversations::set_mode(tx, &a.scope, &claimed.conversation, mode, "why"));
        assert_eq!(with_mode(&a.scope, claimed).await.unwrap(), (1, mode));
    }

    let strangers = [
        keep(lanes::Claim { epoch: claimed.epoch - 1, ..claimed.clone() }),
        keep(lanes::Claim { epoch: claimed.epoch + 1, ..claimed.clone() }),
        keep(lanes::Claim { node: other.clone(), ..claimed.clone() }),
        keep(lanes::Claim { conversation: fresh(), ..claimed.clone() }),
    ];
    for stranger in strangers {
        assert!(
            matches!(try_change!(db, &a.scope, tx => lanes::fence(tx, &a.scope, stranger)), Err(Error::LeaseLost)),
            "{stranger:?}"
        );
        assert!(
            matches!(try_change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, stranger)), Err(Error::LeaseLost)),
            "{stranger:?}"
        );
        assert!(matches!(with_mode(&a.scope, stranger).await, Err(Error::LeaseLost)), "{stranger:?}");
        change!(db, &a.scope, tx => lanes::release(tx, &a.scope, stranger, at(0), false));
    }
    assert!(
        matches!(try_change!(db, &b.scope, tx => lanes::fence(tx, &b.scope, claimed)), Err(Error::LeaseLost)),
        "another tenant"
    );
    assert!(matches!(with_mode(&b.scope, claimed).await, Err(Error::LeaseLost)), "another tenant");
    assert_eq!(change!(db, &a.scope, tx => lanes::fence(tx, &a.scope, claimed)), 1, "nothing of that moved the lane");
});

db_test!(what_waits_and_since_when_is_known, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    assert_eq!(look!(db, &Server, tx => lanes::next_ready(tx, &Server)), None);
    assert_eq!(look!(db, &Server, tx => lanes::backlog(tx, &Server)), (0, None));
    a.hears(&db, "57300", at(0)).await;
    a.hears(&db, "57301", at(300)).await;
    assert_eq!(look!(db, &Server, tx => lanes::next_ready(tx, &Server)), Some(at(1500)));
    assert_eq!(look!(db, &Server, tx => lanes::backlog(tx, &Server)), (2, Some(at(0))));

    let first = claim_one(&db, node, at(1500)).await;
    assert_eq!(look!(db, &Server, tx => lanes::next_ready(tx, &Server)), Some(at(1800)), "an owned lane is not ready");
    assert_eq!(look!(db, &Server, tx => lanes::backlog(tx, &Server)).0, 2, "but it is not finished either");
    change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, first));
    assert_eq!(look!(db, &Server, tx => lanes::backlog(tx, &Server)), (1, Some(at(300))));
});

/// Something of ours takes a place, which is the head then.
async fn push(db: &Db, a: &'static Shop, conversation: &'static ConversationId, now: Timestamp) -> i64 {
    change!(db, &a.scope, tx => lanes::push(tx, &a.scope, conversation, now));
    count(db, "SELECT head_seq AS n FROM lane").await
}

db_test!(something_of_ours_is_taken_up_at_once_and_never_cuts_a_burst_short, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    change!(db, &a.scope, tx => lanes::lock(tx, &a.scope, conversation));
    assert_eq!(push(&db, a, conversation, at(100)).await, 2);
    assert!(claim(&db, node, at(1499), 10).await.is_empty(), "the burst goes on");
    let first = claim_one(&db, node, at(1500)).await;
    assert_eq!((first.from_seq, first.to_seq), (1, 2));
    // While the turn runs, it waits for the next one.
    assert_eq!(push(&db, a, conversation, at(2000)).await, 3);
    assert!(change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, first)));
    let second = claim_one(&db, node, at(2000)).await;
    assert_eq!((second.from_seq, second.to_seq), (3, 3));
    assert!(!change!(db, &a.scope, tx => lanes::finish(tx, &a.scope, second)));
    // An idle lane begins again.
    assert_eq!(push(&db, a, conversation, at(9000)).await, 4);
    assert_eq!(claim_one(&db, node, at(9000)).await.from_seq, 4);
});

db_test!(a_lane_that_is_locked_is_moved_by_nobody_else, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let ((told, is_told), waits) = (tokio::sync::oneshot::channel(), db.engine_name() == "postgres");
    let locked = db.write(
        &a.scope,
        work!(tx => {
            lanes::lock(tx, &a.scope, conversation).await?;
            told.send(()).unwrap();
            // Whoever pushes gets as far as they can.
            let behind_us = "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))";
            for _ in 0..5_000 {
                if !waits || tx.query(behind_us).one(|row| row.get::<i64>("n")).await? > 0 {
                    break;
                }
            }
            tx.query("SELECT head_seq FROM lane WHERE conversation = $1").bind(conversation).one(|row| row.get::<i64>("head_seq")).await
        }),
    );
    let pushed = async {
        is_told.await.unwrap();
        push(&db, a, conversation, at(100)).await
    };
    let (locked, pushed) = tokio::join!(locked, pushed);
    assert_eq!((locked.unwrap(), pushed), (1, 2));
});

db_test!(who_waits_for_a_lane_no_longer_than_they_said_gives_up_and_may_try_again, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    // SQLite has one writer: there the second begins when the first has ended.
    let waits = db.engine_name() == "postgres";
    let ((told, is_told), (release, released)) = (tokio::sync::oneshot::channel(), tokio::sync::oneshot::channel::<()>());
    let holding = db.write(
        &a.scope,
        work!(tx => {
            lanes::lock(tx, &a.scope, conversation).await?;
            tx.query("SELECT COUNT(*) AS n FROM lane").one(|row| row.get::<i64>("n")).await?;
            told.send(()).unwrap();
            if waits {
                released.await.unwrap();
            }
            Ok(())
        }),
    );
    let trying = async {
        is_told.await.unwrap();
        let tried = db.write(
            &a.scope,
            work!(tx => {
                tx.wait_at_most(Duration::from_millis(20)).await?;
                lanes::lock(tx, &a.scope, conversation).await.map(drop)
            }),
        );
        let tried = tried.await;
        assert_eq!(release.send(()).is_ok(), waits);
        tried
    };
    let (held, tried) = tokio::join!(holding, trying);
    held.unwrap();
    assert_eq!(tried.is_err_and(|e| e.may_retry()), waits);
    change!(db, &a.scope, tx => lanes::lock(tx, &a.scope, conversation));
});

db_test!(a_claim_that_nobody_heard_of_is_given_back_and_was_no_run, |db| async {
    let a = shop(&db, "a").await;
    let (node, other) = (node(&db, "n").await, node(&db, "other").await);
    a.hears(&db, "57300", at(0)).await;
    let claim = claim_one(&db, node, at(5000)).await;
    let lane = (a.scope.tenant().clone(), claim.conversation.clone(), claim.epoch);
    assert_eq!(look!(db, &Server, tx => lanes::owned(tx, &Server, node)), [lane]);
    assert!(look!(db, &Server, tx => lanes::owned(tx, &Server, other)).is_empty());

    for (who, epoch) in [(other, claim.epoch), (node, claim.epoch + 1)] {
        change!(db, &a.scope, tx => lanes::give_back(tx, &a.scope, &claim.conversation, who, epoch));
        assert_eq!(look!(db, &Server, tx => lanes::owned(tx, &Server, node)).len(), 1, "it is somebody else's");
    }
    for _ in 0..2 {
        change!(db, &a.scope, tx => lanes::give_back(tx, &a.scope, &claim.conversation, node, claim.epoch));
    }
    assert!(look!(db, &Server, tx => lanes::owned(tx, &Server, node)).is_empty());
    assert!(matches!(try_change!(db, &a.scope, tx => lanes::fence(tx, &a.scope, claim)), Err(Error::LeaseLost)));
    let again = claim_one(&db, other, at(5000)).await;
    assert_eq!((&again.turn, again.attempts, again.epoch), (&claim.turn, 1, claim.epoch + 2));
});
