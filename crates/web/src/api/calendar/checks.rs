//! What single values of the calendar may be; each refusal names its member.

use frontdesk_kernel::{
    Timestamp,
    booking::normalise,
    profile::{AppointmentRules, Holiday, Hours, Profile, Span},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::kit::{Field, Patch, Problem};

/// Entries that one list of a business may have.
pub(super) const MOST: usize = 500;
const SPANS: usize = 12;

/// One line, not empty.
pub(super) fn line(path: &str, text: &str, longest: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest {
        return Err(Problem::field(path, format!("write 1 to {longest} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::field(path, "write one line without control characters"));
    }
    Ok(text.to_owned())
}

/// Any text, also none.
pub(super) fn text(path: &str, text: &str, longest: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > longest {
        return Err(Problem::field(path, format!("at most {longest} characters")));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Problem::field(path, "control characters cannot be kept"));
    }
    Ok(text.to_owned())
}

pub(super) fn minutes(path: &str, minutes: u32, least: u32) -> Result<u32, Problem> {
    if (least..=24 * 60).contains(&minutes) {
        Ok(minutes)
    } else {
        Err(Problem::field(path, format!("from {least} to 1440 minutes")))
    }
}

/// A member that `null` cannot clear.
pub(super) fn kept<T>(path: &str, patch: Patch<T>) -> Result<Option<T>, Problem> {
    match patch {
        Patch::Keep => Ok(None),
        Patch::Clear => Err(Problem::field(path, "cannot be null")),
        Patch::Set(value) => Ok(Some(value)),
    }
}

/// An IANA zone, in its own spelling.
pub(super) fn time_zone(path: &str, name: &str) -> Result<String, Problem> {
    let zone = jiff::tz::TimeZone::get(name)
        .map_err(|_| Problem::field(path, "is not a time zone; write an IANA name such as America/Bogota"))?;
    Ok(zone.iana_name().unwrap_or(name).to_owned())
}

/// A name that nothing else in the list has, as people hear it.
pub(super) fn other_name<'n>(name: &str, mut others: impl Iterator<Item = &'n str>) -> Result<(), Problem> {
    if others.any(|other| normalise(other) == normalise(name)) {
        return Err(Problem::conflict("name_taken", format!("There is already one called `{name}`.")));
    }
    Ok(())
}

/// A new state's time: later than the last, so that every state has its own tag.
pub(super) fn after(last: Timestamp, now: Timestamp) -> Timestamp {
    now.max(Timestamp(last.0 + 1))
}

/// Spans of a day, `HH:MM` to `HH:MM`; `23:59` closes at midnight.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSpan {
    #[schema(example = "09:00")]
    open: String,
    #[schema(example = "18:30")]
    close: String,
}

/// Opening hours by weekday; a day that is absent is closed.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewHours {
    #[serde(default)]
    monday: Vec<NewSpan>,
    #[serde(default)]
    tuesday: Vec<NewSpan>,
    #[serde(default)]
    wednesday: Vec<NewSpan>,
    #[serde(default)]
    thursday: Vec<NewSpan>,
    #[serde(default)]
    friday: Vec<NewSpan>,
    #[serde(default)]
    saturday: Vec<NewSpan>,
    #[serde(default)]
    sunday: Vec<NewSpan>,
}

impl NewHours {
    pub(super) fn checked(self, path: &str) -> Result<Hours, Problem> {
        use frontdesk_kernel::profile::Day;
        let mut hours = Hours::default();
        for (day, name, spans) in [
            (Day::Monday, "monday", self.monday),
            (Day::Tuesday, "tuesday", self.tuesday),
            (Day::Wednesday, "wednesday", self.wednesday),
            (Day::Thursday, "thursday", self.thursday),
            (Day::Friday, "friday", self.friday),
            (Day::Saturday, "saturday", self.saturday),
            (Day::Sunday, "sunday", self.sunday),
        ] {
            let spans = day_spans(&format!("{path}.{name}"), spans)?;
            if !spans.is_empty() {
                hours.0.insert(day, spans);
            }
        }
        Ok(hours)
    }
}

/// In order, without overlaps.
pub(super) fn day_spans(path: &str, spans: Vec<NewSpan>) -> Result<Vec<Span>, Problem> {
    if spans.len() > SPANS {
        return Err(Problem::field(path, format!("at most {SPANS} spans a day")));
    }
    let mut read: Vec<Span> = Vec::with_capacity(spans.len());
    for (i, span) in spans.iter().enumerate() {
        let time = |member: &str, text: &str| clock(&format!("{path}[{i}].{member}"), text);
        let (open, close) = (time("open", &span.open)?, time("close", &span.close)?);
        if close <= open {
            return Err(Problem::field(format!("{path}[{i}]"), "closes before it opens"));
        }
        if read.last().is_some_and(|last| open < last.close) {
            return Err(Problem::field(format!("{path}[{i}]"), "overlaps the span before it; write spans in order"));
        }
        read.push(Span { open, close });
    }
    Ok(read)
}

fn clock(path: &str, text: &str) -> Result<jiff::civil::Time, Problem> {
    let digits =
        |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<i8>().ok()).flatten();
    let read = text.split_once(':').and_then(|(h, m)| jiff::civil::Time::new(digits(h)?, digits(m)?, 0, 0).ok());
    read.ok_or_else(|| Problem::field(path, "is not a time of day as HH:MM"))
}

/// What is wrong with the rules, by member.
pub(super) fn rules(rules: &AppointmentRules) -> Result<(), Problem> {
    let profile = Profile { appointments: rules.clone(), ..Profile::default() };
    let errors: Vec<Field> = profile
        .problems()
        .into_iter()
        .map(|found| {
            let (path, problem) = found.split_once(": ").unwrap_or(("appointments", &found));
            Field { path: path.to_owned(), problem: problem.to_owned() }
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}

/// By date, each date once.
pub(super) fn holidays(mut days: Vec<Holiday>) -> Result<Vec<Holiday>, Problem> {
    if days.len() > MOST {
        return Err(Problem::field("holidays", format!("at most {MOST}")));
    }
    for (i, day) in days.iter().enumerate() {
        if days[..i].iter().any(|other| other.date == day.date) {
            return Err(Problem::field(format!("holidays[{i}].date"), "is there twice"));
        }
    }
    days.sort_by_key(|day| day.date);
    Ok(days)
}

/// The new order names everything once.
pub(super) fn order<T: PartialEq>(wanted: &[T], known: &[T]) -> Result<(), Problem> {
    let complete = wanted.len() == known.len() && known.iter().all(|k| wanted.contains(k));
    if complete { Ok(()) } else { Err(Problem::field("ids", "name everything that there is, each once")) }
}
