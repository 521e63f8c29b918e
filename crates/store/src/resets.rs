//! Links by which a person who forgot their password sets a new one.

use frontdesk_kernel::{Timestamp, ids::UserId, scope::Server};

use crate::{Result, Tx};

pub async fn insert(tx: &mut Tx, _: &Server, person: &UserId, hash: &str, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    tx.query("INSERT INTO password_reset (hash, person, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(hash)
        .bind(person)
        .bind(now)
        .bind(expires_at)
        .put()
        .await
}

/// Whose it is, while it is valid.
pub async fn person(tx: &mut Tx, _: &Server, hash: &str, now: Timestamp) -> Result<Option<UserId>> {
    tx.query("SELECT person FROM password_reset WHERE hash = $1 AND expires_at > $2")
        .bind(hash)
        .bind(now)
        .optional(|row| row.get("person"))
        .await
}

/// How many of a person are valid: so that nobody's mailbox is filled.
pub async fn count(tx: &mut Tx, _: &Server, person: &UserId, now: Timestamp) -> Result<i64> {
    tx.query("SELECT COUNT(*) AS n FROM password_reset WHERE person = $1 AND expires_at > $2")
        .bind(person)
        .bind(now)
        .one(|row| row.get("n"))
        .await
}

/// None of a person's links opens anything any more.
pub async fn forget(tx: &mut Tx, _: &Server, person: &UserId) -> Result<u64> {
    tx.query("DELETE FROM password_reset WHERE person = $1").bind(person).execute().await
}

pub async fn forget_expired(tx: &mut Tx, _: &Server, now: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM password_reset WHERE expires_at <= $1").bind(now).execute().await
}
