//! Something is missing in the copy for a while.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use super::table::Removal;
use crate::copy::{Copy, write};

/// What stands in the copy until this is dropped.
pub(crate) struct Changed(Vec<(PathBuf, String)>);

/// Takes it away. What is not there any more, or more than once, is an error.
pub(crate) fn without(copy: &Copy, removal: &Removal) -> Result<Changed> {
    let mut changed = Changed(Vec::new());
    for edit in removal.edits {
        let path = copy.tree().join(edit.file);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", edit.file))?;
        match text.matches(edit.text).count() {
            1 => write(&path, text.replacen(edit.text, edit.instead, 1).as_bytes())?,
            n => bail!("{}: what is to be removed stands {n} times in {}", removal.name, edit.file),
        }
        changed.0.push((path, text));
    }
    Ok(changed)
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
