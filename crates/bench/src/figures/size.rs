//! The same business with few messages stored and with many: what its people ask for, and what a turn costs, must not grow with them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::{
    Bench, Engine, http,
    scene::{Scene, Setup},
    seed,
    table::{Goal, Table, percentile},
};

/// Below the rate that the server allows one key.
const PACE: Duration = Duration::from_millis(25);
/// Below this a page is there at once.
const AT_ONCE_MS: f64 = 100.0;

type Address = fn(usize) -> String;

/// What is asked, and with which words; `n` differs from one asking to the next.
const ASKED: &[(&str, Address)] = &[
    ("the inbox", |_| "/conversations".to_owned()),
    ("the inbox, waiting", |_| "/conversations?state=waiting".to_owned()),
    ("the inbox, unread", |_| "/conversations?unread=true&snoozed=false".to_owned()),
    ("a thread", |n| format!("/conversations/{}/messages", seed::conversation(n * 17 % 100))),
    ("search, a frequent word", |n| format!("/search/messages?q={}%20", ["hola", "cita", "manana", "corte"][n % 4])),
    ("search, a rare word", |n| format!("/search/messages?q={}%20", seed::word(4000 + n * 97))),
    ("search, a word that stands once", |n| format!("/search/messages?q=n{}%20", n * 79 % 9_000)),
    ("search, a phrase", |n| format!("/search/messages?q=%22quiero%20una%22%20{}", seed::word(n * 3))),
    ("search, the beginning of a word", |n| {
        let word = seed::word(n * 11);
        format!("/search/messages?q={}", &word[..word.len().min(3 + n % 4)])
    }),
];

struct Measured {
    messages: usize,
    p95_ms: Vec<f64>,
    cpu_ms: Vec<f64>,
}

pub(crate) async fn measure(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    let mut all = Vec::new();
    for messages in &bench.options.sizes {
        all.push(with(bench, engine, *messages).await?);
    }
    let on = engine.name();
    for measured in &all {
        let n = measured.messages;
        for ((what, _), p95) in ASKED.iter().zip(&measured.p95_ms) {
            table.add("P7", format!("{what}, {n} messages, {on}: 95 of 100 within"), "ms", vec![*p95], Goal::AtMost(AT_ONCE_MS));
        }
        table.note(format!("CPU of a turn, {n} messages, {on}"), "ms", measured.cpu_ms.clone());
    }
    if let [few, .., many] = &all[..] {
        let median = |samples: &[f64]| {
            let mut sorted = samples.to_vec();
            sorted.sort_by(f64::total_cmp);
            crate::table::median(&sorted)
        };
        let turn = median(&many.cpu_ms) / median(&few.cpu_ms);
        table.add("P7", format!("  of a turn with {}, {on}", few.messages), "×", vec![turn], Goal::AtMost(1.5));
        let worst = many.p95_ms.iter().zip(&few.p95_ms).map(|(many, few)| many / few).fold(0.0, f64::max);
        table.add(
            "P7",
            format!("the page that grew most from {} to {} messages, {on}", few.messages, many.messages),
            "×",
            vec![worst],
            Goal::AtMost(1.5),
        );
    }
    Ok(())
}

async fn with(bench: &Bench<'_>, engine: Engine, messages: usize) -> Result<Measured> {
    let mut scene = bench.open(engine, &format!("size_{messages}"), Setup::default()).await?;
    let key = scene.node().key()?;
    // The business is the one that the product made of its settings; it is filled while nobody works.
    scene.nodes[0].stop().await?;
    seed::fill(&scene.database, messages, bench.clock.now()).await?;
    scene.nodes[0].start().await?;
    let mut p95_ms = Vec::new();
    for (what, address) in ASKED {
        p95_ms.push(ask(bench, &scene, &key, *address).await.with_context(|| (*what).to_owned())?);
    }
    scene.turns(64, 2, Duration::ZERO).await?;
    let mut cpu_ms = Vec::new();
    for _ in 0..bench.rounds() {
        let before = scene.cpu_ms();
        let (_, answered) = scene.turns(64, 6, Duration::ZERO).await?;
        cpu_ms.push((scene.cpu_ms() - before) / answered.len() as f64);
    }
    Ok(Measured { messages, p95_ms, cpu_ms })
}

async fn ask(bench: &Bench<'_>, scene: &Scene, key: &str, address: Address) -> Result<f64> {
    let mut took = Vec::new();
    for n in 0..=if bench.options.quick { 40 } else { 100 } {
        tokio::time::sleep(PACE).await;
        let path = format!("/api/v1{}", address(n));
        let began = Instant::now();
        let (status, answer) = http::get(scene.node().port, &path, Some(key)).await?;
        if status != 200 {
            bail!("{path} was answered with {status}: {}", String::from_utf8_lossy(&answer));
        }
        // The first opens files and connections.
        if n > 0 {
            took.push(began.elapsed());
        }
    }
    Ok(percentile(&mut took, 0.95))
}
