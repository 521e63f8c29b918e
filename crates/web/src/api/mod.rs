//! The REST API: one file per resource.

pub(crate) mod admin;
pub(crate) mod conversations;
pub(crate) mod inbound;
pub(crate) mod messages;
pub(crate) mod replies;
pub(crate) mod status;
pub(crate) mod turns;

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope,
    ids::MessageId,
    message::{Delivery, Message, plain_text},
};
use frontdesk_store::{messages as stored, turns::Turn, work};
use serde_json::{Value, json};

use crate::{Web, problem::Problem};

/// A message as the API shows it.
fn shown(m: &Message) -> Value {
    json!({
        "id": m.id, "direction": m.direction, "author": m.author, "text": plain_text(&m.parts), "parts": m.parts,
        "delivery": m.delivery, "failure": m.failure, "turn": m.turn, "at": m.at.to_string(), "vendor_id": m.vendor_id,
    })
}

/// What became of an inbound message: its turn and the replies, once there are any.
async fn outcome(web: &Web, scope: &Scope, message: &MessageId) -> Result<(Option<Turn>, Vec<Message>), Problem> {
    let (s, id) = (scope.clone(), message.clone());
    let found = web
        .desk
        .db
        .read(scope, work!(tx => {
            let Some(turn) = frontdesk_store::turns::of_message(tx, &s, &id).await? else { return Ok((None, Vec::new())) };
            let replies = if turn.state == "running" { Vec::new() } else { stored::of_turn(tx, &s, &turn.id).await? };
            Ok((Some(turn), replies))
        }))
        .await?;
    Ok(found)
}

/// Waits until the turn of a message has ended and its replies are on their way, or until time is up.
async fn wait_for(web: &Web, scope: &Scope, message: &MessageId, longest: Duration) -> Result<(Option<Turn>, Vec<Message>), Problem> {
    let desk = Arc::clone(&web.desk);
    let deadline = tokio::time::Instant::now() + longest;
    loop {
        let signal = desk.wake.finished.notified();
        let (turn, replies) = outcome(web, scope, message).await?;
        let ended = turn.as_ref().is_some_and(|t| t.state != "running");
        let leaving = replies.iter().all(|m| !matches!(m.delivery, Some(Delivery::Queued | Delivery::Sending)));
        if ended && leaving {
            return Ok((turn, replies));
        }
        // Another node may run it: look now and then even without a signal.
        let look_again = tokio::time::Instant::now() + if ended { Duration::from_millis(20) } else { Duration::from_millis(200) };
        tokio::select! {
            () = signal => {}
            () = tokio::time::sleep_until(look_again.min(deadline)) => {}
        }
        if tokio::time::Instant::now() >= deadline {
            return Ok((turn, replies));
        }
    }
}

/// `status` is `replied`, `no_reply` (ended by a rule) or `pending`.
fn answer(turn: Option<&Turn>, replies: &[Message]) -> Value {
    let status = match turn {
        Some(turn) if turn.state == "running" => "pending",
        Some(_) if replies.is_empty() => "no_reply",
        Some(_) => "replied",
        None => "pending",
    };
    json!({
        "status": status,
        "turn": turn.map(|t| t.id.clone()),
        "turn_state": turn.map(|t| t.state.clone()),
        "reason": turn.and_then(|t| t.problem.clone().or_else(|| t.outcome.clone())),
        "replies": replies.iter().map(shown).collect::<Vec<_>>(),
    })
}
