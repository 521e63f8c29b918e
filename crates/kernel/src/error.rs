//! The error of every port: what happened, and may I try again?

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// What happened, in the caller's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The credential is wrong or expired: the account must stop and a person must act.
    Unauthorized,
    /// The credential is right but may not do this.
    Forbidden,
    NotFound,
    /// The vendor understood and refuses for good (bad parameter, recipient unreachable …).
    Rejected,
    RateLimited,
    /// WhatsApp's 24-hour window is closed: only a template may go.
    WindowClosed,
    TooLarge,
    Unsupported,
    /// The account is out of money or quota.
    Quota,
    /// The model's context is too long.
    ContextOverflow,
    Unavailable,
    Timeout,
    /// The answer could not be understood.
    Malformed,
    Unexpected,
}

/// May the same call be made again?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not applied, and it will not be.
    Never,
    /// Not applied; try later with back-off.
    Later,
    /// Not applied; try after this long.
    After(Duration),
    /// It may have been applied: repeating it could double it.
    Unknown,
}

/// `detail` is for the operator (log, trace, health card); it never reaches a customer and holds no secret or personal data.
#[derive(Debug, Clone, thiserror::Error)]
pub struct ConnectorError {
    pub kind: ErrorKind,
    pub retry: Retry,
    /// What was tried: `send`, `complete`, `fetch_media` …
    pub operation: &'static str,
    pub vendor: &'static str,
    /// The vendor's own code, when it gave one (`131047`).
    pub code: Option<String>,
    /// HTTP status, when there was one.
    pub status: Option<u16>,
    pub detail: String,
}

impl ConnectorError {
    pub fn new(vendor: &'static str, operation: &'static str, kind: ErrorKind, retry: Retry, detail: impl Into<String>) -> Self {
        ConnectorError { kind, retry, operation, vendor, code: None, status: None, detail: detail.into() }
    }
    /// What happened, for staff, without the vendor's words.
    pub fn kind_in_words(&self) -> &'static str {
        match self.kind {
            ErrorKind::Unauthorized => "the credentials were refused",
            ErrorKind::Forbidden => "this is not allowed with these credentials",
            ErrorKind::NotFound => "it is not there any more",
            ErrorKind::Rejected => "the vendor refused it",
            ErrorKind::RateLimited => "too many requests",
            ErrorKind::WindowClosed => "the 24-hour window is closed",
            ErrorKind::TooLarge => "it is too large",
            ErrorKind::Unsupported => "this is not supported here",
            ErrorKind::Quota => "the account is out of quota",
            ErrorKind::ContextOverflow => "the conversation is too long for the model",
            ErrorKind::Unavailable => "the vendor is not available",
            ErrorKind::Timeout => "it took too long",
            ErrorKind::Malformed => "the answer could not be understood",
            ErrorKind::Unexpected => "something unexpected happened",
        }
    }
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }
}

impl fmt::Display for ConnectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {:?}", self.vendor, self.operation, self.kind)?;
        if let Some(status) = self.status {
            write!(f, " (HTTP {status})")?;
        }
        if let Some(code) = &self.code {
            write!(f, " [{code}]")?;
        }
        write!(f, ": {}", self.detail)
    }
}
