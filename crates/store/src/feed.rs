//! What the reader of a hosted channel is shown, numbered per conversation: whoever knows the last number misses nothing and sees nothing twice.

use frontdesk_kernel::{
    Scope,
    ids::{ConversationId, MediaId, MessageId},
    message::{Media, Message, Part},
};

use crate::{Result, Tx, messages, query::Row};

/// A message at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub seq: i64,
    pub message: Message,
}

/// Puts a message at the end; its number. A message that is there already keeps its own.
pub async fn append(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, message: &MessageId) -> Result<i64> {
    // Before the second look: whoever holds this row gives the next number.
    let head = tx
        .query(
            "INSERT INTO feed (tenant, conversation, head) VALUES ($1, $2, 1)
             ON CONFLICT (tenant, conversation) DO UPDATE SET head = feed.head + 1 RETURNING head",
        )
        .bind(scope.tenant())
        .bind(conversation)
        .one(|row| row.get::<i64>("head"))
        .await?;
    if let Some(seq) = place(tx, scope, message).await? {
        tx.query("UPDATE feed SET head = head - 1 WHERE tenant = $1 AND conversation = $2")
            .bind(scope.tenant())
            .bind(conversation)
            .put()
            .await?;
        return Ok(seq);
    }
    tx.query("INSERT INTO feed_entry (tenant, conversation, seq, message) VALUES ($1, $2, $3, $4)")
        .bind(scope.tenant())
        .bind(conversation)
        .bind(head)
        .bind(message)
        .put()
        .await?;
    let parts = messages::get(tx, scope, message).await?.map(|m| m.parts).unwrap_or_default();
    for part in parts {
        if let Part::Media(Media { stored: Some(media), .. }) = part {
            tx.query("INSERT INTO feed_file (tenant, conversation, media) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
                .bind(scope.tenant())
                .bind(conversation)
                .bind(&media)
                .put()
                .await?;
        }
    }
    Ok(head)
}

/// The number of a message; `None` when it is not shown.
pub async fn place(tx: &mut Tx, scope: &Scope, message: &MessageId) -> Result<Option<i64>> {
    tx.query("SELECT seq FROM feed_entry WHERE tenant = $1 AND message = $2")
        .bind(scope.tenant())
        .bind(message)
        .optional(|row| row.get("seq"))
        .await
}

/// The last number given; 0 before the first.
pub async fn head(tx: &mut Tx, scope: &Scope, conversation: &ConversationId) -> Result<i64> {
    tx.query("SELECT head FROM feed WHERE tenant = $1 AND conversation = $2")
        .bind(scope.tenant())
        .bind(conversation)
        .optional(|row| row.get("head"))
        .await
        .map(Option::unwrap_or_default)
}

/// What comes after a number, in order.
pub async fn after(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, seq: i64, limit: u32) -> Result<Vec<Entry>> {
    tx.query(&format!("{ENTRIES} AND f.seq > $3 ORDER BY f.seq LIMIT $4"))
        .bind(scope.tenant())
        .bind(conversation)
        .bind(seq)
        .bind(limit)
        .all(entry)
        .await
}

/// The last ones before a number, in order.
pub async fn before(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, seq: i64, limit: u32) -> Result<Vec<Entry>> {
    let mut last = tx
        .query(&format!("{ENTRIES} AND f.seq < $3 ORDER BY f.seq DESC LIMIT $4"))
        .bind(scope.tenant())
        .bind(conversation)
        .bind(seq)
        .bind(limit)
        .all(entry)
        .await?;
    last.reverse();
    Ok(last)
}

/// Whether a file was shown in the conversation.
pub async fn shows(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, media: &MediaId) -> Result<bool> {
    tx.query("SELECT media FROM feed_file WHERE tenant = $1 AND conversation = $2 AND media = $3")
        .bind(scope.tenant())
        .bind(conversation)
        .bind(media)
        .optional(|row| row.get::<MediaId>("media"))
        .await
        .map(|found| found.is_some())
}

/// The reader has seen everything up to a number: our messages there are read. Returns how many were not before.
pub async fn seen(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, up_to: i64) -> Result<u64> {
    tx.query(
        "UPDATE message SET delivery = 'read'
          WHERE tenant = $1 AND direction = 'out' AND delivery IN ('sent', 'delivered')
            AND id IN (SELECT message FROM feed_entry WHERE tenant = $1 AND conversation = $2 AND seq <= $3)",
    )
    .bind(scope.tenant())
    .bind(conversation)
    .bind(up_to)
    .execute()
    .await
}

const ENTRIES: &str = "SELECT f.seq AS place, m.id, m.conversation, m.direction, m.author, m.parts, m.vendor_id, m.quotes, m.delivery, m.failure, m.turn, m.at
           FROM feed_entry f JOIN message m ON m.tenant = f.tenant AND m.id = f.message
          WHERE f.tenant = $1 AND f.conversation = $2";

fn entry(row: &Row<'_>) -> Result<Entry> {
    Ok(Entry { seq: row.get("place")?, message: messages::message(row)? })
}
