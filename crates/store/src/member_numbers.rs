//! Members' own numbers: on which requests reach them and from which they answer, once it is certain that they are theirs.

use frontdesk_kernel::{Scope, Timestamp, ids::*};

use crate::{
    Result, Tx,
    db::{Row, row},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberNumber {
    pub person: UserId,
    /// Digits, as channels know them.
    pub number: String,
    /// Orders what is sent to it; no conversation has this id.
    pub line: ConversationId,
    /// What has to come from it; gone once it came.
    pub code: Option<String>,
    pub code_until: Option<Timestamp>,
    pub confirmed_at: Option<Timestamp>,
    /// Where it was heard last.
    pub channel: Option<ChannelId>,
    pub heard_at: Option<Timestamp>,
    /// Wrong and unclear codes since `tries_from`.
    pub tries: i64,
    pub tries_from: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

const COLUMNS: &str =
    "person, number, line, code, code_until, confirmed_at, channel, heard_at, tries, tries_from, created_at, updated_at";

fn number(r: &Row<'_>) -> Result<MemberNumber> {
    row!(MemberNumber {
        person,
        number,
        line,
        code,
        code_until,
        confirmed_at,
        channel,
        heard_at,
        tries,
        tries_from,
        created_at,
        updated_at
    })(r)
}

pub async fn get(tx: &mut Tx, scope: &Scope, person: &UserId) -> Result<Option<MemberNumber>> {
    tx.query(&format!("SELECT {COLUMNS} FROM member_number WHERE tenant = $1 AND person = $2"))
        .bind(scope.tenant())
        .bind(person)
        .optional(number)
        .await
}

/// Everybody's.
pub async fn all(tx: &mut Tx, scope: &Scope) -> Result<Vec<MemberNumber>> {
    tx.query(&format!("SELECT {COLUMNS} FROM member_number WHERE tenant = $1 ORDER BY person"))
        .bind(scope.tenant())
        .all(number)
        .await
}

/// Whose is confirmed, and who claims it; on PostgreSQL nobody else changes them until this unit of work is over.
pub async fn at(tx: &mut Tx, scope: &Scope, digits: &str) -> Result<Vec<MemberNumber>> {
    let sql = format!("SELECT {COLUMNS} FROM member_number WHERE tenant = $1 AND number = $2 ORDER BY person");
    tx.query_each(&sql, &format!("{sql} FOR UPDATE")).bind(scope.tenant()).bind(digits).all(number).await
}

/// Whose messages this line orders.
pub async fn of_line(tx: &mut Tx, scope: &Scope, line: &ConversationId) -> Result<Option<MemberNumber>> {
    tx.query(&format!("SELECT {COLUMNS} FROM member_number WHERE tenant = $1 AND line = $2"))
        .bind(scope.tenant())
        .bind(line)
        .optional(number)
        .await
}

/// Claims it for them, in place of the one they had. What was said on the other one is gone.
pub async fn claim(tx: &mut Tx, scope: &Scope, n: &MemberNumber) -> Result<()> {
    remove(tx, scope, &n.person).await?;
    tx.query(
        "INSERT INTO member_number (tenant, person, number, line, code, code_until, tries, tries_from, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7, $7)",
    )
    .bind(scope.tenant())
    .bind(&n.person)
    .bind(n.number.as_str())
    .bind(&n.line)
    .bind(n.code.as_deref())
    .bind(n.code_until)
    .bind(n.created_at)
    .execute()
    .await
    .map(drop)
}

/// Its code came from it, on this channel. Whoever else claimed it does so no more.
pub async fn confirm(tx: &mut Tx, scope: &Scope, n: &MemberNumber, channel: &ChannelId, now: Timestamp) -> Result<()> {
    tx.query("DELETE FROM member_number WHERE tenant = $1 AND number = $2 AND person <> $3 AND confirmed_at IS NULL")
        .bind(scope.tenant())
        .bind(n.number.as_str())
        .bind(&n.person)
        .execute()
        .await?;
    tx.query(
        "UPDATE member_number SET confirmed_at = $3, code = NULL, code_until = NULL, channel = $4, heard_at = $3, tries = 0, updated_at = $3
          WHERE tenant = $1 AND person = $2",
    )
    .bind(scope.tenant())
    .bind(&n.person)
    .bind(now)
    .bind(channel)
    .execute()
    .await
    .map(drop)
}

/// An answer came from it.
pub async fn heard(tx: &mut Tx, scope: &Scope, person: &UserId, channel: &ChannelId, now: Timestamp) -> Result<()> {
    tx.query("UPDATE member_number SET channel = $3, heard_at = $4 WHERE tenant = $1 AND person = $2")
        .bind(scope.tenant())
        .bind(person)
        .bind(channel)
        .bind(now)
        .execute()
        .await
        .map(drop)
}

/// How many wrong or unclear codes came from it, since when.
pub async fn count_tries(tx: &mut Tx, scope: &Scope, person: &UserId, tries: i64, from: Timestamp) -> Result<()> {
    tx.query("UPDATE member_number SET tries = $3, tries_from = $4 WHERE tenant = $1 AND person = $2")
        .bind(scope.tenant())
        .bind(person)
        .bind(tries)
        .bind(from)
        .execute()
        .await
        .map(drop)
}

/// When somebody wrote from this number to this channel last, as a customer.
pub async fn last_word(tx: &mut Tx, scope: &Scope, channel: &ChannelId, digits: &str) -> Result<Option<Timestamp>> {
    tx.query(
        "SELECT MAX(c.last_inbound_at) AS at FROM contact_address a
           JOIN conversation c ON c.tenant = a.tenant AND c.contact = a.contact
          WHERE a.tenant = $1 AND a.kind = 'phone' AND a.value = $2 AND c.channel = $3 AND c.address = $2",
    )
    .bind(scope.tenant())
    .bind(digits)
    .bind(channel)
    .one(|row| row.get("at"))
    .await
}

/// It is nobody's any more, and what was said there is gone with it. `false`: they had none.
pub async fn remove(tx: &mut Tx, scope: &Scope, person: &UserId) -> Result<bool> {
    let of_line = "conversation IN (SELECT line FROM member_number WHERE tenant = $1 AND person = $2)";
    for statement in [
        "DELETE FROM inbound WHERE tenant = $1 AND message IN (SELECT id FROM member_message WHERE tenant = $1 AND person = $2)"
            .to_owned(),
        format!("DELETE FROM echo WHERE tenant = $1 AND effect IN (SELECT id FROM effect WHERE tenant = $1 AND {of_line})"),
        format!("DELETE FROM attempt WHERE tenant = $1 AND effect IN (SELECT id FROM effect WHERE tenant = $1 AND {of_line})"),
        format!("DELETE FROM effect WHERE tenant = $1 AND {of_line}"),
        "DELETE FROM member_message WHERE tenant = $1 AND person = $2".to_owned(),
    ] {
        tx.query(&statement).bind(scope.tenant()).bind(person).execute().await?;
    }
    tx.query("DELETE FROM member_number WHERE tenant = $1 AND person = $2")
        .bind(scope.tenant())
        .bind(person)
        .execute()
        .await
        .map(|n| n > 0)
}
