//! Nodes are stopped one after the other under load, as at an update: who is stopped says so first, and nobody behind a load balancer notices.
//! Whoever is killed in the middle of it loses nothing.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use super::{GRACE, Options, PATIENCE, Random, Scene, Site};
use crate::{
    rig::{Load, get},
    shell,
};

/// Long enough that turns run when their node is stopped, and some when it answers no more.
const MODEL_MS: u64 = 1800;
const WINDOW: Duration = Duration::from_secs(30);
/// From SIGTERM to the end, at most: the grace, running turns, the goodbye.
const LONGEST: Duration = Duration::from_secs(29);
/// A load balancer asks so often who is ready.
const LOOKS_EVERY_MS: u64 = 200;
const MESSAGES_PER_STOP: usize = 12;

/// `false`: a promise was broken.
pub(super) fn run(site: &Site<'_>, options: &Options) -> Result<bool> {
    let began = Instant::now();
    let mut scene = Scene::new(site, "drain", options.nodes, MODEL_MS, WINDOW)?;
    for node in &mut scene.nodes {
        node.unset(GRACE);
        node.start_and_wait()?;
    }
    let stops = options.runs.max(2);
    eprintln!("\n{} nodes: {stops} stops, seed {}", options.nodes, options.seed);
    let mut random = Random(options.seed);
    let (gentle, killed) = (stops - stops / 2, stops / 2);
    let mut load = load(&mut scene, gentle as usize, options)?;
    let (mut took, mut wrong) = (Vec::new(), Vec::new());
    for n in 0..gentle as usize {
        took.push(stop_gently(&mut scene, n % options.nodes, &mut wrong)?);
    }
    if !scene.wait_for(|| load.is_through(), PATIENCE, |_| Ok(()))? {
        bail!("the customers are still not through; see {}", scene.folder.display());
    }
    let undisturbed = load.summary()?;
    if undisturbed["failed_tries"] != 0 {
        wrong.push(format!(
            "{} deliveries failed behind a load balancer while nodes were stopped: {}",
            undisturbed["failed_tries"], undisturbed["refused"]
        ));
    }
    let mut rest = self::load(&mut scene, killed as usize, options)?;
    took.sort_unstable();
    let usual = took.get(took.len() / 2).copied().unwrap_or_default();
    let mut when = Vec::new();
    for n in 0..killed as usize {
        when.extend(stop_and_kill(&mut scene, n % options.nodes, usual, &mut random)?);
    }
    if !scene.wait_for(|| rest.is_through(), PATIENCE, |_| Ok(()))? {
        bail!("the customers are still not through; see {}", scene.folder.display());
    }
    let told = rest.summary()?;
    let settled = scene.settle(PATIENCE)?;
    let mut verdict = scene.audit()?;
    Scene::heard(&mut verdict, &undisturbed);
    Scene::heard(&mut verdict, &told);
    let longest = took.last().copied().unwrap_or_default();
    let [first, last] = [when.iter().min(), when.iter().max()].map(|at| at.map_or(0.0, Duration::as_secs_f64));
    verdict.fact("stops", stops);
    verdict
        .fact("killed before they were through", format!("{} of {killed}, {first:.1} to {last:.1} s after SIGTERM", when.len()));
    verdict.fact("usual and longest stop, s", format!("{:.1}, {:.1}", usual.as_secs_f64(), longest.as_secs_f64()));
    if when.len() * 2 < killed as usize {
        wrong.push("most of those that were to be killed had ended before: it proves nothing".to_owned());
    }
    verdict.fact("deliveries that failed", undisturbed["failed_tries"].clone());
    verdict.fact("the same with kills", told["failed_tries"].clone());
    verdict.fact("seconds", format!("{:.0}", began.elapsed().as_secs_f64()));
    if !settled {
        verdict.problem(format!("the product was still busy after {PATIENCE:?}"));
    }
    wrong.into_iter().for_each(|problem| verdict.problem(problem));
    eprintln!("{}", verdict.table(&format!("stops, PostgreSQL, {} nodes", options.nodes)));
    Ok(verdict.is_good())
}

fn load(scene: &mut Scene<'_>, stops: usize, options: &Options) -> Result<Load> {
    let asked = [
        ("over-ms", (stops as u64 * 3_500).to_string()),
        ("book-every", "4".to_owned()),
        ("slots", (stops * MESSAGES_PER_STOP / 6).max(1).to_string()),
        ("seed", options.seed.to_string()),
        ("ready-every-ms", LOOKS_EVERY_MS.to_string()),
    ];
    scene.customers(20, stops * MESSAGES_PER_STOP, &[asked.as_slice(), &scene.some_wait(3)].concat())
}

fn terminate(scene: &Scene<'_>, node: usize) -> Result<Instant> {
    shell::read(Command::new("kill").args(["-TERM", &scene.nodes[node].id().to_string()]))?;
    Ok(Instant::now())
}

/// It says that it is not ready and still answers; then it ends by itself. How long that took.
fn stop_gently(scene: &mut Scene<'_>, node: usize, wrong: &mut Vec<String>) -> Result<Duration> {
    let (port, began) = (scene.nodes[node].port, terminate(scene, node)?);
    let mut said = Vec::new();
    while said.last() != Some(&Some(503)) && began.elapsed() < Duration::from_secs(1) {
        said.push(get(port, "/ready").ok().map(|(status, _)| status));
        thread::sleep(Duration::from_millis(10));
    }
    if said.last() != Some(&Some(503)) {
        wrong.push(format!("after SIGTERM /ready said {said:?}"));
    }
    while !scene.nodes[node].has_ended() {
        if began.elapsed() > LONGEST {
            wrong.push(format!("a node was still running {LONGEST:?} after SIGTERM"));
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    let took = began.elapsed();
    scene.nodes[node].kill();
    scene.nodes[node].start_and_wait()?;
    // The load balancer takes notice.
    thread::sleep(Duration::from_millis(3 * LOOKS_EVERY_MS));
    Ok(took)
}

/// At a random moment of the time that a stop usually takes. When that was, unless it was through before.
fn stop_and_kill(scene: &mut Scene<'_>, node: usize, usual: Duration, random: &mut Random) -> Result<Option<Duration>> {
    let until = Duration::from_millis(random.below(usual.as_millis() as u64 + 1));
    let began = terminate(scene, node)?;
    while began.elapsed() < until && !scene.nodes[node].has_ended() {
        thread::sleep(Duration::from_millis(2));
    }
    let early = (!scene.nodes[node].has_ended()).then(|| began.elapsed());
    scene.nodes[node].kill();
    scene.nodes[node].start_and_wait()?;
    Ok(early)
}
