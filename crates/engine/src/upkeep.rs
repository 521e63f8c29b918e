//! What keeps the house in order: timers, unknown sends, dead nodes, old rows.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp,
    conversation::Mode,
    effect::{Class, Resolution, UnknownFacts, resolve_unknown},
    ids::*,
    scope::Server,
};
use frontdesk_store::{
    Db, Result, Tx, approval_codes, contact_search, conversations, effects, imports, inbound, merges, nodes, payments, planner,
    repeats, sessions, tasks, threads, timers, uploads, work,
};

use crate::{Desk, access, approvals, crash, directory::Lines, events::Event, in_hand, news::News, outbox, tokens};

/// Vendors repeat for at most 7 days; we remember longer.
const REMEMBER: Duration = Duration::from_secs(30 * 24 * 3600);
/// A visitor's file that was never sent.
const UNSENT: Duration = Duration::from_secs(24 * 3600);

/// How long the answer to a named request is repeated.
const REPEATABLE: Duration = Duration::from_secs(24 * 3600);
/// A merge of contacts can be undone for so long.
pub const PARTABLE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Files of contacts that were never taken in, and what was wrong with rows, are kept for so long.
const IMPORTS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// T9: fires what is due. Returns how many timers fired.
pub async fn fire_timers(desk: &Arc<Desk>) -> Result<usize> {
    let now = desk.now();
    let next = desk.db.read(&Server, work!(tx => timers::next_due(tx, &Server).await)).await?;
    if next.is_none_or(|at| at > now) {
        return Ok(0);
    }
    let (d, lines) = (desk.clone(), desk.directory.lines(desk).await?);
    let (fired, news) = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let due = timers::fire(tx, &Server, now, 100).await?;
                let mut news = News::default();
                for timer in &due {
                    fire(tx, &d, &lines, timer, now, &mut news).await?;
                }
                crash::point("T9 before commit");
                Ok((due.len(), news))
            }),
        )
        .await?;
    news.tell(&desk.events);
    if fired > 0 {
        crash::point("T9 committed");
        desk.wake.outbox.notify_one();
        desk.wake.lanes.notify_one();
        desk.wake.mail.notify_one();
    }
    Ok(fired)
}

async fn fire(tx: &mut Tx, desk: &Desk, lines: &Lines, timer: &timers::Timer, now: Timestamp, news: &mut News) -> Result<()> {
    let scope = Scope::of(timer.tenant.clone());
    match timer.kind.as_str() {
        // Decided together with all others, below.
        "look_at_unknown" => look_at_unknown(tx, desk, now, news).await.map(drop),
        "resume_bot" => {
            let Ok(conversation) = ConversationId::parse(&timer.payload) else { return Ok(()) };
            let over = match conversations::current_mode(tx, &scope, &conversation).await? {
                Some(Mode::Human) => true,
                Some(Mode::Paused(until)) => until <= now,
                _ => false,
            };
            if over {
                conversations::set_mode(tx, &scope, &conversation, Mode::Bot, "the time for people to answer is over").await?;
                news.conversation(&timer.tenant, &conversation);
            }
            Ok(())
        }
        "end_snooze" => {
            let Ok(conversation) = ConversationId::parse(&timer.payload) else { return Ok(()) };
            if threads::wake(tx, &scope, &conversation, now).await? {
                news.conversation(&timer.tenant, &conversation);
            }
            Ok(())
        }
        "expire_approval" | "escalate_approval" => {
            let Ok(id) = ApprovalId::parse(&timer.payload) else { return Ok(()) };
            if timer.kind == "expire_approval" {
                approvals::expire(tx, desk, &scope, &id, now, news).await
            } else {
                approvals::escalate(tx, desk, lines, &scope, &id, now, news).await
            }
        }
        other => {
            tracing::error!(kind = other, "a timer of an unknown kind fired");
            Ok(())
        }
    }
}

/// Units of work after which tables may have grown: an idle node does not ask.
const GROWING: u64 = 200;

/// The database's planner looks at tables that grew faster than it looks by itself.
pub async fn tell_planner(desk: &Arc<Desk>) -> Result<()> {
    if !desk.db.has_written(GROWING) {
        return Ok(());
    }
    for table in desk.db.read(&Server, work!(tx => planner::grown(tx, &Server).await)).await? {
        tracing::debug!(table, "the planner of the database looks at a table that grew");
        desk.db.write(&Server, work!(tx => planner::look(tx, &Server, &table).await)).await?;
    }
    Ok(())
}

/// Unknown sends: wait, send once more, or ask a person. Returns how many were decided.
pub async fn look_at_unknown(tx: &mut Tx, desk: &Desk, now: Timestamp, news: &mut News) -> Result<usize> {
    let mut decided = 0;
    for u in effects::lost::unknown(tx, &Server, 200).await? {
        let scope = Scope::of(u.tenant.clone());
        let since = u.effect.unknown_since.unwrap_or(now);
        let facts = UnknownFacts {
            now,
            unknown_since: since,
            window: desk.settings.unknown_window,
            resends: u.effect.resends,
            is_reply: u.effect.is_reply,
            overtaken: u.overtaken,
            pipeline_alive: u.last_echo_at.is_some_and(|at| at > since),
        };
        match resolve_unknown(&facts) {
            Resolution::Wait => {
                let again = now.plus(desk.settings.unknown_window / 2).max(since.plus(desk.settings.unknown_window));
                timers::arm(tx, &scope, &format!("unknown/{}", u.effect.id), "look_at_unknown", u.effect.id.as_str(), again)
                    .await?;
            }
            Resolution::Resend => {
                tracing::warn!(effect = %u.effect.id, "no echo came although others did: the reply is sent once more");
                metrics::counter!("frontdesk_sends_repeated_total").increment(1);
                effects::lost::resend(tx, &scope, &u.effect.id, now).await?;
                decided += 1;
            }
            Resolution::Review => {
                let why = "it is not known whether this message arrived";
                news.delivery(&u.tenant, &u.effect.conversation, &u.effect.message);
                decided += 1;
                let Some(thread) = outbox::thread_of(tx, &scope, &u.effect).await? else {
                    // Nothing for a person to decide: the request waits, and has other ways.
                    effects::lost::give_up(tx, &scope, &u.effect, why, now).await?;
                    if let Some((task, thread)) = outbox::not_reached(tx, &scope, &u.effect, why, now).await? {
                        news.task(&u.tenant, &task, Some(&thread));
                    }
                    continue;
                };
                effects::lost::to_review(tx, &scope, &u.effect.id, why, now).await?;
                let task = desk.id();
                news.task(&u.tenant, &task, Some(&thread));
                tasks::open(tx, &scope, &task, "unknown_send", why, Some(&thread), u.effect.turn.as_ref(), now).await?;
            }
        }
    }
    Ok(decided)
}

/// Unknown sends that no timer watches (a restore made them): looks at all once, which arms the rest.
pub async fn look_again(desk: &Arc<Desk>) -> Result<()> {
    let (d, now) = (desk.clone(), desk.now());
    let news = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let mut news = News::default();
                look_at_unknown(tx, &d, now, &mut news).await?;
                Ok(news)
            }),
        )
        .await?;
    news.tell(&desk.events);
    Ok(())
}

/// T10: frees lanes of dead nodes and settles their half-done sends; gives back what a lost answer left with this one.
pub async fn reap(desk: &Arc<Desk>) -> Result<()> {
    let (lanes, sends) = in_hand::give_back(desk).await?;
    if lanes > 0 || sends > 0 {
        tracing::warn!(lanes, sends, "the answer to a commit was lost: what nobody works on was given back");
        metrics::counter!("frontdesk_given_back_total").increment((lanes + sends) as u64);
        desk.wake.lanes.notify_one();
        desk.wake.outbox.notify_one();
    }
    let now = desk.now();
    let d = desk.clone();
    let (lanes, sends) = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let alive: Vec<NodeId> =
                    nodes::alive(tx, &Server, now).await?.into_iter().filter_map(|(id, _, _)| NodeId::parse(&id).ok()).collect();
                let lanes = nodes::free_dead_lanes(tx, &Server, now).await?;
                let reaped = effects::lost::reap(tx, &Server, &alive, now, 500).await?;
                for (tenant, effect) in &reaped {
                    let scope = Scope::of(tenant.clone());
                    if effect.class == Class::C {
                        let why = "a message may or may not have been sent: check with the contact";
                        let thread = outbox::thread_of(tx, &scope, effect).await?;
                        tasks::open(tx, &scope, &d.id(), "unknown_send", why, thread.as_ref(), effect.turn.as_ref(), now).await?;
                        continue;
                    }
                    let at = now.plus(d.settings.unknown_window);
                    timers::arm(tx, &scope, &format!("unknown/{}", effect.id), "look_at_unknown", effect.id.as_str(), at).await?;
                }
                if lanes > 0 || !reaped.is_empty() {
                    crash::point("T10 before commit");
                }
                Ok((lanes, reaped))
            }),
        )
        .await?;
    if lanes > 0 || !sends.is_empty() {
        crash::point("T10 committed");
    }
    for (tenant, effect) in &sends {
        desk.events.tell(tenant, Event::new("message.changed", effect.message.as_str()).within(&effect.conversation));
    }
    if lanes > 0 || !sends.is_empty() {
        tracing::info!(lanes, sends = sends.len(), "took over from a process that is gone");
        metrics::counter!("frontdesk_lane_steals_total").increment(lanes);
        desk.wake.lanes.notify_one();
        desk.wake.outbox.notify_one();
    }
    Ok(())
}

/// Forgets what nobody will ask for again.
pub async fn tidy(desk: &Desk) -> Result<()> {
    let now = desk.now();
    desk.db
        .write(
            &Server,
            work!(tx => {
                inbound::forget_before(tx, &Server, now.minus(REMEMBER)).await?;
                timers::forget_before(tx, &Server, now.minus(REMEMBER)).await?;
                nodes::forget_dead(tx, &Server, now).await?;
                repeats::forget(tx, &Server, now.minus(REPEATABLE)).await?;
                sessions::forget_expired(tx, &Server, now).await?;
                merges::forget_before(tx, &Server, now.minus(PARTABLE)).await?;
                imports::forget_before(tx, &Server, now.minus(IMPORTS_KEPT)).await?;
                payments::forget_before(tx, &Server, now.minus(REMEMBER)).await?;
                approval_codes::forget_before(tx, &Server, now.minus(REMEMBER)).await?;
                uploads::forget_before(tx, &Server, now.minus(UNSENT)).await?;
                access::forget(tx, now, now.minus(REMEMBER)).await
            }),
        )
        .await?;
    tokens::fees::tidy(desk).await
}

/// Contacts that an older version made are taken into the search.
pub async fn index_contacts(desk: &Desk) -> Result<()> {
    const PIECE: u32 = 200;
    loop {
        let indexed = desk.db.write(&Server, work!(tx => contact_search::index_missing(tx, &Server, PIECE).await)).await?;
        if indexed < PIECE as usize || desk.stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// How much is unfinished, for health and metrics.
pub struct Backlog {
    pub lanes: i64,
    pub oldest_inbound: Option<Timestamp>,
    pub pending: i64,
    pub oldest_pending: Option<Timestamp>,
    pub sending: i64,
    pub unknown: i64,
    pub review: i64,
    pub strays: i64,
}

pub async fn backlog(desk: &Desk) -> Result<Backlog> {
    backlog_of(&desk.db).await
}

/// The same for whoever has no desk.
pub async fn backlog_of(db: &Db) -> Result<Backlog> {
    db.read(
        &Server,
        work!(tx => {
            let (lanes, oldest_inbound) = frontdesk_store::lanes::backlog(tx, &Server).await?;
            let (pending, oldest_pending, sending, unknown, review) = effects::backlog(tx, &Server).await?;
            let strays = inbound::count_strays(tx, &Server).await?;
            Ok(Backlog { lanes, oldest_inbound, pending, oldest_pending, sending, unknown, review, strays })
        }),
    )
    .await
}
