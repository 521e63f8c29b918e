//! What makes words something else than a claim: questions, denials, conditions, wishes, other people's affairs.

use super::{
    clauses::{Clause, Sentence, Word},
    nouns::{self, Object, starts_with_digit},
    words::{Phrases, Words},
};

static NO: Words = Words::of(
    "\
    no not nao non ne n pas nicht nichts niemand keinem keiner nunca jamas never nie niemals jamais ni nor sin without sem sans ohne senza kein keine \
    keinen ningun ninguna none nothing nobody nada nadie aucun aucune rien nessun nessuna niente nenhum nenhuma tampoco \
    neither unable cannot imposible impossible failed falta pendiente pending pendente hardly almost casi quase",
);

/// Portuguese `no` is "on the".
static AFTER_PORTUGUESE_NO: Words =
    Words::of("sabado domingo dia horario nosso seu sistema calendario mesmo proximo nome valor whatsapp");

static WOULD: Words = Words::of(
    "\
    will ll would d can could shall should may might must going want wanna puede puedes puedo podemos podria podrias \
    podriamos quiere quieres quisiera gustaria desea deseas voy vamos vas va debe debes debo posso pode poderia vou quer \
    gostaria deseja precisa peux peut pouvez pourrais pourrait voulez souhaitez vais allons faut kann konnen konnte mochte \
    mochten soll sollen werde werden wird wurde puoi puo potrei vuoi vuole devo deve necesita necesitas need needs prefieres \
    prefiere",
);

static IF: Phrases = Phrases::of(
    "\
    if, unless, once, when, whenever, until, till, whether, ensure, make sure, so that, in order, let me know, as soon as, \
    as long as, provided, cuando, hasta que, una vez, en cuanto, tan pronto, apenas, a menos, asegurate, avisame, siempre \
    que, ojala, quando, uma vez, assim que, logo que, ate que, quand, lorsque, lorsqu, des que, des qu, une fois, jusqu, a \
    condition, wenn, sobald, falls, sofern, ob, bis sie, una volta, finche, qualora",
);

/// Behind a present, these make it depend on something: `la cita queda confirmada con el pago`.
static UPON: Phrases = Phrases::of(
    "\
    after, upon, before, with payment, on payment, despues de, luego de, tras, antes de, con el pago, \
    con un anticipo, con el anticipo, con un abono, con el abono, depois de, apos, com o pagamento, apres, avant, \
    nach, dopo, prima",
);

static ASKING: Words = Words::of(
    "\
    is are was were has have did do does would shall can could should will may what when which who how where quieres quiere \
    deseas desea te le puedo podemos prefieres prefiere que cual cuando como quien voulez souhaitez est puis voudriez quand \
    quel quelle mochten soll wollen ist haben kann darf wann welche vuoi vuole desidera posso quale quer gostaria deseja \
    qual quando",
);

/// Imperatives: what the contact is asked to do first.
static DO_THIS: Words = Words::of(
    "\
    di dime dame danos indica indique envia envie manda mande confirma confirme comparte comparta regala regale escribe \
    escriba responde responda elige elija paga pague realiza realice haz haga selecciona seleccione cuenta pasa toca reply \
    send tell give confirm pay choose pick click tap text call answer share diga escolha repondez envoyez dites payez \
    confirmez indiquez donnez antworten schicken senden bestatigen sagen nennen zahlen rispondi invia dimmi conferma scegli \
    dammi",
);

static POLITE: Words = Words::of(
    "\
    por favor please just solo simply then entonces bitte s il vous plait per favore perfecto perfect ok listo claro sure \
    great genial super",
);

pub(super) fn starts_like_a_question(clause: &Clause) -> bool {
    clause.words.first().is_some_and(|w| ASKING.has(&w.plain) && w.raw != "sí")
}

/// A denial among these words.
pub(super) fn has_no(words: &[Word], from: usize, to: usize) -> bool {
    (from..to.min(words.len())).any(|i| {
        let word = words[i].plain.as_str();
        let is_portuguese = || word == "no" && words.get(i + 1).is_some_and(|w| AFTER_PORTUGUESE_NO.has(&w.plain));
        NO.has(word) && !is_portuguese()
    })
}

pub(super) fn is_would(word: &Word) -> bool {
    // `würde` is "would", `wurde` is "was".
    WOULD.has(&word.plain) && (word.plain != "wurde" || word.raw.contains('ü'))
}

/// A wish, an ability or a future among these words; `5 May` is none.
pub(super) fn has_would(words: &[Word], from: usize, to: usize) -> bool {
    let is_date = |at: usize| {
        let neighbours = [at.checked_sub(1), Some(at + 1)];
        words[at].plain == "may" && neighbours.into_iter().flatten().filter_map(|i| words.get(i)).any(starts_with_digit)
    };
    // `I'd`, but not `d'anniversaire`.
    let is_french = |at: usize| {
        let before = at.checked_sub(1).map(|at| words[at].plain.as_str()).unwrap_or_default();
        words[at].plain == "d" && !matches!(before, "i" | "we" | "you" | "they" | "he" | "she" | "it" | "that" | "who")
    };
    (from..to).any(|at| is_would(&words[at]) && !is_date(at) && !is_french(at) && !is_future_perfect(words, at))
}

/// `will have been booked`, `wird gebucht worden sein`: by then it was done.
fn is_future_perfect(words: &[Word], at: usize) -> bool {
    let holds = |word: &str| words[at + 1..].iter().any(|w| w.plain == word);
    match words[at].plain.as_str() {
        "will" | "ll" | "shall" => words[at + 1..].iter().take(3).any(|w| w.plain == "have"),
        "wird" | "werde" | "werden" => holds("worden") && words.last().is_some_and(|w| matches!(w.plain.as_str(), "sein")),
        _ => false,
    }
}

/// Does the claim at word `at` of clause `nth` depend on a condition? A present may depend on one in an earlier clause, and on one behind it.
pub(super) fn is_conditional(sentence: &Sentence, nth: usize, at: usize, is_present: bool) -> bool {
    let words = &sentence[nth].words;
    if holds_if(&words[..at]) {
        return true;
    }
    if !is_present {
        return false;
    }
    let rest = &words[at..];
    let earlier = sentence[..nth].iter().any(|c| holds_if(&c.words) || has_infinitive_after_al(&c.words));
    earlier || holds_if(rest) || UPON.is_in(rest) || has_infinitive_after_al(words) || is_asked_for_first(sentence, nth, at)
}

/// Somebody else's appointment, or a time that is taken.
pub(super) fn is_of_others(words: &[Word]) -> bool {
    let next = |i: usize, options: &[&str]| words.get(i + 1).is_some_and(|w| options.contains(&w.plain.as_str()));
    words.iter().enumerate().any(|(i, w)| match w.plain.as_str() {
        "otro" | "otra" | "outro" | "outra" | "another" | "other" | "autre" | "altro" | "altra" | "anderen" | "anderer" => next(
            i,
            &[
                "persona", "cliente", "paciente", "usuario", "pessoa", "client", "customer", "patient", "person", "personne",
                "kunden", "kunde",
            ],
        ),
        "someone" | "somebody" => next(i, &["else"]),
        "alguien" => next(i, &["mas"]),
        "fully" | "completamente" | "totalmente" | "complet" | "ausgebucht" => true,
        _ => false,
    })
}

/// `ese horario ya está reservado`, `we are booked`, `sorry, 10 is booked`.
pub(super) fn is_taken(sentence: &Sentence, nth: usize) -> bool {
    static THAT: Words =
        Words::of("ese esa esos esas that those aquel esse essa aquele dieser cette ce quell quello quella questo");
    static SORRY: Words = Words::of(
        "\
        siento lamentablemente lamento desafortunadamente disculpa sorry unfortunately infelizmente desculpe malheureusement \
        desole leider purtroppo dispiace",
    );
    let words = &sentence[nth].words;
    let is_place = |w: &Word| nouns::object(w) == Some(Object::Appointment);
    let is_that = words.iter().enumerate().any(|(i, w)| {
        let next = |n: usize| words.get(i + n);
        let is_qualified = next(2).is_some_and(is_place) && !next(1).is_some_and(nouns::is_possessive);
        THAT.has(&w.plain) && (next(1).is_some_and(is_place) || is_qualified)
    });
    let is_ours = words.windows(2).any(|w| w[0].plain == "we" && matches!(w[1].plain.as_str(), "are" | "re" | "were"));
    let is_full = words.windows(2).any(|w| w[0].plain == "booked" && matches!(w[1].plain.as_str(), "up" | "out" | "solid"));
    let is_sorry = sentence.iter().any(|c| c.words.iter().any(|w| SORRY.has(&w.plain)));
    is_that || is_ours || is_full || (is_sorry && !words.iter().any(nouns::is_possessive))
}

fn holds_if(words: &[Word]) -> bool {
    let says_if = words.iter().enumerate().any(|(i, w)| match w.plain.as_str() {
        // Not "yes", neither with its accent nor before a pause.
        "si" => !w.raw.contains(['í', 'ì']) && i + 1 < words.len(),
        // `caso confirme`, not `tu caso`; `appena confermi`, not `ho appena confermato`.
        "caso" | "appena" => i == 0,
        // `se confirmar`, but not `se agendó`.
        "se" => words.get(i + 1).is_some_and(|next| {
            matches!(
                next.plain.as_str(),
                "voce"
                    | "vc"
                    | "quiser"
                    | "confirmar"
                    | "preferir"
                    | "precisar"
                    | "puder"
                    | "desejar"
                    | "estiver"
                    | "tiver"
                    | "pagar"
                    | "vuoi"
                    | "confermi"
                    | "preferisci"
                    | "desidera"
                    | "paghi"
            )
        }),
        _ => false,
    });
    says_if || IF.is_in(words)
}

/// `al pagar`, `ao pagar`.
fn has_infinitive_after_al(words: &[Word]) -> bool {
    words
        .windows(2)
        .any(|w| matches!(w[0].plain.as_str(), "al" | "ao") && ["ar", "er", "ir"].iter().any(|end| w[1].plain.ends_with(end)))
}

/// `dime tu nombre y te agendo`, `reply YES and you are booked`.
fn is_asked_for_first(sentence: &Sentence, nth: usize, at: usize) -> bool {
    let asks = |words: &[Word]| {
        let first = words.iter().find(|w| !POLITE.has(&w.plain));
        first.is_some_and(is_imperative)
    };
    asks(&sentence[nth].words[..at]) || sentence[..nth].iter().any(|c| asks(&c.words))
}

fn is_imperative(word: &Word) -> bool {
    let plain = word.plain.as_str();
    let bare = ["me", "nos", "lo", "la"].iter().find_map(|end| plain.strip_suffix(end)).unwrap_or(plain);
    DO_THIS.has(plain) || DO_THIS.has(bare)
}
