//! `frontdesk bench` with a release binary and a PostgreSQL of its own: see there for what is measured.

use std::process::Stdio;

use anyhow::Result;

use crate::{
    postgres::Cluster,
    rig::{self, Programs},
    shell,
};

/// Passes its arguments on, but for the database and the place.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let folder = rig::new_folder("bench")?;
    let programs = Programs::released(&folder.join("programs"))?;
    let cluster = Cluster::start(true)?;
    let mut bench = programs.command("frontdesk");
    bench.arg("bench").args(arguments).args(["--postgres", &cluster.url(), "--folder"]).arg(&folder);
    shell::run(bench.stdin(Stdio::null()))
}
