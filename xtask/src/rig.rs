//! The product and the fakes of its vendors as processes on this machine, for crash runs and measurements.

pub(crate) mod http;
mod node;

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell;

pub(crate) use http::{ask_as, get};
pub(crate) use node::Node;

/// Meta's phone number id of the business, and the secret it signs webhooks with.
pub(crate) const ACCOUNT: &str = "100000000000007";
pub(crate) const APP_SECRET: &str = "app-secret-of-the-rig";

/// What was built, kept under another name so that a build which runs meanwhile does not take it away: a build makes new files.
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The product and all that is around it, in a debug build, which `ci` has anyway.
    pub(crate) fn build(into: &Path) -> Result<Programs> {
        // In one go: apart, the two would be compiled with different features of what they share, and everything twice.
        made(&["-p", "frontdesk", "-p", "frontdesk-testkit", "--bins"], "debug", &["frontdesk", "fakes", "load", "audit"], into)
    }

    /// The product alone, as it is released.
    pub(crate) fn released(into: &Path) -> Result<Programs> {
        made(&["--release", "-p", "frontdesk", "--bin", "frontdesk"], "release", &["frontdesk"], into)
    }

    /// The product as it is released; what is around it is built in a minute and fast enough.
    pub(crate) fn around_a_release(into: &Path) -> Result<Programs> {
        let profile = ["--profile", "simulation", "-p", "frontdesk-testkit", "--bins"];
        made(&profile, "simulation", &["fakes", "load", "audit"], into)?;
        Programs::released(into)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.path(name));
        command.stdin(Stdio::null());
        command
    }
}

/// Builds with these arguments and keeps `names` of the folder of the profile.
fn made(arguments: &[&str], profile: &str, names: &[&str], into: &Path) -> Result<Programs> {
    shell::run(shell::cargo(&["build", "--locked"]).args(arguments))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
    let built = target.join(profile);
    fs::create_dir_all(into)?;
    for name in names {
        keep(&built.join(name), &into.join(name)).with_context(|| format!("cannot keep `{name}` of {}", built.display()))?;
    }
    Ok(Programs { folder: into.to_owned() })
}

/// Takes no space where both names can lie on the same disk.
fn keep(built: &Path, name: &Path) -> std::io::Result<()> {
    match fs::remove_file(name) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    fs::hard_link(built, name).or_else(|_| fs::copy(built, name).map(drop))
}

/// The vendors, running.
pub(crate) struct Fakes {
    child: Child,
    pub(crate) graph: String,
    pub(crate) openai: String,
    /// A service of the business's own, which its agent may call.
    pub(crate) service: String,
    /// Where a server of tools speaks the protocol.
    pub(crate) tools: String,
    pub(crate) stripe: String,
    /// `host:port` of a line to PostgreSQL that loses answers, if one was asked for.
    pub(crate) postgres: String,
    /// Every message that the fake of the Graph API accepted, one JSON line each.
    pub(crate) sent: PathBuf,
    /// Every request that the service got, one JSON line each.
    pub(crate) served: PathBuf,
    /// Every link and refund that Stripe made, one JSON line each.
    pub(crate) payments: PathBuf,
}

impl Fakes {
    /// Statuses go to `webhook`; the model takes `latency_ms`. `more`: options of the program.
    pub(crate) fn start(
        programs: &Programs,
        folder: &Path,
        webhook: &str,
        latency_ms: u64,
        more: &[(&str, String)],
    ) -> Result<Fakes> {
        let [sent, served, payments] = ["sent", "served", "payments"].map(|name| folder.join(format!("{name}.jsonl")));
        for log in [&sent, &served, &payments] {
            File::create(log)?;
        }
        let mut command = programs.command("fakes");
        command
            .args(["--graph-port", "0", "--openai-port", "0", "--gemini-port", "0", "--no-validate", "--keep", "10"])
            .args(["--webhook", webhook, "--app-secret", APP_SECRET, "--model-latency-ms"])
            .arg(latency_ms.to_string())
            .arg("--log")
            .arg(&sent)
            .arg("--service-log")
            .arg(&served)
            .args(["--payments", &format!("{webhook}s/stripe"), "--payments-log"])
            .arg(&payments)
            .args(more.iter().flat_map(|(name, value)| [format!("--{name}"), value.clone()]))
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("fakes.log"))?);
        let mut child = command.spawn().context("cannot start the fakes")?;
        let output = child.stdout.take().context("the fakes have no output")?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output.read_line(&mut line)?;
        // Whatever they say at the end must not block them.
        thread::spawn(move || output.read_to_end(&mut Vec::new()));
        let ready: Value = serde_json::from_str(&line).with_context(|| format!("the fakes did not start: {line:?}"))?;
        let url = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
        let [graph, openai, service, tools, stripe, postgres] =
            ["graph", "openai", "service", "tools", "stripe", "postgres"].map(url);
        Ok(Fakes { graph, openai, service, tools, stripe, postgres, child, sent, served, payments })
    }
}

impl Drop for Fakes {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Customers who write until they are through.
pub(crate) struct Load(Child);

impl Load {
    pub(crate) fn start(programs: &Programs, webhooks: &[String], arguments: &[(&str, String)]) -> Result<Load> {
        let mut command = programs.command("load");
        command.args(["--account", ACCOUNT, "--app-secret", APP_SECRET]);
        for webhook in webhooks {
            command.args(["--url", webhook]);
        }
        for (name, value) in arguments {
            command.arg(format!("--{name}")).arg(value);
        }
        Ok(Load(command.stdout(Stdio::piped()).spawn().context("cannot start the load")?))
    }

    pub(crate) fn is_through(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(Some(_)))
    }

    /// What it tells at its end.
    pub(crate) fn summary(mut self) -> Result<Value> {
        let mut text = String::new();
        self.0.stdout.take().context("the load has no output")?.read_to_string(&mut text)?;
        let status = self.0.wait()?;
        if !status.success() {
            bail!("the load failed ({status})");
        }
        serde_json::from_str(&text).with_context(|| format!("the load said {text:?}"))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Below those that the system gives to clients, and each time another one: nobody takes it before who asked listens there.
pub(crate) fn free_port() -> Result<u16> {
    const FIRST: u32 = 10_000;
    const MANY: u32 = 20_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..MANY {
        let nth = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id().wrapping_mul(97));
        let port = u16::try_from(FIRST + nth % MANY)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port is free")
}

/// A new, empty folder below the target folder.
pub(crate) fn new_folder(name: &str) -> Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
    let folder = std::path::absolute(target)?.join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}
