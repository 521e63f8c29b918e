//! Passkeys: public keys whose other half a person's device keeps.

use frontdesk_kernel::{Timestamp, ids::*, scope::Server};

use crate::{
    Result, Tx,
    query::{Row, row},
    values::Json,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    pub id: PasskeyId,
    pub person: UserId,
    /// The authenticator's own id of it, base64url.
    pub credential: String,
    pub name: String,
    /// COSE.
    pub public_key: Vec<u8>,
    pub counter: i64,
    pub transports: Vec<String>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, person, credential, name, public_key, counter, transports, created_at, last_used_at";

/// The columns that are read as they are.
struct Plain {
    id: PasskeyId,
    person: UserId,
    credential: String,
    name: String,
    public_key: Vec<u8>,
    counter: i64,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
}

fn passkey(r: &Row<'_>) -> Result<Passkey> {
    let Json(transports) = r.get("transports")?;
    let p = row!(Plain { id, person, credential, name, public_key, counter, created_at, last_used_at })(r)?;
    Ok(Passkey {
        id: p.id,
        person: p.person,
        credential: p.credential,
        name: p.name,
        public_key: p.public_key,
        counter: p.counter,
        transports,
        created_at: p.created_at,
        last_used_at: p.last_used_at,
    })
}

/// `false` when the credential is registered already.
pub async fn insert(tx: &mut Tx, _: &Server, p: &Passkey) -> Result<bool> {
    tx.query(
        "INSERT INTO passkey (id, person, credential, name, public_key, counter, transports, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (credential) DO NOTHING",
    )
    .bind(&p.id)
    .bind(&p.person)
    .bind(p.credential.as_str())
    .bind(p.name.as_str())
    .bind(p.public_key.as_slice())
    .bind(p.counter)
    .bind(Json(&p.transports))
    .bind(p.created_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// A person's, oldest first.
pub async fn list(tx: &mut Tx, _: &Server, person: &UserId) -> Result<Vec<Passkey>> {
    tx.query(&format!("SELECT {COLUMNS} FROM passkey WHERE person = $1 ORDER BY created_at, id")).bind(person).all(passkey).await
}

pub async fn by_credential(tx: &mut Tx, _: &Server, credential: &str) -> Result<Option<Passkey>> {
    tx.query(&format!("SELECT {COLUMNS} FROM passkey WHERE credential = $1")).bind(credential).optional(passkey).await
}

/// It signed. `false` when somebody else moved the counter on meanwhile, or it is gone.
pub async fn used(tx: &mut Tx, _: &Server, id: &PasskeyId, was: i64, counter: i64, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE passkey SET counter = $3, last_used_at = $4 WHERE id = $1 AND counter = $2")
        .bind(id)
        .bind(was)
        .bind(counter)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

pub async fn rename(tx: &mut Tx, _: &Server, person: &UserId, id: &PasskeyId, name: &str) -> Result<bool> {
    tx.query("UPDATE passkey SET name = $3 WHERE person = $1 AND id = $2")
        .bind(person)
        .bind(id)
        .bind(name)
        .execute()
        .await
        .map(|n| n > 0)
}

pub async fn delete(tx: &mut Tx, _: &Server, person: &UserId, id: &PasskeyId) -> Result<bool> {
    tx.query("DELETE FROM passkey WHERE person = $1 AND id = $2").bind(person).bind(id).execute().await.map(|n| n > 0)
}
