//! The way out: one client with time limits, size limits, the address guard, a metric and a trace line.

pub(crate) mod address;
mod faults;
#[cfg(test)]
mod rebinding;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use frontdesk_kernel::ports::http::{Auth, Body, Chunks, Http, HttpError, Method, Part, Request, Response, Streaming};
use reqwest::{
    Client, Url,
    header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::{
    self, ClientConfig,
    client::Resumption,
    crypto::{CryptoProvider, aws_lc_rs},
};

pub use self::address::AddressPolicy;
use self::{
    address::{LookUp, PublicResolver},
    faults::{failure, story, word},
};

#[derive(Debug, Clone)]
pub struct EgressSettings {
    pub connect_timeout: Duration,
    pub allow_private: AddressPolicy,
    /// Origins that the operator opens to the URLs of businesses, wherever they lead; empty = public addresses only.
    pub open_to_guests: Vec<String>,
    pub user_agent: String,
}

impl Default for EgressSettings {
    fn default() -> Self {
        EgressSettings {
            connect_timeout: Duration::from_secs(5),
            allow_private: AddressPolicy::PublicOnly,
            open_to_guests: Vec::new(),
            user_agent: concat!("frontdesk/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Why there is no client. A configuration matter: it does not pass by itself.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EgressError {
    #[error("`{0}` is not an origin like http://127.0.0.1:9000")]
    Origin(String),
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
}

/// The product's only HTTP client. Every call outside goes through it.
pub struct Egress {
    reach: Reach,
    guests: Guests,
}

/// The way out for URLs that businesses chose. What the operator trusts for the product itself (a model server next door) is closed to
/// them; pools are their own, too.
struct Guests {
    origins: HashSet<String>,
    opened: Client,
    public: Client,
}

enum Reach {
    PublicOnly(Client),
    /// Two clients and so two connection pools: a connection to a trusted origin is never used for another's request.
    Allow {
        origins: HashSet<String>,
        trusted: Client,
        public: Client,
    },
    Any(Client),
}

impl Egress {
    pub fn new(settings: EgressSettings) -> Result<Self, EgressError> {
        Egress::looking_up(&settings, &address::system())
    }

    fn looking_up(settings: &EgressSettings, names: &LookUp) -> Result<Self, EgressError> {
        let tls = tls()?;
        let guarded = || client(settings, &tls, Some(names));
        let unguarded = || client(settings, &tls, None);
        let reach = match &settings.allow_private {
            AddressPolicy::PublicOnly => Reach::PublicOnly(guarded()?),
            AddressPolicy::Allow(list) => Reach::Allow {
                origins: list.iter().map(|text| origin(text)).collect::<Result<_, _>>()?,
                trusted: unguarded()?,
                public: guarded()?,
            },
            AddressPolicy::Any => Reach::Any(unguarded()?),
        };
        let guests = Guests {
            origins: settings.open_to_guests.iter().map(|text| origin(text)).collect::<Result<_, _>>()?,
            opened: unguarded()?,
            public: guarded()?,
        };
        Ok(Egress { reach, guests })
    }

    /// Whether a request of ours to this URL would be let out, as far as it can be said without resolving its name.
    pub fn admits(&self, url: &str) -> Result<(), HttpError> {
        self.client_for(&parse(url)?, false).map(|_| ())
    }

    fn client_for(&self, url: &Url, guest: bool) -> Result<&Client, HttpError> {
        address::check_form(url)?;
        match &self.reach {
            Reach::Any(client) => Ok(client),
            _ if guest && self.guests.origins.contains(&url.origin().ascii_serialization()) => Ok(&self.guests.opened),
            _ if guest => address::check_public(url).map(|()| &self.guests.public),
            Reach::Allow { origins, trusted, .. } if origins.contains(&url.origin().ascii_serialization()) => Ok(trusted),
            Reach::PublicOnly(public) | Reach::Allow { public, .. } => address::check_public(url).map(|()| public),
        }
    }

    /// Sends and waits for the head of the answer.
    async fn open(&self, request: Request, encoding: Encoding) -> Result<(reqwest::Response, Pieces), HttpError> {
        let url = parse(&request.url)?;
        let client = self.client_for(&url, request.guest)?;
        // Hosts that businesses chose are theirs, are many, and their paths may name people.
        let (host, path) = match request.guest {
            true => ("of_a_business".to_owned(), String::new()),
            false => (url.host_str().unwrap_or_default().to_owned(), url.path().to_owned()),
        };
        let limits = Limits {
            deadline: Instant::now() + request.timeout,
            total: request.timeout,
            gap: request.gap,
            max_bytes: request.max_bytes,
        };
        let outgoing = outgoing(client, url, request, encoding)?;
        let answer = match limits.wait(client.execute(outgoing)).await {
            Ok(answer) => answer.map_err(failure),
            Err(late) => Err(late),
        };
        let status = match &answer {
            Ok(answer) => answer.status().as_u16().to_string(),
            Err(error) => word(error).to_owned(),
        };
        tracing::debug!(host, path, status, "egress");
        metrics::counter!("frontdesk_egress_total", "host" => host, "status" => status).increment(1);
        let answer = answer?;
        if answer.content_length().is_some_and(|length| length > limits.max_bytes as u64) {
            return Err(HttpError::TooLarge(limits.max_bytes));
        }
        Ok((answer, Pieces { limits, seen: 0, over: false }))
    }
}

#[async_trait]
impl Http for Egress {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let (mut answer, mut pieces) = self.open(request, Encoding::Gzip).await?;
        let mut body = match pieces.next(&mut answer).await? {
            Some(first) => first.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..])),
            None => BytesMut::new(),
        };
        while let Some(more) = pieces.next(&mut answer).await? {
            body.extend_from_slice(&more);
        }
        Ok(Response { status: answer.status().as_u16(), headers: headers(&answer), body: body.freeze() })
    }

    fn admits_guest(&self, url: &str) -> Result<(), HttpError> {
        self.client_for(&parse(url)?, true).map(|_| ())
    }

    fn is_open(&self, url: &str) -> bool {
        parse(url).is_ok_and(|url| self.guests.origins.contains(&url.origin().ascii_serialization()))
    }

    async fn stream(&self, request: Request) -> Result<Streaming, HttpError> {
        let (answer, pieces) = self.open(request, Encoding::Plain).await?;
        Ok(Streaming {
            status: answer.status().as_u16(),
            headers: headers(&answer),
            body: Box::new(AnswerBody { answer, pieces }),
        })
    }
}

struct AnswerBody {
    answer: reqwest::Response,
    pieces: Pieces,
}

#[async_trait]
impl Chunks for AnswerBody {
    async fn next(&mut self) -> Option<Result<Bytes, HttpError>> {
        self.pieces.next(&mut self.answer).await.transpose()
    }
}

/// Counts what arrives, after decompression, against the limits.
struct Pieces {
    limits: Limits,
    seen: usize,
    over: bool,
}

impl Pieces {
    async fn next(&mut self, answer: &mut reqwest::Response) -> Result<Option<Bytes>, HttpError> {
        if self.over {
            return Ok(None);
        }
        let next = match self.limits.wait(answer.chunk()).await {
            Ok(Ok(Some(bytes))) => {
                self.seen += bytes.len();
                if self.seen > self.limits.max_bytes { Err(HttpError::TooLarge(self.limits.max_bytes)) } else { Ok(Some(bytes)) }
            }
            Ok(Ok(None)) => Ok(None),
            Ok(Err(error)) => Err(failure(error)),
            Err(late) => Err(late),
        };
        self.over = !matches!(next, Ok(Some(_)));
        next
    }
}

struct Limits {
    deadline: Instant,
    total: Duration,
    gap: Duration,
    max_bytes: usize,
}

impl Limits {
    async fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, HttpError> {
        let silent = Instant::now() + self.gap;
        timeout_at(silent.min(self.deadline), work).await.map_err(|_| {
            HttpError::Timeout(if silent < self.deadline {
                format!("silent for {:?}", self.gap)
            } else {
                format!("no complete answer within {:?}", self.total)
            })
        })
    }
}

/// A streamed answer comes in small pieces as they are made; compression would hold them back.
#[derive(Clone, Copy, PartialEq)]
enum Encoding {
    Gzip,
    Plain,
}

/// The certificates that the system trusts, read once for all clients.
fn tls() -> Result<ClientConfig, EgressError> {
    let failed = |e: rustls::Error| EgressError::Client(e.to_string());
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(failed)?;
    let mut tls = builder.with_platform_verifier().map_err(failed)?.with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

#[expect(clippy::disallowed_methods, reason = "the one place where the client is built")]
fn client(settings: &EgressSettings, tls: &ClientConfig, only_public: Option<&LookUp>) -> Result<Client, EgressError> {
    let mut tls = tls.clone();
    // Who shares no connections shares no sessions.
    tls.resumption = Resumption::default();
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(&settings.user_agent)
        .connect_timeout(settings.connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .tcp_nodelay(true)
        .tcp_keepalive(Duration::from_secs(30))
        .pool_idle_timeout(Duration::from_secs(90))
        .http2_keep_alive_interval(Duration::from_secs(15))
        .http2_keep_alive_timeout(Duration::from_secs(5));
    let builder = match only_public {
        Some(names) => builder.dns_resolver(PublicResolver(names.clone())),
        None => builder,
    };
    builder.build().map_err(|e| EgressError::Client(story(&e)))
}

fn origin(text: &str) -> Result<String, EgressError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url.origin().ascii_serialization()),
        _ => Err(EgressError::Origin(text.to_owned())),
    }
}

fn parse(url: &str) -> Result<Url, HttpError> {
    Url::parse(url).map_err(|e| HttpError::Refused(format!("not a URL: {e}")))
}

fn outgoing(client: &Client, url: Url, request: Request, encoding: Encoding) -> Result<reqwest::Request, HttpError> {
    let mut headers = HeaderMap::with_capacity(request.headers.len() + 3);
    match request.auth {
        Auth::None => {}
        Auth::Bearer(key) => secret_header(&mut headers, AUTHORIZATION, &format!("Bearer {}", key.reveal()))?,
        Auth::Header(name, key) => secret_header(&mut headers, header_name(name)?, key.reveal())?,
    }
    if encoding == Encoding::Plain {
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    for (name, value) in &request.headers {
        let value = HeaderValue::from_str(value).map_err(|_| HttpError::Refused(format!("the header {name} has a bad value")))?;
        headers.append(header_name(name)?, value);
    }
    for (name, value) in &request.own_headers {
        let name =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| HttpError::Refused(format!("`{name}` is not a header")))?;
        secret_header(&mut headers, name, value.reveal())?;
    }
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    };
    let builder = client.request(method, url);
    let builder = match request.body {
        Body::Empty => builder,
        Body::Json(bytes) => {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
            builder.body(bytes)
        }
        Body::Form(fields) => builder.form(&fields),
        Body::Encoded(bytes) => {
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/x-www-form-urlencoded"));
            builder.body(bytes)
        }
        Body::Multipart(parts) => builder.multipart(form(parts)?),
    };
    builder.headers(headers).build().map_err(|e| HttpError::Refused(story(&e.without_url())))
}

fn header_name(name: &'static str) -> Result<HeaderName, HttpError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| HttpError::Refused(format!("`{name}` is not a header")))
}

fn secret_header(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), HttpError> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| HttpError::Refused(format!("the key for {name} has letters no header can hold")))?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

fn form(parts: Vec<Part>) -> Result<reqwest::multipart::Form, HttpError> {
    parts.into_iter().try_fold(reqwest::multipart::Form::new(), |form, part| {
        let mut out = reqwest::multipart::Part::stream(part.bytes);
        if let Some(name) = part.file_name {
            out = out.file_name(name);
        }
        if let Some(mime) = part.content_type {
            out = out.mime_str(&mime).map_err(|_| HttpError::Refused(format!("`{mime}` is not a media type")))?;
        }
        Ok(form.part(part.name, out))
    })
}

fn headers(answer: &reqwest::Response) -> Vec<(String, String)> {
    let readable = answer.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    readable.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
