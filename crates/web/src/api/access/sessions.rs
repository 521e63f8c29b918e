//! Where one is signed in: each browser, and how to end its session.

use axum::extract::State;
use frontdesk_engine::access::sessions;
use frontdesk_kernel::{ids::SessionId, scope::Server};
use frontdesk_store::{sessions as stored, work};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Deleted, Found, Path, Problem, SignedIn, Time},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, end_others)).routes(routes!(end))
}

#[derive(Serialize, ToSchema)]
struct SessionInfo {
    id: SessionId,
    /// What the browser says of itself.
    device: String,
    /// Where it was seen last.
    address: String,
    created_at: Time,
    last_seen_at: Time,
    /// The one that asks.
    current: bool,
}

#[derive(Serialize, ToSchema)]
struct Sessions {
    items: Vec<SessionInfo>,
}

/// Where I am signed in, last seen first.
#[utoipa::path(get, path = "/sessions", tag = "account", responses((status = 200, body = Sessions, description = "Every browser.")))]
async fn list(State(web): State<Web>, who: SignedIn) -> Result<Found<Sessions>, Problem> {
    let (person, now) = (who.person.id.clone(), web.desk.now());
    let found = web.desk.db.read(&Server, work!(tx => stored::of_person(tx, &Server, &person, now).await)).await?;
    let info = |s: stored::Session| SessionInfo {
        current: s.id == who.session,
        id: s.id,
        device: s.device,
        address: s.address,
        created_at: s.created_at.into(),
        last_seen_at: s.last_seen_at.into(),
    };
    Ok(Found(Sessions { items: found.into_iter().map(info).collect() }))
}

/// End one of my sessions: that browser is signed out at once.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "account", params(("id" = SessionId, Path)),
    responses((status = 204, description = "Signed out there.")))]
async fn end(State(web): State<Web>, who: SignedIn, Path(id): Path<SessionId>) -> Result<Deleted, Problem> {
    sessions::end(&web.desk, &who.person.id, &id).await?;
    Ok(Deleted)
}

/// End all my sessions but this one.
#[utoipa::path(delete, path = "/sessions", tag = "account", responses((status = 204, description = "Signed out everywhere else.")))]
async fn end_others(State(web): State<Web>, who: SignedIn) -> Result<Deleted, Problem> {
    sessions::end_others(&web.desk, &who.person.id, &who.session).await?;
    Ok(Deleted)
}
