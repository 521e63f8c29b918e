//! Everything that must pass before a change is merged, with a table of what it cost.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::{conform, crash, e2e, instructions, no_arguments, packaging, sbom, shell, shell::Steps, test, tidy};

/// The console by itself: types, rules, texts in both languages, and what the inbox costs to load.
fn console() -> Result<()> {
    let npm = |arguments: &[&str]| {
        let mut command = Command::new("npm");
        command.args(arguments).current_dir(shell::root().join("console")).stdin(Stdio::null());
        command
    };
    shell::run(&mut npm(&["ci", "--no-audit", "--no-fund", "--ignore-scripts"]))?;
    // The types of the API lie among the sources: written anew, though nothing changed, they would have the next release linked again.
    if !npm(&["run", "api", "--", "--check"]).output()?.status.success() {
        shell::run(&mut npm(&["run", "api"]))?;
    }
    for script in ["check", "bundle", "test", "size"] {
        shell::run(&mut npm(&["run", script]))?;
    }
    Ok(())
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    no_arguments(arguments)?;
    let mut steps = Steps::default();
    steps.run("format", || shell::run(&mut shell::cargo(&["fmt", "--all", "--check"])));
    steps.run("tidy", tidy::check);
    steps.run("clippy", || {
        let lints = ["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-D", "warnings"];
        shell::run(&mut shell::cargo(&lints))
    });
    steps.run("docs", || {
        let docs = ["doc", "--workspace", "--no-deps", "--document-private-items", "--all-features", "--locked"];
        shell::run(shell::cargo(&docs).env("RUSTDOCFLAGS", "-D warnings"))
    });
    steps.run("console", console);
    let mut summary = Vec::new();
    steps.run("sbom", || sbom::check(&mut summary));
    steps.run("instructions", || instructions::check(&mut summary));
    steps.run("packaging", || packaging::check(&mut summary));
    steps.run("conform", || conform::check(&mut summary));
    steps.run("e2e", || e2e::stories(&[], &mut summary));
    steps.run("crash", || crash::little(&mut summary));
    // Last, so that the runner's summary ends the output.
    steps.run("test", || test::everything(&[], &mut summary));

    eprintln!("\n{}", steps.table());
    for line in summary {
        eprintln!("{line}");
    }
    match steps.failed() {
        failed if failed.is_empty() => Ok(()),
        failed => bail!("failed: {}", failed.join(", ")),
    }
}
