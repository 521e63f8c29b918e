//! Payments and orders of credit whose vendor is asked what became of them, because its report may be lost.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{Id, Kind, OrderId, PaymentId, TenantId},
    scope::Server,
};

use crate::{Result, Tx};

const PAYMENT: &str = "payment";
const ORDER: &str = "credit_order";

/// Payments whose time has come, the longest waiting first, and when they were asked for.
pub async fn payments(tx: &mut Tx, _: &Server, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, PaymentId, Timestamp)>> {
    due(tx, PAYMENT, now, limit).await
}

/// The next look at a payment, or none. `false`: somebody else took this one.
pub async fn payment_next(tx: &mut Tx, scope: &Scope, id: &PaymentId, now: Timestamp, next: Option<Timestamp>) -> Result<bool> {
    take(tx, scope, PAYMENT, id, now, next).await
}

/// Orders of credit whose time has come, and when they were made.
pub async fn orders(tx: &mut Tx, _: &Server, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, OrderId, Timestamp)>> {
    due(tx, ORDER, now, limit).await
}

/// The next look at an order, or none. `false`: somebody else took this one.
pub async fn order_next(tx: &mut Tx, scope: &Scope, id: &OrderId, now: Timestamp, next: Option<Timestamp>) -> Result<bool> {
    take(tx, scope, ORDER, id, now, next).await
}

async fn due<K: Kind>(tx: &mut Tx, table: &str, now: Timestamp, limit: u32) -> Result<Vec<(TenantId, Id<K>, Timestamp)>> {
    tx.query(&format!("SELECT tenant, id, created_at FROM {table} WHERE look_at <= $1 ORDER BY look_at LIMIT $2"))
        .bind(now)
        .bind(limit)
        .all(|r| Ok((r.get("tenant")?, r.get("id")?, r.get("created_at")?)))
        .await
}

async fn take<K: Kind>(
    tx: &mut Tx,
    scope: &Scope,
    table: &str,
    id: &Id<K>,
    now: Timestamp,
    next: Option<Timestamp>,
) -> Result<bool> {
    tx.query(&format!("UPDATE {table} SET look_at = $3 WHERE tenant = $1 AND id = $2 AND look_at <= $4"))
        .bind(scope.tenant())
        .bind(id)
        .bind(next)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}
