//! Asking somebody to work here, and their answer.

use std::time::Duration;

use frontdesk_kernel::{Scope, ids::*, member::Role, scope::Server};
use frontdesk_store::{Tx, invitations, invitations::Invitation, people, people::Person, tenants, work};
use serde_json::json;

use super::{
    Answer, Refusal, Visitor,
    enter::{self, Opened},
    letters, mail, tokens,
    trail::Trail,
};
use crate::Desk;

const VALID: Duration = Duration::from_secs(7 * 24 * 3600);
const GONE: &str = "This invitation was used, withdrawn, replaced, or is older than seven days: ask for a new one.";

/// Whom and to what.
#[derive(Debug, Clone)]
pub struct New {
    pub email: String,
    pub role: Role,
    pub locations: Vec<LocationId>,
    /// Who invites, as the mail says.
    pub by: String,
}

/// An invitation with what leaves for the invited.
pub struct Written {
    pub invitation: Invitation,
    /// Shown once when no mail is sent.
    pub link: String,
    letter: Option<frontdesk_store::mails::Mail>,
}

impl Written {
    pub fn is_mailed(&self) -> bool {
        self.letter.is_some()
    }
}

/// Prepares one; `post` writes it.
pub async fn write(desk: &Desk, scope: &Scope, new: New) -> Answer<Written> {
    let (token, now) = (tokens::make(desk.access.random.as_ref()), desk.now());
    let invitation = Invitation {
        id: desk.id(),
        tenant: scope.tenant().clone(),
        email: new.email,
        role: new.role.as_str().to_owned(),
        locations: new.locations,
        hash: tokens::hash(&token),
        invited_by: new.by,
        created_at: now,
        expires_at: now.plus(VALID),
        outcome: None,
        ended_at: None,
    };
    addressed(desk, scope, invitation, &token).await
}

/// A new link for one that is still open.
pub async fn renew(desk: &Desk, scope: &Scope, is: Invitation) -> Answer<Written> {
    let token = tokens::make(desk.access.random.as_ref());
    let renewed = Invitation { hash: tokens::hash(&token), expires_at: desk.now().plus(VALID), ..is };
    addressed(desk, scope, renewed, &token).await
}

async fn addressed(desk: &Desk, scope: &Scope, invitation: Invitation, token: &str) -> Answer<Written> {
    let link = desk.access.link(&format!("/invitation/{token}"));
    let s = scope.clone();
    let tenant = desk.db.read(scope, work!(tx => tenants::get(tx, &s).await)).await?.ok_or(Refusal::Missing("business"))?;
    let letter = desk.access.mailer.is_some().then(|| {
        let words = letters::invitation(&tenant.language, &tenant.name, &invitation.invited_by, &link);
        mail::letter(desk, "invitation", &invitation.email, words)
    });
    Ok(Written { invitation, link, letter })
}

/// Writes a new one; it replaces an open one for the same address. Refused when they work here already.
pub async fn post(tx: &mut Tx, scope: &Scope, w: &Written) -> frontdesk_store::Result<Answer<()>> {
    let i = &w.invitation;
    if let Some(person) = people::by_email(tx, &Server, &i.email).await?
        && super::members::membership(tx, scope, &person.id).await?.is_some()
    {
        return Ok(Err(Refusal::Conflict("member", format!("{} works here already.", i.email))));
    }
    invitations::revoke_for(tx, scope, &i.email, i.created_at).await?;
    invitations::insert(tx, scope, i).await?;
    send(tx, w).await.map(Ok)
}

/// Writes a renewed one; `false` when it has ended meanwhile.
pub async fn post_again(tx: &mut Tx, scope: &Scope, w: &Written) -> frontdesk_store::Result<bool> {
    let i = &w.invitation;
    if !invitations::renew(tx, scope, &i.id, &i.hash, i.expires_at).await? {
        return Ok(false);
    }
    send(tx, w).await.map(|()| true)
}

async fn send(tx: &mut Tx, w: &Written) -> frontdesk_store::Result<()> {
    match &w.letter {
        Some(letter) => mail::post(tx, letter).await,
        None => Ok(()),
    }
}

/// What the invited sees before they answer.
pub struct Shown {
    pub invitation: Invitation,
    pub business: String,
    pub language: String,
    /// They sign in here already: then they answer signed in.
    pub known: bool,
}

pub async fn look(desk: &Desk, token: &str) -> Answer<Shown> {
    let (hash, now) = (tokens::hash(token), desk.now());
    let found = desk
        .db
        .read(
            &Server,
            work!(tx => {
                let Some(invitation) = invitations::open_by_hash(tx, &Server, &hash, now).await? else { return Ok(None) };
                let tenant = tenants::get(tx, &Scope::of(invitation.tenant.clone())).await?;
                let known = people::by_email(tx, &Server, &invitation.email).await?.is_some();
                Ok(tenant.filter(|t| t.active).map(|t| Shown { business: t.name, language: t.language, invitation, known }))
            }),
        )
        .await?;
    found.ok_or(Refusal::Gone(GONE))
}

/// Somebody new accepts: with a name and a password they are in.
pub async fn accept_as_new(
    desk: &Desk,
    token: &str,
    name: &str,
    password: String,
    visitor: &Visitor,
) -> Answer<(Invitation, Opened)> {
    let shown = look(desk, token).await?;
    let email = shown.invitation.email.clone();
    if shown.known {
        return Err(Refusal::Conflict("sign_in_first", format!("{email} signs in here already: sign in, then accept.")));
    }
    desk.access.passwords.check(password.clone(), vec![email.clone(), name.to_owned(), shown.business]).await?;
    let person = Person {
        id: desk.id(),
        email,
        name: name.to_owned(),
        password_hash: desk.access.passwords.hash(desk.access.random.as_ref(), password).await?,
        operator: false,
        active: true,
        language: None,
        must_change_password: false,
        created_at: desk.now(),
    };
    let opening = enter::new_session(desk, &person.id, visitor);
    let opened = opening.opened.clone();
    let (hash, now, trail) = (tokens::hash(token), desk.now(), Trail::of(desk, &person.id));
    let accepted = desk
        .db
        .write(
            &Server,
            work!(tx => {
                let Some(invitation) = invitations::open_by_hash(tx, &Server, &hash, now).await? else { return Ok(None) };
                if !people::insert(tx, &Server, &person).await? {
                    return Ok(None);
                }
                if !join(tx, &trail, &invitation, &person.id, now).await? {
                    return Err(frontdesk_store::Error::Refused(GONE.into()));
                }
                opening.open(tx).await?;
                Ok(Some(invitation))
            }),
        )
        .await;
    match accepted {
        Ok(Some(invitation)) => Ok((invitation, opened)),
        Ok(None) | Err(frontdesk_store::Error::Refused(_)) => Err(Refusal::Gone(GONE)),
        Err(e) => Err(e.into()),
    }
}

/// Somebody who is signed in accepts. It must be them who was invited.
pub async fn accept_as(desk: &Desk, token: &str, person: &UserId) -> Answer<Invitation> {
    let (hash, p, now, trail) = (tokens::hash(token), person.clone(), desk.now(), Trail::of(desk, person));
    desk.db
        .write(
            &Server,
            work!(tx => {
                let Some(invitation) = invitations::open_by_hash(tx, &Server, &hash, now).await? else {
                    return Ok(Err(Refusal::Gone(GONE)));
                };
                let person = people::get(tx, &Server, &p).await?;
                if person.is_none_or(|p| p.email != invitation.email) {
                    let whose = format!("This invitation is for {}: sign in as them.", invitation.email);
                    return Ok(Err(Refusal::Forbidden(whose)));
                }
                let joined = join(tx, &trail, &invitation, &p, now).await?;
                Ok(if joined { Ok(invitation) } else { Err(Refusal::Gone(GONE)) })
            }),
        )
        .await?
}

/// Ends the invitation and makes the person a member; `false` when it had ended.
pub(super) async fn join(
    tx: &mut Tx,
    trail: &Trail,
    invitation: &Invitation,
    person: &UserId,
    now: frontdesk_kernel::Timestamp,
) -> frontdesk_store::Result<bool> {
    let scope = Scope::of(invitation.tenant.clone());
    if !invitations::end(tx, &scope, &invitation.id, "accepted", now).await? {
        return Ok(false);
    }
    people::set_role(tx, &scope, person, &invitation.role, now).await?;
    people::set_locations(tx, &scope, person, &invitation.locations).await?;
    let detail = json!({ "role": invitation.role, "email": invitation.email });
    trail.write_in(tx, &scope, "invitation.accept", invitation.id.as_str(), detail).await?;
    Ok(true)
}
