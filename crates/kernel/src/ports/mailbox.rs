//! The way in for mail of ours: answers to what we wrote, as the engine sees them.

use async_trait::async_trait;

use super::mail::MailError;

/// Up to where a mailbox was read. Numbers only grow as long as `validity` stays the same (RFC 3501, 2.3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub validity: u32,
    pub last: u32,
}

/// A mail as far as an answer needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// Its number in the mailbox.
    pub number: u32,
    /// The address in `From`, in lower case; empty when there is none, or several.
    pub from: String,
    /// What it answers to, as an id without brackets: `In-Reply-To`, and without that the newest of `References`.
    pub answers: Option<String>,
    /// What a person reads, quoted text included.
    pub text: String,
    /// A machine wrote it (a holiday notice, a list, a report of a delivery), or it passes on what somebody else wrote.
    pub is_automatic: bool,
    /// The receiving server says that it is not from whom it says (DMARC).
    pub is_forged: bool,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// In the order in which they came.
    pub letters: Vec<Letter>,
    /// Whoever asks again from here gets what came later.
    pub place: Place,
}

#[async_trait]
pub trait Mailbox: Send + Sync {
    /// Which mailbox it is: another one is read from its own beginning.
    fn name(&self) -> &str;
    /// At most so many letters that came after `since`; without it none, but the place of those to come.
    async fn since(&self, since: Option<Place>, most: usize) -> Result<Arrived, MailError>;
    /// Whether it can be read, in words.
    async fn check(&self) -> Result<String, MailError>;
}
