//! What comes from a member's own number: the code that proves it, or an answer to a request. Decided in the transaction that stores it;
//! whatever else they write is a customer's message like any other.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{Approval, Kind, State},
    coded::{self, Coded, Said},
    confirm::{self, Reply},
    contact::AddressKind,
    ids::{ApprovalId, AuditId, MessageId, UserId},
    message::{Direction, Part},
    ports::channel::Inbound,
    tenant::Tenant,
};
use frontdesk_store::{
    Result, Tx, approval_codes, audit, conversations, inbound,
    member_messages::{self, MemberMessage},
    member_numbers::{self, MemberNumber},
    people::{self, Member},
};
use serde_json::json;

use super::{
    Refusal, Signature, Word, deciders, permission,
    say::{SaidIn, hold, news_of, say_in},
    tell::plan,
    words::{self, Outcome},
};
use crate::{
    Desk,
    contacts::phone,
    directory::{Line, View},
    events::Event,
    news::News,
};

/// Codes from one number in an hour that were wrong, or came with words that say nothing; from then on none is read.
const TRIES: i64 = 5;
const HOUR: Duration = Duration::from_secs(3600);
const LONGEST_NOTE: usize = 2000;

/// A message with a code in it, as far as it can be read without the database.
pub(crate) struct Spoken {
    desk: Arc<Desk>,
    line: Arc<Line>,
    view: Arc<View>,
    number: String,
    vendor_id: String,
    part: Part,
    says: Says,
}

enum Says {
    /// What may be the code that proves a number, and what may be an answer.
    Text {
        only: Option<String>,
        coded: Option<Said>,
    },
    Button {
        code: String,
        hash: String,
        yes: bool,
    },
}

/// What became of it.
pub(crate) enum Taken {
    Duplicate,
    /// `decided`: a conversation goes on with it.
    Kept {
        decided: bool,
    },
}

/// Almost always `None`: nothing that looks like a code.
pub(crate) fn read(desk: &Arc<Desk>, line: &Arc<Line>, view: Option<&Arc<View>>, inbound: &Inbound) -> Option<Spoken> {
    let [part] = inbound.parts.as_slice() else { return None };
    let says = match part {
        Part::Text { text } => {
            let (only, coded) = (coded::only(text), coded::read(text));
            if only.is_none() && coded.is_none() {
                return None;
            }
            Says::Text { only, coded }
        }
        Part::Choice { id, .. } => {
            let (code, hash, yes) = words::pressed(id)?;
            Says::Button { code, hash, yes }
        }
        _ => return None,
    };
    if inbound.forwarded || !desk.channel(&line.channel.kind)?.about().reaches_numbers {
        return None;
    }
    let number = inbound.addresses.iter().find(|a| a.kind == AddressKind::Phone)?.value.clone();
    let (desk, line, view, part) = (desk.clone(), line.clone(), view?.clone(), part.clone());
    Some(Spoken { desk, line, view, number, vendor_id: inbound.vendor_id.clone(), part, says })
}

/// `None`: it is a customer's message.
pub(crate) async fn take(tx: &mut Tx, scope: &Scope, spoken: &Spoken, now: Timestamp, news: &mut News) -> Result<Option<Taken>> {
    let spellings = phone::variants(&spoken.number);
    let there = member_numbers::at(tx, scope, &spellings).await?;
    if there.is_empty() {
        return Ok(None);
    }
    // A message that is delivered again is no second try.
    if inbound::is_known(tx, scope, &spoken.line.channel.account, &spoken.vendor_id).await? {
        return Ok(Some(Taken::Duplicate));
    }
    let Some(mine) = there.iter().find(|n| n.counts(now) && spellings.contains(&n.number)) else {
        return spoken.prove(tx, scope, &spellings, &there, now, news).await;
    };
    let Some(member) = people::member_of(tx, scope, &mine.person).await?.filter(|member| member.active) else { return Ok(None) };
    spoken.answer(tx, scope, mine, &member, now, news).await
}

impl Spoken {
    /// Its code, from the number that somebody claims: it is theirs.
    async fn prove(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        spellings: &[String],
        there: &[MemberNumber],
        now: Timestamp,
        news: &mut News,
    ) -> Result<Option<Taken>> {
        let Says::Text { only: Some(code), .. } = &self.says else { return Ok(None) };
        for claim in there.iter().filter(|n| n.code.is_some() && spellings.iter().any(|s| s == n.to_prove())) {
            let is_it = claim.code.as_deref() == Some(code) && claim.code_until.is_some_and(|until| now < until);
            if !is_it || used_up(claim, now) {
                count(tx, scope, claim, now).await?;
                continue;
            }
            let Some(message) = self.keep(tx, scope, claim, None, now).await? else { return Ok(Some(Taken::Duplicate)) };
            // Whose it was long ago, and who was not heard from since.
            for before in
                there.iter().filter(|n| n.person != claim.person && n.confirmed_at.is_some() && spellings.contains(&n.number))
            {
                member_numbers::remove(tx, scope, &before.person).await?;
            }
            let channel = &self.line.channel.id;
            member_numbers::confirm(tx, scope, &claim.person, spellings, &self.number, channel, now).await?;
            let entry = self.entry(
                "member_number.confirm",
                claim.person.as_str(),
                &claim.person,
                json!({ "by_way_of": self.way() }),
                now,
            );
            audit::write(tx, scope, &entry).await?;
            self.reply(tx, scope, claim, None, &Outcome::NumberConfirmed(&self.tenant().name), now).await?;
            tracing::info!(%message, "a member's number was confirmed");
            news.other(scope.tenant(), Event::new("member.changed", claim.person.as_str()));
            return Ok(Some(Taken::Kept { decided: false }));
        }
        Ok(None)
    }

    async fn answer(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        mine: &MemberNumber,
        member: &Member,
        now: Timestamp,
        news: &mut News,
    ) -> Result<Option<Taken>> {
        let code = match &self.says {
            Says::Text { coded: Some(said), .. } => said.coded.code(),
            Says::Button { code, .. } => code,
            Says::Text { coded: None, .. } => return Ok(None),
        };
        let asked = self.asked(tx, scope, member, code).await?;
        // What only looks like a code are a customer's words; so is all that names nothing while no code is read.
        let is_answer = !matches!(&self.says, Says::Text { coded: Some(said), .. } if !said.meant || used_up(mine, now));
        if asked.is_none() && !is_answer {
            return Ok(None);
        }
        let about = asked.as_ref().map(|(approval, _)| approval);
        if self.keep(tx, scope, mine, about.map(|a| &a.id), now).await?.is_none() {
            return Ok(Some(Taken::Duplicate));
        }
        member_numbers::heard(tx, scope, &mine.person, &self.line.channel.id, now).await?;
        let kept = Ok(Some(Taken::Kept { decided: false }));
        if used_up(mine, now) {
            // Once, then silence.
            if mine.tries == TRIES {
                count(tx, scope, mine, now).await?;
                self.refused(tx, scope, member, None, "too_many", now).await?;
                self.reply(tx, scope, mine, None, &Outcome::TooMany, now).await?;
            }
            return kept;
        }
        let Some((approval, hash)) = &asked else {
            count(tx, scope, mine, now).await?;
            self.refused(tx, scope, member, None, "unknown", now).await?;
            self.reply(tx, scope, mine, None, &Outcome::Unknown(code), now).await?;
            return kept;
        };
        if !member.role.allows(permission(approval.kind)) {
            self.refused(tx, scope, member, Some(&approval.id), "permission", now).await?;
            self.reply(tx, scope, mine, Some(approval), &Outcome::NotAllowed, now).await?;
            return kept;
        }
        let pressed = if let Says::Button { hash, .. } = &self.says { hash } else { hash };
        // A code is good for what was shown with it.
        let other = *hash != approval.args_hash || pressed != hash;
        let said = match self.word(approval) {
            Some(_) if other && approval.state == State::Pending => Err(Refusal::Changed),
            Some((word, note)) => {
                let by = Signature { kind: "person", id: member.person.to_string(), by_way_of: self.way() };
                say_in(tx, &self.desk, scope, &approval.id, &word, note.as_deref(), &by, now).await?
            }
            None if approval.state == State::Pending => {
                let is_question = approval.kind == Kind::Consultation;
                // A machine that sends our words back ends here, too.
                count(tx, scope, mine, now).await?;
                self.refused(tx, scope, member, Some(&approval.id), "unclear", now).await?;
                self.reply(tx, scope, mine, Some(approval), &Outcome::Unclear { code, is_question }, now).await?;
                return kept;
            }
            None => Err(Refusal::Decided(Box::new(approval.clone()))),
        };
        match said {
            Ok(SaidIn { said, message }) if said.changed => {
                news_of(news, scope, &said.approval, Some(&message));
                self.reply(tx, scope, mine, Some(&said.approval), &Outcome::Counts(&said.approval), now).await?;
                Ok(Some(Taken::Kept { decided: true }))
            }
            Ok(SaidIn { said, .. }) => {
                self.decided(tx, scope, mine, member, &said.approval, now).await?;
                kept
            }
            Err(Refusal::Decided(approval)) => {
                self.decided(tx, scope, mine, member, &approval, now).await?;
                kept
            }
            Err(refusal) => {
                let (why, outcome) = match &refusal {
                    Refusal::Changed => ("changed", Outcome::Changed),
                    Refusal::Expired => ("expired", Outcome::Expired),
                    Refusal::Own => ("own_request", Outcome::Own),
                    _ => ("unknown", Outcome::Unknown(code)),
                };
                self.refused(tx, scope, member, Some(&approval.id), why, now).await?;
                self.reply(tx, scope, mine, Some(approval), &outcome, now).await?;
                kept
            }
        }
    }

    /// The request that this code names and the arguments it was given for, as far as this member has to do with it.
    async fn asked(&self, tx: &mut Tx, scope: &Scope, member: &Member, code: &str) -> Result<Option<(Approval, String)>> {
        let Some(named) = approval_codes::find(tx, scope, code).await? else { return Ok(None) };
        let Some(approval) = hold(tx, scope, &named.approval).await? else { return Ok(None) };
        let Some(thread) = conversations::get(tx, scope, &approval.conversation).await? else { return Ok(None) };
        let theirs = deciders::sees(tx, scope, &thread.channel, &member.locations).await?;
        Ok((theirs && approval.kind.is_for_staff()).then_some((approval, named.args_hash)))
    }

    /// What it says about such a request; `None`: nothing that can be relied on.
    fn word(&self, approval: &Approval) -> Option<(Word, Option<String>)> {
        let yes = || Some((Word::Yes { hash: approval.args_hash.clone() }, None));
        let short = |text: &str| Some(text.chars().take(LONGEST_NOTE).collect::<String>());
        let coded = match &self.says {
            Says::Button { yes: true, .. } => return yes(),
            Says::Button { yes: false, .. } => return Some((Word::No, None)),
            Says::Text { coded, .. } => &coded.as_ref()?.coded,
        };
        match (approval.kind, coded) {
            (Kind::Consultation, Coded::Words(_, answer)) => Some((Word::Answer, short(answer))),
            (Kind::Approval, Coded::Yes(_)) => yes(),
            (Kind::Approval, Coded::No(_, reason)) => Some((Word::No, reason.as_deref().and_then(short))),
            (Kind::Approval, Coded::Words(_, said)) => match confirm::reply(said) {
                Reply::Yes => yes(),
                Reply::No => Some((Word::No, None)),
                Reply::Unsure => None,
            },
            _ => None,
        }
    }

    /// Who decided it, what, and when.
    async fn decided(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        mine: &MemberNumber,
        member: &Member,
        approval: &Approval,
        now: Timestamp,
    ) -> Result<()> {
        let by = people::names(tx, scope, std::slice::from_ref(&approval.decided_by)).await?.pop().map(|(_, name)| name);
        let at = approval.decided_at.unwrap_or(approval.updated_at).in_zone(&self.tenant().zone());
        let at = at.strftime("%Y-%m-%d %H:%M").to_string();
        self.refused(tx, scope, member, Some(&approval.id), "decided", now).await?;
        self.reply(tx, scope, mine, Some(approval), &Outcome::Decided { approval, by, at }, now).await
    }

    /// Stores it as what it is; `None`: it was delivered before.
    async fn keep(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        mine: &MemberNumber,
        approval: Option<&ApprovalId>,
        now: Timestamp,
    ) -> Result<Option<MessageId>> {
        let id: MessageId = self.desk.id();
        let stored = MemberMessage {
            id: id.clone(),
            line: mine.line.clone(),
            person: mine.person.clone(),
            direction: Direction::In,
            part: self.part.clone(),
            approval: approval.cloned(),
            args_hash: None,
            vendor_id: Some(self.vendor_id.clone()),
            delivery: None,
            failure: None,
            at: now,
        };
        let new = member_messages::receive(tx, scope, &self.line.channel.account, &stored).await?;
        Ok(new.then_some(id))
    }

    async fn reply(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        mine: &MemberNumber,
        about: Option<&Approval>,
        outcome: &Outcome<'_>,
        now: Timestamp,
    ) -> Result<()> {
        let most = self.desk.channel(&self.line.channel.kind).map_or(1000, |c| c.about().limits.text);
        let text = words::answer(outcome, self.tenant().speaks()).chars().take(most).collect();
        plan(tx, &self.desk, scope, &self.line, mine, about, Part::Text { text }, true, now).await
    }

    /// An answer that changed nothing. What it said stays where it is kept.
    async fn refused(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        member: &Member,
        approval: Option<&ApprovalId>,
        why: &str,
        now: Timestamp,
    ) -> Result<()> {
        let subject = approval.map(ToString::to_string).unwrap_or_default();
        let detail = json!({ "why": why, "by_way_of": self.way() });
        audit::write(tx, scope, &self.entry("approval.answer_refused", &subject, &member.person, detail, now)).await
    }

    fn entry(&self, action: &str, subject: &str, by: &UserId, detail: serde_json::Value, at: Timestamp) -> audit::Entry {
        let id: AuditId = self.desk.id();
        let (action, subject) = (action.to_owned(), subject.to_owned());
        audit::Entry { id, actor_kind: "person".into(), actor: by.to_string(), action, subject, detail, at }
    }

    fn tenant(&self) -> &Tenant {
        &self.view.tenant
    }

    /// The channel, as the audit log names it.
    fn way(&self) -> &'static str {
        self.desk.channel(&self.line.channel.kind).map_or("number", |c| c.about().key)
    }
}

fn used_up(number: &MemberNumber, now: Timestamp) -> bool {
    number.tries >= TRIES && now.since(number.tries_from) < HOUR
}

/// One more wrong code; a new hour begins with its first.
async fn count(tx: &mut Tx, scope: &Scope, number: &MemberNumber, now: Timestamp) -> Result<()> {
    let fresh = number.tries == 0 || now.since(number.tries_from) >= HOUR;
    let (tries, from) = if fresh { (1, now) } else { (number.tries + 1, number.tries_from) };
    member_numbers::count_tries(tx, scope, &number.person, tries, from).await
}
