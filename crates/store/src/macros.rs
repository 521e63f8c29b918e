//! Saved replies that everybody of a business shares.

use frontdesk_kernel::{Scope, Timestamp, ids::MacroId};

use crate::{
    Result, Tx,
    query::{Row, row},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    pub id: MacroId,
    pub name: String,
    /// With places such as `{{contact.name}}`.
    pub text: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "id, name, text, created_at, updated_at";

fn saved(r: &Row<'_>) -> Result<Macro> {
    row!(Macro { id, name, text, created_at, updated_at })(r)
}

/// A name that is taken is a `Conflict`.
pub async fn insert(tx: &mut Tx, scope: &Scope, m: &Macro) -> Result<()> {
    tx.query("INSERT INTO macro (tenant, id, name, text, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(scope.tenant())
        .bind(&m.id)
        .bind(&m.name)
        .bind(&m.text)
        .bind(m.created_at)
        .bind(m.updated_at)
        .put()
        .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &MacroId) -> Result<Option<Macro>> {
    tx.query(&format!("SELECT {COLUMNS} FROM macro WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(saved)
        .await
}

/// By name, after the given one.
pub async fn list(tx: &mut Tx, scope: &Scope, after: Option<&str>, limit: u32) -> Result<Vec<Macro>> {
    tx.query(&format!("SELECT {COLUMNS} FROM macro WHERE tenant = $1 AND name > $2 ORDER BY name LIMIT $3"))
        .bind(scope.tenant())
        .bind(after.unwrap_or_default())
        .bind(limit)
        .all(saved)
        .await
}

pub async fn update(tx: &mut Tx, scope: &Scope, m: &Macro) -> Result<bool> {
    tx.query("UPDATE macro SET name = $3, text = $4, updated_at = $5 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(&m.id)
        .bind(&m.name)
        .bind(&m.text)
        .bind(m.updated_at)
        .execute()
        .await
        .map(|n| n > 0)
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: &MacroId) -> Result<bool> {
    tx.query("DELETE FROM macro WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}
