//! Turns: each has ended, one at a time, said what it was asked, was billed once; what was given up, somebody was told.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::book::{Book, number, text};
use crate::{
    marks::all_marked,
    sim::{brain::REF, world::World},
};

pub(super) fn look(world: &Arc<World>, book: &Book) {
    let mut lanes: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for turn in book.all("turn") {
        lanes.entry(text(turn, "conversation")).or_default().push(turn);
        one(world, book, turn);
    }
    for (conversation, mut turns) in lanes {
        turns.sort_by_key(|turn| number(turn, "from_seq"));
        for pair in turns.windows(2) {
            if number(pair[1], "from_seq") <= number(pair[0], "to_seq") {
                world.wrong(format!("two turns of {conversation} hold the same place"));
            }
            let began = book.of("step", "turn", text(pair[1], "id")).map(|step| number(step, "at")).min();
            if began.is_some_and(|began| began < number(pair[0], "ended_at")) {
                world.wrong(format!("a turn of {conversation} wrote before the one before had ended"));
            }
        }
    }
    bills(world, book);
    let late = |timer: &&Value| timer["state"] == "armed" && number(timer, "fire_at") < world.now().0 - 30_000;
    for timer in book.all("timer").iter().filter(late) {
        world.wrong(format!("a timer did not fire: {} {}", text(timer, "kind"), text(timer, "dedupe")));
    }
    for lane in book.all("lane").iter().filter(|lane| !lane["owner"].is_null()) {
        world.wrong(format!("the lane of {} is still held", text(lane, "conversation")));
    }
}

fn one(world: &Arc<World>, book: &Book, turn: &Value) {
    let (id, conversation, state) = (text(turn, "id"), text(turn, "conversation"), text(turn, "state"));
    let what =
        || format!("{id} ({state}, {} runs, {:?}, {:?})", number(turn, "attempts"), text(turn, "outcome"), text(turn, "problem"));
    let messages: Vec<_> = book.of("message", "turn", id).collect();
    match state {
        "done" if messages.is_empty() => world.wrong(format!("{} said nothing", what())),
        "done" | "suppressed" => {}
        "handed_off" | "dead" if book.has_task(conversation) => {}
        "handed_off" | "dead" => world.wrong(format!("{} and nobody was told", what())),
        _ => world.wrong(format!("{} has not ended", what())),
    }
    if state != "done" {
        return;
    }
    let answer: String = messages.iter().map(|m| format!("{} ", text(m, "body"))).collect();
    let answered = all_marked(&answer, REF);
    // A fool of a model names nothing at all.
    if answered.is_empty() {
        return;
    }
    let places = number(turn, "from_seq")..=number(turn, "to_seq");
    let asked =
        book.of("message", "conversation", conversation).filter(|m| m["seq"].as_i64().is_some_and(|seq| places.contains(&seq)));
    for token in asked.flat_map(|m| all_marked(text(m, "body"), REF)) {
        if !answered.contains(&token) {
            world.wrong(format!("{} took {token} and answered {answered:?}", what()));
        }
    }
}

/// What was journaled was billed, once, and nothing else was.
fn bills(world: &Arc<World>, book: &Book) {
    let mut billed: BTreeMap<(&str, i64), (i64, i64)> = BTreeMap::new();
    for row in book.all("ledger") {
        billed.insert((text(row, "turn"), number(row, "n")), (number(row, "input"), number(row, "output")));
    }
    for turn in book.all("turn") {
        for (n, step) in book.steps(text(turn, "id")) {
            if step["kind"] != "model" || step["dialect"] == "policy" {
                continue;
            }
            let used = (number(&step["usage"], "input"), number(&step["usage"], "output"));
            match billed.remove(&(text(turn, "id"), n)) {
                Some(bill) if bill == used => {}
                bill => world.wrong(format!("step {n} of {} used {used:?} and was billed {bill:?}", text(turn, "id"))),
            }
        }
    }
    if !billed.is_empty() {
        world.wrong(format!("billed and not journaled: {billed:?}"));
    }
}
