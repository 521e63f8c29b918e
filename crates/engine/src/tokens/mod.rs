//! Business credit at work: what is reserved before something is done, settled when it is, refused with a reason, and charged each month.
//! For a business that keeps no accounts nothing here asks the database anything.

pub mod calls;
pub mod checkout;
pub mod fees;
pub mod keep;
pub mod sends;
pub mod tools;

use std::sync::Arc;

use frontdesk_kernel::{
    Id, Ids, Scope, Timestamp,
    ids::*,
    ledger::{Accounting, Alert, Blocked, Day},
    tenant::Tenant,
};
use frontdesk_store::{
    Result, Tx, audit, tasks,
    tokens::holds::{self, Ask, Reserved},
};
use serde_json::json;

use crate::{Desk, events::Event, news::News};

/// The accounts of one business, as they are kept today.
#[derive(Clone)]
pub struct Books {
    pub accounting: Accounting,
    pub day: Day,
    ids: Arc<dyn Ids>,
}

/// `None` where none are kept.
pub fn books(desk: &Desk, tenant: &Tenant, now: Timestamp) -> Option<Books> {
    tenant.settings.tokens.enabled.then(|| kept(desk.ids.clone(), tenant, now))
}

fn kept(ids: Arc<dyn Ids>, tenant: &Tenant, now: Timestamp) -> Books {
    Books { accounting: (*tenant.settings.tokens).clone(), day: Day::at(now, &tenant.zone()), ids }
}

impl Books {
    /// Reserves, and has somebody told when a limit comes near. The hold's name, or why not.
    pub(crate) async fn reserve(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        ask: &Ask,
        now: Timestamp,
        news: &mut News,
    ) -> Result<Result<String, Blocked>> {
        match holds::reserve(tx, scope, ask, &self.accounting.ceilings, &self.day, now).await? {
            Reserved::Yes { hold, alerts } => {
                for alert in &alerts {
                    self.alert(tx, scope, alert, now, news).await?;
                }
                Ok(Ok(hold))
            }
            Reserved::No(why) => {
                metrics::counter!("frontdesk_tokens_refused_total", "why" => why.as_str()).increment(1);
                Ok(Err(why))
            }
        }
    }

    /// A task for a person, a line in the audit log, a hint for who watches.
    async fn alert(&self, tx: &mut Tx, scope: &Scope, alert: &Alert, now: Timestamp, news: &mut News) -> Result<()> {
        let what = match alert.what {
            "credit" => "the tokens that were topped up",
            "day" => "today's ceiling of tokens",
            "month" => "this month's ceiling of tokens",
            _ => "today's ceiling of money for models",
        };
        let title = format!("{} % of {what} is used", alert.percent);
        self.tell(tx, scope, "tokens_alert", &title, json!({ "what": alert.what, "percent": alert.percent }), now, news).await
    }

    #[expect(clippy::too_many_arguments, reason = "a task and a line of the audit log, their parts")]
    async fn tell(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        kind: &str,
        title: &str,
        detail: serde_json::Value,
        now: Timestamp,
        news: &mut News,
    ) -> Result<()> {
        let task: TaskId = Id::new(self.ids.as_ref(), now);
        tasks::open(tx, scope, &task, kind, title, None, None, now).await?;
        let entry = audit::Entry {
            id: Id::new(self.ids.as_ref(), now),
            actor_kind: "server".to_owned(),
            actor: String::new(),
            action: "tokens.alert".to_owned(),
            subject: String::new(),
            detail,
            at: now,
        };
        audit::write(tx, scope, &entry).await?;
        news.task(scope.tenant(), &task, None);
        news.other(scope.tenant(), changed());
        Ok(())
    }
}

/// Told when an account moved.
pub fn changed() -> Event {
    Event::new("tokens.changed", "")
}
