//! One's own account: name and language, the authenticator app, recovery codes.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use frontdesk_engine::access::{Visitor, factors};
use frontdesk_kernel::scope::Server;
use frontdesk_store::{people, people::Person, work};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    knock::Knock,
    text,
    view::{self, SessionView},
};
use crate::{
    Web,
    kit::{Body, Deleted, Found, Patch, Problem, ShownOnce, SignedIn},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(update))
        .routes(routes!(begin_app))
        .routes(routes!(confirm_app))
        .routes(routes!(remove_app))
        .routes(routes!(renew_recovery))
}

/// Whoever has a one-time password chooses their own before anything else.
pub(super) fn settled(who: &SignedIn) -> Result<(), Problem> {
    if who.person.must_change_password {
        let detail = "Choose a password of your own first: somebody else knows this one.";
        return Err(Problem::forbidden("password_change_required", detail));
    }
    Ok(())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PersonProfile)]
struct Profile {
    name: Option<String>,
    /// `en` or `es`; `null` = as the browser says.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    language: Patch<String>,
}

/// Change my name or language.
#[utoipa::path(patch, path = "/account", tag = "account", request_body = Profile,
    responses((status = 200, body = SessionView, description = "As it is now.")))]
async fn update(State(web): State<Web>, who: SignedIn, Body(new): Body<Profile>) -> Result<Found<SessionView>, Problem> {
    settled(&who)?;
    let name = new.name.map(|n| text::line("name", &n, 120)).transpose()?;
    if let Patch::Set(language) = &new.language {
        text::language("language", language)?;
    }
    let id = who.person.id.clone();
    web.desk
        .db
        .write(
            &Server,
            work!(tx => {
                let Some(is) = people::get(tx, &Server, &id).await? else { return Ok(false) };
                let changed = Person { name: name.unwrap_or(is.name.clone()), language: new.language.over(is.language.clone()), ..is };
                people::update(tx, &Server, &changed).await
            }),
        )
        .await?;
    view::of(&web, &who.person.id).await.map(Found)
}

/// What an authenticator app needs to know.
#[derive(Serialize, ToSchema)]
struct NewApp {
    /// Give it back with the first code, within fifteen minutes.
    challenge: String,
    /// `otpauth://…`
    uri: String,
    /// To type it instead.
    secret: String,
    /// The `uri` as a QR code: an SVG image.
    qr: String,
}

/// Begin to set up an authenticator app. Nothing changes before its first code is given. Where there is one already, it needs the password.
#[utoipa::path(post, path = "/account/totp", tag = "account", request_body = MyPassword,
    responses((status = 200, body = NewApp, description = "Scan it with the app.")))]
async fn begin_app(
    State(web): State<Web>,
    who: SignedIn,
    Knock(visitor): Knock,
    Body(given): Body<MyPassword>,
) -> Result<Response, Problem> {
    settled(&who)?;
    if factors::has_app(&web.desk, &who.person.id).await? {
        given.prove(&web, &who, &visitor).await?;
    }
    let app = factors::begin(&web.desk, &who.person.id, &who.person.email).await?;
    let qr = qr_code(&app.uri)?;
    let mut response = Json(NewApp { challenge: app.challenge, uri: app.uri, secret: app.secret, qr }).into_response();
    response.extensions_mut().insert(ShownOnce);
    Ok(response)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstCode {
    challenge: String,
    /// Six digits that the app shows.
    code: String,
}

/// Codes for when the app is lost; each works once.
#[derive(Serialize, ToSchema)]
struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

fn shown_once(codes: Vec<String>) -> Response {
    let mut response = Json(RecoveryCodes { recovery_codes: codes }).into_response();
    response.extensions_mut().insert(ShownOnce);
    response
}

/// Finish setting up the app with its first code. From now on its codes are asked for; the recovery codes are shown only now.
#[utoipa::path(post, path = "/account/totp/confirm", tag = "account", request_body = FirstCode,
    responses((status = 200, body = RecoveryCodes, description = "Set up.")))]
async fn confirm_app(State(web): State<Web>, who: SignedIn, Body(given): Body<FirstCode>) -> Result<Response, Problem> {
    settled(&who)?;
    let codes = factors::confirm(&web.desk, &who.person.id, &given.challenge, &given.code).await?;
    Ok(shown_once(codes))
}

/// Shows that it is really them who asks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MyPassword {
    /// Empty for somebody who has none: then they must have signed in within ten minutes (else 409, `sign_in_again`).
    #[serde(default)]
    #[schema(format = Password)]
    password: String,
}

impl MyPassword {
    pub(super) async fn prove(self, web: &Web, who: &SignedIn, visitor: &Visitor) -> Result<(), Problem> {
        if self.password.len() > 1024 {
            return Err(Problem::field("password", "is too long"));
        }
        factors::is_them(&web.desk, &who.person.id, who.since, self.password, visitor).await.map_err(Problem::from)
    }
}

/// Do without the authenticator app. Needs the password.
#[utoipa::path(post, path = "/account/totp/remove", tag = "account", request_body = MyPassword,
    responses((status = 204, description = "Removed, with its recovery codes.")))]
async fn remove_app(
    State(web): State<Web>,
    who: SignedIn,
    Knock(visitor): Knock,
    Body(given): Body<MyPassword>,
) -> Result<Deleted, Problem> {
    settled(&who)?;
    given.prove(&web, &who, &visitor).await?;
    factors::remove(&web.desk, &who.person.id).await?;
    Ok(Deleted)
}

/// New recovery codes; the old ones stop working. Needs the password.
#[utoipa::path(post, path = "/account/recovery-codes", tag = "account", request_body = MyPassword,
    responses((status = 200, body = RecoveryCodes, description = "Shown only now.")))]
async fn renew_recovery(
    State(web): State<Web>,
    who: SignedIn,
    Knock(visitor): Knock,
    Body(given): Body<MyPassword>,
) -> Result<Response, Problem> {
    settled(&who)?;
    given.prove(&web, &who, &visitor).await?;
    Ok(shown_once(factors::renew_recovery(&web.desk, &who.person.id).await?))
}

/// Dark squares on white, with the margin that scanners need.
fn qr_code(text: &str) -> Result<String, Problem> {
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Medium).map_err(|_| Problem::internal())?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        for x in (0..size).filter(|x| code.get_module(*x, y)) {
            path.push_str(&format!("M{},{}h1v1h-1z", x + 4, y + 4));
        }
    }
    let side = size + 8;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}
