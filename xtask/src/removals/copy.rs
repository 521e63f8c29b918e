//! A copy of the sources below `target`, in which something may be missing for a while.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::table::Removal;
use crate::shell;

pub(crate) struct Copy {
    /// The folder of everything here: sources and what is built of them.
    home: PathBuf,
}

/// What stands in the copy until this is dropped.
pub(crate) struct Changed(Vec<(PathBuf, String)>);

impl Copy {
    /// Of every file that git knows or would add, as it lies there. What did not change is left alone, so that it is not compiled again.
    pub(crate) fn of_the_sources() -> Result<Copy> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
        let copy = Copy { home: std::path::absolute(target)?.join("removals") };
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

    pub(crate) fn tree(&self) -> PathBuf {
        self.home.join("tree")
    }
    pub(crate) fn target(&self) -> PathBuf {
        self.home.join("target")
    }

    /// Takes it away. What is not there any more, or more than once, is an error.
    pub(crate) fn without(&self, removal: &Removal) -> Result<Changed> {
        let mut changed = Changed(Vec::new());
        for edit in removal.edits {
            let path = self.tree().join(edit.file);
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", edit.file))?;
            match text.matches(edit.text).count() {
                1 => write(&path, text.replacen(edit.text, edit.instead, 1).as_bytes())?,
                n => bail!("{}: what is to be removed stands {n} times in {}", removal.name, edit.file),
            }
            changed.0.push((path, text));
        }
        Ok(changed)
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        // Two edits of one file: the first of its texts was the whole one.
        for (path, text) in self.0.iter().rev() {
            if let Err(error) = fs::write(path, text) {
                eprintln!("{} is not as it was: {error}", path.display());
            }
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
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
