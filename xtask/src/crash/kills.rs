//! SIGKILL at random moments while customers write.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use super::{Options, Random, Scene, Site, tail};
use crate::crash::Engine;

/// The mean time between kills.
const MEAN_GAP_MS: u64 = 1000;
/// How long the fate of a send may stay unknown before it is sent once more: as in the product, longer than the killing lasts. Shorter than
/// that, and the harness itself would cause what it looks for: duplicates, because Meta's next try to tell the news comes after it, and sends
/// whose one repetition is killed as well, which are a person's then.
const WINDOW: Duration = Duration::from_secs(60);
const MODEL_MS: u64 = 60;
const PATIENCE: Duration = Duration::from_secs(300);

/// Kills, waits, checks. `false`: a promise was broken.
pub(super) fn run(site: &Site<'_>, options: &Options) -> Result<bool> {
    let engine = site.engine();
    let began = Instant::now();
    let (name, nodes) = if engine == Engine::Sqlite { ("kills-sqlite", 1) } else { ("kills-postgres", options.nodes) };
    let mut scene = Scene::new(site, name, nodes, MODEL_MS, WINDOW)?;
    for node in &mut scene.nodes {
        node.start_and_wait()?;
    }
    eprintln!(
        "\n{}, {nodes} nodes: {} messages of {} customers, {} kills, seed {}",
        engine.name(),
        options.messages,
        options.customers,
        options.kills,
        options.seed
    );
    let asked = [
        ("over-ms", (u64::from(options.kills) * MEAN_GAP_MS).to_string()),
        ("book-every", "3".to_owned()),
        ("slots", (options.messages / 6).to_string()),
        ("repeated", "0.1".to_owned()),
        ("seed", options.seed.to_string()),
    ];
    let mut load = scene.customers(options.customers, options.messages, &[asked.as_slice(), &scene.some_wait(2)].concat())?;
    let mut random = Random(options.seed);
    for _ in 0..options.kills {
        thread::sleep(Duration::from_millis(MEAN_GAP_MS / 10 + random.below(MEAN_GAP_MS * 9 / 5)));
        let victim = random.below(scene.nodes.len() as u64) as usize;
        scene.nodes[victim].kill();
        // Some are killed again while they start. The others live for a while however slow the machine is: a turn that is killed ten times
        // is given up.
        if random.below(3) == 0 {
            scene.nodes[victim].start()?;
        } else {
            scene.nodes[victim].start_and_wait()?;
        }
    }
    if !scene.wait_for(|| load.is_through(), PATIENCE, |_| Ok(()))? {
        bail!("the customers are still not through; the product says:\n{}", log(&scene));
    }
    let told = load.summary()?;
    let settled = scene.settle(PATIENCE)?;
    let mut verdict = scene.audit()?;
    verdict.fact("kills", options.kills);
    verdict.fact("deliveries that failed", told["failed_tries"].clone());
    verdict.fact("deliveries repeated on purpose", told["repeated"].clone());
    verdict.fact("decided by the team", told["decided"].clone());
    verdict.fact("clicks", told["clicks"].clone());
    verdict.fact("seconds", format!("{:.0}", began.elapsed().as_secs_f64()));
    if !settled {
        verdict.problem(format!("the product was still busy after {PATIENCE:?}"));
    }
    Scene::heard(&mut verdict, &told);
    eprintln!("{}", verdict.table(engine.name()));
    Ok(verdict.is_good())
}

fn log(scene: &Scene<'_>) -> String {
    tail(&scene.folder.join(format!("node-{}.log", scene.nodes[0].port)), 20)
}
