//! Builds and runs the named tests in the copy, and says which failed.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::table::Proof;
use crate::{copy::Copy, test::POSTGRES};

/// Longer than any of these tests takes on a slow machine: what is removed may make a test wait for ever.
const PATIENCE: &str = "900";

pub(crate) struct Workshop<'w> {
    pub(crate) copy: &'w Copy,
    /// A PostgreSQL for the tests.
    pub(crate) server: &'w str,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// How many.
    Passed(usize),
    /// Their names.
    Failed(Vec<String>),
    DoesNotBuild,
}

impl Workshop<'_> {
    pub(crate) fn prove(&self, proof: &Proof) -> Result<Outcome> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = self.in_copy(Command::new(&cargo), &["test", "--no-run", "--quiet"], proof).status();
        let built = built.context("cannot start cargo")?;
        if !built.success() {
            return Ok(Outcome::DoesNotBuild);
        }
        let mut within_time = Command::new("timeout");
        within_time.arg(PATIENCE).arg(cargo);
        let mut command = self.in_copy(within_time, &["test"], proof);
        command.arg("--").args(proof.tests);
        let output = command.stdout(Stdio::piped()).output().context("cannot start cargo")?;
        let said = String::from_utf8_lossy(&output.stdout);
        match (read(&said), output.status.code()) {
            (_, Some(124)) => Ok(Outcome::Failed(vec![format!("no answer within {PATIENCE} s")])),
            ((0, failed), _) if failed.is_empty() => bail!("no test of {} is called {}", proof.package, proof.tests.join(" or ")),
            ((passed, failed), Some(0)) if failed.is_empty() => Ok(Outcome::Passed(passed)),
            ((_, failed), _) if !failed.is_empty() => Ok(Outcome::Failed(failed)),
            // A process that died in the middle tells no name.
            (_, code) => Ok(Outcome::Failed(vec![format!("the tests ended with {code:?}")])),
        }
    }

    fn in_copy(&self, mut command: Command, verb: &[&str], proof: &Proof) -> Command {
        command.args(verb).args(["--locked", "-p", proof.package, proof.target]);
        command.current_dir(self.copy.tree()).stdin(Stdio::null());
        command.env("CARGO_TARGET_DIR", self.copy.target()).env(POSTGRES, self.server);
        // The console is no part of what is shown here, and takes long to build.
        command.env("FRONTDESK_WITHOUT_CONSOLE", "1");
        command
    }
}

/// How many tests passed, and which failed.
fn read(said: &str) -> (usize, Vec<String>) {
    let mut passed = 0;
    let mut failed = Vec::new();
    for line in said.lines() {
        let Some((name, verdict)) = line.strip_prefix("test ").and_then(|rest| rest.rsplit_once(" ... ")) else { continue };
        match verdict.trim() {
            "ok" => passed += 1,
            "FAILED" => failed.push(name.to_owned()),
            _ => {}
        }
    }
    failed.sort();
    (passed, failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passed_and_what_failed_is_read_from_the_runner() {
        let said = "running 3 tests\ntest a::b ... ok\ntest a::d ... FAILED\ntest a::c ... FAILED\ntest a::e ... ignored\n\n\
                    failures:\n\n---- a::c stdout ----\nboom\n\ntest result: FAILED. 1 passed; 2 failed; 1 ignored\n";
        assert_eq!(read(said), (1, vec!["a::c".to_owned(), "a::d".to_owned()]));
        assert_eq!(read("running 0 tests\n\ntest result: ok. 0 passed\n"), (0, Vec::new()));
    }
}
