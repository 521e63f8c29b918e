//! The disk or the database fails under load and comes back: webhooks get 503 meanwhile and never a false 2xx, and everything recovers without
//! a restart.

mod disk;
mod postgres;

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde_json::Value;

use super::{Engine, Options, PATIENCE, Random, Scene, Site, verdict::Verdict};
use crate::rig::{Load, get};

const MODEL_MS: u64 = 60;
/// Longer than a failure lasts here, also on a busy machine: as in the product.
const WINDOW: Duration = Duration::from_secs(60);
const MESSAGES: usize = 60;
/// The customers write for so long.
const OVER_MS: u64 = 6_000;
/// Whether anybody is in the way of a failure is chance, the more so on a busy machine: so often it is brought about, until somebody was.
const MOMENTS: u64 = 4;
/// Until the first answer of all.
const FIRST: Duration = Duration::from_secs(60);

/// What a story came to: nothing when it cannot be told here, and why.
enum Told {
    Verdict(Verdict),
    Skipped(String),
}

struct Story {
    name: &'static str,
    engine: Engine,
    tell: fn(&Site<'_>, &Options, &str) -> Result<Told>,
}

const STORIES: &[Story] = &[
    Story { name: "disk full", engine: Engine::Sqlite, tell: disk::full },
    Story { name: "disk read-only", engine: Engine::Sqlite, tell: disk::read_only },
    Story { name: "disk broken", engine: Engine::Sqlite, tell: disk::broken },
    Story { name: "tmpfs full", engine: Engine::Sqlite, tell: disk::tmpfs_full },
    Story { name: "few descriptors", engine: Engine::Sqlite, tell: disk::few_descriptors },
    Story { name: "no connection left", engine: Engine::Postgres, tell: postgres::no_connection_left },
    Story { name: "killed and restarted", engine: Engine::Postgres, tell: postgres::killed_and_restarted },
    Story { name: "answers to COMMIT lost", engine: Engine::Postgres, tell: postgres::commits_lost },
];

/// `false`: a promise was broken.
pub(super) fn run(site: &Site<'_>, options: &Options) -> Result<bool> {
    let mut good = true;
    let chosen =
        |s: &&Story| s.engine == site.engine() && options.only.as_ref().is_none_or(|only| s.name.contains(only.as_str()));
    for story in STORIES.iter().filter(chosen) {
        eprintln!("\n{}: {}", site.engine().name(), story.name);
        let began = Instant::now();
        match (story.tell)(site, options, story.name)? {
            Told::Skipped(why) => eprintln!("SKIPPED: {}: {why}", story.name),
            Told::Verdict(mut verdict) => {
                verdict.fact("seconds", format!("{:.0}", began.elapsed().as_secs_f64()));
                eprintln!("{}", verdict.table(&format!("{}, {}", story.name, site.engine().name())));
                good &= verdict.is_good();
            }
        }
    }
    Ok(good)
}

/// What shows that something failed: a run in which nothing did proves nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Webhooks were refused.
    Webhooks,
    /// A node said these words.
    Log(&'static str),
    /// It is felt as a delay at most.
    Nothing,
}

/// The only refusal that a vendor may get.
const REFUSED: &str = "503";

/// Customers write, something fails for a while and is mended, and everything must come right by itself.
fn endure(
    mut scene: Scene<'_>,
    options: &Options,
    mut trouble: impl FnMut(&mut Scene<'_>) -> Result<()>,
    shown: Shown,
) -> Result<Verdict> {
    for node in &mut scene.nodes {
        node.start_and_wait()?;
    }
    let processes: Vec<u32> = scene.nodes.iter().map(crate::rig::Node::id).collect();
    let (mut random, mut told, mut is_shown) = (Random(options.seed), Vec::new(), false);
    for moment in 0..MOMENTS {
        let mut load = load(&mut scene, options.seed.wrapping_add(moment))?;
        thread::sleep(Duration::from_millis(random.below(OVER_MS / 3)));
        trouble(&mut scene)?;
        if !scene.wait_for(|| load.is_through(), PATIENCE, |_| Ok(()))? {
            bail!("the customers are still not through; see {}", scene.folder.display());
        }
        let heard = load.summary()?;
        is_shown = match shown {
            Shown::Webhooks => heard["failed_tries"] != 0,
            Shown::Log(words) => scene.nodes.iter().any(|node| node.said(words)),
            Shown::Nothing => true,
        };
        told.push(heard);
        if is_shown {
            break;
        }
        eprintln!("nobody was in the way of it; once more");
    }
    let settled = scene.settle(PATIENCE)?;
    let mut wrong = Vec::new();
    for (node, process) in scene.nodes.iter_mut().zip(processes) {
        if node.has_ended() || node.id() != process {
            wrong.push("a node had to be started again".to_owned());
        }
        wrong.extend(panics(node.port).into_iter().map(|line| format!("a task died: {line}")));
    }
    let mut verdict = scene.audit()?;
    for told in &told {
        Scene::heard(&mut verdict, told);
        for (status, times) in told["refused"].as_object().into_iter().flatten().filter(|(status, _)| *status != REFUSED) {
            wrong.push(format!("{times} webhooks were answered with {status}"));
        }
    }
    let number = |told: &Value| told["failed_tries"].as_u64().unwrap_or_default();
    verdict.fact("failures brought about", told.len());
    verdict.fact("deliveries that failed", told.iter().map(number).sum::<u64>());
    verdict.fact("refused by status", told.last().map_or(Value::Null, |told| told["refused"].clone()));
    if !is_shown {
        wrong.push("nobody noticed the failure: it proves nothing".to_owned());
    }
    if !settled {
        wrong.push(format!("the product was still busy after {PATIENCE:?}"));
    }
    wrong.into_iter().for_each(|problem| verdict.problem(problem));
    Ok(verdict)
}

/// Customers, of whom the first was answered.
fn load(scene: &mut Scene<'_>, seed: u64) -> Result<Load> {
    let asked = [
        ("over-ms", OVER_MS.to_string()),
        ("book-every", "4".to_owned()),
        ("slots", (MESSAGES / 6).to_string()),
        ("repeated", "0.1".to_owned()),
        ("seed", seed.to_string()),
    ];
    let answered = |scene: &Scene<'_>| fs::metadata(&scene.fakes.sent).map_or(0, |log| log.len());
    let (before, end) = (answered(scene), Instant::now() + FIRST);
    let load = scene.customers(12, MESSAGES, &[asked.as_slice(), &scene.some_wait(3)].concat())?;
    while answered(scene) == before && Instant::now() < end {
        thread::sleep(Duration::from_millis(10));
    }
    Ok(load)
}

fn panics(port: u16) -> Vec<String> {
    let metrics = get(port, "/metrics").map(|(_, text)| text).unwrap_or_default();
    metrics.lines().filter(|line| line.starts_with("frontdesk_panics_total")).map(str::to_owned).collect()
}
