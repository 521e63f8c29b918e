//! Figures of a business by day, week or month, as they are shown, kept and written into files.

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use crate::{Timestamp, language::Language, money};

/// Days that a report may be about.
pub const MOST_DAYS: i64 = 400;

/// What is one point of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportGrouping)]
pub enum Grouping {
    Day,
    /// From Monday.
    Week,
    Month,
}

impl Grouping {
    pub const ALL: [Grouping; 3] = [Grouping::Day, Grouping::Week, Grouping::Month];

    pub fn as_str(self) -> &'static str {
        match self {
            Grouping::Day => "day",
            Grouping::Week => "week",
            Grouping::Month => "month",
        }
    }
    pub fn parse(text: &str) -> Option<Grouping> {
        Grouping::ALL.into_iter().find(|g| g.as_str() == text)
    }

    /// What suits a number of days.
    pub fn fitting(first: Date, last: Date) -> Grouping {
        match first.until(last).map_or(0, |span| span.get_days()) {
            ..=61 => Grouping::Day,
            62..=180 => Grouping::Week,
            _ => Grouping::Month,
        }
    }

    /// The last day of the period in which a day is.
    fn end_of(self, day: Date) -> Option<Date> {
        match self {
            Grouping::Day => Some(day),
            Grouping::Week => {
                let left = 7 - i64::from(day.weekday().to_monday_one_offset());
                day.checked_add(jiff::Span::new().days(left)).ok()
            }
            Grouping::Month => Some(day.last_of_month()),
        }
    }
}

/// Days of the business that are one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReportPeriod)]
pub struct Period {
    #[schema(value_type = String, format = Date)]
    pub first: Date,
    #[schema(value_type = String, format = Date)]
    pub last: Date,
}

/// A stretch of days in a zone, in periods that follow each other without a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    pub periods: Vec<Period>,
    /// Where each begins; one more for the end of the last.
    edges: Vec<Timestamp>,
}

/// Why there is no such stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadStretch {
    /// `from` or `to`.
    pub field: &'static str,
    pub problem: String,
}

impl Stretch {
    /// Both days are included. The first and the last period may be shorter than the others.
    pub fn new(first: Date, last: Date, grouping: Grouping, zone: &TimeZone) -> Result<Stretch, BadStretch> {
        let bad = |field, problem: &str| BadStretch { field, problem: problem.to_owned() };
        if first > last {
            return Err(bad("from", "not after `to`"));
        }
        let days = i64::from(first.until(last).map_err(|_| bad("from", UNREACHED))?.get_days()) + 1;
        if days > MOST_DAYS {
            return Err(bad("from", &format!("at most {MOST_DAYS} days, not {days}")));
        }
        let edge = |day: Date| Timestamp::from_local(day.to_datetime(Time::midnight()), zone);
        let (mut periods, mut edges, mut day) = (Vec::new(), Vec::new(), first);
        loop {
            let end = grouping.end_of(day).map_or(last, |end| end.min(last));
            periods.push(Period { first: day, last: end });
            edges.push(edge(day).ok_or_else(|| bad(if edges.is_empty() { "from" } else { "to" }, UNREACHED))?);
            day = end.tomorrow().map_err(|_| bad("to", UNREACHED))?;
            if end == last {
                edges.push(edge(day).ok_or_else(|| bad("to", UNREACHED))?);
                return Ok(Stretch { periods, edges });
            }
        }
    }

    pub fn from(&self) -> Timestamp {
        self.edges.first().copied().unwrap_or_default()
    }
    /// The end does not belong to it.
    pub fn to(&self) -> Timestamp {
        self.edges.last().copied().unwrap_or_default()
    }
    /// Begin and end of each period.
    pub fn spans(&self) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        self.edges.windows(2).map(|edge| (edge[0], edge[1]))
    }
    /// In which period something happened.
    pub fn at(&self, at: Timestamp) -> Option<usize> {
        let after = self.edges.partition_point(|edge| *edge <= at);
        (1..self.edges.len()).contains(&after).then(|| after - 1)
    }
    /// In which period a day is.
    pub fn on(&self, day: Date) -> Option<usize> {
        self.periods.iter().position(|p| p.first <= day && day <= p.last)
    }
}

const UNREACHED: &str = "a date that no calendar here reaches";

/// What a number of a report counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = ReportUnit)]
pub enum Unit {
    /// Pieces.
    Count,
    Milliseconds,
    /// Tokens of the business's credit.
    Credit,
    /// Tokens that models read and wrote.
    ModelTokens,
    /// Minor units of a currency.
    Money {
        currency: String,
    },
    /// Millionths of a currency's major unit.
    Micros {
        currency: String,
    },
}

impl Unit {
    /// What stands behind the name of a column.
    pub fn label(&self) -> Option<&str> {
        match self {
            Unit::Count | Unit::Credit | Unit::ModelTokens => None,
            Unit::Milliseconds => Some("ms"),
            Unit::Money { currency } | Unit::Micros { currency } => Some(currency),
        }
    }

    /// Digits behind the point.
    fn decimals(&self) -> u32 {
        match self {
            Unit::Money { currency } => money::exponent(currency),
            Unit::Micros { .. } => 6,
            Unit::Count | Unit::Milliseconds | Unit::Credit | Unit::ModelTokens => 0,
        }
    }

    /// For programs: `-1234.50`.
    pub fn plain(&self, value: i64) -> String {
        written(value, self.decimals(), "", ".")
    }

    /// For people: `1,234.50` in English, `1.234,50` in Spanish; durations in seconds, what models cost with four digits.
    pub fn shown(&self, value: i64, language: Language) -> String {
        let (thousands, point) = match language {
            Language::English => (",", "."),
            Language::Spanish => (".", ","),
        };
        match self {
            Unit::Milliseconds => format!("{} s", written(rounded(value, 100), 1, thousands, point)),
            Unit::Micros { .. } => written(rounded(value, 100), 4, thousands, point),
            _ => written(value, self.decimals(), thousands, point),
        }
    }
}

fn rounded(value: i64, by: i64) -> i64 {
    value.saturating_add(value.signum() * by / 2) / by
}

fn written(value: i64, decimals: u32, thousands: &str, point: &str) -> String {
    let one = 10u64.pow(decimals);
    let (whole, part) = (value.unsigned_abs() / one, value.unsigned_abs() % one);
    let digits = whole.to_string();
    let mut out = if value < 0 { "-".to_owned() } else { String::new() };
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push_str(thousands);
        }
        out.push(digit);
    }
    if decimals > 0 {
        out.push_str(&format!("{point}{part:0width$}", width = decimals as usize));
    }
    out
}

/// One figure over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReportSeries)]
pub struct Series {
    pub key: String,
    /// For people, in the language of the report.
    pub name: String,
    pub unit: Unit,
    /// One for each period; `null` where there is nothing to tell.
    pub values: Vec<Option<i64>>,
    /// Of all periods; not always their sum.
    pub total: Option<i64>,
}

/// The totals once more, by something: channel, service, model …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReportBreakdown)]
pub struct Breakdown {
    pub key: String,
    pub name: String,
    pub rows: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReportLine)]
pub struct Line {
    pub name: String,
    /// One for each series; `null` where it is not about that.
    pub values: Vec<Option<i64>>,
}

/// The figures of one analysis. Whole: nothing has to be looked up to show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReportSheet)]
pub struct Sheet {
    pub analysis: String,
    pub title: String,
    /// The business's name.
    pub business: String,
    pub time_zone: String,
    /// `en` or `es`.
    #[schema(value_type = String)]
    pub language: Language,
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    pub grouping: Grouping,
    /// Names of the locations that it is about; empty = all.
    pub locations: Vec<String>,
    pub periods: Vec<Period>,
    pub series: Vec<Series>,
    pub breakdowns: Vec<Breakdown>,
    /// What one should know when reading it.
    pub notes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn periods_follow_each_other_without_a_gap_and_are_cut_at_both_ends() {
        for (first, last, grouping, expected) in [
            (date(2026, 3, 28), date(2026, 3, 30), Grouping::Day, vec![(28, 28), (29, 29), (30, 30)]),
            // A Saturday to a Tuesday.
            (date(2026, 3, 14), date(2026, 3, 24), Grouping::Week, vec![(14, 15), (16, 22), (23, 24)]),
            (date(2026, 3, 16), date(2026, 3, 22), Grouping::Week, vec![(16, 22)]),
            (date(2026, 1, 30), date(2026, 3, 2), Grouping::Month, vec![(30, 31), (1, 28), (1, 2)]),
            (date(2026, 3, 1), date(2026, 3, 1), Grouping::Month, vec![(1, 1)]),
        ] {
            let stretch = Stretch::new(first, last, grouping, &zone("Europe/Paris")).unwrap();
            let days: Vec<_> = stretch.periods.iter().map(|p| (p.first.day(), p.last.day())).collect();
            assert_eq!(days, expected, "{first} {last}");
            assert!(stretch.edges.windows(2).all(|e| e[0] < e[1]));
            assert_eq!((stretch.on(first), stretch.on(last)), (Some(0), Some(expected.len() - 1)));
        }
    }

    #[test]
    fn a_day_on_which_clocks_change_has_23_or_25_hours() {
        for (day, hours) in [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)] {
            let stretch = Stretch::new(day, day, Grouping::Day, &zone("Europe/Paris")).unwrap();
            assert_eq!(stretch.to().0 - stretch.from().0, hours * 3_600_000, "{day}");
            assert_eq!(stretch.at(stretch.from()), Some(0));
            assert_eq!((stretch.at(Timestamp(stretch.from().0 - 1)), stretch.at(stretch.to())), (None, None));
        }
        // Midnight itself is skipped: the day begins at one.
        let santiago = Stretch::new(date(2026, 9, 6), date(2026, 9, 6), Grouping::Day, &zone("America/Santiago")).unwrap();
        assert_eq!(santiago.to().0 - santiago.from().0, 23 * 3_600_000);
        assert!(santiago.spans().all(|(from, to)| from.0 % 900_000 == 0 && to.0 % 900_000 == 0));
    }

    #[test]
    fn a_stretch_that_makes_no_sense_says_which_end_is_wrong() {
        for (first, last, field) in [
            (date(2026, 3, 2), date(2026, 3, 1), Some("from")),
            (date(2025, 1, 1), date(2026, 2, 4), None),
            (date(2025, 1, 1), date(2026, 2, 5), Some("from")),
            (date(9999, 12, 30), date(9999, 12, 31), Some("to")),
            (Date::MIN, Date::MAX, Some("from")),
        ] {
            let found = Stretch::new(first, last, Grouping::Day, &TimeZone::UTC);
            assert_eq!(found.err().map(|e| e.field), field, "{first} {last}");
        }
    }

    #[test]
    fn numbers_are_written_for_programs_and_for_people() {
        let money = |currency: &str| Unit::Money { currency: currency.to_owned() };
        for (unit, value, plain, english, spanish) in [
            (Unit::Count, 1_234_567, "1234567", "1,234,567", "1.234.567"),
            (Unit::Count, 0, "0", "0", "0"),
            (money("EUR"), 123_450, "1234.50", "1,234.50", "1.234,50"),
            (money("EUR"), -5, "-0.05", "-0.05", "-0,05"),
            (money("CLP"), 123_450, "123450", "123,450", "123.450"),
            (money("KWD"), 1, "0.001", "0.001", "0,001"),
            (Unit::Milliseconds, 1_250, "1250", "1.3 s", "1,3 s"),
            (Unit::Micros { currency: "USD".into() }, 1_250_050, "1.250050", "1.2501", "1,2501"),
        ] {
            assert_eq!(unit.plain(value), plain);
            assert_eq!(
                (unit.shown(value, Language::English), unit.shown(value, Language::Spanish)),
                (english.into(), spanish.into())
            );
        }
    }
}
