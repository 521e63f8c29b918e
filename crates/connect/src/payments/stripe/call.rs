//! One call to Stripe's API, and what its refusals mean.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    ports::{
        http::{Auth, Body, Http, HttpError, Method, Request, Response},
        payments::Account,
    },
};
use serde_json::Value;
use url::form_urlencoded;

use super::VENDOR;

const TIMEOUT: Duration = Duration::from_secs(15);
const LONGEST_RETRY_AFTER: u64 = 3600;
const LONGEST_DETAIL: usize = 300;

pub(super) struct Call<'c> {
    pub(super) http: &'c dyn Http,
    pub(super) account: &'c Account,
    pub(super) operation: &'static str,
}

impl Call<'_> {
    /// Carried out once for each key, however often it is made.
    pub(super) async fn post(&self, path: &str, form: &[(String, String)], key: &str) -> Result<Value, ConnectorError> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = self.request(Method::Post, path);
        request.headers.push(("idempotency-key", key.to_owned()));
        request.body = Body::Encoded(Bytes::from(body));
        let answered = self.http.send(request).await;
        let response = answered.map_err(|e| self.no_answer(&e))?;
        self.json(&response, Retry::Unknown)
    }

    /// `{path}/{id}`; nothing else may be smuggled into the path.
    pub(super) async fn get(&self, path: &str, id: &str) -> Result<Value, ConnectorError> {
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(self.error(ErrorKind::NotFound, Retry::Never, "not an id of the vendor"));
        }
        self.ask(&format!("{path}/{id}")).await
    }

    pub(super) async fn list(&self, path: &str) -> Result<(), ConnectorError> {
        self.ask(path).await.map(drop)
    }

    /// Reading changes nothing: no outcome is unknown.
    async fn ask(&self, path: &str) -> Result<Value, ConnectorError> {
        let answered = self.http.send(self.request(Method::Get, path)).await.map_err(|e| self.no_answer(&e));
        let read = answered.and_then(|response| self.json(&response, Retry::Later));
        read.map_err(|e| if e.retry == Retry::Unknown { ConnectorError { retry: Retry::Later, ..e } } else { e })
    }

    fn request(&self, method: Method, path: &str) -> Request {
        let base = self.account.base_url.trim_end_matches('/');
        Request {
            auth: Auth::Bearer(self.account.key.clone()),
            headers: vec![("stripe-version", self.account.version.clone())],
            timeout: TIMEOUT,
            gap: TIMEOUT,
            ..Request::new(method, format!("{base}{path}"))
        }
    }

    fn json(&self, response: &Response, unreadable: Retry) -> Result<Value, ConnectorError> {
        if !(200..300).contains(&response.status) {
            return Err(self.refusal(response));
        }
        serde_json::from_slice(&response.body)
            .map_err(|_| self.error(ErrorKind::Malformed, unreadable, "the answer is not JSON").with_status(response.status))
    }

    fn no_answer(&self, error: &HttpError) -> ConnectorError {
        let (kind, retry) = match error {
            HttpError::NotSent(_) | HttpError::NoName(_) | HttpError::Untrusted(_) => (ErrorKind::Unavailable, Retry::Later),
            HttpError::Refused(_) => (ErrorKind::Rejected, Retry::Never),
            HttpError::Timeout(_) => (ErrorKind::Timeout, Retry::Unknown),
            HttpError::Broken(_) => (ErrorKind::Unavailable, Retry::Unknown),
            HttpError::TooLarge(_) => (ErrorKind::TooLarge, Retry::Unknown),
        };
        self.error(kind, retry, &error.to_string())
    }

    fn refusal(&self, response: &Response) -> ConnectorError {
        let body = serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
        let error = &body["error"];
        let wait = response.header("retry-after").and_then(|v| v.trim().parse().ok()).map(|s: u64| s.min(LONGEST_RETRY_AFTER));
        let later = wait.map_or(Retry::Later, |s| Retry::After(Duration::from_secs(s)));
        let (kind, retry) = match response.status {
            401 => (ErrorKind::Unauthorized, Retry::Never),
            403 => (ErrorKind::Forbidden, Retry::Never),
            404 => (ErrorKind::NotFound, Retry::Never),
            // The same key is under way, or the object is locked: nothing was done by this call.
            409 => (ErrorKind::Unavailable, later),
            429 => (ErrorKind::RateLimited, later),
            424 | 500.. => (ErrorKind::Unavailable, Retry::Unknown),
            _ => (ErrorKind::Rejected, Retry::Never),
        };
        let said = error["message"].as_str().unwrap_or("no reason given");
        // The vendor repeats a part of a wrong key.
        let said = if kind == ErrorKind::Unauthorized { "the key is not accepted" } else { said };
        let detail: String = said.chars().take(LONGEST_DETAIL).collect();
        let refused = self.error(kind, retry, &detail).with_status(response.status);
        match error["code"].as_str().or(error["type"].as_str()) {
            Some(code) => refused.with_code(code),
            None => refused,
        }
    }

    /// It was not even sent.
    pub(super) fn refused(&self, why: String) -> ConnectorError {
        self.error(ErrorKind::Rejected, Retry::Never, &why)
    }

    /// Something was done, and we cannot read what.
    pub(super) fn malformed(&self, why: &str) -> ConnectorError {
        self.error(ErrorKind::Malformed, Retry::Unknown, why)
    }

    fn error(&self, kind: ErrorKind, retry: Retry, detail: &str) -> ConnectorError {
        let key = self.account.key.reveal();
        let detail = if key.is_empty() { detail.to_owned() } else { detail.replace(key, "[key]") };
        ConnectorError::new(VENDOR, self.operation, kind, retry, detail)
    }
}
