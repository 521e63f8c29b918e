//! What vendors deliver: verified over the raw bytes, read, stored once, then acknowledged. Nothing else happens in the request.

mod changes;
pub mod door;
mod seen;
mod statuses;
mod strays;

use std::{collections::BTreeMap, sync::Arc};

use frontdesk_kernel::{
    Scope, Secret, Timestamp,
    ids::{AuditId, ConversationId, TenantId},
    message::{Author, Message, Part},
    ports::channel::{Channel, Event, EventKind, Handshake, Inbound, RawRequest},
};
use frontdesk_store::{
    Result, Tx,
    channels::Knock,
    effects,
    inbound::{self, Arrival, Received, Rules},
    messages, timers, work,
};

pub use self::statuses::Together;
use self::{
    changes::{join_edits, number_changed},
    seen::Seen,
    statuses::Status,
};
use crate::{
    Desk,
    approvals::hear::{self, Spoken, Taken},
    crash,
    directory::{Line, Lines},
    knocks, outbox,
};

/// What a delivery came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// Everything is durable. `duplicate`: there were messages and all of them were known.
    Stored {
        duplicate: bool,
    },
    Forged,
    Malformed(String),
    /// Not an event of this channel.
    Foreign,
}

/// The vendor's set-up handshake.
pub async fn handshake(desk: &Arc<Desk>, channel: &dyn Channel, raw: &RawRequest) -> Result<Handshake> {
    let (kind, lines) = (channel.about().key, desk.directory.lines(desk).await?);
    let answer = channel.handshake(raw, &lines.secrets(kind, "verify_token"));
    if matches!(answer, Handshake::Answer(_)) {
        let theirs = |l: &&Arc<Line>| {
            let token = l.account.secret("verify_token").cloned();
            token.is_some_and(|t| matches!(channel.handshake(raw, &[t]), Handshake::Answer(_)))
        };
        for line in lines.all().filter(|l| l.channel.kind == kind).filter(theirs) {
            knocks::note(desk, line, Knock::Handshake);
        }
    }
    Ok(answer)
}

pub async fn accept(desk: &Arc<Desk>, channel: &'static dyn Channel, raw: &RawRequest) -> Result<Accepted> {
    let kind = channel.about().key;
    let lines = desk.directory.lines(desk).await?;
    let signer = lines.secrets(kind, "app_secret").into_iter().find(|secret| channel.verify(raw, secret).is_ok());
    if signer.is_none() && !desk.settings.mock_mode {
        metrics::counter!("frontdesk_webhook_forged_total", "channel" => kind).increment(1);
        // What nobody signed is not read, so it is nobody's: those who still wait for their first webhook are told.
        for line in lines.all().filter(|l| l.channel.kind == kind && l.channel.webhook_at.is_none()) {
            knocks::note(
                desk,
                line,
                Knock::Refused("a webhook came whose signature fits no app secret here: correct the app secret"),
            );
        }
        return Ok(Accepted::Forged);
    }
    let events = match channel.receive(raw) {
        Ok(events) => events,
        Err(e) if e.kind == frontdesk_kernel::ErrorKind::Unsupported => return Ok(Accepted::Foreign),
        Err(e) => return Ok(Accepted::Malformed(e.detail)),
    };
    if let Some(event) = events.iter().find(|event| !signed_by_its_owner(desk, &lines, kind, event, signer.as_ref())) {
        metrics::counter!("frontdesk_webhook_forged_total", "channel" => kind).increment(1);
        if let Some(line) = lines.at(kind, &event.account) {
            knocks::note(
                desk,
                line,
                Knock::Refused("a webhook for this account was signed by another app: correct the app secret"),
            );
        }
        return Ok(Accepted::Forged);
    }
    for line in events.iter().filter_map(|event| lines.at(kind, &event.account)).take(1) {
        knocks::note(desk, line, Knock::Webhook);
    }
    store(desk, kind, &lines, signer.as_ref(), events).await
}

/// A valid signature of one tenant's app says nothing about another tenant's account.
fn signed_by_its_owner(desk: &Desk, lines: &Lines, kind: &str, event: &Event, signer: Option<&Secret>) -> bool {
    match lines.at(kind, &event.account) {
        None => true,
        Some(line) => desk.settings.mock_mode || line.channel.mock || line.account.secret("app_secret") == signer,
    }
}

async fn store(
    desk: &Arc<Desk>,
    kind: &'static str,
    lines: &Lines,
    signer: Option<&Secret>,
    events: Vec<Event>,
) -> Result<Accepted> {
    let now = desk.now();
    let mut by_tenant: BTreeMap<TenantId, Vec<Item>> = BTreeMap::new();
    let mut strays = Vec::new();
    for event in events {
        match lines.at(kind, &event.account) {
            Some(line) => by_tenant.entry(line.tenant.clone()).or_default().push(item(desk, line, signer, event, now).await?),
            None => strays.push(event),
        }
    }
    let mut seen = Seen::default();
    for (tenant, items) in by_tenant {
        seen.merge(statuses::store(desk, kind, Scope::of(tenant), Arc::new(items), now).await?);
    }
    if !strays.is_empty() {
        strays::keep(desk, kind, strays, now).await?;
    }
    crash::point("T1 committed");
    let duplicate = seen.messages == 0 && seen.duplicates > 0;
    committed(desk, kind, seen);
    Ok(Accepted::Stored { duplicate })
}

/// What is durable now is counted and told, and wakes who goes on with it.
fn committed(desk: &Desk, kind: &'static str, mut seen: Seen) {
    if seen.settled > 0 {
        crash::point("T8 committed");
    }
    seen.count(kind);
    std::mem::take(&mut seen.news).tell(&desk.events);
    if seen.turns > 0 {
        desk.wake.lanes.notify_one();
    }
    if seen.settled + seen.muted + seen.answers > 0 {
        desk.wake.outbox.notify_one();
    }
}

/// One transaction, where nothing can be shared with others. Two deliveries that meet in the other order may deadlock on PostgreSQL: the
/// loser tries again.
async fn store_all(desk: &Desk, scope: Scope, items: Arc<Vec<Item>>, now: Timestamp) -> Result<Seen> {
    for tries in 1.. {
        let (s, items) = (scope.clone(), items.clone());
        let stored = desk
            .db
            .write(
                &scope,
                work!(tx => {
                    let mut seen = Seen::default();
                    for item in items.iter() {
                        seen.merge(store_item(tx, &s, item, now).await?);
                    }
                    crash::point("T1 before commit");
                    Ok(seen)
                }),
            )
            .await;
        match stored {
            Err(e) if e.may_retry() && tries < 3 => desk.pause.pause(std::time::Duration::from_millis(20 * tries)).await,
            stored => return stored,
        }
    }
    Ok(Seen::default())
}

/// A message with everything its transaction needs, made outside of it.
pub(crate) struct Incoming {
    pub(crate) arrival: Arrival,
    notice: Message,
    effect: effects::Effect,
    resume_at: Timestamp,
    lost_number: AuditId,
}

/// An event, likewise.
enum Item {
    /// A message, and what it says to us when it comes from somebody of the team.
    Message(Box<Incoming>, Option<Box<Spoken>>),
    Status(Status),
    Parked {
        account: String,
        id: String,
        kind: String,
        body: String,
    },
}

async fn item(desk: &Arc<Desk>, line: &Arc<Line>, signer: Option<&Secret>, event: Event, now: Timestamp) -> Result<Item> {
    Ok(match event.kind {
        EventKind::Message(inbound) => {
            // A decision is taken from a message that the owner's app has signed, and no other.
            let signed = desk.settings.mock_mode || line.account.secret("app_secret").is_some_and(|own| Some(own) == signer);
            let view = desk.directory.tenant(desk, &line.tenant).await?;
            let spoken = if signed { hear::read(desk, line, view.as_ref(), &inbound) } else { None };
            Item::Message(Box::new(incoming(desk, line, *inbound, now).await?), spoken.map(Box::new))
        }
        EventKind::Status(status) => Item::Status(Status::of(desk, line, Box::new(status), now)),
        EventKind::Notice { id, kind, body } => Item::Parked { account: event.account, id, kind, body: body.to_string() },
        EventKind::Malformed { id, problem, body } => {
            tracing::warn!(channel = %line.channel.id, problem, "a piece of a webhook could not be read and was parked");
            Item::Parked { account: event.account, id, kind: "malformed".into(), body: body.to_string() }
        }
    })
}

pub(crate) async fn incoming(desk: &Desk, line: &Line, inbound: Inbound, now: Timestamp) -> Result<Incoming> {
    let arrival = arrival(desk, line, inbound, now).await?;
    let (notice, effect) = slow_down_notice(desk, line, now).await?;
    Ok(Incoming { arrival, notice, effect, resume_at: now.plus(desk.settings.human_for), lost_number: desk.id() })
}

/// An inbound message with the rules that hold for it.
pub async fn arrival(desk: &Desk, line: &Line, inbound: Inbound, now: Timestamp) -> Result<Arrival> {
    let view = desk.directory.tenant(desk, &line.tenant).await?;
    let settings = view.as_ref().map(|v| &v.tenant.settings);
    let own_number: String =
        line.account.setting("display_phone_number").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let rules = Rules {
        burst_wait: settings.and_then(|s| s.burst_wait_ms).map_or(desk.settings.burst_wait, std::time::Duration::from_millis),
        burst_max: settings.and_then(|s| s.burst_max_ms).map_or(desk.settings.burst_max, std::time::Duration::from_millis),
        answers: desk.settings.autoreply && line.channel.active && view.as_ref().is_some_and(|v| v.tenant.active),
        per_hour: settings.and_then(|s| s.contact_messages_per_hour).unwrap_or(desk.settings.contact_messages_per_hour),
        own_echo: !own_number.is_empty() && inbound.addresses.iter().any(|a| a.value == own_number),
    };
    Ok(Arrival {
        channel: line.channel.id.clone(),
        account: line.channel.account.clone(),
        inbound,
        now,
        new_contact: desk.id(),
        new_conversation: desk.id(),
        message: desk.id(),
        task: desk.id(),
        session: None,
        rules,
    })
}

/// The one line a contact gets when their budget is used up; sent only then.
async fn slow_down_notice(desk: &Desk, line: &Line, now: Timestamp) -> Result<(Message, effects::Effect)> {
    let view = desk.directory.tenant(desk, &line.tenant).await?;
    let language = view.map(|v| v.tenant.speaks()).unwrap_or_default();
    let text = frontdesk_kernel::language::Line::SlowDown.text(language).to_owned();
    Ok(outbox::draft(desk, line, &desk.id(), Author::System, Part::Text { text }, None, now))
}

/// Stores a message and what follows from it at once.
pub(crate) async fn take_in(tx: &mut Tx, scope: &Scope, incoming: &Incoming, now: Timestamp) -> Result<Received> {
    let received = inbound::receive(tx, scope, &incoming.arrival).await?;
    match &received {
        Received::Duplicate => {}
        Received::New { conversation, message, silent } => {
            if let Some(why) = silent {
                tracing::info!(%message, why, "no answer follows");
            }
            if *silent == Some(inbound::MACHINE) {
                resume_later(tx, scope, conversation, incoming.resume_at).await?;
            }
            join_edits(tx, scope, &incoming.arrival, conversation).await?;
        }
        Received::Muted { conversation, .. } => {
            resume_later(tx, scope, conversation, incoming.resume_at).await?;
            let notice = Message { conversation: conversation.clone(), ..incoming.notice.clone() };
            let effect = effects::Effect { conversation: conversation.clone(), ..incoming.effect.clone() };
            messages::insert(tx, scope, &notice).await?;
            effects::plan(tx, scope, &effect, now).await?;
        }
    }
    Ok(received)
}

async fn store_item(tx: &mut Tx, scope: &Scope, item: &Item, now: Timestamp) -> Result<Seen> {
    let mut seen = Seen::default();
    if let Item::Message(_, Some(spoken)) = item
        && let Some(taken) = hear::take(tx, scope, spoken, now, &mut seen.news).await?
    {
        match taken {
            Taken::Duplicate => seen.duplicates += 1,
            Taken::Kept { decided } => {
                seen.messages += 1;
                seen.answers += 1;
                seen.turns += u64::from(decided);
            }
        }
        return Ok(seen);
    }
    match item {
        Item::Message(incoming, _) => match take_in(tx, scope, incoming, now).await? {
            Received::Duplicate => seen.duplicates += 1,
            Received::New { conversation, message, silent } => {
                seen.messages += 1;
                seen.news.message(scope.tenant(), &conversation, &message);
                number_changed(tx, scope, incoming, now, &mut seen.news).await?;
                if silent == Some(inbound::MACHINE) {
                    seen.news.task(scope.tenant(), &incoming.arrival.task, Some(&conversation));
                }
                seen.turns += u64::from(silent.is_none());
            }
            Received::Muted { conversation, message } => {
                seen.messages += 1;
                seen.muted += 1;
                seen.news.message(scope.tenant(), &conversation, &message);
                number_changed(tx, scope, incoming, now, &mut seen.news).await?;
                seen.news.task(scope.tenant(), &incoming.arrival.task, Some(&conversation));
            }
        },
        Item::Status(status) => {
            let asked = status.ask(tx, scope)?;
            status.hear(tx, scope, asked, now, &mut seen).await?;
        }
        Item::Parked { account, id, kind, body } => {
            inbound::park(tx, scope, account, id, kind, body, now).await?;
        }
    }
    crash::point("T8 before commit");
    Ok(seen)
}

/// The bot is back on duty then, if nobody decided otherwise.
async fn resume_later(tx: &mut Tx, scope: &Scope, id: &ConversationId, at: Timestamp) -> Result<()> {
    timers::arm(tx, scope, &format!("resume/{id}"), "resume_bot", id.as_str(), at).await
}
