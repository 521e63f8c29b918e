//! What a turn costs, how many there are in a second, and what a slow model takes away.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{
    Scene, Site,
    table::{Goal, Table},
};
use crate::rig::{self, Load, ticks_to_ms};

/// A turn is a message, a model call, a tool, a model call, a reply and its three statuses.
const EVERY_MESSAGE_BOOKS: (&str, &str) = ("book-every", "1");
const PATIENCE: Duration = Duration::from_secs(180);
/// Until the statuses of the last reply were told.
const LAST_STATUSES: Duration = Duration::from_millis(700);

/// CPU of the product for one turn, at a pace that leaves it time.
pub(super) fn cost(site: &Site<'_>, table: &mut Table, rounds: usize) -> Result<()> {
    let scene = site.open("cost", 0)?;
    let (turns, pace) = (200, 40);
    let mut writer = Writer::new(site, &scene);
    writer.write(turns, 50, turns as u64 * 1000 / pace)?;
    let (mut product, mut database) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let before = (scene.node.cpu_ticks(), server_ticks(site)?);
        writer.write(turns, 50, turns as u64 * 1000 / pace)?;
        let of_one = |ticks: u64| ticks_to_ms(ticks) / turns as f64;
        product.push(of_one(scene.node.cpu_ticks() - before.0));
        database.push(of_one(server_ticks(site)?.saturating_sub(before.1)));
    }
    table.add(format!("CPU of a turn with a tool, {}", site.engine()), "ms", product, Goal::Below(2.0));
    if site.cluster.is_some() {
        table.add("  and of the database server", "ms", database, Goal::None);
    }
    Ok(())
}

/// Everybody writes at once. The vendors and the customers share the machine.
pub(super) fn saturation(site: &Site<'_>, table: &mut Table, rounds: usize) -> Result<()> {
    let scene = site.open("saturation", 0)?;
    let turns = 600;
    let mut writer = Writer::new(site, &scene);
    writer.write(turns, 200, 0)?;
    let mut samples = Vec::new();
    for _ in 0..rounds {
        samples.push(turns as f64 / writer.write(turns, 200, 0)?.as_secs_f64());
    }
    table.add(format!("turns with a tool at saturation, {}", site.engine()), "per s", samples, Goal::None);
    Ok(())
}

/// 200 conversations, each writing again when it is answered, on a model that takes a second per call: two seconds of model in each turn.
pub(super) fn slow_model(site: &Site<'_>, table: &mut Table, each: usize) -> Result<()> {
    let scene = site.open("slow_model", 1000)?;
    let (conversations, log) = (200, scene.fakes.sent.display().to_string());
    let messages = conversations * each;
    let before = scene.node.cpu_ticks();
    let load = Load::start(
        site.programs,
        &[scene.node.webhook()],
        &[
            ("customers", conversations.to_string()),
            ("messages", messages.to_string()),
            (EVERY_MESSAGE_BOOKS.0, EVERY_MESSAGE_BOOKS.1.to_owned()),
            ("slots", "500".to_owned()),
            ("in-flight", conversations.to_string()),
            ("replies", log),
        ],
    )?;
    let seconds = load.summary()?["seconds"].as_f64().context("the load tells no time")?;
    let rate = messages as f64 / seconds;
    table.add("turns, 200 conversations, model 2 × 1 s, SQLite", "per s", vec![rate], Goal::Above(85.0));
    let busy = ticks_to_ms(scene.node.cpu_ticks() - before) / (seconds * 10.0);
    table.add("  CPU meanwhile", "% of a core", vec![busy], Goal::None);
    Ok(())
}

/// Writes in rounds, each with customers of its own, and waits until they are answered.
struct Writer<'w> {
    site: &'w Site<'w>,
    scene: &'w Scene,
    customers: usize,
    answered: usize,
}

impl<'w> Writer<'w> {
    fn new(site: &'w Site<'w>, scene: &'w Scene) -> Writer<'w> {
        Writer { site, scene, customers: 0, answered: 0 }
    }

    /// From the first message to the last answer.
    fn write(&mut self, messages: usize, customers: usize, over_ms: u64) -> Result<Duration> {
        let arguments = [
            ("customers", customers.to_string()),
            ("messages", messages.to_string()),
            ("first", self.customers.to_string()),
            ("over-ms", over_ms.to_string()),
            (EVERY_MESSAGE_BOOKS.0, EVERY_MESSAGE_BOOKS.1.to_owned()),
            ("slots", "900".to_owned()),
            ("seed", self.customers.to_string()),
        ];
        let began = Instant::now();
        let load = Load::start(self.site.programs, &[self.scene.node.webhook()], &arguments)?;
        self.answered += messages;
        self.scene.fakes.wait_for(self.answered, PATIENCE)?;
        let took = began.elapsed();
        load.summary()?;
        thread::sleep(LAST_STATUSES);
        self.customers += customers;
        Ok(took)
    }
}

/// CPU time of the database server: its process, those it has now, and those it had.
fn server_ticks(site: &Site<'_>) -> Result<u64> {
    let Some(cluster) = site.cluster else { return Ok(0) };
    let server = cluster.process()?;
    let (own, of_the_dead) = rig::cpu_ticks(server).unwrap_or_default();
    let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap_or_default();
    let children = children.split_whitespace().filter_map(|id| rig::cpu_ticks(id.parse().ok()?));
    Ok(own + of_the_dead + children.map(|(own, dead)| own + dead).sum::<u64>())
}
