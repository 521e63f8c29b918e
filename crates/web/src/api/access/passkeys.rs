//! One's own passkeys: registered in this browser, renamed, deleted.

use axum::extract::State;
use frontdesk_engine::access::passkeys::{self, Assertion, Attestation};
use frontdesk_kernel::{ids::PasskeyId, scope::Server};
use frontdesk_store::{passkeys as stored, work};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    account::{MyPassword, settled},
    knock::Knock,
    session::Asked,
    text,
};
use crate::{
    Web,
    kit::{Body, Created, Deleted, Found, Path, Problem, SignedIn, Time},
};

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(begin)).routes(routes!(rename)).routes(routes!(remove))
}

/// What `navigator.credentials.get()` answers; everything in base64url.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssertionBody {
    id: String,
    authenticator_data: String,
    client_data_json: String,
    signature: String,
    user_handle: Option<String>,
}

impl From<AssertionBody> for Assertion {
    fn from(b: AssertionBody) -> Assertion {
        Assertion {
            id: b.id,
            authenticator_data: b.authenticator_data,
            client_data_json: b.client_data_json,
            signature: b.signature,
            user_handle: b.user_handle,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct PasskeyView {
    id: PasskeyId,
    name: String,
    created_at: Time,
    last_used_at: Option<Time>,
}

impl From<stored::Passkey> for PasskeyView {
    fn from(p: stored::Passkey) -> PasskeyView {
        let last_used_at = p.last_used_at.map(Time::from);
        PasskeyView { id: p.id, name: p.name, created_at: p.created_at.into(), last_used_at }
    }
}

#[derive(Serialize, ToSchema)]
struct Passkeys {
    items: Vec<PasskeyView>,
}

/// My passkeys, oldest first.
#[utoipa::path(get, path = "/account/passkeys", tag = "account", responses((status = 200, body = Passkeys, description = "All of them.")))]
async fn list(State(web): State<Web>, who: SignedIn) -> Result<Found<Passkeys>, Problem> {
    settled(&who)?;
    let person = who.person.id.clone();
    let found = web.desk.db.read(&Server, work!(tx => stored::list(tx, &Server, &person).await)).await?;
    Ok(Found(Passkeys { items: found.into_iter().map(PasskeyView::from).collect() }))
}

/// Begin to register a passkey in this browser. Needs the password.
#[utoipa::path(post, path = "/account/passkeys/begin", tag = "account", request_body = MyPassword,
    responses((status = 200, body = Asked, description = "What to ask.")))]
async fn begin(
    State(web): State<Web>,
    who: SignedIn,
    Knock(visitor): Knock,
    Body(given): Body<MyPassword>,
) -> Result<Found<Asked>, Problem> {
    settled(&who)?;
    given.prove(&web, &who, &visitor).await?;
    let begun = passkeys::begin_registration(&web.desk, &who.person.id).await?;
    Ok(Found(Asked { challenge: begun.challenge, options: begun.options }))
}

/// What `navigator.credentials.create()` answers; everything in base64url.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AttestationBody {
    id: String,
    #[serde(default)]
    transports: Vec<String>,
    attestation_object: String,
    client_data_json: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPasskey {
    challenge: String,
    /// To recognise it by, such as "Laptop".
    name: String,
    credential: AttestationBody,
}

/// Register a passkey.
#[utoipa::path(post, path = "/account/passkeys", tag = "account", request_body = NewPasskey,
    responses((status = 201, body = PasskeyView, description = "It can sign in from now on.")))]
async fn create(State(web): State<Web>, who: SignedIn, Body(new): Body<NewPasskey>) -> Result<Created<PasskeyView>, Problem> {
    settled(&who)?;
    let name = text::line("name", &new.name, 60)?;
    let given = Attestation {
        id: new.credential.id,
        transports: new.credential.transports,
        attestation_object: new.credential.attestation_object,
        client_data_json: new.credential.client_data_json,
    };
    let made = passkeys::finish_registration(&web.desk, &who.person.id, &new.challenge, &name, given).await?;
    Ok(Created::at(format!("/api/v1/account/passkeys/{}", made.id), made.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewName {
    name: String,
}

/// Rename a passkey.
#[utoipa::path(patch, path = "/account/passkeys/{id}", tag = "account", params(("id" = PasskeyId, Path)), request_body = NewName,
    responses((status = 204, description = "Renamed.")))]
async fn rename(
    State(web): State<Web>,
    who: SignedIn,
    Path(id): Path<PasskeyId>,
    Body(new): Body<NewName>,
) -> Result<Deleted, Problem> {
    settled(&who)?;
    passkeys::rename(&web.desk, &who.person.id, &id, &text::line("name", &new.name, 60)?).await?;
    Ok(Deleted)
}

/// Delete a passkey: it signs nobody in any more. Needs the password.
#[utoipa::path(post, path = "/account/passkeys/{id}/remove", tag = "account", params(("id" = PasskeyId, Path)), request_body = MyPassword,
    responses((status = 204, description = "Deleted.")))]
async fn remove(
    State(web): State<Web>,
    who: SignedIn,
    Knock(visitor): Knock,
    Path(id): Path<PasskeyId>,
    Body(given): Body<MyPassword>,
) -> Result<Deleted, Problem> {
    settled(&who)?;
    given.prove(&web, &who, &visitor).await?;
    passkeys::delete(&web.desk, &who.person.id, &id).await?;
    Ok(Deleted)
}
