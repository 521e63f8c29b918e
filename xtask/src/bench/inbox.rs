//! The inbox's list and search with a million messages, and what many open streams cost.

use std::{fs, process::Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{
    Site,
    table::{Goal, Table},
};

const MESSAGES: usize = 1_000_000;
/// A 95th percentile has to stay below this.
const LIMIT_MS: f64 = 100.0;

pub(super) fn measure(site: &Site<'_>, table: &mut Table, rounds: usize) -> Result<()> {
    let name = format!("inbox_{}", site.engine().to_ascii_lowercase());
    let folder = site.folder.join(&name);
    fs::create_dir_all(&folder)?;
    let database = match site.cluster {
        Some(cluster) => cluster.database(&name)?,
        None => format!("sqlite:{}", folder.join("frontdesk.db").display()),
    };
    let seeded = tell(site, &["seed", "--database", &database, "--messages", &MESSAGES.to_string()])?;
    if let Some(cluster) = site.cluster {
        cluster.analyze(&name)?;
    }
    let seconds = |name: &str| seeded[name].as_f64().unwrap_or_default();
    table.add(format!("a million messages stored, {}", site.engine()), "s", vec![seconds("stored_s")], Goal::None);
    table.add("  and indexed", "s", vec![seconds("indexed_s")], Goal::None);
    let scene = site.open_on(&name, &database, 0)?;
    let url = format!("http://127.0.0.1:{}", scene.node.port);
    let told = tell(site, &["measure", "--url", &url, "--pid", &scene.node.id().to_string(), "--rounds", &rounds.to_string()])?;
    for (name, figures) in told["figures"].as_object().context("no figures")? {
        let figure = |which: &str| figures[which].as_f64().unwrap_or_default();
        table.add(format!("{name}, {}: median", site.engine()), "ms", vec![figure("p50")], Goal::None);
        table.add("  95th percentile", "ms", vec![figure("p95")], Goal::Below(LIMIT_MS));
    }
    let streams = told["streams_mb"].as_f64().unwrap_or_default();
    table.add(format!("memory of 200 open streams, {}", site.engine()), "MB", vec![streams], Goal::Below(20.0));
    Ok(())
}

/// Runs the helper and reads its one line.
fn tell(site: &Site<'_>, arguments: &[&str]) -> Result<Value> {
    let output =
        site.programs.command("inbox").args(arguments).stderr(Stdio::inherit()).output().context("cannot start `inbox`")?;
    if !output.status.success() {
        bail!("`inbox {}` failed", arguments.first().unwrap_or(&""));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(text.trim()).with_context(|| format!("`inbox` said {text:?}"))
}
