//! People of the businesses: they take conversations over, give them back, and decide what the agent may not do alone.

use std::sync::Arc;

use frontdesk_engine::{
    approvals::{self, Signature, Word},
    handover::{self, Change},
};
use frontdesk_kernel::{Timestamp, approval::State, conversation::Mode, ids::ConversationId};
use frontdesk_store::{conversations, work};

use super::{
    business::Shop,
    node::Node,
    world::{World, spawn},
};

pub(super) fn come_to_work(world: &Arc<World>) {
    for shop in 0..world.shops.len() {
        let world = world.clone();
        spawn(async move {
            loop {
                world.sleep(world.dice.millis(2000..12_000)).await;
                let Some(node) = world.some_node() else { continue };
                let shop = world.shops[shop].clone();
                if world.dice.chance(world.climate().people) && !world.is_over() {
                    take_over(&world, &node, &shop).await;
                }
                decide(&world, &node, &shop).await;
            }
        });
    }
}

async fn take_over(world: &Arc<World>, node: &Arc<Node>, shop: &Shop) {
    let s = shop.scope.clone();
    let read = world.db.read(&shop.scope, work!(tx => conversations::recent(tx, &s, Timestamp::NEVER, 20).await)).await;
    let all = read.unwrap_or_default();
    if all.is_empty() {
        return;
    }
    let one = world.dice.pick(&all).id.clone();
    world.note(format_args!("a person takes {one}"));
    world.taken_over(one.as_str());
    let (world, node, shop) = (world.clone(), node.clone(), shop.clone());
    spawn(async move {
        hand(&node, &shop, &one, Mode::Human).await;
        world.sleep(world.dice.millis(2000..25_000)).await;
        let Some(node) = world.some_node() else { return };
        world.note(format_args!("a person gives {one} back"));
        hand(&node, &shop, &one, Mode::Bot).await;
    });
}

/// Tells nobody whether it worked: a person sees that, and tries again or does not.
async fn hand(node: &Arc<Node>, shop: &Shop, id: &ConversationId, mode: Mode) {
    let (d, s, id) = (node.desk.clone(), shop.scope.clone(), id.clone());
    let change = Change { mode: Some(mode), ..Change::default() };
    let _ =
        node.desk.db.write(&shop.scope, work!(tx => handover::apply(tx, &d, &s, &id, &change, "a person said so").await)).await;
    node.desk.wake.lanes.notify_one();
}

/// Each request that waits is decided by one or two people who do not know of each other.
async fn decide(world: &Arc<World>, node: &Arc<Node>, shop: &Shop) {
    let s = shop.scope.clone();
    let filter = frontdesk_store::approvals::Filter { state: Some(State::Pending), ..Default::default() };
    let listed = world.db.read(&shop.scope, work!(tx => frontdesk_store::approvals::list(tx, &s, &filter, None, 20).await)).await;
    for asked in listed.unwrap_or_default() {
        for who in 0..world.dice.within(0..3) {
            let word = if world.dice.chance(700) { Word::Yes { hash: asked.approval.args_hash.clone() } } else { Word::No };
            let by = Signature { kind: "key", id: format!("key_{who}"), by_way_of: "api" };
            world.note(format_args!("{who} says {word:?} to {}", asked.approval.id));
            let (node, scope, id) = (node.clone(), shop.scope.clone(), asked.approval.id.clone());
            spawn(async move {
                let _ = approvals::say(&node.desk, &scope, &id, word, None, &by).await;
            });
        }
    }
}
