//! Business credit: what is there, putting some in, what it was spent on.

use std::sync::Arc;

use frontdesk_kernel::{
    ids::{Id, OfAudit},
    ledger::{Day, MOST_TOKENS},
    tenant::Tenant,
};
use frontdesk_store::{
    Result,
    audit::Entry,
    tokens::{
        account::{self, Account},
        entries, spent,
    },
    work,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{refused, scope};
use crate::{Desk, tokens::keep};

const USUAL_DAYS: i64 = 30;
const MOST_DAYS: i32 = 366;
const LONGEST_NOTE: usize = 500;
const LONGEST_NAME: usize = 200;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Balance,
    Add {
        /// Less than nothing takes them out again.
        tokens: i64,
        note: Option<String>,
        /// Entered once under this name.
        once: Option<String>,
    },
    Usage {
        from: Option<String>,
        to: Option<String>,
    },
}

pub(super) async fn execute(desk: &Arc<Desk>, tenant: &Tenant, action: Action) -> Result<Value> {
    match action {
        Action::Balance => balance(desk, tenant).await,
        Action::Add { tokens, note, once } => add(desk, tenant, tokens, note, once).await,
        Action::Usage { from, to } => usage(desk, tenant, from.as_deref(), to.as_deref()).await,
    }
}

async fn balance(desk: &Desk, tenant: &Tenant) -> Result<Value> {
    let (scope, day) = (scope(&tenant.id), Day::at(desk.now(), &tenant.zone()));
    let (s, d) = (scope.clone(), day.clone());
    let (account, spent) = desk
        .db
        .read(&scope, work!(tx => Ok((account::get(tx, &s).await?, spent::so_far(tx, &s, &d, None, None).await?))))
        .await?;
    let (accounting, a) = (&tenant.settings.tokens, account.as_ref());
    let used = |used: i64, ceiling: Option<i64>| json!({ "used": used, "ceiling": ceiling });
    Ok(json!({
        "enabled": accounting.enabled,
        "balance": a.map_or(0, |a| a.balance),
        "reserved": a.map_or(0, |a| a.reserved),
        "available": a.map_or(0, Account::available),
        "next_fee": a.filter(|_| accounting.enabled).and_then(|a| a.fee_from.clone()),
        "day": day.day,
        "today": used(spent.day, accounting.ceilings.day),
        "this_month": used(spent.month, accounting.ceilings.month),
    }))
}

async fn add(desk: &Desk, tenant: &Tenant, tokens: i64, note: Option<String>, once: Option<String>) -> Result<Value> {
    if tokens == 0 || !(-MOST_TOKENS..=MOST_TOKENS).contains(&tokens) {
        return Err(refused(format!("from 1 to {MOST_TOKENS} tokens, or as many less than nothing to take them out")));
    }
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        return Err(refused(format!("the note has at most {LONGEST_NOTE} characters")));
    }
    if tokens < 0 && note.is_none() {
        return Err(refused("say with --note why they are taken out"));
    }
    if once.as_ref().is_some_and(|name| name.is_empty() || name.len() > LONGEST_NAME) {
        return Err(refused(format!("a name of a top-up has from 1 to {LONGEST_NAME} bytes")));
    }
    let id: Id<OfAudit> = desk.id();
    let once = once.map_or_else(|| id.to_string(), |name| format!("operator/{name}"));
    let entry = Entry {
        id,
        actor_kind: "operator".into(),
        actor: String::new(),
        action: "tokens.top_up".into(),
        subject: String::new(),
        detail: json!({ "tokens": tokens, "note": note }),
        at: desk.now(),
    };
    let scope = scope(&tenant.id);
    let (_, news) = keep::top_up(desk, &scope, keep::TopUp { tokens, note, by: String::new(), once }, Some(entry)).await?;
    let mut answer = balance(desk, tenant).await?;
    answer["repeated"] = json!(!news);
    Ok(answer)
}

async fn usage(desk: &Desk, tenant: &Tenant, from: Option<&str>, to: Option<&str>) -> Result<Value> {
    let day = |text: &str| text.parse::<Date>().map_err(|_| refused(format!("`{text}` is no day such as 2026-11-25")));
    let to = to.map(day).transpose()?.unwrap_or_else(|| desk.now().in_zone(&tenant.zone()).date());
    let usual = || to.saturating_sub(jiff::Span::new().days(USUAL_DAYS - 1));
    let from = from.map(day).transpose()?.unwrap_or_else(usual);
    if from > to || (to - from).get_days() >= MOST_DAYS {
        return Err(refused(format!("the first day is not after the last one, and at most {MOST_DAYS} days before it")));
    }
    let (scope, first, last) = (scope(&tenant.id), from.to_string(), to.to_string());
    let (s, f, l) = (scope.clone(), first.clone(), last.clone());
    let spent = desk.db.read(&scope, work!(tx => entries::usage(tx, &s, &f, &l).await)).await?;
    let items: Vec<Value> = spent
        .iter()
        .map(|u| json!({ "day": u.day, "action": u.action, "channel": u.channel, "tokens": u.tokens, "times": u.times }))
        .collect();
    Ok(json!({ "from": first, "to": last, "tokens": spent.iter().map(|u| u.tokens).sum::<i64>(), "items": items }))
}
