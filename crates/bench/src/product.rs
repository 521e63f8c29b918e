//! One process of the product: started, asked, measured, stopped.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tokio::time::sleep;

use crate::{http, machine, share::Share, vendors::Vendors};

/// Meta's phone number id of the business, and the secret it signs webhooks with.
pub(crate) const ACCOUNT: &str = "100000000000007";
pub(crate) const APP_SECRET: &str = "app-secret-of-the-bench";
/// Longest that a start or a stop may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Killed when it is dropped.
pub(crate) struct Product {
    program: PathBuf,
    folder: PathBuf,
    pub(crate) port: u16,
    environment: Vec<(String, String)>,
    under: Vec<String>,
    child: Option<Child>,
    share: Option<Share>,
}

impl Product {
    /// Connected to its vendors and without pacing: nothing but the product itself holds a message back.
    pub(crate) fn new(program: &Path, vendors: &Vendors, database: &str, folder: &Path) -> Result<Product> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let settings = [
            ("LISTEN", format!("127.0.0.1:{port}")),
            ("DATABASE_URL", database.to_owned()),
            ("FRONTDESK_DATA_DIR", folder.join(format!("data-{port}")).display().to_string()),
            ("GRAPH_BASE_URL", vendors.url()),
            ("PHONE_NUMBER_ID", ACCOUNT.to_owned()),
            ("ACCESS_TOKEN", "access-token-of-the-bench".to_owned()),
            ("APP_SECRET", APP_SECRET.to_owned()),
            ("VERIFY_TOKEN", "verify-token-of-the-bench".to_owned()),
            ("DEFAULT_AI_MODEL", "openai".to_owned()),
            ("OPENAI_BASE_URL", vendors.url() + "/v1"),
            ("OPENAI_API_KEY", "model-key-of-the-bench".to_owned()),
            ("ENCRYPTION_KEY", "the encryption key that all nodes of the bench share".to_owned()),
            ("BURST_WAIT_MS", "0".to_owned()),
            ("WHATSAPP_MESSAGES_PER_SECOND", "0".to_owned()),
            ("WHATSAPP_PAIR_BURST", "0".to_owned()),
            ("FRONTDESK_TURNS__CONTACT_MESSAGES_PER_HOUR", "0".to_owned()),
            ("LOG_LEVEL", "warn".to_owned()),
        ];
        let environment = settings.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Ok(Product {
            program: program.to_owned(),
            folder: folder.to_owned(),
            port,
            environment,
            under: Vec::new(),
            child: None,
            share: None,
        })
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// A program that watches it, with its arguments.
    pub(crate) fn run_under(&mut self, under: &[&str]) {
        self.under = under.iter().map(|&word| word.to_owned()).collect();
        self.set("PATH", "/usr/local/bin:/usr/bin:/bin");
    }

    /// Its folder is its working folder, so that no `.env` of somebody's is read.
    fn command(&self, words: &[&str]) -> Command {
        let mut line = self.under.iter().map(std::ffi::OsStr::new).chain([self.program.as_os_str()]);
        let mut command = Command::new(line.next().unwrap_or_default());
        command
            .args(line)
            .args(words)
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    /// Starts it and waits until it is ready; how long that took.
    pub(crate) async fn start(&mut self) -> Result<Duration> {
        let file = self.folder.join(format!("node-{}.log", self.port));
        let log = OpenOptions::new().create(true).append(true).open(&file)?;
        let mut command = self.command(&["serve"]);
        let began = Instant::now();
        self.child = Some(command.stdout(log.try_clone()?).stderr(log).spawn().context("the program cannot be started")?);
        while !matches!(http::get(self.port, "/ready", None).await, Ok((200, _))) {
            let ended = self.child.as_mut().is_none_or(|child| matches!(child.try_wait(), Ok(Some(_))));
            if ended || began.elapsed() > PATIENCE {
                bail!("the program did not become ready: see {}", file.display());
            }
            sleep(Duration::from_millis(1)).await;
        }
        Ok(began.elapsed())
    }

    /// From now on it has no more than this share of a core.
    pub(crate) fn hold_to(&mut self, of_a_core: f64) -> std::io::Result<()> {
        let child = self.child.as_ref().ok_or_else(|| std::io::Error::other("no process to hold"))?;
        self.share = Some(Share::hold(child.id(), of_a_core)?);
        Ok(())
    }

    /// Asks it to stop and waits until it is gone.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw).context("no such process")?;
        rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
        let began = Instant::now();
        while child.try_wait()?.is_none() {
            if began.elapsed() > PATIENCE {
                let _ = child.kill();
                bail!("the program did not stop when it was asked to");
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// An API key with every right, made as an operator makes one.
    pub(crate) fn key(&self) -> Result<String> {
        let made = self.command(&["key", "create", "--json", "--name", "bench", "--scopes", "*"]).output()?;
        let made: serde_json::Value = serde_json::from_slice(&made.stdout)
            .with_context(|| format!("no key was made: {}", String::from_utf8_lossy(&made.stderr)))?;
        Ok(made["key"].as_str().context("no key was made")?.to_owned())
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// CPU of all its threads so far, in milliseconds.
    pub(crate) fn cpu_ms(&self) -> f64 {
        machine::cpu_ms(self.id()).unwrap_or_default().0
    }

    pub(crate) fn resident_mb(&self) -> f64 {
        machine::resident_mb(self.id())
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
