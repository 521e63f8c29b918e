//! The way out for mail of ours, as the engine sees it.

use async_trait::async_trait;

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Stays the same when it is sent again, so that a receiver can recognise it.
    pub id: String,
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Why a mail did not leave. It is logged and kept: no address stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// It never will: the address or the mail is wrong.
    #[error("the mail server refused it: {0}")]
    Refused(String),
    /// Later it may.
    #[error("the mail could not be handed over: {0}")]
    Failed(String),
}

#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
    /// Whether the server can be reached, in words.
    async fn check(&self) -> Result<String, MailError>;
}
