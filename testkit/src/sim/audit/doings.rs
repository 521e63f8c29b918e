//! What was done for customers: once where it can be known, never without their word or a person's, never claimed without having been done.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value;

use super::book::{Book, number, text};
use crate::{
    marks::{all_marked, marked},
    sim::{brain::CLAIM, service::Done, world::World},
};

pub(super) fn look(world: &Arc<World>, book: &Book) {
    appointments(world, book);
    let done = world.service.done();
    let calls = calls(book);
    keyed(world, &calls, &done);
    unkeyed(world, &calls, &done);
    approved(world, book, &done);
}

/// Nobody sits on another's chair; each was asked for; a reply that speaks of one is right.
fn appointments(world: &Arc<World>, book: &Book) {
    let confirmed: Vec<&Value> = book.of("appointment", "status", "confirmed").collect();
    let mut held = BTreeSet::new();
    for (i, a) in confirmed.iter().enumerate() {
        let overlaps = |b: &&&Value| {
            b["tenant"] == a["tenant"]
                && b["staff"] == a["staff"]
                && number(b, "blocked_from") < number(a, "blocked_to")
                && number(a, "blocked_from") < number(b, "blocked_to")
        };
        for b in confirmed[i + 1..].iter().filter(overlaps) {
            world.wrong(format!("{} and {} are at the same time with the same person", text(a, "id"), text(b, "id")));
        }
        if !held.insert((text(a, "contact"), number(a, "starts_at"))) {
            world.wrong(format!("{} holds {} twice", text(a, "contact"), number(a, "starts_at")));
        }
        let token = marked(text(a, "notes"), "for:").unwrap_or_default();
        let asked = world.said().into_iter().find(|s| s.token.as_deref() == Some(token));
        let at_theirs = asked.as_ref().is_some_and(|s| addresses(book, a).contains(s.from.as_str()) && s.start.is_some());
        if !at_theirs {
            world.wrong(format!("{} was not asked for by its contact: {asked:?}", text(a, "id")));
        }
    }
    for sent in world.meta.sent().iter().filter(|s| s.text.contains(CLAIM)) {
        let account = world.shops.iter().find(|s| s.account == sent.account);
        let theirs = |a: &&&Value| {
            account.is_some_and(|shop| a["tenant"] == shop.scope.tenant().as_str())
                && addresses(book, a).contains(sent.to.as_str())
        };
        if !confirmed.iter().any(|a| theirs(&a)) {
            world.wrong(format!("{} says that there is an appointment, and there is none: {}", sent.effect, sent.text));
        }
    }
}

fn addresses<'b>(book: &'b Book, appointment: &Value) -> BTreeSet<&'b str> {
    let theirs = |row: &&Value| row["contact"] == appointment["contact"] && row["tenant"] == appointment["tenant"];
    book.all("contact_address").iter().filter(theirs).map(|row| text(row, "value")).collect()
}

/// A call that left the house, with what it was about.
struct Call {
    key: String,
    name: String,
    state: String,
    token: String,
}

fn calls(book: &Book) -> Vec<Call> {
    let mut found = Vec::new();
    for row in book.all("tool_call") {
        let (turn, step, n) = (text(row, "turn"), number(row, "step"), number(row, "n"));
        // The decision that it carries out is the step before.
        let decided =
            book.steps(turn).into_iter().find(|(at, _)| *at == step - 1).map(|(_, decided)| decided).unwrap_or_default();
        let token = marked(text(&decided["calls"][n as usize]["arguments"], "what"), "for:").unwrap_or_default().to_owned();
        found.push(Call {
            key: format!("{turn}-{step}-{n}"),
            name: text(row, "name").to_owned(),
            state: text(row, "state").to_owned(),
            token,
        });
    }
    found
}

/// Class A: what succeeded was done once, what failed was not, and nothing was done that was not intended.
fn keyed(world: &Arc<World>, calls: &[Call], done: &[Done]) {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for one in done.iter().filter(|d| d.what != "order") {
        let Some(key) = one.key.as_deref() else {
            world.wrong(format!("{} for {} came without a key", one.what, one.token));
            continue;
        };
        *times.entry(key).or_default() += 1;
        if !calls.iter().any(|c| c.key == key && c.name == one.what && c.token == one.token) {
            world.wrong(format!("{} for {} under {key} was intended by nobody", one.what, one.token));
        }
    }
    for call in calls.iter().filter(|c| c.name != "order") {
        let times = times.get(call.key.as_str()).copied().unwrap_or_default();
        match (call.state.as_str(), times) {
            ("succeeded", 1) | ("failed" | "canceled" | "pending", 0) | ("review", 0 | 1) => {}
            (state, times) => world.wrong(format!("{} for {} is {state} and was done {times} times", call.name, call.token)),
        }
    }
}

/// Class C: never more often than it was begun, and never less than it is said to have succeeded.
fn unkeyed(world: &Arc<World>, calls: &[Call], done: &[Done]) {
    let mut tokens: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for call in calls.iter().filter(|c| c.name == "order") {
        let counts = tokens.entry(call.token.as_str()).or_default();
        match call.state.as_str() {
            "succeeded" => counts.0 += 1,
            "review" => counts.1 += 1,
            "sending" => world.wrong(format!("the order for {} is begun and has no end", call.token)),
            _ => {}
        }
    }
    for one in done.iter().filter(|d| d.what == "order") {
        tokens.entry(one.token.as_str()).or_default().2 += 1;
    }
    for (token, (succeeded, review, done)) in tokens {
        if done < succeeded || done > succeeded + review {
            world.wrong(format!("{token} was ordered {done} times: {succeeded} succeeded, {review} are a person's"));
        }
    }
}

/// A refund is made when a person said yes, at most once for each yes, and not otherwise.
fn approved(world: &Arc<World>, book: &Book, done: &[Done]) {
    let mut yes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for request in book.of("approval", "action", "refund") {
        let token = all_marked(text(request, "arguments"), "for:").first().map(|t| (*t).to_owned()).unwrap_or_default();
        let counts = yes.entry(token).or_default();
        match text(request, "state") {
            "executed" => *counts = (counts.0 + 1, counts.1 + 1),
            "failed" => counts.1 += 1,
            "approved" => world.wrong(format!("{} was approved and is not carried out", text(request, "id"))),
            _ => {}
        }
    }
    for one in done.iter().filter(|d| d.what == "refund") {
        match yes.get_mut(&one.token) {
            Some((_, most)) if *most > 0 => *most -= 1,
            _ => world.wrong(format!("the refund for {} was made without a yes", one.token)),
        }
    }
}
