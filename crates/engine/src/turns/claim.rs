//! T2: takes lanes that are ready and runs their turns, each in a supervised task.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use frontdesk_kernel::{Scope, effect::backoff, scope::Server};
use frontdesk_store::{
    Error, Result,
    lanes::{self, Claim},
    turns, work,
};
use futures_util::FutureExt;

use super::{drive, finish};
use crate::{Desk, crash, events::Event, in_hand::Held, news::News, tracer};

/// Lanes per claim.
const BATCH: u32 = 64;
/// Between two tries to hand a lane back.
const LONGEST_RETRY: Duration = Duration::from_secs(10);

/// Turns that may still start on this node.
pub fn free_slots(desk: &Desk) -> usize {
    desk.settings.concurrency.saturating_sub(desk.running.load(Ordering::Relaxed))
}

/// Counts a turn as running until it is dropped, panics included.
struct Slot(Arc<Desk>);

impl Slot {
    fn take(desk: &Arc<Desk>) -> Slot {
        desk.running.fetch_add(1, Ordering::Relaxed);
        Slot(desk.clone())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // A full node waits for this slot; otherwise whoever leaves work behind says so.
        if self.0.running.fetch_sub(1, Ordering::Relaxed) >= self.0.settings.concurrency {
            self.0.wake.lanes.notify_one();
        }
    }
}

/// Claims if anything is ready. Returns how many turns were started.
pub async fn step(desk: &Arc<Desk>) -> Result<usize> {
    let ready = desk.db.read(&Server, work!(tx => lanes::next_ready(tx, &Server).await)).await?;
    if ready.is_none_or(|at| at > desk.now()) { Ok(0) } else { claim_and_run(desk).await }
}

/// Claims once and starts what it got. Returns how many turns were started.
pub async fn claim_and_run(desk: &Arc<Desk>) -> Result<usize> {
    let _claiming = desk.in_hand.claiming().await;
    let claims = claim(desk).await?;
    let count = claims.len();
    for claim in claims {
        let (slot, held) = (Slot::take(desk), Held::new(desk, &claim));
        desk.tasks.spawn(async move {
            run(&slot.0, claim).await;
            drop(held);
        });
    }
    Ok(count)
}

async fn claim(desk: &Arc<Desk>) -> Result<Vec<Claim>> {
    let now = desk.now();
    let limit = (free_slots(desk) as u32).min(BATCH);
    if limit == 0 || desk.stop.is_cancelled() {
        return Ok(Vec::new());
    }
    let d = desk.clone();
    let claims = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let claims = lanes::claim(tx, &Server, &d.node, now, limit, &|| d.id()).await?;
                crash::point("T2 before commit");
                Ok(claims)
            }),
        )
        .await?;
    crash::point("T2 committed");
    let mut news = News::default();
    for claim in &claims {
        news.turn("turn.started", &claim.tenant, &claim.conversation, &claim.turn);
    }
    news.tell(&desk.events);
    Ok(claims)
}

/// One run of a turn, whatever happens: the lane is finished, handed back or lost, never forgotten.
async fn run(desk: &Arc<Desk>, claim: Claim) {
    let started = desk.now();
    if claim.attempts > desk.settings.max_attempts {
        Box::pin(bury(desk, &claim)).await;
        return;
    }
    let ended = tokio::select! {
        biased;
        ended = AssertUnwindSafe(drive::turn(desk, &claim)).catch_unwind() => ended,
        () = out_of_time(desk) => {
            Box::pin(hand_back(desk, &claim, Duration::ZERO, false)).await;
            return;
        }
    };
    desk.events.tell(&claim.tenant, Event::new("turn.ended", claim.turn.as_str()).within(&claim.conversation));
    let problem = match ended {
        Ok(Ok(())) => {
            metrics::histogram!("frontdesk_turn_seconds").record(desk.now().since(started).as_secs_f64());
            desk.wake.outbox.notify_one();
            desk.wake.finished.notify_waiters();
            return;
        }
        Ok(Err(Error::LeaseLost)) => {
            tracing::info!(turn = %claim.turn, "the lane belongs to another node now");
            return;
        }
        Ok(Err(e)) => e.to_string(),
        Err(_) => {
            metrics::counter!("frontdesk_panics_total", "task" => "turn").increment(1);
            "the turn panicked".to_owned()
        }
    };
    tracing::error!(turn = %claim.turn, attempt = claim.attempts, problem, "a turn failed and will run again");
    tracer::failed(&problem);
    Box::pin(stumble(desk, &claim, problem)).await;
    Box::pin(hand_back(desk, &claim, backoff(claim.attempts as u32, 0.5), true)).await;
}

/// After a stop, running turns get a while; then they are handed back.
async fn out_of_time(desk: &Desk) {
    desk.stop.cancelled().await;
    desk.pause.pause(crate::workers::DRAIN - Duration::from_secs(2)).await;
}

async fn stumble(desk: &Desk, claim: &Claim, problem: String) {
    let scope = Scope::of(claim.tenant.clone());
    let (s, turn) = (scope.clone(), claim.turn.clone());
    let noted = desk.db.write(&scope, work!(tx => turns::stumble(tx, &s, &turn, &problem).await)).await;
    if let Err(e) = noted {
        tracing::warn!(turn = %claim.turn, error = %e, "the fault of a turn could not be noted");
    }
}

/// Until it works: a lane that stays owned by a living node would never be claimed again. A node that stops may leave it: its lease ends.
async fn hand_back(desk: &Desk, claim: &Claim, wait: Duration, counted: bool) {
    for attempt in 1.. {
        let scope = Scope::of(claim.tenant.clone());
        let (s, c, ready_at) = (scope.clone(), claim.clone(), desk.now().plus(wait));
        match desk.db.write(&scope, work!(tx => lanes::release(tx, &s, &c, ready_at, counted).await)).await {
            Ok(()) => break,
            Err(e) => {
                tracing::error!(turn = %claim.turn, attempt, error = %e, "a lane could not be handed back");
                if desk.stop.is_cancelled() {
                    break;
                }
                desk.pause.pause(backoff(attempt, 0.5).min(LONGEST_RETRY)).await;
            }
        }
    }
    desk.wake.lanes.notify_one();
}

/// A turn that crashed too often: the contact gets a polite line, a person is told, the lane goes on.
async fn bury(desk: &Arc<Desk>, claim: &Claim) {
    metrics::counter!("frontdesk_turns_dead_total").increment(1);
    tracing::error!(turn = %claim.turn, attempts = claim.attempts, "a turn is given up");
    if let Err(e) = finish::bury(desk, claim).await {
        tracing::error!(turn = %claim.turn, error = %e, "a dead turn could not be buried and will be tried again");
        hand_back(desk, claim, Duration::from_secs(10), true).await;
    }
    desk.wake.outbox.notify_one();
    desk.wake.finished.notify_waiters();
}
