//! Calls that leave the house in the middle of a turn: planned with the decision, begun before the I/O, ended by its outcome.

use frontdesk_kernel::{
    Scope, Timestamp,
    effect::{Class, State},
    ids::{ToolId, TurnId},
    tool::ToolResult,
};

use crate::{Result, Tx, query::Row, values::Json};

/// The call's place: the turn, its `Tools` step and the position among that step's calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub turn: TurnId,
    pub step: i64,
    pub n: i64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    pub place: Place,
    pub tool: ToolId,
    pub name: String,
    pub class: Class,
    /// `Pending`, `Sending` (begun), or how it ended.
    pub state: State,
    pub attempts: u32,
    /// Until the journal holds it.
    pub result: Option<ToolResult>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

fn call(row: &Row<'_>) -> Result<ToolCall> {
    Ok(ToolCall {
        place: Place { turn: row.get("turn")?, step: row.get("step")?, n: row.get("n")? },
        tool: row.get("tool")?,
        name: row.get("name")?,
        class: row.get("class")?,
        state: row.get("state")?,
        attempts: row.get("attempts")?,
        result: row.get::<Option<Json<ToolResult>>>("result")?.map(|r| r.0),
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
    })
}

const COLUMNS: &str = "turn, step, n, tool, name, class, state, attempts, result, started_at, ended_at";

/// Plans a call; one that is there already stays as it is.
pub async fn plan(tx: &mut Tx, scope: &Scope, at: &Place, tool: &ToolId, name: &str, class: Class) -> Result<()> {
    tx.query(
        "INSERT INTO tool_call (tenant, turn, step, n, tool, name, class, state, attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
         ON CONFLICT (tenant, turn, step, n) DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(&at.turn)
    .bind(at.step)
    .bind(at.n)
    .bind(tool)
    .bind(name)
    .bind(class)
    .bind(State::Pending)
    .put()
    .await
}

/// The calls of a step, in order.
pub async fn of_step(tx: &mut Tx, scope: &Scope, turn: &TurnId, step: i64) -> Result<Vec<ToolCall>> {
    tx.query(&format!("SELECT {COLUMNS} FROM tool_call WHERE tenant = $1 AND turn = $2 AND step = $3 ORDER BY n"))
        .bind(scope.tenant())
        .bind(turn)
        .bind(step)
        .all(call)
        .await
}

/// The calls of a turn, in order.
pub async fn of_turn(tx: &mut Tx, scope: &Scope, turn: &TurnId) -> Result<Vec<ToolCall>> {
    tx.query(&format!("SELECT {COLUMNS} FROM tool_call WHERE tenant = $1 AND turn = $2 ORDER BY step, n"))
        .bind(scope.tenant())
        .bind(turn)
        .all(call)
        .await
}

/// The attempt is on record before its I/O. `false`: it has ended already.
pub async fn begin(tx: &mut Tx, scope: &Scope, at: &Place, now: Timestamp) -> Result<bool> {
    tx.query(
        "UPDATE tool_call SET state = $5, attempts = attempts + 1, started_at = COALESCE(started_at, $6)
          WHERE tenant = $1 AND turn = $2 AND step = $3 AND n = $4 AND ended_at IS NULL",
    )
    .bind(scope.tenant())
    .bind(&at.turn)
    .bind(at.step)
    .bind(at.n)
    .bind(State::Sending)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// What it came to; the first outcome stays.
pub async fn end(tx: &mut Tx, scope: &Scope, at: &Place, state: State, result: &ToolResult, now: Timestamp) -> Result<bool> {
    tx.query(
        "UPDATE tool_call SET state = $5, result = $6, ended_at = $7
          WHERE tenant = $1 AND turn = $2 AND step = $3 AND n = $4 AND ended_at IS NULL",
    )
    .bind(scope.tenant())
    .bind(&at.turn)
    .bind(at.step)
    .bind(at.n)
    .bind(state)
    .bind(Json(result))
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// The journal holds the results now: they are not kept twice.
pub async fn settle(tx: &mut Tx, scope: &Scope, turn: &TurnId, step: i64) -> Result<()> {
    tx.query("UPDATE tool_call SET result = NULL WHERE tenant = $1 AND turn = $2 AND step = $3")
        .bind(scope.tenant())
        .bind(turn)
        .bind(step)
        .put()
        .await
}
