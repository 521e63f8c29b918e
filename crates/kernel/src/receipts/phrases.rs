//! Claims without a verb of the trade.

use super::{
    clauses::{Clause, Sentence, Word},
    guards::{has_no, has_would, is_conditional, is_would},
    nouns::{self, Object, has_clock, has_time, is_plural, is_possessive},
    shapes::Claim,
    small::{is_available, is_small},
    words::Phrases,
};
use crate::tool::ReceiptKind;

/// `tienes una cita el lunes a las 10`, `your appointment is tomorrow`, `tu cita queda para el lunes`: no verb of the trade, but it says so.
pub(super) fn standing(sentence: &Sentence, nth: usize) -> Option<Claim> {
    let words = &sentence[nth].words;
    let plain = |at: usize| words.get(at).map(|w| w.plain.as_str()).unwrap_or_default();
    let is_thing = |at: usize| nouns::object(&words[at]) == Some(Object::Appointment) && !is_plural(&words[at]);
    let thing_after = |at: usize, reach: usize| (at + 1..(at + 1 + reach).min(words.len())).find(|i| is_thing(*i));
    let owns = |at: usize| {
        let is_contact = match plain(at) {
            "tienes" | "tiene" | "tem" | "hai" | "avete" | "avez" | "hast" => true,
            "have" | "ve" => at > 0 && plain(at - 1) == "you",
            "haben" => (at > 0 && plain(at - 1) == "sie") || plain(at + 1) == "sie",
            _ => false,
        };
        is_contact && thing_after(at, 7).is_some()
    };
    let is_yours = |at: usize| {
        let is_then = |i: usize| matches!(plain(i), "es" | "is" | "s" | "est" | "ist" | "e");
        is_possessive(&words[at]) && thing_after(at, 3).is_some_and(|thing| is_then(thing + 1))
    };
    let is_staying = |at: usize| matches!(plain(at), "queda" | "quedo" | "fica" | "ficou");
    let stays = |at: usize| {
        let is_named_after = words.get(at + 1).is_some_and(is_possessive) && thing_after(at, 3).is_some();
        (is_thing(at) && (at + 1..at + 5).any(is_staying)) || (is_staying(at) && is_named_after)
    };
    // `quedaste para mañana a las 10`: what was just spoken of.
    let is_settled = |at: usize| {
        let is_said = matches!(plain(at), "quedaste" | "quedas") || (plain(at) == "quedo" && words[at].raw.ends_with('ó'));
        is_said && plain(at + 1) == "para" && words[..at].iter().all(is_small)
    };
    let (at, is_standing) = (0..words.len()).find_map(|at| match at {
        _ if stays(at) || is_settled(at) => Some((at, false)),
        _ if owns(at) || is_yours(at) => Some((at, true)),
        _ => None,
    })?;
    let is_offer = words.iter().any(|w| is_available(&w.plain));
    let is_proposed = !is_standing && sentence[nth + 1..].iter().any(|c| c.is_question);
    let is_timed = sentence[nth..].iter().any(has_time);
    let is_denied = has_no(words, at.saturating_sub(4), at + 5) || has_would(words, at.saturating_sub(2), at);
    let claims = is_timed && !is_offer && !is_proposed && !is_denied && !is_conditional(sentence, nth, at, true);
    claims.then_some(Claim { is_standing, ..Claim::of(ReceiptKind::Booked) })
}

/// `te esperamos mañana a las 10`, `see you on Monday at 10`, `you're all set for tomorrow`.
pub(super) fn expected(sentence: &Sentence, nth: usize) -> Option<Claim> {
    static EXPECTED: Phrases = Phrases::of(
        "\
        te esperamos, te espero, le esperamos, lo esperamos, la esperamos, los esperamos, las esperamos, les esperamos, os \
        esperamos, esperamos voce, esperamos por voce, aguardamos voce, nos vemos, te vemos, te veo, te vejo, see you, \
        seeing you, expecting you, expect you, vous attendons, vous attend, vous attends, t attend, erwarten sie, erwarten \
        dich, freuen uns auf, sehen uns, ti aspettiamo, vi aspettiamo, la aspettiamo, ci vediamo, you down, got you in, all set, all sorted, taken care of, re good for, re on for, that s you in for, good to \
        go, todo arreglado, todo resuelto, tutto sistemato, tudo resolvido, alles geregelt, tout est regle, todo listo, tudo certo, tudo pronto, tutto pronto, alles klar, todo en orden",
    );
    let words = &sentence[nth].words;
    let farewell = || {
        let first = words.first().is_some_and(|w| match w.plain.as_str() {
            // `à demain`, but not `a slot`.
            "a" => words.get(1).is_some_and(nouns::is_day),
            word => matches!(word, "hasta" | "ate" | "bis"),
        });
        (first && words.iter().any(nouns::is_day) && has_clock(&sentence[nth])).then_some(0)
    };
    let at = EXPECTED.position_in(words).or_else(farewell)?;
    let is_open_until = words.iter().skip(1).any(|w| matches!(w.plain.as_str(), "hasta" | "until" | "till" | "jusqu"));
    let is_timed = sentence.iter().take_while(|c| !c.is_question).any(has_time);
    let is_wished = words[..at].iter().any(|w| is_would(w) && !matches!(w.plain.as_str(), "will" | "ll"));
    let is_denied = has_no(words, at.saturating_sub(4), at + 2) || is_wished;
    let claims = is_timed && !is_open_until && !is_denied && !is_conditional(sentence, nth, at, true);
    claims.then_some(Claim::standing(ReceiptKind::Booked))
}

/// `gracias por tu pago`: thanks for what is said to have arrived.
pub(super) fn thanked(clause: &Clause) -> Option<Claim> {
    let thanks = |w: &Word| {
        matches!(
            w.plain.as_str(),
            "gracias" | "thanks" | "thank" | "obrigado" | "obrigada" | "merci" | "danke" | "grazie" | "agradecemos"
        )
    };
    let at = clause.words.iter().position(thanks)?;
    let thing = clause.words.iter().skip(at + 1).take(5).find_map(nouns::object)?;
    (thing == Object::Money).then_some(Claim::of(ReceiptKind::Paid))
}
