//! Codes by which answers name a request with exactly these arguments.

use frontdesk_kernel::{Scope, Timestamp, ids::ApprovalId, scope::Server};

use crate::{Result, Tx, query::row};

/// What a code names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub approval: ApprovalId,
    pub args_hash: String,
}

/// The code of this version, if it has one.
pub async fn of(tx: &mut Tx, scope: &Scope, approval: &ApprovalId, args_hash: &str) -> Result<Option<String>> {
    tx.query("SELECT code FROM approval_code WHERE tenant = $1 AND approval = $2 AND args_hash = $3")
        .bind(scope.tenant())
        .bind(approval)
        .bind(args_hash)
        .optional(|row| row.get("code"))
        .await
}

/// Gives it this one. `false`: another has it.
pub async fn give(tx: &mut Tx, scope: &Scope, code: &str, named: &Named, now: Timestamp) -> Result<bool> {
    tx.query(
        "INSERT INTO approval_code (tenant, code, approval, args_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, code) DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(code)
    .bind(&named.approval)
    .bind(named.args_hash.as_str())
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

pub async fn find(tx: &mut Tx, scope: &Scope, code: &str) -> Result<Option<Named>> {
    tx.query("SELECT approval, args_hash FROM approval_code WHERE tenant = $1 AND code = $2")
        .bind(scope.tenant())
        .bind(code)
        .optional(row!(Named { approval, args_hash }))
        .await
}

/// They may name something else then.
pub async fn forget_before(tx: &mut Tx, _: &Server, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM approval_code WHERE created_at < $1").bind(before).execute().await
}
