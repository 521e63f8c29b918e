//! Does the server do what its description says? A property-based client that nobody here wrote asks it thousands of things.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use crate::{
    demo::{self, Demo},
    shell,
};

/// The client, from PyPI; a newer one may find more, so it is chosen on purpose.
const CLIENT: &str = "schemathesis==4.32.5";
/// Requests for each operation and phase.
const EXAMPLES: &str = "12";
/// What cannot be asked so: streams that do not end, what writes files, what ends the session that asks, what runs the machine.
const LEFT_OUT: &[&str] = &["/events", "/backup", "/admin", "/resume", "/checkup"];
/// Held for every answer. What a wrong request gets is a matter of our own tables: the client cannot know every rule.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method,ignored_auth";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    crate::no_arguments(arguments)?;
    check(&mut Vec::new())
}

/// The client's last word goes into `summary`.
pub(crate) fn check(summary: &mut Vec<String>) -> Result<()> {
    shell::run(&mut shell::cargo(&["build", "--package", "frontdesk", "--locked"]))?;
    let folder = demo::target().join("conform");
    let home = folder.join("client");
    let client = home.join("bin/schemathesis");
    let stamp = home.join("version");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(CLIENT) {
        let _ = fs::remove_dir_all(&home);
        shell::run(Command::new("python3").args(["-m", "venv"]).arg(&home))
            .context("the client needs Python 3 with venv (Debian, Ubuntu: `apt-get install python3-venv`)")?;
        shell::run(Command::new(home.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", CLIENT]))?;
        fs::write(&stamp, CLIENT)?;
    }
    let data = folder.join("demo");
    let _ = fs::remove_dir_all(&data);
    fs::create_dir_all(&data)?;
    let demo = Demo::start(&data)?;
    let key = demo.key()?;
    let mut ask = Command::new(client);
    ask.args(["run", &format!("{}/api/v1/openapi.json", demo.url), "--header", &format!("Authorization: Bearer {key}")]);
    ask.args([
        "--checks",
        CHECKS,
        "--max-examples",
        EXAMPLES,
        "--phases",
        "examples,coverage,fuzzing",
        "--seed",
        "1",
        "--no-shrink",
    ]);
    ask.args([
        "--workers",
        "2",
        "--continue-on-failure",
        "--suppress-health-check",
        "all",
        "--warnings",
        "off",
        "--request-timeout",
        "20",
    ]);
    for path in LEFT_OUT {
        ask.args(["--exclude-path", path]);
    }
    // The key must not stand in what is printed of the command.
    eprintln!("schemathesis against {}", demo.url);
    shell::run_quietly_named(&mut ask, "schemathesis run", |line| line.contains("passed") || line.contains("failed"), summary)
}
