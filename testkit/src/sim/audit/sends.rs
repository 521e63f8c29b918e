//! What was sent: as often as was promised, in the order of the conversation, to nobody else; what cannot be known, somebody was told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use frontdesk_engine::lease::NODE_LEASE;
use serde_json::Value;

use super::book::{Book, number, text};
use crate::{
    marks::all_marked,
    sim::{brain::REF, meta::Sent, world::World},
};

pub(super) fn look(world: &Arc<World>, book: &Book) {
    let sent = world.meta.sent();
    let mut by_effect: BTreeMap<&str, Vec<&Sent>> = BTreeMap::new();
    for one in &sent {
        by_effect.entry(one.effect.as_str()).or_default().push(one);
        theirs(world, book, one);
    }
    for effect in book.all("effect") {
        let arrived = by_effect.remove(text(effect, "id")).unwrap_or_default();
        one(world, book, effect, &arrived);
    }
    for stranger in by_effect.keys() {
        world.wrong(format!("{stranger} was sent and is no effect"));
    }
    order(world, book, &sent);
}

/// The words go to whom they are about, from the business that they were said to.
fn theirs(world: &Arc<World>, book: &Book, sent: &Sent) {
    let said = world.said();
    for token in all_marked(&sent.text, REF) {
        let owner = said.iter().find(|s| s.token.as_deref() == Some(token));
        if !owner.is_some_and(|s| s.from == sent.to && world.shops[s.shop].account == sent.account) {
            world.wrong(format!("{} of {:?} reached {} from {}", token, owner, sent.to, sent.account));
        }
    }
    let tenant = world.shops.iter().find(|s| s.account == sent.account).map(|s| s.scope.tenant().to_string());
    let effect = book.of("effect", "id", &sent.effect).next();
    if effect.map(|e| text(e, "tenant").to_owned()) != tenant {
        world.wrong(format!("{} left from another business's number", sent.effect));
    }
}

fn one(world: &Arc<World>, book: &Book, effect: &Value, arrived: &[&Sent]) {
    let (id, state, resends) = (text(effect, "id"), text(effect, "state"), number(effect, "resends"));
    let what =
        format!("{id} ({state}, {} attempts, {resends} resends, {:?})", number(effect, "attempts"), text(effect, "problem"));
    let times = arrived.len();
    if times as i64 > 1 + resends || resends > 1 {
        world.wrong(format!("{what} reached the contact {times} times"));
    }
    let mut echoed: BTreeSet<&str> = book.of("echo", "effect", id).map(|echo| text(echo, "vendor_id")).collect();
    // Usual news of the id that the effect has leaves no row.
    if !echoed.is_empty() {
        echoed.extend(effect["vendor_id"].as_str());
    }
    if times > 1 && echoed.len() < 2 {
        world.wrong(format!("{what} reached the contact {times} times, and nobody knows"));
    }
    let told = book.has_task(text(effect, "conversation"));
    let failed_later = arrived.iter().any(|s| s.failed);
    match state {
        "succeeded" if times == 0 => world.wrong(format!("{what} never arrived")),
        "succeeded" | "canceled" => {}
        "failed" if times > 0 && !failed_later => world.wrong(format!("{what} arrived {times} times")),
        "failed" | "review" | "expired" if told => {}
        "failed" | "review" | "expired" => world.wrong(format!("{what} and nobody was told")),
        _ => world.wrong(format!("{what} is not finished, arrived {times} times")),
    }
    let delivery =
        book.of("message", "id", text(effect, "message")).next().map(|m| text(m, "delivery").to_owned()).unwrap_or_default();
    if delivery.is_empty() || delivery == "queued" {
        world.wrong(format!("{what} is shown as {delivery:?}"));
    }
}

/// Messages of a conversation arrive as they were planned. An attempt whose process stood still for longer than its lease may come late:
/// its place was given away, and the repetition is known.
fn order(world: &Arc<World>, book: &Book, sent: &[Sent]) {
    let effects: BTreeMap<&str, &Value> = book.all("effect").iter().map(|e| (text(e, "id"), e)).collect();
    let begun: BTreeMap<(&str, i64), i64> =
        book.all("attempt").iter().map(|a| ((text(a, "effect"), number(a, "n")), number(a, "started_at"))).collect();
    let mut latest: BTreeMap<&str, (i64, &str)> = BTreeMap::new();
    for one in sent {
        let Some(effect) = effects.get(one.effect.as_str()) else { continue };
        let began = begun.get(&(one.effect.as_str(), i64::from(one.attempt))).copied().unwrap_or_default();
        if one.at.0 - began > NODE_LEASE.as_millis() as i64 {
            continue;
        }
        let planned = number(effect, "created_at");
        let before = latest.entry(text(effect, "conversation")).or_insert((planned, &one.effect));
        if planned < before.0 {
            world.wrong(format!("{} arrived after {}, which was planned later", one.effect, before.1));
        } else {
            *before = (planned, &one.effect);
        }
    }
}
