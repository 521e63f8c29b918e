//! Giving money back: its amount is held before the vendor is asked, the vendor recognises the call, and what nobody knows is asked again.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Scope, Timestamp,
    effect::Outcome,
    ids::*,
    money::Money,
    payment::{Payment, Refund, RefundState},
    ports::payments::{GiveBack, GivenBack},
    scope::Server,
};
use frontdesk_store::{Error, Result, Tx, payments, refunds, tasks, work};

use super::{
    Till, again,
    thread::{self, Line},
};
use crate::{Desk, crash, events::Event, news::News, tools::TimeLeft};

/// A refund without an answer is asked for again after so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Why nothing is given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    NoSuchPayment,
    NotPaid,
    /// More than is left of it.
    TooMuch {
        left: Money,
    },
}

impl Refusal {
    pub fn in_words(&self) -> String {
        match self {
            Refusal::NoSuchPayment => "There is no such payment.".to_owned(),
            Refusal::NotPaid => "Nothing was paid, so nothing can be given back.".to_owned(),
            Refusal::TooMuch { left } if left.minor == 0 => "All of it was given back already, or is on its way.".to_owned(),
            Refusal::TooMuch { left } => format!("At most {left} of it can still be given back."),
        }
    }
}

/// What is to be given back, and for whom.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub id: RefundId,
    /// The same call is the same refund.
    pub reference: String,
    /// `None`: all that is left.
    pub minor: Option<i64>,
    pub reason: String,
    /// `usr_…` or `key_…`; empty: the agent, with an approval.
    pub requested_by: String,
}

/// A refund whose amount is held.
#[derive(Debug)]
pub struct Held {
    pub refund: Refund,
    /// It was held before: the vendor may have been asked before, too.
    pub again: bool,
}

/// Holds the amount. A call that is known already gets its refund as it is.
pub async fn put_down(
    tx: &mut Tx,
    scope: &Scope,
    payment: &PaymentId,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<std::result::Result<Held, Refusal>> {
    let Some(mut paid) = payments::lock(tx, scope, payment).await? else { return Ok(Err(Refusal::NoSuchPayment)) };
    if let Some(known) = refunds::by_reference(tx, scope, &wanted.reference).await? {
        return Ok(if known.payment == paid.id { Ok(Held { refund: known, again: true }) } else { Err(Refusal::NoSuchPayment) });
    }
    if paid.paid_at.is_none() || paid.vendor_payment.is_none() {
        return Ok(Err(Refusal::NotPaid));
    }
    let pending = pending(&refunds::of_payment(tx, scope, payment).await?);
    let left = paid.refundable(pending);
    let minor = wanted.minor.unwrap_or(left);
    if minor <= 0 || minor > left {
        return Ok(Err(Refusal::TooMuch { left: Money { minor: left, ..paid.amount } }));
    }
    let refund = Refund {
        id: wanted.id.clone(),
        payment: paid.id.clone(),
        reference: wanted.reference.clone(),
        minor,
        state: RefundState::Pending,
        reason: wanted.reason.clone(),
        requested_by: wanted.requested_by.clone(),
        vendor_refund: None,
        problem: None,
        created_at: now,
        updated_at: now,
    };
    refunds::insert(tx, scope, &refund).await?;
    paid.state = paid.fold(pending + minor);
    paid.updated_at = now;
    payments::keep(tx, scope, &paid).await?;
    Ok(Ok(Held { refund, again: false }))
}

pub(crate) fn pending(refunds: &[Refund]) -> i64 {
    refunds.iter().filter(|r| r.state.holds()).map(|r| r.minor).sum()
}

/// What asking the vendor came to.
#[derive(Debug, Clone)]
pub enum Settled {
    Made(GivenBack),
    /// Certainly not given back, and why.
    Refused(String),
    /// Nobody knows; asked again later, under the same name.
    Unknown(String),
    /// Nobody knows, and the vendor would not recognise the call any more.
    TooOld,
}

/// Asks the vendor, which carries it out once. What may have been asked `before` may have been made then.
pub async fn carry_out(
    desk: &Desk,
    till: &Till,
    payment: &Payment,
    refund: &Refund,
    before: bool,
    time_left: TimeLeft<'_>,
) -> (Settled, u32) {
    if desk.now().since(refund.created_at) >= till.vendor.about().remembers {
        return (Settled::TooOld, 0);
    }
    let Some(vendor_payment) = payment.vendor_payment.as_deref() else {
        return (Settled::Refused("the vendor's name of the payment is not known".to_owned()), 0);
    };
    let amount = Money { minor: refund.minor, ..payment.amount.clone() };
    let back = GiveBack {
        key: &refund.reference,
        refund: refund.id.as_str(),
        payment: payment.id.as_str(),
        vendor_payment,
        amount: &amount,
    };
    let (mut made, mut unsure) = (0, before);
    loop {
        made += 1;
        let answered = till.vendor.give_back(desk.http.as_ref(), &till.account, &back).await;
        crash::point("refund answered");
        if !again(desk, made, &answered, time_left).await {
            return (judged(answered, unsure), made);
        }
        unsure |= answered.is_err_and(|error| Outcome::of(&error) == Outcome::Unknown);
    }
}

/// `unsure`: an earlier call may have given it back. Then only an answer to the call itself says that it did not: whoever is turned away
/// before (too many, another key, the same one under way) has heard nothing of it.
fn judged(answered: std::result::Result<GivenBack, ConnectorError>, unsure: bool) -> Settled {
    match answered {
        Ok(given) => Settled::Made(given),
        Err(error) => {
            tracing::warn!(error = %error, "a refund was not answered as hoped");
            let heard = error.kind == ErrorKind::Rejected && error.status.is_some();
            match Outcome::of(&error) {
                Outcome::Unknown => Settled::Unknown(error.kind_in_words().to_owned()),
                _ if unsure && !heard => Settled::Unknown(error.kind_in_words().to_owned()),
                _ => Settled::Refused(error.kind_in_words().to_owned()),
            }
        }
    }
}

/// Keeps what the vendor made of it.
pub async fn settle(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    refund: &RefundId,
    settled: &Settled,
    now: Timestamp,
) -> Result<Refund> {
    let gone = || Error::Broken("a refund that was asked for is not there".into());
    let payment = refunds::get(tx, scope, refund).await?.ok_or_else(gone)?.payment;
    let mut paid = payments::lock(tx, scope, &payment).await?.ok_or_else(gone)?;
    let mut refund = refunds::get(tx, scope, refund).await?.ok_or_else(gone)?;
    match settled {
        Settled::Made(given) => {
            refund.vendor_refund = Some(given.id.clone());
            refund.state = refund.state.then(given.state);
            refund.problem = None;
        }
        // Another call of it was answered meanwhile.
        Settled::Refused(_) if refund.vendor_refund.is_some() => {}
        Settled::Refused(why) => {
            refund.state = refund.state.then(RefundState::Failed);
            refund.problem = Some(why.clone());
        }
        Settled::Unknown(why) => refund.problem = Some(why.clone()),
        Settled::TooOld if refund.state == RefundState::Pending && refund.vendor_refund.is_none() => {
            refund.state = RefundState::Review;
            refund.problem = Some("it is not known whether it was given back".to_owned());
            let title = "a refund has no answer: look at the payment vendor whether it was made";
            tasks::open(tx, scope, &desk.id(), "unknown_refund", title, paid.conversation.as_ref(), None, now).await?;
        }
        Settled::TooOld => {}
    }
    refund.updated_at = now;
    refunds::keep(tx, scope, &refund).await?;
    refold(tx, scope, &mut paid, now).await?;
    Ok(refund)
}

/// The payment follows its refunds.
pub(crate) async fn refold(tx: &mut Tx, scope: &Scope, paid: &mut Payment, now: Timestamp) -> Result<()> {
    let all = refunds::of_payment(tx, scope, &paid.id).await?;
    let given: i64 = all.iter().filter(|r| r.state == RefundState::Succeeded).map(|r| r.minor).sum();
    let bounced = all.iter().any(|r| r.state == RefundState::Failed);
    // More may be known from the vendor's totals; a refund that came back is counted anew.
    paid.refunded = if bounced { given } else { paid.refunded.max(given) };
    paid.state = paid.fold(pending(&all));
    paid.updated_at = now;
    payments::keep(tx, scope, paid).await.map(drop)
}

/// Refunds whose answer nobody knows, because it was lost or the process died, are asked for again. Returns how many.
pub async fn catch_up(desk: &Arc<Desk>) -> Result<usize> {
    let before = desk.now().minus(PATIENCE);
    let waiting = desk.db.read(&Server, work!(tx => refunds::unanswered(tx, &Server, before, 20).await)).await?;
    let mut settled = 0;
    for (tenant, id) in waiting {
        let scope = Scope::of(tenant.clone());
        let Some(till) = desk.directory.tenant(desk, &tenant).await?.and_then(|view| view.till.clone()) else { continue };
        let (s, r) = (scope.clone(), id.clone());
        let found = desk
            .db
            .read(
                &scope,
                work!(tx => {
                    let Some(refund) = refunds::get(tx, &s, &r).await? else { return Ok(None) };
                    Ok(payments::get(tx, &s, &refund.payment).await?.map(|payment| (payment, refund)))
                }),
            )
            .await?;
        // Paid through another vendor, that one is asked once it is connected again.
        let Some((payment, refund)) = found.filter(|(payment, _)| payment.vendor == till.vendor.about().key) else { continue };
        let (outcome, _) = carry_out(desk, &till, &payment, &refund, true, &|| Duration::ZERO).await;
        settled += usize::from(!matches!(outcome, Settled::Unknown(_)));
        finish(desk, &scope, &id, outcome).await?;
    }
    Ok(settled)
}

/// Keeps the outcome in a unit of work of its own and tells watchers.
pub async fn finish(desk: &Arc<Desk>, scope: &Scope, refund: &RefundId, outcome: Settled) -> Result<Refund> {
    let (d, s, r, now) = (desk.clone(), scope.clone(), refund.clone(), desk.now());
    let lines = desk.directory.lines(desk).await?;
    let view = desk.directory.tenant(desk, scope.tenant()).await?;
    let view = view.ok_or_else(|| Error::Broken("a business that gives money back is not there".into()))?;
    let (refund, news) = desk
        .db
        .write(
            scope,
            work!(tx => {
                let before = refunds::get(tx, &s, &r).await?;
                if let Some(refund) = &before {
                    thread::hold(tx, &s, &refund.payment).await?;
                }
                let before = before.map(|r| r.state);
                let refund = settle(tx, &d, &s, &r, &outcome, now).await?;
                let mut news = News::default();
                if before != Some(RefundState::Succeeded)
                    && refund.state == RefundState::Succeeded
                    && let Some(payment) = payments::get(tx, &s, &refund.payment).await?
                {
                    let line = Line::GivenBack(refund.minor);
                    thread::tell(tx, &d, &s, (&view.tenant, &lines), &payment, line, now, &mut news).await?;
                }
                news.other(s.tenant(), Event::new("payment.changed", refund.payment.as_str()));
                crash::point("refund before commit");
                Ok((refund, news))
            }),
        )
        .await?;
    crash::point("refund committed");
    news.tell(&desk.events);
    desk.wake.outbox.notify_one();
    Ok(refund)
}
