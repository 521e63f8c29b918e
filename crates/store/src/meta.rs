//! Facts about this installation.

use frontdesk_kernel::scope::Server;

use crate::{Result, Tx};

/// Set by `restore`: nothing is claimed or sent until an operator says so. The value is why.
pub const PAUSED: &str = "paused";

/// Hash of the token that makes the first owner; there while nobody signs in.
pub const SETUP: &str = "setup";

pub async fn get(tx: &mut Tx, _: &Server, key: &str) -> Result<Option<String>> {
    tx.query("SELECT value FROM meta WHERE key = $1").bind(key).optional(|row| row.get("value")).await
}

pub async fn set(tx: &mut Tx, _: &Server, key: &str, value: &str) -> Result<()> {
    tx.query("INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .bind(key)
        .bind(value)
        .put()
        .await
}

pub async fn remove(tx: &mut Tx, _: &Server, key: &str) -> Result<bool> {
    tx.query("DELETE FROM meta WHERE key = $1").bind(key).execute().await.map(|n| n > 0)
}
