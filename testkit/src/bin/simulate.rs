//! Lives through the worlds of many seeds and stops at the first that breaks a promise.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Parser;
use frontdesk_testkit::sim::{self, Options, Outcome};

#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value_t = 1000)]
    seeds: u64,
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Goes on after a failure; all are told at the end.
    #[arg(long)]
    all: bool,
    /// Worlds at the same time, each on a thread of its own.
    #[arg(long, default_value_t = 1)]
    threads: u64,
    /// Prints everything that happens in the first one.
    #[arg(long)]
    trace: bool,
}

#[derive(Default)]
struct Sum {
    worlds: u64,
    steps: u64,
    messages: usize,
    sent: usize,
    simulated: Duration,
    slowest: Duration,
    failed: Vec<(u64, Vec<String>)>,
}

fn main() -> io::Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.trace {
        let outcome = sim::run(arguments.first, Options { shown: true, ..Options::default() });
        writeln!(io::stdout(), "{outcome:#?}")?;
        return Ok(if outcome.wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let (began, next, stop, sum) =
        (Instant::now(), AtomicU64::new(arguments.first), AtomicBool::new(false), Mutex::new(Sum::default()));
    let end = arguments.first + arguments.seeds;
    std::thread::scope(|scope| {
        for _ in 0..arguments.threads.max(1) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    let outcome = sim::run(seed, Options::default());
                    stop.fetch_or(!outcome.wrong.is_empty() && !arguments.all, Ordering::Relaxed);
                    let mut sum = sum.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    sum.add(seed, outcome);
                    if sum.worlds.is_multiple_of(100) {
                        let _ = writeln!(io::stderr(), "{}", sum.line(began.elapsed()));
                    }
                }
            });
        }
    });
    let sum = sum.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut out = io::stdout();
    writeln!(out, "{}", sum.line(began.elapsed()))?;
    for (seed, wrong) in &sum.failed {
        writeln!(out, "seed {seed} broke a promise:")?;
        for what in wrong {
            writeln!(out, "  {what}")?;
        }
        writeln!(out, "  again, with everything that happens: cargo xtask simulate --first {seed} --trace")?;
    }
    Ok(if sum.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Sum {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.worlds += 1;
        self.steps += outcome.steps;
        self.messages += outcome.messages;
        self.sent += outcome.sent;
        self.simulated += outcome.simulated;
        self.slowest = self.slowest.max(outcome.settled_after);
        if !outcome.wrong.is_empty() {
            self.failed.push((seed, outcome.wrong));
        }
    }

    fn line(&self, took: Duration) -> String {
        let seconds = took.as_secs_f64().max(0.001);
        format!(
            "{} worlds in {seconds:.0} s ({:.1}/s), {:.0} h simulated ({:.0} times real time), {} steps, {} messages, {} sends; \
             slowest to settle {:.0} s; {} failed",
            self.worlds,
            self.worlds as f64 / seconds,
            self.simulated.as_secs_f64() / 3600.0,
            self.simulated.as_secs_f64() / seconds,
            self.steps,
            self.messages,
            self.sent,
            self.slowest.as_secs_f64(),
            self.failed.len(),
        )
    }
}
