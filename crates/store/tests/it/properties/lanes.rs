//! One conversation is worked on by one node at a time: whoever lost it, or gave it away, writes nothing more.

use std::collections::BTreeMap;

use frontdesk_kernel::{Timestamp, ids::*, scope::Server};
use frontdesk_store::{Db, Error, inbound, lanes, nodes, work};
use proptest::prelude::*;

use super::{Told, alive, first_broken, in_a_shop, property};
use crate::harness::*;

#[derive(Debug, Clone)]
enum Event {
    Hear {
        who: u8,
    },
    /// A node takes what is free.
    Claim {
        node: u8,
    },
    /// Somebody who once had a lane writes, ends its turn, or hands it back; it may be long lost.
    Write {
        which: u8,
    },
    Finish {
        which: u8,
    },
    Release {
        which: u8,
        counted: bool,
    },
    /// The answer to its claim was lost.
    GiveBack {
        which: u8,
    },
    /// A node is dead for everybody else, and goes on.
    Die {
        node: u8,
    },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (0..3u8).prop_map(|who| Event::Hear { who }),
        4 => (0..3u8).prop_map(|node| Event::Claim { node }),
        3 => any::<u8>().prop_map(|which| Event::Write { which }),
        2 => any::<u8>().prop_map(|which| Event::Finish { which }),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(which, counted)| Event::Release { which, counted }),
        1 => any::<u8>().prop_map(|which| Event::GiveBack { which }),
        1 => (0..3u8).prop_map(|node| Event::Die { node }),
    ];
    prop::collection::vec(event, 1..60)
}

/// Of a list, one; from the end, so that the latest are meant often.
fn pick<T: Clone>(all: &[T], which: u8) -> Option<T> {
    let n = all.len();
    (n > 0).then(|| all[n - 1 - usize::from(which) % n.min(6)].clone())
}

async fn a_lane_has_one_owner(db: &Db, story: Vec<Event>) -> Told {
    in_a_shop!(db, tx, shop => {
        let scope = &shop.scope;
        let mut all: Vec<lanes::Claim> = Vec::new();
        // Who has which conversation, and how far each has come.
        let mut owner: BTreeMap<ConversationId, i64> = BTreeMap::new();
        let mut done: BTreeMap<ConversationId, i64> = BTreeMap::new();
        let mut rules = Vec::new();
        let mut now = at(0);
        let is_lost = |told: &Result<(), Error>| matches!(told, Err(Error::LeaseLost));
        for event in &story {
            now = Timestamp(now.0 + 10_000);
            match event {
                Event::Hear { who } => {
                    let mut arrival = shop.text(&format!("5730{who}"), "", "hola", now);
                    arrival.inbound.vendor_id = arrival.message.to_string();
                    arrival.rules.per_hour = 0;
                    inbound::receive(tx, scope, &arrival).await?;
                }
                Event::Claim { node } => {
                    let node = alive(tx, &format!("n{node}")).await?;
                    for claim in lanes::claim(tx, &Server, &node, now, 10, &fresh::<OfTurn>).await? {
                        let before = owner.insert(claim.conversation.clone(), claim.epoch);
                        rules.push((before.is_none(), format!("{claim:?} while {before:?} had it")));
                        let from = done.get(&claim.conversation).copied().unwrap_or(0) + 1;
                        rules.push((claim.from_seq == from, format!("{claim:?}, but {from} is next")));
                        all.push(claim);
                    }
                }
                Event::Write { which } => {
                    let Some(claim) = pick(&all, *which) else { continue };
                    let told = lanes::fence(tx, scope, &claim).await.map(drop);
                    let has = owner.get(&claim.conversation) == Some(&claim.epoch);
                    rules.push((if has { told.is_ok() } else { is_lost(&told) }, format!("wrote {told:?}, owner {has}: {claim:?}")));
                }
                Event::Finish { which } => {
                    let Some(claim) = pick(&all, *which) else { continue };
                    let told = lanes::finish(tx, scope, &claim).await.map(drop);
                    let has = owner.get(&claim.conversation) == Some(&claim.epoch);
                    rules.push((if has { told.is_ok() } else { is_lost(&told) }, format!("ended {told:?}, owner {has}: {claim:?}")));
                    if has {
                        owner.remove(&claim.conversation);
                        done.insert(claim.conversation.clone(), claim.to_seq);
                    }
                }
                Event::Release { which, counted } => {
                    let Some(claim) = pick(&all, *which) else { continue };
                    lanes::release(tx, scope, &claim, now, *counted).await?;
                    owner.retain(|lane, epoch| (lane, *epoch) != (&claim.conversation, claim.epoch));
                }
                Event::GiveBack { which } => {
                    let Some(claim) = pick(&all, *which) else { continue };
                    lanes::give_back(tx, scope, &claim.conversation, &claim.node, claim.epoch).await?;
                    owner.retain(|lane, epoch| (lane, *epoch) != (&claim.conversation, claim.epoch));
                }
                Event::Die { node } => {
                    let node: NodeId = id(format!("n{node}"));
                    nodes::leave(tx, &Server, &node).await?;
                    nodes::free_dead_lanes(tx, &Server, now).await?;
                    owner.retain(|lane, epoch| {
                        all.iter().any(|c| c.conversation == *lane && c.epoch == *epoch && c.node != node)
                    });
                }
            }
            let owned = tx.query("SELECT COUNT(*) AS n FROM lane WHERE owner IS NOT NULL").one(|row| row.get::<i64>("n")).await?;
            rules.push((owned == owner.len() as i64, format!("{owned} lanes have an owner after {event:?}, not {}", owner.len())));
        }
        first_broken(rules)
    })
}

property!(a_lane_has_one_owner_and_nobody_else_writes, events(), a_lane_has_one_owner);
