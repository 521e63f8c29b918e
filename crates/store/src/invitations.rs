//! People who are asked to work for a business and have not answered yet.

use frontdesk_kernel::{Scope, Timestamp, ids::*, scope::Server};

use crate::{
    Result, Tx,
    query::{Row, row},
    values::Json,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub tenant: TenantId,
    pub email: String,
    pub role: String,
    /// Empty = everywhere.
    pub locations: Vec<LocationId>,
    /// SHA-256 of the token in the link, hex.
    pub hash: String,
    pub invited_by: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// `accepted` or `revoked`; open when absent.
    pub outcome: Option<String>,
    pub ended_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, tenant, email, role, locations, hash, invited_by, created_at, expires_at, outcome, ended_at";

/// The columns that are read as they are.
struct Plain {
    id: InvitationId,
    tenant: TenantId,
    email: String,
    role: String,
    hash: String,
    invited_by: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    outcome: Option<String>,
    ended_at: Option<Timestamp>,
}

fn invitation(r: &Row<'_>) -> Result<Invitation> {
    let Json(locations) = r.get("locations")?;
    let p = row!(Plain { id, tenant, email, role, hash, invited_by, created_at, expires_at, outcome, ended_at })(r)?;
    Ok(Invitation {
        id: p.id,
        tenant: p.tenant,
        email: p.email,
        role: p.role,
        locations,
        hash: p.hash,
        invited_by: p.invited_by,
        created_at: p.created_at,
        expires_at: p.expires_at,
        outcome: p.outcome,
        ended_at: p.ended_at,
    })
}

pub async fn insert(tx: &mut Tx, scope: &Scope, i: &Invitation) -> Result<()> {
    tx.query(
        "INSERT INTO invitation (tenant, id, email, role, locations, hash, invited_by, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(scope.tenant())
    .bind(&i.id)
    .bind(i.email.as_str())
    .bind(i.role.as_str())
    .bind(Json(&i.locations))
    .bind(i.hash.as_str())
    .bind(i.invited_by.as_str())
    .bind(i.created_at)
    .bind(i.expires_at)
    .put()
    .await
}

/// Those that nobody has answered or revoked, newest first, after the given one.
pub async fn list(tx: &mut Tx, scope: &Scope, after: Option<(Timestamp, InvitationId)>, limit: u32) -> Result<Vec<Invitation>> {
    let (at, id) = after.map_or((Timestamp::NEVER, None), |(at, id)| (at, Some(id)));
    tx.query(&format!(
        "SELECT {COLUMNS} FROM invitation
          WHERE tenant = $1 AND outcome IS NULL AND (created_at < $2 OR (created_at = $2 AND id < COALESCE($3, '')))
          ORDER BY created_at DESC, id DESC LIMIT $4"
    ))
    .bind(scope.tenant())
    .bind(at)
    .bind(id.as_ref())
    .bind(limit)
    .all(invitation)
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &InvitationId) -> Result<Option<Invitation>> {
    tx.query(&format!("SELECT {COLUMNS} FROM invitation WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(invitation)
        .await
}

/// One that can still be accepted, by its token.
pub async fn open_by_hash(tx: &mut Tx, _: &Server, hash: &str, now: Timestamp) -> Result<Option<Invitation>> {
    tx.query(&format!("SELECT {COLUMNS} FROM invitation WHERE hash = $1 AND outcome IS NULL AND expires_at > $2"))
        .bind(hash)
        .bind(now)
        .optional(invitation)
        .await
}

/// A new link; the old one opens nothing any more. `false` when it was answered or revoked.
pub async fn renew(tx: &mut Tx, scope: &Scope, id: &InvitationId, hash: &str, expires_at: Timestamp) -> Result<bool> {
    tx.query("UPDATE invitation SET hash = $3, expires_at = $4 WHERE tenant = $1 AND id = $2 AND outcome IS NULL")
        .bind(scope.tenant())
        .bind(id)
        .bind(hash)
        .bind(expires_at)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Ends it as `accepted` or `revoked`; `false` when it had ended.
pub async fn end(tx: &mut Tx, scope: &Scope, id: &InvitationId, outcome: &str, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE invitation SET outcome = $3, ended_at = $4 WHERE tenant = $1 AND id = $2 AND outcome IS NULL")
        .bind(scope.tenant())
        .bind(id)
        .bind(outcome)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Open ones for an address: a new invitation replaces them.
pub async fn revoke_for(tx: &mut Tx, scope: &Scope, email: &str, now: Timestamp) -> Result<u64> {
    tx.query("UPDATE invitation SET outcome = 'revoked', ended_at = $3 WHERE tenant = $1 AND email = $2 AND outcome IS NULL")
        .bind(scope.tenant())
        .bind(email)
        .bind(now)
        .execute()
        .await
}

/// All that somebody with this address can still accept.
pub async fn open_for(tx: &mut Tx, _: &Server, email: &str, now: Timestamp) -> Result<Vec<Invitation>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM invitation WHERE email = $1 AND outcome IS NULL AND expires_at > $2 ORDER BY created_at, id"
    ))
    .bind(email)
    .bind(now)
    .all(invitation)
    .await
}
