//! How a verb is used, and whether that says "done".

use super::{
    auxiliaries::{Aux, auxiliary},
    clauses::Word,
    guards::is_would,
    nouns::{self, Object, has_time, is_possessive},
    shapes::Place,
    small::{is_achievement, is_adverb, is_barrier, is_clitic, is_small, is_soon, is_stopper},
    verbs::{Form, Reading, Verb, readings},
};
use crate::tool::ReceiptKind;

/// How a verb is used: from which word on, and what that makes of it.
pub(super) struct Use {
    pub(super) from: usize,
    pub(super) is_present: bool,
    pub(super) is_standing: bool,
    /// Somebody does it, as opposed to: it is done.
    pub(super) is_active: bool,
}

impl Place<'_> {
    /// How it is used when the word is read like this, if that says "done" at all.
    pub(super) fn usage_as(&self, reading: Reading) -> Option<Use> {
        match reading.form {
            Form::Participle => self.with_auxiliary(14).or_else(|| self.by_itself(reading.verb)),
            Form::WeakParticiple => self.with_auxiliary(2),
            Form::Past => self.did(),
            Form::ThirdPast => self.somebody_did(reading.verb),
            Form::WeakPast => self.perhaps_did(),
            Form::EnglishPast => self.english_past(reading.verb),
            Form::Infinitive => self.achieved(),
            Form::Present => self.performed(reading.verb),
        }
    }

    /// `quedó agendada`, `I have your appointment booked`, `wurde … gebucht`, `dass es gebucht ist`.
    fn with_auxiliary(&self, furthest: usize) -> Option<Use> {
        if matches!(self.plain(self.at + 1), "habe" | "haben" | "ist" | "sind" | "wurde" | "wurden") {
            let (aux, _) = auxiliary(self.words(), self.at + 1)?;
            return Some(usage(self.at, aux));
        }
        // `wird … gebucht worden sein`
        if self.plain(self.at + 1) == "worden" && self.plain(self.at + 2) == "sein" {
            return Some(usage(self.at, Aux::Became));
        }
        for from in (self.at.saturating_sub(furthest + 1)..self.at).rev() {
            if is_barrier(self.plain(from)) {
                let just = |n: usize| from.checked_sub(n).is_some_and(|at| is_achievement(self.plain(at)));
                let is_just_done = matches!(self.plain(from), "etre" | "ser") && self.at - from <= 2 && just(2);
                return is_just_done.then(|| usage(from - 2, Aux::Became));
            }
            let Some((aux, reach)) = auxiliary(self.words(), from) else { continue };
            let between = self.at - from - 1;
            if between <= reach && self.may_stand_between(aux, from) {
                return Some(usage(from, aux));
            }
        }
        None
    }

    /// `I have your appointment booked`, but not `I have a cancelled slot`.
    fn may_stand_between(&self, aux: Aux, from: usize) -> bool {
        let english = matches!(self.plain(from), "have" | "ve" | "got") && aux == Aux::Did;
        let first = self.plain(from + 1);
        !english
            || from + 1 == self.at
            || is_adverb(first)
            || matches!(first, "you" | "your" | "it" | "this" | "everything" | "that" | "gone")
    }

    /// `cita confirmada para el lunes`, `booked!`: nothing before it but the thing and small words.
    fn by_itself(&self, verb: &Verb) -> Option<Use> {
        let (words, before) = (self.words(), &self.words()[..self.at]);
        // `put your name …`; but `Zahlung erhalten` is no order.
        let is_order = !before.iter().any(|w| nouns::object(w).is_some())
            && verb.pairs.iter().any(|(infinitive, participle)| infinitive == participle && *participle == words[self.at].plain);
        // `da por cancelada la cita`
        let is_taken_for = self.before(1) == "por" && matches!(self.before(2), "da" | "doy" | "damos" | "dala" | "dalo" | "de");
        let before = if is_taken_for { &before[..self.at - 2] } else { before };
        let stops = before.iter().any(|w| is_stopper(&w.plain) || is_barrier(&w.plain) || is_would(w));
        if is_order || stops {
            return None;
        }
        let unknown = before.iter().filter(|w| !is_small(w) && nouns::object(w).is_none() && !is_time_word(w)).count();
        let speaks_of_it = before.iter().any(|w| nouns::object(w).is_some()) || has_time(self.clause());
        if unknown > if speaks_of_it { 3 } else { 0 } {
            return None;
        }
        let is_standing = matches!(self.plain(self.at + 1), "es" | "is" | "est" | "ist" | "e");
        Some(Use { from: 0, is_present: true, is_standing, is_active: false })
    }

    /// `agendé`; but `sera confirmé` is French.
    fn did(&self) -> Option<Use> {
        let is_passive = self.at > 0 && (is_barrier(self.before(1)) || auxiliary(self.words(), self.at - 1).is_some());
        (!is_passive).then(|| active(self.at, false))
    }

    /// `se agendó tu cita`.
    fn somebody_did(&self, verb: &Verb) -> Option<Use> {
        if matches!(self.before(1), "i" | "we" | "you" | "que") {
            return None;
        }
        let by_us = self.before(1) == "se" || self.before(2) == "se";
        let is_telling = verb.to.iter().any(|(object, _)| *object == Object::Team);
        let speaks_of_it = || self.nearest(verb).is_some();
        (by_us || (!is_telling && speaks_of_it())).then(|| active(self.at, false))
    }

    /// `ya te agende` without its accent, `te agendamos`.
    fn perhaps_did(&self) -> Option<Use> {
        let last = [self.before(1), self.before(2), self.before(3)];
        let is_wish = last.iter().any(|w| matches!(*w, "que" | "para" | "favor" | "quiere" | "quieres" | "como" | "cuando"));
        let is_ours = last[..2].iter().any(|w| is_clitic(w) || matches!(*w, "ya" | "ja" | "yo"));
        let is_yours = self.words()[self.at + 1..].iter().take(3).any(is_possessive);
        let is_we = self.plain(self.at).ends_with("amos");
        (!is_wish && (is_ours || (is_we && is_yours))).then(|| active(self.at, is_we))
    }

    /// `I've gone ahead and booked`, `we also moved`; `you paid`.
    fn english_past(&self, verb: &Verb) -> Option<Use> {
        let is_past = |at: usize| readings(&self.words()[at]).iter().any(|r| r.form == Form::EnglishPast);
        for from in (self.at.saturating_sub(6)..self.at).rev() {
            match self.plain(from) {
                "i" | "we" => return Some(active(from, false)),
                "you" if verb.alone == Some(ReceiptKind::Paid) => return Some(active(from, false)),
                word if is_adverb(word) || matches!(word, "gone" | "went" | "ahead" | "and" | "have" | "ve" | "you" | "it") => {}
                _ if is_past(from) => {}
                _ => return None,
            }
        }
        // `Just texted you the directions.`
        let is_clipped = matches!(self.plain(self.at + 1), "you" | "your" | "it" | "him" | "her" | "them");
        let is_opening = self.words()[..self.at].iter().all(|w| is_adverb(&w.plain));
        (is_clipped && is_opening && verb.alone.or(verb.timed).is_some()).then(|| active(self.at, false))
    }

    /// `logré agendar`, `I was able to book`, `acabo de cancelar`, `konnte … buchen`.
    fn achieved(&self) -> Option<Use> {
        let is_able = |at: usize| match self.plain(at) {
            "able" => matches!(at.checked_sub(1).map(|b| self.plain(b)), Some("was" | "were" | "been")),
            "pu" => matches!(at.checked_sub(1).map(|b| self.plain(b)), Some("ai" | "avons" | "bien")),
            "konnte" | "konnten" => !self.words()[at].raw.contains('ö'),
            word => is_achievement(word),
        };
        let reach = if self.words().iter().any(|w| w.plain.starts_with("konnte")) { 14 } else { 4 };
        let from = (self.at.saturating_sub(reach)..self.at).rev().find(|at| is_able(*at))?;
        Some(active(from, false))
    }

    /// `te agendo para mañana`, `te paso con un asesor`: said and, as the contact hears it, done.
    fn performed(&self, verb: &Verb) -> Option<Use> {
        let is_said_to_you = is_clitic(self.before(1))
            || (matches!(self.before(1), "vous" | "te") && self.before(2) == "je")
            || self.before(1) == "ich"
            || self.plain(self.at + 1) == "ich"
            || (self.words()[self.at].plain.ends_with("ing") && matches!(self.before(1), "m" | "am" | "are" | "re"))
            || (verb.confirms && self.at == 0);
        let hands_over = verb.to.iter().any(|(object, _)| *object == Object::Team);
        let is_soon = self.words().iter().any(|w| is_soon(&w.plain));
        let is_proposed = self.sentence[self.nth + 1..].iter().any(|c| c.is_question);
        let names_it = !verb.confirms || self.nearest(verb) == Some(ReceiptKind::Booked);
        let is_that = verb.confirms
            && matches!(self.plain(self.at + 1), "que" | "si" | "dass" | "ob" | "la")
            && self.plain(self.at + 2) != "cita";
        if !verb.performs || !is_said_to_you || (is_soon && !hands_over) || is_proposed || !names_it || is_that {
            return None;
        }
        Some(Use { from: self.at.saturating_sub(1), is_present: true, is_standing: verb.confirms, is_active: true })
    }
}

fn active(from: usize, is_present: bool) -> Use {
    Use { from, is_present, is_standing: false, is_active: true }
}

fn usage(from: usize, aux: Aux) -> Use {
    Use {
        from,
        is_present: matches!(aux, Aux::Becomes | Aux::Is | Aux::Has),
        is_standing: matches!(aux, Aux::Is | Aux::Has),
        is_active: matches!(aux, Aux::Did),
    }
}

fn is_time_word(word: &Word) -> bool {
    nouns::is_day(word) || nouns::is_month(word) || word.plain.starts_with(|c: char| c.is_ascii_digit())
}
