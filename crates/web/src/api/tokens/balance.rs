//! What is there, and how much of today's and this month's ceilings is used.

use axum::extract::State;
use frontdesk_kernel::{
    Scope,
    ledger::{Ceilings, Day, Spent},
    tenant::Tenant,
};
use frontdesk_store::{
    tokens::{
        account::{self, Account},
        spent,
    },
    work,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Web,
    api::business::view_of,
    kit::{Caller, Found, Problem, Time},
};

/// Business credit in tokens (not a model's).
#[derive(Serialize, ToSchema)]
#[schema(as = TokenBalance)]
pub(crate) struct Balance {
    /// Accounts are kept; otherwise nothing costs anything.
    pub(crate) enabled: bool,
    /// Topped up less spent; less than nothing is a debt.
    pub(crate) balance: i64,
    /// Of it, held for what is under way.
    pub(crate) reserved: i64,
    /// What may be spent now.
    pub(crate) available: i64,
    /// What was free after the last top-up.
    pub(crate) topped_up: i64,
    /// The next month whose fee will be charged, `YYYY-MM`.
    next_fee: Option<String>,
    monthly_fee: i64,
    /// The business's own day.
    day: String,
    today: Used,
    this_month: Used,
    /// What models cost today, in millionths of a US dollar; calls without a known price are not in it.
    money_today: Used,
    /// When the account moved last.
    updated_at: Option<Time>,
}

/// Spent or reserved, and how much may be.
#[derive(Serialize, ToSchema)]
#[schema(as = TokensUsed)]
pub(crate) struct Used {
    used: i64,
    /// Nothing: no limit.
    ceiling: Option<i64>,
}

/// The credit of the business.
#[utoipa::path(get, path = "/tokens/balance", tag = "tokens", responses((status = 200, body = Balance)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Found<Balance>, Problem> {
    caller.require("tokens:read")?;
    Ok(Found(of(&web, &caller.scope, &view_of(&web, &caller).await?.tenant).await?))
}

pub(crate) async fn of(web: &Web, scope: &Scope, tenant: &Tenant) -> Result<Balance, Problem> {
    let day = Day::at(web.desk.now(), &tenant.zone());
    let (s, d) = (scope.clone(), day.clone());
    let (account, spent) = web
        .desk
        .db
        .read(scope, work!(tx => Ok((account::get(tx, &s).await?, spent::so_far(tx, &s, &d, None, None).await?))))
        .await?;
    Ok(shown(tenant, account, day, &spent))
}

fn shown(tenant: &Tenant, account: Option<Account>, day: Day, spent: &Spent) -> Balance {
    let accounting = &tenant.settings.tokens;
    let c: &Ceilings = &accounting.ceilings;
    let a = account.as_ref();
    Balance {
        enabled: accounting.enabled,
        balance: a.map_or(0, |a| a.balance),
        reserved: a.map_or(0, |a| a.reserved),
        available: a.map_or(0, Account::available),
        topped_up: a.map_or(0, |a| a.topped),
        next_fee: a.filter(|_| accounting.enabled).and_then(|a| a.fee_from.clone()),
        monthly_fee: accounting.cost(frontdesk_kernel::ledger::MONTHLY_FEE),
        day: day.day,
        today: Used { used: spent.day, ceiling: c.day },
        this_month: Used { used: spent.month, ceiling: c.month },
        money_today: Used { used: spent.money_day, ceiling: c.money_day },
        updated_at: a.map(|a| a.updated_at.into()),
    }
}
