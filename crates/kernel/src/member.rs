//! People of a business: what they are in it and what that allows.

use serde::{Deserialize, Serialize};

/// What a person is in a business, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Answers customers, books, does tasks.
    Staff,
    /// Changes how the business runs.
    Admin,
    /// Everything, also who else is owner.
    Owner,
}

impl Role {
    /// From most to least.
    pub const ALL: [Role; 4] = [Role::Owner, Role::Admin, Role::Staff, Role::Viewer];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Staff => "staff",
            Role::Viewer => "viewer",
        }
    }

    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.as_str() == text)
    }

    /// Everything that it allows.
    pub fn permissions(self) -> impl Iterator<Item = &'static str> {
        PERMISSIONS.iter().filter(move |p| self >= p.least).map(|p| p.name)
    }

    pub fn allows(self, permission: &str) -> bool {
        PERMISSIONS.iter().any(|p| p.name == permission && self >= p.least)
    }
}

/// Something that may be allowed, `noun:verb`.
#[derive(Debug, Clone, Copy)]
pub struct Permission {
    pub name: &'static str,
    /// Who has it without being asked: this role and every higher one.
    pub least: Role,
    /// For the person who ticks it.
    pub about: &'static str,
}

const fn of(name: &'static str, least: Role, about: &'static str) -> Permission {
    Permission { name, least, about }
}

/// Every permission there is; roles and API keys choose among them.
pub const PERMISSIONS: &[Permission] = &[
    of("business:read", Role::Viewer, "see the business: name, hours, who answers"),
    of("business:write", Role::Admin, "change the business: name, language, time zone, hours"),
    of("settings:read", Role::Viewer, "see settings and limits"),
    of("settings:write", Role::Admin, "change settings, limits and model keys"),
    of("location:read", Role::Viewer, "see locations"),
    of("location:write", Role::Admin, "change locations"),
    of("member:read", Role::Viewer, "see who works here"),
    of("member:write", Role::Admin, "invite people, change their roles, remove them"),
    // A noun of its own: keys for `member:*` were not made for this.
    of("delegation:use", Role::Owner, "have the agent act for any member, through the agent server's routes"),
    of("owner:write", Role::Owner, "make somebody owner, or an owner something else"),
    of("channel:read", Role::Viewer, "see channels and whether they work"),
    of("channel:write", Role::Admin, "connect, change and disconnect channels"),
    of("contact:read", Role::Viewer, "see contacts"),
    of("contact:write", Role::Staff, "add and change contacts"),
    of("contact:export", Role::Admin, "take contacts out as a file"),
    of("contact:erase", Role::Admin, "erase everything that is known of a contact"),
    of("conversation:read", Role::Viewer, "read conversations"),
    of("conversation:write", Role::Staff, "take over, give back, assign, snooze and close conversations"),
    of("message:send", Role::Staff, "answer customers"),
    of("message:write", Role::Admin, "speak as a customer through the API channel"),
    of("macro:read", Role::Viewer, "see saved replies"),
    of("macro:write", Role::Staff, "change saved replies"),
    of("media:read", Role::Viewer, "see files of conversations"),
    of("media:write", Role::Staff, "upload files for replies"),
    of("agent:read", Role::Viewer, "see agents and their versions"),
    of("agent:write", Role::Admin, "change agents, try them, publish and roll back"),
    of("prompt:read", Role::Viewer, "see the prompt library"),
    of("prompt:write", Role::Admin, "change the prompt library"),
    of("tool:read", Role::Viewer, "see tools"),
    of("tool:write", Role::Admin, "change and try tools"),
    of("tool:run", Role::Staff, "have the agent call the tools of the business"),
    of("policy:read", Role::Viewer, "see what the agent may do alone and whom it asks"),
    of("policy:write", Role::Admin, "decide what the agent may do alone and whom it asks"),
    of("record:read", Role::Staff, "have the agent read records of the business's own system"),
    of("record:write", Role::Staff, "have the agent add and change records there"),
    of("record:delete", Role::Admin, "have the agent delete records there"),
    of("approval:read", Role::Staff, "see what waits for somebody's decision"),
    of("approval:answer", Role::Staff, "answer questions that the agent puts to the team"),
    of("approval:decide", Role::Admin, "say yes or no to what the agent wants to do"),
    of("service:read", Role::Viewer, "see services"),
    of("service:write", Role::Admin, "change services"),
    of("staff:read", Role::Viewer, "see staff and their hours"),
    of("staff:write", Role::Admin, "change staff, their hours and absences"),
    of("booking:read", Role::Viewer, "see the calendar"),
    of("booking:write", Role::Staff, "make, move and cancel appointments"),
    of("payment:read", Role::Staff, "see payments and refunds"),
    of("payment:write", Role::Staff, "ask contacts for payments"),
    of("payment:refund", Role::Admin, "give money back"),
    of("task:read", Role::Viewer, "see tasks"),
    of("task:write", Role::Staff, "add, change and finish tasks"),
    of("trace:read", Role::Staff, "see what the agent did in a turn, step by step"),
    of("stats:read", Role::Viewer, "see figures of the business"),
    of("report:read", Role::Viewer, "see reports that were kept"),
    of("report:write", Role::Staff, "make reports of the figures, and delete them"),
    of("event:read", Role::Viewer, "be told live what changes"),
    of("key:read", Role::Admin, "see API keys"),
    of("key:write", Role::Admin, "make and revoke API keys"),
    of("tokens:read", Role::Viewer, "see the credit and what it was spent on"),
    of("tokens:write", Role::Owner, "top up, set costs, ceilings and prices, begin and end to keep accounts"),
    of("audit:read", Role::Admin, "see who changed what"),
    of("status:read", Role::Admin, "see how the server is doing"),
];

/// Whether a list of scopes (`noun:verb`, `noun:*`, `*`) allows a permission.
pub fn scopes_allow(scopes: &[String], permission: &str) -> bool {
    let noun = permission.split(':').next().unwrap_or_default();
    scopes.iter().any(|s| s == "*" || s == permission || s.strip_suffix(":*") == Some(noun))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_role_may_do_all_that_a_lower_one_may() {
        for pair in Role::ALL.windows(2) {
            let lower: Vec<_> = pair[1].permissions().collect();
            assert!(lower.iter().all(|p| pair[0].allows(p)), "{pair:?}");
        }
        assert!(Role::Owner.permissions().count() == PERMISSIONS.len());
        assert!(!Role::Viewer.permissions().any(|p| p.ends_with(":write") || p.ends_with(":send") || p.ends_with(":erase")));
    }

    #[test]
    fn a_role_has_its_name_and_allows_what_it_lists_and_nothing_else() {
        for (role, name, may, may_not) in [
            (Role::Owner, "owner", "owner:write", "owner:read"),
            (Role::Admin, "admin", "key:write", "owner:write"),
            (Role::Staff, "staff", "message:send", "key:read"),
            (Role::Viewer, "viewer", "contact:read", "contact:write"),
        ] {
            assert_eq!((role.as_str(), Role::parse(name)), (name, Some(role)));
            assert!(role.allows(may) && !role.allows(may_not) && !role.allows(""), "{name}");
            let listed: Vec<_> = role.permissions().collect();
            assert!(PERMISSIONS.iter().all(|p| role.allows(p.name) == listed.contains(&p.name)), "{name}");
        }
        assert_eq!(Role::parse("root"), None);
    }

    #[test]
    fn scopes_allow_by_name_noun_or_star() {
        let allows = |scopes: &[&str], p| scopes_allow(&scopes.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), p);
        assert!(
            allows(&["contact:read"], "contact:read") && allows(&["contact:*"], "contact:write") && allows(&["*"], "key:write")
        );
        assert!(
            !allows(&["contact:read"], "contact:write") && !allows(&["cont:*"], "contact:read") && !allows(&[], "contact:read")
        );
    }
}
