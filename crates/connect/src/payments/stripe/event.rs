//! What Stripe reports, in our words.

use frontdesk_kernel::{
    Timestamp,
    money::Money,
    payment::RefundState,
    ports::payments::{News, Notice, Subject, Unreadable},
};
use serde_json::Value;

use super::currency::from_vendor;

pub(super) fn read(body: &[u8]) -> Result<Notice, Unreadable> {
    let event: Value = serde_json::from_slice(body).map_err(|e| Unreadable(format!("not JSON: {e}")))?;
    let text = |member: &str| event[member].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
    let missing = |what: &str| Unreadable(format!("an event without {what}"));
    if event["object"] != "event" {
        return Err(Unreadable("not an event".into()));
    }
    let (id, kind) = (text("id").ok_or_else(|| missing("id"))?, text("type").ok_or_else(|| missing("type"))?);
    let at = event["created"].as_i64().and_then(|s| s.checked_mul(1000)).ok_or_else(|| missing("created"))?;
    let object = &event["data"]["object"];
    Ok(Notice { what: news(&kind, object), subject: subject(object), of_account: text("account"), id, kind, at: Timestamp(at) })
}

/// A report that lacks what its kind promises is kept and changes nothing.
fn news(kind: &str, object: &Value) -> News {
    let said = match kind {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => of_session(object),
        "checkout.session.async_payment_failed" => Some(News::Failed),
        "checkout.session.expired" => Some(News::Expired),
        "payment_intent.succeeded" => money(object, "amount_received").map(|amount| News::Paid { amount }),
        "charge.refunded" => money(object, "amount_refunded").map(|amount| News::GivenBack { amount }),
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => of_refund(object),
        _ => None,
    };
    said.unwrap_or(News::Other)
}

/// How a Checkout Session stands.
pub(super) fn of_session(session: &Value) -> Option<News> {
    if session["object"] != "checkout.session" {
        return None;
    }
    Some(match (session["payment_status"].as_str()?, session["status"].as_str()) {
        ("paid", _) => News::Paid { amount: money(session, "amount_total")? },
        (_, Some("expired")) => News::Expired,
        (_, Some("complete")) => News::Awaited,
        _ => News::Other,
    })
}

fn of_refund(refund: &Value) -> Option<News> {
    Some(News::Refund {
        id: refund["id"].as_str()?.to_owned(),
        refund: refund["metadata"]["refund"].as_str().map(str::to_owned),
        amount: money(refund, "amount")?,
        state: refund_state(refund),
    })
}

pub(super) fn refund_state(refund: &Value) -> RefundState {
    match refund["status"].as_str() {
        Some("succeeded") => RefundState::Succeeded,
        Some("failed" | "canceled") => RefundState::Failed,
        _ => RefundState::Pending,
    }
}

/// Every name that the object has for its payment.
pub(super) fn subject(object: &Value) -> Subject {
    // An id, or the thing itself.
    let id = |value: &Value| value.as_str().or(value["id"].as_str()).map(str::to_owned);
    let own = object["id"].as_str().map(str::to_owned);
    let payment = id(&object["metadata"]["payment"]);
    let vendor_payment = id(&object["payment_intent"]);
    match object["object"].as_str() {
        Some("checkout.session") => {
            Subject { payment: payment.or_else(|| id(&object["client_reference_id"])), vendor_link: own, vendor_payment }
        }
        Some("payment_intent") => Subject { payment, vendor_link: None, vendor_payment: own },
        Some("charge" | "refund") => Subject { payment, vendor_link: None, vendor_payment },
        _ => Subject::default(),
    }
}

fn money(object: &Value, member: &str) -> Option<Money> {
    from_vendor(object[member].as_i64()?, object["currency"].as_str()?)
}
