//! Webhooks acknowledged: verified, read, known or new, durable. Beside a server that only verifies and one that only stores.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use tokio::task::JoinSet;

use crate::{
    Bench, Engine,
    customers::{Meta, Webhook},
    http::Connection,
    peers::{Peer, Running},
    scene::Setup,
    table::{Goal, Table, median, percentile},
};

const CONNECTIONS: usize = 64;
/// Nobody is answered: an acknowledgement alone is measured.
const SILENT: &[(&str, &str)] = &[("FRONTDESK_AGENT__AUTOREPLY", "false")];

#[derive(Default)]
struct Figures {
    rate: Vec<f64>,
    cpu_us: Vec<f64>,
    p99_ms: Vec<f64>,
}

pub(crate) async fn measure(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    let on = engine.name();
    let scene = bench.open(engine, "acks", Setup { settings: SILENT, ..Setup::default() }).await?;
    let bare = Running::start(&bench.options.program, Peer::Bare, "").await?;
    let database = bench.database(engine, "acks_peer").await?;
    let durable = Running::start(&bench.options.program, Peer::Durable, &database).await?;
    let (mut ours, mut stored, mut checked) = (Figures::default(), Figures::default(), Figures::default());
    let many = if bench.options.quick { 3_000 } else { 12_000 };
    // Interleaved, so that whatever else the machine does happens to all three. The first round warms up.
    for round in 0..=bench.rounds() {
        for (port, cpu, figures) in [
            (bare.port, &(|| bare.cpu_ms()) as &(dyn Fn() -> f64 + Sync), &mut checked),
            (durable.port, &|| durable.cpu_ms(), &mut stored),
            (scene.node().port, &|| scene.cpu_ms(), &mut ours),
        ] {
            let webhooks = webhooks(&scene.meta, round, many);
            let before = cpu();
            let (took, mut acks) = post_all(port, webhooks).await?;
            if round == 0 {
                scene.settle(engine).await?;
            } else {
                figures.rate.push(many as f64 / took.as_secs_f64());
                figures.cpu_us.push((cpu() - before) * 1000.0 / many as f64);
                figures.p99_ms.push(percentile(&mut acks, 0.99));
            }
        }
    }
    let share = |of: &Figures| {
        let pairs = ours.rate.iter().zip(&of.rate);
        pairs.map(|(ours, theirs)| ours / theirs * 100.0).collect::<Vec<_>>()
    };
    let (of_durable, of_bare) = (share(&stored), share(&checked));
    table.note(format!("limit: webhooks verified and nothing else, {CONNECTIONS} connections"), "per s", checked.rate);
    table.note(format!("limit: verified and one row stored, {on}"), "per s", stored.rate);
    table.note(format!("webhooks acknowledged, {on}"), "per s", ours.rate);
    table.add("P3", format!("  of the server that stores one row, {on}"), "%", of_durable, Goal::AtLeast(60.0));
    table.add("P3", format!("  of the server that only verifies, {on}"), "%", of_bare, Goal::AtLeast(15.0));
    table.note(format!("CPU of an acknowledgement, {on}"), "µs", ours.cpu_us);
    table.note("  of the server that stores one row", "µs", stored.cpu_us);
    table.note("  of the server that only verifies", "µs", checked.cpu_us);
    table.note(format!("acknowledged at full speed: 99 of 100 within, {on}"), "ms", vec![median(&ours.p99_ms)]);
    Ok(())
}

/// Signed before the clock starts: of messages that no server has seen.
fn webhooks(meta: &Meta, round: usize, many: usize) -> Vec<Webhook> {
    let message = |n: usize| {
        let (from, id) = (format!("57310{:07}", n % 5000), format!("wamid.bench.ack.{round}.{n}"));
        Webhook::signed(&meta.message(&from, &id, "Hola, ¿a qué hora abren mañana?"))
    };
    (0..many).map(message).collect()
}

async fn post_all(port: u16, webhooks: Vec<Webhook>) -> Result<(Duration, Vec<Duration>)> {
    let (webhooks, next) = (Arc::new(webhooks), Arc::new(AtomicUsize::new(0)));
    let mut connections = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(port).await?);
    }
    let began = Instant::now();
    let mut posting = JoinSet::new();
    for mut connection in connections {
        let (webhooks, next) = (webhooks.clone(), next.clone());
        posting.spawn(async move {
            let mut acks = Vec::new();
            while let Some(webhook) = webhooks.get(next.fetch_add(1, Ordering::Relaxed)) {
                let asked = Instant::now();
                let (status, _) = connection.send(webhook.request()?).await?;
                if status != 200 {
                    bail!("a webhook was answered with {status}");
                }
                acks.push(asked.elapsed());
            }
            Ok(acks)
        });
    }
    let mut acks = Vec::with_capacity(webhooks.len());
    while let Some(posted) = posting.join_next().await {
        acks.extend(posted??);
    }
    Ok((began.elapsed(), acks))
}
