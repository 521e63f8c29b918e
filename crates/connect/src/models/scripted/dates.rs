//! Days as people write them: `pasado mañana`, `next friday`, `25 de noviembre`, `25/11`, `in 3 days`.

use jiff::{
    Span,
    civil::{Date, DateTime, Time, Weekday},
};

use super::{
    clock::{self, DayPart, is_morning, number},
    words::{Word, any, at, before},
};

/// What a message says about when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct When {
    pub(super) date: Option<Date>,
    pub(super) time: Option<Time>,
    pub(super) part: Option<DayPart>,
}

/// What was asked before: a lone number answers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    Anything,
    Day,
    Time,
}

/// The calendar that words are read against.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Today {
    /// Local; without it only complete dates can be read.
    pub(super) now: Option<DateTime>,
    /// `11/25` instead of `25/11`.
    pub(super) month_first: bool,
}

impl When {
    pub(super) fn is_empty(&self) -> bool {
        *self == When::default()
    }
}

/// The last day and time said: people correct themselves forwards.
pub(super) fn read(words: &[Word], today: Today, expect: Expect) -> When {
    let (time, part) = clock::read(words, expect == Expect::Time);
    if let Some(then) = in_hours(words, today) {
        return When { date: Some(then.date()), time: Some(then.time()), part };
    }
    let mut date = None;
    let mut i = 0;
    while i < words.len() {
        match day_at(words, i, today, expect) {
            Some((found, used)) => {
                date = Some(found);
                i += used;
                // `hoy sábado`, `mañana viernes`: the weekday only explains.
                if weekday(at(words, i)).is_some() {
                    i += 1;
                }
            }
            None => i += 1,
        }
    }
    When { date, time, part }
}

/// The day that is named at a position, and how many words name it.
fn day_at(words: &[Word], i: usize, today: Today, expect: Expect) -> Option<(Date, usize)> {
    complete(words, i, today)
        .or_else(|| relative(words, i, today))
        .or_else(|| on_weekday(words, i, today))
        .or_else(|| on_day_of_month(words, i, today, expect))
}

/// Day and month, perhaps the year.
fn complete(words: &[Word], i: usize, today: Today) -> Option<(Date, usize)> {
    let word = at(words, i);
    let numbers: Vec<i16> = word.split(['/', '-']).map_while(|n| n.parse().ok()).collect();
    match numbers.as_slice() {
        [year, month, day] if *year > 999 => return Some((civil(*year, *month, *day)?, 1)),
        [first, second, year] => {
            let (day, month) = day_and_month(*first, *second, today);
            return Some((civil(if *year < 100 { 2000 + year } else { *year }, month, day)?, 1));
        }
        [first, second] if word.contains('/') => {
            let (day, month) = day_and_month(*first, *second, today);
            return Some((next_on(month, day, today)?, 1));
        }
        _ => {}
    }
    let (day, month, mut used) = if let Some(day) = day_number(word) {
        let mut j = i + 1;
        while matches!(at(words, j), "de" | "of" | "th" | "st" | "nd" | "rd" | "ro") {
            j += 1;
        }
        (day, month_name(at(words, j))?, j + 1 - i)
    } else {
        let month = month_name(word)?;
        let ordinal = matches!(at(words, i + 2), "th" | "st" | "nd" | "rd");
        (day_number(at(words, i + 1))?, month, 2 + usize::from(ordinal))
    };
    let link = usize::from(matches!(at(words, i + used), "de" | "del"));
    if let Some(year) = at(words, i + used + link).parse::<i16>().ok().filter(|y| (2000..2200).contains(y)) {
        used += link + 1;
        return Some((civil(year, month, day)?, used));
    }
    Some((next_on(month, day, today)?, used))
}

fn relative(words: &[Word], i: usize, today: Today) -> Option<(Date, usize)> {
    let date = today.now?.date();
    let ahead = |days: i32, used: usize| Some((date.checked_add(Span::new().days(days)).ok()?, used));
    match (at(words, i), at(words, i + 1), at(words, i + 2)) {
        ("pasado", "manana", _) => ahead(2, 2),
        ("day", "after", "tomorrow") => ahead(2, 3),
        ("hoy" | "today" | "tonight", ..) => ahead(0, 1),
        ("esta", "manana" | "tarde" | "noche", _) | ("this", "morning" | "afternoon" | "evening", _) => ahead(0, 2),
        ("manana", ..) if !is_morning(words, i) => ahead(1, 1),
        ("tomorrow" | "tmrw", ..) => ahead(1, 1),
        ("en" | "in" | "de", days, "dias" | "dia" | "days" | "day") => ahead(i32::from(number(days)?), 3),
        ("en" | "in" | "de", "una" | "1" | "a" | "one", "semana" | "week") => ahead(7, 3),
        ("fin", "de", "semana") => Some((next_weekday(date, Weekday::Saturday)?, 3)),
        ("weekend", ..) => Some((next_weekday(date, Weekday::Saturday)?, 1)),
        _ => None,
    }
}

/// The next such day after today; `la próxima semana` moves it into the next calendar week.
fn on_weekday(words: &[Word], i: usize, today: Today) -> Option<(Date, usize)> {
    let day = weekday(at(words, i))?;
    let date = today.now?.date();
    let joined = (1..=2).find_map(|j| complete(words, i + j, today).map(|(found, used)| (found, j + used)));
    if joined.is_some() {
        return joined;
    }
    // `lunes 23` names the day when that day is a Monday.
    if let Some(n) = day_number(at(words, i + 1)).filter(|_| !is_clock(words, i + 1))
        && let Some(found) = next_day_of_month(n, date).filter(|d| d.weekday() == day)
    {
        return Some((found, 2));
    }
    const NEXT_WEEK: &str = "proxima semana, otra semana, semana que viene, semana siguiente, next week";
    if any(words, NEXT_WEEK) {
        let from_monday = i32::from(date.weekday().to_monday_zero_offset());
        let shift = 7 - from_monday + i32::from(day.to_monday_zero_offset());
        return Some((date.checked_add(Span::new().days(shift)).ok()?, 1));
    }
    Some((next_weekday(date, day)?, 1))
}

/// `el 25`, `the 25th`, or just `25` when a day was asked for.
fn on_day_of_month(words: &[Word], i: usize, today: Today, expect: Expect) -> Option<(Date, usize)> {
    let day = at(words, i).parse::<i16>().ok().filter(|d| (1..=31).contains(d))?;
    let ordinal = matches!(at(words, i + 1), "th" | "st" | "nd" | "rd");
    let named = matches!(before(words, i, 1), "el" | "dia" | "the");
    let alone = expect == Expect::Day && words.len() <= 3 && !matches!(before(words, i, 1), "las" | "la" | "at");
    if is_clock(words, i) || !(ordinal || named || alone) {
        return None;
    }
    Some((next_day_of_month(day, today.now?.date())?, 1 + usize::from(ordinal)))
}

/// `en 2 horas`, `in two hours`.
fn in_hours(words: &[Word], today: Today) -> Option<DateTime> {
    let now = today.now?;
    (0..words.len()).find_map(|i| match (at(words, i), at(words, i + 2)) {
        ("en" | "in" | "de", "hora" | "horas" | "hour" | "hours") => {
            let hours = if matches!(at(words, i + 1), "an") { 1 } else { number(at(words, i + 1))? };
            now.checked_add(Span::new().hours(i32::from(hours))).ok()
        }
        _ => None,
    })
}

fn is_clock(words: &[Word], i: usize) -> bool {
    matches!(at(words, i + 1), "am" | "pm" | "h" | "oclock")
        || matches!((at(words, i + 1), at(words, i + 2)), ("de" | "en", "la"))
}

fn day_and_month(first: i16, second: i16, today: Today) -> (i16, i16) {
    let swap = (today.month_first && first <= 12) || second > 12;
    if swap { (second, first) } else { (first, second) }
}

fn day_number(word: &str) -> Option<i16> {
    match word {
        "primero" | "first" => Some(1),
        _ => word.parse().ok().filter(|d| (1..=31).contains(d)),
    }
}

fn month_name(word: &str) -> Option<i16> {
    const MONTHS: [&str; 12] = [
        "enero january ene jan",
        "febrero february feb",
        "marzo march mar",
        "abril april abr apr",
        "mayo may",
        "junio june jun",
        "julio july jul",
        "agosto august ago aug",
        "septiembre setiembre september sep sept",
        "octubre october oct",
        "noviembre november nov",
        "diciembre december dic dec",
    ];
    MONTHS.iter().position(|names| names.split(' ').any(|name| name == word)).map(|i| i as i16 + 1)
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "lunes" | "lun" | "monday" | "mon" => Weekday::Monday,
        "martes" | "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "miercoles" | "mie" | "wednesday" | "wed" => Weekday::Wednesday,
        "jueves" | "jue" | "thursday" | "thu" | "thurs" => Weekday::Thursday,
        "viernes" | "vie" | "friday" | "fri" => Weekday::Friday,
        "sabado" | "sab" | "saturday" | "sat" => Weekday::Saturday,
        "domingo" | "dom" | "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

fn civil(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

fn next_weekday(date: Date, day: Weekday) -> Option<Date> {
    date.nth_weekday(1, day).ok()
}

/// This year's, or the next year's when it has passed.
fn next_on(month: i16, day: i16, today: Today) -> Option<Date> {
    let date = today.now?.date();
    (0..=4).filter_map(|years| civil(date.year() + years, month, day)).find(|found| *found >= date)
}

fn next_day_of_month(day: i16, date: Date) -> Option<Date> {
    (0..=12).find_map(|months| {
        let month = date.first_of_month().checked_add(Span::new().months(months)).ok()?;
        civil(month.year(), month.month().into(), day).filter(|found| *found >= date)
    })
}

#[cfg(test)]
mod tests {
    use super::{super::words::words, *};

    /// A Saturday.
    fn today() -> Today {
        Today { now: Some("2026-11-21T10:05".parse().unwrap()), month_first: false }
    }

    fn told(text: &str, today: Today, expect: Expect) -> String {
        let when = read(&words(text), today, expect);
        let mut out = Vec::new();
        out.extend(when.date.map(|d| d.strftime("%m-%d").to_string()));
        out.extend(when.time.map(|t| t.strftime("%H:%M").to_string()));
        out.extend(when.part.map(|p| p.as_str().to_owned()));
        out.join(" ")
    }

    #[test]
    fn days_and_times_are_read_in_both_languages() {
        for (text, expected) in [
            ("hoy", "11-21"),
            ("mañana", "11-22"),
            ("pasado mañana", "11-23"),
            ("mañana por la mañana", "11-22 morning"),
            ("en la mañana", "morning"),
            ("esta mañana", "11-21 morning"),
            ("mañana temprano", "11-22 morning"),
            ("mañana en la tarde a las 4", "11-22 16:00 afternoon"),
            ("mañana a las 10 de la mañana", "11-22 10:00 morning"),
            ("Quiero agendar una cita para mañana a las 10 AM", "11-22 10:00"),
            ("Hola, buenas tardes", ""),
            ("buenas noches, para hoy?", "11-21"),
            ("el viernes", "11-27"),
            ("el sábado", "11-28"),
            ("hoy sábado", "11-21"),
            ("mañana domingo a las 9", "11-22 09:00"),
            ("viernes de la próxima semana", "11-27"),
            ("el lunes de la próxima semana", "11-23"),
            ("lunes 30 a las 3pm", "11-30 15:00"),
            ("lunes 23 de noviembre", "11-23"),
            ("lunes 10", "11-23"),
            ("25 de noviembre", "11-25"),
            ("el 25 a las 11", "11-25 11:00"),
            ("el 3 por la tarde", "12-03 afternoon"),
            ("primero de diciembre a mediodía", "12-01 12:00"),
            ("5 de enero de 2027", "01-05"),
            ("25/11 a las 15h", "11-25 15:00"),
            ("2026-11-25 10:30", "11-25 10:30"),
            ("el 30/11/2026", "11-30"),
            ("en 3 días", "11-24"),
            ("dentro de una semana", "11-28"),
            ("en dos horas", "11-21 12:05"),
            ("el fin de semana", "11-28"),
            ("mover del viernes al lunes a las 3 de la tarde", "11-23 15:00 afternoon"),
            ("a las tres y media", "15:30"),
            ("a las 10 y cuarto de la mañana", "10:15 morning"),
            ("a las 4 menos cuarto", "15:45"),
            ("a la 1", "13:00"),
            ("tipo 5", "17:00"),
            ("8 de la noche", "20:00 evening"),
            ("después de las 3", "afternoon"),
            ("entre las 9 y las 11", "morning"),
            ("03:30", "03:30"),
            ("3:30", "15:30"),
            ("cuesta 30.000", ""),
            ("tengo una hija de 10 años", ""),
            ("a las 25", ""),
            ("today at noon", "11-21 12:00"),
            ("tomorrow morning", "11-22 morning"),
            ("day after tomorrow at 4", "11-23 16:00"),
            ("tonight", "11-21 evening"),
            ("next friday at 10:30am", "11-27 10:30"),
            ("November 25", "11-25"),
            ("on the 25th at 2 pm", "11-25 14:00"),
            ("25th of november, 9 a.m.", "11-25 09:00"),
            ("Dec 3rd 2026 at 15:00", "12-03 15:00"),
            ("half past three", "15:30"),
            ("quarter to 11", "10:45"),
            ("10 o'clock", "10:00"),
            ("at 10 30", "10:30"),
            ("3 in the afternoon", "15:00 afternoon"),
            ("good morning", ""),
            ("between 3 and 5 pm", "afternoon"),
            ("in an hour", "11-21 11:05"),
            ("move it to 3 people", ""),
            ("February 30", ""),
        ] {
            assert_eq!(told(text, today(), Expect::Anything), expected, "{text}");
        }
    }

    #[test]
    fn a_lone_number_answers_the_question_that_was_asked() {
        for (text, expect, expected) in [
            ("10", Expect::Time, "10:00"),
            ("a las 4", Expect::Time, "16:00"),
            ("las 3 por favor", Expect::Time, "15:00"),
            ("diez", Expect::Time, "10:00"),
            ("25", Expect::Day, "11-25"),
            ("el 20", Expect::Day, "12-20"),
            ("10", Expect::Anything, ""),
            ("somos 10 personas para el evento", Expect::Time, ""),
        ] {
            assert_eq!(told(text, today(), expect), expected, "{text} {expect:?}");
        }
    }

    #[test]
    fn the_order_of_day_and_month_follows_the_place_unless_it_cannot() {
        let american = Today { month_first: true, ..today() };
        for (text, today, expected) in [
            ("12/03", today(), "03-12"),
            ("12/03", american, "12-03"),
            ("11/25", today(), "11-25"),
            ("25/11", american, "11-25"),
            ("01/02", today(), "02-01"),
        ] {
            assert_eq!(told(text, today, Expect::Anything), expected, "{text}");
        }
        let unknown = Today::default();
        assert_eq!(told("mañana 2026-11-25 a las 9", unknown, Expect::Anything), "11-25 09:00");
    }
}
