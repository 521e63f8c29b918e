//! Invitations to the team.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontdesk_engine::{
    access::invitations::{self, New, Written},
    events::Event,
};
use frontdesk_kernel::{Timestamp, ids::*, member::Role, scope::Server};
use frontdesk_store::{audit, invitations as stored, invitations::Invitation, people, work};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    members::{self, List},
    text,
};
use crate::{
    Web,
    kit::{Body, Caller, Deleted, Found, Page, Path, Problem, Query, ShownOnce, Time},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke)).routes(routes!(resend))
}

#[derive(Serialize, ToSchema)]
struct InvitationView {
    id: InvitationId,
    email: String,
    role: Role,
    /// Empty = everywhere.
    locations: Vec<LocationId>,
    invited_by: String,
    created_at: Time,
    expires_at: Time,
    /// It can still be accepted.
    valid: bool,
}

fn view(i: Invitation, now: Timestamp) -> InvitationView {
    InvitationView {
        id: i.id,
        email: i.email,
        role: Role::parse(&i.role).unwrap_or(Role::Viewer),
        locations: i.locations,
        invited_by: i.invited_by,
        created_at: i.created_at.into(),
        expires_at: i.expires_at.into(),
        valid: i.expires_at > now,
    }
}

/// An invitation with its link, when no mail carries it.
#[derive(Serialize, ToSchema)]
#[schema(as = SentInvitation)]
struct Sent {
    invitation: InvitationView,
    mailed: bool,
    /// Shown only now; absent when it was mailed.
    link: Option<String>,
}

fn sent(web: &Web, status: StatusCode, written: Written) -> Response {
    let mailed = written.is_mailed();
    if mailed {
        web.desk.wake.mail.notify_one();
    }
    let link = (!mailed).then_some(written.link);
    let body = Sent { invitation: view(written.invitation, web.desk.now()), mailed, link };
    let mut response = (status, Json(body)).into_response();
    response.extensions_mut().insert(ShownOnce);
    response
}

/// Invitations that nobody has answered, newest first.
#[utoipa::path(get, path = "/invitations", tag = "team", params(List), responses((status = 200, body = Page<InvitationView>, description = "A page.")))]
async fn list(State(web): State<Web>, caller: Caller, Query(q): Query<List>) -> Result<Found<Page<InvitationView>>, Problem> {
    caller.require("member:read")?;
    let window = web.window::<(Timestamp, InvitationId)>(&caller, "invitations", q.cursor.as_deref(), q.limit)?;
    let (s, after, limit, now) = (caller.scope.clone(), window.after, window.limit, web.desk.now());
    let found = web.desk.db.read(&caller.scope, work!(tx => stored::list(tx, &s, after, limit + 1).await)).await?;
    let page = web.page(&caller, "invitations", limit, found, |i: &Invitation| (i.created_at, i.id.clone()));
    Ok(Found(page.map(|i| view(i, now))))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    email: String,
    role: Role,
    /// Empty = everywhere.
    #[serde(default)]
    locations: Vec<LocationId>,
}

/// Invite somebody. The mail (or the link, when no mail is sent) is valid for seven days and works once.
#[utoipa::path(post, path = "/invitations", tag = "team", request_body = NewInvitation,
    responses((status = 201, body = Sent, description = "Invited.")))]
async fn create(State(web): State<Web>, caller: Caller, Body(new): Body<NewInvitation>) -> Result<Response, Problem> {
    caller.require("member:write")?;
    let email = text::email("email", &new.email)?;
    members::giver(&caller).may_give(new.role, &new.locations)?;
    members::known_locations(&web, &caller, &new.locations).await?;
    if new.role == Role::Owner && !new.locations.is_empty() {
        return Err(Problem::field("locations", "an owner works everywhere"));
    }
    let by = inviter(&web, &caller).await?;
    let new = New { email, role: new.role, locations: new.locations, by };
    let written = invitations::write(&web.desk, &caller.scope, new).await?;
    let detail = json!({ "email": written.invitation.email, "role": written.invitation.role });
    let entry = caller.entry(&web, "invitation.create", written.invitation.id.as_str(), detail);
    let s = caller.scope.clone();
    let (posted, written) = web
        .desk
        .db
        .write(
            &Server,
            work!(tx => {
                let posted = invitations::post(tx, &s, &written).await?;
                if posted.is_ok() {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok((posted, written))
            }),
        )
        .await?;
    posted?;
    web.desk.events.tell(caller.scope.tenant(), Event::new("invitation.changed", written.invitation.id.as_str()));
    Ok(sent(&web, StatusCode::CREATED, written))
}

/// Who the mail says invites.
async fn inviter(web: &Web, caller: &Caller) -> Result<String, Problem> {
    let Some(id) = caller.person().cloned() else { return Ok("frontdesk".to_owned()) };
    let person = web.desk.db.read(&Server, work!(tx => people::get(tx, &Server, &id).await)).await?;
    Ok(person.map_or_else(|| "frontdesk".to_owned(), |p| p.name))
}

/// Withdraw an invitation: its link opens nothing any more.
#[utoipa::path(delete, path = "/invitations/{id}", tag = "team", params(("id" = InvitationId, Path)),
    responses((status = 204, description = "Withdrawn.")))]
async fn revoke(State(web): State<Web>, caller: Caller, Path(id): Path<InvitationId>) -> Result<Deleted, Problem> {
    caller.require("member:write")?;
    let (s, i, now) = (caller.scope.clone(), id.clone(), web.desk.now());
    let entry = caller.entry(&web, "invitation.delete", id.as_str(), json!({}));
    let ended = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let ended = stored::end(tx, &s, &i, "revoked", now).await?;
                if ended {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(ended)
            }),
        )
        .await?;
    if !ended {
        return Err(Problem::not_found("invitation"));
    }
    web.desk.events.tell(caller.scope.tenant(), Event::new("invitation.changed", id.as_str()));
    Ok(Deleted)
}

/// Send it again with a new link; the old one stops working.
#[utoipa::path(post, path = "/invitations/{id}/resend", tag = "team", params(("id" = InvitationId, Path)),
    responses((status = 200, body = Sent, description = "On its way again.")))]
async fn resend(State(web): State<Web>, caller: Caller, Path(id): Path<InvitationId>) -> Result<Response, Problem> {
    caller.require("member:write")?;
    let (s, i) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => stored::get(tx, &s, &i).await)).await?;
    let is = found.filter(|i| i.outcome.is_none()).ok_or_else(|| Problem::not_found("invitation"))?;
    let role = Role::parse(&is.role).unwrap_or(Role::Owner);
    members::giver(&caller).may_give(role, &is.locations)?;
    let written = invitations::renew(&web.desk, &caller.scope, is).await?;
    let entry = caller.entry(&web, "invitation.resend", id.as_str(), json!({}));
    let s = caller.scope.clone();
    let (posted, written) = web
        .desk
        .db
        .write(
            &Server,
            work!(tx => {
                let posted = invitations::post_again(tx, &s, &written).await?;
                if posted {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok((posted, written))
            }),
        )
        .await?;
    if posted { Ok(sent(&web, StatusCode::OK, written)) } else { Err(Problem::not_found("invitation")) }
}
