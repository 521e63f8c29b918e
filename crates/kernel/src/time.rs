//! Time as the product stores it: milliseconds of UTC, always from a `Clock`.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// The one source of "now".
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
}

impl Timestamp {
    pub const NEVER: Timestamp = Timestamp(i64::MAX);

    pub fn plus(self, d: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(d.as_millis().min(i64::MAX as u128) as i64))
    }
    pub fn minus(self, d: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(d.as_millis().min(i64::MAX as u128) as i64))
    }
    /// How long from `earlier` to here; zero when `earlier` is later.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0) as u64)
    }
    /// The same instant in a time zone. Instants outside jiff's range are clamped to 1970.
    pub fn in_zone(self, zone: &jiff::tz::TimeZone) -> jiff::Zoned {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
    }
    /// A local wall time in a zone as an instant. In a DST gap: moved on by the gap's length; in an overlap: the first pass.
    pub fn from_local(local: jiff::civil::DateTime, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
        zone.to_ambiguous_zoned(local).compatible().ok().map(|z| Timestamp(z.timestamp().as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => write!(f, "{t:.3}"),
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_time_in_a_gap_moves_on_by_its_length_and_in_an_overlap_is_the_first_pass() {
        let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
        let gap = jiff::civil::date(2026, 3, 29).at(2, 30, 0, 0);
        let overlap = jiff::civil::date(2026, 10, 25).at(2, 30, 0, 0);
        let shown = |t: Timestamp| t.in_zone(&zone).to_string();
        assert_eq!(shown(Timestamp::from_local(gap, &zone).unwrap()), "2026-03-29T03:30:00+02:00[Europe/Paris]");
        assert_eq!(shown(Timestamp::from_local(overlap, &zone).unwrap()), "2026-10-25T02:30:00+02:00[Europe/Paris]");
    }
}
