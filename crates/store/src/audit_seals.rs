//! The chain over the audit log. Who writes an entry does not wait for it: entries are sealed after their commit, one after the other.

use frontdesk_kernel::{Scope, Timestamp, ids::*, scope::Server};

use crate::{Result, Tx, query::row};

/// An entry exactly as it is stored, and its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub id: String,
    pub actor_kind: String,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub detail: String,
    pub at: i64,
    pub n: Option<i64>,
    pub seal: Option<String>,
}

const COLUMNS: &str = "id, actor_kind, actor, action, subject, detail, at, n, seal";

/// Businesses with entries from before then that are not sealed.
pub async fn waiting(tx: &mut Tx, _: &Server, before: Timestamp, limit: u32) -> Result<Vec<TenantId>> {
    tx.query("SELECT DISTINCT tenant FROM audit WHERE n IS NULL AND at < $1 ORDER BY tenant LIMIT $2")
        .bind(before)
        .bind(limit)
        .all(|row| row.get("tenant"))
        .await
}

/// Entries from before then that are not sealed, oldest first.
pub async fn unsealed(tx: &mut Tx, scope: &Scope, before: Timestamp, limit: u32) -> Result<Vec<Link>> {
    tx.query(&format!("SELECT {COLUMNS} FROM audit WHERE tenant = $1 AND n IS NULL AND at < $2 ORDER BY at, id LIMIT $3"))
        .bind(scope.tenant())
        .bind(before)
        .bind(limit)
        .all(row!(Link { id, actor_kind, actor, action, subject, detail, at, n, seal }))
        .await
}

/// The last link; two that seal at once agree on it by its number, which only one of them can continue.
pub async fn last(tx: &mut Tx, scope: &Scope) -> Result<Option<Link>> {
    tx.query(&format!("SELECT {COLUMNS} FROM audit WHERE tenant = $1 AND n IS NOT NULL ORDER BY n DESC LIMIT 1"))
        .bind(scope.tenant())
        .optional(row!(Link { id, actor_kind, actor, action, subject, detail, at, n, seal }))
        .await
}

/// Gives an entry its place. `false`: it has one already.
pub async fn seal(tx: &mut Tx, scope: &Scope, id: &str, n: i64, seal: &str) -> Result<bool> {
    tx.query("UPDATE audit SET n = $3, seal = $4 WHERE tenant = $1 AND id = $2 AND n IS NULL")
        .bind(scope.tenant())
        .bind(id)
        .bind(n)
        .bind(seal)
        .execute()
        .await
        .map(|changed| changed > 0)
}

/// The links behind a number, in order.
pub async fn after(tx: &mut Tx, scope: &Scope, n: i64, limit: u32) -> Result<Vec<Link>> {
    tx.query(&format!("SELECT {COLUMNS} FROM audit WHERE tenant = $1 AND n > $2 ORDER BY n LIMIT $3"))
        .bind(scope.tenant())
        .bind(n)
        .bind(limit)
        .all(row!(Link { id, actor_kind, actor, action, subject, detail, at, n, seal }))
        .await
}
