//! Threads: who answers, where to, since when.

use frontdesk_kernel::{Scope, Timestamp, contact::AddressKind, conversation::Mode, ids::*, ports::channel::Address};

use crate::{Asked, Error, Result, Tx, query::Row};

/// A conversation with what is needed to answer in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    pub id: ConversationId,
    pub channel: ChannelId,
    pub contact: ContactId,
    /// Where replies go.
    pub address: Address,
    pub mode: Mode,
    pub mode_reason: Option<String>,
    /// Overrides the channel's agent.
    pub agent: Option<AgentId>,
    /// The member for whom the agent acts here: then it is theirs and no customer's. It is settled when the thread begins.
    pub acts_for: Option<UserId>,
    pub last_inbound_at: Option<Timestamp>,
    pub last_message_at: Timestamp,
    pub created_at: Timestamp,
}

const COLUMNS: &str = "id, channel, contact, address_kind, address, mode, paused_until, mode_reason, agent, acts_for,
                       last_inbound_at, last_message_at, created_at";

pub(crate) fn conversation(row: &Row<'_>) -> Result<Conversation> {
    Ok(Conversation {
        id: row.get("id")?,
        channel: row.get("channel")?,
        contact: row.get("contact")?,
        address: Address { kind: row.get::<AddressKind>("address_kind")?, value: row.get("address")? },
        mode: mode(row)?,
        mode_reason: row.get("mode_reason")?,
        agent: row.get("agent")?,
        acts_for: row.get("acts_for")?,
        last_inbound_at: row.get("last_inbound_at")?,
        last_message_at: row.get("last_message_at")?,
        created_at: row.get("created_at")?,
    })
}

pub(crate) fn mode(row: &Row<'_>) -> Result<Mode> {
    let until = row.get::<Option<Timestamp>>("paused_until")?;
    match row.get::<String>("mode")?.as_str() {
        "bot" => Ok(Mode::Bot),
        "human" => Ok(Mode::Human),
        "paused" => Ok(Mode::Paused(until.unwrap_or(Timestamp::NEVER))),
        "closed" => Ok(Mode::Closed),
        other => Err(Error::Unreadable { column: "mode".into(), problem: format!("unknown mode {other}") }),
    }
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &ConversationId) -> Result<Option<Conversation>> {
    ask(tx, scope, id)?.optional(tx).await
}

/// As `get`, to be read later.
pub fn ask(tx: &mut Tx, scope: &Scope, id: &ConversationId) -> Result<Asked<Conversation>> {
    tx.query(&format!("SELECT {COLUMNS} FROM conversation WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .ask(conversation)
}

/// The contact's thread on a channel; their first one, where a merge has brought others.
pub async fn of_contact(tx: &mut Tx, scope: &Scope, channel: &ChannelId, contact: &ContactId) -> Result<Option<Conversation>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM conversation WHERE tenant = $1 AND channel = $2 AND contact = $3 ORDER BY branch LIMIT 1"
    ))
    .bind(scope.tenant())
    .bind(channel)
    .bind(contact)
    .optional(conversation)
    .await
}

/// The contact's thread on a channel that what comes from this address goes into: where a merge has brought several, the address's own.
pub async fn at_address(
    tx: &mut Tx,
    scope: &Scope,
    channel: &ChannelId,
    contact: &ContactId,
    address: &Address,
) -> Result<Option<Conversation>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM conversation WHERE tenant = $1 AND channel = $2 AND contact = $3
          ORDER BY CASE WHEN address_kind = $4 AND address = $5 THEN 0 ELSE 1 END, branch LIMIT 1"
    ))
    .bind(scope.tenant())
    .bind(channel)
    .bind(contact)
    .bind(address.kind)
    .bind(address.value.as_str())
    .optional(conversation)
    .await
}

/// A contact's threads on every channel, latest first.
pub async fn all_of_contact(tx: &mut Tx, scope: &Scope, contact: &ContactId) -> Result<Vec<Conversation>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM conversation WHERE tenant = $1 AND contact = $2 ORDER BY last_message_at DESC, id DESC"
    ))
    .bind(scope.tenant())
    .bind(contact)
    .all(conversation)
    .await
}

/// Latest first.
pub async fn recent(tx: &mut Tx, scope: &Scope, before: Timestamp, limit: u32) -> Result<Vec<Conversation>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM conversation WHERE tenant = $1 AND last_message_at < $2 ORDER BY last_message_at DESC, id DESC LIMIT $3"
    ))
    .bind(scope.tenant()).bind(before).bind(limit)
    .all(conversation)
    .await
}

/// Opens the thread, or leaves the one that is there.
pub async fn open(
    tx: &mut Tx,
    scope: &Scope,
    id: &ConversationId,
    channel: &ChannelId,
    contact: &ContactId,
    address: &Address,
    now: Timestamp,
) -> Result<()> {
    open_branch(tx, scope, id, "", channel, contact, address, now).await
}

/// As `open`; a branch is a thread beside the contact's others on the channel.
#[expect(clippy::too_many_arguments, reason = "one row, its columns")]
pub(crate) async fn open_branch(
    tx: &mut Tx,
    scope: &Scope,
    id: &ConversationId,
    branch: &str,
    channel: &ChannelId,
    contact: &ContactId,
    address: &Address,
    now: Timestamp,
) -> Result<()> {
    tx.query(
        "INSERT INTO conversation (tenant, id, channel, contact, address_kind, address, mode, last_message_at, budget_from, budget_used,
                                   machine_pairs, created_at, branch)
         VALUES ($1, $2, $3, $4, $5, $6, 'bot', $7, $7, 0, 0, $7, $8)
         ON CONFLICT (tenant, channel, contact, branch) DO NOTHING",
    )
    .bind(scope.tenant()).bind(id).bind(channel).bind(contact).bind(address.kind).bind(address.value.as_str()).bind(now).bind(branch)
    .put()
    .await
}

/// Changes who answers; `reason` is for staff.
pub async fn set_mode(tx: &mut Tx, scope: &Scope, id: &ConversationId, mode: Mode, reason: &str) -> Result<bool> {
    let until = if let Mode::Paused(until) = mode { Some(until) } else { None };
    tx.query("UPDATE conversation SET mode = $3, paused_until = $4, mode_reason = $5 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(mode.as_str())
        .bind(until)
        .bind(reason)
        .execute()
        .await
        .map(|n| n > 0)
}

pub async fn set_agent(tx: &mut Tx, scope: &Scope, id: &ConversationId, agent: Option<&AgentId>) -> Result<bool> {
    tx.query("UPDATE conversation SET agent = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(agent)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Who answers right now; locks the row on PostgreSQL so that a takeover and a finishing turn see each other.
pub async fn current_mode(tx: &mut Tx, scope: &Scope, id: &ConversationId) -> Result<Option<Mode>> {
    let sql = "SELECT mode, paused_until FROM conversation WHERE tenant = $1 AND id = $2";
    tx.query_each(sql, &format!("{sql} FOR UPDATE")).bind(scope.tenant()).bind(id).optional(mode).await
}

/// Something was said by us.
pub async fn touch(tx: &mut Tx, scope: &Scope, id: &ConversationId, now: Timestamp) -> Result<()> {
    tx.query("UPDATE conversation SET last_message_at = $3, last_in = FALSE WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(now)
        .put()
        .await
}

/// Where the agent acts for somebody of the team, latest first, after the given one.
pub async fn sessions_of(
    tx: &mut Tx,
    scope: &Scope,
    person: &UserId,
    after: Option<&(Timestamp, ConversationId)>,
    limit: u32,
) -> Result<Vec<Conversation>> {
    let (at, id) = after.map_or((Timestamp::NEVER, None), |(at, id)| (*at, Some(id)));
    tx.query(&format!(
        "SELECT {COLUMNS} FROM conversation
          WHERE tenant = $1 AND acts_for = $2
            AND (last_message_at < $3 OR (last_message_at = $3 AND id < COALESCE($4, '')))
          ORDER BY last_message_at DESC, id DESC LIMIT $5"
    ))
    .bind(scope.tenant())
    .bind(person)
    .bind(at)
    .bind(id)
    .bind(limit)
    .all(conversation)
    .await
}

/// Whom the agent acts for here; `None`: it acts as itself.
pub async fn acts_for(tx: &mut Tx, scope: &Scope, id: &ConversationId) -> Result<Option<UserId>> {
    tx.query("SELECT acts_for FROM conversation WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .optional(|row| row.get::<Option<UserId>>("acts_for"))
        .await
        .map(Option::flatten)
}

/// From now on the agent may do no more here than this person may.
pub async fn act_for(tx: &mut Tx, scope: &Scope, id: &ConversationId, person: Option<&UserId>) -> Result<bool> {
    tx.query("UPDATE conversation SET acts_for = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(person)
        .execute()
        .await
        .map(|n| n > 0)
}
