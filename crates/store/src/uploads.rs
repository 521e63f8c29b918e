//! Files that a visitor has uploaded and no message carries yet. Only the visitor sees them; what is never sent is forgotten.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{ChannelId, MediaId},
    scope::Server,
};

use crate::{Result, Tx, query::row};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub media: MediaId,
    pub channel: ChannelId,
    /// The address of whoever uploaded it.
    pub visitor: String,
    pub mime: String,
    pub file_name: Option<String>,
    pub created_at: Timestamp,
}

pub async fn insert(tx: &mut Tx, scope: &Scope, u: &Upload) -> Result<()> {
    tx.query(
        "INSERT INTO upload (tenant, media, channel, visitor, mime, file_name, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(scope.tenant())
    .bind(&u.media)
    .bind(&u.channel)
    .bind(u.visitor.as_str())
    .bind(u.mime.as_str())
    .bind(u.file_name.as_deref())
    .bind(u.created_at)
    .put()
    .await
}

/// The visitor's own file that waits to be sent.
pub async fn of_visitor(
    tx: &mut Tx,
    scope: &Scope,
    channel: &ChannelId,
    visitor: &str,
    media: &MediaId,
) -> Result<Option<Upload>> {
    tx.query(
        "SELECT media, channel, visitor, mime, file_name, created_at FROM upload
          WHERE tenant = $1 AND media = $2 AND channel = $3 AND visitor = $4",
    )
    .bind(scope.tenant())
    .bind(media)
    .bind(channel)
    .bind(visitor)
    .optional(row!(Upload { media, channel, visitor, mime, file_name, created_at }))
    .await
}

/// A message carries it from now on. `false` when it did already.
pub async fn take(tx: &mut Tx, scope: &Scope, media: &MediaId) -> Result<bool> {
    tx.query("DELETE FROM upload WHERE tenant = $1 AND media = $2")
        .bind(scope.tenant())
        .bind(media)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Forgets files that were never sent. Returns how many.
pub async fn forget_before(tx: &mut Tx, _: &Server, before: Timestamp) -> Result<u64> {
    tx.query(
        "DELETE FROM media WHERE EXISTS
            (SELECT 1 FROM upload u WHERE u.tenant = media.tenant AND u.media = media.id AND u.created_at < $1)",
    )
    .bind(before)
    .put()
    .await?;
    tx.query("DELETE FROM upload WHERE created_at < $1").bind(before).execute().await
}
