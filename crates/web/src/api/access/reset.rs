//! A forgotten password: a link by mail, then a new one.

use axum::{extract::State, http::StatusCode};
use frontdesk_engine::access::reset;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{knock::Knock, setup::Link};
use crate::{
    Web,
    kit::{Body, Deleted, Problem},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(ask)).routes(routes!(look)).routes(routes!(redeem))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Forgotten {
    email: String,
}

/// Ask for a link by mail. The answer is the same whether or not anybody has this address.
#[utoipa::path(post, path = "/password-reset", tag = "session", security(()), request_body = Forgotten,
    responses((status = 202, description = "If somebody has this address, a mail is on its way.")))]
async fn ask(State(web): State<Web>, Knock(visitor): Knock, Body(given): Body<Forgotten>) -> Result<StatusCode, Problem> {
    if given.email.len() > 254 {
        return Err(Problem::field("email", "is too long"));
    }
    reset::ask(&web.desk, &given.email, &visitor).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Whether a link still works.
#[utoipa::path(post, path = "/password-reset/look", tag = "session", security(()), request_body = Link,
    responses((status = 204, description = "It does."), (status = 410, description = "It was used, replaced or is too old.")))]
async fn look(State(web): State<Web>, _: Knock, Body(link): Body<Link>) -> Result<Deleted, Problem> {
    reset::is_open(&web.desk, &link.token).await?;
    Ok(Deleted)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResetPassword)]
struct NewPassword {
    token: String,
    #[schema(format = Password)]
    password: String,
}

/// Choose the new password. Every session ends; sign in with it.
#[utoipa::path(post, path = "/password-reset/redeem", tag = "session", security(()), request_body = NewPassword,
    responses((status = 204, description = "It holds."), (status = 410, description = "The link was used, replaced or is too old.")))]
async fn redeem(State(web): State<Web>, _: Knock, Body(given): Body<NewPassword>) -> Result<Deleted, Problem> {
    reset::redeem(&web.desk, &given.token, given.password).await?;
    Ok(Deleted)
}
