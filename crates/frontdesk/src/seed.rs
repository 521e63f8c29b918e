//! The default tenant: what environment and `.env` say becomes a business with an agent, an `api` channel and, when connected, WhatsApp.

use std::collections::BTreeMap;

use anyhow::Result;
use frontdesk_kernel::{
    Clock, Id, Scope, Secret, Timestamp,
    agent::{Agent, AgentSpec},
    ids::*,
    profile::{Day, Hours, Profile, Span},
    scope::Server,
    tenant::{Tenant, TenantSettings},
};
use frontdesk_store::{agents, channels, tenants, vault::Vault, work};
use jiff::civil::time;

use crate::{
    app::App,
    clock::SystemClock,
    random::{self, RandomIds},
};

pub(crate) const DEFAULT_TENANT: &str = "tnt_default";

/// Makes or updates what the environment describes. Nothing is made when tenants exist and the environment connects nothing.
pub(crate) async fn default_tenant(app: &App) -> Result<()> {
    let others = app.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
    let id = TenantId::parse(DEFAULT_TENANT)?;
    let known = others.iter().any(|t| t.id == id);
    if !known && !others.is_empty() && !app.config.whatsapp.is_configured() {
        return Ok(());
    }
    let now = SystemClock.now();
    if !known {
        create_business(app, from_seed(app, id.clone(), now), &app.config.agent.name, now).await?;
    }
    connect_whatsapp(app, &Scope::of(id), now).await
}

fn from_seed(app: &App, id: TenantId, now: Timestamp) -> Tenant {
    let seed = &app.config.tenant;
    Tenant {
        id,
        name: seed.name.clone(),
        business_type: seed.business_type.clone(),
        time_zone: seed.time_zone.clone(),
        language: seed.language.clone(),
        currency: seed.currency.clone(),
        profile: Profile { hours: usual_hours(), ..Profile::default() },
        settings: TenantSettings::default(),
        active: true,
        created_at: now,
        updated_at: now,
    }
}

/// Monday to Friday 9 to 19, Saturday 9 to 18: what a new business has until it says otherwise.
pub(crate) fn usual_hours() -> Hours {
    let span = |close| vec![Span { open: time(9, 0, 0, 0), close: time(close, 0, 0, 0) }];
    let mut hours: BTreeMap<Day, Vec<Span>> = Day::ALL[..5].iter().map(|day| (*day, span(19))).collect();
    hours.insert(Day::Saturday, span(18));
    Hours(hours)
}

/// A business that can be talked to: tenant, default agent, `api` channel.
pub(crate) async fn create_business(app: &App, tenant: Tenant, agent_name: &str, now: Timestamp) -> Result<()> {
    let scope = Scope::of(tenant.id.clone());
    let agent = Agent { id: Id::new(&RandomIds, now), name: agent_name.to_owned(), is_default: true, version: 1, spec: AgentSpec::default() };
    let channel = new_channel(&tenant.id, "api", tenant.id.as_str(), &tenant.name, now);
    let s = scope.clone();
    app.db
        .write(&scope, work!(tx => {
            tenants::insert(tx, &s, &tenant).await?;
            agents::insert(tx, &s, &agent, now).await?;
            channels::insert(tx, &s, &channel).await.map(drop)
        }))
        .await?;
    Ok(())
}

pub(crate) fn new_channel(tenant: &TenantId, kind: &str, account: &str, name: &str, now: Timestamp) -> channels::Channel {
    channels::Channel {
        id: Id::new(&RandomIds, now),
        tenant: tenant.clone(),
        kind: kind.to_owned(),
        account: account.to_owned(),
        name: name.to_owned(),
        settings: serde_json::Map::new(),
        secrets: BTreeMap::new(),
        agent: None,
        mock: false,
        active: true,
        paused_reason: None,
        last_error: None,
        last_error_at: None,
        last_echo_at: None,
        created_at: now,
        updated_at: now,
    }
}

/// Seals a channel's secret for its place.
pub(crate) fn seal(vault: &Vault, scope: &Scope, channel: &mut channels::Channel, key: &str, secret: &Secret) {
    let sealed = vault.seal(scope, &format!("channel/{}/{key}", channel.id), secret, random::bytes());
    channel.secrets.insert(key.to_owned(), sealed);
}

async fn connect_whatsapp(app: &App, scope: &Scope, now: Timestamp) -> Result<()> {
    let w = &app.config.whatsapp;
    let Some(account) = w.phone_number_id.clone() else { return Ok(()) };
    let s = scope.clone();
    let known = app.db.read(scope, work!(tx => channels::list(tx, &s).await)).await?;
    let known = known.into_iter().find(|c| c.kind == "whatsapp" && c.account == account);
    let is_new = known.is_none();
    let mut channel = known.unwrap_or_else(|| new_channel(scope.tenant(), "whatsapp", &account, "WhatsApp", now));
    let mut changed = is_new;
    for (key, secret) in [("access_token", &w.access_token), ("app_secret", &w.app_secret), ("verify_token", &w.verify_token)] {
        let Some(secret) = secret else { continue };
        let place = format!("channel/{}/{key}", channel.id);
        let same = channel.secrets.get(key).is_some_and(|sealed| app.vault.open(scope, &place, sealed).is_ok_and(|is| is == *secret));
        if !same {
            seal(&app.vault, scope, &mut channel, key, secret);
            // New credentials: what stopped the account may be mended.
            channel.paused_reason = None;
            changed = true;
        }
    }
    if !changed {
        return Ok(());
    }
    channel.updated_at = now;
    let s = scope.clone();
    let free = app
        .db
        .write(scope, work!(tx => {
            if is_new { channels::insert(tx, &s, &channel).await } else { channels::update(tx, &s, &channel).await }
        }))
        .await?;
    if !free {
        tracing::warn!(account, "PHONE_NUMBER_ID is connected by another business already; the environment's credentials are not used");
    }
    Ok(())
}
