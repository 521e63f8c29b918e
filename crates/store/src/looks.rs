//! Payments and orders of credit whose vendor is asked what became of them, because its report may be lost.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{OrderId, PaymentId, TenantId},
    scope::Server,
};

use crate::{Result, Tx};

/// Payments whose time has come, the longest waiting first, and when they were asked for.
pub async fn payments(tx: &mut Tx, _: &Server, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, PaymentId, Timestamp)>> {
    tx.query("SELECT tenant, id, created_at FROM payment WHERE look_at <= $1 ORDER BY look_at LIMIT $2")
        .bind(now)
        .bind(limit)
        .all(|r| Ok((r.get("tenant")?, r.get("id")?, r.get("created_at")?)))
        .await
}

/// The next look at a payment, or none. `false`: somebody else took this one.
pub async fn payment_next(tx: &mut Tx, scope: &Scope, id: &PaymentId, now: Timestamp, next: Option<Timestamp>) -> Result<bool> {
    tx.query("UPDATE payment SET look_at = $3 WHERE tenant = $1 AND id = $2 AND look_at <= $4")
        .bind(scope.tenant())
        .bind(id)
        .bind(next)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Orders of credit whose time has come, and when they were made.
pub async fn orders(tx: &mut Tx, _: &Server, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, OrderId, Timestamp)>> {
    tx.query("SELECT tenant, id, created_at FROM credit_order WHERE look_at <= $1 ORDER BY look_at LIMIT $2")
        .bind(now)
        .bind(limit)
        .all(|r| Ok((r.get("tenant")?, r.get("id")?, r.get("created_at")?)))
        .await
}

/// The next look at an order, or none. `false`: somebody else took this one.
pub async fn order_next(tx: &mut Tx, scope: &Scope, id: &OrderId, now: Timestamp, next: Option<Timestamp>) -> Result<bool> {
    tx.query("UPDATE credit_order SET look_at = $3 WHERE tenant = $1 AND id = $2 AND look_at <= $4")
        .bind(scope.tenant())
        .bind(id)
        .bind(next)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}
