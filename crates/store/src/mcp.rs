//! Servers that offer tools to the agents of a business, and what people decided about those tools.

pub mod due;

use frontdesk_kernel::{
    Scope, Timestamp,
    action::Level,
    http_tool::ToolEffect,
    ids::{McpServerId, ToolId},
    mcp::{Approved, Choice, Definition, Greeting, McpAuth, McpServer, McpTool},
};

use crate::{Error, Result, Tx, query::Row, values::Json};

const SERVER: &str =
    "id, name, title, url, auth, sealed, sealed_for, enabled, about, problem, notes, checked_at, version, created_at, updated_at";
const TOOL: &str = "id, server, name, shown_as, offered, offered_hash, present, approved, approved_hash, approved_by, approved_at, \
                    enabled, effect, repeatable, level, updated_at";

/// A server with its credential, sealed.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub server: McpServer,
    pub sealed: Option<String>,
    /// Who gives access that it is for, where it is a client's secret and somebody was asked already. Read, and written by `show_only` alone.
    pub sealed_for: Option<String>,
}

fn kept(row: &Row<'_>) -> Result<Kept> {
    let server = McpServer {
        id: row.get("id")?,
        name: row.get("name")?,
        title: row.get("title")?,
        url: row.get("url")?,
        auth: row.get::<Json<McpAuth>>("auth")?.0,
        enabled: row.get("enabled")?,
        about: row.get::<Option<Json<Greeting>>>("about")?.map(|v| v.0),
        problem: row.get("problem")?,
        notes: row.get::<Json<Vec<String>>>("notes")?.0,
        checked_at: row.get("checked_at")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    };
    Ok(Kept { server, sealed: row.get("sealed")?, sealed_for: row.get("sealed_for")? })
}

fn tool(row: &Row<'_>) -> Result<McpTool> {
    let approved = match row.get::<Option<Json<Definition>>>("approved")? {
        None => None,
        Some(definition) => Some(Approved {
            definition: definition.0,
            hash: row.get("approved_hash")?,
            by: row.get("approved_by")?,
            at: row.get("approved_at")?,
        }),
    };
    Ok(McpTool {
        id: row.get("id")?,
        server: row.get("server")?,
        shown_as: row.get("shown_as")?,
        offered: row.get::<Json<Definition>>("offered")?.0,
        offered_hash: row.get("offered_hash")?,
        present: row.get("present")?,
        approved,
        enabled: row.get("enabled")?,
        choice: Choice { effect: effect(row)?, repeatable: row.get("repeatable")?, level: row.get::<Option<Level>>("level")? },
        updated_at: row.get("updated_at")?,
    })
}

fn effect(row: &Row<'_>) -> Result<ToolEffect> {
    let text: String = row.get("effect")?;
    ToolEffect::parse(&text)
        .ok_or_else(|| Error::Unreadable { column: "effect".to_owned(), problem: "not a value of this type".to_owned() })
}

/// By name.
pub async fn servers(tx: &mut Tx, scope: &Scope) -> Result<Vec<Kept>> {
    tx.query(&format!("SELECT {SERVER} FROM mcp_server WHERE tenant = $1 ORDER BY name LIMIT 100"))
        .bind(scope.tenant())
        .all(kept)
        .await
}

pub async fn server(tx: &mut Tx, scope: &Scope, id: &McpServerId) -> Result<Option<Kept>> {
    tx.query(&format!("SELECT {SERVER} FROM mcp_server WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(kept)
        .await
}

/// On PostgreSQL nobody else changes it, or takes in its tools, until this unit of work is over.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &McpServerId) -> Result<Option<Kept>> {
    let sql = format!("SELECT {SERVER} FROM mcp_server WHERE tenant = $1 AND id = $2");
    tx.query_each(&sql, &format!("{sql} FOR UPDATE")).bind(scope.tenant()).bind(id).optional(kept).await
}

/// `false`: the name is taken.
pub async fn add(tx: &mut Tx, scope: &Scope, k: &Kept) -> Result<bool> {
    let s = &k.server;
    tx.query(
        "INSERT INTO mcp_server (tenant, id, name, title, url, auth, sealed, enabled, about, problem, notes, checked_at, version,
                created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL, '[]', NULL, 1, $9, $9)
         ON CONFLICT (tenant, name) DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(&s.id)
    .bind(s.name.as_str())
    .bind(s.title.as_str())
    .bind(s.url.as_str())
    .bind(Json(&s.auth))
    .bind(k.sealed.as_deref())
    .bind(s.enabled)
    .bind(s.created_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// What people may change of it; the version counts up. Another credential is for nobody yet. `false`: somebody changed it since `version`, or
/// it is gone.
pub async fn change(tx: &mut Tx, scope: &Scope, k: &Kept) -> Result<bool> {
    let s = &k.server;
    tx.query(
        "UPDATE mcp_server SET title = $3, url = $4, auth = $5, sealed = $6, enabled = $7, version = version + 1, updated_at = $8,
                sealed_for = CASE WHEN sealed = $6 THEN sealed_for ELSE NULL END
          WHERE tenant = $1 AND id = $2 AND version = $9",
    )
    .bind(scope.tenant())
    .bind(&s.id)
    .bind(s.title.as_str())
    .bind(s.url.as_str())
    .bind(Json(&s.auth))
    .bind(k.sealed.as_deref())
    .bind(s.enabled)
    .bind(s.updated_at)
    .bind(s.version)
    .execute()
    .await
    .map(|n| n > 0)
}

/// This credential is for whoever is named so, from now on. `false`: it is for somebody else, or another one is there.
pub async fn show_only(tx: &mut Tx, scope: &Scope, id: &McpServerId, sealed: &str, issuer: &str) -> Result<bool> {
    tx.query(
        "UPDATE mcp_server SET sealed_for = $4
          WHERE tenant = $1 AND id = $2 AND sealed = $3 AND (sealed_for IS NULL OR sealed_for = $4)",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(sealed)
    .bind(issuer)
    .execute()
    .await
    .map(|n| n > 0)
}

/// With its tools. The server first: who takes in its tools at this moment has done so, or finds no server. Access that
/// somebody consented to is taken before (`mcp_grants::take`).
pub async fn remove(tx: &mut Tx, scope: &Scope, id: &McpServerId) -> Result<bool> {
    let removed =
        tx.query("DELETE FROM mcp_server WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await?;
    tx.query("DELETE FROM mcp_tool WHERE tenant = $1 AND server = $2").bind(scope.tenant()).bind(id).put().await?;
    Ok(removed > 0)
}

/// It was asked, and answered. By itself it is asked again at `again`.
pub async fn answered(
    tx: &mut Tx,
    scope: &Scope,
    id: &McpServerId,
    about: &Greeting,
    notes: &[String],
    now: Timestamp,
    again: Timestamp,
) -> Result<()> {
    let notes = notes.to_vec();
    tx.query(
        "UPDATE mcp_server SET about = $3, problem = NULL, notes = $4, checked_at = $5, ask_at = $6 WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(Json(about))
    .bind(Json(&notes))
    .bind(now)
    .bind(again)
    .put()
    .await
}

/// It was asked in vain. By itself it is asked again at `again`.
pub async fn failed(tx: &mut Tx, scope: &Scope, id: &McpServerId, problem: &str, now: Timestamp, again: Timestamp) -> Result<()> {
    tx.query("UPDATE mcp_server SET problem = $3, checked_at = $4, ask_at = $5 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(problem)
        .bind(now)
        .bind(again)
        .put()
        .await
}

/// How many tools of a server there are, and how they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    pub server: McpServerId,
    pub present: i64,
    pub approved: i64,
    pub new: i64,
    pub changed: i64,
}

pub async fn counts(tx: &mut Tx, scope: &Scope) -> Result<Vec<Counts>> {
    let of = |what: &str| format!("CAST(SUM(CASE WHEN present AND {what} THEN 1 ELSE 0 END) AS BIGINT)");
    tx.query(&format!(
        "SELECT server, {} AS present, {} AS approved, {} AS fresh, {} AS changed FROM mcp_tool WHERE tenant = $1 GROUP BY server
          ORDER BY server",
        of("present"),
        of("enabled AND approved_hash = offered_hash"),
        of("approved IS NULL"),
        of("approved_hash <> offered_hash"),
    ))
    .bind(scope.tenant())
    .all(|row| {
        Ok(Counts {
            server: row.get("server")?,
            present: row.get("present")?,
            approved: row.get("approved")?,
            new: row.get("fresh")?,
            changed: row.get("changed")?,
        })
    })
    .await
}

/// Those of every server that a person said yes to, whatever became of them since; by the name that models see.
pub async fn approved(tx: &mut Tx, scope: &Scope) -> Result<Vec<McpTool>> {
    tx.query(&format!("SELECT {TOOL} FROM mcp_tool WHERE tenant = $1 AND approved IS NOT NULL ORDER BY shown_as LIMIT 1000"))
        .bind(scope.tenant())
        .all(tool)
        .await
}

pub async fn tools_of(tx: &mut Tx, scope: &Scope, server: &McpServerId) -> Result<Vec<McpTool>> {
    tx.query(&format!("SELECT {TOOL} FROM mcp_tool WHERE tenant = $1 AND server = $2 ORDER BY name LIMIT 2000"))
        .bind(scope.tenant())
        .bind(server)
        .all(tool)
        .await
}

/// A tool that was not there before. `false`: its name, or the name that models see, is taken.
pub async fn add_tool(tx: &mut Tx, scope: &Scope, t: &McpTool) -> Result<bool> {
    tx.query(
        "INSERT INTO mcp_tool (tenant, id, server, name, shown_as, offered, offered_hash, present, enabled, effect, repeatable, level,
                updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(&t.id)
    .bind(&t.server)
    .bind(t.offered.name.as_str())
    .bind(t.shown_as.as_str())
    .bind(Json(&t.offered))
    .bind(t.offered_hash.as_str())
    .bind(t.present)
    .bind(t.enabled)
    .bind(t.choice.effect.as_str())
    .bind(t.choice.repeatable)
    .bind(t.choice.level)
    .bind(t.updated_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// What the server says of a tool now, or that it has it no more.
pub async fn offer(
    tx: &mut Tx,
    scope: &Scope,
    id: &ToolId,
    offered: &Definition,
    hash: &str,
    present: bool,
    now: Timestamp,
) -> Result<()> {
    tx.query("UPDATE mcp_tool SET offered = $3, offered_hash = $4, present = $5, updated_at = $6 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(Json(offered))
        .bind(hash)
        .bind(present)
        .bind(now)
        .put()
        .await
}

/// Forgets the tools that a server has no more and that nobody ever said yes to.
pub async fn forget_gone(tx: &mut Tx, scope: &Scope, server: &McpServerId) -> Result<u64> {
    tx.query("DELETE FROM mcp_tool WHERE tenant = $1 AND server = $2 AND NOT present AND approved IS NULL")
        .bind(scope.tenant())
        .bind(server)
        .execute()
        .await
}

/// What people said of a server's tools holds no more.
pub async fn withdraw(tx: &mut Tx, scope: &Scope, server: &McpServerId, now: Timestamp) -> Result<()> {
    let usual = Choice::default();
    tx.query(
        "UPDATE mcp_tool SET approved = NULL, approved_hash = NULL, approved_by = NULL, approved_at = NULL, enabled = TRUE,
                effect = $4, repeatable = $5, level = $6, updated_at = $3
          WHERE tenant = $1 AND server = $2",
    )
    .bind(scope.tenant())
    .bind(server)
    .bind(now)
    .bind(usual.effect.as_str())
    .bind(usual.repeatable)
    .bind(usual.level)
    .put()
    .await
}

/// A person says yes to exactly what has this hash. `false`: that is not what the server offers.
pub async fn approve(
    tx: &mut Tx,
    scope: &Scope,
    id: &ToolId,
    hash: &str,
    choice: &Choice,
    by: &str,
    now: Timestamp,
) -> Result<bool> {
    tx.query(
        "UPDATE mcp_tool SET approved = offered, approved_hash = offered_hash, approved_by = $4, approved_at = $5, enabled = TRUE,
                effect = $6, repeatable = $7, level = $8, updated_at = $5
          WHERE tenant = $1 AND id = $2 AND offered_hash = $3 AND present",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(hash)
    .bind(by)
    .bind(now)
    .bind(choice.effect.as_str())
    .bind(choice.repeatable)
    .bind(choice.level)
    .execute()
    .await
    .map(|n| n > 0)
}

/// What people say of a tool beside their yes. `false`: it changed since `seen`, or it is gone.
pub async fn choose(
    tx: &mut Tx,
    scope: &Scope,
    id: &ToolId,
    enabled: bool,
    choice: &Choice,
    seen: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    tx.query(
        "UPDATE mcp_tool SET enabled = $3, effect = $4, repeatable = $5, level = $6, updated_at = $7
          WHERE tenant = $1 AND id = $2 AND updated_at = $8",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(enabled)
    .bind(choice.effect.as_str())
    .bind(choice.repeatable)
    .bind(choice.level)
    .bind(now)
    .bind(seen)
    .execute()
    .await
    .map(|n| n > 0)
}
