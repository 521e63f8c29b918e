//! A fake language model, whatever its dialect: script, faults, streaming.

mod answer;
mod faults;

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    response::Response,
};
use serde_json::Value;
use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    faults::{Faults, json},
    journal::{Journal, Options, Recorded, lock},
    script::{Last, Reply, Script},
    server::{Line, Server},
};

pub(super) use answer::{Draft, DraftCall, Finish};
pub use faults::ModelFault;

const BIGGEST_BODY: usize = 64 << 20;

/// A running fake; dropping it stops it.
pub struct FakeModel {
    url: String,
    desk: Arc<Desk>,
    _server: Server,
}

impl FakeModel {
    pub(super) async fn start(dialect: Box<dyn Dialect>, options: Options) -> io::Result<FakeModel> {
        let listener = TcpListener::bind(options.addr).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Desk {
            journal: Journal::new(dialect.vendor(), &options),
            dialect,
            options,
            script: Script::default(),
            faults: Faults::default(),
            hearing: Mutex::default(),
            hearing_faults: Faults::default(),
            answers: AtomicU64::new(0),
            fragment: AtomicUsize::new(0),
        });
        let router = Router::new().fallback(answer_request).with_state(desk.clone());
        Ok(FakeModel { url, desk, _server: Server::start(listener, router, CancellationToken::new()) })
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> &str {
        &self.url
    }
    /// With the path under which the vendor serves its API (`/v1`).
    pub fn base_url(&self) -> String {
        format!("{}{}", self.url, self.desk.dialect.base())
    }

    /// The next answer is this text.
    pub fn say(&self, text: impl Into<String>) {
        self.reply(Reply::text(text));
    }
    /// The next answer is this tool call.
    pub fn call(&self, name: &str, arguments: Value) {
        self.reply(Reply::call(name, arguments));
    }
    /// The next answer; several wait in line.
    pub fn reply(&self, reply: Reply) {
        self.desk.script.push(reply);
    }
    /// Answers from the request when nothing is queued. Without one, the built-in brain books, reports and echoes.
    pub fn brain(&self, brain: impl Fn(&Value) -> Reply + Send + Sync + 'static) {
        self.desk.script.brain(Arc::new(brain));
    }
    /// The next recording that is transcribed says this.
    pub fn hear(&self, text: impl Into<String>) {
        lock(&self.desk.hearing).push_back(text.into());
    }
    /// Streams are cut into pieces of so many bytes, wherever that falls; 0: event by event.
    pub fn fragment(&self, bytes: usize) {
        self.desk.fragment.store(bytes, Ordering::Relaxed);
    }

    /// What goes wrong with completions.
    pub fn faults(&self) -> &Faults<ModelFault> {
        &self.desk.faults
    }
    /// What goes wrong with transcriptions.
    pub fn hearing_faults(&self) -> &Faults<ModelFault> {
        &self.desk.hearing_faults
    }

    /// Queued replies that were not given yet.
    pub fn waiting(&self) -> usize {
        self.desk.script.waiting()
    }
    pub fn requests(&self) -> Vec<Recorded> {
        self.desk.journal.requests()
    }
    /// Bodies of the completion requests.
    pub fn asked(&self) -> Vec<Value> {
        let complete = |r: &Recorded| matches!(self.desk.dialect.route(&r.method, &r.path), Some(Asked::Complete));
        self.requests().iter().filter(|r| complete(r)).map(Recorded::json).collect()
    }
    /// Requests that the contract forbids, and slips of the fake itself.
    pub fn violations(&self) -> Vec<String> {
        self.desk.journal.violations()
    }
}

/// How a vendor words requests and answers.
pub(super) trait Dialect: Send + Sync + 'static {
    /// Name of the contract.
    fn vendor(&self) -> &'static str;
    fn base(&self) -> &'static str;
    fn credential(&self, request: &Recorded) -> Option<String>;
    fn route(&self, method: &str, path: &str) -> Option<Asked>;
    /// Does this request want a stream?
    fn streams(&self, request: &Recorded, body: &Value) -> bool;
    /// Rules that the vendor documents in words only.
    fn check(&self, body: &Value) -> Result<(), String>;
    fn last(&self, body: &Value) -> Last;
    /// Names and parameter schemas of the offered tools.
    fn tools(&self, body: &Value) -> Vec<(String, Value)>;
    fn whole(&self, body: &Value, draft: &Draft) -> String;
    fn stream(&self, body: &Value, draft: &Draft) -> Events;
    fn failure(&self, failure: &Failure) -> (u16, Value);
    /// All models, or one.
    fn models(&self, one: Option<&str>) -> Value;
}

/// What a request wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Complete,
    Transcribe,
    Models,
    Model(String),
}

/// The `data` of a stream's events: what is said, and what ends it.
pub(super) struct Events {
    pub(super) content: Vec<String>,
    pub(super) terminal: Vec<String>,
}

/// A text in the portions in which it is streamed.
pub(super) fn slices(text: &str) -> impl Iterator<Item = &str> {
    let portion = if text.len() > 64 << 10 { 16 << 10 } else { 12 };
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.ceil_char_boundary(portion.min(rest.len()));
        let (head, tail) = rest.split_at(end);
        rest = tail;
        (!head.is_empty()).then_some(head)
    })
}

/// Why a request is refused.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    Status(u16),
    RateLimited(Option<Duration>),
    Quota,
    ContextOverflow,
    Forbidden(String),
    NoKey,
    WrongKey,
}

struct Desk {
    dialect: Box<dyn Dialect>,
    options: Options,
    journal: Journal,
    script: Script,
    faults: Faults<ModelFault>,
    hearing: Mutex<VecDeque<String>>,
    hearing_faults: Faults<ModelFault>,
    answers: AtomicU64,
    fragment: AtomicUsize,
}

async fn answer_request(State(desk): State<Arc<Desk>>, ConnectInfo(line): ConnectInfo<Line>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let asked = desk.dialect.route(parts.method.as_str(), parts.uri.path());
    let fault = match asked {
        Some(Asked::Complete) => desk.faults.next(),
        Some(Asked::Transcribe) => desk.hearing_faults.next(),
        _ => None,
    };
    if let Some(ModelFault::Reset) = fault {
        return line.cut();
    }
    let Ok(body) = axum::body::to_bytes(body, BIGGEST_BODY).await else { return line.cut() };
    let request = Recorded::new(parts, body);
    let admitted = desk.journal.admit(&request);
    sleep(desk.options.latency).await;
    if let Some(ModelFault::AnswerLost) = fault {
        return line.cut();
    }
    if let Some((failure, wait)) = fault.as_ref().and_then(ModelFault::refusal) {
        return super::faults::retry_after(desk.refuse(&failure), wait);
    }
    match (desk.dialect.credential(&request), &desk.options.key) {
        (None, _) => return desk.refuse(&Failure::NoKey),
        (Some(given), Some(key)) if given != *key => return desk.refuse(&Failure::WrongKey),
        _ => {}
    }
    let Some(asked) = asked else {
        if admitted.is_ok() {
            desk.journal.violation(format!("no such call: {} {}", request.method, request.path));
        }
        return desk.refuse(&Failure::Status(404));
    };
    if let Err(problem) = admitted {
        return desk.refuse(&Failure::Forbidden(problem));
    }
    match asked {
        Asked::Complete => desk.complete(&line, &request, fault),
        Asked::Transcribe => desk.transcribe(&line, &request, fault),
        Asked::Models => desk.known(&request, None),
        Asked::Model(name) => desk.known(&request, Some(&name)),
    }
}

impl Desk {
    fn refuse(&self, failure: &Failure) -> Response {
        let (status, body) = self.dialect.failure(failure);
        json(status, &body)
    }

    fn known(&self, request: &Recorded, one: Option<&str>) -> Response {
        let body = self.dialect.models(one);
        self.journal.answer(request, 200, &body);
        json(200, &body)
    }
}
