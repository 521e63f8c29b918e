//! The layer that finds out who asks: a bearer key, or the cookie of a session. What a cookie alone proves is not enough to change
//! anything: the page that asks must be ours (its `Origin`).

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use frontdesk_engine::access::{enter, neighbourhood};
use frontdesk_kernel::{
    Scope, Timestamp,
    ids::TenantId,
    member::Role,
    random::{self, Random},
    scope::Server,
};
use frontdesk_store::{
    people::{self, Key},
    sessions::{self, Session},
    tenants, work,
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    Actor, Caller, Problem, SignedIn,
    caller::{Allowed, Slot},
    client,
};
use crate::Web;

/// A session that nobody uses for so long ends.
pub(crate) const SESSION_LIVES: Duration = enter::IDLE;
const SESSION_LIVES_AT_MOST: Duration = enter::LONGEST;
/// A use is written down at most once in so long.
const NOTE_EVERY: Duration = Duration::from_secs(60);
/// Routes that somebody with a one-time password may use: to choose one of their own, and to leave.
const BEFORE_A_NEW_PASSWORD: &str = "/session";

/// Who asks, before a business is chosen.
#[derive(Clone)]
pub(crate) enum Identity {
    Nobody,
    Key(Arc<Key>),
    /// The machine's own operator.
    Machine,
    Person(SignedIn),
    /// Something was presented that does not hold.
    Refused(Problem),
}

/// Around every route of the API.
pub(crate) async fn layer(State(web): State<Web>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let identity = match identify(&web, &parts).await {
        Ok(identity) => identity,
        Err(problem) => Identity::Refused(problem),
    };
    if let Err(problem) = paced(&web, &parts, &identity) {
        return problem.into_response();
    }
    let caller = choose(&web, &parts, &identity).await;
    parts.extensions.insert(Slot(caller));
    parts.extensions.insert(identity);
    next.run(Request::from_parts(parts, body)).await
}

async fn identify(web: &Web, parts: &Parts) -> Result<Identity, Problem> {
    let now = web.desk.now();
    if let Some(key) = bearer(&parts.headers) {
        let hash = hash_token(key);
        if web.operator_key.as_ref().is_some_and(|known| bool::from(known.as_bytes().ct_eq(hash.as_bytes()))) {
            return Ok(Identity::Machine);
        }
        let found = web.desk.db.read(&Server, work!(tx => people::key_by_hash(tx, &Server, &hash, now).await)).await?;
        let key = found.ok_or_else(Problem::unauthorized)?;
        if key.last_used_at.is_none_or(|at| now.since(at) >= NOTE_EVERY) {
            let (scope, id) = (Scope::of(key.tenant.clone()), key.id.clone());
            let s = scope.clone();
            web.desk.db.write(&scope, work!(tx => people::key_used(tx, &s, &id, now).await)).await?;
        }
        return Ok(Identity::Key(Arc::new(key)));
    }
    let Some(token) = cookie(&parts.headers, web.cookie_name()) else { return Ok(Identity::Nobody) };
    let hash = hash_token(token);
    let found = web
        .desk
        .db
        .read(
            &Server,
            work!(tx => {
                let Some(session) = sessions::by_hash(tx, &Server, &hash, now).await? else { return Ok(None) };
                let Some(person) = people::get(tx, &Server, &session.person).await?.filter(|p| p.active) else { return Ok(None) };
                let places = people::places(tx, &Server, &person.id).await?;
                Ok(Some((session, person, places)))
            }),
        )
        .await?;
    let (session, person, places) = found.ok_or_else(Problem::unauthorized)?;
    if !is_safe(&parts.method) {
        same_origin(web, &parts.headers)?;
    }
    note_use(web, parts, &session, now).await?;
    let since = session.created_at;
    Ok(Identity::Person(SignedIn { person: Arc::new(person), session: session.id, since, places: places.into() }))
}

/// The business that is meant: the key's own, or the one that `x-tenant-id` names among theirs (else the first).
async fn choose(web: &Web, parts: &Parts, identity: &Identity) -> Result<Caller, Problem> {
    let named = match named_tenant(parts) {
        Some(text) => Some(TenantId::parse(&text).map_err(|_| nobody_s())?),
        None => None,
    };
    let seen = parts.headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok()).map(Arc::from);
    let everywhere = || Arc::from([]);
    match identity {
        Identity::Nobody => Err(Problem::unauthorized()),
        Identity::Refused(problem) => Err(problem.clone()),
        Identity::Key(key) => {
            if named.is_some_and(|t| t != key.tenant) {
                return Err(nobody_s());
            }
            let allowed = Allowed::Scopes(key.scopes.clone().into());
            let scope = Scope::of(key.tenant.clone());
            Ok(Caller { scope, actor: Actor::Key(key.id.clone()), operator: false, allowed, locations: everywhere(), seen })
        }
        Identity::Machine => {
            let scope = Scope::of(any(web, named).await?);
            let allowed = Allowed::Scopes(Arc::from(["*".to_owned()]));
            Ok(Caller { scope, actor: Actor::Operator, operator: true, allowed, locations: everywhere(), seen })
        }
        Identity::Person(p) => {
            if p.person.must_change_password && !path_of(parts).starts_with(BEFORE_A_NEW_PASSWORD) {
                let detail = "Choose a password of your own first: somebody else knows this one.";
                return Err(Problem::forbidden("password_change_required", detail));
            }
            let place = match &named {
                Some(tenant) => p.places.iter().find(|m| m.tenant == *tenant),
                None => p.places.first(),
            };
            let (tenant, role, locations) = match place {
                Some(m) => (m.tenant.clone(), m.role, m.locations.clone().into()),
                None if p.person.operator => (any(web, named).await?, Role::Owner, everywhere()),
                None => return Err(nobody_s()),
            };
            let actor = Actor::Person(p.person.id.clone());
            Ok(Caller {
                scope: Scope::of(tenant),
                actor,
                operator: p.person.operator,
                allowed: Allowed::Role(role),
                locations,
                seen,
            })
        }
    }
}

/// An operator may name any tenant; without a name it is the first.
async fn any(web: &Web, named: Option<TenantId>) -> Result<TenantId, Problem> {
    let all = web.desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
    let found = match named {
        Some(id) => all.into_iter().find(|t| t.id == id),
        None => all.into_iter().next(),
    };
    found.map(|t| t.id).ok_or_else(nobody_s)
}

/// The same whether there is no such tenant or it is somebody else's.
fn nobody_s() -> Problem {
    Problem::not_found("tenant")
}

fn named_tenant(parts: &Parts) -> Option<String> {
    if let Some(header) = parts.headers.get("x-tenant-id") {
        return Some(header.to_str().unwrap_or("?").to_owned());
    }
    // An event source in a browser cannot send headers.
    let query = parts.uri.query()?;
    query.split('&').find_map(|pair| pair.strip_prefix("tenant=")).map(str::to_owned)
}

fn paced(web: &Web, parts: &Parts, identity: &Identity) -> Result<(), Problem> {
    let who = match identity {
        Identity::Machine => return Ok(()),
        Identity::Key(key) => key.id.to_string(),
        Identity::Person(p) => p.person.id.to_string(),
        Identity::Nobody | Identity::Refused(_) => {
            client::address(&parts.extensions, &parts.headers, &web.trusted_proxies).map_or("?".into(), neighbourhood)
        }
    };
    web.rates.take(&who, web.limits.requests_per_second, web.desk.now()).map_err(|wait| {
        metrics::counter!("frontdesk_api_limited_total").increment(1);
        Problem::too_many("Too many requests: slow down.", wait.as_secs() + 1)
    })
}

/// Used a minute or more after it was noted: noted again, and the session lives on from now.
async fn note_use(web: &Web, parts: &Parts, session: &Session, now: Timestamp) -> Result<(), Problem> {
    if now.since(session.last_seen_at) < NOTE_EVERY {
        return Ok(());
    }
    let address = client::address(&parts.extensions, &parts.headers, &web.trusted_proxies);
    let address = address.map_or_else(|| session.address.clone(), |a| a.to_string());
    let until = now.plus(SESSION_LIVES).min(session.created_at.plus(SESSION_LIVES_AT_MOST));
    let id = session.id.clone();
    web.desk.db.write(&Server, work!(tx => sessions::seen(tx, &Server, &id, &address, now, until).await)).await?;
    Ok(())
}

/// The page that asks is ours. Every browser sends `Origin` with what can change something.
pub(crate) fn same_origin(web: &Web, headers: &HeaderMap) -> Result<(), Problem> {
    let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok());
    let ours = origin.is_some_and(|origin| match &web.public_origin {
        Some(public) => origin == &**public,
        None => {
            let host = headers.get(header::HOST).and_then(|v| v.to_str().ok()).unwrap_or_default();
            let bare = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            !host.is_empty() && bare == Some(host)
        }
    });
    if ours {
        Ok(())
    } else {
        Err(Problem::forbidden("foreign_origin", "This must come from the console itself (the `Origin` header says otherwise)."))
    }
}

impl Web {
    /// With the browser's own guarantee that only we set it, where the console is reached by https.
    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.is_https() { "__Host-frontdesk" } else { "frontdesk" }
    }

    pub(crate) fn is_https(&self) -> bool {
        self.public_origin.as_ref().is_some_and(|origin| origin.starts_with("https://"))
    }
}

/// Characters of a key after `fd_`: 250 random bits.
const KEY_LENGTH: usize = 43;
/// Characters of a key that stay visible in lists.
const KEY_SHOWN: usize = 10;

/// A key of a business as it is made: whole this once.
pub struct FreshKey {
    pub text: String,
    /// The first characters, to recognise it by.
    pub prefix: String,
    /// What is kept of the rest.
    pub hash: String,
}

impl FreshKey {
    pub fn new(random: &dyn Random) -> FreshKey {
        let text = format!("fd_{}", random::text(random, KEY_LENGTH));
        FreshKey { prefix: text[..KEY_SHOWN].to_owned(), hash: hash_token(&text), text }
    }
}

/// How keys and session tokens are stored and looked up.
pub fn hash_token(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim()).filter(|key| !key.is_empty())
}

pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    all.filter_map(|pair| pair.trim().split_once('=')).find(|(n, _)| *n == name).map(|(_, value)| value)
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Without the API's prefix.
fn path_of(parts: &Parts) -> &str {
    let path = parts.uri.path();
    path.strip_prefix("/api/v1").unwrap_or(path)
}
