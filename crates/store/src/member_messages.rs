//! What is said with members about requests, on their own numbers: apart from customers' conversations, on the way as any other message.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    message::{Delivery, Direction, Part},
};

use crate::{Result, Tx, inbound, messages::direction, query::Row, values::Json};

#[derive(Debug, Clone, PartialEq)]
pub struct MemberMessage {
    pub id: MessageId,
    pub line: ConversationId,
    pub person: UserId,
    pub direction: Direction,
    pub part: Part,
    /// What it is about, where that is known.
    pub approval: Option<ApprovalId>,
    /// Of the arguments that it shows, when it is a request.
    pub args_hash: Option<String>,
    pub vendor_id: Option<String>,
    pub delivery: Option<Delivery>,
    pub failure: Option<String>,
    pub at: Timestamp,
}

const COLUMNS: &str = "id, line, person, direction, part, approval, args_hash, vendor_id, delivery, failure, at";

fn message(row: &Row<'_>) -> Result<MemberMessage> {
    Ok(MemberMessage {
        id: row.get("id")?,
        line: row.get("line")?,
        person: row.get("person")?,
        direction: direction(row, "direction")?,
        part: row.get::<Json<Part>>("part")?.0,
        approval: row.get("approval")?,
        args_hash: row.get("args_hash")?,
        vendor_id: row.get("vendor_id")?,
        delivery: row.get("delivery")?,
        failure: row.get("failure")?,
        at: row.get("at")?,
    })
}

pub async fn insert(tx: &mut Tx, scope: &Scope, m: &MemberMessage) -> Result<()> {
    tx.query(
        "INSERT INTO member_message (tenant, id, line, person, direction, part, approval, args_hash, vendor_id, delivery, failure, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(scope.tenant())
    .bind(&m.id)
    .bind(&m.line)
    .bind(&m.person)
    .bind(if m.direction == Direction::In { "in" } else { "out" })
    .bind(Json(&m.part))
    .bind(m.approval.as_ref())
    .bind(m.args_hash.as_deref())
    .bind(m.vendor_id.as_deref())
    .bind(m.delivery)
    .bind(m.failure.as_deref())
    .bind(m.at)
    .put()
    .await
}

/// What came in, once: `false` when it was delivered before.
pub async fn receive(tx: &mut Tx, scope: &Scope, account: &str, m: &MemberMessage) -> Result<bool> {
    let vendor_id = m.vendor_id.as_deref().unwrap_or_default();
    let new = inbound::remember(tx, scope, account, vendor_id, "answer", Some(&m.id), None, m.at)?;
    if new.optional(tx).await?.is_none() {
        return Ok(false);
    }
    insert(tx, scope, m).await.map(|()| true)
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &MessageId) -> Result<Option<MemberMessage>> {
    tx.query(&format!("SELECT {COLUMNS} FROM member_message WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(message)
        .await
}

/// With this member, oldest first.
pub async fn of_person(tx: &mut Tx, scope: &Scope, person: &UserId) -> Result<Vec<MemberMessage>> {
    tx.query(&format!("SELECT {COLUMNS} FROM member_message WHERE tenant = $1 AND person = $2 ORDER BY at, id"))
        .bind(scope.tenant())
        .bind(person)
        .all(message)
        .await
}
