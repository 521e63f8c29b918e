//! T4–T5: sending. The attempt is on record before the I/O; what its answer means is decided by kind and class, never guessed.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp,
    conversation::Mode,
    effect::{self, Outcome, State},
    ids::*,
    message::{Author, Delivery, Direction, Media, Message, Part},
    ports::channel::{MediaBytes, Outbound, Receipt},
    scope::Server,
};
use frontdesk_store::{Result, Tx, channels, conversations, effects, messages, tasks, timers, work};

use futures_util::FutureExt;

use crate::{Desk, crash, directory::Line};

/// Sends begun at the same time on this node.
const BATCH: u32 = 64;
const MAX_ATTEMPTS: u32 = 8;
/// A send takes at most this long; the connector's own timeout is shorter.
const IO_TIMEOUT: Duration = Duration::from_secs(10);

/// A message of ours with its planned send. The caller stores both in one transaction.
pub fn draft(desk: &Desk, line: &Line, conversation: &ConversationId, author: Author, part: Part, turn: Option<&TurnId>, now: Timestamp) -> (Message, effects::Effect) {
    let message = Message {
        id: desk.id(),
        conversation: conversation.clone(),
        direction: Direction::Out,
        author,
        parts: vec![part],
        vendor_id: None,
        quotes: None,
        delivery: Some(Delivery::Queued),
        failure: None,
        turn: turn.cloned(),
        at: now,
    };
    let class = desk.channel(&line.channel.kind).map_or(effect::Class::C, |c| c.about().send_class);
    let effect = effects::Effect {
        id: desk.id(),
        class,
        state: State::Pending,
        conversation: conversation.clone(),
        channel: line.channel.id.clone(),
        message: message.id.clone(),
        turn: turn.cloned(),
        is_reply: !matches!(message.parts.first(), Some(Part::Template { .. })),
        attempts: 0,
        resends: 0,
        unknown_since: None,
        vendor_id: None,
        problem: None,
        created_at: now,
    };
    (message, effect)
}

/// A text as the messages it takes on this channel: formatted, then split at the channel's limit.
pub fn text_parts(desk: &Desk, line: &Line, markdown: &str) -> Vec<Part> {
    let Some(channel) = desk.channel(&line.channel.kind) else { return Vec::new() };
    let text = channel.format(markdown);
    frontdesk_kernel::split::split(&text, channel.about().limits.text).into_iter().map(|text| Part::Text { text }).collect()
}

/// A part as this channel takes it: texts formatted, and split where one message does not hold them.
pub fn parts_for(desk: &Desk, line: &Line, part: Part) -> Vec<Part> {
    let Some(channel) = desk.channel(&line.channel.kind) else { return Vec::new() };
    match part {
        Part::Text { text } => text_parts(desk, line, &text),
        Part::Buttons { text, buttons } => vec![Part::Buttons { text: channel.format(&text), buttons }],
        Part::List { text, button, sections } => vec![Part::List { text: channel.format(&text), button, sections }],
        Part::Media(m) => vec![Part::Media(Media { caption: m.caption.map(|c| channel.format(&c)), ..m })],
        part => vec![part],
    }
}

/// What a person sends: the bot falls silent at once, the messages go out like any other. Returns them as stored.
pub async fn send_as_staff(desk: &Desk, line: &Line, conversation: &ConversationId, parts: Vec<Part>, quotes: Option<String>) -> Result<Vec<Message>> {
    let now = desk.now();
    let scope = Scope::of(line.tenant.clone());
    let mut drafts = Vec::new();
    for part in parts.into_iter().flat_map(|part| parts_for(desk, line, part)) {
        let at = Timestamp(now.0 + drafts.len() as i64);
        let (mut message, effect) = draft(desk, line, conversation, Author::Staff, part, None, at);
        message.quotes = quotes.clone().filter(|_| drafts.is_empty());
        drafts.push((message, effect));
    }
    let (s, id, until) = (scope.clone(), conversation.clone(), now.plus(desk.settings.human_for));
    let sent = desk
        .db
        .write(&scope, work!(tx => {
            conversations::set_mode(tx, &s, &id, Mode::Human, "a person answered").await?;
            effects::withdraw_bots(tx, &s, &id, "a person answered instead", now).await?;
            timers::arm(tx, &s, &format!("resume/{id}"), "resume_bot", id.as_str(), until).await?;
            for (message, effect) in &drafts {
                messages::insert(tx, &s, message, None, None).await?;
                effects::plan(tx, &s, effect, now).await?;
            }
            conversations::touch(tx, &s, &id, now).await?;
            Ok(drafts.into_iter().map(|(message, _)| message).collect())
        }))
        .await?;
    desk.wake.outbox.notify_one();
    Ok(sent)
}

/// A send that was begun: everything the I/O needs.
struct Begun {
    scope: Scope,
    effect: effects::Effect,
    attempt: u32,
    line: Arc<Line>,
    message: Message,
    to: frontdesk_kernel::ports::channel::Address,
}

/// Begins what is due, if anything is. Returns how many sends were begun.
pub async fn step(desk: &Arc<Desk>) -> Result<usize> {
    let due = desk.db.read(&Server, work!(tx => effects::next_due(tx, &Server).await)).await?;
    if due.is_none_or(|at| at > desk.now()) { Ok(0) } else { begin_and_send(desk).await }
}

/// Begins what is due and may go now, and sends it in the background. Returns how many sends were begun.
pub async fn begin_and_send(desk: &Arc<Desk>) -> Result<usize> {
    let begun = begin(desk).await?;
    let count = begun.len();
    for send in begun {
        let desk = desk.clone();
        let tracker = desk.tasks.clone();
        tracker.spawn(async move {
            let effect = send.effect.id.clone();
            if AssertUnwindSafe(deliver(&desk, send)).catch_unwind().await.is_err() {
                metrics::counter!("frontdesk_panics_total", "task" => "send").increment(1);
                tracing::error!(%effect, "a send panicked; its fate is settled by its echo or the reaper");
            }
        });
    }
    Ok(count)
}

async fn begin(desk: &Arc<Desk>) -> Result<Vec<Begun>> {
    let now = desk.now();
    let lines = desk.directory.lines(desk).await?;
    let d = desk.clone();
    let begun = desk
        .db
        .write(&Server, work!(tx => {
            let mut begun = Vec::new();
            let mut paces = HashMap::new();
            for due in effects::due(tx, &Server, now, BATCH).await? {
                let scope = Scope::of(due.tenant.clone());
                let Some(line) = lines.get(&due.effect.channel) else {
                    effects::withdraw(tx, &scope, &due.effect, State::Canceled, "the channel was removed", now).await?;
                    continue;
                };
                if let Some(send) = begin_one(tx, &d, scope, due, line, &mut paces, now).await? {
                    begun.push(send);
                }
            }
            crash::point("T4 before commit");
            Ok(begun)
        }))
        .await?;
    crash::point("T4 committed");
    Ok(begun)
}

async fn begin_one(
    tx: &mut Tx,
    desk: &Desk,
    scope: Scope,
    due: effects::Due,
    line: &Arc<Line>,
    paces: &mut HashMap<ChannelId, Timestamp>,
    now: Timestamp,
) -> Result<Option<Begun>> {
    let effect = due.effect;
    let Some(conversation) = conversations::get(tx, &scope, &effect.conversation).await? else {
        effects::withdraw(tx, &scope, &effect, State::Canceled, "the conversation was removed", now).await?;
        return Ok(None);
    };
    let Some(message) = messages::get(tx, &scope, &effect.message).await? else {
        effects::withdraw(tx, &scope, &effect, State::Canceled, "the message was removed", now).await?;
        return Ok(None);
    };
    if window_closed(desk, line, &conversation, &message, now) {
        let why = "the contact's 24-hour window has closed: send a template";
        effects::withdraw(tx, &scope, &effect, State::Expired, why, now).await?;
        tasks::open(tx, &scope, &desk.id(), "window_closed", why, Some(&effect.conversation), effect.turn.as_ref(), now).await?;
        return Ok(None);
    }
    if let Some(wait) = pace(tx, desk, &scope, line, &effect, due.pair_tat, paces, now).await? {
        effects::postpone(tx, &scope, &effect.id, wait).await?;
        return Ok(None);
    }
    let Some(attempt) = effects::begin(tx, &scope, &effect.id, &desk.node, now).await? else { return Ok(None) };
    let effect = effects::Effect { attempts: attempt, state: State::Sending, ..effect };
    Ok(Some(Begun { scope, effect, attempt, line: line.clone(), message, to: conversation.address }))
}

fn window_closed(desk: &Desk, line: &Line, conversation: &conversations::Conversation, message: &Message, now: Timestamp) -> bool {
    if matches!(message.parts.first(), Some(Part::Template { .. })) {
        return false;
    }
    let window = desk.channel(&line.channel.kind).and_then(|c| c.about().window);
    window.is_some_and(|window| conversation.last_inbound_at.is_none_or(|at| now.since(at) >= window))
}

/// The account's pace and the pair's pace. `Some` = not before then.
#[expect(clippy::too_many_arguments, reason = "two paces of one send")]
async fn pace(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    line: &Line,
    effect: &effects::Effect,
    pair_tat: Timestamp,
    paces: &mut HashMap<ChannelId, Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>> {
    let Some(channel) = desk.channel(&line.channel.kind) else { return Ok(None) };
    let limits = channel.about().limits;
    let per_second = desk.settings.messages_per_second.filter(|_| limits.per_second > 0).unwrap_or(limits.per_second);
    let burst = desk.settings.pair_burst.filter(|_| limits.pair_burst > 0).unwrap_or(limits.pair_burst);
    let interval = desk.settings.pair_interval.unwrap_or(limits.pair_interval);
    let mut pair = None;
    if burst > 0 {
        match effects::gcra(pair_tat, now, interval, burst) {
            Ok(tat) => pair = Some(tat),
            Err(wait) => return Ok(Some(wait)),
        }
    }
    if per_second > 0 {
        let tat = match paces.get(&effect.channel) {
            Some(tat) => *tat,
            None => effects::account_pace(tx, scope, &effect.channel).await?,
        };
        match effects::gcra(tat, now, Duration::from_secs(1) / per_second, per_second) {
            Ok(tat) => {
                paces.insert(effect.channel.clone(), tat);
                effects::set_account_pace(tx, scope, &effect.channel, tat).await?;
            }
            Err(wait) => return Ok(Some(wait)),
        }
    }
    if let Some(tat) = pair {
        effects::set_pair_pace(tx, scope, &effect.conversation, tat).await?;
    }
    Ok(None)
}

/// The I/O and T5. Nothing here may be repeated once the request is on its way.
async fn deliver(desk: &Arc<Desk>, send: Begun) {
    let started = desk.now();
    let result = if desk.lease.covers(desk, IO_TIMEOUT) {
        attempt(desk, &send).await
    } else {
        // Too late to begin: somebody else may be about to decide about this effect.
        Attempt::NotBegun
    };
    crash::point("vendor answered");
    for tries in 1.. {
        match end(desk, &send, &result).await {
            Ok(()) => break,
            Err(e) if tries < 5 && e.may_retry() => desk.pause.pause(effect::backoff(tries, spread(desk))).await,
            Err(e) => {
                tracing::error!(effect = %send.effect.id, error = %e, "the outcome of a send could not be stored; its echo or the reaper settles it");
                break;
            }
        }
    }
    metrics::histogram!("frontdesk_send_seconds").record(desk.now().since(started).as_secs_f64());
    desk.wake.outbox.notify_one();
}

enum Attempt {
    NotBegun,
    Accepted(Receipt),
    Refused(frontdesk_kernel::ConnectorError),
}

async fn attempt(desk: &Arc<Desk>, send: &Begun) -> Attempt {
    if desk.settings.mock_mode || send.line.channel.mock {
        let vendor_id = format!("wamid.mock_{}", &desk.ids.uuid(desk.now()).simple().to_string()[16..]);
        tracing::info!(target: "mock", to = %crate::tracer::hash(send.scope.tenant(), &send.to.value), message = %send.message.id, "[MOCK MODE] message recorded, not sent");
        return Attempt::Accepted(Receipt { vendor_id });
    }
    let Some(channel) = desk.channel(&send.line.channel.kind) else { return Attempt::NotBegun };
    let outbound = match outbound(desk, send).await {
        Ok(outbound) => outbound,
        Err(e) => {
            tracing::warn!(effect = %send.effect.id, error = %e, "a message could not be prepared");
            return Attempt::NotBegun;
        }
    };
    match channel.send(desk.http.as_ref(), &send.line.account, &outbound).await {
        Ok(receipt) => Attempt::Accepted(receipt),
        Err(e) => Attempt::Refused(e),
    }
}

async fn outbound(desk: &Desk, send: &Begun) -> Result<Outbound> {
    let part = send.message.parts.first().cloned().unwrap_or(Part::Text { text: String::new() });
    let mut media = None;
    if let Part::Media(m) = &part
        && let Some(id) = m.stored.clone()
    {
        let scope = send.scope.clone();
        let file = desk.db.read(&send.scope, work!(tx => frontdesk_store::media::get(tx, &scope, &id).await)).await?;
        media = file.map(|f| MediaBytes { mime: f.mime, file_name: f.file_name, bytes: f.bytes.into() });
    }
    Ok(Outbound {
        to: send.to.clone(),
        part,
        quotes: send.message.quotes.clone(),
        echo: desk.echo.sign(&send.effect.id, send.attempt),
        media,
    })
}

async fn end(desk: &Arc<Desk>, send: &Begun, result: &Attempt) -> Result<()> {
    let now = desk.now();
    let (outcome, vendor_id, error) = match result {
        Attempt::NotBegun => (Outcome::NotApplied { after: None }, None, None),
        Attempt::Accepted(receipt) => (Outcome::Succeeded, Some(receipt.vendor_id.clone()), None),
        Attempt::Refused(e) => (Outcome::of(e), None, Some(e.clone())),
    };
    metrics::counter!("frontdesk_sends_total", "channel" => send.line.channel.kind.clone(), "outcome" => outcome.as_str()).increment(1);
    // Asking to wait is not a failure of the message: it does not use up its attempts.
    let paced = matches!(result, Attempt::NotBegun)
        || error.as_ref().is_some_and(|e| e.kind == frontdesk_kernel::ErrorKind::RateLimited);
    let state = effect::after_attempt(send.effect.class, &outcome, if paced { 1 } else { send.attempt }, MAX_ATTEMPTS);
    let wait = match &outcome {
        Outcome::NotApplied { after: Some(d) } => *d,
        _ => effect::backoff(send.attempt, spread(desk)),
    };
    let stop = error.as_ref().is_some_and(effect::stops_account);
    // A stopped account keeps its messages: they go when a person has mended it.
    let state = if stop { State::Pending } else { state };
    let detail = error.as_ref().map(ToString::to_string);
    let (scope, effect, attempt, task) = (send.scope.clone(), send.effect.clone(), send.attempt, desk.id::<OfTask>());
    let window = desk.settings.unknown_window;
    desk.db
        .write(&send.scope, work!(tx => {
            let ended = effects::Ended {
                state,
                outcome: outcome.as_str(),
                vendor_id: vendor_id.as_deref(),
                detail: detail.as_deref(),
                not_before: now.plus(wait),
                uncounted: false,
            };
            effects::end(tx, &scope, &effect, attempt, &ended, now).await?;
            if let Some(detail) = &detail {
                channels::report_fault(tx, &scope, &effect.channel, detail, stop, now).await?;
            }
            if stop {
                let title = format!("a channel stopped: {}", detail.as_deref().unwrap_or_default());
                tasks::open(tx, &scope, &task, "channel_stopped", &title, None, None, now).await?;
            } else if state == State::Failed {
                let title = format!("a message was not delivered: {}", detail.as_deref().unwrap_or_default());
                tasks::open(tx, &scope, &task, "send_failed", &title, Some(&effect.conversation), effect.turn.as_ref(), now).await?;
            } else if state == State::Unknown {
                timers::arm(tx, &scope, &format!("unknown/{}", effect.id), "look_at_unknown", effect.id.as_str(), now.plus(window)).await?;
            } else if state == State::Review {
                let title = "a message may or may not have been sent: check with the contact";
                tasks::open(tx, &scope, &task, "unknown_send", title, Some(&effect.conversation), effect.turn.as_ref(), now).await?;
            }
            crash::point("T5 before commit");
            Ok(())
        }))
        .await?;
    crash::point("T5 committed");
    if stop {
        desk.directory.invalidate();
    }
    Ok(())
}

/// 0..1, different for every call.
pub(crate) fn spread(desk: &Desk) -> f64 {
    (desk.ids.uuid(desk.now()).as_u128() as u32) as f64 / f64::from(u32::MAX)
}
