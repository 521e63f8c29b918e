//! The demo salon: read from `salon.toml`, opened once per data folder.

mod payments;
pub(crate) mod site;

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};
use frontdesk_engine::access::password;
use frontdesk_kernel::{
    Clock, Id, Scope, Secret, Timestamp,
    agent::{Agent, AgentSpec},
    booking::{self, Appointment, AppointmentStatus, Service, Staff},
    contact::{AddressKind, Contact},
    ids::*,
    money::Money,
    ports::channel::Address,
    profile::{Hours, Profile},
    tenant::{Tenant, TenantSettings},
};
use frontdesk_store::{agents, calendar, channels, contacts, people, tenants, tills, work};
use serde::Deserialize;

use crate::{
    app::App,
    clock::SystemClock,
    random::{self, RandomIds},
    seed,
};

const OWNER: &str = "owner@salon-aurora.example";
const TENANT: &str = "tnt_demo";

/// What the terminal says about it.
pub(crate) struct Opened {
    pub(crate) name: String,
    pub(crate) owner: &'static str,
    /// Only at the first opening of a data folder.
    pub(crate) one_time_password: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Salon {
    tenant: About,
    profile: Profile,
    services: Vec<DemoService>,
    staff: Vec<DemoStaff>,
    contacts: Vec<DemoContact>,
    appointments: Vec<DemoAppointment>,
    payments: Vec<payments::DemoPayment>,
    channels: Vec<DemoChannel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    name: String,
    business_type: String,
    time_zone: String,
    language: String,
    currency: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoService {
    key: String,
    name: String,
    #[serde(default)]
    description: String,
    price: String,
    duration_minutes: u32,
    #[serde(default)]
    buffer_before_minutes: u32,
    #[serde(default)]
    buffer_after_minutes: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoStaff {
    key: String,
    name: String,
    #[serde(default)]
    specialties: Vec<String>,
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    hours: Option<Hours>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoContact {
    phone: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    facts: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoAppointment {
    /// 0 = the first open day after today.
    day_offset: usize,
    time: jiff::civil::Time,
    service: String,
    staff: String,
    contact: String,
    #[serde(default)]
    notes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DemoChannel {
    kind: String,
    account: String,
    name: String,
    #[serde(default)]
    phone: Option<String>,
    mock: bool,
    #[serde(default)]
    settings: serde_json::Map<String, serde_json::Value>,
}

/// Opens the salon, or finds it open.
pub(crate) async fn open(app: &App) -> Result<Opened> {
    let salon: Salon = toml::from_str(include_str!("salon.toml")).context("the demo's own data")?;
    let scope = Scope::of(TenantId::parse(TENANT)?);
    let s = scope.clone();
    let name = salon.tenant.name.clone();
    if app.db.read(&scope, work!(tx => tenants::get(tx, &s).await)).await?.is_some() {
        return Ok(Opened { name, owner: OWNER, one_time_password: None });
    }
    let one_time = random::text(12);
    let now = SystemClock.now();
    let (line, asked) = furnish(app, &scope, salon, &one_time, now).await?;
    payments::ask_back(app, &line, &asked, now).await?;
    Ok(Opened { name, owner: OWNER, one_time_password: Some(one_time) })
}

async fn furnish(
    app: &App,
    scope: &Scope,
    salon: Salon,
    one_time: &str,
    now: Timestamp,
) -> Result<(channels::Channel, payments::Asked)> {
    let tenant = Tenant {
        id: scope.tenant().clone(),
        name: salon.tenant.name,
        business_type: salon.tenant.business_type,
        time_zone: salon.tenant.time_zone,
        language: salon.tenant.language,
        currency: salon.tenant.currency,
        profile: salon.profile,
        settings: TenantSettings::default(),
        active: true,
        created_at: now,
        updated_at: now,
    };
    let services = services(salon.services, &tenant.currency, now)?;
    let staff = staff(salon.staff, &services, now)?;
    let people_known = contacts_of(salon.contacts, now);
    let appointments = appointments(salon.appointments, &tenant, &services, &staff, &people_known, now)?;
    let agent =
        Agent { id: Id::new(&RandomIds, now), name: "Aurora".into(), is_default: true, version: 1, spec: AgentSpec::default() };
    let mut lines = vec![seed::new_channel(&tenant.id, "api", tenant.id.as_str(), &tenant.name, now)];
    for c in salon.channels {
        let mut channel = seed::new_channel(&tenant.id, &c.kind, &c.account, &c.name, now);
        channel.mock = c.mock;
        channel.settings = c.settings;
        if let Some(phone) = c.phone {
            channel.settings.insert("display_phone_number".into(), phone.into());
        }
        let secret = if c.kind == "webchat" { "identity_secret" } else { "verify_token" };
        seed::seal(&app.vault, scope, &mut channel, secret, &Secret::new(random::text(24)));
        lines.push(channel);
    }
    let whatsapp = lines.iter().find(|c| c.kind == "whatsapp").context("the demo has no WhatsApp")?.clone();
    let (paid, asked) = payments::made(salon.payments, &whatsapp, &services, &people_known, now)?;
    let till = payments::till(&app.vault, scope, now);
    let owner = people::Person {
        id: Id::new(&RandomIds, now),
        email: OWNER.into(),
        name: "Owner".into(),
        password_hash: password::hash(one_time, random::bytes()),
        operator: false,
        active: true,
        language: None,
        must_change_password: true,
        created_at: now,
    };
    let s = scope.clone();
    app.db
        .write(
            &frontdesk_kernel::scope::Server,
            work!(tx => {
                tenants::insert(tx, &s, &tenant).await?;
                agents::insert(tx, &s, &agent, now).await?;
                for (i, (_, service)) in services.iter().enumerate() {
                    calendar::put_service(tx, &s, service, i as i64, now).await?;
                }
                for (i, (_, person)) in staff.iter().enumerate() {
                    calendar::put_staff(tx, &s, person, i as i64, now).await?;
                }
                for (phone, contact) in &people_known {
                    contacts::insert(tx, &s, contact).await?;
                    let address = Address { kind: AddressKind::Phone, value: phone.clone() };
                    contacts::add_address(tx, &s, &contact.id, &address, now).await?;
                }
                for appointment in &appointments {
                    calendar::insert(tx, &s, appointment, None).await?;
                }
                for line in &lines {
                    channels::insert(tx, &s, line).await?;
                }
                tills::put(tx, &s, &till).await?;
                for one in &paid {
                    payments::keep(tx, &s, one).await?;
                }
                people::insert(tx, &frontdesk_kernel::scope::Server, &owner).await?;
                people::set_role(tx, &s, &owner.id, "owner", now).await
            }),
        )
        .await?;
    Ok((whatsapp, asked))
}

type Keyed<T> = Vec<(String, T)>;

fn services(demo: Vec<DemoService>, currency: &str, now: Timestamp) -> Result<Keyed<Service>> {
    demo.into_iter()
        .map(|d| {
            let price = Money::parse(&d.price, currency).with_context(|| format!("price {} of {}", d.price, d.key))?;
            let service = Service {
                id: Id::new(&RandomIds, now),
                name: d.name,
                duration_minutes: d.duration_minutes,
                buffer_before_minutes: d.buffer_before_minutes,
                buffer_after_minutes: d.buffer_after_minutes,
                price: Some(price),
                description: d.description,
                active: true,
            };
            Ok((d.key, service))
        })
        .collect()
}

fn staff(demo: Vec<DemoStaff>, services: &Keyed<Service>, now: Timestamp) -> Result<Keyed<Staff>> {
    demo.into_iter()
        .map(|d| {
            let given = d.services.iter().map(|key| find(services, key).map(|s| s.id.clone())).collect::<Result<_>>()?;
            let person = Staff {
                id: Id::new(&RandomIds, now),
                name: d.name,
                specialties: d.specialties,
                services: given,
                hours: d.hours,
                away: Vec::new(),
                location: None,
                active: true,
            };
            Ok((d.key, person))
        })
        .collect()
}

fn contacts_of(demo: Vec<DemoContact>, now: Timestamp) -> Keyed<Contact> {
    demo.into_iter()
        .map(|d| (d.phone, Contact { name: d.name, facts: d.facts, ..Contact::stranger(Id::new(&RandomIds, now), now) }))
        .collect()
}

fn appointments(
    demo: Vec<DemoAppointment>,
    tenant: &Tenant,
    services: &Keyed<Service>,
    staff: &Keyed<Staff>,
    people: &Keyed<Contact>,
    now: Timestamp,
) -> Result<Vec<Appointment>> {
    let team: Vec<Staff> = staff.iter().map(|(_, s)| s.clone()).collect();
    let none = Vec::new();
    let open = booking::Calendar::of(tenant, &team, &none, now).map_err(|e| anyhow!("{e:?}"))?;
    let mut made = Vec::new();
    for d in demo {
        let mut day = open.today();
        for _ in 0..=d.day_offset {
            day = booking::next_open_day(&open, day.tomorrow()?).context("no open day")?;
        }
        let start = Timestamp::from_local(day.to_datetime(d.time), &open.zone).context("no such time")?;
        let (service, person) = (find(services, &d.service)?, find(staff, &d.staff)?);
        let minutes = |n: u32| std::time::Duration::from_secs(u64::from(n) * 60);
        let end = start.plus(minutes(service.duration_minutes));
        made.push(Appointment {
            id: Id::new(&RandomIds, now),
            contact: find(people, &d.contact)?.id.clone(),
            service: Some(service.id.clone()),
            title: service.name.clone(),
            staff: Some(person.id.clone()),
            starts_at: start,
            ends_at: end,
            blocked_from: start.minus(minutes(service.buffer_before_minutes)),
            blocked_to: end.plus(minutes(service.buffer_after_minutes)),
            status: AppointmentStatus::Confirmed,
            notes: d.notes,
            location: None,
            reason: None,
            created_at: now,
            updated_at: now,
        });
    }
    Ok(made)
}

fn find<'a, T>(all: &'a Keyed<T>, key: &str) -> Result<&'a T> {
    all.iter()
        .find(|(k, _)| k == key)
        .map(|(_, t)| t)
        .with_context(|| format!("the demo's data name `{key}`, which is not there"))
}
