//! Answers by mail. What we ask by mail is named by a signed word of ours; an answer brings it back, and is good for exactly the arguments that
//! stood in that mail. What a mail leads to and that it was read commit together.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{Approval, Kind},
    confirm::{self, Reply},
    ids::{ApprovalId, AuditId, TenantId, UserId},
    language::Language,
    ports::{
        mail::MailError,
        mailbox::{Letter, Mailbox, Place},
    },
    random,
    reply::{self, Said},
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
const LOOK: Duration = Duration::from_secs(240);
/// A server that does not let us in is left alone for a while: it may lock us out for good.
const AFTER_REFUSAL: Duration = Duration::from_secs(300);
/// Mails of one round.
const AT_ONCE: usize = 20;
/// Answers of ours in one thread that decide nothing: two machines would write to each other for ever.
const PATIENCE: u32 = 3;
const LONGEST_NOTE: usize = 2000;

/// What a word of ours names: who was asked for exactly which arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    tenant: TenantId,
    approval: ApprovalId,
    person: UserId,
    args_hash: String,
    /// How many answers in this thread have decided nothing.
    in_vain: u32,
}

impl Named {
    /// Of a request as it is now, for a mail that shows it.
    pub(super) fn asked(scope: &Scope, approval: &Approval, person: &UserId) -> Named {
        let args_hash = approval.args_hash.chars().take(HASH).collect();
        Named { tenant: scope.tenant().clone(), approval: approval.id.clone(), person: person.clone(), args_hash, in_vain: 0 }
    }

    /// The word for a mail: no two mails have the same, so that no mail program takes one for the other.
    pub(super) fn word(&self, desk: &Desk) -> String {
        let once = link::hex(&random::bytes::<6>(desk.access.random.as_ref()));
        let Named { tenant, approval, person, args_hash, in_vain } = self;
        let text = format!("a.{tenant}.{approval}.{person}.{args_hash}.{in_vain}.{once}");
        format!("{text}.{}", link::hex(&desk.signer.sign(PURPOSE, text.as_bytes())[..16]))
    }
}

/// Of an id in a mail, `word@domain`; a forged or changed one names nothing.
fn named(desk: &Desk, id: &str) -> Option<Named> {
    let (word, _) = id.split_once('@')?;
    let (text, signature) = word.rsplit_once('.')?;
    if !desk.signer.verify(PURPOSE, text.as_bytes(), &link::bytes(signature)?) {
        return None;
    }
    let mut parts = text.strip_prefix("a.")?.split('.');
    let mut part = || parts.next();
    let (tenant, approval, person, args_hash, in_vain, _once) = (part()?, part()?, part()?, part()?, part()?, part()?);
    Some(Named {
        tenant: TenantId::parse(tenant).ok()?,
        approval: ApprovalId::parse(approval).ok()?,
        person: UserId::parse(person).ok()?,
        args_hash: args_hash.to_owned(),
        in_vain: in_vain.parse().ok()?,
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
    let pause = if matches!(read, Ok((_, true))) { AFTER_REFUSAL } else { Duration::ZERO };
    let next = desk.now().plus(pause);
    desk.db.write(&Server, work!(tx => mailbox::give_back(tx, &Server, &name, next).await)).await?;
    read.map(|(count, _)| count)
}

/// How many, and whether the server does not let us in.
async fn read(desk: &Arc<Desk>, mailbox: &dyn Mailbox, mut place: Option<Place>) -> Result<(usize, bool)> {
    let (mut count, began) = (0, desk.now());
    while desk.now().since(began) < LOOK / 3 {
        let before = place;
        let arrived = match mailbox.since(before, AT_ONCE).await {
            Ok(arrived) => arrived,
            Err(e) => {
                metrics::counter!("frontdesk_mailbox_looks_total", "outcome" => "failed").increment(1);
                tracing::warn!(error = %e, "the mailbox with answers could not be read and will be looked at again");
                return Ok((count, matches!(e, MailError::Refused(_))));
            }
        };
        metrics::counter!("frontdesk_mailbox_looks_total", "outcome" => "read").increment(1);
        if before.is_some_and(|before| before.validity != arrived.place.validity) {
            tracing::warn!(
                "the mailbox has numbered its mails anew: answers that came since the last look are not read, decide in the console"
            );
        }
        for letter in &arrived.letters {
            let to = Place { validity: arrived.place.validity, last: letter.number };
            match take(desk, mailbox.name(), place, to, letter).await {
                Err(e) if e.may_retry() => return Err(e),
                // It would be the same every time, and keep all others from being read.
                Err(e) => {
                    tracing::error!(error = %e, number = letter.number, "an answer by mail could not be taken and is passed over")
                }
                Ok(true) => place = Some(to),
                Ok(false) => {}
            }
        }
        // Also past what has nothing to do with us.
        if before != Some(arrived.place) {
            let (name, to) = (mailbox.name().to_owned(), arrived.place);
            desk.db.write(&Server, work!(tx => mailbox::advance(tx, &Server, &name, place, to).await)).await?;
        }
        count += arrived.letters.len();
        place = Some(arrived.place);
        if arrived.letters.len() < AT_ONCE {
            break;
        }
    }
    Ok((count, false))
}

/// One mail. `from`, `to`: what was read before it, and with it. `false`: it has nothing to do with us, as most.
async fn take(desk: &Arc<Desk>, mailbox: &str, from: Option<Place>, to: Place, letter: &Letter) -> Result<bool> {
    let named = letter.answers.as_deref().and_then(|id| named(desk, id));
    let Some(named) = named.filter(|_| !letter.is_automatic) else { return Ok(false) };
    let Some(view) = desk.directory.tenant(desk, &named.tenant).await? else { return Ok(false) };
    let scope = Scope::of(named.tenant.clone());
    let said = reply::said(&letter.text, &page_of(&named.approval));
    let (author, is_forged) = (letter.from.clone(), letter.is_forged);
    let answer = Answer { desk: desk.clone(), view, named, author, is_forged, said };
    let (s, name, now) = (scope.clone(), mailbox.to_owned(), desk.now());
    let news = desk
        .db
        .write(
            &scope,
            work!(tx => {
                if !mailbox::advance(tx, &Server, &name, from, to).await? {
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
    Ok(true)
}

/// The path of its page in the console, which a mail that can be answered holds, and no mail of theirs.
pub(super) fn page_of(approval: &ApprovalId) -> String {
    format!("/approvals/{approval}")
}

struct Answer {
    desk: Arc<Desk>,
    view: Arc<View>,
    named: Named,
    author: String,
    is_forged: bool,
    /// Without what it answers to.
    said: Said,
}

impl Answer {
    async fn take(&self, tx: &mut Tx, scope: &Scope, now: Timestamp, news: &mut News) -> Result<()> {
        let Some(member) = people::member_of(tx, scope, &self.named.person).await?.filter(|m| m.active) else { return Ok(()) };
        let Some(approval) = hold(tx, scope, &self.named.approval).await?.filter(|a| a.kind.is_for_staff()) else {
            return Ok(());
        };
        let Some(thread) = conversations::get(tx, scope, &approval.conversation).await? else { return Ok(()) };
        if self.is_forged || !member.email.eq_ignore_ascii_case(&self.author) {
            // Somebody has our mail who is not whom it was sent to; they are told nothing.
            let why = if self.is_forged { "forged" } else { "address" };
            return self.refused(tx, scope, &member, &approval, why, now).await;
        }
        if !member.role.allows(permission(approval.kind))
            || !deciders::sees(tx, scope, &thread.channel, &member.locations).await?
        {
            self.refused(tx, scope, &member, &approval, "permission", now).await?;
            return self.reply(tx, &member, &Outcome::NotAllowed).await;
        }
        let Some((word, note)) = self.word(&approval) else {
            self.refused(tx, scope, &member, &approval, "unclear", now).await?;
            return self.misread(tx, &member, approval.kind).await;
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
                return self.reply(tx, &member, &Outcome::Counts(&said.approval)).await;
            }
            Ok(SaidIn { said, .. }) => ("decided", self.decided(tx, scope, &said.approval).await?),
            Err(Refusal::Decided(approval)) => ("decided", self.decided(tx, scope, approval).await?),
            Err(Refusal::Changed) => ("changed", Outcome::Changed),
            Err(Refusal::Expired) => ("expired", Outcome::Expired),
            Err(Refusal::Own) => ("own_request", Outcome::Own),
            Err(_) => ("unclear", Outcome::NotAllowed),
        };
        self.refused(tx, scope, &member, &approval, why, now).await?;
        self.reply(tx, &member, &outcome).await
    }

    /// The first line says yes or no, and nothing else; what stands below a no is a note. To a question all of it is the answer.
    fn word(&self, approval: &Approval) -> Option<(Word, Option<String>)> {
        let short = |text: &str| Some(text.trim().chars().take(LONGEST_NOTE).collect::<String>()).filter(|t| !t.is_empty());
        let text = self.said.text.as_str();
        if approval.kind == Kind::Consultation {
            return short(text).map(|answer| (Word::Answer, Some(answer)));
        }
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        if confirm::is_plainly_no(first) {
            return Some((Word::No, short(text)));
        }
        // A yes with conditions below it or among the quoted lines is none.
        let is_yes = confirm::reply(first) == Reply::Yes && rest.trim().is_empty() && !self.said.goes_on;
        is_yes.then(|| (Word::Yes { hash: approval.args_hash.clone() }, None))
    }

    async fn decided<'a>(&self, tx: &mut Tx, scope: &Scope, approval: &'a Approval) -> Result<Outcome<'a>> {
        let by = people::names(tx, scope, std::slice::from_ref(&approval.decided_by)).await?.pop().map(|(_, name)| name);
        let at = approval.decided_at.unwrap_or(approval.updated_at).in_zone(&self.view.tenant.zone());
        Ok(Outcome::Decided { approval, by, at: at.strftime("%Y-%m-%d %H:%M").to_string() })
    }

    /// An answer to what we say is about what their mail showed, whatever it is by now. Machines that write to each other end soon.
    async fn reply(&self, tx: &mut Tx, to: &Member, outcome: &Outcome<'_>) -> Result<()> {
        self.write(tx, to, matches!(outcome, Outcome::Counts(_)), &words::answer(outcome, self.view.tenant.speaks())).await
    }

    async fn misread(&self, tx: &mut Tx, to: &Member, kind: Kind) -> Result<()> {
        let text = match (self.view.tenant.speaks(), kind) {
            (Language::English, Kind::Consultation) => "There was no answer in your mail. Write it above the quoted text.",
            (Language::Spanish, Kind::Consultation) => "En tu correo no había respuesta. Escríbela encima del texto citado.",
            (Language::English, _) => {
                "I did not understand. Answer with nothing but \"ok\" or \"no\" in the first line; a reason may stand below a no."
            }
            (Language::Spanish, _) => {
                "No entendí. Responde solo «ok» o «no» en la primera línea; debajo de un no puedes escribir el motivo."
            }
        };
        self.write(tx, to, false, text).await
    }

    async fn write(&self, tx: &mut Tx, to: &Member, counts: bool, text: &str) -> Result<()> {
        if !counts && self.named.in_vain >= PATIENCE {
            return Ok(());
        }
        let named = Named { in_vain: self.named.in_vain + u32::from(!counts), ..self.named.clone() };
        access::answer_by_mail(tx, &self.desk, &to.email, &self.view.tenant, text, named.word(&self.desk)).await
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
