//! The way out to the network, as connectors see it. The host gives timeouts, limits, the address guard and tracing.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::Secret;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = HttpMethod)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub const ALL: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Method::ALL.into_iter().find(|m| m.as_str().eq_ignore_ascii_case(text))
    }
}

#[derive(Debug, Clone)]
pub enum Auth {
    None,
    Bearer(Secret),
    /// A header of the vendor's own (`x-goog-api-key`).
    Header(&'static str, Secret),
}

/// A multipart part: a plain field when `file_name` is absent.
#[derive(Debug, Clone)]
pub struct Part {
    pub name: &'static str,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Bytes,
}

#[derive(Debug, Clone)]
pub enum Body {
    Empty,
    /// A JSON text, already serialized.
    Json(Bytes),
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(&'static str, String)>),
    /// The same, already encoded.
    Encoded(Bytes),
    Multipart(Vec<Part>),
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub auth: Auth,
    pub headers: Vec<(&'static str, String)>,
    /// Headers that a business wrote; their values may hold its secrets.
    pub own_headers: Vec<(String, Secret)>,
    /// The URL was chosen by a business: it leads to public addresses, and to those that the operator named for businesses.
    pub guest: bool,
    pub body: Body,
    /// From start to the last byte of the answer.
    pub timeout: Duration,
    /// Longest wait for the first byte and between two chunks of a streamed answer.
    pub gap: Duration,
    /// A larger answer is cut off and is an error.
    pub max_bytes: usize,
}

impl Request {
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Request {
            method,
            url: url.into(),
            auth: Auth::None,
            headers: Vec::new(),
            own_headers: Vec::new(),
            guest: false,
            body: Body::Empty,
            timeout: Duration::from_secs(10),
            gap: Duration::from_secs(10),
            max_bytes: 1 << 20,
        }
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

pub fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

/// An answer whose body arrives in pieces.
pub struct Streaming {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Box<dyn Chunks>,
}

#[async_trait]
pub trait Chunks: Send {
    /// The next piece; `None` at the orderly end.
    async fn next(&mut self) -> Option<Result<Bytes, HttpError>>;
}

/// Why there is no answer. `NotSent` means that the vendor cannot have acted on it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HttpError {
    #[error("not sent: {0}")]
    NotSent(String),
    /// As `NotSent`: the name leads nowhere.
    #[error("not sent, the name cannot be resolved: {0}")]
    NoName(String),
    /// As `NotSent`: no safe connection to whom the URL names.
    #[error("not sent, no safe connection: {0}")]
    Untrusted(String),
    #[error("address refused: {0}")]
    Refused(String),
    #[error("timed out: {0}")]
    Timeout(String),
    #[error("connection broke: {0}")]
    Broken(String),
    #[error("answer larger than {0} bytes")]
    TooLarge(usize),
}

#[async_trait]
pub trait Http: Send + Sync {
    async fn send(&self, request: Request) -> Result<Response, HttpError>;
    async fn stream(&self, request: Request) -> Result<Streaming, HttpError>;
    /// Whether a business may name this URL, as far as it can be said without resolving its name. Each call is judged again.
    fn admits_guest(&self, _url: &str) -> Result<(), HttpError> {
        Ok(())
    }
    /// Whether the operator opened this origin to what businesses choose, wherever it is and however it is reached.
    fn is_open(&self, _url: &str) -> bool {
        false
    }
}
