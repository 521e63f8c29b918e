//! Customers as Meta delivers them: signed webhooks at a given pace, each repeated until it is acknowledged.

mod balancer;
mod plan;
mod staff;

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use balancer::Balancer;
use clap::Parser;
use frontdesk_testkit::{
    fakes::{inbound_button_reply, inbound_text, sent_at, sign},
    marks::marked,
};
use plan::{Message, Says, What};
use serde_json::{Value, json};
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinSet,
    time::{sleep, sleep_until, timeout},
};

/// Writes to a business as its customers and tells at the end, in one JSON line, how it went.
///
/// Each text holds a token of its own (`ref:c7-m2`). A customer's next message follows when the one before was acknowledged.
#[derive(Parser, Clone)]
struct Arguments {
    /// Where webhooks go; of several, each try takes the next.
    #[arg(long, required = true)]
    url: Vec<String>,
    /// Send only to those that say they are ready, as a load balancer does that asks every so many milliseconds; 0: to all of them.
    #[arg(long, default_value_t = 0)]
    ready_every_ms: u64,
    /// Phone number id of the business.
    #[arg(long)]
    account: String,
    #[arg(long)]
    app_secret: String,
    #[arg(long, default_value_t = 100)]
    messages: usize,
    #[arg(long, default_value_t = 10)]
    customers: usize,
    /// Number of the first customer, so that several runs have different ones.
    #[arg(long, default_value_t = 0)]
    first: usize,
    /// The messages are spread evenly over this time; 0: as fast as possible.
    #[arg(long, default_value_t = 0)]
    over_ms: u64,
    /// Deliveries at the same time.
    #[arg(long, default_value_t = 64)]
    in_flight: usize,
    /// Each so many-th message asks for an appointment; 0: none does.
    #[arg(long, default_value_t = 0)]
    book_every: usize,
    /// So many different appointments are asked for, an hour each.
    #[arg(long, default_value_t = 30)]
    slots: usize,
    /// Each so many-th message that asks for neither asks for something that is not done at once; 0: none does.
    #[arg(long, default_value_t = 0, requires = "key", requires = "sent")]
    wait_every: usize,
    /// Each so many-th message that asks for no appointment asks for what cannot be done again and leaves no trace to look for; 0: none does.
    #[arg(long, default_value_t = 0)]
    ring_every: usize,
    /// API key of the people who decide about it.
    #[arg(long)]
    key: Option<String>,
    /// Log of the messages that the business sent, where customers read what they are asked.
    #[arg(long)]
    sent: Option<PathBuf>,
    /// Share of the messages that are delivered once more later, 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    repeated: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What is asked is appended here before it is sent, one JSON line each.
    #[arg(long)]
    plan: Option<PathBuf>,
    /// Log of the messages that the business sent: with it, a customer waits for the answer before writing again.
    #[arg(long)]
    replies: Option<PathBuf>,
    /// A delivery that is not acknowledged in this time is given up.
    #[arg(long, default_value_t = 120)]
    patience_s: u64,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let by_customer = plan::plan(&arguments)?;
    let crowd = Arc::new(Crowd {
        client: client(),
        deliveries: Semaphore::new(arguments.in_flight),
        next_url: AtomicUsize::new(0),
        balancer: Balancer::new(arguments.url.len(), arguments.ready_every_ms),
        seen: Mutex::default(),
        waiting: Mutex::default(),
        desk: staff::Desk::default(),
        arguments,
    });
    for message in by_customer.iter().flatten() {
        if let Some(waits) = message.waits {
            crowd.desk.expect(&message.token, waits);
        }
    }
    let mut customers = JoinSet::new();
    let began = Instant::now();
    for messages in by_customer {
        let crowd = crowd.clone();
        customers.spawn(async move { crowd.customer(messages, began).await });
    }
    let mut others = JoinSet::new();
    if let Some(log) = crowd.arguments.replies.clone().or_else(|| crowd.arguments.sent.clone()) {
        let crowd = crowd.clone();
        others.spawn(async move { crowd.read_replies(&log).await });
    }
    if crowd.arguments.ready_every_ms > 0 {
        for place in 0..crowd.arguments.url.len() {
            let crowd = crowd.clone();
            others.spawn(async move { crowd.watch(place).await });
        }
    }
    if let Some(key) = crowd.arguments.key.clone() {
        let crowd = crowd.clone();
        customers.spawn(async move { crowd.desk.work(&crowd, &key).await });
    }
    while customers.join_next().await.is_some() {}
    let mut summary = crowd.seen().summary(began.elapsed());
    {
        let told = crowd.desk.told.lock().unwrap_or_else(PoisonError::into_inner);
        summary["undecided"] = crowd.desk.undecided().into();
        summary["decided"] = told.decided.into();
        summary["clicks"] = told.clicks.into();
        summary["wrong"] = told.wrong.clone().into();
    }
    writeln!(io::stdout(), "{summary}")
}

fn seconds() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "a process of its own has no other clock")]
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64)
}

struct Crowd {
    arguments: Arguments,
    client: reqwest::Client,
    deliveries: Semaphore,
    next_url: AtomicUsize,
    balancer: Balancer,
    seen: Mutex<Seen>,
    /// Customers who wait for the answer to this token.
    waiting: Mutex<HashMap<String, oneshot::Sender<()>>>,
    desk: staff::Desk,
}

impl Crowd {
    async fn customer(self: Arc<Self>, messages: Vec<Message>, began: Instant) {
        let mut repeats = JoinSet::new();
        for message in messages {
            let due = began + message.at;
            sleep_until(due.into()).await;
            let (tell, told) = oneshot::channel();
            if self.arguments.replies.is_some() {
                self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(message.token.clone(), tell);
            }
            // With a pace, waiting for our own turn to post is the business's slowness; without one there is no other beginning.
            let permit = self.deliveries.acquire().await;
            let from = if self.arguments.over_ms > 0 { due } else { Instant::now() };
            let acknowledged = self.deliver(&message).await;
            drop(permit);
            self.seen().note(acknowledged.then(|| from.elapsed()));
            if acknowledged && message.repeated {
                let (crowd, message) = (self.clone(), message.clone());
                let pause = Duration::from_millis(50 + 7 * (message.text.len() as u64 * 37 % 200));
                repeats.spawn(async move {
                    sleep(pause).await;
                    let again = crowd.deliver(&message).await;
                    crowd.seen().repeated += usize::from(again);
                });
            }
            if self.arguments.replies.is_some() {
                let _ = timeout(Duration::from_secs(self.arguments.patience_s), told).await;
            }
            if let Some(says) = message.waits.filter(|w| w.what == What::Offer).map(|w| w.says) {
                self.press(&message, says).await;
            }
        }
        while repeats.join_next().await.is_some() {}
    }

    /// Reads the question and presses one of its buttons, before anything else is written.
    async fn press(&self, message: &Message, says: Says) {
        let question = self.desk.question(&message.token);
        let Ok(Ok(request)) = timeout(Duration::from_secs(self.arguments.patience_s), question).await else { return };
        let line = json!({ "token": message.token, "from": message.from, "press": true });
        if plan::write_down(&self.arguments, &line).is_err() {
            return;
        }
        let (button, title) = if says == Says::Yes { ("yes", "Sí") } else { ("no", "No") };
        let id = format!("wamid.load.{}.press", message.token);
        let (account, button) = (&self.arguments.account, format!("{request}:{button}"));
        let pressed =
            self.deliver_as_meta(inbound_button_reply(account, &message.from, &id, "wamid.question", &button, title)).await;
        if !pressed {
            self.seen().note(None);
        }
    }

    async fn deliver(&self, message: &Message) -> bool {
        let id = format!("wamid.load.{}", message.token);
        self.deliver_as_meta(inbound_text(&self.arguments.account, &message.from, &id, &message.text)).await
    }

    /// Where the API is; of several nodes each request takes the next.
    fn api(&self) -> &str {
        self.next_url().trim_end_matches("/webhook")
    }

    /// Of those that are ready each request takes the next; of all of them when none is.
    fn next_url(&self) -> &str {
        let urls = &self.arguments.url;
        let next = || self.next_url.fetch_add(1, Ordering::Relaxed) % urls.len();
        let ready = (0..urls.len()).map(|_| next()).find(|place| self.balancer.is_ready(*place));
        &urls[ready.unwrap_or_else(next)]
    }

    /// Asks one server again and again whether it is ready.
    async fn watch(&self, place: usize) {
        let url = format!("{}/ready", self.arguments.url[place].trim_end_matches("/webhook"));
        loop {
            let asked = Instant::now();
            let ready = self.client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success());
            self.balancer.heard(place, ready.then_some(asked));
            sleep(Duration::from_millis(self.arguments.ready_every_ms)).await;
        }
    }

    /// Again and again until a 2xx comes.
    async fn deliver_as_meta(&self, webhook: Value) -> bool {
        let webhook = sent_at(webhook, seconds());
        let body = webhook.to_string().into_bytes();
        let signature = sign(&self.arguments.app_secret, &body);
        let (began, mut pause) = (Instant::now(), Duration::from_millis(30));
        while began.elapsed() < Duration::from_secs(self.arguments.patience_s) {
            while !self.balancer.knows_one() && began.elapsed() < balancer::LONGEST_PAUSE {
                sleep(Duration::from_millis(10)).await;
            }
            let request = self
                .client
                .post(self.next_url())
                .header("content-type", "application/json")
                .header("x-hub-signature-256", &signature);
            match request.body(body.clone()).send().await {
                Ok(answer) if answer.status().is_success() => {
                    let _ = answer.bytes().await;
                    return true;
                }
                Ok(answer) => self.seen().refused(answer.status().as_u16()),
                Err(_) => self.seen().failed_tries += 1,
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
        false
    }

    /// Follows the log of what the business sent.
    async fn read_replies(&self, log: &Path) {
        let (mut position, mut rest) = (0, String::new());
        loop {
            sleep(Duration::from_millis(5)).await;
            let Ok(mut file) = File::open(log) else { continue };
            if file.seek(SeekFrom::Start(position)).is_err() {
                continue;
            }
            let mut new = Vec::new();
            position += file.read_to_end(&mut new).unwrap_or_default() as u64;
            rest.push_str(&String::from_utf8_lossy(&new));
            while let Some((line, more)) = rest.split_once('\n') {
                let sent: Value = serde_json::from_str(line).unwrap_or_default();
                let text = sent["text"].as_str().unwrap_or_default();
                if let Some(token) = marked(text, "for:") {
                    self.desk.was_asked(token);
                }
                if let Some(token) = text.split_once("ref:").and_then(|(_, after)| after.split_whitespace().next()) {
                    let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
                    waiting.map(|tell| tell.send(()));
                }
                rest = more.to_owned();
            }
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Seen {
    acknowledged: Vec<Duration>,
    given_up: usize,
    repeated: usize,
    failed_tries: usize,
    /// Answers that were no 2xx, by their status.
    statuses: BTreeMap<String, usize>,
}

impl Seen {
    fn refused(&mut self, status: u16) {
        self.failed_tries += 1;
        *self.statuses.entry(status.to_string()).or_default() += 1;
    }

    fn note(&mut self, acknowledged: Option<Duration>) {
        match acknowledged {
            Some(took) => self.acknowledged.push(took),
            None => self.given_up += 1,
        }
    }

    fn summary(&mut self, took: Duration) -> Value {
        self.acknowledged.sort_unstable();
        let at = |share: f64| {
            let last = self.acknowledged.len().saturating_sub(1);
            let index = (last as f64 * share).round() as usize;
            self.acknowledged.get(index).map_or(0.0, |d| d.as_secs_f64() * 1000.0)
        };
        json!({
            "acknowledged": self.acknowledged.len(), "given_up": self.given_up, "repeated": self.repeated,
            "failed_tries": self.failed_tries, "refused": self.statuses, "seconds": took.as_secs_f64(),
            "ack_p50_ms": at(0.5), "ack_p99_ms": at(0.99), "ack_max_ms": at(1.0),
        })
    }
}

fn client() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "a crowd is its own client")]
    let builder = reqwest::Client::builder();
    // A node that is killed answers nothing: ask again soon.
    builder.no_proxy().timeout(Duration::from_secs(10)).build().expect("a client without special settings")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_ranks_what_it_saw() {
        let mut seen = Seen::default();
        (1..=101).rev().for_each(|ms| seen.note(Some(Duration::from_millis(ms))));
        seen.note(None);
        let summary = seen.summary(Duration::from_secs(2));
        let figures =
            ["acknowledged", "given_up", "ack_p50_ms", "ack_p99_ms", "ack_max_ms"].map(|name| summary[name].as_f64().unwrap());
        assert_eq!(figures, [101.0, 1.0, 51.0, 100.0, 101.0]);
    }
}
