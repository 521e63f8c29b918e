//! Connected accounts: what the channel asks for is checked before anything is stored; secrets are sealed and never shown.

use std::{collections::BTreeMap, sync::Arc};

use frontdesk_kernel::{
    Scope, Secret,
    ids::{AgentId, LocationId},
    ports::channel::{About, Setting},
    tenant::Tenant,
};
use frontdesk_store::{Result, Tx, audit::Entry, channels, channels::Channel, locations, work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Secrets, agent, business, check, fresh_secret, refused, scope, seal, write_down};
use crate::Desk;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    List,
    Get {
        channel: String,
    },
    Create {
        kind: String,
        /// The vendor's name of the account; where there is no vendor, the business's id when absent.
        #[serde(default)]
        account: Option<String>,
        change: Change,
    },
    Update {
        /// Id, account or name.
        channel: String,
        change: Change,
    },
    Delete {
        channel: String,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    pub name: Option<String>,
    /// Id or name; empty = the business's default agent again.
    pub agent: Option<String>,
    /// Id or name of the branch that it answers for; empty = every one.
    pub location: Option<String>,
    pub active: Option<bool>,
    pub mock: Option<bool>,
    /// `None` removes one.
    pub settings: BTreeMap<String, Option<String>>,
    pub secrets: Secrets,
    /// What stopped the account is mended.
    pub resume: bool,
}

pub(super) async fn execute(desk: &Arc<Desk>, tenant: &Tenant, action: Action, by: Option<Entry>) -> Result<Value> {
    let scope = scope(&tenant.id);
    let (s, d) = (scope.clone(), desk.clone());
    match action {
        Action::List => {
            let all = desk.db.read(&scope, work!(tx => channels::list(tx, &s).await)).await?;
            Ok(json!({ "channels": all.iter().map(shown).collect::<Vec<_>>() }))
        }
        Action::Get { channel } => desk.db.read(&scope, work!(tx => find(tx, &s, &channel).await.map(|c| shown(&c)))).await,
        Action::Create { kind, account, change } => create(desk, tenant, &kind, account, change, by).await,
        Action::Update { channel, change } => {
            desk.db
                .write(
                    &scope,
                    work!(tx => {
                        let mut channel = find(tx, &s, &channel).await?;
                        apply(tx, &d, &s, &mut channel, &change).await?;
                        channels::update(tx, &s, &channel).await?;
                        write_down(tx, &s, &by, channel.id.as_str()).await?;
                        Ok(shown(&channel))
                    }),
                )
                .await
        }
        Action::Delete { channel } => {
            desk.db
                .write(
                    &scope,
                    work!(tx => {
                        let channel = find(tx, &s, &channel).await?;
                        channels::delete(tx, &s, &channel.id).await?;
                        write_down(tx, &s, &by, channel.id.as_str()).await?;
                        Ok(json!({ "deleted": channel.id, "name": channel.name }))
                    }),
                )
                .await
        }
    }
}

async fn create(
    desk: &Arc<Desk>,
    tenant: &Tenant,
    kind: &str,
    account: Option<String>,
    mut change: Change,
    by: Option<Entry>,
) -> Result<Value> {
    let about = about(desk, kind)?;
    let account = match account {
        Some(account) => check::line("account", &account, 128)?,
        None if about.settings.is_empty() || about.hosted => tenant.id.to_string(),
        None => return Err(refused(format!("{} needs an account: the vendor's own id of it", about.name))),
    };
    if about.hosted && !in_an_address(&account) {
        return Err(refused("account: it stands in a web address, so write letters, digits, - and _ (at most 64)"));
    }
    let made = own_secrets(desk, about, &change);
    change.secrets.0.extend(made.iter().map(|(key, secret)| (key.clone(), Some(secret.clone()))));
    let scope = scope(&tenant.id);
    let (s, d) = (scope.clone(), desk.clone());
    let mut channel = business::channel(desk.ids.as_ref(), &tenant.id, about.key, &account, about.name, desk.now());
    desk.db
        .write(&scope, work!(tx => {
            apply(tx, &d, &s, &mut channel, &change).await?;
            if channels::insert(tx, &s, &channel).await? {
                write_down(tx, &s, &by, channel.id.as_str()).await?;
                let mut answer = shown(&channel);
                if !made.is_empty() {
                    // This once: nobody can read them later.
                    let shown = made.iter().map(|(key, secret)| (key.clone(), Value::from(secret.reveal())));
                    answer["new_secrets"] = Value::Object(shown.collect());
                }
                return Ok(answer);
            }
            let own = channels::list(tx, &s).await?.into_iter().find(|c| c.kind == channel.kind && c.account == channel.account);
            Err(refused(match own {
                Some(own) => format!("account {account} is connected already as `{}`: change that one", own.name),
                None => format!("account {account} is connected by another business: delete it there first"),
            }))
        }))
        .await
}

fn in_an_address(account: &str) -> bool {
    (1..=64).contains(&account.len()) && account.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Secrets that we make because nobody gave them.
fn own_secrets(desk: &Desk, about: &About, change: &Change) -> BTreeMap<String, Secret> {
    let missing = about.own_secrets.iter().filter(|key| !change.secrets.0.contains_key(**key));
    missing.map(|key| ((*key).to_owned(), fresh_secret(desk))).collect()
}

async fn apply(tx: &mut Tx, desk: &Desk, scope: &Scope, channel: &mut Channel, change: &Change) -> Result<()> {
    let about = about(desk, &channel.kind)?;
    if let Some(name) = &change.name {
        channel.name = check::line("name", name, 120)?;
    }
    if let Some(wanted) = &change.agent {
        channel.agent = if wanted.is_empty() { None } else { Some(named_agent(tx, scope, wanted).await?) };
    }
    if let Some(wanted) = &change.location {
        channel.location = if wanted.is_empty() { None } else { Some(named_location(tx, scope, wanted).await?) };
    }
    channel.active = change.active.unwrap_or(channel.active);
    channel.mock = change.mock.unwrap_or(channel.mock);
    for (key, value) in &change.settings {
        known(about, key, false)?;
        match value {
            Some(value) => {
                let value = check::line(key, value, 500)?;
                let value = reviewed(desk, &channel.kind, key, &value)?;
                channel.settings.insert(key.clone(), value.into());
            }
            None => drop(channel.settings.remove(key)),
        }
    }
    for (key, secret) in &change.secrets.0 {
        known(about, key, true)?;
        match secret {
            Some(secret) if secret.is_empty() => return Err(refused(format!("{key}: the secret is empty"))),
            Some(secret) => {
                reviewed(desk, &channel.kind, key, secret.reveal())?;
                let sealed = seal(desk, scope, &format!("channel/{}/{key}", channel.id), secret);
                channel.secrets.insert(key.clone(), sealed);
                // New credentials: what stopped the account may be mended.
                channel.paused_reason = None;
            }
            None => drop(channel.secrets.remove(key)),
        }
    }
    if change.resume {
        channel.paused_reason = None;
    }
    channel.updated_at = desk.now();
    if channel.mock { Ok(()) } else { nothing_missing(about, channel) }
}

fn reviewed(desk: &Desk, kind: &str, key: &str, value: &str) -> Result<String> {
    let channel = desk.channel(kind).ok_or_else(|| refused(format!("there is no channel {kind}")))?;
    channel.review(key, value).map_err(|why| refused(format!("{key}: {why}")))
}

async fn named_agent(tx: &mut Tx, scope: &Scope, wanted: &str) -> Result<AgentId> {
    agent::find(tx, scope, wanted).await.map(|a| a.id)
}

async fn named_location(tx: &mut Tx, scope: &Scope, wanted: &str) -> Result<LocationId> {
    let found = locations::all(tx, scope).await?.into_iter().find(|l| l.id.as_str() == wanted || l.name == wanted);
    found.map(|l| l.id).ok_or_else(|| refused(format!("location: there is no `{wanted}`")))
}

fn about(desk: &Desk, kind: &str) -> Result<&'static About> {
    check::one_of("channel", kind, desk.channels.iter().map(|c| c.about().key))?;
    desk.channel(kind).map(|c| c.about()).ok_or_else(|| refused(format!("there is no channel {kind}")))
}

/// A setting of this channel, given the way its kind is given.
fn known(about: &About, key: &str, secret: bool) -> Result<()> {
    let keys = |secret| about.settings.iter().filter(move |s| s.secret == secret).map(|s| s.key);
    if keys(!secret).any(|k| k == key) {
        let way = if secret { "it is not secret: give it as a setting" } else { "it is secret: give it as a secret" };
        return Err(refused(format!("{key}: {way}")));
    }
    if about.settings.is_empty() {
        return Err(refused(format!("{key}: {} has no settings", about.name)));
    }
    check::one_of(if secret { "secret" } else { "setting" }, key, keys(secret)).map(drop)
}

fn nothing_missing(about: &About, channel: &Channel) -> Result<()> {
    let there = |s: &Setting| if s.secret { channel.secrets.contains_key(s.key) } else { channel.settings.contains_key(s.key) };
    let missing: Vec<&Setting> = about.settings.iter().filter(|s| s.required && !there(s)).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let keys: Vec<&str> = missing.iter().map(|s| s.key).collect();
    Err(refused(format!(
        "{} needs {} ({}: {}), or try it without an account, as a mock",
        about.name,
        keys.join(", "),
        first.key,
        first.help.trim_end_matches('.')
    )))
}

async fn find(tx: &mut Tx, scope: &Scope, wanted: &str) -> Result<Channel> {
    let all = channels::list(tx, scope).await?;
    let mut found: Vec<Channel> = all.into_iter().filter(|c| [c.id.as_str(), &c.account, &c.name].contains(&wanted)).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(refused(format!("there is no channel `{wanted}`: `frontdesk channel list` shows them"))),
        _ => Err(refused(format!("several channels are called `{wanted}`: name one by its id"))),
    }
}

fn shown(c: &Channel) -> Value {
    let state = match (&c.paused_reason, c.active) {
        (_, false) => "off",
        (Some(_), true) => "paused",
        (None, true) => "active",
    };
    let secrets: BTreeMap<&str, &str> = c.secrets.keys().map(|key| (key.as_str(), "[set]")).collect();
    json!({
        "id": c.id, "kind": c.kind, "account": c.account, "name": c.name, "state": state, "paused_reason": c.paused_reason, "mock": c.mock,
        "agent": c.agent, "location": c.location, "settings": c.settings, "secrets": secrets, "last_error": c.last_error,
        "last_error_at": c.last_error_at.map(|at| at.to_string()), "last_sign_of_life": c.last_echo_at.map(|at| at.to_string()),
        "created_at": c.created_at.to_string(), "updated_at": c.updated_at.to_string(),
    })
}
