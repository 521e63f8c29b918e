//! A request on the numbers of those who may decide: planned in the transaction of its reason, sent as any other message.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{Approval, Reach, State},
    effect::Class,
    ids::{ChannelId, ContactId, ConversationId, TenantId},
    message::{Author, Delivery, Direction, Part},
    tenant::Tenant,
};
use frontdesk_store::{
    Result, Tx, approval_codes, approvals, contacts, conversations, effects,
    member_messages::{self, MemberMessage},
    member_numbers::{self, MemberNumber},
    people::{self, Member},
};

use super::{
    deciders, exact, link,
    words::{Occasion, Question},
};
use crate::{
    Desk,
    directory::{Line, Lines},
    outbox,
};

/// What it takes beside the database.
#[derive(Clone, Copy)]
pub(crate) struct Ways<'w> {
    pub(crate) desk: &'w Desk,
    pub(crate) lines: &'w Lines,
    pub(crate) tenant: &'w Tenant,
    /// What people call the action.
    pub(crate) title: &'w str,
}

/// Whether, and where, something may go to this number now.
pub fn reach(desk: &Desk, lines: &Lines, tenant: &Tenant, number: Option<&MemberNumber>) -> (Reach, Option<Arc<Line>>) {
    let Some(number) = number else { return (Reach::NoNumber, None) };
    if !number.counts(desk.now()) {
        return (Reach::Unconfirmed, None);
    }
    let Some(line) = line(desk, lines, &tenant.id, number.channel.as_ref()) else { return (Reach::NoChannel, None) };
    let reach = match is_open(desk, &line, number, desk.now()) {
        true => Reach::Message,
        false if tenant.settings.approval_template.is_some() => Reach::Template,
        false => Reach::WindowClosed,
    };
    (reach, Some(line))
}

/// Where the number was heard, or another channel that sends to numbers. What was stopped sends nothing: then it is said by mail.
fn line(desk: &Desk, lines: &Lines, tenant: &TenantId, heard: Option<&ChannelId>) -> Option<Arc<Line>> {
    let mut there = sending(desk, lines, tenant);
    there.retain(|line| line.channel.paused_reason.is_none());
    let at = there.iter().position(|l| Some(&l.channel.id) == heard).unwrap_or(0);
    (!there.is_empty()).then(|| there.swap_remove(at))
}

/// Every channel of the business that sends to numbers, always in the same order.
pub(super) fn sending(desk: &Desk, lines: &Lines, tenant: &TenantId) -> Vec<Arc<Line>> {
    let reaches = |l: &&Arc<Line>| desk.channel(&l.channel.kind).is_some_and(|c| c.about().reaches_numbers);
    let mut found: Vec<_> = lines.all().filter(|l| l.tenant == *tenant && l.channel.active).filter(reaches).cloned().collect();
    found.sort_by(|a, b| a.channel.id.cmp(&b.channel.id));
    found
}

/// Free text may go there: its owner wrote lately, to this channel. Only the code and answers say that it was the owner.
pub(crate) fn is_open(desk: &Desk, line: &Line, number: &MemberNumber, now: Timestamp) -> bool {
    let Some(window) = desk.channel(&line.channel.kind).and_then(|c| c.about().window) else { return true };
    let here = number.heard_at.filter(|_| number.channel.as_ref() == Some(&line.channel.id));
    here.is_some_and(|at| now.since(at) < window)
}

/// Why a request that waited for its send is not sent any more.
pub(crate) async fn stale(tx: &mut Tx, scope: &Scope, m: &MemberMessage, now: Timestamp) -> Result<Option<&'static str>> {
    let Some(id) = &m.approval else { return Ok(None) };
    let Some(approval) = approvals::get(tx, scope, id).await? else { return Ok(Some("the request was removed")) };
    if approval.state != State::Pending || now >= approval.expires_at {
        return Ok(Some("the request is decided or over"));
    }
    if m.args_hash.as_ref().is_some_and(|shown| *shown != approval.args_hash) {
        return Ok(Some("the request was changed"));
    }
    let Some(member) = people::member_of(tx, scope, &m.person).await? else { return Ok(Some("the member left")) };
    let Some(thread) = conversations::get(tx, scope, &approval.conversation).await? else {
        return Ok(Some("the conversation was removed"));
    };
    let may = deciders::may(tx, scope, &thread.channel, &approval, &member).await?;
    Ok((!may).then_some("the member may not decide about it"))
}

/// Tells each of them whose number may be reached now.
pub(super) async fn tell(
    tx: &mut Tx,
    ways: Ways<'_>,
    scope: &Scope,
    approval: &Approval,
    members: &[Member],
    occasion: Occasion,
    now: Timestamp,
) -> Result<()> {
    let numbers = if members.is_empty() { Vec::new() } else { member_numbers::all(tx, scope).await? };
    let mut asked = None;
    for member in members {
        let number = numbers.iter().find(|n| n.person == member.person);
        let (reach, line) = reach(ways.desk, ways.lines, ways.tenant, number);
        let (Some(number), Some(line), Reach::Message | Reach::Template) = (number, line, reach) else {
            continue;
        };
        if asked.is_none() {
            let customer = customer(tx, scope, &approval.conversation).await?;
            asked = Some((code_of(tx, ways.desk, scope, approval, now).await?, customer));
        }
        let Some((code, customer)) = &asked else { continue };
        let question = Question {
            business: &ways.tenant.name,
            title: ways.title,
            approval,
            customer,
            code,
            occasion,
            language: ways.tenant.speaks(),
        };
        let part = match (reach, &ways.tenant.settings.approval_template) {
            (Reach::Template, Some(template)) => question.in_template(template),
            _ => ways.desk.channel(&line.channel.kind).map(|channel| {
                let limits = &channel.about().limits;
                question
                    .whole(limits)
                    .unwrap_or_else(|| question.elsewhere(&link::to(ways.desk, scope, approval, &member.person)))
            }),
        };
        if let Some(part) = part {
            plan(tx, ways.desk, scope, &line, number, Some(approval), part, false, now).await?;
        }
    }
    Ok(())
}

/// A message to a member's number and its send.
#[expect(clippy::too_many_arguments, reason = "from where, to whom, about what, and how")]
pub(super) async fn plan(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    line: &Line,
    number: &MemberNumber,
    about: Option<&Approval>,
    part: Part,
    is_reply: bool,
    now: Timestamp,
) -> Result<()> {
    let (message, effect) = outbox::draft(desk, line, &number.line, Author::System, part.clone(), None, now);
    let stored = MemberMessage {
        id: message.id,
        line: number.line.clone(),
        person: number.person.clone(),
        direction: Direction::Out,
        part,
        approval: about.map(|a| a.id.clone()),
        args_hash: about.filter(|_| !is_reply).map(|a| a.args_hash.clone()),
        vendor_id: None,
        delivery: Some(Delivery::Queued),
        failure: None,
        at: now,
    };
    member_messages::insert(tx, scope, &stored).await?;
    // A request is not sent twice because an answer was lost, and nobody has to find out: there is the console, too.
    let class = if effect.class == Class::C { Class::B } else { effect.class };
    let effect = effects::Effect { is_reply: effect.is_reply && is_reply, class, ..effect };
    effects::plan(tx, scope, &effect, now).await
}

/// The customer as people call them: their name, else where they write from.
pub(super) async fn customer(tx: &mut Tx, scope: &Scope, conversation: &ConversationId) -> Result<String> {
    let Some(thread) = conversations::get(tx, scope, conversation).await? else { return Ok(String::new()) };
    let contact: ContactId = thread.contact;
    let name = contacts::get(tx, scope, &contact).await?.and_then(|c| c.name);
    Ok(name.map(|n| exact::one_line(&n)).filter(|n| !n.is_empty()).unwrap_or(thread.address.value))
}

/// The code of exactly these arguments, made when it is wanted first.
async fn code_of(tx: &mut Tx, desk: &Desk, scope: &Scope, approval: &Approval, now: Timestamp) -> Result<String> {
    if let Some(code) = approval_codes::of(tx, scope, &approval.id, &approval.args_hash).await? {
        return Ok(code);
    }
    let named = approval_codes::Named { approval: approval.id.clone(), args_hash: approval.args_hash.clone() };
    for tries in 0..16 {
        let code = frontdesk_kernel::coded::code(desk.access.random.as_ref(), if tries < 8 { 4 } else { 6 });
        if approval_codes::give(tx, scope, &code, &named, now).await? {
            return Ok(code);
        }
    }
    Err(frontdesk_store::Error::Broken("no code is free for a request".into()))
}
