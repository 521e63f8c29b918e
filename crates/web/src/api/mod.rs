//! The REST API: one file per resource.

pub(crate) mod access;
pub(crate) mod actions;
pub(crate) mod admin;
pub(crate) mod agent_server;
pub(crate) mod agents;
pub(crate) mod approvals;
pub(crate) mod business;
pub(crate) mod calendar;
pub(crate) mod channels;
pub(crate) mod contacts;
pub(crate) mod conversations;
pub(crate) mod events;
pub(crate) mod inbound;
pub(crate) mod macros;
pub(crate) mod mcp_servers;
pub(crate) mod media;
pub(crate) mod messages;
pub(crate) mod openapi;
pub(crate) mod operator;
pub(crate) mod payments;
pub(crate) mod policies;
pub(crate) mod prompts;
pub(crate) mod reports;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod stats;
pub(crate) mod status;
pub(crate) mod system;
pub(crate) mod tasks;
pub(crate) mod tenants;
pub(crate) mod tokens;
pub(crate) mod tools;
pub(crate) mod turns;

use std::{sync::Arc, time::Duration};

use axum::routing::{get, post};
use frontdesk_kernel::{
    Scope,
    ids::MessageId,
    message::{Delivery, Message, plain_text},
};
use frontdesk_store::{
    messages as stored,
    turns::{self as stored_turns, Turn},
    work,
};
use serde_json::{Value, json};

use utoipa_axum::router::OpenApiRouter;

use crate::{Web, kit::Problem};

/// Every route under `/api/v1`, one line per resource.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .merge(actions::routes())
        .merge(agent_server::routes())
        .merge(agents::routes())
        .merge(approvals::routes())
        .merge(business::routes())
        .merge(channels::routes())
        .merge(access::routes())
        .merge(calendar::routes())
        .merge(events::routes())
        .merge(conversations::routes())
        .merge(messages::routes())
        .merge(search::routes())
        .merge(macros::routes())
        .merge(media::routes())
        .merge(turns::routes())
        .merge(policies::routes())
        .merge(prompts::routes())
        .merge(reports::routes())
        .merge(settings::routes())
        .merge(setup::routes())
        .merge(stats::routes())
        .merge(system::routes())
        .merge(tenants::routes())
        .merge(tokens::routes())
        .merge(tools::routes())
        .merge(mcp_servers::routes())
        .merge(contacts::routes())
        .merge(tasks::routes())
        .merge(payments::routes())
        .route("/inbound/{vendor_id}", get(inbound::show))
        .route("/status", get(status::show))
        .route("/backup", get(operator::backup))
        .route("/resume", post(operator::resume))
        .route("/checkup", get(operator::checkup))
        .route("/admin", post(admin::execute))
}

/// A message as the API shows it.
fn shown(m: &Message) -> Value {
    json!({
        "id": m.id, "direction": m.direction, "author": m.author, "text": plain_text(&m.parts), "parts": m.parts,
        "delivery": m.delivery, "failure": m.failure, "turn": m.turn, "at": m.at.to_string(), "vendor_id": m.vendor_id,
    })
}

/// What became of an inbound message.
struct Outcome {
    turn: Option<Turn>,
    /// On their way, once the turn has ended.
    replies: Vec<Message>,
    /// No turn follows: it needs no answer, or a person answers here.
    unanswered: bool,
}

impl Outcome {
    /// `replied`, `no_reply` (ended by a rule) or `pending`.
    fn status(&self) -> &'static str {
        match &self.turn {
            Some(turn) if turn.state == "running" => "pending",
            Some(_) if self.replies.is_empty() => "no_reply",
            Some(_) => "replied",
            None if self.unanswered => "no_reply",
            None => "pending",
        }
    }

    /// Everything that was said has left us.
    fn left(&self) -> bool {
        self.replies.iter().all(|m| !matches!(m.delivery, Some(Delivery::Queued | Delivery::Sending)))
    }
}

async fn outcome(web: &Web, scope: &Scope, message: &MessageId) -> Result<Outcome, Problem> {
    let (s, id) = (scope.clone(), message.clone());
    let found = web
        .desk
        .db
        .read(
            scope,
            work!(tx => {
                let Some(turn) = stored_turns::of_message(tx, &s, &id).await? else {
                    let unanswered = stored_turns::none_follows(tx, &s, &id).await?;
                    return Ok(Outcome { turn: None, replies: Vec::new(), unanswered });
                };
                let replies = if turn.state == "running" { Vec::new() } else { stored::of_turn(tx, &s, &turn.id).await? };
                Ok(Outcome { turn: Some(turn), replies, unanswered: false })
            }),
        )
        .await?;
    Ok(found)
}

/// Waits until the turn of a message has ended and its replies are on their way, or until time is up.
async fn wait_for(web: &Web, scope: &Scope, message: &MessageId, longest: Duration) -> Result<Outcome, Problem> {
    let desk = Arc::clone(&web.desk);
    let deadline = tokio::time::Instant::now() + longest;
    loop {
        let signal = desk.wake.finished.notified();
        let now = outcome(web, scope, message).await?;
        let ended = now.turn.as_ref().is_some_and(|t| t.state != "running");
        if now.unanswered || (ended && now.left()) {
            return Ok(now);
        }
        // Another node may run it: look now and then even without a signal.
        let look_again = tokio::time::Instant::now() + if ended { Duration::from_millis(20) } else { Duration::from_millis(200) };
        tokio::select! {
            () = signal => {}
            () = tokio::time::sleep_until(look_again.min(deadline)) => {}
        }
        if tokio::time::Instant::now() >= deadline {
            return Ok(now);
        }
    }
}

/// What became of a message, for who waits.
fn answer(outcome: &Outcome) -> Value {
    let turn = outcome.turn.as_ref();
    let no_turn = outcome.unanswered.then(|| "no turn follows: it needs no answer, or a person answers here".to_owned());
    json!({
        "status": outcome.status(),
        "turn": turn.map(|t| t.id.clone()),
        "turn_state": turn.map(|t| t.state.clone()),
        "reason": turn.and_then(|t| t.problem.clone().or_else(|| t.outcome.clone())).or(no_turn),
        "replies": outcome.replies.iter().map(shown).collect::<Vec<_>>(),
    })
}
