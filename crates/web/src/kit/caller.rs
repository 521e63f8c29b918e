//! Who asks: an API key, a person who is signed in, or the machine's operator. A handler that takes one of these runs for nobody else.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{KeyId, LocationId, SessionId, UserId},
    member::{self, Role},
};
use frontdesk_store::{
    audit,
    people::{Membership, Person},
};
use serde_json::Value;

use super::{Problem, answers, authenticate::Identity};
use crate::Web;

/// Whoever acts, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Actor {
    Key(KeyId),
    Person(UserId),
    /// The machine's own operator, through the command line.
    Operator,
}

impl Actor {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Actor::Key(_) => "key",
            Actor::Person(_) => "person",
            Actor::Operator => "operator",
        }
    }
    /// Empty for the machine's operator.
    pub(crate) fn id(&self) -> &str {
        match self {
            Actor::Key(id) => id.as_str(),
            Actor::Person(id) => id.as_str(),
            Actor::Operator => "",
        }
    }
}

/// What somebody may do.
#[derive(Debug, Clone)]
pub(crate) enum Allowed {
    Scopes(Arc<[String]>),
    Role(Role),
}

/// Somebody who may act in one business.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) scope: Scope,
    pub(crate) actor: Actor,
    /// May name any tenant (`x-tenant-id`) and run the server.
    pub(crate) operator: bool,
    pub(super) allowed: Allowed,
    /// Empty = everywhere.
    pub(super) locations: Arc<[LocationId]>,
    /// What the request's `If-Match` says.
    pub(super) seen: Option<Arc<str>>,
}

impl Caller {
    /// `noun:verb`, one of `member::PERMISSIONS`.
    pub(crate) fn require(&self, permission: &str) -> Result<(), Problem> {
        if self.may(permission) {
            return Ok(());
        }
        let detail = match self.allowed {
            Allowed::Scopes(_) => format!("This key lacks the scope `{permission}`."),
            Allowed::Role(role) => format!("As {} you lack the permission `{permission}`.", role.as_str()),
        };
        Err(Problem::forbidden("forbidden", detail))
    }

    pub(crate) fn may(&self, permission: &str) -> bool {
        match &self.allowed {
            Allowed::Scopes(scopes) => member::scopes_allow(scopes, permission),
            Allowed::Role(role) => role.allows(permission),
        }
    }

    pub(crate) fn person(&self) -> Option<&UserId> {
        match &self.actor {
            Actor::Person(id) => Some(id),
            Actor::Key(_) | Actor::Operator => None,
        }
    }

    /// Only these locations are theirs; `None` = all.
    pub(crate) fn locations(&self) -> Option<&[LocationId]> {
        Some(&*self.locations).filter(|l| !l.is_empty())
    }

    /// Whether what belongs to a location (or to none) is theirs to see.
    pub(crate) fn sees(&self, location: Option<&LocationId>) -> bool {
        match (self.locations(), location) {
            (Some(theirs), Some(location)) => theirs.contains(location),
            (None, _) | (_, None) => true,
        }
    }

    /// Refuses when the request says which state it saw (`If-Match`) and it is another one now.
    pub(crate) fn if_match(&self, updated_at: Timestamp) -> Result<(), Problem> {
        let tag = answers::tag(updated_at);
        let fits = |seen: &str| seen == "*" || seen.split(',').any(|t| t.trim().trim_start_matches("W/") == tag);
        match &self.seen {
            Some(seen) if !fits(seen) => Err(Problem::new(
                StatusCode::PRECONDITION_FAILED,
                "stale",
                "Somebody changed it in the meantime: read it again, then repeat your change.",
            )),
            _ => Ok(()),
        }
    }

    /// Counts one request to somebody else's server: its business may make one a second, after a burst of five. `what`: such requests,
    /// for people.
    pub(crate) fn slowly(&self, web: &Web, what: &str) -> Result<(), Problem> {
        let taken = web.rates.take(&format!("{what} {}", self.scope.tenant()), 1, web.desk.now());
        taken.map_err(|wait| Problem::too_many(format!("Too many {what} at once: wait a moment."), wait.as_secs() + 1))
    }

    /// A line for the audit log; write it in the transaction of the change.
    pub(crate) fn entry(&self, web: &Web, action: &str, subject: &str, detail: Value) -> audit::Entry {
        audit::Entry {
            id: web.desk.id(),
            actor_kind: self.actor.kind().to_owned(),
            actor: self.actor.id().to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail,
            at: web.desk.now(),
        }
    }
}

/// What the layers found out, for the extractors.
#[derive(Clone)]
pub(super) struct Slot(pub(super) Result<Caller, Problem>);

impl FromRequestParts<Web> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Caller, Problem> {
        match parts.extensions.get::<Slot>() {
            Some(Slot(found)) => found.clone(),
            None => Err(Problem::unauthorized()),
        }
    }
}

/// A person who is signed in, in whichever business.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) person: Arc<Person>,
    pub(crate) session: SessionId,
    /// When they signed in.
    pub(crate) since: Timestamp,
    pub(crate) places: Arc<[Membership]>,
}

impl FromRequestParts<Web> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<SignedIn, Problem> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Person(person)) => Ok(person.clone()),
            Some(Identity::Refused(problem)) => Err(problem.clone()),
            _ => Err(Problem::unauthorized()),
        }
    }
}

/// Whoever runs this server: the machine's own operator, or a person with that right. Of no tenant: there may be none yet.
pub(crate) struct Operator;

impl FromRequestParts<Web> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Operator, Problem> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Machine) => Ok(Operator),
            Some(Identity::Person(p)) if p.person.operator && !p.person.must_change_password => Ok(Operator),
            Some(Identity::Key(_) | Identity::Person(_)) => {
                Err(Problem::forbidden("forbidden", "Only the operator of this server may do this."))
            }
            Some(Identity::Refused(problem)) => Err(problem.clone()),
            Some(Identity::Nobody) | None => Err(Problem::unauthorized()),
        }
    }
}
