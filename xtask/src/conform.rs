//! Does the server do what its description says? A property-based client that nobody here wrote asks it thousands of things.

use std::{fs, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    demo::{self, Demo},
    everything, rig, shell,
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
    if arguments == ["tools"] {
        return everything::check(&mut Vec::new());
    }
    crate::no_arguments(arguments)?;
    check(&mut Vec::new())
}

/// The client's last word goes into `summary`. Then our own client is held against a server of tools that nobody here wrote.
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
    let demo = Demo::start(&data, &[])?;
    let key = demo.key()?;
    let config = folder.join("schemathesis.toml");
    fs::write(&config, toml::to_string(&known_ids(&demo, &key)?)?)?;
    let mut ask = Command::new(client);
    ask.current_dir(&folder).arg("--config-file").arg(&config);
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
    // With a second one Python 3.11 now and then counts the recursion of two parsers together, and ends both ("recursion depth mismatch").
    ask.args([
        "--workers",
        "1",
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
    shell::run_quietly_named(&mut ask, "schemathesis run", is_summary, summary)?;
    drop(demo);
    everything::check(summary)
}

/// Not what an error of the client itself quotes of its sources.
fn is_summary(line: &str) -> bool {
    line.len() < 200 && (line.contains("passed") || line.contains("failed"))
}

/// What an operation on one thing needs is something that exists: for every `/things/{id}…`, the first of `/things`. Without it each
/// answer would be "not found".
fn known_ids(demo: &Demo, key: &str) -> Result<toml::Table> {
    let ask = |path: &str| -> Result<Option<Value>> {
        let (status, body) = rig::http::get_as(demo.port, &format!("/api/v1{path}"), key)?;
        Ok((status == 200).then(|| serde_json::from_str(&body)).transpose()?)
    };
    let described = ask("/openapi.json")?.context("the server does not describe itself")?;
    let paths = described["paths"].as_object().context("the description has no paths")?;
    let first = |list: &Value, pointer: &str| list.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let business = first(&ask("/business")?.unwrap_or_default(), "/id").context("there is no business")?;
    let member = first(&ask("/members")?.unwrap_or_default(), "/items/0/id").context("nobody works there")?;
    let mut operations = Vec::new();
    let mut know = |path: &str, chosen: &[(&str, &str)]| {
        let chosen = chosen.iter().map(|(place, value)| ((*place).to_owned(), toml::Value::from(*value))).collect();
        operations.push(toml::Table::from_iter([
            ("include-path".to_owned(), toml::Value::from(path)),
            ("parameters".to_owned(), toml::Value::Table(chosen)),
        ]));
    };
    know("/agent/process", &[("header.x-user-id", &member)]);
    for path in paths.keys() {
        if path.starts_with("/agent/conversations/") {
            know(path, &[("path.tenant", &business), ("path.user", &member)]);
            continue;
        }
        let Some((list, rest)) = path.split_once("/{") else { continue };
        let Some((parameter, _)) = rest.split_once('}') else { continue };
        // A list of its own, else whatever the demo has of it.
        let Some(found) = ask(list)? else { continue };
        let items = found["items"].as_array().or(found.as_array());
        let Some(id) = items.and_then(|items| items.first()).and_then(|item| item["id"].as_str()) else { continue };
        know(path, &[(&format!("path.{parameter}"), id)]);
    }
    anyhow::ensure!(operations.len() > 20, "only {} operations know something that exists", operations.len());
    Ok(toml::Table::from_iter([("operations".to_owned(), toml::Value::from(operations))]))
}

#[cfg(test)]
mod tests {
    use super::is_summary;

    #[test]
    fn the_last_word_is_told_and_no_source_that_an_error_quotes() {
        assert!(is_summary("     ✅ 236 passed  🚫   2 errors"));
        assert!(!is_summary("Seed: 1"));
        assert!(!is_summary(&format!("KeyError: ('import re', '# each that is {} passed on')", "x".repeat(200))));
    }
}
