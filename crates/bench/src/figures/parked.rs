//! Turns that wait for somebody's word: they are rows, and take nothing of the process.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::time::sleep;

use crate::{
    Bench, Engine, http,
    scene::Setup,
    table::{Goal, Table},
};

/// What was written last is in the search by then: that is the price of messages, not of waiting.
const SETTLED: Duration = Duration::from_secs(15);

pub(crate) async fn measure(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    if engine == Engine::Postgres {
        // The process is the same; the rows are the database's.
        return Ok(());
    }
    let (many, look) = if bench.options.quick { (2_000, 10) } else { (50_000, 30) };
    let look = Duration::from_secs(look);
    let mut scene = bench.open(engine, "parked", Setup::default()).await?;
    let key = scene.node().key()?;
    let rules = json!({ "items": [{ "action": "schedule_appointment", "level": "approval" }] });
    http::change(scene.node().port, "PUT", "/api/v1/policies", &key, &rules).await?;
    // As a process that has just started, once with nothing and once with everything to wait for.
    scene.nodes[0].stop().await?;
    scene.nodes[0].start().await?;
    sleep(Duration::from_secs(2)).await;
    let empty = scene.node().resident_mb();
    scene.turns(many, 1, Duration::from_millis(2)).await?;
    let (status, page) = http::get(scene.node().port, "/api/v1/approvals?limit=1", Some(&key)).await?;
    anyhow::ensure!(status == 200 && page.len() > 100, "nothing waits: {}", String::from_utf8_lossy(&page));
    scene.nodes[0].stop().await?;
    scene.nodes[0].start().await?;
    sleep(SETTLED).await;
    let before = scene.cpu_ms();
    sleep(look).await;
    let share = (scene.cpu_ms() - before) / look.as_secs_f64() / 10.0;
    let each = (scene.node().resident_mb() - empty) * 1024.0 / many as f64;
    table.add("P5", format!("memory of each of {many} turns that wait for approval"), "kB", vec![each], Goal::AtMost(1.0));
    table.add("P5", format!("CPU while {many} turns wait for approval"), "% of a core", vec![share], Goal::AtMost(0.3));
    Ok(())
}
