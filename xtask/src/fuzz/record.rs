//! How long each target has been fed in all, so that an hour for each can be made up of many evenings and machines.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::shell;

/// One file for each target, one line for what it was fed at one commit without a finding: `commit seconds inputs`.
pub(super) struct Record {
    folder: PathBuf,
    commit: String,
}

/// What a target has had.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct InAll {
    pub(super) seconds: u64,
    /// Of them, those of the present commit.
    pub(super) seconds_now: u64,
    pub(super) inputs: u64,
    /// Of the first run that counts.
    pub(super) since: Option<String>,
}

impl Record {
    pub(super) fn open(folder: &Path) -> Result<Record> {
        fs::create_dir_all(folder)?;
        // Also in a checkout that belongs to somebody else, and where there is none.
        let asked = ["-c", "safe.directory=*", "rev-parse", "--short", "HEAD"];
        let commit = shell::read(Command::new("git").args(asked).current_dir(shell::root()));
        let commit = commit.map_or_else(|_| "-".to_owned(), |said| said.trim().to_owned());
        Ok(Record { folder: folder.to_owned(), commit })
    }

    pub(super) fn add(&self, target: &str, seconds: u64, inputs: u64) -> Result<()> {
        let mut fed = self.read(target)?;
        match fed.last_mut().filter(|last| last.commit == self.commit) {
            Some(last) => (last.seconds, last.inputs) = (last.seconds + seconds, last.inputs + inputs),
            None => fed.push(Fed { commit: self.commit.clone(), seconds, inputs }),
        }
        let text: String = fed.iter().map(|one| format!("{} {} {}\n", one.commit, one.seconds, one.inputs)).collect();
        let path = self.folder.join(target);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// A parser that broke begins anew: it will be another one.
    pub(super) fn forget(&self, target: &str) -> Result<()> {
        match fs::remove_file(self.folder.join(target)) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    pub(super) fn in_all(&self, target: &str) -> Result<InAll> {
        let mut all = InAll::default();
        for one in self.read(target)? {
            all.seconds += one.seconds;
            all.seconds_now += if one.commit == self.commit { one.seconds } else { 0 };
            all.inputs += one.inputs;
            all.since.get_or_insert(one.commit);
        }
        Ok(all)
    }

    fn read(&self, target: &str) -> Result<Vec<Fed>> {
        let path = self.folder.join(target);
        match fs::read_to_string(&path) {
            Ok(text) => {
                let fed = text.lines().map(fed).collect::<Option<_>>();
                fed.with_context(|| format!("{} is not a record of runs", path.display()))
            }
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e.into()),
        }
    }
}

struct Fed {
    commit: String,
    seconds: u64,
    inputs: u64,
}

fn fed(line: &str) -> Option<Fed> {
    let mut words = line.split(' ');
    let one = Fed { commit: words.next()?.to_owned(), seconds: words.next()?.parse().ok()?, inputs: words.next()?.parse().ok()? };
    words.next().is_none().then_some(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_add_up_until_something_breaks() {
        let folder = tempfile::tempdir().unwrap();
        let at = |commit: &str| Record { folder: folder.path().to_owned(), commit: commit.to_owned() };
        let record = at("abc");
        assert_eq!(record.in_all("url").unwrap(), InAll::default());
        record.add("url", 20, 400).unwrap();
        record.add("url", 40, 600).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("url")).unwrap(), "abc 60 1000\n");
        let record = at("def");
        record.add("url", 301, 5_000).unwrap();
        let all = InAll { seconds: 361, seconds_now: 301, inputs: 6_000, since: Some("abc".into()) };
        assert_eq!(record.in_all("url").unwrap(), all);
        assert_eq!(record.in_all("json_body").unwrap(), InAll::default());
        record.forget("url").unwrap();
        record.forget("url").unwrap();
        assert_eq!(record.in_all("url").unwrap(), InAll::default());
        for strange in ["abc 1", "abc one 2", "abc 1 2 3"] {
            fs::write(folder.path().join("url"), strange).unwrap();
            assert!(record.in_all("url").is_err() && record.add("url", 1, 1).is_err(), "{strange}");
        }
    }
}
