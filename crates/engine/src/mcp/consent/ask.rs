//! The question: who gives access is found out, we make ourselves known to them, and a person's browser is sent there.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use frontdesk_kernel::{
    Scope, Secret,
    ids::{McpServerId, SessionId, UserId},
    mcp::McpAuth,
    oauth::Client,
    scope::Server as OfServer,
};
use frontdesk_store::{
    Result, audit, challenges,
    challenges::Challenge,
    mcp::{self, Kept},
    mcp_grants, work,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    super::Server,
    Begun, CLIENT, CLIENT_NAME, KIND, PATIENCE, client_field,
    discover::{self, Found},
    exchange, shown, way_back,
};
use crate::{Desk, access::tokens, admin};

/// Why nobody can be asked, for programs and for people.
#[derive(Debug)]
pub struct CannotAsk {
    pub code: &'static str,
    pub why: String,
    /// Whom the person is to confirm (`confirm_giver`).
    pub giver: Option<String>,
}

fn cannot(code: &'static str, why: impl Into<String>) -> CannotAsk {
    CannotAsk { code, why: why.into(), giver: None }
}

/// Where the person's browser goes. `giver`: whom the person named as the one whom the client secret is for.
pub async fn begin(
    desk: &Desk,
    scope: &Scope,
    kept: Kept,
    person: &UserId,
    session: &SessionId,
    giver: Option<&str>,
    entry: audit::Entry,
) -> Result<std::result::Result<String, CannotAsk>> {
    let server = Server::open(desk, scope, kept);
    let McpAuth::AuthorizationCode(wanted) = &server.server.auth else {
        return Ok(Err(cannot("no_consent_needed", "The access to this server does not depend on a person's consent.")));
    };
    let id = server.server.id.clone();
    let redirect = way_back(desk, &id);
    if !may_come_back(&redirect) {
        let why =
            "Browsers would come back to us without a safe connection: the server must be reached by https (PUBLIC_BASE_URL).";
        return Ok(Err(cannot("not_reached_safely", why)));
    }
    let (s, i) = (scope.clone(), id.clone());
    let before = desk.db.read(scope, work!(tx => mcp_grants::get(tx, &s, &i).await)).await?;
    let used = server.sealed_for.as_ref().or(before.as_ref().map(|grant| &grant.giver.issuer));
    let found = match discover::find(desk, &server.server.url, used.map(String::as_str)).await {
        Ok(found) => found,
        Err(why) => return Ok(Err(cannot("no_way_in", why))),
    };
    if let Some(other) = server.sealed_for.as_ref().filter(|other| **other != found.giver.issuer) {
        let why = format!(
            "The server names another who gives access ({}) than the client secret was used with ({}). If that is right, enter the \
             client secret again.",
            shown(&found.giver.issuer),
            shown(other)
        );
        return Ok(Err(cannot("another_giver", why)));
    }
    if server.sealed.is_some() && server.sealed_for.is_none() && giver != Some(found.giver.issuer.as_str()) {
        // The server says who it is, and the secret would go there without a page being seen.
        let who = shown(&found.giver.issuer);
        let why = format!("The client secret would be used with {who}, whom the server names. Is it from there?");
        return Ok(Err(CannotAsk { giver: Some(found.giver.issuer), ..cannot("confirm_giver", why) }));
    }
    let known = before.filter(|grant| grant.giver.issuer == found.giver.issuer && grant.sealed.is_some());
    let (client, client_sealed) = match (wanted.client_id.as_str(), known) {
        ("", Some(grant)) if grant.client.registered_for.as_ref() == Some(&redirect) => (grant.client, grant.client_sealed),
        ("", _) => match introduced(desk, &id, &found, &redirect).await {
            Ok((client, secret)) => (client, secret.map(|secret| admin::seal(desk, scope, &client_field(&id), &secret))),
            Err(refused) => return Ok(Err(refused)),
        },
        (by_hand, _) => (Client { id: by_hand.to_owned(), login: Some(found.login), registered_for: None }, None),
    };
    let asked = if wanted.scope.is_empty() { found.scope.clone() } else { wanted.scope.clone() };
    let random = desk.access.random.as_ref();
    let [state, verifier] = std::array::from_fn(|_| tokens::make(random));
    let url = question(&found, &client, &asked, &redirect, &state, &verifier);
    let begun = Begun {
        tenant: scope.tenant().clone(),
        server: id,
        person: person.clone(),
        session: session.clone(),
        url: server.server.url.clone(),
        auth: server.server.auth.clone(),
        secret: server.sealed.clone(),
        resource: found.resource,
        scope: asked,
        giver: found.giver.clone(),
        names_itself: found.names_itself,
        client,
        client_sealed,
        redirect,
        verifier,
    };
    let challenge = Challenge {
        hash: tokens::hash(&state),
        kind: KIND.into(),
        person: Some(person.clone()),
        detail:
            json!({ "tenant": scope.tenant(), "sealed": admin::seal(desk, scope, KIND, &Secret::new(json!(begun).to_string())) })
                .to_string(),
        tries: 0,
        expires_at: desk.now().plus(PATIENCE),
    };
    let (s, i, secret, issuer) = (scope.clone(), server.server.id.clone(), server.sealed.clone(), found.giver.issuer.clone());
    let kept = desk.db.write(
        scope,
        work!(tx => {
            // The secret is for whom it is used with first.
            if let Some(secret) = secret
                && !mcp::show_only(tx, &s, &i, &secret, &issuer).await?
            {
                return Ok(false);
            }
            challenges::insert(tx, &OfServer, &challenge).await?;
            audit::write(tx, &s, &entry).await?;
            Ok(true)
        }),
    );
    match kept.await? {
        true => Ok(Ok(url)),
        false => Ok(Err(cannot("changed", "Somebody changed it a moment ago: try again."))),
    }
}

/// Codes come back by https, or to the very machine.
fn may_come_back(redirect: &str) -> bool {
    let Ok(url) = Url::parse(redirect) else { return false };
    url.scheme() == "https" || matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

fn question(found: &Found, client: &Client, scope: &str, redirect: &str, state: &str, verifier: &str) -> String {
    let mut url = found.authorization_url.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.id)
        .append_pair("redirect_uri", redirect)
        .append_pair("state", state)
        .append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)))
        .append_pair("code_challenge_method", "S256")
        .append_pair("resource", &found.resource);
    if !scope.is_empty() {
        url.query_pairs_mut().append_pair("scope", scope);
    }
    url.into()
}

/// Who we are to somebody who does not know us.
async fn introduced(
    desk: &Desk,
    server: &McpServerId,
    found: &Found,
    redirect: &str,
) -> std::result::Result<(Client, Option<Secret>), CannotAsk> {
    let id = named(desk, server);
    if found.reads_clients && id.starts_with("https://") {
        return Ok((Client { id, login: None, registered_for: Some(redirect.to_owned()) }, None));
    }
    let Some(url) = &found.registration_url else {
        let who = shown(&found.giver.issuer);
        let why =
            format!("A client id is needed: register by hand with {who}, with {redirect} as the way back, and enter it here.");
        return Err(cannot("client_id_needed", why));
    };
    exchange::register(desk, url, found, redirect).await.map_err(|why| cannot("not_registered", why))
}

fn named(desk: &Desk, server: &McpServerId) -> String {
    format!("{}{CLIENT}/{server}", desk.access.public_url())
}

/// Who we are, for whoever reads that at an address (client id metadata document). It tells nothing of the server, not even whether there is
/// one.
pub fn description(desk: &Desk, server: &McpServerId) -> Value {
    json!({
        "client_id": named(desk, server),
        "client_name": CLIENT_NAME,
        "client_uri": desk.access.public_url(),
        "redirect_uris": [way_back(desk, server)],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        "application_type": "web",
    })
}
