//! What customers wrote: acknowledged means kept, once, with the business that it was for, and come to an end.

use std::{collections::BTreeMap, sync::Arc};

use super::book::{Book, number, text};
use crate::sim::{customers::Said, world::World};

pub(super) fn look(world: &Arc<World>, book: &Book) {
    let acknowledged = world.meta.acknowledged();
    let said: BTreeMap<String, Said> = world.said().into_iter().map(|s| (s.id.clone(), s)).collect();
    for (id, said) in &said {
        let (shop, what) = (&world.shops[said.shop], format!("{id} from {}", said.from));
        if !acknowledged.contains(id) {
            world.wrong(format!("{what} was never acknowledged"));
            continue;
        }
        let kept: Vec<_> = book.of("message", "vendor_id", id).filter(|m| m["direction"] == "in").collect();
        let [message] = kept[..] else {
            world.wrong(format!("{what} was acknowledged and is there {} times", kept.len()));
            continue;
        };
        if text(message, "tenant") != shop.scope.tenant().as_str() {
            world.wrong(format!("{what} is kept by another business"));
        }
        let conversation = text(message, "conversation");
        let threads: Vec<_> = book.of("conversation", "id", conversation).collect();
        if threads.len() != 1 || threads[0]["address"] != said.from.as_str() || threads[0]["tenant"] != message["tenant"] {
            world.wrong(format!("{what} is in a thread of somebody else: {threads:?}"));
        }
        ended(world, book, said, conversation, number(message, "seq"));
    }
    for row in book.all("message").iter().filter(|m| m["direction"] == "in" && !m["vendor_id"].is_null()) {
        if !said.contains_key(text(row, "vendor_id")) {
            world.wrong(format!("nobody wrote {}", text(row, "vendor_id")));
        }
    }
    if !book.all("stray").is_empty() {
        world.wrong(format!("{} webhooks went astray", book.all("stray").len()));
    }
}

/// Its place in the lane is done, by one turn that has ended, or by a rule that says why there is none.
fn ended(world: &Arc<World>, book: &Book, said: &Said, conversation: &str, seq: i64) {
    let done = book.of("lane", "conversation", conversation).map(|lane| number(lane, "done_seq")).max().unwrap_or_default();
    if done < seq {
        world.wrong(format!("{} waits in its lane: place {seq}, done {done}", said.id));
    }
    let turns: Vec<_> = book
        .of("turn", "conversation", conversation)
        .filter(|turn| (number(turn, "from_seq")..=number(turn, "to_seq")).contains(&seq))
        .collect();
    match turns[..] {
        [] if said.token.is_some() && !book.has_task(conversation) && !world.was_taken_over(conversation) => {
            world.wrong(format!("{} is in no turn, and nobody was there to answer", said.id));
        }
        [] | [_] => {}
        _ => world.wrong(format!("{} is in {} turns", said.id, turns.len())),
    }
}
