//! Servers of tools that are to be asked anew by themselves.

use frontdesk_kernel::{
    Timestamp,
    ids::{McpServerId, TenantId},
    scope::Server,
};

use crate::{Result, Tx};

const DUE: &str = "SELECT tenant, id FROM mcp_server
      WHERE enabled AND ask_at <= $1 AND tenant IN (SELECT tenant FROM tenant WHERE active) ORDER BY ask_at LIMIT $3";

/// Takes servers whose time has come, the longest due first. They are due again at `again`, whatever becomes of whoever took them.
pub async fn claim(
    tx: &mut Tx,
    _: &Server,
    now: Timestamp,
    again: Timestamp,
    limit: u32,
) -> Result<Vec<(TenantId, McpServerId)>> {
    let sqlite = format!("UPDATE mcp_server SET ask_at = $2 WHERE (tenant, id) IN ({DUE}) RETURNING tenant, id");
    // Materialized, as in `lanes::claim`.
    let postgres = format!(
        "WITH next AS MATERIALIZED ({DUE} FOR UPDATE SKIP LOCKED)
         UPDATE mcp_server SET ask_at = $2 FROM next WHERE mcp_server.tenant = next.tenant AND mcp_server.id = next.id
         RETURNING mcp_server.tenant, mcp_server.id"
    );
    tx.query_each(&sqlite, &postgres).bind(now).bind(again).bind(limit).all(|row| Ok((row.get("tenant")?, row.get("id")?))).await
}

/// When the next one is due; of a business that is switched off, too.
pub async fn next(tx: &mut Tx, _: &Server) -> Result<Option<Timestamp>> {
    tx.query("SELECT ask_at FROM mcp_server WHERE enabled ORDER BY ask_at LIMIT 1").optional(|row| row.get("ask_at")).await
}
