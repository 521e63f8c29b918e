//! The I/O of a send and T5: its outcome is stored, whatever it was.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    effect::{self, Outcome, State},
    ids::*,
    message::Part,
    ports::channel::{MediaBytes, Outbound, Receipt},
};
use frontdesk_store::{Result, channels, effects, feed, tasks, timers, work};

use super::{Begun, to_member};
use crate::{Desk, crash, events::Event, news::News, visitors};

const MAX_ATTEMPTS: u32 = 8;
/// A send takes at most this long; the connector's own timeout is shorter.
const IO_TIMEOUT: Duration = Duration::from_secs(10);

/// The I/O and T5. Nothing here may be repeated once the request is on its way.
pub(super) async fn deliver(desk: &Arc<Desk>, send: Begun) {
    let started = desk.now();
    let result = if desk.lease.still_covers(desk, send.term, IO_TIMEOUT) {
        attempt(desk, &send).await
    } else {
        // Too late to begin: somebody else may be about to decide about this effect, or has.
        Attempt::TooLate
    };
    crash::point("vendor answered");
    for tries in 1.. {
        match end(desk, &send, &result).await {
            Ok(()) => {
                desk.in_hand.ended(&send.scope, &send.effect.id, send.attempt);
                break;
            }
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
    TooLate,
    NotBegun,
    Accepted(Receipt),
    Refused(frontdesk_kernel::ConnectorError),
}

async fn attempt(desk: &Arc<Desk>, send: &Begun) -> Attempt {
    if (desk.settings.mock_mode || send.line.channel.mock) && !hosted(desk, send) {
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

/// The reader is ours: nothing leaves, so there is nothing to leave out either.
fn hosted(desk: &Desk, send: &Begun) -> bool {
    desk.channel(&send.line.channel.kind).is_some_and(|c| c.about().hosted)
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
        Attempt::TooLate | Attempt::NotBegun => (Outcome::NotApplied { after: None }, None, None),
        Attempt::Accepted(receipt) => (Outcome::Succeeded, Some(receipt.vendor_id.clone()), None),
        Attempt::Refused(e) => (Outcome::of(e), None, Some(e.clone())),
    };
    metrics::counter!("frontdesk_sends_total", "channel" => send.line.channel.kind.clone(), "outcome" => outcome.as_str())
        .increment(1);
    // Asking to wait is not a failure of the message: it does not use up its attempts.
    let is_late = matches!(result, Attempt::TooLate);
    let paced = is_late
        || matches!(result, Attempt::NotBegun)
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
    let (thread, window) = (send.thread.clone(), desk.settings.unknown_window);
    let shown = state == State::Succeeded && hosted(desk, send);
    let opened = desk
        .db
        .write(&send.scope, work!(tx => {
            let ended = effects::Ended {
                state,
                outcome: outcome.as_str(),
                vendor_id: vendor_id.as_deref(),
                detail: detail.as_deref(),
                not_before: now.plus(wait),
                uncounted: is_late,
            };
            effects::end(tx, &scope, &effect, attempt, &ended, now).await?;
            if shown {
                feed::append(tx, &scope, &effect.conversation, &effect.message).await?;
            }
            if let Some(detail) = &detail {
                channels::report_fault(tx, &scope, &effect.channel, detail, stop, now).await?;
            }
            let detail = detail.as_deref().unwrap_or_default();
            let opened = if stop {
                let title = format!("a channel stopped: {detail}");
                tasks::open(tx, &scope, &task, "channel_stopped", &title, None, None, now).await?;
                Some((task.clone(), thread.clone()))
            } else if state == State::Failed && thread.is_none() {
                to_member::not_reached(tx, &scope, &effect, detail, now).await?.map(|(task, thread)| (task, Some(thread)))
            } else if state == State::Failed {
                let title = format!("a message was not delivered: {detail}");
                tasks::open(tx, &scope, &task, "send_failed", &title, thread.as_ref(), effect.turn.as_ref(), now).await?;
                Some((task.clone(), thread.clone()))
            } else if state == State::Unknown {
                timers::arm(tx, &scope, &format!("unknown/{}", effect.id), "look_at_unknown", effect.id.as_str(), now.plus(window)).await?;
                None
            } else if state == State::Review {
                let title = "a message may or may not have been sent: check with the contact";
                tasks::open(tx, &scope, &task, "unknown_send", title, thread.as_ref(), effect.turn.as_ref(), now).await?;
                Some((task.clone(), thread.clone()))
            } else {
                None
            };
            crash::point("T5 before commit");
            Ok(opened)
        }))
        .await?;
    crash::point("T5 committed");
    let mut news = News::default();
    if let Some(thread) = &send.thread {
        news.delivery(send.scope.tenant(), thread, &send.effect.message);
    }
    if let Some((task, thread)) = &opened {
        news.task(send.scope.tenant(), task, thread.as_ref());
    }
    if stop {
        news.other(send.scope.tenant(), Event::new("channel.changed", send.effect.channel.as_str()));
    }
    if shown {
        news.other(send.scope.tenant(), visitors::feed_grew(&send.effect.conversation));
    }
    news.tell(&desk.events);
    if stop {
        desk.directory.invalidate();
    }
    Ok(())
}

/// 0..1, different for every call.
pub(crate) fn spread(desk: &Desk) -> f64 {
    (desk.ids.uuid(desk.now()).as_u128() as u32) as f64 / f64::from(u32::MAX)
}
