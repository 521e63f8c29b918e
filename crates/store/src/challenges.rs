//! Steps of signing in that wait for the next one: a second factor, a passkey, the answer of an identity provider.

use frontdesk_kernel::{Timestamp, ids::UserId, scope::Server};

use crate::{Result, Tx, query::row};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// SHA-256 of the token that the caller holds, hex.
    pub hash: String,
    pub kind: String,
    /// Absent while it is not known who signs in.
    pub person: Option<UserId>,
    /// What the next step needs to know.
    pub detail: String,
    pub tries: i64,
    pub expires_at: Timestamp,
}

pub async fn insert(tx: &mut Tx, _: &Server, c: &Challenge) -> Result<()> {
    tx.query("INSERT INTO challenge (hash, kind, person, detail, tries, expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(c.hash.as_str())
        .bind(c.kind.as_str())
        .bind(c.person.as_ref())
        .bind(c.detail.as_str())
        .bind(c.tries)
        .bind(c.expires_at)
        .put()
        .await
}

/// One more try at a live challenge, counted before it is judged.
pub async fn attempt(tx: &mut Tx, _: &Server, hash: &str, kind: &str, now: Timestamp) -> Result<Option<Challenge>> {
    tx.query(
        "UPDATE challenge SET tries = tries + 1 WHERE hash = $1 AND kind = $2 AND expires_at > $3
         RETURNING hash, kind, person, detail, tries, expires_at",
    )
    .bind(hash)
    .bind(kind)
    .bind(now)
    .optional(row!(Challenge { hash, kind, person, detail, tries, expires_at }))
    .await
}

/// Uses a live challenge up: of two who try at once, one gets it.
pub async fn take(tx: &mut Tx, _: &Server, hash: &str, kind: &str, now: Timestamp) -> Result<Option<Challenge>> {
    tx.query(
        "DELETE FROM challenge WHERE hash = $1 AND kind = $2 AND expires_at > $3
         RETURNING hash, kind, person, detail, tries, expires_at",
    )
    .bind(hash)
    .bind(kind)
    .bind(now)
    .optional(row!(Challenge { hash, kind, person, detail, tries, expires_at }))
    .await
}

/// Nothing that a person began goes on.
pub async fn forget(tx: &mut Tx, _: &Server, person: &UserId) -> Result<u64> {
    tx.query("DELETE FROM challenge WHERE person = $1").bind(person).execute().await
}

pub async fn forget_expired(tx: &mut Tx, _: &Server, now: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM challenge WHERE expires_at <= $1").bind(now).execute().await
}
