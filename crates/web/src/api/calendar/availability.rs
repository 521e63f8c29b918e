//! Free times, by the rules that the bot books by.

use axum::extract::State;
use frontdesk_engine::bookings::Book;
use frontdesk_kernel::{
    booking::{self, Refusal, TimeRange},
    ids::{LocationId, ServiceId, StaffId},
};
use frontdesk_store::{calendar, work};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Caller, Found, Problem, Query, Time},
};

const DAYS: i32 = 31;
const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);
const SLOTS_A_DAY: usize = 288;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    service: Option<ServiceId>,
    staff: Option<StaffId>,
    location: Option<LocationId>,
    /// First local day.
    #[param(value_type = String, format = Date)]
    from: Date,
    /// Last local day; at most 31 days.
    #[param(value_type = String, format = Date)]
    to: Date,
}

/// Free times by local day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Availability {
    /// Whose days these are: the branch's, else the business's.
    time_zone: String,
    days: Vec<FreeDay>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreeDay {
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// Why nothing can be booked on the whole day, in the language of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    closed: Option<String>,
    slots: Vec<FreeSlot>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreeSlot {
    starts_at: Time,
    ends_at: Time,
}

/// Free times of a service (or of the usual length), with one person or with anybody.
#[utoipa::path(get, path = "/calendars/availability", tag = "availability", params(Asked), responses((status = 200, body = Availability)))]
pub(crate) async fn show(
    State(web): State<Web>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Found<Availability>, Problem> {
    caller.require("booking:read")?;
    let years = |date: Date| (1970..=2200).contains(&date.year());
    if !years(asked.from) {
        return Err(Problem::field("from", "is not a date of these times"));
    }
    if asked.to < asked.from || !years(asked.to) {
        return Err(Problem::field("to", "is not on or after `from`"));
    }
    let days = asked.from.until(asked.to).map_or(i32::MAX, |span| span.get_days());
    if days >= DAYS {
        return Err(Problem::field("to", format!("at most {DAYS} days")));
    }
    if asked.location.is_some() && !caller.sees(asked.location.as_ref()) {
        return Err(Problem::field("location", "there is no such location"));
    }
    let (s, now) = (caller.scope.clone(), web.desk.now());
    let midnight =
        |date: Date| frontdesk_kernel::Timestamp::from_local(date.at(0, 0, 0, 0), &jiff::tz::TimeZone::UTC).unwrap_or(now);
    let (first, last) = (midnight(asked.from).minus(DAY * 2), midnight(asked.to).plus(DAY * 3));
    let (book, taken) = web
        .desk
        .db
        .read(&caller.scope, work!(tx => Ok((Book::open(tx, &s, now).await?, calendar::blocking(tx, &s, first, last).await?))))
        .await?;
    free(&book, &taken, &asked).map(Found)
}

fn free(book: &Book, taken: &[booking::Appointment], asked: &Asked) -> Result<Availability, Problem> {
    let no = |path: &str| Problem::field(path, format!("there is no such {path}"));
    let service = asked.service.as_ref().map(|id| book.service(id).ok_or_else(|| no("service"))).transpose()?;
    let staff = asked.staff.as_ref().map(|id| book.person(id).ok_or_else(|| no("staff"))).transpose()?;
    let location = match &asked.location {
        Some(id) => Some(book.location(id).ok_or_else(|| no("location"))?),
        None => staff.and_then(|s| book.location(s.location.as_ref()?)),
    };
    let busy: Vec<_> = taken.iter().map(|a| book.busy(a)).collect();
    let language = book.tenant.speaks();
    let unreadable = |refusal: Refusal| Problem::conflict("calendar_unreadable", format!("{refusal:?}"));
    let open = book.calendar(&book.tenant.profile, location, &busy).map_err(unreadable)?;
    let minutes = service.map_or(book.tenant.profile.appointments.default_duration_minutes, |s| s.duration_minutes);
    let mut days = Vec::new();
    for date in asked.from.series(jiff::Span::new().days(1)).take_while(|date| *date <= asked.to) {
        let (closed, slots) = match booking::free_slots(&open, service, staff, date, TimeRange::All, SLOTS_A_DAY) {
            Ok(slots) => (None, slots),
            Err(refusal) => (Some(refusal.sentence(language, &open.zone)), Vec::new()),
        };
        let slot = |at: frontdesk_kernel::Timestamp| FreeSlot {
            starts_at: at.into(),
            ends_at: at.plus(std::time::Duration::from_secs(u64::from(minutes) * 60)).into(),
        };
        days.push(FreeDay { date, closed, slots: slots.into_iter().map(slot).collect() });
    }
    let time_zone = open.zone.iana_name().unwrap_or(&book.tenant.time_zone).to_owned();
    Ok(Availability { time_zone, days })
}
