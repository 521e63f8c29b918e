//! Signing in and out.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontdesk_engine::access::{
    enter,
    enter::{Factor, Opened, Step},
    passkeys, reset, setup,
};
use frontdesk_kernel::scope::Server;
use frontdesk_store::{sessions, work};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cookies,
    knock::Knock,
    passkeys::AssertionBody,
    view::{self, SessionView},
};
use crate::{
    Web,
    kit::{Body, Found, Problem, SignedIn},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(options))
        .routes(routes!(show, create, end))
        .routes(routes!(factor))
        .routes(routes!(begin_passkey))
        .routes(routes!(passkey))
        .routes(routes!(change_password))
}

/// Which doors this server has.
#[derive(Serialize, ToSchema)]
struct Doors {
    /// Nobody signs in here yet: the terminal shows a link.
    setup: bool,
    /// Forgotten passwords can be renewed by mail.
    mail: bool,
    passkeys: bool,
    /// What the button for single sign-on says; absent when there is none.
    sso: Option<String>,
}

/// How one can sign in here.
#[utoipa::path(get, path = "/session/options", tag = "session", security(()), responses((status = 200, body = Doors, description = "The doors.")))]
async fn options(State(web): State<Web>) -> Result<Found<Doors>, Problem> {
    let access = &web.desk.access;
    Ok(Found(Doors {
        setup: setup::is_awaited(&web.desk).await?,
        mail: access.mailer.is_some(),
        passkeys: passkeys::are_possible(&web.desk),
        sso: access.provider.as_ref().map(|(p, _)| p.name().to_owned()),
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    email: String,
    #[schema(format = Password)]
    password: String,
}

/// A second factor is needed.
#[derive(Serialize, ToSchema)]
struct FactorAsked {
    /// Give it back with the factor, within ten minutes.
    challenge: String,
    /// `totp`, `recovery_code`, `passkey`: one of them.
    factors: Vec<&'static str>,
    /// For `navigator.credentials.get()`, when a passkey may be the factor.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Value>,
}

/// Sign in with e-mail and password.
///
/// The answer sets the session's cookie (201), or asks for a second factor (202). Unknown e-mails and wrong passwords get the same answer;
/// after several failures one must wait (429).
#[utoipa::path(post, path = "/session", tag = "session", security(()), request_body = Credentials,
    responses((status = 201, body = SessionView, description = "Signed in."), (status = 202, body = FactorAsked, description = "A second factor is needed.")))]
async fn create(State(web): State<Web>, Knock(visitor): Knock, Body(given): Body<Credentials>) -> Result<Response, Problem> {
    if given.email.len() > 254 || given.password.len() > 1024 {
        return Err(Problem::invalid("E-mail or password is too long."));
    }
    match enter::password(&web.desk, &given.email, given.password, &visitor).await? {
        Step::In(opened) => entered(&web, &opened).await,
        Step::Factor { challenge, factors, passkey } => {
            Ok((StatusCode::ACCEPTED, Json(FactorAsked { challenge, factors, passkey })).into_response())
        }
    }
}

/// The answer to somebody who is in.
pub(super) async fn entered(web: &Web, opened: &Opened) -> Result<Response, Problem> {
    let view = view::of(web, &opened.person).await?;
    Ok(cookies::signed_in(web, (StatusCode::CREATED, Json(view)).into_response(), opened))
}

/// One of the three.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GivenFactor {
    challenge: String,
    /// Six digits of the authenticator app.
    code: Option<String>,
    recovery_code: Option<String>,
    passkey: Option<AssertionBody>,
}

/// Give the second factor.
#[utoipa::path(post, path = "/session/factor", tag = "session", security(()), request_body = GivenFactor,
    responses((status = 201, body = SessionView, description = "Signed in.")))]
async fn factor(State(web): State<Web>, Knock(visitor): Knock, Body(given): Body<GivenFactor>) -> Result<Response, Problem> {
    let factor = match (given.code, given.recovery_code, given.passkey) {
        (Some(code), None, None) => Factor::Code(code),
        (None, Some(code), None) => Factor::Recovery(code),
        (None, None, Some(passkey)) => Factor::Passkey(passkey.into()),
        _ => return Err(Problem::invalid("Give one of `code`, `recovery_code` and `passkey`.")),
    };
    let opened = enter::factor(&web.desk, &given.challenge, factor, &visitor).await?;
    entered(&web, &opened).await
}

/// What to ask of the browser.
#[derive(Serialize, ToSchema)]
pub(super) struct Asked {
    /// Give it back with the answer, within five minutes.
    pub(super) challenge: String,
    /// For `navigator.credentials`.
    #[schema(value_type = Object)]
    pub(super) options: Value,
}

/// Begin to sign in with a passkey that the browser finds by itself.
#[utoipa::path(post, path = "/session/passkey/begin", tag = "session", security(()), responses((status = 200, body = Asked, description = "What to ask.")))]
async fn begin_passkey(State(web): State<Web>, _: Knock) -> Result<Found<Asked>, Problem> {
    let begun = passkeys::begin(&web.desk).await?;
    Ok(Found(Asked { challenge: begun.challenge, options: begun.options }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasskeyAnswer {
    challenge: String,
    credential: AssertionBody,
}

/// Sign in with a passkey.
#[utoipa::path(post, path = "/session/passkey", tag = "session", security(()), request_body = PasskeyAnswer,
    responses((status = 201, body = SessionView, description = "Signed in.")))]
async fn passkey(State(web): State<Web>, Knock(visitor): Knock, Body(given): Body<PasskeyAnswer>) -> Result<Response, Problem> {
    let opened = passkeys::enter(&web.desk, &given.challenge, given.credential.into(), &visitor).await?;
    entered(&web, &opened).await
}

/// Who is signed in, where they work and what they may do.
#[utoipa::path(get, path = "/session", tag = "session", responses((status = 200, body = SessionView, description = "Whoever is signed in.")))]
async fn show(State(web): State<Web>, who: SignedIn) -> Result<Found<SessionView>, Problem> {
    view::of(&web, &who.person.id).await.map(Found)
}

/// Sign out.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204, description = "Signed out.")))]
async fn end(State(web): State<Web>, who: SignedIn) -> Result<Response, Problem> {
    let (person, session) = (who.person.id.clone(), who.session.clone());
    web.desk.db.write(&Server, work!(tx => sessions::end(tx, &Server, &person, &session).await)).await?;
    Ok(cookies::signed_out(&web, StatusCode::NO_CONTENT.into_response()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// The one that is valid now; empty for somebody who has none, and who signed in within ten minutes.
    #[schema(format = Password)]
    current: String,
    /// At least 12 characters, and none of those that everybody tries.
    #[schema(format = Password)]
    password: String,
}

/// Choose a new password. All other sessions end; this one goes on with a new token.
#[utoipa::path(post, path = "/session/password", tag = "session", request_body = NewPassword,
    responses((status = 201, body = SessionView, description = "The new password holds.")))]
async fn change_password(
    State(web): State<Web>,
    who: SignedIn,
    Knock(visitor): Knock,
    Body(given): Body<NewPassword>,
) -> Result<Response, Problem> {
    if given.current.len() > 1024 || given.password.len() > 1024 {
        return Err(Problem::field("password", "is too long"));
    }
    let session = (&who.session, who.since);
    let opened = reset::change(&web.desk, &who.person.id, session, given.current, given.password, &visitor).await?;
    entered(&web, &opened).await
}
