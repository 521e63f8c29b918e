//! Kills the product while customers write to it, and checks that each of them was answered exactly once.

mod kills;
mod options;
mod points;
mod verdict;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    postgres::Cluster,
    rig::{self, Fakes, Load, Node, Programs},
};
use options::{Engine, Options};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let options = Options::parse(arguments)?;
    let folder = rig::new_folder("crash")?;
    let features = options.points.then_some("frontdesk/crash-points");
    let programs = Programs::build(options.release, features, &folder.join("programs"))?;
    let cluster = options.engines().contains(&Engine::Postgres).then(|| Cluster::start(true)).transpose()?;
    let mut broken = Vec::new();
    for engine in options.engines() {
        let site = Site {
            programs: &programs,
            cluster: cluster.as_ref().filter(|_| *engine == Engine::Postgres),
            folder: folder.clone(),
        };
        let good = if options.points { points::sweep(&site, &options)? } else { kills::run(&site, &options)? };
        if !good {
            broken.push(engine.name());
        }
    }
    if !broken.is_empty() {
        bail!("promises were broken on {}; everything is kept in {}", broken.join(" and "), folder.display());
    }
    fs::remove_dir_all(&folder)?;
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
    /// Customers who wrote so far.
    customers: usize,
}

impl<'s> Scene<'s> {
    fn new(site: &Site<'s>, name: &str, nodes: usize, model_ms: u64, window: Duration) -> Result<Scene<'s>> {
        let folder = site.folder.join(name);
        fs::create_dir_all(&folder)?;
        let database = match site.cluster {
            Some(cluster) => cluster.database(&name.replace('-', "_"))?,
            None => format!("sqlite:{}", folder.join("frontdesk.db").display()),
        };
        let ports = (0..nodes).map(|_| rig::free_port()).collect::<Result<Vec<_>>>()?;
        let fakes = Fakes::start(site.programs, &folder, &format!("http://127.0.0.1:{}/webhook", ports[0]), model_ms)?;
        let mut nodes: Vec<_> = ports.iter().map(|port| Node::new(site.programs, &fakes, &database, &folder, *port)).collect();
        for node in &mut nodes {
            node.set("FRONTDESK_WHATSAPP__UNKNOWN_WINDOW_S", &window.as_secs().to_string());
        }
        Ok(Scene { programs: site.programs, folder, database, fakes, nodes, customers: 0 })
    }

    /// New customers, who write so many messages each on average.
    fn customers(&mut self, customers: usize, messages: usize, more: &[(&str, String)]) -> Result<Load> {
        let mut arguments = vec![
            ("customers", customers.to_string()),
            ("messages", messages.to_string()),
            ("first", self.customers.to_string()),
            ("plan", self.plan().display().to_string()),
        ];
        arguments.extend(more.iter().cloned());
        self.customers += customers;
        let webhooks: Vec<String> = self.nodes.iter().map(Node::webhook).collect();
        Load::start(self.programs, &webhooks, &arguments)
    }

    /// Until nothing is left to do. Somebody writes now and then: the news of these answers tell that the vendor's pipeline is alive,
    /// without which a send of unknown fate would wait for ten windows.
    fn settle(&mut self, patience: Duration) -> Result<bool> {
        let end = Instant::now() + patience;
        let mut next_visit = Instant::now();
        while Instant::now() < end {
            if Instant::now() >= next_visit {
                self.customers(1, 1, &[])?.summary()?;
                next_visit = Instant::now() + Duration::from_secs(1);
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
        verdict::Verdict::of(self.programs, &self.database, &self.plan(), &self.fakes.sent)
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
