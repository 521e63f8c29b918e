//! Small words, folded, and what they do to a clause.

use super::{clauses::Word, nouns::is_possessive, words::Words};

/// Between these and a participle nothing is said to be done.
pub(super) fn is_barrier(word: &str) -> bool {
    static WORDS: Words = Words::of("to be being ser sera estar quedar que si if etre essere zu waiting going dass");
    WORDS.has(word)
}

/// Before a participle that stands by itself, these speak of something else: `una cita agendada`, `to get booked`.
pub(super) fn is_stopper(word: &str) -> bool {
    static WORDS: Words = Words::of(
        "\
        que para to get be un una an ein eine einen une um uma tienes tiene tengo have has had by por sin if si for pour fur \
        zu after each cada every any toda cualquier toute jede jeder ogni qualquer",
    );
    WORDS.has(word)
}

/// `logré agendar`, `acabo de cancelar`, `managed to book`: the infinitive behind them was done.
pub(super) fn is_achievement(word: &str) -> bool {
    static WORDS: Words = Words::of(
        "\
        pude pudimos podido logre logramos logrado consegui conseguimos acabo acabamos acabei viens venons managed reussi \
        riuscito riuscita potuto termine terminamos procedi procedido acaba acaban acabou acabaram vient viennent \
        provveduto",
    );
    WORDS.has(word)
}

/// Of times that are offered.
pub(super) fn is_available(word: &str) -> bool {
    static WORDS: Words = Words::of("disponible disponibles available libre libres free verfugbar frei livre livres liberi");
    WORDS.has(word)
}

/// May stand between the subject and its English verb.
pub(super) fn is_adverb(word: &str) -> bool {
    static WORDS: Words = Words::of("just already also now then successfully officially since both still happily finally");
    WORDS.has(word)
}

/// The contact, or the thing, as an object before a verb.
pub(super) fn is_clitic(word: &str) -> bool {
    static WORDS: Words = Words::of("te le lo la les los las os ti vi you");
    WORDS.has(word)
}

/// Makes a present an intention: `ahora te agendo`.
pub(super) fn is_soon(word: &str) -> bool {
    static WORDS: Words =
        Words::of("ya ahora ahorita enseguida momento pronto luego agora ja adesso subito maintenant bientot gleich sofort");
    WORDS.has(word)
}

/// May stand before a participle that claims by itself: `listo, tu cita confirmada`.
pub(super) fn is_small(word: &Word) -> bool {
    static WORDS: Words = Words::of(
        "\
        el la los las the le il lo der die das o ya already now just todo all listo lista perfecto perfect perfeito parfait \
        perfekt perfetto great genial super ok okay vale yes oui ja sim done hecho pronto gracias thanks oficialmente \
        correctamente successfully exitosamente nueva nuevo new excelente excellent bien bem gut alles tutto tudo tout de \
        del con exito you hola hi hello jetzt soeben acaba proxima next it consider considera considere consideri considerez \
        comme betrachten betrachte als den am fix fest da",
    );
    is_possessive(word) || WORDS.has(&word.plain) || word.raw == "sí"
}
