//! The ledger as it is read: its lines, and what they come to by day, action and channel.

use frontdesk_kernel::{Scope, Timestamp, ids::*};

use crate::{Result, Tx, query::row};

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counted from 1, without gaps.
    pub n: i64,
    /// `grant`, `adjust`, `fee`, `reserve`, `commit`, `release`.
    pub kind: String,
    pub action: String,
    /// The change of the balance.
    pub tokens: i64,
    /// The change of what is reserved.
    pub held: i64,
    /// What the account was after it.
    pub balance: i64,
    pub reserved: i64,
    /// The business's own day.
    pub day: String,
    pub channel: Option<ChannelId>,
    pub conversation: Option<ConversationId>,
    pub turn: Option<String>,
    pub note: Option<String>,
    pub made_by: String,
    pub at: Timestamp,
}

/// Which lines are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub kind: Option<String>,
    pub action: Option<String>,
    /// Days of the business, both included.
    pub from: Option<String>,
    pub to: Option<String>,
}

/// Latest first, before the given one.
pub async fn page(tx: &mut Tx, scope: &Scope, filter: &Filter, before: Option<i64>, limit: u32) -> Result<Vec<Entry>> {
    tx.query(
        "SELECT n, kind, action, tokens, held, balance, reserved, day, channel, conversation, turn, note, made_by, at FROM token_entry
          WHERE tenant = $1 AND n < $2 AND (CAST($4 AS TEXT) IS NULL OR kind = $4) AND (CAST($5 AS TEXT) IS NULL OR action = $5)
            AND day >= COALESCE($6, '') AND day <= COALESCE($7, '~')
          ORDER BY n DESC LIMIT $3",
    )
    .bind(scope.tenant()).bind(before.unwrap_or(i64::MAX)).bind(limit)
    .bind(filter.kind.as_deref()).bind(filter.action.as_deref()).bind(filter.from.as_deref()).bind(filter.to.as_deref())
    .all(row!(Entry { n, kind, action, tokens, held, balance, reserved, day, channel, conversation, turn, note, made_by, at }))
    .await
}

/// What a turn spent so far, less what was given back.
pub async fn of_turn(tx: &mut Tx, scope: &Scope, turn: &TurnId) -> Result<i64> {
    tx.query("SELECT CAST(COALESCE(-SUM(tokens), 0) AS BIGINT) AS spent FROM token_entry WHERE tenant = $1 AND turn = $2")
        .bind(scope.tenant())
        .bind(turn)
        .one(|row| row.get("spent"))
        .await
}

/// What was spent on an action, on a channel and in a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub day: String,
    pub action: String,
    pub channel: Option<ChannelId>,
    /// Spent, less what was given back.
    pub tokens: i64,
    /// How often.
    pub times: i64,
}

/// From one day to another, both included; reservations that came to nothing are nothing. In the order of days.
pub async fn usage(tx: &mut Tx, scope: &Scope, from: &str, to: &str) -> Result<Vec<Usage>> {
    tx.query(
        "SELECT day, action, channel, CAST(SUM(-tokens) AS BIGINT) AS tokens, COUNT(*) FILTER (WHERE kind IN ('commit', 'fee')) AS times
           FROM token_entry
          WHERE tenant = $1 AND day >= $2 AND day <= $3 AND (kind IN ('commit', 'fee') OR (kind = 'release' AND tokens <> 0))
          GROUP BY day, action, channel ORDER BY day, action, channel",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(row!(Usage { day, action, channel, tokens, times }))
    .await
}

/// What all lines come to, `(balance, reserved)`: the account, or the books are wrong.
pub async fn sums(tx: &mut Tx, scope: &Scope) -> Result<(i64, i64)> {
    tx.query(
        "SELECT CAST(COALESCE(SUM(tokens), 0) AS BIGINT) AS balance, CAST(COALESCE(SUM(held), 0) AS BIGINT) AS reserved
           FROM token_entry WHERE tenant = $1",
    )
    .bind(scope.tenant())
    .one(|row| Ok((row.get("balance")?, row.get("reserved")?)))
    .await
}
