//! People who write: in bursts and after pauses, twice, to two businesses, with and without a wish.

use std::sync::Arc;

use super::{
    brain::REF,
    meta::Webhook,
    world::{World, spawn},
};
use crate::fakes;

/// A message that a customer wrote.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) shop: usize,
    pub(super) from: String,
    pub(super) id: String,
    /// Its word in answers; `None`: nobody expects one.
    pub(super) token: Option<String>,
    /// The start of an appointment that it asks for.
    pub(super) start: Option<String>,
}

/// Few places for many customers.
const TIMES: [&str; 5] = ["2026-11-23T09-00", "2026-11-23T09-30", "2026-11-23T10-00", "2026-11-24T09-00", "2026-11-24T16-30"];

pub(super) fn arrive(world: &Arc<World>) {
    for shop in 0..world.shops.len() {
        for customer in 0..world.dice.within(2..4) {
            let world = world.clone();
            world.busy(1);
            spawn(async move {
                talk(&world, shop, customer).await;
                world.busy(-1);
            });
        }
    }
}

async fn talk(world: &Arc<World>, shop: usize, customer: u64) {
    let dice = &world.dice;
    world.sleep(dice.millis(0..15_000)).await;
    // The first one is a customer of both businesses.
    let from = if customer == 0 { "573001112200".to_owned() } else { format!("57300111{shop}{customer}22") };
    for n in 0..dice.within(1..6) {
        let said = words(world, shop, &from, &format!("s{shop}c{customer}m{n}"));
        world.note(format_args!("{from} says {} to {}", said.1.id, shop));
        let webhook = Webhook { body: said.0, ids: vec![said.1.id.clone()] };
        world.heard(said.1);
        world.meta.post(world, webhook);
        let pause = if dice.chance(400) { 50..1800 } else { 1500..12_000 };
        world.sleep(dice.millis(pause)).await;
    }
}

fn words(world: &World, shop: usize, from: &str, token: &str) -> (serde_json::Value, Said) {
    let (dice, account, id) = (&world.dice, world.shops[shop].account.as_str(), format!("wamid.in.{token}"));
    let mut said = Said { shop, from: from.to_owned(), id: id.clone(), token: Some(token.to_owned()), start: None };
    let text = |wish: String| fakes::inbound_text(account, from, &id, &format!("hola {REF}{token} {wish}"));
    let body = match dice.within(0..100) {
        0..25 => {
            let time = dice.pick(&TIMES);
            said.start = Some((*time).to_owned());
            text(format!("book:{time}"))
        }
        25..33 => text(format!("pay:{}", dice.within(1..100))),
        33..41 => text(format!("order:{}", dice.within(1..100))),
        41..48 => text(format!("refund:{}", dice.within(1..100))),
        48..51 => text("person:please".to_owned()),
        51..55 => {
            said.token = None;
            fakes::inbound_reaction(account, from, &id, "wamid.out.0", Some("👍"))
        }
        55..58 => {
            said.token = None;
            fakes::inbound_unsupported(account, from, &id)
        }
        _ => text(String::new()),
    };
    (body, said)
}
