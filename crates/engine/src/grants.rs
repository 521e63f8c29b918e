//! Tokens that services give us for our credentials (OAuth client credentials): fetched through the guarded way out, kept in memory until
//! they expire, fetched anew when a service does not take them any more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use frontdesk_kernel::{
    Secret, Timestamp,
    ids::TenantId,
    oauth::{ClientCredentials, ClientLogin},
    ports::http::{Auth, Body, HttpError, Method, Request, Response},
};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

use crate::Desk;

/// Before it expires, a token is not used any more.
const MARGIN: Duration = Duration::from_secs(30);
/// Of a token that says nothing about it.
const USUAL_LIFE: Duration = Duration::from_secs(300);
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 3600);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const LARGEST: usize = 64 << 10;
/// More are not kept: the oldest give way.
const MOST: usize = 10_000;

/// Tokens in memory, by business and by what they are for.
#[derive(Default)]
pub struct Grants(Mutex<HashMap<(TenantId, String), Held>>, Alone);

/// Who does something for one owner alone within this process.
type Alone = Mutex<HashMap<(TenantId, String), Arc<tokio::sync::Mutex<()>>>>;

struct Held {
    credentials: ClientCredentials,
    secret: Secret,
    token: Secret,
    until: Timestamp,
}

/// Who asks for a token.
pub(crate) struct Wanted<'w> {
    pub(crate) tenant: &'w TenantId,
    /// What it is for: the id of a tool or of a server.
    pub(crate) owner: &'w str,
    pub(crate) credentials: &'w ClientCredentials,
    pub(crate) secret: &'w Secret,
}

/// Why there is no token; nothing was done with the service itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// Where tokens are given may not be called, or says that we are not who we say.
    Refused(String),
    Unavailable(String),
}

impl NoToken {
    pub(crate) fn words(&self) -> &str {
        match self {
            NoToken::Refused(why) | NoToken::Unavailable(why) => why,
        }
    }
}

/// What RFC 6749 answers with.
#[derive(Deserialize)]
pub(crate) struct Granted {
    pub(crate) access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    pub(crate) refresh_token: Option<String>,
    #[serde(default)]
    pub(crate) scope: Option<String>,
}

impl Granted {
    /// How long it says that it is good.
    pub(crate) fn life(&self) -> Option<Duration> {
        match &self.expires_in {
            Value::Number(n) => n.as_u64().map(Duration::from_secs),
            // Some services write it as a text.
            Value::String(text) => text.parse().ok().map(Duration::from_secs),
            _ => None,
        }
    }
}

impl Grants {
    fn held(&self, wanted: &Wanted<'_>, now: Timestamp) -> Option<Secret> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = all.get(&(wanted.tenant.clone(), wanted.owner.to_owned()))?;
        let same = held.credentials == *wanted.credentials && held.secret == *wanted.secret;
        (same && now < held.until).then(|| held.token.clone())
    }

    fn hold(&self, wanted: &Wanted<'_>, token: &Secret, until: Timestamp, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, held| now < held.until);
        }
        if all.len() >= MOST {
            all.clear();
        }
        let (credentials, secret) = (wanted.credentials.clone(), wanted.secret.clone());
        all.insert((wanted.tenant.clone(), wanted.owner.to_owned()), Held { credentials, secret, token: token.clone(), until });
    }

    /// Whoever holds it renews what this owner has; others wait in real time.
    pub(crate) fn alone(&self, tenant: &TenantId, owner: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut all = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, one| Arc::strong_count(one) > 1);
        }
        all.entry((tenant.clone(), owner.to_owned())).or_default().clone()
    }

    /// The service does not take this token: it is not used again. Another one, fetched meanwhile, stays.
    pub(crate) fn forget(&self, wanted: &Wanted<'_>, token: &Secret) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (wanted.tenant.clone(), wanted.owner.to_owned());
        if all.get(&key).is_some_and(|held| held.token == *token) {
            all.remove(&key);
        }
    }
}

/// A token that is good now.
pub(crate) async fn token(desk: &Desk, wanted: &Wanted<'_>, patience: Duration) -> Result<Secret, NoToken> {
    let now = desk.now();
    if let Some(token) = desk.grants.held(wanted, now) {
        return Ok(token);
    }
    let answer = desk.http.send(request(wanted, patience.min(LONGEST_WAIT))).await;
    let granted = read(answer)?;
    let life = granted.life().unwrap_or(USUAL_LIFE).min(LONGEST_LIFE).saturating_sub(MARGIN);
    let token = Secret::new(granted.access_token);
    desk.grants.hold(wanted, &token, now.plus(life), now);
    Ok(token)
}

fn request(wanted: &Wanted<'_>, timeout: Duration) -> Request {
    let c = wanted.credentials;
    let mut fields = vec![("grant_type", "client_credentials".to_owned())];
    if !c.scope.is_empty() {
        fields.push(("scope", c.scope.clone()));
    }
    if !c.resource.is_empty() {
        fields.push(("resource", c.resource.clone()));
    }
    let mut request = Request::new(Method::Post, c.token_url.as_str());
    match c.send_as {
        ClientLogin::Basic => {
            request.auth = basic(&c.client_id, wanted.secret);
        }
        ClientLogin::Form => {
            fields.push(("client_id", c.client_id.clone()));
            fields.push(("client_secret", wanted.secret.reveal().to_owned()));
        }
    }
    request.headers.push(("accept", "application/json".to_owned()));
    Request { body: Body::Form(fields), guest: true, timeout, gap: timeout, max_bytes: LARGEST, ..request }
}

/// As form data inside Basic, which RFC 6749 asks for.
pub(crate) fn basic(client_id: &str, secret: &Secret) -> Auth {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let login = format!("{}:{}", encoded(client_id), encoded(secret.reveal()));
    Auth::Header("authorization", Secret::new(format!("Basic {}", BASE64_STANDARD.encode(login))))
}

/// `error` is a fixed word; the description may hold anything.
pub(crate) fn error_word(body: &[u8]) -> Option<String> {
    let told = serde_json::from_slice::<Value>(body).unwrap_or_default();
    told["error"].as_str().filter(|w| is_error_word(w)).map(str::to_owned)
}

pub(crate) fn is_error_word(word: &str) -> bool {
    !word.is_empty() && word.len() <= 40 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

pub(crate) fn read(answer: Result<Response, HttpError>) -> Result<Granted, NoToken> {
    let answer = answer.map_err(|error| match error {
        HttpError::Refused(why) => NoToken::Refused(format!("The address where access is given may not be called: {why}.")),
        HttpError::Timeout(_) => NoToken::Unavailable("The service that gives access did not answer in time.".into()),
        _ => NoToken::Unavailable("The service that gives access cannot be reached.".into()),
    })?;
    match answer.status {
        200..=299 => {
            let granted: Granted = serde_json::from_slice(&answer.body)
                .map_err(|_| NoToken::Unavailable("The service that gives access answered without a token.".into()))?;
            let bearer = granted.token_type.as_ref().is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
            let fits = !granted.access_token.is_empty() && granted.access_token.bytes().all(|b| b.is_ascii_graphic());
            match bearer && fits {
                true => Ok(granted),
                false => Err(NoToken::Refused("The service that gives access gave a token that cannot be used here.".into())),
            }
        }
        400..=499 if answer.status != 408 && answer.status != 429 => Err(NoToken::Refused(match error_word(&answer.body) {
            Some(word) => format!("The service that gives access refused our credentials ({word})."),
            None => format!("The service that gives access refused our credentials (status {}).", answer.status),
        })),
        status => Err(NoToken::Unavailable(format!("The service that gives access has a fault (status {status})."))),
    }
}
