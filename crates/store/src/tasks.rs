//! Things a person should look at.

use frontdesk_kernel::{Scope, Timestamp, ids::*};

use crate::{Result, Tx, db::row};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    /// `handoff`, `flood`, `dead_turn`, `unknown_send`, `channel_stopped` …
    pub kind: String,
    pub title: String,
    pub conversation: Option<ConversationId>,
    pub turn: Option<TurnId>,
    pub state: String,
    pub created_at: Timestamp,
    pub done_at: Option<Timestamp>,
}

#[expect(clippy::too_many_arguments, reason = "one row, its columns")]
pub async fn open(
    tx: &mut Tx,
    scope: &Scope,
    id: &TaskId,
    kind: &str,
    title: &str,
    conversation: Option<&ConversationId>,
    turn: Option<&TurnId>,
    now: Timestamp,
) -> Result<()> {
    tx.query("INSERT INTO task (tenant, id, kind, title, conversation, turn, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7)")
        .bind(scope.tenant()).bind(id).bind(kind).bind(title).bind(conversation).bind(turn).bind(now)
        .execute()
        .await
        .map(drop)
}

/// Open ones, oldest first.
pub async fn open_tasks(tx: &mut Tx, scope: &Scope, limit: u32) -> Result<Vec<Task>> {
    tx.query(
        "SELECT id, kind, title, conversation, turn, state, created_at, done_at FROM task
          WHERE tenant = $1 AND state = 'open' ORDER BY created_at, id LIMIT $2",
    )
    .bind(scope.tenant())
    .bind(limit)
    .all(row!(Task { id, kind, title, conversation, turn, state, created_at, done_at }))
    .await
}

pub async fn close(tx: &mut Tx, scope: &Scope, id: &TaskId, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE task SET state = 'done', done_at = $3 WHERE tenant = $1 AND id = $2 AND state = 'open'")
        .bind(scope.tenant())
        .bind(id)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}
