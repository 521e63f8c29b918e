//! T9: what is to happen later. A timer fires once, in the transaction that does its work.

use frontdesk_kernel::{Scope, Timestamp, ids::TenantId, scope::Server};

use crate::{Result, Tx, query::row};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    pub tenant: TenantId,
    /// What makes it one of a kind; arming it again moves it.
    pub dedupe: String,
    pub kind: String,
    pub payload: String,
    pub fire_at: Timestamp,
}

pub async fn arm(tx: &mut Tx, scope: &Scope, dedupe: &str, kind: &str, payload: &str, fire_at: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO timer (tenant, dedupe, kind, payload, fire_at, state) VALUES ($1, $2, $3, $4, $5, 'armed')
         ON CONFLICT (tenant, dedupe) DO UPDATE SET kind = excluded.kind, payload = excluded.payload, fire_at = excluded.fire_at,
                                                      state = 'armed'",
    )
    .bind(scope.tenant())
    .bind(dedupe)
    .bind(kind)
    .bind(payload)
    .bind(fire_at)
    .put()
    .await
}

/// `false`: it is not armed. One that fires at this moment is left to it: its work looks at what holds, and nobody waits for the other.
pub async fn disarm(tx: &mut Tx, scope: &Scope, dedupe: &str) -> Result<bool> {
    tx.query_each(
        "UPDATE timer SET state = 'canceled' WHERE tenant = $1 AND dedupe = $2 AND state = 'armed'",
        "WITH mine AS MATERIALIZED (
                SELECT tenant, dedupe FROM timer WHERE tenant = $1 AND dedupe = $2 AND state = 'armed' FOR UPDATE SKIP LOCKED)
         UPDATE timer SET state = 'canceled' FROM mine WHERE timer.tenant = mine.tenant AND timer.dedupe = mine.dedupe",
    )
    .bind(scope.tenant())
    .bind(dedupe)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Marks due timers as fired and returns them: the caller does their work in this transaction.
pub async fn fire(tx: &mut Tx, _: &Server, now: Timestamp, limit: u32) -> Result<Vec<Timer>> {
    tx.query_each(
        "UPDATE timer SET state = 'fired'
          WHERE (tenant, dedupe) IN (SELECT tenant, dedupe FROM timer WHERE state = 'armed' AND fire_at <= $1 ORDER BY fire_at LIMIT $2)
          RETURNING tenant, dedupe, kind, payload, fire_at",
        // Materialized, as in `lanes::claim`.
        "WITH next AS MATERIALIZED (
                SELECT tenant, dedupe FROM timer WHERE state = 'armed' AND fire_at <= $1 ORDER BY fire_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         UPDATE timer SET state = 'fired' FROM next WHERE timer.tenant = next.tenant AND timer.dedupe = next.dedupe
         RETURNING timer.tenant, timer.dedupe, kind, payload, fire_at",
    )
    .bind(now).bind(limit)
    .all(row!(Timer { tenant, dedupe, kind, payload, fire_at }))
    .await
}

pub(crate) const NEXT_DUE: &str = "SELECT fire_at FROM timer WHERE state = 'armed' ORDER BY fire_at LIMIT 1";

pub async fn next_due(tx: &mut Tx, _: &Server) -> Result<Option<Timestamp>> {
    tx.query(NEXT_DUE).optional(|row| row.get("fire_at")).await
}

/// Removes timers that are over.
pub async fn forget_before(tx: &mut Tx, _: &Server, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM timer WHERE state <> 'armed' AND fire_at < $1").bind(before).execute().await
}
