//! What is said to whoever gives access: a code for tokens, old tokens for new ones, goodbye, and who we are.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_kernel::{
    Secret, Timestamp,
    oauth::{Client, ClientLogin, Giver},
    ports::http::{Body, Method, Request, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{challenge::is_scope, discover::Found};
use crate::{
    Desk,
    grants::{self, Granted, NoToken},
};

const LONGEST_WAIT: Duration = Duration::from_secs(10);
const GOODBYE: Duration = Duration::from_secs(3);
const LARGEST: usize = 64 << 10;
/// A token is renewed so long before its end, or when three quarters of its life are over.
const MARGIN: Duration = Duration::from_secs(30);
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// Words that say that there is no access any more; whatever else is said may pass.
const ENDS: [&str; 4] = ["invalid_grant", "bad_refresh_token", "invalid_client", "unauthorized_client"];

/// What a consent gives.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) access: Secret,
    pub(super) refresh: Option<Secret>,
}

/// Sealed as one text.
#[derive(Serialize, Deserialize)]
struct Written {
    access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
}

impl Tokens {
    pub(super) fn written(&self) -> Secret {
        let refresh = self.refresh.as_ref().map(|token| token.reveal().to_owned());
        Secret::new(json!(Written { access: self.access.reveal().to_owned(), refresh }).to_string())
    }

    pub(super) fn read(text: &Secret) -> Option<Tokens> {
        let read: Written = serde_json::from_str(text.reveal()).ok()?;
        Some(Tokens { access: Secret::new(read.access), refresh: read.refresh.map(Secret::new) })
    }
}

/// Tokens that were just given.
pub(super) struct Fresh {
    pub(super) tokens: Tokens,
    /// Not used any more from then on.
    pub(super) until: Option<Timestamp>,
    pub(super) scope: Option<String>,
}

/// Why there are none.
pub(super) enum Failed {
    /// It said no, with this word.
    Told(String),
    Not(NoToken),
}

impl Failed {
    /// The word with which it ended the access.
    pub(super) fn end(&self) -> Option<&str> {
        match self {
            Failed::Told(word) => ENDS.into_iter().find(|end| end == word),
            Failed::Not(_) => None,
        }
    }
    /// For people.
    pub(super) fn words(&self) -> String {
        match self {
            Failed::Told(word) => format!("The service that gives access did not renew it ({word})."),
            Failed::Not(none) => none.words().to_owned(),
        }
    }
}

/// Whom to ask, as whom, for what.
pub(super) struct Door<'d> {
    pub(super) giver: &'d Giver,
    pub(super) client: &'d Client,
    pub(super) secret: Option<&'d Secret>,
    pub(super) resource: &'d str,
}

impl Door<'_> {
    pub(super) async fn redeem(&self, desk: &Desk, code: &str, verifier: &str, redirect: &str) -> Result<Fresh, Failed> {
        let fields = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", redirect.to_owned()),
            ("code_verifier", verifier.to_owned()),
            ("resource", self.resource.to_owned()),
        ];
        self.ask(desk, fields).await
    }

    pub(super) async fn renew(&self, desk: &Desk, refresh: &Secret) -> Result<Fresh, Failed> {
        let fields = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", refresh.reveal().to_owned()),
            ("resource", self.resource.to_owned()),
        ];
        self.ask(desk, fields).await
    }

    async fn ask(&self, desk: &Desk, fields: Vec<(&'static str, String)>) -> Result<Fresh, Failed> {
        let answer = desk.http.send(self.request(&self.giver.token_url, fields, LONGEST_WAIT)).await;
        if let Some(word) = answer.as_ref().ok().and_then(refusal) {
            return Err(Failed::Told(word));
        }
        let granted = grants::read(answer).map_err(Failed::Not)?;
        let until = granted.life().map(|life| desk.now().plus(used_for(life)));
        let Granted { access_token, refresh_token, scope, .. } = granted;
        let refresh = refresh_token.filter(|token| !token.is_empty()).map(Secret::new);
        // It is shown to people: one that repeats a token is not.
        let is_plain = |scope: &String| {
            let tells = |token: &str| scope.contains(token);
            is_scope(scope) && !tells(&access_token) && !refresh.as_ref().is_some_and(|token| tells(token.reveal()))
        };
        let scope = scope.filter(is_plain);
        Ok(Fresh { tokens: Tokens { access: Secret::new(access_token), refresh }, until, scope })
    }

    /// Best effort: what is not taken back ends by itself.
    pub(super) async fn give_back(&self, desk: &Desk, tokens: &Tokens) {
        let Some(url) = &self.giver.revocation_url else { return };
        let both = [("refresh_token", tokens.refresh.as_ref()), ("access_token", Some(&tokens.access))];
        for (kind, token) in both.into_iter().filter_map(|(kind, token)| Some((kind, token?))) {
            let fields = vec![("token", token.reveal().to_owned()), ("token_type_hint", kind.to_owned())];
            let answer = desk.http.send(self.request(url, fields, GOODBYE)).await;
            if !answer.is_ok_and(|answer| (200..300).contains(&answer.status)) {
                tracing::info!(kind, "a token could not be given back");
            }
        }
    }

    fn request(&self, url: &str, mut fields: Vec<(&'static str, String)>, timeout: Duration) -> Request {
        let mut request = Request::new(Method::Post, url);
        match (self.secret, self.client.login) {
            (Some(secret), Some(ClientLogin::Basic)) => request.auth = grants::basic(&self.client.id, secret),
            (Some(secret), Some(ClientLogin::Form)) => {
                fields.push(("client_id", self.client.id.clone()));
                fields.push(("client_secret", secret.reveal().to_owned()));
            }
            _ => fields.push(("client_id", self.client.id.clone())),
        }
        request.headers.push(("accept", "application/json".to_owned()));
        Request { body: Body::Form(fields), guest: true, timeout, gap: timeout, max_bytes: LARGEST, ..request }
    }
}

/// Some say no with a status that says yes.
fn refusal(answer: &Response) -> Option<String> {
    match answer.status {
        200..=299 | 400..=499 => grants::error_word(&answer.body),
        _ => None,
    }
}

fn used_for(life: Duration) -> Duration {
    let life = life.min(LONGEST_LIFE);
    life - MARGIN.min(life / 4)
}

#[derive(Deserialize)]
struct Registered {
    client_id: String,
    client_secret: Option<String>,
    token_endpoint_auth_method: Option<String>,
}

/// Makes ourselves known (RFC 7591). `Err`: in words for people.
pub(super) async fn register(desk: &Desk, url: &str, found: &Found, redirect: &str) -> Result<(Client, Option<Secret>), String> {
    let method = match found.login {
        _ if found.takes_public => "none",
        ClientLogin::Basic => "client_secret_basic",
        ClientLogin::Form => "client_secret_post",
    };
    let description = json!({
        "client_name": super::CLIENT_NAME,
        "redirect_uris": [redirect],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": method,
        "application_type": if redirect.starts_with("https://") { "web" } else { "native" },
    });
    let mut request = Request::new(Method::Post, url);
    request.headers.push(("accept", "application/json".to_owned()));
    request.body = Body::Json(Bytes::from(description.to_string()));
    let request = Request { guest: true, timeout: LONGEST_WAIT, gap: LONGEST_WAIT, max_bytes: LARGEST, ..request };
    let answer = desk.http.send(request).await.map_err(|_| "Who gives access cannot be reached to register there.".to_owned())?;
    if !(200..300).contains(&answer.status) {
        let why = grants::error_word(&answer.body).unwrap_or_else(|| format!("status {}", answer.status));
        return Err(format!(
            "Who gives access did not let us register ({why}): register by hand there and enter the client id here."
        ));
    }
    let unreadable = || "Who gives access registered us with an answer that cannot be read.".to_owned();
    let made: Registered = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    if made.client_id.is_empty() || made.client_id.len() > 2_000 || made.client_id.chars().any(char::is_control) {
        return Err(unreadable());
    }
    let secret = made.client_secret.filter(|secret| !secret.is_empty()).map(Secret::new);
    let login = match (&secret, made.token_endpoint_auth_method.as_deref().unwrap_or(method)) {
        (None, _) | (_, "none") => None,
        (Some(_), "client_secret_post") => Some(ClientLogin::Form),
        (Some(_), _) => Some(ClientLogin::Basic),
    };
    let secret = secret.filter(|_| login.is_some());
    Ok((Client { id: made.client_id, login, registered_for: Some(redirect.to_owned()) }, secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_wherever_it_stands_and_few_words_end_the_access() {
        for (status, body, word, ends) in [
            (400, r#"{"error":"invalid_grant"}"#, Some("invalid_grant"), true),
            (200, r#"{"error":"bad_refresh_token"}"#, Some("bad_refresh_token"), true),
            (401, r#"{"error":"invalid_client"}"#, Some("invalid_client"), true),
            (403, r#"{"error":"unauthorized_client"}"#, Some("unauthorized_client"), true),
            (400, r#"{"error":"invalid_request"}"#, Some("invalid_request"), false),
            (400, r#"{"error":"temporarily_unavailable"}"#, Some("temporarily_unavailable"), false),
            (429, r#"{"error":"slow_down"}"#, Some("slow_down"), false),
            (400, r#"{"error":"Not A Word"}"#, None, false),
            (404, "<html>", None, false),
            (200, r#"{"access_token":"t"}"#, None, false),
            (500, r#"{"error":"invalid_grant"}"#, None, false),
            (302, r#"{"error":"invalid_grant"}"#, None, false),
        ] {
            let answer = Response { status, headers: Vec::new(), body: Bytes::from_static(body.as_bytes()) };
            let found = refusal(&answer);
            assert_eq!(found.as_deref(), word, "{status} {body}");
            assert_eq!(found.is_some_and(|word| Failed::Told(word).end().is_some()), ends, "{status} {body}");
        }
    }

    #[test]
    fn a_token_is_left_before_it_ends() {
        for (life, used) in [(0, 0), (20, 15), (60, 45), (120, 90), (3600, 3570)] {
            assert_eq!(used_for(Duration::from_secs(life)), Duration::from_secs(used), "{life}");
        }
        assert!(used_for(Duration::from_secs(u64::MAX)) <= LONGEST_LIFE);
    }
}
