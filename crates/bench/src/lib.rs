//! What the product costs and how fast it is, measured on this machine from outside: the program as a process, its vendors and its customers
//! played by this one, nothing but loopback between them. Beside what the disk, the network and the database could do at most, in the same run.

mod customers;
mod figures;
mod http;
mod machine;
mod peers;
mod product;
mod scene;
mod seed;
mod share;
mod table;
mod vendors;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use anyhow::Context as _;
use frontdesk_kernel::Clock;

pub use peers::{Peer, serve as serve_peer};
pub use table::Table;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The program: size, start, what it takes when nothing happens.
    Start,
    /// Webhooks acknowledged, beside servers that do less.
    Acks,
    /// Whole turns with a tool: CPU, rate, the product's own time.
    Turns,
    /// Conversations that wait for a slow model.
    Waiting,
    /// Turns that wait for somebody's word.
    Parked,
    /// The inbox, search and a turn with few and with many messages stored.
    Size,
    /// Two nodes on one PostgreSQL.
    Nodes,
    /// Instructions of a turn: the same on a busy machine. Needs valgrind, and is not among the usual parts.
    Instructions,
}

impl Part {
    /// What takes longest comes last.
    pub const USUAL: [Part; 7] = [Part::Start, Part::Acks, Part::Turns, Part::Waiting, Part::Parked, Part::Nodes, Part::Size];

    /// Every part by its name.
    pub fn named(name: &str) -> Option<Part> {
        Part::USUAL.into_iter().chain([Part::Instructions]).find(|part| part.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Part::Start => "start",
            Part::Acks => "acks",
            Part::Turns => "turns",
            Part::Waiting => "waiting",
            Part::Parked => "parked",
            Part::Size => "size",
            Part::Nodes => "nodes",
            Part::Instructions => "instructions",
        }
    }
}

/// What to measure and with what.
pub struct Options {
    /// The program, which is started as `<program> serve`.
    pub program: PathBuf,
    /// An empty folder for databases and logs; its disk is the one that is measured.
    pub folder: PathBuf,
    /// A PostgreSQL database that may be written to, in schemas of its own. Without one only SQLite is measured.
    pub postgres: Option<String>,
    pub parts: Vec<Part>,
    /// Stored messages for `Part::Size`, smallest first.
    pub sizes: Vec<usize>,
    /// Fewer rounds and shorter ones: a look, no result.
    pub quick: bool,
}

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }
}

/// Measures every part on every database there is. `line` hears each figure as soon as it is known. A part that fails (the program does not
/// start or answer, the database refuses) is named with the reason, and the others are measured all the same.
pub async fn run(options: &Options, clock: Arc<dyn Clock>, line: fn(&str)) -> (Table, Vec<anyhow::Error>) {
    machine::allow_many_files();
    let mut table = Table::new(machine::describe(), line);
    let bench = Bench { options, clock, schemas: Mutex::default() };
    let mut failed = Vec::new();
    for part in &options.parts {
        for engine in bench.engines() {
            let measured = match part {
                Part::Start => figures::start::measure(&bench, engine, &mut table).await,
                Part::Acks => figures::acks::measure(&bench, engine, &mut table).await,
                Part::Turns => figures::turns::measure(&bench, engine, &mut table).await,
                Part::Waiting => figures::waiting::measure(&bench, engine, &mut table).await,
                Part::Parked => figures::parked::measure(&bench, engine, &mut table).await,
                Part::Size => figures::size::measure(&bench, engine, &mut table).await,
                Part::Nodes => figures::nodes::measure(&bench, engine, &mut table).await,
                Part::Instructions => figures::instructions::measure(&bench, engine, &mut table).await,
            };
            // Whatever came of it, the database is left as it was.
            let swept = bench.sweep().await;
            let named =
                |told: anyhow::Result<()>| told.with_context(|| format!("measuring {} on {}", part.name(), engine.name()));
            failed.extend([measured, swept].into_iter().filter_map(|told| named(told).err()));
        }
    }
    (table, failed)
}

/// What all parts share.
pub(crate) struct Bench<'b> {
    pub(crate) options: &'b Options,
    pub(crate) clock: Arc<dyn Clock>,
    /// Made in the database and not yet taken away.
    pub(crate) schemas: Mutex<Vec<String>>,
}

impl Bench<'_> {
    fn engines(&self) -> Vec<Engine> {
        let postgres = self.options.postgres.as_ref().map(|_| Engine::Postgres);
        std::iter::once(Engine::Sqlite).chain(postgres).collect()
    }

    /// How often something is measured whose spread is shown.
    pub(crate) fn rounds(&self) -> usize {
        if self.options.quick { 3 } else { 7 }
    }
}
