//! Connected accounts, and which tenant a vendor's account belongs to.

use std::collections::BTreeMap;

use frontdesk_kernel::{Scope, Timestamp, ids::*, scope::Server};
use serde_json::{Map, Value};

use crate::{Result, Tx, query::Row, values::Json};

/// A channel as stored; `secrets` are sealed (see `vault`).
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    pub id: ChannelId,
    pub tenant: TenantId,
    pub kind: String,
    pub account: String,
    pub name: String,
    pub settings: Map<String, Value>,
    pub secrets: BTreeMap<String, String>,
    pub agent: Option<AgentId>,
    /// The branch that it answers for; `None`: every one.
    pub location: Option<LocationId>,
    /// Outgoing calls are recorded instead of sent.
    pub mock: bool,
    pub active: bool,
    /// Why nothing is sent (token expired …); cleared by a person.
    pub paused_reason: Option<String>,
    pub last_error: Option<String>,
    pub last_error_at: Option<Timestamp>,
    pub last_echo_at: Option<Timestamp>,
    /// The vendor's handshake succeeded.
    pub verified_at: Option<Timestamp>,
    /// A webhook of this account came in.
    pub webhook_at: Option<Timestamp>,
    /// Why one was refused, and when.
    pub webhook_problem: Option<String>,
    pub webhook_problem_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

const COLUMNS: &str =
    "id, tenant, kind, account, name, settings, secrets, agent, location, mock, active, paused_reason, last_error, last_error_at,
                       last_echo_at, verified_at, webhook_at, webhook_problem, webhook_problem_at, created_at, updated_at";

fn channel(row: &Row<'_>) -> Result<Channel> {
    Ok(Channel {
        id: row.get("id")?,
        tenant: row.get("tenant")?,
        kind: row.get("kind")?,
        account: row.get("account")?,
        name: row.get("name")?,
        settings: row.get::<Json<Map<String, Value>>>("settings")?.0,
        secrets: row.get::<Json<BTreeMap<String, String>>>("secrets")?.0,
        agent: row.get("agent")?,
        location: row.get("location")?,
        mock: row.get("mock")?,
        active: row.get("active")?,
        paused_reason: row.get("paused_reason")?,
        last_error: row.get("last_error")?,
        last_error_at: row.get("last_error_at")?,
        last_echo_at: row.get("last_echo_at")?,
        verified_at: row.get("verified_at")?,
        webhook_at: row.get("webhook_at")?,
        webhook_problem: row.get("webhook_problem")?,
        webhook_problem_at: row.get("webhook_problem_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

pub async fn list(tx: &mut Tx, scope: &Scope) -> Result<Vec<Channel>> {
    tx.query(&format!("SELECT {COLUMNS} FROM channel WHERE tenant = $1 ORDER BY created_at, id"))
        .bind(scope.tenant())
        .all(channel)
        .await
}

/// Of every tenant: for routing and signature checks.
pub async fn all(tx: &mut Tx, _: &Server) -> Result<Vec<Channel>> {
    tx.query(&format!("SELECT {COLUMNS} FROM channel ORDER BY tenant, id")).all(channel).await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &ChannelId) -> Result<Option<Channel>> {
    tx.query(&format!("SELECT {COLUMNS} FROM channel WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(channel)
        .await
}

/// Connects an account. `false` when a tenant has it already.
pub async fn insert(tx: &mut Tx, scope: &Scope, c: &Channel) -> Result<bool> {
    let routed = tx
        .query("INSERT INTO route (kind, account, of_tenant, channel) VALUES ($1, $2, $3, $4) ON CONFLICT (kind, account) DO NOTHING")
        .bind(c.kind.as_str()).bind(c.account.as_str()).bind(scope.tenant()).bind(&c.id)
        .execute()
        .await?;
    if routed == 0 {
        return Ok(false);
    }
    tx.query(
        "INSERT INTO channel (tenant, id, kind, account, name, settings, secrets, agent, mock, active, created_at, updated_at, location)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)",
    )
    .bind(scope.tenant())
    .bind(&c.id)
    .bind(c.kind.as_str())
    .bind(c.account.as_str())
    .bind(c.name.as_str())
    .bind(Json(&c.settings))
    .bind(Json(&c.secrets))
    .bind(c.agent.as_ref())
    .bind(c.mock)
    .bind(c.active)
    .bind(c.created_at)
    .bind(c.location.as_ref())
    .put()
    .await?;
    Ok(true)
}

/// Everything but kind and account.
pub async fn update(tx: &mut Tx, scope: &Scope, c: &Channel) -> Result<bool> {
    tx.query(
        "UPDATE channel SET name = $3, settings = $4, secrets = $5, agent = $6, mock = $7, active = $8, paused_reason = $9, updated_at = $10,
                location = $11
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant()).bind(&c.id).bind(c.name.as_str()).bind(Json(&c.settings)).bind(Json(&c.secrets)).bind(c.agent.as_ref())
    .bind(c.mock).bind(c.active).bind(c.paused_reason.as_deref()).bind(c.updated_at).bind(c.location.as_ref())
    .execute()
    .await
    .map(|n| n > 0)
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: &ChannelId) -> Result<bool> {
    tx.query("DELETE FROM route WHERE of_tenant = $1 AND channel = $2").bind(scope.tenant()).bind(id).put().await?;
    tx.query("DELETE FROM channel WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}

/// The last fault, in words; `stop` pauses the account until a person clears it.
pub async fn report_fault(tx: &mut Tx, scope: &Scope, id: &ChannelId, fault: &str, stop: bool, now: Timestamp) -> Result<()> {
    tx.query(
        "UPDATE channel SET last_error = $3, last_error_at = $4, paused_reason = CASE WHEN $5 THEN $3 ELSE paused_reason END
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(fault)
    .bind(now)
    .bind(stop)
    .put()
    .await
}

/// What the vendor's side was heard to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knock {
    /// The set-up handshake, with the right token.
    Handshake,
    Webhook,
    /// A webhook that was not taken, and why.
    Refused(&'static str),
}

/// Notes it, for whoever connects the channel and watches. Not a change of the channel: nothing is reread for it.
pub async fn note(tx: &mut Tx, scope: &Scope, id: &ChannelId, knock: &Knock, now: Timestamp) -> Result<()> {
    let (sql, problem) = match knock {
        Knock::Handshake => ("UPDATE channel SET verified_at = $3 WHERE tenant = $1 AND id = $2", None),
        Knock::Webhook => ("UPDATE channel SET webhook_at = $3 WHERE tenant = $1 AND id = $2", None),
        Knock::Refused(why) => {
            ("UPDATE channel SET webhook_problem_at = $3, webhook_problem = $4 WHERE tenant = $1 AND id = $2", Some(*why))
        }
    };
    let query = tx.query(sql).bind(scope.tenant()).bind(id).bind(now);
    let query = if problem.is_some() { query.bind(problem) } else { query };
    query.put().await
}
