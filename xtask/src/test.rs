//! Every test, on SQLite and on a throw-away PostgreSQL.

use anyhow::Result;

use crate::{postgres::Cluster, shell};

/// Where the tests find PostgreSQL: a role that is no superuser, because row-level security does not bind superusers.
pub(crate) const POSTGRES: &str = "FRONTDESK_TEST_POSTGRES";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let passed_on = arguments.strip_prefix(&["--".to_owned()]).unwrap_or(arguments);
    everything(passed_on, &mut Vec::new())
}

/// Runs the tests that `arguments` choose (all when empty); the runner's last word goes into `summary`.
pub(crate) fn everything(arguments: &[String], summary: &mut Vec<String>) -> Result<()> {
    let mut command = runner();
    command.args(arguments);
    // A server of the developer's own is used as it is.
    if std::env::var_os(POSTGRES).is_some() {
        eprintln!("PostgreSQL: the one named in {POSTGRES}");
        return shell::run_keeping(&mut command, is_summary, summary);
    }
    let cluster = Cluster::start(false)?;
    command.env(POSTGRES, cluster.url());
    shell::run_keeping(&mut command, is_summary, summary)
}

fn runner() -> std::process::Command {
    if shell::read(&mut shell::cargo(&["nextest", "--version"])).is_ok() {
        shell::cargo(&["nextest", "run", "--workspace", "--locked", "--no-fail-fast"])
    } else {
        eprintln!("cargo-nextest is not installed: `cargo test` instead, which is slower");
        shell::cargo(&["test", "--workspace", "--locked", "--no-fail-fast"])
    }
}

fn is_summary(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Summary [") || line.starts_with("test result: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_either_runner_is_recognised() {
        for line in [
            "     Summary [   1.204s] 57 tests run: 57 passed, 0 skipped",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
        ] {
            assert!(is_summary(line), "{line}");
        }
        for line in ["        PASS [   0.004s] xtask summary", "test summary ... ok", ""] {
            assert!(!is_summary(line), "{line}");
        }
    }
}
