//! Figures of a business over a stretch of time, counted from what happened.

use frontdesk_kernel::{Scope, Timestamp};

use crate::{Result, Tx, db::row};

/// What happened in a stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// From contacts.
    pub received: i64,
    pub by_bot: i64,
    pub by_staff: i64,
    pub turns: i64,
    /// Turns that ended without the model's answer.
    pub given_up: i64,
    /// Appointments that were made, by whom ever.
    pub bookings: i64,
    /// Conversations that the bot handed to people.
    pub handoffs: i64,
    /// Model tokens.
    pub tokens: i64,
    /// Of model calls whose price is known, in millionths of a US dollar.
    pub cost_micros: i64,
    /// Model calls whose price is not known.
    pub unpriced: i64,
}

/// `from` ≤ t < `to`.
pub async fn between(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Figures> {
    let mut f = Figures::default();
    let said = tx
        .query(
            "SELECT direction, author, COUNT(*) AS n FROM message WHERE tenant = $1 AND at >= $2 AND at < $3 GROUP BY direction, author",
        )
        .bind(scope.tenant())
        .bind(from)
        .bind(to)
        .all(|r| Ok((r.get::<String>("direction")?, r.get::<String>("author")?, r.get::<i64>("n")?)))
        .await?;
    for (direction, author, n) in said {
        match (direction.as_str(), author.as_str()) {
            // A decision of the team that came into a conversation.
            ("in", "system") => {}
            ("in", _) => f.received += n,
            (_, "staff") => f.by_staff += n,
            _ => f.by_bot += n,
        }
    }
    (f.turns, f.given_up) = tx
        .query(
            "SELECT COUNT(*) AS n, COUNT(problem) AS given_up FROM turn WHERE tenant = $1 AND started_at >= $2 AND started_at < $3",
        )
        .bind(scope.tenant())
        .bind(from)
        .bind(to)
        .one(|r| Ok((r.get("n")?, r.get("given_up")?)))
        .await?;
    f.bookings = tx
        .query("SELECT COUNT(*) AS n FROM appointment WHERE tenant = $1 AND created_at >= $2 AND created_at < $3")
        .bind(scope.tenant())
        .bind(from)
        .bind(to)
        .one(|r| r.get("n"))
        .await?;
    f.handoffs = tx
        .query("SELECT COUNT(*) AS n FROM task WHERE tenant = $1 AND created_at >= $2 AND created_at < $3 AND kind = 'handoff'")
        .bind(scope.tenant())
        .bind(from)
        .bind(to)
        .one(|r| r.get("n"))
        .await?;
    let spent = tx
        .query(
            "SELECT CAST(COALESCE(SUM(input + output), 0) AS BIGINT) AS tokens, CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS cost_micros,
                    COUNT(*) - COUNT(cost_micros) AS unpriced
               FROM ledger WHERE tenant = $1 AND at >= $2 AND at < $3",
        )
        .bind(scope.tenant())
        .bind(from)
        .bind(to)
        .one(row!(Spent { tokens, cost_micros, unpriced }))
        .await?;
    (f.tokens, f.cost_micros, f.unpriced) = (spent.tokens, spent.cost_micros, spent.unpriced);
    Ok(f)
}

struct Spent {
    tokens: i64,
    cost_micros: i64,
    unpriced: i64,
}

/// What model calls cost in millionths of a US dollar, and how many have no known price.
pub async fn model_money(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<(i64, i64)> {
    tx.query(
        "SELECT CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS micros, COUNT(*) - COUNT(cost_micros) AS unpriced
           FROM ledger WHERE tenant = $1 AND at >= $2 AND at < $3",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .one(|r| Ok((r.get("micros")?, r.get("unpriced")?)))
    .await
}

/// Milliseconds from a contact's first message of a turn to the turn's end, of at most `limit` turns, latest first.
pub async fn response_times(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp, limit: u32) -> Result<Vec<i64>> {
    tx.query(
        "SELECT t.ended_at - m.at AS ms FROM turn t
           JOIN message m ON m.tenant = t.tenant AND m.conversation = t.conversation AND m.seq = t.from_seq
          WHERE t.tenant = $1 AND t.started_at >= $2 AND t.started_at < $3 AND t.ended_at IS NOT NULL
          ORDER BY t.started_at DESC, t.id DESC LIMIT $4",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .bind(limit)
    .all(|r| r.get("ms"))
    .await
}
