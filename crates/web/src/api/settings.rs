//! A business's own limits and model keys. What it does not set comes from the server.

mod template;

use std::collections::BTreeMap;

use axum::extract::State;
use frontdesk_engine::{
    admin::{self, Secrets, tenant},
    events::Event,
};
use frontdesk_kernel::{
    Secret,
    ids::UserId,
    member::Role,
    tenant::{AGENT_ROLES, APPROVAL_MINUTES, ApprovalTemplate, ESCALATION_MINUTES, TenantSettings},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::business::view_of;
use crate::{
    Web,
    kit::{Body, Caller, Deleted, Found, Patch, Path, Problem, Time},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show, update)).routes(routes!(set_key, forget_key))
}

/// One limit: what the business says, else what the server says.
#[derive(Serialize, ToSchema)]
pub(crate) struct Limit {
    own: Option<u64>,
    server: u64,
}

/// Limits and keys.
#[derive(Serialize, ToSchema)]
pub(crate) struct Settings {
    /// How long to wait for more of a burst of messages, in milliseconds.
    burst_wait_ms: Limit,
    /// The longest such wait.
    burst_max_ms: Limit,
    /// Messages that the model remembers.
    history_limit: Limit,
    /// The longest a turn may take, in seconds.
    turn_timeout_s: Limit,
    /// Model tokens of one turn.
    turn_token_budget: Limit,
    /// Model tokens in 24 hours; 0 = no limit.
    daily_token_budget: Limit,
    /// Messages of one contact in an hour before the bot falls silent.
    contact_messages_per_hour: Limit,
    /// Minutes that a request for approval waits for a yes or a no.
    approval_minutes: Limit,
    /// Minutes without a decision after which those who may decide are reminded by mail and by a task; 0 = never.
    escalation_minutes: Limit,
    /// To whom a request goes, one after another, when nobody has decided; empty: to everybody who may decide.
    escalate_to: Vec<UserId>,
    /// What is sent about a request to members who have not written lately; absent: nothing, they have mail and console.
    approval_template: Option<ApprovalTemplate>,
    /// What the agent may do where it acts for nobody; absent: what staff may.
    agent_role: Option<Role>,
    /// Roles that it may have.
    agent_roles: [Role; 3],
    /// Model vendors, and whether there is a key for each.
    model_keys: Vec<ModelKey>,
    updated_at: Time,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ModelKey {
    vendor: String,
    needs_key: bool,
    /// The business has one of its own.
    own: bool,
    /// The server has one that is used without it.
    server: bool,
}

/// Limits and model keys of the business. Keys themselves are never shown.
#[utoipa::path(get, path = "/settings", tag = "settings", responses((status = 200, body = Settings)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Found<Settings>, Problem> {
    caller.require("settings:read")?;
    told(&web, &caller).await
}

/// What is absent stays; `null` is the server's value again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsChange {
    #[serde(default)]
    burst_wait_ms: Patch<u64>,
    #[serde(default)]
    burst_max_ms: Patch<u64>,
    #[serde(default)]
    history_limit: Patch<u64>,
    #[serde(default)]
    turn_timeout_s: Patch<u64>,
    #[serde(default)]
    turn_token_budget: Patch<u64>,
    #[serde(default)]
    daily_token_budget: Patch<u64>,
    #[serde(default)]
    contact_messages_per_hour: Patch<u64>,
    #[serde(default)]
    approval_minutes: Patch<u64>,
    #[serde(default)]
    escalation_minutes: Patch<u64>,
    #[serde(default)]
    agent_role: Patch<Role>,
    /// Up to ten members; `null`: everybody who may decide.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    escalate_to: Patch<Vec<UserId>>,
    #[serde(default)]
    approval_template: Patch<ApprovalTemplate>,
}

/// Changes limits.
#[utoipa::path(patch, path = "/settings", tag = "settings", request_body = SettingsChange, responses((status = 200, body = Settings)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Body(change): Body<SettingsChange>,
) -> Result<Found<Settings>, Problem> {
    caller.require("settings:write")?;
    caller.if_match(view_of(&web, &caller).await?.tenant.updated_at)?;
    let mut settings = BTreeMap::new();
    for (name, patch) in [
        ("burst_wait_ms", change.burst_wait_ms),
        ("burst_max_ms", change.burst_max_ms),
        ("history_limit", change.history_limit),
        ("turn_timeout_s", change.turn_timeout_s),
        ("turn_token_budget", change.turn_token_budget),
        ("daily_token_budget", change.daily_token_budget),
        ("contact_messages_per_hour", change.contact_messages_per_hour),
        ("approval_minutes", change.approval_minutes),
        ("escalation_minutes", change.escalation_minutes),
    ] {
        if !patch.is_keep() {
            settings.insert(name.to_owned(), patch.over(None));
        }
    }
    let mut detail = json!({ "changed": settings });
    let agent_role = match change.agent_role.is_keep() {
        true => None,
        false => Some(change.agent_role.over(None)),
    };
    if let Some(role) = &agent_role {
        if role.is_some_and(|role| !AGENT_ROLES.contains(&role)) {
            return Err(Problem::field("agent_role", format!("one of {}", AGENT_ROLES.map(Role::as_str).join(", "))));
        }
        detail["changed"]["agent_role"] = json!(role);
    }
    let agent_role = agent_role.map(|role| role.map_or("", Role::as_str).to_owned());
    let escalate_to = (!change.escalate_to.is_keep()).then(|| change.escalate_to.over(None).unwrap_or_default());
    if let Some(people) = &escalate_to {
        detail["changed"]["escalate_to"] = json!(people);
    }
    if let Patch::Set(template) = &change.approval_template {
        template::check(&web, &caller, template).await?;
    }
    let approval_template = (!change.approval_template.is_keep()).then(|| {
        let none = ApprovalTemplate { name: String::new(), language: String::new() };
        change.approval_template.over(None).unwrap_or(none)
    });
    if let Some(template) = &approval_template {
        detail["changed"]["approval_template"] = json!(template.name);
    }
    let change = tenant::Change { settings, agent_role, escalate_to, approval_template, ..tenant::Change::default() };
    carry_out(&web, &caller, change, "settings.update", detail).await?;
    told(&web, &caller).await
}

/// A key of a model vendor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewModelKey {
    /// As the vendor gave it; it is sealed and never shown again.
    key: String,
}

/// Uses the business's own key with a model vendor.
#[utoipa::path(put, path = "/settings/model-keys/{vendor}", tag = "settings", params(("vendor" = String, Path)),
    request_body = NewModelKey, responses((status = 200, body = Settings)))]
pub(crate) async fn set_key(
    State(web): State<Web>,
    caller: Caller,
    Path(vendor): Path<String>,
    Body(new): Body<NewModelKey>,
) -> Result<Found<Settings>, Problem> {
    caller.require("settings:write")?;
    known(&web, &vendor)?;
    let key = new.key.trim();
    if !(8..=500).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Problem::field("key", "from 8 to 500 visible ASCII characters, as the vendor gave it"));
    }
    let model_keys = Secrets(BTreeMap::from([(vendor.clone(), Some(Secret::new(key)))]));
    let change = tenant::Change { model_keys, ..tenant::Change::default() };
    carry_out(&web, &caller, change, "model_key.set", json!({ "vendor": vendor })).await?;
    told(&web, &caller).await
}

/// Forgets it: the server's own is used again, when there is one.
#[utoipa::path(delete, path = "/settings/model-keys/{vendor}", tag = "settings", params(("vendor" = String, Path)),
    responses((status = 204)))]
pub(crate) async fn forget_key(State(web): State<Web>, caller: Caller, Path(vendor): Path<String>) -> Result<Deleted, Problem> {
    caller.require("settings:write")?;
    known(&web, &vendor)?;
    if !view_of(&web, &caller).await?.model_keys.contains_key(&vendor) {
        return Err(Problem::not_found("model key"));
    }
    let model_keys = Secrets(BTreeMap::from([(vendor.clone(), None)]));
    let change = tenant::Change { model_keys, ..tenant::Change::default() };
    carry_out(&web, &caller, change, "model_key.forget", json!({ "vendor": vendor })).await?;
    Ok(Deleted)
}

fn known(web: &Web, vendor: &str) -> Result<(), Problem> {
    web.desk.vendor(vendor).map(drop).ok_or_else(|| Problem::not_found("model vendor"))
}

async fn carry_out(
    web: &Web,
    caller: &Caller,
    change: tenant::Change,
    what: &str,
    detail: serde_json::Value,
) -> Result<(), Problem> {
    let entry = caller.entry(web, what, "", detail);
    let action = admin::Action::Tenant(tenant::Action::Update(Box::new(change)));
    let request = admin::Request { tenant: Some(caller.scope.tenant().to_string()), action };
    admin::execute_for(&web.desk, request, Some(entry)).await?;
    web.desk.events.tell(caller.scope.tenant(), Event::new("settings.changed", caller.scope.tenant().as_str()));
    Ok(())
}

async fn told(web: &Web, caller: &Caller) -> Result<Found<Settings>, Problem> {
    let view = view_of(web, caller).await?;
    let own: &TenantSettings = &view.tenant.settings;
    let server = &web.desk.settings;
    let of = |own: Option<u64>, server: u64| Limit { own, server };
    let keys = web.desk.vendors.iter().map(|v| ModelKey {
        vendor: v.key.to_owned(),
        needs_key: v.needs_key,
        own: view.model_keys.contains_key(v.key),
        server: server.model_servers.get(v.key).is_some_and(|s| s.key.is_some()),
    });
    let at = view.tenant.updated_at;
    let settings = Settings {
        burst_wait_ms: of(own.burst_wait_ms, server.burst_wait.as_millis() as u64),
        burst_max_ms: of(own.burst_max_ms, server.burst_max.as_millis() as u64),
        history_limit: of(own.history_limit.map(u64::from), u64::from(server.history_limit)),
        turn_timeout_s: of(own.turn_timeout_s, server.turn_timeout.as_secs()),
        turn_token_budget: of(own.turn_token_budget, server.limits.tokens),
        daily_token_budget: of(own.daily_token_budget, server.daily_token_budget),
        contact_messages_per_hour: of(own.contact_messages_per_hour.map(u64::from), u64::from(server.contact_messages_per_hour)),
        approval_minutes: of(own.approval_minutes.map(u64::from), u64::from(APPROVAL_MINUTES)),
        escalation_minutes: of(own.escalation_minutes.map(u64::from), u64::from(ESCALATION_MINUTES)),
        escalate_to: own.escalate_to.clone(),
        approval_template: own.approval_template.as_deref().cloned(),
        agent_role: own.agent_role,
        agent_roles: AGENT_ROLES,
        model_keys: keys.collect(),
        updated_at: at.into(),
    };
    Ok(Found::tagged(settings, at))
}
