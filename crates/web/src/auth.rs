//! API keys: `fd_` and 43 characters, stored as SHA-256. A handler that takes `Caller` cannot run for anyone else.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header::AUTHORIZATION, request::Parts},
};
use frontdesk_kernel::{Scope, scope::Server};
use frontdesk_store::{people, work};
use sha2::{Digest, Sha256};

use crate::{Web, problem::Problem};

/// Whose key this is and what it may do.
pub(crate) struct Caller {
    pub(crate) scope: Scope,
    scopes: Vec<String>,
}

impl Caller {
    /// `noun:verb`; `noun:*` and `*` allow more.
    pub(crate) fn require(&self, permission: &str) -> Result<(), Problem> {
        let noun = permission.split(':').next().unwrap_or_default();
        let allowed = self.scopes.iter().any(|s| s == "*" || s == permission || s.strip_suffix(":*") == Some(noun));
        if allowed {
            Ok(())
        } else {
            Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", format!("This key lacks the scope `{permission}`.")))
        }
    }
}

/// How a key is stored and looked up.
pub fn hash_key(key: &str) -> String {
    Sha256::digest(key.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

impl FromRequestParts<Web> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Caller, Problem> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok());
        let key = header.and_then(|h| h.strip_prefix("Bearer ")).map(str::trim).filter(|k| !k.is_empty()).ok_or_else(Problem::unauthorized)?;
        let (hash, now) = (hash_key(key), web.desk.now());
        let found = web.desk.db.read(&Server, work!(tx => people::key_by_hash(tx, &Server, &hash, now).await)).await?;
        let key = found.ok_or_else(Problem::unauthorized)?;
        Ok(Caller { scope: Scope::of(key.tenant), scopes: key.scopes })
    }
}
