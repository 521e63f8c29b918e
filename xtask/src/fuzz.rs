//! Feeds every parser with what nobody would send, for a while each, and keeps what broke one.

mod record;

use std::{
    collections::BTreeSet,
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{Context, Result, bail};
use wait4::Wait4;

use self::record::Record;
use crate::shell;

/// A parser that needs more memory than this, or more seconds for one input, is a finding.
const MEMORY_MB: u32 = 512;
const SECONDS_FOR_ONE: u32 = 10;
/// Bytes of the longest input; what is larger is cut off before any parser sees it, or tested with cases of its own.
const LONGEST: u32 = 16 << 10;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// Of a run.
    seconds: u32,
    /// Runs follow one another until each target has had so many of a core in all, those that had least first. Each has one run in any
    /// case: what was fed before may have been another parser. What they had is recorded in `fuzz/record`, which is committed.
    until: Option<u64>,
    targets: Vec<String>,
}

/// `[--seconds N] [--until N] [TARGET …]`
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let asked = read(arguments)?;
    let known = targets()?;
    if let Some(stranger) = asked.targets.iter().find(|name| !known.contains(name)) {
        bail!("there is no target `{stranger}`; there are {}", known.join(", "));
    }
    let chosen: Vec<&String> = known.iter().filter(|name| asked.targets.is_empty() || asked.targets.contains(name)).collect();
    install()?;
    // Our crates hold no unsafe code: without a sanitizer more inputs are tried in the same time.
    let mut build = fuzz("build");
    shell::run(&mut build)?;
    let record = Record::open(&shell::root().join("fuzz/record"))?;
    let Some(until) = asked.until else { return one_run(&chosen, &asked, &record) };
    let mut enough = u64::MAX;
    loop {
        let mut due = Vec::new();
        for target in &chosen {
            let had = record.in_all(target)?.seconds;
            if had < enough {
                due.push((had, *target));
            }
        }
        if due.is_empty() {
            return told(&chosen, &record);
        }
        due.sort_unstable();
        one_run(&due.into_iter().map(|(_, target)| target).collect::<Vec<_>>(), &asked, &record)?;
        enough = until;
    }
}

/// What each target has had.
fn told(chosen: &[&String], record: &Record) -> Result<()> {
    let mut rows = Vec::new();
    for target in chosen {
        let all = record.in_all(target)?;
        let since = all.since.unwrap_or_default();
        rows.push(format!(
            "  {target:<16} {:>6} s {:>12} inputs since {since}, {:>6} s of it at this commit, nothing found",
            all.seconds, all.inputs, all.seconds_now
        ));
    }
    eprintln!("\nfuzzed: {} targets, in all\n{}", rows.len(), rows.join("\n"));
    Ok(())
}

/// Each target once.
fn one_run(chosen: &[&String], asked: &Asked, record: &Record) -> Result<()> {
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    for (target, outcome) in side_by_side(chosen, asked, record)? {
        if outcome.crashed {
            broken.push(target.as_str());
        }
        rows.push(format!(
            "  {target:<16} {:>12} runs {:>6} s {:>8} runs/s {:>6} places reached, {:>6} by what was known {:>6} inputs kept {:>5} MB  {}",
            outcome.runs,
            outcome.seconds,
            outcome.runs / outcome.seconds.max(1),
            outcome.reached,
            outcome.reached_at_first,
            outcome.corpus,
            outcome.peak_mb,
            if outcome.crashed { "BROKEN" } else { "ok" },
        ));
    }
    eprintln!("\nfuzzed: {} targets, {} s each\n{}", rows.len(), asked.seconds, rows.join("\n"));
    if broken.is_empty() {
        return Ok(());
    }
    bail!(
        "{} broke: the inputs are in {}. Put each as a seed into fuzz/seeds/<target>, where an ordinary test repeats it, and mend",
        broken.join(", "),
        home().join("artifacts").display()
    );
}

/// As many at once as there are cores: each runs on one. In the order in which they were asked for.
fn side_by_side<'t>(targets: &[&'t String], asked: &Asked, record: &Record) -> Result<Vec<(&'t String, Outcome)>> {
    let next = AtomicUsize::new(0);
    let worker = || -> Result<Vec<(usize, Outcome)>> {
        let mut done = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some(target) = targets.get(n) else { return Ok(done) };
            eprintln!("== {target}, {} of {}", n + 1, targets.len());
            let outcome = one(target, asked.seconds)?;
            match outcome.crashed {
                true => record.forget(target)?,
                false if asked.until.is_some() => record.add(target, outcome.seconds, outcome.runs)?,
                false => {}
            }
            done.push((n, outcome));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<_> = thread::scope(|scope| -> Result<_> {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let ended = workers.into_iter().map(|one| one.join().unwrap_or_else(|_| bail!("a run panicked")));
        Ok(ended.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect::<Vec<_>>())
    })?;
    done.sort_by_key(|(n, _)| *n);
    Ok(done.into_iter().map(|(n, outcome)| (targets[n], outcome)).collect())
}

fn read(arguments: &[String]) -> Result<Asked> {
    let mut asked = Asked { seconds: 60, until: None, targets: Vec::new() };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut number = || -> Result<u32> {
            let text = arguments.next().with_context(|| format!("{argument} wants a number"))?;
            text.parse().ok().filter(|n| *n > 0).with_context(|| format!("`{text}` is no number of seconds"))
        };
        match argument.as_str() {
            "--seconds" => asked.seconds = number()?,
            "--until" => asked.until = Some(number()?.into()),
            option if option.starts_with('-') => bail!("there is no option `{option}`"),
            name => asked.targets.push(name.to_owned()),
        }
    }
    Ok(asked)
}

/// The programs of `fuzz/Cargo.toml`.
fn targets() -> Result<Vec<String>> {
    let path = shell::root().join("fuzz/Cargo.toml");
    let manifest: toml::Table = fs::read_to_string(&path)?.parse().with_context(|| format!("{} is not TOML", path.display()))?;
    let programs = manifest.get("bin").and_then(toml::Value::as_array).into_iter().flatten();
    Ok(programs.filter_map(|program| Some(program.get("name")?.as_str()?.to_owned())).collect())
}

/// What is found stays there between runs: inputs that reach something new, and inputs that break something.
fn home() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from).join("fuzz")
}

fn install() -> Result<()> {
    if shell::read(Command::new("cargo").args(["fuzz", "--version"])).is_err() {
        shell::run(Command::new("cargo").args(["install", "cargo-fuzz", "--locked"]))?;
    }
    if shell::read(Command::new("cargo").args(["+nightly", "--version"])).is_err() {
        shell::run(Command::new("rustup").args(["toolchain", "install", "nightly", "--profile", "minimal"]))?;
    }
    Ok(())
}

fn fuzz(verb: &str) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(["+nightly", "fuzz", verb, "--fuzz-dir", "fuzz", "--sanitizer", "none", "--codegen-units", "16", "--target-dir"])
        .arg(home().join("target"));
    // What called us is not what is called here.
    command.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN").env("FRONTDESK_WITHOUT_CONSOLE", "1");
    command.current_dir(shell::root()).stdin(Stdio::null());
    command
}

/// What `cargo fuzz build` made of a target: in the folder of the machine that it was built for.
fn program(target: &str) -> Result<PathBuf> {
    let made = home().join("target");
    let mut built = fs::read_dir(&made)?.filter_map(|entry| Some(entry.ok()?.path().join("release").join(target)));
    built.find(|path| path.is_file()).with_context(|| format!("`{target}` was not built in {}", made.display()))
}

struct Outcome {
    runs: u64,
    /// Of a core: a machine with other work to do, or none left, feeds less in the same time.
    seconds: u64,
    /// Places of the program, in the end and by the seeds and what earlier runs kept.
    reached: u64,
    reached_at_first: u64,
    /// Inputs that each reach something.
    corpus: usize,
    peak_mb: u64,
    crashed: bool,
}

fn one(target: &str, seconds: u32) -> Result<Outcome> {
    let (found, broken) = (home().join("corpus").join(target), home().join("artifacts").join(target));
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&broken)?;
    let seeds = shell::root().join("fuzz/seeds").join(target);
    let dictionary = home().join("words").join(target);
    fs::create_dir_all(home().join("words"))?;
    fs::write(&dictionary, words(&seeds)?.iter().map(|word| format!("\"{word}\"\n")).collect::<String>())?;
    let mut command = Command::new(program(target)?);
    command.current_dir(shell::root()).stdin(Stdio::null());
    // The first folder is where new inputs go.
    command.arg(&found).arg(&seeds);
    command.args([
        format!("-max_total_time={seconds}"),
        format!("-rss_limit_mb={MEMORY_MB}"),
        format!("-timeout={SECONDS_FOR_ONE}"),
        format!("-max_len={LONGEST}"),
        format!("-artifact_prefix={}/", broken.display()),
        "-print_final_stats=1".to_owned(),
    ]);
    // An empty one is refused.
    if fs::metadata(&dictionary)?.len() > 0 {
        command.arg(format!("-dict={}", dictionary.display()));
    }
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut running = command.spawn().with_context(|| format!("cannot start the target `{target}`"))?;
    let mut said = Vec::new();
    if let Some(mut errors) = running.stderr.take() {
        errors.read_to_end(&mut said)?;
    }
    let ended = running.wait4()?;
    let crashed = !ended.status.success();
    if crashed {
        eprintln!("{}", String::from_utf8_lossy(&said[said.len().saturating_sub(4000)..]));
    }
    let said = String::from_utf8_lossy(&said);
    if crashed && !said.contains("Test unit written to") {
        bail!("`{target}` ended with {} and found nothing: its run does not count", ended.status);
    }
    let runs = stat(&said, "stat::number_of_executed_units:");
    if runs.is_none() && !crashed {
        bail!("`{target}` said nothing of what it did");
    }
    Ok(Outcome {
        runs: runs.unwrap_or(0),
        seconds: (ended.rusage.utime + ended.rusage.stime).as_secs(),
        reached: said.lines().filter_map(reached).max().unwrap_or(0),
        reached_at_first: said.lines().filter(|line| line.contains("INITED")).find_map(reached).unwrap_or(0),
        corpus: fs::read_dir(&found)?.count(),
        peak_mb: stat(&said, "stat::peak_rss_mb:").unwrap_or(0),
        crashed,
    })
}

/// Words of the seeds, to be put together anew: a name that a parser knows is found by no change of single bytes.
fn words(seeds: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for seed in fs::read_dir(seeds)? {
        let bytes = fs::read(seed?.path())?;
        let pieces = bytes.split(|byte| !(byte.is_ascii_alphanumeric() || b"_-".contains(byte)));
        let words = pieces.filter(|piece| (2..=40).contains(&piece.len()));
        found.extend(words.map(|word| String::from_utf8_lossy(word).into_owned()));
    }
    Ok(found)
}

/// `#2048 pulse cov: 310 ft: 612 …`.
fn reached(line: &str) -> Option<u64> {
    line.split_once(" cov: ")?.1.split(' ').next()?.parse().ok()
}

fn stat(said: &str, name: &str) -> Option<u64> {
    said.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

#[cfg(test)]
fn folders(of: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(of).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_seeds_and_all_seeds_a_target() {
        let mut known = targets().unwrap();
        known.sort();
        assert_eq!(folders(&shell::root().join("fuzz/seeds")), known);
        let programs: Vec<String> = known.iter().map(|name| format!("{name}.rs")).collect();
        assert_eq!(folders(&shell::root().join("fuzz/fuzz_targets")), programs);
    }

    #[test]
    fn what_a_run_did_is_read_from_its_last_lines() {
        let said = "INFO: Seed: 1\n#2\tINITED cov: 12 ft: 3\n#9\tNEW    cov: 40 ft: 90 corp: 2/3b\nDone 4242 runs in 61 second(s)\nstat::number_of_executed_units: 4242\n\
                    stat::average_exec_per_sec:     69\nstat::peak_rss_mb:              40\n";
        assert_eq!(stat(said, "stat::number_of_executed_units:"), Some(4242));
        assert_eq!(stat(said, "stat::peak_rss_mb:"), Some(40));
        assert_eq!(stat("", "stat::peak_rss_mb:"), None);
        assert_eq!(said.lines().filter_map(reached).collect::<Vec<_>>(), [12, 40]);
    }

    #[test]
    fn the_seeds_words_are_put_together_anew() {
        let found = words(&shell::root().join("fuzz/seeds/json_body")).unwrap();
        assert!(found.contains("u0000") && found.iter().all(|word| word.is_ascii()), "{found:?}");
    }

    #[test]
    fn seconds_are_a_number_and_targets_are_known() {
        let owned = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let asked = |seconds, until, targets: &[&str]| Asked { seconds, until, targets: owned(targets) };
        assert_eq!(read(&owned(&["--seconds", "5", "url"])).unwrap(), asked(5, None, &["url"]));
        assert_eq!(read(&owned(&["--until", "3600"])).unwrap(), asked(60, Some(3600), &[]));
        for wrong in [&["--seconds"][..], &["--seconds", "0"], &["--until", "soon"], &["-x"]] {
            assert!(read(&owned(wrong)).is_err(), "{wrong:?}");
        }
        assert!(run(&owned(&["no-such-target"])).unwrap_err().to_string().contains("there is no target `no-such-target`"));
    }
}
