//! What the credit was spent on, by the business's own days, and what models cost in money.

use axum::extract::State;
use frontdesk_kernel::{Scope, Timestamp, ids::ChannelId, tenant::Tenant};
use frontdesk_store::{
    stats,
    tokens::entries::{self, Usage as Spent},
    work,
};
use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Web,
    api::business::view_of,
    kit::{Caller, Found, Problem, Query},
};

const USUAL_DAYS: i64 = 30;
const MOST_DAYS: i64 = 366;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Span {
    /// First day, `YYYY-MM-DD` in the business's zone; 30 days without it.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day, today without it. At most 366 days.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// What was spent in a stretch of days.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenUsage)]
pub(crate) struct Usage {
    from: String,
    to: String,
    /// Spent in all, less what was given back.
    pub(crate) tokens: i64,
    /// What model calls cost, in millionths of a US dollar, where their price is known.
    money_micros_usd: i64,
    /// Model calls whose price is not known: they are not in the sum.
    unpriced_calls: i64,
    /// By day, action and channel, in the order of days. What did not happen is not there.
    pub(crate) items: Vec<Item>,
}

/// One action on one day.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenUsageItem)]
pub(crate) struct Item {
    pub(crate) day: String,
    /// A key of the costs.
    pub(crate) action: String,
    channel: Option<ChannelId>,
    pub(crate) tokens: i64,
    pub(crate) times: i64,
}

/// What the credit was spent on.
#[utoipa::path(get, path = "/tokens/usage", tag = "tokens", params(Span), responses((status = 200, body = Usage)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller, Query(q): Query<Span>) -> Result<Found<Usage>, Problem> {
    caller.require("tokens:read")?;
    let view = view_of(&web, &caller).await?;
    Ok(Found(of(&web, &caller.scope, &view.tenant, q.from, q.to).await?))
}

pub(crate) async fn of(
    web: &Web,
    scope: &Scope,
    tenant: &Tenant,
    from: Option<Date>,
    to: Option<Date>,
) -> Result<Usage, Problem> {
    let zone = tenant.zone();
    let to = to.unwrap_or_else(|| web.desk.now().in_zone(&zone).date());
    let from = from.unwrap_or_else(|| to.saturating_sub(jiff::Span::new().days(USUAL_DAYS - 1)));
    let days = (to - from).get_days();
    if from > to {
        return Err(Problem::field("from", "not after `to`"));
    }
    if i64::from(days) >= MOST_DAYS {
        return Err(Problem::field("from", format!("at most {MOST_DAYS} days before `to`")));
    }
    let (first, last) = (from.to_string(), to.to_string());
    let (begin, end) = (midnight(from, &zone), midnight(to.saturating_add(jiff::Span::new().days(1)), &zone));
    let (s, f, l) = (scope.clone(), first.clone(), last.clone());
    let (spent, (money, unpriced)) = web
        .desk
        .db
        .read(scope, work!(tx => Ok((entries::usage(tx, &s, &f, &l).await?, stats::model_money(tx, &s, begin, end).await?))))
        .await?;
    Ok(Usage {
        from: first,
        to: last,
        tokens: spent.iter().map(|u| u.tokens).sum(),
        money_micros_usd: money,
        unpriced_calls: unpriced,
        items: spent.into_iter().map(item).collect(),
    })
}

fn item(u: Spent) -> Item {
    Item { day: u.day, action: u.action, channel: u.channel, tokens: u.tokens, times: u.times }
}

fn midnight(date: Date, zone: &TimeZone) -> Timestamp {
    Timestamp::from_local(date.at(0, 0, 0, 0), zone).unwrap_or(Timestamp::NEVER)
}
