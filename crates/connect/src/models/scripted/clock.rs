//! Times of day as people write them: `10:30`, `3pm`, `a las tres y media de la tarde`, `noon`, `después de las 4`.

use jiff::civil::Time;

use super::words::{Word, at, before};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayPart {
    Morning,
    Afternoon,
    Evening,
}

impl DayPart {
    /// As the tools call it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            DayPart::Morning => "morning",
            DayPart::Afternoon => "afternoon",
            DayPart::Evening => "evening",
        }
    }

    fn of_hour(hour: i8) -> DayPart {
        match hour {
            ..12 => DayPart::Morning,
            12..18 => DayPart::Afternoon,
            _ => DayPart::Evening,
        }
    }
}

/// The time asked for (the last one said) and the part of the day. `bare` lets a lone number be a time.
pub(super) fn read(words: &[Word], bare: bool) -> (Option<Time>, Option<DayPart>) {
    let part = (0..words.len()).filter_map(|i| part_at(words, i)).next_back();
    let mut exact = None;
    let mut about = None;
    for i in 0..words.len() {
        if let Some(time) = time_at(words, i, part) {
            *(if is_bound(words, i) { &mut about } else { &mut exact }) = Some(time);
        }
    }
    if exact.is_none() && about.is_none() && bare {
        exact = lone_number(words).and_then(|hour| resolve(hour, 0, part, false));
    }
    (exact, part.or(about.map(|t| DayPart::of_hour(t.hour()))))
}

/// `mañana` means the morning here, not tomorrow: `por la mañana`, `esta mañana`.
pub(super) fn is_morning(words: &[Word], i: usize) -> bool {
    at(words, i) == "manana" && matches!(before(words, i, 1), "la" | "esta" | "las")
}

/// A number in digits or in words up to twelve.
pub(super) fn number(word: &str) -> Option<i8> {
    const NAMES: [(&str, &str); 12] = [
        ("una", "one"),
        ("dos", "two"),
        ("tres", "three"),
        ("cuatro", "four"),
        ("cinco", "five"),
        ("seis", "six"),
        ("siete", "seven"),
        ("ocho", "eight"),
        ("nueve", "nine"),
        ("diez", "ten"),
        ("once", "eleven"),
        ("doce", "twelve"),
    ];
    let named = NAMES.iter().position(|(es, en)| word == *es || word == *en).map(|i| i as i8 + 1);
    named.or_else(|| word.parse().ok().filter(|n| (0..=99).contains(n)))
}

fn part_at(words: &[Word], i: usize) -> Option<DayPart> {
    if matches!(before(words, i, 1), "buenos" | "buenas" | "buen" | "buena" | "feliz" | "good" | "nice" | "mas") {
        return None;
    }
    match at(words, i) {
        "manana" if is_morning(words, i) => Some(DayPart::Morning),
        "temprano" | "morning" | "mornings" => Some(DayPart::Morning),
        "tarde" | "tardes" | "afternoon" | "afternoons" => Some(DayPart::Afternoon),
        "noche" | "noches" | "evening" | "evenings" | "night" | "tonight" => Some(DayPart::Evening),
        _ => None,
    }
}

fn time_at(words: &[Word], i: usize, part: Option<DayPart>) -> Option<Time> {
    let word = at(words, i);
    if matches!(word, "mediodia" | "noon" | "midday") || (word == "medio" && at(words, i + 1) == "dia") {
        return Some(Time::constant(12, 0, 0, 0));
    }
    let after_preposition = matches!(before(words, i, 1), "las" | "at" | "tipo" | "past" | "after" | "before")
        || matches!((before(words, i, 2), before(words, i, 1), word), (_, "la", "una" | "1") | ("quarter", "to", _));
    if let Some((hour, minute)) = word.split_once(':').or_else(|| word.split_once('.')) {
        let suffix = meridiem(words, i + 1);
        let clear = word.contains(':') || after_preposition || suffix.is_some();
        if !clear || minute.len() != 2 {
            return None;
        }
        return resolve(hour.parse().ok()?, minute.parse().ok()?, suffix.or(part), hour.starts_with('0'));
    }
    let hour = number(word)?;
    let (minute, next) = minutes(words, i);
    let suffix = meridiem(words, next);
    let hour_mark = matches!((at(words, i + 1), at(words, i + 2)), ("h" | "oclock", _) | ("en", "punto"));
    let counts_things = matches!(at(words, i + 1), "citas" | "personas" | "opciones" | "dias" | "days" | "people");
    if counts_things || !(suffix.is_some() || hour_mark || after_preposition) {
        return None;
    }
    if minute < 0 {
        return resolve(hour, 0, suffix.or(part), false)?.checked_sub(jiff::Span::new().minutes(-minute)).ok();
    }
    resolve(hour, minute, suffix.or(part), word.starts_with('0'))
}

/// The minutes that go with the hour at `i`, and the first word after them. Negative: so many before the hour.
fn minutes(words: &[Word], i: usize) -> (i8, usize) {
    let spoken = match (before(words, i, 2), before(words, i, 1)) {
        ("half", "past") => Some(30),
        ("quarter", "past") => Some(15),
        ("quarter", "to") => Some(-15),
        _ => None,
    };
    if let Some(minutes) = spoken {
        return (minutes, i + 1);
    }
    let two_digits =
        |j| Some(at(words, j)).filter(|w| w.len() == 2).and_then(|w| w.parse::<i8>().ok()).filter(|m| (0..60).contains(m));
    match (at(words, i + 1), at(words, i + 2)) {
        ("y", "media") => (30, i + 3),
        ("y", "cuarto" | "quince") => (15, i + 3),
        ("menos", "cuarto") => (-15, i + 3),
        ("h", _) => two_digits(i + 2).map_or((0, i + 2), |m| (m, i + 3)),
        ("y", _) => two_digits(i + 2).map_or((0, i + 1), |m| (m, i + 3)),
        _ if words.get(i).is_some_and(|w| !w.stop) => two_digits(i + 1).map_or((0, i + 1), |m| (m, i + 2)),
        _ => (0, i + 1),
    }
}

/// `am`, `pm`, `de la tarde`, `in the morning`, `at night` at a position.
fn meridiem(words: &[Word], i: usize) -> Option<DayPart> {
    match (at(words, i), at(words, i + 1), at(words, i + 2)) {
        ("am", ..) | ("de", "la", "manana") | ("in", "the", "morning") => Some(DayPart::Morning),
        ("pm", ..) | ("de", "la", "tarde") | ("in", "the", "afternoon") => Some(DayPart::Afternoon),
        ("de", "la", "noche") | ("in", "the", "evening") | ("at", "night", _) => Some(DayPart::Evening),
        _ => None,
    }
}

/// Shops are open by day: `3` alone is the afternoon's, unless it is written `03`.
fn resolve(hour: i8, minute: i8, part: Option<DayPart>, padded: bool) -> Option<Time> {
    let hour = match part {
        Some(DayPart::Morning) if hour == 12 => 0,
        Some(DayPart::Afternoon | DayPart::Evening) if (1..12).contains(&hour) => hour + 12,
        None if (1..=6).contains(&hour) && !padded => hour + 12,
        _ => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// The time at `i` bounds a range (`después de las 3`, `between 3 and 5`) instead of naming a start.
fn is_bound(words: &[Word], i: usize) -> bool {
    let opens = |back: usize| {
        let word = before(words, i, back);
        let next = before(words, i, back - 1);
        matches!(word, "despues" | "after" | "antes" | "before" | "desde" | "hasta" | "until" | "partir") && next != "tomorrow"
    };
    (1..=3).any(opens) || (1..=6).any(|back| matches!(before(words, i, back), "entre" | "between"))
}

/// The only number of a short message.
fn lone_number(words: &[Word]) -> Option<i8> {
    let mut numbers = words.iter().filter_map(|w| number(&w.folded));
    let hour = numbers.next().filter(|hour| *hour < 24)?;
    (numbers.next().is_none() && words.len() <= 4).then_some(hour)
}
