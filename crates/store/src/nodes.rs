//! Processes that do work. A node's lease is the lease of every lane and effect that it owns.

use std::time::Duration;

use frontdesk_kernel::{Timestamp, ids::NodeId, scope::Server};

use crate::{Result, Tx};

/// The clock that decides who is alive: the database's own on PostgreSQL, ours on SQLite (one node).
pub(crate) const PG_NOW: &str = "(extract(epoch from clock_timestamp()) * 1000)::bigint";

/// Registers a node or prolongs its lease.
pub async fn heartbeat(
    tx: &mut Tx,
    _: &Server,
    node: &NodeId,
    name: &str,
    version: &str,
    now: Timestamp,
    lease: Duration,
) -> Result<()> {
    let lease = lease.as_millis() as i64;
    let postgres = format!(
        "INSERT INTO node (id, name, version, expires_at) VALUES ($1, $2, $3, {PG_NOW} + $4 + 0 * $5)
         ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at"
    );
    tx.query_each(
        "INSERT INTO node (id, name, version, expires_at) VALUES ($1, $2, $3, $5 + $4)
         ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at",
        &postgres,
    )
    .bind(node)
    .bind(name)
    .bind(version)
    .bind(lease)
    .bind(now)
    .put()
    .await
}

/// A process that restarts under its old name takes over at once: its predecessor is dead.
pub async fn supersede(tx: &mut Tx, _: &Server, node: &NodeId, name: &str) -> Result<u64> {
    tx.query_each("DELETE FROM node WHERE id <> $1 OR name = $2 AND id <> $1", "DELETE FROM node WHERE name = $2 AND id <> $1")
        .bind(node)
        .bind(name)
        .execute()
        .await
}

/// Says good-bye: what it still owns is free at once.
pub async fn leave(tx: &mut Tx, _: &Server, node: &NodeId) -> Result<()> {
    tx.query("DELETE FROM node WHERE id = $1").bind(node).put().await
}

/// Takes lanes from dead nodes. Their old epochs write nothing any more. Returns how many.
pub async fn free_dead_lanes(tx: &mut Tx, _: &Server, now: Timestamp) -> Result<u64> {
    let postgres = format!(
        "UPDATE lane SET owner = NULL, epoch = epoch + 1
          WHERE owner IS NOT NULL AND owner NOT IN (SELECT id FROM node WHERE expires_at > {PG_NOW} + 0 * $1)"
    );
    tx.query_each(
        "UPDATE lane SET owner = NULL, epoch = epoch + 1
          WHERE owner IS NOT NULL AND owner NOT IN (SELECT id FROM node WHERE expires_at > $1)",
        &postgres,
    )
    .bind(now)
    .execute()
    .await
}

/// Forgets nodes that are long dead.
pub async fn forget_dead(tx: &mut Tx, _: &Server, now: Timestamp) -> Result<u64> {
    let postgres = format!("DELETE FROM node WHERE expires_at < {PG_NOW} - 60000 + 0 * $1");
    tx.query_each("DELETE FROM node WHERE expires_at < $1 - 60000", &postgres).bind(now).execute().await
}

/// Nodes alive now: `(id, name, version)`.
pub async fn alive(tx: &mut Tx, _: &Server, now: Timestamp) -> Result<Vec<(String, String, String)>> {
    let postgres = format!("SELECT id, name, version FROM node WHERE expires_at > {PG_NOW} + 0 * $1 ORDER BY name, id");
    tx.query_each("SELECT id, name, version FROM node WHERE expires_at > $1 ORDER BY name, id", &postgres)
        .bind(now)
        .all(|row| Ok((row.get("id")?, row.get("name")?, row.get("version")?)))
        .await
}
