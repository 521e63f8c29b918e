//! What PostgreSQL's planner knows of tables that filled up a moment ago.

use frontdesk_kernel::scope::Server;

use crate::{Result, Tx};

/// Tables that hold much more than the planner believes. PostgreSQL has it look at them by itself within a minute or two. Until then its
/// plans are those for a few rows: read all that there is of a business, with each message. SQLite's need no such knowledge.
pub async fn grown(tx: &mut Tx, _: &Server) -> Result<Vec<String>> {
    let grown = "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
                  WHERE s.schemaname = current_schema() AND s.n_live_tup > 50 + 2 * GREATEST(c.reltuples, 0)
                    AND pg_has_role(c.relowner, 'USAGE')
                  ORDER BY name";
    tx.query_each("SELECT NULL AS name WHERE FALSE", grown).all(|row| row.get("name")).await
}

/// The planner looks at a table of `grown`, unless somebody else sees to it: another node, or PostgreSQL itself.
pub async fn look(tx: &mut Tx, _: &Server, table: &str) -> Result<()> {
    tx.query_each("SELECT 1 AS one", &format!("ANALYZE (SKIP_LOCKED) {table}")).put().await
}
