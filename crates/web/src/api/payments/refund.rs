//! Giving money back, decided by a person (or a key) that may.

use std::time::Duration;

use axum::extract::State;
use frontdesk_engine::{
    crash,
    payments::back::{self, Refusal, Settled, Wanted},
};
use frontdesk_kernel::ids::*;
use frontdesk_store::{audit, work};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{WholePayment, seen, whole};
use crate::{
    Web,
    kit::{Body, Caller, Found, Path, Problem},
};

const LONGEST_REASON: usize = 300;
/// For the vendor's answer, with one more try.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRefund {
    /// In minor units; absent: all that is left.
    #[serde(default)]
    #[schema(nullable = false, minimum = 1)]
    minor: Option<i64>,
    /// For the team, from 1 to 300 characters.
    reason: String,
}

/// Gives back a payment, whole or in part.
///
/// Never more than was paid and not given back yet. When the vendor does not answer, the refund stays `pending` and is asked for again by
/// itself, under the same name: it is made once.
#[utoipa::path(post, path = "/payments/{id}/refund", tag = "payments", params(("id" = PaymentId, Path)), request_body = NewRefund,
    responses((status = 200, body = WholePayment)))]
pub(crate) async fn give_back(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<PaymentId>,
    Body(new): Body<NewRefund>,
) -> Result<Found<WholePayment>, Problem> {
    caller.require("payment:refund")?;
    let reason = new.reason.trim().to_owned();
    if !(1..=LONGEST_REASON).contains(&reason.chars().count()) {
        return Err(Problem::field("reason", format!("from 1 to {LONGEST_REASON} characters")));
    }
    if new.minor.is_some_and(|minor| minor <= 0) {
        return Err(Problem::field("minor", "more than nothing, in minor units"));
    }
    let payment = seen(&web, &caller, &id).await?;
    let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
    let till = view.and_then(|v| v.till.clone()).filter(|t| t.vendor.about().key == payment.vendor);
    let till = till.ok_or_else(|| {
        Problem::conflict("not_connected", "The account through which this was paid is not connected any more.")
    })?;
    let refund: RefundId = web.desk.id();
    let wanted = Wanted {
        reference: format!("api-{refund}"),
        id: refund,
        minor: new.minor,
        reason,
        requested_by: caller.actor.id().to_owned(),
    };
    let entry = caller.entry(&web, "payment.refund", id.as_str(), json!({ "minor": new.minor, "reason": wanted.reason }));
    let (s, p, now) = (caller.scope.clone(), id.clone(), web.desk.now());
    let put_down = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let put_down = back::put_down(tx, &s, &p, &wanted, now).await?;
                if put_down.is_ok() {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(put_down)
            }),
        )
        .await?;
    crash::point("refund held");
    let held = put_down.map_err(|refusal| match refusal {
        Refusal::NoSuchPayment => Problem::not_found("payment"),
        Refusal::NotPaid => Problem::conflict("not_paid", refusal.in_words()),
        Refusal::TooMuch { ref left } => Problem::conflict("too_much", refusal.in_words()).with("left_minor", left.minor),
    })?;
    let until = web.desk.now().plus(PATIENCE);
    let time_left = || until.since(web.desk.now());
    let (settled, _) = back::carry_out(&web.desk, &till, &payment, &held.refund, held.again, &time_left).await;
    let refused = match &settled {
        Settled::Refused(why) => Some(why.clone()),
        _ => None,
    };
    back::finish(&web.desk, &caller.scope, &held.refund.id, settled).await?;
    match refused {
        Some(why) => Err(Problem::conflict("refused", format!("Nothing was given back: {why}."))),
        None => whole(&web, &caller, &id).await,
    }
}
