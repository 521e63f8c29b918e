//! Mail out over SMTP, one connection per mail, and in over IMAP; encrypted wherever it leaves this machine.

mod imap;
pub(crate) mod letter;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_kernel::{
    Secret,
    ports::mail::{Mail, MailError, Mailer},
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp,
};

pub use self::imap::{Imap, ImapError};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Why there is no mailer: a configuration matter.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SmtpError {
    #[error("SMTP_URL is not smtp://… or smtps://user:password@host: {0}")]
    Url(String),
    #[error("`{0}` is not an address to send from: write name@example.com or Name <name@example.com>")]
    From(String),
}

pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// `smtps://` is encrypted from the start; `smtp://` asks for encryption (STARTTLS) and does without only on this machine.
    pub fn new(url: &Secret, from: &str) -> Result<Smtp, SmtpError> {
        let from = from.parse().map_err(|_| SmtpError::From(from.to_owned()))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&encrypted(url.reveal())?)
            .map_err(|e| SmtpError::Url(e.to_string()))?
            .timeout(Some(TIMEOUT))
            .build();
        Ok(Smtp { transport, from })
    }

    fn message(&self, mail: &Mail) -> Result<Message, String> {
        let to: Mailbox = mail.to.parse().map_err(|e| format!("the address cannot be read: {e}"))?;
        let domain = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            // So that nobody's holiday notice answers it.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|e| e.to_string())
    }
}

/// The URL with encryption asked for, unless it says something itself or stays on this machine.
fn encrypted(url: &str) -> Result<String, SmtpError> {
    let mut parsed = url::Url::parse(url).map_err(|e| SmtpError::Url(e.to_string()))?;
    let host = parsed.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|a| a.is_loopback());
    if parsed.scheme() == "smtp" && !is_local && !parsed.query_pairs().any(|(name, _)| name == "tls") {
        parsed.query_pairs_mut().append_pair("tls", "required");
    }
    Ok(parsed.into())
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail).map_err(|e| MailError::Refused(masked(&e)))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(e) if e.is_permanent() && !keeps_us_out(&e) => Err(MailError::Refused(story(&e))),
            Err(e) => Err(MailError::Failed(story(&e))),
        }
    }

    async fn check(&self) -> Result<String, MailError> {
        match self.transport.test_connection().await {
            Ok(true) => Ok("the mail server answers".into()),
            Ok(false) => Err(MailError::Failed("the mail server does not answer as one".into())),
            Err(e) => Err(MailError::Failed(story(&e))),
        }
    }
}

/// Of our login (RFC 4954): it is asked for, too weak, wrong, or not to be sent in the clear. No mail is at fault, and it may be set right.
const LOGIN: [u16; 4] = [530, 534, 535, 538];

fn keeps_us_out(error: &smtp::Error) -> bool {
    error.status().is_some_and(|code| LOGIN.contains(&u16::from(code)))
}

/// An error with its causes in one line, and nobody's address.
fn story(error: &dyn std::error::Error) -> String {
    let mut lines = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(e) = cause {
        lines.push(e.to_string());
        cause = e.source();
    }
    lines.dedup();
    masked(&lines.join(": "))
}

/// Servers say whom they refuse. Who reads a log learns the code and the reason.
fn masked(text: &str) -> String {
    let apart = |c: char| c.is_whitespace() || "<>()[],;:".contains(c);
    let mut told = String::with_capacity(text.len());
    for piece in text.split_inclusive(apart) {
        let word = piece.trim_end_matches(apart);
        let is_address = word.contains('@') || word.contains("%40");
        told.push_str(if is_address { "***" } else { word });
        told.push_str(&piece[word.len()..]);
    }
    told
}
