//! Somebody who gives access to a server of tools by a person's consent: OAuth 2.1 with PKCE, RFC 7591, 7009, 8414, 8707 and 9207. Codes are
//! good once, refresh tokens rotate, and who shows an old one loses everything, as the specifications say.

mod token;

use std::{
    collections::BTreeMap,
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use frontdesk_kernel::{Clock, Timestamp};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};
use tokio_util::sync::CancellationToken;

use super::{journal::lock, server::Server};

/// Registered by hand, with a secret.
pub const CONSENT_CLIENT: (&str, &str) = ("by hand", "another secret: with %signs");

type Fields = BTreeMap<String, String>;
type Bend = Box<dyn Fn(&mut Value) + Send + Sync>;

/// A running giver of access; dropping it stops it.
pub struct FakeConsent {
    desk: Arc<Desk>,
    _server: Server,
}

/// What was given.
#[derive(Debug, Clone)]
struct Given {
    client: String,
    resource: String,
    scope: String,
    /// All that came from one consent.
    family: u64,
    access: String,
    refresh: String,
    until: Timestamp,
    /// The access or the refresh token is good.
    access_good: bool,
    refresh_good: bool,
}

/// How often something was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    pub registered: u64,
    pub authorized: u64,
    pub redeemed: u64,
    pub renewed: u64,
    pub revoked: u64,
}

#[derive(Debug, Clone)]
struct Known {
    secret: Option<String>,
    redirects: Vec<String>,
}

struct Desk {
    url: String,
    clock: Arc<dyn Clock>,
    clients: Mutex<BTreeMap<String, Known>>,
    codes: Mutex<BTreeMap<String, Fields>>,
    given: Mutex<Vec<Given>>,
    made: Mutex<u64>,
    asked: Mutex<Asked>,
    bend: Mutex<Option<Bend>>,
    life: Mutex<Duration>,
    /// What the person says instead of yes.
    answer: Mutex<Option<String>>,
    /// Another than its own, in its answers.
    issuer: Mutex<Option<String>>,
    /// The next renewals fail with this status and this word; the last first.
    faults: Mutex<Vec<(u16, &'static str)>>,
    /// What it is asked for tokens waits.
    holds: Mutex<bool>,
    held: Mutex<usize>,
    released: Notify,
    violations: Mutex<Vec<String>>,
}

impl FakeConsent {
    pub async fn start(clock: Arc<dyn Clock>) -> io::Result<FakeConsent> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/tenant1", listener.local_addr()?);
        let desk = Arc::new(Desk {
            url,
            clock,
            clients: Mutex::default(),
            codes: Mutex::default(),
            given: Mutex::default(),
            made: Mutex::default(),
            asked: Mutex::default(),
            bend: Mutex::default(),
            life: Mutex::new(Duration::from_secs(3600)),
            answer: Mutex::default(),
            issuer: Mutex::default(),
            faults: Mutex::default(),
            holds: Mutex::default(),
            held: Mutex::default(),
            released: Notify::new(),
            violations: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/oauth-authorization-server/{tenant}", get(about))
            .route("/tenant1/register", post(register))
            .route("/tenant1/authorize", get(authorize))
            .route("/tenant1/token", post(token::token))
            .route("/tenant1/revoke", post(token::revoke))
            .with_state(desk.clone());
        Ok(FakeConsent { desk, _server: Server::start(listener, router, CancellationToken::new()) })
    }

    /// Who it is: an address with a path.
    pub fn issuer(&self) -> &str {
        &self.desk.url
    }

    /// `http://127.0.0.1:port`.
    pub fn origin(&self) -> &str {
        self.desk.url.trim_end_matches("/tenant1")
    }

    /// Changes what it says of itself.
    pub fn bend(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        *lock(&self.desk.bend) = Some(Box::new(change));
    }

    /// Somebody registered us by hand.
    pub fn knows_us(&self, redirect: &str) {
        self.knows(CONSENT_CLIENT.0, Some(CONSENT_CLIENT.1), redirect);
    }

    /// A client that it knows.
    pub fn knows(&self, id: &str, secret: Option<&str>, redirect: &str) {
        let known = Known { secret: secret.map(str::to_owned), redirects: vec![redirect.to_owned()] };
        lock(&self.desk.clients).insert(id.to_owned(), known);
    }

    /// The next person answers with this error.
    pub fn refuse_with(&self, error: &str) {
        *lock(&self.desk.answer) = Some(error.to_owned());
    }

    /// It calls itself so in its answers; empty: it does not say who it is.
    pub fn speak_as(&self, issuer: &str) {
        *lock(&self.desk.issuer) = Some(issuer.to_owned());
    }

    /// Further tokens are good for so long.
    pub fn tokens_live(&self, life: Duration) {
        *lock(&self.desk.life) = life;
    }

    /// The access tokens that are out are not good any more; they can be renewed.
    pub fn refuse_access(&self) {
        lock(&self.desk.given).iter_mut().for_each(|given| given.access_good = false);
    }

    /// Somebody took the consent back: nothing that is out is good any more.
    pub fn forget_everything(&self) {
        lock(&self.desk.given).iter_mut().for_each(|given| (given.access_good, given.refresh_good) = (false, false));
    }

    /// The next renewals fail with these.
    pub fn fail_renewals(&self, statuses: &[u16]) {
        *lock(&self.desk.faults) = statuses.iter().map(|status| (*status, "")).collect();
    }

    /// The next renewals are refused with this status and word, so often.
    pub fn refuse_renewals(&self, times: usize, status: u16, word: &'static str) {
        *lock(&self.desk.faults) = vec![(status, word); times];
    }

    /// Whoever asks for tokens waits until `release`.
    pub fn hold(&self) {
        *lock(&self.desk.holds) = true;
    }

    pub fn release(&self) {
        *lock(&self.desk.holds) = false;
        self.desk.released.notify_waiters();
    }

    /// Who waits for tokens now.
    pub fn held(&self) -> usize {
        *lock(&self.desk.held)
    }

    pub fn asked(&self) -> Asked {
        *lock(&self.desk.asked)
    }

    /// Every token that was ever given, for looking whether it is somewhere.
    pub fn tokens(&self) -> Vec<String> {
        lock(&self.desk.given).iter().flat_map(|given| [given.access.clone(), given.refresh.clone()]).collect()
    }

    /// Tokens that somebody could still use.
    pub fn alive(&self) -> usize {
        let given = lock(&self.desk.given);
        given.iter().map(|g| usize::from(g.access_good && self.desk.clock.now() < g.until) + usize::from(g.refresh_good)).sum()
    }

    /// Whether a token is good at this server now.
    pub fn admits(&self, token: &str, resource: &str) -> bool {
        self.desk.admits(token, resource)
    }

    /// The same, for somebody who outlives it.
    pub fn guard(&self) -> impl Fn(&str, &str) -> bool + Send + Sync + 'static {
        let desk = self.desk.clone();
        move |token, resource| desk.admits(token, resource)
    }

    pub fn violations(&self) -> Vec<String> {
        lock(&self.desk.violations).clone()
    }
}

impl Desk {
    fn admits(&self, token: &str, resource: &str) -> bool {
        let now = self.clock.now();
        lock(&self.given).iter().any(|g| g.access == token && g.resource == resource && g.access_good && now < g.until)
    }

    fn violation(&self, problem: impl Into<String>) {
        lock(&self.violations).push(problem.into());
    }

    fn count(&self, one: impl Fn(&mut Asked)) {
        one(&mut lock(&self.asked));
    }

    fn number(&self) -> u64 {
        let mut made = lock(&self.made);
        *made += 1;
        *made
    }
}

async fn about(State(desk): State<Arc<Desk>>, Path(tenant): Path<String>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", desk.url);
    let mut about = json!({
        "issuer": desk.url.replace("tenant1", &tenant), "authorization_endpoint": at("/authorize?audience=mcp"), "token_endpoint": at("/token"),
        "registration_endpoint": at("/register"), "revocation_endpoint": at("/revoke"),
        "response_types_supported": ["code"], "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"], "scopes_supported": ["orders", "offline_access"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "authorization_response_iss_parameter_supported": true,
    });
    if let Some(bend) = &*lock(&desk.bend) {
        bend(&mut about);
    }
    Json(about)
}

async fn register(State(desk): State<Arc<Desk>>, Json(asked): Json<Value>) -> Response {
    desk.count(|asked| asked.registered += 1);
    let redirects: Vec<String> = serde_json::from_value(asked["redirect_uris"].clone()).unwrap_or_default();
    let method = asked["token_endpoint_auth_method"].as_str().unwrap_or("client_secret_basic").to_owned();
    let grants: Vec<String> = serde_json::from_value(asked["grant_types"].clone()).unwrap_or_default();
    let told = asked["client_name"].is_string() && grants.iter().any(|g| g == "refresh_token") && redirects.len() == 1;
    if !told || !matches!(asked["application_type"].as_str(), Some("web" | "native")) {
        desk.violation(format!("registered with {asked}"));
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_client_metadata" }))).into_response();
    }
    let n = desk.number();
    let (id, secret) = (format!("client-{n}"), (method != "none").then(|| format!("registered-secret-{n}")));
    lock(&desk.clients).insert(id.clone(), Known { secret: secret.clone(), redirects });
    let mut answer = asked;
    answer["client_id"] = id.into();
    if let Some(secret) = secret {
        answer["client_secret"] = secret.into();
        answer["client_secret_expires_at"] = 0.into();
    }
    (StatusCode::CREATED, Json(answer)).into_response()
}

/// The person answers at once; what the specifications ask of the question is checked first.
async fn authorize(State(desk): State<Arc<Desk>>, Query(asked): Query<Fields>) -> Response {
    desk.count(|asked| asked.authorized += 1);
    let said = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let known = lock(&desk.clients).get(said("client_id")).cloned();
    let redirect = said("redirect_uri");
    let wrong = [
        ("audience", said("audience") != "mcp"),
        ("client_id", known.is_none()),
        ("redirect_uri", !known.is_some_and(|known| known.redirects.iter().any(|r| r == redirect))),
        ("response_type", said("response_type") != "code"),
        ("state", said("state").len() < 20),
        ("code_challenge_method", said("code_challenge_method") != "S256"),
        ("code_challenge", said("code_challenge").len() != 43),
        ("resource", !said("resource").starts_with("http") || said("resource").contains('#')),
    ];
    if let Some((name, _)) = wrong.iter().find(|(_, is)| *is) {
        return (StatusCode::BAD_REQUEST, format!("{name} is not right")).into_response();
    }
    let issuer = lock(&desk.issuer).clone().unwrap_or_else(|| desk.url.clone());
    let mut answer = vec![("state", said("state").to_owned())];
    if !issuer.is_empty() {
        answer.push(("iss", issuer));
    }
    match lock(&desk.answer).take() {
        Some(error) => answer.extend([("error", error), ("error_description", "<b>because</b>".to_owned())]),
        None => {
            let code = format!("code-{}", desk.number());
            lock(&desk.codes).insert(code.clone(), asked.clone());
            answer.push(("code", code));
        }
    }
    let back = url::Url::parse_with_params(redirect, answer).expect("an address");
    (StatusCode::FOUND, [(header::LOCATION, back.to_string())]).into_response()
}
