//! Stories in a real browser: a demo is started, Chromium is found or installed, Playwright tells the stories.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};

use crate::{
    demo::{self, Demo, OPERATOR, OPERATOR_PASSWORD},
    rig, shell,
};

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    stories(arguments, &mut Vec::new())
}

/// Tells the stories that `arguments` choose (all when empty); what failed, where and why, and how many passed go into `summary`.
pub(crate) fn stories(arguments: &[String], summary: &mut Vec<String>) -> Result<()> {
    let console = shell::root().join("console");
    let chromium = chromium()?;
    // The build script installs the console's packages and builds it.
    shell::run(&mut shell::cargo(&["build", "--package", "frontdesk", "--locked"]))?;
    let folder = demo::target().join("e2e");
    let _ = fs::remove_dir_all(&folder);
    let shots = folder.join("shots");
    fs::create_dir_all(&shots)?;
    // Where a story starts the service that a tool of its calls; else nothing on this machine is open to tools.
    let service = format!("http://127.0.0.1:{}", rig::free_port()?);
    let demo = Demo::start(&folder, &[("FRONTDESK_TOOLS__OPEN_ORIGINS", &format!("[\"{service}\"]"))])?;
    demo.second_business()?;
    let mut playwright = Command::new("npx");
    playwright.args(["playwright", "test"]).args(arguments).current_dir(&console).stdin(Stdio::null());
    playwright
        .env("FRONTDESK", &demo.origin)
        .env("PROGRAM", demo::target().join("debug/frontdesk"))
        .env("TOOL_SERVICE", &service)
        .env("OWNER_EMAIL", &demo.owner)
        .env("ONE_TIME_PASSWORD", &demo.password)
        .env("OPERATOR_EMAIL", OPERATOR)
        .env("OPERATOR_PASSWORD", OPERATOR_PASSWORD)
        .env("CHROMIUM", chromium)
        .env("E2E_OUTPUT", folder.join("results"))
        .env("SHOTS", &shots);
    let told = shell::run_keeping(&mut playwright, is_summary, summary);
    eprintln!("screenshots: {}", shots.display());
    told
}

/// How many passed and failed, each story that failed, and of its error what says where and why.
fn is_summary(line: &str) -> bool {
    let line = line.trim();
    let counts = ["passed", "failed", "flaky", "did not run", "interrupted"];
    let counted = line
        .split_once(' ')
        .is_some_and(|(number, what)| number.parse::<u32>().is_ok() && counts.iter().any(|word| what.starts_with(word)));
    let place = line.strip_prefix("> ").is_some_and(|code| code.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    let error = line.split(' ').next().is_some_and(|word| word.ends_with("Error:"));
    let begins = ["✘", "Test timeout", "Locator:", "Expected", "Received"];
    counted || place || error || begins.iter().any(|begin| line.starts_with(begin))
}

/// Debian's own; installed when it is missing and we may.
fn chromium() -> Result<PathBuf> {
    let usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    let find = || usual.iter().map(Path::new).find(|p| p.exists()).map(Path::to_owned);
    if let Some(found) = find() {
        return Ok(found);
    }
    eprintln!("Chromium is missing: installing it");
    shell::run(Command::new("apt-get").arg("update"))?;
    shell::run(
        Command::new("apt-get")
            .args(["install", "-y", "--no-install-recommends", "chromium"])
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    find().context("there is still no Chromium: install one, Debian and Ubuntu call the package `chromium`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_named_with_its_place_and_what_passed_is_counted() {
        let told = [
            ("  ✓   1 e2e/01-begin.spec.ts:6:1 › the password opens the console (8.2s)", false),
            ("  ✘   2 e2e/06-keyboard.spec.ts:6:1 › the inbox is worked through (1.5m)", true),
            ("    Test timeout of 90000ms exceeded.", true),
            ("    Error: expect(locator).toBeVisible() failed", true),
            ("    TimeoutError: locator.click: Timeout 5000ms exceeded.", true),
            ("    Expected pattern: /grouping=week/", true),
            ("    Received string:  \"/reports\"", true),
            ("    Locator: getByRole('button', { name: 'Take over' })", true),
            ("      11 |   const list = inbox(page);", false),
            ("    > 12 |   await expect(list).toBeVisible();", true),
            ("  1 failed", true),
            ("  1 flaky", true),
            ("  3 did not run", true),
            ("  40 passed (7.1m)", true),
            ("Running 41 tests using 1 worker", false),
        ];
        for (line, kept) in told {
            assert_eq!(is_summary(line), kept, "{line}");
        }
    }
}
