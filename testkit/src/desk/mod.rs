//! A whole front desk on one page: the real engine, web and store between fakes of the vendors, moved by hand.

mod browser;
mod business;
mod database;
mod doorkeeper;
mod http;
mod setup;
mod shop;
mod story;
mod visitor;
mod workers;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use frontdesk_engine::{Desk, upkeep};
use frontdesk_kernel::{Clock, Timestamp};
use frontdesk_store::gate::Access;
use tokio_util::sync::DropGuard;

use crate::fakes::{
    FakeConsent, FakeGemini, FakeGraph, FakeIdentityProvider, FakeImap, FakeMcp, FakeOpenAi, FakeService, FakeSmtp, FakeStripe,
    LossyLine,
};
use database::Database;
use doorkeeper::Doorkeeper;

pub use browser::Browser;
pub use business::Business;
pub use database::Engine;
pub use http::Answer;
pub use setup::{DeskClock, Setup};
pub use shop::{Shop, appointments_of};
pub use story::{Told, tell};
pub use visitor::{IDENTITY_SECRET, Live, Reply, Visitor, signed};

/// The secret of the Meta app that all numbers share unless a story says otherwise.
pub const APP_SECRET: &str = "test-app-secret";
/// Everybody who is hired signs in with it.
pub const PASSWORD: &str = "tres gatos beben té frío";
/// The burst wait that the desk starts with.
pub const BURST: Duration = Duration::from_millis(1500);
/// Nothing that a story waits for takes longer in real time.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A front desk that a story owns. Nothing moves by itself: `settle` does all the work there is, `advance` lets time pass.
pub struct TestDesk {
    pub engine: Arc<Desk>,
    pub clock: Arc<DeskClock>,
    pub graph: FakeGraph,
    pub openai: FakeOpenAi,
    pub gemini: FakeGemini,
    /// Vouches for people, with `Setup::sso`.
    pub identity: FakeIdentityProvider,
    /// A service that tools of businesses may call.
    pub service: FakeService,
    /// A server that offers tools.
    pub mcp: FakeMcp,
    /// Gives access to it by a person's consent.
    pub consent: FakeConsent,
    pub smtp: FakeSmtp,
    pub imap: FakeImap,
    pub stripe: FakeStripe,
    /// Where the desk listens (`http://127.0.0.1:port`).
    pub url: String,
    client: reqwest::Client,
    database: Database,
    doorkeeper: Arc<Doorkeeper>,
    live: bool,
    numbers: AtomicU64,
    leftovers: AtomicBool,
    violations: AtomicBool,
    _server: DropGuard,
}

impl TestDesk {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// A number that this story has not used yet.
    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Lets the mail that is due leave.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn send_mail(&self) {
        frontdesk_engine::access::mail::send_due(&self.engine).await.expect("mail is sent");
    }

    /// Reads the answers to our own mail that have arrived.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn read_mail(&self) -> usize {
        frontdesk_engine::approvals::by_mail::look(&self.engine).await.expect("the mailbox is read")
    }

    /// So many COMMITs are still answered; the next one is carried out and its answer lost (`Setup::lossy`).
    ///
    /// # Panics
    /// On SQLite, where there is no line to break.
    pub fn lose_commit_after(&self, count: u64) {
        self.database.line.as_ref().expect("a lossy line to PostgreSQL").lose_after(count);
    }

    /// From now on all COMMITs are answered.
    pub fn mend_line(&self) {
        self.database.line.as_ref().into_iter().for_each(LossyLine::mend);
    }

    /// Answers that were lost so far.
    pub fn lost_commits(&self) -> u64 {
        self.database.line.as_ref().map_or(0, LossyLine::lost)
    }

    /// The node stands still as soon as so many writes are committed, until `go_on`; its other tasks do not.
    pub fn stand_still_after(&self, writes: usize) {
        self.doorkeeper.keep(Access::Write, writes);
    }

    /// As `stand_still_after`, as soon as so many reads have seen what they see.
    pub fn stand_still_after_reading(&self, reads: usize) {
        self.doorkeeper.keep(Access::Read, reads);
    }

    /// Until it stands still.
    pub async fn stands_still(&self) {
        self.doorkeeper.keeps().await;
    }

    pub fn go_on(&self) {
        self.doorkeeper.let_go();
    }

    /// The story ends with work undone, on purpose.
    pub fn expect_leftovers(&self) {
        self.leftovers.store(true, Ordering::Relaxed);
    }

    /// A fake was asked something that its contract forbids, on purpose.
    pub fn expect_violations(&self) {
        self.violations.store(true, Ordering::Relaxed);
    }

    /// Waits, in real time, until something holds.
    ///
    /// # Panics
    /// When it does not come to hold.
    pub async fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < deadline, "waited in vain: {what}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Every row of the database as a line of JSON; what is stored as bytes can be read, too.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn dump(&self) -> String {
        let file = Arc::new(std::sync::Mutex::new(Vec::new()));
        frontdesk_store::backup::write(&self.engine.db, Shared(file.clone()), self.now(), |_| {}).await.expect("a backup");
        let text = String::from_utf8(std::mem::take(&mut *file.lock().expect("nobody panicked"))).expect("JSON");
        text.lines().map(readable).collect::<Vec<_>>().join("\n")
    }

    /// What must hold at the end of every story, then the end.
    pub(crate) async fn close(self) {
        if self.live {
            self.drained().await;
        } else {
            self.settle().await;
        }
        let mut wrong = Vec::new();
        if !self.violations.load(Ordering::Relaxed) {
            for (vendor, found) in [
                ("graph", self.graph.violations()),
                ("openai", self.openai.violations()),
                ("gemini", self.gemini.violations()),
                ("stripe", self.stripe.violations()),
                ("the server of tools", self.mcp.violations()),
                ("who gives access to it", self.consent.violations()),
            ] {
                wrong.extend(found.into_iter().map(|v| format!("{vendor}: {v}")));
            }
        }
        if !self.leftovers.load(Ordering::Relaxed) {
            wrong.extend(self.undone().await);
        }
        frontdesk_engine::workers::drain(&self.engine, "test").await;
        self.database.remove().await;
        assert!(wrong.is_empty(), "at the end of the story: {wrong:#?}");
    }

    /// Everything that is not finished.
    async fn undone(&self) -> Vec<String> {
        let b = upkeep::backlog(&self.engine).await.expect("the backlog is readable");
        let counts = [
            ("lanes unfinished", b.lanes),
            ("sends pending", b.pending),
            ("sends running", b.sending),
            ("sends unknown", b.unknown),
            ("statuses given up", self.graph.given_up() as i64),
            ("replies of OpenAI not given", self.openai.waiting() as i64),
            ("replies of Gemini not given", self.gemini.waiting() as i64),
            ("faults of OpenAI that never struck", self.openai.faults().waiting() as i64),
            ("faults of Gemini that never struck", self.gemini.faults().waiting() as i64),
            ("faults of sends that never struck", self.graph.faults().waiting() as i64),
            ("faults of payments that never struck", self.stripe.faults().waiting() as i64),
            ("acts of the server of tools that never came", self.mcp.waiting() as i64),
        ];
        counts.into_iter().filter(|(_, n)| *n != 0).map(|(what, n)| format!("{n} {what}")).collect()
    }
}

/// A file in memory.
struct Shared(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A line of a backup with its bytes as text beside them.
fn readable(line: &str) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    let read: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
    let bytes = ["word", "content", "body", "bytes"].into_iter().filter_map(|column| read["row"][column].as_str());
    let texts = bytes.filter_map(|text| BASE64_STANDARD.decode(text).ok());
    texts.fold(line.to_owned(), |line, bytes| format!("{line} {}", String::from_utf8_lossy(&bytes)))
}
