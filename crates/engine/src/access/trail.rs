//! What somebody does to their own way in is written into the audit log of every business they belong to.

use std::sync::Arc;

use frontdesk_kernel::{
    Id, Ids, Scope, Timestamp,
    ids::{AuditId, UserId},
    scope::Server,
};
use frontdesk_store::{Result, Tx, audit, people};
use serde_json::Value;

use crate::Desk;

#[derive(Clone)]
pub(super) struct Trail {
    ids: Arc<dyn Ids>,
    person: UserId,
    now: Timestamp,
}

impl Trail {
    pub(super) fn of(desk: &Desk, person: &UserId) -> Trail {
        Trail { ids: desk.ids.clone(), person: person.clone(), now: desk.now() }
    }

    /// The same for what another person does.
    pub(super) fn by(&self, person: &UserId) -> Trail {
        Trail { person: person.clone(), ..self.clone() }
    }

    /// In the transaction of what happened.
    pub(super) async fn write(&self, tx: &mut Tx, action: &str, subject: &str, detail: Value) -> Result<()> {
        for place in people::places(tx, &Server, &self.person).await? {
            self.write_in(tx, &Scope::of(place.tenant), action, subject, detail.clone()).await?;
        }
        Ok(())
    }

    /// What concerns one business only.
    pub(super) async fn write_in(&self, tx: &mut Tx, scope: &Scope, action: &str, subject: &str, detail: Value) -> Result<()> {
        let id: AuditId = Id::new(self.ids.as_ref(), self.now);
        let entry = audit::Entry {
            id,
            actor_kind: "person".into(),
            actor: self.person.to_string(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            detail,
            at: self.now,
        };
        audit::write(tx, scope, &entry).await
    }
}
