//! Figures of the business, by day of its own zone.

use std::collections::BTreeSet;

use axum::extract::State;
use frontdesk_engine::reports::{Place, share_within};
use frontdesk_kernel::{
    Scope, Timestamp,
    ids::LocationId,
    report::{Grouping, Stretch},
};
use frontdesk_store::{
    Error, Tx,
    stats::{self, By},
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
/// Answers of a day that the response time is taken from.
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
#[derive(Serialize, ToSchema, Clone, Default)]
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

/// Messages, response times, bookings, handoffs and cost, day by day. Who works at some locations sees those and what belongs to none.
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
    let stretch = Stretch::new(first, last, Grouping::Day, &zone).map_err(|bad| Problem::field(bad.field, bad.problem))?;
    let (s, sees) = (caller.scope.clone(), caller.locations().map(<[_]>::to_vec));
    let days = web.desk.db.read(&caller.scope, work!(tx => count(tx, &s, &stretch, sees.as_deref()).await)).await?;
    let mut total = Day::of(first);
    let mut times = Vec::new();
    for (day, of_day) in &days {
        total.counts.add(&day.counts);
        times.extend_from_slice(of_day);
    }
    total.counts.answered_within(&mut times);
    let days = days.into_iter().map(|(day, _)| day).collect();
    Ok(Found(Overview { time_zone: view.tenant.time_zone.clone(), total: total.counts, days }))
}

/// Each day with its response times.
async fn count(
    tx: &mut Tx,
    scope: &Scope,
    stretch: &Stretch,
    sees: Option<&[LocationId]>,
) -> Result<Vec<(Day, Vec<i64>)>, Error> {
    let place = Place::find(tx, scope, None, sees).await?.ok_or_else(|| Error::Broken("everywhere is a place".into()))?;
    let mut days: Vec<(Day, Vec<i64>)> = stretch.periods.iter().map(|p| (Day::of(p.first), Vec::new())).collect();
    let (from, to) = (stretch.from(), stretch.to());
    let mut add = |at: Timestamp, what: &dyn Fn(&mut Counts)| {
        if let Some((day, _)) = stretch.at(at).and_then(|day| days.get_mut(day)) {
            what(&mut day.counts);
        }
    };
    for said in stats::messages(tx, scope, from, to).await?.into_iter().filter(|s| place.hears(Some(&s.channel))) {
        add(said.at, &|c| match said.by {
            By::Contact => c.received += said.n,
            By::Bot => c.sent_by_bot += said.n,
            By::Staff => c.sent_by_staff += said.n,
        });
    }
    let mut channels = BTreeSet::new();
    for turns in stats::turns(tx, scope, from, to).await?.into_iter().filter(|t| place.hears(Some(&t.channel))) {
        add(turns.at, &|c| {
            c.turns += turns.n;
            c.given_up += turns.given_up;
        });
        channels.insert(turns.channel);
    }
    let channels: Vec<_> = channels.into_iter().collect();
    for made in stats::bookings(tx, scope, from, to).await?.into_iter().filter(|m| place.holds(m.location.as_ref())) {
        add(made.at, &|c| c.bookings += made.n);
    }
    for handed in stats::handoffs(tx, scope, from, to).await?.into_iter().filter(|h| place.hears(h.channel.as_ref())) {
        add(handed.at, &|c| c.handoffs += handed.n);
    }
    for spent in stats::models(tx, scope, from, to).await?.into_iter().filter(|s| place.hears(s.channel.as_ref())) {
        add(spent.at, &|c| {
            c.tokens += spent.tokens;
            c.cost_micros_usd += spent.cost_micros;
            c.unpriced_calls += spent.unpriced;
        });
    }
    for ((day, times), span) in days.iter_mut().zip(stretch.spans()) {
        if day.counts.turns > 0 {
            times.extend(stats::response_times(tx, scope, span, &channels, SAMPLE).await?.into_iter().map(|a| a.ms));
            day.counts.answered_within(times);
        }
    }
    Ok(days)
}

fn out_of_range(path: &str) -> Problem {
    Problem::field(path, "a date that no calendar here reaches")
}

impl Day {
    fn of(date: Date) -> Day {
        Day { date, counts: Counts::default() }
    }
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.received += other.received;
        self.sent_by_bot += other.sent_by_bot;
        self.sent_by_staff += other.sent_by_staff;
        self.turns += other.turns;
        self.given_up += other.given_up;
        self.bookings += other.bookings;
        self.handoffs += other.handoffs;
        self.tokens += other.tokens;
        self.cost_micros_usd += other.cost_micros_usd;
        self.unpriced_calls += other.unpriced_calls;
    }

    fn answered_within(&mut self, times: &mut [i64]) {
        self.response_ms_p50 = share_within(times, 50);
        self.response_ms_p90 = share_within(times, 90);
    }
}
