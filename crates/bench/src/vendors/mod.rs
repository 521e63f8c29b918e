//! The vendors that the product talks to: Meta's Graph API and a model that speaks OpenAI's dialect. They do what a turn needs and nothing
//! else; whether the product keeps to their contracts is shown elsewhere.

mod graph;
mod model;

use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use axum::{Router, routing::post};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};

use crate::customers::Meta;

/// Running; stopped when dropped.
pub(crate) struct Vendors {
    port: u16,
    desk: Arc<Desk>,
    _tasks: JoinSet<()>,
}

struct Desk {
    /// What a model takes for an answer, in milliseconds.
    model_ms: AtomicU64,
    sent: watch::Sender<usize>,
    /// Customers who wait for an answer, by their number.
    expected: Mutex<HashMap<String, oneshot::Sender<Instant>>>,
    news: mpsc::UnboundedSender<graph::Accepted>,
    told: watch::Sender<usize>,
}

impl Vendors {
    /// The model takes so long for an answer.
    pub(crate) async fn start(model: Duration) -> Result<Vendors> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let (news, accepted) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk {
            model_ms: AtomicU64::new(model.as_millis() as u64),
            sent: watch::Sender::new(0),
            expected: Mutex::default(),
            news,
            told: watch::Sender::new(0),
        });
        let router = Router::new()
            .route("/v1/chat/completions", post(model::complete))
            .route("/{version}/{account}/messages", post(graph::send))
            .with_state(desk.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { drop(axum::serve(listener, router).await) });
        let told = desk.clone();
        tasks.spawn(async move { graph::tell(accepted, &told).await });
        Ok(Vendors { port, desk, _tasks: tasks })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on the product is told what happens to its messages.
    pub(crate) fn tell(&self, meta: Meta) {
        // The receiver lives as long as the vendors do.
        let _ = self.desk.news.send(graph::Accepted::From(meta));
    }

    /// Until the product was told of the fate of so many.
    pub(crate) async fn told(&self, count: usize, within: Duration) -> Result<()> {
        let mut told = self.desk.told.subscribe();
        if tokio::time::timeout(within, told.wait_for(|n| *n >= count)).await.is_err() {
            bail!("{} of {count} messages were reported in {within:?}", *told.borrow());
        }
        Ok(())
    }

    pub(crate) fn count(&self) -> usize {
        *self.desk.sent.borrow()
    }

    /// When the next message to this number is asked for.
    pub(crate) fn expect(&self, number: &str) -> oneshot::Receiver<Instant> {
        let (tell, told) = oneshot::channel();
        self.desk.expected.lock().unwrap_or_else(PoisonError::into_inner).insert(number.to_owned(), tell);
        told
    }
}

impl Desk {
    async fn think(&self) {
        let millis = self.model_ms.load(Ordering::Relaxed);
        if millis > 0 {
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
    }
}
