//! What a payment vendor reports: believed by its signature, kept once before it is acknowledged, and folded in whatever order it comes.

use std::sync::Arc;

use frontdesk_kernel::{
    Id, Scope, Timestamp,
    ids::*,
    payment::{End, Payment, Refund, RefundState},
    ports::{
        channel::RawRequest,
        payments::{News as Said, Notice, Payments},
    },
    tenant::Tenant,
};
use frontdesk_store::{Result, Tx, payments, payments::Report, refunds, tasks, work};

use super::{
    Till, back,
    thread::{self, Line},
};
use crate::{Desk, crash, directory::Lines, events::Event, news::News};

/// What a delivery came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// It is durable.
    Stored {
        duplicate: bool,
    },
    /// Not signed with a secret of ours, or too old.
    Forged,
    Malformed(String),
}

/// `tenant`: the delivery was addressed to this business; else its signature says to which.
pub async fn accept(
    desk: &Arc<Desk>,
    vendor: &'static dyn Payments,
    tenant: Option<&TenantId>,
    raw: &RawRequest,
) -> Result<Accepted> {
    let (now, tills) = (desk.now(), desk.directory.tills(desk).await?);
    let key = vendor.about().key;
    let signed: Vec<&Arc<Till>> = tills
        .iter()
        .filter(|t| t.vendor.about().key == key && tenant.is_none_or(|id| *id == t.tenant))
        .filter(|t| vendor.verify(raw, &t.secrets, now).is_ok())
        .collect();
    if signed.is_empty() {
        return Ok(Accepted::Forged);
    }
    let notice = match vendor.read(&raw.body) {
        Ok(notice) => notice,
        Err(why) => return Ok(Accepted::Malformed(why.0)),
    };
    // Two businesses may share an account at the vendor's: it is for the one whose payment it is.
    let mut whose = signed[0];
    for till in signed {
        let (scope, subject) = (Scope::of(till.tenant.clone()), notice.subject.clone());
        let s = scope.clone();
        if desk.db.read(&scope, work!(tx => payments::named(tx, &s, key, &subject).await)).await?.is_some() {
            whose = till;
            break;
        }
    }
    store(desk, key, &whose.tenant, notice, now).await
}

/// Keeps a report that is believed, and folds it in.
pub(super) async fn store(
    desk: &Arc<Desk>,
    vendor: &'static str,
    tenant: &TenantId,
    notice: Notice,
    now: Timestamp,
) -> Result<Accepted> {
    let scope = Scope::of(tenant.clone());
    let Some(view) = desk.directory.tenant(desk, tenant).await? else { return Ok(Accepted::Forged) };
    let lines = desk.directory.lines(desk).await?;
    let (d, s) = (desk.clone(), scope.clone());
    let heard = desk
        .db
        .write(
            &scope,
            work!(tx => {
                // What a connected account of theirs did is not theirs.
                let id = match &notice.of_account {
                    Some(_) => None,
                    None => payments::named(tx, &s, vendor, &notice.subject).await?,
                };
                let payment = match &id {
                    Some(id) => thread::hold(tx, &s, id).await?,
                    None => None,
                };
                let report = Report {
                    vendor: vendor.to_owned(),
                    payment: payment.as_ref().map(|p| p.id.clone()),
                    outcome: "unknown".to_owned(),
                    notice: notice.clone(),
                    received_at: now,
                };
                if !payments::hear(tx, &s, &report).await? {
                    return Ok(None);
                }
                let mut news = News::default();
                if let Some(mut payment) = payment {
                    let place = Place { desk: &d, scope: &s, tenant: &view.tenant, lines: &lines, now };
                    let outcome = apply(tx, &place, &mut payment, &notice, &mut news).await?;
                    payments::judge(tx, &s, vendor, &notice.id, outcome).await?;
                    let changed = Event::new("payment.changed", payment.id.as_str());
                    let changed = payment.conversation.as_ref().map_or(changed.clone(), |c| changed.within(c));
                    news.other(s.tenant(), changed);
                }
                crash::point("payment report before commit");
                Ok(Some(news))
            }),
        )
        .await?;
    crash::point("payment report committed");
    let Some(news) = heard else { return Ok(Accepted::Stored { duplicate: true }) };
    news.tell(&desk.events);
    desk.wake.outbox.notify_one();
    Ok(Accepted::Stored { duplicate: false })
}

/// Where a report is heard.
struct Place<'p> {
    desk: &'p Desk,
    scope: &'p Scope,
    tenant: &'p Tenant,
    lines: &'p Arc<Lines>,
    now: Timestamp,
}

/// Folds a report into its payment, which is locked. What came of it, in a word.
async fn apply(tx: &mut Tx, at: &Place<'_>, payment: &mut Payment, notice: &Notice, news: &mut News) -> Result<&'static str> {
    let was_paid = payment.paid_at.is_some();
    let mut told = Vec::new();
    if payment.vendor_payment.is_none() {
        payment.vendor_payment = notice.subject.vendor_payment.clone();
    }
    if payment.vendor_link.is_none() {
        payment.vendor_link = notice.subject.vendor_link.clone();
    }
    let outcome = match &notice.what {
        Said::Paid { amount } if *amount != payment.amount => {
            let title = format!("a payment of {amount} came in where {} was asked for: look at it", payment.amount);
            let task = at.desk.id();
            tasks::open(tx, at.scope, &task, "odd_payment", &title, payment.conversation.as_ref(), None, at.now).await?;
            news.task(at.scope.tenant(), &task, payment.conversation.as_ref());
            "another amount"
        }
        Said::Paid { .. } => {
            payment.paid_at.get_or_insert(notice.at);
            "paid"
        }
        Said::GivenBack { amount } if amount.currency != payment.amount.currency => "another currency",
        Said::GivenBack { amount } => {
            payment.paid_at.get_or_insert(notice.at);
            let known: i64 = refunds::of_payment(tx, at.scope, &payment.id)
                .await?
                .iter()
                .filter(|r| r.state != RefundState::Failed)
                .map(|r| r.minor)
                .sum();
            // What was given back at the vendor's, without us.
            payment.refunded += (amount.minor - known.max(payment.refunded)).max(0);
            "given back"
        }
        Said::Refund { amount, .. } if amount.currency != payment.amount.currency => "another currency",
        Said::Refund { id, refund, amount, state } => {
            payment.paid_at.get_or_insert(notice.at);
            let (before, after) = refund_said(tx, at, payment, (id, refund.as_deref(), amount.minor), *state).await?;
            if before != Some(RefundState::Succeeded) && after == RefundState::Succeeded {
                told.push(Line::GivenBack(amount.minor));
            }
            "refund"
        }
        Said::Failed | Said::Expired if payment.paid_at.is_some() || payment.ended.is_some() => "too late",
        Said::Failed | Said::Expired => {
            let (end, word) = if notice.what == Said::Failed { (End::Failed, "failed") } else { (End::Expired, "expired") };
            payment.ended = Some(end);
            payment.ended_at = Some(notice.at);
            word
        }
        Said::Awaited => "awaited",
        Said::Other => "kept",
    };
    back::refold(tx, at.scope, payment, at.now).await?;
    if !was_paid && payment.paid_at.is_some() {
        told.insert(0, Line::Paid);
    }
    for line in told {
        thread::tell(tx, at.desk, at.scope, (at.tenant, at.lines), payment, line, at.now, news).await?;
    }
    Ok(outcome)
}

/// What is known of a refund after this; one that was made at the vendor's is new to us.
async fn refund_said(
    tx: &mut Tx,
    at: &Place<'_>,
    payment: &Payment,
    (vendor_refund, ours, minor): (&str, Option<&str>, i64),
    state: RefundState,
) -> Result<(Option<RefundState>, RefundState)> {
    let all = refunds::of_payment(tx, at.scope, &payment.id).await?;
    let ours = ours.and_then(|id| Id::<OfRefund>::parse(id).ok());
    let known = all.into_iter().find(|r| r.vendor_refund.as_deref() == Some(vendor_refund) || Some(&r.id) == ours.as_ref());
    if let Some(mut refund) = known {
        let before = refund.state;
        // That it failed was our reading, without a word of the vendor's.
        let assumed = before == RefundState::Failed && refund.vendor_refund.is_none();
        refund.state = if assumed { state } else { before.then(state) };
        refund.vendor_refund = Some(vendor_refund.to_owned());
        refund.updated_at = at.now;
        refunds::keep(tx, at.scope, &refund).await?;
        return Ok((Some(before), refund.state));
    }
    let refund = Refund {
        id: at.desk.id(),
        payment: payment.id.clone(),
        reference: format!("vendor/{vendor_refund}"),
        minor,
        state,
        reason: "made at the payment vendor".to_owned(),
        requested_by: String::new(),
        vendor_refund: Some(vendor_refund.to_owned()),
        problem: None,
        created_at: at.now,
        updated_at: at.now,
    };
    refunds::insert(tx, at.scope, &refund).await?;
    Ok((None, state))
}
