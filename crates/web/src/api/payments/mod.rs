//! Payments: what contacts were asked for, what came in, giving it back; the account through which it comes.

mod refund;
mod till;

use std::collections::HashMap;

use axum::extract::State;
use frontdesk_kernel::{
    Timestamp,
    ids::*,
    money::Money,
    payment::{Payment, Refund, RefundState, State as PaymentState},
    ports::payments::MOCK,
};
use frontdesk_store::{
    payments::{self, Filter},
    refunds, work,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::conversations::{channels_of, located};
use crate::{
    Web,
    kit::{Caller, Found, Page, Path, Problem, Query, Time},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(refund::give_back)).routes(routes!(
        till::show,
        till::connect,
        till::disconnect
    ))
}

/// A payment of a contact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Payment)]
pub(crate) struct PaymentView {
    id: PaymentId,
    state: PaymentState,
    amount: Money,
    /// Given back for certain, in minor units.
    refunded_minor: i64,
    /// What is paid for.
    description: String,
    contact: ContactId,
    contact_name: Option<String>,
    conversation: Option<ConversationId>,
    appointment: Option<AppointmentId>,
    /// The payment vendor.
    vendor: String,
    /// A payment of the demo: no money moved, and none moves when it is given back.
    mock: bool,
    /// The vendor's id of the payment that was made.
    vendor_payment: Option<String>,
    /// Where it can be paid, while it can.
    url: Option<String>,
    /// Why there is no link.
    problem: Option<String>,
    created_at: Time,
    paid_at: Option<Time>,
    /// When the link ended unpaid.
    ended_at: Option<Time>,
    updated_at: Time,
}

impl PaymentView {
    fn of(p: Payment, names: &HashMap<ContactId, String>) -> PaymentView {
        PaymentView {
            url: p.url.filter(|_| p.state == PaymentState::Open),
            id: p.id,
            state: p.state,
            amount: p.amount,
            refunded_minor: p.refunded,
            description: p.description,
            contact_name: names.get(&p.contact).cloned(),
            contact: p.contact,
            conversation: p.conversation,
            appointment: p.appointment,
            mock: p.vendor == MOCK,
            vendor: p.vendor,
            vendor_payment: p.vendor_payment,
            problem: p.problem,
            created_at: p.created_at.into(),
            paid_at: p.paid_at.map(Time::from),
            ended_at: p.ended_at.map(Time::from),
            updated_at: p.updated_at.into(),
        }
    }
}

/// Money given back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refund)]
pub(crate) struct RefundView {
    id: RefundId,
    state: RefundState,
    minor: i64,
    reason: String,
    /// Id of the person or key; empty: the agent with an approval, or somebody at the vendor's.
    requested_by: String,
    vendor_refund: Option<String>,
    problem: Option<String>,
    created_at: Time,
    updated_at: Time,
}

impl From<Refund> for RefundView {
    fn from(r: Refund) -> RefundView {
        RefundView {
            id: r.id,
            state: r.state,
            minor: r.minor,
            reason: r.reason,
            requested_by: r.requested_by,
            vendor_refund: r.vendor_refund,
            problem: r.problem,
            created_at: r.created_at.into(),
            updated_at: r.updated_at.into(),
        }
    }
}

/// A payment with everything that was given back of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WholePayment {
    #[serde(flatten)]
    payment: PaymentView,
    /// What can still be given back, in minor units.
    refundable_minor: i64,
    /// Oldest first.
    refunds: Vec<RefundView>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    /// 1 to 200, usually 50.
    limit: Option<u32>,
    state: Option<PaymentState>,
    contact: Option<ContactId>,
    conversation: Option<ConversationId>,
    appointment: Option<AppointmentId>,
    /// Asked for at this time or later.
    #[param(value_type = Option<Time>)]
    from: Option<Time>,
    /// Asked for before then.
    #[param(value_type = Option<Time>)]
    to: Option<Time>,
}

/// Payments, newest first.
#[utoipa::path(get, path = "/payments", tag = "payments", params(List), responses((status = 200, body = Page<PaymentView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<PaymentView>>, Problem> {
    caller.require("payment:read")?;
    let filter = Filter {
        state: q.state,
        contact: q.contact,
        conversation: q.conversation,
        appointment: q.appointment,
        channels: channels_of(&web, &caller).await?,
        from: q.from.map(|Time(at)| at),
        to: q.to.map(|Time(at)| at),
    };
    let window = web.window::<(Timestamp, PaymentId)>(&caller, "payments", q.cursor.as_deref(), q.limit)?;
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let (found, names) = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let found = payments::list(tx, &s, &filter, after.as_ref(), limit + 1).await?;
                let contacts: Vec<ContactId> = found.iter().map(|p| p.contact.clone()).collect();
                let names = payments::payers(tx, &s, &contacts).await?;
                Ok((found, names))
            }),
        )
        .await?;
    let page = web.page(&caller, "payments", limit, found, |p| (p.created_at, p.id.clone()));
    Ok(Found(page.map(|payment| PaymentView::of(payment, &names))))
}

/// A payment and its refunds.
#[utoipa::path(get, path = "/payments/{id}", tag = "payments", params(("id" = PaymentId, Path)),
    responses((status = 200, body = WholePayment)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<PaymentId>,
) -> Result<Found<WholePayment>, Problem> {
    caller.require("payment:read")?;
    seen(&web, &caller, &id).await?;
    whole(&web, &caller, &id).await
}

/// A payment that the caller may see; one of another business or location is not there.
async fn seen(web: &Web, caller: &Caller, id: &PaymentId) -> Result<Payment, Problem> {
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => payments::get(tx, &s, &wanted).await)).await?;
    let payment = found.ok_or_else(|| Problem::not_found("payment"))?;
    if caller.locations().is_some() {
        let hidden = || Problem::not_found("payment");
        let conversation = payment.conversation.as_ref().ok_or_else(hidden)?;
        located(web, caller, conversation).await.map_err(|_| hidden())?;
    }
    Ok(payment)
}

async fn whole(web: &Web, caller: &Caller, id: &PaymentId) -> Result<Found<WholePayment>, Problem> {
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let found = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let Some(payment) = payments::get(tx, &s, &wanted).await? else { return Ok(None) };
                let names = payments::payers(tx, &s, std::slice::from_ref(&payment.contact)).await?;
                Ok(Some((payment, names, refunds::of_payment(tx, &s, &wanted).await?)))
            }),
        )
        .await?;
    let (payment, names, refunds) = found.ok_or_else(|| Problem::not_found("payment"))?;
    let pending = refunds.iter().filter(|r| r.state.holds()).map(|r| r.minor).sum();
    let at = payment.updated_at;
    let refundable_minor = payment.refundable(pending);
    let refunds = refunds.into_iter().map(RefundView::from).collect();
    Ok(Found::tagged(WholePayment { payment: PaymentView::of(payment, &names), refundable_minor, refunds }, at))
}
