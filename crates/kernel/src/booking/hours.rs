//! Opening hours of a local day, as minutes and as instants.

use jiff::{
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, TimeZone},
};

use super::{Calendar, Staff};
use crate::{
    Timestamp,
    profile::{Day, Span},
};

const MIDNIGHT: i32 = 24 * 60;

/// `[from, to)` in minutes of the wall clock; `to` may be 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Open {
    pub(super) from: i32,
    pub(super) to: i32,
}

/// When the business is open on a date; with `staff`, when they also work.
pub(super) fn open_on(calendar: &Calendar<'_>, date: Date, staff: Option<&Staff>) -> Vec<Open> {
    let business = tidy(calendar.profile.open_on(date));
    match staff.and_then(|s| s.hours.as_ref()) {
        None => business,
        Some(own) => shared(&business, &tidy(own.0.get(&Day::from(date.weekday())).map(Vec::as_slice).unwrap_or_default())),
    }
}

/// Does `[start, end)` lie within one stretch of open time? Stretches that meet at midnight are one.
pub(super) fn is_open(calendar: &Calendar<'_>, start: Timestamp, end: Timestamp, staff: Option<&Staff>) -> bool {
    let date = calendar.date_of(start);
    let days = [date.yesterday().ok(), Some(date), date.tomorrow().ok()].into_iter().flatten();
    let mut stretches: Vec<(Timestamp, Timestamp)> = Vec::new();
    for day in days {
        for open in open_on(calendar, day, staff) {
            let (Some(from), Some(to)) = (instant(day, open.from, &calendar.zone), instant(day, open.to, &calendar.zone)) else {
                continue;
            };
            match stretches.last_mut() {
                Some(last) if last.1 == from => last.1 = to,
                _ => stretches.push((from, to)),
            }
        }
    }
    stretches.iter().any(|(from, to)| *from <= start && end <= *to)
}

/// The first instant at which the wall clock shows this minute or a later one.
pub(super) fn instant(date: Date, minute: i32, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_zoned(wall_time(date, minute)?);
    let zoned = match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => {
            let beyond = ambiguous.later().ok()?.timestamp();
            return zone.preceding(beyond).next().map(|jump| Timestamp(jump.timestamp().as_millisecond()));
        }
        _ => ambiguous.earlier().ok()?,
    };
    Some(Timestamp(zoned.timestamp().as_millisecond()))
}

/// The instant of a minute that the wall clock really shows; its first pass where it shows it twice.
pub(super) fn real_instant(date: Date, minute: i32, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_zoned(wall_time(date, minute)?);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => None,
        _ => ambiguous.earlier().ok().map(|z| Timestamp(z.timestamp().as_millisecond())),
    }
}

/// Minutes back to a span as a profile writes it.
pub(super) fn as_span(open: Open) -> Span {
    Span { open: time_of(open.from), close: time_of(open.to) }
}

/// A minute as a time of day; 24:00 is written 23:59.
pub(super) fn time_of(minute: i32) -> Time {
    let minute = minute.clamp(0, MIDNIGHT - 1);
    Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0)
}

fn wall_time(date: Date, minute: i32) -> Option<DateTime> {
    match minute {
        MIDNIGHT => Some(date.tomorrow().ok()?.to_datetime(Time::midnight())),
        _ => Some(date.to_datetime(time_of(minute))),
    }
}

/// In order, merged where they touch; a span that closes before it opens counts as closed.
fn tidy(spans: &[Span]) -> Vec<Open> {
    let minute = |t: Time| i32::from(t.hour()) * 60 + i32::from(t.minute());
    let close = |t: Time| if minute(t) == MIDNIGHT - 1 { MIDNIGHT } else { minute(t) };
    let mut opens: Vec<Open> = spans.iter().map(|s| Open { from: minute(s.open), to: close(s.close) }).collect();
    opens.retain(|o| o.from < o.to);
    opens.sort();
    let mut merged: Vec<Open> = Vec::with_capacity(opens.len());
    for open in opens {
        match merged.last_mut() {
            Some(last) if open.from <= last.to => last.to = last.to.max(open.to),
            _ => merged.push(open),
        }
    }
    merged
}

fn shared(a: &[Open], b: &[Open]) -> Vec<Open> {
    let pairs = a.iter().flat_map(|x| b.iter().map(move |y| Open { from: x.from.max(y.from), to: x.to.min(y.to) }));
    pairs.filter(|o| o.from < o.to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &[(&str, &str)]) -> Vec<Span> {
        text.iter().map(|(open, close)| Span { open: open.parse().unwrap(), close: close.parse().unwrap() }).collect()
    }

    #[test]
    fn spans_are_sorted_merged_and_freed_of_nonsense() {
        for (given, expected) in [
            (spans(&[("13:00", "18:00"), ("09:00", "12:00")]), vec![(540, 720), (780, 1080)]),
            (spans(&[("09:00", "12:00"), ("12:00", "18:00")]), vec![(540, 1080)]),
            (spans(&[("18:00", "02:00"), ("09:00", "09:00")]), vec![]),
            (spans(&[("20:00", "23:59")]), vec![(1200, 1440)]),
        ] {
            let got: Vec<_> = tidy(&given).iter().map(|o| (o.from, o.to)).collect();
            assert_eq!(got, expected, "{given:?}");
        }
    }

    #[test]
    fn a_wall_time_that_does_not_exist_begins_at_the_jump_but_is_no_real_time() {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let date = jiff::civil::date(2026, 3, 29);
        assert_eq!(instant(date, 150, &zone).unwrap().to_string(), "2026-03-29T01:00:00.000Z");
        assert_eq!(real_instant(date, 150, &zone), None);
        assert_eq!(real_instant(date, 180, &zone).unwrap().to_string(), "2026-03-29T01:00:00.000Z");
        assert_eq!(instant(date, MIDNIGHT, &zone).unwrap().to_string(), "2026-03-29T22:00:00.000Z");
    }
}
