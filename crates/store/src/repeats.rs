//! Requests that name themselves with an `Idempotency-Key`: carried out once, answered alike each time.

use frontdesk_kernel::{Scope, Timestamp, scope::Server};

use crate::{Result, Tx, marks::Mark, query::Row};

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// SHA-256 over method, path, query and body, hex.
    pub request: String,
    /// `None` while the first one runs.
    pub answer: Option<Kept>,
    pub at: Timestamp,
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub status: i64,
    pub content_type: String,
    pub body: Vec<u8>,
}

fn known(row: &Row<'_>) -> Result<Known> {
    let status: Option<i64> = row.get("status")?;
    let answer = match status {
        Some(status) => Some(Kept {
            status,
            content_type: row.get::<Option<String>>("content_type")?.unwrap_or_default(),
            body: row.get::<Option<Vec<u8>>>("body")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Known { request: row.get("request")?, answer, at: row.get("at")? })
}

/// Takes the key for this request; when it is taken already, what is known of it.
pub async fn claim(tx: &mut Tx, scope: &Scope, actor: &str, name: &str, request: &str, now: Timestamp) -> Result<Option<Known>> {
    let taken = tx
        .query(
            "INSERT INTO repeat_key (tenant, actor, name, request, at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, actor, name) DO NOTHING",
        )
        .bind(scope.tenant())
        .bind(actor)
        .bind(name)
        .bind(request)
        .bind(now)
        .execute()
        .await?;
    if taken > 0 {
        return Ok(None);
    }
    tx.query("SELECT request, status, content_type, body, at FROM repeat_key WHERE tenant = $1 AND actor = $2 AND name = $3")
        .bind(scope.tenant())
        .bind(actor)
        .bind(name)
        .optional(known)
        .await
}

/// Keeps the answer of the first request.
pub async fn keep(tx: &mut Tx, scope: &Scope, actor: &str, name: &str, answer: &Kept) -> Result<()> {
    tx.query("UPDATE repeat_key SET status = $4, content_type = $5, body = $6 WHERE tenant = $1 AND actor = $2 AND name = $3")
        .bind(scope.tenant())
        .bind(actor)
        .bind(name)
        .bind(answer.status)
        .bind(answer.content_type.as_str())
        .bind(answer.body.as_slice())
        .put()
        .await
}

/// Nothing was done: the key is free again.
pub async fn release(tx: &mut Tx, scope: &Scope, actor: &str, name: &str) -> Result<()> {
    tx.query("DELETE FROM repeat_key WHERE tenant = $1 AND actor = $2 AND name = $3 AND status IS NULL")
        .bind(scope.tenant())
        .bind(actor)
        .bind(name)
        .put()
        .await
}

/// Forgets what is older.
pub async fn forget(tx: &mut Tx, _: &Server, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM repeat_key WHERE at < $1").bind(before).execute().await
}

/// Answers that name a person who is erased go too.
pub(crate) async fn forget_person(tx: &mut Tx, scope: &Scope, marks: &[Mark]) -> Result<()> {
    let kept = tx
        .query("SELECT actor, name, body FROM repeat_key WHERE tenant = $1 AND body IS NOT NULL")
        .bind(scope.tenant())
        .all(|row| Ok((row.get::<String>("actor")?, row.get::<String>("name")?, row.get::<Vec<u8>>("body")?)))
        .await?;
    for (actor, name, body) in kept {
        let text = String::from_utf8_lossy(&body);
        if marks.iter().any(|mark| mark.is_in(&text)) {
            // The request stays known: it is not carried out again.
            tx.query("UPDATE repeat_key SET status = 410, body = NULL WHERE tenant = $1 AND actor = $2 AND name = $3")
                .bind(scope.tenant())
                .bind(actor.as_str())
                .bind(name.as_str())
                .put()
                .await?;
        }
    }
    Ok(())
}
