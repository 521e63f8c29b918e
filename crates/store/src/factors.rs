//! Second factors: the authenticator app's secret, and recovery codes for when it is lost.

use frontdesk_kernel::{Timestamp, ids::UserId, scope::Server};

use crate::{Result, Tx};

/// The sealed secret of a person's authenticator app.
pub async fn totp(tx: &mut Tx, _: &Server, person: &UserId) -> Result<Option<String>> {
    tx.query("SELECT secret FROM totp WHERE person = $1").bind(person).optional(|row| row.get("secret")).await
}

/// Replaces the app; `step` is that of the code which proved it.
pub async fn set_totp(tx: &mut Tx, _: &Server, person: &UserId, secret: &str, step: i64, now: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO totp (person, secret, last_step, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (person) DO UPDATE SET secret = excluded.secret, last_step = excluded.last_step, created_at = excluded.created_at",
    )
    .bind(person)
    .bind(secret)
    .bind(step)
    .bind(now)
    .put()
    .await
}

/// Uses up the code of a step and all before it; `false` when it was used up already.
pub async fn use_step(tx: &mut Tx, _: &Server, person: &UserId, step: i64) -> Result<bool> {
    tx.query("UPDATE totp SET last_step = $2 WHERE person = $1 AND last_step < $2")
        .bind(person)
        .bind(step)
        .execute()
        .await
        .map(|n| n > 0)
}

/// The person has no app and no recovery codes any more.
pub async fn remove_totp(tx: &mut Tx, _: &Server, person: &UserId) -> Result<bool> {
    tx.query("DELETE FROM recovery_code WHERE person = $1").bind(person).put().await?;
    tx.query("DELETE FROM totp WHERE person = $1").bind(person).execute().await.map(|n| n > 0)
}

/// Replaces all recovery codes.
pub async fn set_recovery(tx: &mut Tx, _: &Server, person: &UserId, hashes: &[String]) -> Result<()> {
    tx.query("DELETE FROM recovery_code WHERE person = $1").bind(person).put().await?;
    for hash in hashes {
        tx.query("INSERT INTO recovery_code (person, hash) VALUES ($1, $2)").bind(person).bind(hash).put().await?;
    }
    Ok(())
}

/// Uses one up; `false` when there is no such code or it was used.
pub async fn use_recovery(tx: &mut Tx, _: &Server, person: &UserId, hash: &str, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE recovery_code SET used_at = $3 WHERE person = $1 AND hash = $2 AND used_at IS NULL")
        .bind(person)
        .bind(hash)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

/// How many are left.
pub async fn recovery_left(tx: &mut Tx, _: &Server, person: &UserId) -> Result<i64> {
    tx.query("SELECT COUNT(*) AS n FROM recovery_code WHERE person = $1 AND used_at IS NULL")
        .bind(person)
        .one(|row| row.get("n"))
        .await
}
