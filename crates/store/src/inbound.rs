//! T1: what a vendor delivered becomes a row, once, and its conversation's lane moves. One transaction, then the 2xx.

mod thread;

use std::{collections::BTreeSet, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp,
    conversation::Mode,
    ids::*,
    message::{Author, Direction, Message, Part, plain_text},
    ports::channel::{Address, Inbound},
};

use self::thread::Thread;
use crate::{
    Asked, Result, Tx,
    contacts::recognise::{self, Held},
    conversations, messages, tasks,
};

/// A message as it arrives, with the ids it will get.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub channel: ChannelId,
    pub account: String,
    pub inbound: Inbound,
    pub now: Timestamp,
    pub new_contact: ContactId,
    pub new_conversation: ConversationId,
    pub message: MessageId,
    pub task: TaskId,
    /// The thread that it belongs to, opened when it is new: a contact may have several sessions on a channel of ours.
    pub session: Option<ConversationId>,
    pub rules: Rules,
}

/// What decides whether and when a turn follows.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Quiet time that ends a burst; zero = every message has a turn of its own.
    pub burst_wait: Duration,
    /// A burst never waits longer than this.
    pub burst_max: Duration,
    /// The bot may answer on this channel at all.
    pub answers: bool,
    /// Messages of one contact in an hour before people take over.
    pub per_hour: u32,
    /// The sender is ourselves: kept, never answered.
    pub own_echo: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    Duplicate,
    /// Kept. A turn follows, unless there is a reason why none does.
    New {
        conversation: ConversationId,
        message: MessageId,
        silent: Option<&'static str>,
    },
    /// The contact's budget is used up: a person was told, the contact gets one notice.
    Muted {
        conversation: ConversationId,
        message: MessageId,
    },
}

/// Why a conversation that seems to be another bot's gets no answer.
pub const MACHINE: &str = "looks like another machine";
const FLOOD: &str = "too many messages from this contact";

/// Machine-paced repetitions after which we suspect another bot.
const LOOP_PAIRS: i64 = 5;
const MACHINE_PACE: Duration = Duration::from_secs(2);
const HOUR: Duration = Duration::from_secs(3600);

/// What a message that arrives has to know, to be read later.
pub struct Asking {
    new: Asked<Timestamp>,
    held: Held,
    threads: Asked<Thread>,
}

/// Contacts of whom a message was kept in this unit of work: what was asked about them before is not true any more.
#[derive(Default)]
pub struct Moved(BTreeSet<ContactId>);

/// Asked for several messages before the first is kept, it is one round trip for all of them. Lanes are locked in the order of asking.
pub async fn ask(tx: &mut Tx, scope: &Scope, a: &Arrival) -> Result<Asking> {
    if a.inbound.addresses.is_empty() {
        return Err(crate::Error::Broken("a message without a sender".into()));
    }
    Ok(Asking {
        new: remember(tx, scope, &a.account, &a.inbound.vendor_id, "message", Some(&a.message), None, a.now)?,
        held: recognise::ask(tx, scope, &a.inbound.addresses)?,
        threads: thread::ask(tx, scope, a).await?,
    })
}

pub async fn receive(tx: &mut Tx, scope: &Scope, a: &Arrival) -> Result<Received> {
    let asked = ask(tx, scope, a).await?;
    receive_asked(tx, scope, a, asked, &mut Moved::default()).await
}

/// As `receive`. Of somebody known, all that is written leaves with COMMIT.
pub async fn receive_asked(tx: &mut Tx, scope: &Scope, a: &Arrival, asked: Asking, moved: &mut Moved) -> Result<Received> {
    if asked.new.optional(tx).await?.is_none() {
        return Ok(Received::Duplicate);
    }
    let mut held = asked.held.all(tx).await?;
    if !moved.0.is_empty() && held.iter().any(Option::is_none) {
        // Of somebody who was a stranger when it was asked.
        held = recognise::ask(tx, scope, &a.inbound.addresses)?.all(tx).await?;
    }
    let contact = recognise::among(tx, scope, &a.inbound.addresses, held, &a.new_contact, a.now).await?;
    let thread = thread::find(tx, scope, a, &contact, asked.threads, moved).await?;
    let text = plain_text(&a.inbound.parts);
    let pairs = machine_pairs(&thread, &text, a);
    let used = if a.now.since(thread.budget_from) >= HOUR { 1 } else { thread.budget_used + 1 };
    let flooded = !a.rules.own_echo && a.rules.per_hour > 0 && used > i64::from(a.rules.per_hour);

    let silent = if a.rules.own_echo {
        Some("our own message")
    } else if !a.rules.answers {
        Some("the bot is switched off here")
    } else if !thread.mode.bot_answers(a.now) {
        Some("a person answers here")
    } else if flooded {
        Some(FLOOD)
    } else if pairs >= LOOP_PAIRS {
        Some(MACHINE)
    } else if a.inbound.parts.iter().all(wants_no_answer) {
        Some("needs no answer")
    } else {
        None
    };
    bump(tx, scope, &thread.id, a, silent.is_none()).await?;
    let stored = Message {
        id: a.message.clone(),
        conversation: thread.id.clone(),
        direction: Direction::In,
        author: Author::Contact,
        parts: a.inbound.parts.clone(),
        vendor_id: Some(a.inbound.vendor_id.clone()),
        quotes: a.inbound.quotes.clone(),
        delivery: None,
        failure: None,
        turn: None,
        at: a.now,
    };
    let extra = extra_json(a);
    messages::insert_in_lane(tx, scope, &stored, extra.as_deref()).await?;
    touch(tx, scope, &thread, a, &text, used, pairs).await?;

    let taken_over = thread.mode.bot_answers(a.now) && (flooded || pairs >= LOOP_PAIRS);
    if taken_over {
        let why = if flooded { FLOOD } else { MACHINE };
        conversations::set_mode(tx, scope, &thread.id, Mode::Human, why).await?;
        tasks::open(tx, scope, &a.task, "flood", why, Some(&thread.id), None, a.now).await?;
    }
    if taken_over && flooded {
        return Ok(Received::Muted { conversation: thread.id, message: a.message.clone() });
    }
    Ok(Received::New { conversation: thread.id, message: a.message.clone(), silent })
}

/// The dedupe row; no answer when it was there before.
#[expect(clippy::too_many_arguments, reason = "one row, its columns")]
pub(crate) fn remember(
    tx: &mut Tx,
    scope: &Scope,
    account: &str,
    vendor_id: &str,
    kind: &str,
    message: Option<&MessageId>,
    body: Option<&str>,
    now: Timestamp,
) -> Result<Asked<Timestamp>> {
    tx.query(
        "INSERT INTO inbound (tenant, account, vendor_id, kind, message, body, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant, account, vendor_id) DO NOTHING RETURNING received_at",
    )
    .bind(scope.tenant())
    .bind(account)
    .bind(vendor_id)
    .bind(kind)
    .bind(message)
    .bind(body)
    .bind(now)
    .ask(|row| row.get("received_at"))
}

/// It was delivered before.
pub async fn is_known(tx: &mut Tx, scope: &Scope, account: &str, vendor_id: &str) -> Result<bool> {
    tx.query("SELECT COUNT(*) AS n FROM inbound WHERE tenant = $1 AND account = $2 AND vendor_id = $3")
        .bind(scope.tenant())
        .bind(account)
        .bind(vendor_id)
        .one(|row| row.get::<i64>("n"))
        .await
        .map(|n| n > 0)
}

/// Keeps a vendor's notice or an unreadable piece for a person. `false` when it was there before.
pub async fn park(tx: &mut Tx, scope: &Scope, account: &str, id: &str, kind: &str, body: &str, now: Timestamp) -> Result<bool> {
    let new = remember(tx, scope, account, id, kind, None, Some(body), now)?;
    Ok(new.optional(tx).await?.is_some())
}

/// Keeps what came for an account that nobody here owns. `false` when it was there before.
pub async fn keep_stray(
    tx: &mut Tx,
    _: &frontdesk_kernel::scope::Server,
    kind: &str,
    account: &str,
    id: &str,
    body: &str,
    now: Timestamp,
) -> Result<bool> {
    tx.query(
        "INSERT INTO stray (kind, account, vendor_id, body, received_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind, account, vendor_id) DO NOTHING",
    )
    .bind(kind)
    .bind(account)
    .bind(id)
    .bind(body)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// How many strays are kept.
pub async fn count_strays(tx: &mut Tx, _: &frontdesk_kernel::scope::Server) -> Result<i64> {
    tx.query("SELECT COUNT(*) AS n FROM stray").one(|row| row.get("n")).await
}

/// Forgets dedupe rows that no vendor will repeat any more. Returns how many.
pub async fn forget_before(tx: &mut Tx, _: &frontdesk_kernel::scope::Server, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM inbound WHERE received_at < $1 AND body IS NULL").bind(before).execute().await
}

/// Moves the lane by one message. Without an answer to give, an idle lane stays idle; a busy one only grows (its claim looks again).
async fn bump(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, a: &Arrival, answer: bool) -> Result<()> {
    let merge = !a.rules.burst_wait.is_zero();
    let (quiet, cap) = (a.now.plus(a.rules.burst_wait), a.rules.burst_max.as_millis() as i64);
    tx.query(
        "INSERT INTO lane (tenant, conversation, head_seq, done_seq, ready_at, burst_from, merge, epoch, pair_tat)
             VALUES ($1, $2, 1, CASE WHEN $7 THEN 0 ELSE 1 END, $4, $3, $6, 0, 0)
             ON CONFLICT (tenant, conversation) DO UPDATE SET
                 head_seq = lane.head_seq + 1,
                 done_seq = CASE WHEN NOT $7 AND lane.head_seq = lane.done_seq THEN lane.done_seq + 1 ELSE lane.done_seq END,
                 merge = $6,
                 burst_from = CASE WHEN lane.head_seq = lane.done_seq OR lane.owner IS NOT NULL THEN $3 ELSE lane.burst_from END,
                 ready_at = CASE WHEN lane.head_seq = lane.done_seq OR lane.owner IS NOT NULL OR lane.burst_from + $5 > $4 THEN $4
                                 WHEN lane.ready_at > lane.burst_from + $5 THEN lane.ready_at
                                 ELSE lane.burst_from + $5 END",
    )
    .bind(scope.tenant())
    .bind(conversation)
    .bind(a.now)
    .bind(quiet)
    .bind(cap)
    .bind(merge)
    .bind(answer)
    .put()
    .await
}

async fn touch(tx: &mut Tx, scope: &Scope, thread: &Thread, a: &Arrival, text: &str, used: i64, pairs: i64) -> Result<()> {
    let address = reply_address(&a.inbound.addresses);
    let budget_from = if used == 1 { a.now } else { thread.budget_from };
    let start: String = text.chars().take(80).collect();
    tx.query(
        "UPDATE conversation SET last_inbound_at = $3, last_message_at = $3, address_kind = $4, address = $5, budget_from = $6,
                budget_used = $7, machine_pairs = $8, last_text = $9, unread = TRUE, last_in = TRUE, snoozed_until = NULL,
                mode = CASE WHEN mode = 'closed' OR (mode = 'paused' AND paused_until <= $3) THEN 'bot' ELSE mode END
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(&thread.id)
    .bind(a.now)
    .bind(address.kind)
    .bind(address.value.as_str())
    .bind(budget_from)
    .bind(used)
    .bind(pairs)
    .bind(start)
    .put()
    .await
}

/// Answers go to the phone number where there is one (every kind of message may), else to the strongest name.
fn reply_address(addresses: &[Address]) -> &Address {
    addresses.iter().find(|a| a.kind == frontdesk_kernel::contact::AddressKind::Phone).unwrap_or(&addresses[0])
}

/// The same text again, within a machine's pace of our answer.
fn machine_pairs(thread: &Thread, text: &str, a: &Arrival) -> i64 {
    let we_spoke_last = thread.last_inbound_at.is_some_and(|at| at < thread.last_message_at);
    let start: String = text.chars().take(80).collect();
    let same = thread.last_text.as_deref() == Some(start.as_str());
    if we_spoke_last && same && a.now.since(thread.last_message_at) < MACHINE_PACE { thread.machine_pairs + 1 } else { 0 }
}

fn wants_no_answer(part: &Part) -> bool {
    matches!(part, Part::Reaction { .. } | Part::Delete { .. } | Part::System { .. })
}

fn extra_json(a: &Arrival) -> Option<String> {
    let i = &a.inbound;
    if i.referral.is_none() && i.profile_name.is_none() && !i.forwarded {
        return None;
    }
    let extra = serde_json::json!({
        "profile_name": i.profile_name, "referral": i.referral, "forwarded": i.forwarded, "vendor_time": i.sent_at,
    });
    Some(extra.to_string())
}
