//! Single sign-on by OpenID Connect: discovery, authorization code with PKCE, and an ID token that is believed only after every check.

#[cfg(test)]
mod tests;
pub(crate) mod token;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use frontdesk_kernel::{
    Secret, Timestamp,
    ports::{
        http::{self, Auth, Body, Http, Method},
        identity::{Identity, IdentityError, IdentityProvider, Request},
    },
};
use jsonwebtoken::jwk::JwkSet;
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

/// What was discovered is believed for so long.
const FRESH: Duration = Duration::from_secs(3600);
/// An unknown key is looked for at most this often.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Who vouches, and who we are there.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the button says.
    pub name: String,
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<Secret>,
}

pub struct Oidc {
    settings: Settings,
    known: Mutex<Option<Known>>,
}

#[derive(Clone)]
struct Known {
    about: About,
    keys: JwkSet,
    at: Instant,
}

/// The provider's own description.
#[derive(Clone, Deserialize)]
struct About {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Oidc {
    pub fn new(settings: Settings) -> Oidc {
        Oidc { settings, known: Mutex::new(None) }
    }

    /// The provider as it is now; keys are fetched anew when `missing` names one that we do not have.
    async fn known(&self, http: &dyn Http, missing: Option<&str>) -> Result<Known, IdentityError> {
        let kept = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = kept
            && known.at.elapsed() < FRESH
            && (missing.is_none_or(|kid| known.keys.find(kid).is_some()) || known.at.elapsed() < LOOK_AGAIN)
        {
            return Ok(known);
        }
        let url = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let about: About = fetch(http, http::Request::new(Method::Get, url)).await?;
        if about.issuer.trim_end_matches('/') != self.settings.issuer.trim_end_matches('/') {
            return Err(unavailable(format!("it calls itself {}", about.issuer)));
        }
        // Who is asked over https stays there.
        let secure = self.settings.issuer.starts_with("https://");
        for url in [&about.authorization_endpoint, &about.token_endpoint, &about.jwks_uri] {
            if secure && !url.starts_with("https://") {
                return Err(unavailable(format!("its address {url} is not https")));
            }
        }
        let keys = fetch(http, http::Request::new(Method::Get, about.jwks_uri.clone())).await?;
        let known = Known { about, keys, at: Instant::now() };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }
}

#[async_trait]
impl IdentityProvider for Oidc {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    async fn authorize(&self, http: &dyn Http, request: &Request<'_>) -> Result<String, IdentityError> {
        let about = self.known(http, None).await?.about;
        let mut url = url::Url::parse(&about.authorization_endpoint).map_err(|e| unavailable(e.to_string()))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", request.redirect)
            .append_pair("scope", "openid email profile")
            .append_pair("state", request.state)
            .append_pair("nonce", request.nonce)
            .append_pair("code_challenge", &BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(request.verifier)))
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    async fn redeem(
        &self,
        http: &dyn Http,
        code: &str,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Result<Identity, IdentityError> {
        let about = self.known(http, None).await?.about;
        let mut fields = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", request.redirect.to_owned()),
            ("code_verifier", request.verifier.to_owned()),
            ("client_id", self.settings.client_id.clone()),
        ];
        let mut call = http::Request::new(Method::Post, about.token_endpoint.clone());
        if let Some(secret) = &self.settings.client_secret {
            let methods = &about.token_endpoint_auth_methods_supported;
            let basic = methods.is_empty() || methods.iter().any(|m| m == "client_secret_basic");
            if basic {
                let login = format!("{}:{}", encoded(&self.settings.client_id), encoded(secret.reveal()));
                let header = format!("Basic {}", BASE64_STANDARD.encode(login));
                call.auth = Auth::Header("authorization", Secret::new(header));
            } else {
                fields.push(("client_secret", secret.reveal().to_owned()));
            }
        }
        call.body = Body::Form(fields);
        let answer: Tokens = fetch(http, call).await?;
        let kid = token::key_id(&answer.id_token)?;
        let known = self.known(http, kid.as_deref()).await?;
        let expected =
            token::Expected { issuer: &known.about.issuer, audience: &self.settings.client_id, nonce: request.nonce, now };
        token::verified(&answer.id_token, kid.as_deref(), &known.keys, &expected)
    }
}

/// As form data, which RFC 6749 asks for inside Basic.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn fetch<T: DeserializeOwned>(http: &dyn Http, request: http::Request) -> Result<T, IdentityError> {
    let answer = http.send(request).await.map_err(|e| unavailable(e.to_string()))?;
    match answer.status {
        200 => serde_json::from_slice(&answer.body).map_err(|e| unavailable(format!("an answer cannot be read: {e}"))),
        400 | 401 => {
            // `error` is a fixed word; the description may hold anything.
            let word = serde_json::from_slice::<serde_json::Value>(&answer.body).unwrap_or_default();
            Err(IdentityError::Refused(format!("status {}: {}", answer.status, word["error"].as_str().unwrap_or("no reason"))))
        }
        status => Err(unavailable(format!("status {status}"))),
    }
}

fn unavailable(why: String) -> IdentityError {
    IdentityError::Unavailable(why)
}
