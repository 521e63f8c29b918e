//! Somebody's web service, as a business's own tools call it: answers what a story queued, remembers every request.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{self, Write as _},
    net::Ipv4Addr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::to_bytes,
    extract::{ConnectInfo, Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::Notify};
use tokio_util::sync::CancellationToken;

use super::{
    journal::{Recorded, lock},
    server::{Line, Server},
};

const BIGGEST_BODY: usize = 4 << 20;

/// What the service does with a request.
#[derive(Debug, Clone)]
pub enum Act {
    Answer {
        status: u16,
        kind: &'static str,
        body: String,
    },
    /// Takes it and breaks the connection.
    Cut,
    /// Takes it and answers 200 only after `release`.
    Hold,
    /// Sends the caller elsewhere.
    Redirect(String),
}

impl Act {
    pub fn json(status: u16, body: &Value) -> Act {
        Act::Answer { status, kind: "application/json", body: body.to_string() }
    }
}

/// A running service; dropping it stops it.
pub struct FakeService {
    url: String,
    desk: Arc<Desk>,
    _server: Server,
}

#[derive(Default)]
struct Desk {
    acts: Mutex<VecDeque<Act>>,
    seen: Mutex<Vec<Recorded>>,
    log: Mutex<Option<File>>,
    takes: Mutex<Duration>,
    lose_every: AtomicUsize,
    released: Notify,
}

impl FakeService {
    pub async fn start() -> io::Result<FakeService> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Desk::default());
        let router = Router::new().fallback(answer).with_state(desk.clone());
        Ok(FakeService { url, desk, _server: Server::start(listener, router, CancellationToken::new()) })
    }

    /// One JSON line for each request is appended there from now on: its idempotency key and its body.
    pub fn log(&self, path: &Path) -> io::Result<()> {
        *lock(&self.desk.log) = Some(OpenOptions::new().create(true).append(true).open(path)?);
        Ok(())
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `127.0.0.1:port`.
    pub fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// So long passes between what it does and its answer.
    pub fn takes(&self, time: Duration) {
        *lock(&self.desk.takes) = time;
    }

    /// Each so many-th answer does not arrive; 0: all do.
    pub fn lose_every(&self, nth: usize) {
        self.desk.lose_every.store(nth, Ordering::SeqCst);
    }

    /// What it does next; without one it answers `{"ok": true}`.
    pub fn then(&self, act: Act) {
        lock(&self.desk.acts).push_back(act);
    }

    /// Everything that was asked, in order.
    pub fn seen(&self) -> Vec<Recorded> {
        lock(&self.desk.seen).clone()
    }

    /// Lets those go that were held.
    pub fn release(&self) {
        self.desk.released.notify_waiters();
    }
}

async fn answer(State(desk): State<Arc<Desk>>, ConnectInfo(line): ConnectInfo<Line>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BIGGEST_BODY).await else { return line.cut() };
    let released = desk.released.notified();
    let request = Recorded::new(parts, body);
    if let Some(log) = lock(&desk.log).as_mut() {
        let line = serde_json::json!({ "key": request.header("idempotency-key"), "body": request.json() });
        log.write_all(format!("{line}\n").as_bytes()).expect("the log of requests can be written");
    }
    let nth = {
        let mut seen = lock(&desk.seen);
        seen.push(request);
        seen.len()
    };
    let takes = *lock(&desk.takes);
    if !takes.is_zero() {
        tokio::time::sleep(takes).await;
    }
    let every = desk.lose_every.load(Ordering::SeqCst);
    if every > 0 && nth.is_multiple_of(every) {
        return line.cut();
    }
    let act = lock(&desk.acts).pop_front().unwrap_or(Act::json(200, &serde_json::json!({ "ok": true })));
    match act {
        Act::Answer { status, kind, body } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, [(header::CONTENT_TYPE, kind)], body).into_response()
        }
        Act::Cut => line.cut(),
        Act::Hold => {
            released.await;
            (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], r#"{"held":true}"#).into_response()
        }
        Act::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, to)], "").into_response(),
    }
}
