//! The command line as a client of a running server.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use frontdesk_connect::http::{AddressPolicy, Egress, EgressSettings};
use frontdesk_kernel::{
    Secret,
    ports::http::{Auth, Body, Http, Method, Request, Response, Streaming},
};
use serde_json::{Value, json};

use crate::local::Local;

/// Longest wait for a whole answer: a turn with its deadline, and a little.
const PATIENCE: Duration = Duration::from_secs(160);
/// A server on this machine answers a simple question sooner than this.
const SOON: Duration = Duration::from_secs(5);

pub(crate) struct Client {
    http: Egress,
    url: String,
    key: Option<Secret>,
    tenant: Option<String>,
}

impl Client {
    pub(crate) fn new(url: &str, key: Option<Secret>) -> Result<Client> {
        let url = url.trim_end_matches('/').to_owned();
        let http =
            Egress::new(EgressSettings { allow_private: AddressPolicy::Allow(vec![url.clone()]), ..EgressSettings::default() })?;
        Ok(Client { http, url, key, tenant: None })
    }

    /// As the operator of this machine.
    pub(crate) fn of(local: &Local) -> Result<Client> {
        Client::new(&local.url, Some(Secret::new(local.key.as_str())))
    }

    /// From now on about this business (an operator may name any).
    pub(crate) fn about(self, tenant: &str) -> Client {
        Client { tenant: Some(tenant.to_owned()), ..self }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether a server answers there, and we are its operator.
    pub(crate) async fn is_operated(&self) -> bool {
        let body = Body::Json(Bytes::from_static(br#"{"action":{"tenant":"list"}}"#));
        let asked = Request { body, timeout: SOON, ..self.request(Method::Post, "/api/v1/admin") };
        self.http.send(asked).await.is_ok_and(|answer| answer.status == 200)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        let (status, value) = self.ask(path).await?;
        self.accepted(status, value)
    }

    /// The answer, whatever its status.
    pub(crate) async fn ask(&self, path: &str) -> Result<(u16, Value)> {
        let answer = self.send(self.request(Method::Get, path)).await?;
        Ok((answer.status, self.read(&answer)?))
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let body = Body::Json(Bytes::from(serde_json::to_vec(body)?));
        let answer = self.send(Request { body, ..self.request(Method::Post, path) }).await?;
        let value = self.read(&answer)?;
        self.accepted(answer.status, value)
    }

    /// The id of the named business, or of the one that is meant when none is named.
    pub(crate) async fn business(&self, named: Option<&str>) -> Result<String> {
        let found = self.post("/api/v1/admin", &json!({ "tenant": named, "action": { "tenant": "get" } })).await?;
        Ok(found["id"].as_str().context("the server gave no business")?.to_owned())
    }

    /// A vendor's bytes as they are.
    pub(crate) async fn deliver(&self, path: &str, headers: Vec<(&'static str, String)>, bytes: Bytes) -> Result<Response> {
        let timeout = Duration::from_secs(30);
        let url = format!("{}{path}", self.url);
        self.send(Request { headers, body: Body::Json(bytes), timeout, gap: timeout, ..Request::new(Method::Post, url) }).await
    }

    pub(crate) async fn stream(&self, path: &str) -> Result<Streaming> {
        let request =
            Request { timeout: Duration::from_secs(24 * 3600), max_bytes: usize::MAX / 32, ..self.request(Method::Get, path) };
        self.http.stream(request).await.with_context(|| self.unreachable())
    }

    fn request(&self, method: Method, path: &str) -> Request {
        let auth = self.key.clone().map_or(Auth::None, Auth::Bearer);
        let headers = self.tenant.clone().map(|t| ("x-tenant-id", t)).into_iter().collect();
        Request {
            auth,
            headers,
            timeout: PATIENCE,
            gap: PATIENCE,
            max_bytes: 64 << 20,
            ..Request::new(method, format!("{}{path}", self.url))
        }
    }

    async fn send(&self, request: Request) -> Result<Response> {
        self.http.send(request).await.with_context(|| self.unreachable())
    }

    fn unreachable(&self) -> String {
        format!("no answer from {}: is a server running there? `frontdesk demo` and `frontdesk serve` start one", self.url)
    }

    fn read(&self, answer: &Response) -> Result<Value> {
        serde_json::from_slice(&answer.body).with_context(|| format!("{} answered {} and no JSON", self.url, answer.status))
    }

    fn accepted(&self, status: u16, value: Value) -> Result<Value> {
        match (status, value["detail"].as_str()) {
            (200..=299, _) => Ok(value),
            (_, Some(why)) => bail!("{why}"),
            (status, None) => bail!("{} answered {status}", self.url),
        }
    }
}

/// A piece of a path or query.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendors_id_survives_the_way_through_a_path() {
        assert_eq!(encoded("wamid.HBg+/=="), "wamid.HBg%2B%2F%3D%3D");
        assert_eq!(encoded("é"), "%C3%A9");
    }
}
