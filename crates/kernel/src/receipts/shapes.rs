//! The shapes in which a clause claims that something was done.

use super::{
    clauses::{Clause, Sentence, Word},
    figures,
    guards::{has_no, has_would, is_conditional, is_of_others, is_taken},
    nouns::{self, Object, has_time, is_plural, is_possessive},
    phrases::{expected, standing, thanked},
    sayings,
    usage::Use,
    verbs::{Form, Verb, readings},
    words::Words,
};
use crate::tool::ReceiptKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) kind: ReceiptKind,
    /// Says what stands (`your appointment is confirmed`), which reading the appointments would back as well.
    pub(super) is_standing: bool,
    /// Says that the team knows or was asked, not that it has taken over.
    pub(super) only_tells: bool,
    /// Says how many there were of what is counted, nothing of what was done for somebody.
    pub(super) is_figure: bool,
}

impl Claim {
    pub(super) fn of(kind: ReceiptKind) -> Claim {
        Claim { kind, is_standing: false, only_tells: false, is_figure: false }
    }
    pub(super) fn standing(kind: ReceiptKind) -> Claim {
        Claim { is_standing: true, ..Claim::of(kind) }
    }
}

pub(super) fn claims(sentence: &Sentence) -> Vec<Claim> {
    let stated = (0..sentence.len()).filter(|nth| !sentence[*nth].is_question);
    stated
        .flat_map(|nth| {
            let verbs = (0..sentence[nth].words.len()).filter_map(move |at| Place { sentence, nth, at }.claim());
            let phrases = standing(sentence, nth).into_iter().chain(expected(sentence, nth)).chain(thanked(&sentence[nth]));
            verbs.chain(phrases).chain(sayings::claims(sentence, nth))
        })
        .collect()
}

/// One word of one clause.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) sentence: &'a Sentence,
    pub(super) nth: usize,
    pub(super) at: usize,
}

impl Place<'_> {
    pub(super) fn clause(&self) -> &Clause {
        &self.sentence[self.nth]
    }
    pub(super) fn words(&self) -> &[Word] {
        &self.clause().words
    }
    pub(super) fn plain(&self, at: usize) -> &str {
        self.words().get(at).map(|w| w.plain.as_str()).unwrap_or_default()
    }
    /// The word `n` before this one.
    pub(super) fn before(&self, n: usize) -> &str {
        self.at.checked_sub(n).map(|at| self.plain(at)).unwrap_or_default()
    }

    /// `pasado mañana`, `la semana pasada`.
    fn is_of_the_past(&self) -> bool {
        static PAST: Words = Words::of("pasado pasada passado passada passato passata passe passee");
        static SPANS: Words = Words::of("semana mes ano vez semaine mois annee fois settimana mese anno volta");
        let before = self.at.checked_sub(1).map(|at| &self.words()[at]);
        let is_span = before.is_some_and(|w| nouns::is_day(w) || nouns::is_month(w) || SPANS.has(&w.plain));
        PAST.has(self.plain(self.at)) && (is_span || self.plain(self.at + 1) == "manana")
    }

    fn claim(&self) -> Option<Claim> {
        if self.is_of_the_past() {
            return None;
        }
        let mut readings = readings(&self.words()[self.at]);
        // `réservé` is a participle where it can be one, and only else the Spanish past.
        readings.sort_by_key(|r| r.form != Form::Participle);
        let (verb, kind, usage, form) = readings.into_iter().find_map(|reading| {
            let usage = self.usage_as(reading)?;
            Some((reading.verb, self.kind(reading.verb, &usage)?, usage, reading.form))
        })?;
        let is_standing = usage.is_standing && kind == ReceiptKind::Booked;
        let only_tells = kind == ReceiptKind::HandedOver && !(verb.moves && self.is_of_people());
        let is_figure = figures::tells_how_many(self, form, kind, self.nearest_object(verb));
        (!self.is_guarded(kind, &usage)).then_some(Claim { kind, is_standing, only_tells, is_figure })
    }

    /// `I've passed you on`, not `I've passed your request on`.
    fn is_of_people(&self) -> bool {
        let is_thing = |word| matches!(nouns::object(word), Some(Object::Case | Object::Mail | Object::Details));
        !self.words().iter().any(is_thing)
    }

    fn is_guarded(&self, kind: ReceiptKind, usage: &Use) -> bool {
        let words = self.words();
        let is_denied =
            has_no(words, usage.from.saturating_sub(4), self.at) || has_would(words, usage.from.saturating_sub(2), usage.from);
        let is_foreign = matches!(kind, ReceiptKind::Booked | ReceiptKind::Cancelled) && is_of_others(words);
        let is_told_as_taken = kind == ReceiptKind::Booked && !usage.is_active && is_taken(self.sentence, self.nth);
        let is_told_as_taken = is_told_as_taken || (usage.is_standing && self.is_somebody_busy(usage));
        is_denied || is_foreign || is_told_as_taken || is_conditional(self.sentence, self.nth, self.at, usage.is_present)
    }

    /// `Ana is booked until 5`, `our stylists are already booked`.
    fn is_somebody_busy(&self, usage: &Use) -> bool {
        let subject = usage.from.checked_sub(1).map(|at| self.plain(at)).unwrap_or_default();
        let is_english = matches!(self.plain(usage.from), "is" | "are");
        let is_ours = self.words().iter().any(|w| nouns::object(w) == Some(Object::Appointment) && w.plain != "time")
            || matches!(subject, "you" | "it" | "that" | "this" | "everything" | "all");
        let sounds_busy =
            matches!(self.plain(self.at + 1), "at" | "until" | "till" | "all" | "from") || self.before(1) == "already";
        is_english && !is_ours && sounds_busy
    }

    /// What it means here: by the nearest thing it can be done to, else by time, else by itself.
    fn kind(&self, verb: &Verb, usage: &Use) -> Option<ReceiptKind> {
        if verb.theirs && !self.words().iter().any(is_possessive) {
            return None;
        }
        if (verb.acts && !usage.is_active) || (verb.asks && self.is_asked_of_them(usage)) {
            return None;
        }
        let named = self.nearest_object(verb);
        if let Some((at, object)) = named {
            let is_counted = at > 0 && self.plain(at - 1).starts_with(|c: char| c.is_ascii_digit());
            let is_general = is_plural(&self.words()[at]) && !is_counted && !self.words().iter().any(is_possessive);
            let is_done = usage.is_active && !usage.is_present;
            let is_harmless = object == Object::Harmless || (verb.confirms && object == Object::Calendar);
            return if is_harmless || (is_general && !is_done) { None } else { meaning(verb, object) };
        }
        let earlier = self.sentence[..self.nth].iter().rev().flat_map(|c| c.words.iter().filter_map(nouns::object));
        let timed = || verb.timed.filter(|_| self.sentence.iter().any(has_time));
        let alone = || verb.alone.filter(|_| !(verb.confirms && usage.is_active));
        earlier.filter_map(|o| meaning(verb, o)).next().or_else(timed).or_else(alone)
    }

    /// `te pedí tu nombre`, `I asked you`: that was no colleague.
    fn is_asked_of_them(&self, usage: &Use) -> bool {
        let is_them = |word: &str| {
            matches!(word, "te" | "os" | "t" | "vous" | "ti" | "vi" | "le" | "la" | "lhe" | "you" | "voce" | "sie" | "dich")
        };
        let is_past = usage.from == self.at;
        // `le pedí a Laura` names her twice.
        let before = self.plain(usage.from.wrapping_sub(1));
        is_them(self.plain(self.at + 1)) || (is_them(before) && !(is_past && matches!(before, "le" | "la")))
    }

    pub(super) fn nearest(&self, verb: &Verb) -> Option<ReceiptKind> {
        self.nearest_object(verb).and_then(|(_, object)| meaning(verb, object))
    }

    fn nearest_object(&self, verb: &Verb) -> Option<(usize, Object)> {
        let words = self.words();
        let things = words.iter().enumerate().filter_map(|(at, w)| Some((at, nouns::object(w)?)));
        things
            .filter(|(at, o)| *o != Object::Money || !is_of_mail(words, *at))
            .filter(|(at, o)| {
                *at != self.at
                    && ((verb.confirms && matches!(o, Object::Harmless | Object::Calendar)) || meaning(verb, *o).is_some())
            })
            // In `el cambio de tu cita` the change is what was done.
            .min_by_key(|(at, o)| (!matches!(o, Object::Cancellation | Object::Change), at.abs_diff(self.at)))
            .map(|(at, o)| (at, if is_known_anyway(words, at, o) { Object::Harmless } else { o }))
    }
}

/// What the contact wrote to us, and our own address: nobody did anything about them.
fn is_known_anyway(words: &[Word], at: usize, object: Object) -> bool {
    let before = at.checked_sub(1).and_then(|at| words.get(at));
    let is_ours = before.is_some_and(|w| {
        matches!(w.plain.as_str(), "our" | "nuestra" | "nuestro" | "notre" | "unsere" | "nostro" | "nostra" | "nosso" | "nossa")
            || (w.plain == "d" && words[at].plain == "adresse")
    });
    let written = ["message", "mensaje", "mensagem", "nachricht", "messaggio", "email", "mail", "correo"];
    let is_theirs = before.is_some_and(is_possessive) && written.contains(&words[at].plain.as_str());
    is_theirs && object == Object::Mail || is_ours && object == Object::Details
}

/// In `enlace de pago` and `payment link` no money moves.
fn is_of_mail(words: &[Word], at: usize) -> bool {
    let is_mail = |at: Option<usize>| at.and_then(|at| words.get(at)).is_some_and(|w| nouns::object(w) == Some(Object::Mail));
    is_mail(at.checked_sub(2)) || is_mail(Some(at + 1))
}

pub(super) fn meaning(verb: &Verb, object: Object) -> Option<ReceiptKind> {
    verb.to.iter().find(|(o, _)| *o == object).map(|(_, kind)| *kind)
}
