//! A business that is about to be opened.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Id, Scope, Secret,
    agent::{Agent, AgentSpec, ModelChoice},
    booking::{Service, Staff},
    ids::*,
    money::Money,
    profile::{Day, Hours, Profile, Span},
    tenant::{Tenant, TenantSettings},
};
use frontdesk_store::{agents, calendar, channels, channels::Channel, tenants, work};
use jiff::civil::Time;
use serde_json::json;

use super::{APP_SECRET, IDENTITY_SECRET, Shop, TestDesk};
use crate::fakes::OUR_NUMBER;

/// A hair salon in Bogotá, open every day from 9 to 18, with two services, Laura and Sofía; a story changes what it needs.
pub struct Business<'d> {
    desk: &'d TestDesk,
    tenant: Tenant,
    agent: Agent,
    services: Vec<Service>,
    staff: Vec<Staff>,
    app_secret: String,
    model_keys: BTreeMap<String, String>,
    mock: bool,
    api: bool,
    webchat: bool,
}

impl TestDesk {
    /// A business to be described and then opened.
    pub fn business(&self, name: &str) -> Business<'_> {
        let now = self.now();
        Business {
            desk: self,
            tenant: Tenant {
                id: self.engine.id(),
                name: name.to_owned(),
                business_type: "salon".into(),
                time_zone: "America/Bogota".into(),
                language: "es-CO".into(),
                currency: "COP".into(),
                profile: Profile { hours: every_day(9, 18), ..Profile::default() },
                settings: TenantSettings::default(),
                active: true,
                created_at: now,
                updated_at: now,
            },
            agent: Agent {
                id: self.engine.id(), name: "Sofía".into(), is_default: true, version: 1, spec: AgentSpec::default()
            },
            services: [("Corte de dama", 60, 4_500_000), ("Manicure", 30, 2_500_000)].map(|s| service(self, s)).to_vec(),
            staff: ["Laura", "Sofía"].map(|name| person(self, name)).to_vec(),
            app_secret: APP_SECRET.into(),
            model_keys: BTreeMap::new(),
            mock: false,
            api: false,
            webchat: false,
        }
    }
}

impl<'d> Business<'d> {
    #[must_use]
    pub fn tenant(mut self, change: impl FnOnce(&mut Tenant)) -> Self {
        change(&mut self.tenant);
        self
    }
    #[must_use]
    pub fn agent(mut self, change: impl FnOnce(&mut Agent)) -> Self {
        change(&mut self.agent);
        self
    }
    /// `vendor/model`, tried in this order.
    #[must_use]
    pub fn models(self, models: &[&str]) -> Self {
        let choice = |name: &&str| {
            let (vendor, model) = name.split_once('/').unwrap_or((name, name));
            ModelChoice { vendor: vendor.to_owned(), model: model.to_owned(), base_url: None }
        };
        let chain = models.iter().map(choice).collect();
        self.agent(|a| a.spec.models = chain)
    }
    /// Answered by the fake of OpenAI.
    #[must_use]
    pub fn openai(self) -> Self {
        self.models(&["openai/gpt-4o-mini"])
    }
    #[must_use]
    pub fn model_key(mut self, vendor: &str, key: &str) -> Self {
        self.model_keys.insert(vendor.to_owned(), key.to_owned());
        self
    }
    #[must_use]
    pub fn without_staff(mut self) -> Self {
        self.staff.clear();
        self
    }
    /// With a Meta app of its own.
    #[must_use]
    pub fn app_secret(mut self, secret: &str) -> Self {
        self.app_secret = secret.to_owned();
        self
    }
    /// Also reachable through the `api` channel.
    #[must_use]
    pub fn with_api(mut self) -> Self {
        self.api = true;
        self
    }
    /// Also reachable through a chat on its site.
    #[must_use]
    pub fn with_webchat(mut self) -> Self {
        self.webchat = true;
        self
    }
    #[must_use]
    pub fn mock(mut self) -> Self {
        self.mock = true;
        self
    }

    /// # Panics
    /// When the database refuses it.
    pub async fn open(self) -> Shop<'d> {
        let (desk, scope) = (self.desk, Scope::of(self.tenant.id.clone()));
        let account = format!("10654035224{:04}", desk.number());
        let whatsapp = self.channel(&scope, "whatsapp", &account);
        let api = self.api.then(|| self.channel(&scope, "api", self.tenant.id.as_str()));
        let webchat = self.webchat.then(|| self.channel(&scope, "webchat", self.tenant.id.as_str()));
        let keys = sealed_keys(desk, &scope, &self.model_keys);
        let shop = Shop { desk, scope: scope.clone(), channel: whatsapp.id.clone(), account, app_secret: self.app_secret };
        let (tenant, agent, services, staff, now) = (self.tenant, self.agent, self.services, self.staff, desk.now());
        let opened = desk.engine.db.write(
            &shop.scope,
            work!(tx => {
                tenants::insert(tx, &scope, &tenant).await?;
                agents::insert(tx, &scope, &agent, now).await?;
                for channel in [Some(whatsapp), api, webchat].iter().flatten() {
                    channels::insert(tx, &scope, channel).await?;
                }
                for (position, service) in services.iter().enumerate() {
                    calendar::put_service(tx, &scope, service, position as i64, now).await?;
                }
                for (position, person) in staff.iter().enumerate() {
                    calendar::put_staff(tx, &scope, person, position as i64, now).await?;
                }
                for (vendor, sealed) in &keys {
                    agents::set_model_key(tx, &scope, vendor, Some(sealed), now).await?;
                }
                Ok(())
            }),
        );
        opened.await.unwrap_or_else(|e| panic!("the business does not open: {e}"));
        desk.engine.directory.invalidate();
        shop
    }

    fn channel(&self, scope: &Scope, kind: &str, account: &str) -> Channel {
        let (id, now): (ChannelId, _) = (self.desk.engine.id(), self.desk.now());
        let seal = |key: &str, text: &str| {
            let sealed = self.desk.engine.vault.seal(scope, &format!("channel/{id}/{key}"), &Secret::new(text), nonce(self.desk));
            (key.to_owned(), sealed)
        };
        let verify_token = format!("verify-{}", self.tenant.name);
        let secrets = match kind {
            "whatsapp" => BTreeMap::from([
                seal("access_token", &format!("token-of-{}", self.tenant.name)),
                seal("app_secret", &self.app_secret),
                seal("verify_token", &verify_token),
            ]),
            "webchat" => BTreeMap::from([seal("identity_secret", IDENTITY_SECRET)]),
            _ => BTreeMap::new(),
        };
        let settings = json!({ "display_phone_number": OUR_NUMBER });
        Channel {
            id,
            tenant: self.tenant.id.clone(),
            kind: kind.to_owned(),
            account: account.to_owned(),
            name: format!("{kind} of {}", self.tenant.name),
            settings: settings.as_object().cloned().unwrap_or_default(),
            secrets,
            agent: None,
            location: None,
            mock: self.mock,
            active: true,
            paused_reason: None,
            last_error: None,
            last_error_at: None,
            last_echo_at: None,
            verified_at: None,
            webhook_at: None,
            webhook_problem: None,
            webhook_problem_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}

fn every_day(open: i8, close: i8) -> Hours {
    let span = Span { open: Time::constant(open, 0, 0, 0), close: Time::constant(close, 0, 0, 0) };
    Hours(Day::ALL.into_iter().map(|day| (day, vec![span])).collect())
}

fn service(desk: &TestDesk, (name, minutes, minor): (&str, u32, i64)) -> Service {
    Service {
        id: desk.engine.id(),
        name: name.to_owned(),
        duration_minutes: minutes,
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        price: Some(Money { minor, currency: "COP".into() }),
        description: String::new(),
        active: true,
    }
}

fn person(desk: &TestDesk, name: &str) -> Staff {
    let id: Id<OfStaff> = desk.engine.id();
    Staff {
        id,
        name: name.to_owned(),
        specialties: Vec::new(),
        services: Vec::new(),
        hours: None,
        away: Vec::new(),
        location: None,
        active: true,
    }
}

fn sealed_keys(desk: &TestDesk, scope: &Scope, keys: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let seal = |(vendor, key): (&String, &String)| {
        let sealed = desk.engine.vault.seal(scope, &format!("model_key/{vendor}"), &Secret::new(key.as_str()), nonce(desk));
        (vendor.clone(), sealed)
    };
    keys.iter().map(seal).collect()
}

/// Different each time, which is all that a test needs.
fn nonce(desk: &TestDesk) -> [u8; 24] {
    let mut nonce = [0; 24];
    nonce[..8].copy_from_slice(&desk.number().to_be_bytes());
    nonce
}
