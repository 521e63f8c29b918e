//! What the shim wrote down of a program's files, record by record.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::shell;

const HEAD: usize = 40;

/// One record; bytes are where they lie in the log.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record<'l> {
    Created {
        file: u64,
        path: PathBuf,
    },
    Written {
        file: u64,
        offset: usize,
        bytes: &'l [u8],
    },
    Cut {
        file: u64,
        length: usize,
    },
    Removed {
        path: PathBuf,
    },
    Renamed {
        file: u64,
        from: PathBuf,
        to: PathBuf,
    },
    Folder {
        file: u64,
        path: PathBuf,
    },
    Syncing {
        file: u64,
        thread: u32,
    },
    Synced {
        file: u64,
        thread: u32,
    },
    /// What became of this file cannot be told.
    Unfollowed {
        path: PathBuf,
        what: String,
    },
}

/// All records of a log. Its writer was killed: the last one may be cut off, which is as if it had not been written.
pub(super) fn records(log: &[u8]) -> Result<Vec<Record<'_>>> {
    let (mut records, mut at) = (Vec::new(), 0);
    while let Some(head) = log.get(at..at + HEAD) {
        let u32_at = |i: usize| u32::from_le_bytes(head[i..i + 4].try_into().unwrap_or_default());
        let u64_at = |i: usize| u64::from_le_bytes(head[i..i + 8].try_into().unwrap_or_default());
        let (kind, thread, file) = (head[0], u32_at(8), u64_at(16));
        let (offset, length) = (usize::try_from(u64_at(24))?, usize::try_from(u64_at(32))?);
        let path = at + HEAD;
        let bytes = path + u32_at(4) as usize;
        let end = bytes + if matches!(kind, b'w' | b'r' | b'!') { length } else { 0 };
        let (Some(name), Some(rest)) = (log.get(path..bytes), log.get(bytes..end)) else { break };
        let as_path = |bytes: &[u8]| PathBuf::from(OsStr::from_bytes(bytes));
        let path = as_path(name);
        records.push(match kind {
            b'c' => Record::Created { file, path },
            b'w' => Record::Written { file, offset, bytes: rest },
            b't' => Record::Cut { file, length },
            b'u' => Record::Removed { path },
            b'r' => Record::Renamed { file, from: path, to: as_path(rest) },
            b'd' => Record::Folder { file, path },
            b'b' => Record::Syncing { file, thread },
            b'e' => Record::Synced { file, thread },
            b'!' => Record::Unfollowed { path, what: String::from_utf8_lossy(rest).into_owned() },
            _ => bail!("the shim wrote a record of an unknown kind at {at}"),
        });
        at = end;
    }
    Ok(records)
}

/// Compiles the shim into a folder; returns where it is.
pub(in crate::crash) fn build_shim(into: &Path) -> Result<PathBuf> {
    let shim = into.join("power-loss.so");
    let source = shell::root().join("testkit/power_loss/shim.c");
    shell::read(
        Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o"])
            .arg(&shim)
            .arg(source)
            .arg("-ldl"),
    )
    .context("the shim needs a C compiler")?;
    Ok(shim)
}

/// What a program needs to be followed below `folder`, which must exist.
pub(super) fn environment(shim: &Path, folder: &Path, log: &Path) -> Result<[(&'static str, String); 3]> {
    let folder = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    let text = |path: &Path| path.to_string_lossy().into_owned();
    Ok([("LD_PRELOAD", text(shim)), ("POWER_LOSS_FOLDER", text(&folder)), ("POWER_LOSS_LOG", text(log))])
}
