//! The house rules that a program can check, each with its reason.

mod controls;
mod documents;
mod manifests;
mod names;
mod rust;
mod secrets;
mod source;

use std::{fmt, fs, process::Command};

use anyhow::{Context, Result, bail};

use crate::{no_arguments, shell};

/// What a finding breaks, and why that matters.
struct Rule {
    name: &'static str,
    reason: &'static str,
}

/// A place that breaks a rule.
struct Finding {
    rule: &'static Rule,
    path: String,
    /// 0 = the file as a whole.
    line: usize,
    what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {} ({}: {})", self.what, self.rule.name, self.rule.reason)
    }
}

/// A file of the project. `text` is `None` when it is not UTF-8.
struct File {
    path: String,
    size: u64,
    text: Option<String>,
}

impl File {
    fn finding(&self, rule: &'static Rule, line: usize, what: impl Into<String>) -> Finding {
        Finding { rule, path: self.path.clone(), line, what: what.into() }
    }
    fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, its)| its == extension)
    }
    fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    no_arguments(arguments)?;
    check()
}

/// Fails when a file breaks a rule.
pub(crate) fn check() -> Result<()> {
    let files = files()?;
    let findings = findings(&files);
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => {
            eprintln!("{} files are tidy", files.len());
            Ok(())
        }
        n => bail!("{n} findings in {} files", files.len()),
    }
}

fn findings(files: &[File]) -> Vec<Finding> {
    let mut out = Vec::new();
    for check in [names::check, secrets::check, source::check, manifests::check, documents::check, controls::check] {
        out.extend(check(files));
    }
    out.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    out
}

/// Every file that git knows or would add. A checkout that belongs to somebody else (a container's) is read all the same.
fn files() -> Result<Vec<File>> {
    let listed = shell::read(
        Command::new("git")
            .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(shell::root()),
    )?;
    let mut files = Vec::new();
    for path in listed.split_terminator('\0') {
        let full = shell::root().join(path);
        if !full.is_file() {
            continue; // deleted and not committed, or a link to a folder
        }
        let bytes = fs::read(&full).with_context(|| format!("cannot read {path}"))?;
        files.push(File { path: path.to_owned(), size: bytes.len() as u64, text: String::from_utf8(bytes).ok() });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

#[cfg(test)]
impl File {
    fn new(path: &str, text: &str) -> File {
        File { path: path.to_owned(), size: text.len() as u64, text: Some(text.to_owned()) }
    }
}

/// What a check says about one file with this path and text, as `line: what`.
#[cfg(test)]
fn said(check: fn(&[File]) -> Vec<Finding>, path: &str, text: &str) -> Vec<String> {
    check(&[File::new(path, text)]).iter().map(|finding| format!("{}: {}", finding.line, finding.what)).collect()
}
