//! Webhooks while the model is slow: how soon are they acknowledged, and what does a waiting conversation cost?

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use super::{
    Site,
    table::{Goal, Table},
};
use crate::rig::Load;

const PER_SECOND: u64 = 200;
const CONVERSATIONS: usize = 1000;
/// Longer than the measurement: nobody is answered, everybody waits.
const MODEL_MS: u64 = 40_000;

pub(super) fn measure(site: &Site<'_>, table: &mut Table, seconds: u64) -> Result<()> {
    let scene = site.open("waiting", MODEL_MS)?;
    let idle = scene.node.resident_mb();
    let mut load = Load::start(
        site.programs,
        &[scene.node.webhook()],
        &[
            ("customers", CONVERSATIONS.to_string()),
            ("messages", (seconds * PER_SECOND).to_string()),
            ("over-ms", (seconds * 1000).to_string()),
            ("in-flight", "256".to_owned()),
        ],
    )?;
    let (began, mut most) = (Instant::now(), idle);
    while !load.is_through() && began.elapsed() < Duration::from_secs(seconds * 3) {
        most = most.max(scene.node.resident_mb());
        thread::sleep(Duration::from_millis(200));
    }
    let told = load.summary()?;
    let number = |name: &str| told[name].as_f64().with_context(|| format!("the load tells no {name}"));
    table.add("webhook acknowledged, 200/s, slow model, p50", "ms", vec![number("ack_p50_ms")?], Goal::None);
    table.add("webhook acknowledged, 200/s, slow model, p99", "ms", vec![number("ack_p99_ms")?], Goal::Below(50.0));
    table.add("webhook acknowledged, 200/s, slow model, worst", "ms", vec![number("ack_max_ms")?], Goal::None);
    table.add("memory before", "MB", vec![idle], Goal::None);
    table.add("memory while 1000 conversations wait", "MB", vec![most], Goal::None);
    table.add("  of one waiting conversation", "kB", vec![(most - idle) * 1024.0 / CONVERSATIONS as f64], Goal::None);
    Ok(())
}
