//! Messages of a conversation, and how far they came.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    message::{Author, Delivery, Direction, Message, Part, plain_text},
};

use crate::{Error, Result, Tx, db::Row, values::Json};

pub(crate) const COLUMNS: &str = "id, conversation, direction, author, parts, vendor_id, quotes, delivery, failure, turn, at";

pub(crate) fn message(row: &Row<'_>) -> Result<Message> {
    let word = |column: &str| -> Result<String> { row.get(column) };
    let unknown =
        |column: &str, value: &str| Error::Unreadable { column: column.into(), problem: format!("unknown value {value}") };
    let direction = match word("direction")?.as_str() {
        "in" => Direction::In,
        "out" => Direction::Out,
        other => return Err(unknown("direction", other)),
    };
    let author = match word("author")?.as_str() {
        "contact" => Author::Contact,
        "bot" => Author::Bot,
        "staff" => Author::Staff,
        "system" => Author::System,
        other => return Err(unknown("author", other)),
    };
    Ok(Message {
        id: row.get("id")?,
        conversation: row.get("conversation")?,
        direction,
        author,
        parts: row.get::<Json<Vec<Part>>>("parts")?.0,
        vendor_id: row.get("vendor_id")?,
        quotes: row.get("quotes")?,
        delivery: row.get("delivery")?,
        failure: row.get("failure")?,
        turn: row.get("turn")?,
        at: row.get("at")?,
    })
}

/// Stores a message. `seq` is its place in the lane (inbound that wants a turn); `extra` is channel JSON worth keeping (referral …).
pub async fn insert(tx: &mut Tx, scope: &Scope, m: &Message, seq: Option<i64>, extra: Option<&str>) -> Result<()> {
    let direction = if m.direction == Direction::In { "in" } else { "out" };
    let author = match m.author {
        Author::Contact => "contact",
        Author::Bot => "bot",
        Author::Staff => "staff",
        Author::System => "system",
    };
    tx.query(
        "INSERT INTO message (tenant, id, conversation, seq, direction, author, parts, body, vendor_id, quotes, delivery, failure, turn,
                              extra, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(scope.tenant()).bind(&m.id).bind(&m.conversation).bind(seq).bind(direction).bind(author)
    .bind(Json(&m.parts)).bind(plain_text(&m.parts)).bind(m.vendor_id.as_deref()).bind(m.quotes.as_deref())
    .bind(m.delivery).bind(m.failure.as_deref()).bind(m.turn.as_ref()).bind(extra).bind(m.at)
    .execute()
    .await
    .map(drop)
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &MessageId) -> Result<Option<Message>> {
    tx.query(&format!("SELECT {COLUMNS} FROM message WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(message)
        .await
}

pub async fn by_vendor_id(tx: &mut Tx, scope: &Scope, vendor_id: &str) -> Result<Option<Message>> {
    tx.query(&format!("SELECT {COLUMNS} FROM message WHERE tenant = $1 AND vendor_id = $2"))
        .bind(scope.tenant())
        .bind(vendor_id)
        .optional(message)
        .await
}

/// The inbound messages of a stretch of the lane, in order.
pub async fn of_lane(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    from_seq: i64,
    to_seq: i64,
) -> Result<Vec<Message>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM message WHERE tenant = $1 AND conversation = $2 AND seq BETWEEN $3 AND $4 ORDER BY seq"
    ))
    .bind(scope.tenant())
    .bind(conversation)
    .bind(from_seq)
    .bind(to_seq)
    .all(message)
    .await
}

/// The last messages before lane position `before_seq`, oldest first: what the model remembers.
pub async fn history(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    before_seq: i64,
    limit: u32,
) -> Result<Vec<Message>> {
    let mut last = tx
        .query(&format!(
            "SELECT {COLUMNS} FROM message
              WHERE tenant = $1 AND conversation = $2 AND (seq IS NULL OR seq < $3)
              ORDER BY at DESC, id DESC LIMIT $4"
        ))
        .bind(scope.tenant())
        .bind(conversation)
        .bind(before_seq)
        .bind(limit)
        .all(message)
        .await?;
    last.reverse();
    Ok(last)
}

/// Latest last; a page before a message.
pub async fn thread(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<Message>> {
    let mut page = tx
        .query(&format!(
            "SELECT {COLUMNS} FROM message WHERE tenant = $1 AND conversation = $2 AND at < $3 ORDER BY at DESC, id DESC LIMIT $4"
        ))
        .bind(scope.tenant())
        .bind(conversation)
        .bind(before)
        .bind(limit)
        .all(message)
        .await?;
    page.reverse();
    Ok(page)
}

/// What a turn sent, in order.
pub async fn of_turn(tx: &mut Tx, scope: &Scope, turn: &TurnId) -> Result<Vec<Message>> {
    tx.query(
        "SELECT m.id, m.conversation, m.direction, m.author, m.parts, m.vendor_id, m.quotes, m.delivery, m.failure, m.turn, m.at
           FROM effect e JOIN message m ON m.tenant = e.tenant AND m.id = e.message
          WHERE e.tenant = $1 AND e.turn = $2 AND e.conversation = (SELECT conversation FROM turn WHERE tenant = $1 AND id = $2)
          ORDER BY e.ord",
    )
    .bind(scope.tenant())
    .bind(turn)
    .all(message)
    .await
}

/// Replaces the parts (media stored, transcript known).
pub async fn set_parts(tx: &mut Tx, scope: &Scope, id: &MessageId, parts: &[Part]) -> Result<()> {
    tx.query("UPDATE message SET parts = $3, body = $4 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(Json(&parts))
        .bind(plain_text(parts))
        .execute()
        .await
        .map(drop)
}

/// The vendor's news: the delivery only moves up. Returns the state now, or `None` when there is no such message.
pub async fn advance(
    tx: &mut Tx,
    scope: &Scope,
    id: &MessageId,
    news: Delivery,
    vendor_id: Option<&str>,
    failure: Option<&str>,
) -> Result<Option<Delivery>> {
    let was = tx
        .query_each(
            "SELECT delivery FROM message WHERE tenant = $1 AND id = $2",
            "SELECT delivery FROM message WHERE tenant = $1 AND id = $2 FOR UPDATE",
        )
        .bind(scope.tenant())
        .bind(id)
        .optional(|row| row.get::<Option<Delivery>>("delivery"))
        .await?;
    let Some(was) = was else { return Ok(None) };
    let is = was.map_or(news, |was| was.after(news));
    tx.query(
        "UPDATE message SET delivery = $3, vendor_id = COALESCE(vendor_id, $4), failure = CASE WHEN $3 = 'failed' THEN COALESCE($5, failure) END
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant()).bind(id).bind(is).bind(vendor_id).bind(failure)
    .execute()
    .await?;
    Ok(Some(is))
}
