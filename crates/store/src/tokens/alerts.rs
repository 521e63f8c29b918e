//! What somebody was told about the credit already.

use frontdesk_kernel::{Scope, Timestamp, ledger::Alert};

use crate::{Result, Tx};

/// Notes an alert; `false` when it was told before.
pub async fn is_news(tx: &mut Tx, scope: &Scope, alert: &Alert, now: Timestamp) -> Result<bool> {
    tx.query("INSERT INTO token_alert (tenant, name, at) VALUES ($1, $2, $3) ON CONFLICT (tenant, name) DO NOTHING")
        .bind(scope.tenant())
        .bind(&alert.name)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}
