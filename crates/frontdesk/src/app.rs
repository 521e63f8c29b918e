//! The only wiring: from a configuration to a database, a desk and a server.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use frontdesk_connect::{
    channels,
    http::{AddressPolicy, Egress, EgressSettings},
    mail::{Imap, Smtp},
    mcp, models, payments,
    sso::{self, Oidc},
};
use frontdesk_engine::{
    Desk, Settings,
    access::{self, sso::Rules},
    desk::{Parts, Vendor},
    settings::{ApiServer, ModelServer, Price, VendorApi},
    tracer,
};
use frontdesk_kernel::{
    Clock, Id, Secret,
    agent::ModelChoice,
    ids::{OfNode, TenantId},
    member::Role,
    ports::{identity::IdentityProvider, mail::Mailer, mailbox::Mailbox},
    turn::Limits,
};
use frontdesk_store::{Db, Options, durable, migrate, vault::Vault};
use frontdesk_web::BasicLogin;

use crate::{
    clock::{Sleep, SystemClock},
    config::Config,
    random::{self, RandomIds, SystemRandom},
    sale,
    scripts::ScriptProcess,
};

pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// An open installation.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) db: Db,
    pub(crate) vault: Vault,
    key: Secret,
}

impl App {
    /// Opens the database, and migrates it when asked.
    pub(crate) async fn open(config: Config, run_migrations: bool) -> Result<App> {
        let db = open_db(&config).await?;
        if run_migrations {
            migrate::run(&db, SystemClock.now()).await?;
        } else {
            match migrate::applied(&db).await {
                Ok(true) => {}
                Ok(false) => return Err(Refuse("the database lacks migrations: run `frontdesk migrate`".into()).into()),
                Err(frontdesk_store::Error::Refused(why)) => return Err(Refuse(why).into()),
                Err(e) => {
                    let what = format!("cannot read which migrations the database {} has", config.database.shown());
                    return Err(anyhow::Error::from(e).context(what));
                }
            }
        }
        let key = encryption_key(&config)?;
        Ok(App { vault: Vault::new(&key), config, db, key })
    }

    /// The login of the predecessor's routes is that of the first owner, as it was there; one that others would guess is none.
    pub(crate) fn basic_login(&self) -> Option<BasicLogin> {
        let (username, password) = self.config.owner.login()?;
        if let Some(why) = self.config.owner.refused() {
            tracing::warn!(why, "WEB_UI_PASSWORD opens nothing: nobody can log in to the predecessor's routes (/ui/…)");
            return None;
        }
        Some(BasicLogin { username: username.to_owned(), password: password.clone() })
    }

    pub(crate) fn desk(&self) -> Result<Arc<Desk>> {
        tracer::configure(self.config.console_tracer(), self.config.tracing.log_pii, &self.key);
        let egress = Egress::new(EgressSettings {
            allow_private: AddressPolicy::Allow(trusted(&self.config)),
            open_to_guests: self.config.tools.open_origins.clone(),
            ..EgressSettings::default()
        })?;
        let vendors = models::vendors()
            .filter_map(|v| {
                Some(Vendor {
                    key: v.key,
                    model: models::dialect_of(v.key)?,
                    base_url: v.default_base_url,
                    needs_key: v.needs_key,
                })
            })
            .collect();
        Ok(Desk::new(Parts {
            db: self.db.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            pause: Arc::new(Sleep),
            http: Arc::new(egress),
            scripts: Arc::new(ScriptProcess::new(std::env::current_exe().context("where this program lies is not known")?)),
            channels: channels::ALL,
            payments: payments::ALL,
            mcp: &mcp::Client,
            vendors,
            vault: self.vault.clone(),
            signing_key: self.key.clone(),
            node: Id::<OfNode>::new(&RandomIds, SystemClock.now()),
            settings: Settings { credit_sale: sale::of(&self.config.credit)?, ..settings(&self.config) },
            access: access::Parts {
                random: Arc::new(SystemRandom),
                mailer: mailer(&self.config)?,
                mailbox: mailbox(&self.config)?,
                provider: provider(&self.config)?,
                public_url: self.config.server.public_base_url.clone(),
            },
        }))
    }
}

/// Opens the database without asking for its schema.
pub(crate) async fn open_db(config: &Config) -> Result<Db> {
    let options = Options {
        url: config.database.url.reveal().to_owned(),
        pool_size: config.database.pool_size as usize,
        prepared_statements: config.database.prepared_statements,
    };
    Db::open(&options).await.map_err(|e| match e {
        frontdesk_store::Error::Refused(why) => Refuse(why).into(),
        e => anyhow::Error::from(e).context(format!("cannot open the database {}", config.database.shown())),
    })
}

/// The installation will not start like this: one line, exit code 78.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refuse(pub(crate) String);

/// From the configuration, else from the data folder, where the first start puts it.
fn encryption_key(config: &Config) -> Result<Secret> {
    if let Some(key) = &config.security.encryption_key {
        return Ok(key.clone());
    }
    let path = config.data_dir.join("secret.key");
    match std::fs::read_to_string(&path) {
        Ok(text) if text.trim().len() >= 32 => Ok(Secret::new(text.trim())),
        Ok(_) => {
            Err(Refuse(format!("{} is damaged: put back the key that this installation was made with", path.display())).into())
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let key = random::text(48);
            // Secrets are sealed with it from now on: it must not be lost when they are not.
            durable::create_folder(&config.data_dir)
                .and_then(|()| durable::write(&path, &key))
                .with_context(|| format!("cannot write {}", path.display()))?;
            Ok(Secret::new(key))
        }
        Err(e) => Err(e).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Addresses that the operator named may be private; everything else must be public.
fn trusted(config: &Config) -> Vec<String> {
    let mut origins = vec![config.whatsapp.graph_base_url.clone(), config.payments.stripe_base_url.clone()];
    origins.extend(config.sign_in.oidc.issuer.clone());
    origins.extend(config.tools.api_server_url.clone());
    for vendor in models::vendors() {
        // Local servers by nature: naming one in an agent means its usual address on this machine.
        if vendor.default_base_url.starts_with("http://") {
            origins.push(vendor.default_base_url.to_owned());
        }
    }
    origins.extend(config.models.servers().map(|(_, v)| v.base_url.to_owned()).filter(|url| !url.is_empty()));
    origins
}

fn mailer(config: &Config) -> Result<Option<Arc<dyn Mailer>>> {
    let (Some(url), Some(from)) = (&config.mail.smtp_url, &config.mail.from) else { return Ok(None) };
    let smtp = Smtp::new(url, from).map_err(|e| Refuse(e.to_string()))?;
    Ok(Some(Arc::new(smtp)))
}

fn mailbox(config: &Config) -> Result<Option<Arc<dyn Mailbox>>> {
    let Some(url) = &config.mail.imap_url else { return Ok(None) };
    Ok(Some(Arc::new(Imap::new(url).map_err(|e| Refuse(e.to_string()))?)))
}

fn provider(config: &Config) -> Result<Option<(Arc<dyn IdentityProvider>, Rules)>> {
    let oidc = &config.sign_in.oidc;
    let Some(issuer) = &oidc.issuer else { return Ok(None) };
    let provision = match oidc.provision.as_deref().and_then(Role::parse) {
        Some(role) => {
            let tenant = TenantId::parse(&oidc.provision_tenant)
                .map_err(|e| Refuse(format!("sign_in.oidc.provision_tenant names no business: {e}")))?;
            Some((tenant, role))
        }
        None => None,
    };
    let settings = sso::Settings {
        name: oidc.name.clone(),
        issuer: issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: oidc.client_secret.clone(),
    };
    let rules = Rules { domains: oidc.domains.iter().map(|d| d.to_lowercase()).collect(), provision };
    Ok(Some((Arc::new(Oidc::new(settings)), rules)))
}

fn settings(config: &Config) -> Settings {
    let (t, w, m) = (&config.turns, &config.whatsapp, &config.models);
    let chain = std::iter::once(m.default).chain(m.fallback.iter().copied());
    let servers = m.servers().map(|(vendor, v)| {
        let server = ModelServer {
            base_url: Some(v.base_url.to_owned()).filter(|url| !url.is_empty()),
            key: v.api_key.cloned(),
            organization: v.organization.map(str::to_owned),
            project: v.project.map(str::to_owned),
        };
        (vendor.as_str().to_owned(), server)
    });
    Settings {
        burst_wait: Duration::from_millis(t.burst_wait_ms),
        burst_max: Duration::from_millis(t.burst_max_ms),
        history_limit: t.history_limit,
        turn_timeout: Duration::from_secs(t.timeout_s),
        limits: Limits {
            model_calls: t.max_model_calls,
            tool_calls: t.max_tool_calls,
            tokens: t.token_budget,
            ..Limits::default()
        },
        daily_token_budget: t.daily_token_budget,
        concurrency: t.concurrency,
        max_attempts: i64::from(t.max_attempts),
        contact_messages_per_hour: t.contact_messages_per_hour,
        autoreply: config.agent.autoreply,
        mock_mode: w.mock_mode,
        vendors: BTreeMap::from([
            ("whatsapp", VendorApi { base_url: w.graph_base_url.clone(), version: w.version.clone() }),
            ("stripe", VendorApi { base_url: config.payments.stripe_base_url.clone(), version: String::new() }),
        ]),
        messages_per_second: Some(w.messages_per_second),
        pair_burst: Some(w.pair_burst),
        pair_interval: Some(Duration::from_millis(w.pair_interval_ms)),
        unknown_window: Duration::from_secs(w.unknown_window_s),
        mark_read: w.mark_read,
        typing: w.typing,
        models: chain
            .map(|vendor| ModelChoice {
                vendor: vendor.as_str().to_owned(),
                model: m.vendor(vendor).map_or("scripted", |v| v.model).to_owned(),
                base_url: None,
            })
            .collect(),
        model_servers: servers.collect(),
        call_limits: m.limits(),
        transcription: m.transcription.map(|v| v.as_str().to_owned()),
        prices: prices(config),
        api_server: config.tools.api_server_url.clone().map(|url| ApiServer { url, key: config.tools.api_server_key.clone() }),
        max_image_bytes: config.media.max_image_bytes,
        max_audio_bytes: config.media.max_audio_bytes,
        max_video_bytes: config.media.max_video_bytes,
        max_document_bytes: config.media.max_document_bytes,
        ..Settings::default()
    }
}

/// What is known of models' prices, and what the configuration says instead.
fn prices(config: &Config) -> BTreeMap<String, Price> {
    let known = models::prices::KNOWN
        .iter()
        .map(|(name, input, cached, output)| ((*name).to_owned(), Price { input: *input, cached: *cached, output: *output }));
    let set = config.models.prices.iter().map(|(name, p)| {
        let price = Price { input: p.input as i64, cached: p.cached.unwrap_or(p.input) as i64, output: p.output as i64 };
        (name.clone(), price)
    });
    known.chain(set).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    #[tokio::test]
    async fn a_login_that_others_would_guess_is_none() {
        for (password, works) in [
            ("seven quiet lamps drift", true),
            ("admin", false),
            ("password1234", false),
            // Nothing but words that everybody knows of them.
            ("ana@salon.example", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let database = format!("sqlite:{}", folder.path().join("frontdesk.db").display());
            let pairs = [
                ("DATABASE_URL", database.as_str()),
                ("FRONTDESK_DATA_DIR", folder.path().to_str().unwrap()),
                ("WEB_UI_USERNAME", "Ana@salon.example"),
                ("WEB_UI_PASSWORD", password),
            ];
            let env = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            let (config, _) = Config::load(Sources { env, ..Sources::default() }).unwrap();
            let app = App::open(config, true).await.unwrap();
            assert_eq!(app.basic_login().is_some(), works, "{password}");
        }
    }
}
