//! Which times are free on a day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Calendar, Refusal, Service, Staff, Wish,
    hours::{open_on, real_instant},
    rules::{check, check_day, horizon},
};
use crate::Timestamp;

/// A part of the day, by the start of the appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeRange {
    /// Before 12:00.
    Morning,
    /// From 12:00 until 17:00.
    Afternoon,
    /// From 17:00.
    Evening,
    #[default]
    All,
}

impl TimeRange {
    fn contains(self, minute: i32) -> bool {
        match self {
            TimeRange::Morning => minute < 12 * 60,
            TimeRange::Afternoon => (12 * 60..17 * 60).contains(&minute),
            TimeRange::Evening => minute >= 17 * 60,
            TimeRange::All => true,
        }
    }
}

/// The first `limit` free starts of a local day, on the slot grid of each opening; each one passes `check`. An empty list is a day that is
/// full; a refusal is one that holds for the whole day.
pub fn free_slots(
    calendar: &Calendar<'_>,
    service: Option<&Service>,
    staff: Option<&Staff>,
    date: Date,
    range: TimeRange,
    limit: usize,
) -> Result<Vec<Timestamp>, Refusal> {
    check_day(calendar, service, staff, date)?;
    let step = calendar.profile.appointments.slot_minutes as usize;
    if step == 0 {
        return Err(Refusal::Unreadable { what: "slot_minutes" });
    }
    let starts = open_on(calendar, date, None).into_iter().flat_map(|open| (open.from..open.to).step_by(step));
    let free = starts
        .filter(|minute| range.contains(*minute))
        .filter_map(|minute| real_instant(date, minute, &calendar.zone))
        .filter(|start| check(calendar, Wish { service, staff, start: *start }).is_ok());
    Ok(free.take(limit).collect())
}

/// The first open day from `from` (or today) on, as far as appointments are given.
pub fn next_open_day(calendar: &Calendar<'_>, from: Date) -> Option<Date> {
    let last = calendar.date_of(horizon(calendar));
    let mut date = from.max(calendar.today());
    while date <= last {
        if !open_on(calendar, date, None).is_empty() {
            return Some(date);
        }
        date = date.tomorrow().ok()?;
    }
    None
}
