//! A copy of the sources below `target`, in which something may be missing or wrong for a while. It stays where it is, so that a small
//! change is a small build.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::shell;

pub(crate) struct Copy {
    /// The folder of everything here: sources and what is built of them.
    home: PathBuf,
    /// Held while the copy is in use: two who change it at once would show nothing.
    _lock: File,
}

impl Copy {
    /// Of every file that git knows or would add, as it lies there. What did not change is left alone, so that it is not compiled again.
    /// Waits while somebody else uses it.
    pub(crate) fn of_the_sources() -> Result<Copy> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
        let home = std::path::absolute(target)?.join("copy");
        fs::create_dir_all(&home)?;
        let lock = File::create(home.join("lock"))?;
        lock.lock().context("cannot lock the copy of the sources")?;
        let copy = Copy { home, _lock: lock };
        let tree = copy.tree();
        let listed = shell::read(
            Command::new("git")
                .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
                .current_dir(shell::root()),
        )?;
        let mut kept = Vec::new();
        for path in listed.split_terminator('\0') {
            let (from, to) = (shell::root().join(path), tree.join(path));
            if from.is_file() {
                let bytes = fs::read(&from).with_context(|| format!("cannot read {path}"))?;
                if fs::read(&to).ok().as_ref() != Some(&bytes) {
                    write(&to, &bytes)?;
                }
                kept.push(to);
            }
        }
        kept.sort();
        remove_others(&tree, &kept)?;
        Ok(copy)
    }

    pub(crate) fn home(&self) -> &Path {
        &self.home
    }
    pub(crate) fn tree(&self) -> PathBuf {
        self.home.join("tree")
    }
    pub(crate) fn target(&self) -> PathBuf {
        self.home.join("target")
    }
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Files that an earlier copy had and the sources have no more.
fn remove_others(folder: &Path, kept: &[PathBuf]) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if kept.binary_search(&path).is_err() {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
