//! What the product costs and how fast it is, measured on this machine with the real binary.

mod inbox;
mod machine;
mod start;
mod table;
mod turns;
mod waiting;

use std::{fs, path::Path};

use anyhow::{Result, bail};

use crate::{
    postgres::Cluster,
    rig::{self, Fakes, Node, Programs},
};
use table::Table;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (mut json, mut quick, mut only_inbox) = (false, false, false);
    for argument in arguments {
        match argument.as_str() {
            "--json" => json = true,
            "--quick" => quick = true,
            "inbox" => only_inbox = true,
            other => bail!("`bench` does not know `{other}`"),
        }
    }
    let folder = rig::new_folder("bench")?;
    let programs = Programs::build(true, None, &folder.join("programs"))?;
    let mut table = Table::new(machine::describe());
    let rounds = if quick { 3 } else { 7 };

    let sqlite = Site::new(&programs, &folder, None);
    if only_inbox {
        let cluster = Cluster::start(true)?;
        inbox::measure(&sqlite, &mut table, rounds * 15)?;
        inbox::measure(&Site::new(&programs, &folder, Some(&cluster)), &mut table, rounds * 15)?;
        return finish(&table, &folder, json);
    }
    start::measure(&programs, &folder, &mut table, rounds)?;
    turns::cost(&sqlite, &mut table, rounds)?;
    turns::saturation(&sqlite, &mut table, rounds)?;
    turns::slow_model(&sqlite, &mut table, if quick { 8 } else { 20 })?;
    waiting::measure(&sqlite, &mut table, if quick { 20 } else { 30 })?;
    let cluster = Cluster::start(true)?;
    let postgres = Site::new(&programs, &folder, Some(&cluster));
    turns::cost(&postgres, &mut table, rounds)?;
    turns::saturation(&postgres, &mut table, rounds)?;
    inbox::measure(&sqlite, &mut table, rounds * 15)?;
    inbox::measure(&postgres, &mut table, rounds * 15)?;
    finish(&table, &folder, json)
}

fn finish(table: &Table, folder: &Path, json: bool) -> Result<()> {
    let file = folder.join("figures.json");
    fs::write(&file, table.json())?;
    eprintln!("\n{}\nas JSON: {}", table.text(), file.display());
    if json {
        use std::io::Write;
        writeln!(std::io::stdout(), "{}", table.json())?;
    }
    Ok(())
}

/// Where measurements of one engine happen.
struct Site<'s> {
    programs: &'s Programs,
    folder: &'s Path,
    cluster: Option<&'s Cluster>,
}

impl<'s> Site<'s> {
    fn new(programs: &'s Programs, folder: &'s Path, cluster: Option<&'s Cluster>) -> Site<'s> {
        Site { programs, folder, cluster }
    }

    fn engine(&self) -> &'static str {
        if self.cluster.is_some() { "PostgreSQL" } else { "SQLite" }
    }

    /// The product, ready and warm, on a database of its own, with vendors of its own.
    fn open(&self, name: &str, model_ms: u64) -> Result<Scene> {
        let name = format!("{name}_{}", self.engine().to_ascii_lowercase());
        let folder = self.folder.join(&name);
        fs::create_dir_all(&folder)?;
        let database = match self.cluster {
            Some(cluster) => cluster.database(&name)?,
            None => format!("sqlite:{}", folder.join("frontdesk.db").display()),
        };
        self.open_on(&name, &database, model_ms)
    }

    /// The same on a database that is there.
    fn open_on(&self, name: &str, database: &str, model_ms: u64) -> Result<Scene> {
        let folder = self.folder.join(name);
        let port = rig::free_port()?;
        let fakes = Fakes::start(self.programs, &folder, &format!("http://127.0.0.1:{port}/webhook"), model_ms)?;
        let mut node = Node::new(self.programs, &fakes, database, &folder, port);
        node.start_and_wait()?;
        Ok(Scene { node, fakes })
    }
}

/// Dropped in this order: the product before its vendors.
struct Scene {
    node: Node,
    fakes: Fakes,
}
