//! People who sign in, their tenants, and API keys.

use frontdesk_kernel::{Scope, Timestamp, ids::*, member::Role, scope::Server};

use crate::{
    Result, Tx, member_numbers,
    query::{Row, row},
    values::Json,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub email: String,
    pub name: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    pub operator: bool,
    pub active: bool,
    /// Of the console; `None` = as the browser says.
    pub language: Option<String>,
    /// Somebody else knows the password: a new one is chosen at the next sign-in.
    pub must_change_password: bool,
    pub created_at: Timestamp,
}

/// A person's place in a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    pub tenant: TenantId,
    pub role: Role,
    /// Empty = everywhere.
    pub locations: Vec<LocationId>,
}

fn person(r: &Row<'_>) -> Result<Person> {
    row!(Person { id, email, name, password_hash, operator, active, language, must_change_password, created_at })(r)
}

const PERSON: &str = "id, email, name, password_hash, operator, active, language, must_change_password, created_at";

pub async fn list(tx: &mut Tx, _: &Server) -> Result<Vec<Person>> {
    tx.query(&format!("SELECT {PERSON} FROM person ORDER BY created_at, id")).all(person).await
}

pub async fn by_email(tx: &mut Tx, _: &Server, email: &str) -> Result<Option<Person>> {
    tx.query(&format!("SELECT {PERSON} FROM person WHERE email = $1")).bind(email).optional(person).await
}

/// `false` when the e-mail is taken.
pub async fn insert(tx: &mut Tx, _: &Server, p: &Person) -> Result<bool> {
    tx.query(
        "INSERT INTO person (id, email, name, password_hash, operator, active, created_at, language, must_change_password)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (email) DO NOTHING",
    )
    .bind(&p.id)
    .bind(p.email.as_str())
    .bind(p.name.as_str())
    .bind(p.password_hash.as_str())
    .bind(p.operator)
    .bind(p.active)
    .bind(p.created_at)
    .bind(p.language.as_deref())
    .bind(p.must_change_password)
    .execute()
    .await
    .map(|n| n > 0)
}

pub async fn update(tx: &mut Tx, _: &Server, p: &Person) -> Result<bool> {
    tx.query(
        "UPDATE person SET name = $2, password_hash = $3, operator = $4, active = $5, language = $6, must_change_password = $7 WHERE id = $1",
    )
        .bind(&p.id)
        .bind(p.name.as_str())
        .bind(p.password_hash.as_str())
        .bind(p.operator)
        .bind(p.active)
        .bind(p.language.as_deref())
        .bind(p.must_change_password)
        .execute()
        .await
        .map(|n| n > 0)
}

pub async fn get(tx: &mut Tx, _: &Server, id: &UserId) -> Result<Option<Person>> {
    tx.query(&format!("SELECT {PERSON} FROM person WHERE id = $1")).bind(id).optional(person).await
}

/// Gone, with everything that lets them in.
pub async fn delete(tx: &mut Tx, _: &Server, id: &UserId) -> Result<bool> {
    for place in places(tx, &Server, id).await? {
        member_numbers::remove(tx, &Scope::of(place.tenant), id).await?;
    }
    for table in ["session", "password_reset", "challenge", "totp", "recovery_code", "passkey", "identity"] {
        tx.query(&format!("DELETE FROM {table} WHERE person = $1")).bind(id).put().await?;
    }
    tx.query("DELETE FROM member WHERE person = $1").bind(id).put().await?;
    tx.query("DELETE FROM person WHERE id = $1").bind(id).execute().await.map(|n| n > 0)
}

/// `owner`, `admin`, `staff` or `viewer`.
pub async fn set_role(tx: &mut Tx, scope: &Scope, person: &UserId, role: &str, now: Timestamp) -> Result<()> {
    tx.query(
        "INSERT INTO member (tenant, person, role, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, person) DO UPDATE SET role = excluded.role",
    )
    .bind(scope.tenant())
    .bind(person)
    .bind(role)
    .bind(now)
    .put()
    .await
}

/// `(tenant, role)` of a person.
pub async fn memberships(tx: &mut Tx, _: &Server, person: &UserId) -> Result<Vec<(TenantId, String)>> {
    tx.query("SELECT tenant, role FROM member WHERE person = $1 ORDER BY tenant")
        .bind(person)
        .all(|row| Ok((row.get("tenant")?, row.get("role")?)))
        .await
}

/// The same with locations, for deciding what they may do. An unknown role counts as the least.
pub async fn places(tx: &mut Tx, _: &Server, person: &UserId) -> Result<Vec<Membership>> {
    tx.query("SELECT tenant, role, locations FROM member WHERE person = $1 ORDER BY created_at, tenant")
        .bind(person)
        .all(|row| {
            Ok(Membership {
                tenant: row.get("tenant")?,
                role: Role::parse(&row.get::<String>("role")?).unwrap_or(Role::Viewer),
                locations: row.get::<Json<Vec<LocationId>>>("locations")?.0,
            })
        })
        .await
}

/// Where in the business a member works; empty = everywhere.
pub async fn set_locations(tx: &mut Tx, scope: &Scope, person: &UserId, locations: &[LocationId]) -> Result<bool> {
    tx.query("UPDATE member SET locations = $3 WHERE tenant = $1 AND person = $2")
        .bind(scope.tenant())
        .bind(person)
        .bind(Json(&locations))
        .execute()
        .await
        .map(|n| n > 0)
}

/// Somebody who works at a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub person: UserId,
    pub email: String,
    pub name: String,
    pub active: bool,
    pub role: Role,
    /// Empty = everywhere.
    pub locations: Vec<LocationId>,
    pub joined_at: Timestamp,
    /// While a session of theirs lives.
    pub last_seen_at: Option<Timestamp>,
}

/// Who works here, in the order of their coming, after the given one.
pub async fn team(tx: &mut Tx, scope: &Scope, after: Option<(Timestamp, UserId)>, limit: u32) -> Result<Vec<Member>> {
    let (at, id) = after.map_or((Timestamp(i64::MIN), None), |(at, id)| (at, Some(id)));
    tx.query(
        "SELECT m.person AS person, p.email AS email, p.name AS name, p.active AS active, m.role AS role, m.locations AS locations,
                m.created_at AS joined_at, (SELECT MAX(s.last_seen_at) FROM session s WHERE s.person = m.person) AS last_seen_at
           FROM member m JOIN person p ON p.id = m.person
          WHERE m.tenant = $1 AND (m.created_at > $2 OR (m.created_at = $2 AND m.person > COALESCE($3, '')))
          ORDER BY m.created_at, m.person LIMIT $4",
    )
    .bind(scope.tenant())
    .bind(at)
    .bind(id.as_ref())
    .bind(limit)
    .all(member)
    .await
}

/// One of them.
pub async fn member_of(tx: &mut Tx, scope: &Scope, person: &UserId) -> Result<Option<Member>> {
    tx.query(
        "SELECT m.person AS person, p.email AS email, p.name AS name, p.active AS active, m.role AS role, m.locations AS locations,
                m.created_at AS joined_at, (SELECT MAX(s.last_seen_at) FROM session s WHERE s.person = m.person) AS last_seen_at
           FROM member m JOIN person p ON p.id = m.person WHERE m.tenant = $1 AND m.person = $2",
    )
    .bind(scope.tenant())
    .bind(person)
    .optional(member)
    .await
}

fn member(row: &Row<'_>) -> Result<Member> {
    Ok(Member {
        person: row.get("person")?,
        email: row.get("email")?,
        name: row.get("name")?,
        active: row.get("active")?,
        role: Role::parse(&row.get::<String>("role")?).unwrap_or(Role::Viewer),
        locations: row.get::<Json<Vec<LocationId>>>("locations")?.0,
        joined_at: row.get("joined_at")?,
        last_seen_at: row.get("last_seen_at")?,
    })
}

/// Where somebody can work.
pub async fn location_ids(tx: &mut Tx, scope: &Scope) -> Result<Vec<LocationId>> {
    tx.query("SELECT id FROM location WHERE tenant = $1 ORDER BY id").bind(scope.tenant()).all(|row| row.get("id")).await
}

/// Whoever else changes the owners of this tenant waits until this unit of work ends.
pub async fn lock_members(tx: &mut Tx, scope: &Scope) -> Result<()> {
    tx.query("UPDATE member SET role = role WHERE tenant = $1 AND role = 'owner'").bind(scope.tenant()).put().await
}

/// The person is no longer of this tenant, nor is their number; `false` when they were not.
pub async fn remove_role(tx: &mut Tx, scope: &Scope, person: &UserId) -> Result<bool> {
    member_numbers::remove(tx, scope, person).await?;
    tx.query("DELETE FROM member WHERE tenant = $1 AND person = $2")
        .bind(scope.tenant())
        .bind(person)
        .execute()
        .await
        .map(|n| n > 0)
}

/// How many people may sign in for a tenant.
pub async fn members(tx: &mut Tx, _: &Server, tenant: &TenantId) -> Result<i64> {
    tx.query("SELECT COUNT(*) AS n FROM member m JOIN person p ON p.id = m.person WHERE m.tenant = $1 AND p.active")
        .bind(tenant)
        .one(|row| row.get("n"))
        .await
}

/// Owners of a tenant who may sign in.
pub async fn owners(tx: &mut Tx, _: &Server, tenant: &TenantId) -> Result<Vec<UserId>> {
    tx.query(
        "SELECT p.id FROM member m JOIN person p ON p.id = m.person WHERE m.tenant = $1 AND m.role = 'owner' AND p.active ORDER BY p.id",
    )
    .bind(tenant)
    .all(|row| row.get("id"))
    .await
}

/// An API key; the key itself is shown once and never stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub id: KeyId,
    pub tenant: TenantId,
    pub name: String,
    /// The first characters, to recognise it by.
    pub prefix: String,
    /// SHA-256, hex.
    pub hash: String,
    /// `noun:verb`; `*` = everything.
    pub scopes: Vec<String>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

const KEY: &str = "id, tenant, name, prefix, hash, scopes, created_at, expires_at, revoked_at, last_used_at";

fn key(row: &Row<'_>) -> Result<Key> {
    Ok(Key {
        id: row.get("id")?,
        tenant: row.get("tenant")?,
        name: row.get("name")?,
        prefix: row.get("prefix")?,
        hash: row.get("hash")?,
        scopes: row.get::<Json<Vec<String>>>("scopes")?.0,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

pub async fn keys(tx: &mut Tx, scope: &Scope) -> Result<Vec<Key>> {
    tx.query(&format!("SELECT {KEY} FROM api_key WHERE tenant = $1 ORDER BY created_at, id")).bind(scope.tenant()).all(key).await
}

/// Newest first, revoked ones too, after the given one.
pub async fn key_page(tx: &mut Tx, scope: &Scope, after: Option<(Timestamp, KeyId)>, limit: u32) -> Result<Vec<Key>> {
    let (at, id) = after.map_or((Timestamp::NEVER, None), |(at, id)| (at, Some(id)));
    tx.query(&format!(
        "SELECT {KEY} FROM api_key WHERE tenant = $1 AND (created_at < $2 OR (created_at = $2 AND id < COALESCE($3, '')))
          ORDER BY created_at DESC, id DESC LIMIT $4"
    ))
    .bind(scope.tenant())
    .bind(at)
    .bind(id.as_ref())
    .bind(limit)
    .all(key)
    .await
}

/// It was used.
pub async fn key_used(tx: &mut Tx, scope: &Scope, id: &KeyId, now: Timestamp) -> Result<()> {
    tx.query("UPDATE api_key SET last_used_at = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(now)
        .put()
        .await
}

pub async fn insert_key(tx: &mut Tx, scope: &Scope, k: &Key) -> Result<()> {
    tx.query(
        "INSERT INTO api_key (tenant, id, name, prefix, hash, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(scope.tenant()).bind(&k.id).bind(k.name.as_str()).bind(k.prefix.as_str()).bind(k.hash.as_str()).bind(Json(&k.scopes))
    .bind(k.created_at).bind(k.expires_at)
    .put()
    .await
}

/// A live key by its hash.
pub async fn key_by_hash(tx: &mut Tx, _: &Server, hash: &str, now: Timestamp) -> Result<Option<Key>> {
    tx.query(&format!(
        "SELECT {KEY} FROM api_key WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)"
    ))
    .bind(hash)
    .bind(now)
    .optional(key)
    .await
}

pub async fn revoke_key(tx: &mut Tx, scope: &Scope, id: &KeyId, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE api_key SET revoked_at = $3 WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL")
        .bind(scope.tenant())
        .bind(id)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Names of people and keys by their ids; ids that are neither are left out.
pub async fn names(tx: &mut Tx, scope: &Scope, ids: &[String]) -> Result<Vec<(String, String)>> {
    let mut found: Vec<(String, String)> = Vec::new();
    for id in ids {
        if found.iter().any(|(known, _)| known == id) {
            continue;
        }
        let name = tx
            .query("SELECT name FROM person WHERE id = $2 UNION ALL SELECT name FROM api_key WHERE tenant = $1 AND id = $2")
            .bind(scope.tenant())
            .bind(id)
            .optional(|row| row.get::<String>("name"))
            .await?;
        found.extend(name.map(|name| (id.clone(), name)));
    }
    Ok(found)
}
