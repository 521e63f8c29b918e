//! Figures of the business, by day of its own zone.

use axum::extract::State;
use frontdesk_kernel::Timestamp;
use frontdesk_store::{
    stats::{self, Figures},
    work,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::business::view_of;
use crate::{
    Web,
    kit::{Caller, Found, Problem, Query},
};

const USUAL_DAYS: i64 = 14;
const MOST_DAYS: i64 = 92;
/// Turns of a day that the response time is taken from.
const SAMPLE: u32 = 1000;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(overview))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Span {
    /// First day, `YYYY-MM-DD` in the business's zone; two weeks before the last without it.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day, today without it. At most 92 days.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// What happened on one day or in all of them.
#[derive(Serialize, ToSchema, Clone)]
#[schema(as = OverviewCounts)]
pub(crate) struct Counts {
    /// Messages from contacts.
    received: i64,
    sent_by_bot: i64,
    sent_by_staff: i64,
    turns: i64,
    /// Turns that ended without an answer of the model's.
    given_up: i64,
    bookings: i64,
    /// Conversations that the bot handed to people.
    handoffs: i64,
    /// Model tokens.
    tokens: i64,
    /// Of model calls with a known price, in millionths of a US dollar.
    cost_micros_usd: i64,
    /// Model calls whose price is not known.
    unpriced_calls: i64,
    /// Half of the turns were answered within this many milliseconds of the contact's message.
    response_ms_p50: Option<i64>,
    response_ms_p90: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OverviewDay)]
pub(crate) struct Day {
    #[schema(value_type = String, format = Date)]
    date: Date,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Overview {
    time_zone: String,
    total: Counts,
    days: Vec<Day>,
}

/// Messages, response times, bookings, handoffs and cost, day by day.
#[utoipa::path(get, path = "/stats/overview", tag = "stats", params(Span), responses((status = 200, body = Overview)))]
pub(crate) async fn overview(
    State(web): State<Web>,
    caller: Caller,
    Query(span): Query<Span>,
) -> Result<Found<Overview>, Problem> {
    caller.require("stats:read")?;
    let view = view_of(&web, &caller).await?;
    let zone = view.tenant.zone();
    let last = span.to.unwrap_or_else(|| web.desk.now().in_zone(&zone).date());
    let first = match span.from {
        Some(first) => first,
        None => last.checked_sub(jiff::Span::new().days(USUAL_DAYS - 1)).map_err(|_| out_of_range("to"))?,
    };
    let length = i64::from(first.until(last).map_err(|_| out_of_range("from"))?.get_days()) + 1;
    if !(1..=MOST_DAYS).contains(&length) {
        return Err(Problem::field("from", format!("from 1 to {MOST_DAYS} days, not {length}")));
    }
    let mut days = Vec::new();
    let mut day = first;
    for _ in 0..length {
        let next = day.tomorrow().map_err(|_| out_of_range("to"))?;
        let edge = |d: Date| Timestamp::from_local(d.to_datetime(jiff::civil::Time::midnight()), &zone);
        let (Some(from), Some(to)) = (edge(day), edge(next)) else { return Err(out_of_range("from")) };
        days.push((day, from, to));
        day = next;
    }
    let s = caller.scope.clone();
    let counted = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let mut all = Vec::with_capacity(days.len());
                for (date, from, to) in days {
                    let figures = stats::between(tx, &s, from, to).await?;
                    let times = if figures.turns > 0 { stats::response_times(tx, &s, from, to, SAMPLE).await? } else { Vec::new() };
                    all.push((date, figures, times));
                }
                Ok(all)
            }),
        )
        .await?;
    let mut total = Figures::default();
    let mut times = Vec::new();
    let mut days = Vec::with_capacity(counted.len());
    for (date, f, t) in counted {
        add(&mut total, f);
        times.extend_from_slice(&t);
        days.push(Day { date, counts: counts(f, t) });
    }
    Ok(Found(Overview { time_zone: view.tenant.time_zone.clone(), total: counts(total, times), days }))
}

fn out_of_range(path: &str) -> Problem {
    Problem::field(path, "a date that no calendar here reaches")
}

fn add(total: &mut Figures, f: Figures) {
    total.received += f.received;
    total.by_bot += f.by_bot;
    total.by_staff += f.by_staff;
    total.turns += f.turns;
    total.given_up += f.given_up;
    total.bookings += f.bookings;
    total.handoffs += f.handoffs;
    total.tokens += f.tokens;
    total.cost_micros += f.cost_micros;
    total.unpriced += f.unpriced;
}

fn counts(f: Figures, mut times: Vec<i64>) -> Counts {
    times.sort_unstable();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).copied();
    Counts {
        received: f.received,
        sent_by_bot: f.by_bot,
        sent_by_staff: f.by_staff,
        turns: f.turns,
        given_up: f.given_up,
        bookings: f.bookings,
        handoffs: f.handoffs,
        tokens: f.tokens,
        cost_micros_usd: f.cost_micros,
        unpriced_calls: f.unpriced,
        response_ms_p50: at(50),
        response_ms_p90: at(90),
    }
}
