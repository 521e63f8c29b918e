//! The account through which a business takes payments, its credentials sealed.

use frontdesk_kernel::{Scope, Timestamp, ids::TenantId, scope::Server};
use serde_json::{Map, Value};

use crate::{Result, Tx, query::Row, values::Json};

#[derive(Debug, Clone, PartialEq)]
pub struct Till {
    pub tenant: TenantId,
    /// The vendor's key.
    pub vendor: String,
    pub sealed_key: String,
    /// What reports are signed with; several while one is being replaced.
    pub sealed_secrets: Vec<String>,
    /// What may be asked for through it.
    pub rules: Map<String, Value>,
    pub updated_at: Timestamp,
}

fn till(r: &Row<'_>) -> Result<Till> {
    Ok(Till {
        tenant: r.get("tenant")?,
        vendor: r.get("vendor")?,
        sealed_key: r.get("sealed_key")?,
        sealed_secrets: r.get::<Json<Vec<String>>>("sealed_secrets")?.0,
        rules: r.get::<Json<Map<String, Value>>>("rules")?.0,
        updated_at: r.get("updated_at")?,
    })
}

const COLUMNS: &str = "tenant, vendor, sealed_key, sealed_secrets, rules, updated_at";

pub async fn get(tx: &mut Tx, scope: &Scope) -> Result<Option<Till>> {
    tx.query(&format!("SELECT {COLUMNS} FROM till WHERE tenant = $1")).bind(scope.tenant()).optional(till).await
}

/// Of every tenant: whoever signed a report is found among them.
pub async fn all(tx: &mut Tx, _: &Server) -> Result<Vec<Till>> {
    tx.query(&format!("SELECT {COLUMNS} FROM till ORDER BY tenant")).all(till).await
}

pub async fn put(tx: &mut Tx, scope: &Scope, t: &Till) -> Result<()> {
    tx.query(
        "INSERT INTO till (tenant, vendor, sealed_key, sealed_secrets, rules, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant) DO UPDATE SET vendor = excluded.vendor, sealed_key = excluded.sealed_key,
            sealed_secrets = excluded.sealed_secrets, rules = excluded.rules, updated_at = excluded.updated_at",
    )
    .bind(scope.tenant())
    .bind(t.vendor.as_str())
    .bind(t.sealed_key.as_str())
    .bind(Json(&t.sealed_secrets))
    .bind(Json(&t.rules))
    .bind(t.updated_at)
    .put()
    .await
}

pub async fn delete(tx: &mut Tx, scope: &Scope) -> Result<bool> {
    tx.query("DELETE FROM till WHERE tenant = $1").bind(scope.tenant()).execute().await.map(|n| n > 0)
}
