//! A code or a refresh token for new tokens, and tokens that are given back.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as B64},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Desk, Fields, Given, lock};

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error, "error_description": "see the log at db.internal" }))).into_response()
}

/// Which client asks: by Basic, by its secret in the form, or by its name where it has no secret.
fn client_of(desk: &Desk, headers: &HeaderMap, asked: &Fields) -> Option<String> {
    let basic = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Basic "));
    let (id, secret) = match basic {
        Some(text) => {
            if asked.contains_key("client_secret") {
                desk.violation("a secret was sent twice");
            }
            let text = String::from_utf8(BASE64_STANDARD.decode(text).ok()?).ok()?;
            let (id, secret) = text.split_once(':')?;
            // RFC 6749 2.3.1: both are form-encoded before they are joined.
            let plain = |part: &str| url::form_urlencoded::parse(part.as_bytes()).next().map(|(name, _)| name.into_owned());
            (plain(id)?, plain(secret))
        }
        None => (asked.get("client_id")?.clone(), asked.get("client_secret").cloned()),
    };
    let known = lock(&desk.clients).get(&id)?.secret.clone();
    (known == secret).then_some(id)
}

fn fields(body: &str) -> Fields {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

pub(super) async fn token(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> Response {
    let asked = fields(&body);
    let said = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    wait(&desk).await;
    let Some(client) = client_of(&desk, &headers, &asked) else { return refuse(StatusCode::UNAUTHORIZED, "invalid_client") };
    match said("grant_type") {
        "authorization_code" => redeem(&desk, &client, said),
        "refresh_token" => renew(&desk, &client, said),
        _ => refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    }
}

/// Until it is let go; whoever hangs up meanwhile does not wait any more.
async fn wait(desk: &Arc<Desk>) {
    struct Held<'d>(&'d Desk);
    impl Drop for Held<'_> {
        fn drop(&mut self) {
            *lock(&self.0.held) -= 1;
        }
    }
    let released = desk.released.notified();
    if *lock(&desk.holds) {
        *lock(&desk.held) += 1;
        let _held = Held(desk);
        released.await;
    }
}

fn redeem<'a>(desk: &Desk, client: &str, said: impl Fn(&str) -> &'a str) -> Response {
    desk.count(|asked| asked.redeemed += 1);
    // A code is good once.
    let Some(begun) = lock(&desk.codes).remove(said("code")) else { return refuse(StatusCode::BAD_REQUEST, "invalid_grant") };
    let challenge = B64.encode(Sha256::digest(said("code_verifier")));
    let fits = begun["client_id"] == client
        && begun["code_challenge"] == challenge
        && begun["redirect_uri"] == said("redirect_uri")
        && (43..=128).contains(&said("code_verifier").len());
    if !fits {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    if begun["resource"] != said("resource") {
        return refuse(StatusCode::BAD_REQUEST, "invalid_target");
    }
    let family = desk.number();
    give(desk, client, said("resource"), begun.get("scope").map(String::as_str).unwrap_or_default(), family)
}

fn renew<'a>(desk: &Desk, client: &str, said: impl Fn(&str) -> &'a str) -> Response {
    desk.count(|asked| asked.renewed += 1);
    if let Some((status, word)) = lock(&desk.faults).pop() {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return if word.is_empty() { status.into_response() } else { refuse(status, word) };
    }
    let known = lock(&desk.given).iter().find(|g| g.refresh == said("refresh_token")).cloned();
    let Some(known) = known else { return refuse(StatusCode::BAD_REQUEST, "invalid_grant") };
    if known.client != client || known.resource != said("resource") {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let mut given = lock(&desk.given);
    if !known.refresh_good {
        // It was used already: whoever has it may have stolen it.
        given.iter_mut().filter(|g| g.family == known.family).for_each(|g| (g.access_good, g.refresh_good) = (false, false));
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    given.iter_mut().filter(|g| g.refresh == known.refresh).for_each(|g| (g.access_good, g.refresh_good) = (false, false));
    drop(given);
    give(desk, client, &known.resource, &known.scope, known.family)
}

fn give(desk: &Desk, client: &str, resource: &str, scope: &str, family: u64) -> Response {
    let (n, life) = (desk.number(), *lock(&desk.life));
    let given = Given {
        client: client.to_owned(),
        resource: resource.to_owned(),
        scope: scope.to_owned(),
        family,
        access: format!("access-token-{n}-of-nobody"),
        refresh: format!("refresh-token-{n}-of-nobody"),
        until: desk.clock.now().plus(life),
        access_good: true,
        refresh_good: scope.split(' ').any(|s| s == "offline_access"),
    };
    let mut answer =
        json!({ "access_token": given.access, "token_type": "Bearer", "expires_in": life.as_secs(), "scope": given.scope });
    if given.refresh_good {
        answer["refresh_token"] = given.refresh.clone().into();
    }
    lock(&desk.given).push(given);
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

pub(super) async fn revoke(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> Response {
    desk.count(|asked| asked.revoked += 1);
    let asked = fields(&body);
    if client_of(&desk, &headers, &asked).is_none() {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let token = asked.get("token").map(String::as_str).unwrap_or_default();
    let mut all = lock(&desk.given);
    // As some do (RFC 7009, 2.1): with one token goes all that the person allowed this client.
    if let Some(client) = all.iter().find(|g| g.access == token || g.refresh == token).map(|g| g.client.clone()) {
        all.iter_mut().filter(|g| g.client == client).for_each(|g| (g.access_good, g.refresh_good) = (false, false));
    }
    StatusCode::OK.into_response()
}
