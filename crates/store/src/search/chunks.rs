//! The index of the search: messages become part of it a thousand at a time, long after they were stored.

use frontdesk_kernel::{Scope, Timestamp, ids::*, scope::Server};

use super::hits;
use crate::{Result, Tx, query::Param};

/// Messages of a chunk. The newest, up to so many, are read whole by every search.
pub const SIZE: u32 = 1024;
/// Rows or ids of one statement.
const BATCH: usize = 64;

/// Businesses with enough new messages for a chunk, or with a chunk to be made anew.
pub async fn tenants_with_work(tx: &mut Tx, _: &Server, size: u32) -> Result<Vec<TenantId>> {
    tx.query(
        "SELECT tenant FROM search_due GROUP BY tenant HAVING COUNT(*) >= $1
          UNION SELECT tenant FROM search_chunk WHERE dirty = TRUE",
    )
    .bind(size)
    .all(|row| row.get("tenant"))
    .await
}

/// Makes the next chunk, if there are messages enough. Returns whether it did.
pub async fn build(tx: &mut Tx, scope: &Scope, size: u32) -> Result<bool> {
    lock(tx, scope).await?;
    let mut due = tx
        .query(
            "SELECT m.id, m.body, m.at FROM search_due d JOIN message m ON m.tenant = d.tenant AND m.id = d.message
              WHERE d.tenant = $1 ORDER BY d.message LIMIT $2",
        )
        .bind(scope.tenant())
        .bind(size)
        .all(stored)
        .await?;
    if due.len() < size as usize {
        return Ok(false);
    }
    due.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    let chunk = tx
        .query("SELECT COALESCE(MAX(chunk), 0) + 1 AS chunk FROM search_chunk WHERE tenant = $1")
        .bind(scope.tenant())
        .one(|row| row.get::<i64>("chunk"))
        .await?;
    tx.query("INSERT INTO search_chunk (tenant, chunk, from_at, to_at, dirty, messages) VALUES ($1, $2, $3, $4, FALSE, $5)")
        .bind(scope.tenant())
        .bind(chunk)
        .bind(due.first().map_or(Timestamp(0), |m| m.at))
        .bind(due.last().map_or(Timestamp(0), |m| m.at))
        .bind(ids(&due))
        .put()
        .await?;
    write_words(tx, scope, chunk, &due).await?;
    for batch in due.chunks(BATCH) {
        let sql = format!("DELETE FROM search_due WHERE tenant = $1 AND message IN ({})", marks(2, batch.len()));
        let mut query = tx.query(&sql).bind(scope.tenant());
        for message in batch {
            query = query.bind(&message.id);
        }
        query.execute().await?;
    }
    Ok(true)
}

/// Makes one chunk anew whose messages changed or were erased. Returns whether there was one.
pub async fn rebuild(tx: &mut Tx, scope: &Scope) -> Result<bool> {
    lock(tx, scope).await?;
    let dirty = tx
        .query("SELECT chunk, messages FROM search_chunk WHERE tenant = $1 AND dirty = TRUE ORDER BY chunk LIMIT 1")
        .bind(scope.tenant())
        .optional(|row| Ok((row.get::<i64>("chunk")?, row.get::<String>("messages")?)))
        .await?;
    let Some((chunk, messages)) = dirty else { return Ok(false) };
    let wanted: Vec<&str> = messages.lines().collect();
    let mut found = Vec::with_capacity(wanted.len());
    for batch in wanted.chunks(BATCH) {
        let sql = format!("SELECT id, body, at FROM message WHERE tenant = $1 AND id IN ({})", marks(2, batch.len()));
        let mut query = tx.query(&sql).bind(scope.tenant());
        for id in batch {
            query = query.bind(*id);
        }
        found.extend(query.all(stored).await?);
    }
    found.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    tx.query("DELETE FROM search_word WHERE tenant = $1 AND chunk = $2").bind(scope.tenant()).bind(chunk).put().await?;
    if found.is_empty() {
        tx.query("DELETE FROM search_chunk WHERE tenant = $1 AND chunk = $2").bind(scope.tenant()).bind(chunk).put().await?;
        return Ok(true);
    }
    tx.query("UPDATE search_chunk SET messages = $3, dirty = FALSE WHERE tenant = $1 AND chunk = $2")
        .bind(scope.tenant())
        .bind(chunk)
        .bind(ids(&found))
        .put()
        .await?;
    write_words(tx, scope, chunk, &found).await?;
    Ok(true)
}

/// A message's text is another one now: its chunk, if it has one, is to be made anew.
pub(crate) async fn changed(tx: &mut Tx, scope: &Scope, message: &MessageId) -> Result<()> {
    let due = tx
        .query("SELECT message FROM search_due WHERE tenant = $1 AND message = $2")
        .bind(scope.tenant())
        .bind(message)
        .optional(|row| row.get::<MessageId>("message"))
        .await?;
    if due.is_some() {
        return Ok(());
    }
    tx.query(
        "UPDATE search_chunk SET dirty = TRUE
          WHERE tenant = $1 AND from_at <= (SELECT at FROM message WHERE tenant = $1 AND id = $2)
            AND to_at >= (SELECT at FROM message WHERE tenant = $1 AND id = $2)",
    )
    .bind(scope.tenant())
    .bind(message)
    .put()
    .await
}

/// The contact's messages are about to be erased: their words go when their chunks are made anew.
pub(crate) async fn forget_contact(tx: &mut Tx, scope: &Scope, contact: &ContactId) -> Result<()> {
    let theirs = "conversation IN (SELECT id FROM conversation WHERE tenant = $1 AND contact = $2)";
    let of_chunk = format!(
        "UPDATE search_chunk SET dirty = TRUE WHERE tenant = $1 AND EXISTS (
            SELECT 1 FROM message m WHERE m.tenant = $1 AND m.{theirs} AND m.at BETWEEN search_chunk.from_at AND search_chunk.to_at)"
    );
    let due = format!(
        "DELETE FROM search_due WHERE tenant = $1 AND message IN (SELECT id FROM message WHERE tenant = $1 AND {theirs})"
    );
    for statement in [of_chunk, due] {
        tx.query(&statement).bind(scope.tenant()).bind(contact).put().await?;
    }
    Ok(())
}

pub(super) struct Stored {
    pub(super) id: MessageId,
    pub(super) body: String,
    pub(super) at: Timestamp,
}

pub(super) fn stored(row: &crate::query::Row<'_>) -> Result<Stored> {
    Ok(Stored { id: row.get("id")?, body: row.get("body")?, at: row.get("at")? })
}

fn ids(messages: &[Stored]) -> String {
    messages.iter().map(|m| m.id.as_str()).collect::<Vec<_>>().join("\n")
}

/// `$2, $3, …`
pub(super) fn marks(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

async fn write_words(tx: &mut Tx, scope: &Scope, chunk: i64, messages: &[Stored]) -> Result<()> {
    let keys: Vec<(Vec<u8>, Vec<u8>)> = hits::index(messages.iter().map(|m| m.body.as_str())).into_iter().collect();
    for batch in keys.chunks(BATCH) {
        let rows: Vec<String> = (0..batch.len()).map(|n| format!("($1, ${}, $2, ${})", 3 + 2 * n, 4 + 2 * n)).collect();
        let sql = format!("INSERT INTO search_word (tenant, word, chunk, hits) VALUES {}", rows.join(", "));
        let mut query = tx.query(&sql).bind(scope.tenant()).bind(chunk);
        for (key, hits) in batch {
            query = query.bind_param(Param::Bytes(key.as_slice().into())).bind(hits.as_slice());
        }
        query.execute().await?;
    }
    Ok(())
}

/// Two nodes never make the same chunk.
async fn lock(tx: &mut Tx, scope: &Scope) -> Result<()> {
    tx.query_each("SELECT 1 AS one", "SELECT pg_advisory_xact_lock(hashtextextended('search/' || $1, 0))")
        .bind(scope.tenant())
        .put()
        .await
}
