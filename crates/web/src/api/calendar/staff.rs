//! Staff: who gives which services, when they work, when they are away, and where.

use axum::extract::State;
use frontdesk_engine::events::Event;
use frontdesk_kernel::{
    booking::{Absence, Service, Staff},
    ids::{LocationId, ServiceId, StaffId},
    location::Location,
    profile::Hours,
};
use frontdesk_store::{
    Result as Stored, Tx,
    appointments::{self, Needed},
    audit, calendar,
    calendar::Listed,
    locations, work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    checks::{self, NewHours},
    services::room,
};
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Page, Patch, Path, Problem, Time},
};

const ABSENCES: usize = 200;
const LONGEST_ABSENCE_MS: i64 = 400 * 24 * 3600 * 1000;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(reorder)).routes(routes!(show, update, delete))
}

/// Somebody who gives services.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Staff)]
pub(crate) struct StaffView {
    id: StaffId,
    name: String,
    specialties: Vec<String>,
    /// Services they give; empty = all.
    services: Vec<ServiceId>,
    /// Their own hours; `null` = those of the business.
    hours: Option<Hours>,
    absences: Vec<AbsenceView>,
    location: Option<LocationId>,
    active: bool,
    position: i64,
    updated_at: Time,
}

/// Time in which they cannot be booked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Absence)]
pub(crate) struct AbsenceView {
    from: Time,
    to: Time,
    #[serde(default)]
    reason: String,
}

impl From<Listed<Staff>> for StaffView {
    fn from(l: Listed<Staff>) -> Self {
        let s = l.item;
        let absence = |a: Absence| AbsenceView { from: a.from.into(), to: a.to.into(), reason: a.reason };
        StaffView {
            id: s.id,
            name: s.name,
            specialties: s.specialties,
            services: s.services,
            hours: s.hours,
            absences: s.away.into_iter().map(absence).collect(),
            location: s.location,
            active: s.active,
            position: l.position,
            updated_at: l.updated_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStaff {
    name: String,
    #[serde(default)]
    specialties: Vec<String>,
    /// Services they give; empty = all.
    #[serde(default)]
    services: Vec<ServiceId>,
    /// Their own hours; absent = those of the business.
    #[serde(default)]
    hours: Option<NewHours>,
    #[serde(default)]
    absences: Vec<AbsenceView>,
    #[serde(default)]
    location: Option<LocationId>,
    #[serde(default = "yes")]
    active: bool,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedStaff {
    #[serde(default)]
    name: Patch<String>,
    #[serde(default)]
    specialties: Patch<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<Vec<ServiceId>>)]
    services: Patch<Vec<ServiceId>>,
    #[serde(default)]
    hours: Patch<NewHours>,
    #[serde(default)]
    absences: Patch<Vec<AbsenceView>>,
    #[serde(default)]
    location: Patch<LocationId>,
    #[serde(default)]
    active: Patch<bool>,
}

/// Everybody, in their new order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffOrder {
    ids: Vec<StaffId>,
}

fn yes() -> bool {
    true
}

/// What a person of the staff may refer to.
struct Lists {
    all: Vec<Listed<Staff>>,
    services: Vec<Listed<Service>>,
    locations: Vec<Location>,
}

async fn lists(tx: &mut Tx, s: &frontdesk_kernel::Scope) -> Stored<Lists> {
    calendar::lock(tx, s).await?;
    Ok(Lists {
        all: calendar::all_staff(tx, s).await?,
        services: calendar::all_services(tx, s).await?,
        locations: locations::all(tx, s).await?,
    })
}

fn checked(person: Staff, lists: &Lists) -> Result<Staff, Problem> {
    let name = checks::line("name", &person.name, 120)?;
    checks::other_name(&name, lists.all.iter().filter(|l| l.item.id != person.id).map(|l| l.item.name.as_str()))?;
    if person.specialties.len() > 50 {
        return Err(Problem::field("specialties", "at most 50"));
    }
    let specialty = |(i, text): (usize, &String)| checks::line(&format!("specialties[{i}]"), text, 120);
    let specialties = person.specialties.iter().enumerate().map(specialty).collect::<Result<_, _>>()?;
    for (i, id) in person.services.iter().enumerate() {
        if !lists.services.iter().any(|l| l.item.id == *id) {
            return Err(Problem::field(format!("services[{i}]"), "there is no such service"));
        }
        if person.services[..i].contains(id) {
            return Err(Problem::field(format!("services[{i}]"), "is there twice"));
        }
    }
    if person.location.as_ref().is_some_and(|id| !lists.locations.iter().any(|l| l.id == *id)) {
        return Err(Problem::field("location", "there is no such location"));
    }
    Ok(Staff { name, specialties, ..person })
}

fn absences(given: Vec<AbsenceView>) -> Result<Vec<Absence>, Problem> {
    if given.len() > ABSENCES {
        return Err(Problem::field("absences", format!("at most {ABSENCES}")));
    }
    let mut read = Vec::with_capacity(given.len());
    for (i, a) in given.into_iter().enumerate() {
        let (from, to) = (a.from.0, a.to.0);
        if to <= from {
            return Err(Problem::field(format!("absences[{i}].to"), "is not after `from`"));
        }
        if to.0 - from.0 > LONGEST_ABSENCE_MS {
            return Err(Problem::field(
                format!("absences[{i}].to"),
                "is more than 400 days after `from`; rather switch the person off",
            ));
        }
        read.push(Absence { from, to, reason: checks::text(&format!("absences[{i}].reason"), &a.reason, 200)? });
    }
    read.sort_by_key(|a| a.from);
    Ok(read)
}

/// Staff in the owner's order, also those who are switched off.
#[utoipa::path(get, path = "/staff", tag = "staff", responses((status = 200, body = Page<StaffView>)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<Page<StaffView>>, Problem> {
    caller.require("staff:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => calendar::all_staff(tx, &s).await)).await?;
    Ok(Found(Page { items: found, next: None }.map(StaffView::from)))
}

/// One person.
#[utoipa::path(get, path = "/staff/{id}", tag = "staff", params(("id" = StaffId, Path)), responses((status = 200, body = StaffView)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<StaffId>) -> Result<Found<StaffView>, Problem> {
    caller.require("staff:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => calendar::all_staff(tx, &s).await)).await?;
    let one = found.into_iter().find(|l| l.item.id == id).ok_or_else(|| Problem::not_found("person of the staff"))?;
    let at = one.updated_at;
    Ok(Found::tagged(one.into(), at))
}

/// Adds a person at the end of the list.
#[utoipa::path(post, path = "/staff", tag = "staff", request_body = NewStaff, responses((status = 201, body = StaffView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewStaff>,
) -> Result<Created<StaffView>, Problem> {
    caller.require("staff:write")?;
    let person = Staff {
        id: web.desk.id(),
        name: new.name,
        specialties: new.specialties,
        services: new.services,
        hours: new.hours.map(|h| h.checked("hours")).transpose()?,
        away: absences(new.absences)?,
        location: new.location,
        active: new.active,
    };
    let (s, now) = (caller.scope.clone(), web.desk.now());
    let (c, w) = (caller.clone(), web.clone());
    let made = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let lists = lists(tx, &s).await?;
                let person = match room(lists.all.len()).and_then(|()| checked(person, &lists)) {
                    Ok(person) => person,
                    Err(problem) => return Ok(Err(problem)),
                };
                let position = lists.all.iter().map(|l| l.position + 1).max().unwrap_or(0);
                calendar::put_staff(tx, &s, &person, position, now).await?;
                let detail = json!({ "name": person.name });
                audit::write(tx, &s, &c.entry(&w, "staff.create", person.id.as_str(), detail)).await?;
                Ok(Ok(Listed { item: person, position, updated_at: now }))
            }),
        )
        .await??;
    changed(&web, &caller, &made.item.id);
    Ok(Created::at(format!("/api/v1/staff/{}", made.item.id), made.into()).tagged(now))
}

/// Changes what is given; `absences` replaces the whole list.
#[utoipa::path(patch, path = "/staff/{id}", tag = "staff", request_body = ChangedStaff, params(("id" = StaffId, Path)), responses((status = 200, body = StaffView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<StaffId>,
    Body(change): Body<ChangedStaff>,
) -> Result<Found<StaffView>, Problem> {
    caller.require("staff:write")?;
    let s = caller.scope.clone();
    let (c, w) = (caller.clone(), web.clone());
    let is = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let lists = lists(tx, &s).await?;
                let Some(was) = lists.all.iter().find(|l| l.item.id == id) else {
                    return Ok(Err(Problem::not_found("person of the staff")));
                };
                let now = checks::after(was.updated_at, w.desk.now());
                let merged = c.if_match(was.updated_at).and_then(|()| merge(was.item.clone(), change));
                let is = match merged.and_then(|person| checked(person, &lists)) {
                    Ok(is) => is,
                    Err(problem) => return Ok(Err(problem)),
                };
                calendar::put_staff(tx, &s, &is, was.position, now).await?;
                let detail = json!({ "name": is.name });
                audit::write(tx, &s, &c.entry(&w, "staff.update", id.as_str(), detail)).await?;
                Ok(Ok(Listed { item: is, position: was.position, updated_at: now }))
            }),
        )
        .await??;
    changed(&web, &caller, &is.item.id);
    let at = is.updated_at;
    Ok(Found::tagged(is.into(), at))
}

fn merge(was: Staff, change: ChangedStaff) -> Result<Staff, Problem> {
    let hours = match change.hours {
        Patch::Keep => was.hours,
        Patch::Clear => None,
        Patch::Set(hours) => Some(hours.checked("hours")?),
    };
    let away = match change.absences {
        Patch::Keep => was.away,
        Patch::Clear => Vec::new(),
        Patch::Set(given) => absences(given)?,
    };
    Ok(Staff {
        id: was.id,
        name: checks::kept("name", change.name)?.unwrap_or(was.name),
        specialties: change.specialties.over(Some(was.specialties)).unwrap_or_default(),
        services: change.services.over(Some(was.services)).unwrap_or_default(),
        hours,
        away,
        location: change.location.over(was.location),
        active: checks::kept("active", change.active)?.unwrap_or(was.active),
    })
}

/// Puts the staff in another order.
#[utoipa::path(put, path = "/staff/order", tag = "staff", request_body = StaffOrder, responses((status = 200, body = Page<StaffView>)))]
pub(crate) async fn reorder(
    State(web): State<Web>,
    caller: Caller,
    Body(order): Body<StaffOrder>,
) -> Result<Found<Page<StaffView>>, Problem> {
    caller.require("staff:write")?;
    let s = caller.scope.clone();
    let (c, w) = (caller.clone(), web.clone());
    let found = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let all = lists(tx, &s).await?.all;
                let known: Vec<StaffId> = all.iter().map(|l| l.item.id.clone()).collect();
                if let Err(problem) = checks::order(&order.ids, &known) {
                    return Ok(Err(problem));
                }
                for l in &all {
                    let position = order.ids.iter().position(|id| *id == l.item.id).unwrap_or_default() as i64;
                    if position != l.position {
                        calendar::put_staff(tx, &s, &l.item, position, checks::after(l.updated_at, w.desk.now())).await?;
                    }
                }
                audit::write(tx, &s, &c.entry(&w, "staff.reorder", "", json!({}))).await?;
                Ok(Ok(calendar::all_staff(tx, &s).await?))
            }),
        )
        .await??;
    if let Some(first) = found.first() {
        changed(&web, &caller, &first.item.id);
    }
    Ok(Found(Page { items: found, next: None }.map(StaffView::from)))
}

/// Removes a person who has no coming appointments.
#[utoipa::path(delete, path = "/staff/{id}", tag = "staff", params(("id" = StaffId, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, caller: Caller, Path(id): Path<StaffId>) -> Result<Deleted, Problem> {
    caller.require("staff:write")?;
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let (c, w) = (caller.clone(), web.clone());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let all = lists(tx, &s).await?.all;
                let Some(was) = all.iter().find(|l| l.item.id == wanted) else {
                    return Ok(Err(Problem::not_found("person of the staff")));
                };
                if let Err(problem) = c.if_match(was.updated_at) {
                    return Ok(Err(problem));
                }
                let needed = appointments::upcoming(tx, &s, Needed::Staff(&wanted), w.desk.now()).await?;
                if needed > 0 {
                    let detail = format!("{needed} coming appointments are with them: move or cancel these, or switch the person off.");
                    return Ok(Err(Problem::conflict("in_use", detail)));
                }
                calendar::delete_staff(tx, &s, &wanted).await?;
                let detail = json!({ "name": was.item.name });
                audit::write(tx, &s, &c.entry(&w, "staff.delete", wanted.as_str(), detail)).await?;
                Ok(Ok(()))
            }),
        )
        .await??;
    changed(&web, &caller, &id);
    Ok(Deleted)
}

fn changed(web: &Web, caller: &Caller, id: &StaffId) {
    web.desk.directory.invalidate();
    web.desk.events.tell(caller.scope.tenant(), Event::new("staff.changed", id.as_str()));
}
