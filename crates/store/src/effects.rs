//! External writes: planned with the decision, begun before the I/O, ended by its outcome, settled by the vendor's echo.

pub mod lost;

use frontdesk_kernel::{
    Scope, Timestamp,
    effect::{Class, State},
    ids::*,
    message::Delivery,
    scope::Server,
};

use crate::{
    Asked, Result, Tx,
    db::Inner,
    deliveries,
    query::{Row, row},
    tokens::holds,
};

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    pub id: EffectId,
    pub class: Class,
    pub state: State,
    pub conversation: ConversationId,
    pub channel: ChannelId,
    pub message: MessageId,
    pub turn: Option<TurnId>,
    /// A conversational reply, as opposed to a template or outreach.
    pub is_reply: bool,
    pub attempts: u32,
    pub resends: u32,
    pub unknown_since: Option<Timestamp>,
    pub vendor_id: Option<String>,
    pub problem: Option<String>,
    /// What it holds of the business's credit; settled with it.
    pub hold: Option<String>,
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, class, state, conversation, channel, message, turn, is_reply, attempts, resends, unknown_since, vendor_id, problem, hold, created_at";

fn effect(r: &Row<'_>) -> Result<Effect> {
    row!(Effect {
        id,
        class,
        state,
        conversation,
        channel,
        message,
        turn,
        is_reply,
        attempts,
        resends,
        unknown_since,
        vendor_id,
        problem,
        hold,
        created_at
    })(r)
}

/// Plans a send. The order within the conversation is the order of planning.
pub async fn plan(tx: &mut Tx, scope: &Scope, e: &Effect, now: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO effect (tenant, id, kind, class, state, conversation, channel, message, turn, ord, is_reply, attempts, resends,
                             not_before, hold, created_at, updated_at)
         VALUES ($1, $2, 'send', $3, 'pending', $4, $5, $6, $7,
                 (SELECT COALESCE(MAX(ord), 0) + 1 FROM effect
                   WHERE tenant = $1 AND conversation = $4 AND state IN ('pending', 'sending', 'unknown')),
                 $8, 0, 0, $9, $10, $9, $9)",
    )
    .bind(scope.tenant()).bind(&e.id).bind(e.class).bind(&e.conversation).bind(&e.channel).bind(&e.message).bind(e.turn.as_ref())
    .bind(e.is_reply).bind(now).bind(e.hold.as_deref())
    .put()
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &EffectId) -> Result<Option<Effect>> {
    ask(tx, scope, id)?.optional(tx).await
}

pub(crate) fn ask(tx: &mut Tx, scope: &Scope, id: &EffectId) -> Result<Asked<Effect>> {
    tx.query(&format!("SELECT {COLUMNS} FROM effect WHERE tenant = $1 AND id = $2")).bind(scope.tenant()).bind(id).ask(effect)
}

/// The last send of a message.
pub async fn of_message(tx: &mut Tx, scope: &Scope, message: &MessageId) -> Result<Option<Effect>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM effect WHERE tenant = $1 AND message = $2 ORDER BY created_at DESC, id DESC LIMIT 1"
    ))
    .bind(scope.tenant())
    .bind(message)
    .optional(effect)
    .await
}

pub async fn of_turn(tx: &mut Tx, scope: &Scope, turn: &TurnId) -> Result<Vec<Effect>> {
    tx.query(&format!("SELECT {COLUMNS} FROM effect WHERE tenant = $1 AND turn = $2 ORDER BY ord, id"))
        .bind(scope.tenant())
        .bind(turn)
        .all(effect)
        .await
}

/// One try, as the trace shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub n: u32,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub outcome: Option<String>,
    pub detail: Option<String>,
}

/// Every try of an effect, in order.
pub async fn attempts(tx: &mut Tx, scope: &Scope, id: &EffectId) -> Result<Vec<Attempt>> {
    tx.query("SELECT n, started_at, ended_at, outcome, detail FROM attempt WHERE tenant = $1 AND effect = $2 ORDER BY n")
        .bind(scope.tenant())
        .bind(id)
        .all(row!(Attempt { n, started_at, ended_at, outcome, detail }))
        .await
}

/// A due effect with what pacing needs.
#[derive(Debug, Clone)]
pub struct Due {
    pub tenant: TenantId,
    pub effect: Effect,
    /// The pace of this pair of people (lane).
    pub pair_tat: Timestamp,
}

/// Due effects whose turn it is: the first of their conversation, on accounts that are not paused. Locked on PostgreSQL.
pub async fn due(tx: &mut Tx, _: &Server, now: Timestamp, limit: u32) -> Result<Vec<Due>> {
    // A later reply waits at most 90 s for an earlier one whose fate is unknown.
    let sql = "SELECT e.tenant, e.id, e.class, e.state, e.conversation, e.channel, e.message, e.turn, e.is_reply, e.attempts, e.resends,
                      e.unknown_since, e.vendor_id, e.problem, e.hold, e.created_at, COALESCE(l.pair_tat, 0) AS pair_tat
                 FROM effect e
                 JOIN channel c ON c.tenant = e.tenant AND c.id = e.channel AND c.paused_reason IS NULL
                 LEFT JOIN lane l ON l.tenant = e.tenant AND l.conversation = e.conversation
                WHERE e.state = 'pending' AND e.not_before <= $1
                  AND NOT EXISTS (SELECT 1 FROM effect b
                                   WHERE b.tenant = e.tenant AND b.conversation = e.conversation
                                     AND b.state IN ('pending', 'sending', 'unknown') AND b.ord < e.ord
                                     AND NOT (b.state = 'unknown' AND b.unknown_since < $1 - 90000))
                ORDER BY e.not_before LIMIT $2";
    let postgres = format!("{sql} FOR UPDATE OF e SKIP LOCKED");
    tx.query_each(sql, &postgres)
        .bind(now)
        .bind(limit)
        .all(|row| Ok(Due { tenant: row.get("tenant")?, effect: effect(row)?, pair_tat: row.get("pair_tat")? }))
        .await
}

/// T4: the attempt is on record before the I/O begins. Its number; no answer when the effect is not pending any more.
pub async fn begin(tx: &mut Tx, scope: &Scope, id: &EffectId, node: &NodeId, now: Timestamp) -> Result<Asked<u32>> {
    const BEGIN: &str = "UPDATE effect SET state = 'sending', attempts = attempts + 1, owner = $3, updated_at = $4
                          WHERE tenant = $1 AND id = $2 AND state = 'pending' RETURNING attempts";
    const RECORD: &str = "INSERT INTO attempt (tenant, effect, n, started_at)
                          SELECT $1, $2, attempts, $4 FROM begun ON CONFLICT (tenant, effect, n) DO NOTHING";
    let both = format!("WITH begun AS ({BEGIN}), recorded AS ({RECORD}) SELECT attempts FROM begun");
    let begun =
        tx.query_each(BEGIN, &both).bind(scope.tenant()).bind(id).bind(node).bind(now).ask(|row| row.get::<u32>("attempts"))?;
    if matches!(tx.inner, Inner::Sqlite(_)) {
        // Of one that was not pending, the attempt is on record already.
        tx.query(
            "INSERT INTO attempt (tenant, effect, n, started_at)
             SELECT tenant, id, attempts, $3 FROM effect WHERE tenant = $1 AND id = $2 AND state = 'sending'
             ON CONFLICT (tenant, effect, n) DO NOTHING",
        )
        .bind(scope.tenant())
        .bind(id)
        .bind(now)
        .put()
        .await?;
    }
    Ok(begun)
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct Ended<'a> {
    pub state: State,
    pub outcome: &'a str,
    pub vendor_id: Option<&'a str>,
    /// For the operator; never personal data.
    pub detail: Option<&'a str>,
    pub not_before: Timestamp,
    /// This attempt does not count (paced, not begun).
    pub uncounted: bool,
}

/// T5: the outcome. An effect that an echo settled meanwhile keeps its final state.
pub async fn end(tx: &mut Tx, scope: &Scope, e: &Effect, n: u32, ended: &Ended<'_>, now: Timestamp) -> Result<()> {
    let unknown_since = (ended.state == State::Unknown).then_some(now);
    const END: &str =
        "UPDATE effect SET state = $4, owner = NULL, vendor_id = COALESCE($5, vendor_id), problem = $6, not_before = $7,
                              unknown_since = $8, updated_at = $9, attempts = attempts - CASE WHEN $10 THEN 1 ELSE 0 END
                        WHERE tenant = $1 AND id = $2 AND attempts = $3 AND state IN ('sending', 'unknown') RETURNING hold";
    const TRIED: &str =
        "UPDATE attempt SET ended_at = $9, outcome = $11, detail = $6 WHERE tenant = $1 AND effect = $2 AND n = $3";
    let both = format!("WITH tried AS ({TRIED}) {END}");
    let changed = tx
        .query_each(END, &both)
        .bind(scope.tenant())
        .bind(&e.id)
        .bind(n)
        .bind(ended.state)
        .bind(ended.vendor_id)
        .bind(ended.detail)
        .bind(ended.not_before)
        .bind(unknown_since)
        .bind(now)
        .bind(ended.uncounted)
        .maybe_bind(ended.outcome)
        .ask(|row| row.get::<Option<String>>("hold"))?;
    if matches!(tx.inner, Inner::Sqlite(_)) {
        tx.query("UPDATE attempt SET ended_at = $4, outcome = $5, detail = $6 WHERE tenant = $1 AND effect = $2 AND n = $3")
            .bind(scope.tenant())
            .bind(&e.id)
            .bind(n)
            .bind(now)
            .bind(ended.outcome)
            .bind(ended.detail)
            .put()
            .await?;
    }
    let changed = changed.optional(tx).await?;
    if ended.uncounted && changed.is_some() {
        tx.query("DELETE FROM attempt WHERE tenant = $1 AND effect = $2 AND n = $3")
            .bind(scope.tenant())
            .bind(&e.id)
            .bind(n)
            .put()
            .await?;
    }
    if let Some(hold) = changed {
        show_on_message(tx, scope, e, ended.state, ended.vendor_id, ended.detail).await?;
        settle_hold(tx, scope, e, hold.as_deref(), ended.state, now).await?;
    }
    Ok(())
}

/// What it holds of the credit is spent or free again, with the state that decides it.
pub(crate) async fn settle_hold(
    tx: &mut Tx,
    scope: &Scope,
    e: &Effect,
    hold: Option<&str>,
    state: State,
    now: Timestamp,
) -> Result<()> {
    match hold {
        Some(hold) if state.is_final() => {
            holds::settle_send(tx, scope, (&e.conversation, &e.id), hold, state == State::Succeeded, now).await
        }
        _ => Ok(()),
    }
}

async fn show_on_message(
    tx: &mut Tx,
    scope: &Scope,
    e: &Effect,
    state: State,
    vendor_id: Option<&str>,
    why: Option<&str>,
) -> Result<()> {
    let news = match state {
        State::Pending | State::Sending => return Ok(()),
        State::Succeeded => Delivery::Sent,
        State::Unknown | State::Review => Delivery::Unknown,
        State::Failed | State::Canceled | State::Expired => Delivery::Failed,
    };
    deliveries::advance(tx, scope, &e.message, news, vendor_id, why).await
}

/// Not now: the pace or a paused account says when.
pub async fn postpone(tx: &mut Tx, scope: &Scope, id: &EffectId, not_before: Timestamp) -> Result<()> {
    tx.query("UPDATE effect SET not_before = $3 WHERE tenant = $1 AND id = $2 AND state = 'pending'")
        .bind(scope.tenant())
        .bind(id)
        .bind(not_before)
        .put()
        .await
}

/// Will not be sent (superseded, window closed). `state` is `Canceled` or `Expired`.
pub async fn withdraw(tx: &mut Tx, scope: &Scope, e: &Effect, state: State, why: &str, now: Timestamp) -> Result<()> {
    let withdrawn = tx
        .query("UPDATE effect SET state = $3, problem = $4, updated_at = $5 WHERE tenant = $1 AND id = $2 AND state = 'pending'")
        .bind(scope.tenant())
        .bind(&e.id)
        .bind(state)
        .bind(why)
        .bind(now)
        .execute()
        .await?;
    if withdrawn > 0 {
        show_on_message(tx, scope, e, state, None, Some(why)).await?;
        settle_hold(tx, scope, e, e.hold.as_deref(), state, now).await?;
    }
    Ok(())
}

/// What the bot was about to say and nobody can have read, as it was not begun or certainly not taken: a person answers instead. Returns
/// how many.
pub async fn withdraw_bots(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    why: &str,
    now: Timestamp,
) -> Result<usize> {
    let planned = tx
        .query(&format!(
            "SELECT {COLUMNS} FROM effect e
              WHERE e.tenant = $1 AND e.conversation = $2 AND e.state = 'pending' AND e.turn IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.tenant = e.tenant AND a.effect = e.id
                                   AND COALESCE(a.outcome, 'unknown') NOT IN ('not_applied', 'refused'))"
        ))
        .bind(scope.tenant())
        .bind(conversation)
        .all(effect)
        .await?;
    for e in &planned {
        withdraw(tx, scope, e, State::Canceled, why, now).await?;
    }
    Ok(planned.len())
}

/// What was to go along this line and has not begun to. Returns how many.
pub async fn withdraw_all(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, why: &str, now: Timestamp) -> Result<usize> {
    let planned = tx
        .query(&format!("SELECT {COLUMNS} FROM effect WHERE tenant = $1 AND conversation = $2 AND state = 'pending'"))
        .bind(scope.tenant())
        .bind(conversation)
        .all(effect)
        .await?;
    for e in &planned {
        withdraw(tx, scope, e, State::Canceled, why, now).await?;
    }
    Ok(planned.len())
}

pub(crate) const NEXT_DUE: &str =
    "SELECT e.not_before FROM effect e JOIN channel c ON c.tenant = e.tenant AND c.id = e.channel AND c.paused_reason IS NULL
          WHERE e.state = 'pending' ORDER BY e.not_before LIMIT 1";

/// When the next pending effect is due; `None` when nothing waits.
pub async fn next_due(tx: &mut Tx, _: &Server) -> Result<Option<Timestamp>> {
    tx.query(NEXT_DUE).optional(|row| row.get("not_before")).await
}

/// Counts for health and metrics: `(pending, oldest pending, sending, unknown, review)`.
pub async fn backlog(tx: &mut Tx, _: &Server) -> Result<(i64, Option<Timestamp>, i64, i64, i64)> {
    tx.query(
        "SELECT COUNT(*) FILTER (WHERE state = 'pending') AS pending, MIN(created_at) FILTER (WHERE state = 'pending') AS oldest,
                COUNT(*) FILTER (WHERE state = 'sending') AS sending, COUNT(*) FILTER (WHERE state = 'unknown') AS unknown,
                COUNT(*) FILTER (WHERE state = 'review') AS review
           FROM effect WHERE state IN ('pending', 'sending', 'unknown', 'review')",
    )
    .one(|row| Ok((row.get("pending")?, row.get("oldest")?, row.get("sending")?, row.get("unknown")?, row.get("review")?)))
    .await
}
