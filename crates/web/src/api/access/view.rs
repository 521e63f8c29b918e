//! Who is signed in, as the console needs to know it.

use frontdesk_kernel::{Scope, ids::*, member::Role, scope::Server};
use frontdesk_store::{factors, passkeys, people, people::Membership, tenants, work};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{Web, kit::Problem};

/// A person who is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    person: PersonView,
    /// Where they work, the usual one first.
    tenants: Vec<Place>,
    /// Everything else waits until they choose a password of their own.
    must_change_password: bool,
    factors: Factors,
}

#[derive(Serialize, ToSchema)]
pub(super) struct PersonView {
    id: UserId,
    email: String,
    name: String,
    /// Of the console; without it, as the browser says.
    language: Option<String>,
    /// Runs this server.
    operator: bool,
    /// Absent for somebody who comes by single sign-on only.
    has_password: bool,
}

/// A business, and what they may do there.
#[derive(Serialize, ToSchema)]
pub(super) struct Place {
    id: TenantId,
    name: String,
    role: Role,
    permissions: Vec<&'static str>,
    /// `null` = everywhere.
    locations: Option<Vec<LocationId>>,
    time_zone: String,
    language: String,
    currency: String,
}

/// How they can prove who they are, apart from the password.
#[derive(Serialize, ToSchema)]
pub(super) struct Factors {
    totp: bool,
    passkeys: i64,
    recovery_codes_left: i64,
}

pub(super) async fn of(web: &Web, person: &UserId) -> Result<SessionView, Problem> {
    let id = person.clone();
    let found = web
        .desk
        .db
        .read(
            &Server,
            work!(tx => {
                let Some(person) = people::get(tx, &Server, &id).await? else { return Ok(None) };
                let places = people::places(tx, &Server, &id).await?;
                let all = if person.operator { tenants::list(tx, &Server).await? } else { Vec::new() };
                let mut shown = Vec::new();
                for m in &places {
                    if let Some(t) = tenants::get(tx, &Scope::of(m.tenant.clone())).await?.filter(|t| t.active || person.operator) {
                        shown.push(place(t, m));
                    }
                }
                for t in all {
                    if !places.iter().any(|m| m.tenant == t.id) {
                        let m = Membership { tenant: t.id.clone(), role: Role::Owner, locations: Vec::new() };
                        shown.push(place(t, &m));
                    }
                }
                let factors = Factors {
                    totp: factors::totp(tx, &Server, &id).await?.is_some(),
                    passkeys: passkeys::list(tx, &Server, &id).await?.len() as i64,
                    recovery_codes_left: factors::recovery_left(tx, &Server, &id).await?,
                };
                Ok(Some((person, shown, factors)))
            }),
        )
        .await?;
    let (p, tenants, factors) = found.ok_or_else(Problem::unauthorized)?;
    let has_password = !p.password_hash.is_empty();
    let person = PersonView { id: p.id, email: p.email, name: p.name, language: p.language, operator: p.operator, has_password };
    Ok(SessionView { person, tenants, must_change_password: p.must_change_password, factors })
}

fn place(t: frontdesk_kernel::tenant::Tenant, m: &Membership) -> Place {
    Place {
        id: t.id,
        name: t.name,
        role: m.role,
        permissions: m.role.permissions().collect(),
        locations: Some(m.locations.clone()).filter(|l| !l.is_empty()),
        time_zone: t.time_zone,
        language: t.language,
        currency: t.currency,
    }
}
