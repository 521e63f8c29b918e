//! An answer as it comes about: the steps of the turn, its tools, its replies, and how it ended.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response, Sse,
    sse::{Event as Sent, KeepAlive},
};
use frontdesk_engine::events::Event;
use frontdesk_kernel::{Scope, ids::*, turn::Step};
use frontdesk_store::{turns, work};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};

use crate::{
    Web,
    api::{Outcome, answer, outcome, shown},
    kit::Problem,
};

/// Another node may run the turn: looks now and then without a signal.
const LOOK_AGAIN: Duration = Duration::from_millis(300);
/// An answer that left is looked at until the vendor has it.
const LEAVING: Duration = Duration::from_millis(30);

struct Watch {
    web: Web,
    scope: Scope,
    conversation: ConversationId,
    message: MessageId,
    events: Receiver<(TenantId, Event)>,
    deadline: Instant,
    steps: usize,
    replies: usize,
    waiting: Vec<Sent>,
    over: bool,
}

pub(crate) fn of(
    web: Web,
    scope: Scope,
    conversation: ConversationId,
    message: MessageId,
    events: Receiver<(TenantId, Event)>,
) -> Response {
    let deadline = Instant::now() + web.limits.answer_timeout;
    let hello = event("accepted", &json!({ "conversation": conversation, "message": message }));
    let watch =
        Watch { web, scope, conversation, message, events, deadline, steps: 0, replies: 0, waiting: vec![hello], over: false };
    let all = stream::unfold(watch, |mut watch| async { watch.next().await.map(|e| (Ok::<_, Infallible>(e), watch)) });
    Sse::new(all).keep_alive(KeepAlive::default()).into_response()
}

impl Watch {
    async fn next(&mut self) -> Option<Sent> {
        loop {
            if !self.waiting.is_empty() {
                return Some(self.waiting.remove(0));
            }
            if self.over {
                return None;
            }
            if let Err(problem) = self.look().await {
                // The stream has begun: all that is left is to say so.
                self.over = true;
                tracing::warn!(?problem, "an answer could not be watched to its end");
                return Some(event(
                    "error",
                    &json!({ "detail": "The answer cannot be watched any more: read the conversation." }),
                ));
            }
            if self.waiting.is_empty() && !self.over {
                self.wait().await;
            }
        }
    }

    /// What happened since the last look.
    async fn look(&mut self) -> Result<(), Problem> {
        let late = Instant::now() >= self.deadline;
        let now = outcome(&self.web, &self.scope, &self.message).await?;
        if let Some(turn) = &now.turn {
            let (s, id) = (self.scope.clone(), turn.id.clone());
            let journal = self.web.desk.db.read(&self.scope, work!(tx => turns::journal(tx, &s, &id).await)).await?;
            for journaled in journal.iter().skip(self.steps) {
                self.waiting.extend(told(&journaled.step, journaled.millis));
            }
            self.steps = journal.len();
        }
        for reply in now.replies.iter().skip(self.replies) {
            self.waiting.push(event("reply", &shown(reply)));
        }
        self.replies = self.replies.max(now.replies.len());
        if ended(&now) || late {
            let mut done = answer(&now);
            done["conversation"] = json!(self.conversation);
            done["message"] = json!(self.message);
            self.waiting.push(event("done", &done));
            self.over = true;
        }
        Ok(())
    }

    async fn wait(&mut self) {
        let leaving = self.replies > 0;
        let look_again = Instant::now() + if leaving { LEAVING } else { LOOK_AGAIN };
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(look_again.min(self.deadline)) => return,
                got = self.events.recv() => match got {
                    Ok((_, event)) if event.conversation.as_ref() != Some(&self.conversation) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => {
                        tokio::time::sleep_until(look_again.min(self.deadline)).await;
                        return;
                    }
                },
            }
        }
    }
}

fn ended(now: &Outcome) -> bool {
    now.unanswered || (now.turn.as_ref().is_some_and(|t| t.state != "running") && now.left())
}

fn told(step: &Step, millis: i64) -> Vec<Sent> {
    match step {
        Step::Model { model, calls, usage, .. } => {
            let calls: Vec<&str> = calls.iter().map(|c| c.name.as_str()).collect();
            vec![event(
                "step",
                &json!({ "model": model, "calls": calls, "millis": millis, "tokens": usage.input + usage.output }),
            )]
        }
        Step::Tools { results } => {
            results.iter().map(|r| event("tool", &json!({ "name": r.name, "ok": r.ok, "receipt": r.receipt }))).collect()
        }
        Step::Correction { .. } | Step::Note { .. } | Step::More { .. } | Step::Finished { .. } => Vec::new(),
    }
}

fn event(name: &str, data: &Value) -> Sent {
    Sent::default().event(name).data(data.to_string())
}
