//! SIGKILL at random moments while customers write.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use super::{Options, PATIENCE, Random, Scene, Site, business, side_by_side, tail, verdict::Verdict};
use crate::crash::Engine;

/// The mean time between kills.
const MEAN_GAP_MS: u64 = 1000;
/// How long the fate of a send may stay unknown before it is sent once more: as in the product.
const WINDOW: Duration = Duration::from_secs(60);
/// One business is killed for so long, which is shorter. Longer than the window, and the harness itself would cause what it looks for:
/// duplicates, because Meta's next try to tell the news comes after it, and sends whose one repetition is killed as well, which are a person's
/// then. On a busy machine that may be few kills; further businesses suffer the rest.
const LONGEST: Duration = Duration::from_secs(50);
/// Of the calls of vendors, with `--weather`: refused, cut off, or done without an answer.
const FAULTS: &str = "0.1";
/// Of the business's own service, each so many-th answer.
const LOST_BY_THE_SERVICE: &str = "9";
/// Kills of one business on a machine that has time.
const PER_SCENE: u32 = 30;
/// Businesses at once, where nobody says it: most of the time each waits.
const AT_ONCE: usize = 3;
const MODEL_MS: u64 = 60;

/// What one business goes through.
#[derive(Debug, PartialEq, Eq)]
struct Share {
    nth: u32,
    kills: u32,
    messages: usize,
    seed: u64,
}

/// As even as it goes, numbered from `first`; one when nothing is to be killed.
fn shares(kills: u32, messages: usize, first: u32, seed: u64) -> Vec<Share> {
    let scenes = kills.div_ceil(PER_SCENE).max(1);
    let of = |all: usize, nth: u32| all * (nth as usize + 1) / scenes as usize - all * nth as usize / scenes as usize;
    let share = |nth| Share {
        nth: first + nth,
        kills: of(kills as usize, nth) as u32,
        messages: of(messages, nth).max(1),
        seed: seed.wrapping_add(u64::from(first + nth)),
    };
    (0..scenes).map(share).collect()
}

/// Kills, waits, checks. `false`: a promise was broken.
pub(super) fn run(site: &Site<'_>, options: &Options) -> Result<bool> {
    let (engine, began) = (site.engine(), Instant::now());
    let nodes = if engine == Engine::Sqlite { 1 } else { options.nodes };
    let at_once = options.at_once.unwrap_or(AT_ONCE);
    eprintln!(
        "\n{}, {nodes} nodes: {} messages, {} kills, {} customers of each business, {at_once} at once, seed {}",
        engine.name(),
        options.messages,
        options.kills,
        options.customers,
        options.seed
    );
    let (mut left, mut next, mut verdicts) = (options.kills, 0, Vec::new());
    loop {
        let messages = options.messages * left as usize / options.kills.max(1) as usize;
        let shares = shares(left, if options.kills == 0 { options.messages } else { messages }, next, options.seed);
        next += shares.len() as u32;
        // What one comes to does not keep the others from telling theirs.
        let told = |share| Ok(scene(site, nodes, &share, options).unwrap_or_else(|e| (Verdict::failed(format!("{e:#}")), 0)));
        let ended =
            side_by_side::each(shares, at_once, |share| told(share).inspect(|(verdict, kills)| progress(verdict, *kills)))?;
        let killed: u32 = ended.iter().map(|(_, kills)| kills).sum();
        verdicts.extend(ended.into_iter().map(|(verdict, _)| verdict));
        left = left.saturating_sub(killed);
        if left == 0 || killed == 0 || !verdicts.iter().all(Verdict::is_good) {
            break;
        }
    }
    let businesses = verdicts.len();
    let mut all = Verdict::sum(verdicts);
    if left > 0 {
        all.problem(format!("{left} kills were not made"));
    }
    all.fact("businesses", businesses);
    let seconds = began.elapsed().as_secs_f64();
    all.fact("seconds", format!("{seconds:.0}"));
    all.fact("kills in a minute", format!("{:.0}", f64::from(options.kills - left) * 60.0 / seconds));
    eprintln!("{}", all.table(engine.name()));
    Ok(all.is_good())
}

fn progress(verdict: &Verdict, kills: u32) {
    if verdict.is_good() {
        eprintln!("{kills} kills, {} messages: every promise kept", verdict.get("messages"));
    }
    verdict.problems.iter().for_each(|problem| eprintln!("  ! {problem}"));
}

/// What it came to, and how often something was killed.
fn scene(site: &Site<'_>, nodes: usize, share: &Share, options: &Options) -> Result<(Verdict, u32)> {
    let engine = if site.engine() == Engine::Sqlite { "sqlite" } else { "postgres" };
    let weather =
        [("fault-rate", FAULTS), ("service-lose-every", LOST_BY_THE_SERVICE)].map(|(name, value)| (name, value.to_owned()));
    let weather = [&weather[..], &[("seed", share.seed.to_string())]].concat();
    let name = format!("kills-{engine}-{}", share.nth);
    let mut scene = Scene::prepare_with(site, &name, nodes, MODEL_MS, WINDOW, if options.weather { &weather } else { &[] })?;
    scene.key = business::open(&mut scene.nodes[0], &scene.fakes)?;
    let mut starts = Duration::ZERO;
    for node in &mut scene.nodes {
        starts = starts.max(node.start_and_wait()?);
    }
    // As long as the killing lasts: two of three are waited for until they are up again.
    let lasts = Duration::from_millis(MEAN_GAP_MS) + starts * 2 / 3;
    let asked = [
        ("over-ms", (lasts * share.kills).min(LONGEST).as_millis().to_string()),
        ("book-every", "3".to_owned()),
        ("slots", (share.messages / 6).max(1).to_string()),
        ("repeated", "0.1".to_owned()),
        ("seed", share.seed.to_string()),
    ];
    let mut load = scene.customers(options.customers, share.messages, &[asked.as_slice(), &scene.some_wait(2)].concat())?;
    let (mut random, mut kills, mut under_load) = (Random(share.seed), 0, 0);
    let end = Instant::now() + LONGEST;
    while kills < share.kills && Instant::now() < end {
        thread::sleep(Duration::from_millis(MEAN_GAP_MS / 10 + random.below(MEAN_GAP_MS * 9 / 5)));
        let victim = random.below(scene.nodes.len() as u64) as usize;
        scene.nodes[victim].kill();
        kills += 1;
        under_load += u32::from(!load.is_through());
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
    verdict.fact("kills", kills);
    verdict.fact("kills while customers wrote", under_load);
    verdict.fact("deliveries that failed", told["failed_tries"].clone());
    verdict.fact("deliveries repeated on purpose", told["repeated"].clone());
    verdict.fact("decided by the team", told["decided"].clone());
    verdict.fact("clicks", told["clicks"].clone());
    if !settled {
        verdict.problem(format!("the product was still busy after {PATIENCE:?}"));
    }
    Scene::heard(&mut verdict, &told);
    let seed = share.seed;
    verdict.problems.iter_mut().for_each(|problem| *problem = format!("seed {seed}: {problem}"));
    Ok((verdict, kills))
}

fn log(scene: &Scene<'_>) -> String {
    tail(&scene.folder.join(format!("node-{}.log", scene.nodes[0].port)), 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_kills_are_shared_out_and_none_is_forgotten() {
        assert_eq!(shares(30, 300, 0, 7), [Share { nth: 0, kills: 30, messages: 300, seed: 7 }]);
        assert_eq!(shares(0, 5, 0, 7).len(), 1);
        let many = shares(80, 1001, 4, 1);
        assert_eq!(many.iter().map(|s| s.kills).collect::<Vec<_>>(), [26, 27, 27]);
        assert_eq!((many.iter().map(|s| s.messages).sum::<usize>(), many[2].nth, many[2].seed), (1001, 6, 7));
    }
}
