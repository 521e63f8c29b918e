//! Instructions that the product executes for a turn: a figure that a busy machine does not change, for comparing one state of the code with
//! the next.

use std::{fs, process::Command, time::Duration};

use anyhow::{Context as _, Result, bail};

use crate::{Bench, Engine, scene::Setup, table::Table};

const WARM: usize = 10;

pub(crate) async fn measure(bench: &Bench<'_>, engine: Engine, table: &mut Table) -> Result<()> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        bail!("valgrind is not installed (Debian, Ubuntu: `apt-get install valgrind`)");
    }
    let turns = if bench.options.quick { 5 } else { 20 };
    let folder = bench.folder(engine, "instructions")?;
    let out = folder.join("counted");
    let file = format!("--callgrind-out-file={}", out.display());
    let under = ["valgrind", "--tool=callgrind", "--quiet", &file];
    let mut scene = bench.open(engine, "instructions", Setup { under: &under, ..Setup::default() }).await?;
    scene.turns(1, WARM, Duration::ZERO).await?;
    let process = scene.node().id();
    tell("-z", process)?;
    // One after the other: how turns share commits must not matter.
    scene.turns(1, turns, Duration::ZERO).await?;
    tell("-d", process)?;
    let dump = folder.join("counted.1");
    let text = fs::read_to_string(&dump).with_context(|| format!("nothing was counted in {}", dump.display()))?;
    let each = total(&text).context("the count cannot be read")? as f64 / turns as f64;
    table.note(format!("instructions of a turn with a tool, {}", engine.name()), "million", vec![each / 1e6]);
    Ok(())
}

fn tell(what: &str, process: u32) -> Result<()> {
    let told = Command::new("callgrind_control").arg(what).arg(process.to_string()).output().context("callgrind_control")?;
    if !told.status.success() {
        bail!("callgrind_control {what} failed: {}", String::from_utf8_lossy(&told.stderr));
    }
    Ok(())
}

/// Of a dump: the sum over all threads.
fn total(dump: &str) -> Option<u64> {
    let sums = dump.lines().filter_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    let numbers: Option<Vec<u64>> = sums.map(|sum| sum.trim().parse().ok()).collect();
    numbers.filter(|numbers| !numbers.is_empty())?.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_of_a_dump_is_read() {
        assert_eq!(total("version: 1\nevents: Ir\nsummary: 5\nfn=(1) a\ntotals: 1234\n"), Some(1234));
        assert_eq!([total("events: Ir\n"), total("totals: many\n")], [None, None]);
    }
}
