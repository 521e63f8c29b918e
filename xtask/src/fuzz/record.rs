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
    pub(super) inputs: u64,
    /// Of the first run that counts.
    pub(super) since: Option<String>,
}

impl Record {
    pub(super) fn open(folder: &Path) -> Result<Record> {
        fs::create_dir_all(folder)?;
        let commit = shell::read(Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(shell::root()))?;
        Ok(Record { folder: folder.to_owned(), commit: commit.trim().to_owned() })
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
            Ok(text) => sum(&text).with_context(|| format!("{} is not a record of runs", path.display())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(InAll::default()),
            Err(e) => Err(e.into()),
        }
    }
}

fn sum(text: &str) -> Option<InAll> {
    let mut all = InAll::default();
    for line in text.lines() {
        let mut words = line.split(' ');
        let (commit, seconds, inputs) = (words.next()?, words.next()?.parse::<u64>().ok()?, words.next()?.parse::<u64>().ok()?);
        all.seconds += seconds;
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
        let mut record = Record::open(folder.path()).unwrap();
        assert_eq!(record.in_all("url").unwrap(), InAll::default());
        record.commit = "abc".into();
        record.add("url", 60, 1_000).unwrap();
        record.commit = "def".into();
        record.add("url", 301, 5_000).unwrap();
        assert_eq!(record.in_all("url").unwrap(), InAll { seconds: 361, inputs: 6_000, since: Some("abc".into()) });
        assert_eq!(record.in_all("json_body").unwrap(), InAll::default());
        record.forget("url").unwrap();
        record.forget("url").unwrap();
        assert_eq!(record.in_all("url").unwrap(), InAll::default());
        assert_eq!([sum("abc 1"), sum("abc one 2")], [None, None]);
    }
}
