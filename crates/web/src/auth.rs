//! API keys: `fd_` and 43 characters, stored as SHA-256. A handler that takes `Caller` cannot run for anyone else.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header::AUTHORIZATION, request::Parts},
};
use frontdesk_kernel::{Scope, ids::TenantId, scope::Server};
use frontdesk_store::{people, tenants, work};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Web, problem::Problem};

/// Whose key this is and what it may do.
pub(crate) struct Caller {
    pub(crate) scope: Scope,
    /// The machine's own operator: may name any tenant (`x-tenant-id`).
    pub(crate) operator: bool,
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

/// The machine's own operator, of no tenant: there may be none yet.
pub(crate) struct Operator;

impl FromRequestParts<Web> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Operator, Problem> {
        match bearer(parts) {
            Some(key) if is_operator(web, &hash_key(key)) => Ok(Operator),
            Some(_) => Err(Problem::new(StatusCode::FORBIDDEN, "forbidden", "Only the operator of this machine may do this.")),
            None => Err(Problem::unauthorized()),
        }
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    Some(header.strip_prefix("Bearer ")?.trim()).filter(|key| !key.is_empty())
}

fn is_operator(web: &Web, hash: &str) -> bool {
    web.operator_key.as_ref().is_some_and(|known| bool::from(known.as_bytes().ct_eq(hash.as_bytes())))
}

impl FromRequestParts<Web> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Caller, Problem> {
        let key = bearer(parts).ok_or_else(Problem::unauthorized)?;
        let (hash, now) = (hash_key(key), web.desk.now());
        if is_operator(web, &hash) {
            return operator(parts, web).await;
        }
        let found = web.desk.db.read(&Server, work!(tx => people::key_by_hash(tx, &Server, &hash, now).await)).await?;
        let key = found.ok_or_else(Problem::unauthorized)?;
        Ok(Caller { scope: Scope::of(key.tenant), operator: false, scopes: key.scopes })
    }
}

/// The tenant that the operator names; without a name, the first.
async fn operator(parts: &Parts, web: &Web) -> Result<Caller, Problem> {
    let named = parts.headers.get("x-tenant-id").and_then(|v| v.to_str().ok());
    let tenant = match named {
        Some(id) => TenantId::parse(id).map_err(|_| Problem::not_found("tenant"))?,
        None => {
            let all = web.desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
            all.into_iter().next().map(|t| t.id).ok_or_else(|| Problem::not_found("tenant"))?
        }
    };
    Ok(Caller { scope: Scope::of(tenant), operator: true, scopes: vec!["*".into()] })
}
