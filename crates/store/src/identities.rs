//! Whom an identity provider means by a subject of its own.

use frontdesk_kernel::{Timestamp, ids::UserId, scope::Server};

use crate::{Result, Tx};

/// The person, if they have signed in this way before.
pub async fn person(tx: &mut Tx, _: &Server, issuer: &str, subject: &str, now: Timestamp) -> Result<Option<UserId>> {
    tx.query("UPDATE identity SET last_used_at = $3 WHERE issuer = $1 AND subject = $2 RETURNING person")
        .bind(issuer)
        .bind(subject)
        .bind(now)
        .optional(|row| row.get("person"))
        .await
}

/// From now on this subject is this person; `false` when it is somebody's.
pub async fn link(tx: &mut Tx, _: &Server, issuer: &str, subject: &str, person: &UserId, now: Timestamp) -> Result<bool> {
    tx.query(
        "INSERT INTO identity (issuer, subject, person, created_at, last_used_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (issuer, subject) DO NOTHING",
    )
    .bind(issuer)
    .bind(subject)
    .bind(person)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Whether the person can sign in with this provider.
pub async fn is_linked(tx: &mut Tx, _: &Server, issuer: &str, person: &UserId) -> Result<bool> {
    tx.query("SELECT 1 AS one FROM identity WHERE issuer = $1 AND person = $2")
        .bind(issuer)
        .bind(person)
        .optional(|_| Ok(()))
        .await
        .map(|found| found.is_some())
}
