//! The library of prompts: named texts with free metadata, that agents are started from.

use frontdesk_kernel::{Scope, Timestamp, ids::PromptId};
use serde_json::{Map, Value};

use crate::{Error, Result, Tx, counters, query::Row, values::Json};

#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    pub id: PromptId,
    /// What the predecessor's clients call it by.
    pub number: i64,
    pub name: String,
    pub content: String,
    pub metadata: Option<Map<String, Value>>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "id, number, name, content, metadata, created_at, updated_at";

fn prompt(row: &Row<'_>) -> Result<Prompt> {
    let metadata: Option<String> = row.get("metadata")?;
    Ok(Prompt {
        id: row.get("id")?,
        number: row.get("number")?,
        name: row.get("name")?,
        content: row.get("content")?,
        metadata: match metadata {
            Some(_) => Some(row.get::<Json<Map<String, Value>>>("metadata")?.0),
            None => None,
        },
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// By name, after the given one; `words` are looked for in names and contents.
pub async fn list(tx: &mut Tx, scope: &Scope, words: Option<&str>, after: Option<&str>, limit: u32) -> Result<Vec<Prompt>> {
    let like = words.map(|w| format!("%{}%", w.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")));
    tx.query(&format!(
        "SELECT {COLUMNS} FROM prompt
          WHERE tenant = $1 AND name > $2
            AND (LOWER(name) LIKE $3 ESCAPE '\\' OR LOWER(content) LIKE $3 ESCAPE '\\')
          ORDER BY name LIMIT $4"
    ))
    .bind(scope.tenant())
    .bind(after.unwrap_or_default())
    .bind(like.as_deref().unwrap_or("%"))
    .bind(limit)
    .all(prompt)
    .await
}

/// In the order of their numbers, as the predecessor's clients page.
pub async fn numbered(tx: &mut Tx, scope: &Scope, skip: u32, limit: u32) -> Result<Vec<Prompt>> {
    tx.query(&format!("SELECT {COLUMNS} FROM prompt WHERE tenant = $1 ORDER BY number LIMIT $2 OFFSET $3"))
        .bind(scope.tenant())
        .bind(limit)
        .bind(skip)
        .all(prompt)
        .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &PromptId) -> Result<Option<Prompt>> {
    tx.query(&format!("SELECT {COLUMNS} FROM prompt WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(prompt)
        .await
}

pub async fn by_number(tx: &mut Tx, scope: &Scope, number: i64) -> Result<Option<Prompt>> {
    tx.query(&format!("SELECT {COLUMNS} FROM prompt WHERE tenant = $1 AND number = $2"))
        .bind(scope.tenant())
        .bind(number)
        .optional(prompt)
        .await
}

pub async fn by_name(tx: &mut Tx, scope: &Scope, name: &str) -> Result<Option<Prompt>> {
    tx.query(&format!("SELECT {COLUMNS} FROM prompt WHERE tenant = $1 AND name = $2"))
        .bind(scope.tenant())
        .bind(name)
        .optional(prompt)
        .await
}

/// Gives it its number. `None` when the name is taken.
pub async fn insert(tx: &mut Tx, scope: &Scope, p: &Prompt) -> Result<Option<Prompt>> {
    let taken = tx
        .query("SELECT 1 AS one FROM prompt WHERE tenant = $1 AND name = $2")
        .bind(scope.tenant())
        .bind(p.name.as_str())
        .optional(|_| Ok(()))
        .await?;
    if taken.is_some() {
        // No number is spent on it.
        return Ok(None);
    }
    let number = counters::next(tx, scope, "prompt").await?;
    let kept = tx
        .query(
            "INSERT INTO prompt (tenant, id, number, name, content, metadata, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (tenant, name) DO NOTHING",
        )
        .bind(scope.tenant())
        .bind(&p.id)
        .bind(number)
        .bind(p.name.as_str())
        .bind(p.content.as_str())
        .bind(p.metadata.as_ref().map(Json))
        .bind(p.created_at)
        .execute()
        .await?;
    Ok((kept > 0).then(|| Prompt { number, updated_at: p.created_at, ..p.clone() }))
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    Kept,
    /// Somebody else has this name.
    NameTaken,
    /// It is gone, or was changed since it was read.
    Stale,
}

/// Changes name, content and metadata of what was last changed `as_of`.
pub async fn update(tx: &mut Tx, scope: &Scope, p: &Prompt, as_of: Timestamp) -> Result<Changed> {
    if by_name(tx, scope, &p.name).await?.is_some_and(|other| other.id != p.id) {
        return Ok(Changed::NameTaken);
    }
    let changed = tx
        .query(
            "UPDATE prompt SET name = $3, content = $4, metadata = $5, updated_at = $6
              WHERE tenant = $1 AND id = $2 AND updated_at = $7",
        )
        .bind(scope.tenant())
        .bind(&p.id)
        .bind(p.name.as_str())
        .bind(p.content.as_str())
        .bind(p.metadata.as_ref().map(Json))
        .bind(p.updated_at)
        .bind(as_of)
        .execute()
        .await;
    match changed {
        Ok(0) => Ok(Changed::Stale),
        Ok(_) => Ok(Changed::Kept),
        Err(e) => Err(e),
    }
}

/// The change lost a race for its name: its unit of work was undone.
pub fn is_name_taken(e: &Error) -> bool {
    matches!(e, Error::Conflict(_))
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: &PromptId) -> Result<bool> {
    tx.query("DELETE FROM prompt WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}
