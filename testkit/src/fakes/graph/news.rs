//! What Meta tells about a message after it accepted it.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, watch},
    time::sleep,
};

use super::{Sent, Webhook};
use crate::fakes::{
    inbound,
    journal::{Journal, lock},
};

/// One thing told, or a pause before the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    Sent,
    Delivered,
    Read,
    Played,
    /// Accepted, then failed with this code.
    Failed(i64),
    Wait(Duration),
}

/// Which statuses follow an accepted message, and how they arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses {
    news: Vec<News>,
    copies: usize,
    before_answer: bool,
    forged: bool,
    tries: u32,
}

impl Statuses {
    /// Sent, delivered, read, soon after the answer.
    pub fn usual() -> Statuses {
        Statuses::of([News::Wait(Duration::from_millis(20)), News::Sent, News::Delivered, News::Read])
    }
    pub fn never() -> Statuses {
        Statuses::of([])
    }
    /// Exactly these, in this order, however unlikely.
    pub fn of(news: impl Into<Vec<News>>) -> Statuses {
        Statuses { news: news.into(), copies: 1, before_answer: false, forged: false, tries: 12 }
    }
    /// Each status comes so many times.
    pub fn copies(self, copies: usize) -> Statuses {
        Statuses { copies, ..self }
    }
    /// All statuses are delivered before the send is answered.
    pub fn before_answer(self) -> Statuses {
        Statuses { before_answer: true, ..self }
    }
    /// Signed with a wrong secret.
    pub fn forged(self) -> Statuses {
        Statuses { forged: true, ..self }
    }
    /// How often a status is posted until it is answered with a 2xx.
    pub fn tries(self, tries: u32) -> Statuses {
        Statuses { tries, ..self }
    }

    pub(super) fn come_before_answer(&self) -> bool {
        self.before_answer
    }
    pub(super) fn is_empty(&self) -> bool {
        self.news.is_empty()
    }
}

/// Posts statuses to the product, a limited number at a time.
pub(super) struct Newsroom {
    client: reqwest::Client,
    posts: Semaphore,
    untold: watch::Sender<usize>,
    given_up: AtomicU64,
}

impl Newsroom {
    pub(super) fn new() -> Newsroom {
        Newsroom {
            client: inbound::client(32),
            posts: Semaphore::new(32),
            untold: watch::Sender::new(0),
            given_up: AtomicU64::new(0),
        }
    }

    /// Counts a message whose statuses are to be told, so that `settled` waits for it.
    pub(super) fn announce(&self) {
        self.untold.send_modify(|n| *n += 1);
    }

    /// Tells everything about an announced message. `webhook` is read at each try: the product may move.
    pub(super) async fn tell(
        &self,
        sent: &Sent,
        statuses: &Statuses,
        webhook: &Mutex<Option<Webhook>>,
        seconds: i64,
        journal: &Journal,
    ) {
        for news in &statuses.news {
            let update = |status| inbound::status_update(&sent.account, &sent.to, &sent.vendor_id, status, sent.echo.as_deref());
            let body = match news {
                News::Wait(pause) => {
                    sleep(*pause).await;
                    continue;
                }
                News::Sent => update("sent"),
                News::Delivered => update("delivered"),
                News::Read => update("read"),
                News::Played => update("played"),
                News::Failed(code) => {
                    inbound::status_failed(&sent.account, &sent.to, &sent.vendor_id, *code, sent.echo.as_deref())
                }
            };
            let body = inbound::sent_at(body, seconds);
            journal.webhook(&body);
            let body = body.to_string().into_bytes();
            for _ in 0..statuses.copies {
                self.post(&body, statuses, webhook).await;
            }
        }
        self.untold.send_modify(|n| *n -= 1);
    }

    /// Waits until everything announced was told or given up.
    pub(super) async fn settled(&self, within: Duration) -> bool {
        let mut untold = self.untold.subscribe();
        tokio::time::timeout(within, untold.wait_for(|n| *n == 0)).await.is_ok()
    }

    pub(super) fn given_up(&self) -> u64 {
        self.given_up.load(Ordering::Relaxed)
    }

    async fn post(&self, body: &[u8], statuses: &Statuses, webhook: &Mutex<Option<Webhook>>) {
        let mut pause = Duration::from_millis(50);
        for _ in 0..statuses.tries {
            let Some(target) = lock(webhook).clone() else { return };
            let secret = if statuses.forged { "not the secret" } else { &target.app_secret };
            let permit = self.posts.acquire().await;
            let (status, _) = inbound::deliver(&self.client, &target.url, body.to_vec(), Some(secret)).await;
            drop(permit);
            if (200..300).contains(&status) {
                return;
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
        self.given_up.fetch_add(1, Ordering::Relaxed);
    }
}
