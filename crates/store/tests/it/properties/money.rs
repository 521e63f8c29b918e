//! Credit: the account is the sum of its ledger and of what was done, and no ceiling is passed.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Timestamp,
    ledger::{Blocked, Ceilings, Day},
};
use frontdesk_store::{
    Db,
    tokens::{
        account::{self, Credit},
        entries,
        holds::{self, Ask, Reserved},
        spent,
    },
    work,
};
use proptest::prelude::*;

use super::{Told, first_broken, in_a_shop, property};
use crate::{harness::*, tokens::ask};

#[derive(Debug, Clone)]
enum Event {
    /// Under the same name it is put in once.
    Credit {
        name: u8,
        tokens: i64,
    },
    Reserve {
        name: u8,
        tokens: i64,
        micros: i64,
        tomorrow: bool,
    },
    Commit {
        name: u8,
        micros: Option<i64>,
    },
    Release {
        name: u8,
    },
}

#[derive(Debug, Clone)]
struct Story {
    ceilings: Ceilings,
    events: Vec<Event>,
}

fn stories() -> impl Strategy<Value = Story> {
    let event = prop_oneof![
        1 => (0..6u8, -20..60i64).prop_map(|(name, tokens)| Event::Credit { name, tokens }),
        4 => (0..12u8, 0..20i64, 0..20i64, any::<bool>())
            .prop_map(|(name, tokens, micros, tomorrow)| Event::Reserve { name, tokens, micros, tomorrow }),
        3 => (0..12u8, prop::option::of(0..20i64)).prop_map(|(name, micros)| Event::Commit { name, micros }),
        2 => (0..12u8).prop_map(|name| Event::Release { name }),
    ];
    let limit = || prop::option::of(0..60i64);
    (limit(), limit(), limit(), prop::collection::vec(event, 1..50)).prop_map(|(day, month, money_day, events)| Story {
        ceilings: Ceilings { day, month, money_day, ..Ceilings::default() },
        events,
    })
}

/// What became of something that was reserved.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Held,
    Done,
    Free,
}

/// What the rules alone say.
#[derive(Debug, Default)]
struct Books {
    credited: BTreeMap<u8, i64>,
    reserved: BTreeMap<u8, (i64, Fate)>,
}

impl Books {
    fn held(&self) -> i64 {
        self.reserved.values().filter(|(_, fate)| *fate == Fate::Held).map(|(tokens, _)| tokens).sum()
    }
    fn spent(&self) -> i64 {
        self.reserved.values().filter(|(_, fate)| *fate == Fate::Done).map(|(tokens, _)| tokens).sum()
    }
    fn balance(&self) -> i64 {
        self.credited.values().sum::<i64>() - self.spent()
    }
}

async fn the_books_agree(db: &Db, story: Story) -> Told {
    in_a_shop!(db, tx, shop => {
        let scope = &shop.scope;
        let day = |n: u8| Day { day: format!("2026-11-2{n}"), month: "2026-11".into() };
        let mut books = Books::default();
        let mut rules = Vec::new();
        let mut now = at(0);
        account::lock(tx, scope, now).await?;
        for event in &story.events {
            now = Timestamp(now.0 + 1000);
            match event {
                Event::Credit { name, tokens } => {
                    let credit = Credit { once: format!("grant/{name}"), tokens: *tokens, note: None, by: String::new() };
                    let entered = account::credit(tx, scope, &credit, &day(1), now).await?.is_some();
                    rules.push((entered != books.credited.contains_key(name), format!("entered: {entered}, {books:?}")));
                    books.credited.entry(*name).or_insert(*tokens);
                }
                Event::Reserve { name, tokens, micros, tomorrow } => {
                    let ask = Ask { micros: *micros, ..ask(&format!("send/{name}"), *tokens) };
                    let today = day(1 + u8::from(*tomorrow));
                    let before = spent::so_far(tx, scope, &today, None, None).await?;
                    let available = books.balance() - books.held();
                    let told = holds::reserve(tx, scope, &ask, &story.ceilings, &today, now).await?;
                    let known = books.reserved.contains_key(name);
                    match told {
                        Reserved::Yes { .. } if !known => {
                            books.reserved.insert(*name, (*tokens, Fate::Held));
                            let over = |most: Option<i64>, sum: i64, more: i64| more > 0 && most.is_some_and(|most| sum + more > most);
                            rules.push((*tokens == 0 || *tokens <= available, format!("{tokens} of {available}")));
                            rules.push((!over(story.ceilings.day, before.day, *tokens), format!("over the day's by {tokens}: {before:?}")));
                            rules.push((!over(story.ceilings.month, before.month, *tokens), format!("over the month's by {tokens}: {before:?}")));
                            rules.push((!over(story.ceilings.money_day, before.money_day, *micros), format!("over the money's: {before:?}")));
                        }
                        Reserved::Yes { .. } => {}
                        Reserved::No(why) => {
                            rules.push((!known, format!("{name} has it already: {why:?}")));
                            rules.push((why != Blocked::Balance || *tokens > available, format!("{tokens} of {available} refused")));
                        }
                    }
                }
                Event::Commit { name, micros } => {
                    let done = holds::commit(tx, scope, &format!("send/{name}"), *micros, now).await?;
                    let held = books.reserved.get_mut(name).filter(|(_, fate)| *fate == Fate::Held);
                    rules.push((done == held.is_some(), format!("{name} was committed: {done}")));
                    held.into_iter().for_each(|(_, fate)| *fate = Fate::Done);
                }
                Event::Release { name } => {
                    let freed = holds::release(tx, scope, &format!("send/{name}"), now).await?;
                    let held = books.reserved.get_mut(name).filter(|(_, fate)| *fate == Fate::Held);
                    rules.push((freed == held.is_some(), format!("{name} was released: {freed}")));
                    held.into_iter().for_each(|(_, fate)| *fate = Fate::Free);
                }
            }
            let account = account::get(tx, scope).await?.expect("it was opened");
            let sums = entries::sums(tx, scope).await?;
            rules.push(((account.balance, account.reserved) == sums, format!("{account:?} is not the ledger's {sums:?} after {event:?}")));
            let expected = (books.balance(), books.held());
            rules.push((sums == expected, format!("{sums:?} is not what was done, {expected:?}, after {event:?}")));
            let both = [day(1), day(2)];
            let mut counted = 0;
            for day in &both {
                counted += spent::so_far(tx, scope, day, None, None).await?.day;
            }
            let used = books.held() + books.spent();
            rules.push((counted == used, format!("{counted} count against ceilings, {used} were used, after {event:?}")));
        }
        first_broken(rules)
    })
}

property!(the_account_is_the_sum_of_what_was_done_and_no_ceiling_is_passed, stories(), the_books_agree);
