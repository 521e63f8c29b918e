//! Customers as Meta delivers them: signed webhooks, and what became of the messages they got.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use bytes::Bytes;
use frontdesk_kernel::Clock;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::Full;
use hyper::{Request, header};
use jiff::{ToSpan, civil::Weekday, tz::TimeZone};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{
    http::Connection,
    product::{ACCOUNT, APP_SECRET},
};

/// Marks in a customer's words, for the model.
pub(crate) const BOOK: &str = "book:";
pub(crate) const CANCEL: &str = "cancel!";
/// Between the acceptance of a message and the first news of it.
const NEWS_AFTER: Duration = Duration::from_millis(20);

/// Posts webhooks to the nodes of the product, in turn. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Meta(Arc<Inner>);

struct Inner {
    ports: Vec<u16>,
    next: AtomicUsize,
    spare: Vec<Mutex<Vec<Connection>>>,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
}

/// A webhook, signed, ready to be posted more than once.
#[derive(Clone)]
pub(crate) struct Webhook {
    body: Bytes,
    signature: String,
}

impl Webhook {
    pub(crate) fn signed(body: &Value) -> Webhook {
        let body = body.to_string();
        let mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).map(|mac| mac.chain_update(body.as_bytes()).finalize());
        // HMAC takes keys of any length.
        let mac = mac.map(|mac| mac.into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        Webhook { body: body.into(), signature: format!("sha256={}", mac.unwrap_or_default()) }
    }

    pub(crate) fn request(&self) -> Result<Request<Full<Bytes>>> {
        let request =
            Request::post("/webhook").header(header::HOST, "127.0.0.1").header(header::CONTENT_TYPE, "application/json");
        Ok(request.header("x-hub-signature-256", &self.signature).body(Full::new(self.body.clone()))?)
    }
}

impl Meta {
    pub(crate) fn new(ports: Vec<u16>, clock: Arc<dyn Clock>) -> Meta {
        let spare = ports.iter().map(|_| Mutex::default()).collect();
        Meta(Arc::new(Inner { ports, next: AtomicUsize::new(0), spare, clock, tasks: TaskTracker::new() }))
    }

    /// A customer writes; how long the product took to acknowledge it.
    pub(crate) async fn text(&self, from: &str, id: &str, text: &str) -> Result<Duration> {
        self.post(&Webhook::signed(&self.message(from, id, text))).await
    }

    pub(crate) fn message(&self, from: &str, id: &str, text: &str) -> Value {
        let message = json!({ "from": from, "id": id, "timestamp": self.seconds(), "type": "text", "text": { "body": text } });
        envelope(&json!({
            "contacts": [{ "profile": { "name": "Ana Prueba" }, "wa_id": from }], "messages": [message],
        }))
    }

    async fn post(&self, webhook: &Webhook) -> Result<Duration> {
        let node = self.0.next.fetch_add(1, Ordering::Relaxed) % self.0.ports.len();
        let spare = || self.0.spare[node].lock().unwrap_or_else(PoisonError::into_inner);
        let free = std::iter::from_fn(|| spare().pop()).find(Connection::is_open);
        let mut connection = match free {
            Some(connection) => connection,
            None => Connection::open(self.0.ports[node]).await?,
        };
        let began = Instant::now();
        let (status, answer) = connection.send(webhook.request()?).await?;
        let took = began.elapsed();
        if status != 200 {
            bail!("a webhook was answered with {status}: {}", String::from_utf8_lossy(&answer));
        }
        spare().push(connection);
        Ok(took)
    }

    /// Tells in the background that a message was sent, delivered and read; then `told` grows by one.
    pub(crate) fn statuses(&self, to: &str, id: &str, echo: Option<&str>, told: watch::Sender<usize>) {
        let webhooks = ["sent", "delivered", "read"].map(|status| {
            let mut news = json!({ "id": id, "status": status, "timestamp": self.seconds(), "recipient_id": to });
            if let Some(echo) = echo {
                news["biz_opaque_callback_data"] = echo.into();
            }
            Webhook::signed(&envelope(&json!({ "statuses": [news] })))
        });
        let meta = self.clone();
        self.0.tasks.spawn(async move {
            tokio::time::sleep(NEWS_AFTER).await;
            for webhook in &webhooks {
                // A node that stops hears no more; whoever counts on the news misses them.
                if meta.post(webhook).await.is_err() {
                    return;
                }
            }
            told.send_modify(|n| *n += 1);
        });
    }

    fn seconds(&self) -> String {
        (self.0.clock.now().0 / 1000).to_string()
    }

    /// Different hours to book, on working days within opening hours of the usual business.
    pub(crate) fn slots(&self, wanted: usize) -> Vec<String> {
        let zone = TimeZone::get("America/Bogota").unwrap_or(TimeZone::UTC);
        let now = jiff::Timestamp::from_millisecond(self.0.clock.now().0).unwrap_or_default();
        let today = now.to_zoned(zone).date();
        let days = (2..).map(|n: i64| today.saturating_add(n.days()));
        let working = days.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
        working.flat_map(|day| (9..18).map(move |hour| format!("{day}T{hour:02}:00"))).take(wanted).collect()
    }
}

fn envelope(rest: &Value) -> Value {
    let mut value = json!({
        "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550000000", "phone_number_id": ACCOUNT },
    });
    for (name, member) in rest.as_object().into_iter().flatten() {
        value[name] = member.clone();
    }
    let change = json!({ "value": value, "field": "messages" });
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "100000000000001", "changes": [change] }] })
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::Timestamp;

    use super::*;

    struct Noon;
    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            Timestamp(1_796_000_000_000)
        }
    }

    #[test]
    fn slots_are_working_hours_each_once() {
        let slots = Meta::new(vec![1], Arc::new(Noon)).slots(900);
        let different: std::collections::BTreeSet<_> = slots.iter().collect();
        assert_eq!((slots.len(), different.len()), (900, 900));
        for slot in &slots {
            let start: jiff::civil::DateTime = slot.parse().unwrap();
            assert!((9..18).contains(&start.hour()) && !matches!(start.weekday(), Weekday::Saturday | Weekday::Sunday), "{slot}");
        }
    }

    #[test]
    fn the_same_body_has_the_same_signature() {
        let (a, b) = (Webhook::signed(&json!({ "a": 1 })), Webhook::signed(&json!({ "a": 2 })));
        assert_eq!(a.signature, Webhook::signed(&json!({ "a": 1 })).signature);
        assert!(a.signature != b.signature && a.signature.len() == "sha256=".len() + 64);
    }
}
