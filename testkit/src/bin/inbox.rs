//! `inbox seed` fills a database with conversations and a million messages; `inbox measure` asks a running server for lists and searches, and
//! watches it with many streams. Both tell what they found as one line of JSON.
#![expect(clippy::print_stdout, reason = "the line is what the caller reads")]

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use frontdesk_kernel::{
    Id, Scope, Timestamp,
    contact::{AddressKind, Contact},
    conversation::Mode,
    ids::*,
    message::{Author, Direction, Message, Part},
    ports::channel::Address,
    profile::Profile,
    scope::Server,
    tenant::{Tenant, TenantSettings},
};
use frontdesk_store::{
    Db, Options, channels, channels::Channel, contacts, conversations, messages, migrate, people, people::Key, search, tenants,
    threads, work,
};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

/// Where the clock stands: the end of 2026.
const NOW: i64 = 1_798_000_000_000;
/// Between two messages.
const APART: i64 = 20_000;
const EACH: usize = 50;
const BATCH: usize = 1000;
const KEY: &str = "fd_0000000000000000000000000000000000000000000";
const CHANNEL: &str = "chn_bench";
/// Below the rate that the server allows one key.
const PACE: Duration = Duration::from_millis(25);

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut given = BTreeMap::new();
    for pair in arguments.get(1..).unwrap_or_default().chunks(2) {
        let [name, value] = pair else { bail!("each option has a value: {pair:?}") };
        given.insert(name.trim_start_matches('-').to_owned(), value.clone());
    }
    let wanted = |name: &str| given.get(name).cloned().with_context(|| format!("--{name} is missing"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.first().map(String::as_str) {
        Some("seed") => runtime.block_on(seed(&wanted("database")?, wanted("messages")?.parse()?)),
        Some("measure") => runtime.block_on(measure(&wanted("url")?, wanted("pid")?.parse()?, wanted("rounds")?.parse()?)),
        _ => bail!("inbox seed --database URL --messages N | inbox measure --url URL --pid N --rounds N"),
    }
}

/// Ids in the order of their numbers.
fn id<K: Kind>(n: usize) -> Id<K> {
    Id::from_uuid(Uuid::from_u128(n as u128 + 1))
}

fn scope() -> Scope {
    Scope::of(id(0))
}

async fn seed(database: &str, count: usize) -> Result<()> {
    let db = Db::open(&Options { url: database.to_owned(), pool_size: 6, prepared_statements: true }).await?;
    migrate::run(&db, Timestamp(NOW)).await?;
    let began = Instant::now();
    business(&db).await?;
    let conversations = count / EACH;
    for first in (0..conversations).step_by(BATCH) {
        people_of(&db, first, (first + BATCH).min(conversations)).await?;
    }
    let mut running = JoinSet::new();
    for first in (0..count).step_by(BATCH) {
        if running.len() >= 6 {
            running.join_next().await.context("a task")???;
        }
        let db = db.clone();
        running.spawn(async move { talk(&db, first, (first + BATCH).min(count), conversations).await });
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    let stored = began.elapsed();
    let began = Instant::now();
    let s = scope();
    loop {
        let s = s.clone();
        if !db.write(&scope(), work!(tx => search::chunks::build(tx, &s, search::chunks::SIZE).await)).await? {
            break;
        }
    }
    let told = json!({"stored_s": stored.as_secs_f64(), "indexed_s": began.elapsed().as_secs_f64(), "key": KEY});
    db.close().await;
    println!("{told}");
    Ok(())
}

async fn business(db: &Db) -> Result<()> {
    let tenant = Tenant {
        id: id(0),
        name: "Bench".into(),
        business_type: "salon".into(),
        time_zone: "America/Bogota".into(),
        language: "es-CO".into(),
        currency: "COP".into(),
        profile: Profile::default(),
        settings: TenantSettings::default(),
        active: true,
        created_at: Timestamp(NOW),
        updated_at: Timestamp(NOW),
    };
    let channel = Channel {
        id: Id::parse(CHANNEL)?,
        tenant: id(0),
        kind: "api".into(),
        account: "bench".into(),
        name: "Front door".into(),
        settings: serde_json::Map::new(),
        secrets: BTreeMap::new(),
        agent: None,
        location: None,
        mock: true,
        active: true,
        paused_reason: None,
        last_error: None,
        last_error_at: None,
        last_echo_at: None,
        webhook_problem_at: None,
        verified_at: None,
        webhook_at: None,
        webhook_problem: None,
        created_at: Timestamp(NOW),
        updated_at: Timestamp(NOW),
    };
    let key = Key {
        id: id(0),
        tenant: id(0),
        name: "bench".into(),
        prefix: KEY[..8].into(),
        hash: frontdesk_web::hash_key(KEY),
        scopes: vec!["*".into()],
        created_at: Timestamp(NOW),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    };
    db.write(
        &Server,
        work!(tx => {
            let s = scope();
            tenants::insert(tx, &s, &tenant).await?;
            channels::insert(tx, &s, &channel).await?;
            people::insert_key(tx, &s, &key).await
        }),
    )
    .await?;
    Ok(())
}

async fn people_of(db: &Db, first: usize, last: usize) -> Result<()> {
    db.write(
        &scope(),
        work!(tx => {
            let s = scope();
            for n in first..last {
                let now = Timestamp(NOW - (n as i64) * 60_000);
                let address = Address { kind: AddressKind::Phone, value: format!("57300{n:07}") };
                let contact = Contact { id: id(n), name: Some(format!("{} {}", word(n * 7), word(n * 13))), created_at: now, updated_at: now, ..nobody() };
                contacts::insert(tx, &s, &contact).await?;
                contacts::add_address(tx, &s, &contact.id, &address, now).await?;
                conversations::open(tx, &s, &id(n), &channel(), &contact.id, &address, now).await?;
                match n % 20 {
                    0 => drop(conversations::set_mode(tx, &s, &id(n), Mode::Human, "bench").await?),
                    1 => drop(conversations::set_mode(tx, &s, &id(n), Mode::Closed, "bench").await?),
                    2 => drop(threads::set_unread(tx, &s, &id(n), true).await?),
                    _ => {}
                }
            }
            Ok(())
        }),
    )
    .await?;
    Ok(())
}

fn nobody() -> Contact {
    Contact {
        id: id(0),
        name: None,
        facts: BTreeMap::new(),
        language: None,
        note: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

fn channel() -> ChannelId {
    Id::parse(CHANNEL).unwrap_or_else(|_| id(0))
}

async fn talk(db: &Db, first: usize, last: usize, conversations: usize) -> Result<()> {
    db.write(
        &scope(),
        work!(tx => {
            let s = scope();
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
                    at: Timestamp(NOW - APART * (1_000_000 - n as i64)),
                };
                messages::insert(tx, &s, &message, None, None).await?;
            }
            Ok(())
        }),
    )
    .await?;
    Ok(())
}

/// Nine words, a few of them frequent, most of them rare: as people write. Every sentence also holds one word of its own.
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

fn word(n: usize) -> String {
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

async fn measure(url: &str, pid: u32, rounds: usize) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "a program of its own, no part of the server")]
    let client = reqwest::Client::builder().no_proxy().build()?;
    let ask = async |path: String| -> Result<(f64, serde_json::Value)> {
        tokio::time::sleep(PACE).await;
        let began = Instant::now();
        let answer = client.get(format!("{url}/api/v1{path}")).bearer_auth(KEY).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        let millis = began.elapsed().as_secs_f64() * 1000.0;
        if !status.is_success() {
            bail!("{path}: {status} {text}");
        }
        Ok((millis, serde_json::from_str(&text)?))
    };
    type Address = fn(usize) -> String;
    let kinds: &[(&str, Address)] = &[
        ("list", |_| "/conversations".to_owned()),
        ("list, waiting", |_| "/conversations?state=waiting".to_owned()),
        ("list, human", |_| "/conversations?state=human".to_owned()),
        ("list, unread", |_| "/conversations?unread=true&snoozed=false".to_owned()),
        ("thread", |n| format!("/conversations/{}/messages", id::<OfConversation>(n * 17 % 1000))),
        ("search, a frequent word", |n| format!("/search/messages?q={}%20", ["hola", "cita", "manana", "corte"][n % 4])),
        ("search, a word in between", |n| format!("/search/messages?q={}%20", word(4000 + n * 97))),
        ("search, a word that stands once", |n| format!("/search/messages?q=n{}%20", 1000 + n * 7919 % 900_000)),
        ("search, a word that stands nowhere", |n| format!("/search/messages?q=nirgends{n}%20")),
        ("search, two words", |n| format!("/search/messages?q=hola%20{}%20", word(1000 + n * 31))),
        ("search, a phrase", |n| format!("/search/messages?q=%22quiero%20una%22%20{}", word(n * 3))),
        ("search, two letters", |n| format!("/search/messages?q={}", ["ba", "ce", "gu", "zi"][n % 4])),
        ("search, the beginning of a word", |n| {
            let word = word(n * 11);
            format!("/search/messages?q={}", &word[..word.len().min(3 + n % 4)])
        }),
    ];
    let mut figures = serde_json::Map::new();
    for (name, path) in kinds {
        ask(path(0)).await?;
        let mut samples = Vec::with_capacity(rounds);
        for n in 0..rounds {
            samples.push(ask(path(n)).await?.0);
        }
        samples.sort_by(f64::total_cmp);
        let at = |share: f64| samples[((samples.len() - 1) as f64 * share).round() as usize];
        figures.insert((*name).to_owned(), json!({"p50": at(0.5), "p95": at(0.95)}));
    }
    let before = resident_kb(pid)?;
    let mut streams = Vec::new();
    for _ in 0..200 {
        tokio::time::sleep(PACE).await;
        let stream = client.get(format!("{url}/api/v1/events")).bearer_auth(KEY).send().await?;
        if !stream.status().is_success() {
            bail!("no stream: {}", stream.status());
        }
        streams.push(stream);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = resident_kb(pid)?;
    let told = json!({"figures": figures, "streams": streams.len(), "streams_mb": (after as f64 - before as f64) / 1024.0});
    println!("{told}");
    Ok(())
}

fn resident_kb(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    line.split_whitespace().nth(1).context("no number")?.parse().context("no number")
}
