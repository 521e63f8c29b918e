//! What a crash run is asked to do.

use anyhow::{Context, Result, bail};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(super) fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }
}

/// How it is brought down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// SIGKILL at random moments.
    Kills,
    /// At each named point.
    Points,
    /// The power fails, and what was not synced is lost.
    PowerLoss,
    /// SIGTERM, and perhaps SIGKILL before it is through; one node after the other.
    Drain,
    /// The disk or the database fails, and comes back.
    Faults,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) mode: Mode,
    engines: &'static [Engine],
    pub(super) kills: u32,
    pub(super) messages: usize,
    pub(super) customers: usize,
    pub(super) seed: u64,
    /// Failures of the power; nodes that are stopped.
    pub(super) runs: u32,
    /// Processes on PostgreSQL.
    pub(super) nodes: usize,
    /// Hits of each point.
    pub(super) hits: u32,
    /// Scenes side by side, where there are several.
    pub(super) at_once: Option<usize>,
    /// Vendors fail, too: refusals, resets, answers that are lost.
    pub(super) weather: bool,
    /// Only the story whose name contains this.
    pub(super) only: Option<String>,
    /// The disk says that it synced, and did not: the check must find what is lost.
    pub(super) lying: bool,
    pub(super) release: bool,
}

impl Options {
    pub(super) fn parse(arguments: &[String]) -> Result<Options> {
        let mut options = Options {
            mode: Mode::Kills,
            engines: &[Engine::Sqlite, Engine::Postgres],
            kills: 30,
            messages: 300,
            customers: 60,
            seed: 1,
            runs: 20,
            nodes: 2,
            hits: 3,
            at_once: None,
            weather: false,
            only: None,
            lying: false,
            release: false,
        };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let mut number = || {
                let text = rest.next().with_context(|| format!("{name} needs a number"))?;
                text.parse::<u64>().with_context(|| format!("{name} {text} is not a number"))
            };
            match name.as_str() {
                "--points" => options.mode = Mode::Points,
                "--power-loss" => options.mode = Mode::PowerLoss,
                "--drain" => options.mode = Mode::Drain,
                "--faults" => options.mode = Mode::Faults,
                "--only" => options.only = Some(rest.next().context("--only needs a word")?.clone()),
                "--nodes" => options.nodes = usize::try_from(number()?)?.max(1),
                "--hits" => options.hits = u32::try_from(number()?)?.max(1),
                "--at-once" => options.at_once = Some(usize::try_from(number()?)?.max(1)),
                "--weather" => options.weather = true,
                "--lying-disk" => options.lying = true,
                "--runs" => options.runs = u32::try_from(number()?)?.max(1),
                "--release" => options.release = true,
                "--kills" => options.kills = u32::try_from(number()?)?,
                "--messages" => options.messages = usize::try_from(number()?)?,
                "--conversations" => options.customers = usize::try_from(number()?)?.max(1),
                "--seed" => options.seed = number()?,
                "--engine" => {
                    options.engines = match rest.next().map(String::as_str) {
                        Some("sqlite") => &[Engine::Sqlite],
                        Some("postgres") => &[Engine::Postgres],
                        Some("both") => &[Engine::Sqlite, Engine::Postgres],
                        _ => bail!("--engine is sqlite, postgres or both"),
                    };
                }
                other => bail!("`crash` does not know `{other}`"),
            }
        }
        if options.mode == Mode::PowerLoss {
            // What PostgreSQL syncs is PostgreSQL's to show.
            options.engines = &[Engine::Sqlite];
        }
        if options.mode == Mode::Drain {
            // On SQLite there is one node, and nobody to take over.
            options.engines = &[Engine::Postgres];
            options.nodes = options.nodes.max(2);
        }
        if options.weather && options.mode != Mode::Kills {
            bail!("--weather belongs to kills at random");
        }
        if options.mode == Mode::Points && options.release {
            bail!("a release has no crash points");
        }
        Ok(options)
    }

    pub(super) fn engines(&self) -> &'static [Engine] {
        self.engines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_taken_or_refused_by_name() {
        let usual = parse("").unwrap();
        assert_eq!((usual.engines().len(), usual.kills, usual.messages, usual.customers), (2, 30, 300, 60));
        let chosen = parse("--engine sqlite --kills 5 --seed 7 --points").unwrap();
        assert_eq!((chosen.engines(), chosen.kills, chosen.seed, chosen.mode), ([Engine::Sqlite].as_slice(), 5, 7, Mode::Points));
        assert!(crate::crash::LITTLE.iter().all(|line| parse(line).is_ok()));
        let drained = parse("--drain --nodes 3 --runs 4").unwrap();
        assert_eq!(
            (drained.engines(), drained.mode, drained.nodes, drained.runs),
            ([Engine::Postgres].as_slice(), Mode::Drain, 3, 4)
        );
        let lost = parse("--power-loss --lying-disk --engine both").unwrap();
        assert_eq!((lost.engines(), lost.lying), ([Engine::Sqlite].as_slice(), true));
        for wrong in ["--engine mysql", "--kills", "--kills many", "--faster", "--points --release", "--drain --weather"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
