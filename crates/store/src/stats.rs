//! Figures of a business over a stretch of time, counted from what happened: one statement for each figure, by quarters of an hour, of
//! which the days of every time zone are made.

use frontdesk_kernel::{Scope, Timestamp, booking::AppointmentStatus, ids::*};

use crate::{
    Error, Result, Tx,
    query::{Row, row},
};

const QUARTER_MS: i64 = 900_000;

fn quarter(r: &Row<'_>) -> Result<Timestamp> {
    Ok(Timestamp(r.get::<i64>("q")? * QUARTER_MS))
}

/// Messages of a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub at: Timestamp,
    pub channel: ChannelId,
    pub by: By,
    pub n: i64,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    Contact,
    Bot,
    Staff,
}

/// Messages with contacts, `from` ≤ t < `to`. What the team says to the agent in sessions of its own is not counted.
pub async fn messages(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Said>> {
    // "in" by the system: a decision of the team that came into a conversation.
    tx.query(
        "SELECT m.q AS q, c.channel AS channel, m.direction AS direction, m.author AS author, CAST(SUM(m.n) AS BIGINT) AS n
           FROM (SELECT at / 900000 AS q, conversation, direction, author, COUNT(*) AS n FROM message
                  WHERE tenant = $1 AND at >= $2 AND at < $3 GROUP BY at / 900000, conversation, direction, author) m
           JOIN conversation c ON c.tenant = $1 AND c.id = m.conversation
          WHERE c.acts_for IS NULL AND NOT (m.direction = 'in' AND m.author = 'system')
          GROUP BY m.q, c.channel, m.direction, m.author ORDER BY m.q, c.channel, m.direction, m.author",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(|r| {
        let by = match (r.get::<String>("direction")?.as_str(), r.get::<String>("author")?.as_str()) {
            ("in", _) => By::Contact,
            (_, "staff") => By::Staff,
            _ => By::Bot,
        };
        Ok(Said { at: quarter(r)?, channel: r.get("channel")?, by, n: r.get("n")? })
    })
    .await
}

/// With whom there was something to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// Conversations in which something was said.
    pub conversations: i64,
    /// Contacts who wrote, each once.
    pub customers: i64,
    /// Those of them who were not known before `from`.
    pub new: i64,
}

/// Conversations with contacts and who wrote in them, on these channels only or on all. One that goes on for two days is one conversation.
pub async fn reached(
    tx: &mut Tx,
    scope: &Scope,
    from: Timestamp,
    to: Timestamp,
    channels: Option<&[ChannelId]>,
) -> Result<Reached> {
    let marks: Vec<String> = (4..channels.map_or(0, <[_]>::len) + 4).map(|n| format!("${n}")).collect();
    let among = match channels {
        Some([]) => return Ok(Reached::default()),
        Some(_) => format!("AND c.channel IN ({})", marks.join(", ")),
        None => String::new(),
    };
    let sql = format!(
        "SELECT COUNT(*) AS conversations, COUNT(DISTINCT CASE WHEN m.wrote = 1 THEN c.contact END) AS customers,
                COUNT(DISTINCT CASE WHEN m.wrote = 1 AND k.created_at >= $2 THEN c.contact END) AS fresh
           FROM (SELECT conversation, MAX(CASE WHEN direction = 'in' AND author <> 'system' THEN 1 ELSE 0 END) AS wrote FROM message
                  WHERE tenant = $1 AND at >= $2 AND at < $3 GROUP BY conversation) m
           JOIN conversation c ON c.tenant = $1 AND c.id = m.conversation
           JOIN contact k ON k.tenant = $1 AND k.id = c.contact
          WHERE c.acts_for IS NULL {among}"
    );
    let mut query = tx.query(&sql).bind(scope.tenant()).bind(from).bind(to);
    for channel in channels.unwrap_or_default() {
        query = query.bind(channel);
    }
    query
        .one(|r| Ok(Reached { conversations: r.get("conversations")?, customers: r.get("customers")?, new: r.get("fresh")? }))
        .await
}

/// Turns of a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turns {
    pub at: Timestamp,
    pub channel: ChannelId,
    pub n: i64,
    /// Those that ended without the model's answer.
    pub given_up: i64,
}

/// Turns with contacts that began in that time.
pub async fn turns(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Turns>> {
    tx.query(
        "SELECT t.started_at / 900000 AS q, c.channel AS channel, COUNT(*) AS n,
                CAST(SUM(CASE WHEN t.outcome IS NOT NULL OR t.state IN ('suppressed', 'dead') THEN 1 ELSE 0 END) AS BIGINT) AS given_up
           FROM turn t JOIN conversation c ON c.tenant = $1 AND c.id = t.conversation
          WHERE t.tenant = $1 AND t.started_at >= $2 AND t.started_at < $3 AND c.acts_for IS NULL
          GROUP BY t.started_at / 900000, c.channel ORDER BY t.started_at / 900000, c.channel",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(|r| Ok(Turns { at: quarter(r)?, channel: r.get("channel")?, n: r.get("n")?, given_up: r.get("given_up")? }))
    .await
}

/// Answers to contacts in a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    pub at: Timestamp,
    pub channel: ChannelId,
    pub n: i64,
}

/// Turns with contacts that began in that time and said something at their end.
pub async fn answers(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Answers>> {
    tx.query(
        "SELECT t.started_at / 900000 AS q, c.channel AS channel, COUNT(*) AS n FROM turn t
           JOIN conversation c ON c.tenant = $1 AND c.id = t.conversation
          WHERE t.tenant = $1 AND t.started_at >= $2 AND t.started_at < $3 AND t.state IN ('done', 'handed_off')
            AND c.acts_for IS NULL
          GROUP BY t.started_at / 900000, c.channel ORDER BY t.started_at / 900000, c.channel",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(|r| Ok(Answers { at: quarter(r)?, channel: r.get("channel")?, n: r.get("n")? }))
    .await
}

/// An answer, and how long it took from the contact's first message of the turn to the turn's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub channel: ChannelId,
    pub ms: i64,
}

/// Of at most `limit` answers that came through these channels, latest first.
pub async fn response_times(
    tx: &mut Tx,
    scope: &Scope,
    (from, to): (Timestamp, Timestamp),
    channels: &[ChannelId],
    limit: u32,
) -> Result<Vec<Answered>> {
    if channels.is_empty() {
        return Ok(Vec::new());
    }
    let marks: Vec<_> = (5..5 + channels.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT c.channel AS channel, t.ended_at - m.at AS ms FROM turn t
           JOIN message m ON m.tenant = t.tenant AND m.conversation = t.conversation AND m.seq = t.from_seq
           JOIN conversation c ON c.tenant = t.tenant AND c.id = t.conversation
          WHERE t.tenant = $1 AND t.started_at >= $2 AND t.started_at < $3 AND t.ended_at IS NOT NULL
            AND t.state IN ('done', 'handed_off') AND c.acts_for IS NULL AND c.channel IN ({})
          ORDER BY t.started_at DESC, t.id DESC LIMIT $4",
        marks.join(", ")
    );
    let query = tx.query(&sql).bind(scope.tenant()).bind(from).bind(to).bind(limit);
    channels.iter().fold(query, |query, channel| query.bind(channel)).all(row!(Answered { channel, ms })).await
}

/// Appointments that were made in a quarter of an hour, by whom ever and for when ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub at: Timestamp,
    pub location: Option<LocationId>,
    pub n: i64,
}

pub async fn bookings(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Made>> {
    tx.query(
        "SELECT created_at / 900000 AS q, location, COUNT(*) AS n FROM appointment
          WHERE tenant = $1 AND created_at >= $2 AND created_at < $3
          GROUP BY created_at / 900000, location ORDER BY created_at / 900000, location",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(|r| Ok(Made { at: quarter(r)?, location: r.get("location")?, n: r.get("n")? }))
    .await
}

/// Appointments that begin in a quarter of an hour, and what became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visits {
    pub at: Timestamp,
    pub location: Option<LocationId>,
    /// Two of one name are two; `None` for none, or one that was removed.
    pub service: Option<Named>,
    pub staff: Option<Named>,
    pub status: AppointmentStatus,
    pub n: i64,
}

/// Id and name.
pub type Named = (String, String);

pub async fn visits(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Visits>> {
    tx.query(
        "SELECT a.starts_at / 900000 AS q, a.location AS location, s.id AS service, s.name AS service_name,
                f.id AS staff, f.name AS staff_name, a.status AS status, COUNT(*) AS n
           FROM appointment a
           LEFT JOIN service s ON s.tenant = a.tenant AND s.id = a.service
           LEFT JOIN staff f ON f.tenant = a.tenant AND f.id = a.staff
          WHERE a.tenant = $1 AND a.starts_at >= $2 AND a.starts_at < $3
          GROUP BY a.starts_at / 900000, a.location, s.id, s.name, f.id, f.name, a.status",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(|r| {
        let named = |id: &str, name: &str| Ok::<_, Error>(r.get::<Option<String>>(id)?.zip(r.get(name)?));
        let (service, staff) = (named("service", "service_name")?, named("staff", "staff_name")?);
        Ok(Visits { at: quarter(r)?, location: r.get("location")?, service, staff, status: r.get("status")?, n: r.get("n")? })
    })
    .await
}

/// Conversations that the bot handed to people in a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    pub at: Timestamp,
    pub channel: Option<ChannelId>,
    pub n: i64,
}

pub async fn handoffs(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Handed>> {
    tx.query(
        "SELECT t.created_at / 900000 AS q, c.channel AS channel, COUNT(*) AS n FROM task t
           LEFT JOIN conversation c ON c.tenant = t.tenant AND c.id = t.conversation
          WHERE t.tenant = $1 AND t.created_at >= $2 AND t.created_at < $3 AND t.kind = 'handoff' AND c.acts_for IS NULL
          GROUP BY t.created_at / 900000, c.channel ORDER BY t.created_at / 900000, c.channel",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(|r| Ok(Handed { at: quarter(r)?, channel: r.get("channel")?, n: r.get("n")? }))
    .await
}

/// What models did in a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    pub at: Timestamp,
    /// `None`: not in a conversation.
    pub channel: Option<ChannelId>,
    /// `vendor/model`.
    pub model: String,
    pub calls: i64,
    /// Model tokens.
    pub tokens: i64,
    /// Of calls whose price is known, in millionths of a US dollar.
    pub cost_micros: i64,
    /// Calls whose price is not known.
    pub unpriced: i64,
}

pub async fn models(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Spent>> {
    tx.query(
        "SELECT l.at / 900000 AS q, c.channel AS channel, l.vendor AS vendor, l.model AS model, COUNT(*) AS calls,
                CAST(SUM(l.input + l.output) AS BIGINT) AS tokens, CAST(COALESCE(SUM(l.cost_micros), 0) AS BIGINT) AS cost_micros,
                COUNT(*) - COUNT(l.cost_micros) AS unpriced
           FROM ledger l
           LEFT JOIN turn t ON t.tenant = l.tenant AND t.id = l.turn
           LEFT JOIN conversation c ON c.tenant = l.tenant AND c.id = t.conversation
          WHERE l.tenant = $1 AND l.at >= $2 AND l.at < $3
          GROUP BY l.at / 900000, c.channel, l.vendor, l.model",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(|r| {
        Ok(Spent {
            at: quarter(r)?,
            channel: r.get("channel")?,
            model: format!("{}/{}", r.get::<String>("vendor")?, r.get::<String>("model")?),
            calls: r.get("calls")?,
            tokens: r.get("tokens")?,
            cost_micros: r.get("cost_micros")?,
            unpriced: r.get("unpriced")?,
        })
    })
    .await
}

/// What model calls cost in millionths of a US dollar, and how many have no known price.
pub async fn model_money(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<(i64, i64)> {
    let spent = models(tx, scope, from, to).await?;
    Ok((spent.iter().map(|s| s.cost_micros).sum(), spent.iter().map(|s| s.unpriced).sum()))
}

/// Money of a quarter of an hour, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub at: Timestamp,
    /// `None`: of no conversation.
    pub channel: Option<ChannelId>,
    pub currency: String,
    pub minor: i64,
    pub n: i64,
}

fn moved(r: &Row<'_>) -> Result<Moved> {
    let (channel, currency) = (r.get("channel")?, r.get("currency")?);
    Ok(Moved { at: quarter(r)?, channel, currency, minor: r.get("minor")?, n: r.get("n")? })
}

/// What contacts paid in that time.
pub async fn paid(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Moved>> {
    tx.query(
        "SELECT p.paid_at / 900000 AS q, c.channel AS channel, p.currency AS currency, CAST(SUM(p.minor) AS BIGINT) AS minor, COUNT(*) AS n
           FROM payment p LEFT JOIN conversation c ON c.tenant = p.tenant AND c.id = p.conversation
          WHERE p.tenant = $1 AND p.paid_at >= $2 AND p.paid_at < $3
          GROUP BY p.paid_at / 900000, c.channel, p.currency",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(moved)
    .await
}

/// What was given back for certain, by the time at which it was asked for.
pub async fn refunded(tx: &mut Tx, scope: &Scope, from: Timestamp, to: Timestamp) -> Result<Vec<Moved>> {
    tx.query(
        "SELECT r.created_at / 900000 AS q, c.channel AS channel, p.currency AS currency, CAST(SUM(r.minor) AS BIGINT) AS minor, COUNT(*) AS n
           FROM refund r JOIN payment p ON p.tenant = r.tenant AND p.id = r.payment
           LEFT JOIN conversation c ON c.tenant = p.tenant AND c.id = p.conversation
          WHERE r.tenant = $1 AND r.created_at >= $2 AND r.created_at < $3 AND r.state = 'succeeded'
          GROUP BY r.created_at / 900000, c.channel, p.currency",
    )
    .bind(scope.tenant())
    .bind(from)
    .bind(to)
    .all(moved)
    .await
}
