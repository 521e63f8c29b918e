//! What a release is made of: every crate and every package of the console with licence and checksum, as a CycloneDX document. Fails where
//! one comes from elsewhere than its registry, is not pinned, or has a licence that `deny.toml` does not allow.

mod crates;
mod document;
mod licence;
mod packages;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{demo, shell};

/// Something that a release is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// `pkg:cargo/serde@1.0.228`
    purl: String,
    name: String,
    version: String,
    /// An SPDX expression.
    licence: String,
    /// Name and value in hexadecimal; what is ours has none.
    checksum: Option<(&'static str, String)>,
    /// The `purl`s of what it needs.
    needs: BTreeSet<String>,
}

/// The parts of a release, the whole first, and what is wrong with them.
#[derive(Debug, Default)]
struct Found {
    parts: Vec<Part>,
    problems: Vec<String>,
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let file = match arguments {
        [] => place(),
        [file] if !file.starts_with('-') => PathBuf::from(file),
        [other, ..] => bail!("`{other}` is not understood: name the file to write, or nothing"),
    };
    eprintln!("{}", write(&file)?);
    Ok(())
}

/// The same as a step of `ci`, and what `cargo deny` says where it is installed.
pub(crate) fn check(summary: &mut Vec<String>) -> Result<()> {
    summary.push(write(&place())?);
    let installed = Command::new("cargo-deny").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if installed.is_ok_and(|status| status.success()) {
        return shell::run(&mut shell::cargo(&[
            "deny",
            "--offline",
            "check",
            "--hide-inclusion-graph",
            "bans",
            "licenses",
            "sources",
        ]));
    }
    summary.push("cargo-deny is not installed: banned crates were not looked for".to_owned());
    Ok(())
}

fn place() -> PathBuf {
    demo::target().join("frontdesk.cdx.json")
}

/// Writes the document and says what is in it; the same lock files give the same bytes.
fn write(file: &Path) -> Result<String> {
    let text = |path: &str| fs::read_to_string(shell::root().join(path)).with_context(|| format!("cannot read {path}"));
    // What is built for another system, or only for tests, is in no release.
    let metadata = shell::read(&mut shell::cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform=x86_64-unknown-linux-gnu",
    ]))?;
    let mut found = crates::found(&serde_json::from_str(&metadata)?, &toml::from_str(&text("Cargo.lock")?)?)?;
    let console = packages::found(&serde_json::from_str(&text("console/package-lock.json")?)?, &text("console/.npmrc")?)?;
    let allowed = licence::allowed(&toml::from_str(&text("deny.toml")?)?)?;
    for (parts, also) in [(&found.parts, &[][..]), (&console.parts, packages::ALSO_ALLOWED)] {
        let allowed: BTreeSet<&str> = allowed.iter().map(String::as_str).chain(also.iter().copied()).collect();
        let refused = parts.iter().filter(|part| !licence::is_allowed(&part.licence, &allowed));
        found.problems.extend(refused.map(|part| format!("{}: the licence `{}` is not allowed", part.purl, part.licence)));
    }
    found.problems.extend(console.problems);
    if !found.problems.is_empty() {
        bail!("{}", found.problems.join("\n"));
    }
    let said = format!("{} crates, {} packages of the console: {}", found.parts.len(), console.parts.len(), file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, document::text(&found.parts, &console.parts)?).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(said)
}
