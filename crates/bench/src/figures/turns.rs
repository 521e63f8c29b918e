//! A turn is a message, a model call, a tool, a model call, a reply and its three statuses. What it costs, how many there are in a second, and
//! how much of its time is the product's own.

use std::time::Duration;

use anyhow::Result;

use crate::{
    Bench, Engine, machine,
    scene::{Scene, Setup},
    table::{Goal, Table, percentile},
};

/// Customers who write at the same time at saturation.
const CROWD: usize = 128;

struct Goals {
    cpu_ms: f64,
    per_s: f64,
    own_ms: Option<(f64, f64)>,
}

fn goals(engine: Engine) -> Goals {
    match engine {
        Engine::Sqlite => Goals { cpu_ms: 0.7, per_s: 800.0, own_ms: Some((25.0, 60.0)) },
        Engine::Postgres => Goals { cpu_ms: 0.8, per_s: 400.0, own_ms: None },
    }
}

pub(crate) async fn measure(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    let (on, goals) = (engine.name(), goals(engine));
    let mut scene = bench.open(engine, "turns", Setup::default()).await?;
    scene.turns(CROWD, 4, Duration::ZERO).await?;
    scene.settle(engine).await?;

    let (mut full, mut rate, mut database) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.rounds() {
        let each = if bench.options.quick { 6 } else { 12 };
        let (cpu, server) = (scene.cpu_ms(), machine::postgres_cpu_ms());
        let (took, answered) = scene.turns(CROWD, each, Duration::ZERO).await?;
        full.push((scene.cpu_ms() - cpu) / answered.len() as f64);
        database.push((machine::postgres_cpu_ms() - server) / answered.len() as f64);
        rate.push(answered.len() as f64 / took.as_secs_f64());
    }
    table.add("P1", format!("CPU of a turn with a tool, at saturation, {on}"), "ms", full, Goal::AtMost(goals.cpu_ms));
    if engine == Engine::Postgres {
        table.add("P1", "  and of the database server", "ms", database, Goal::AtMost(0.9));
    }
    table.add("P2", format!("turns with a tool, {CROWD} customers, {on}"), "per s", rate, Goal::AtLeast(goals.per_s));

    let mut paced = Vec::new();
    for _ in 0..bench.rounds() {
        let cpu = scene.cpu_ms();
        // Forty in a second, each from somebody new.
        let (_, answered) = scene.turns(if bench.options.quick { 80 } else { 160 }, 1, Duration::from_millis(25)).await?;
        paced.push((scene.cpu_ms() - cpu) / answered.len() as f64);
    }
    table.note(format!("CPU of a turn with a tool, 40 per s, {on}"), "ms", paced);
    own_time(bench, &mut scene, table, on, goals.own_ms).await
}

/// One customer at a time: from the webhook to the request that sends the answer. Model and vendor answer at once.
async fn own_time(bench: &Bench<'_>, scene: &mut Scene, table: &mut Table, on: &str, goals: Option<(f64, f64)>) -> Result<()> {
    let (mut middle, mut worst) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds() {
        let (_, mut took) = scene.turns(1, if bench.options.quick { 40 } else { 100 }, Duration::ZERO).await?;
        middle.push(percentile(&mut took, 0.5));
        worst.push(percentile(&mut took, 0.99));
    }
    let goal = |which: fn((f64, f64)) -> f64| goals.map_or(Goal::None, |goals| Goal::AtMost(which(goals)));
    table.add(
        if goals.is_some() { "P4" } else { "" },
        format!("own time of a turn, half of them within, {on}"),
        "ms",
        middle,
        goal(|g| g.0),
    );
    table.add(
        if goals.is_some() { "P4" } else { "" },
        format!("own time of a turn, 99 of 100 within, {on}"),
        "ms",
        worst,
        goal(|g| g.1),
    );
    Ok(())
}
