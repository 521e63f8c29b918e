//! Failed attempts to sign in, counted by what they have in common.

use frontdesk_kernel::{Timestamp, scope::Server};

use crate::{Result, Tx, query::row};

/// What is known of a subject (the hash of an address, an account, or both).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Record {
    pub failures: i64,
    pub blocked_until: Timestamp,
}

/// Counts one more; what was before `from` is forgotten. Whoever comes at the same time waits, and counts after us.
pub async fn count(tx: &mut Tx, _: &Server, subject: &str, from: Timestamp, now: Timestamp) -> Result<Record> {
    tx.query(
        "INSERT INTO throttle (subject, failures, blocked_until, updated_at) VALUES ($1, 1, 0, $3)
         ON CONFLICT (subject) DO UPDATE SET
            failures = CASE WHEN throttle.updated_at < $2 THEN 1 ELSE throttle.failures + 1 END, updated_at = $3
         RETURNING failures, blocked_until",
    )
    .bind(subject)
    .bind(from)
    .bind(now)
    .one(row!(Record { failures, blocked_until }))
    .await
}

/// Nothing is tried before then.
pub async fn block(tx: &mut Tx, _: &Server, subject: &str, until: Timestamp) -> Result<()> {
    tx.query("UPDATE throttle SET blocked_until = $2 WHERE subject = $1").bind(subject).bind(until).put().await
}

/// The last one did not count: it was right, or not even tried.
pub async fn pardon(tx: &mut Tx, _: &Server, subject: &str) -> Result<()> {
    tx.query("UPDATE throttle SET failures = failures - 1 WHERE subject = $1 AND failures > 0").bind(subject).put().await
}

/// The right one came in: its failures are forgotten.
pub async fn clear(tx: &mut Tx, _: &Server, subject: &str) -> Result<bool> {
    tx.query("DELETE FROM throttle WHERE subject = $1").bind(subject).execute().await.map(|n| n > 0)
}

pub async fn forget_before(tx: &mut Tx, _: &Server, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM throttle WHERE updated_at < $1").bind(before).execute().await
}
