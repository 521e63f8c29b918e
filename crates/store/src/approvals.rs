//! What waits for a customer's or a colleague's word, what was said, and what became of it. Every change of state is compare-and-set.

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{Approval, Kind, Origin, State, canonical, decision_part},
    ids::*,
    message::{Author, Direction, Message},
    tool::ToolResult,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Asked, Result, Tx, inbound, lanes, messages,
    query::{Bind, Row},
    values::Json,
};

/// Hex; the same for the same arguments, whatever the order of their members.
pub fn hash(arguments: &Value) -> String {
    Sha256::digest(canonical(arguments).as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn approval(row: &Row<'_>) -> Result<Approval> {
    Ok(Approval {
        id: row.get("id")?,
        kind: row.get("kind")?,
        state: row.get("state")?,
        conversation: row.get("conversation")?,
        turn: row.get("turn")?,
        action: row.get("action")?,
        arguments: row.get::<Json<Value>>("arguments")?.0,
        args_hash: row.get("args_hash")?,
        provenance: row.get::<Json<Vec<Origin>>>("provenance")?.0,
        question: row.get("question")?,
        rule: row.get("rule")?,
        requested_by: row.get("requested_by")?,
        decided_by: row.get("decided_by")?,
        decided_at: row.get("decided_at")?,
        note: row.get("note")?,
        edited_from: row.get::<Option<Json<Value>>>("edited_from")?.map(|v| v.0),
        edited_by: row.get("edited_by")?,
        taken_by: row.get("taken_by")?,
        asked: row.get("asked")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        expires_at: row.get("expires_at")?,
        escalate_at: row.get("escalate_at")?,
        result: row.get::<Option<Json<ToolResult>>>("result")?.map(|v| v.0),
    })
}

const COLUMNS: &str =
    "a.id, a.kind, a.state, a.conversation, a.turn, a.action, a.arguments, a.args_hash, a.provenance, a.question, a.rule,
                       a.requested_by, a.decided_by, a.decided_at, a.note, a.edited_from, a.edited_by, a.taken_by, a.asked,
                       a.created_at, a.updated_at, a.expires_at, a.escalate_at, a.result";

pub async fn insert(tx: &mut Tx, scope: &Scope, a: &Approval) -> Result<()> {
    tx.query(
        "INSERT INTO approval (tenant, id, kind, state, conversation, turn, action, arguments, args_hash, provenance, question, rule,
                               requested_by, decided_by, asked, created_at, updated_at, expires_at, escalate_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', $14, $15, $15, $16, $17)",
    )
    .bind(scope.tenant()).bind(&a.id).bind(a.kind).bind(a.state).bind(&a.conversation).bind(&a.turn).bind(a.action.as_str())
    .bind(Json(&a.arguments)).bind(a.args_hash.as_str()).bind(Json(&a.provenance)).bind(a.question.as_str()).bind(a.rule.as_str())
    .bind(a.requested_by.as_str()).bind(a.asked).bind(a.created_at).bind(a.expires_at).bind(a.escalate_at)
    .put()
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &ApprovalId) -> Result<Option<Approval>> {
    tx.query(&format!("SELECT {COLUMNS} FROM approval a WHERE a.tenant = $1 AND a.id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(approval)
        .await
}

/// As `get`; on PostgreSQL nobody else changes it until this unit of work is over. Whoever also moves the conversation's lane takes the
/// lane first (`lanes::lock`), as every turn does.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &ApprovalId) -> Result<Option<Approval>> {
    let sql = format!("SELECT {COLUMNS} FROM approval a WHERE a.tenant = $1 AND a.id = $2");
    tx.query_each(&sql, &format!("{sql} FOR UPDATE")).bind(scope.tenant()).bind(id).optional(approval).await
}

/// The same request of the same conversation that still waits: it is not asked twice.
pub async fn waiting(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    kind: Kind,
    action: &str,
    args_hash: &str,
) -> Result<Option<ApprovalId>> {
    tx.query(
        "SELECT id FROM approval
          WHERE tenant = $1 AND conversation = $2 AND kind = $3 AND action = $4 AND args_hash = $5 AND state = 'pending' LIMIT 1",
    )
    .bind(scope.tenant())
    .bind(conversation)
    .bind(kind)
    .bind(action)
    .bind(args_hash)
    .optional(|row| row.get("id"))
    .await
}

/// Who says what about a request.
#[derive(Debug, Clone, Copy)]
pub struct Word<'w> {
    pub to: State,
    /// `usr_…`, `key_…`, `con_…`; empty for the clock and the machine's operator.
    pub by: &'w str,
    pub note: Option<&'w str>,
    /// The turn that carries a customer's yes out.
    pub taken_by: Option<&'w TurnId>,
}

/// The first word counts: `false` when it was decided before.
pub async fn decide(tx: &mut Tx, scope: &Scope, id: &ApprovalId, word: &Word<'_>, now: Timestamp) -> Result<bool> {
    tx.query(
        "UPDATE approval SET state = $3, decided_by = $4, note = $5, taken_by = $6, decided_at = $7, updated_at = $7
          WHERE tenant = $1 AND id = $2 AND state = 'pending'",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(word.to)
    .bind(word.by)
    .bind(word.note)
    .bind(word.taken_by)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Other arguments, while nobody has decided; what the agent wanted is kept. `false`: it was decided.
pub async fn edit(
    tx: &mut Tx,
    scope: &Scope,
    id: &ApprovalId,
    arguments: &Value,
    provenance: &Vec<Origin>,
    by: &str,
    now: Timestamp,
) -> Result<bool> {
    tx.query(
        "UPDATE approval SET edited_from = COALESCE(edited_from, arguments), arguments = $3, args_hash = $4, provenance = $5, edited_by = $6,
                updated_at = $7
          WHERE tenant = $1 AND id = $2 AND state = 'pending'",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(Json(arguments))
    .bind(hash(arguments))
    .bind(Json(provenance))
    .bind(by)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// The customer is asked once more.
pub async fn ask_again(tx: &mut Tx, scope: &Scope, id: &ApprovalId, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE approval SET asked = asked + 1, updated_at = $3 WHERE tenant = $1 AND id = $2 AND state = 'pending'")
        .bind(scope.tenant())
        .bind(id)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

/// What carrying it out came to, in the transaction that journals it. `false`: it has ended before.
pub async fn end(tx: &mut Tx, scope: &Scope, id: &ApprovalId, to: State, result: &ToolResult, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE approval SET state = $3, result = $4, updated_at = $5 WHERE tenant = $1 AND id = $2 AND state = 'approved'")
        .bind(scope.tenant())
        .bind(id)
        .bind(to)
        .bind(Json(result))
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

/// One more of those who are named for it is told. Returns how many were before; `None`: it was decided.
pub async fn escalate(tx: &mut Tx, scope: &Scope, id: &ApprovalId) -> Result<Option<i64>> {
    tx.query(
        "UPDATE approval SET escalated = escalated + 1 WHERE tenant = $1 AND id = $2 AND state = 'pending' RETURNING escalated",
    )
    .bind(scope.tenant())
    .bind(id)
    .optional(|row| row.get::<i64>("escalated"))
    .await
    .map(|told| told.map(|n| n - 1))
}

/// This turn was to carry these out and is given up. Returns which.
pub async fn give_up(tx: &mut Tx, scope: &Scope, claim: &lanes::Claim, now: Timestamp) -> Result<Vec<ApprovalId>> {
    tx.query(
        "UPDATE approval SET state = 'failed', updated_at = $7
          WHERE tenant = $1 AND conversation = $2 AND state = 'approved'
            AND (taken_by = $3 OR id IN (
                SELECT i.vendor_id FROM inbound i JOIN message m ON m.tenant = i.tenant AND m.id = i.message
                 WHERE i.tenant = $1 AND i.account = $4 AND m.conversation = $2 AND m.seq >= $5 AND m.seq <= $6))
          RETURNING id",
    )
    .bind(scope.tenant())
    .bind(&claim.conversation)
    .bind(&claim.turn)
    .bind(OURS)
    .bind(claim.from_seq)
    .bind(claim.to_seq)
    .bind(now)
    .all(|row| row.get("id"))
    .await
}

/// What a turn of this conversation has to do with: what waits for the customer, what was approved and is not carried out yet, and these.
pub async fn open_in(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, and: &[ApprovalId]) -> Result<Vec<Approval>> {
    let open = ask_open(tx, scope, conversation)?;
    with_these(tx, scope, open, and).await
}

/// What waits for the customer, and what was approved and is not carried out yet.
pub fn ask_open(tx: &mut Tx, scope: &Scope, conversation: &ConversationId) -> Result<Asked<Approval>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM approval a
          WHERE a.tenant = $1 AND a.conversation = $2
            AND ((a.state = 'pending' AND a.kind = 'suggestion') OR a.state = 'approved')
          ORDER BY a.created_at, a.id"
    ))
    .bind(scope.tenant())
    .bind(conversation)
    .ask(approval)
}

/// What is open, and these where they are not among it.
pub async fn with_these(tx: &mut Tx, scope: &Scope, open: Asked<Approval>, and: &[ApprovalId]) -> Result<Vec<Approval>> {
    let mut open = open.all(tx).await?;
    for id in and {
        if !open.iter().any(|a| a.id == *id) {
            open.extend(get(tx, scope, id).await?);
        }
    }
    Ok(open)
}

/// With whom it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub approval: Approval,
    pub contact: ContactId,
    pub contact_name: Option<String>,
    pub channel: ChannelId,
}

/// Which are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<State>,
    pub kind: Option<Kind>,
    pub conversation: Option<ConversationId>,
    /// On one of these.
    pub channels: Option<Vec<ChannelId>>,
}

/// Newest first, after the given one.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    after: Option<&(Timestamp, ApprovalId)>,
    limit: u32,
) -> Result<Vec<Listed>> {
    let mut wanted = vec!["a.tenant = $1".to_owned()];
    // As its index says it.
    let pending = filter.state == Some(State::Pending);
    wanted.extend(pending.then(|| "a.state = 'pending'".to_owned()));
    let mut params = vec![scope.tenant().param()];
    let mut also = |sql: &str, param| {
        params.push(param);
        wanted.push(sql.replace("$$", &format!("${}", params.len())));
    };
    if let Some((at, id)) = after {
        also("a.created_at <= $$", at.param());
        also("(a.created_at, a.id) < ($2, $$)", id.param());
    }
    if let Some(state) = filter.state.filter(|_| !pending) {
        also("a.state = $$", state.param());
    }
    if let Some(kind) = filter.kind {
        also("a.kind = $$", kind.param());
    }
    if let Some(conversation) = &filter.conversation {
        also("a.conversation = $$", conversation.param());
    }
    if let Some(channels) = &filter.channels {
        let ids = channels.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(",");
        also("(',' || $$ || ',') LIKE ('%,' || c.channel || ',%')", ids.param());
    }
    also("TRUE ORDER BY a.created_at DESC, a.id DESC LIMIT $$", limit.param());
    let sql = format!(
        "SELECT {COLUMNS}, c.contact, c.channel, p.name AS contact_name FROM approval a
           JOIN conversation c ON c.tenant = a.tenant AND c.id = a.conversation
           LEFT JOIN contact p ON p.tenant = c.tenant AND p.id = c.contact
          WHERE {}",
        wanted.join(" AND ")
    );
    let mut query = tx.query(&sql);
    for param in params {
        query = query.bind_param(param);
    }
    query
        .all(|row| {
            Ok(Listed {
                approval: approval(row)?,
                contact: row.get("contact")?,
                contact_name: row.get("contact_name")?,
                channel: row.get("channel")?,
            })
        })
        .await
}

/// How many wait for the team, and how many for customers; `channels`: only there.
pub async fn pending(tx: &mut Tx, scope: &Scope, channels: Option<&[ChannelId]>) -> Result<(i64, i64)> {
    let marks: Vec<String> = (2..channels.map_or(0, <[_]>::len) + 2).map(|n| format!("${n}")).collect();
    let there = match channels {
        Some([]) => return Ok((0, 0)),
        Some(_) => {
            format!("AND conversation IN (SELECT id FROM conversation WHERE tenant = $1 AND channel IN ({}))", marks.join(", "))
        }
        None => String::new(),
    };
    let sql = format!(
        "SELECT COUNT(*) FILTER (WHERE kind <> 'suggestion') AS team, COUNT(*) FILTER (WHERE kind = 'suggestion') AS customers
           FROM approval WHERE tenant = $1 AND state = 'pending' {there}"
    );
    let query = tx.query(&sql).bind(scope.tenant());
    let query = channels.unwrap_or_default().iter().fold(query, |query, channel| query.bind(channel));
    query.one(|row| Ok((row.get("team")?, row.get("customers")?))).await
}

/// Brings a decision into its conversation, as a message that nobody sent: the next turn takes it up. Once; `false`: it is there already.
/// The lane is taken first.
pub async fn announce(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    id: &ApprovalId,
    message: &MessageId,
    text: &str,
    now: Timestamp,
) -> Result<bool> {
    let new = inbound::remember(tx, scope, OURS, id.as_str(), "decision", Some(message), None, now)?;
    if new.optional(tx).await?.is_none() {
        return Ok(false);
    }
    lanes::push(tx, scope, conversation, now).await?;
    let stored = Message {
        id: message.clone(),
        conversation: conversation.clone(),
        direction: Direction::In,
        author: Author::System,
        parts: vec![decision_part(id, text.to_owned())],
        vendor_id: None,
        quotes: None,
        delivery: None,
        failure: None,
        turn: None,
        at: now,
    };
    messages::insert_in_lane(tx, scope, &stored, None).await.map(|()| true)
}

/// Where nothing of a vendor's comes in.
const OURS: &str = "frontdesk";
