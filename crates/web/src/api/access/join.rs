//! Answering an invitation.

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use frontdesk_engine::{access::invitations, events::Event};
use frontdesk_kernel::{ids::TenantId, member::Role};
use frontdesk_store::invitations::Invitation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    knock::Knock,
    session::entered,
    setup::Link,
    text,
    view::{self, SessionView},
};
use crate::{
    Web,
    kit::{Body, Found, Problem, SignedIn},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(look)).routes(routes!(accept))
}

/// What somebody is invited to.
#[derive(Serialize, ToSchema)]
struct Invited {
    business: String,
    tenant: TenantId,
    email: String,
    role: Role,
    invited_by: String,
    /// The business's.
    language: String,
    /// They sign in here already: they sign in, then accept.
    known: bool,
}

/// What an invitation is about.
#[utoipa::path(post, path = "/join/look", tag = "session", security(()), request_body = Link,
    responses((status = 200, body = Invited, description = "What it is about."), (status = 410, description = "It was used, withdrawn, replaced or is too old.")))]
async fn look(State(web): State<Web>, _: Knock, Body(link): Body<Link>) -> Result<Found<Invited>, Problem> {
    let shown = invitations::look(&web.desk, &link.token).await?;
    let i = shown.invitation;
    Ok(Found(Invited {
        business: shown.business,
        tenant: i.tenant,
        email: i.email,
        role: Role::parse(&i.role).unwrap_or(Role::Viewer),
        invited_by: i.invited_by,
        language: shown.language,
        known: shown.known,
    }))
}

/// Somebody who is signed in accepts with the token alone; somebody new gives a name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Acceptance {
    token: String,
    name: Option<String>,
    #[schema(format = Password)]
    password: Option<String>,
}

/// Whoever is signed in, if anybody is.
struct Perhaps(Option<SignedIn>);

impl FromRequestParts<Web> for Perhaps {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Perhaps, Self::Rejection> {
        Ok(Perhaps(SignedIn::from_request_parts(parts, web).await.ok()))
    }
}

/// Accept an invitation.
#[utoipa::path(post, path = "/join", tag = "session", security(()), request_body = Acceptance,
    responses((status = 200, body = SessionView, description = "Accepted by whoever is signed in."), (status = 201, body = SessionView, description = "Accepted by somebody new, who is signed in now."), (status = 410, description = "It was used, withdrawn, replaced or is too old.")))]
async fn accept(
    State(web): State<Web>,
    Perhaps(who): Perhaps,
    Knock(visitor): Knock,
    Body(given): Body<Acceptance>,
) -> Result<Response, Problem> {
    match (given.name, given.password, who) {
        (Some(name), Some(password), _) => {
            let name = text::line("name", &name, 120)?;
            let (joined, opened) = invitations::accept_as_new(&web.desk, &given.token, &name, password, &visitor).await?;
            tell(&web, &joined);
            entered(&web, &opened).await
        }
        (None, None, Some(who)) => {
            let joined = invitations::accept_as(&web.desk, &given.token, &who.person.id).await?;
            tell(&web, &joined);
            Ok((StatusCode::OK, Json(view::of(&web, &who.person.id).await?)).into_response())
        }
        (None, None, None) => Err(Problem::unauthorized()),
        _ => Err(Problem::invalid("Give both `name` and `password`, or neither while signed in.")),
    }
}

fn tell(web: &Web, joined: &Invitation) {
    web.desk.events.tell(&joined.tenant, Event::new("member.changed", joined.id.as_str()));
}
