//! One process of the product: started, asked, measured, killed.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::{ACCOUNT, APP_SECRET, Fakes, Programs, get};
use crate::shell;

/// Longest that a start may take.
const START: Duration = Duration::from_secs(150);

/// A process of the product, running or dead.
pub(crate) struct Node {
    program: PathBuf,
    pub(crate) port: u16,
    folder: PathBuf,
    environment: Vec<(String, String)>,
    /// Words before the program's own, such as `prlimit`.
    within: Vec<String>,
    child: Option<Child>,
}

impl Node {
    /// Connected to the fakes and without pacing: nothing but the product itself holds a message back.
    pub(crate) fn new(programs: &Programs, fakes: &Fakes, database: &str, folder: &Path, port: u16) -> Node {
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let environment = vec![
            text("LISTEN", &format!("127.0.0.1:{port}")),
            text("DATABASE_URL", database),
            text("FRONTDESK_DATA_DIR", &folder.join(format!("data-{port}")).to_string_lossy()),
            text("GRAPH_BASE_URL", &fakes.graph),
            text("PHONE_NUMBER_ID", ACCOUNT),
            text("ACCESS_TOKEN", "access-token-of-the-rig"),
            text("APP_SECRET", APP_SECRET),
            text("VERIFY_TOKEN", "verify-token-of-the-rig"),
            text("DEFAULT_AI_MODEL", "openai"),
            text("OPENAI_BASE_URL", &fakes.openai),
            text("OPENAI_API_KEY", "model-key-of-the-rig"),
            // Nodes of one database have one key.
            text("ENCRYPTION_KEY", "the encryption key that all nodes of the rig share"),
            text("FRONTDESK_TOOLS__OPEN_ORIGINS", &format!("{},{}", fakes.service, fakes.tools.trim_end_matches("/mcp"))),
            text("STRIPE_BASE_URL", &fakes.stripe),
            text("BURST_WAIT_MS", "0"),
            text("WHATSAPP_MESSAGES_PER_SECOND", "0"),
            text("WHATSAPP_PAIR_BURST", "0"),
            text("FRONTDESK_TURNS__CONTACT_MESSAGES_PER_HOUR", "0"),
            text("LOG_LEVEL", "warn"),
        ];
        Node {
            program: programs.path("frontdesk"),
            port,
            folder: folder.to_owned(),
            environment,
            within: Vec::new(),
            child: None,
        }
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }
    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.retain(|(n, _)| n != name);
    }

    /// Runs as the argument of another program, which becomes it.
    pub(crate) fn within(&mut self, words: &[&str]) {
        self.within = words.iter().map(|word| (*word).to_owned()).collect();
    }

    pub(crate) fn webhook(&self) -> String {
        format!("http://127.0.0.1:{}/webhook", self.port)
    }

    /// The program with other words than `serve`, at the same place.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut whole = self.within.iter().map(AsRef::<std::ffi::OsStr>::as_ref).chain([self.program.as_os_str()]);
        let mut command = Command::new(whole.next().unwrap_or(self.program.as_os_str()));
        command.args(whole).args(words).current_dir(&self.folder).env_clear().envs(self.environment.iter().cloned());
        command.stdin(Stdio::null());
        command
    }

    /// Starts it, without waiting. Its folder is its working folder, so that no `.env` of the developer's is read.
    pub(crate) fn start(&mut self) -> Result<()> {
        let log = OpenOptions::new().create(true).append(true).open(self.folder.join(format!("node-{}.log", self.port)))?;
        let mut command = self.command(&["serve"]);
        command.stdout(log.try_clone()?).stderr(log);
        self.child = Some(command.spawn().context("cannot start frontdesk")?);
        Ok(())
    }

    /// Starts it and waits until it is ready; how long that took.
    pub(crate) fn start_and_wait(&mut self) -> Result<Duration> {
        let began = Instant::now();
        self.start()?;
        while !matches!(get(self.port, "/ready"), Ok((200, _))) {
            if self.has_ended() || began.elapsed() > START {
                bail!("frontdesk did not start: see {}", self.folder.join(format!("node-{}.log", self.port)).display());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Ok(began.elapsed())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.as_mut().is_none_or(|child| matches!(child.try_wait(), Ok(Some(_))))
    }

    /// SIGKILL: nothing is flushed, nobody says good-bye.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// SIGTERM, and waits until it is gone.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let Some(child) = &mut self.child else { return Ok(()) };
        shell::read(Command::new("kill").args(["-TERM", &child.id().to_string()]))?;
        let end = Instant::now() + Duration::from_secs(40);
        while child.try_wait()?.is_none() {
            if Instant::now() > end {
                self.kill();
                bail!("frontdesk did not stop when it was asked to");
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.child = None;
        Ok(())
    }

    /// Whether its log holds these words.
    pub(crate) fn said(&self, words: &str) -> bool {
        let log = self.folder.join(format!("node-{}.log", self.port));
        std::fs::read_to_string(log).is_ok_and(|text| text.contains(words))
    }

    /// Has it nothing left to do? `None`: it does not answer.
    pub(crate) fn is_idle(&self) -> Option<bool> {
        let (_, metrics) = get(self.port, "/metrics").ok()?;
        let busy = [
            "frontdesk_lanes_unfinished ",
            "frontdesk_effects{state=\"pending\"} ",
            "frontdesk_effects{state=\"sending\"} ",
            "frontdesk_effects{state=\"unknown\"} ",
        ];
        let value = |name: &str| metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
        busy.iter().map(|name| value(name).map(|n| n == 0.0)).try_fold(true, |all, one| Some(all && one?))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}
