//! The account through which a business takes payments: connected by its key, which is never shown again.

use axum::extract::State;
use frontdesk_engine::payments::{
    Rules, Till,
    keep::{self, Connection, Refusal},
};
use frontdesk_kernel::{Secret, ports::payments::MOCK};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    Web,
    kit::{Body, Caller, Deleted, Found, Problem, Time},
};

/// While one is being replaced there are two; more is a mistake.
const MOST_SECRETS: usize = 5;

/// How payments are taken. Keys themselves are never shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct PaymentSettings {
    connected: bool,
    /// Absent when nothing is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    vendor: Option<String>,
    /// The demo's own, with which no money moves.
    mock: bool,
    /// Vendors that can be connected.
    vendors: Vec<&'static str>,
    /// How many signing secrets there are.
    webhook_secrets: usize,
    /// Where the vendor must send its events, by vendor.
    webhook_urls: Vec<String>,
    any_amount: bool,
    most_minor: Option<i64>,
    return_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    updated_at: Option<Time>,
}

/// Keys that are absent stay as they are; everything else is as it is said here.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPaymentSettings {
    vendor: String,
    /// As the vendor gave it; it is tried, sealed and never shown again.
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false, write_only)]
    secret_key: Option<Secret>,
    /// What the vendor signs its events with; two while one is being replaced.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, nullable = false, write_only)]
    webhook_secrets: Option<Vec<Secret>>,
    /// The agent may also ask for amounts that are not the price of a service.
    #[serde(default)]
    any_amount: bool,
    /// The agent asks for nothing above, in minor units of the business's currency.
    #[serde(default)]
    most_minor: Option<i64>,
    /// Where payers go afterwards; without one, to a page of this server.
    #[serde(default)]
    return_url: Option<String>,
}

/// How payments are taken
#[utoipa::path(get, path = "/settings/payments", tag = "payments", operation_id = "payment_settings",
    responses((status = 200, body = PaymentSettings)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Found<PaymentSettings>, Problem> {
    caller.require("settings:read")?;
    told(&web, &caller).await
}

/// Connect a payment vendor, or change how it is used
///
/// The key is tried with the vendor first. Then register the webhook address with the vendor and give its signing secret here.
#[utoipa::path(put, path = "/settings/payments", tag = "payments", operation_id = "connect_payments", request_body = NewPaymentSettings,
    responses((status = 200, body = PaymentSettings)))]
pub(crate) async fn connect(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewPaymentSettings>,
) -> Result<Found<PaymentSettings>, Problem> {
    caller.require("settings:write")?;
    let vendor = web.desk.payment_vendor(&new.vendor).filter(|v| v.about().key != MOCK);
    let vendor = vendor.ok_or_else(|| Problem::field("vendor", format!("one of {}", vendors(&web).join(", "))))?;
    let visible = |s: &Secret| (8..=500).contains(&s.reveal().len()) && s.reveal().bytes().all(|b| b.is_ascii_graphic());
    const VISIBLE: &str = "from 8 to 500 visible ASCII characters, as the vendor gave it";
    if new.secret_key.as_ref().is_some_and(|key| !visible(key)) {
        return Err(Problem::field("secret_key", VISIBLE));
    }
    if let Some(secrets) = &new.webhook_secrets {
        if !(1..=MOST_SECRETS).contains(&secrets.len()) {
            return Err(Problem::field("webhook_secrets", format!("from 1 to {MOST_SECRETS}")));
        }
        if let Some(n) = secrets.iter().position(|s| !visible(s)) {
            return Err(Problem::field(format!("webhook_secrets[{n}]"), VISIBLE));
        }
    }
    if new.most_minor.is_some_and(|most| most <= 0) {
        return Err(Problem::field("most_minor", "more than nothing, in minor units"));
    }
    if new.return_url.as_ref().is_some_and(|url| url.len() > 2000 || !is_page(url)) {
        return Err(Problem::field("return_url", "an address that begins with https://, at most 2000 characters"));
    }
    let rules = Rules { any_amount: new.any_amount, most_minor: new.most_minor, return_url: new.return_url };
    let detail = json!({
        "vendor": new.vendor, "key": new.secret_key.is_some(), "webhook_secrets": new.webhook_secrets.as_ref().map(Vec::len), "rules": rules,
    });
    let entry = caller.entry(&web, "payments.connect", "", detail);
    let connection = Connection { key: new.secret_key, secrets: new.webhook_secrets, rules };
    let connected = keep::connect(&web.desk, &caller.scope, vendor, connection, entry).await?;
    connected.map_err(|refusal| match refusal {
        Refusal::KeyMissing => Problem::field("secret_key", "must be given: there is none yet"),
        Refusal::SecretsMissing => Problem::field("webhook_secrets", "must be given: there are none yet"),
        Refusal::KeyRefused => Problem::field("secret_key", "the vendor does not accept it"),
    })?;
    told(&web, &caller).await
}

/// Disconnect the payment vendor
///
/// Its key is forgotten; payments stay, and nothing more can be given back from here.
#[utoipa::path(delete, path = "/settings/payments", tag = "payments", operation_id = "disconnect_payments", responses((status = 204)))]
pub(crate) async fn disconnect(State(web): State<Web>, caller: Caller) -> Result<Deleted, Problem> {
    caller.require("settings:write")?;
    let entry = caller.entry(&web, "payments.disconnect", "", json!({}));
    if !keep::disconnect(&web.desk, &caller.scope, entry).await? {
        return Err(Problem::not_found("payment vendor"));
    }
    Ok(Deleted)
}

/// With a host, and nothing that would break out of it.
fn is_page(url: &str) -> bool {
    let host = url.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|h| !h.is_empty() && !h.contains('@')) && url.bytes().all(|b| b.is_ascii_graphic())
}

fn vendors(web: &Web) -> Vec<&'static str> {
    web.desk.payments.iter().map(|v| v.about().key).filter(|key| *key != MOCK).collect()
}

async fn told(web: &Web, caller: &Caller) -> Result<Found<PaymentSettings>, Problem> {
    let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
    let till = view.and_then(|v| v.till.clone());
    let till: Option<&Till> = till.as_deref();
    let (base, tenant) = (web.desk.access.public_url(), caller.scope.tenant());
    Ok(Found(PaymentSettings {
        connected: till.is_some(),
        vendor: till.map(|t| t.vendor.about().key.to_owned()),
        mock: till.is_some_and(|t| t.vendor.about().key == MOCK),
        vendors: vendors(web),
        webhook_secrets: till.map_or(0, |t| t.secrets.len()),
        webhook_urls: vendors(web).into_iter().map(|v| format!("{base}/webhooks/{v}/{tenant}")).collect(),
        any_amount: till.is_some_and(|t| t.rules.any_amount),
        most_minor: till.and_then(|t| t.rules.most_minor),
        return_url: till.and_then(|t| t.rules.return_url.clone()),
        updated_at: till.map(|t| t.updated_at.into()),
    }))
}
