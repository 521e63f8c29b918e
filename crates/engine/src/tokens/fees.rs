//! The monthly fee, and what else the books need now and then: once per business and month of its time zone, whichever node comes first,
//! also for months in which no server ran.

use std::time::Duration;

use frontdesk_kernel::{
    Scope, Timestamp,
    ledger::{MONTHLY_FEE, month_after, months},
    scope::Server,
    tenant::Tenant,
};
use frontdesk_store::{
    Result, tenants,
    tokens::{account, holds, spent},
    work,
};
use serde_json::json;

use super::{Books, books, changed};
use crate::{Desk, news::News};

/// No ceiling looks at what was spent before.
const COUNTED: Duration = Duration::from_secs(70 * 24 * 3600);
/// What a turn reserved for a model call and is not running any more is free again after this.
const STALE: Duration = Duration::from_secs(3600);

/// Charges every month that is due. Returns how many were.
pub async fn charge(desk: &Desk) -> Result<usize> {
    let all = desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await?;
    let mut charged = 0;
    for tenant in all.iter().filter(|t| t.active) {
        if let Some(books) = books(desk, tenant, desk.now()) {
            charged += charge_one(desk, tenant, &books).await?;
        }
    }
    Ok(charged)
}

async fn charge_one(desk: &Desk, tenant: &Tenant, books: &Books) -> Result<usize> {
    let scope = Scope::of(tenant.id.clone());
    let (s, b, now) = (scope.clone(), books.clone(), desk.now());
    let due = {
        let s = scope.clone();
        desk.db.read(&scope, work!(tx => account::get(tx, &s).await)).await?.and_then(|a| a.fee_from)
    };
    if due.as_deref().is_some_and(|from| from > b.day.month.as_str()) {
        return Ok(0);
    }
    let (charged, news) = desk
        .db
        .write(
            &scope,
            work!(tx => {
                let mut news = News::default();
                let Some(from) = due else {
                    begin(tx, &s, &b, now).await?;
                    return Ok((0, news));
                };
                let tokens = b.accounting.cost(MONTHLY_FEE);
                let mut charged = 0;
                for month in months(&from, &b.day.month) {
                    let Some(next) = month_after(&month) else { break };
                    let Some(after) = account::fee(tx, &s, &month, &next, tokens, &b.day, now).await? else { break };
                    charged += 1;
                    if after.balance < 0 && after.balance + tokens >= 0 {
                        let title = "the monthly fee was more than the tokens that were left: top up, nothing that costs tokens is done";
                        let detail = json!({ "what": "debt", "month": month, "balance": after.balance });
                        b.tell(tx, &s, "tokens_debt", title, detail, now, &mut news).await?;
                    }
                }
                if charged > 0 {
                    news.other(s.tenant(), changed());
                }
                Ok((charged, news))
            }),
        )
        .await?;
    news.tell(&desk.events);
    if charged > 0 {
        metrics::counter!("frontdesk_token_fees_total").increment(charged as u64);
        tracing::info!(tenant = %tenant.id, charged, "the monthly fee was charged");
    }
    Ok(charged)
}

/// Accounts are kept from now on: the month that runs is free when they are new, and those that passed without are.
pub async fn begin(tx: &mut frontdesk_store::Tx, scope: &Scope, books: &Books, now: Timestamp) -> Result<()> {
    let known = account::get(tx, scope).await?.and_then(|a| a.fee_from).is_some();
    let first = if known { Some(books.day.month.clone()) } else { month_after(&books.day.month) };
    match first {
        Some(first) => account::pay_from(tx, scope, &first, now).await,
        None => Ok(()),
    }
}

/// Forgets what no ceiling looks at, and frees what died with its turn.
pub async fn tidy(desk: &Desk) -> Result<()> {
    let now = desk.now();
    desk.db.write(&Server, work!(tx => spent::forget_before(tx, &Server, now.minus(COUNTED)).await)).await?;
    let stale = desk.db.read(&Server, work!(tx => holds::stale_calls(tx, &Server, now.minus(STALE), 500).await)).await?;
    for (tenant, name) in stale {
        let scope = Scope::of(tenant);
        let s = scope.clone();
        desk.db.write(&scope, work!(tx => holds::release(tx, &s, &name, now).await)).await?;
    }
    Ok(())
}
