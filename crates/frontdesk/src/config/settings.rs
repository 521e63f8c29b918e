//! The settings as the rest of the program sees them; what each means is written in `config.default.toml`.

use std::{fmt, path::PathBuf};

use frontdesk_kernel::Secret;
use serde::{
    Deserialize, Deserializer,
    de::{IntoDeserializer, value::StringDeserializer},
};

use super::models::Models;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) data_dir: PathBuf,
    pub(crate) database: Database,
    pub(crate) server: Server,
    pub(crate) log: Log,
    pub(crate) whatsapp: WhatsApp,
    pub(crate) models: Models,
    pub(crate) turns: Turns,
    pub(crate) media: Media,
    pub(crate) tracing: Tracing,
    pub(crate) tools: Tools,
    pub(crate) payments: Payments,
    pub(crate) credit: Credit,
    pub(crate) security: Security,
    pub(crate) mail: Mail,
    pub(crate) sign_in: SignIn,
    pub(crate) owner: Owner,
    pub(crate) tenant: TenantSeed,
    pub(crate) agent: AgentSeed,
    /// Names that were set and have no effect yet, for `serve` and `doctor` to tell.
    #[serde(skip)]
    pub(crate) not_yet_used: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// `sqlite:<file>` or `postgres://…`; never empty. May hold a password: show `shown()`.
    pub(crate) url: Secret,
    pub(crate) pool_size: u32,
    pub(crate) prepared_statements: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) listen: Listen,
    /// Without a trailing slash.
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) public_base_url: Option<String>,
    pub(crate) max_body_bytes: usize,
    pub(crate) body_timeout_s: u64,
    pub(crate) requests_per_second: u32,
    pub(crate) trusted_proxies: Vec<std::net::IpAddr>,
    pub(crate) shutdown_grace_ms: u64,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) security_contact: Option<String>,
    pub(crate) role: Role,
}

/// `host:port`; an IPv6 host stands in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Listen {
    pub(crate) host: String,
    pub(crate) port: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    All,
    Web,
    Worker,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhatsApp {
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) access_token: Option<Secret>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) phone_number_id: Option<String>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) app_id: Option<String>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) app_secret: Option<Secret>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) verify_token: Option<Secret>,
    /// `v23.0`.
    pub(crate) version: String,
    /// Without a trailing slash.
    pub(crate) graph_base_url: String,
    pub(crate) mock_mode: bool,
    pub(crate) messages_per_second: u32,
    pub(crate) pair_burst: u32,
    pub(crate) pair_interval_ms: u64,
    pub(crate) unknown_window_s: u64,
    pub(crate) mark_read: bool,
    pub(crate) typing: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payments {
    /// Without a trailing slash.
    pub(crate) stripe_base_url: String,
}

/// What credit costs that the server's operator sells.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credit {
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) stripe_secret_key: Option<Secret>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) stripe_webhook_secret: Option<Secret>,
    pub(crate) currency: String,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) price_per_thousand: Option<String>,
    pub(crate) packages: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Turns {
    pub(crate) burst_wait_ms: u64,
    pub(crate) burst_max_ms: u64,
    pub(crate) history_limit: u32,
    pub(crate) timeout_s: u64,
    pub(crate) max_model_calls: u32,
    pub(crate) max_tool_calls: u32,
    pub(crate) token_budget: u64,
    pub(crate) daily_token_budget: u64,
    pub(crate) concurrency: usize,
    pub(crate) max_attempts: u32,
    pub(crate) contact_messages_per_hour: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Media {
    pub(crate) max_image_bytes: usize,
    pub(crate) max_audio_bytes: usize,
    pub(crate) max_video_bytes: usize,
    pub(crate) max_document_bytes: usize,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tracing {
    #[serde(rename = "type")]
    pub(crate) tracer: Tracer,
    pub(crate) log_pii: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tracer {
    Console,
    Off,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tools {
    pub(crate) open_origins: Vec<String>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) api_server_url: Option<String>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) api_server_key: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Security {
    /// `None`: the file `secret.key` in the data folder.
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) encryption_key: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) smtp_url: Option<Secret>,
    /// The mailbox of `from`, in which answers arrive.
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) imap_url: Option<Secret>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) from: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    pub(crate) oidc: Oidc,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Oidc {
    pub(crate) name: String,
    /// Without a trailing slash; none = no single sign-on.
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) issuer: Option<String>,
    pub(crate) client_id: String,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) client_secret: Option<Secret>,
    pub(crate) domains: Vec<String>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) provision: Option<String>,
    pub(crate) provision_tenant: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Owner {
    /// Both or neither.
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) username: Option<String>,
    #[serde(deserialize_with = "unless_empty")]
    pub(crate) password: Option<Secret>,
}

/// The default tenant at its creation.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantSeed {
    pub(crate) name: String,
    pub(crate) business_type: String,
    pub(crate) time_zone: String,
    pub(crate) language: String,
    pub(crate) currency: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgentSeed {
    pub(crate) autoreply: bool,
    pub(crate) name: String,
}

impl Config {
    /// Whether turns are told line by line in the log.
    pub(crate) fn console_tracer(&self) -> bool {
        self.tracing.tracer == Tracer::Console
    }
}

impl Database {
    /// SQLite's file; `None` on PostgreSQL.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        let path = self.url.reveal().strip_prefix("sqlite:")?;
        Some(PathBuf::from(path.trim_start_matches("//")))
    }

    /// The URL for people: without password and options.
    pub(crate) fn shown(&self) -> String {
        let url = self.url.reveal().split('?').next().unwrap_or_default();
        let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
        match rest.rsplit_once('@') {
            Some((login, host)) => format!("{scheme}://{}:***@{host}", login.split(':').next().unwrap_or_default()),
            None => url.to_owned(),
        }
    }
}

impl Listen {
    /// Whether only this machine can reach it.
    pub(crate) fn is_local(&self) -> bool {
        is_local_host(&self.host)
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Listen, String> {
        let wrong = || format!("`{text}` is not host:port");
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let readable = !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c == '/' || (c == ':' && !bracketed));
        let port = port.parse().ok().filter(|_| readable && port.bytes().all(|b| b.is_ascii_digit())).ok_or_else(wrong)?;
        Ok(Listen { host: host.to_owned(), port })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

pub(super) fn is_local_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || host.ends_with(".localhost") || address.is_ok_and(|a| a.is_loopback())
}

impl WhatsApp {
    /// Whether the default tenant has a WhatsApp number that can receive and send.
    pub(crate) fn is_configured(&self) -> bool {
        self.access_token.is_some() && self.phone_number_id.is_some() && self.app_secret.is_some()
    }
}

/// An empty text is no value. (Without a `default`, so that the manual must have the key.)
pub(super) fn unless_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let text: StringDeserializer<D::Error> = text.into_deserializer();
    T::deserialize(text).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_host_and_port() {
        for (text, local) in
            [("127.0.0.1:8000", true), ("[::1]:0", true), ("0.0.0.0:80", false), ("[::]:80", false), ("localhost:1", true)]
        {
            let listen = Listen::try_from(text.to_owned()).unwrap();
            assert_eq!((listen.to_string().as_str(), listen.is_local()), (text, local));
        }
        for wrong in ["", "8000", ":8000", "localhost", "::1:80", "a b:80", "http://a:80", "a:65536", "a:-1", "a:+1", "a:"] {
            assert!(Listen::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_database_is_shown_without_its_password() {
        for (url, shown) in [
            ("sqlite:data/frontdesk.db", "sqlite:data/frontdesk.db"),
            ("postgres://desk:s3cret@db:5432/desk?sslmode=require", "postgres://desk:***@db:5432/desk"),
            ("postgres://desk:s@3@db/desk", "postgres://desk:***@db/desk"),
            ("postgres://db/desk?password=s3cret", "postgres://db/desk"),
        ] {
            let database = Database { url: Secret::new(url), pool_size: 1, prepared_statements: true };
            assert_eq!(database.shown(), shown);
            assert!(!format!("{database:?}").contains("s3cret"));
        }
    }
}
