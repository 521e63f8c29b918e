//! T2: claiming lanes. One conversation = one lane = one live turn; the epoch fences whoever lost it.

use frontdesk_kernel::{Scope, Timestamp, conversation::Mode, ids::*, scope::Server};

use crate::{
    Asked, Error, Result, Tx, conversations,
    query::{Row, row},
};

/// A claimed lane with its turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub tenant: TenantId,
    pub conversation: ConversationId,
    pub node: NodeId,
    pub epoch: i64,
    pub turn: TurnId,
    pub from_seq: i64,
    pub to_seq: i64,
    /// This run of the turn; 1 = the first that counts.
    pub attempts: i64,
    /// The turn began with this claim: nothing of it was journaled before. Who loses the lane meanwhile is stopped by the fence.
    pub is_new: bool,
    /// Newer messages may join this turn.
    pub merge: bool,
    pub started_at: Timestamp,
}

struct Won {
    tenant: TenantId,
    conversation: ConversationId,
    epoch: i64,
    done_seq: i64,
    head_seq: i64,
    merge: bool,
}

/// Claims up to `limit` lanes that are ready and free, opens or resumes their turns. `new_turn` makes the ids.
pub async fn claim(
    tx: &mut Tx,
    _: &Server,
    node: &NodeId,
    now: Timestamp,
    limit: u32,
    new_turn: &(dyn Fn() -> TurnId + Send + Sync),
) -> Result<Vec<Claim>> {
    let won = tx
        .query_each(
            "UPDATE lane SET owner = $1, epoch = epoch + 1
              WHERE (tenant, conversation) IN (
                    SELECT tenant, conversation FROM lane
                     WHERE head_seq > done_seq AND owner IS NULL AND ready_at <= $2 ORDER BY ready_at LIMIT $3)
              RETURNING tenant, conversation, epoch, done_seq, head_seq, merge",
            // Materialized: in a plan that ran the subselect again for each row, every run would lock another `LIMIT` of lanes.
            "WITH next AS MATERIALIZED (
                    SELECT tenant, conversation FROM lane
                     WHERE head_seq > done_seq AND owner IS NULL AND ready_at <= $2 ORDER BY ready_at LIMIT $3 FOR UPDATE SKIP LOCKED)
             UPDATE lane SET owner = $1, epoch = epoch + 1 FROM next
              WHERE lane.tenant = next.tenant AND lane.conversation = next.conversation
              RETURNING lane.tenant, lane.conversation, epoch, done_seq, head_seq, merge",
        )
        .bind(node).bind(now).bind(limit)
        .all(|row| {
            Ok(Won {
                tenant: row.get("tenant")?,
                conversation: row.get("conversation")?,
                epoch: row.get("epoch")?,
                done_seq: row.get("done_seq")?,
                head_seq: row.get("head_seq")?,
                merge: row.get("merge")?,
            })
        })
        .await?;
    let mut opened = Vec::with_capacity(won.len());
    for won in won {
        let new = new_turn();
        opened.push((open_turn(tx, &won, now, &new)?, won, new));
    }
    let mut claims = Vec::with_capacity(opened.len());
    for (opened, won, new) in opened {
        let turn = opened.optional(tx).await?.ok_or_else(|| Error::Broken("a turn was not opened".into()))?;
        claims.push(Claim {
            tenant: won.tenant,
            conversation: won.conversation,
            node: node.clone(),
            epoch: won.epoch,
            is_new: turn.id == new,
            turn: turn.id,
            from_seq: won.done_seq + 1,
            to_seq: turn.to_seq,
            attempts: turn.attempts,
            merge: won.merge,
            started_at: turn.started_at,
        });
    }
    Ok(claims)
}

struct Opened {
    id: TurnId,
    to_seq: i64,
    attempts: i64,
    started_at: Timestamp,
}

fn open_turn(tx: &mut Tx, won: &Won, now: Timestamp, new: &TurnId) -> Result<Asked<Opened>> {
    let from_seq = won.done_seq + 1;
    let to_seq = if won.merge { won.head_seq } else { from_seq };
    tx.query(
        "INSERT INTO turn (tenant, id, conversation, from_seq, to_seq, state, attempts, started_at)
         VALUES ($1, $2, $3, $4, $5, 'running', 1, $6)
         ON CONFLICT (tenant, conversation, from_seq) DO UPDATE SET attempts = turn.attempts + 1, state = 'running'
         RETURNING id, to_seq, attempts, started_at",
    )
    .bind(&won.tenant)
    .bind(new)
    .bind(&won.conversation)
    .bind(from_seq)
    .bind(to_seq)
    .bind(now)
    .ask(row!(Opened { id, to_seq, attempts, started_at }))
}

/// Every write of a turn begins here: who is not the owner of this epoch any more writes nothing. Returns the lane's head, which nobody
/// moves until this unit of work is over.
pub async fn fence(tx: &mut Tx, scope: &Scope, claim: &Claim) -> Result<i64> {
    let fence = ask_fence(tx, scope, claim)?;
    passed(tx, fence).await
}

/// What the fence says, to be read before anything is committed.
#[must_use = "a fence that nobody looks at stops nobody"]
pub struct Fence<T = i64>(Asked<T>);

/// As `fence`.
pub async fn passed<T: Send>(tx: &mut Tx, fence: Fence<T>) -> Result<T> {
    fence.0.optional(tx).await?.ok_or(Error::LeaseLost)
}

/// As `fence`, in one round trip with what is asked next.
pub fn ask_fence(tx: &mut Tx, scope: &Scope, claim: &Claim) -> Result<Fence> {
    fence_around(tx, scope, claim, "head_seq FROM lane", |row| row.get("head_seq"))
}

/// As `ask_fence`, with who answers right now: a takeover and a turn that ends see each other, because the conversation is locked, too.
pub fn ask_fence_and_mode(tx: &mut Tx, scope: &Scope, claim: &Claim) -> Result<Fence<(i64, Mode)>> {
    let read = "lane.head_seq, mode, paused_until
                  FROM lane JOIN conversation ON conversation.tenant = lane.tenant AND conversation.id = lane.conversation";
    fence_around(tx, scope, claim, read, |row| Ok((row.get("head_seq")?, conversations::mode(row)?)))
}

/// `read`: columns and tables, of which the lane is the first: it is locked before the others.
fn fence_around<T: Send>(
    tx: &mut Tx,
    scope: &Scope,
    claim: &Claim,
    read: &str,
    map: fn(&Row<'_>) -> Result<T>,
) -> Result<Fence<T>> {
    let sql = format!("SELECT {read} WHERE lane.tenant = $1 AND lane.conversation = $2 AND lane.owner = $3 AND lane.epoch = $4");
    tx.query_each(&sql, &format!("{sql} FOR UPDATE"))
        .bind(scope.tenant())
        .bind(&claim.conversation)
        .bind(&claim.node)
        .bind(claim.epoch)
        .ask(map)
        .map(Fence)
}

/// Nobody else moves this lane until this unit of work is over (on SQLite nobody does anyway).
pub async fn lock(tx: &mut Tx, scope: &Scope, conversation: &ConversationId) -> Result<()> {
    tx.query_each("SELECT 1 AS one", "SELECT head_seq FROM lane WHERE tenant = $1 AND conversation = $2 FOR UPDATE")
        .bind(scope.tenant())
        .bind(conversation)
        .put()
        .await
}

/// One more place for something of ours that a turn is to take up at once; a burst that is under way ends as it would.
pub async fn push(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, now: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO lane (tenant, conversation, head_seq, done_seq, ready_at, burst_from, merge, epoch, pair_tat)
         VALUES ($1, $2, 1, 0, $3, $3, TRUE, 0, 0)
         ON CONFLICT (tenant, conversation) DO UPDATE SET
             head_seq = lane.head_seq + 1,
             burst_from = CASE WHEN lane.head_seq = lane.done_seq OR lane.owner IS NOT NULL THEN $3 ELSE lane.burst_from END,
             ready_at = CASE WHEN lane.head_seq = lane.done_seq OR lane.owner IS NOT NULL THEN $3 ELSE lane.ready_at END",
    )
    .bind(scope.tenant())
    .bind(conversation)
    .bind(now)
    .put()
    .await
}

/// The turn is over: its messages are done and the lane is free. `true`: newer messages wait in it.
pub async fn finish(tx: &mut Tx, scope: &Scope, claim: &Claim) -> Result<bool> {
    let head = fence(tx, scope, claim).await?;
    leave(tx, scope, claim, head).await
}

/// As `finish`, where the fence of this unit of work has told the lane's head.
pub async fn leave(tx: &mut Tx, scope: &Scope, claim: &Claim, head: i64) -> Result<bool> {
    tx.query("UPDATE lane SET done_seq = $5, owner = NULL WHERE tenant = $1 AND conversation = $2 AND owner = $3 AND epoch = $4")
        .bind(scope.tenant())
        .bind(&claim.conversation)
        .bind(&claim.node)
        .bind(claim.epoch)
        .bind(claim.to_seq)
        .put()
        .await?;
    Ok(head > claim.to_seq)
}

/// Hands the lane back unfinished, to be claimed again from `ready_at`. `counted`: whether this run counts as an attempt. A lane that was
/// lost meanwhile, and its turn, stay as they are.
pub async fn release(tx: &mut Tx, scope: &Scope, claim: &Claim, ready_at: Timestamp, counted: bool) -> Result<()> {
    let freed = tx
        .query(
            "UPDATE lane SET owner = NULL, ready_at = $5 WHERE tenant = $1 AND conversation = $2 AND owner = $3 AND epoch = $4",
        )
        .bind(scope.tenant())
        .bind(&claim.conversation)
        .bind(&claim.node)
        .bind(claim.epoch)
        .bind(ready_at)
        .execute()
        .await?;
    if freed > 0 && !counted {
        tx.query("UPDATE turn SET attempts = attempts - 1 WHERE tenant = $1 AND id = $2 AND attempts > 0")
            .bind(scope.tenant())
            .bind(&claim.turn)
            .put()
            .await?;
    }
    Ok(())
}

/// Lanes that belong to this node, by their epoch.
pub async fn owned(tx: &mut Tx, _: &Server, node: &NodeId) -> Result<Vec<(TenantId, ConversationId, i64)>> {
    tx.query("SELECT tenant, conversation, epoch FROM lane WHERE owner = $1")
        .bind(node)
        .all(|row| Ok((row.get("tenant")?, row.get("conversation")?, row.get("epoch")?)))
        .await
}

/// A claim whose answer was lost: nobody runs it. The run that it counted never was.
pub async fn give_back(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, node: &NodeId, epoch: i64) -> Result<()> {
    let from = tx
        .query(
            "UPDATE lane SET owner = NULL, epoch = epoch + 1
              WHERE tenant = $1 AND conversation = $2 AND owner = $3 AND epoch = $4 RETURNING done_seq",
        )
        .bind(scope.tenant())
        .bind(conversation)
        .bind(node)
        .bind(epoch)
        .optional(|row| row.get::<i64>("done_seq"))
        .await?;
    let Some(done_seq) = from else { return Ok(()) };
    tx.query(
        "UPDATE turn SET attempts = attempts - 1
          WHERE tenant = $1 AND conversation = $2 AND from_seq = $3 AND state = 'running' AND attempts > 0",
    )
    .bind(scope.tenant())
    .bind(conversation)
    .bind(done_seq + 1)
    .put()
    .await
}

pub(crate) const NEXT_READY: &str =
    "SELECT ready_at FROM lane WHERE head_seq > done_seq AND owner IS NULL ORDER BY ready_at LIMIT 1";

/// When the next free lane becomes ready; `None` when nothing waits.
pub async fn next_ready(tx: &mut Tx, _: &Server) -> Result<Option<Timestamp>> {
    tx.query(NEXT_READY).optional(|row| row.get("ready_at")).await
}

/// How much is unfinished and since when: `(lanes, oldest)`.
pub async fn backlog(tx: &mut Tx, _: &Server) -> Result<(i64, Option<Timestamp>)> {
    tx.query("SELECT COUNT(*) AS n, MIN(burst_from) AS oldest FROM lane WHERE head_seq > done_seq")
        .one(|row| Ok((row.get("n")?, row.get("oldest")?)))
        .await
}
