//! The command line as a client of a running server.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use frontdesk_connect::http::{AddressPolicy, Egress, EgressSettings};
use frontdesk_kernel::{
    Secret,
    ports::http::{Auth, Body, Http, Method, Request, Response, Streaming},
};
use serde_json::Value;

/// Longest wait for a whole answer: a turn with its deadline, and a little.
const PATIENCE: Duration = Duration::from_secs(160);

pub(crate) struct Client {
    http: Egress,
    url: String,
    key: Option<Secret>,
    tenant: Option<String>,
}

impl Client {
    /// `key`: an operator's or a tenant's; `tenant`: whose data an operator wants.
    pub(crate) fn new(url: &str, key: Option<Secret>, tenant: Option<String>) -> Result<Client> {
        let url = url.trim_end_matches('/').to_owned();
        let http = Egress::new(EgressSettings { allow_private: AddressPolicy::Allow(vec![url.clone()]), ..EgressSettings::default() })?;
        Ok(Client { http, url, key, tenant })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        let answer = self.send(self.request(Method::Get, path)).await?;
        self.read(&answer)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let body = Body::Json(Bytes::from(serde_json::to_vec(body)?));
        let answer = self.send(Request { body, ..self.request(Method::Post, path) }).await?;
        self.read(&answer)
    }

    /// Bytes as they are, with headers of the caller's.
    pub(crate) async fn deliver(&self, path: &str, headers: Vec<(&'static str, String)>, bytes: Bytes) -> Result<Response> {
        let request = Request { headers, body: Body::Json(bytes), timeout: Duration::from_secs(30), ..Request::new(Method::Post, format!("{}{path}", self.url)) };
        self.send(request).await
    }

    pub(crate) async fn stream(&self, path: &str) -> Result<Streaming> {
        let request = Request { timeout: Duration::from_secs(3600), max_bytes: usize::MAX / 32, ..self.request(Method::Get, path) };
        self.http.stream(request).await.with_context(|| self.unreachable())
    }

    fn request(&self, method: Method, path: &str) -> Request {
        let auth = self.key.clone().map_or(Auth::None, Auth::Bearer);
        let headers = self.tenant.clone().map(|t| ("x-tenant-id", t)).into_iter().collect();
        Request { auth, headers, timeout: PATIENCE, gap: PATIENCE, max_bytes: 16 << 20, ..Request::new(method, format!("{}{path}", self.url)) }
    }

    async fn send(&self, request: Request) -> Result<Response> {
        self.http.send(request).await.with_context(|| self.unreachable())
    }

    fn unreachable(&self) -> String {
        format!("no server answers at {}: start one with `frontdesk demo` or `frontdesk serve`", self.url)
    }

    fn read(&self, answer: &Response) -> Result<Value> {
        let value: Value = serde_json::from_slice(&answer.body).with_context(|| format!("{} does not speak our API", self.url))?;
        match (answer.status, value["detail"].as_str()) {
            (200..=299, _) => Ok(value),
            (_, Some(why)) => bail!("{why}"),
            (status, None) => bail!("{} answered {status}", self.url),
        }
    }
}
