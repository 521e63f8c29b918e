//! What tells how many there were (`3 appointments were cancelled`, `se recibieron 12 pagos`, `Cancelled: 3`), as opposed to what was done
//! (`I cancelled your appointment`, `the 3 appointments are cancelled`).

use super::{
    clauses::Word,
    nouns::{self, Object, is_possessive, starts_with_digit},
    shapes::Place,
    verbs::Form,
    words::Words,
};
use crate::tool::ReceiptKind;

/// Who speaks of what they did themselves tells no figure.
static I: Words = Words::of("i yo he io ho je j ai eu ich habe hab m me");
/// What came in, came to all of them: `we received 12 payments`.
static WE: Words = Words::of("we us nosotros hemos noi abbiamo nous avons nos nosso wir haben");
/// Said to somebody: done for them.
static TO_THEM: Words = Words::of("te os ti vi vous dich ihnen lhe usted voce");
/// Said of what just became so, and of all of something that is known.
static NOW: Words = Words::of(
    "ya already now ahora ja adesso gia deja jetzt schon soeben all todas todos tutti tutte toutes tous alle tutto tudo",
);
/// Of these one says how much, not how many.
static CURRENCIES: Words =
    Words::of("euro euros dollar dollars dolar dolares pesos reais dinero money importe importo montant betrag amount saldo");

/// It counts appointments or payments of the business, in nobody's name and nobody's favour.
pub(super) fn tells_how_many(place: &Place<'_>, form: Form, kind: ReceiptKind, named: Option<(usize, Object)>) -> bool {
    let words = place.words();
    let raw = words[place.at].raw.as_str();
    let has = |list: &Words| words.iter().any(|w| list.has(&w.plain));
    let is_mine = has(&I) || (form == Form::Past && (raw.ends_with('é') || raw.ends_with("ei")));
    let is_ours = kind != ReceiptKind::Paid && (has(&WE) || raw.ends_with("amos") || raw.ends_with("emos"));
    let is_for_them = words
        .iter()
        .enumerate()
        .any(|(at, w)| TO_THEM.has(&w.plain) || (at > place.at && w.plain == "you") || is_of_theirs(words, at));
    let is_count = || named.map_or_else(|| is_label(place), |(at, _)| is_counted(place, at));
    !is_mine && !is_ours && !is_for_them && !has(&NOW) && is_count()
}

/// `your payment`; but `your business received 12 payments`.
fn is_of_theirs(words: &[Word], at: usize) -> bool {
    is_possessive(&words[at]) && words[at + 1..].iter().take(2).any(|w| nouns::object(w).is_some())
}

/// `1 appointment`, `in 12 payments`; but `the 3 appointments`, of which one knows, and `1 appointment for Ana at 10:00`.
fn is_counted(place: &Place<'_>, at: usize) -> bool {
    let words = place.words();
    static KNOWN: Words = Words::of("the these those las los estas estos esas esos le gli i les ces die diese as os essas esses");
    let number = at.checked_sub(1).filter(|n| is_number(&words[*n]));
    let is_known = number.and_then(|n| n.checked_sub(1)).is_some_and(|before| KNOWN.has(&words[before].plain));
    let is_arranged = words
        .iter()
        .any(|w| is_clock(w) || matches!(w.plain.as_str(), "manana" | "tomorrow" | "las" | "h" | "uhr" | "am" | "pm"));
    number.is_some() && !is_known && !is_arranged && !CURRENCIES.has(&words[at].plain)
}

/// `10:30`, as opposed to `2.5M`, which is read as `2:5m`.
fn is_clock(word: &Word) -> bool {
    let (hours, minutes) = word.plain.split_once(':').unwrap_or_default();
    hours.len() <= 2 && minutes.len() == 2 && minutes.bytes().all(|b| b.is_ascii_digit())
}

/// Not a time of day: `1.200` is read as `1:200`.
fn is_number(word: &Word) -> bool {
    starts_with_digit(word) && word.plain.split(':').skip(1).all(|part| part.len() == 3)
}

/// `Cancelled: 3`, `cancelled 3`: nothing but the word and one number.
fn is_label(place: &Place<'_>) -> bool {
    let (words, next) = (place.words(), place.sentence.get(place.nth + 1));
    let is_one = |words: &[Word]| matches!(words, [only] if is_number(only));
    place.at == 0 && (is_one(&words[1..]) || (words.len() == 1 && next.is_some_and(|clause| is_one(&clause.words))))
}
