//! What was decided about each call of a turn, written with the step that holds the call.

use frontdesk_kernel::{
    Scope, Timestamp,
    action::Level,
    decision::Facts,
    ids::{ApprovalId, ContactId, TurnId},
};

use crate::{Asked, Result, Tx, query::Row, tool_calls::Place, values::Json};

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was carried out at once.
    Run,
    /// It was not, and will not be.
    Refused,
    /// Somebody is asked first.
    Waiting,
    /// It was asked about earlier, and is carried out now.
    Approved,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Run => "run",
            Outcome::Refused => "refused",
            Outcome::Waiting => "waiting",
            Outcome::Approved => "approved",
        }
    }
    pub fn parse(text: &str) -> Option<Outcome> {
        [Outcome::Run, Outcome::Refused, Outcome::Waiting, Outcome::Approved].into_iter().find(|o| o.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub place: Place,
    pub action: String,
    pub level: Level,
    /// A rule's id, or `default`, `floor`, `raised`, `permission` …
    pub rule: String,
    pub outcome: Outcome,
    pub facts: Facts,
    /// In minor units, where the call has one that can be read.
    pub amount: Option<i64>,
    pub approval: Option<ApprovalId>,
    pub at: Timestamp,
}

fn decision(row: &Row<'_>) -> Result<Decision> {
    Ok(Decision {
        place: Place { turn: row.get("turn")?, step: row.get("step")?, n: row.get("n")? },
        action: row.get("action")?,
        level: row.get("level")?,
        rule: row.get("rule")?,
        outcome: row.get("outcome")?,
        facts: row.get::<Json<Facts>>("facts")?.0,
        amount: row.get("amount")?,
        approval: row.get("approval")?,
        at: row.get("at")?,
    })
}

const COLUMNS: &str = "turn, step, n, action, level, rule, outcome, facts, amount, approval, at";

pub async fn insert(tx: &mut Tx, scope: &Scope, d: &Decision) -> Result<()> {
    tx.query(
        "INSERT INTO decision (tenant, turn, step, n, action, level, rule, outcome, facts, amount, approval, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(scope.tenant())
    .bind(&d.place.turn)
    .bind(d.place.step)
    .bind(d.place.n)
    .bind(d.action.as_str())
    .bind(d.level)
    .bind(d.rule.as_str())
    .bind(d.outcome)
    .bind(Json(&d.facts))
    .bind(d.amount)
    .bind(d.approval.as_ref())
    .bind(d.at)
    .put()
    .await
}

/// What was decided about this call before the process died, if it was.
pub fn ask_at(tx: &mut Tx, scope: &Scope, place: &Place) -> Result<Asked<Decision>> {
    tx.query(&format!("SELECT {COLUMNS} FROM decision WHERE tenant = $1 AND turn = $2 AND step = $3 AND n = $4"))
        .bind(scope.tenant())
        .bind(&place.turn)
        .bind(place.step)
        .bind(place.n)
        .ask(decision)
}

/// All of a turn, in the order of its calls.
pub async fn of_turn(tx: &mut Tx, scope: &Scope, turn: &TurnId) -> Result<Vec<Decision>> {
    tx.query(&format!("SELECT {COLUMNS} FROM decision WHERE tenant = $1 AND turn = $2 ORDER BY step, n"))
        .bind(scope.tenant())
        .bind(turn)
        .all(decision)
        .await
}

/// How often an action was carried out or asked for on behalf of a contact since then, in whichever of their threads, and what it came
/// to. What was asked for counts, whatever was answered; what was carried out after an answer does not count again.
pub async fn since(tx: &mut Tx, scope: &Scope, contact: &ContactId, action: &str, from: Timestamp) -> Result<(i64, i64)> {
    tx.query(
        "SELECT COUNT(*) AS n, CAST(COALESCE(SUM(d.amount), 0) AS BIGINT) AS amount
           FROM decision d
           JOIN turn t ON t.tenant = d.tenant AND t.id = d.turn
           JOIN conversation c ON c.tenant = t.tenant AND c.id = t.conversation
          WHERE d.tenant = $1 AND d.action = $2 AND d.at >= $3 AND d.outcome IN ('run', 'waiting') AND c.contact = $4",
    )
    .bind(scope.tenant())
    .bind(action)
    .bind(from)
    .bind(contact)
    .one(|row| Ok((row.get("n")?, row.get("amount")?)))
    .await
}
