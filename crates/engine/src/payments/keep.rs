//! Connecting the account through which a business takes payments: checked with the vendor, sealed, never shown.

use std::sync::Arc;

use frontdesk_kernel::{ErrorKind, Scope, Secret, ports::payments::Payments};
use frontdesk_store::{Result, audit, tills, work};

use super::{KEY_FIELD, Rules, SECRET_FIELD, account};
use crate::{Desk, admin::seal, events::Event};

/// What is to be connected; what is `None` stays as it is.
pub struct Connection {
    pub key: Option<Secret>,
    pub secrets: Option<Vec<Secret>>,
    pub rules: Rules,
}

/// Why it is not connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is none yet, so it must be given.
    KeyMissing,
    SecretsMissing,
    /// The vendor does not accept the key.
    KeyRefused,
}

pub async fn connect(
    desk: &Arc<Desk>,
    scope: &Scope,
    vendor: &'static dyn Payments,
    new: Connection,
    entry: audit::Entry,
) -> Result<std::result::Result<(), Refusal>> {
    if let Some(key) = &new.key {
        let checked = vendor.check(desk.http.as_ref(), &account(desk, vendor, key.clone())).await;
        if let Err(error) = checked {
            tracing::warn!(tenant = %scope.tenant(), error = %error, "a payment vendor's key was tried");
            // A vendor that does not answer now may do so later.
            if matches!(error.kind, ErrorKind::Unauthorized | ErrorKind::Forbidden) {
                return Ok(Err(Refusal::KeyRefused));
            }
        }
    }
    let sealed_key = new.key.as_ref().map(|key| seal(desk, scope, KEY_FIELD, key));
    let sealed_secrets = new.secrets.map(|all| all.iter().map(|s| seal(desk, scope, SECRET_FIELD, s)).collect::<Vec<_>>());
    let rules = serde_json::to_value(&new.rules).ok().and_then(|v| v.as_object().cloned()).unwrap_or_default();
    let (s, now, name) = (scope.clone(), desk.now(), vendor.about().key);
    let done = desk
        .db
        .write(
            scope,
            work!(tx => {
                let known = tills::get(tx, &s).await?.filter(|t| t.vendor == name);
                let Some(sealed_key) = sealed_key.or(known.as_ref().map(|t| t.sealed_key.clone())) else {
                    return Ok(Err(Refusal::KeyMissing));
                };
                let Some(sealed_secrets) = sealed_secrets.or(known.map(|t| t.sealed_secrets)) else {
                    return Ok(Err(Refusal::SecretsMissing));
                };
                let till = tills::Till {
                    tenant: s.tenant().clone(), vendor: name.to_owned(), sealed_key, sealed_secrets, rules, updated_at: now,
                };
                tills::put(tx, &s, &till).await?;
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(()))
            }),
        )
        .await?;
    changed(desk, scope);
    Ok(done)
}

/// `false`: there was none.
pub async fn disconnect(desk: &Desk, scope: &Scope, entry: audit::Entry) -> Result<bool> {
    let s = scope.clone();
    let gone = desk
        .db
        .write(
            scope,
            work!(tx => {
                let gone = tills::delete(tx, &s).await?;
                if gone {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(gone)
            }),
        )
        .await?;
    changed(desk, scope);
    Ok(gone)
}

fn changed(desk: &Desk, scope: &Scope) {
    desk.directory.invalidate();
    desk.events.tell(scope.tenant(), Event::new("settings.changed", scope.tenant().as_str()));
}
