//! Stripe: Checkout Sessions, refunds, signed events.

mod call;
mod currency;
mod event;
mod signature;
#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_kernel::{
    ConnectorError, Secret, Timestamp,
    money::Money,
    ports::{
        channel::{Forged, RawRequest},
        http::Http,
        payments::{About, Account, Demand, GiveBack, GivenBack, Link, News, Notice, Payments, Subject, Unreadable},
    },
};

use self::call::Call;

const VENDOR: &str = "stripe";
/// Of the payer's side, in characters; more is cut off.
const LONGEST_NAME: usize = 250;

static ABOUT: About = About {
    key: VENDOR,
    name: "Stripe",
    base_url: "https://api.stripe.com",
    version: "2026-10-28.endive",
    // At least a day; an hour less is certain.
    remembers: Duration::from_secs(23 * 3600),
};

pub struct Stripe;

#[async_trait]
impl Payments for Stripe {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn fits(&self, amount: &Money) -> Result<(), String> {
        currency::to_vendor(amount).map(drop)
    }

    async fn open(&self, http: &dyn Http, account: &Account, demand: &Demand<'_>) -> Result<Link, ConnectorError> {
        let call = Call { http, account, operation: "open" };
        let amount = currency::to_vendor(demand.amount).map_err(|why| call.refused(why))?;
        let name: String = demand.description.chars().take(LONGEST_NAME).collect();
        let item = "line_items[0][price_data]";
        let form = [
            ("mode".to_owned(), "payment".to_owned()),
            ("client_reference_id".to_owned(), demand.payment.to_owned()),
            ("success_url".to_owned(), demand.return_url.to_owned()),
            ("line_items[0][quantity]".to_owned(), "1".to_owned()),
            (format!("{item}[currency]"), demand.amount.currency.to_ascii_lowercase()),
            (format!("{item}[unit_amount]"), amount.to_string()),
            (format!("{item}[product_data][name]"), name),
            ("metadata[payment]".to_owned(), demand.payment.to_owned()),
            // The payment and its charge say whose they are, too.
            ("payment_intent_data[metadata][payment]".to_owned(), demand.payment.to_owned()),
        ];
        let session = call.post("/v1/checkout/sessions", &form, demand.key).await?;
        let text = |member: &str| session[member].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
        match (text("id"), text("url")) {
            (Some(id), Some(url)) if url.starts_with("https://") => Ok(Link { id, url }),
            _ => Err(call.malformed("the session has no id or no address")),
        }
    }

    async fn give_back(&self, http: &dyn Http, account: &Account, back: &GiveBack<'_>) -> Result<GivenBack, ConnectorError> {
        let call = Call { http, account, operation: "give_back" };
        let amount = currency::to_vendor(back.amount).map_err(|why| call.refused(why))?;
        let form = [
            ("payment_intent".to_owned(), back.vendor_payment.to_owned()),
            ("amount".to_owned(), amount.to_string()),
            ("reason".to_owned(), "requested_by_customer".to_owned()),
            ("metadata[refund]".to_owned(), back.refund.to_owned()),
            ("metadata[payment]".to_owned(), back.payment.to_owned()),
        ];
        let refund = call.post("/v1/refunds", &form, back.key).await?;
        let id = refund["id"].as_str().map(str::to_owned).ok_or_else(|| call.malformed("the refund has no id"))?;
        Ok(GivenBack { id, state: event::refund_state(&refund) })
    }

    async fn look_up(&self, http: &dyn Http, account: &Account, link: &str) -> Result<(Subject, News), ConnectorError> {
        let call = Call { http, account, operation: "look_up" };
        let session = call.get("/v1/checkout/sessions", link).await?;
        let news = event::of_session(&session).ok_or_else(|| call.malformed("not a session"))?;
        Ok((event::subject(&session), news))
    }

    async fn check(&self, http: &dyn Http, account: &Account) -> Result<(), ConnectorError> {
        let call = Call { http, account, operation: "check" };
        call.list("/v1/checkout/sessions?limit=1").await
    }

    fn verify(&self, raw: &RawRequest, secrets: &[Secret], now: Timestamp) -> Result<(), Forged> {
        signature::verify(raw, secrets, now)
    }

    fn read(&self, body: &[u8]) -> Result<Notice, Unreadable> {
        event::read(body)
    }
}
