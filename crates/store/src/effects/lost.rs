//! Sends whose answer was lost: what becomes of them when their process dies, who may send again, and when a person decides.

use std::time::Duration;

use frontdesk_kernel::{Scope, Timestamp, effect::State, ids::*, scope::Server};

use super::{Effect, Ended, effect, end};
use crate::{Result, Tx};

/// No send takes longer; its outcome was lost even if its process lives.
const LONGEST_SEND: Duration = Duration::from_secs(180);

/// T10: attempts whose process died: A is repeated, B is unknown, C is a person's. Returns what was changed.
pub async fn reap(tx: &mut Tx, _: &Server, alive: &[NodeId], now: Timestamp, limit: u32) -> Result<Vec<(TenantId, Effect)>> {
    let sql = "SELECT tenant, id, class, state, conversation, channel, message, turn, is_reply, attempts, resends, unknown_since, vendor_id,
                      problem, hold, created_at, owner, updated_at FROM effect WHERE state = 'sending' ORDER BY updated_at LIMIT $1";
    let postgres = format!("{sql} FOR UPDATE SKIP LOCKED");
    let sending = tx
        .query_each(sql, &postgres)
        .bind(limit)
        .all(|row| {
            Ok((row.get::<TenantId>("tenant")?, row.get::<Option<NodeId>>("owner")?, row.get("updated_at")?, effect(row)?))
        })
        .await?;
    let mut reaped = Vec::new();
    for (tenant, owner, begun_at, e) in sending {
        if owner.is_some_and(|owner| alive.contains(&owner)) && now.since(begun_at) < LONGEST_SEND {
            continue;
        }
        let scope = Scope::of(tenant.clone());
        silence(tx, &scope, &e, "its process ended before the answer came", now).await?;
        reaped.push((tenant, e));
    }
    Ok(reaped)
}

/// Sends that this node has begun.
pub async fn owned(tx: &mut Tx, _: &Server, node: &NodeId) -> Result<Vec<(TenantId, Effect)>> {
    tx.query(
        "SELECT tenant, id, class, state, conversation, channel, message, turn, is_reply, attempts, resends, unknown_since, vendor_id,
                problem, hold, created_at FROM effect WHERE state = 'sending' AND owner = $1",
    )
    .bind(node)
    .all(|row| Ok((row.get("tenant")?, effect(row)?)))
    .await
}

/// A begin whose answer was lost: nothing went out, and nothing is counted.
pub async fn not_begun(tx: &mut Tx, scope: &Scope, e: &Effect, now: Timestamp) -> Result<()> {
    let outcome = frontdesk_kernel::effect::Outcome::NotApplied { after: None };
    let ended = Ended {
        state: State::Pending,
        outcome: outcome.as_str(),
        vendor_id: None,
        detail: None,
        not_before: now,
        uncounted: true,
    };
    end(tx, scope, e, e.attempts, &ended, now).await
}

/// The answer of the running attempt will not come.
pub async fn silence(tx: &mut Tx, scope: &Scope, e: &Effect, why: &str, now: Timestamp) -> Result<State> {
    let state = frontdesk_kernel::effect::after_silence(e.class);
    let ended = Ended { state, outcome: "unknown", vendor_id: None, detail: Some(why), not_before: now, uncounted: false };
    end(tx, scope, e, e.attempts, &ended, now).await?;
    Ok(state)
}

/// Puts an unknown effect back for its one resend.
pub async fn resend(tx: &mut Tx, scope: &Scope, id: &EffectId, now: Timestamp) -> Result<bool> {
    tx.query(
        "UPDATE effect SET state = 'pending', resends = resends + 1, not_before = $3, unknown_since = NULL, updated_at = $3
          WHERE tenant = $1 AND id = $2 AND state = 'unknown' AND resends = 0",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// It counts as not sent, and nobody is asked.
pub async fn give_up(tx: &mut Tx, scope: &Scope, e: &Effect, why: &str, now: Timestamp) -> Result<()> {
    let state = State::Failed;
    let ended = Ended { state, outcome: "unknown", vendor_id: None, detail: Some(why), not_before: now, uncounted: false };
    end(tx, scope, e, e.attempts, &ended, now).await
}

/// A person must decide.
pub async fn to_review(tx: &mut Tx, scope: &Scope, id: &EffectId, why: &str, now: Timestamp) -> Result<bool> {
    tx.query(
        "UPDATE effect SET state = 'review', problem = $3, updated_at = $4 WHERE tenant = $1 AND id = $2 AND state = 'unknown'",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(why)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// An unknown effect with the channel's last sign of life and whether a later reply of its conversation went out.
pub struct Unknown {
    pub tenant: TenantId,
    pub effect: Effect,
    pub last_echo_at: Option<Timestamp>,
    pub overtaken: bool,
}

pub async fn unknown(tx: &mut Tx, _: &Server, limit: u32) -> Result<Vec<Unknown>> {
    tx.query(
        "SELECT e.tenant, e.id, e.class, e.state, e.conversation, e.channel, e.message, e.turn, e.is_reply, e.attempts, e.resends,
                e.unknown_since, e.vendor_id, e.problem, e.hold, e.created_at, c.last_echo_at,
                EXISTS (SELECT 1 FROM effect n WHERE n.tenant = e.tenant AND n.conversation = e.conversation AND n.attempts > 0
                           AND n.created_at > e.created_at AND n.state IN ('sending', 'unknown', 'succeeded')) AS overtaken
           FROM effect e
           JOIN channel c ON c.tenant = e.tenant AND c.id = e.channel
          WHERE e.state = 'unknown' ORDER BY e.updated_at LIMIT $1",
    )
    .bind(limit)
    .all(|row| {
        Ok(Unknown {
            tenant: row.get("tenant")?,
            effect: effect(row)?,
            last_echo_at: row.get("last_echo_at")?,
            overtaken: row.get("overtaken")?,
        })
    })
    .await
}
