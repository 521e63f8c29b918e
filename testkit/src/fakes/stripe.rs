//! A fake of Stripe: Checkout Sessions and refunds under idempotency keys, signed events, faults on demand.

mod objects;

use std::{
    collections::BTreeMap,
    io,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::to_bytes,
    extract::{ConnectInfo, Request, State},
    response::Response,
};
use frontdesk_kernel::Clock;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    faults::{self, Faults},
    inbound::hex,
    journal::{Journal, Options, Recorded, lock},
    server::{Line, Server},
};
use objects::{charge, event, intent, refund, session};

const BIGGEST_BODY: usize = 1 << 20;
/// What requests to create a refund may hold; the published bundle does not describe it.
const REFUND_MEMBERS: [&str; 9] = [
    "amount",
    "charge",
    "payment_intent",
    "reason",
    "metadata",
    "refund_application_fee",
    "reverse_transfer",
    "expand",
    "instructions_email",
];

/// What goes wrong with a POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StripeFault {
    /// It is carried out, and the answer is lost.
    LoseAnswer,
    /// It is carried out, and the answer is a 500.
    AppliedThen500,
    /// Refused with this status; nothing is done.
    Refuse(u16),
}

/// A link that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    pub id: String,
    pub intent: String,
    pub amount: i64,
    pub currency: String,
    pub name: String,
    pub metadata: BTreeMap<String, String>,
    pub reference: String,
    pub status: &'static str,
    pub payment_status: &'static str,
}

/// Money given back.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenBack {
    pub id: String,
    pub intent: String,
    pub amount: i64,
    pub currency: String,
    pub status: &'static str,
    pub metadata: BTreeMap<String, String>,
}

/// A running fake; dropping it stops it.
pub struct FakeStripe {
    url: String,
    desk: Arc<Desk>,
    _server: Server,
}

/// What came under a key: the request, and how it was answered.
type Kept = (Vec<u8>, u16, Value);

struct Desk {
    journal: Journal,
    faults: Faults<StripeFault>,
    clock: Arc<dyn Clock>,
    made: AtomicU64,
    /// By idempotency key: what was asked and what was answered.
    keys: Mutex<BTreeMap<String, Kept>>,
    sessions: Mutex<Vec<Session>>,
    refunds: Mutex<Vec<GivenBack>>,
    /// How the next refunds begin.
    slow_refunds: Mutex<bool>,
}

/// The only key that the fake accepts.
pub const STRIPE_KEY: &str = "sk_test_of_the_business";
/// What it signs with unless a story says otherwise.
pub const STRIPE_SECRET: &str = "whsec_of_the_business";

impl FakeStripe {
    pub async fn start(clock: Arc<dyn Clock>, options: &Options) -> io::Result<FakeStripe> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Desk {
            journal: Journal::new("stripe", options),
            faults: Faults::default(),
            clock,
            made: AtomicU64::new(0),
            keys: Mutex::default(),
            sessions: Mutex::default(),
            refunds: Mutex::default(),
            slow_refunds: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(desk.clone());
        Ok(FakeStripe { url, desk, _server: Server::start(listener, router, CancellationToken::new()) })
    }

    pub fn url(&self) -> &str {
        &self.url
    }
    pub fn faults(&self) -> &Faults<StripeFault> {
        &self.desk.faults
    }
    pub fn sessions(&self) -> Vec<Session> {
        lock(&self.desk.sessions).clone()
    }
    pub fn refunds(&self) -> Vec<GivenBack> {
        lock(&self.desk.refunds).clone()
    }
    pub fn requests(&self) -> Vec<Recorded> {
        self.desk.journal.requests()
    }
    pub fn violations(&self) -> Vec<String> {
        self.desk.journal.violations()
    }
    /// Refunds are pending at first.
    pub fn slow_refunds(&self) {
        *lock(&self.desk.slow_refunds) = true;
    }

    /// The payer pays the latest link; returns its session.
    ///
    /// # Panics
    /// When there is no link.
    pub fn pay(&self) -> Session {
        let mut sessions = lock(&self.desk.sessions);
        let latest = sessions.last_mut().expect("a link was made");
        (latest.status, latest.payment_status) = ("complete", "paid");
        latest.clone()
    }

    /// The payer pays this link; its session.
    pub fn pay_this(&self, id: &str) -> Option<Session> {
        let mut sessions = lock(&self.desk.sessions);
        let one = sessions.iter_mut().find(|session| session.id == id)?;
        (one.status, one.payment_status) = ("complete", "paid");
        Some(one.clone())
    }

    /// Nobody paid at the latest link in time; returns its session.
    ///
    /// # Panics
    /// When there is no link.
    pub fn expire(&self) -> Session {
        let mut sessions = lock(&self.desk.sessions);
        let latest = sessions.last_mut().expect("a link was made");
        (latest.status, latest.payment_status) = ("expired", "unpaid");
        latest.clone()
    }

    /// An event about a session, as it is now.
    pub fn session_event(&self, kind: &str, of: &Session) -> Value {
        self.event(kind, session(of, self.now()))
    }
    pub fn intent_event(&self, of: &Session) -> Value {
        self.event("payment_intent.succeeded", intent(of, self.now()))
    }
    pub fn refund_event(&self, kind: &str, of: &GivenBack) -> Value {
        self.event(kind, refund(of, self.now()))
    }
    /// So much was given back in all.
    pub fn charge_event(&self, of: &Session, refunded: i64) -> Value {
        self.event("charge.refunded", charge(of, refunded, self.now()))
    }

    fn event(&self, kind: &str, object: Value) -> Value {
        event(&format!("evt_{:06}", self.next()), kind, object, self.now())
    }
    fn next(&self) -> u64 {
        self.desk.made.fetch_add(1, Ordering::SeqCst) + 1
    }
    fn now(&self) -> i64 {
        self.desk.clock.now().0 / 1000
    }

    /// The header that goes with these bytes, signed at that time with each of the secrets.
    pub fn sign(body: &[u8], secrets: &[&str], seconds: i64) -> String {
        let signature = |secret: &&str| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
            mac.update(format!("{seconds}.").as_bytes());
            mac.update(body);
            format!(",v1={}", hex(&mac.finalize().into_bytes()))
        };
        format!("t={seconds}{}", secrets.iter().map(signature).collect::<String>())
    }
}

async fn answer(State(desk): State<Arc<Desk>>, ConnectInfo(line): ConnectInfo<Line>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BIGGEST_BODY).await else { return line.cut() };
    let request = Recorded::new(parts, body);
    let is_refund = request.path == "/v1/refunds";
    // The published bundle leaves refunds out: their rules are below.
    let admitted = if is_refund { desk.journal.keep(&request) } else { desk.journal.admit(&request) };
    if request.header("stripe-version").is_none_or(|v| !v.starts_with("20")) {
        return refusal(400, "invalid_request_error", &desk.journal.violation("the API version is not pinned".into()));
    }
    if request.bearer() != Some(STRIPE_KEY) {
        return refusal(401, "invalid_request_error", "Invalid API Key provided: sk_test_***");
    }
    if let Err(problem) = admitted {
        return refusal(400, "invalid_request_error", &problem);
    }
    if request.method == "GET" {
        // Asked about one of them it can be as unwilling as when it is asked for one.
        return match request.path.starts_with("/v1/checkout/sessions/").then(|| desk.faults.next()).flatten() {
            Some(StripeFault::Refuse(status)) => unwilling(status),
            Some(_) => line.cut(),
            None => desk.look(&request),
        };
    }
    let Some(key) = request.header("idempotency-key").map(str::to_owned) else {
        return refusal(400, "invalid_request_error", &desk.journal.violation("a POST without a key".into()));
    };
    let fault = desk.faults.next();
    if let Some(StripeFault::Refuse(status)) = fault {
        return unwilling(status);
    }
    let known = lock(&desk.keys).get(&key).cloned();
    let (status, reply) = match known {
        Some((asked, _, _)) if asked != request.body => {
            let why = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
            return refusal(400, "idempotency_error", why);
        }
        Some((_, status, reply)) => (status, reply),
        None => {
            let (status, reply) = if is_refund { desk.give_back(&request) } else { desk.open(&request) };
            lock(&desk.keys).insert(key, (request.body.to_vec(), status, reply.clone()));
            (status, reply)
        }
    };
    match fault {
        Some(StripeFault::LoseAnswer) => line.cut(),
        Some(StripeFault::AppliedThen500) => refusal(500, "api_error", "something broke"),
        _ => {
            if !is_refund {
                desk.journal.answer(&request, status, &reply);
            }
            faults::json(status, &reply)
        }
    }
}

fn unwilling(status: u16) -> Response {
    let kind = match status {
        402 => "card_error",
        429 => "rate_limit_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    refusal(status, kind, "as the story wants it")
}

fn error(kind: &str, message: &str) -> Value {
    json!({ "error": { "type": kind, "message": message } })
}

fn refusal(status: u16, kind: &str, message: &str) -> Response {
    faults::json(status, &error(kind, message))
}

fn form(request: &Recorded) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

/// `metadata[name]` by name, under a prefix.
fn metadata(form: &BTreeMap<String, String>, prefix: &str) -> BTreeMap<String, String> {
    let name = |key: &String| Some(key.strip_prefix(prefix)?.strip_prefix('[')?.strip_suffix(']')?.to_owned());
    form.iter().filter_map(|(key, value)| Some((name(key)?, value.clone()))).collect()
}

impl Desk {
    fn id(&self, prefix: &str) -> String {
        format!("{prefix}_test_{:06}", self.made.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn open(&self, request: &Recorded) -> (u16, Value) {
        let form = form(request);
        let said = |name: &str| form.get(name).cloned().unwrap_or_default();
        let item = "line_items[0][price_data]";
        let amount = said(&format!("{item}[unit_amount]")).parse::<i64>().unwrap_or_default();
        let quantity = said("line_items[0][quantity]").parse::<i64>().unwrap_or_default();
        let currency = said(&format!("{item}[currency]"));
        let zero_decimal = matches!(currency.as_str(), "isk" | "ugx") && amount % 100 != 0;
        if said("mode") != "payment" || amount <= 0 || quantity <= 0 || currency.len() != 3 || zero_decimal {
            return (400, error("invalid_request_error", "this cannot be paid"));
        }
        let made = Session {
            id: self.id("cs"),
            intent: self.id("pi").replace("_test", ""),
            amount: amount * quantity,
            currency,
            name: said(&format!("{item}[product_data][name]")),
            metadata: metadata(&form, "payment_intent_data[metadata]"),
            reference: said("client_reference_id"),
            status: "open",
            payment_status: "unpaid",
        };
        let reply = session(&made, self.clock.now().0 / 1000);
        lock(&self.sessions).push(made);
        (200, reply)
    }

    fn give_back(&self, request: &Recorded) -> (u16, Value) {
        let form = form(request);
        let strange = form.keys().find(|k| !REFUND_MEMBERS.contains(&k.split('[').next().unwrap_or_default()));
        if let Some(strange) = strange {
            return (
                400,
                error("invalid_request_error", &self.journal.violation(format!("refund: unknown parameter {strange}"))),
            );
        }
        let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
        if form.get("reason").is_some_and(|r| !reasons.contains(&r.as_str())) {
            return (400, error("invalid_request_error", &self.journal.violation("refund: no such reason".into())));
        }
        let wanted = form.get("payment_intent").cloned().unwrap_or_default();
        let paid = lock(&self.sessions).iter().find(|s| s.intent == wanted && s.payment_status == "paid").cloned();
        let Some(paid) = paid else { return (404, error("invalid_request_error", "No such payment_intent")) };
        let mut refunds = lock(&self.refunds);
        let given: i64 = refunds.iter().filter(|r| r.intent == wanted && r.status != "failed").map(|r| r.amount).sum();
        let amount = form.get("amount").and_then(|a| a.parse().ok()).unwrap_or(paid.amount - given);
        if amount <= 0 || amount > paid.amount - given {
            return (400, error("invalid_request_error", "Refund amount is greater than unrefunded amount on charge"));
        }
        let made = GivenBack {
            id: self.id("re").replace("_test", ""),
            intent: wanted,
            amount,
            currency: paid.currency,
            status: if *lock(&self.slow_refunds) { "pending" } else { "succeeded" },
            metadata: metadata(&form, "metadata"),
        };
        let reply = refund(&made, self.clock.now().0 / 1000);
        refunds.push(made);
        (200, reply)
    }

    fn look(&self, request: &Recorded) -> Response {
        let now = self.clock.now().0 / 1000;
        let sessions = lock(&self.sessions);
        let reply = match request.path.strip_prefix("/v1/checkout/sessions") {
            Some("") => {
                let data: Vec<Value> = sessions.iter().rev().take(1).map(|s| session(s, now)).collect();
                json!({ "object": "list", "data": data, "has_more": sessions.len() > 1, "url": "/v1/checkout/sessions" })
            }
            Some(id) => match sessions.iter().find(|s| format!("/{}", s.id) == id) {
                Some(found) => session(found, now),
                None => return refusal(404, "invalid_request_error", "No such checkout.session"),
            },
            None => return refusal(404, "invalid_request_error", "Unrecognized request URL"),
        };
        self.journal.answer(request, 200, &reply);
        faults::json(200, &reply)
    }
}
