//! Stories in a real browser: a demo is started, Chromium is found or installed, Playwright tells the stories.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{rig, shell};

/// The operator who has a business of their own, made for the stories.
const OPERATOR: &str = "operator@agency.example";
const OPERATOR_PASSWORD: &str = "a password only for the stories";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    stories(arguments, &mut Vec::new())
}

/// Tells the stories that `arguments` choose (all when empty); Playwright's last word goes into `summary`.
pub(crate) fn stories(arguments: &[String], summary: &mut Vec<String>) -> Result<()> {
    let console = shell::root().join("console");
    let chromium = chromium()?;
    // The build script installs the console's packages and builds it.
    shell::run(&mut shell::cargo(&["build", "--package", "frontdesk", "--locked"]))?;
    let folder = target().join("e2e");
    let _ = fs::remove_dir_all(&folder);
    let shots = folder.join("shots");
    fs::create_dir_all(&shots)?;
    let demo = Demo::start(&folder)?;
    demo.second_business()?;
    let mut playwright = Command::new("npx");
    playwright.args(["playwright", "test"]).args(arguments).current_dir(&console).stdin(Stdio::null());
    playwright
        .env("FRONTDESK", &demo.url)
        .env("DEMO_URL", &demo.url)
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

fn is_summary(line: &str) -> bool {
    let line = line.trim();
    line.ends_with(')') && line.split_whitespace().nth(1).is_some_and(|word| matches!(word, "passed" | "failed"))
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from)
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

/// A running demo, gone with its owner.
struct Demo {
    child: Child,
    program: PathBuf,
    folder: PathBuf,
    url: String,
    owner: String,
    password: String,
}

impl Demo {
    fn start(folder: &Path) -> Result<Demo> {
        let program = target().join("debug/frontdesk");
        let (port, data) = (rig::free_port()?, folder.join("data"));
        let log = fs::File::create(folder.join("demo.log"))?;
        let mut child = Command::new(&program)
            .args(["demo", "--port", &port.to_string(), "--data-dir"])
            .arg(&data)
            // What a developer's own environment says has no part in the stories.
            .env_remove("DATABASE_URL")
            .env("FRONTDESK_SERVER__REQUESTS_PER_SECOND", "0")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("the demo has no output")?;
        let (mut owner, mut password) = (String::new(), String::new());
        let mut lines = BufReader::new(output).lines();
        for line in lines.by_ref() {
            let line = line?;
            if let Some((before, after)) = line.split_once("one-time password: ") {
                password = after.trim().to_owned();
                owner = before.split_whitespace().find(|w| w.contains('@')).unwrap_or_default().to_owned();
            }
            if line.contains("Stop: Ctrl-C") {
                break;
            }
        }
        if password.is_empty() {
            let _ = child.kill();
            bail!("the demo told no one-time password; its log is {}", folder.join("demo.log").display());
        }
        // Somebody must read what it says from now on.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Demo { child, program, folder: data, url: format!("http://127.0.0.1:{port}"), owner, password })
    }

    /// Another business on the same server, whose owner also runs the server.
    fn second_business(&self) -> Result<()> {
        let frontdesk = |arguments: &[&str]| {
            let mut command = Command::new(&self.program);
            command.args(arguments).env("FRONTDESK_DATA_DIR", &self.folder).current_dir(&self.folder);
            command
        };
        let tenant = ["--name", "Second", "--time-zone", "America/Lima", "--language", "es", "--currency", "PEN"];
        shell::read(frontdesk(&["tenant", "create"]).args(tenant))?;
        let user = ["--tenant", "Second", "--email", OPERATOR, "--name", "Olga", "--role", "owner", "--operator", "--password-stdin"];
        let mut create = frontdesk(&["user", "create"]).args(user).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        create.stdin.take().context("no way to hand over a password")?.write_all(OPERATOR_PASSWORD.as_bytes())?;
        if !create.wait()?.success() {
            bail!("the operator of the stories could not be made");
        }
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
