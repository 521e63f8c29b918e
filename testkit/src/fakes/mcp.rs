//! A server of tools by the Model Context Protocol, streamable HTTP: holds every message against the protocol's published schema, keeps
//! sessions as the protocol says, and misbehaves on demand.

mod guarded;
mod rpc;
mod rules;

use std::{
    collections::{BTreeSet, VecDeque},
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{ConnectInfo, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};
use tokio_util::sync::CancellationToken;

use super::{
    journal::{Recorded, lock},
    server::{Line, Server},
};

const BIGGEST_BODY: usize = 4 << 20;
pub const MCP_CLIENT: (&str, &str) = ("front desk", "a secret: with %signs");

/// What the server does with the next request of a method.
#[derive(Debug, Clone)]
pub enum McpAct {
    /// A result, as the method has it.
    Result(Value),
    /// An error of the protocol.
    Error(i64, &'static str),
    Answer {
        status: u16,
        kind: &'static str,
        body: String,
    },
    /// Takes it and breaks the connection.
    Cut,
    /// Takes it and answers only after `release`.
    Hold,
    /// Does not know the session any more.
    Expire,
    Redirect(String),
}

/// How it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    /// The protocol of 2025, with sessions.
    Sessions,
    /// The protocol of 2026, without.
    Discovery,
}

/// A running server; dropping it stops it.
pub struct FakeMcp {
    url: String,
    desk: Arc<Desk>,
    _server: Server,
}

struct Desk {
    speaks: Mutex<Speaks>,
    /// Answers come as events.
    streams: Mutex<bool>,
    page: Mutex<usize>,
    tools: Mutex<Vec<Value>>,
    acts: Mutex<VecDeque<(&'static str, McpAct)>>,
    /// Only these tokens are let in; empty: everybody.
    tokens: Mutex<BTreeSet<String>>,
    guard: Mutex<Option<guarded::Guard>>,
    fetched: Mutex<u64>,
    sessions: Mutex<BTreeSet<String>>,
    made: Mutex<u64>,
    seen: Mutex<Vec<Recorded>>,
    violations: Mutex<Vec<String>>,
    believes: Mutex<bool>,
    released: Notify,
    /// Goodbyes that are held now.
    held: Mutex<usize>,
}

impl FakeMcp {
    pub async fn start() -> io::Result<FakeMcp> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Desk {
            speaks: Mutex::new(Speaks::Sessions),
            streams: Mutex::new(false),
            page: Mutex::new(100),
            tools: Mutex::default(),
            acts: Mutex::default(),
            tokens: Mutex::default(),
            guard: Mutex::default(),
            fetched: Mutex::default(),
            sessions: Mutex::default(),
            made: Mutex::default(),
            seen: Mutex::default(),
            violations: Mutex::default(),
            believes: Mutex::default(),
            released: Notify::new(),
            held: Mutex::default(),
        });
        let router = Router::new()
            .route("/mcp", any(answer))
            .route("/token", post(token))
            .route(guarded::DESCRIPTION, get(guarded::describe))
            .with_state(desk.clone());
        Ok(FakeMcp { url, desk, _server: Server::start(listener, router, CancellationToken::new()) })
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where it speaks the protocol.
    pub fn endpoint(&self) -> String {
        format!("{}/mcp", self.url)
    }

    /// Where it gives tokens for client credentials.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.url)
    }

    /// Messages are not held against the protocol's schema any more: for measurements.
    pub fn believe(&self) {
        *lock(&self.desk.believes) = true;
    }

    pub fn speak(&self, how: Speaks) {
        *lock(&self.desk.speaks) = how;
    }

    /// Answers come as server-sent events from now on.
    pub fn stream(&self) {
        *lock(&self.desk.streams) = true;
    }

    /// Tools on a page of the list.
    pub fn pages_of(&self, tools: usize) {
        *lock(&self.desk.page) = tools;
    }

    /// What it offers from now on.
    pub fn offer(&self, tools: impl IntoIterator<Item = Value>) {
        *lock(&self.desk.tools) = tools.into_iter().collect();
    }

    /// What it does with the next request of this method; a goodbye is a `DELETE`, which can be held.
    pub fn then(&self, method: &'static str, act: McpAct) {
        lock(&self.desk.acts).push_back((method, act));
    }

    /// Lets in who shows this token.
    pub fn ask_for(&self, token: &str) {
        lock(&self.desk.tokens).insert(token.to_owned());
    }

    /// No token is good any more; new ones are fetched.
    pub fn revoke(&self) {
        *lock(&self.desk.tokens) = BTreeSet::from(["none is good".to_owned()]);
    }

    /// Lets in whoever it let in before `revoke`, with the tokens that they have.
    pub fn relent(&self) {
        lock(&self.desk.tokens).clear();
    }

    /// How often a token was fetched.
    pub fn fetched(&self) -> u64 {
        *lock(&self.desk.fetched)
    }

    /// Everything that was asked, in order.
    pub fn seen(&self) -> Vec<Recorded> {
        lock(&self.desk.seen).clone()
    }

    /// The methods that were asked, in order.
    pub fn methods(&self) -> Vec<String> {
        self.seen().iter().filter_map(|r| Some(r.json()["method"].as_str()?.to_owned())).collect()
    }

    /// Tools that were called, with their arguments, in order.
    pub fn calls(&self) -> Vec<(String, Value)> {
        let calls = self.seen().into_iter().map(|r| r.json()).filter(|m| m["method"] == "tools/call");
        calls.map(|m| (m["params"]["name"].as_str().unwrap_or_default().to_owned(), m["params"]["arguments"].clone())).collect()
    }

    /// Lets those go that were held.
    pub fn release(&self) {
        self.desk.released.notify_waiters();
    }

    /// Goodbyes that somebody waits for now.
    pub fn held(&self) -> usize {
        *lock(&self.desk.held)
    }

    pub fn violations(&self) -> Vec<String> {
        lock(&self.desk.violations).clone()
    }

    /// Acts that never came to be.
    pub fn waiting(&self) -> usize {
        lock(&self.desk.acts).len()
    }
}

/// Counts while it is there, also when whoever waited has hung up.
struct Held(Arc<Desk>);

impl Held {
    fn new(desk: &Arc<Desk>) -> Held {
        *lock(&desk.held) += 1;
        Held(desk.clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        *lock(&self.0.held) -= 1;
    }
}

impl Desk {
    fn violation(&self, problem: impl Into<String>) {
        lock(&self.violations).push(problem.into());
    }

    /// The act that waits for this method.
    fn act(&self, method: &str) -> Option<McpAct> {
        let mut acts = lock(&self.acts);
        let at = acts.iter().position(|(of, _)| *of == method)?;
        acts.remove(at).map(|(_, act)| act)
    }

    fn admits(&self, request: &Recorded) -> bool {
        let tokens = lock(&self.tokens);
        if !guarded::admits(self, request) {
            return false;
        }
        tokens.is_empty() || request.bearer().is_some_and(|token| tokens.contains(token))
    }
}

async fn answer(State(desk): State<Arc<Desk>>, ConnectInfo(line): ConnectInfo<Line>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BIGGEST_BODY).await else { return line.cut() };
    let released = desk.released.notified();
    let request = Recorded::new(parts, body);
    lock(&desk.seen).push(request.clone());
    if !desk.admits(&request) {
        return guarded::refusal(&desk, &request);
    }
    match request.method.as_str() {
        "POST" => {}
        "DELETE" => {
            if let Some(McpAct::Hold) = desk.act("DELETE") {
                let _held = Held::new(&desk);
                released.await;
            }
            return rpc::goodbye(&desk, &request);
        }
        _ => return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST, DELETE")], "").into_response(),
    }
    let message = request.json();
    let method = message["method"].as_str().unwrap_or_default().to_owned();
    desk.check(&request, &message, &method);
    match desk.act(&method) {
        None => rpc::answer(&desk, &request, &message, &method, None),
        Some(McpAct::Result(result)) => rpc::answer(&desk, &request, &message, &method, Some(result)),
        Some(McpAct::Error(code, text)) => {
            let error = json!({ "jsonrpc": "2.0", "id": message["id"], "error": { "code": code, "message": text } });
            rpc::message(&desk, error, None)
        }
        Some(McpAct::Answer { status, kind, body }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Some(McpAct::Cut) => line.cut(),
        Some(McpAct::Hold) => {
            released.await;
            rpc::answer(&desk, &request, &message, &method, None)
        }
        Some(McpAct::Expire) => {
            lock(&desk.sessions).clear();
            rpc::unknown_session()
        }
        Some(McpAct::Redirect(to)) => (StatusCode::FOUND, [(header::LOCATION, to)], "").into_response(),
    }
}

/// Client credentials, by RFC 6749: only Basic, only with our client.
async fn token(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BIGGEST_BODY).await.unwrap_or_default();
    let request = Recorded::new(parts, body);
    let said = rules::client_of(&request);
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    if !fields.contains(&("grant_type".to_owned(), "client_credentials".to_owned())) {
        desk.violation(format!("a token was asked for without client credentials: {fields:?}"));
    }
    if said.as_ref().is_none_or(|(id, secret)| (id.as_str(), secret.as_str()) != MCP_CLIENT) {
        return (StatusCode::UNAUTHORIZED, axum::Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let n = {
        let mut fetched = lock(&desk.fetched);
        *fetched += 1;
        *fetched
    };
    let token = format!("granted-{n}");
    lock(&desk.tokens).insert(token.clone());
    axum::Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 })).into_response()
}
