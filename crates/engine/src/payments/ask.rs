//! Asking for a payment: on record first, then a link of the vendor's, the same one however often the call is made.

use std::time::Duration;

use frontdesk_kernel::{
    ConnectorError, Scope, Timestamp,
    ids::*,
    money::Money,
    payment::{End, Payment, State},
    ports::payments::{Demand, Link},
};
use frontdesk_store::{Error, Result, Tx, payments};

use super::{Till, again};
use crate::{Desk, tools::TimeLeft};

/// A link is given again as long as it surely takes money: vendors end theirs after a day.
const USABLE: Duration = Duration::from_secs(22 * 3600);
/// Payments of one appointment that are looked at.
const MOST_OF_ONE: u32 = 50;

/// What is to be paid.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) amount: Money,
    pub(crate) description: String,
    pub(crate) appointment: Option<AppointmentId>,
}

/// Puts it on record; a call that is known already keeps what it asked for first.
#[expect(clippy::too_many_arguments, reason = "what a payment is made of")]
pub(crate) async fn put_down(
    tx: &mut Tx,
    scope: &Scope,
    till: &Till,
    id: PaymentId,
    reference: &str,
    contact: &ContactId,
    conversation: &ConversationId,
    wanted: Wanted,
    now: Timestamp,
) -> Result<()> {
    let payment = Payment {
        id,
        reference: reference.to_owned(),
        contact: contact.clone(),
        conversation: Some(conversation.clone()),
        appointment: wanted.appointment,
        amount: wanted.amount,
        description: wanted.description,
        state: State::Open,
        refunded: 0,
        vendor: till.vendor.about().key.to_owned(),
        vendor_link: None,
        vendor_payment: None,
        url: None,
        problem: None,
        created_at: now,
        paid_at: None,
        ended: None,
        ended_at: None,
        updated_at: now,
    };
    payments::insert(tx, scope, &payment).await.map(drop)
}

/// What was asked for before, for the same appointment and the same amount: paid, or with a link that can still be used.
pub(crate) async fn before(tx: &mut Tx, scope: &Scope, wanted: &Wanted, now: Timestamp) -> Result<Option<Payment>> {
    if wanted.appointment.is_none() {
        return Ok(None);
    }
    let filter = payments::Filter { appointment: wanted.appointment.clone(), ..payments::Filter::default() };
    let asked = payments::list(tx, scope, &filter, None, MOST_OF_ONE).await?;
    let mut same = asked.into_iter().filter(|payment| payment.amount == wanted.amount);
    Ok(same.find(|payment| match payment.state {
        State::Paid | State::Refunding => true,
        State::Open => payment.url.is_some() && now.since(payment.created_at) < USABLE,
        State::Expired | State::Refunded | State::Failed => false,
    }))
}

/// The vendor's link, and how often it was asked for.
pub(crate) async fn link(
    desk: &Desk,
    till: &Till,
    payment: &Payment,
    time_left: TimeLeft<'_>,
) -> (std::result::Result<Link, ConnectorError>, u32) {
    let page = format!("{}/paid", desk.access.public_url());
    let demand = Demand {
        key: &payment.reference,
        payment: payment.id.as_str(),
        amount: &payment.amount,
        description: &payment.description,
        return_url: till.rules.return_url.as_deref().unwrap_or(&page),
    };
    let mut made = 0;
    loop {
        made += 1;
        let answered = till.vendor.open(desk.http.as_ref(), &till.account, &demand).await;
        crate::crash::point("payment link answered");
        if !again(desk, made, &answered, time_left).await {
            return (answered, made);
        }
    }
}

/// Keeps the link, or why there is none. Without a link nobody can pay.
pub(crate) async fn settle(
    tx: &mut Tx,
    scope: &Scope,
    reference: &str,
    linked: &std::result::Result<Link, String>,
    now: Timestamp,
) -> Result<PaymentId> {
    let found = payments::by_reference(tx, scope, reference).await?;
    let id = found.ok_or_else(|| Error::Broken("a payment that was asked for is not there".into()))?.id;
    let locked = payments::lock(tx, scope, &id).await?;
    let mut payment = locked.ok_or_else(|| Error::Broken("a payment that was asked for is not there".into()))?;
    match linked {
        Ok(link) => {
            payment.vendor_link = Some(link.id.clone());
            payment.url = Some(link.url.clone());
        }
        Err(why) => {
            payment.problem = Some(why.clone());
            payment.ended = Some(End::Failed);
            payment.ended_at = Some(now);
        }
    }
    payment.state = payment.fold(0);
    payment.updated_at = now;
    payments::keep(tx, scope, &payment).await?;
    Ok(id)
}
