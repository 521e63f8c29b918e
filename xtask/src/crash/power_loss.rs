//! The power fails while customers write: what was not synced is lost, and everything that was acknowledged must still be there.

mod disk;
pub(super) mod record;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::{Options, PATIENCE, Random, Scene, Site, business};
use crate::shell;
use disk::{Base, Disk};

const MODEL_MS: u64 = 60;
/// The mean time between two failures.
const MEAN_GAP_MS: u64 = 900;
/// Messages that are written for each failure.
const MESSAGES: usize = 12;

/// A computer with one disk, whose power can fail.
struct Machine {
    root: PathBuf,
    log: PathBuf,
    base: Base,
    random: Random,
    lies: bool,
    failures: u32,
    syncs: usize,
    torn: usize,
    problems: Vec<String>,
}

/// `false`: a promise was broken. With a disk that lies about its syncs a broken promise must be found.
pub(super) fn run(site: &Site<'_>, options: &Options) -> Result<bool> {
    let began = Instant::now();
    let under_load = options.runs.max(3) * 4 / 5;
    // As in the other runs, longer than the killing lasts.
    let window = Duration::from_millis(u64::from(under_load) * MEAN_GAP_MS * 2 + 8_000).min(Duration::from_secs(60));
    let mut scene = Scene::prepare(site, "power-loss", 1, MODEL_MS, window)?;
    let mut machine = Machine::new(&mut scene, options)?;
    eprintln!(
        "\npower loss: {} failures, seed {}{}",
        options.runs,
        options.seed,
        if options.lying { ", the disk lies" } else { "" }
    );

    // While it makes its database and its key.
    for _ in 0..options.runs - under_load {
        machine.while_it_starts(&mut scene)?;
    }
    scene.key = business::open(&mut scene.nodes[0], &scene.fakes)?;
    machine.fail(&mut scene)?;
    machine.lies = options.lying;
    let verdict = machine.under_load(&mut scene, under_load, options)?;
    let Some(mut verdict) = verdict else { return Ok(options.lying) };
    verdict.fact("power failures", machine.failures);
    verdict.fact("syncs", machine.syncs);
    verdict.fact("writes torn", machine.torn);
    verdict.fact("seconds", format!("{:.0}", began.elapsed().as_secs_f64()));
    for problem in machine.problems {
        verdict.problem(problem);
    }
    eprintln!("{}", verdict.table("power loss, SQLite"));
    if options.lying {
        let lost = verdict.get("lost");
        eprintln!("a disk that lies loses what was acknowledged: {}", if lost == "0" { "NOT FOUND" } else { "found" });
        return Ok(lost != "0");
    }
    Ok(verdict.is_good())
}

impl Machine {
    fn new(scene: &mut Scene<'_>, options: &Options) -> Result<Machine> {
        let (root, log) = (scene.folder.join("disk"), scene.folder.join("disk.log"));
        fs::create_dir(&root)?;
        let home = root.join("home");
        let shim = record::build_shim(&scene.folder)?;
        scene.database = format!("sqlite:{}", home.join("frontdesk.db").display());
        let node = &mut scene.nodes[0];
        // The key is made at the first start and lies beside the database.
        for name in ["ENCRYPTION_KEY", "DATABASE_URL", "FRONTDESK_DATA_DIR"] {
            node.unset(name);
        }
        node.set("DATABASE_URL", &scene.database);
        node.set("FRONTDESK_DATA_DIR", &home.to_string_lossy());
        for (name, value) in record::environment(&shim, &root, &log)? {
            node.set(name, &value);
        }
        let random = Random(options.seed);
        let base = Base::of(&root)?;
        Ok(Machine { root, log, base, random, lies: false, failures: 0, syncs: 0, torn: 0, problems: Vec::new() })
    }

    /// The process is gone, and with it what the disk had not kept.
    fn fail(&mut self, scene: &mut Scene<'_>) -> Result<()> {
        scene.nodes[0].kill();
        self.failures += 1;
        let log = fs::read(&self.log).unwrap_or_default();
        let mut disk = Disk::new(self.base.clone(), self.lies);
        disk.replay(record::records(&log)?)?;
        disk.lose_power(&mut self.random);
        disk.restore()?;
        self.syncs += disk.syncs;
        self.torn += disk.torn;
        fs::write(&self.log, "")?;
        self.base = Base::of(&self.root)?;
        self.look(scene)
    }

    /// Whether the database is whole: in a copy, because whoever opens it mends it.
    fn look(&mut self, scene: &Scene<'_>) -> Result<()> {
        let copy = scene.folder.join("copy");
        let _ = fs::remove_dir_all(&copy);
        fs::create_dir(&copy)?;
        let home = self.root.join("home");
        if !home.join("frontdesk.db").exists() {
            return Ok(());
        }
        for entry in fs::read_dir(&home)? {
            let path = entry?.path();
            fs::copy(&path, copy.join(path.file_name().context("a file has a name")?))?;
        }
        let database = format!("sqlite:{}", copy.join("frontdesk.db").display());
        let told = shell::read(scene.programs.command("audit").args(["--integrity", "--database", &database]));
        match told {
            Ok(word) if word.trim() == "ok" => {}
            Ok(word) => self.problems.push(format!("failure {}: {}", self.failures, word.trim())),
            Err(e) => self.problems.push(format!("failure {}: the database cannot be opened: {e:#}", self.failures)),
        }
        Ok(())
    }

    fn while_it_starts(&mut self, scene: &mut Scene<'_>) -> Result<()> {
        scene.nodes[0].start()?;
        thread::sleep(Duration::from_millis(self.random.below(700)));
        let refused = scene.nodes[0].has_ended();
        self.fail(scene)?;
        if refused {
            bail!("the product did not start on what the power left: see {}", scene.folder.display());
        }
        Ok(())
    }

    /// `None`: a lying disk left nothing that the product would start on.
    fn under_load(&mut self, scene: &mut Scene<'_>, failures: u32, options: &Options) -> Result<Option<super::verdict::Verdict>> {
        let asked = [
            ("over-ms", (u64::from(failures) * MEAN_GAP_MS * 3 / 2).to_string()),
            ("book-every", "3".to_owned()),
            ("slots", (failures as usize * MESSAGES / 6).max(1).to_string()),
            ("seed", options.seed.to_string()),
        ];
        // Nobody waits for an answer that a lying disk has lost.
        let more = if self.lies { asked.to_vec() } else { [asked.as_slice(), &scene.some_wait(2)].concat() };
        scene.nodes[0].start_and_wait()?;
        let mut load = scene.customers(24, failures as usize * MESSAGES, &more)?;
        for _ in 0..failures {
            thread::sleep(Duration::from_millis(MEAN_GAP_MS / 10 + self.random.below(MEAN_GAP_MS * 9 / 5)));
            self.fail(scene)?;
            if let Err(e) = scene.nodes[0].start_and_wait() {
                if self.lies {
                    eprintln!("a disk that lies leaves a database that cannot be served: found");
                    return Ok(None);
                }
                return Err(e);
            }
        }
        if !scene.wait_for(|| load.is_through(), PATIENCE, |_| Ok(()))? {
            bail!("the customers are still not through; see {}", scene.folder.display());
        }
        let told = load.summary()?;
        let settled = scene.settle(PATIENCE)?;
        let mut verdict = scene.audit()?;
        Scene::heard(&mut verdict, &told);
        verdict.fact("deliveries that failed", told["failed_tries"].clone());
        if !settled {
            verdict.problem(format!("the product was still busy after {PATIENCE:?}"));
        }
        if !Path::new(&self.root).join("home/secret.key").exists() {
            verdict.problem("the key of the installation is gone".to_owned());
        }
        Ok(Some(verdict))
    }
}
