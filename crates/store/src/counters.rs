//! Numbers that count up per business and are never given twice.

use frontdesk_kernel::Scope;

use crate::{Result, Tx};

/// The next number of this name, from 1. Two units of work that ask at once wait for each other.
pub async fn next(tx: &mut Tx, scope: &Scope, name: &str) -> Result<i64> {
    tx.query(
        "INSERT INTO counter (tenant, name, value) VALUES ($1, $2, 1)
         ON CONFLICT (tenant, name) DO UPDATE SET value = counter.value + 1 RETURNING value",
    )
    .bind(scope.tenant())
    .bind(name)
    .one(|row| row.get("value"))
    .await
}
