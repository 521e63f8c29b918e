//! The first start: nobody signs in yet, so the terminal shows a link, once, and whoever opens it becomes the first owner.

use frontdesk_kernel::{Scope, ids::*, scope::Server};
use frontdesk_store::{meta, people, people::Person, tenants, work};

use super::{
    Answer, Refusal, Visitor,
    enter::{self, Opened},
    tokens,
};
use crate::{Desk, admin::DEFAULT_TENANT};

const GONE: &str = "This link was used, or the server was started again since: its terminal shows the valid one.";

/// A link for the terminal; `None` when somebody signs in already.
pub async fn begin(desk: &Desk) -> frontdesk_store::Result<Option<String>> {
    let token = tokens::make(desk.access.random.as_ref());
    let hash = tokens::hash(&token);
    let nobody = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let nobody = people::list(tx, &Server).await?.is_empty();
                if nobody {
                    meta::set(tx, &Server, meta::SETUP, &hash).await?;
                } else {
                    meta::remove(tx, &Server, meta::SETUP).await?;
                }
                Ok(nobody)
            }),
        )
        .await?;
    Ok(nobody.then(|| desk.access.link(&format!("/setup/{token}"))))
}

/// Whether the first owner is still awaited.
pub async fn is_awaited(desk: &Desk) -> frontdesk_store::Result<bool> {
    Ok(desk.db.read(&Server, work!(tx => meta::get(tx, &Server, meta::SETUP).await)).await?.is_some())
}

pub async fn is_open(desk: &Desk, token: &str) -> Answer<()> {
    let hash = tokens::hash(token);
    let known = desk.db.read(&Server, work!(tx => meta::get(tx, &Server, meta::SETUP).await)).await?;
    if known == Some(hash) { Ok(()) } else { Err(Refusal::Gone(GONE)) }
}

/// The first owner, and what they call their business.
pub struct First {
    pub email: String,
    pub name: String,
    pub password: String,
    pub business: Option<String>,
    pub time_zone: Option<String>,
    pub language: Option<String>,
}

/// They own the default business and operate the server.
pub async fn finish(desk: &Desk, token: &str, first: First, visitor: &Visitor) -> Answer<Opened> {
    is_open(desk, token).await?;
    desk.access.passwords.check(first.password.clone(), vec![first.email.clone(), first.name.clone()]).await?;
    let now = desk.now();
    let person = Person {
        id: desk.id(),
        email: first.email,
        name: first.name,
        password_hash: desk.access.passwords.hash(desk.access.random.as_ref(), first.password).await?,
        operator: true,
        active: true,
        language: first.language.clone(),
        must_change_password: false,
        created_at: now,
    };
    let scope = Scope::of(TenantId::parse(DEFAULT_TENANT).map_err(|_| Refusal::Missing("business"))?);
    let opening = enter::new_session(desk, &person.id, visitor);
    let opened = opening.opened.clone();
    let hash = tokens::hash(token);
    let done = desk
        .db
        .write(
            &Server,
            work!(tx => {
                if meta::get(tx, &Server, meta::SETUP).await?.as_deref() != Some(&hash)
                    || !meta::remove(tx, &Server, meta::SETUP).await?
                    || !people::list(tx, &Server).await?.is_empty()
                {
                    return Ok(false);
                }
                people::insert(tx, &Server, &person).await?;
                if let Some(mut tenant) = tenants::get(tx, &scope).await? {
                    tenant.name = first.business.unwrap_or(tenant.name);
                    tenant.time_zone = first.time_zone.unwrap_or(tenant.time_zone);
                    tenant.language = first.language.unwrap_or(tenant.language);
                    tenant.updated_at = now;
                    tenants::update(tx, &scope, &tenant).await?;
                    people::set_role(tx, &scope, &person.id, "owner", now).await?;
                }
                opening.open(tx).await?;
                Ok(true)
            }),
        )
        .await?;
    desk.directory.invalidate();
    if done { Ok(opened) } else { Err(Refusal::Gone(GONE)) }
}
