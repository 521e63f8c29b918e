//! `frontdesk bench`: what the product costs and how fast it is, on the machine it will run on.

use std::{fs, path::PathBuf, sync::Arc};

use anyhow::{Context, Result, anyhow, bail};
use frontdesk_bench::{Options, Part, Peer};

use crate::{clock::SystemClock, random, terminal};

const EXAMPLES: &str = "Examples:
  frontdesk bench --quick               a look, in about three minutes
  frontdesk bench turns acks            two parts of it
  frontdesk bench --postgres postgres://me@127.0.0.1/scratch
                                        SQLite and PostgreSQL; writes to schemas named frontdesk_bench_… of that database
  frontdesk bench size --messages 10000,10000000 --folder /srv/disk

It starts this program again as the product, plays its vendors and customers, and talks over loopback only.
A figure that misses its goal is shown as MISSED; the exit code is 0 all the same.";

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    /// start, acks, turns, waiting, parked, nodes, size (default: all of these), instructions (needs valgrind)
    #[arg(value_name = "PART", value_parser = part)]
    parts: Vec<Part>,
    /// Fewer and shorter rounds
    #[arg(long)]
    quick: bool,
    /// Also measure on this database of PostgreSQL
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Stored messages for `size`, smallest first (default: 10000,1000000)
    #[arg(long, value_name = "N", value_delimiter = ',')]
    messages: Vec<usize>,
    /// Where databases are put while it measures (default: a new folder in the system's temporary one)
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// One JSON document instead of the table
    #[arg(long)]
    json: bool,
    /// Write the table as Markdown, too
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Draw a chart of how much of each goal is used, too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Serve as what the product is measured against; started by the command, for itself
    #[arg(long, hide = true, value_parser = peer, requires = "port")]
    peer: Option<Peer>,
    #[arg(long, hide = true)]
    port: Option<u16>,
    #[arg(long, hide = true, default_value = "")]
    database: String,
}

fn part(word: &str) -> Result<Part, String> {
    Part::named(word).ok_or_else(|| format!("not one of {}, instructions", Part::USUAL.map(Part::name).join(", ")))
}

fn peer(word: &str) -> Result<Peer, String> {
    Peer::ALL.into_iter().find(|peer| peer.name() == word).ok_or_else(|| "not a server to measure against".to_owned())
}

pub(crate) async fn run(bench: Bench) -> Result<()> {
    if let (Some(peer), Some(port)) = (bench.peer, bench.port) {
        return frontdesk_bench::serve_peer(peer, port, &bench.database).await;
    }
    if bench.messages.windows(2).any(|pair| pair[0] >= pair[1]) {
        bail!("--messages wants numbers from small to large, such as 10000,1000000");
    }
    if bench.postgres.is_none() && bench.parts.contains(&Part::Nodes) {
        bail!("two nodes share a PostgreSQL: name a database with --postgres URL");
    }
    let folder = bench.folder.unwrap_or_else(std::env::temp_dir).join(format!("frontdesk-bench-{}", random::text(8)));
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let options = Options {
        program: std::env::current_exe().context("this program cannot be found")?,
        folder: folder.clone(),
        postgres: bench.postgres,
        parts: if bench.parts.is_empty() { Part::USUAL.to_vec() } else { bench.parts },
        sizes: if bench.messages.is_empty() { vec![10_000, 1_000_000] } else { bench.messages },
        quick: bench.quick,
    };
    let (table, mut failed) = frontdesk_bench::run(&options, Arc::new(SystemClock), terminal::reached).await;
    terminal::say(&if bench.json { table.json() } else { table.text() });
    if failed.is_empty() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    } else {
        // What the product said stays where it can be read.
        failed.push(anyhow!("everything is kept in {}", folder.display()));
    }
    for (file, text) in [(bench.markdown, table.markdown()), (bench.svg, table.svg())] {
        if let Some(file) = file {
            let written = fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()));
            failed.extend(written.err());
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    bail!("{}", failed.iter().map(|why| format!("{why:#}")).collect::<Vec<_>>().join("; "))
}
