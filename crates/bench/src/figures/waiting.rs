//! Conversations that wait for a slow model: what each takes, and how soon a webhook is acknowledged meanwhile.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::{task::JoinSet, time::sleep_until};

use super::limits;
use crate::{
    Bench, Engine,
    scene::Setup,
    table::{Goal, Table, median, percentile},
};

/// Longer than the measurement: nobody is answered, everybody waits.
const MODEL: Duration = Duration::from_secs(600);
const PER_SECOND: u32 = 200;

pub(crate) async fn measure(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    if engine == Engine::Postgres {
        // Who waits takes nothing of the database.
        return Ok(());
    }
    let crowds: &[(usize, f64)] = if bench.options.quick { &[(1_000, 50.0)] } else { &[(1_000, 50.0), (10_000, 250.0)] };
    for (crowd, most_mb) in crowds {
        let setup = Setup { model: MODEL, settings: &[("FRONTDESK_TURNS__CONCURRENCY", "20000")], ..Setup::default() };
        let mut scene = bench.open(engine, &format!("waiting_{crowd}"), setup).await?;
        let idle = scene.node().resident_mb();
        let (began, mut writing) = (Instant::now(), JoinSet::new());
        for n in 0..*crowd {
            let ack = scene.stranger("Hola, ¿a qué hora abren mañana?");
            let due = began + Duration::from_secs(1) * u32::try_from(n)? / PER_SECOND;
            writing.spawn(async move {
                sleep_until(due.into()).await;
                ack.await
            });
        }
        let mut acks = Vec::new();
        while let Some(written) = writing.join_next().await {
            acks.push(written??);
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let more = scene.node().resident_mb() - idle;
        let each = more * 1024.0 / *crowd as f64;
        table.add(
            "P5",
            format!("memory of {crowd} conversations that wait for a model"),
            "MB",
            vec![more],
            Goal::AtMost(*most_mb),
        );
        table.note("  of each", "kB", vec![each]);
        let syncs: Vec<f64> = (0..3).map(|_| limits::sync_ms(&bench.options.folder)).collect::<Result<_>>()?;
        let p99 = percentile(&mut acks, 0.99);
        table.note(format!("acknowledged at {PER_SECOND}/s meanwhile: half within"), "ms", vec![percentile(&mut acks, 0.5)]);
        table.add("P3", "  99 of 100 within", "ms", vec![p99], Goal::AtMost(50.0));
        table.note("  of which the disk takes for two syncs", "ms", vec![2.0 * median(&syncs)]);
    }
    Ok(())
}
