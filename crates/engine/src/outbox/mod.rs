//! T4–T5: sending. The attempt is on record before the I/O; what its answer means is decided by kind and class, never guessed.

mod compose;
mod deliver;
mod pace;
mod to_member;

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc};

use frontdesk_kernel::{Scope, Timestamp, effect::State, ids::*, message::Message, ports::channel::Address, scope::Server};
use frontdesk_store::{
    Asked, Result, Tx, effects,
    messages::{self, ToSend},
    tasks, work,
};
use futures_util::FutureExt;

pub use self::compose::{Hand, NoRetry, draft, parts_for, send_again, send_as_staff, text_parts};
pub use self::pace::window_is_closed;
pub(crate) use self::{
    deliver::spread,
    to_member::{not_reached, thread_of},
};
use crate::{Desk, crash, directory::Line, lease::Term};

/// Sends begun at the same time on this node.
const BATCH: u32 = 64;

/// A send that was begun: everything the I/O needs.
struct Begun {
    scope: Scope,
    effect: effects::Effect,
    attempt: u32,
    /// The node's lease when it was put on record.
    term: Term,
    line: Arc<Line>,
    message: Message,
    to: Address,
    /// `None`: it goes to a member, not into a conversation.
    thread: Option<ConversationId>,
}

/// Begins what is due, if anything is. Returns how many sends had their turn.
pub async fn step(desk: &Arc<Desk>) -> Result<usize> {
    let due = desk.db.read(&Server, work!(tx => effects::next_due(tx, &Server).await)).await?;
    if due.is_none_or(|at| at > desk.now()) { Ok(0) } else { begin_and_send(desk).await }
}

/// Begins what is due and may go now, and sends it in the background. Returns how many sends had their turn: also one that is withdrawn or
/// has to wait lets the next of its conversation go.
pub async fn begin_and_send(desk: &Arc<Desk>) -> Result<usize> {
    let _beginning = desk.in_hand.beginning().await;
    let (count, begun) = begin(desk).await?;
    for send in begun {
        desk.in_hand.begun(&send.scope, &send.effect.id, send.attempt);
        let desk = desk.clone();
        let tracker = desk.tasks.clone();
        tracker.spawn(async move {
            let effect = send.effect.id.clone();
            if AssertUnwindSafe(deliver::deliver(&desk, send)).catch_unwind().await.is_err() {
                metrics::counter!("frontdesk_panics_total", "task" => "send").increment(1);
                tracing::error!(%effect, "a send panicked; its fate is settled by its echo or the reaper");
            }
        });
    }
    Ok(count)
}

async fn begin(desk: &Arc<Desk>) -> Result<(usize, Vec<Begun>)> {
    let (now, term) = (desk.now(), desk.lease.term());
    let lines = desk.directory.lines(desk).await?;
    let d = desk.clone();
    let begun = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let mut paces = HashMap::new();
                let due = effects::due(tx, &Server, now, BATCH).await?;
                let count = due.len();
                let mut asked = Vec::with_capacity(count);
                for due in due {
                    let scope = Scope::of(due.tenant.clone());
                    let message = messages::ask_to_send(tx, &scope, &due.effect.message)?;
                    asked.push((scope, due, message));
                }
                let mut begun = Vec::new();
                for (scope, due, message) in asked {
                    let message = message.optional(tx).await?;
                    let Some(line) = lines.get(&due.effect.channel) else {
                        effects::withdraw(tx, &scope, &due.effect, State::Canceled, "the channel was removed", now).await?;
                        continue;
                    };
                    let send = Due { scope, due, line: line.clone() };
                    let send = match message {
                        Some(message) => begin_one(tx, &d, send, message, &mut paces, now).await?,
                        None => to_member::begin(tx, &d, send, &mut paces, now).await?,
                    };
                    if let Some(Ready { scope, effect, line, message, to, thread }) = send {
                        let attempt = effects::begin(tx, &scope, &effect.id, &d.node, now).await?;
                        begun.push((attempt, Begun { scope, effect, attempt: 0, term, line, message, to, thread }));
                    }
                }
                let begun = on_record(tx, begun).await?;
                crash::point("T4 before commit");
                Ok((count, begun))
            }),
        )
        .await?;
    crash::point("T4 committed");
    Ok(begun)
}

/// The numbers of the attempts, of those that are ours to make.
async fn on_record(tx: &mut Tx, begun: Vec<(Asked<u32>, Begun)>) -> Result<Vec<Begun>> {
    let mut ours = Vec::with_capacity(begun.len());
    for (asked, send) in begun {
        if let Some(attempt) = asked.optional(tx).await? {
            let effect = effects::Effect { attempts: attempt, state: State::Sending, ..send.effect };
            ours.push(Begun { attempt, effect, ..send });
        }
    }
    Ok(ours)
}

/// What is due, and on which line.
struct Due {
    scope: Scope,
    due: effects::Due,
    line: Arc<Line>,
}

/// What may go now.
struct Ready {
    scope: Scope,
    effect: effects::Effect,
    line: Arc<Line>,
    message: Message,
    to: Address,
    thread: Option<ConversationId>,
}

async fn begin_one(
    tx: &mut Tx,
    desk: &Desk,
    send: Due,
    to_send: ToSend,
    paces: &mut HashMap<ChannelId, Timestamp>,
    now: Timestamp,
) -> Result<Option<Ready>> {
    let Due { scope, due: effects::Due { effect, pair_tat, .. }, line } = send;
    if pace::window_closed(desk, &line, &to_send, now) {
        let why = "the contact's 24-hour window has closed: send a template";
        effects::withdraw(tx, &scope, &effect, State::Expired, why, now).await?;
        tasks::open(tx, &scope, &desk.id(), "window_closed", why, Some(&effect.conversation), effect.turn.as_ref(), now).await?;
        return Ok(None);
    }
    if let Some(wait) = pace::pace(tx, desk, &scope, &line, &effect, pair_tat, paces, now).await? {
        effects::postpone(tx, &scope, &effect.id, wait).await?;
        return Ok(None);
    }
    let ToSend { message, to, .. } = to_send;
    let thread = Some(effect.conversation.clone());
    Ok(Some(Ready { scope, effect, line, message, to, thread }))
}
