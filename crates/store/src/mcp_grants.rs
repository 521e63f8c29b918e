//! Access to servers of tools that people consented to. The sealed tokens are new with every renewal: whoever writes must name those it read.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{McpServerId, UserId},
    oauth::{Client, Giver},
};

use crate::{Result, Tx, query::Row, values::Json};

const COLUMNS: &str = "server, url, resource, giver, client, client_sealed, scope, sealed, expires_at, problem, person, connected_at, \
                       failures, retry_at, refused_at";

#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    pub server: McpServerId,
    /// The server that it was given for. It goes nowhere else.
    pub url: String,
    /// What that server is called where access is given (RFC 8707).
    pub resource: String,
    pub giver: Giver,
    pub client: Client,
    pub client_sealed: Option<String>,
    /// As it was given.
    pub scope: String,
    /// The tokens. `None`: they are not good any more, and a person has to consent again.
    pub sealed: Option<String>,
    /// `None`: nobody knows.
    pub expires_at: Option<Timestamp>,
    /// Why there is no access any more, or why it was not renewed the last time.
    pub problem: Option<String>,
    pub person: UserId,
    pub connected_at: Timestamp,
    /// Renewals in a row that came to nothing.
    pub failures: i64,
    /// Nobody is asked to renew it before.
    pub retry_at: Option<Timestamp>,
    /// The server did not take what was just given.
    pub refused_at: Option<Timestamp>,
}

fn grant(row: &Row<'_>) -> Result<Grant> {
    Ok(Grant {
        server: row.get("server")?,
        url: row.get("url")?,
        resource: row.get("resource")?,
        giver: row.get::<Json<Giver>>("giver")?.0,
        client: row.get::<Json<Client>>("client")?.0,
        client_sealed: row.get("client_sealed")?,
        scope: row.get("scope")?,
        sealed: row.get("sealed")?,
        expires_at: row.get("expires_at")?,
        problem: row.get("problem")?,
        person: row.get("person")?,
        connected_at: row.get("connected_at")?,
        failures: row.get("failures")?,
        retry_at: row.get("retry_at")?,
        refused_at: row.get("refused_at")?,
    })
}

pub async fn get(tx: &mut Tx, scope: &Scope, server: &McpServerId) -> Result<Option<Grant>> {
    tx.query(&format!("SELECT {COLUMNS} FROM mcp_grant WHERE tenant = $1 AND server = $2"))
        .bind(scope.tenant())
        .bind(server)
        .optional(grant)
        .await
}

/// Of every server.
pub async fn all(tx: &mut Tx, scope: &Scope) -> Result<Vec<Grant>> {
    tx.query(&format!("SELECT {COLUMNS} FROM mcp_grant WHERE tenant = $1 ORDER BY server LIMIT 100"))
        .bind(scope.tenant())
        .all(grant)
        .await
}

/// A person consented. What was there before is replaced.
pub async fn put(tx: &mut Tx, scope: &Scope, g: &Grant) -> Result<()> {
    tx.query(
        "INSERT INTO mcp_grant (tenant, server, url, resource, giver, client, client_sealed, scope, sealed, expires_at, problem, person,
                connected_at, renewing_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL)
         ON CONFLICT (tenant, server) DO UPDATE SET url = excluded.url, resource = excluded.resource, giver = excluded.giver,
                client = excluded.client, client_sealed = excluded.client_sealed, scope = excluded.scope, sealed = excluded.sealed,
                expires_at = excluded.expires_at, problem = excluded.problem, person = excluded.person,
                connected_at = excluded.connected_at, renewing_until = NULL, failures = 0, retry_at = NULL, refused_at = NULL",
    )
    .bind(scope.tenant())
    .bind(&g.server)
    .bind(g.url.as_str())
    .bind(g.resource.as_str())
    .bind(Json(&g.giver))
    .bind(Json(&g.client))
    .bind(g.client_sealed.as_deref())
    .bind(g.scope.as_str())
    .bind(g.sealed.as_deref())
    .bind(g.expires_at)
    .bind(g.problem.as_deref())
    .bind(&g.person)
    .bind(g.connected_at)
    .put()
    .await
}

/// Whoever gets it fetches new tokens instead of these, alone until then. `false`: somebody else does, or did.
pub async fn claim(
    tx: &mut Tx,
    scope: &Scope,
    server: &McpServerId,
    sealed: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool> {
    tx.query(
        "UPDATE mcp_grant SET renewing_until = $5
          WHERE tenant = $1 AND server = $2 AND sealed = $3 AND (renewing_until IS NULL OR renewing_until <= $4)",
    )
    .bind(scope.tenant())
    .bind(server)
    .bind(sealed)
    .bind(now)
    .bind(until)
    .execute()
    .await
    .map(|n| n > 0)
}

/// There are no new tokens this time, and why: others may try from `retry_at` on. How often in a row; `None`: others are there by now.
pub async fn put_off(
    tx: &mut Tx,
    scope: &Scope,
    server: &McpServerId,
    sealed: &str,
    problem: &str,
    retry_at: Timestamp,
) -> Result<Option<i64>> {
    tx.query(
        "UPDATE mcp_grant SET renewing_until = NULL, failures = failures + 1, problem = $4, retry_at = $5
          WHERE tenant = $1 AND server = $2 AND sealed = $3 RETURNING failures",
    )
    .bind(scope.tenant())
    .bind(server)
    .bind(sealed)
    .bind(problem)
    .bind(retry_at)
    .optional(|row| row.get("failures"))
    .await
}

/// The server does not take these, although they are as good as new. `true`: it is said for the first time.
pub async fn refused(tx: &mut Tx, scope: &Scope, server: &McpServerId, sealed: &str, now: Timestamp) -> Result<bool> {
    for (which, first) in [("refused_at IS NULL", true), ("refused_at < $4", false)] {
        let sql = format!("UPDATE mcp_grant SET refused_at = $4 WHERE tenant = $1 AND server = $2 AND sealed = $3 AND {which}");
        if tx.query(&sql).bind(scope.tenant()).bind(server).bind(sealed).bind(now).execute().await? > 0 {
            return Ok(first);
        }
    }
    Ok(false)
}

/// The server takes them again.
pub async fn accepted(tx: &mut Tx, scope: &Scope, server: &McpServerId) -> Result<()> {
    tx.query("UPDATE mcp_grant SET refused_at = NULL WHERE tenant = $1 AND server = $2 AND refused_at IS NOT NULL")
        .bind(scope.tenant())
        .bind(server)
        .put()
        .await
}

/// New tokens instead of those; said twice it is the same. `false`: those were replaced or dropped meanwhile.
pub async fn renewed(
    tx: &mut Tx,
    scope: &Scope,
    server: &McpServerId,
    before: &str,
    sealed: &str,
    expires_at: Option<Timestamp>,
) -> Result<bool> {
    tx.query(
        "UPDATE mcp_grant SET sealed = $4, expires_at = $5, problem = NULL, renewing_until = NULL, failures = 0, retry_at = NULL
          WHERE tenant = $1 AND server = $2 AND sealed IN ($3, $4)",
    )
    .bind(scope.tenant())
    .bind(server)
    .bind(before)
    .bind(sealed)
    .bind(expires_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// These tokens are not good any more: they are dropped, and a person has to consent again. `false`: others are there by now, or none.
pub async fn lapse(tx: &mut Tx, scope: &Scope, server: &McpServerId, sealed: &str, problem: &str) -> Result<bool> {
    tx.query(
        "UPDATE mcp_grant SET sealed = NULL, expires_at = NULL, problem = $4, renewing_until = NULL, failures = 0, retry_at = NULL,
                refused_at = NULL
          WHERE tenant = $1 AND server = $2 AND sealed = $3",
    )
    .bind(scope.tenant())
    .bind(server)
    .bind(sealed)
    .bind(problem)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Nobody has it any more; what it was.
pub async fn take(tx: &mut Tx, scope: &Scope, server: &McpServerId) -> Result<Option<Grant>> {
    tx.query(&format!("DELETE FROM mcp_grant WHERE tenant = $1 AND server = $2 RETURNING {COLUMNS}"))
        .bind(scope.tenant())
        .bind(server)
        .optional(grant)
        .await
}
