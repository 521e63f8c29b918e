//! How long each target has been fed in all, so that an hour for each can be made up of many evenings.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::shell;

/// One file for each target, one line for each run without a finding: `commit seconds inputs`.
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
        let mut file = OpenOptions::new().create(true).append(true).open(self.folder.join(target))?;
        Ok(writeln!(file, "{} {seconds} {inputs}", self.commit)?)
    }

    /// A parser that broke begins anew: it will be another one.
    pub(super) fn forget(&self, target: &str) -> Result<()> {
        match fs::remove_file(self.folder.join(target)) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(e.into()),
            _ => Ok(()),
        }
    }

    pub(super) fn in_all(&self, target: &str) -> Result<InAll> {
        let path = self.folder.join(target);
        match fs::read_to_string(&path) {
            Ok(text) => sum(&text, &self.commit).with_context(|| format!("{} is not a record of runs", path.display())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(InAll::default()),
            Err(e) => Err(e.into()),
        }
    }
}

fn sum(text: &str, now: &str) -> Option<InAll> {
    let mut all = InAll::default();
    for line in text.lines() {
        let mut words = line.split(' ');
        let (commit, seconds, inputs) = (words.next()?, words.next()?.parse::<u64>().ok()?, words.next()?.parse::<u64>().ok()?);
        all.seconds += seconds;
        all.seconds_now += if commit == now { seconds } else { 0 };
        all.inputs += inputs;
        all.since.get_or_insert_with(|| commit.to_owned());
    }
    Some(all)
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
        record.add("url", 60, 1_000).unwrap();
        let record = at("def");
        record.add("url", 301, 5_000).unwrap();
        let all = InAll { seconds: 361, seconds_now: 301, inputs: 6_000, since: Some("abc".into()) };
        assert_eq!(record.in_all("url").unwrap(), all);
        assert_eq!(record.in_all("json_body").unwrap(), InAll::default());
        record.forget("url").unwrap();
        record.forget("url").unwrap();
        assert_eq!(record.in_all("url").unwrap(), InAll::default());
        assert_eq!([sum("abc 1", "abc"), sum("abc one 2", "abc")], [None, None]);
    }
}
