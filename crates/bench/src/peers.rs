//! Servers that do less than the product: what it is measured against. Each is a process of its own.

use std::{
    net::Ipv4Addr,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use frontdesk_kernel::scope::Server;
use frontdesk_store::{Db, Options, work, yardstick};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;

use crate::{http, machine, product::APP_SECRET};

/// What a server does with a webhook before it says 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// It checks the signature.
    Bare,
    /// It checks the signature, reads the JSON and stores one row, durably.
    Durable,
}

impl Peer {
    pub const ALL: [Peer; 2] = [Peer::Bare, Peer::Durable];

    pub fn name(self) -> &'static str {
        match self {
            Peer::Bare => "bare",
            Peer::Durable => "durable",
        }
    }
}

/// Serves until the process is killed. `database`: where the durable one stores.
///
/// # Errors
/// When the port is taken or the database refuses.
pub async fn serve(peer: Peer, port: u16, database: &str) -> Result<()> {
    let router = Router::new().route("/ready", get(|| async { "ready" }));
    let router = match peer {
        Peer::Bare => router.route("/webhook", post(bare)),
        Peer::Durable => {
            let db = Db::open(&Options { url: database.to_owned(), pool_size: 16, prepared_statements: true }).await?;
            db.write(&Server, work!(tx => yardstick::create(tx, &Server).await)).await?;
            router.merge(Router::new().route("/webhook", post(durable)).with_state(Arc::new(db)))
        }
    };
    Ok(axum::serve(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?, router).await?)
}

async fn bare(headers: HeaderMap, body: Bytes) -> StatusCode {
    if is_signed(&headers, &body) { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
}

async fn durable(State(db): State<Arc<Db>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_signed(&headers, &body) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<Value>(&body) else { return StatusCode::BAD_REQUEST };
    let message = &event["entry"][0]["changes"][0]["value"]["messages"][0];
    let (id, text) = (message["id"].as_str().unwrap_or_default().to_owned(), message.to_string());
    let stored = db.write(&Server, work!(tx => yardstick::insert(tx, &Server, &id, &text).await)).await;
    if stored.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let given = headers.get("x-hub-signature-256").and_then(|value| value.to_str().ok()?.strip_prefix("sha256="));
    let given: Option<Vec<u8>> = given.map(|hex| {
        let pairs = hex.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
        pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
    });
    let mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes());
    given.is_some_and(|given| mac.is_ok_and(|mac| mac.chain_update(body).verify_slice(&given).is_ok()))
}

/// One of them, running; killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) port: u16,
}

impl Running {
    pub(crate) async fn start(program: &std::path::Path, peer: Peer, database: &str) -> Result<Running> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = Command::new(program);
        command.args(["bench", "--peer", peer.name(), "--port", &port.to_string(), "--database", database]);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().context("the program cannot be started")?;
        let running = Running { child, port };
        for _ in 0..2000 {
            if matches!(http::get(port, "/ready", None).await, Ok((200, _))) {
                return Ok(running);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bail!("the {} server did not become ready", peer.name())
    }

    pub(crate) fn cpu_ms(&self) -> f64 {
        machine::cpu_ms(self.child.id()).unwrap_or_default().0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
