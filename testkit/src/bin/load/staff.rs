//! The people of the business: they decide about what waits, over the API, and click again until somebody answers them.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use frontdesk_testkit::marks::marked;
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::sleep};

use crate::{
    Crowd,
    plan::{Says, Waits, What},
};

const LOOKS_EVERY: Duration = Duration::from_millis(120);

/// What is known of what waits, by token.
#[derive(Default)]
pub(crate) struct Desk {
    /// Planned, and not decided yet.
    open: Mutex<HashMap<String, Waits>>,
    /// Customers were asked about these.
    asked: Mutex<HashSet<String>>,
    /// Customers who will press a button of the question about this.
    pressing: Mutex<HashMap<String, oneshot::Sender<String>>>,
    pub(crate) told: Mutex<Told>,
}

/// How it went.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) decided: usize,
    pub(crate) clicks: usize,
    /// Answers that a click must not get.
    pub(crate) wrong: Vec<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    pub(crate) fn expect(&self, token: &str, waits: Waits) {
        lock(&self.open).insert(token.to_owned(), waits);
    }

    /// The question about this was sent.
    pub(crate) fn was_asked(&self, token: &str) {
        lock(&self.asked).insert(token.to_owned());
    }

    /// The id of the request, once the customer has seen its question.
    pub(crate) fn question(&self, token: &str) -> oneshot::Receiver<String> {
        let (tell, told) = oneshot::channel();
        lock(&self.pressing).insert(token.to_owned(), tell);
        told
    }

    pub(crate) fn undecided(&self) -> usize {
        lock(&self.open).len()
    }

    /// Until all that was planned is decided, and not before the customers have written.
    pub(crate) async fn work(&self, crowd: &Arc<Crowd>, key: &str) {
        let writing = Duration::from_millis(crowd.arguments.over_ms);
        let end = Instant::now() + writing + Duration::from_secs(crowd.arguments.patience_s);
        while self.undecided() > 0 && Instant::now() < end {
            for request in self.pending(crowd, key).await {
                let text = request["arguments"].to_string();
                let Some(token) = marked(&text, "for:") else { continue };
                let Some(waits) = lock(&self.open).get(token).copied() else { continue };
                let id = request["id"].as_str().unwrap_or_default().to_owned();
                if waits.what == What::Offer {
                    let is_asked = lock(&self.asked).contains(token);
                    if let Some(tell) = is_asked.then(|| lock(&self.pressing).remove(token)).flatten() {
                        let _ = tell.send(id);
                        lock(&self.open).remove(token);
                    }
                    continue;
                }
                let hash = request["args_hash"].as_str().unwrap_or_default();
                if self.decide(crowd, key, token, &id, hash, waits.says).await {
                    lock(&self.open).remove(token);
                    lock(&self.told).decided += 1;
                }
            }
            sleep(LOOKS_EVERY).await;
        }
    }

    async fn pending(&self, crowd: &Arc<Crowd>, key: &str) -> Vec<Value> {
        let url = format!("{}/api/v1/approvals?state=pending&limit=200", crowd.api());
        let Ok(answer) = crowd.client.get(url).bearer_auth(key).send().await else { return Vec::new() };
        let page: Value = answer.json().await.unwrap_or_default();
        page["items"].as_array().cloned().unwrap_or_default()
    }

    /// The click, until somebody answers it; then once more, and then the opposite one, which comes too late.
    async fn decide(&self, crowd: &Arc<Crowd>, key: &str, token: &str, id: &str, hash: &str, says: Says) -> bool {
        let note = (says != Says::Silent).then(|| format!("for:{token}"));
        let yes = ("approve", json!({ "args_hash": hash, "note": note }));
        let no = ("reject", json!({ "note": note }));
        let (said, opposite) = if says == Says::Yes { (yes, no) } else { (no, yes) };
        for (nth, (verb, body)) in [&said, &said, &opposite].into_iter().enumerate() {
            let Some((status, text)) = self.click(crowd, key, id, verb, body).await else { return false };
            let wanted = if nth < 2 { 200 } else { 409 };
            if status != wanted {
                lock(&self.told).wrong.push(format!("click {} ({verb}) about {token}: {status} {text}", nth + 1));
            }
        }
        true
    }

    async fn click(&self, crowd: &Arc<Crowd>, key: &str, id: &str, verb: &str, body: &Value) -> Option<(u16, String)> {
        let end = Instant::now() + Duration::from_secs(crowd.arguments.patience_s);
        while Instant::now() < end {
            let url = format!("{}/api/v1/approvals/{id}/{verb}", crowd.api());
            lock(&self.told).clicks += 1;
            if let Ok(answer) = crowd.client.post(url).bearer_auth(key).json(body).send().await {
                let status = answer.status().as_u16();
                // Busy, shutting down, or too many of us: asked again.
                if status != 429 && status < 500 {
                    return Some((status, answer.text().await.unwrap_or_default()));
                }
            }
            sleep(Duration::from_millis(80)).await;
        }
        None
    }
}
