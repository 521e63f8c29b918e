//! In which forms a verb can be read.

use std::{collections::HashMap, sync::LazyLock};

use super::{clauses::Word, lexicon::VERBS, nouns::Object};
use crate::tool::ReceiptKind;

/// Verbs with one meaning.
#[derive(Debug)]
pub(super) struct Verb {
    /// Readings of a lower one are tried first.
    pub(super) rank: u8,
    /// What doing it to something means.
    pub(super) to: &'static [(Object, ReceiptKind)],
    /// What it means without saying to what.
    pub(super) alone: Option<ReceiptKind>,
    /// What it means without saying to what, but when: `te anoté para mañana a las 10`.
    pub(super) timed: Option<ReceiptKind>,
    /// Spanish and Portuguese stems in `-ar`.
    pub(super) ar: &'static [&'static str],
    /// Italian stems in `-are`.
    pub(super) are: &'static [&'static str],
    /// French stems in `-er`.
    pub(super) er: &'static [&'static str],
    /// English and German: infinitive and participle.
    pub(super) pairs: &'static [(&'static str, &'static str)],
    /// Irregular ones.
    pub(super) other: &'static [(&'static str, Form)],
    /// An informal first person present does it on the spot: `te agendo`.
    pub(super) performs: bool,
    /// To confirm: may be said of anything, so the thing must be named.
    pub(super) confirms: bool,
    /// Only somebody's doing says so: `I called you`, not `it is called balayage`.
    pub(super) acts: bool,
    /// Only said of what the contact has: `I freed your slot`, not `a slot was freed`.
    pub(super) theirs: bool,
    /// May be done to people: who is put through is talked to by somebody else now.
    pub(super) moves: bool,
    /// To ask: the contact is asked all the time, a colleague is told.
    pub(super) asks: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `agendada`, `booked`, `gebucht`.
    Participle,
    /// French without its accent, or a word with other meanings (`pago`): only right behind an auxiliary.
    WeakParticiple,
    /// `agendé`, `agendei`: enough by itself.
    Past,
    /// `agendó`: somebody did; `se agendó`.
    ThirdPast,
    /// `agende`, `agendamos`: past or something else.
    WeakPast,
    /// English past: needs its subject.
    EnglishPast,
    Infinitive,
    Present,
}

/// One way to understand a word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) form: Form,
    pub(super) verb: &'static Verb,
}

impl Verb {
    pub(super) const NONE: Verb = Verb {
        rank: 0,
        to: &[],
        alone: None,
        timed: None,
        ar: &[],
        are: &[],
        er: &[],
        pairs: &[],
        other: &[],
        performs: false,
        confirms: false,
        acts: false,
        theirs: false,
        moves: false,
        asks: false,
    };
}

/// What a word may be compared with.
#[derive(Clone, Copy)]
enum Written {
    Ar(&'static str),
    Are(&'static str),
    Er(&'static str),
    Pair(&'static str, &'static str),
    Other(&'static str, Form),
}

impl Written {
    fn of(verb: &'static Verb) -> impl Iterator<Item = Written> {
        let ar = verb.ar.iter().map(|stem| Written::Ar(stem));
        let are = verb.are.iter().map(|stem| Written::Are(stem));
        let er = verb.er.iter().map(|stem| Written::Er(stem));
        let pairs = verb.pairs.iter().map(|(infinitive, participle)| Written::Pair(infinitive, participle));
        let other = verb.other.iter().map(|(form, as_what)| Written::Other(form, *as_what));
        ar.chain(are).chain(er).chain(pairs).chain(other)
    }

    fn beginnings(self) -> Vec<&'static str> {
        let mut begin = match self {
            Written::Ar(text) | Written::Are(text) | Written::Er(text) | Written::Other(text, _) => vec![&text[..BEGINNING]],
            Written::Pair(infinitive, participle) => vec![&infinitive[..BEGINNING], &participle[..BEGINNING]],
        };
        begin.dedup();
        begin
    }
}

/// So many letters are the same in all forms of a stem: none is shorter than three, and only its last may change.
const BEGINNING: usize = 2;

type ByBeginning = HashMap<&'static str, Vec<(Written, &'static Verb)>>;

static WRITTEN: LazyLock<ByBeginning> = LazyLock::new(|| {
    let mut index = ByBeginning::new();
    for (written, verb) in VERBS.iter().flat_map(|verb| Written::of(verb).map(move |written| (written, *verb))) {
        for beginning in written.beginnings() {
            index.entry(beginning).or_default().push((written, verb));
        }
    }
    index
});

pub(super) fn readings(word: &Word) -> Vec<Reading> {
    let mut found = Vec::new();
    // No verb here has a form of two letters.
    let Some(beginning) = word.plain.get(..BEGINNING).filter(|_| word.plain.len() > BEGINNING) else { return found };
    for (written, verb) in WRITTEN.get(beginning).into_iter().flatten() {
        let mut add = |form| found.push(Reading { form, verb });
        match written {
            Written::Ar(stem) => ar_form(stem, word).into_iter().for_each(&mut add),
            Written::Are(stem) => are_form(stem, word).into_iter().for_each(&mut add),
            Written::Er(stem) => er_forms(stem, word).into_iter().for_each(&mut add),
            Written::Pair(infinitive, participle) => {
                if word.plain == *participle {
                    add(Form::Participle);
                    add(Form::EnglishPast);
                }
                if word.plain == *infinitive {
                    add(Form::Infinitive);
                }
            }
            Written::Other(form, as_what) if word.plain == *form => add(*as_what),
            Written::Other(..) => {}
        }
    }
    found
}

fn ar_form(stem: &str, word: &Word) -> Option<Form> {
    if let Some(end) = word.plain.strip_prefix(stem) {
        match end {
            "ado" | "ada" | "ados" | "adas" | "adisimo" | "adisima" | "adissimo" | "adissima" => return Some(Form::Participle),
            "aron" | "aram" => return Some(Form::Past),
            "amos" => return Some(Form::WeakPast),
            "ou" => return Some(Form::ThirdPast),
            "o" => return Some(if word.raw.ends_with('ó') { Form::ThirdPast } else { Form::Present }),
            "ar" | "arte" | "arlo" | "arla" | "arle" | "arlos" | "arlas" | "aros" | "arlhe" => return Some(Form::Infinitive),
            _ => {}
        }
    }
    match end_before_e(stem, &word.plain)? {
        "ei" => Some(Form::Past),
        "e" if word.raw.ends_with('é') => Some(Form::Past),
        "e" => Some(Form::WeakPast),
        _ => None,
    }
}

/// What follows the stem where an e begins the ending: `marc` is then `marqu`, `pag` is `pagu`, `actualiz` is `actualic`.
fn end_before_e<'w>(stem: &str, word: &'w str) -> Option<&'w str> {
    let (head, last) = stem.split_at(stem.len() - 1);
    match last {
        "c" => word.strip_prefix(head)?.strip_prefix("qu"),
        "g" => word.strip_prefix(head)?.strip_prefix("gu"),
        // Portuguese keeps it: `atualizei`.
        "z" => word.strip_prefix(head)?.strip_prefix(['c', 'z']),
        _ => word.strip_prefix(stem),
    }
}

fn are_form(stem: &str, word: &Word) -> Option<Form> {
    match word.plain.strip_prefix(stem)? {
        "ato" | "ata" | "ati" | "ate" => Some(Form::Participle),
        "are" | "arti" | "arlo" | "arla" | "arle" | "arvi" => Some(Form::Infinitive),
        "o" => Some(Form::Present),
        _ => None,
    }
}

fn er_forms(stem: &str, word: &Word) -> Vec<Form> {
    match word.plain.strip_prefix(stem) {
        Some("e" | "ee" | "es" | "ees") if word.raw.contains('é') && !word.raw.ends_with(['e', 's']) => vec![Form::Participle],
        Some("ee" | "ees") => vec![Form::Participle],
        Some("es") if word.raw.ends_with("és") => vec![Form::Participle],
        Some("e") => vec![Form::WeakParticiple, Form::Present],
        Some("es") => vec![Form::WeakParticiple],
        Some("er") => vec![Form::Infinitive],
        _ => Vec::new(),
    }
}
