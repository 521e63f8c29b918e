//! Runs what shows our promises and writes what it said into `docs/proof.md`.

mod page;

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::shell;

const PAGE: &str = "docs/proof.md";
const CHART: &str = "docs/proof.svg";

/// A section of the page: what it is called, how it is run, and what a reader must know.
struct Section {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// Words after `cargo xtask`.
    words: &'static [&'static str],
    /// The same, as often and as long as a night allows.
    nightly: &'static [&'static str],
}

const SECTIONS: &[Section] = &[
    Section {
        name: "bench",
        title: "Figures",
        about: "Everything on one machine: the product, its vendors, its customers and the database share its cores.",
        words: &["bench", "--svg", CHART],
        nightly: &["bench", "size", "--messages", "10000,1000000,10000000"],
    },
    Section {
        name: "instructions",
        title: "Instructions of a turn",
        about: "In a debug build; `ci` refuses a turn that became more expensive.",
        words: &["instructions"],
        nightly: &["instructions"],
    },
    Section {
        name: "kills",
        title: "Killed at random",
        about: "`kill -9` while customers write and people decide. Each message is answered exactly once, each yes is carried out once.",
        words: &["crash", "--engine", "both", "--nodes", "3", "--kills", "60", "--messages", "600"],
        nightly: &["crash", "--engine", "both", "--nodes", "3", "--kills", "1000", "--messages", "10000"],
    },
    Section {
        name: "points",
        title: "Killed at every step",
        about: "The product dies at each named place, at its first, second and third passing.",
        words: &["crash", "--points"],
        nightly: &["crash", "--points"],
    },
    Section {
        name: "power",
        title: "Without power",
        about: "What was not synced is lost, torn or kept, as a disk may do it; every acknowledged message must be there afterwards.",
        words: &["crash", "--power-loss"],
        nightly: &["crash", "--power-loss", "--runs", "500"],
    },
    Section {
        name: "faults",
        title: "A database that fails",
        about: "Full, read-only, out of connections, killed and restarted under load: no false 2xx, and it recovers by itself.",
        words: &["crash", "--faults"],
        nightly: &["crash", "--faults"],
    },
    Section {
        name: "drain",
        title: "Stopped under load",
        about: "Three nodes are asked to stop one after the other, and killed at any moment after that.",
        words: &["crash", "--drain"],
        nightly: &["crash", "--drain", "--runs", "200"],
    },
    Section {
        name: "removals",
        title: "Without a protection",
        about: "One protection less at a time, in a copy of the sources: a test must fail.",
        words: &["removals"],
        nightly: &["removals"],
    },
    Section {
        name: "fuzz",
        title: "What nobody would send",
        about: "Every parser is fed with seeds, their words, and what both become; a panic, a broken promise of the parser or more than 512 MB is a finding.",
        words: &["fuzz", "--seconds", "60"],
        nightly: &["fuzz", "--seconds", "300", "--until", "3600"],
    },
    Section {
        name: "mutants",
        title: "Small changes",
        about: "What guards the product is changed in small ways, in a copy of the sources: a test must fail.",
        words: &["mutants"],
        nightly: &["mutants"],
    },
    Section {
        name: "simulation",
        title: "Simulated",
        about: "The engine on a clock of its own with vendors, models, nodes and a database that fail as a seed decides; the same seed is the same run.",
        words: &["simulate", "--seeds", "5000"],
        nightly: &["simulate", "--seeds", "100000"],
    },
];

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (flags, names): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with("--"));
    let nightly = match flags[..] {
        [] => false,
        [flag] if flag == "--nightly" => true,
        _ => bail!("`proof` takes names of sections and --nightly"),
    };
    if let Some(unknown) = names.iter().find(|name| SECTIONS.iter().all(|section| section.name != name.as_str())) {
        let known: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
        bail!("there is no section `{unknown}`: {}", known.join(", "));
    }
    let chosen = SECTIONS.iter().filter(|section| names.is_empty() || names.iter().any(|name| name.as_str() == section.name));
    let mut failed = Vec::new();
    for section in chosen {
        let words = if nightly { section.nightly } else { section.words };
        let (said, took, good) = told(words)?;
        if !good {
            failed.push(section.name);
        }
        // After each, so that an hour's work is not lost with the next.
        let file = shell::root().join(PAGE);
        let page = fs::read_to_string(&file).with_context(|| format!("cannot read {PAGE}"))?;
        fs::write(&file, page::with(&page, section, words, &said, took, good))?;
    }
    if !failed.is_empty() {
        bail!("not everything was shown: {}", failed.join(", "));
    }
    Ok(())
}

/// What a verb of ours said, how long it took, and whether it succeeded. The reader sees it meanwhile.
fn told(words: &[&str]) -> Result<(Vec<String>, Duration, bool)> {
    let mut said = Vec::new();
    let mut verb = Command::new(std::env::current_exe()?);
    verb.args(words).current_dir(shell::root()).stdin(Stdio::null());
    let began = Instant::now();
    let done = shell::run_quietly_named(&mut verb, &format!("cargo xtask {}", words.join(" ")), |_| true, &mut said);
    Ok((said, began.elapsed(), done.is_ok()))
}
