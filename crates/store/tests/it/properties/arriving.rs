//! What arrives is kept once, and begins one turn when its burst is over.

use std::{collections::BTreeSet, time::Duration};

use frontdesk_kernel::{Timestamp, ids::*, scope::Server};
use frontdesk_store::{Db, Tx, inbound, inbound::Received, lanes, messages, work};
use proptest::prelude::*;

use super::{Told, alive, first_broken, in_a_shop, property};
use crate::harness::*;

/// One of a few messages of one of a few people, delivered again and again.
fn deliveries() -> impl Strategy<Value = Vec<(u8, bool)>> {
    prop::collection::vec((0..9u8, any::<bool>()), 1..40)
}

/// Whoever writes the message with this number.
fn writer(message: u8) -> String {
    format!("5730{}", message % 3)
}

async fn every_message_is_kept_once(db: &Db, story: Vec<(u8, bool)>) -> Told {
    in_a_shop!(db, tx, shop => {
        let mut seen = BTreeSet::new();
        let mut broken = None;
        for (n, (message, later)) in story.iter().enumerate() {
            let now = at(n as i64 * if *later { 3_600_001 } else { 10 });
            let told = inbound::receive(tx, &shop.scope, &shop.text(&writer(*message), message, "hola", now)).await?;
            if matches!(told, Received::Duplicate) == seen.insert(*message) {
                broken = Some(format!("delivery {n} of message {message} was {told:?}"));
            }
        }
        let rows = tx.query("SELECT COUNT(*) AS n FROM message").one(|row| row.get::<i64>("n")).await?;
        let places = tx.query("SELECT CAST(COALESCE(SUM(head_seq), 0) AS BIGINT) AS n FROM lane").one(|row| row.get::<i64>("n")).await?;
        let kept = seen.len() as i64;
        match broken {
            Some(broken) => Err(broken),
            None => first_broken([((rows, places) == (kept, kept), format!("{rows} rows and {places} places for {kept} messages"))]),
        }
    })
}

property!(a_message_is_kept_once_however_often_and_in_whatever_order_it_is_delivered, deliveries(), every_message_is_kept_once);

/// Somebody writes; a node looks for work; a node says what it has to say.
#[derive(Debug, Clone)]
enum Event {
    Hear { after: u16 },
    Look { after: u16 },
    Finish { after: u16 },
}

#[derive(Debug, Clone)]
struct Burst {
    quiet: u16,
    most: u16,
    events: Vec<Event>,
}

fn bursts() -> impl Strategy<Value = Burst> {
    let event = prop_oneof![
        4 => (0..2500u16).prop_map(|after| Event::Hear { after }),
        4 => (0..2500u16).prop_map(|after| Event::Look { after }),
        2 => (0..2500u16).prop_map(|after| Event::Finish { after }),
    ];
    (1..2500u16, 0..9000u16, prop::collection::vec(event, 1..50)).prop_map(|(quiet, most, events)| Burst {
        quiet,
        most: most.max(quiet),
        events,
    })
}

/// What waits in the only lane, by the rules alone.
#[derive(Debug, Default)]
struct Waiting {
    heard: Vec<Timestamp>,
    /// When the lane was free again.
    free_at: Option<Timestamp>,
}

impl Waiting {
    /// Nobody is interrupted before this.
    fn not_before(&self, story: &Burst) -> Timestamp {
        let (first, last) = (self.heard[0].0, self.heard[self.heard.len() - 1].0);
        Timestamp((last + i64::from(story.quiet)).min(first + i64::from(story.most)))
    }
    /// Nobody waits longer than this, unless the turn before takes longer.
    fn at_the_latest(&self, story: &Burst) -> Timestamp {
        let since = self.heard[0].0.max(self.free_at.map_or(i64::MIN, |at| at.0));
        Timestamp(since + i64::from(story.most))
    }
}

async fn look(tx: &mut Tx, node: &NodeId, now: Timestamp) -> frontdesk_store::Result<Option<lanes::Claim>> {
    Ok(lanes::claim(tx, &Server, node, now, 10, &fresh::<OfTurn>).await?.pop())
}

async fn a_burst_is_one_turn(db: &Db, story: Burst) -> Told {
    in_a_shop!(db, tx, shop => {
        let node = alive(tx, "n").await?;
        let (mut now, mut waiting, mut running, mut seq) = (at(0), Waiting::default(), None::<lanes::Claim>, 0);
        let mut rules = Vec::new();
        for event in &story.events {
            match event {
                Event::Hear { after } => {
                    now = Timestamp(now.0 + i64::from(*after));
                    let mut arrival = shop.text("57300", "", "hola", now);
                    arrival.inbound.vendor_id = arrival.message.to_string();
                    (arrival.rules.burst_wait, arrival.rules.burst_max) =
                        (Duration::from_millis(story.quiet.into()), Duration::from_millis(story.most.into()));
                    arrival.rules.per_hour = 0;
                    inbound::receive(tx, &shop.scope, &arrival).await?;
                    waiting.heard.push(now);
                }
                Event::Look { after } => {
                    now = Timestamp(now.0 + i64::from(*after));
                    let claimed = look(tx, &node, now).await?;
                    match &claimed {
                        Some(claim) => {
                            let heard = waiting.heard.len() as i64;
                            rules.push((running.is_none(), format!("two turns at once: {claim:?} and {running:?}")));
                            rules.push((heard > 0 && now >= waiting.not_before(&story), format!("too early at {now}: {waiting:?}")));
                            rules.push(((claim.from_seq, claim.to_seq) == (seq + 1, seq + heard), format!("{claim:?} after {seq}: {waiting:?}")));
                            let read = messages::of_lane(tx, &shop.scope, &claim.conversation, claim.from_seq, claim.to_seq).await?;
                            rules.push((read.len() as i64 == heard, format!("{} of {heard} messages", read.len())));
                            seq += heard;
                            waiting.heard.clear();
                        }
                        None if running.is_none() && !waiting.heard.is_empty() => {
                            rules.push((now < waiting.at_the_latest(&story), format!("nobody came at {now}: {waiting:?}")));
                        }
                        None => {}
                    }
                    running = claimed.or(running);
                }
                Event::Finish { after } => {
                    now = Timestamp(now.0 + i64::from(*after));
                    if let Some(claim) = running.take() {
                        let more = lanes::finish(tx, &shop.scope, &claim).await?;
                        rules.push((more != waiting.heard.is_empty(), format!("more waits: {more}, and {waiting:?}")));
                        waiting.free_at = Some(now);
                    }
                }
            }
        }
        first_broken(rules)
    })
}

property!(a_burst_is_one_turn_that_begins_when_it_is_quiet_and_not_later_than_its_longest, bursts(), a_burst_is_one_turn);
