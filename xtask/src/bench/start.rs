//! From nothing to ready, what an idle process takes, and how soon the demo answers.

use std::{
    fs,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::{
    Site,
    table::{Goal, Table},
};
use crate::{
    rig::{self, Fakes, Node, Programs, ticks_to_ms},
    shell,
};

const IDLE: Duration = Duration::from_secs(10);

pub(super) fn measure(programs: &Programs, folder: &Path, table: &mut Table, rounds: usize) -> Result<()> {
    let size = fs::metadata(programs.path("frontdesk"))?.len() as f64 / f64::from(1 << 20);
    table.add("size of the binary", "MB", vec![size], Goal::None);
    let (mut first, mut again) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let folder = folder.join(format!("start_{round}"));
        fs::create_dir_all(&folder)?;
        let fakes = Fakes::start(programs, &folder, "http://127.0.0.1:9/webhook", 0)?;
        let database = format!("sqlite:{}", folder.join("frontdesk.db").display());
        let mut node = Node::new(programs, &fakes, &database, &folder, rig::free_port()?);
        first.push(node.start_and_wait()?.as_secs_f64() * 1000.0);
        node.stop()?;
        again.push(node.start_and_wait()?.as_secs_f64() * 1000.0);
    }
    table.add("first start to ready, with an empty database", "ms", first, Goal::None);
    table.add("start to ready", "ms", again, Goal::None);
    idle(&Site::new(programs, folder, None), table)?;
    let demos = (0..rounds).map(|round| demo(programs, &folder.join(format!("demo_{round}")))).collect::<Result<_>>()?;
    table.add("demo: from start to the first answer", "s", demos, Goal::Below(3.0));
    Ok(())
}

fn idle(site: &Site<'_>, table: &mut Table) -> Result<()> {
    let scene = site.open("idle", 0)?;
    thread::sleep(Duration::from_secs(1));
    let before = scene.node.cpu_ticks();
    thread::sleep(IDLE);
    let busy = ticks_to_ms(scene.node.cpu_ticks() - before) / (IDLE.as_secs_f64() * 10.0);
    table.add("memory of an idle process", "MB", vec![scene.node.resident_mb()], Goal::Below(40.0));
    table.add("CPU of an idle process", "% of a core", vec![busy], Goal::None);
    Ok(())
}

/// Seconds from the start of the demo until its first answer was given to a recorded message.
fn demo(programs: &Programs, folder: &Path) -> Result<f64> {
    fs::create_dir_all(folder)?;
    let message = fs::read_to_string(shell::root().join("fixtures/simple_greeting.json"))?;
    let port = rig::free_port()?;
    let began = Instant::now();
    let mut command = programs.command("frontdesk");
    command.args(["demo", "--port", &port.to_string(), "--data-dir"]).arg(folder.join("data"));
    let _demo = Running(
        command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("cannot start the demo")?,
    );
    while !matches!(rig::post(port, "/webhook", &message), Ok((200, _))) {
        patient(began)?;
    }
    // A recorded answer counts as a send.
    while !rig::get(port, "/metrics")
        .is_ok_and(|(_, metrics)| metrics.lines().any(|line| line.starts_with("frontdesk_sends_total{")))
    {
        patient(began)?;
    }
    Ok(began.elapsed().as_secs_f64())
}

fn patient(began: Instant) -> Result<()> {
    if began.elapsed() > Duration::from_secs(30) {
        bail!("the demo did not answer in 30 s");
    }
    thread::sleep(Duration::from_millis(3));
    Ok(())
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
