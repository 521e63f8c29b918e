//! Businesses: who they are, what they tell about themselves, their own limits.

use std::{collections::BTreeMap, sync::Arc};

use frontdesk_kernel::{
    Id, Scope,
    ids::UserId,
    member::Role,
    profile::Profile,
    scope::Server,
    tenant::{AGENT_ROLES, ApprovalTemplate, Tenant, TenantSettings},
};
use frontdesk_store::{Result, Tx, agents, audit::Entry, calendar, channels, people, tenants, work};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Secrets, business,
    catalogue::{self, NewService, NewStaff},
    check, one, refused, scope, seal, write_down,
};
use crate::Desk;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    List,
    Get,
    Create(Box<Change>),
    Update(Box<Change>),
    Delete,
}

/// What is given changes; what is absent stays.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    pub name: Option<String>,
    pub business_type: Option<String>,
    pub time_zone: Option<String>,
    pub language: Option<String>,
    pub currency: Option<String>,
    pub active: Option<bool>,
    /// Members of the profile; each one given replaces the old one.
    pub profile: Option<Map<String, Value>>,
    pub services: Option<Vec<NewService>>,
    pub staff: Option<Vec<NewStaff>>,
    /// Members of `TenantSettings`; `None` = the server's own again.
    pub settings: BTreeMap<String, Option<u64>>,
    /// What the agent may do where it acts for nobody: a role; empty = what staff may.
    pub agent_role: Option<String>,
    /// To whom a request goes when nobody has decided; empty = to everybody who may.
    pub escalate_to: Option<Vec<UserId>>,
    /// What may be sent about a request to members who have not written lately; without a name = nothing.
    pub approval_template: Option<ApprovalTemplate>,
    /// API keys by model vendor.
    pub model_keys: Secrets,
    /// Name of the first agent; only for a new business.
    pub agent_name: Option<String>,
}

/// Members who can be named for what nobody decides about.
const NAMED: usize = 10;

/// A business's own limits and what they may be.
const SETTINGS: [(&str, u64, u64); 9] = [
    ("burst_wait_ms", 0, 60_000),
    ("burst_max_ms", 0, 600_000),
    ("history_limit", 0, 1000),
    ("turn_timeout_s", 5, 3600),
    ("turn_token_budget", 0, 1_000_000_000),
    ("daily_token_budget", 0, 1_000_000_000_000),
    ("contact_messages_per_hour", 0, 1_000_000),
    // A week.
    ("approval_minutes", 5, 10_080),
    ("escalation_minutes", 0, 10_079),
];

pub(super) async fn execute(desk: &Arc<Desk>, named: Option<&str>, action: Action, by: Option<Entry>) -> Result<Value> {
    match action {
        Action::List => {
            let all = desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
            Ok(json!({ "tenants": all.iter().map(summary).collect::<Vec<_>>() }))
        }
        Action::Get => {
            let scope = scope(&one(desk, named).await?.id);
            let s = scope.clone();
            desk.db.read(&scope, work!(tx => shown(tx, &s).await)).await
        }
        Action::Create(change) => create(desk, *change, by).await,
        Action::Update(change) => update(desk, &one(desk, named).await?, *change, by).await,
        Action::Delete => {
            let named = named.ok_or_else(|| refused("name the business to delete"))?;
            let tenant = one(desk, Some(named)).await?;
            let (scope, now) = (scope(&tenant.id), desk.now());
            let s = scope.clone();
            desk.db.write(&scope, work!(tx => tenants::delete(tx, &s, now).await)).await?;
            Ok(json!({ "deleted": tenant.id, "name": tenant.name }))
        }
    }
}

async fn create(desk: &Arc<Desk>, change: Change, by: Option<Entry>) -> Result<Value> {
    let name = change.name.clone().ok_or_else(|| refused("a business needs a name"))?;
    if desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?.iter().any(|t| t.name == name) {
        return Err(refused(format!("there is a business called `{name}` already: choose another name, or update that one")));
    }
    let now = desk.now();
    let tenant = Tenant {
        id: desk.id(),
        name: String::new(),
        business_type: "business".to_owned(),
        time_zone: "UTC".to_owned(),
        language: "en".to_owned(),
        currency: "USD".to_owned(),
        profile: Profile { hours: business::usual_hours(), ..Profile::default() },
        settings: TenantSettings::default(),
        active: true,
        created_at: now,
        updated_at: now,
    };
    let tenant = changed(tenant, &change)?;
    let agent = check::line("agent name", change.agent_name.as_deref().unwrap_or("Assistant"), 120)?;
    let (d, scope) = (desk.clone(), Scope::of(tenant.id.clone()));
    let s = scope.clone();
    desk.db
        .write(
            &scope,
            work!(tx => {
                business::open(tx, d.ids.as_ref(), &tenant, &agent, now).await?;
                store_parts(tx, &d, &s, &tenant, &change).await?;
                write_down(tx, &s, &by, tenant.id.as_str()).await?;
                shown(tx, &s).await
            }),
        )
        .await
}

async fn update(desk: &Arc<Desk>, tenant: &Tenant, change: Change, by: Option<Entry>) -> Result<Value> {
    if change.agent_name.is_some() {
        return Err(refused("an agent is renamed with `frontdesk agent update`"));
    }
    let (d, scope, now) = (desk.clone(), scope(&tenant.id), desk.now());
    let s = scope.clone();
    desk.db
        .write(&scope, work!(tx => {
            let before = tenants::get(tx, &s).await?.ok_or_else(|| refused("the business was deleted meanwhile"))?;
            let currency = before.currency.clone();
            let mut tenant = changed(before, &change)?;
            let priced = currency != tenant.currency && change.services.is_none()
                && calendar::services(tx, &s).await?.iter().any(|service| service.price.is_some());
            if priced {
                let new = &tenant.currency;
                return Err(refused(format!("services have prices in {currency}: remove those first, or give them in {new} with the same change")));
            }
            tenant.updated_at = now;
            tenants::update(tx, &s, &tenant).await?;
            store_parts(tx, &d, &s, &tenant, &change).await?;
            write_down(tx, &s, &by, tenant.id.as_str()).await?;
            shown(tx, &s).await
        }))
        .await
}

/// The tenant with the change applied; everything wrong with it in one refusal.
fn changed(mut tenant: Tenant, change: &Change) -> Result<Tenant> {
    let set = |value: &mut String, given: &Option<String>, check: &dyn Fn(&str) -> Result<String>| -> Result<()> {
        if let Some(given) = given {
            *value = check(given)?;
        }
        Ok(())
    };
    set(&mut tenant.name, &change.name, &|t| check::line("name", t, 120))?;
    set(&mut tenant.business_type, &change.business_type, &|t| check::line("business type", t, 60))?;
    set(&mut tenant.time_zone, &change.time_zone, &check::time_zone)?;
    set(&mut tenant.language, &change.language, &check::language)?;
    set(&mut tenant.currency, &change.currency, &check::currency)?;
    tenant.active = change.active.unwrap_or(tenant.active);
    if let Some(given) = &change.profile {
        tenant.profile = profile(&tenant.profile, given)?;
    }
    tenant.settings = settings(&tenant.settings, &change.settings)?;
    if let Some(given) = change.agent_role.as_deref().map(str::trim) {
        tenant.settings.agent_role = match given {
            "" => None,
            name => {
                check::one_of("agent role", name, AGENT_ROLES.iter().map(|role| role.as_str()))?;
                Role::parse(name)
            }
        };
    }
    if let Some(people) = &change.escalate_to {
        if people.len() > NAMED || (1..people.len()).any(|i| people[..i].contains(&people[i])) {
            return Err(refused(format!("escalate_to: up to {NAMED} members, each once")));
        }
        tenant.settings.escalate_to.clone_from(people);
    }
    if let Some(template) = &change.approval_template {
        let wanted = |what: &str, text: &str, most: usize| -> Result<()> {
            let fine = text.len() <= most && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
            if fine && !text.is_empty() {
                Ok(())
            } else {
                Err(refused(format!("approval_template.{what}: as the vendor writes it")))
            }
        };
        if template.name.is_empty() {
            tenant.settings.approval_template = None;
        } else {
            wanted("name", &template.name, 512)?;
            wanted("language", &template.language, 15)?;
            tenant.settings.approval_template = Some(Box::new(template.clone()));
        }
    }
    Ok(tenant)
}

fn profile(before: &Profile, given: &Map<String, Value>) -> Result<Profile> {
    let mut whole = to_value(before);
    if let Value::Object(members) = &mut whole {
        members.extend(given.clone());
        // Written as `null`: as if it had never been there.
        members.retain(|_, value| !value.is_null());
    }
    let after: Profile = serde_json::from_value(whole).map_err(|e| refused(format!("profile: {e}")))?;
    let mut problems = Vec::new();
    check::strangers(&Value::Object(given.clone()), &to_value(&after), "", &mut problems);
    problems.extend(after.problems());
    if problems.is_empty() { Ok(after) } else { Err(refused(format!("profile: {}", problems.join("; ")))) }
}

fn settings(before: &TenantSettings, given: &BTreeMap<String, Option<u64>>) -> Result<TenantSettings> {
    let mut whole = to_value(before);
    for (name, value) in given {
        check::one_of("setting", name, SETTINGS.iter().map(|(known, ..)| *known))?;
        for (_, low, high) in SETTINGS.iter().filter(|(known, ..)| known == name) {
            if value.is_some_and(|v| !(*low..=*high).contains(&v)) {
                return Err(refused(format!("setting {name}: from {low} to {high}")));
            }
        }
        whole[name] = json!(value);
    }
    let after: TenantSettings = serde_json::from_value(whole).map_err(|e| refused(format!("settings: {e}")))?;
    // Also when only the other one changes.
    let told = after.escalation_minutes.is_some_and(|minutes| minutes > 0) && given.keys().any(|name| name.ends_with("_minutes"));
    if told && after.escalation_time().is_none() {
        let longest = after.approval_time().as_secs() / 60;
        return Err(refused(format!(
            "setting escalation_minutes: less than the {longest} minutes that a request waits, or 0 for never"
        )));
    }
    Ok(after)
}

async fn store_parts(tx: &mut Tx, desk: &Desk, scope: &Scope, tenant: &Tenant, change: &Change) -> Result<()> {
    catalogue::replace(tx, desk, scope, &tenant.currency, change.services.as_deref(), change.staff.as_deref()).await?;
    for person in change.escalate_to.iter().flatten() {
        if people::member_of(tx, scope, person).await?.is_none() {
            return Err(refused(format!("escalate_to: `{person}` does not work here")));
        }
    }
    for (vendor, secret) in &change.model_keys.0 {
        check::one_of("model vendor", vendor, desk.vendors.iter().map(|v| v.key))?;
        let sealed = secret.as_ref().map(|secret| seal(desk, scope, &format!("model_key/{vendor}"), secret));
        agents::set_model_key(tx, scope, vendor, sealed.as_deref(), desk.now()).await?;
    }
    Ok(())
}

fn summary(t: &Tenant) -> Value {
    json!({
        "id": t.id, "name": t.name, "business_type": t.business_type, "time_zone": t.time_zone, "language": t.language,
        "currency": t.currency, "active": t.active, "created_at": t.created_at.to_string(), "updated_at": t.updated_at.to_string(),
    })
}

async fn shown(tx: &mut Tx, scope: &Scope) -> Result<Value> {
    let tenant = tenants::get(tx, scope).await?.ok_or_else(|| refused("the business was deleted meanwhile"))?;
    let services = calendar::services(tx, scope).await?;
    let staff = calendar::staff(tx, scope).await?;
    let name_of = |id: &Id<_>| services.iter().find(|s| s.id == *id).map(|s| s.name.clone());
    let mut shown = summary(&tenant);
    shown["settings"] = to_value(&tenant.settings);
    shown["profile"] = to_value(&tenant.profile);
    shown["services"] = services
        .iter()
        .map(|s| {
            json!({
                "id": s.id, "name": s.name, "duration_minutes": s.duration_minutes, "buffer_before_minutes": s.buffer_before_minutes,
                "buffer_after_minutes": s.buffer_after_minutes, "price": s.price.as_ref().map(ToString::to_string), "description": s.description,
            })
        })
        .collect();
    shown["staff"] = staff
        .iter()
        .map(|s| {
            let gives: Vec<String> = s.services.iter().filter_map(name_of).collect();
            json!({ "id": s.id, "name": s.name, "specialties": s.specialties, "services": gives, "hours": s.hours })
        })
        .collect();
    shown["agents"] =
        agents::list(tx, scope).await?.iter().map(|a| json!({ "id": a.id, "name": a.name, "default": a.is_default })).collect();
    shown["channels"] = channels::list(tx, scope)
        .await?
        .iter()
        .map(|c| json!({ "id": c.id, "kind": c.kind, "account": c.account, "name": c.name }))
        .collect();
    shown["model_keys"] =
        agents::model_keys(tx, scope).await?.into_keys().map(|vendor| (vendor, json!("[set]"))).collect::<Map<_, _>>().into();
    Ok(shown)
}

/// Plain data with text keys: it always becomes JSON.
fn to_value(data: &impl Serialize) -> Value {
    serde_json::to_value(data).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_profile_keeps_the_members_that_are_not_given_and_forgets_the_null_ones() {
        let before =
            Profile { city: Some("Cali".into()), phone: Some("1".into()), hours: business::usual_hours(), ..Profile::default() };
        let after = profile(&before, &given(json!({ "address": "Calle 1", "phone": null }))).unwrap();
        assert_eq!((after.address.as_deref(), after.city.as_deref(), after.phone), (Some("Calle 1"), Some("Cali"), None));
        assert_eq!(after.hours, before.hours);
    }

    #[test]
    fn what_is_wrong_with_a_profile_is_told_by_path() {
        for (wrong, part) in [
            (json!({ "adress": "x" }), "adress: there is no such member; did you mean `address`?"),
            (json!({ "hours": { "monday": [{ "open": "12:00", "close": "09:00" }] } }), "hours.monday[0]: closes at"),
            (json!({ "hours": { "mondy": [] } }), "mondy"),
            (json!({ "appointments": { "slot_minutes": 0 } }), "appointments.slot_minutes: 0 is not between 1 and 1440"),
            (json!({ "hours": { "monday": [{ "open": "9h", "close": "10:00" }] } }), "HH:MM"),
        ] {
            let said = profile(&Profile::default(), &given(wrong)).unwrap_err().to_string();
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn settings_are_the_members_of_tenant_settings_within_limits() {
        let names = to_value(&TenantSettings::default());
        assert_eq!(names.as_object().unwrap().len(), SETTINGS.len());
        for (name, _, high) in SETTINGS {
            assert!(names.get(name).is_some(), "{name}");
            let long = TenantSettings { approval_minutes: Some(10_080), ..TenantSettings::default() };
            assert!(settings(&long, &[(name.to_owned(), Some(high))].into()).is_ok(), "{name}");
            assert!(settings(&long, &[(name.to_owned(), Some(high + 1))].into()).is_err(), "{name}");
        }
        let minutes = |name: &str, n: u64| BTreeMap::from([(name.to_owned(), Some(n))]);
        let short = settings(&TenantSettings::default(), &minutes("approval_minutes", 30)).unwrap();
        let said = settings(&short, &minutes("escalation_minutes", 30)).unwrap_err().to_string();
        assert!(said.contains("less than the 30 minutes"), "{said}");
        let told = settings(&short, &minutes("escalation_minutes", 29)).unwrap();
        assert!(
            settings(&told, &minutes("approval_minutes", 29)).is_err()
                && settings(&told, &minutes("escalation_minutes", 0)).is_ok()
        );
        let own = TenantSettings { history_limit: Some(3), ..TenantSettings::default() };
        assert_eq!(settings(&own, &[("history_limit".to_owned(), None)].into()).unwrap(), TenantSettings::default());
        let said = settings(&own, &[("histroy_limit".to_owned(), Some(1))].into()).unwrap_err().to_string();
        assert!(said.contains("did you mean `history_limit`?"), "{said}");
    }
}
