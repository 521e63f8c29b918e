//! Files that came in or go out.

use frontdesk_kernel::{Scope, Timestamp, ids::MediaId};

use crate::{Result, Tx, query::row};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub id: MediaId,
    pub sha256: String,
    pub mime: String,
    pub file_name: Option<String>,
    pub bytes: Vec<u8>,
    pub created_at: Timestamp,
}

pub async fn insert(tx: &mut Tx, scope: &Scope, f: &File) -> Result<()> {
    tx.query(
        "INSERT INTO media (tenant, id, sha256, mime, file_name, size, bytes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(scope.tenant()).bind(&f.id).bind(f.sha256.as_str()).bind(f.mime.as_str()).bind(f.file_name.as_deref())
    .bind(f.bytes.len() as i64).bind(f.bytes.as_slice()).bind(f.created_at)
    .put()
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &MediaId) -> Result<Option<File>> {
    tx.query("SELECT id, sha256, mime, file_name, bytes, created_at FROM media WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .optional(row!(File { id, sha256, mime, file_name, bytes, created_at }))
        .await
}

/// A file without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub id: MediaId,
    pub sha256: String,
    pub mime: String,
    pub file_name: Option<String>,
    pub size: i64,
    pub created_at: Timestamp,
}

pub async fn about(tx: &mut Tx, scope: &Scope, id: &MediaId) -> Result<Option<About>> {
    tx.query("SELECT id, sha256, mime, file_name, size, created_at FROM media WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .optional(row!(About { id, sha256, mime, file_name, size, created_at }))
        .await
}
