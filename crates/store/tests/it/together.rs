//! What nobody waits for leaves with what somebody waits for: it is the same unit of work, in the same order.

use frontdesk_kernel::scope::Server;
use frontdesk_store::{Db, Error, Options, Result, Tx, approvals, effects, lanes, meta, work};

use crate::harness::*;

async fn fact(db: &Db, key: &'static str) -> Option<String> {
    look!(db, &Server, tx => meta::get(tx, &Server, key))
}

/// Nobody waits for it.
async fn put(tx: &mut Tx, key: &str, value: &str) -> Result<()> {
    tx.query("INSERT INTO meta (key, value) VALUES ($1, $2)").bind(key).bind(value).put().await
}

fn asked(tx: &mut Tx) -> Result<frontdesk_store::Asked<String>> {
    tx.query("SELECT value FROM meta WHERE key LIKE 'n%' ORDER BY key").ask(|row| row.get("value"))
}

db_test!(each_question_hears_what_was_put_before_it_and_nothing_after, |db| async {
    let heard = db
        .write(
            &Server,
            work!(tx => {
                let none = asked(tx)?;
                put(tx, "n1", "one").await?;
                let one = asked(tx)?;
                put(tx, "n2", "two").await?;
                let two = asked(tx)?;
                // Read in another order than they were asked in.
                Ok((two.all(tx).await?, none.optional(tx).await?, one.all(tx).await?))
            }),
        )
        .await
        .unwrap();
    assert_eq!(heard, (vec!["one".to_owned(), "two".to_owned()], None, vec!["one".to_owned()]));
});

db_test!(more_than_one_round_trip_takes_is_kept_in_order, |db| async {
    db.write(
        &Server,
        work!(tx => {
            put(tx, "count", "0").await?;
            for n in 1..=100 {
                let (value, before) = (n.to_string(), (n - 1).to_string());
                let sql = "UPDATE meta SET value = $1 WHERE key = 'count' AND value = $2";
                tx.query(sql).bind(value.as_str()).bind(before.as_str()).put().await?;
            }
            Ok(())
        }),
    )
    .await
    .unwrap();
    assert_eq!(fact(&db, "count").await.as_deref(), Some("100"));
});

db_test!(what_is_refused_is_said_and_leaves_nothing, |db| async {
    change!(db, &Server, tx => meta::set(tx, &Server, "taken", "1"));
    for at_the_end in [true, false] {
        let told: Result<()> = db
            .write(
                &Server,
                work!(tx => {
                    put(tx, "before", "1").await?;
                    put(tx, "taken", "2").await?;
                    if !at_the_end {
                        put(tx, "after", "1").await?;
                        asked(tx)?.all(tx).await?;
                    }
                    Ok(())
                }),
            )
            .await;
        assert!(matches!(told, Err(Error::Conflict(_))), "{told:?}");
        assert_eq!((fact(&db, "before").await, fact(&db, "after").await), (None, None));
        assert_eq!(fact(&db, "taken").await.as_deref(), Some("1"));
    }
    let rehearsed = db.rehearse(&Server, work!(tx => put(tx, "taken", "2").await)).await;
    assert!(matches!(rehearsed, Err(Error::Conflict(_))), "a rehearsal hears of it, too: {rehearsed:?}");
});

db_test!(of_several_that_are_refused_the_first_is_said, |db| async {
    change!(db, &Server, tx => meta::set(tx, &Server, "taken", "1"));
    // Many, and often: an answer may be there while the next is still being sent.
    for _ in 0..100 {
        let told: Result<()> = db
            .write(
                &Server,
                work!(tx => {
                    put(tx, "taken", "2").await?;
                    for n in 0..30 {
                        put(tx, &format!("after {n}"), "1").await?;
                    }
                    Ok(())
                }),
            )
            .await;
        assert!(matches!(told, Err(Error::Conflict(_))), "{told:?}");
    }
    assert_eq!(fact(&db, "after 0").await, None);
});

db_test!(what_could_not_be_sent_takes_everything_with_it, |db| async {
    let told: Result<()> = db
        .write(
            &Server,
            work!(tx => {
                put(tx, "before", "1").await?;
                // Two places, one value: it never leaves for the database.
                tx.query("INSERT INTO meta (key, value) VALUES ($1, $2)").bind("half").put().await?;
                put(tx, "after", "1").await
            }),
        )
        .await;
    assert!(told.is_err(), "{told:?}");
    assert_eq!((fact(&db, "before").await, fact(&db, "after").await), (None, None));
    change!(db, &Server, tx => meta::set(tx, &Server, "a", "1"));
});

db_test!(what_failed_or_was_given_up_spoils_nothing_for_the_next, |db| async {
    for n in 0..20 {
        let refused: Result<()> = db
            .write(
                &Server,
                work!(tx => {
                    put(tx, "a", "1").await?;
                    // Sent already, or never to be sent.
                    if n % 2 == 0 {
                        assert_eq!(meta::get(tx, &Server, "a").await?.as_deref(), Some("1"));
                    }
                    Err(Error::Refused("because".into()))
                }),
            )
            .await;
        assert!(refused.is_err());
        assert_eq!(fact(&db, "a").await, None);
    }
});

/// One connection, used in turns: nobody waits for the end of what only read.
#[test]
fn who_has_a_connection_next_has_nothing_of_the_one_before() {
    for prepared_statements in [true, false] {
        let Some(home) = Home::postgres() else { return };
        run(async {
            let db = Db::open(&Options { pool_size: 2, prepared_statements, ..home.options() }).await.unwrap();
            let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
            a.hears(&db, "57300", at(0)).await;
            let all = "SELECT COUNT(*) AS n FROM message";
            for _ in 0..20 {
                for (shop, sees) in [(a, 1), (b, 0)] {
                    let n: i64 = db.read(&shop.scope, work!(tx => tx.query(all).one(|row| row.get("n")).await)).await.unwrap();
                    assert_eq!(n, sees, "row-level security holds whoever asks to their own rows");
                    let none = "UPDATE message SET extra = NULL WHERE tenant <> $1";
                    let of_others = db
                        .write(&shop.scope, work!(tx => tx.query(none).bind(shop.scope.tenant()).execute().await))
                        .await
                        .unwrap();
                    assert_eq!(of_others, 0);
                }
            }
        });
    }
}

db_test!(a_fence_that_was_asked_stops_whoever_lost_the_lane, |db| async {
    let a = shop(&db, "a").await;
    a.hears(&db, "57300", at(0)).await;
    let claim = claim_one(&db, keep(fresh()), at(10_000)).await;
    let head = db
        .write(
            &a.scope,
            work!(tx => {
                let fence = lanes::ask_fence(tx, &a.scope, claim)?;
                lanes::passed(tx, fence).await
            }),
        )
        .await
        .unwrap();
    assert_eq!(head, claim.to_seq);
    assert!(!change!(db, &a.scope, tx => lanes::leave(tx, &a.scope, claim, head)), "nothing came meanwhile");
    let late: Result<()> = db
        .write(
            &a.scope,
            work!(tx => {
                let fence = lanes::ask_fence(tx, &a.scope, claim)?;
                put(tx, "late", "1").await?;
                lanes::passed(tx, fence).await.map(drop)
            }),
        )
        .await;
    assert!(matches!(late, Err(Error::LeaseLost)), "{late:?}");
    assert_eq!(fact(&db, "late").await, None);
});

db_test!(an_attempt_is_on_record_once_however_often_it_is_begun, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let effect = keep(a.replies(&db, conversation, frontdesk_kernel::effect::Class::B, at(1000)).await);
    let node = keep(fresh());
    let begun = db
        .write(
            &a.scope,
            work!(tx => {
                let first = effects::begin(tx, &a.scope, &effect.id, node, at(2000)).await?;
                let second = effects::begin(tx, &a.scope, &effect.id, node, at(3000)).await?;
                Ok((first.optional(tx).await?, second.optional(tx).await?))
            }),
        )
        .await
        .unwrap();
    assert_eq!(begun, (Some(1), None));
    let attempts = look!(db, &a.scope, tx => effects::attempts(tx, &a.scope, &effect.id));
    assert_eq!(attempts.iter().map(|a| (a.n, a.started_at)).collect::<Vec<_>>(), [(1, at(2000))]);
});

db_test!(what_is_open_comes_with_what_was_asked_for, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let nobody = keep([fresh()]);
    let open = db
        .read(
            &a.scope,
            work!(tx => {
                let open = approvals::ask_open(tx, &a.scope, conversation)?;
                approvals::with_these(tx, &a.scope, open, nobody).await
            }),
        )
        .await
        .unwrap();
    assert_eq!(open, []);
});
