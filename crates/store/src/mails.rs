//! Mail of ours that waits to leave. It is written in the transaction of its reason, so that no crash loses it.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{MailId, TenantId},
    scope::Server,
};

use crate::{Result, Tx, query::row};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub id: MailId,
    /// `invitation`, `reset` …
    pub kind: String,
    pub recipient: String,
    /// Sealed.
    pub contents: String,
    pub attempts: i64,
    pub created_at: Timestamp,
}

pub async fn insert(tx: &mut Tx, _: &Server, m: &Mail) -> Result<()> {
    put(tx, None, m).await
}

/// What a business writes to somebody it deals with.
pub async fn insert_of(tx: &mut Tx, scope: &Scope, m: &Mail) -> Result<()> {
    put(tx, Some(scope.tenant()), m).await
}

async fn put(tx: &mut Tx, of: Option<&TenantId>, m: &Mail) -> Result<()> {
    tx.query(
        "INSERT INTO mail (id, kind, recipient, contents, state, attempts, not_before, created_at, updated_at, of_tenant)
         VALUES ($1, $2, $3, $4, 'pending', 0, $5, $5, $5, $6)",
    )
    .bind(&m.id)
    .bind(m.kind.as_str())
    .bind(m.recipient.as_str())
    .bind(m.contents.as_str())
    .bind(m.created_at)
    .bind(of)
    .put()
    .await
}

/// What a business wrote to an address, whether it has left or not.
pub(crate) async fn forget_to(tx: &mut Tx, scope: &Scope, recipient: &str) -> Result<()> {
    tx.query("DELETE FROM mail WHERE of_tenant = $1 AND recipient = $2").bind(scope.tenant()).bind(recipient).put().await
}

/// Takes what is due, for a while: who dies with it gives it back.
pub async fn claim(tx: &mut Tx, _: &Server, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<Mail>> {
    tx.query_each(
        "UPDATE mail SET attempts = attempts + 1, not_before = $2, updated_at = $1
          WHERE id IN (SELECT id FROM mail WHERE state = 'pending' AND not_before <= $1 ORDER BY not_before LIMIT $3)
          RETURNING id, kind, recipient, contents, attempts, created_at",
        // Materialized, as in `lanes::claim`.
        "WITH next AS MATERIALIZED (
                SELECT id FROM mail WHERE state = 'pending' AND not_before <= $1 ORDER BY not_before LIMIT $3 FOR UPDATE SKIP LOCKED)
         UPDATE mail SET attempts = attempts + 1, not_before = $2, updated_at = $1 FROM next WHERE mail.id = next.id
         RETURNING mail.id, kind, recipient, contents, attempts, created_at",
    )
    .bind(now)
    .bind(until)
    .bind(limit)
    .all(row!(Mail { id, kind, recipient, contents, attempts, created_at }))
    .await
}

/// It has left, or it never will: its contents are nobody's business any more. `problem` says why it never will.
pub async fn end(tx: &mut Tx, _: &Server, id: &MailId, problem: Option<&str>, now: Timestamp) -> Result<()> {
    tx.query("UPDATE mail SET state = $2, contents = '', problem = $3, updated_at = $4 WHERE id = $1")
        .bind(id)
        .bind(if problem.is_some() { "failed" } else { "sent" })
        .bind(problem)
        .bind(now)
        .put()
        .await
}

pub async fn retry(tx: &mut Tx, _: &Server, id: &MailId, problem: &str, at: Timestamp, now: Timestamp) -> Result<()> {
    tx.query("UPDATE mail SET problem = $2, not_before = $3, updated_at = $4 WHERE id = $1")
        .bind(id)
        .bind(problem)
        .bind(at)
        .bind(now)
        .put()
        .await
}

pub(crate) const NEXT_DUE: &str = "SELECT not_before FROM mail WHERE state = 'pending' ORDER BY not_before LIMIT 1";

/// When the next one is due.
pub async fn next_due(tx: &mut Tx, _: &Server) -> Result<Option<Timestamp>> {
    tx.query(NEXT_DUE).optional(|row| row.get("not_before")).await
}

/// Forgets what is over.
pub async fn forget_before(tx: &mut Tx, _: &Server, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM mail WHERE state <> 'pending' AND updated_at < $1").bind(before).execute().await
}
