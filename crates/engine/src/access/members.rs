//! Who works at a business: nobody gives more than they have, and a business always has an owner.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    member::{PERMISSIONS, Role, scopes_allow},
    scope::Server,
};
use frontdesk_store::{Tx, people, people::Membership, sessions};

use super::{Answer, Refusal};

/// What somebody who invites, promotes or makes keys has to give.
#[derive(Debug, Clone)]
pub struct Giver {
    permissions: Vec<&'static str>,
    /// `None` = everywhere.
    locations: Option<Vec<LocationId>>,
}

impl Giver {
    pub fn new(has: impl Fn(&str) -> bool, locations: Option<&[LocationId]>) -> Giver {
        let permissions = PERMISSIONS.iter().map(|p| p.name).filter(|p| has(p)).collect();
        Giver { permissions, locations: locations.map(<[_]>::to_vec) }
    }

    /// An empty list of locations gives all of them.
    pub fn may_give(&self, role: Role, locations: &[LocationId]) -> Answer<()> {
        if let Some(missing) = role.permissions().find(|p| !self.permissions.contains(p)) {
            let why = format!("You cannot make somebody {}: you lack `{missing}` yourself.", role.as_str());
            return Err(Refusal::Forbidden(why));
        }
        match &self.locations {
            Some(mine) if locations.is_empty() || locations.iter().any(|l| !mine.contains(l)) => {
                Err(Refusal::Forbidden("You can only give access to the locations that you have yourself.".into()))
            }
            _ => Ok(()),
        }
    }

    /// A key reaches all locations.
    pub fn may_make_key(&self, scopes: &[String]) -> Answer<()> {
        if self.locations.is_some() {
            return Err(Refusal::Forbidden("A key reaches every location, and you do not.".into()));
        }
        let given = PERMISSIONS.iter().map(|p| p.name).find(|p| scopes_allow(scopes, p) && !self.permissions.contains(p));
        match given {
            Some(missing) => Err(Refusal::Forbidden(format!("The key would be allowed `{missing}`, which you are not."))),
            None => Ok(()),
        }
    }

    /// Whether they are at least what the other one is.
    pub fn may_touch(&self, role: Role) -> Answer<()> {
        if role.permissions().all(|p| self.permissions.contains(&p)) {
            Ok(())
        } else {
            Err(Refusal::Forbidden(format!("Only somebody who is {} too can do this.", role.as_str())))
        }
    }
}

/// What changes about a member; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub role: Option<Role>,
    pub locations: Option<Vec<LocationId>>,
}

/// Changes role or locations. Their sessions end: the next one begins with the new rights. (Not those of whoever changes themselves:
/// their session gets a new token.)
pub async fn change(
    tx: &mut Tx,
    scope: &Scope,
    by: &Giver,
    caller: Option<&UserId>,
    person: &UserId,
    change: &Change,
    now: Timestamp,
) -> frontdesk_store::Result<Answer<Membership>> {
    let Some(is) = membership(tx, scope, person).await? else { return Ok(Err(Refusal::Missing("member"))) };
    let role = change.role.unwrap_or(is.role);
    let locations = change.locations.clone().unwrap_or_else(|| is.locations.clone());
    if let Err(refused) = by.may_touch(is.role).and_then(|()| by.may_give(role, &locations)) {
        return Ok(Err(refused));
    }
    if role == Role::Owner && !locations.is_empty() {
        return Ok(Err(Refusal::Field("locations", "an owner works everywhere".into())));
    }
    if role != Role::Owner && is_last_owner(tx, scope, person).await? {
        return Ok(Err(last_owner()));
    }
    people::set_role(tx, scope, person, role.as_str(), now).await?;
    people::set_locations(tx, scope, person, &locations).await?;
    if caller != Some(person) {
        sessions::end_all(tx, &Server, person, None).await?;
    }
    Ok(Ok(Membership { role, locations, ..is }))
}

/// Takes somebody out of the business.
pub async fn remove(tx: &mut Tx, scope: &Scope, by: &Giver, person: &UserId) -> frontdesk_store::Result<Answer<Role>> {
    let Some(is) = membership(tx, scope, person).await? else { return Ok(Err(Refusal::Missing("member"))) };
    if let Err(refused) = by.may_touch(is.role) {
        return Ok(Err(refused));
    }
    if is_last_owner(tx, scope, person).await? {
        return Ok(Err(last_owner()));
    }
    people::remove_role(tx, scope, person).await?;
    Ok(Ok(is.role))
}

pub async fn membership(tx: &mut Tx, scope: &Scope, person: &UserId) -> frontdesk_store::Result<Option<Membership>> {
    Ok(people::places(tx, &Server, person).await?.into_iter().find(|m| m.tenant == *scope.tenant()))
}

async fn is_last_owner(tx: &mut Tx, scope: &Scope, person: &UserId) -> frontdesk_store::Result<bool> {
    people::lock_members(tx, scope).await?;
    Ok(people::owners(tx, &Server, scope.tenant()).await? == [person.clone()])
}

fn last_owner() -> Refusal {
    Refusal::Conflict("last_owner", "This is the last owner: make somebody else owner first.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(role: Role, locations: Option<&[LocationId]>) -> Giver {
        Giver::new(|p| role.allows(p), locations)
    }

    fn scopes(all: &[&str]) -> Vec<String> {
        all.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn nobody_gives_a_role_above_their_own() {
        for (giver, given, may) in [
            (Role::Owner, Role::Owner, true),
            (Role::Admin, Role::Owner, false),
            (Role::Admin, Role::Admin, true),
            (Role::Staff, Role::Admin, false),
            (Role::Viewer, Role::Staff, false),
        ] {
            assert_eq!(person(giver, None).may_give(given, &[]).is_ok(), may, "{giver:?} gives {given:?}");
            assert_eq!(person(giver, None).may_touch(given).is_ok(), may, "{giver:?} touches {given:?}");
        }
        let key = Giver::new(|p| scopes_allow(&scopes(&["member:*", "contact:read"]), p), None);
        assert!(key.may_give(Role::Viewer, &[]).is_err());
    }

    #[test]
    fn nobody_gives_a_location_that_they_do_not_have() {
        let (a, b) = (LocationId::parse("loc_a").unwrap(), LocationId::parse("loc_b").unwrap());
        let limited = person(Role::Admin, Some(std::slice::from_ref(&a)));
        assert!(limited.may_give(Role::Staff, std::slice::from_ref(&a)).is_ok());
        assert!(limited.may_give(Role::Staff, &[a, b]).is_err() && limited.may_give(Role::Staff, &[]).is_err());
        assert!(limited.may_make_key(&scopes(&["contact:read"])).is_err());
    }

    #[test]
    fn a_key_is_allowed_no_more_than_its_maker() {
        for (role, given, may) in [
            (Role::Owner, "*", true),
            (Role::Staff, "contact:read", true),
            (Role::Staff, "contact:*", false),
            (Role::Staff, "key:write", false),
            (Role::Viewer, "*", false),
        ] {
            assert_eq!(person(role, None).may_make_key(&scopes(&[given])).is_ok(), may, "{role:?} {given}");
        }
    }
}
