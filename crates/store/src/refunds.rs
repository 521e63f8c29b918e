//! Money given back. Whoever changes a refund holds its payment (`payments::lock`).

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{PaymentId, RefundId, TenantId},
    payment::Refund,
    scope::Server,
};

use crate::{
    Result, Tx,
    query::{Row, row},
};

const COLUMNS: &str =
    "id, payment, reference, minor, state, reason, requested_by, vendor_refund, problem, created_at, updated_at";

fn refund(r: &Row<'_>) -> Result<Refund> {
    row!(Refund { id, payment, reference, minor, state, reason, requested_by, vendor_refund, problem, created_at, updated_at })(r)
}

/// `false`: what asks for it has asked before, or the vendor told of it before.
pub async fn insert(tx: &mut Tx, scope: &Scope, r: &Refund) -> Result<bool> {
    tx.query(
        "INSERT INTO refund (tenant, id, payment, reference, minor, state, reason, requested_by, vendor_refund, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) ON CONFLICT (tenant, reference) DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(&r.id)
    .bind(&r.payment)
    .bind(r.reference.as_str())
    .bind(r.minor)
    .bind(r.state)
    .bind(r.reason.as_str())
    .bind(r.requested_by.as_str())
    .bind(r.vendor_refund.as_deref())
    .bind(r.created_at)
    .execute()
    .await
    .map(|n| n > 0)
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &RefundId) -> Result<Option<Refund>> {
    tx.query(&format!("SELECT {COLUMNS} FROM refund WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(refund)
        .await
}

pub async fn by_reference(tx: &mut Tx, scope: &Scope, reference: &str) -> Result<Option<Refund>> {
    tx.query(&format!("SELECT {COLUMNS} FROM refund WHERE tenant = $1 AND reference = $2"))
        .bind(scope.tenant())
        .bind(reference)
        .optional(refund)
        .await
}

/// Of a payment, oldest first.
pub async fn of_payment(tx: &mut Tx, scope: &Scope, payment: &PaymentId) -> Result<Vec<Refund>> {
    tx.query(&format!("SELECT {COLUMNS} FROM refund WHERE tenant = $1 AND payment = $2 ORDER BY created_at, id"))
        .bind(scope.tenant())
        .bind(payment)
        .all(refund)
        .await
}

/// Keeps what became of it.
pub async fn keep(tx: &mut Tx, scope: &Scope, r: &Refund) -> Result<bool> {
    tx.query("UPDATE refund SET state = $3, vendor_refund = $4, problem = $5, updated_at = $6 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(&r.id)
        .bind(r.state)
        .bind(r.vendor_refund.as_deref())
        .bind(r.problem.as_deref())
        .bind(r.updated_at)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Asked for before then, and no answer of the vendor is known; oldest first.
pub async fn unanswered(tx: &mut Tx, _: &Server, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, RefundId)>> {
    tx.query(
        "SELECT tenant, id FROM refund WHERE state = 'pending' AND vendor_refund IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2",
    )
    .bind(before)
    .bind(limit)
    .all(|r| Ok((r.get("tenant")?, r.get("id")?)))
    .await
}
