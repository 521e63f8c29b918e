//! Failures of the machine under SQLite: no room, no writing, no descriptors.

use std::{
    fs::{self, File},
    io::Write,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use anyhow::Result;

use super::{MODEL_MS, Shown, Told, WINDOW, endure};
use crate::{
    crash::{Options, Scene, Site, business, power_loss, slug},
    shell,
};

const LASTS: Duration = Duration::from_millis(2_500);

pub(super) fn full(site: &Site<'_>, options: &Options, name: &str) -> Result<Told> {
    in_trouble(site, options, name, "full")
}
pub(super) fn read_only(site: &Site<'_>, options: &Options, name: &str) -> Result<Told> {
    in_trouble(site, options, name, "read-only")
}
pub(super) fn broken(site: &Site<'_>, options: &Options, name: &str) -> Result<Told> {
    in_trouble(site, options, name, "broken")
}

/// The shim lets every call fail that the disk would refuse.
fn in_trouble(site: &Site<'_>, options: &Options, name: &str, what: &str) -> Result<Told> {
    let mut scene = Scene::new(site, &slug(name), 1, MODEL_MS, WINDOW)?;
    let shim = power_loss::record::build_shim(&scene.folder)?;
    let control = scene.folder.join("trouble");
    fs::write(&control, "")?;
    let folder = scene.folder.canonicalize()?;
    for (name, value) in [("LD_PRELOAD", &shim), ("POWER_LOSS_FOLDER", &folder), ("POWER_LOSS_TROUBLE", &control)] {
        scene.nodes[0].set(name, &value.to_string_lossy());
    }
    let trouble = |_: &mut Scene<'_>| {
        fs::write(&control, what)?;
        thread::sleep(LASTS);
        fs::write(&control, "")?;
        Ok(())
    };
    endure(scene, options, trouble, Shown::Webhooks).map(Told::Verdict)
}

/// A file system of its own that runs out of room.
pub(super) fn tmpfs_full(site: &Site<'_>, options: &Options, name: &str) -> Result<Told> {
    let mut scene = Scene::prepare(site, &slug(name), 1, MODEL_MS, WINDOW)?;
    let small = match Mounted::new(scene.folder.join("small")) {
        Ok(small) => small,
        Err(e) => return Ok(Told::Skipped(format!("a small file system cannot be mounted here: {e:#}"))),
    };
    scene.database = format!("sqlite:{}", small.0.join("frontdesk.db").display());
    let database = scene.database.clone();
    scene.nodes[0].unset("DATABASE_URL");
    scene.nodes[0].set("DATABASE_URL", &database);
    scene.key = business::open(&mut scene.nodes[0], &scene.fakes)?;
    let ballast = small.0.join("ballast");
    let trouble = |_: &mut Scene<'_>| {
        fill(&ballast)?;
        thread::sleep(LASTS);
        fs::remove_file(&ballast)?;
        Ok(())
    };
    let verdict = endure(scene, options, trouble, Shown::Webhooks)?;
    drop(small);
    Ok(Told::Verdict(verdict))
}

fn fill(path: &Path) -> Result<()> {
    let mut file = File::create(path)?;
    // Smaller and smaller: the last bytes, too.
    for size in [1 << 20, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    Ok(())
}

struct Mounted(PathBuf);

impl Mounted {
    fn new(folder: PathBuf) -> Result<Mounted> {
        fs::create_dir_all(&folder)?;
        shell::read(Command::new("mount").args(["-t", "tmpfs", "-o", "size=48m", "tmpfs"]).arg(&folder))?;
        Ok(Mounted(folder))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Err(error) = shell::read(Command::new("umount").arg("--lazy").arg(&self.0)) {
            eprintln!("{} is still mounted: {error:#}", self.0.display());
        }
    }
}

/// Strangers hold more connections than the process may have open.
pub(super) fn few_descriptors(site: &Site<'_>, options: &Options, name: &str) -> Result<Told> {
    const MOST: usize = 256;
    let mut scene = Scene::new(site, &slug(name), 1, MODEL_MS, WINDOW)?;
    if shell::read(Command::new("prlimit").arg("--version")).is_err() {
        return Ok(Told::Skipped("there is no `prlimit`".to_owned()));
    }
    scene.nodes[0].within(&["prlimit", &format!("--nofile={MOST}")]);
    let port = scene.nodes[0].port;
    let trouble = move |_: &mut Scene<'_>| {
        let strangers: Vec<TcpStream> = (0..MOST + 50).filter_map(|_| TcpStream::connect(("127.0.0.1", port)).ok()).collect();
        thread::sleep(LASTS);
        drop(strangers);
        Ok(())
    };
    endure(scene, options, trouble, Shown::Nothing).map(Told::Verdict)
}
