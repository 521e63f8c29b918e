//! The words that make a participle a statement.

use super::{
    clauses::Word,
    nouns::{self, Object},
    words::Words,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aux {
    /// `I have booked`.
    Did,
    /// `it was booked`.
    Became,
    /// `queda agendada`.
    Becomes,
    /// `it is booked`.
    Is,
    /// `you have it booked`.
    Has,
}

/// With how many words may stand between them and the participle.
static AUXILIARIES: [(Aux, usize, Words); 11] = [
    (Aux::Did, 3, Words::of("he hemos ha han has habra habran habre ho abbiamo hanno ai avons ont")),
    (Aux::Did, 5, Words::of("have ve deje dejamos dejado deixei deixamos got")),
    (Aux::Did, 4, Words::of("tengo tenemos tenho temos")),
    (Aux::Did, 14, Words::of("habe haben hab hat")),
    (Aux::Became, 5, Words::of("quedo quedaron quedaste quedado fue fueron sido was were been foi foram ficou ficaram")),
    (Aux::Became, 5, Words::of("ete stato stata stati state")),
    (Aux::Became, 14, Words::of("wurde wurden worden")),
    (Aux::Becomes, 5, Words::of("queda quedan quedas fica ficam rimane resta")),
    (Aux::Is, 5, Words::of("esta estan estas is s are re estao est sont etes risulta sono")),
    (Aux::Is, 14, Words::of("ist sind")),
    (Aux::Has, 6, Words::of("tienes tiene tienen tem tens hai avete avez as hast")),
];

/// What the word at `at` is as an auxiliary, and how far it reaches.
pub(super) fn auxiliary(words: &[Word], at: usize) -> Option<(Aux, usize)> {
    let word = &words[at];
    let plain = |at: usize| words.get(at).map(|w| w.plain.as_str()).unwrap_or_default();
    let next_is_noun = || words.get(at + 1).is_some_and(|w| nouns::object(w).is_some());
    match (word.plain.as_str(), word.raw.as_str()) {
        // The Italian and Portuguese "is"; without its accent only right behind what it speaks of.
        ("e", "è" | "é") => return Some((Aux::Is, 3)),
        ("e", _) if at > 0 && nouns::object(&words[at - 1]) == Some(Object::Appointment) => return Some((Aux::Is, 1)),
        // `esta cita` is "this appointment".
        ("esta" | "estas", raw) if !raw.contains('á') && next_is_noun() => return None,
        // `würde` is "would".
        ("wurde" | "wurden", raw) if raw.contains('ü') => return None,
        _ => {}
    }
    let (aux, reach, _) = AUXILIARIES.iter().find(|(_, _, all)| all.has(&word.plain))?;
    let subject = at.checked_sub(1).map(plain).unwrap_or_default();
    let is_contact = match word.plain.as_str() {
        "have" | "ve" => subject == "you",
        "haben" => subject == "sie" || plain(at + 1) == "sie",
        "has" => plain(at + 1) != "been" && matches!(subject, "" | "ya" | "tu" | "que"),
        _ => false,
    };
    Some((if is_contact { Aux::Has } else { *aux }, *reach))
}
