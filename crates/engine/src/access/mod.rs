//! Who comes in and who may: passwords, second factors, passkeys, single sign-on, invitations. The API translates, the rules are here.

mod device;
pub mod enter;
pub mod factors;
pub mod invitations;
mod letters;
pub mod mail;
pub mod members;
pub mod passkeys;
pub mod password;
pub mod reset;
pub mod sessions;
pub mod setup;
pub mod sso;
mod throttle;
pub mod tokens;
mod trail;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::Kind,
    ports::{identity::IdentityProvider, mail::Mailer, mailbox::Mailbox},
    random::Random,
    scope::Server,
    tenant::Tenant,
};
use frontdesk_store::{Tx, challenges, mails, resets, throttle as throttle_store};

pub use self::throttle::neighbourhood;
use self::{password::Passwords, sso::Rules};
use crate::Desk;

/// What the binary (or a test) gives.
pub struct Parts {
    pub random: Arc<dyn Random>,
    /// Without one, links are shown instead of sent.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Where answers to our mail arrive; without one nobody answers by mail.
    pub mailbox: Option<Arc<dyn Mailbox>>,
    pub provider: Option<(Arc<dyn IdentityProvider>, Rules)>,
    /// Where the world reaches us, without a trailing slash; known later when the port is any free one.
    pub public_url: Option<String>,
}

pub struct Access {
    pub random: Arc<dyn Random>,
    pub mailer: Option<Arc<dyn Mailer>>,
    pub mailbox: Option<Arc<dyn Mailbox>>,
    pub provider: Option<(Arc<dyn IdentityProvider>, Rules)>,
    pub passwords: Passwords,
    public_url: OnceLock<String>,
}

impl Access {
    pub(crate) fn new(parts: Parts) -> Access {
        Access {
            random: parts.random,
            mailer: parts.mailer,
            mailbox: parts.mailbox,
            provider: parts.provider,
            passwords: Passwords::default(),
            public_url: parts.public_url.map(OnceLock::from).unwrap_or_default(),
        }
    }

    /// For a server whose address is known only once it listens. What was configured stays.
    pub fn reached_at(&self, url: &str) {
        let _ = self.public_url.set(url.to_owned());
    }

    /// Without a trailing slash.
    pub fn public_url(&self) -> &str {
        self.public_url.get().map_or("http://127.0.0.1:8000", String::as_str)
    }

    fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url())
    }
}

/// Who knocks, as far as it can be seen.
#[derive(Debug, Clone, Default)]
pub struct Visitor {
    pub address: String,
    /// What the browser says of itself.
    pub device: String,
    /// The mark that an earlier sign-in left.
    pub mark: Option<String>,
}

/// Why somebody does not get what they ask for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// E-mail or password, code or passkey: never said which.
    #[error("{0}")]
    Wrong(&'static str),
    #[error("too many attempts: wait {} seconds", .0.as_secs().max(1))]
    TooMany(Duration),
    #[error("too many people sign in right now: try again in a moment")]
    Busy,
    /// A link or step that was used, replaced or is too old.
    #[error("{0}")]
    Gone(&'static str),
    /// A value that cannot be taken, by its path.
    #[error("{0}: {1}")]
    Field(&'static str, String),
    #[error("{1}")]
    Conflict(&'static str, String),
    #[error("{0}")]
    Forbidden(String),
    #[error("there is no such {0}")]
    Missing(&'static str),
    #[error("{0}")]
    Unavailable(String),
    #[error(transparent)]
    Store(#[from] frontdesk_store::Error),
}

pub type Answer<T> = Result<T, Refusal>;

/// Forgets what nobody can use any more; `before` is when mails and failures are old.
pub(crate) async fn forget(tx: &mut Tx, now: Timestamp, before: Timestamp) -> frontdesk_store::Result<()> {
    challenges::forget_expired(tx, &Server, now).await?;
    resets::forget_expired(tx, &Server, now).await?;
    throttle_store::forget_before(tx, &Server, now.minus(Duration::from_secs(24 * 3600))).await?;
    mails::forget_before(tx, &Server, before).await.map(drop)
}

/// A mail of a business to somebody it deals with, in the transaction of its reason. After the commit, `desk.wake.mail` gets it on its way.
pub(crate) async fn write_for_business(
    tx: &mut Tx,
    desk: &Desk,
    tenant: &Tenant,
    to: &str,
    subject: &str,
    body: &str,
) -> frontdesk_store::Result<()> {
    let words = letters::of_business(&tenant.language, &tenant.name, subject, body);
    mail::post_of(tx, &Scope::of(tenant.id.clone()), &mail::letter(desk, "business", to, words)).await
}

/// The same once more: nobody has decided for too long.
pub(crate) async fn remind_by_mail(
    tx: &mut Tx,
    desk: &Desk,
    to: &str,
    tenant: &Tenant,
    what: &str,
    link: &str,
    exact: Option<Exact>,
) -> frontdesk_store::Result<()> {
    let words = letters::decision_overdue(&tenant.language, &tenant.name, what, link, exact.as_ref().map(|e| &e.lines[..]));
    mail::post(tx, &mail::answered_letter(desk, "approval", to, words, exact.map(|e| e.word))).await
}

/// What a mail shows of a request, so that it can be decided by an answer.
pub(crate) struct Exact {
    /// Every argument as it is, and how to answer.
    pub(crate) lines: Vec<String>,
    /// What an answer brings back.
    pub(crate) word: String,
}

/// What an answer of theirs came to.
pub(crate) async fn answer_by_mail(
    tx: &mut Tx,
    desk: &Desk,
    to: &str,
    tenant: &Tenant,
    text: &str,
    word: String,
) -> frontdesk_store::Result<()> {
    let subject = letters::about_your_answer(&tenant.language, &tenant.name);
    let words = letters::of_business(&tenant.language, &tenant.name, &subject, text);
    mail::post(tx, &mail::answered_letter(desk, "approval", to, words, Some(word))).await
}

/// A mail with a link of their own to somebody who may decide about a request; in the transaction of the request.
pub(crate) async fn ask_by_mail(
    tx: &mut Tx,
    desk: &Desk,
    to: &str,
    tenant: &Tenant,
    kind: Kind,
    link: &str,
    exact: Option<Exact>,
) -> frontdesk_store::Result<()> {
    let lines = exact.as_ref().map(|e| &e.lines[..]);
    let words = letters::decision_wanted(&tenant.language, &tenant.name, kind == Kind::Consultation, link, lines);
    mail::post(tx, &mail::answered_letter(desk, "approval", to, words, exact.map(|e| e.word))).await
}
