//! Payments of contacts: the account through which a business takes them, asking for one, giving one back, hearing what became of it.

pub mod ask;
pub mod back;
pub mod hear;
pub mod keep;
pub mod look;
mod thread;

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    ConnectorError, Scope, Secret, Timestamp,
    effect::{Class, Outcome, State, after_attempt, backoff},
    ids::TenantId,
    ports::payments::{Account, Payments},
};
use frontdesk_store::tills;
use serde::{Deserialize, Serialize};

use crate::{Desk, tools::TimeLeft};

/// Attempts of a call that the vendor recognises.
const TRIES: u32 = 2;
/// Nothing begins with less time left.
const SHORTEST: Duration = Duration::from_secs(1);

/// An account through which payments are taken, ready for use.
pub struct Till {
    pub tenant: TenantId,
    pub vendor: &'static dyn Payments,
    pub account: Account,
    /// What the vendor's reports are signed with.
    pub secrets: Vec<Secret>,
    pub rules: Rules,
    pub updated_at: Timestamp,
}

/// What the agent may ask for by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// Also amounts that are not the price of a service.
    pub any_amount: bool,
    /// Nothing above, in minor units of the business's currency.
    pub most_minor: Option<i64>,
    /// Where payers go afterwards; without one, to a page of ours.
    pub return_url: Option<String>,
}

/// Where the vendor's key is sealed.
pub const KEY_FIELD: &str = "till/key";
/// Where what reports are signed with is sealed.
pub const SECRET_FIELD: &str = "till/secret";

/// `None`, and a line in the log: its key cannot be opened, or nobody here speaks to this vendor.
pub(crate) fn open_till(desk: &Desk, row: tills::Till) -> Option<Arc<Till>> {
    let scope = Scope::of(row.tenant.clone());
    let Some(vendor) = desk.payment_vendor(&row.vendor) else {
        tracing::error!(tenant = %row.tenant, vendor = row.vendor, "no such payment vendor");
        return None;
    };
    let open = |field: &str, sealed: &str| {
        let opened = desk.vault.open(&scope, field, sealed);
        opened.inspect_err(|e| tracing::error!(tenant = %row.tenant, error = %e, "a secret for payments cannot be opened")).ok()
    };
    let key = open(KEY_FIELD, &row.sealed_key)?;
    let secrets = row.sealed_secrets.iter().filter_map(|sealed| open(SECRET_FIELD, sealed)).collect();
    let rules = serde_json::from_value(row.rules.into()).unwrap_or_default();
    Some(Arc::new(Till {
        account: account(desk, vendor, key),
        tenant: row.tenant,
        vendor,
        secrets,
        rules,
        updated_at: row.updated_at,
    }))
}

pub(crate) fn account(desk: &Desk, vendor: &'static dyn Payments, key: Secret) -> Account {
    let about = vendor.about();
    let api = desk.settings.vendors.get(about.key);
    let base_url = api.map(|a| a.base_url.clone()).filter(|url| !url.is_empty()).unwrap_or_else(|| about.base_url.to_owned());
    Account { key, base_url, version: about.version.to_owned() }
}

/// Whether a call that the vendor recognises is to be made once more; waits before it.
pub(crate) async fn again<T>(desk: &Desk, made: u32, answered: &Result<T, ConnectorError>, time_left: TimeLeft<'_>) -> bool {
    let Err(error) = answered else { return false };
    let outcome = Outcome::of(error);
    if after_attempt(Class::A, &outcome, made, TRIES) != State::Pending || made >= TRIES {
        return false;
    }
    let wait = match outcome {
        Outcome::NotApplied { after: Some(wait) } => wait,
        _ => backoff(made, 0.5),
    };
    if time_left() < wait + SHORTEST {
        return false;
    }
    desk.pause.pause(wait).await;
    true
}
