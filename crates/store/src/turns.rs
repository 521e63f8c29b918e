//! Turns and their journal of steps; together the trace.

use frontdesk_kernel::{
    Id, Scope, Timestamp,
    ids::*,
    ports::model::Usage,
    tool::ToolResult,
    turn::{GiveUp, Step},
};

use crate::{
    Asked, Result, Tx,
    lanes::Claim,
    query::{Row, row},
    values::Json,
};

/// A turn as the trace shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub id: TurnId,
    pub conversation: ConversationId,
    pub from_seq: i64,
    pub to_seq: i64,
    /// `running`, `done`, `handed_off`, `suppressed`, `dead`.
    pub state: String,
    pub attempts: i64,
    pub agent: Option<AgentId>,
    pub agent_version: Option<i64>,
    pub prompt: Option<String>,
    /// Why it ended without the model's answer.
    pub outcome: Option<String>,
    /// The last fault, for staff.
    pub problem: Option<String>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// A journaled step with its time.
#[derive(Debug, Clone, PartialEq)]
pub struct Journaled {
    pub step: Step,
    /// What it took.
    pub millis: i64,
    pub at: Timestamp,
}

const COLUMNS: &str =
    "id, conversation, from_seq, to_seq, state, attempts, agent, agent_version, prompt, outcome, problem, started_at, ended_at";

fn turn(r: &Row<'_>) -> Result<Turn> {
    row!(Turn {
        id,
        conversation,
        from_seq,
        to_seq,
        state,
        attempts,
        agent,
        agent_version,
        prompt,
        outcome,
        problem,
        started_at,
        ended_at
    })(r)
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &TurnId) -> Result<Option<Turn>> {
    tx.query(&format!("SELECT {COLUMNS} FROM turn WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(turn)
        .await
}

/// The turn that holds an inbound message.
pub async fn of_message(tx: &mut Tx, scope: &Scope, message: &MessageId) -> Result<Option<Turn>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM turn
          WHERE tenant = $1
            AND conversation = (SELECT conversation FROM message WHERE tenant = $1 AND id = $2)
            AND from_seq <= (SELECT seq FROM message WHERE tenant = $1 AND id = $2)
            AND to_seq >= (SELECT seq FROM message WHERE tenant = $1 AND id = $2)"
    ))
    .bind(scope.tenant())
    .bind(message)
    .optional(turn)
    .await
}

/// No turn holds an inbound message, nor will: its lane went past it.
pub async fn none_follows(tx: &mut Tx, scope: &Scope, message: &MessageId) -> Result<bool> {
    let passed = tx
        .query(
            "SELECT m.id FROM message m JOIN lane l ON l.tenant = m.tenant AND l.conversation = m.conversation
              WHERE m.tenant = $1 AND m.id = $2 AND m.seq <= l.done_seq
                AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.tenant = m.tenant AND t.conversation = m.conversation
                                   AND t.from_seq <= m.seq AND t.to_seq >= m.seq)",
        )
        .bind(scope.tenant())
        .bind(message)
        .optional(|row| row.get::<MessageId>("id"))
        .await?;
    Ok(passed.is_some())
}

/// Latest first.
pub async fn recent(tx: &mut Tx, scope: &Scope, before: Timestamp, limit: u32) -> Result<Vec<Turn>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM turn WHERE tenant = $1 AND started_at < $2 ORDER BY started_at DESC, id DESC LIMIT $3"
    ))
    .bind(scope.tenant())
    .bind(before)
    .bind(limit)
    .all(turn)
    .await
}

pub async fn journal(tx: &mut Tx, scope: &Scope, turn: &TurnId) -> Result<Vec<Journaled>> {
    ask_journal(tx, scope, turn)?.all(tx).await
}

/// As `journal`, to be read later.
pub fn ask_journal(tx: &mut Tx, scope: &Scope, turn: &TurnId) -> Result<Asked<Journaled>> {
    tx.query("SELECT body, millis, at FROM step WHERE tenant = $1 AND turn = $2 ORDER BY n")
        .bind(scope.tenant())
        .bind(turn)
        .ask(|row| Ok(Journaled { step: row.get::<Json<Step>>("body")?.0, millis: row.get("millis")?, at: row.get("at")? }))
}

/// Appends a fact. A step that is there already means that this run is a ghost: the key refuses it.
pub async fn append(tx: &mut Tx, scope: &Scope, turn: &TurnId, n: i64, step: &Step, millis: i64, now: Timestamp) -> Result<()> {
    append_all(tx, scope, turn, n, &[(step, millis)], now).await
}

/// As `append`, several steps at once, with what each took: `n` is the place of the first.
pub async fn append_all(tx: &mut Tx, scope: &Scope, turn: &TurnId, n: i64, steps: &[(&Step, i64)], now: Timestamp) -> Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    let rows: Vec<String> =
        (0..steps.len()).map(|i| 4 + 3 * i).map(|p| format!("($1, $2, ${p}, ${}, ${}, $3)", p + 1, p + 2)).collect();
    let sql = format!("INSERT INTO step (tenant, turn, n, body, millis, at) VALUES {}", rows.join(", "));
    let mut query = tx.query(&sql).bind(scope.tenant()).bind(turn).bind(now);
    for ((step, millis), n) in steps.iter().zip(n..) {
        query = query.bind(n).bind(Json(*step)).bind(*millis);
    }
    query.put().await
}

/// Bills a model step of a turn, or of a trial that is no turn; once, because the step is journaled once.
#[expect(clippy::too_many_arguments, reason = "one row, its columns")]
pub async fn bill<K: Kind>(
    tx: &mut Tx,
    scope: &Scope,
    turn: &Id<K>,
    n: i64,
    vendor: &str,
    model: &str,
    usage: &Usage,
    now: Timestamp,
) -> Result<()> {
    tx.query(
        "INSERT INTO ledger (tenant, turn, n, vendor, model, input, cached, output, cost_micros, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(scope.tenant())
    .bind(turn)
    .bind(n)
    .bind(vendor)
    .bind(model)
    .bind(usage.input as i64)
    .bind(usage.cached as i64)
    .bind(usage.output as i64)
    .bind(usage.cost_micros)
    .bind(now)
    .put()
    .await
}

/// Model tokens used since then.
pub async fn tokens_since(tx: &mut Tx, scope: &Scope, since: Timestamp) -> Result<i64> {
    tx.query("SELECT CAST(COALESCE(SUM(input + output), 0) AS BIGINT) AS n FROM ledger WHERE tenant = $1 AND at >= $2")
        .bind(scope.tenant())
        .bind(since)
        .one(|row| row.get("n"))
        .await
}

/// What ran, kept with the turn when its first step is journaled.
pub async fn describe(tx: &mut Tx, scope: &Scope, turn: &TurnId, agent: &AgentId, version: i64, prompt: &str) -> Result<()> {
    tx.query("UPDATE turn SET agent = $3, agent_version = $4, prompt = $5 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(turn)
        .bind(agent)
        .bind(version)
        .bind(prompt)
        .put()
        .await
}

/// Newer messages join the running turn.
pub async fn extend(tx: &mut Tx, scope: &Scope, claim: &Claim, to_seq: i64) -> Result<()> {
    tx.query("UPDATE turn SET to_seq = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(&claim.turn)
        .bind(to_seq)
        .put()
        .await
}

pub async fn end(tx: &mut Tx, scope: &Scope, turn: &TurnId, state: &str, outcome: Option<GiveUp>, now: Timestamp) -> Result<()> {
    let outcome = outcome.map(|o| format!("{o:?}"));
    tx.query("UPDATE turn SET state = $3, outcome = $4, ended_at = $5 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(turn)
        .bind(state)
        .bind(outcome.as_deref())
        .bind(now)
        .put()
        .await
}

/// Notes the fault of this run; the turn goes on later.
pub async fn stumble(tx: &mut Tx, scope: &Scope, turn: &TurnId, problem: &str) -> Result<()> {
    tx.query("UPDATE turn SET problem = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(turn)
        .bind(problem)
        .put()
        .await
}

/// Which turns are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub conversation: Option<ConversationId>,
    /// `running`, `done`, `handed_off`, `suppressed`, `dead`.
    pub state: Option<String>,
    pub agent: Option<AgentId>,
}

/// Latest first, after the given one.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    after: Option<&(Timestamp, TurnId)>,
    limit: u32,
) -> Result<Vec<Turn>> {
    let (at, id) = after.map_or((Timestamp::NEVER, None), |(at, id)| (*at, Some(id)));
    // A condition of its own for the one that has an index: a statement for all would be planned for none.
    let within = if filter.conversation.is_some() { "conversation = $5" } else { "CAST($5 AS TEXT) IS NULL" };
    tx.query(&format!(
        "SELECT {COLUMNS} FROM turn
          WHERE tenant = $1 AND {within} AND (started_at, id) < ($2, COALESCE($3, ''))
            AND (CAST($6 AS TEXT) IS NULL OR state = $6) AND (CAST($7 AS TEXT) IS NULL OR agent = $7)
          ORDER BY started_at DESC, id DESC LIMIT $4"
    ))
    .bind(scope.tenant())
    .bind(at)
    .bind(id)
    .bind(limit)
    .bind(filter.conversation.as_ref())
    .bind(filter.state.as_deref())
    .bind(filter.agent.as_ref())
    .all(turn)
    .await
}

/// What the tools of a turn came to, in order.
pub async fn tool_results(tx: &mut Tx, scope: &Scope, turn: &TurnId) -> Result<Vec<ToolResult>> {
    // The journal's own form: the kind is the first member.
    let steps = tx
        .query("SELECT body FROM step WHERE tenant = $1 AND turn = $2 AND body LIKE '{\"kind\":\"tools\"%' ORDER BY n")
        .bind(scope.tenant())
        .bind(turn)
        .all(|row| row.get::<Json<Step>>("body"))
        .await?;
    Ok(steps.into_iter().flat_map(|Json(step)| if let Step::Tools { results } = step { results } else { Vec::new() }).collect())
}
