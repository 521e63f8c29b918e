//! The tasks of a node, supervised: each loop survives its errors and panics; a stop drains them.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use frontdesk_kernel::{Timestamp, scope::Server};
use frontdesk_store::{Result, effects, lanes, meta, nodes, timers, waiting, work};
use futures_util::FutureExt;
use tokio::sync::Notify;

use crate::{
    Desk, access, approvals, audit_chain, indexing, lease::NODE_LEASE, mcp, outbox, payments, relay, tokens, turns, upkeep,
};

/// Refunds without an answer are looked for.
const REFUNDS: Duration = Duration::from_secs(30);
/// Payments of which the vendor has said nothing are looked for.
const LOOKS: Duration = Duration::from_secs(60);
/// Imports whose process is gone and contacts that are not in the search are looked for.
const CONTACTS: Duration = Duration::from_secs(30);
/// The mailbox with answers to our mail is looked into.
const MAILBOX: Duration = Duration::from_secs(15);
/// What is on record is sealed this soon.
const AUDIT: Duration = Duration::from_secs(60);
/// Months that begin are noticed this late at most.
const FEES: Duration = Duration::from_secs(300);
/// Servers of tools that are to be asked anew are looked for.
const SERVERS: Duration = Duration::from_secs(60);
const HEARTBEAT: Duration = Duration::from_secs(3);
/// Running turns get this long after a stop.
pub const DRAIN: Duration = Duration::from_secs(25);
/// Without a signal a loop looks again after this long. Whoever makes work signals their own node, which takes it at once; on PostgreSQL one
/// look for all loops finds what others made.
const POLL: Duration = Duration::from_secs(2);
const POLL_BESIDE_LOOKS: Duration = Duration::from_secs(10);
/// How late this node may be with what a node without workers, with its hands full, or dead, left to others.
const LOOK: Duration = Duration::from_millis(600);
/// Looks again at sends that are due and blocked.
const BLOCKED: Duration = Duration::from_millis(100);
/// Looks again at what is due and held by a transaction of somebody else, which is over within a few milliseconds as a rule.
pub(crate) const HELD: Duration = Duration::from_millis(10);
/// A business that moves in with all it has is slow for so long.
const PLANNER: Duration = Duration::from_secs(5);
/// Until then new messages are read whole by every search.
const INDEXING: Duration = Duration::from_secs(5);
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Registers the node, takes over what a dead predecessor left, and starts every loop.
pub async fn start(desk: &Arc<Desk>, name: &str) -> Result<()> {
    let (node, owned) = (desk.node.clone(), name.to_owned());
    desk.db.write(&Server, work!(tx => nodes::supersede(tx, &Server, &node, &owned).await)).await?;
    heartbeat(desk, name).await?;
    begin(desk, name).await
}

/// Starts every loop of a node that is registered.
pub async fn begin(desk: &Arc<Desk>, name: &str) -> Result<()> {
    let name = name.to_owned();
    every(desk, "heartbeat", HEARTBEAT, move |desk| {
        let name = name.clone();
        async move { heartbeat(&desk, &name).await }
    });
    look_at_pause(desk).await?;
    if !desk.is_paused() {
        // Nothing does this again.
        upkeep::look_again(desk).await?;
        // Their loops do: a conflict with another node does not keep this one from starting.
        guarded("reaper", upkeep::reap(desk)).await;
        guarded("fees", tokens::fees::charge(desk)).await;
    }
    every(desk, "reaper", HEARTBEAT, |desk| async move { if desk.is_paused() { Ok(()) } else { upkeep::reap(&desk).await } });
    every(desk, "contacts", CONTACTS, |desk| async move {
        if desk.is_paused() {
            return Ok(());
        }
        crate::contacts::import::resume(&desk).await?;
        upkeep::index_contacts(&desk).await
    });
    every(desk, "refunds", REFUNDS, |desk| async move {
        if desk.is_paused() { Ok(()) } else { payments::back::catch_up(&desk).await.map(drop) }
    });
    every(desk, "payments", LOOKS, |desk| async move {
        if desk.is_paused() {
            return Ok(());
        }
        payments::look::catch_up(&desk).await?;
        tokens::checkout::catch_up(&desk).await.map(drop)
    });
    if desk.access.mailbox.is_some() {
        every(desk, "mailbox", MAILBOX, |desk| async move {
            if desk.is_paused() { Ok(()) } else { approvals::by_mail::look(&desk).await.map(drop) }
        });
    }
    every(desk, "tidy", Duration::from_secs(3600), |desk| async move { upkeep::tidy(&desk).await });
    every(desk, "fees", FEES, |desk| async move {
        if desk.is_paused() { Ok(()) } else { tokens::fees::charge(&desk).await.map(drop) }
    });
    every(desk, "servers", SERVERS, |desk| async move {
        if desk.is_paused() { Ok(()) } else { mcp::watch::ask_due(&desk).await.map(drop) }
    });
    every(desk, "audit", AUDIT, |desk| async move { audit_chain::seal(&desk).await.map(drop) });
    every(desk, "indexing", INDEXING, |desk| async move { indexing::index(&desk).await.map(drop) });
    if desk.db.engine_name() == "postgres" {
        every(desk, "relay", relay::BEAT, |desk| async move { relay::step(&desk).await });
        every(desk, "planner", PLANNER, |desk| async move { upkeep::tell_planner(&desk).await });
        on_signal(desk, "look", None, |desk| async move { look(&desk).await });
    }
    on_signal(desk, "turns", Some(|d| &d.wake.lanes), |desk| async move { claim_turns(&desk).await });
    on_signal(desk, "outbox", Some(|d| &d.wake.outbox), |desk| async move { send_due(&desk).await });
    on_signal(desk, "mail", Some(|d| &d.wake.mail), |desk| async move {
        if desk.is_paused() { Ok(None) } else { access::mail::send_due(&desk).await }
    });
    on_signal(desk, "timers", Some(|d| &d.wake.timers), |desk| async move { fire_due(&desk).await });
    Ok(())
}

/// An operator ends the pause; other nodes notice within a heartbeat. `false` when there was none.
pub async fn resume(desk: &Arc<Desk>) -> Result<bool> {
    let was = desk.db.write(&Server, work!(tx => meta::remove(tx, &Server, meta::PAUSED).await)).await?;
    look_at_pause(desk).await?;
    Ok(was)
}

async fn look_at_pause(desk: &Arc<Desk>) -> Result<()> {
    let why = desk.db.read(&Server, work!(tx => meta::get(tx, &Server, meta::PAUSED).await)).await?;
    pause(desk, why).await
}

/// A restored installation does nothing until an operator says so.
async fn pause(desk: &Arc<Desk>, why: Option<String>) -> Result<()> {
    match why {
        Some(why) if !desk.paused.swap(true, Ordering::Relaxed) => {
            tracing::warn!(
                why,
                "this installation is paused: messages are received and nothing is answered or sent; `frontdesk resume` ends it"
            );
        }
        None if desk.is_paused() => {
            // It stays paused until this is done, so that the next heartbeat tries again.
            upkeep::look_again(desk).await?;
            desk.paused.store(false, Ordering::Relaxed);
            tracing::info!("this installation is not paused any more");
            for signal in [&desk.wake.lanes, &desk.wake.outbox, &desk.wake.timers, &desk.wake.mail] {
                signal.notify_one();
            }
        }
        _ => {}
    }
    Ok(())
}

/// Says that this node is alive: a new one is registered, a known one keeps what it owns. Hears of the other nodes, and of a pause.
pub async fn heartbeat(desk: &Arc<Desk>, name: &str) -> Result<()> {
    let (node, started, now, name) = (desk.node.clone(), Instant::now(), desk.now(), name.to_owned());
    let (alive, paused) = desk
        .db
        .write(
            &Server,
            work!(tx => {
                nodes::heartbeat(tx, &Server, &node, &name, VERSION, now, NODE_LEASE).await?;
                Ok((nodes::alive(tx, &Server, now).await?, meta::get(tx, &Server, meta::PAUSED).await?))
            }),
        )
        .await?;
    desk.lease.renewed(desk, started, now);
    desk.relay.there_are_others(alive.iter().any(|(id, _, _)| id != desk.node.as_str()));
    pause(desk, paused).await
}

/// Wakes whoever has something to do now or very soon, made here or elsewhere; says when to look again.
async fn look(desk: &Arc<Desk>) -> Result<Option<Timestamp>> {
    let again = desk.now().plus(LOOK);
    if !desk.is_paused() {
        let next = desk.db.read(&Server, work!(tx => waiting::next(tx, &Server).await)).await?;
        let wake = &desk.wake;
        for (at, signal) in
            [(next.lane, &wake.lanes), (next.send, &wake.outbox), (next.timer, &wake.timers), (next.mail, &wake.mail)]
        {
            if at.is_some_and(|at| at <= again) {
                signal.notify_one();
            }
        }
    }
    Ok(Some(again))
}

/// Claims and starts turns while there are any; says when to look again: when the next one is ready.
pub async fn claim_turns(desk: &Arc<Desk>) -> Result<Option<Timestamp>> {
    loop {
        if desk.is_paused() || turns::claim::free_slots(desk) == 0 {
            return Ok(None);
        }
        let next = desk.db.read(&Server, work!(tx => lanes::next_ready(tx, &Server).await)).await?;
        if next.is_none_or(|at| at > desk.now()) {
            return Ok(next);
        }
        if turns::claim::claim_and_run(desk).await? == 0 {
            return Ok(Some(desk.now().plus(HELD)));
        }
    }
}

async fn send_due(desk: &Arc<Desk>) -> Result<Option<Timestamp>> {
    loop {
        if desk.is_paused() {
            return Ok(None);
        }
        let next = desk.db.read(&Server, work!(tx => effects::next_due(tx, &Server).await)).await?;
        if next.is_none_or(|at| at > desk.now()) {
            return Ok(next);
        }
        if outbox::begin_and_send(desk).await? == 0 {
            // What is due waits for an earlier message of its conversation: whose end gives the signal.
            return Ok(Some(desk.now().plus(BLOCKED)));
        }
    }
}

async fn fire_due(desk: &Arc<Desk>) -> Result<Option<Timestamp>> {
    loop {
        if desk.is_paused() {
            return Ok(None);
        }
        let next = desk.db.read(&Server, work!(tx => timers::next_due(tx, &Server).await)).await?;
        if next.is_none_or(|at| at > desk.now()) {
            return Ok(next);
        }
        if upkeep::fire_timers(desk).await? == 0 {
            return Ok(Some(desk.now().plus(HELD)));
        }
    }
}

/// Leaves, then closes the database. Returns whether everything ended by itself.
pub async fn drain(desk: &Arc<Desk>, name: &str) -> bool {
    let ended = leave(desk, name).await;
    desk.db.close().await;
    ended
}

/// Stops claiming, waits for what runs, hands back what does not end in time. Returns whether everything ended by itself.
pub async fn leave(desk: &Arc<Desk>, name: &str) -> bool {
    desk.stop.cancel();
    desk.tasks.close();
    // The lease is kept while turns end: others must not take them over.
    let ended = tokio::select! {
        biased;
        () = desk.tasks.wait() => true,
        () = desk.pause.pause(DRAIN) => false,
        () = keep_lease(desk, name) => false,
    };
    let node = desk.node.clone();
    if let Err(e) = desk.db.write(&Server, work!(tx => nodes::leave(tx, &Server, &node).await)).await {
        tracing::warn!(error = %e, "could not say good-bye; others take over when the lease ends");
    }
    ended
}

/// Never ends: from the stop on, while requests are still answered, what runs stays this node's.
pub async fn keep_lease_after_stop(desk: &Arc<Desk>, name: &str) {
    desk.stop.cancelled().await;
    keep_lease(desk, name).await;
}

async fn keep_lease(desk: &Arc<Desk>, name: &str) {
    loop {
        desk.pause.pause(HEARTBEAT).await;
        guarded("heartbeat", heartbeat(desk, name)).await;
    }
}

/// A loop on a fixed beat.
fn every<F, R>(desk: &Arc<Desk>, name: &'static str, beat: Duration, work: F)
where
    F: Fn(Arc<Desk>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<()>> + Send,
{
    let desk = desk.clone();
    let tracker = desk.tasks.clone();
    tracker.spawn(async move {
        loop {
            tokio::select! {
                biased;
                () = desk.stop.cancelled() => break,
                () = desk.pause.pause(beat) => {}
            }
            guarded(name, work(desk.clone())).await;
        }
    });
}

/// A loop that runs when it is signalled, when its own next time comes, and now and then.
fn on_signal<F, R>(desk: &Arc<Desk>, name: &'static str, signal: Option<fn(&Desk) -> &Notify>, work: F)
where
    F: Fn(Arc<Desk>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Option<Timestamp>>> + Send,
{
    let desk = desk.clone();
    let poll = if desk.db.engine_name() == "sqlite" { POLL } else { POLL_BESIDE_LOOKS };
    let tracker = desk.tasks.clone();
    tracker.spawn(async move {
        let mut troubles = 0;
        while !desk.stop.is_cancelled() {
            let wait = match guarded(name, work(desk.clone())).await {
                Some(next) => {
                    troubles = 0;
                    // A little earlier or later each time, so that nodes do not ask in step.
                    let poll = poll.mul_f64(0.75 + 0.5 * crate::outbox::spread(&desk));
                    next.map_or(poll, |at| at.since(desk.now()).min(poll))
                }
                None => {
                    troubles += 1;
                    frontdesk_kernel::effect::backoff(troubles, 0.5).min(Duration::from_secs(5))
                }
            };
            tokio::select! {
                biased;
                () = desk.stop.cancelled() => break,
                // After an error it waits its time, whoever calls.
                () = called(&desk, signal), if troubles == 0 => {}
                () = desk.pause.pause(wait) => {}
            }
        }
    });
}

async fn called(desk: &Desk, signal: Option<fn(&Desk) -> &Notify>) {
    match signal {
        Some(signal) => signal(desk).notified().await,
        None => std::future::pending().await,
    }
}

/// Logs an error or panic once, here, and goes on.
async fn guarded<T>(name: &'static str, work: impl Future<Output = Result<T>>) -> Option<T> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(value)) => Some(value),
        Ok(Err(e)) => {
            tracing::error!(task = name, error = %e, "a background task failed and will try again");
            None
        }
        Err(_) => {
            metrics::counter!("frontdesk_panics_total", "task" => name).increment(1);
            tracing::error!(task = name, "a background task panicked and goes on");
            None
        }
    }
}
