//! Tools that businesses define themselves, and the secrets they send.

use frontdesk_kernel::{
    Scope, Timestamp,
    http_tool::{HttpTool, HttpToolSpec, Probe},
    ids::ToolId,
};

use crate::{
    Result, Tx,
    query::{Row, row},
    values::Json,
};

/// A sealed secret and where it may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolSecret {
    pub name: String,
    /// `host` or `host:port`.
    pub host: String,
    /// Where it buys tokens: then it goes there, and the tokens to `host`.
    pub token_host: Option<String>,
    pub sealed: String,
    /// Deleted with this tool.
    pub tool: Option<ToolId>,
    pub updated_at: Timestamp,
}

const COLUMNS: &str = "id, number, name, enabled, version, spec, probe, created_at, updated_at";

fn tool(row: &Row<'_>) -> Result<HttpTool> {
    Ok(HttpTool {
        id: row.get("id")?,
        number: row.get("number")?,
        name: row.get("name")?,
        enabled: row.get("enabled")?,
        version: row.get("version")?,
        spec: row.get::<Json<HttpToolSpec>>("spec")?.0,
        probe: row.get::<Option<Json<Probe>>>("probe")?.map(|v| v.0),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

/// By name. A business has some dozens, not thousands: `LIMIT` is a guard, the cap of `count` a rule.
pub async fn list(tx: &mut Tx, scope: &Scope) -> Result<Vec<HttpTool>> {
    tx.query(&format!("SELECT {COLUMNS} FROM http_tool WHERE tenant = $1 ORDER BY name LIMIT 1000"))
        .bind(scope.tenant())
        .all(tool)
        .await
}

/// By number, for the predecessor's list.
pub async fn page(tx: &mut Tx, scope: &Scope, skip: u32, limit: u32) -> Result<Vec<HttpTool>> {
    tx.query(&format!("SELECT {COLUMNS} FROM http_tool WHERE tenant = $1 ORDER BY number LIMIT $2 OFFSET $3"))
        .bind(scope.tenant())
        .bind(limit)
        .bind(skip)
        .all(tool)
        .await
}

pub async fn count(tx: &mut Tx, scope: &Scope) -> Result<i64> {
    tx.query("SELECT COUNT(*) AS n FROM http_tool WHERE tenant = $1").bind(scope.tenant()).one(|row| row.get("n")).await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &ToolId) -> Result<Option<HttpTool>> {
    tx.query(&format!("SELECT {COLUMNS} FROM http_tool WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(tool)
        .await
}

pub async fn by_number(tx: &mut Tx, scope: &Scope, number: i64) -> Result<Option<HttpTool>> {
    tx.query(&format!("SELECT {COLUMNS} FROM http_tool WHERE tenant = $1 AND number = $2"))
        .bind(scope.tenant())
        .bind(number)
        .optional(tool)
        .await
}

/// A new tool; its number is the next one. `false`: the name is taken.
pub async fn insert(tx: &mut Tx, scope: &Scope, t: &HttpTool) -> Result<bool> {
    tx.query(
        "INSERT INTO http_tool (tenant, id, number, name, enabled, version, spec, created_at, updated_at)
         SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $3, $4, 1, $5, $6, $6 FROM http_tool WHERE tenant = $1
         ON CONFLICT (tenant, name) DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(&t.id)
    .bind(t.name.as_str())
    .bind(t.enabled)
    .bind(Json(&t.spec))
    .bind(t.created_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Keeps a changed tool; its version counts up. `false`: there is no such tool. A taken name is a `Conflict`.
pub async fn update(tx: &mut Tx, scope: &Scope, t: &HttpTool) -> Result<bool> {
    tx.query(
        "UPDATE http_tool SET name = $3, enabled = $4, version = version + 1, spec = $5, updated_at = $6 WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(&t.id)
    .bind(t.name.as_str())
    .bind(t.enabled)
    .bind(Json(&t.spec))
    .bind(t.updated_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// What an example call came to. The tool itself is not changed by it.
pub async fn probed(tx: &mut Tx, scope: &Scope, id: &ToolId, probe: &Probe) -> Result<bool> {
    tx.query("UPDATE http_tool SET probe = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(Json(probe))
        .execute()
        .await
        .map(|n| n > 0)
}

/// With the secrets that are its own.
pub async fn delete(tx: &mut Tx, scope: &Scope, id: &ToolId) -> Result<bool> {
    tx.query("DELETE FROM tool_secret WHERE tenant = $1 AND tool = $2").bind(scope.tenant()).bind(id).put().await?;
    tx.query("DELETE FROM http_tool WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}

/// By name.
pub async fn secrets(tx: &mut Tx, scope: &Scope) -> Result<Vec<ToolSecret>> {
    tx.query(
        "SELECT name, host, token_host, sealed, tool, updated_at FROM tool_secret WHERE tenant = $1 ORDER BY name LIMIT 1000",
    )
    .bind(scope.tenant())
    .all(row!(ToolSecret { name, host, token_host, sealed, tool, updated_at }))
    .await
}

pub async fn put_secret(tx: &mut Tx, scope: &Scope, secret: &ToolSecret) -> Result<()> {
    tx.query(
        "INSERT INTO tool_secret (tenant, name, host, token_host, sealed, tool, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant, name) DO UPDATE SET host = excluded.host, token_host = excluded.token_host,
            sealed = excluded.sealed, tool = excluded.tool, updated_at = excluded.updated_at",
    )
    .bind(scope.tenant())
    .bind(secret.name.as_str())
    .bind(secret.host.as_str())
    .bind(secret.token_host.as_deref())
    .bind(secret.sealed.as_str())
    .bind(secret.tool.as_ref())
    .bind(secret.updated_at)
    .put()
    .await
}

pub async fn delete_secret(tx: &mut Tx, scope: &Scope, name: &str) -> Result<bool> {
    tx.query("DELETE FROM tool_secret WHERE tenant = $1 AND name = $2")
        .bind(scope.tenant())
        .bind(name)
        .execute()
        .await
        .map(|n| n > 0)
}
