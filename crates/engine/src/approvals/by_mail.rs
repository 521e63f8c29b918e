//! Answers by mail. What we ask by mail is named by a signed word of ours; an answer brings it back, and is good for exactly the arguments that
//! stood in that mail. What a mail leads to and that it was read commit together.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{Approval, Kind},
    confirm::{self, Reply},
    ids::{ApprovalId, AuditId, TenantId, UserId},
    language::Language,
    ports::mailbox::{Letter, Mailbox, Place},
    reply,
    scope::Server,
};
use frontdesk_store::{
    Result, Tx, audit, conversations, mailbox,
    people::{self, Member},
    work,
};
use serde_json::json;

use super::{
    Refusal, Signature, Word, deciders, link, permission,
    say::{SaidIn, hold, news_of, say_in},
    words::{self, Outcome},
};
use crate::{Desk, access, directory::View, news::News};

const PURPOSE: &str = "approval mail 1";
/// So much of the hash names the arguments.
const HASH: usize = 32;
/// Whoever looks keeps the others off for this long.
const LOOK: Duration = Duration::from_secs(120);
/// Mails of one round, and rounds of one look.
const AT_ONCE: usize = 20;
const ROUNDS: usize = 5;
/// Answers of ours in one thread to what cannot be understood: two machines would write to each other for ever.
const PATIENCE: u32 = 3;
const LONGEST_NOTE: usize = 2000;

/// What a word of ours names: who was asked for exactly which arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    tenant: TenantId,
    approval: ApprovalId,
    person: UserId,
    args_hash: String,
    /// How often we have answered in this thread that we did not understand.
    misread: u32,
}

/// The word for a mail to this person.
pub(super) fn word(desk: &Desk, scope: &Scope, approval: &Approval, person: &UserId, misread: u32) -> String {
    let hash: String = approval.args_hash.chars().take(HASH).collect();
    let text = format!("a.{}.{}.{person}.{hash}.{misread}", scope.tenant(), approval.id);
    format!("{text}.{}", link::hex(&desk.signer.sign(PURPOSE, text.as_bytes())[..16]))
}

/// Of an id in a mail, `word@domain`; a forged or changed one names nothing.
fn named(desk: &Desk, id: &str) -> Option<Named> {
    let (word, _) = id.split_once('@')?;
    let (text, signature) = word.rsplit_once('.')?;
    if !desk.signer.verify(PURPOSE, text.as_bytes(), &link::bytes(signature)?) {
        return None;
    }
    let mut parts = text.strip_prefix("a.")?.split('.');
    let (tenant, approval, person, args_hash, misread, None) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next())
    else {
        return None;
    };
    Some(Named {
        tenant: TenantId::parse(tenant).ok()?,
        approval: ApprovalId::parse(approval).ok()?,
        person: UserId::parse(person).ok()?,
        args_hash: args_hash.to_owned(),
        misread: misread.parse().ok()?,
    })
}

/// Looks into the mailbox and takes what answers to us. Returns how many mails were read; one node looks at a time.
pub async fn look(desk: &Arc<Desk>) -> Result<usize> {
    let Some(mailbox) = desk.access.mailbox.clone() else { return Ok(0) };
    let (name, now) = (mailbox.name().to_owned(), desk.now());
    let wanted = name.clone();
    let turn = desk.db.write(&Server, work!(tx => mailbox::take(tx, &Server, &wanted, now, now.plus(LOOK)).await)).await?;
    let Some(turn) = turn else { return Ok(0) };
    let read = read(desk, mailbox.as_ref(), turn.place).await;
    let now = desk.now();
    desk.db.write(&Server, work!(tx => mailbox::give_back(tx, &Server, &name, now).await)).await?;
    read
}

async fn read(desk: &Arc<Desk>, mailbox: &dyn Mailbox, mut place: Option<Place>) -> Result<usize> {
    let mut count = 0;
    for _ in 0..ROUNDS {
        let arrived = match mailbox.since(place, AT_ONCE).await {
            Ok(arrived) => arrived,
            Err(e) => {
                metrics::counter!("frontdesk_mailbox_looks_total", "outcome" => "failed").increment(1);
                tracing::warn!(error = %e, "the mailbox with answers could not be read and will be looked at again");
                break;
            }
        };
        metrics::counter!("frontdesk_mailbox_looks_total", "outcome" => "read").increment(1);
        for letter in &arrived.letters {
            take(desk, mailbox.name(), Place { validity: arrived.place.validity, last: letter.number }, letter).await?;
        }
        let (name, upto) = (mailbox.name().to_owned(), arrived.place);
        desk.db.write(&Server, work!(tx => mailbox::advance(tx, &Server, &name, upto).await)).await?;
        count += arrived.letters.len();
        place = Some(arrived.place);
        if arrived.letters.len() < AT_ONCE {
            break;
        }
    }
    Ok(count)
}

/// One mail; most have nothing to do with us.
async fn take(desk: &Arc<Desk>, mailbox: &str, place: Place, letter: &Letter) -> Result<()> {
    // What it answers to comes first, then the thread from its beginning.
    let ids = letter.answers.iter().take(1).chain(letter.answers.iter().skip(1).rev());
    let mut words = ids.filter_map(|id| named(desk, id));
    let Some(first) = words.next() else { return Ok(()) };
    let misread = words.filter(|w| w.approval == first.approval).map(|w| w.misread).fold(first.misread, u32::max);
    if letter.is_automatic || letter.is_forged {
        tracing::info!(approval = %first.approval, forged = letter.is_forged, "a mail that nobody wrote, or somebody else, decides nothing");
        return Ok(());
    }
    let Some(view) = desk.directory.tenant(desk, &first.tenant).await? else { return Ok(()) };
    let scope = Scope::of(first.tenant.clone());
    let answer = Answer {
        desk: desk.clone(),
        view,
        named: Named { misread, ..first },
        from: letter.from.clone(),
        text: reply::said(&letter.text),
    };
    let (s, name, now) = (scope.clone(), mailbox.to_owned(), desk.now());
    let news = desk
        .db
        .write(
            &scope,
            work!(tx => {
                if !mailbox::advance(tx, &Server, &name, place).await? {
                    return Ok(None);
                }
                let mut news = News::default();
                answer.take(tx, &s, now, &mut news).await?;
                Ok(Some(news))
            }),
        )
        .await?;
    if let Some(news) = news {
        news.tell(&desk.events);
        desk.wake.lanes.notify_one();
        desk.wake.mail.notify_one();
    }
    Ok(())
}

struct Answer {
    desk: Arc<Desk>,
    view: Arc<View>,
    named: Named,
    from: String,
    /// Without what it answers to.
    text: String,
}

impl Answer {
    async fn take(&self, tx: &mut Tx, scope: &Scope, now: Timestamp, news: &mut News) -> Result<()> {
        let Some(member) = people::member_of(tx, scope, &self.named.person).await?.filter(|m| m.active) else { return Ok(()) };
        let Some(approval) = hold(tx, scope, &self.named.approval).await?.filter(|a| a.kind.is_for_staff()) else {
            return Ok(());
        };
        let Some(thread) = conversations::get(tx, scope, &approval.conversation).await? else { return Ok(()) };
        if !member.email.eq_ignore_ascii_case(&self.from) {
            // Somebody has our mail who is not whom it was sent to; they are told nothing.
            return self.refused(tx, scope, &member, &approval, "address", now).await;
        }
        if !member.role.allows(permission(approval.kind))
            || !deciders::sees(tx, scope, &thread.channel, &member.locations).await?
        {
            self.refused(tx, scope, &member, &approval, "permission", now).await?;
            return self.reply(tx, scope, &member, &approval, &Outcome::NotAllowed).await;
        }
        let Some((word, note)) = self.word(&approval) else {
            self.refused(tx, scope, &member, &approval, "unclear", now).await?;
            return self.misread(tx, scope, &member, &approval).await;
        };
        let said = if approval.args_hash.starts_with(&self.named.args_hash) {
            let by = Signature { kind: "person", id: member.person.to_string(), by_way_of: "mail" };
            say_in(tx, &self.desk, scope, &approval.id, &word, note.as_deref(), &by, now).await?
        } else {
            Err(Refusal::Changed)
        };
        let (why, outcome) = match &said {
            Ok(SaidIn { said, message }) if said.changed => {
                news_of(news, scope, &said.approval, Some(message));
                return self.reply(tx, scope, &member, &said.approval, &Outcome::Counts(&said.approval)).await;
            }
            Ok(SaidIn { said, .. }) => ("decided", self.decided(tx, scope, &said.approval).await?),
            Err(Refusal::Decided(approval)) => ("decided", self.decided(tx, scope, approval).await?),
            Err(Refusal::Changed) => ("changed", Outcome::Changed),
            Err(Refusal::Expired) => ("expired", Outcome::Expired),
            Err(Refusal::Own) => ("own_request", Outcome::Own),
            Err(_) => ("unclear", Outcome::NotAllowed),
        };
        self.refused(tx, scope, &member, &approval, why, now).await?;
        self.reply(tx, scope, &member, &approval, &outcome).await
    }

    /// The first line says yes or no; what stands below it is a note. To a question all of it is the answer.
    fn word(&self, approval: &Approval) -> Option<(Word, Option<String>)> {
        let short = |text: &str| Some(text.trim().chars().take(LONGEST_NOTE).collect::<String>()).filter(|t| !t.is_empty());
        if approval.kind == Kind::Consultation {
            return short(&self.text).map(|answer| (Word::Answer, Some(answer)));
        }
        let (first, rest) = self.text.split_once('\n').unwrap_or((&self.text, ""));
        match confirm::reply(first) {
            // A yes with conditions below it is none.
            Reply::Yes if rest.trim().is_empty() => Some((Word::Yes { hash: approval.args_hash.clone() }, None)),
            Reply::No => Some((Word::No, short(&self.text))),
            Reply::Yes | Reply::Unsure => None,
        }
    }

    async fn decided<'a>(&self, tx: &mut Tx, scope: &Scope, approval: &'a Approval) -> Result<Outcome<'a>> {
        let by = people::names(tx, scope, std::slice::from_ref(&approval.decided_by)).await?.pop().map(|(_, name)| name);
        let at = approval.decided_at.unwrap_or(approval.updated_at).in_zone(&self.view.tenant.zone());
        Ok(Outcome::Decided { approval, by, at: at.strftime("%Y-%m-%d %H:%M").to_string() })
    }

    async fn reply(&self, tx: &mut Tx, scope: &Scope, to: &Member, about: &Approval, outcome: &Outcome<'_>) -> Result<()> {
        let text = words::answer(outcome, self.view.tenant.speaks());
        let word = word(&self.desk, scope, about, &to.person, self.named.misread);
        access::answer_by_mail(tx, &self.desk, &to.email, &self.view.tenant, &text, word).await
    }

    async fn misread(&self, tx: &mut Tx, scope: &Scope, to: &Member, about: &Approval) -> Result<()> {
        if self.named.misread >= PATIENCE {
            return Ok(());
        }
        let text = match (self.view.tenant.speaks(), about.kind) {
            (Language::English, Kind::Consultation) => "There was no answer in your mail. Write it above the quoted text.",
            (Language::Spanish, Kind::Consultation) => "En tu correo no había respuesta. Escríbela encima del texto citado.",
            (Language::English, _) => {
                "I did not understand. Answer with nothing but \"ok\" or \"no\" in the first line; a reason may follow a no."
            }
            (Language::Spanish, _) => {
                "No entendí. Responde solo «ok» o «no» en la primera línea; tras un no puedes escribir el motivo."
            }
        };
        let word = word(&self.desk, scope, about, &to.person, self.named.misread + 1);
        access::answer_by_mail(tx, &self.desk, &to.email, &self.view.tenant, text, word).await
    }

    /// An answer that changed nothing.
    async fn refused(&self, tx: &mut Tx, scope: &Scope, by: &Member, about: &Approval, why: &str, now: Timestamp) -> Result<()> {
        let id: AuditId = self.desk.id();
        let entry = audit::Entry {
            id,
            actor_kind: "person".into(),
            actor: by.person.to_string(),
            action: "approval.answer_refused".into(),
            subject: about.id.to_string(),
            detail: json!({ "why": why, "by_way_of": "mail" }),
            at: now,
        };
        audit::write(tx, scope, &entry).await
    }
}
