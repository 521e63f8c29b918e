//! The ID token: only named algorithms, only keys of the provider, and every claim that says for whom, by whom and when.

use frontdesk_kernel::{
    Timestamp,
    ports::identity::{Identity, IdentityError},
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde::Deserialize;
use serde_json::Value;

/// Clocks may differ by this many seconds.
const SKEW: i64 = 60;
/// A token is used when it is made.
const OLDEST: i64 = 600;

pub(crate) struct Expected<'e> {
    pub(crate) issuer: &'e str,
    pub(crate) audience: &'e str,
    pub(crate) nonce: &'e str,
    pub(crate) now: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: Value,
    name: Option<String>,
}

/// Which key signed it, as it says itself: a name to look up, nothing more.
pub(crate) fn key_id(token: &str) -> Result<Option<String>, IdentityError> {
    Ok(decode_header(token).map_err(|e| refused(&e))?.kid)
}

pub(crate) fn verified(
    token: &str,
    kid: Option<&str>,
    keys: &JwkSet,
    expected: &Expected<'_>,
) -> Result<Identity, IdentityError> {
    let header = decode_header(token).map_err(|e| refused(&e))?;
    // Ours to choose, not the token's.
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
        return Err(refused(&format!("the algorithm {:?} is not accepted", header.alg)));
    }
    let key = match kid {
        Some(kid) => keys.find(kid),
        None if keys.keys.len() == 1 => keys.keys.first(),
        None => None,
    };
    let key = key.ok_or_else(|| refused(&"the provider has no such key"))?;
    let key = DecodingKey::from_jwk(key).map_err(|e| refused(&e))?;
    let mut rules = Validation::new(header.alg);
    rules.algorithms = vec![header.alg];
    // Times and audience are judged below, by our clock.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.validate_aud = false;
    let claims = decode::<Claims>(token, &key, &rules).map_err(|e| refused(&e))?.claims;
    judge(claims, expected)
}

/// What claims come to that a provider has signed.
#[cfg(any(test, fuzzing))]
pub(crate) fn judged(claims: &[u8], expected: &Expected<'_>) -> Result<Identity, IdentityError> {
    judge(serde_json::from_slice(claims).map_err(|e| refused(&e))?, expected)
}

fn judge(c: Claims, expected: &Expected<'_>) -> Result<Identity, IdentityError> {
    let now = expected.now.0 / 1000;
    let audiences: Vec<&str> = match &c.aud {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let wrong = [
        (c.iss != expected.issuer, "it is of another issuer"),
        (!audiences.contains(&expected.audience), "it is for somebody else"),
        (audiences.len() > 1 && c.azp.as_deref() != Some(expected.audience), "it was made for somebody else"),
        (c.azp.as_deref().is_some_and(|azp| azp != expected.audience), "it was made for somebody else"),
        (c.exp <= now - SKEW, "it has expired"),
        (c.iat > now + SKEW, "it is from the future"),
        (c.iat < now - OLDEST - SKEW, "it is old"),
        (c.nbf.is_some_and(|nbf| nbf > now + SKEW), "it is not valid yet"),
        (c.nonce != expected.nonce, "it answers another request"),
        (c.sub.is_empty() || c.sub.len() > 255, "its subject is no subject"),
    ];
    if let Some((_, why)) = wrong.iter().find(|(is, _)| *is) {
        return Err(refused(why));
    }
    let is_verified = c.email_verified == Value::Bool(true) || c.email_verified == Value::String("true".into());
    let email = c.email.filter(|e| is_verified && e.contains('@') && e.len() <= 254).map(|e| e.trim().to_lowercase());
    let name =
        c.name.map(|n| n.chars().filter(|c| !c.is_control()).take(120).collect::<String>()).filter(|n| !n.trim().is_empty());
    Ok(Identity { issuer: c.iss, subject: c.sub, email, name })
}

fn refused(why: &dyn std::fmt::Display) -> IdentityError {
    IdentityError::Refused(format!("ID token: {why}"))
}
