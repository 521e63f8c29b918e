//! How much of a machine a fault of ours could reach under the unit of `packaging`: systemd says it, where it is installed.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::shell;

const UNIT: &str = "packaging/frontdesk.service";
/// Its word for the most, in tenths: 2.0.
const MOST: &str = "--threshold=20";

pub(crate) fn check(summary: &mut Vec<String>) -> Result<()> {
    if Command::new("systemd-analyze").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        summary.push(format!("systemd is not installed: the exposure of {UNIT} was not measured"));
        return Ok(());
    }
    let mut measure = Command::new("systemd-analyze");
    let said = shell::read(measure.args(["security", "--offline=true", "--no-pager", MOST, UNIT]).current_dir(shell::root()))
        .context("the unit gives the program more than it needs; `systemd-analyze security --offline=true` says what")?;
    summary.push(verdict(&said).context("systemd-analyze says no overall exposure")?.to_owned());
    Ok(())
}

/// The last line of the table, without its arrow and its face.
fn verdict(said: &str) -> Option<&str> {
    let line = said.lines().rev().find(|line| line.contains("exposure level"))?;
    Some(line.trim_matches(|c: char| !c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_is_the_last_line_of_the_table() {
        let said = "✗ PrivateNetwork=  Service has access to the host's network  0.5\n\n→ Overall exposure level for x.service: 1.2 OK 🙂\n";
        assert_eq!(verdict(said), Some("Overall exposure level for x.service: 1.2 OK"));
        assert_eq!(verdict("Failed to load"), None);
    }

    #[test]
    fn the_unit_is_held_to_the_goal_where_systemd_is_installed() {
        let mut summary = Vec::new();
        check(&mut summary).unwrap();
        assert_eq!(summary.len(), 1, "{summary:?}");
    }
}
