//! Kills the product while customers write to it and its people decide, and checks that each was answered, and each yes carried out, exactly
//! once.

mod business;
mod drain;
mod errands;
mod faults;
mod kills;
mod options;
mod points;
mod power_loss;
mod side_by_side;
mod verdict;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    postgres::Cluster,
    rig::{self, Fakes, Load, Node, Programs},
};
use options::{Engine, Mode, Options};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let [only] = arguments
        && only == "--little"
    {
        let mut summary = Vec::new();
        little(&mut summary)?;
        summary.iter().for_each(|line| eprintln!("{line}"));
        return Ok(());
    }
    let options = Options::parse(arguments)?;
    let folder = rig::new_folder("crash")?;
    let into = folder.join("programs");
    let programs = if options.release { Programs::around_a_release(&into)? } else { Programs::build(&into)? };
    bring_down(&options, &programs, &folder)?;
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// A little of each: the points, which take longest, beside all others, because each waits most of the time.
const LITTLE: &[&str] = &[
    "--points --engine sqlite --hits 1",
    "--power-loss --runs 5",
    "--power-loss --lying-disk --runs 4",
    "--faults --only full",
    "--faults --only COMMIT",
    "--faults --only killed --runs 2",
    "--drain --nodes 3 --runs 4",
    "--engine sqlite --kills 25 --messages 200 --conversations 30",
    "--nodes 3 --engine postgres --kills 25 --messages 200 --conversations 30",
];
/// Of those messages that ask for no appointment.
const RINGS_EVERY: usize = 5;
/// The business's own service does what it is asked and answers so much later: many die in between.
const SERVICE_MS: u64 = 120;
/// How long a stopped node still answers: no time where it is stopped only to be looked at.
const GRACE: &str = "FRONTDESK_SERVER__SHUTDOWN_GRACE_MS";
/// Customers and the team try for so long: a busy machine answers late, and that is no broken promise.
const TRIED_FOR: Duration = Duration::from_secs(580);
/// Until they are through, and then until nothing is left to do.
const PATIENCE: Duration = Duration::from_secs(600);

/// What `ci` brings down: every point once on SQLite, fifty kills, and a little of all that else can happen.
pub(crate) fn little(summary: &mut Vec<String>) -> Result<()> {
    let began = Instant::now();
    let folder = rig::new_folder("crash")?;
    let programs = Programs::build(&folder.join("programs"))?;
    let run = |n: usize| -> Result<()> {
        let words: Vec<String> = LITTLE[n].split_whitespace().map(str::to_owned).collect();
        bring_down(&Options::parse(&words)?, &programs, &folder.join(n.to_string()))
            .with_context(|| format!("crash {}", LITTLE[n]))
    };
    let failed = thread::scope(|scope| {
        let all = [scope.spawn(|| run(0)), scope.spawn(|| (1..LITTLE.len()).try_for_each(run))];
        let ended = all.into_iter().map(|one| one.join().unwrap_or_else(|_| bail!("a run panicked")));
        ended.filter_map(Result::err).map(|e| format!("{e:#}")).collect::<Vec<_>>()
    });
    if !failed.is_empty() {
        bail!("{}; everything is kept in {}", failed.join("; "), folder.display());
    }
    fs::remove_dir_all(&folder)?;
    summary.push(format!("crash: {} kinds of runs in {:.0} s, every promise kept", LITTLE.len(), began.elapsed().as_secs_f64()));
    Ok(())
}

fn bring_down(options: &Options, programs: &Programs, folder: &Path) -> Result<()> {
    let cluster = options.engines().contains(&Engine::Postgres).then(|| Cluster::start(true)).transpose()?;
    let mut broken = Vec::new();
    for engine in options.engines() {
        let site =
            Site { programs, cluster: cluster.as_ref().filter(|_| *engine == Engine::Postgres), folder: folder.to_owned() };
        let good = match options.mode {
            Mode::Kills => kills::run(&site, options)?,
            Mode::Points => points::sweep(&site, options)?,
            Mode::PowerLoss => power_loss::run(&site, options)?,
            Mode::Drain => drain::run(&site, options)?,
            Mode::Faults => faults::run(&site, options)?,
        };
        if !good {
            broken.push(engine.name());
        }
    }
    if !broken.is_empty() {
        bail!("promises were broken on {}; everything is kept in {}", broken.join(" and "), folder.display());
    }
    Ok(())
}

/// What runs share: the programs, where they may write, and the database server if they need one.
struct Site<'s> {
    programs: &'s Programs,
    cluster: Option<&'s Cluster>,
    folder: PathBuf,
}

impl Site<'_> {
    fn engine(&self) -> Engine {
        if self.cluster.is_some() { Engine::Postgres } else { Engine::Sqlite }
    }
}

/// A business with its vendors and its customers, in a folder and a database of its own.
struct Scene<'s> {
    programs: &'s Programs,
    folder: PathBuf,
    database: String,
    fakes: Fakes,
    nodes: Vec<Node>,
    /// API key of the people who decide.
    key: String,
    /// Customers who wrote so far.
    customers: usize,
}

impl<'s> Scene<'s> {
    fn new(site: &Site<'s>, name: &str, nodes: usize, model_ms: u64, window: Duration) -> Result<Scene<'s>> {
        let mut scene = Scene::prepare(site, name, nodes, model_ms, window)?;
        scene.key = business::open(&mut scene.nodes[0], &scene.fakes)?;
        Ok(scene)
    }

    /// Everything but the business.
    fn prepare(site: &Site<'s>, name: &str, nodes: usize, model_ms: u64, window: Duration) -> Result<Scene<'s>> {
        Scene::prepare_with(site, name, nodes, model_ms, window, &[])
    }

    /// The same with further options of the fakes.
    fn prepare_with(
        site: &Site<'s>,
        name: &str,
        nodes: usize,
        model_ms: u64,
        window: Duration,
        fakes: &[(&str, String)],
    ) -> Result<Scene<'s>> {
        let folder = site.folder.join(name);
        fs::create_dir_all(&folder)?;
        let database = match site.cluster {
            Some(cluster) => cluster.database(&name.replace('-', "_"))?,
            None => format!("sqlite:{}", folder.join("frontdesk.db").display()),
        };
        let ports = (0..nodes).map(|_| rig::free_port()).collect::<Result<Vec<_>>>()?;
        let fakes = [fakes, &[("service-latency-ms", SERVICE_MS.to_string())]].concat();
        let fakes = Fakes::start(site.programs, &folder, &format!("http://127.0.0.1:{}/webhook", ports[0]), model_ms, &fakes)?;
        let mut nodes: Vec<_> = ports.iter().map(|port| Node::new(site.programs, &fakes, &database, &folder, *port)).collect();
        for node in &mut nodes {
            node.set("FRONTDESK_WHATSAPP__UNKNOWN_WINDOW_S", &window.as_secs().to_string());
            node.set(GRACE, "0");
        }
        Ok(Scene { programs: site.programs, folder, database, fakes, nodes, key: String::new(), customers: 0 })
    }

    /// Some of what they ask for waits for somebody's word, and some cannot be done again.
    fn some_wait(&self, every: usize) -> [(&'static str, String); 4] {
        [
            ("wait-every", every.to_string()),
            ("ring-every", RINGS_EVERY.to_string()),
            ("key", self.key.clone()),
            ("sent", self.fakes.sent.display().to_string()),
        ]
    }

    /// New customers, who write so many messages each on average.
    fn customers(&mut self, customers: usize, messages: usize, more: &[(&str, String)]) -> Result<Load> {
        let mut arguments = vec![
            ("customers", customers.to_string()),
            ("messages", messages.to_string()),
            ("first", self.customers.to_string()),
            ("plan", self.plan().display().to_string()),
            ("patience-s", TRIED_FOR.as_secs().to_string()),
        ];
        arguments.extend(more.iter().cloned());
        self.customers += customers;
        let webhooks: Vec<String> = self.nodes.iter().map(Node::webhook).collect();
        Load::start(self.programs, &webhooks, &arguments)
    }

    /// Until those who write and decide are through. Somebody else writes now and then: the news of these answers tell that the vendor's
    /// pipeline is alive, without which a send of unknown fate would wait for ten windows, and everybody behind it.
    fn wait_for(
        &mut self,
        mut through: impl FnMut() -> bool,
        patience: Duration,
        mut meanwhile: impl FnMut(&mut Scene<'_>) -> Result<()>,
    ) -> Result<bool> {
        let end = Instant::now() + patience;
        let (mut visitors, mut next_visit) = (Vec::<Load>::new(), Instant::now());
        while !through() {
            if Instant::now() > end {
                return Ok(false);
            }
            meanwhile(self)?;
            if Instant::now() >= next_visit && visitors.last_mut().is_none_or(Load::is_through) {
                visitors.push(self.customers(1, 1, &[])?);
                next_visit = Instant::now() + Duration::from_secs(1);
            }
            thread::sleep(Duration::from_millis(50));
        }
        meanwhile(self)?;
        visitors.into_iter().try_for_each(|visitor| visitor.summary().map(drop))?;
        Ok(true)
    }

    /// Until nothing is left to do. Visitors come less and less often: where an answer takes longer than the next one is away, there is always
    /// something left to do.
    fn settle(&mut self, patience: Duration) -> Result<bool> {
        let end = Instant::now() + patience;
        let (mut next_visit, mut pause) = (Instant::now(), Duration::from_secs(2));
        while Instant::now() < end {
            if Instant::now() >= next_visit {
                self.customers(1, 1, &[])?.summary()?;
                next_visit = Instant::now() + pause;
                pause = (pause * 2).min(Duration::from_secs(20));
            }
            thread::sleep(Duration::from_millis(150));
            if self.nodes.iter().all(|node| node.is_idle() == Some(true)) {
                // The last statuses are on their way.
                thread::sleep(Duration::from_millis(300));
                if self.nodes.iter().all(|node| node.is_idle() == Some(true)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn plan(&self) -> PathBuf {
        self.folder.join("plan.jsonl")
    }

    /// Stops the product and looks at what it left.
    fn audit(&mut self) -> Result<verdict::Verdict> {
        for node in &mut self.nodes {
            node.stop()?;
        }
        verdict::Verdict::of(self.programs, &self.database, &self.plan(), &self.fakes)
    }

    /// What those say who wrote and decided.
    fn heard(verdict: &mut verdict::Verdict, told: &Value) {
        if told["given_up"] != 0 {
            verdict.problem(format!("{} webhooks were never acknowledged", told["given_up"]));
        }
        if told["undecided"] != 0 {
            verdict.problem(format!("{} requests were never put before anybody", told["undecided"]));
        }
        for wrong in told["wrong"].as_array().into_iter().flatten() {
            verdict.problem(wrong.as_str().unwrap_or_default().to_owned());
        }
    }
}

/// splitmix64: the same seed gives the same run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// A folder name of words.
fn slug(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

/// The end of a log, for a look at what went wrong.
fn tail(path: &Path, lines: usize) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
