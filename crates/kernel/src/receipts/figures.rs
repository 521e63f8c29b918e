//! What tells how many there were (`3 appointments were cancelled`, `se cobraron 12 pagos`, `Cancelled: 3`), as opposed to what was done for
//! somebody (`I cancelled your appointment`).

use super::{
    nouns::{self, Object, is_plural, is_possessive, starts_with_digit},
    shapes::Place,
    verbs::Form,
    words::Words,
};

/// Who speaks of what they did themselves tells no figure.
static I: Words = Words::of("i yo he io ho je j ai eu ich habe hab m me");

/// Said to somebody: done for them.
static TO_THEM: Words = Words::of("te os ti vi vous dich ihnen lhe usted voce");

/// It counts appointments or money of the business, in nobody's name and nobody's favour.
pub(super) fn tells_how_many(place: &Place<'_>, form: Form, named: Option<(usize, Object)>) -> bool {
    let words = place.words();
    let raw = words[place.at].raw.as_str();
    let is_mine = words.iter().any(|w| I.has(&w.plain)) || (form == Form::Past && (raw.ends_with('é') || raw.ends_with("ei")));
    let is_for_them = words
        .iter()
        .enumerate()
        .any(|(at, w)| TO_THEM.has(&w.plain) || (at > place.at && w.plain == "you") || is_of_theirs(place, at));
    !is_mine && !is_for_them && named.map_or_else(|| is_label(place), |(at, _)| is_plural(&words[at]) || is_counted(place, at))
}

/// `your payment`; but `your business received 12 payments`.
fn is_of_theirs(place: &Place<'_>, at: usize) -> bool {
    let words = place.words();
    is_possessive(&words[at]) && words[at + 1..].iter().take(2).any(|w| nouns::object(w).is_some())
}

/// `1 appointment`.
fn is_counted(place: &Place<'_>, at: usize) -> bool {
    at.checked_sub(1).is_some_and(|before| starts_with_digit(&place.words()[before]))
}

/// `Cancelled: 3`, `cancelled 3`: nothing but the word and a number.
fn is_label(place: &Place<'_>) -> bool {
    let numbers = |words: &[super::clauses::Word]| !words.is_empty() && words.iter().all(starts_with_digit);
    let (words, next) = (place.words(), place.sentence.get(place.nth + 1));
    place.at == 0
        && (numbers(&words[1..]) || (words.len() == 1 && next.is_some_and(|c| c.words.first().is_some_and(starts_with_digit))))
}
