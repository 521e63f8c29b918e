//! API keys of a business. The key itself is made and shown where it is asked for; only its hash arrives here.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{Timestamp, member::PERMISSIONS, tenant::Tenant};
use frontdesk_store::{Result, people, people::Key, work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{check, refused, scope};
use crate::Desk;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    List,
    Get {
        key: String,
    },
    Create(NewKey),
    /// Revokes it; it stays in the list.
    Delete {
        /// Id, name or the first characters as listed.
        key: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    pub name: String,
    pub scopes: Vec<String>,
    #[serde(default)]
    pub expires_in_s: Option<u64>,
    /// The first characters.
    pub prefix: String,
    /// SHA-256 of the whole key, hex.
    pub hash: String,
}

pub(super) async fn execute(desk: &Arc<Desk>, tenant: &Tenant, action: Action) -> Result<Value> {
    let (scope, now) = (scope(&tenant.id), desk.now());
    let s = scope.clone();
    match action {
        Action::List => {
            let keys = desk.db.read(&scope, work!(tx => people::keys(tx, &s).await)).await?;
            Ok(json!({ "keys": keys.iter().map(|k| shown(k, now)).collect::<Vec<_>>() }))
        }
        Action::Get { key } => {
            let keys = desk.db.read(&scope, work!(tx => people::keys(tx, &s).await)).await?;
            find(keys, &key).map(|k| shown(&k, now))
        }
        Action::Create(new) => {
            let key = checked(desk, tenant, new)?;
            desk.db
                .write(
                    &scope,
                    work!(tx => {
                        people::insert_key(tx, &s, &key).await?;
                        Ok(shown(&key, now))
                    }),
                )
                .await
        }
        Action::Delete { key } => {
            desk.db
                .write(
                    &scope,
                    work!(tx => {
                        let key = find(people::keys(tx, &s).await?, &key)?;
                        if !people::revoke_key(tx, &s, &key.id, now).await? {
                            return Err(refused(format!("the key {} is revoked already", key.name)));
                        }
                        Ok(json!({ "revoked": key.id, "name": key.name }))
                    }),
                )
                .await
        }
    }
}

fn checked(desk: &Desk, tenant: &Tenant, new: NewKey) -> Result<Key> {
    let now = desk.now();
    if new.scopes.is_empty() {
        return Err(refused(format!("a key needs scopes: some of {}, or *", scopes().collect::<Vec<_>>().join(", "))));
    }
    for scope in &new.scopes {
        let noun_known = scope.strip_suffix(":*").is_some_and(|noun| scopes().any(|s| s.split(':').next() == Some(noun)));
        if scope != "*" && !noun_known {
            check::one_of("scope", scope, scopes().chain(["*"]))?;
        }
    }
    let expires_at = match new.expires_in_s {
        Some(0) => return Err(refused("expiry: the key would never be valid")),
        Some(seconds) => Some(now.plus(Duration::from_secs(seconds))),
        None => None,
    };
    if new.hash.len() != 64 || !new.hash.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(refused("the key arrives as a SHA-256 hash, never in clear"));
    }
    Ok(Key {
        id: desk.id(),
        tenant: tenant.id.clone(),
        name: check::line("name", &new.name, 120)?,
        prefix: check::line("prefix", &new.prefix, 16)?,
        hash: new.hash.to_ascii_lowercase(),
        scopes: new.scopes,
        created_at: now,
        expires_at,
        revoked_at: None,
        last_used_at: None,
    })
}

fn scopes() -> impl Iterator<Item = &'static str> {
    PERMISSIONS.iter().map(|p| p.name)
}

fn find(keys: Vec<Key>, wanted: &str) -> Result<Key> {
    let mut found: Vec<Key> = keys.into_iter().filter(|k| [k.id.as_str(), &k.name, &k.prefix].contains(&wanted)).collect();
    // A revoked one gives way to its successor of the same name.
    if found.len() > 1 {
        found.retain(|k| k.revoked_at.is_none());
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(refused(format!("there is no key `{wanted}`: `frontdesk key list` shows them"))),
        _ => Err(refused(format!("several keys are called `{wanted}`: name one by its id"))),
    }
}

fn shown(k: &Key, now: Timestamp) -> Value {
    let state = match (k.revoked_at, k.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(at)) if at <= now => "expired",
        _ => "valid",
    };
    json!({
        "id": k.id, "name": k.name, "prefix": k.prefix, "scopes": k.scopes, "state": state, "created_at": k.created_at.to_string(),
        "expires_at": k.expires_at.map(|at| at.to_string()), "revoked_at": k.revoked_at.map(|at| at.to_string()),
        "last_used_at": k.last_used_at.map(|at| at.to_string()),
    })
}
