//! Single sign-on: an identity provider vouches for a person; who that is here, and whether they may come in, is decided here.

use std::time::Duration;

use frontdesk_kernel::{
    Scope,
    ids::*,
    member::Role,
    ports::identity::{Identity, IdentityError, Request},
    scope::Server,
};
use frontdesk_store::{
    Tx, challenges, challenges::Challenge, factors, identities, invitations, passkeys, people, people::Person, resets, sessions,
    work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Answer, Refusal, Visitor,
    enter::{self, Opened},
    tokens,
    trail::Trail,
};
use crate::Desk;

const KIND: &str = "sso";
const PATIENCE: Duration = Duration::from_secs(10 * 60);
pub const CALLBACK: &str = "/api/v1/session/sso/callback";
const GONE: &str = "This sign-in was not begun in this browser, or it has taken too long: begin again.";
const STRANGER: &str = "Nobody here has this e-mail address: ask for an invitation.";

/// Whom the provider may send.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Lower case; empty = any.
    pub domains: Vec<String>,
    /// New people become this at this business; without it they need an account or an invitation.
    pub provision: Option<(TenantId, Role)>,
}

#[derive(Serialize, Deserialize)]
struct Begun {
    nonce: String,
    verifier: String,
    next: String,
}

/// Where the browser goes, and the state that it must bring back (in the address and in a cookie).
pub async fn begin(desk: &Desk, next: Option<&str>) -> Answer<(String, String)> {
    let (provider, _) = desk.access.provider.as_ref().ok_or(Refusal::Missing("sign-in service"))?;
    let random = desk.access.random.as_ref();
    let [state, nonce, verifier] = std::array::from_fn(|_| tokens::make(random));
    let redirect = desk.access.link(CALLBACK);
    let request = Request { state: &state, nonce: &nonce, verifier: &verifier, redirect: &redirect };
    let url = provider.authorize(desk.http.as_ref(), &request).await.map_err(refusal)?;
    let begun = Begun { nonce, verifier, next: own_path(next) };
    let challenge = Challenge {
        hash: tokens::hash(&state),
        kind: KIND.into(),
        person: None,
        detail: serde_json::to_string(&begun).unwrap_or_default(),
        tries: 0,
        expires_at: desk.now().plus(PATIENCE),
    };
    desk.db.write(&Server, work!(tx => challenges::insert(tx, &Server, &challenge).await)).await?;
    Ok((url, state))
}

/// The browser is back with a code. Returns where it wanted to go.
pub async fn finish(desk: &Desk, state: &str, code: &str, visitor: &Visitor) -> Answer<(Opened, String)> {
    let (provider, rules) = desk.access.provider.clone().ok_or(Refusal::Missing("sign-in service"))?;
    let (hash, now) = (tokens::hash(state), desk.now());
    let found = desk.db.write(&Server, work!(tx => challenges::take(tx, &Server, &hash, KIND, now).await)).await?;
    let begun: Option<Begun> = found.and_then(|c| serde_json::from_str(&c.detail).ok());
    let begun = begun.ok_or(Refusal::Gone(GONE))?;
    let redirect = desk.access.link(CALLBACK);
    let request = Request { state, nonce: &begun.nonce, verifier: &begun.verifier, redirect: &redirect };
    let identity = provider.redeem(desk.http.as_ref(), code, &request, now).await.map_err(refusal)?;
    if !rules.domains.is_empty() && !identity.email.as_deref().is_some_and(|e| is_of(e, &rules.domains)) {
        return Err(Refusal::Forbidden("People with this e-mail address do not sign in here.".into()));
    }
    let fresh: UserId = desk.id();
    let person = {
        let (identity, trail) = (identity.clone(), Trail::of(desk, &fresh));
        desk.db.write(&Server, work!(tx => resolve(tx, &trail, &identity, &rules, fresh, now).await)).await?
    };
    let person = person.ok_or_else(|| Refusal::Forbidden(STRANGER.into()))?;
    let opening = enter::new_session(desk, &person, visitor);
    let opened = opening.opened.clone();
    desk.db.write(&Server, work!(tx => opening.open(tx).await)).await?;
    Ok((opened, begun.next))
}

/// Who it is: known by subject, by verified e-mail, by invitation, or provisioned. `None`: nobody.
async fn resolve(
    tx: &mut Tx,
    trail: &Trail,
    who: &Identity,
    rules: &Rules,
    fresh: UserId,
    now: frontdesk_kernel::Timestamp,
) -> frontdesk_store::Result<Option<UserId>> {
    if let Some(person) = identities::person(tx, &Server, &who.issuer, &who.subject, now).await? {
        return Ok(people::get(tx, &Server, &person).await?.filter(|p| p.active).map(|p| p.id));
    }
    let Some(email) = &who.email else { return Ok(None) };
    if let Some(person) = people::by_email(tx, &Server, email).await? {
        if !person.active || identities::is_linked(tx, &Server, &who.issuer, &person.id).await? {
            return Ok(None);
        }
        identities::link(tx, &Server, &who.issuer, &who.subject, &person.id, now).await?;
        let id = person.id.clone();
        close_other_doors(tx, &trail.by(&id), person).await?;
        return Ok(Some(id));
    }
    let invited = invitations::open_for(tx, &Server, email, now).await?;
    if invited.is_empty() && rules.provision.is_none() {
        return Ok(None);
    }
    let person = Person {
        id: fresh,
        email: email.clone(),
        name: who.name.clone().unwrap_or_else(|| email.clone()),
        // No password is right until they set one.
        password_hash: String::new(),
        operator: false,
        active: true,
        language: None,
        must_change_password: false,
        created_at: now,
    };
    people::insert(tx, &Server, &person).await?;
    identities::link(tx, &Server, &who.issuer, &who.subject, &person.id, now).await?;
    for invitation in &invited {
        super::invitations::join(tx, trail, invitation, &person.id, now).await?;
    }
    if let (true, Some((tenant, role))) = (invited.is_empty(), &rules.provision) {
        people::set_role(tx, &Scope::of(tenant.clone()), &person.id, role.as_str(), now).await?;
    }
    Ok(Some(person.id))
}

/// The provider is the first to vouch that the address is theirs: whoever accepted its invitation, or was entered with it, may have been
/// somebody else. What let them in until now does so no more.
async fn close_other_doors(tx: &mut Tx, trail: &Trail, person: Person) -> frontdesk_store::Result<()> {
    let keys = passkeys::list(tx, &Server, &person.id).await?;
    for key in &keys {
        passkeys::delete(tx, &Server, &person.id, &key.id).await?;
    }
    let app = factors::remove_totp(tx, &Server, &person.id).await?;
    sessions::end_all(tx, &Server, &person.id, None).await?;
    challenges::forget(tx, &Server, &person.id).await?;
    resets::forget(tx, &Server, &person.id).await?;
    if !person.password_hash.is_empty() || app || !keys.is_empty() {
        let detail = json!({ "because": "single sign-on", "passkeys": keys.len(), "app": app });
        trail.write(tx, "password.delete", person.id.as_str(), detail).await?;
    }
    let closed = Person { password_hash: String::new(), must_change_password: false, ..person };
    people::update(tx, &Server, &closed).await.map(drop)
}

fn is_of(email: &str, domains: &[String]) -> bool {
    email.rsplit_once('@').is_some_and(|(_, domain)| domains.iter().any(|d| d.eq_ignore_ascii_case(domain)))
}

fn refusal(e: IdentityError) -> Refusal {
    tracing::warn!(error = %e, "single sign-on failed");
    match e {
        IdentityError::Unavailable(_) => Refusal::Unavailable("The sign-in service does not answer: try again later.".into()),
        IdentityError::Refused(_) => Refusal::Forbidden("The sign-in service's answer cannot be trusted.".into()),
    }
}

/// A path of ours to go to after signing in; anything else is the front page.
pub fn own_path(next: Option<&str>) -> String {
    let own = next.filter(|n| {
        n.starts_with('/') && !n.starts_with("//") && n.len() <= 500 && !n.contains('\\') && !n.chars().any(char::is_control)
    });
    own.unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_one_goes_to_a_path_of_ours_only() {
        for (next, goes) in [
            (Some("/inbox?x=1#y"), "/inbox?x=1#y"),
            (Some("//evil.example"), "/"),
            (Some("/\\evil.example"), "/"),
            (Some("\\\\evil.example"), "/"),
            (Some("https://evil.example"), "/"),
            (Some("javascript:alert(1)"), "/"),
            (Some("/\t/evil.example"), "/"),
            (Some("inbox"), "/"),
            (Some(""), "/"),
            (None, "/"),
        ] {
            assert_eq!(own_path(next), goes, "{next:?}");
        }
    }

    #[test]
    fn a_domain_is_what_follows_the_last_at() {
        let domains = vec!["luna.example".to_owned()];
        for (email, is) in [
            ("ana@luna.example", true),
            ("ana@LUNA.example", true),
            ("ana@evil.example", false),
            ("luna.example", false),
            ("ana@luna.example@evil.example", false),
            ("ana@sub.luna.example", false),
        ] {
            assert_eq!(is_of(email, &domains), is, "{email}");
        }
    }
}
