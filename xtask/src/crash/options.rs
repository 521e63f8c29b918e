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

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Options {
    engines: &'static [Engine],
    pub(super) kills: u32,
    pub(super) messages: usize,
    pub(super) customers: usize,
    pub(super) seed: u64,
    /// The sweep of crash points instead of random kills.
    pub(super) points: bool,
    pub(super) release: bool,
}

impl Options {
    pub(super) fn parse(arguments: &[String]) -> Result<Options> {
        let mut options = Options {
            engines: &[Engine::Sqlite, Engine::Postgres],
            kills: 30,
            messages: 300,
            customers: 60,
            seed: 1,
            points: false,
            release: false,
        };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let mut number = || {
                let text = rest.next().with_context(|| format!("{name} needs a number"))?;
                text.parse::<u64>().with_context(|| format!("{name} {text} is not a number"))
            };
            match name.as_str() {
                "--points" => options.points = true,
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
        assert_eq!((chosen.engines(), chosen.kills, chosen.seed, chosen.points), ([Engine::Sqlite].as_slice(), 5, 7, true));
        for wrong in ["--engine mysql", "--kills", "--kills many", "--faster"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
