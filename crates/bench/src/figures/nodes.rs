//! Two nodes on one PostgreSQL, beside one, at the same number of customers.

use std::time::Duration;

use anyhow::Result;

use crate::{
    Bench, Engine, machine,
    scene::{Scene, Setup},
    table::{Goal, Table, median},
};

const CROWD: usize = 128;
/// With so much of a core for each node, two of them do not use up a small machine, nor its PostgreSQL.
const SHARE: f64 = 0.2;

pub(crate) async fn measure(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    if engine == Engine::Sqlite {
        return Ok(());
    }
    let free = Pair::open(bench, engine, "free").await?.measure(bench).await?;
    let mut held = Pair::open(bench, engine, "held").await?;
    let nodes = held.one.nodes.iter_mut().chain(&mut held.two.nodes);
    let apart = nodes.map(|node| node.hold_to(SHARE)).collect::<std::io::Result<Vec<()>>>();
    match apart {
        Ok(_) => {
            free.tell("all on the cores of this machine", Goal::None, table);
            let how = format!("each with {} % of a core", SHARE * 100.0);
            held.measure(bench).await?.tell(&how, Goal::AtLeast(1.7), table);
        }
        Err(e) => free.tell(&format!("sharing the cores of this machine ({e})"), Goal::AtLeast(1.7), table),
    }
    Ok(())
}

/// One node, and two, each on a database of their own.
struct Pair {
    one: Scene,
    two: Scene,
}

/// By round: turns per second of one node and of two, CPU of the database server and of the two nodes in percent of a core.
struct Rates {
    alone: Vec<f64>,
    together: Vec<f64>,
    server: Vec<f64>,
    busy: Vec<f64>,
}

impl Pair {
    async fn open(bench: &Bench<'_>, engine: Engine, name: &str) -> Result<Pair> {
        let one = bench.open(engine, &format!("one_node_{name}"), Setup::default()).await?;
        let two = bench.open(engine, &format!("two_nodes_{name}"), Setup { nodes: 2, ..Setup::default() }).await?;
        Ok(Pair { one, two })
    }

    async fn measure(mut self, bench: &Bench<'_>) -> Result<Rates> {
        let each = if bench.options.quick { 4 } else { 10 };
        let mut rates = Rates { alone: Vec::new(), together: Vec::new(), server: Vec::new(), busy: Vec::new() };
        for round in 0..=bench.rounds() {
            let (took, answered) = self.one.turns(CROWD, each, Duration::ZERO).await?;
            let (cpu, database) = (self.two.cpu_ms(), machine::postgres_cpu_ms());
            let (took_two, answered_two) = self.two.turns(CROWD, each, Duration::ZERO).await?;
            if round > 0 {
                rates.alone.push(answered.len() as f64 / took.as_secs_f64());
                rates.together.push(answered_two.len() as f64 / took_two.as_secs_f64());
                rates.server.push((machine::postgres_cpu_ms() - database) / took_two.as_secs_f64() / 10.0);
                rates.busy.push((self.two.cpu_ms() - cpu) / took_two.as_secs_f64() / 10.0);
            }
        }
        Ok(rates)
    }
}

impl Rates {
    fn tell(mut self, how: &str, goal: Goal, table: &mut Table) {
        self.alone.sort_by(f64::total_cmp);
        let ratio = self.together.iter().map(|rate| rate / median(&self.alone)).collect();
        table.note(format!("turns of one node, {how}"), "per s", self.alone);
        table.note(format!("turns of two nodes, {how}"), "per s", self.together);
        table.add(if goal == Goal::None { "" } else { "P11" }, "  of one node's", "×", ratio, goal);
        table.note("  CPU of the database server meanwhile", "% of a core", self.server);
        table.note("  CPU of the two nodes meanwhile", "% of a core", self.busy);
    }
}
