//! Two nodes on one PostgreSQL, beside one, at the same number of customers.

use std::time::Duration;

use anyhow::Result;

use crate::{
    Bench, Engine, machine,
    scene::Setup,
    table::{Goal, Table, median},
};

const CROWD: usize = 128;

pub(crate) async fn measure(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    if engine == Engine::Sqlite {
        return Ok(());
    }
    let each = if bench.options.quick { 4 } else { 10 };
    let mut one = bench.open(engine, "one_node", Setup::default()).await?;
    let mut two = bench.open(engine, "two_nodes", Setup { nodes: 2, ..Setup::default() }).await?;
    let (mut alone, mut together, mut server, mut busy) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..=bench.rounds() {
        let (took, answered) = one.turns(CROWD, each, Duration::ZERO).await?;
        let (cpu, database) = (two.cpu_ms(), machine::postgres_cpu_ms());
        let (took_two, answered_two) = two.turns(CROWD, each, Duration::ZERO).await?;
        if round > 0 {
            alone.push(answered.len() as f64 / took.as_secs_f64());
            together.push(answered_two.len() as f64 / took_two.as_secs_f64());
            server.push((machine::postgres_cpu_ms() - database) / took_two.as_secs_f64() / 10.0);
            busy.push((two.cpu_ms() - cpu) / took_two.as_secs_f64() / 10.0);
        }
    }
    alone.sort_by(f64::total_cmp);
    let ratio = together.iter().map(|rate| rate / median(&alone)).collect();
    table.note("turns of one node", "per s", alone);
    table.note("turns of two nodes", "per s", together);
    table.add("P11", "  of one node's (all on this one machine)", "×", ratio, Goal::AtLeast(1.7));
    table.note("  CPU of the database server meanwhile", "% of a core", server);
    table.note("  CPU of the two nodes meanwhile", "% of a core", busy);
    Ok(())
}
