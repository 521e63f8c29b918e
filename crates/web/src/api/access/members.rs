//! The team: who works here, as what, and where.

use axum::extract::State;
use frontdesk_engine::{
    access::members::{self, Change, Giver},
    events::Event,
};
use frontdesk_kernel::{
    Timestamp,
    ids::*,
    member::{PERMISSIONS, Role},
};
use frontdesk_store::{
    audit,
    member_numbers::{self, MemberNumber},
    people, work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::numbers::NumberView;
use crate::{
    Web,
    kit::{Body, Caller, Deleted, Found, Page, Path, Problem, Query, Time},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(show, update, remove)).routes(routes!(roles))
}

/// What the caller can give to others.
pub(super) fn giver(caller: &Caller) -> Giver {
    Giver::new(|p| caller.may(p), caller.locations())
}

#[derive(Serialize, ToSchema)]
struct MemberView {
    id: UserId,
    email: String,
    name: String,
    role: Role,
    /// Empty = everywhere.
    locations: Vec<LocationId>,
    /// Whether they may sign in at all.
    active: bool,
    joined_at: Time,
    /// While a browser of theirs is signed in.
    last_seen_at: Option<Time>,
    /// Where requests for approval reach them.
    number: Option<NumberView>,
}

impl MemberView {
    fn of(caller: &Caller, m: people::Member, numbers: &[MemberNumber], now: Timestamp) -> MemberView {
        MemberView {
            number: numbers.iter().find(|n| n.person == m.person).map(|n| NumberView::of(caller, n, now)),
            id: m.person,
            email: m.email,
            name: m.name,
            role: m.role,
            locations: m.locations,
            active: m.active,
            joined_at: m.joined_at.into(),
            last_seen_at: m.last_seen_at.map(Time::from),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct List {
    pub(super) cursor: Option<String>,
    pub(super) limit: Option<u32>,
}

/// Who works here, in the order of their coming.
#[utoipa::path(get, path = "/members", tag = "team", params(List), responses((status = 200, body = Page<MemberView>, description = "A page.")))]
async fn list(State(web): State<Web>, caller: Caller, Query(q): Query<List>) -> Result<Found<Page<MemberView>>, Problem> {
    caller.require("member:read")?;
    let window = web.window::<(Timestamp, UserId)>(&caller, "members", q.cursor.as_deref(), q.limit)?;
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let (found, numbers) = web
        .desk
        .db
        .read(&caller.scope, work!(tx => Ok((people::team(tx, &s, after, limit + 1).await?, member_numbers::all(tx, &s).await?))))
        .await?;
    let page = web.page(&caller, "members", limit, found, |m: &people::Member| (m.joined_at, m.person.clone()));
    let now = web.desk.now();
    Ok(Found(page.map(|m| MemberView::of(&caller, m, &numbers, now))))
}

/// One of them.
#[utoipa::path(get, path = "/members/{id}", tag = "team", params(("id" = UserId, Path)),
    responses((status = 200, body = MemberView, description = "The member.")))]
async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<UserId>) -> Result<Found<MemberView>, Problem> {
    caller.require("member:read")?;
    shown(&web, &caller, &id).await
}

async fn shown(web: &Web, caller: &Caller, id: &UserId) -> Result<Found<MemberView>, Problem> {
    let (s, id) = (caller.scope.clone(), id.clone());
    let (found, number) = web
        .desk
        .db
        .read(&caller.scope, work!(tx => Ok((people::member_of(tx, &s, &id).await?, member_numbers::get(tx, &s, &id).await?))))
        .await?;
    let view = |m| Found(MemberView::of(caller, m, number.as_slice(), web.desk.now()));
    found.map(view).ok_or_else(|| Problem::not_found("member"))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPlace {
    role: Option<Role>,
    /// Empty = everywhere.
    locations: Option<Vec<LocationId>>,
}

/// Change role or locations. Their sessions end, so that the next one begins with the new rights.
#[utoipa::path(patch, path = "/members/{id}", tag = "team", params(("id" = UserId, Path)), request_body = NewPlace,
    responses((status = 200, body = MemberView, description = "As it is now.")))]
async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<UserId>,
    Body(new): Body<NewPlace>,
) -> Result<Found<MemberView>, Problem> {
    caller.require("member:write")?;
    known_locations(&web, &caller, new.locations.as_deref().unwrap_or_default()).await?;
    let (s, by, me, now) = (caller.scope.clone(), giver(&caller), caller.person().cloned(), web.desk.now());
    let detail = json!({ "role": new.role, "locations": new.locations });
    let entry = caller.entry(&web, "member.update", id.as_str(), detail);
    let change = Change { role: new.role, locations: new.locations };
    let person = id.clone();
    let changed = web
        .desk
        .db
        .write(
            &frontdesk_kernel::scope::Server,
            work!(tx => {
                if let Err(refused) = members::change(tx, &s, &by, me.as_ref(), &person, &change, now).await? {
                    return Ok(Err(refused));
                }
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(()))
            }),
        )
        .await?;
    web.desk.events.tell(caller.scope.tenant(), Event::new("member.changed", id.as_str()));
    changed?;
    shown(&web, &caller, &id).await
}

/// Take somebody out of the business. They may still work elsewhere.
#[utoipa::path(delete, path = "/members/{id}", tag = "team", params(("id" = UserId, Path)),
    responses((status = 204, description = "Removed."), (status = 409, description = "It is the last owner.")))]
async fn remove(State(web): State<Web>, caller: Caller, Path(id): Path<UserId>) -> Result<Deleted, Problem> {
    // Leaving is everybody's right.
    if caller.person() != Some(&id) {
        caller.require("member:write")?;
    }
    let (s, by) = (caller.scope.clone(), giver(&caller));
    let entry = caller.entry(&web, "member.delete", id.as_str(), json!({}));
    let person = id.clone();
    let removed = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let removed = members::remove(tx, &s, &by, &person).await?;
                if removed.is_ok() {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(removed)
            }),
        )
        .await?;
    removed?;
    web.desk.events.tell(caller.scope.tenant(), Event::new("member.changed", id.as_str()));
    Ok(Deleted)
}

/// Refuses ids that are no locations of this business.
pub(super) async fn known_locations(web: &Web, caller: &Caller, wanted: &[LocationId]) -> Result<(), Problem> {
    if wanted.is_empty() {
        return Ok(());
    }
    let s = caller.scope.clone();
    let all = web.desk.db.read(&caller.scope, work!(tx => people::location_ids(tx, &s).await)).await?;
    match wanted.iter().position(|w| !all.contains(w)) {
        Some(i) => Err(Problem::field(format!("locations[{i}]"), "there is no such location")),
        None => Ok(()),
    }
}

/// Something that may be allowed.
#[derive(Serialize, ToSchema)]
struct PermissionView {
    /// `noun:verb`
    name: &'static str,
    /// For whoever ticks it.
    about: &'static str,
}

#[derive(Serialize, ToSchema)]
struct RoleView {
    name: Role,
    permissions: Vec<&'static str>,
    /// Whether the caller may give it.
    may_give: bool,
}

#[derive(Serialize, ToSchema)]
struct Roles {
    /// From most to least.
    roles: Vec<RoleView>,
    permissions: Vec<PermissionView>,
}

/// The four roles and every permission there is.
#[utoipa::path(get, path = "/roles", tag = "team", responses((status = 200, body = Roles, description = "All of them.")))]
async fn roles(caller: Caller) -> Result<Found<Roles>, Problem> {
    caller.require("member:read")?;
    let by = giver(&caller);
    let mine = caller.locations().unwrap_or_default().to_vec();
    let view = |role: Role| RoleView {
        name: role,
        permissions: role.permissions().collect(),
        may_give: caller.may("member:write") && by.may_give(role, &mine).is_ok(),
    };
    Ok(Found(Roles {
        roles: Role::ALL.into_iter().map(view).collect(),
        permissions: PERMISSIONS.iter().map(|p| PermissionView { name: p.name, about: p.about }).collect(),
    }))
}
