//! What PostgreSQL's planner knows of tables that filled up a moment ago.

use frontdesk_kernel::scope::Server;

use crate::{Result, Tx};

/// Has the planner look at tables that hold much more than it believes, and returns their names. PostgreSQL does so by itself within a minute
/// or two. Until then its plans are those for a few rows: read all that there is of a business, with each message. SQLite's need no such
/// knowledge.
pub async fn look(tx: &mut Tx, _: &Server) -> Result<Vec<String>> {
    let grown = "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
                  WHERE s.schemaname = current_schema() AND s.n_live_tup > 50 + 2 * GREATEST(c.reltuples, 0)
                    AND pg_has_role(c.relowner, 'MEMBER')
                  ORDER BY name";
    let grown = tx.query_each("SELECT NULL AS name WHERE FALSE", grown).all(|row| row.get::<String>("name")).await?;
    for table in &grown {
        // Whoever is at it already, another node or PostgreSQL itself, sees to it.
        tx.query(&format!("ANALYZE (SKIP_LOCKED) {table}")).put().await?;
    }
    Ok(grown)
}
