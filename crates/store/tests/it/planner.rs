//! What PostgreSQL reads while it believes tables to be empty that are not any more.

use frontdesk_kernel::scope::Server;
use frontdesk_store::{Db, planner};

use crate::harness::*;

const ROWS_READ: &str = "SELECT SUM(seq_tup_read + COALESCE(idx_tup_fetch, 0))::BIGINT AS n FROM pg_stat_user_tables
                          WHERE relname IN ('contact_address', 'contact', 'conversation', 'lane', 'inbound', 'message')";

/// For each of two hundred messages of strangers, whose numbers begin with `first`.
async fn rows_read(db: &Db, shop: &Shop, first: i64) -> i64 {
    let read = async || {
        count(db, "SELECT COUNT(*) AS n FROM pg_stat_force_next_flush()").await;
        count(db, ROWS_READ).await
    };
    let before = read().await;
    for n in first..first + 200 {
        shop.hears(db, &format!("573{n:05}"), at(n)).await;
    }
    (read().await - before) / 200
}

/// The planner looks at what has grown.
async fn look(db: &Db) -> Vec<String> {
    let grown = look!(db, &Server, tx => planner::grown(tx, &Server));
    for table in grown.clone() {
        let table = keep(table);
        change!(db, &Server, tx => planner::look(tx, &Server, table));
    }
    grown
}

#[test]
fn what_is_read_for_a_message_does_not_grow_with_what_is_there() {
    at_home(Home::postgres(), |db| async move {
        // As after a vacuum of a new installation.
        execute(&db, "ANALYZE contact_address, contact, conversation, lane, inbound, message").await;
        let a = shop(&db, "a").await;
        assert!(rows_read(&db, a, 0).await > 100, "plans for empty tables read all that there is: this test needs such");
        let grown = look(&db).await;
        for table in ["contact_address", "conversation", "inbound", "lane", "message"] {
            assert!(grown.iter().any(|name| name == table), "{table} is not among {grown:?}");
        }
        for first in [200, 400, 600, 800] {
            rows_read(&db, a, first).await;
            look(&db).await;
        }
        assert_eq!(look(&db).await, Vec::<String>::new(), "the planner knows them");
        assert!(db.has_written(1000) && !db.has_written(1), "each unit of work is counted once");
        let rows = rows_read(&db, a, 1000).await;
        assert!(rows <= 20, "{rows} rows for a message beside a thousand");
    });
}

db_test!(a_database_in_which_nothing_has_grown_is_left_alone, |db| async {
    shop(&db, "a").await;
    assert_eq!(look(&db).await, Vec::<String>::new());
});
