//! Agents and their versions; model keys of a tenant's own.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Scope, Timestamp,
    agent::{Agent, AgentSpec},
    ids::AgentId,
    scope::Server,
};

use crate::{Result, Tx, query::Row, values::Json};

const SELECT: &str = "SELECT a.id, a.name, a.is_default, a.published, v.spec, a.tenant
                        FROM agent a JOIN agent_version v ON v.tenant = a.tenant AND v.agent = a.id AND v.version = a.published";

fn agent(row: &Row<'_>) -> Result<Agent> {
    Ok(Agent {
        id: row.get("id")?,
        name: row.get("name")?,
        is_default: row.get("is_default")?,
        version: row.get("published")?,
        spec: row.get::<Json<AgentSpec>>("spec")?.0,
    })
}

pub async fn list(tx: &mut Tx, scope: &Scope) -> Result<Vec<Agent>> {
    tx.query(&format!("{SELECT} WHERE a.tenant = $1 ORDER BY a.is_default DESC, a.name")).bind(scope.tenant()).all(agent).await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &AgentId) -> Result<Option<Agent>> {
    tx.query(&format!("{SELECT} WHERE a.tenant = $1 AND a.id = $2")).bind(scope.tenant()).bind(id).optional(agent).await
}

/// A new agent with version 1 published.
pub async fn insert(tx: &mut Tx, scope: &Scope, a: &Agent, now: Timestamp) -> Result<()> {
    if a.is_default {
        no_default(tx, scope, now).await?;
    }
    tx.query(
        "INSERT INTO agent (tenant, id, name, is_default, published, created_at, updated_at) VALUES ($1, $2, $3, $4, 1, $5, $5)",
    )
    .bind(scope.tenant())
    .bind(&a.id)
    .bind(a.name.as_str())
    .bind(a.is_default)
    .bind(now)
    .put()
    .await?;
    add_version(tx, scope, &a.id, 1, &a.spec, "first version", now).await
}

/// Publishes a new version; returns its number, `None` when there is no such agent.
pub async fn publish(
    tx: &mut Tx,
    scope: &Scope,
    id: &AgentId,
    spec: &AgentSpec,
    note: &str,
    now: Timestamp,
) -> Result<Option<i64>> {
    let version = tx
        .query("SELECT CAST(MAX(version) AS BIGINT) AS n FROM agent_version WHERE tenant = $1 AND agent = $2")
        .bind(scope.tenant())
        .bind(id)
        .one(|row| row.get::<Option<i64>>("n"))
        .await?;
    let Some(version) = version.map(|v| v + 1) else { return Ok(None) };
    add_version(tx, scope, id, version, spec, note, now).await?;
    tx.query("UPDATE agent SET published = $3, updated_at = $4 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(version)
        .bind(now)
        .put()
        .await?;
    Ok(Some(version))
}

async fn add_version(
    tx: &mut Tx,
    scope: &Scope,
    id: &AgentId,
    version: i64,
    spec: &AgentSpec,
    note: &str,
    now: Timestamp,
) -> Result<()> {
    tx.query("INSERT INTO agent_version (tenant, agent, version, spec, note, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(scope.tenant())
        .bind(id)
        .bind(version)
        .bind(Json(spec))
        .bind(note)
        .bind(now)
        .put()
        .await
}

/// Renames an agent or makes it the default.
pub async fn update(tx: &mut Tx, scope: &Scope, id: &AgentId, name: &str, is_default: bool, now: Timestamp) -> Result<bool> {
    if is_default {
        no_default(tx, scope, now).await?;
    }
    tx.query("UPDATE agent SET name = $3, is_default = $4, updated_at = $5 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(name)
        .bind(is_default)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

async fn no_default(tx: &mut Tx, scope: &Scope, now: Timestamp) -> Result<()> {
    tx.query("UPDATE agent SET is_default = FALSE, updated_at = $2 WHERE tenant = $1 AND is_default")
        .bind(scope.tenant())
        .bind(now)
        .put()
        .await
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: &AgentId) -> Result<bool> {
    for table in ["agent_version", "agent_draft"] {
        let sql = format!("DELETE FROM {table} WHERE tenant = $1 AND agent = $2");
        tx.query(&sql).bind(scope.tenant()).bind(id).put().await?;
    }
    tx.query("DELETE FROM agent WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}

/// Sealed model keys by vendor.
pub async fn model_keys(tx: &mut Tx, scope: &Scope) -> Result<BTreeMap<String, String>> {
    tx.query("SELECT vendor, secret FROM model_key WHERE tenant = $1")
        .bind(scope.tenant())
        .all(|row| Ok((row.get("vendor")?, row.get("secret")?)))
        .await
        .map(|keys| keys.into_iter().collect())
}

pub async fn set_model_key(tx: &mut Tx, scope: &Scope, vendor: &str, sealed: Option<&str>, now: Timestamp) -> Result<()> {
    match sealed {
        Some(sealed) => {
            tx.query(
                "INSERT INTO model_key (tenant, vendor, secret, updated_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (tenant, vendor) DO UPDATE SET secret = excluded.secret, updated_at = excluded.updated_at",
            )
            .bind(scope.tenant())
            .bind(vendor)
            .bind(sealed)
            .bind(now)
            .execute()
            .await
        }
        None => {
            tx.query("DELETE FROM model_key WHERE tenant = $1 AND vendor = $2").bind(scope.tenant()).bind(vendor).execute().await
        }
    }
    .map(drop)
}

/// The latest change of anything that a running server keeps in memory: channels, agents, tools, tenants, calendar lists.
pub async fn latest_change(tx: &mut Tx, _: &Server) -> Result<(i64, i64)> {
    tx.query(
        "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) AS n, CAST(COALESCE(MAX(at), 0) AS BIGINT) AS at FROM (
            SELECT COUNT(*) AS n, MAX(updated_at) AS at FROM tenant
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM channel
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM agent
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM http_tool
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM tool_secret
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM mcp_server
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM mcp_tool
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM till
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM service
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM staff
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM location
            UNION ALL SELECT COUNT(*), MAX(updated_at) FROM model_key) AS changes",
    )
    .one(|row| Ok((row.get("n")?, row.get("at")?)))
    .await
}
