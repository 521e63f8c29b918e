//! One call to the Graph API with the account's token.

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Secret,
    ports::{
        channel::Account,
        http::{Auth, Http, Method, Request, Response},
    },
};
use serde_json::Value;

use super::{
    errors::{no_answer, refusal, repeatable},
    json,
    settings::{ACCESS_TOKEN, VENDOR},
};

pub(super) struct Graph<'a> {
    http: &'a dyn Http,
    account: &'a Account,
    token: &'a Secret,
    operation: &'static str,
}

impl<'a> Graph<'a> {
    pub(super) fn open(http: &'a dyn Http, account: &'a Account, operation: &'static str) -> Result<Self, ConnectorError> {
        let missing =
            || ConnectorError::new(VENDOR, operation, ErrorKind::Unauthorized, Retry::Never, "the access token is not set");
        let token = account.secret(ACCESS_TOKEN).filter(|t| !t.is_empty()).ok_or_else(missing)?;
        Ok(Graph { http, account, token, operation })
    }

    /// `{base}/{version}/{object}{rest}`; the object is an id, so nothing else may be smuggled into the path.
    pub(super) fn request(&self, method: Method, object: &str, rest: &str) -> Result<Request, ConnectorError> {
        if object.is_empty() || !object.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            return Err(self.error(ErrorKind::Rejected, Retry::Never, "not an id of the Graph API"));
        }
        let base = self.account.base_url.trim_end_matches('/');
        Ok(self.signed(method, format!("{base}/{}/{object}{rest}", self.account.version)))
    }

    /// A GET of an address that the Graph API gave. The token goes along, so it must not travel in the clear.
    pub(super) fn download(&self, url: &str) -> Result<Request, ConnectorError> {
        let base = self.account.base_url.trim_end_matches('/');
        let own = url.strip_prefix(base).is_some_and(|path| path.starts_with('/'));
        if !own && !url.starts_with("https://") {
            return Err(self.error(ErrorKind::Malformed, Retry::Never, "the address of the file is not https"));
        }
        Ok(self.signed(Method::Get, url.to_owned()))
    }

    /// The answer, if it is 2xx.
    pub(super) async fn call(&self, request: Request) -> Result<Response, ConnectorError> {
        let response = self.http.send(request).await.map_err(|e| no_answer(self.operation, &e))?;
        if (200..300).contains(&response.status) { Ok(response) } else { Err(refusal(self.operation, &response, self.token)) }
    }

    /// The JSON of the answer to a call that may be repeated without harm.
    pub(super) async fn ask(&self, request: Request) -> Result<Value, ConnectorError> {
        let response = self.call(request).await.map_err(repeatable)?;
        serde_json::from_slice(&response.body)
            .map_err(|_| self.error(ErrorKind::Malformed, Retry::Later, "the answer is not JSON").with_status(response.status))
    }

    pub(super) fn error(&self, kind: ErrorKind, retry: Retry, detail: &str) -> ConnectorError {
        ConnectorError::new(VENDOR, self.operation, kind, retry, detail)
    }

    fn signed(&self, method: Method, url: String) -> Request {
        Request { auth: Auth::Bearer(self.token.clone()), ..Request::new(method, url) }
    }
}

/// Do the credentials work? `Acme Salon (+57 1 2345678)`.
pub(super) async fn check(http: &dyn Http, account: &Account) -> Result<String, ConnectorError> {
    let graph = Graph::open(http, account, "check")?;
    let request = graph.request(Method::Get, &account.account, "?fields=display_phone_number,verified_name")?;
    let answer = graph.ask(request).await?;
    match (json::text(&answer, "verified_name"), json::text(&answer, "display_phone_number")) {
        (Some(name), Some(number)) => Ok(format!("{name} ({number})")),
        (name, number) => name
            .or(number)
            .ok_or_else(|| graph.error(ErrorKind::Malformed, Retry::Later, "the answer has neither name nor number")),
    }
}
