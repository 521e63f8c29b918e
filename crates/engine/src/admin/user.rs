//! People who sign in and what they are in which business. Passwords arrive as hashes: hashing costs time and is done where they are typed.

use std::sync::Arc;

use frontdesk_kernel::{
    ids::{TenantId, UserId},
    scope::Server,
    tenant::Tenant,
};
use frontdesk_store::{Result, Tx, people, people::Person, sessions, tenants, work};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{check, one, refused, scope};
use crate::Desk;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Of one business when it is named, else everyone.
    List,
    Get {
        user: String,
    },
    Create(NewUser),
    Update {
        /// Id or e-mail.
        user: String,
        change: Change,
    },
    Delete {
        user: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub role: String,
    #[serde(default)]
    pub operator: bool,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// Somebody else knows the password: another is chosen at the first sign-in.
    #[serde(default)]
    pub one_time: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    pub name: Option<String>,
    /// In the named business; `none` takes the person out of it.
    pub role: Option<String>,
    pub password_hash: Option<String>,
    /// Of the new password.
    pub one_time: bool,
    pub active: Option<bool>,
    pub operator: Option<bool>,
}

/// What a person can be in a business, from most to least.
pub const ROLES: [&str; 4] = ["owner", "admin", "staff", "viewer"];
const OWNER: &str = "owner";
const NO_ROLE: &str = "none";

pub(super) async fn execute(desk: &Arc<Desk>, named: Option<&str>, action: Action) -> Result<Value> {
    match action {
        Action::List => {
            let only = if named.is_some() { Some(one(desk, named).await?.id) } else { None };
            list(desk, only).await
        }
        Action::Get { user } => {
            let all = desk
                .db
                .read(
                    &Server,
                    work!(tx => {
                        let person = find(tx, &user).await?;
                        shown(tx, &person).await
                    }),
                )
                .await?;
            Ok(all)
        }
        Action::Create(new) => create(desk, &one(desk, named).await?, new).await,
        Action::Update { user, change } => {
            let tenant = if change.role.is_some() { Some(one(desk, named).await?) } else { None };
            update(desk, tenant, user, change).await
        }
        Action::Delete { user } => {
            desk.db
                .write(
                    &Server,
                    work!(tx => {
                        let person = find(tx, &user).await?;
                        for (tenant, _) in people::memberships(tx, &Server, &person.id).await? {
                            keep_an_owner(tx, &tenant, &person.id).await?;
                        }
                        people::delete(tx, &Server, &person.id).await?;
                        Ok(json!({ "deleted": person.id, "email": person.email }))
                    }),
                )
                .await
        }
    }
}

async fn list(desk: &Desk, only: Option<TenantId>) -> Result<Value> {
    desk.db
        .read(
            &Server,
            work!(tx => {
                let mut users = Vec::new();
                for person in people::list(tx, &Server).await? {
                    let is_member = match &only {
                        Some(tenant) => people::memberships(tx, &Server, &person.id).await?.iter().any(|(t, _)| t == tenant),
                        None => true,
                    };
                    if is_member {
                        users.push(shown(tx, &person).await?);
                    }
                }
                Ok(json!({ "users": users }))
            }),
        )
        .await
}

async fn create(desk: &Arc<Desk>, tenant: &Tenant, new: NewUser) -> Result<Value> {
    let role = check::one_of("role", &new.role, ROLES)?.to_owned();
    let now = desk.now();
    let person = Person {
        id: desk.id(),
        email: check::email(&new.email)?,
        name: check::line("name", &new.name, 120)?,
        password_hash: hashed(new.password_hash)?,
        operator: new.operator,
        active: true,
        language: None,
        must_change_password: new.one_time,
        created_at: now,
    };
    let scope = scope(&tenant.id);
    desk.db
        .write(&Server, work!(tx => {
            if !people::insert(tx, &Server, &person).await? {
                return Err(refused(format!(
                    "{0} signs in already: give them a role with `frontdesk user update {0} --tenant {1} --role {role}`", person.email, scope.tenant()
                )));
            }
            people::set_role(tx, &scope, &person.id, &role, now).await?;
            shown(tx, &person).await
        }))
        .await
}

async fn update(desk: &Arc<Desk>, tenant: Option<Tenant>, user: String, change: Change) -> Result<Value> {
    let role = match change.role.as_deref() {
        Some(role) => Some(check::one_of("role", role, ROLES.into_iter().chain([NO_ROLE]))?.to_owned()),
        None => None,
    };
    let name = change.name.map(|name| check::line("name", &name, 120)).transpose()?;
    let password_hash = change.password_hash.map(hashed).transpose()?;
    let (active, operator, now) = (change.active, change.operator, desk.now());
    desk.db
        .write(
            &Server,
            work!(tx => {
                let mut person = find(tx, &user).await?;
                if let (Some(role), Some(tenant)) = (&role, &tenant) {
                    if role != OWNER {
                        keep_an_owner(tx, &tenant.id, &person.id).await?;
                    }
                    let scope = scope(&tenant.id);
                    if role == NO_ROLE {
                        people::remove_role(tx, &scope, &person.id).await?;
                    } else {
                        people::set_role(tx, &scope, &person.id, role, now).await?;
                    }
                }
                if active == Some(false) {
                    for (tenant, _) in people::memberships(tx, &Server, &person.id).await? {
                        keep_an_owner(tx, &tenant, &person.id).await?;
                    }
                }
                person.name = name.unwrap_or(person.name);
                if let Some(hash) = password_hash {
                    person.password_hash = hash;
                    person.must_change_password = change.one_time;
                    sessions::end_all(tx, &Server, &person.id, None).await?;
                }
                person.active = active.unwrap_or(person.active);
                person.operator = operator.unwrap_or(person.operator);
                people::update(tx, &Server, &person).await?;
                shown(tx, &person).await
            }),
        )
        .await
}

/// Refuses when the person is the only one who owns the business.
async fn keep_an_owner(tx: &mut Tx, tenant: &TenantId, leaving: &UserId) -> Result<()> {
    if people::owners(tx, &Server, tenant).await? == [leaving.clone()] {
        let name = tenants::get(tx, &scope(tenant)).await?.map_or_else(|| tenant.to_string(), |t| t.name);
        return Err(refused(format!(
            "this is the last owner of {name}: make somebody else owner first (`frontdesk user update … --role owner`)"
        )));
    }
    Ok(())
}

async fn find(tx: &mut Tx, user: &str) -> Result<Person> {
    let all = people::list(tx, &Server).await?;
    let email = user.trim().to_lowercase();
    all.into_iter()
        .find(|p| p.id.as_str() == user || p.email == email || p.email == user)
        .ok_or_else(|| refused(format!("nobody signs in as `{user}`: `frontdesk user list` shows who does")))
}

async fn shown(tx: &mut Tx, person: &Person) -> Result<Value> {
    let mut roles = Vec::new();
    for (tenant, role) in people::memberships(tx, &Server, &person.id).await? {
        let name = tenants::get(tx, &scope(&tenant)).await?.map(|t| t.name);
        roles.push(json!({ "tenant": tenant, "name": name, "role": role }));
    }
    Ok(json!({
        "id": person.id, "email": person.email, "name": person.name, "operator": person.operator, "active": person.active,
        "roles": roles, "created_at": person.created_at.to_string(),
    }))
}

fn hashed(hash: String) -> Result<String> {
    if hash.starts_with("$argon2id$") {
        Ok(hash)
    } else {
        Err(refused("the password arrives as an Argon2id hash, never in clear"))
    }
}
