//! Messages of a conversation, and how far they came.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    message::{Author, Direction, Message, Part, plain_text},
    ports::channel::Address,
};

use crate::{Asked, Error, Result, Tx, db::Inner, query::Row, search, values::Json};

pub(crate) const COLUMNS: &str = "id, conversation, direction, author, parts, vendor_id, quotes, delivery, failure, turn, at";

pub(crate) fn message(row: &Row<'_>) -> Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        conversation: row.get("conversation")?,
        direction: direction(row, "direction")?,
        author: author(row, "author")?,
        parts: row.get::<Json<Vec<Part>>>("parts")?.0,
        vendor_id: row.get("vendor_id")?,
        quotes: row.get("quotes")?,
        delivery: row.get("delivery")?,
        failure: row.get("failure")?,
        turn: row.get("turn")?,
        at: row.get("at")?,
    })
}

pub(crate) fn direction(row: &Row<'_>, column: &str) -> Result<Direction> {
    match row.get::<String>(column)?.as_str() {
        "in" => Ok(Direction::In),
        "out" => Ok(Direction::Out),
        other => Err(unknown(column, other)),
    }
}

pub(crate) fn author(row: &Row<'_>, column: &str) -> Result<Author> {
    match row.get::<String>(column)?.as_str() {
        "contact" => Ok(Author::Contact),
        "bot" => Ok(Author::Bot),
        "staff" => Ok(Author::Staff),
        "system" => Ok(Author::System),
        other => Err(unknown(column, other)),
    }
}

fn unknown(column: &str, value: &str) -> Error {
    Error::Unreadable { column: column.into(), problem: format!("unknown value {value}") }
}

/// Stores a message, to be found by the search.
pub async fn insert(tx: &mut Tx, scope: &Scope, m: &Message) -> Result<()> {
    store(tx, scope, m, "NULL", None).await
}

/// As `insert`, in the newest place of its conversation's lane. `extra`: JSON of the channel worth keeping.
pub async fn insert_in_lane(tx: &mut Tx, scope: &Scope, m: &Message, extra: Option<&str>) -> Result<()> {
    store(tx, scope, m, "(SELECT head_seq FROM lane WHERE tenant = $1 AND conversation = $3)", extra).await
}

async fn store(tx: &mut Tx, scope: &Scope, m: &Message, seq: &str, extra: Option<&str>) -> Result<()> {
    let direction = if m.direction == Direction::In { "in" } else { "out" };
    let author = match m.author {
        Author::Contact => "contact",
        Author::Bot => "bot",
        Author::Staff => "staff",
        Author::System => "system",
    };
    let message = format!(
        "INSERT INTO message (tenant, id, conversation, seq, direction, author, parts, body, vendor_id, quotes, delivery, failure, turn,
                              extra, at)
         VALUES ($1, $2, $3, {seq}, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
    );
    // PostgreSQL takes both in one round trip.
    let both = format!("WITH due AS (INSERT INTO search_due (tenant, message) VALUES ($1, $2)) {message}");
    if matches!(tx.inner, Inner::Sqlite(_)) {
        tx.query("INSERT INTO search_due (tenant, message) VALUES ($1, $2)").bind(scope.tenant()).bind(&m.id).put().await?;
    }
    tx.query_each(&message, &both)
        .bind(scope.tenant())
        .bind(&m.id)
        .bind(&m.conversation)
        .bind(direction)
        .bind(author)
        .bind(Json(&m.parts))
        .bind(plain_text(&m.parts))
        .bind(m.vendor_id.as_deref())
        .bind(m.quotes.as_deref())
        .bind(m.delivery)
        .bind(m.failure.as_deref())
        .bind(m.turn.as_ref())
        .bind(extra)
        .bind(m.at)
        .put()
        .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &MessageId) -> Result<Option<Message>> {
    tx.query(&format!("SELECT {COLUMNS} FROM message WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(message)
        .await
}

/// A message to a customer, with what its conversation says of where it goes and until when it may.
#[derive(Debug, Clone, PartialEq)]
pub struct ToSend {
    pub message: Message,
    pub to: Address,
    pub last_inbound_at: Option<Timestamp>,
}

/// To be read later. No answer: it is gone, or goes to a member of the team.
pub fn ask_to_send(tx: &mut Tx, scope: &Scope, id: &MessageId) -> Result<Asked<ToSend>> {
    tx.query(&format!(
        "SELECT {COLUMNS}, address_kind, address, last_inbound_at
           FROM message JOIN (SELECT tenant AS whose, id AS thread, address_kind, address, last_inbound_at FROM conversation) AS c
                          ON whose = tenant AND thread = conversation
          WHERE tenant = $1 AND id = $2"
    ))
    .bind(scope.tenant())
    .bind(id)
    .ask(|row| {
        let to = Address { kind: row.get("address_kind")?, value: row.get("address")? };
        Ok(ToSend { message: message(row)?, to, last_inbound_at: row.get("last_inbound_at")? })
    })
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
    ask_of_lane(tx, scope, conversation, from_seq, to_seq)?.all(tx).await
}

/// As `of_lane`, to be read later.
pub fn ask_of_lane(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    from_seq: i64,
    to_seq: i64,
) -> Result<Asked<Message>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM message WHERE tenant = $1 AND conversation = $2 AND seq BETWEEN $3 AND $4 ORDER BY seq"
    ))
    .bind(scope.tenant())
    .bind(conversation)
    .bind(from_seq)
    .bind(to_seq)
    .ask(message)
}

/// The last messages before lane position `before_seq`, oldest first: what the model remembers.
pub fn ask_history(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    before_seq: i64,
    limit: u32,
) -> Result<Asked<Message>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM message
                                 WHERE tenant = $1 AND conversation = $2 AND (seq IS NULL OR seq < $3)
                                 ORDER BY at DESC, id DESC LIMIT $4) AS last
          ORDER BY at, id"
    ))
    .bind(scope.tenant())
    .bind(conversation)
    .bind(before_seq)
    .bind(limit)
    .ask(message)
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
        .put()
        .await?;
    search::chunks::changed(tx, scope, id).await
}

/// A message as the inbox shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub message: Message,
    /// Who of the team wrote it: `usr_…` or `key_…`.
    pub written_by: Option<String>,
    pub written_by_name: Option<String>,
}

fn shown(row: &Row<'_>) -> Result<Shown> {
    Ok(Shown { message: message(row)?, written_by: row.get("written_by")?, written_by_name: row.get("written_by_name")? })
}

fn shown_columns() -> String {
    let columns = COLUMNS.split(", ").map(|c| format!("m.{c}")).collect::<Vec<_>>().join(", ");
    format!("{columns}, m.written_by, COALESCE(u.name, k.name) AS written_by_name")
}

const AUTHORS: &str =
    "LEFT JOIN person u ON u.id = m.written_by LEFT JOIN api_key k ON k.tenant = m.tenant AND k.id = m.written_by";

/// Latest first, before the given one.
pub async fn page(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    before: Option<&(Timestamp, MessageId)>,
    limit: u32,
) -> Result<Vec<Shown>> {
    let (at, id) = before.map_or((Timestamp::NEVER, None), |(at, id)| (*at, Some(id)));
    tx.query(&format!(
        "SELECT {} FROM message m {AUTHORS}
          WHERE m.tenant = $1 AND m.conversation = $2 AND (m.at, m.id) < ($3, COALESCE($4, '')) ORDER BY m.at DESC, m.id DESC LIMIT $5",
        shown_columns()
    ))
    .bind(scope.tenant())
    .bind(conversation)
    .bind(at)
    .bind(id)
    .bind(limit)
    .all(shown)
    .await
}

/// One message as the inbox shows it.
pub async fn look_at(tx: &mut Tx, scope: &Scope, id: &MessageId) -> Result<Option<Shown>> {
    tx.query(&format!("SELECT {} FROM message m {AUTHORS} WHERE m.tenant = $1 AND m.id = $2", shown_columns()))
        .bind(scope.tenant())
        .bind(id)
        .optional(shown)
        .await
}

/// Messages that others quote, by the vendor's ids.
pub async fn quoted(tx: &mut Tx, scope: &Scope, vendor_ids: &[String]) -> Result<Vec<Message>> {
    let mut found = Vec::with_capacity(vendor_ids.len());
    for vendor_id in vendor_ids {
        found.extend(by_vendor_id(tx, scope, vendor_id).await?);
    }
    Ok(found)
}

/// Who of the team wrote it.
pub async fn sign(tx: &mut Tx, scope: &Scope, id: &MessageId, written_by: &str) -> Result<()> {
    tx.query("UPDATE message SET written_by = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(written_by)
        .put()
        .await
}

/// On its way once more: what became of it before is forgotten.
pub async fn queue_again(tx: &mut Tx, scope: &Scope, id: &MessageId) -> Result<()> {
    tx.query("UPDATE message SET delivery = 'queued', failure = NULL, vendor_id = NULL, heard = 0 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .put()
        .await
}
