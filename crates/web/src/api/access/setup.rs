//! The first owner, by the link that the terminal shows.

use axum::{extract::State, response::Response};
use frontdesk_engine::access::setup::{self, First};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{knock::Knock, session::entered, text, view::SessionView};
use crate::{
    Web,
    kit::{Body, Deleted, Problem},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(look)).routes(routes!(finish))
}

/// The token of a link, which is never part of an address that we are asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Link {
    pub(super) token: String,
}

/// Whether a setup link is the valid one.
#[utoipa::path(post, path = "/first-owner/look", tag = "session", security(()), request_body = Link,
    responses((status = 204, description = "It is."), (status = 410, description = "It was used or replaced.")))]
async fn look(State(web): State<Web>, _: Knock, Body(link): Body<Link>) -> Result<Deleted, Problem> {
    setup::is_open(&web.desk, &link.token).await?;
    Ok(Deleted)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstOwner {
    token: String,
    email: String,
    name: String,
    #[schema(format = Password)]
    password: String,
    /// What the business is called.
    business: Option<String>,
    /// IANA name, such as `America/Bogota`.
    time_zone: Option<String>,
    /// `en` or `es`.
    language: Option<String>,
}

/// Become the first owner.
#[utoipa::path(post, path = "/first-owner", tag = "session", security(()), request_body = FirstOwner,
    responses((status = 201, body = SessionView, description = "Signed in."), (status = 410, description = "The link was used or replaced.")))]
async fn finish(State(web): State<Web>, Knock(visitor): Knock, Body(new): Body<FirstOwner>) -> Result<Response, Problem> {
    let time_zone = match new.time_zone {
        Some(zone) if jiff::tz::TimeZone::get(&zone).is_err() => {
            return Err(Problem::field("time_zone", "is not an IANA time zone"));
        }
        zone => zone,
    };
    let first = First {
        email: text::email("email", &new.email)?,
        name: text::line("name", &new.name, 120)?,
        password: new.password,
        business: new.business.map(|b| text::line("business", &b, 120)).transpose()?,
        time_zone,
        language: new.language.map(|l| text::language("language", &l)).transpose()?,
    };
    let opened = setup::finish(&web.desk, &new.token, first, &visitor).await?;
    entered(&web, &opened).await
}
