//! Browsers that are signed in.

use frontdesk_kernel::{Timestamp, ids::*, scope::Server};

use crate::{Result, Tx, query::row};

/// A session; its token is known by its hash only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub person: UserId,
    /// SHA-256, hex.
    pub hash: String,
    /// Where it was seen last.
    pub address: String,
    /// What the browser says of itself.
    pub device: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

const COLUMNS: &str = "id, person, hash, address, device, created_at, last_seen_at, expires_at";

pub async fn insert(tx: &mut Tx, _: &Server, s: &Session) -> Result<()> {
    tx.query(
        "INSERT INTO session (id, person, hash, address, device, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&s.id).bind(&s.person).bind(s.hash.as_str()).bind(s.address.as_str()).bind(s.device.as_str()).bind(s.created_at)
    .bind(s.last_seen_at).bind(s.expires_at)
    .put()
    .await
}

/// A live session by its token's hash.
pub async fn by_hash(tx: &mut Tx, _: &Server, hash: &str, now: Timestamp) -> Result<Option<Session>> {
    tx.query(&format!("SELECT {COLUMNS} FROM session WHERE hash = $1 AND expires_at > $2"))
        .bind(hash)
        .bind(now)
        .optional(row!(Session { id, person, hash, address, device, created_at, last_seen_at, expires_at }))
        .await
}

/// Live ones of a person, last seen first.
pub async fn of_person(tx: &mut Tx, _: &Server, person: &UserId, now: Timestamp) -> Result<Vec<Session>> {
    tx.query(&format!("SELECT {COLUMNS} FROM session WHERE person = $1 AND expires_at > $2 ORDER BY last_seen_at DESC, id"))
        .bind(person)
        .bind(now)
        .all(row!(Session { id, person, hash, address, device, created_at, last_seen_at, expires_at }))
        .await
}

/// It was used: it lives on until `expires_at`.
pub async fn seen(tx: &mut Tx, _: &Server, id: &SessionId, address: &str, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    tx.query("UPDATE session SET last_seen_at = $2, expires_at = $3, address = $4 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(expires_at)
        .bind(address)
        .put()
        .await
}

/// Ends one session of a person; `false` when there is none.
pub async fn end(tx: &mut Tx, _: &Server, person: &UserId, id: &SessionId) -> Result<bool> {
    tx.query("DELETE FROM session WHERE person = $1 AND id = $2").bind(person).bind(id).execute().await.map(|n| n > 0)
}

/// Ends all sessions of a person but one.
pub async fn end_all(tx: &mut Tx, _: &Server, person: &UserId, but: Option<&SessionId>) -> Result<u64> {
    tx.query("DELETE FROM session WHERE person = $1 AND id <> COALESCE($2, '')").bind(person).bind(but).execute().await
}

pub async fn forget_expired(tx: &mut Tx, _: &Server, now: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM session WHERE expires_at <= $1").bind(now).execute().await
}
