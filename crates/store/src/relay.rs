//! Hints of what changed, from node to node: live views work whichever node somebody watches at. PostgreSQL only; SQLite has one node.

use std::time::Duration;

use frontdesk_kernel::{Timestamp, ids::NodeId, scope::Server};

use crate::{Result, Tx, nodes::PG_NOW, query::row};

const KEPT: Duration = Duration::from_secs(60);

/// What a node told the others in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub node: NodeId,
    pub n: i64,
    pub hints: String,
}

/// Tells the other nodes. Old hints go at the same time.
pub async fn tell(tx: &mut Tx, _: &Server, batch: &Batch, now: Timestamp) -> Result<()> {
    let kept = KEPT.as_millis() as i64;
    let delete = format!("DELETE FROM relay WHERE at < {PG_NOW} - $2 + 0 * $1");
    tx.query_each("DELETE FROM relay WHERE at < $1 - $2", &delete).bind(now).bind(kept).put().await?;
    let insert = format!("INSERT INTO relay (node, n, at, hints) VALUES ($1, $2, {PG_NOW} + 0 * $3, $4)");
    tx.query_each("INSERT INTO relay (node, n, at, hints) VALUES ($1, $2, $3, $4)", &insert)
        .bind(&batch.node)
        .bind(batch.n)
        .bind(now)
        .bind(&batch.hints)
        .put()
        .await
}

/// What other nodes told in the last seconds, by the database's clock.
pub async fn heard(tx: &mut Tx, _: &Server, me: &NodeId, seconds: u32, now: Timestamp) -> Result<Vec<Batch>> {
    let postgres =
        format!("SELECT node, n, hints FROM relay WHERE at > {PG_NOW} - $2 * 1000 + 0 * $3 AND node <> $1 ORDER BY at, n");
    tx.query_each("SELECT node, n, hints FROM relay WHERE at > $3 - $2 * 1000 AND node <> $1 ORDER BY at, n", &postgres)
        .bind(me)
        .bind(seconds)
        .bind(now)
        .all(row!(Batch { node, n, hints }))
        .await
}
