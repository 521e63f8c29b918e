//! What people change about the accounts of a business: whether they are kept, costs, ceilings, prices; and what they put in.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Scope,
    agent::ModelChoice,
    ledger::{Accounting, Ceilings, Day, MOST_TOKENS, Price},
    tenant::Tenant,
};
use frontdesk_store::{
    Error, Result, audit, tenants,
    tokens::account::{self, Account, Credit},
    work,
};

use super::{changed, fees};
use crate::{Desk, crash, events::Event};

/// What is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub enabled: Option<bool>,
    /// `None` as a value: the usual cost again.
    pub costs: BTreeMap<String, Option<i64>>,
    pub ceilings: Option<Ceilings>,
    /// `None` as a value: the server's price again.
    pub prices: BTreeMap<String, Option<Price>>,
    pub cheaper_model: Option<Option<ModelChoice>>,
}

/// The most prices and costs that a business sets itself.
const MOST: usize = 500;
const LONGEST_MODEL: usize = 200;

impl Change {
    fn over(self, before: &Accounting) -> Accounting {
        fn set<T>(into: &mut BTreeMap<String, T>, given: BTreeMap<String, Option<T>>) {
            for (key, value) in given {
                match value {
                    Some(value) => drop(into.insert(key, value)),
                    None => drop(into.remove(&key)),
                }
            }
        }
        let mut after = before.clone();
        after.enabled = self.enabled.unwrap_or(after.enabled);
        set(&mut after.costs, self.costs);
        set(&mut after.prices, self.prices);
        after.ceilings = self.ceilings.unwrap_or(after.ceilings);
        after.cheaper_model = self.cheaper_model.unwrap_or(after.cheaper_model);
        after
    }
}

/// Changes how accounts are kept; what is wrong with it by path, and then nothing was changed.
pub async fn change(
    desk: &Desk,
    scope: &Scope,
    change: Change,
    entry: Option<audit::Entry>,
) -> Result<std::result::Result<Tenant, Vec<(String, String)>>> {
    let (s, ids, now) = (scope.clone(), desk.ids.clone(), desk.now());
    let done = desk
        .db
        .write(
            scope,
            work!(tx => {
                let Some(before) = tenants::get(tx, &s).await? else {
                    return Err(Error::Refused("the business was deleted meanwhile".into()));
                };
                let after = change.over(&before.settings.tokens);
                let mut problems = after.problems();
                if after.costs.len() > MOST || after.prices.len() > MOST {
                    problems.push((String::new(), format!("at most {MOST} costs and {MOST} prices")));
                }
                if let Some(model) = after.prices.keys().find(|m| m.is_empty() || m.len() > LONGEST_MODEL) {
                    problems.push((format!("prices.{model}"), format!("a model's name, from 1 to {LONGEST_MODEL} bytes")));
                }
                if !problems.is_empty() {
                    return Ok(Err(problems));
                }
                let begins = after.enabled && !before.settings.tokens.enabled;
                let mut tenant = before;
                *tenant.settings.tokens = after;
                tenant.updated_at = now.max(frontdesk_kernel::Timestamp(tenant.updated_at.0 + 1));
                tenants::update(tx, &s, &tenant).await?;
                if begins {
                    fees::begin(tx, &s, &super::kept(ids, &tenant, now), now).await?;
                }
                if let Some(entry) = &entry {
                    audit::write(tx, &s, entry).await?;
                }
                Ok(Ok(tenant))
            }),
        )
        .await?;
    if done.is_ok() {
        desk.directory.invalidate();
        desk.events.tell(scope.tenant(), changed());
        desk.events.tell(scope.tenant(), Event::new("settings.changed", scope.tenant().as_str()));
    }
    Ok(done)
}

/// Tokens that somebody puts in, or takes out when less than nothing.
pub struct TopUp {
    pub tokens: i64,
    pub note: Option<String>,
    /// `usr_…` or `key_…`; empty for the machine's operator.
    pub by: String,
    /// Entered once under this name.
    pub once: String,
}

/// Puts them in. The account after it, and whether this was news (and not a repeat).
pub async fn top_up(desk: &Desk, scope: &Scope, top_up: TopUp, entry: Option<audit::Entry>) -> Result<(Account, bool)> {
    if top_up.tokens == 0 || !(-MOST_TOKENS..=MOST_TOKENS).contains(&top_up.tokens) {
        return Err(Error::Refused(format!("from 1 to {MOST_TOKENS} tokens, or as many less than nothing to take them out")));
    }
    let zone = desk.directory.tenant(desk, scope.tenant()).await?.map_or(jiff::tz::TimeZone::UTC, |view| view.tenant.zone());
    let (s, now) = (scope.clone(), desk.now());
    let day = Day::at(now, &zone);
    let credit = Credit { once: format!("grant/{}", top_up.once), tokens: top_up.tokens, note: top_up.note, by: top_up.by };
    let done = desk
        .db
        .write(
            scope,
            work!(tx => {
                match account::credit(tx, &s, &credit, &day, now).await? {
                    Some(after) => {
                        if let Some(entry) = &entry {
                            audit::write(tx, &s, entry).await?;
                        }
                        crash::point("top-up before commit");
                        Ok((after, true))
                    }
                    None => Ok((account::lock(tx, &s, now).await?, false)),
                }
            }),
        )
        .await?;
    crash::point("top-up committed");
    desk.events.tell(scope.tenant(), changed());
    Ok(done)
}
