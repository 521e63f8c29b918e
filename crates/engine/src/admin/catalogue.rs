//! Services and staff as the owner writes them: the list replaces what is there, who has the same name stays the same.

use std::collections::HashSet;

use frontdesk_kernel::{
    Scope,
    booking::{Service, Staff, normalise},
    ids::ServiceId,
    money::Money,
    profile::{Hours, Profile},
};
use frontdesk_store::{Result, Tx, calendar, calendar::Listed};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::{check, refused};
use crate::Desk;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewService {
    /// For references in the same file.
    #[serde(default)]
    pub key: Option<String>,
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Decimal text (or a number) in the business's currency.
    #[serde(default, deserialize_with = "text_or_number")]
    pub price: Option<String>,
    pub duration_minutes: u32,
    #[serde(default)]
    pub buffer_before_minutes: u32,
    #[serde(default)]
    pub buffer_after_minutes: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewStaff {
    #[serde(default)]
    pub key: Option<String>,
    pub name: String,
    #[serde(default)]
    pub specialties: Vec<String>,
    /// Keys, names or ids of services; empty = all.
    #[serde(default)]
    pub services: Vec<String>,
    /// Absent = the business's.
    #[serde(default)]
    pub hours: Option<Hours>,
}

/// Stores the lists that were given.
pub(super) async fn replace(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    currency: &str,
    services: Option<&[NewService]>,
    staff: Option<&[NewStaff]>,
) -> Result<()> {
    let mut keys = Vec::new();
    if let Some(given) = services {
        let known = items(calendar::all_services(tx, scope).await?);
        let (now_there, named) = merge_services(desk, currency, given, known)?;
        for (i, service) in now_there.iter().enumerate() {
            calendar::put_service(tx, scope, service, i as i64, desk.now()).await?;
        }
        keys = named;
    }
    if let Some(given) = staff {
        let services = calendar::services(tx, scope).await?;
        let known = items(calendar::all_staff(tx, scope).await?);
        for (i, person) in merge_staff(desk, given, known, &services, &keys)?.iter().enumerate() {
            calendar::put_staff(tx, scope, person, i as i64, desk.now()).await?;
        }
    }
    Ok(())
}

fn items<T>(listed: Vec<Listed<T>>) -> Vec<T> {
    listed.into_iter().map(|l| l.item).collect()
}

type Keys = Vec<(String, ServiceId)>;

/// The given ones in their order, then the withdrawn ones.
fn merge_services(desk: &Desk, currency: &str, given: &[NewService], mut known: Vec<Service>) -> Result<(Vec<Service>, Keys)> {
    all_different("services", given.iter().map(|s| s.name.as_str()))?;
    all_different("services", given.iter().filter_map(|s| s.key.as_deref()))?;
    let (mut merged, mut keys) = (Vec::new(), Vec::new());
    for (i, s) in given.iter().enumerate() {
        let name = check::line(&format!("services[{i}].name"), &s.name, 120)?;
        let price = match s.price.as_deref().map(str::trim).filter(|p| !p.is_empty()) {
            Some(text) => Some(Money::parse(text, currency).ok_or_else(|| {
                refused(format!("services[{i}].price: `{text}` is not an amount of {currency}; write for example 48000"))
            })?),
            None => None,
        };
        for (member, minutes, low) in [
            ("duration_minutes", s.duration_minutes, 1),
            ("buffer_before_minutes", s.buffer_before_minutes, 0),
            ("buffer_after_minutes", s.buffer_after_minutes, 0),
        ] {
            if !(low..=24 * 60).contains(&minutes) {
                return Err(refused(format!("services[{i}].{member}: {minutes} is not between {low} and 1440")));
            }
        }
        let id = take_by_name(&mut known, &name, |k| &k.name).map_or_else(|| desk.id(), |k| k.id);
        keys.extend(s.key.clone().map(|key| (key, id.clone())));
        merged.push(Service {
            id,
            name,
            duration_minutes: s.duration_minutes,
            buffer_before_minutes: s.buffer_before_minutes,
            buffer_after_minutes: s.buffer_after_minutes,
            price,
            description: s.description.trim().to_owned(),
            active: true,
        });
    }
    merged.extend(known.into_iter().map(|withdrawn| Service { active: false, ..withdrawn }));
    Ok((merged, keys))
}

fn merge_staff(desk: &Desk, given: &[NewStaff], mut known: Vec<Staff>, services: &[Service], keys: &Keys) -> Result<Vec<Staff>> {
    all_different("staff", given.iter().map(|s| s.name.as_str()))?;
    let mut merged = Vec::new();
    for (i, s) in given.iter().enumerate() {
        let name = check::line(&format!("staff[{i}].name"), &s.name, 120)?;
        let gives = s.services.iter().map(|wanted| service(wanted, services, keys, i)).collect::<Result<_>>()?;
        if let Some(hours) = &s.hours
            && let Some(problem) = (Profile { hours: hours.clone(), ..Profile::default() }).problems().first()
        {
            return Err(refused(format!("staff[{i}].{problem}")));
        }
        let was = take_by_name(&mut known, &name, |k| &k.name);
        let (away, location) = was.as_ref().map(|k| (k.away.clone(), k.location.clone())).unwrap_or_default();
        merged.push(Staff {
            id: was.map_or_else(|| desk.id(), |k| k.id),
            name,
            specialties: s.specialties.clone(),
            services: gives,
            hours: s.hours.clone(),
            away,
            location,
            active: true,
        });
    }
    merged.extend(known.into_iter().map(|left| Staff { active: false, ..left }));
    Ok(merged)
}

fn service(wanted: &str, services: &[Service], keys: &Keys, staff: usize) -> Result<ServiceId> {
    let by_key = keys.iter().find(|(key, _)| key == wanted).map(|(_, id)| id);
    let by_name = || services.iter().find(|s| s.id.as_str() == wanted || normalise(&s.name) == normalise(wanted)).map(|s| &s.id);
    by_key.or_else(by_name).cloned().ok_or_else(|| {
        let names: Vec<&str> = services.iter().map(|s| s.name.as_str()).collect();
        let known = if names.is_empty() { "none; give them with --services".to_owned() } else { names.join(", ") };
        refused(format!("staff[{staff}].services: there is no service `{wanted}` (services: {known})"))
    })
}

fn take_by_name<T>(known: &mut Vec<T>, name: &str, name_of: impl Fn(&T) -> &str) -> Option<T> {
    let at = known.iter().position(|k| normalise(name_of(k)) == normalise(name))?;
    Some(known.remove(at))
}

fn all_different<'n>(what: &str, names: impl Iterator<Item = &'n str>) -> Result<()> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(normalise(name)) {
            return Err(refused(format!("{what}: `{name}` is there twice")));
        }
    }
    Ok(())
}

fn text_or_number<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(d)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        other => Err(de::Error::custom(format!("price: {other} is neither a text nor a number"))),
    }
}
