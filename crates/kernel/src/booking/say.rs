//! Dates and times in words.

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use crate::{
    Timestamp,
    language::Language::{self, English, Spanish},
    profile::Span,
};

const DAYS: [(&str, &str); 7] = [
    ("lunes", "Monday"),
    ("martes", "Tuesday"),
    ("miércoles", "Wednesday"),
    ("jueves", "Thursday"),
    ("viernes", "Friday"),
    ("sábado", "Saturday"),
    ("domingo", "Sunday"),
];

const MONTHS: [(&str, &str); 12] = [
    ("enero", "January"),
    ("febrero", "February"),
    ("marzo", "March"),
    ("abril", "April"),
    ("mayo", "May"),
    ("junio", "June"),
    ("julio", "July"),
    ("agosto", "August"),
    ("septiembre", "September"),
    ("octubre", "October"),
    ("noviembre", "November"),
    ("diciembre", "December"),
];

/// `lunes 23 de noviembre a las 10:00 AM`, `Monday 23 November at 10:00 AM`.
pub fn say_when(at: Timestamp, zone: &TimeZone, language: Language) -> String {
    let local = at.in_zone(zone);
    let (day, time) = (say_day(local.date(), language), say_time(local.time()));
    match language {
        Spanish if matches!(local.hour(), 1 | 13) => format!("{day} a la {time}"),
        Spanish => format!("{day} a las {time}"),
        English => format!("{day} at {time}"),
    }
}

/// `lunes 23 de noviembre`, `Monday 23 November`.
pub fn say_day(date: Date, language: Language) -> String {
    let weekday = DAYS[date.weekday().to_monday_zero_offset() as usize];
    let month = MONTHS[date.month() as usize - 1];
    match language {
        Spanish => format!("{} {} de {}", weekday.0, date.day(), month.0),
        English => format!("{} {} {}", weekday.1, date.day(), month.1),
    }
}

/// `10:00 AM`.
pub fn say_time(time: Time) -> String {
    let hour = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    format!("{hour}:{:02} {}", time.minute(), if time.hour() < 12 { "AM" } else { "PM" })
}

/// `9:00 AM a 12:00 PM y 1:30 PM a 6:00 PM`; the end of the day is midnight.
pub fn say_hours(spans: &[Span], language: Language) -> String {
    let (to, and, midnight) = match language {
        Spanish => (" a ", " y ", "medianoche"),
        English => (" to ", " and ", "midnight"),
    };
    let close = |t: Time| if (t.hour(), t.minute()) == (23, 59) { midnight.to_owned() } else { say_time(t) };
    let said: Vec<String> = spans.iter().map(|s| format!("{}{to}{}", say_time(s.open), close(s.close))).collect();
    match said.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{}{and}{last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_said_as_people_say_them() {
        let bogota = TimeZone::get("America/Bogota").unwrap();
        for (at, spanish, english) in [
            ("2026-11-23T15:00:00Z", "lunes 23 de noviembre a las 10:00 AM", "Monday 23 November at 10:00 AM"),
            ("2026-11-25T18:05:00Z", "miércoles 25 de noviembre a la 1:05 PM", "Wednesday 25 November at 1:05 PM"),
            ("2026-12-05T05:00:00Z", "sábado 5 de diciembre a las 12:00 AM", "Saturday 5 December at 12:00 AM"),
            ("2026-12-06T17:30:00Z", "domingo 6 de diciembre a las 12:30 PM", "Sunday 6 December at 12:30 PM"),
        ] {
            let at = Timestamp(at.parse::<jiff::Timestamp>().unwrap().as_millisecond());
            assert_eq!(say_when(at, &bogota, Spanish), spanish);
            assert_eq!(say_when(at, &bogota, English), english);
        }
    }

    #[test]
    fn hours_are_joined_as_a_sentence() {
        let span = |open: &str, close: &str| Span { open: open.parse().unwrap(), close: close.parse().unwrap() };
        let day = [span("09:00", "12:00"), span("13:30", "18:00"), span("20:00", "23:59")];
        assert_eq!(say_hours(&day, Spanish), "9:00 AM a 12:00 PM, 1:30 PM a 6:00 PM y 8:00 PM a medianoche");
        assert_eq!(say_hours(&day[..1], English), "9:00 AM to 12:00 PM");
        assert_eq!(say_hours(&[], English), "");
    }
}
