//! What a database can do at most, to measure the product against; nothing of it belongs to a business.

use frontdesk_kernel::scope::Server;

use crate::{Result, Tx};

/// A table as small as one can be that remembers what came in.
pub async fn create(tx: &mut Tx, _: &Server) -> Result<()> {
    tx.query("CREATE TABLE IF NOT EXISTS yardstick (id TEXT PRIMARY KEY, body TEXT NOT NULL)").execute().await.map(drop)
}

/// One row, once; whether it is new.
pub async fn insert(tx: &mut Tx, _: &Server, id: &str, body: &str) -> Result<bool> {
    let sql = "INSERT INTO yardstick (id, body) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    Ok(tx.query(sql).bind(id).bind(body).execute().await? == 1)
}

/// How many transactions have ended in this database so far. `None`: SQLite counts none.
pub async fn transactions(tx: &mut Tx, _: &Server) -> Result<Option<i64>> {
    let postgres = "SELECT xact_commit + xact_rollback AS n FROM pg_stat_database WHERE datname = current_database()";
    tx.query_each("SELECT NULL AS n", postgres).one(|row| row.get("n")).await
}

/// Tells the planner what there is, as the database does by itself within minutes after many rows came.
pub async fn analyze(tx: &mut Tx, _: &Server) -> Result<()> {
    tx.query("ANALYZE").execute().await.map(drop)
}

/// An empty schema of this name on PostgreSQL; what was in it is gone.
///
/// # Errors
/// On SQLite, which has files instead, and where the role may not make schemas.
pub async fn empty_schema(tx: &mut Tx, server: &Server, name: &str) -> Result<()> {
    remove_schema(tx, server, name).await?;
    tx.query(&format!("CREATE SCHEMA {}", identifier(name))).execute().await.map(drop)
}

/// Takes a schema away, with what is in it, where there is one.
///
/// # Errors
/// As above.
pub async fn remove_schema(tx: &mut Tx, _: &Server, name: &str) -> Result<()> {
    tx.query(&format!("DROP SCHEMA IF EXISTS {} CASCADE", identifier(name))).execute().await.map(drop)
}

fn identifier(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '_', "_")
}
