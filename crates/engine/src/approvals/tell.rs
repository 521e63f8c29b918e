//! A request on the numbers of those who may decide: planned in the transaction of its reason, sent as any other message.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{Approval, Reach},
    ids::{ChannelId, ContactId, ConversationId, TenantId},
    message::{Author, Delivery, Direction, Part},
    tenant::Tenant,
};
use frontdesk_store::{
    Result, Tx, approval_codes, contacts, conversations, effects,
    member_messages::{self, MemberMessage},
    member_numbers::{self, MemberNumber},
    people::Member,
};

use super::{
    link,
    words::{self, Occasion, Question},
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
pub async fn reach(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    lines: &Lines,
    tenant: &Tenant,
    number: Option<&MemberNumber>,
) -> Result<(Reach, Option<Arc<Line>>)> {
    let Some(number) = number else { return Ok((Reach::NoNumber, None)) };
    if number.confirmed_at.is_none() {
        return Ok((Reach::Unconfirmed, None));
    }
    let Some(line) = line(desk, lines, scope.tenant(), number.channel.as_ref()) else { return Ok((Reach::NoChannel, None)) };
    let reach = match is_open(tx, desk, scope, &line, number, desk.now()).await? {
        true => Reach::Message,
        false if tenant.settings.approval_template.is_some() => Reach::Template,
        false => Reach::WindowClosed,
    };
    Ok((reach, Some(line)))
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

/// Free text may go there: its owner wrote lately, to this channel.
pub(crate) async fn is_open(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    line: &Line,
    number: &MemberNumber,
    now: Timestamp,
) -> Result<bool> {
    let Some(window) = desk.channel(&line.channel.kind).and_then(|c| c.about().window) else { return Ok(true) };
    let here = number.heard_at.filter(|_| number.channel.as_ref() == Some(&line.channel.id));
    let last = member_numbers::last_word(tx, scope, &line.channel.id, &number.number).await?.max(here);
    Ok(last.is_some_and(|at| now.since(at) < window))
}

/// Tells each of them whose number may be reached now. Returns the others.
pub(super) async fn tell<'m>(
    tx: &mut Tx,
    ways: Ways<'_>,
    scope: &Scope,
    approval: &Approval,
    members: &'m [Member],
    occasion: Occasion,
    now: Timestamp,
) -> Result<Vec<&'m Member>> {
    let numbers = if members.is_empty() { Vec::new() } else { member_numbers::all(tx, scope).await? };
    let (mut others, mut asked) = (Vec::new(), None);
    for member in members {
        let number = numbers.iter().find(|n| n.person == member.person);
        let (reach, line) = reach(tx, ways.desk, scope, ways.lines, ways.tenant, number).await?;
        let (Some(number), Some(line), Reach::Message | Reach::Template) = (number, line, reach) else {
            others.push(member);
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
        match part {
            Some(part) => plan(tx, ways.desk, scope, &line, number, Some(approval), part, false, now).await?,
            None => others.push(member),
        }
    }
    Ok(others)
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
        vendor_id: None,
        delivery: Some(Delivery::Queued),
        failure: None,
        at: now,
    };
    member_messages::insert(tx, scope, &stored).await?;
    // A request is not sent twice because an answer was lost: there is the console, too.
    let effect = effects::Effect { is_reply: effect.is_reply && is_reply, ..effect };
    effects::plan(tx, scope, &effect, now).await
}

/// The customer as people call them: their name, else where they write from.
pub(super) async fn customer(tx: &mut Tx, scope: &Scope, conversation: &ConversationId) -> Result<String> {
    let Some(thread) = conversations::get(tx, scope, conversation).await? else { return Ok(String::new()) };
    let contact: ContactId = thread.contact;
    let name = contacts::get(tx, scope, &contact).await?.and_then(|c| c.name);
    Ok(name.map(|n| words::one_line(&n)).filter(|n| !n.is_empty()).unwrap_or(thread.address.value))
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
