//! An identity provider by OpenID Connect Core 1.0 and RFC 7636: refuses what the specification refuses, and signs what a story tells it to.

use std::{
    collections::BTreeMap,
    io,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as B64},
};
use frontdesk_kernel::Clock;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{journal::lock, server::Server};

pub(crate) const CLIENT_ID: &str = "front desk";
pub(crate) const CLIENT_SECRET: &str = "a secret: with %signs";

type Fields = BTreeMap<String, String>;
type Bend = Box<dyn Fn(&mut Value) + Send + Sync>;

/// A running provider; dropping it stops it.
pub struct FakeIdentityProvider {
    url: String,
    desk: Arc<Desk>,
    _server: Server,
}

struct Desk {
    url: String,
    clock: Arc<dyn Clock>,
    key: SigningKey,
    /// Who sits at the provider's page.
    person: Mutex<Value>,
    bend: Mutex<Option<Bend>>,
    codes: Mutex<BTreeMap<String, Fields>>,
    made: AtomicU64,
    down: AtomicBool,
}

impl FakeIdentityProvider {
    pub async fn start(clock: Arc<dyn Clock>) -> io::Result<FakeIdentityProvider> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Desk {
            url: url.clone(),
            clock,
            key: SigningKey::from_bytes(&[7; 32].into()).expect("a scalar in range"),
            person: Mutex::new(json!({})),
            bend: Mutex::default(),
            codes: Mutex::default(),
            made: AtomicU64::new(0),
            down: AtomicBool::new(false),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(about))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(desk.clone());
        Ok(FakeIdentityProvider { url, desk, _server: Server::start(listener, router, CancellationToken::new()) })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Who signs in next: `sub`, and whatever else the token says of them.
    pub fn person(&self, claims: Value) {
        *lock(&self.desk.person) = claims;
    }

    /// Changes the claims of every further token.
    pub fn bend(&self, change: impl Fn(&mut Value) + Send + Sync + 'static) {
        *lock(&self.desk.bend) = Some(Box::new(change));
    }

    /// Every answer is a 503, or none is.
    pub fn down(&self, down: bool) {
        self.desk.down.store(down, Ordering::SeqCst);
    }
}

async fn about(State(desk): State<Arc<Desk>>) -> Response {
    if desk.down.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let at = |path: &str| format!("{}{path}", desk.url);
    Json(json!({
        "issuer": desk.url, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "jwks_uri": at("/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"], "code_challenge_methods_supported": ["S256"],
    }))
    .into_response()
}

async fn keys(State(desk): State<Arc<Desk>>) -> Json<Value> {
    let point = desk.key.verifying_key().to_encoded_point(false);
    let [x, y] = [point.x(), point.y()].map(|c| B64.encode(c.expect("a point that is not compressed")));
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "one", "x": x, "y": y }] }))
}

/// The person agrees at once; what the specification asks of the request is checked first.
async fn authorize(State(desk): State<Arc<Desk>>, Query(asked): Query<Fields>) -> Response {
    let said = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let wrong = [
        ("response_type", said("response_type") != "code"),
        ("client_id", said("client_id") != CLIENT_ID),
        ("scope", !said("scope").split(' ').any(|s| s == "openid")),
        ("redirect_uri", !said("redirect_uri").starts_with("http")),
        ("state", said("state").len() < 20),
        ("nonce", said("nonce").len() < 20),
        ("code_challenge_method", said("code_challenge_method") != "S256"),
        ("code_challenge", said("code_challenge").len() != 43),
    ];
    if let Some((name, _)) = wrong.iter().find(|(_, is)| *is) {
        return (StatusCode::BAD_REQUEST, format!("{name} is not right")).into_response();
    }
    let code = format!("code-{}", desk.made.fetch_add(1, Ordering::SeqCst));
    let back = url::Url::parse_with_params(said("redirect_uri"), [("code", code.as_str()), ("state", said("state"))]);
    lock(&desk.codes).insert(code, asked.clone());
    (StatusCode::FOUND, [(header::LOCATION, back.expect("an address").to_string())]).into_response()
}

async fn token(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> Response {
    let asked: Fields = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let refuse = |status: StatusCode, error: &str| (status, Json(json!({ "error": error }))).into_response();
    // RFC 6749 2.3.1: both are form-encoded before they are joined.
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let login = format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encoded(CLIENT_ID), encoded(CLIENT_SECRET))));
    if headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()) != Some(login.as_str()) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let said = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    if said("grant_type") != "authorization_code" {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    // A code is good once.
    let Some(begun) = lock(&desk.codes).remove(said("code")) else { return refuse(StatusCode::BAD_REQUEST, "invalid_grant") };
    let challenge = B64.encode(Sha256::digest(said("code_verifier")));
    if begun["code_challenge"] != challenge || begun["redirect_uri"] != said("redirect_uri") {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let now = desk.clock.now().0 / 1000;
    let mut claims = json!({ "iss": desk.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": begun["nonce"] });
    for (name, value) in lock(&desk.person).as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    if let Some(bend) = &*lock(&desk.bend) {
        bend(&mut claims);
    }
    let head = json!({ "alg": "ES256", "typ": "JWT", "kid": "one" });
    let signed = format!("{}.{}", B64.encode(head.to_string()), B64.encode(claims.to_string()));
    let signature: Signature = desk.key.sign(signed.as_bytes());
    let id_token = format!("{signed}.{}", B64.encode(signature.to_bytes()));
    Json(json!({ "access_token": "not used here", "token_type": "Bearer", "expires_in": 300, "id_token": id_token }))
        .into_response()
}
