//! Businesses.

use frontdesk_kernel::{
    Scope, Timestamp,
    profile::Profile,
    scope::Server,
    tenant::{Tenant, TenantSettings},
};

use crate::{Result, Tx, query::Row, values::Json};

const COLUMNS: &str =
    "tenant, name, business_type, time_zone, language, currency, profile, settings, active, created_at, updated_at";

fn tenant(row: &Row<'_>) -> Result<Tenant> {
    Ok(Tenant {
        id: row.get("tenant")?,
        name: row.get("name")?,
        business_type: row.get("business_type")?,
        time_zone: row.get("time_zone")?,
        language: row.get("language")?,
        currency: row.get("currency")?,
        profile: row.get::<Json<Profile>>("profile")?.0,
        settings: row.get::<Json<TenantSettings>>("settings")?.0,
        active: row.get("active")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

pub async fn list(tx: &mut Tx, _: &Server) -> Result<Vec<Tenant>> {
    tx.query(&format!("SELECT {COLUMNS} FROM tenant ORDER BY created_at, tenant")).all(tenant).await
}

pub async fn get(tx: &mut Tx, scope: &Scope) -> Result<Option<Tenant>> {
    tx.query(&format!("SELECT {COLUMNS} FROM tenant WHERE tenant = $1")).bind(scope.tenant()).optional(tenant).await
}

pub async fn insert(tx: &mut Tx, scope: &Scope, t: &Tenant) -> Result<()> {
    tx.query(
        "INSERT INTO tenant (tenant, name, business_type, time_zone, language, currency, profile, settings, active, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(scope.tenant()).bind(t.name.as_str()).bind(t.business_type.as_str()).bind(t.time_zone.as_str()).bind(t.language.as_str())
    .bind(t.currency.as_str()).bind(Json(&t.profile)).bind(Json(&t.settings)).bind(t.active).bind(t.created_at).bind(t.updated_at)
    .put()
    .await
}

pub async fn update(tx: &mut Tx, scope: &Scope, t: &Tenant) -> Result<bool> {
    tx.query(
        "UPDATE tenant SET name = $2, business_type = $3, time_zone = $4, language = $5, currency = $6, profile = $7, settings = $8,
                active = $9, updated_at = $10
          WHERE tenant = $1",
    )
    .bind(scope.tenant()).bind(t.name.as_str()).bind(t.business_type.as_str()).bind(t.time_zone.as_str()).bind(t.language.as_str())
    .bind(t.currency.as_str()).bind(Json(&t.profile)).bind(Json(&t.settings)).bind(t.active).bind(t.updated_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Writes the profile alone; `false` when somebody changed the tenant since it was `was`.
pub async fn update_profile(tx: &mut Tx, scope: &Scope, t: &Tenant, was: Timestamp) -> Result<bool> {
    tx.query("UPDATE tenant SET profile = $2, updated_at = $3 WHERE tenant = $1 AND updated_at = $4")
        .bind(scope.tenant())
        .bind(Json(&t.profile))
        .bind(t.updated_at)
        .bind(was)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Everything of a tenant, gone. Returns whether it existed.
pub async fn delete(tx: &mut Tx, scope: &Scope, _now: Timestamp) -> Result<bool> {
    tx.query("DELETE FROM route WHERE of_tenant = $1").bind(scope.tenant()).put().await?;
    tx.query("DELETE FROM mail WHERE of_tenant = $1").bind(scope.tenant()).put().await?;
    for table in crate::backup::tables().filter(|t| *t != "tenant" && crate::backup::has_tenant(t)) {
        tx.query(&format!("DELETE FROM {table} WHERE tenant = $1")).bind(scope.tenant()).put().await?;
    }
    tx.query("DELETE FROM tenant WHERE tenant = $1").bind(scope.tenant()).execute().await.map(|n| n > 0)
}
