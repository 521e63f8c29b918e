//! The sweep of crash points: at each named place, at its first, second and third hit, the product dies once.

use std::{
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use super::{Engine, Options, PATIENCE, Scene, Site, errands::Errands, side_by_side, slug, verdict::Verdict};
use crate::shell;

/// Names the place and the hit at which the product dies.
const CRASH: &str = "FRONTDESK_CRASH";
/// Short: the product dies once, and comes back within a second.
const WINDOW: Duration = Duration::from_secs(3);
/// Runs at the same time, where nobody says it.
const AT_ONCE: usize = 4;
/// Only an unknown send arms a timer; this makes one.
const LEAVES_UNKNOWN: &str = "T4 committed:1";
const OF_TIMERS: [&str; 2] = ["T9 before commit", "T9 committed"];
/// Only a process that finds what another left takes it over.
const LEAVES_WORK: &str = "T4 committed:1";
const OF_HEIRS: [&str; 2] = ["T10 before commit", "T10 committed"];
/// Only a send whose answer is not on record yet is settled by its echo, and usually the answer is quicker.
const LEAVES_UNSETTLED: &str = "vendor answered:1";
const OF_ECHOES: [&str; 1] = ["T8 committed"];

struct Row {
    point: String,
    died: bool,
    verdict: Verdict,
}

/// `false`: a promise was broken somewhere.
pub(super) fn sweep(site: &Site<'_>, options: &Options) -> Result<bool> {
    let list = shell::read(site.programs.command("frontdesk").env(CRASH, "list").stderr(Stdio::null()))?;
    let wanted = |name: &&str| options.only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let names: Vec<&str> = list.lines().filter(wanted).collect();
    let plans: Vec<(String, u32)> =
        names.iter().flat_map(|name| (1..=options.hits).map(|hit| ((*name).to_owned(), hit))).collect();
    if plans.is_empty() {
        bail!("the product knows no crash points");
    }
    let began = Instant::now();
    eprintln!("\n{}: {} crash points, {} hits each", site.engine().name(), names.len(), options.hits);
    let mut rows = side_by_side::each(plans, options.at_once.unwrap_or(AT_ONCE), |(name, hit)| {
        // What one comes to does not keep the others from telling theirs.
        let failed = |e| Row { point: format!("{name}:{hit}"), died: false, verdict: Verdict::failed(format!("{e:#}")) };
        Ok(die_at(site, &name, hit).unwrap_or_else(failed))
    })?;
    rows.sort_by(|a, b| a.point.cmp(&b.point));
    eprintln!("{}", table(site.engine(), &rows, began.elapsed()));
    Ok(rows.iter().all(|row| row.verdict.is_good()))
}

/// Three customers write; the product dies at the point and comes back.
fn die_at(site: &Site<'_>, name: &str, hit: u32) -> Result<Row> {
    let engine = if site.engine() == Engine::Sqlite { "sqlite" } else { "postgres" };
    let mut scene = Scene::new(site, &format!("point-{engine}-{}-{hit}", slug(name)), 1, 20, WINDOW)?;
    let plan = format!("{name}:{hit}");
    let needs = [(&OF_TIMERS[..], LEAVES_UNKNOWN), (&OF_HEIRS[..], LEAVES_WORK), (&OF_ECHOES[..], LEAVES_UNSETTLED)];
    let before = needs.into_iter().find_map(|(points, before)| points.contains(&name).then_some(before));
    scene.nodes[0].set(CRASH, before.unwrap_or(&plan));
    scene.nodes[0].start()?;
    let asked = [("over-ms", "1200".to_owned()), ("book-every", "3".to_owned()), ("slots", "3".to_owned())];
    let mut load = scene.customers(3, 22, &[asked.as_slice(), &scene.some_wait(1)].concat())?;
    // What kills it first is the other point; only then does its own lie in its way.
    let mut armed = before.is_none();
    let errands = Errands::start(scene.nodes[0].port, &scene.key, &scene.fakes);
    let mut died = dies_within(&mut scene, Duration::from_secs(6))?;
    if died && !armed {
        armed = true;
        scene.nodes[0].unset(CRASH);
        scene.nodes[0].set(CRASH, &plan);
        scene.nodes[0].start()?;
        died = dies_within(&mut scene, WINDOW * 3)?;
    }
    if died {
        scene.nodes[0].unset(CRASH);
        scene.nodes[0].kill();
        scene.nodes[0].start()?;
    }
    // On a busy machine it dies late.
    let through = scene.wait_for(
        || load.is_through() && errands.is_through(),
        PATIENCE,
        |scene| {
            if !died && scene.nodes[0].has_ended() {
                died = armed;
                scene.nodes[0].unset(CRASH);
                if !armed {
                    armed = true;
                    scene.nodes[0].set(CRASH, &plan);
                }
                scene.nodes[0].start()?;
            }
            Ok(())
        },
    )?;
    if !through {
        bail!("the customers, or what else was to be done, are still not through");
    }
    let undone = errands.problems()?;
    let told = load.summary()?;
    let settled = scene.settle(PATIENCE)?;
    let mut verdict = scene.audit()?;
    Scene::heard(&mut verdict, &told);
    undone.into_iter().for_each(|problem| verdict.problem(problem));
    if !settled {
        verdict.problem(format!("the product was still busy after {PATIENCE:?}"));
    }
    if !died && hit == 1 {
        verdict.problem("the point was never passed: the sweep does not reach it".to_owned());
    }
    Ok(Row { point: plan, died, verdict })
}

fn dies_within(scene: &mut Scene<'_>, time: Duration) -> Result<bool> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if scene.nodes[0].has_ended() {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(false)
}

fn table(engine: Engine, rows: &[Row], took: Duration) -> String {
    let broken = rows.iter().filter(|row| !row.verdict.is_good()).count();
    let died = rows.iter().filter(|row| row.died).count();
    let mut text = format!(
        "{}: {} runs, died in {died}, {broken} broken, {:.0} s\n  {:<30} {:<6} {:>8} {:>6} {:>6} {:>7} {:>4} {:>4} {:>9}\n",
        engine.name(),
        rows.len(),
        took.as_secs_f64(),
        "point",
        "died",
        "messages",
        "once",
        "lost",
        "resent",
        "yes",
        "no",
        "verdict"
    );
    for row in rows {
        let fact = |name| row.verdict.get(name);
        text.push_str(&format!(
            "  {:<30} {:<6} {:>8} {:>6} {:>6} {:>7} {:>4} {:>4} {:>9}\n",
            row.point,
            if row.died { "yes" } else { "-" },
            fact("messages"),
            fact("answered once"),
            fact("lost"),
            fact("resent after silence"),
            fact("yes, carried out once"),
            fact("no, not carried out"),
            if row.verdict.is_good() { "ok" } else { "BROKEN" },
        ));
        for problem in &row.verdict.problems {
            text.push_str(&format!("    ! {problem}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    fn named(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                named(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let names = text.split("crash::point(\"").skip(1).filter_map(|rest| rest.split_once("\")"));
                found.extend(names.map(|(name, _)| name.to_owned()));
            }
        }
    }

    #[test]
    fn every_place_where_the_product_may_die_is_in_the_list_of_the_sweep() {
        let mut found = BTreeSet::new();
        named(&shell::root().join("crates"), &mut found);
        let list = fs::read_to_string(shell::root().join("crates/engine/src/crash.rs")).unwrap();
        let (_, list) = list.split_once("pub const ALL").unwrap();
        let (list, _) = list.split_once("];").unwrap();
        let listed: BTreeSet<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(found, listed);
        assert!(listed.len() >= 40 && OF_TIMERS.iter().chain(&OF_HEIRS).all(|name| listed.contains(*name)));
    }
}
