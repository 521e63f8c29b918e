//! What a delivery holds, each with everything its transaction needs, made outside of it.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope, Secret, Timestamp,
    ids::{AuditId, ConversationId, EffectId},
    message::{Author, Message, Part},
    ports::channel::{Event, EventKind, Inbound},
};
use frontdesk_store::{
    Result, Tx,
    echoes::Usual,
    effects,
    inbound::{self, Arrival, Asking, Moved, Received, Rules},
    messages, timers,
};

use super::{
    changes::{join_edits, number_changed},
    seen::Seen,
    statuses::Status,
};
use crate::{
    Desk,
    approvals::hear::{self, Spoken, Taken},
    crash,
    directory::Line,
    outbox,
};

/// A message with everything its transaction needs, made outside of it.
pub(crate) struct Incoming {
    pub(crate) arrival: Arrival,
    notice: Message,
    effect: effects::Effect,
    resume_at: Timestamp,
    pub(super) lost_number: AuditId,
}

/// An event, likewise.
pub(super) enum Item {
    Message(Box<Incoming>),
    /// A message, and what it may say to us if it comes from somebody of the team.
    Spoken(Box<Incoming>, Box<Spoken>),
    Status(Status),
    Parked(Parked),
}

/// Kept for a person.
pub(super) struct Parked {
    pub(super) account: String,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) body: String,
}

pub(super) async fn item(
    desk: &Arc<Desk>,
    line: &Arc<Line>,
    signer: Option<&Secret>,
    event: Event,
    now: Timestamp,
) -> Result<Item> {
    Ok(match event.kind {
        EventKind::Message(inbound) => {
            // A decision is taken from a message that the owner's app has signed, and no other.
            let signed = desk.settings.mock_mode || line.account.secret("app_secret").is_some_and(|own| Some(own) == signer);
            let view = desk.directory.tenant(desk, &line.tenant).await?;
            let spoken = if signed { hear::read(desk, line, view.as_ref(), &inbound) } else { None };
            let incoming = Box::new(incoming(desk, line, *inbound, now).await?);
            match spoken {
                Some(spoken) => Item::Spoken(incoming, Box::new(spoken)),
                None => Item::Message(incoming),
            }
        }
        EventKind::Status(status) => Item::Status(Status::of(desk, line, Box::new(status), now)),
        EventKind::Notice { id, kind, body } => Item::Parked(Parked { account: event.account, id, kind, body: body.to_string() }),
        EventKind::Malformed { id, problem, body } => {
            tracing::warn!(channel = %line.channel.id, problem, "a piece of a webhook could not be read and was parked");
            Item::Parked(Parked { account: event.account, id, kind: "malformed".into(), body: body.to_string() })
        }
    })
}

pub(crate) async fn incoming(desk: &Desk, line: &Line, inbound: Inbound, now: Timestamp) -> Result<Incoming> {
    let arrival = arrival(desk, line, inbound, now).await?;
    let (notice, effect) = slow_down_notice(desk, line, now).await?;
    Ok(Incoming { arrival, notice, effect, resume_at: now.plus(desk.settings.human_for), lost_number: desk.id() })
}

/// An inbound message with the rules that hold for it.
async fn arrival(desk: &Desk, line: &Line, inbound: Inbound, now: Timestamp) -> Result<Arrival> {
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
    let asked = inbound::ask(tx, scope, &incoming.arrival).await?;
    incoming.take_in(tx, scope, asked, &mut Moved::default(), now).await
}

impl Incoming {
    async fn take_in(&self, tx: &mut Tx, scope: &Scope, asked: Asking, moved: &mut Moved, now: Timestamp) -> Result<Received> {
        let received = inbound::receive_asked(tx, scope, &self.arrival, asked, moved).await?;
        match &received {
            Received::Duplicate => {}
            Received::New { conversation, message, silent } => {
                if let Some(why) = silent {
                    tracing::info!(%message, why, "no answer follows");
                }
                if *silent == Some(inbound::MACHINE) {
                    resume_later(tx, scope, conversation, self.resume_at).await?;
                }
                join_edits(tx, scope, &self.arrival, conversation).await?;
            }
            Received::Muted { conversation, .. } => {
                resume_later(tx, scope, conversation, self.resume_at).await?;
                let notice = Message { conversation: conversation.clone(), ..self.notice.clone() };
                let effect = effects::Effect { conversation: conversation.clone(), ..self.effect.clone() };
                messages::insert(tx, scope, &notice).await?;
                effects::plan(tx, scope, &effect, now).await?;
            }
        }
        Ok(received)
    }

    async fn hear(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        asked: Asking,
        moved: &mut Moved,
        now: Timestamp,
        seen: &mut Seen,
    ) -> Result<()> {
        match self.take_in(tx, scope, asked, moved, now).await? {
            Received::Duplicate => seen.duplicates += 1,
            Received::New { conversation, message, silent } => {
                seen.messages += 1;
                seen.news.message(scope.tenant(), &conversation, &message);
                number_changed(tx, scope, self, now, &mut seen.news).await?;
                if silent == Some(inbound::MACHINE) {
                    seen.news.task(scope.tenant(), &self.arrival.task, Some(&conversation));
                }
                seen.turns += u64::from(silent.is_none());
            }
            Received::Muted { conversation, message } => {
                seen.messages += 1;
                seen.muted += 1;
                seen.news.message(scope.tenant(), &conversation, &message);
                number_changed(tx, scope, self, now, &mut seen.news).await?;
                seen.news.task(scope.tenant(), &self.arrival.task, Some(&conversation));
            }
        }
        Ok(())
    }
}

impl Item {
    /// Of the kind that most are: several of them can be kept together.
    pub(super) fn is_usual(&self) -> bool {
        match self {
            Item::Message(_) => true,
            Item::Status(status) => status.is_usual(),
            Item::Spoken(..) | Item::Parked(_) => false,
        }
    }

    /// Where it comes among others of one transaction. Messages are first: lanes are locked before what hangs on them, as in every turn.
    /// Each kind is in the order of what it is about, so that nodes which keep the same things rarely wait for each other.
    pub(super) fn place(&self) -> (u8, Option<&str>) {
        match self {
            Item::Message(incoming) | Item::Spoken(incoming, _) => {
                (0, incoming.arrival.inbound.addresses.first().map(|address| address.value.as_str()))
            }
            Item::Status(status) => (1, status.about().map(EffectId::as_str)),
            Item::Parked(parked) => (2, Some(&parked.id)),
        }
    }

    pub(super) fn is_message(&self) -> bool {
        matches!(self, Item::Message(_) | Item::Spoken(..))
    }

    /// Asked for all that are kept together before the first is kept, it is one round trip.
    pub(super) async fn ask(&self, tx: &mut Tx, scope: &Scope) -> Result<Ready<'_>> {
        Ok(match self {
            Item::Message(incoming) => Ready::Message(incoming, inbound::ask(tx, scope, &incoming.arrival).await?),
            Item::Spoken(incoming, spoken) => Ready::Spoken(incoming, spoken),
            Item::Status(status) => Ready::Status(status, status.ask(tx, scope)?),
            Item::Parked(parked) => Ready::Parked(parked),
        })
    }
}

/// An item with what was asked about it.
pub(super) enum Ready<'i> {
    Message(&'i Incoming, Asking),
    Spoken(&'i Incoming, &'i Spoken),
    Status(&'i Status, Option<Usual>),
    Parked(&'i Parked),
}

impl Ready<'_> {
    /// `moved`: by what was kept since it was asked.
    pub(super) async fn keep(self, tx: &mut Tx, scope: &Scope, moved: &mut Moved, now: Timestamp, seen: &mut Seen) -> Result<()> {
        match self {
            Ready::Message(incoming, asked) => incoming.hear(tx, scope, asked, moved, now, seen).await,
            Ready::Spoken(incoming, spoken) => match hear::take(tx, scope, spoken, now, &mut seen.news).await? {
                Some(Taken::Duplicate) => {
                    seen.duplicates += 1;
                    Ok(())
                }
                Some(Taken::Kept { decided }) => {
                    seen.messages += 1;
                    seen.answers += 1;
                    seen.turns += u64::from(decided);
                    Ok(())
                }
                None => {
                    let asked = inbound::ask(tx, scope, &incoming.arrival).await?;
                    incoming.hear(tx, scope, asked, moved, now, seen).await
                }
            },
            Ready::Status(status, asked) => {
                status.hear(tx, scope, asked, now, seen).await?;
                crash::point("T8 before commit");
                Ok(())
            }
            Ready::Parked(Parked { account, id, kind, body }) => {
                inbound::park(tx, scope, account, id, kind, body, now).await.map(drop)
            }
        }
    }
}

/// The bot is back on duty then, if nobody decided otherwise.
async fn resume_later(tx: &mut Tx, scope: &Scope, id: &ConversationId, at: Timestamp) -> Result<()> {
    timers::arm(tx, scope, &format!("resume/{id}"), "resume_bot", id.as_str(), at).await
}
