//! Versions of agents, and the drafts they are made from.

use frontdesk_kernel::{Scope, Timestamp, agent::AgentSpec, ids::AgentId};

use crate::{Result, Tx, query::Row, values::Json};

/// What was published once.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub version: i64,
    pub spec: AgentSpec,
    pub note: String,
    /// Id of the person or key that published it.
    pub author: Option<String>,
    /// Their name, while they are known.
    pub author_name: Option<String>,
    pub created_at: Timestamp,
}

const SELECT: &str = "SELECT v.version, v.spec, v.note, v.author, v.created_at,
                             COALESCE((SELECT p.name FROM person p WHERE p.id = v.author),
                                      (SELECT k.name FROM api_key k WHERE k.tenant = v.tenant AND k.id = v.author)) AS author_name
                        FROM agent_version v";

fn version(row: &Row<'_>) -> Result<Version> {
    Ok(Version {
        version: row.get("version")?,
        spec: row.get::<Json<AgentSpec>>("spec")?.0,
        note: row.get("note")?,
        author: row.get("author")?,
        author_name: row.get("author_name")?,
        created_at: row.get("created_at")?,
    })
}

/// Newest first, before the given one.
pub async fn list(tx: &mut Tx, scope: &Scope, agent: &AgentId, before: Option<i64>, limit: u32) -> Result<Vec<Version>> {
    tx.query(&format!("{SELECT} WHERE v.tenant = $1 AND v.agent = $2 AND v.version < $3 ORDER BY v.version DESC LIMIT $4"))
        .bind(scope.tenant())
        .bind(agent)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .all(version)
        .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, agent: &AgentId, n: i64) -> Result<Option<Version>> {
    tx.query(&format!("{SELECT} WHERE v.tenant = $1 AND v.agent = $2 AND v.version = $3"))
        .bind(scope.tenant())
        .bind(agent)
        .bind(n)
        .optional(version)
        .await
}

/// Notes who published a version.
pub async fn sign(tx: &mut Tx, scope: &Scope, agent: &AgentId, n: i64, author: &str) -> Result<()> {
    tx.query("UPDATE agent_version SET author = $4 WHERE tenant = $1 AND agent = $2 AND version = $3")
        .bind(scope.tenant())
        .bind(agent)
        .bind(n)
        .bind(author)
        .put()
        .await
}

/// What somebody is writing.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub spec: AgentSpec,
    /// The version it was begun from.
    pub based_on: i64,
    pub updated_at: Timestamp,
}

pub async fn draft(tx: &mut Tx, scope: &Scope, agent: &AgentId) -> Result<Option<Draft>> {
    tx.query("SELECT spec, based_on, updated_at FROM agent_draft WHERE tenant = $1 AND agent = $2")
        .bind(scope.tenant())
        .bind(agent)
        .optional(|row| {
            Ok(Draft {
                spec: row.get::<Json<AgentSpec>>("spec")?.0,
                based_on: row.get("based_on")?,
                updated_at: row.get("updated_at")?,
            })
        })
        .await
}

/// Keeps a draft over the one that was last changed `as_of` (`None` = there was none). `false`: somebody else was faster.
pub async fn save_draft(tx: &mut Tx, scope: &Scope, agent: &AgentId, draft: &Draft, as_of: Option<Timestamp>) -> Result<bool> {
    let query = match as_of {
        Some(as_of) => tx
            .query(
                "UPDATE agent_draft SET spec = $3, based_on = $4, updated_at = $5
                  WHERE tenant = $1 AND agent = $2 AND updated_at = $6",
            )
            .bind(scope.tenant())
            .bind(agent)
            .bind(Json(&draft.spec))
            .bind(draft.based_on)
            .bind(draft.updated_at)
            .bind(as_of),
        None => tx
            .query(
                "INSERT INTO agent_draft (tenant, agent, spec, based_on, updated_at) VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (tenant, agent) DO NOTHING",
            )
            .bind(scope.tenant())
            .bind(agent)
            .bind(Json(&draft.spec))
            .bind(draft.based_on)
            .bind(draft.updated_at),
    };
    query.execute().await.map(|n| n > 0)
}

pub async fn drop_draft(tx: &mut Tx, scope: &Scope, agent: &AgentId) -> Result<bool> {
    tx.query("DELETE FROM agent_draft WHERE tenant = $1 AND agent = $2")
        .bind(scope.tenant())
        .bind(agent)
        .execute()
        .await
        .map(|n| n > 0)
}

/// An agent's times, for lists and for who changes it at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    pub agent: AgentId,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub drafted_at: Option<Timestamp>,
    pub published_at: Timestamp,
}

/// Of one agent, or of all.
pub async fn times(tx: &mut Tx, scope: &Scope, agent: Option<&AgentId>) -> Result<Vec<Times>> {
    tx.query(
        "SELECT a.id, a.created_at, a.updated_at, d.updated_at AS drafted_at, v.created_at AS published_at
           FROM agent a JOIN agent_version v ON v.tenant = a.tenant AND v.agent = a.id AND v.version = a.published
           LEFT JOIN agent_draft d ON d.tenant = a.tenant AND d.agent = a.id
          WHERE a.tenant = $1 AND ($2 = '' OR a.id = $2)",
    )
    .bind(scope.tenant())
    .bind(agent.map_or("", |a| a.as_str()))
    .all(|row| {
        Ok(Times {
            agent: row.get("id")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            drafted_at: row.get("drafted_at")?,
            published_at: row.get("published_at")?,
        })
    })
    .await
}
