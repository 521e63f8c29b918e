//! The default tenant: what environment and `.env` say becomes a business with an agent, an `api` channel and, when connected, WhatsApp.

use anyhow::Result;
use frontdesk_engine::{
    access::password,
    admin::{DEFAULT_TENANT, business},
};
use frontdesk_kernel::{
    Clock, Id, Scope, Secret, Timestamp,
    ids::*,
    profile::Profile,
    scope::Server,
    tenant::{Tenant, TenantSettings},
};
use frontdesk_store::{
    Error, channels,
    people::{self, Person},
    tenants,
    vault::Vault,
    work,
};

use crate::{
    app::App,
    clock::SystemClock,
    random::{self, RandomIds},
};

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
        let (tenant, agent) = (from_seed(app, id.clone(), now), app.config.agent.name.clone());
        let scope = Scope::of(id.clone());
        match app.db.write(&scope, work!(tx => business::open(tx, &RandomIds, &tenant, &agent, now).await)).await {
            // Another node of a new installation was faster.
            Err(Error::Conflict(_)) if is_there(app, &scope).await? => {}
            made => made?,
        }
    }
    let scope = Scope::of(id);
    first_owner(app, &scope, now).await?;
    connect_whatsapp(app, &scope, now).await
}

async fn is_there(app: &App, scope: &Scope) -> Result<bool> {
    let s = scope.clone();
    Ok(app.db.read(scope, work!(tx => tenants::get(tx, &s).await)).await?.is_some())
}

/// The person whom the environment names owns the default tenant. Whoever is there already keeps password and roles.
async fn first_owner(app: &App, scope: &Scope, now: Timestamp) -> Result<()> {
    let Some((username, secret)) = app.config.owner.login() else { return Ok(()) };
    let email = username.trim().to_lowercase();
    let known = {
        let email = email.clone();
        app.db.read(&Server, work!(tx => people::by_email(tx, &Server, &email).await)).await?
    };
    if known.is_some() {
        return Ok(());
    }
    if let Some(why) = app.config.owner.refused() {
        tracing::warn!(why, "WEB_UI_PASSWORD cannot be used and nobody was created");
        return Ok(());
    }
    let owner = Person {
        id: Id::new(&RandomIds, now),
        email,
        name: username.trim().to_owned(),
        password_hash: password::hash(secret.reveal(), random::bytes()),
        operator: false,
        active: true,
        language: None,
        must_change_password: false,
        created_at: now,
    };
    let scope = scope.clone();
    app.db
        .write(
            &Server,
            work!(tx => {
                if people::insert(tx, &Server, &owner).await? {
                    people::set_role(tx, &scope, &owner.id, "owner", now).await?;
                }
                Ok(())
            }),
        )
        .await?;
    Ok(())
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
        profile: Profile { hours: business::usual_hours(), ..Profile::default() },
        settings: TenantSettings::default(),
        active: true,
        created_at: now,
        updated_at: now,
    }
}

/// A channel that nothing is known of yet.
pub(crate) fn new_channel(tenant: &TenantId, kind: &str, account: &str, name: &str, now: Timestamp) -> channels::Channel {
    business::channel(&RandomIds, tenant, kind, account, name, now)
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
        let same =
            channel.secrets.get(key).is_some_and(|sealed| app.vault.open(scope, &place, sealed).is_ok_and(|is| is == *secret));
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
        .write(
            scope,
            work!(tx => {
                if is_new { channels::insert(tx, &s, &channel).await } else { channels::update(tx, &s, &channel).await }
            }),
        )
        .await?;
    if !free {
        tracing::warn!(
            account,
            "PHONE_NUMBER_ID is connected by another business already; the environment's credentials are not used"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Sources};

    #[tokio::test]
    async fn two_nodes_that_start_at_once_make_one_business() {
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite:{}", folder.path().join("frontdesk.db").display());
        let pairs = [("DATABASE_URL", database.as_str()), ("FRONTDESK_DATA_DIR", folder.path().to_str().unwrap())];
        let env = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let (config, _) = Config::load(Sources { env, ..Sources::default() }).unwrap();
        let app = App::open(config, true).await.unwrap();
        // Each has looked before the other has written.
        let (one, other) = tokio::join!(default_tenant(&app), default_tenant(&app));
        one.unwrap();
        other.unwrap();
        let all = app.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await.unwrap();
        assert_eq!(all.len(), 1);
    }
}
