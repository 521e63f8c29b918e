//! Members' own numbers: on which requests reach them and from which they answer, once it is certain that they are theirs.

use std::time::Duration;

use frontdesk_kernel::{Scope, Timestamp, ids::*};

use crate::{
    Result, Tx,
    query::{Row, row},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberNumber {
    pub person: UserId,
    /// Digits, as channels know them.
    pub number: String,
    /// Orders what is sent to it; no conversation has this id.
    pub line: ConversationId,
    /// Claimed in its place, while it still counts.
    pub next: Option<String>,
    /// What has to come from the one that is to be proven; gone once it came.
    pub code: Option<String>,
    pub code_until: Option<Timestamp>,
    pub confirmed_at: Option<Timestamp>,
    /// Where its owner was heard last, and when: the code and answers, nothing else.
    pub channel: Option<ChannelId>,
    pub heard_at: Option<Timestamp>,
    /// Wrong and unclear codes since `tries_from`.
    pub tries: i64,
    pub tries_from: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Without a word from it for so long a number may be somebody else's by now.
const LAPSES: Duration = Duration::from_secs(183 * 24 * 3600);

impl MemberNumber {
    /// It is confirmed, and was heard lately enough to believe it still.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.confirmed_at.max(self.heard_at.filter(|_| self.confirmed_at.is_some())).is_some_and(|at| now.since(at) < LAPSES)
    }

    /// Whose code is awaited.
    pub fn to_prove(&self) -> &str {
        self.next.as_deref().unwrap_or(&self.number)
    }
}

const COLUMNS: &str =
    "person, number, next, line, code, code_until, confirmed_at, channel, heard_at, tries, tries_from, created_at, updated_at";

fn number(r: &Row<'_>) -> Result<MemberNumber> {
    row!(MemberNumber {
        person,
        number,
        next,
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

/// Who has this telephone or claims it, under any of its spellings; on PostgreSQL nobody else changes them until this unit of work is over.
pub async fn at(tx: &mut Tx, scope: &Scope, spellings: &[String]) -> Result<Vec<MemberNumber>> {
    let Some((first, second)) = ends(spellings) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT {COLUMNS} FROM member_number WHERE tenant = $1 AND (number IN ($2, $3) OR next IN ($2, $3)) ORDER BY person"
    );
    tx.query_each(&sql, &format!("{sql} FOR UPDATE")).bind(scope.tenant()).bind(first).bind(second).all(number).await
}

/// Whose confirmed number one of these is, changed by nobody for that.
pub async fn whose(tx: &mut Tx, scope: &Scope, spellings: &[String]) -> Result<Option<UserId>> {
    let Some((first, second)) = ends(spellings) else { return Ok(None) };
    tx.query("SELECT person FROM member_number WHERE tenant = $1 AND number IN ($2, $3) AND confirmed_at IS NOT NULL ORDER BY person LIMIT 1")
        .bind(scope.tenant())
        .bind(first)
        .bind(second)
        .optional(|row| row.get("person"))
        .await
}

/// A telephone has one or two spellings.
fn ends(spellings: &[String]) -> Option<(&str, &str)> {
    Some((spellings.first()?.as_str(), spellings.last()?.as_str()))
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
    .put()
    .await
}

/// Claims another one in place of theirs, which counts until then; `None`: they keep the one they have.
pub async fn claim_next(tx: &mut Tx, scope: &Scope, person: &UserId, next: Option<&MemberNumber>, now: Timestamp) -> Result<()> {
    tx.query(
        "UPDATE member_number SET next = $3, code = $4, code_until = $5, tries = CASE WHEN $3 IS NULL THEN tries ELSE 0 END, updated_at = $6
          WHERE tenant = $1 AND person = $2",
    )
    .bind(scope.tenant())
    .bind(person)
    .bind(next.map(|n| n.number.as_str()))
    .bind(next.and_then(|n| n.code.as_deref()))
    .bind(next.and_then(|n| n.code_until))
    .bind(now)
    .put()
    .await
}

/// Its code came from it, spelled so, on this channel. Whoever else claimed it does so no more.
pub async fn confirm(
    tx: &mut Tx,
    scope: &Scope,
    person: &UserId,
    spellings: &[String],
    arrived: &str,
    channel: &ChannelId,
    now: Timestamp,
) -> Result<()> {
    let Some((first, second)) = ends(spellings) else { return Ok(()) };
    let others = tx
        .query("SELECT person FROM member_number WHERE tenant = $1 AND number IN ($2, $3) AND person <> $4 AND confirmed_at IS NULL ORDER BY person")
        .bind(scope.tenant())
        .bind(first)
        .bind(second)
        .bind(person)
        .all(|row| row.get::<UserId>("person"))
        .await?;
    for other in &others {
        remove(tx, scope, other).await?;
    }
    tx.query("UPDATE member_number SET next = NULL, code = NULL, code_until = NULL WHERE tenant = $1 AND next IN ($2, $3) AND person <> $4")
        .bind(scope.tenant())
        .bind(first)
        .bind(second)
        .bind(person)
        .put()
        .await?;
    tx.query(
        "UPDATE member_number SET number = $5, next = NULL, confirmed_at = $3, code = NULL, code_until = NULL, channel = $4, heard_at = $3,
                tries = 0, updated_at = $3
          WHERE tenant = $1 AND person = $2",
    )
    .bind(scope.tenant())
    .bind(person)
    .bind(now)
    .bind(channel)
    .bind(arrived)
    .put()
    .await
}

/// It is no longer certain that it is theirs; one that was to come in its place is what is left to prove.
pub async fn doubt(tx: &mut Tx, scope: &Scope, person: &UserId, now: Timestamp) -> Result<()> {
    tx.query(
        "UPDATE member_number SET number = COALESCE(next, number), code = CASE WHEN next IS NULL THEN NULL ELSE code END,
                code_until = CASE WHEN next IS NULL THEN NULL ELSE code_until END, next = NULL, confirmed_at = NULL, heard_at = NULL,
                updated_at = $3
          WHERE tenant = $1 AND person = $2",
    )
    .bind(scope.tenant())
    .bind(person)
    .bind(now)
    .put()
    .await
}

/// An answer came from it.
pub async fn heard(tx: &mut Tx, scope: &Scope, person: &UserId, channel: &ChannelId, now: Timestamp) -> Result<()> {
    tx.query("UPDATE member_number SET channel = $3, heard_at = $4 WHERE tenant = $1 AND person = $2")
        .bind(scope.tenant())
        .bind(person)
        .bind(channel)
        .bind(now)
        .put()
        .await
}

/// How many wrong or unclear codes came from it, since when.
pub async fn count_tries(tx: &mut Tx, scope: &Scope, person: &UserId, tries: i64, from: Timestamp) -> Result<()> {
    tx.query("UPDATE member_number SET tries = $3, tries_from = $4 WHERE tenant = $1 AND person = $2")
        .bind(scope.tenant())
        .bind(person)
        .bind(tries)
        .bind(from)
        .put()
        .await
}

const KEPT_WITHOUT_MESSAGE: &str = "UPDATE inbound SET message = NULL
      WHERE tenant = $1 AND account = $3 AND kind = 'answer' AND vendor_id IN (
            SELECT vendor_id FROM member_message WHERE tenant = $1 AND person = $2 AND direction = 'in' AND vendor_id IS NOT NULL)";

/// It is nobody's any more, and what was said there is gone with it. `false`: they had none.
pub async fn remove(tx: &mut Tx, scope: &Scope, person: &UserId) -> Result<bool> {
    if get(tx, scope, person).await?.is_none() {
        return Ok(false);
    }
    // That it was delivered stays known: the vendor may deliver it again. Found by its key, account by account.
    let accounts = tx
        .query("SELECT DISTINCT account FROM channel WHERE tenant = $1 ORDER BY account")
        .bind(scope.tenant())
        .all(|row| row.get::<String>("account"))
        .await?;
    for account in &accounts {
        tx.query(KEPT_WITHOUT_MESSAGE).bind(scope.tenant()).bind(person).bind(account.as_str()).put().await?;
    }
    let of_line = "conversation IN (SELECT line FROM member_number WHERE tenant = $1 AND person = $2)";
    for statement in [
        format!("DELETE FROM echo WHERE tenant = $1 AND effect IN (SELECT id FROM effect WHERE tenant = $1 AND {of_line})"),
        format!("DELETE FROM attempt WHERE tenant = $1 AND effect IN (SELECT id FROM effect WHERE tenant = $1 AND {of_line})"),
        format!("DELETE FROM effect WHERE tenant = $1 AND {of_line}"),
        "DELETE FROM member_message WHERE tenant = $1 AND person = $2".to_owned(),
    ] {
        tx.query(&statement).bind(scope.tenant()).bind(person).put().await?;
    }
    tx.query("DELETE FROM member_number WHERE tenant = $1 AND person = $2")
        .bind(scope.tenant())
        .bind(person)
        .execute()
        .await
        .map(|n| n > 0)
}
