//! A fake of Meta's Graph API for WhatsApp.

mod errors;
mod faults;
mod news;
mod requests;

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::Router;
use bytes::Bytes;
use frontdesk_kernel::Clock;
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    faults::Faults,
    journal::{Journal, Latest, Options, Recorded, lock},
    server::Server,
};
use crate::time::FakeClock;
use news::Newsroom;

pub(super) use errors::meaning;
pub use faults::GraphFault;
pub use news::{News, Statuses};

/// How the fake runs and what it tells.
pub struct GraphOptions {
    pub base: Options,
    /// Where statuses go; can be set later with `FakeGraph::webhook`.
    pub webhook: Option<Webhook>,
    pub statuses: Statuses,
    /// One JSON line for each accepted message is appended here.
    pub log: Option<PathBuf>,
    /// Gives the statuses their time.
    pub clock: Arc<dyn Clock>,
}

/// The product's webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub url: String,
    pub app_secret: String,
}

impl Default for GraphOptions {
    fn default() -> Self {
        let statuses = Statuses::usual();
        GraphOptions { base: Options::default(), webhook: None, statuses, log: None, clock: FakeClock::new() }
    }
}

/// What a call is for; each has its own faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Send,
    /// Read mark and typing indicator.
    MarkRead,
    Upload,
    /// Look-up (and deletion) of a file.
    Media,
    Download,
    /// Look-up of the phone number.
    Number,
    /// Templates of the business account.
    Templates,
}

/// A message that was accepted, whether or not the sender learned it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Sent {
    /// 1, 2, 3 … in the order of acceptance.
    pub order: u64,
    /// The phone number id it was sent from.
    pub account: String,
    /// As given in `to` or `recipient`.
    pub to: String,
    /// `text`, `interactive`, `template`, `image` …
    pub kind: String,
    /// What a person reads: text, caption, body of buttons, name of a template, emoji.
    pub text: Option<String>,
    /// `biz_opaque_callback_data`.
    pub echo: Option<String>,
    pub vendor_id: String,
    /// The message that it quotes.
    pub quotes: Option<String>,
    /// The whole request; not in the log.
    #[serde(skip)]
    pub body: Value,
}

/// A read mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadMark {
    pub account: String,
    pub message: String,
    pub typing: bool,
}

/// A file as the vendor keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMedia {
    pub id: String,
    pub mime: String,
    pub bytes: Bytes,
}

/// A running fake; dropping it stops it.
pub struct FakeGraph {
    desk: Arc<Desk>,
    _server: Server,
}

impl FakeGraph {
    /// On any free port, with everything checked.
    ///
    /// # Panics
    /// When no local port can be opened.
    pub async fn start() -> FakeGraph {
        Self::start_with(GraphOptions::default()).await.expect("a free local port")
    }

    pub async fn start_with(options: GraphOptions) -> io::Result<FakeGraph> {
        let listener = TcpListener::bind(options.base.addr).await?;
        let port = listener.local_addr()?.port();
        let stop = CancellationToken::new();
        let log = options.log.as_ref().map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        let desk = Arc::new(Desk {
            url: format!("http://{}", listener.local_addr()?),
            port,
            journal: Journal::new("whatsapp", &options.base),
            faults: Default::default(),
            media: Mutex::default(),
            files: AtomicU64::new(900_000_000_000_000),
            accepted: Mutex::new(Accepted { sent: Latest::new(options.base.keep), log }),
            count: watch::Sender::new(0),
            marks: Mutex::new(Latest::new(options.base.keep)),
            statuses: Mutex::new(options.statuses.clone()),
            webhook: Mutex::new(options.webhook.clone()),
            newsroom: Newsroom::new(),
            tasks: TaskTracker::new(),
            stop: stop.clone(),
            options,
        });
        let router = Router::new().fallback(requests::answer).with_state(desk.clone());
        Ok(FakeGraph { desk, _server: Server::start(listener, router, stop) })
    }

    /// `http://127.0.0.1:port`, for `GRAPH_BASE_URL`.
    pub fn url(&self) -> &str {
        &self.desk.url
    }
    /// Sends statuses there from now on, signed with this secret.
    pub fn webhook(&self, url: impl Into<String>, app_secret: impl Into<String>) {
        *lock(&self.desk.webhook) = Some(Webhook { url: url.into(), app_secret: app_secret.into() });
    }
    /// For messages accepted from now on.
    pub fn statuses(&self, statuses: Statuses) {
        *lock(&self.desk.statuses) = statuses;
    }
    /// What goes wrong with sends.
    pub fn faults(&self) -> &Faults<GraphFault> {
        self.faults_of(Route::Send)
    }
    pub fn faults_of(&self, route: Route) -> &Faults<GraphFault> {
        &self.desk.faults[route as usize]
    }
    /// Keeps a file as if a contact had sent it.
    pub fn add_media(&self, mime: &str, bytes: impl Into<Bytes>) -> StoredMedia {
        self.desk.keep_media(mime, bytes.into())
    }

    /// Accepted messages in order (the latest `keep` of them).
    pub fn sent(&self) -> Vec<Sent> {
        lock(&self.desk.accepted).sent.all()
    }
    pub fn sent_count(&self) -> u64 {
        *self.desk.count.borrow()
    }
    /// Waits until at least `n` messages were accepted; `Err` says what there was instead.
    pub async fn wait_for(&self, n: u64, within: Duration) -> Result<Vec<Sent>, String> {
        let mut count = self.desk.count.subscribe();
        let waited = tokio::time::timeout(within, count.wait_for(|c| *c >= n)).await.is_ok();
        let sent = self.sent();
        if waited { Ok(sent) } else { Err(format!("{} of {n} messages within {within:?}: {sent:#?}", sent.len())) }
    }
    /// Waits until all statuses were told or given up; `false`: not in time.
    pub async fn settled(&self, within: Duration) -> bool {
        self.desk.newsroom.settled(within).await
    }
    /// Statuses that were never answered with a 2xx.
    pub fn given_up(&self) -> u64 {
        self.desk.newsroom.given_up()
    }
    pub fn read_marks(&self) -> Vec<ReadMark> {
        lock(&self.desk.marks).all()
    }
    pub fn requests(&self) -> Vec<Recorded> {
        self.desk.journal.requests()
    }
    /// Requests that the contract forbids, and slips of the fake itself.
    pub fn violations(&self) -> Vec<String> {
        self.desk.journal.violations()
    }
}

/// All that the handlers share.
struct Desk {
    url: String,
    port: u16,
    options: GraphOptions,
    journal: Journal,
    faults: [Faults<GraphFault>; 7],
    media: Mutex<BTreeMap<String, StoredMedia>>,
    files: AtomicU64,
    accepted: Mutex<Accepted>,
    count: watch::Sender<u64>,
    marks: Mutex<Latest<ReadMark>>,
    statuses: Mutex<Statuses>,
    webhook: Mutex<Option<Webhook>>,
    newsroom: Newsroom,
    tasks: TaskTracker,
    stop: CancellationToken,
}

struct Accepted {
    sent: Latest<Sent>,
    log: Option<File>,
}

impl Desk {
    /// From here on the message counts as sent: numbered, logged, visible.
    fn accept(&self, mut sent: Sent) -> Sent {
        let mut accepted = lock(&self.accepted);
        sent.order = *self.count.borrow() + 1;
        sent.vendor_id = requests::vendor_id(self.port, sent.order);
        if let Some(log) = &mut accepted.log {
            let line = serde_json::to_string(&sent).expect("a plain struct") + "\n";
            log.write_all(line.as_bytes()).expect("the log of accepted messages can be written");
        }
        accepted.sent.push(sent.clone());
        self.count.send_replace(sent.order);
        sent
    }

    async fn tell(self: Arc<Self>, sent: Sent) {
        let statuses = lock(&self.statuses).clone();
        if statuses.is_empty() || lock(&self.webhook).is_none() {
            return;
        }
        self.newsroom.announce();
        let desk = self.clone();
        let (before, seconds) = (statuses.come_before_answer(), self.options.clock.now().0 / 1000);
        let telling = async move { desk.newsroom.tell(&sent, &statuses, &desk.webhook, seconds, &desk.journal).await };
        if before {
            telling.await;
        } else {
            let stop = self.stop.clone();
            self.tasks.spawn(async move { stop.run_until_cancelled(telling).await });
        }
    }

    fn keep_media(&self, mime: &str, bytes: Bytes) -> StoredMedia {
        let id = self.files.fetch_add(1, Ordering::Relaxed).to_string();
        let kept = StoredMedia { id, mime: mime.to_owned(), bytes };
        lock(&self.media).insert(kept.id.clone(), kept.clone());
        kept
    }
}

#[cfg(test)]
mod tests;
