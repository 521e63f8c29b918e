//! The program itself: how large it is, how soon it is ready, and what it takes when nothing happens.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use frontdesk_kernel::scope::Server;
use frontdesk_store::{work, yardstick};

use super::limits;
use crate::{
    Bench, Engine, machine,
    scene::{self, Setup},
    table::{Goal, Table},
};

pub(crate) async fn measure(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    let on = engine.name();
    if engine == Engine::Sqlite {
        let size = machine::size_mb(&bench.options.program)?;
        table.add("P6", "size of the program", "MB", vec![size], Goal::AtMost(60.0));
        let rounds = (0..bench.rounds()).map(|_| limits::sync_ms(&bench.options.folder)).collect::<Result<_>>()?;
        table.note("limit: the disk makes 4 KiB safe in", "ms", rounds);
    } else {
        let database = bench.database(engine, "limit").await?;
        let mut rounds = Vec::new();
        for _ in 0..bench.rounds() {
            rounds.push(limits::commits(&database).await?);
        }
        table.note("limit: commits of one row, 16 at once, PostgreSQL", "per s", rounds);
    }
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for round in 0..bench.rounds() {
        let mut scene = bench.open(engine, &format!("start_{round}"), Setup::default()).await?;
        scene.nodes[0].stop().await?;
        again.push(millis(scene.nodes[0].start().await?));
        let database = bench.database(engine, &format!("first_{round}")).await?;
        let folder = bench.folder(engine, &format!("first_{round}"))?;
        let mut node = crate::product::Product::new(&bench.options.program, &scene.vendors, &database, &folder)?;
        first.push(millis(node.start().await?));
    }
    table.note(format!("first start to ready, empty database, {on}"), "ms", first);
    table.add("P6", format!("start to ready, {on}"), "ms", again, Goal::AtMost(300.0));
    idle(bench, engine, table).await
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

async fn idle(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    let on = engine.name();
    let long = Duration::from_secs(if bench.options.quick { 10 } else { 30 });
    let scene = bench.open(engine, "idle", Setup::default()).await?;
    // What a start does afterwards is over by then.
    sleep(Duration::from_secs(3)).await;
    let (busy, asked) = (scene.cpu_ms(), transactions(&scene.database, engine).await?);
    sleep(long).await;
    let share = (scene.cpu_ms() - busy) / millis(long) * 100.0;
    table.add("P6", format!("memory of an idle process, {on}"), "MB", vec![scene.node().resident_mb()], Goal::AtMost(40.0));
    table.add("P6", format!("CPU of an idle process, {on}"), "% of a core", vec![share], Goal::AtMost(0.3));
    if let (Some(before), Some(after)) = (asked, transactions(&scene.database, engine).await?) {
        let rate = (after - before) as f64 / long.as_secs_f64();
        table.add("P6", "transactions of an idle process, PostgreSQL", "per s", vec![rate], Goal::AtMost(5.0));
    }
    Ok(())
}

/// So many have ended in this database so far; SQLite counts none.
async fn transactions(database: &str, engine: Engine) -> Result<Option<i64>> {
    if engine == Engine::Sqlite {
        // Its one process has it open.
        return Ok(None);
    }
    let db = scene::open(database).await?;
    let count = db.read(&Server, work!(tx => yardstick::transactions(tx, &Server).await)).await?;
    db.close().await;
    Ok(count)
}
