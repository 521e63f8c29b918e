//! What the agent of a business may do alone and whom it asks: the rules, as one document.

use frontdesk_kernel::{Scope, Timestamp, decision::Rule};

use crate::{Asked, Result, Tx, values::Json};

/// In the order in which they are tried, and when they were last changed. A business that never wrote any has none.
pub async fn get(tx: &mut Tx, scope: &Scope) -> Result<(Vec<Rule>, Timestamp)> {
    let found = ask(tx, scope)?.optional(tx).await?;
    Ok(found.unwrap_or_else(|| (Vec::new(), Timestamp(0))))
}

/// The same, to be read later.
pub fn ask(tx: &mut Tx, scope: &Scope) -> Result<Asked<(Vec<Rule>, Timestamp)>> {
    tx.query("SELECT rules, updated_at FROM policy WHERE tenant = $1")
        .bind(scope.tenant())
        .ask(|row| Ok((row.get::<Json<Vec<Rule>>>("rules")?.0, row.get("updated_at")?)))
}

/// These rules and no others. `false`: somebody changed them since they were `was`.
pub async fn put(tx: &mut Tx, scope: &Scope, rules: &[Rule], was: Timestamp, now: Timestamp) -> Result<bool> {
    let rules = rules.to_vec();
    tx.query(
        "INSERT INTO policy (tenant, rules, updated_at) VALUES ($1, $2, $3)
         ON CONFLICT (tenant) DO UPDATE SET rules = excluded.rules, updated_at = excluded.updated_at WHERE policy.updated_at = $4",
    )
    .bind(scope.tenant())
    .bind(Json(&rules))
    .bind(now)
    .bind(was)
    .execute()
    .await
    .map(|n| n > 0)
}
