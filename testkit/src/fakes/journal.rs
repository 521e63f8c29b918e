//! What a fake was asked, and whether the contract allowed it.

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::{HeaderMap, header, request::Parts};
use bytes::Bytes;
use serde_json::Value;

use crate::contracts::{Contracts, Vendor};

/// How a fake runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0: any free one.
    pub addr: SocketAddr,
    /// Check requests and our own replies against the vendor's contract.
    pub validate: bool,
    /// Waits so long before each answer.
    pub latency: Duration,
    /// How many of the latest requests are kept for `requests()` and `sent()`.
    pub keep: usize,
    /// The only accepted credential; `None`: any.
    pub key: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Options { addr, validate: true, latency: Duration::ZERO, keep: 100_000, key: None }
    }
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Recorded {
    /// `Null` when the body is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn new(parts: Parts, body: Bytes) -> Recorded {
        Recorded {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        }
    }
    pub(super) fn content_type(&self) -> Option<&str> {
        self.header(header::CONTENT_TYPE.as_str())
    }
    pub(super) fn bearer(&self) -> Option<&str> {
        self.header(header::AUTHORIZATION.as_str())?.strip_prefix("Bearer ").filter(|token| !token.is_empty())
    }
}

/// Keeps requests and violations; knows the contract.
pub(super) struct Journal {
    name: &'static str,
    contracts: Option<Arc<Contracts>>,
    requests: Mutex<Latest<Recorded>>,
    violations: Mutex<Vec<String>>,
}

impl Journal {
    pub(super) fn new(vendor: &'static str, options: &Options) -> Journal {
        Journal {
            name: vendor,
            contracts: if options.validate { Contracts::load() } else { None },
            requests: Mutex::new(Latest::new(options.keep)),
            violations: Mutex::default(),
        }
    }

    /// What the vendor says; read when it is first asked, because most fakes of a story never are.
    fn vendor(&self) -> Option<Arc<Vendor>> {
        Some(self.contracts.as_ref()?.vendor(self.name))
    }

    /// Records the request; `Err` when the contract forbids it.
    pub(super) fn admit(&self, request: &Recorded) -> Result<(), String> {
        lock(&self.requests).push(request.clone());
        let Some(vendor) = self.vendor() else { return Ok(()) };
        vendor
            .check_request(&request.method, &request.path, &request.query, request.content_type(), &request.body)
            .map_err(|problem| self.violation(problem))
    }

    /// Records a request that the contract does not describe; the fake checks it itself.
    pub(super) fn keep(&self, request: &Recorded) -> Result<(), String> {
        lock(&self.requests).push(request.clone());
        Ok(())
    }

    /// Checks our own answer.
    pub(super) fn answer(&self, request: &Recorded, status: u16, body: &Value) {
        if let Some(vendor) = self.vendor()
            && let Err(problem) = vendor.check_response(&request.method, &request.path, status, body)
        {
            self.violation(format!("the fake itself: {problem}"));
        }
    }
    pub(super) fn event(&self, request: &Recorded, event: &Value) {
        if let Some(vendor) = self.vendor()
            && let Err(problem) = vendor.check_event(&request.method, &request.path, event)
        {
            self.violation(format!("the fake itself: {problem}"));
        }
    }
    pub(super) fn webhook(&self, body: &Value) {
        if let Some(vendor) = self.vendor()
            && let Err(problem) = vendor.check_webhook(body)
        {
            self.violation(format!("the fake itself: {problem}"));
        }
    }

    pub(super) fn violation(&self, problem: String) -> String {
        lock(&self.violations).push(problem.clone());
        problem
    }
    pub(super) fn violations(&self) -> Vec<String> {
        lock(&self.violations).clone()
    }
    pub(super) fn requests(&self) -> Vec<Recorded> {
        lock(&self.requests).all()
    }
}

/// The latest so many of a kind.
pub(super) struct Latest<T> {
    items: VecDeque<T>,
    keep: usize,
}

impl<T: Clone> Latest<T> {
    pub(super) fn new(keep: usize) -> Self {
        Latest { items: VecDeque::new(), keep }
    }
    pub(super) fn push(&mut self, item: T) {
        if self.items.len() >= self.keep {
            self.items.pop_front();
        }
        if self.keep > 0 {
            self.items.push_back(item);
        }
    }
    pub(super) fn all(&self) -> Vec<T> {
        self.items.iter().cloned().collect()
    }
}

pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
