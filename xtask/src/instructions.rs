//! The gate against becoming slower: instructions of a turn, which a busy machine does not change, beside those that were agreed to.

use std::{
    collections::BTreeMap,
    fs,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use toml::Table;

use crate::{
    postgres::Cluster,
    rig::{self, Programs},
    shell,
};

/// What was agreed to: millions of instructions of a turn by database, in a debug build, which every run of `ci` has anyway.
const AGREED: &str = "xtask/instructions.toml";
/// What may come with the day: other addresses, other timing, one commit more or less.
const TOLERANCE: f64 = 0.06;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => {
            let mut summary = Vec::new();
            check(&mut summary)?;
            summary.iter().for_each(|line| eprintln!("{line}"));
            Ok(())
        }
        [one] if one == "--agree" => agree(),
        _ => bail!("`instructions` takes nothing, or --agree"),
    }
}

/// Counts, and refuses what became more expensive.
pub(crate) fn check(summary: &mut Vec<String>) -> Result<()> {
    let agreed = agreed(&fs::read_to_string(shell::root().join(AGREED)).with_context(|| format!("cannot read {AGREED}"))?)?;
    let counted = count()?;
    let mut worse = Vec::new();
    for (engine, now) in &counted {
        let before = agreed.get(engine).with_context(|| format!("{AGREED} says nothing of {engine}"))?;
        let line = format!(
            "instructions of a turn, {engine}: {now:.2} million, {before:.2} were agreed to ({:+.1} %)",
            (now / before - 1.0) * 100.0
        );
        match verdict(*now, *before) {
            Verdict::Worse => worse.push(line.clone()),
            Verdict::Better => eprintln!("{line}: keep it so with `cargo xtask instructions --agree`"),
            Verdict::Same => {}
        }
        summary.push(line);
    }
    if !worse.is_empty() {
        bail!(
            "a turn became more expensive; make it cheaper, or say why and `cargo xtask instructions --agree`:\n{}",
            worse.join("\n")
        );
    }
    Ok(())
}

fn agree() -> Result<()> {
    let mut text = String::from("# Millions of instructions of a turn with a tool, by database: `cargo xtask instructions`.\n");
    for (engine, now) in count()? {
        text.push_str(&format!("{engine} = {now:.2}\n"));
    }
    fs::write(shell::root().join(AGREED), &text)?;
    eprintln!("{text}");
    Ok(())
}

fn count() -> Result<BTreeMap<String, f64>> {
    install()?;
    let folder = rig::new_folder("instructions")?;
    let programs = Programs::build(&folder.join("programs"))?;
    let cluster = Cluster::start(false)?;
    let mut bench = programs.command("frontdesk");
    bench.args(["bench", "instructions", "--json", "--postgres", &cluster.url(), "--folder"]).arg(&folder);
    let figures = figures(&shell::read(&mut bench)?)?;
    fs::remove_dir_all(&folder)?;
    Ok(figures)
}

/// Of the bench's JSON: millions by database.
fn figures(json: &str) -> Result<BTreeMap<String, f64>> {
    let read: serde_json::Value = serde_json::from_str(json).context("the bench gave no JSON")?;
    let figures = read["figures"].as_array().into_iter().flatten().filter_map(|figure| {
        let engine = figure["name"].as_str()?.rsplit_once(", ")?.1;
        Some((engine.to_owned(), figure["median"].as_f64()?))
    });
    let figures: BTreeMap<_, _> = figures.collect();
    if figures.is_empty() {
        bail!("the bench counted nothing");
    }
    Ok(figures)
}

fn agreed(text: &str) -> Result<BTreeMap<String, f64>> {
    let table: Table = text.parse().with_context(|| format!("{AGREED} is not TOML"))?;
    table
        .iter()
        .map(|(engine, value)| {
            Ok((engine.clone(), value.as_float().with_context(|| format!("{engine} in {AGREED} is no number"))?))
        })
        .collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Worse,
    Same,
    Better,
}

fn verdict(now: f64, before: f64) -> Verdict {
    match now / before - 1.0 {
        change if change > TOLERANCE => Verdict::Worse,
        change if change < -TOLERANCE => Verdict::Better,
        _ => Verdict::Same,
    }
}

fn install() -> Result<()> {
    let is_there = || Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if is_there() {
        return Ok(());
    }
    eprintln!("valgrind is missing: installing it");
    shell::run(Command::new("apt-get").arg("update"))?;
    let install = ["install", "-y", "--no-install-recommends", "valgrind"];
    shell::run(Command::new("apt-get").args(install).env("DEBIAN_FRONTEND", "noninteractive"))
        .context("install valgrind; Debian and Ubuntu call the package so")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_agreed_to_and_what_was_counted_are_read_by_database() {
        let json = r#"{"figures": [{"name": "instructions of a turn with a tool, SQLite", "median": 27.25}]}"#;
        assert_eq!(figures(json).unwrap(), BTreeMap::from([("SQLite".to_owned(), 27.25)]));
        assert_eq!(agreed("SQLite = 27.00\n").unwrap(), BTreeMap::from([("SQLite".to_owned(), 27.0)]));
        assert!(figures(r#"{"figures": []}"#).is_err() && figures("error").is_err() && agreed("SQLite = \"many\"").is_err());
    }

    #[test]
    fn more_is_worse_less_is_better_and_a_little_is_neither() {
        assert_eq!(
            [107.0, 105.0, 95.0, 93.0].map(|now| verdict(now, 100.0)),
            [Verdict::Worse, Verdict::Same, Verdict::Same, Verdict::Better]
        );
    }

    #[test]
    fn both_databases_have_been_agreed_to() {
        let agreed = agreed(&fs::read_to_string(shell::root().join(AGREED)).unwrap()).unwrap();
        assert_eq!(agreed.keys().map(String::as_str).collect::<Vec<_>>(), ["PostgreSQL", "SQLite"]);
    }
}
