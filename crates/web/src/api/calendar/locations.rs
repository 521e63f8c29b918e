//! Branches of the business.

use axum::extract::State;
use frontdesk_engine::events::Event;
use frontdesk_kernel::{ids::LocationId, location::Location};
use frontdesk_store::{
    appointments::{self, Needed},
    audit, calendar, locations, work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{checks, services::room};
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Page, Patch, Path, Problem, Time},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(reorder)).routes(routes!(show, update, delete))
}

/// A branch.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Location)]
pub(crate) struct LocationView {
    id: LocationId,
    name: String,
    address: String,
    phone: String,
    /// IANA zone; `null` = that of the business.
    time_zone: Option<String>,
    active: bool,
    created_at: Time,
    updated_at: Time,
}

impl From<Location> for LocationView {
    fn from(l: Location) -> Self {
        LocationView {
            id: l.id,
            name: l.name,
            address: l.address,
            phone: l.phone,
            time_zone: l.time_zone,
            active: l.active,
            created_at: l.created_at.into(),
            updated_at: l.updated_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLocation {
    name: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    time_zone: Option<String>,
    #[serde(default = "yes")]
    active: bool,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedLocation {
    #[serde(default)]
    name: Patch<String>,
    #[serde(default)]
    address: Patch<String>,
    #[serde(default)]
    phone: Patch<String>,
    #[serde(default)]
    time_zone: Patch<String>,
    #[serde(default)]
    active: Patch<bool>,
}

/// All branches, in their new order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocationOrder {
    ids: Vec<LocationId>,
}

fn yes() -> bool {
    true
}

fn checked(l: Location, others: &[Location]) -> Result<Location, Problem> {
    let name = checks::line("name", &l.name, 120)?;
    checks::other_name(&name, others.iter().filter(|o| o.id != l.id).map(|o| o.name.as_str()))?;
    Ok(Location {
        name,
        address: checks::text("address", &l.address, 500)?,
        phone: checks::text("phone", &l.phone, 60)?,
        time_zone: l.time_zone.map(|zone| checks::time_zone("time_zone", &zone)).transpose()?,
        ..l
    })
}

/// Branches in the owner's order; a person who is limited to some sees those.
#[utoipa::path(get, path = "/locations", tag = "locations", responses((status = 200, body = Page<LocationView>)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<Page<LocationView>>, Problem> {
    caller.require("location:read")?;
    let s = caller.scope.clone();
    let mut found = web.desk.db.read(&caller.scope, work!(tx => locations::all(tx, &s).await)).await?;
    found.retain(|l| caller.sees(Some(&l.id)));
    Ok(Found(Page { items: found, next: None }.map(LocationView::from)))
}

/// One branch.
#[utoipa::path(get, path = "/locations/{id}", tag = "locations", params(("id" = LocationId, Path)), responses((status = 200, body = LocationView)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<LocationId>,
) -> Result<Found<LocationView>, Problem> {
    caller.require("location:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => locations::get(tx, &s, &id).await)).await?;
    let one = found.filter(|l| caller.sees(Some(&l.id))).ok_or_else(|| Problem::not_found("location"))?;
    let at = one.updated_at;
    Ok(Found::tagged(one.into(), at))
}

/// Adds a branch at the end of the list.
#[utoipa::path(post, path = "/locations", tag = "locations", request_body = NewLocation, responses((status = 201, body = LocationView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewLocation>,
) -> Result<Created<LocationView>, Problem> {
    caller.require("location:write")?;
    everywhere(&caller)?;
    let (s, now) = (caller.scope.clone(), web.desk.now());
    let location = Location {
        id: web.desk.id(),
        name: new.name,
        address: new.address,
        phone: new.phone,
        time_zone: new.time_zone,
        active: new.active,
        created_at: now,
        updated_at: now,
    };
    let (c, w) = (caller.clone(), web.clone());
    let made = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let all = locations::all(tx, &s).await?;
                let location = match room(all.len()).and_then(|()| checked(location, &all)) {
                    Ok(location) => location,
                    Err(problem) => return Ok(Err(problem)),
                };
                locations::insert(tx, &s, &location).await?;
                let detail = json!({ "name": location.name });
                audit::write(tx, &s, &c.entry(&w, "location.create", location.id.as_str(), detail)).await?;
                Ok(Ok(location))
            }),
        )
        .await??;
    changed(&web, &caller, &made.id);
    Ok(Created::at(format!("/api/v1/locations/{}", made.id), made.into()).tagged(now))
}

/// Only who works everywhere makes, orders and removes branches.
fn everywhere(caller: &Caller) -> Result<(), Problem> {
    match caller.locations() {
        None => Ok(()),
        Some(_) => Err(Problem::forbidden("other_location", "You are limited to some locations.")),
    }
}

/// Changes what is given.
#[utoipa::path(patch, path = "/locations/{id}", tag = "locations", request_body = ChangedLocation, params(("id" = LocationId, Path)), responses((status = 200, body = LocationView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<LocationId>,
    Body(change): Body<ChangedLocation>,
) -> Result<Found<LocationView>, Problem> {
    caller.require("location:write")?;
    if !caller.sees(Some(&id)) {
        return Err(Problem::not_found("location"));
    }
    let s = caller.scope.clone();
    let (c, w) = (caller.clone(), web.clone());
    let is = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let all = locations::all(tx, &s).await?;
                let Some(was) = all.iter().find(|l| l.id == id) else { return Ok(Err(Problem::not_found("location"))) };
                let now = checks::after(was.updated_at, w.desk.now());
                let merged = c.if_match(was.updated_at).and_then(|()| merge(was.clone(), change));
                let is = match merged.and_then(|l| checked(Location { updated_at: now, ..l }, &all)) {
                    Ok(is) => is,
                    Err(problem) => return Ok(Err(problem)),
                };
                locations::update(tx, &s, &is).await?;
                let detail = json!({ "name": is.name });
                audit::write(tx, &s, &c.entry(&w, "location.update", id.as_str(), detail)).await?;
                Ok(Ok(is))
            }),
        )
        .await??;
    changed(&web, &caller, &is.id);
    let at = is.updated_at;
    Ok(Found::tagged(is.into(), at))
}

fn merge(was: Location, change: ChangedLocation) -> Result<Location, Problem> {
    Ok(Location {
        name: checks::kept("name", change.name)?.unwrap_or(was.name),
        address: change.address.over(Some(was.address)).unwrap_or_default(),
        phone: change.phone.over(Some(was.phone)).unwrap_or_default(),
        time_zone: change.time_zone.over(was.time_zone),
        active: checks::kept("active", change.active)?.unwrap_or(was.active),
        ..Location { name: String::new(), address: String::new(), phone: String::new(), time_zone: None, ..was }
    })
}

/// Puts the branches in another order.
#[utoipa::path(put, path = "/locations/order", tag = "locations", request_body = LocationOrder, responses((status = 200, body = Page<LocationView>)))]
pub(crate) async fn reorder(
    State(web): State<Web>,
    caller: Caller,
    Body(order): Body<LocationOrder>,
) -> Result<Found<Page<LocationView>>, Problem> {
    caller.require("location:write")?;
    everywhere(&caller)?;
    let s = caller.scope.clone();
    let (c, w) = (caller.clone(), web.clone());
    let found = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let all = locations::all(tx, &s).await?;
                let known: Vec<LocationId> = all.iter().map(|l| l.id.clone()).collect();
                if let Err(problem) = checks::order(&order.ids, &known) {
                    return Ok(Err(problem));
                }
                for (position, id) in order.ids.iter().enumerate() {
                    let last = all.iter().find(|l| l.id == *id).map(|l| l.updated_at).unwrap_or_default();
                    locations::set_position(tx, &s, id, position as i64, checks::after(last, w.desk.now())).await?;
                }
                audit::write(tx, &s, &c.entry(&w, "location.reorder", "", json!({}))).await?;
                Ok(Ok(locations::all(tx, &s).await?))
            }),
        )
        .await??;
    if let Some(first) = found.first() {
        changed(&web, &caller, &first.id);
    }
    Ok(Found(Page { items: found, next: None }.map(LocationView::from)))
}

/// Removes a branch where nobody works and nothing is booked.
#[utoipa::path(delete, path = "/locations/{id}", tag = "locations", params(("id" = LocationId, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, caller: Caller, Path(id): Path<LocationId>) -> Result<Deleted, Problem> {
    caller.require("location:write")?;
    everywhere(&caller)?;
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let (c, w) = (caller.clone(), web.clone());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let Some(was) = locations::get(tx, &s, &wanted).await? else { return Ok(Err(Problem::not_found("location"))) };
                if let Err(problem) = c.if_match(was.updated_at) {
                    return Ok(Err(problem));
                }
                let (staff, channels) = locations::users(tx, &s, &wanted).await?;
                let booked = appointments::upcoming(tx, &s, Needed::Location(&wanted), w.desk.now()).await?;
                if staff + channels + booked > 0 {
                    let detail = format!(
                        "{staff} of the staff, {channels} channels and {booked} coming appointments are there: move them first, or close the location."
                    );
                    return Ok(Err(Problem::conflict("in_use", detail)));
                }
                locations::delete(tx, &s, &wanted).await?;
                audit::write(tx, &s, &c.entry(&w, "location.delete", wanted.as_str(), json!({ "name": was.name }))).await?;
                Ok(Ok(()))
            }),
        )
        .await??;
    changed(&web, &caller, &id);
    Ok(Deleted)
}

fn changed(web: &Web, caller: &Caller, id: &LocationId) {
    web.desk.directory.invalidate();
    web.desk.events.tell(caller.scope.tenant(), Event::new("location.changed", id.as_str()));
}
