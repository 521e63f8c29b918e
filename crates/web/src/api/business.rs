//! The caller's business: what it tells about itself, who answers, whether that is an AI.

use axum::extract::State;
use frontdesk_engine::{
    admin::{self, tenant},
    directory::View,
    events::Event,
    models,
};
use frontdesk_kernel::{
    ids::{AgentId, TenantId},
    profile::{AppointmentRules, Hours},
    tenant::Tenant,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Body, Caller, Found, Patch, Problem, Time},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show, update))
}

/// A business as its people see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Business {
    id: TenantId,
    name: String,
    /// `salon`, `clinic`, `restaurant` …
    business_type: String,
    /// IANA name.
    time_zone: String,
    /// BCP 47.
    language: String,
    /// ISO 4217.
    currency: String,
    address: Option<String>,
    city: Option<String>,
    state: Option<String>,
    country: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    website: Option<String>,
    payment_methods: Vec<String>,
    promotions: Vec<String>,
    hours: Hours,
    appointments: AppointmentRules,
    agents: Vec<Answerer>,
    /// Restored and not yet released: nothing is answered or sent.
    paused: bool,
    active: bool,
    updated_at: Time,
}

/// Who answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Answerer {
    id: AgentId,
    name: String,
    default: bool,
    /// `false`: rules, not an AI.
    is_ai: bool,
    /// `vendor/model`, the first that is tried.
    model: Option<String>,
}

/// The business: name, zone, language, address and who answers.
#[utoipa::path(get, path = "/business", tag = "business", responses((status = 200, body = Business)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Found<Business>, Problem> {
    caller.require("business:read")?;
    let view = view_of(&web, &caller).await?;
    let at = view.tenant.updated_at;
    Ok(Found::tagged(told(&web, &view), at))
}

/// What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BusinessChange {
    name: Option<String>,
    business_type: Option<String>,
    time_zone: Option<String>,
    language: Option<String>,
    currency: Option<String>,
    #[serde(default)]
    address: Patch<String>,
    #[serde(default)]
    city: Patch<String>,
    #[serde(default)]
    state: Patch<String>,
    #[serde(default)]
    country: Patch<String>,
    #[serde(default)]
    phone: Patch<String>,
    #[serde(default)]
    email: Patch<String>,
    #[serde(default)]
    website: Patch<String>,
    payment_methods: Option<Vec<String>>,
    promotions: Option<Vec<String>>,
    appointments: Option<RulesChange>,
}

/// Rules for appointments, all of them.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulesChange {
    max_concurrent: u32,
    min_advance_hours: u32,
    default_duration_minutes: u32,
    slot_minutes: u32,
    max_advance_days: u32,
}

/// Changes what the business tells about itself.
#[utoipa::path(patch, path = "/business", tag = "business", request_body = BusinessChange, responses((status = 200, body = Business)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Body(change): Body<BusinessChange>,
) -> Result<Found<Business>, Problem> {
    caller.require("business:write")?;
    let before = view_of(&web, &caller).await?;
    caller.if_match(before.tenant.updated_at)?;
    let (profile, names) = profile_of(&change)?;
    let entry = caller.entry(&web, "business.update", "", json!({ "changed": names }));
    let change = tenant::Change {
        name: change.name,
        business_type: change.business_type,
        time_zone: change.time_zone,
        language: change.language,
        currency: change.currency,
        profile: Some(profile).filter(|p| !p.is_empty()),
        ..tenant::Change::default()
    };
    let action = admin::Action::Tenant(tenant::Action::Update(Box::new(change)));
    let request = admin::Request { tenant: Some(caller.scope.tenant().to_string()), action };
    admin::execute_for(&web.desk, request, Some(entry)).await?;
    web.desk.events.tell(caller.scope.tenant(), Event::new("business.changed", caller.scope.tenant().as_str()));
    let view = view_of(&web, &caller).await?;
    let at = view.tenant.updated_at;
    Ok(Found::tagged(told(&web, &view), at))
}

/// The members of the profile that change, and the names of all that changes.
fn profile_of(change: &BusinessChange) -> Result<(Map<String, Value>, Vec<&'static str>), Problem> {
    let mut profile = Map::new();
    let mut names = Vec::new();
    for (name, patch) in [
        ("address", &change.address),
        ("city", &change.city),
        ("state", &change.state),
        ("country", &change.country),
        ("phone", &change.phone),
        ("email", &change.email),
        ("website", &change.website),
    ] {
        let value = match patch {
            Patch::Keep => continue,
            Patch::Clear => Value::Null,
            Patch::Set(text) if text.trim().is_empty() => Value::Null,
            Patch::Set(text) if text.chars().count() > 300 => return Err(Problem::field(name, "at most 300 characters")),
            Patch::Set(text) => text.trim().into(),
        };
        names.push(name);
        profile.insert(name.to_owned(), value);
    }
    for (name, list) in [("payment_methods", &change.payment_methods), ("promotions", &change.promotions)] {
        let Some(list) = list else { continue };
        if list.len() > 50 || list.iter().any(|t| t.trim().is_empty() || t.chars().count() > 300) {
            return Err(Problem::field(name, "at most 50 texts of 1 to 300 characters"));
        }
        names.push(name);
        profile.insert(name.to_owned(), json!(list));
    }
    if let Some(rules) = &change.appointments {
        names.push("appointments");
        profile.insert("appointments".to_owned(), json!(rules));
    }
    for (name, given) in [
        ("name", &change.name),
        ("business_type", &change.business_type),
        ("time_zone", &change.time_zone),
        ("language", &change.language),
        ("currency", &change.currency),
    ] {
        if given.is_some() {
            names.push(name);
        }
    }
    Ok((profile, names))
}

pub(crate) async fn view_of(web: &Web, caller: &Caller) -> Result<std::sync::Arc<View>, Problem> {
    let found = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
    found.ok_or_else(|| Problem::not_found("business"))
}

fn told(web: &Web, view: &View) -> Business {
    let Tenant { id, name, business_type, time_zone, language, currency, profile: p, active, updated_at, .. } =
        view.tenant.clone();
    let default = view.agent([None, None]);
    let agents = view.agents.iter().map(|a| {
        let first = models::chain(&web.desk, &a.spec).first();
        Answerer {
            id: a.id.clone(),
            name: a.name.clone(),
            default: default.is_some_and(|d| d.id == a.id),
            is_ai: first.and_then(|c| web.desk.vendor(&c.vendor)).is_some_and(|v| v.model.about().is_ai),
            model: first.map(|c| format!("{}/{}", c.vendor, c.model)),
        }
    });
    Business {
        agents: agents.collect(),
        id,
        name,
        business_type,
        time_zone,
        language,
        currency,
        address: p.address,
        city: p.city,
        state: p.state,
        country: p.country,
        phone: p.phone,
        email: p.email,
        website: p.website,
        payment_methods: p.payment_methods,
        promotions: p.promotions,
        hours: p.hours,
        appointments: p.appointments,
        paused: web.desk.is_paused(),
        active,
        updated_at: updated_at.into(),
    }
}
