//! Customers as Meta delivers them: signed webhooks at a given pace, each repeated until it is acknowledged.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Parser;
use frontdesk_testkit::fakes::{inbound_text, sent_at, sign};
use jiff::{ToSpan, civil::Weekday, tz::TimeZone};
use serde_json::{Value, json};
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinSet,
    time::{sleep, sleep_until},
};

/// Writes to a business as its customers and tells at the end, in one JSON line, how it went.
///
/// Each text holds a token of its own (`ref:c7-m2`). A customer's next message follows when the one before was acknowledged.
#[derive(Parser, Clone)]
struct Arguments {
    /// Where webhooks go; of several, each try takes the next.
    #[arg(long, required = true)]
    url: Vec<String>,
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

#[derive(Clone)]
struct Message {
    token: String,
    from: String,
    text: String,
    /// Since the beginning.
    at: Duration,
    repeated: bool,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let by_customer = plan(&arguments)?;
    let crowd = Arc::new(Crowd {
        client: client(),
        deliveries: Semaphore::new(arguments.in_flight),
        next_url: AtomicUsize::new(0),
        seen: Mutex::default(),
        waiting: Mutex::default(),
        arguments,
    });
    let mut customers = JoinSet::new();
    let began = Instant::now();
    for messages in by_customer {
        let crowd = crowd.clone();
        customers.spawn(async move { crowd.customer(messages, began).await });
    }
    let mut others = JoinSet::new();
    if let Some(log) = crowd.arguments.replies.clone() {
        let crowd = crowd.clone();
        others.spawn(async move { crowd.read_replies(&log).await });
    }
    while customers.join_next().await.is_some() {}
    writeln!(io::stdout(), "{}", crowd.seen().summary(began.elapsed()))
}

/// Who writes what and when; message `i` comes from customer `i mod customers`.
fn plan(arguments: &Arguments) -> io::Result<Vec<Vec<Message>>> {
    let mut random = Random(arguments.seed);
    let slots = slots(arguments.slots);
    let gap = Duration::from_millis(arguments.over_ms) / u32::try_from(arguments.messages.max(1)).unwrap_or(u32::MAX);
    let mut by_customer = vec![Vec::new(); arguments.customers.max(1)];
    let mut file = arguments.plan.as_ref().map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
    for i in 0..arguments.messages {
        let customer = i % by_customer.len();
        let number = arguments.first + customer;
        let token = format!("c{number}-m{}", i / by_customer.len());
        let from = format!("57300{number:07}");
        let books = arguments.book_every > 0 && i % arguments.book_every == arguments.book_every - 1;
        let start = books.then(|| slots[random.below(slots.len())].clone());
        let text = match &start {
            Some(start) => format!("una cita ref:{token} book:{start}"),
            None => format!("hola ref:{token}"),
        };
        if let Some(file) = &mut file {
            writeln!(file, "{}", json!({"token": token, "from": from, "start": start}))?;
        }
        let repeated = random.share() < arguments.repeated;
        by_customer[customer].push(Message { token, from, text, at: gap * i as u32, repeated });
    }
    Ok(by_customer)
}

/// Local starts of appointments, from Monday to Friday, the day after tomorrow at the soonest.
fn slots(wanted: usize) -> Vec<String> {
    let zone = TimeZone::get("America/Bogota").unwrap_or(TimeZone::UTC);
    let today = jiff::Timestamp::from_second(seconds()).unwrap_or_default().to_zoned(zone).date();
    let days = (2..).map(|n: i64| today.saturating_add(n.days()));
    let working = days.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
    working.flat_map(|day| (9..18).map(move |hour| format!("{day}T{hour:02}:00"))).take(wanted.max(1)).collect()
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
    seen: Mutex<Seen>,
    /// Customers who wait for the answer to this token.
    waiting: Mutex<HashMap<String, oneshot::Sender<()>>>,
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
                let _ = tokio::time::timeout(Duration::from_secs(self.arguments.patience_s), told).await;
            }
        }
        while repeats.join_next().await.is_some() {}
    }

    /// As Meta: again and again until a 2xx comes.
    async fn deliver(&self, message: &Message) -> bool {
        let id = format!("wamid.load.{}", message.token);
        let webhook = sent_at(inbound_text(&self.arguments.account, &message.from, &id, &message.text), seconds());
        let body = webhook.to_string().into_bytes();
        let signature = sign(&self.arguments.app_secret, &body);
        let (began, mut pause) = (Instant::now(), Duration::from_millis(30));
        while began.elapsed() < Duration::from_secs(self.arguments.patience_s) {
            let url = &self.arguments.url[self.next_url.fetch_add(1, Ordering::Relaxed) % self.arguments.url.len()];
            let request =
                self.client.post(url).header("content-type", "application/json").header("x-hub-signature-256", &signature);
            match request.body(body.clone()).send().await {
                Ok(answer) if answer.status().is_success() => {
                    let _ = answer.bytes().await;
                    return true;
                }
                _ => self.seen().failed_tries += 1,
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
}

impl Seen {
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
            "failed_tries": self.failed_tries, "seconds": took.as_secs_f64(),
            "ack_p50_ms": at(0.5), "ack_p99_ms": at(0.99), "ack_max_ms": at(1.0),
        })
    }
}

/// splitmix64: the same seed gives the same run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn share(&mut self) -> f64 {
        self.next() as f64 / u64::MAX as f64
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

    fn planned(line: &str) -> Vec<Vec<Message>> {
        let fixed = ["load", "--url", "http://127.0.0.1:9", "--account", "1", "--app-secret", "s"];
        plan(&Arguments::parse_from(fixed.into_iter().chain(line.split_whitespace()))).unwrap()
    }

    #[test]
    fn the_same_seed_plans_the_same_messages_each_with_a_token_of_its_own() {
        let line = "--messages 20 --customers 3 --first 5 --over-ms 2000 --book-every 4 --repeated 0.5 --seed 9";
        let (all, again) = (planned(line).concat(), planned(line).concat());
        let shown = |messages: &[Message]| messages.iter().map(|m| (m.text.clone(), m.repeated)).collect::<Vec<_>>();
        assert_eq!(shown(&all), shown(&again));
        let tokens: std::collections::BTreeSet<_> = all.iter().map(|m| &m.token).collect();
        assert_eq!((tokens.len(), all.iter().filter(|m| m.text.contains("book:")).count()), (20, 5));
        assert!(
            all[0].token == "c5-m0"
                && all[0].from == "573000000005"
                && all[0].at.is_zero()
                && all[1].at == Duration::from_millis(300)
        );
    }

    #[test]
    fn appointments_are_asked_for_on_working_days_in_opening_hours() {
        let slots = slots(30);
        assert_eq!(slots.len(), 30);
        for slot in slots {
            let start: jiff::civil::DateTime = slot.parse().unwrap();
            assert!((9..18).contains(&start.hour()) && !matches!(start.weekday(), Weekday::Saturday | Weekday::Sunday), "{slot}");
        }
    }

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
