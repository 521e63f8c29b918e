//! Mail of ours: written in the transaction of its reason, sent afterwards, again and again until it leaves or a day has passed.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Secret, Timestamp,
    ids::{Id, MailId},
    ports::mail::{Mail, MailError},
    random,
    scope::Server,
};
use frontdesk_store::{Result, Tx, mails, work};
use serde::{Deserialize, Serialize};

use super::letters::Letter;
use crate::{Desk, workers::HELD};

const FIELD: &str = "mail";
/// Whoever dies while sending gives it back after this long.
const LEASE: Duration = Duration::from_secs(120);
/// Links in it are too old by then anyway.
const GIVE_UP: Duration = Duration::from_secs(24 * 3600);
const AT_ONCE: u32 = 10;

#[derive(Serialize, Deserialize)]
struct Contents {
    subject: String,
    text: String,
    html: String,
    /// What an answer brings back: the name of the mail instead of its own id.
    #[serde(default)]
    word: Option<String>,
}

/// A mail, sealed, for the transaction of its reason. After the commit, `desk.wake.mail` gets it on its way at once.
pub(super) fn letter(desk: &Desk, kind: &str, to: &str, letter: Letter) -> mails::Mail {
    answered_letter(desk, kind, to, letter, None)
}

/// The same, to be answered.
pub(super) fn answered_letter(desk: &Desk, kind: &str, to: &str, letter: Letter, word: Option<String>) -> mails::Mail {
    let id: MailId = Id::new(desk.ids.as_ref(), desk.now());
    let contents = Contents { subject: letter.subject, text: letter.text, html: letter.html, word };
    let contents = Secret::new(serde_json::to_string(&contents).unwrap_or_default());
    let nonce = random::bytes(desk.access.random.as_ref());
    mails::Mail {
        contents: desk.vault.seal_for(id.as_str(), FIELD, &contents, nonce),
        id,
        kind: kind.to_owned(),
        recipient: to.to_owned(),
        attempts: 0,
        created_at: desk.now(),
    }
}

pub(super) async fn post(tx: &mut Tx, mail: &mails::Mail) -> Result<()> {
    mails::insert(tx, &Server, mail).await
}

/// As `post`, of a business to somebody it deals with: it goes with that person, or with the business.
pub(super) async fn post_of(tx: &mut Tx, scope: &Scope, mail: &mails::Mail) -> Result<()> {
    mails::insert_of(tx, scope, mail).await
}

/// Sends what is due; says when the next one is.
pub async fn send_due(desk: &Arc<Desk>) -> Result<Option<Timestamp>> {
    let Some(mailer) = desk.access.mailer.clone() else { return Ok(None) };
    loop {
        let next = desk.db.read(&Server, work!(tx => mails::next_due(tx, &Server).await)).await?;
        let now = desk.now();
        if next.is_none_or(|at| at > now) {
            return Ok(next);
        }
        let mine = desk.db.write(&Server, work!(tx => mails::claim(tx, &Server, now, now.plus(LEASE), AT_ONCE).await)).await?;
        if mine.is_empty() {
            return Ok(Some(now.plus(HELD)));
        }
        for mail in mine {
            let outcome = match opened(desk, &mail) {
                Some(open) => mailer.send(&open).await,
                None => Err(MailError::Refused("it was sealed with another key".into())),
            };
            settle(desk, &mail, outcome).await?;
        }
    }
}

fn opened(desk: &Desk, mail: &mails::Mail) -> Option<Mail> {
    let contents = desk.vault.open_for(mail.id.as_str(), FIELD, &mail.contents).ok()?;
    let c: Contents = serde_json::from_str(contents.reveal()).ok()?;
    let id = c.word.unwrap_or_else(|| mail.id.to_string());
    Some(Mail { id, to: mail.recipient.clone(), subject: c.subject, text: c.text, html: c.html })
}

async fn settle(desk: &Desk, mail: &mails::Mail, outcome: std::result::Result<(), MailError>) -> Result<()> {
    let (id, now, kind) = (mail.id.clone(), desk.now(), mail.kind.clone());
    let word = if outcome.is_ok() { "sent" } else { "failed" };
    metrics::counter!("frontdesk_mails_total", "kind" => kind.clone(), "outcome" => word).increment(1);
    let too_late = now.since(mail.created_at) > GIVE_UP;
    match outcome {
        Ok(()) => desk.db.write(&Server, work!(tx => mails::end(tx, &Server, &id, None, now).await)).await,
        Err(MailError::Failed(why)) if !too_late => {
            tracing::warn!(mail = %id, kind, why, "a mail did not leave yet and will be sent again");
            let doublings = u32::try_from(mail.attempts - 1).unwrap_or(0).min(7);
            let at = now.plus(Duration::from_secs(30 << doublings));
            desk.db.write(&Server, work!(tx => mails::retry(tx, &Server, &id, &why, at, now).await)).await
        }
        Err(MailError::Failed(why) | MailError::Refused(why)) => {
            tracing::error!(mail = %id, kind, why, "a mail will not be sent");
            desk.db.write(&Server, work!(tx => mails::end(tx, &Server, &id, Some(&why), now).await)).await
        }
    }
}
