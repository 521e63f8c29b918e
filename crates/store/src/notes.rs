//! What the team tells itself about a conversation; never sent, never shown to a model.

use frontdesk_kernel::{Scope, Timestamp, ids::*};

use crate::{
    Result, Tx,
    query::{Row, row},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub id: NoteId,
    pub conversation: ConversationId,
    pub text: String,
    /// `usr_…` or `key_…`.
    pub written_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "id, conversation, text, written_by, created_at, updated_at";

fn note(r: &Row<'_>) -> Result<Note> {
    row!(Note { id, conversation, text, written_by, created_at, updated_at })(r)
}

pub async fn insert(tx: &mut Tx, scope: &Scope, note: &Note) -> Result<()> {
    tx.query(
        "INSERT INTO note (tenant, id, conversation, text, written_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(scope.tenant())
    .bind(&note.id)
    .bind(&note.conversation)
    .bind(&note.text)
    .bind(&note.written_by)
    .bind(note.created_at)
    .bind(note.updated_at)
    .put()
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &NoteId) -> Result<Option<Note>> {
    tx.query(&format!("SELECT {COLUMNS} FROM note WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(note)
        .await
}

/// Latest first, before the given one.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    before: Option<&(Timestamp, NoteId)>,
    limit: u32,
) -> Result<Vec<Note>> {
    let (at, id) = before.map_or((Timestamp::NEVER, None), |(at, id)| (*at, Some(id)));
    tx.query(&format!(
        "SELECT {COLUMNS} FROM note WHERE tenant = $1 AND conversation = $2 AND (created_at, id) < ($3, COALESCE($4, ''))
          ORDER BY created_at DESC, id DESC LIMIT $5"
    ))
    .bind(scope.tenant())
    .bind(conversation)
    .bind(at)
    .bind(id)
    .bind(limit)
    .all(note)
    .await
}

pub async fn update(tx: &mut Tx, scope: &Scope, id: &NoteId, text: &str, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE note SET text = $3, updated_at = $4 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(text)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: &NoteId) -> Result<bool> {
    tx.query("DELETE FROM note WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}
