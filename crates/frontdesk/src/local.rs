//! How commands on this machine find and talk to the running server: a file in its data folder that only its owner reads.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use frontdesk_store::durable;
use serde::{Deserialize, Serialize};

/// Contents of `local.json`; written at start, removed at the end.
#[derive(Serialize, Deserialize)]
pub(crate) struct Local {
    /// `http://127.0.0.1:8000`
    pub(crate) url: String,
    /// An operator's key that lives as long as the process.
    pub(crate) key: String,
}

impl Local {
    fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("local.json")
    }

    pub(crate) fn write(&self, data_dir: &Path) -> Result<()> {
        let (path, text) = (Self::path(data_dir), serde_json::to_string(self)?);
        durable::create_folder(data_dir)
            .and_then(|()| durable::write(&path, &text))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    pub(crate) fn remove(data_dir: &Path) {
        // Nothing to do if it is gone: the next start writes a new one.
        let _ = std::fs::remove_file(Self::path(data_dir));
    }

    /// The server of one of these data folders, perhaps.
    pub(crate) fn find(folders: &[PathBuf], url: Option<&str>) -> Option<Local> {
        Self::named(folders, url).next()
    }

    /// The servers that these data folders name, at this URL (any, when none is given). A server that was killed leaves its file behind.
    pub(crate) fn named(folders: &[PathBuf], url: Option<&str>) -> impl Iterator<Item = Local> {
        let wanted = url.map(|u| u.trim_end_matches('/').to_owned());
        let read = |folder: &PathBuf| serde_json::from_str::<Local>(&std::fs::read_to_string(Self::path(folder)).ok()?).ok();
        folders.iter().filter_map(read).filter(move |local| wanted.as_deref().is_none_or(|url| same_place(url, &local.url)))
    }
}

/// `localhost` and `127.0.0.1` are one place.
fn same_place(a: &str, b: &str) -> bool {
    a.replace("localhost", "127.0.0.1") == b.replace("localhost", "127.0.0.1")
}

/// Where demos put their data when no folder is named.
pub(crate) fn demo_folder(port: u16) -> PathBuf {
    std::env::temp_dir().join(format!("frontdesk-demo-{port}"))
}

/// The folders a command looks into: the configured one, then demos of this machine.
pub(crate) fn folders(data_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![data_dir.to_owned()];
    let temp = std::env::temp_dir();
    let entries = std::fs::read_dir(&temp).with_context(|| format!("cannot look into {}", temp.display()))?;
    let mut demos: Vec<_> = entries
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().starts_with("frontdesk-demo-"))
        .filter_map(|e| Some((e.metadata().ok()?.modified().ok()?, e.path())))
        .collect();
    demos.sort_by(|a, b| b.cmp(a));
    folders.extend(demos.into_iter().map(|(_, path)| path));
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_found_by_its_url_under_either_name() {
        assert!(same_place("http://localhost:8000", "http://127.0.0.1:8000"));
        assert!(!same_place("http://127.0.0.1:8001", "http://127.0.0.1:8000"));
    }
}
