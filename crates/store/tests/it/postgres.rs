//! What only PostgreSQL does: connections that come and go, statements that are not prepared.

use frontdesk_kernel::scope::Server;
use frontdesk_store::{Db, Error, Options, meta, tenants, work};

use crate::harness::*;

fn options(url: &str) -> Options {
    Options { url: url.to_owned(), pool_size: 2, prepared_statements: true }
}

#[test]
fn everything_works_without_prepared_statements_too() {
    let Some(home) = Home::postgres() else { return };
    run(async {
        let db = Db::open(&Options { prepared_statements: false, ..home.options() }).await.unwrap();
        let a = full_shop(&db, "a").await;
        assert!(rows_of(&db, a).await.values().all(|rows| *rows > 0));
        assert!(change!(db, &a.scope, tx => tenants::delete(tx, &a.scope, at(0))));
        assert!(rows_of(&db, a).await.values().all(|rows| *rows == 0));
    });
}

#[test]
fn a_unit_of_work_that_is_abandoned_leaves_nothing_and_spoils_no_connection() {
    let Some(home) = Home::postgres() else { return };
    run(async {
        let db = Db::open(&options(&home.url)).await.unwrap();
        for _ in 0..5 {
            let (wrote, has_written) = tokio::sync::oneshot::channel();
            let abandoned = db.write(
                &Server,
                work!(tx => {
                    meta::set(tx, &Server, "a", "1").await?;
                    meta::get(tx, &Server, "a").await?;
                    wrote.send(()).unwrap();
                    std::future::pending::<()>().await;
                    Ok(())
                }),
            );
            tokio::select! { _ = abandoned => panic!("it never ends"), told = has_written => told.unwrap() }
            assert_eq!(look!(db, &Server, tx => meta::get(tx, &Server, "a")), None);
        }
        change!(db, &Server, tx => meta::set(tx, &Server, "a", "2"));
    });
}

#[test]
fn connections_that_the_server_cut_are_replaced() {
    let Some(home) = Home::postgres() else { return };
    run(async {
        let db = Db::open(&options(&home.url)).await.unwrap();
        let (cut, by_hand) = (Db::open(&options(&home.url)).await.unwrap(), "SELECT pg_backend_pid()::bigint AS n");
        let pid = count(&db, by_hand).await;
        execute(&cut, &format!("SELECT pg_terminate_backend({pid})")).await;
        let mut tries = 0;
        while try_change!(db, &Server, tx => meta::set(tx, &Server, "a", "1")).is_err_and(|e| e.may_retry()) {
            tries += 1;
            assert!(tries < 10, "the pool never recovers");
        }
        assert_eq!(look!(db, &Server, tx => meta::get(tx, &Server, "a")).as_deref(), Some("1"));
        assert_ne!(count(&db, by_hand).await, pid);
    });
}

#[test]
fn a_server_that_is_away_may_be_tried_again_and_a_wrong_url_may_not() {
    run(async {
        let away = Db::open(&options("postgres://nobody@127.0.0.1:1/nothing?sslmode=disable")).await.map(drop);
        assert!(matches!(&away, Err(e @ Error::Unavailable(_)) if e.may_retry()), "{away:?}");
        let wrong = Db::open(&options("mysql://somewhere")).await.map(drop);
        assert!(matches!(&wrong, Err(e @ Error::Refused(why)) if !e.may_retry() && why.contains("DATABASE_URL")), "{wrong:?}");
    });
}
