//! Services: what can be booked, how long it takes, what it costs.

use axum::extract::State;
use frontdesk_engine::events::Event;
use frontdesk_kernel::{booking::Service, ids::ServiceId, money::Money};
use frontdesk_store::{
    appointments::{self, Needed},
    audit, calendar,
    calendar::Listed,
    tenants, work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::checks;
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Page, Patch, Path, Problem, Time},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(reorder)).routes(routes!(show, update, delete))
}

/// Something that can be booked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Service)]
pub(crate) struct ServiceView {
    id: ServiceId,
    name: String,
    description: String,
    duration_minutes: u32,
    buffer_before_minutes: u32,
    buffer_after_minutes: u32,
    price: Option<Money>,
    /// Offered at present.
    active: bool,
    position: i64,
    updated_at: Time,
}

impl From<Listed<Service>> for ServiceView {
    fn from(l: Listed<Service>) -> Self {
        let s = l.item;
        ServiceView {
            id: s.id,
            name: s.name,
            description: s.description,
            duration_minutes: s.duration_minutes,
            buffer_before_minutes: s.buffer_before_minutes,
            buffer_after_minutes: s.buffer_after_minutes,
            price: s.price,
            active: s.active,
            position: l.position,
            updated_at: l.updated_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewService {
    name: String,
    #[serde(default)]
    description: String,
    duration_minutes: u32,
    /// Kept free before and after: preparation, cleaning.
    #[serde(default)]
    buffer_before_minutes: u32,
    #[serde(default)]
    buffer_after_minutes: u32,
    #[serde(default)]
    price: Option<NewPrice>,
    #[serde(default = "yes")]
    active: bool,
}

/// In the currency of the business.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPrice {
    minor: i64,
    currency: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[derive(Default)]
pub(crate) struct ChangedService {
    #[serde(default)]
    name: Patch<String>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    duration_minutes: Patch<u32>,
    #[serde(default)]
    buffer_before_minutes: Patch<u32>,
    #[serde(default)]
    buffer_after_minutes: Patch<u32>,
    #[serde(default)]
    price: Patch<NewPrice>,
    #[serde(default)]
    active: Patch<bool>,
}

/// Everything, in its new order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceOrder {
    ids: Vec<ServiceId>,
}

fn yes() -> bool {
    true
}

fn checked(s: Service, currency: &str) -> Result<Service, Problem> {
    if let Some(price) = &s.price {
        if price.currency != currency {
            return Err(Problem::field("price.currency", format!("the currency of this business is {currency}")));
        }
        if !(0..=1_000_000_000_000_000).contains(&price.minor) {
            return Err(Problem::field("price.minor", "is not a price"));
        }
    }
    Ok(Service {
        name: checks::line("name", &s.name, 120)?,
        description: checks::text("description", &s.description, 2000)?,
        duration_minutes: checks::minutes("duration_minutes", s.duration_minutes, 1)?,
        buffer_before_minutes: checks::minutes("buffer_before_minutes", s.buffer_before_minutes, 0)?,
        buffer_after_minutes: checks::minutes("buffer_after_minutes", s.buffer_after_minutes, 0)?,
        ..s
    })
}

impl From<NewPrice> for Money {
    fn from(p: NewPrice) -> Money {
        Money { minor: p.minor, currency: p.currency }
    }
}

/// Services in the owner's order, also those that are not offered at present.
#[utoipa::path(get, path = "/services", tag = "services", responses((status = 200, body = Page<ServiceView>)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<Page<ServiceView>>, Problem> {
    caller.require("service:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => calendar::all_services(tx, &s).await)).await?;
    Ok(Found(Page { items: found, next: None }.map(ServiceView::from)))
}

/// One service.
#[utoipa::path(get, path = "/services/{id}", tag = "services", params(("id" = ServiceId, Path)), responses((status = 200, body = ServiceView)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ServiceId>,
) -> Result<Found<ServiceView>, Problem> {
    caller.require("service:read")?;
    let s = caller.scope.clone();
    let found = web.desk.db.read(&caller.scope, work!(tx => calendar::all_services(tx, &s).await)).await?;
    let one = found.into_iter().find(|l| l.item.id == id).ok_or_else(|| Problem::not_found("service"))?;
    let at = one.updated_at;
    Ok(Found::tagged(one.into(), at))
}

/// Adds a service at the end of the list.
#[utoipa::path(post, path = "/services", tag = "services", request_body = NewService, responses((status = 201, body = ServiceView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewService>,
) -> Result<Created<ServiceView>, Problem> {
    caller.require("service:write")?;
    let (s, now) = (caller.scope.clone(), web.desk.now());
    let service = Service {
        id: web.desk.id(),
        name: new.name,
        duration_minutes: new.duration_minutes,
        buffer_before_minutes: new.buffer_before_minutes,
        buffer_after_minutes: new.buffer_after_minutes,
        price: new.price.map(Money::from),
        description: new.description,
        active: new.active,
    };
    let (c, w) = (caller.clone(), web.clone());
    let made = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let Some(tenant) = tenants::get(tx, &s).await? else { return Ok(Err(Problem::not_found("business"))) };
                let all = calendar::all_services(tx, &s).await?;
                let checked = checked(service, &tenant.currency)
                    .and_then(|service| {
                        checks::other_name(&service.name, all.iter().map(|l| l.item.name.as_str()))?;
                        room(all.len())?;
                        Ok(service)
                    });
                let service = match checked {
                    Ok(service) => service,
                    Err(problem) => return Ok(Err(problem)),
                };
                let position = all.iter().map(|l| l.position + 1).max().unwrap_or(0);
                calendar::put_service(tx, &s, &service, position, now).await?;
                let detail = json!({ "name": service.name });
                audit::write(tx, &s, &c.entry(&w, "service.create", service.id.as_str(), detail)).await?;
                Ok(Ok(Listed { item: service, position, updated_at: now }))
            }),
        )
        .await??;
    changed(&web, &caller, &made.item.id);
    Ok(Created::at(format!("/api/v1/services/{}", made.item.id), made.into()).tagged(now))
}

/// Refuses an endless list.
pub(super) fn room(there: usize) -> Result<(), Problem> {
    if there < checks::MOST {
        Ok(())
    } else {
        Err(Problem::conflict("too_many", format!("A business has at most {} of these.", checks::MOST)))
    }
}

/// Changes what is given.
#[utoipa::path(patch, path = "/services/{id}", tag = "services", request_body = ChangedService, params(("id" = ServiceId, Path)), responses((status = 200, body = ServiceView)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ServiceId>,
    Body(change): Body<ChangedService>,
) -> Result<Found<ServiceView>, Problem> {
    caller.require("service:write")?;
    let s = caller.scope.clone();
    let (c, w) = (caller.clone(), web.clone());
    let is = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let Some(tenant) = tenants::get(tx, &s).await? else { return Ok(Err(Problem::not_found("business"))) };
                let all = calendar::all_services(tx, &s).await?;
                let Some(was) = all.iter().find(|l| l.item.id == id) else { return Ok(Err(Problem::not_found("service"))) };
                let now = checks::after(was.updated_at, w.desk.now());
                let merged = c.if_match(was.updated_at).and_then(|()| merge(was.item.clone(), change, &tenant.currency)).and_then(|is| {
                    checks::other_name(&is.name, all.iter().filter(|l| l.item.id != id).map(|l| l.item.name.as_str()))?;
                    Ok(is)
                });
                let is = match merged {
                    Ok(is) => is,
                    Err(problem) => return Ok(Err(problem)),
                };
                calendar::put_service(tx, &s, &is, was.position, now).await?;
                let detail = json!({ "name": is.name });
                audit::write(tx, &s, &c.entry(&w, "service.update", id.as_str(), detail)).await?;
                Ok(Ok(Listed { item: is, position: was.position, updated_at: now }))
            }),
        )
        .await??;
    changed(&web, &caller, &is.item.id);
    let at = is.updated_at;
    Ok(Found::tagged(is.into(), at))
}

fn merge(was: Service, change: ChangedService, currency: &str) -> Result<Service, Problem> {
    let is = Service {
        name: checks::kept("name", change.name)?.unwrap_or(was.name),
        description: change.description.over(Some(was.description)).unwrap_or_default(),
        duration_minutes: checks::kept("duration_minutes", change.duration_minutes)?.unwrap_or(was.duration_minutes),
        buffer_before_minutes: change.buffer_before_minutes.over(Some(was.buffer_before_minutes)).unwrap_or_default(),
        buffer_after_minutes: change.buffer_after_minutes.over(Some(was.buffer_after_minutes)).unwrap_or_default(),
        price: change.price.map(Money::from).over(was.price),
        active: checks::kept("active", change.active)?.unwrap_or(was.active),
        id: was.id,
    };
    checked(is, currency)
}

/// Puts the services in another order.
#[utoipa::path(put, path = "/services/order", tag = "services", request_body = ServiceOrder, responses((status = 200, body = Page<ServiceView>)))]
pub(crate) async fn reorder(
    State(web): State<Web>,
    caller: Caller,
    Body(order): Body<ServiceOrder>,
) -> Result<Found<Page<ServiceView>>, Problem> {
    caller.require("service:write")?;
    let s = caller.scope.clone();
    let (c, w) = (caller.clone(), web.clone());
    let found = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let all = calendar::all_services(tx, &s).await?;
                let known: Vec<ServiceId> = all.iter().map(|l| l.item.id.clone()).collect();
                if let Err(problem) = checks::order(&order.ids, &known) {
                    return Ok(Err(problem));
                }
                for l in &all {
                    let position = order.ids.iter().position(|id| *id == l.item.id).unwrap_or_default() as i64;
                    if position != l.position {
                        calendar::put_service(tx, &s, &l.item, position, checks::after(l.updated_at, w.desk.now())).await?;
                    }
                }
                audit::write(tx, &s, &c.entry(&w, "service.reorder", "", json!({}))).await?;
                Ok(Ok(calendar::all_services(tx, &s).await?))
            }),
        )
        .await??;
    if let Some(first) = found.first() {
        changed(&web, &caller, &first.item.id);
    }
    Ok(Found(Page { items: found, next: None }.map(ServiceView::from)))
}

/// Removes a service that no coming appointment needs; past appointments keep its name.
#[utoipa::path(delete, path = "/services/{id}", tag = "services", params(("id" = ServiceId, Path)), responses((status = 204)))]
pub(crate) async fn delete(State(web): State<Web>, caller: Caller, Path(id): Path<ServiceId>) -> Result<Deleted, Problem> {
    caller.require("service:write")?;
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let (c, w) = (caller.clone(), web.clone());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                calendar::lock(tx, &s).await?;
                let all = calendar::all_services(tx, &s).await?;
                let Some(was) = all.iter().find(|l| l.item.id == wanted) else { return Ok(Err(Problem::not_found("service"))) };
                if let Err(problem) = c.if_match(was.updated_at) {
                    return Ok(Err(problem));
                }
                let needed = appointments::upcoming(tx, &s, Needed::Service(&wanted), w.desk.now()).await?;
                if needed > 0 {
                    let detail = format!("{needed} coming appointments are for it: move or cancel them, or stop offering it.");
                    return Ok(Err(Problem::conflict("in_use", detail)));
                }
                let mut givers = calendar::all_staff(tx, &s).await?;
                givers.retain(|l| l.item.services.contains(&wanted));
                // An empty list means all services: nobody slides into that.
                if let Some(only) = givers.iter().find(|l| l.item.services.len() == 1) {
                    let detail = format!("It is the only service of {}: give them another one first.", only.item.name);
                    return Ok(Err(Problem::conflict("in_use", detail)));
                }
                for mut l in givers {
                    l.item.services.retain(|given| *given != wanted);
                    calendar::put_staff(tx, &s, &l.item, l.position, checks::after(l.updated_at, w.desk.now())).await?;
                }
                calendar::delete_service(tx, &s, &wanted).await?;
                let detail = json!({ "name": was.item.name });
                audit::write(tx, &s, &c.entry(&w, "service.delete", wanted.as_str(), detail)).await?;
                Ok(Ok(()))
            }),
        )
        .await??;
    changed(&web, &caller, &id);
    Ok(Deleted)
}

fn changed(web: &Web, caller: &Caller, id: &ServiceId) {
    web.desk.directory.invalidate();
    web.desk.events.tell(caller.scope.tenant(), Event::new("service.changed", id.as_str()));
}
