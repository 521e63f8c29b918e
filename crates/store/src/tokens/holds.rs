//! Reserve, then commit or release. What is reserved is out of everybody else's reach and in no ledger's balance yet.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    ledger::{Alert, Blocked, Ceilings, Day, admit, alerts as due},
    scope::Server,
};

use super::{
    account::{self, New},
    alerts,
    spent::{self, For},
};
use crate::{
    Result, Tx,
    query::{Row, row},
};

/// What somebody wants to do that has a cost.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Reserved once under this name (`send/eff_…`, `model/trn_…/3`).
    pub name: String,
    /// The key of its cost.
    pub action: String,
    pub tokens: i64,
    /// What it may cost in money, in millionths of a US dollar.
    pub micros: i64,
    /// Everything that the conversation is sent until then is paid for by it.
    pub window_ends: Option<Timestamp>,
    pub contact: Option<ContactId>,
    pub campaign: Option<String>,
    pub channel: Option<ChannelId>,
    pub conversation: Option<ConversationId>,
    /// `trn_…`, or the id of a trial.
    pub turn: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// Go on. `hold` is to be settled by what it comes to: its own, or the one that pays for the conversation's window.
    Yes { hold: String, alerts: Vec<Alert> },
    /// Not now; nothing was written.
    No(Blocked),
}

struct Hold {
    name: String,
    action: String,
    tokens: i64,
    micros: i64,
    day: String,
    contact: Option<String>,
    campaign: Option<String>,
    channel: Option<ChannelId>,
    conversation: Option<ConversationId>,
    turn: Option<String>,
}

const COLUMNS: &str = "name, action, tokens, micros, day, contact, campaign, channel, conversation, turn";

fn hold(r: &Row<'_>) -> Result<Hold> {
    row!(Hold { name, action, tokens, micros, day, contact, campaign, channel, conversation, turn })(r)
}

/// Reserves, once under its name: whoever repeats himself has it already.
pub async fn reserve(tx: &mut Tx, scope: &Scope, ask: &Ask, ceilings: &Ceilings, day: &Day, now: Timestamp) -> Result<Reserved> {
    let account = account::lock(tx, scope, now).await?;
    let once = format!("reserve/{}", ask.name);
    if account::is_entered(tx, scope, &once).await? {
        return Ok(Reserved::Yes { hold: ask.name.clone(), alerts: Vec::new() });
    }
    if let (Some(_), Some(conversation)) = (ask.window_ends, &ask.conversation)
        && let Some(paid_by) = open_window(tx, scope, conversation, &ask.action, now).await?
    {
        return Ok(Reserved::Yes { hold: paid_by, alerts: Vec::new() });
    }
    let before = spent::so_far(tx, scope, day, ask.contact.as_ref(), ask.campaign.as_deref()).await?;
    if let Err(why) = admit(account.available(), &before, ceilings, ask.tokens, ask.micros) {
        return Ok(Reserved::No(why));
    }
    let entry = New {
        once: &once,
        kind: "reserve",
        action: &ask.action,
        tokens: 0,
        held: ask.tokens,
        day: &day.day,
        channel: ask.channel.as_ref(),
        conversation: ask.conversation.as_ref(),
        turn: ask.turn.as_deref(),
        note: None,
        by: "",
    };
    let after = account::enter(tx, scope, &entry, now).await?;
    tx.query(
        "INSERT INTO token_hold (tenant, name, action, tokens, micros, day, contact, campaign, channel, conversation, turn, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(scope.tenant())
    .bind(&ask.name)
    .bind(&ask.action)
    .bind(ask.tokens)
    .bind(ask.micros)
    .bind(&day.day)
    .bind(ask.contact.as_ref())
    .bind(ask.campaign.as_deref())
    .bind(ask.channel.as_ref())
    .bind(ask.conversation.as_ref())
    .bind(ask.turn.as_deref())
    .bind(now)
    .put()
    .await?;
    let of = For { day: &day.day, contact: ask.contact.as_ref().map(Id::as_str), campaign: ask.campaign.as_deref() };
    spent::add(tx, scope, of, ask.tokens, ask.micros, now).await?;
    if let (Some(ends), Some(conversation)) = (ask.window_ends, &ask.conversation) {
        tx.query(
            "INSERT INTO token_window (tenant, conversation, action, ends_at, paid_by) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant, conversation, action) DO UPDATE SET ends_at = excluded.ends_at, paid_by = excluded.paid_by",
        )
        .bind(scope.tenant())
        .bind(conversation)
        .bind(&ask.action)
        .bind(ends)
        .bind(&ask.name)
        .put()
        .await?;
    }
    let mut after_it = before;
    after_it.day += ask.tokens;
    after_it.month += ask.tokens;
    after_it.money_day += ask.micros;
    let mut news = Vec::new();
    for alert in due(after.available(), account.topped, account.grants, &after_it, ceilings, day) {
        if alerts::is_news(tx, scope, &alert, now).await? {
            news.push(alert);
        }
    }
    Ok(Reserved::Yes { hold: ask.name.clone(), alerts: news })
}

/// Who pays for what this conversation is sent now.
async fn open_window(
    tx: &mut Tx,
    scope: &Scope,
    conversation: &ConversationId,
    action: &str,
    now: Timestamp,
) -> Result<Option<String>> {
    tx.query("SELECT paid_by FROM token_window WHERE tenant = $1 AND conversation = $2 AND action = $3 AND ends_at > $4")
        .bind(scope.tenant())
        .bind(conversation)
        .bind(action)
        .bind(now)
        .optional(|row| row.get("paid_by"))
        .await
}

/// It was done: what was reserved is spent. `micros` is what it really cost, where that is known. `false`: there is no such hold (any more).
pub async fn commit(tx: &mut Tx, scope: &Scope, name: &str, micros: Option<i64>, now: Timestamp) -> Result<bool> {
    account::lock(tx, scope, now).await?;
    let Some(h) = take(tx, scope, name).await? else { return Ok(false) };
    let once = format!("commit/{name}");
    account::enter(tx, scope, &New { tokens: -h.tokens, held: -h.tokens, ..line(&h, &once, "commit") }, now).await?;
    if let Some(micros) = micros {
        let of = For { day: &h.day, contact: h.contact.as_deref(), campaign: h.campaign.as_deref() };
        spent::add(tx, scope, of, 0, micros - h.micros, now).await?;
    }
    Ok(true)
}

/// It came to nothing: what was reserved is free again. `false`: there is no such hold (any more).
pub async fn release(tx: &mut Tx, scope: &Scope, name: &str, now: Timestamp) -> Result<bool> {
    account::lock(tx, scope, now).await?;
    let Some(h) = take(tx, scope, name).await? else { return Ok(false) };
    let once = format!("release/{name}");
    account::enter(tx, scope, &New { held: -h.tokens, ..line(&h, &once, "release") }, now).await?;
    give_back(tx, scope, &h, now).await?;
    Ok(true)
}

/// What a turn reserved for its model calls and never used.
pub async fn release_calls(tx: &mut Tx, scope: &Scope, turn: &str, now: Timestamp) -> Result<()> {
    let names = tx
        .query("SELECT name FROM token_hold WHERE tenant = $1 AND turn = $2 AND name LIKE 'model/%'")
        .bind(scope.tenant())
        .bind(turn)
        .all(|row| row.get::<String>("name"))
        .await?;
    for name in names {
        release(tx, scope, &name, now).await?;
    }
    Ok(())
}

/// Reserved for model calls before then, by turns that do not run any more.
pub async fn stale_calls(tx: &mut Tx, _: &Server, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, String)>> {
    tx.query(
        "SELECT h.tenant, h.name FROM token_hold h
          WHERE h.at < $1 AND h.name LIKE 'model/%'
            AND NOT EXISTS (SELECT 1 FROM turn t WHERE t.tenant = h.tenant AND t.id = h.turn AND t.state = 'running')
          ORDER BY h.tenant, h.name LIMIT $2",
    )
    .bind(before)
    .bind(limit)
    .all(|row| Ok((row.get("tenant")?, row.get("name")?)))
    .await
}

/// What a send came to, for what it holds. Several sends may hold the same: one that arrives pays, and it is free again when none may
/// have arrived or is still under way.
pub(crate) async fn settle_send(
    tx: &mut Tx,
    scope: &Scope,
    (conversation, effect): (&ConversationId, &EffectId),
    name: &str,
    arrived: bool,
    now: Timestamp,
) -> Result<()> {
    if arrived {
        return commit(tx, scope, name, None, now).await.map(drop);
    }
    // The account first, as everywhere: two that fail at once must see each other.
    account::lock(tx, scope, now).await?;
    let other = tx
        .query(
            "SELECT e.id FROM effect e JOIN message m ON m.tenant = e.tenant AND m.id = e.message
              WHERE e.tenant = $1 AND e.conversation = $2 AND e.hold = $3 AND e.id <> $4
                AND e.state IN ('pending', 'sending', 'unknown', 'review', 'succeeded') AND COALESCE(m.delivery, '') <> 'failed' LIMIT 1",
        )
        .bind(scope.tenant())
        .bind(conversation)
        .bind(name)
        .bind(effect)
        .optional(|row| row.get::<EffectId>("id"))
        .await?;
    if other.is_some() || release(tx, scope, name, now).await? {
        return Ok(());
    }
    refund(tx, scope, name, now).await
}

/// What was paid for turned out not to have arrived: given back, once.
async fn refund(tx: &mut Tx, scope: &Scope, name: &str, now: Timestamp) -> Result<()> {
    let once = format!("refund/{name}");
    if account::is_entered(tx, scope, &once).await? {
        return Ok(());
    }
    let paid = tx
        .query(
            "SELECT once AS name, action, -tokens AS tokens, CAST(0 AS BIGINT) AS micros, day, CAST(NULL AS TEXT) AS contact,
                    CAST(NULL AS TEXT) AS campaign, channel, conversation, turn
               FROM token_entry WHERE tenant = $1 AND once = $2",
        )
        .bind(scope.tenant())
        .bind(format!("commit/{name}"))
        .optional(hold)
        .await?;
    let Some(paid) = paid.map(|h| Hold { name: name.to_owned(), ..h }) else { return Ok(()) };
    account::enter(tx, scope, &New { tokens: paid.tokens, ..line(&paid, &once, "release") }, now).await?;
    give_back(tx, scope, &paid, now).await
}

/// The hold itself, gone.
async fn take(tx: &mut Tx, scope: &Scope, name: &str) -> Result<Option<Hold>> {
    tx.query(&format!("DELETE FROM token_hold WHERE tenant = $1 AND name = $2 RETURNING {COLUMNS}"))
        .bind(scope.tenant())
        .bind(name)
        .optional(hold)
        .await
}

/// It counts against no ceiling, and the window that it would have paid for is shut.
async fn give_back(tx: &mut Tx, scope: &Scope, h: &Hold, now: Timestamp) -> Result<()> {
    let of = For { day: &h.day, contact: h.contact.as_deref(), campaign: h.campaign.as_deref() };
    spent::add(tx, scope, of, -h.tokens, -h.micros, now).await?;
    let Some(conversation) = &h.conversation else { return Ok(()) };
    tx.query("DELETE FROM token_window WHERE tenant = $1 AND conversation = $2 AND action = $3 AND paid_by = $4")
        .bind(scope.tenant())
        .bind(conversation)
        .bind(&h.action)
        .bind(&h.name)
        .put()
        .await
}

/// A line about it that moves nothing yet.
fn line<'a>(h: &'a Hold, once: &'a str, kind: &'a str) -> New<'a> {
    New {
        once,
        kind,
        action: &h.action,
        tokens: 0,
        held: 0,
        day: &h.day,
        channel: h.channel.as_ref(),
        conversation: h.conversation.as_ref(),
        turn: h.turn.as_deref(),
        note: None,
        by: "",
    }
}
