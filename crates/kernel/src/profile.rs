//! What a business tells about itself: address, hours, holidays, payment, promotions, appointment rules.

use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

/// Stored as one JSON document per tenant. Unknown members are kept out by the API, not here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Profile {
    pub address: Option<String>,
    pub city: Option<String>,
    pub state: Option<String>,
    pub country: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub website: Option<String>,
    pub hours: Hours,
    pub holidays: Vec<Holiday>,
    pub payment_methods: Vec<String>,
    pub promotions: Vec<String>,
    pub appointments: AppointmentRules,
}

/// Opening hours by weekday, each a list of spans (a break is the gap between two). A weekday that is absent is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = BTreeMap<String, Vec<Span>>)]
pub struct Hours(pub BTreeMap<Day, Vec<Span>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    pub const ALL: [Day; 7] = [Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday, Day::Saturday, Day::Sunday];
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Day {
        Day::ALL[day.to_monday_zero_offset() as usize]
    }
}

/// `open` to `close` of one local day, `HH:MM`; `close` 24:00 is written `23:59` and means the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Span {
    #[serde(with = "hh_mm")]
    #[schema(value_type = String, example = "09:00")]
    pub open: Time,
    #[serde(with = "hh_mm")]
    #[schema(value_type = String, example = "18:30")]
    pub close: Time,
}

/// A day that differs: closed when `hours` is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Holiday {
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub hours: Vec<Span>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct AppointmentRules {
    /// Appointments at the same time in the whole business, ≥ 1.
    pub max_concurrent: u32,
    /// No appointment sooner than this from now.
    pub min_advance_hours: u32,
    /// For a request without a known service.
    pub default_duration_minutes: u32,
    /// Starts are offered on this grid from the opening time.
    pub slot_minutes: u32,
    /// No appointment later than this from now.
    pub max_advance_days: u32,
}

impl Default for AppointmentRules {
    fn default() -> Self {
        AppointmentRules {
            max_concurrent: 1,
            min_advance_hours: 1,
            default_duration_minutes: 60,
            slot_minutes: 30,
            max_advance_days: 180,
        }
    }
}

impl Profile {
    /// The spans open on a local date: a holiday's own, else the weekday's.
    pub fn open_on(&self, date: Date) -> &[Span] {
        match self.holidays.iter().find(|h| h.date == date) {
            Some(holiday) => &holiday.hours,
            None => self.hours.0.get(&Day::from(date.weekday())).map(Vec::as_slice).unwrap_or_default(),
        }
    }

    /// Everything wrong with it, each as `path: what`.
    pub fn problems(&self) -> Vec<String> {
        let mut out = Vec::new();
        for (day, spans) in &self.hours.0 {
            out.extend(span_problems(&format!("hours.{}", format!("{day:?}").to_lowercase()), spans));
        }
        for (i, holiday) in self.holidays.iter().enumerate() {
            if self.holidays[..i].iter().any(|h| h.date == holiday.date) {
                out.push(format!("holidays.{}: is there twice", holiday.date));
            }
            out.extend(span_problems(&format!("holidays.{}", holiday.date), &holiday.hours));
        }
        let rules = &self.appointments;
        for (name, value, low, high) in [
            ("max_concurrent", rules.max_concurrent, 1, 1000),
            ("min_advance_hours", rules.min_advance_hours, 0, 24 * 60),
            ("default_duration_minutes", rules.default_duration_minutes, 1, 24 * 60),
            ("slot_minutes", rules.slot_minutes, 1, 24 * 60),
            ("max_advance_days", rules.max_advance_days, 1, 3660),
        ] {
            if !(low..=high).contains(&value) {
                out.push(format!("appointments.{name}: {value} is not between {low} and {high}"));
            }
        }
        out
    }
}

fn span_problems(path: &str, spans: &[Span]) -> Vec<String> {
    let mut out = Vec::new();
    for (i, span) in spans.iter().enumerate() {
        if span.close <= span.open {
            out.push(format!("{path}[{i}]: closes at {} but opens at {}", span.close, span.open));
        }
        if i > 0 && span.open < spans[i - 1].close {
            out.push(format!("{path}[{i}]: overlaps the span before it"));
        }
    }
    out
}

mod hh_mm {
    use jiff::civil::Time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(t: &Time, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&format_args!("{:02}:{:02}", t.hour(), t.minute()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Time, D::Error> {
        let text = String::deserialize(d)?;
        let parsed = text.split_once(':').and_then(|(h, m)| Time::new(h.parse().ok()?, m.parse().ok()?, 0, 0).ok());
        parsed.ok_or_else(|| D::Error::custom(format!("`{text}` is not a time of day as HH:MM")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holiday_replaces_the_weekday_and_bad_hours_are_named() {
        let json = r#"{"hours":{"monday":[{"open":"09:00","close":"12:00"},{"open":"13:30","close":"18:00"}]},
                       "holidays":[{"date":"2026-12-07","name":"bridge"}]}"#;
        let profile: Profile = serde_json::from_str(json).unwrap();
        assert_eq!(profile.open_on("2026-11-30".parse().unwrap()).len(), 2);
        assert_eq!(profile.open_on("2026-12-01".parse().unwrap()), []);
        assert_eq!(profile.open_on("2026-12-07".parse().unwrap()), []);
        assert_eq!(profile.problems(), Vec::<String>::new());

        let json = r#"{"hours":{"monday":[{"open":"12:00","close":"09:00"}]},"appointments":{"max_concurrent":0}}"#;
        let profile: Profile = serde_json::from_str(json).unwrap();
        assert_eq!(
            profile.problems(),
            [
                "hours.monday[0]: closes at 09:00:00 but opens at 12:00:00",
                "appointments.max_concurrent: 0 is not between 1 and 1000"
            ]
        );
        assert!(serde_json::from_str::<Span>(r#"{"open":"9h","close":"12:00"}"#).is_err());
    }
}
