//! A business that has talked for long: its conversations and messages, indexed as they are in life.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use frontdesk_kernel::{
    Id, Scope, Timestamp,
    contact::{AddressKind, Contact},
    conversation::Mode,
    ids::*,
    message::{Author, Direction, Message, Part},
    ports::channel::Address,
    scope::Server,
};
use frontdesk_store::{Db, channels, contacts, conversations, messages, search, tenants, threads, work, yardstick};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Between two messages, in milliseconds.
const APART: i64 = 20_000;
/// Messages of a conversation.
const EACH: usize = 50;
const BATCH: usize = 1000;

/// Ids in the order of their numbers, apart from those that the product makes.
fn id<K: Kind>(n: usize) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(n as u128 + 1))
}

/// The id of the n-th conversation.
pub(crate) fn conversation(n: usize) -> ConversationId {
    id(n)
}

#[derive(Clone)]
struct Place {
    scope: Scope,
    channel: ChannelId,
    now: Timestamp,
}

/// Fills the one business of a database, which nobody else has open, and waits until all is indexed.
pub(crate) async fn fill(database: &str, count: usize, now: Timestamp) -> Result<()> {
    let db = crate::scene::open(database).await?;
    let place = find(&db, now).await?;
    let conversations = (count / EACH).max(1);
    for first in (0..conversations).step_by(BATCH) {
        people(&db, &place, first, (first + BATCH).min(conversations)).await?;
    }
    let mut running = JoinSet::new();
    for first in (0..count).step_by(BATCH) {
        if running.len() >= 6 {
            running.join_next().await.context("a task")???;
        }
        let (db, place) = (db.clone(), place.clone());
        running.spawn(async move { talk(&db, &place, first, (first + BATCH).min(count), conversations, count).await });
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    loop {
        let s = place.scope.clone();
        if !db.write(&place.scope, work!(tx => search::chunks::build(tx, &s, search::chunks::SIZE).await)).await? {
            break;
        }
    }
    db.write(&Server, work!(tx => yardstick::analyze(tx, &Server).await)).await?;
    db.close().await;
    Ok(())
}

/// The business and its channel, as the product made them of its settings.
async fn find(db: &Db, now: Timestamp) -> Result<Place> {
    let tenant = db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
    let scope = Scope::of(tenant.first().context("there is no business")?.id.clone());
    let s = scope.clone();
    let lines = db.read(&scope, work!(tx => channels::list(tx, &s).await)).await?;
    let channel = lines.iter().find(|line| line.account == crate::product::ACCOUNT).context("there is no channel")?.id.clone();
    Ok(Place { scope, channel, now })
}

async fn people(db: &Db, place: &Place, first: usize, last: usize) -> Result<()> {
    let p = place.clone();
    db.write(
        &place.scope,
        work!(tx => {
            for n in first..last {
                let now = Timestamp(p.now.0 - (n as i64) * 60_000);
                let address = Address { kind: AddressKind::Phone, value: format!("57320{n:07}") };
                let name = format!("{} {}", word(n * 7), word(n * 13));
                let contact = Contact {
                    id: id(n), name: Some(name), facts: BTreeMap::new(), language: None, note: None, created_at: now, updated_at: now,
                };
                contacts::insert(tx, &p.scope, &contact).await?;
                contacts::add_address(tx, &p.scope, &contact.id, &address, now).await?;
                conversations::open(tx, &p.scope, &id(n), &p.channel, &contact.id, &address, now).await?;
                match n % 20 {
                    0 => drop(conversations::set_mode(tx, &p.scope, &id(n), Mode::Human, "bench").await?),
                    1 => drop(conversations::set_mode(tx, &p.scope, &id(n), Mode::Closed, "bench").await?),
                    2 => drop(threads::set_unread(tx, &p.scope, &id(n), true).await?),
                    _ => {}
                }
            }
            Ok(())
        }),
    )
    .await?;
    Ok(())
}

async fn talk(db: &Db, place: &Place, first: usize, last: usize, conversations: usize, count: usize) -> Result<()> {
    let p = place.clone();
    db.write(
        &place.scope,
        work!(tx => {
            for n in first..last {
                let (direction, author) = if n % 2 == 0 { (Direction::In, Author::Contact) } else { (Direction::Out, Author::Bot) };
                let message = Message {
                    id: id(n),
                    conversation: id(n % conversations),
                    direction,
                    author,
                    parts: vec![Part::Text { text: sentence(n) }],
                    vendor_id: None,
                    quotes: None,
                    delivery: None,
                    failure: None,
                    turn: None,
                    at: Timestamp(p.now.0 - APART * (count - n) as i64),
                };
                messages::insert(tx, &p.scope, &message).await?;
            }
            Ok(())
        }),
    )
    .await?;
    Ok(())
}

/// Ten words, a few of them frequent, most of them rare: as people write. Every sentence also holds one word of its own.
fn sentence(n: usize) -> String {
    const COMMON: &[&str] =
        &["hola", "gracias", "cita", "mañana", "para", "quiero", "una", "corte", "tarde", "puede", "favor", "buenas"];
    let mut random = n as u64;
    let mut words = Vec::with_capacity(10);
    for _ in 0..4 {
        random = mixed(random);
        words.push(COMMON[random as usize % COMMON.len()].to_owned());
    }
    for _ in 0..5 {
        random = mixed(random);
        // Smaller numbers are more frequent.
        let share = (random % 10_000) as f64 / 10_000.0;
        words.push(word((share.powi(3) * 30_000.0) as usize));
    }
    words.push(format!("n{n}"));
    words.join(" ")
}

/// The n-th of very many words.
pub(crate) fn word(n: usize) -> String {
    const SYLLABLES: &[&str] =
        &["ba", "ce", "di", "fo", "gu", "ha", "je", "li", "mo", "nu", "pa", "que", "ri", "so", "tu", "va", "ye", "zi"];
    let mut n = n + SYLLABLES.len();
    let mut word = String::new();
    while n > 0 {
        word.push_str(SYLLABLES[n % SYLLABLES.len()]);
        n /= SYLLABLES.len();
    }
    word
}

/// SplitMix64.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_gives_the_same_words_and_each_sentence_one_of_its_own() {
        assert_eq!(sentence(7), sentence(7));
        assert!(sentence(7).ends_with(" n7") && sentence(7) != sentence(8));
        let words: std::collections::BTreeSet<_> = (0..5000).map(word).collect();
        assert_eq!(words.len(), 5000);
    }
}
