//! A demo of our own, for those who test the product from outside.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{rig, shell};

/// The operator who has a business of their own, made for the tests.
pub(crate) const OPERATOR: &str = "operator@agency.example";
pub(crate) const OPERATOR_PASSWORD: &str = "a password only for the stories";

pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from)
}

/// A running demo, gone with its owner.
pub(crate) struct Demo {
    child: Child,
    program: PathBuf,
    folder: PathBuf,
    pub(crate) port: u16,
    pub(crate) url: String,
    /// The same by its name: browsers know passkeys on names only.
    pub(crate) origin: String,
    pub(crate) owner: String,
    pub(crate) password: String,
}

impl Demo {
    /// `settings`: names and values of environment variables.
    pub(crate) fn start(folder: &Path, settings: &[(&str, &str)]) -> Result<Demo> {
        let program = target().join("debug/frontdesk");
        let (port, data) = (rig::free_port()?, folder.join("data"));
        let origin = format!("http://localhost:{port}");
        let log = fs::File::create(folder.join("demo.log"))?;
        let mut child = Command::new(&program)
            .args(["demo", "--port", &port.to_string(), "--data-dir"])
            .arg(&data)
            // What a developer's own environment says has no part in the stories.
            .env_remove("DATABASE_URL")
            .env("FRONTDESK_SERVER__REQUESTS_PER_SECOND", "0")
            .env("FRONTDESK_SERVER__PUBLIC_BASE_URL", &origin)
            .envs(settings.iter().copied())
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
            if let Some((before, after)) = line.split_once("one-time password ") {
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
        Ok(Demo { child, program, folder: data, port, url: format!("http://127.0.0.1:{port}"), origin, owner, password })
    }

    fn frontdesk(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env("FRONTDESK_DATA_DIR", &self.folder).current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    /// A key that may do everything in the demo's business.
    pub(crate) fn key(&self) -> Result<String> {
        let mut create = self.frontdesk(&["key", "create", "--tenant", "tnt_demo", "--name", "tests", "--scopes", "*", "--json"]);
        let told = shell::read(&mut create)?;
        let told: serde_json::Value = serde_json::from_str(&told).context("the key is not told as JSON")?;
        told["key"].as_str().map(str::to_owned).context("no key was told")
    }

    /// Another business on the same server, whose owner also runs the server.
    pub(crate) fn second_business(&self) -> Result<()> {
        let tenant = ["--name", "Second", "--time-zone", "America/Lima", "--language", "es", "--currency", "PEN"];
        shell::read(self.frontdesk(&["tenant", "create"]).args(tenant))?;
        let user =
            ["--tenant", "Second", "--email", OPERATOR, "--name", "Olga", "--role", "owner", "--operator", "--password-stdin"];
        let mut create = self.frontdesk(&["user", "create"]).args(user).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
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
