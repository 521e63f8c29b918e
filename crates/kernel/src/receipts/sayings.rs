//! What is said to be done in other words than a verb of the trade: `I took care of it`, `it is no longer on the calendar`, `it is in your
//! inbox`, `Done.`

use super::{
    clauses::{Sentence, Word},
    guards::{has_no, has_would, is_conditional},
    nouns::{self, Object, has_time, is_possessive},
    shapes::Claim,
    small::{is_available, is_small},
    words::{Phrases, Words},
};
use crate::tool::ReceiptKind::{self, *};

/// Somebody saw to what the clause is about.
static SEEN_TO: Phrases = Phrases::of(
    "\
    took care, taken care, taking care of, me encargue, nos encargamos, me he encargado, nos hemos encargado, me ocupe, me he \
    ocupado, pensato io, pensato noi, ci ho pensato, ci ho gia pensato, me ne sono occupato, me ne sono occupata, sono \
    occupata, sono occupato, ja cuidei, eu cuidei, cuidei disso, cuidamos disso, ja resolvi, gekummert, me suis occupe, me \
    suis occupee, nous sommes occupes, m en suis occupe, m en suis occupee, m en suis charge, m en suis chargee",
);

/// What stood does not stand any more. Most of them hold a word of denial, which denies nothing here.
static GONE: Phrases = Phrases::of(
    "\
    no longer on, no longer in, not on the schedule anymore, not on the calendar anymore, no longer exists, no longer \
    scheduled, no longer booked, off the books, off the calendar, off the schedule, ya no existe, ya no aparece, ya no \
    figura, ya no esta, ya no tienes, sin efecto, fuera de la agenda, non risulta piu, non e piu, non c e piu, non compare \
    piu, non esta piu, nao esta mais, nao existe mais, nao consta mais, nao aparece mais, steht nicht mehr, ist nicht mehr, \
    nicht mehr im kalender, aus dem kalender, hinfallig, n est plus, ne figure plus, n existe plus, n apparait plus, plus dans \
    l agenda, plus au planning",
);

/// They had it, and have it no more.
static LOST: Phrases = Phrases::of(
    "no longer have a, no longer have an, no longer have any, no longer have that, no longer have the, no longer have your",
);

static DROPPED: Phrases = Phrases::of(
    "\
    di de baja, dimos de baja, he dado de baja, hemos dado de baja, sido dada de baja, fue dada de baja, quedo dada de baja, esta \
    dada de baja",
);

/// A time that is offered no more.
static YOURS: Phrases =
    Phrases::of("is all yours, s all yours, are all yours, es todo tuyo, es toda tuya, ya es tuyo, ya es tuya");

static UNDER_WAY: Phrases = Phrases::of("on its way, on the way to you, va en camino, va de camino, ya salio");

static REFUNDS: Words = Words::of("refund refunds reembolso reembolsos devolucion dinero");

/// With somebody of the team.
static SPOKEN: Phrases = Phrases::of(
    "\
    spoke with, spoke to, spoken with, spoken to, talked with, talked to, checked with, hable con, he hablado con, hemos hablado \
    con, consulte con, he consultado con, hemos consultado con, consulte a, pregunte a, he preguntado a, hemos preguntado a",
);

/// Where something sent is found.
static THERE: Phrases = Phrases::of(
    "\
    in your inbox, in your mailbox, in your email, in your mail, on its way, on the way to you, on your phone, en tu correo, en su \
    correo, en tu bandeja, en su bandeja, va en camino, va de camino, a caminho, in arrivo, en route, en chemin, unterwegs, nella sua casella, nella tua casella, nella sua posta, \
    nella tua posta, nella sua mail, no seu email, na sua caixa, in ihrem postfach, in deinem postfach, in \
    ihrer mailbox, auf dem weg zu ihnen, dans votre boite, dans ta boite, dans vos mails, dans votre messagerie",
);

/// Somebody of the team knows.
static KNOWN: Phrases = Phrases::of(
    "\
    made aware, is aware, are aware, is on it, are on it, is looking into, are looking into, has been told, have been told, \
    has your case, has your request, enterado, enterada, enterados, al tanto, al corrente, sabendo, ja sabe, a par, bescheid, \
    au courant, sur le coup",
);

/// Somebody of the team talks to them now.
static TAKEN_OVER: Phrases = Phrases::of("is taking over, are taking over, has taken over, is taking it from here");

/// The whole of an answer to a question that we asked ourselves.
static DONE: Phrases = Phrases::of(
    "\
    done, all done, already done, it s done, that s done, taken care of, sorted, all set, booked, cancelled, canceled, sent, \
    hecho, hecha, ya esta hecho, ya esta hecha, ya esta, listo, lista, ya quedo, ya esta listo, ya esta lista, resuelto, \
    resuelta, fatto, fatta, e fatto, e fatta, gia fatto, gia fatta, tutto fatto, sistemato, sistemata, feito, feita, ja esta \
    feito, ja esta feita, esta feito, esta feita, resolvido, resolvida, erledigt, ist erledigt, schon erledigt, bereits \
    erledigt, gemacht, ist gemacht, c est fait, fait, faite, deja fait, c est regle, chose faite, c est bon",
);

pub(super) fn claims(sentence: &Sentence, nth: usize) -> Vec<Claim> {
    let words = &sentence[nth].words;
    let at = |phrases: &Phrases| phrases.position_in(words);
    let about = |kinds: &[Object]| nearest(sentence, nth, kinds);
    let mut found = Vec::new();
    if at(&SEEN_TO).is_some_and(|at| is_said(sentence, nth, at))
        && let Some(object) = about(&[Object::Appointment, Object::Money, Object::Cancellation, Object::Change, Object::Details])
    {
        found.push(Claim::of(meaning(object)));
    }
    if let Some(at) = at(&GONE)
        && !is_conditional(sentence, nth, at, true)
        && (is_about_theirs(words) || words[..at].iter().any(|w| matches!(w.plain.as_str(), "you" | "re")))
    {
        found.push(Claim::standing(Cancelled));
    }
    if let Some(at) = at(&LOST)
        && !is_conditional(sentence, nth, at, true)
        && words[..at].iter().any(|w| w.plain == "you")
        && words.iter().any(is_appointment)
    {
        found.push(Claim::standing(Cancelled));
    }
    if at(&DROPPED).is_some_and(|at| is_said(sentence, nth, at)) && words.iter().any(is_appointment) {
        found.push(Claim::of(Cancelled));
    }
    if at(&YOURS).is_some_and(|at| is_said(sentence, nth, at))
        && sentence.iter().any(has_time)
        && !sentence.iter().flat_map(|c| &c.words).any(|w| is_available(&w.plain))
    {
        found.push(Claim::standing(Booked));
    }
    if at(&UNDER_WAY).is_some_and(|at| is_said(sentence, nth, at)) && words.iter().any(|w| REFUNDS.has(&w.plain)) {
        found.push(Claim::of(Paid));
    }
    if at(&SPOKEN).is_some_and(|at| is_said(sentence, nth, at) && is_with_the_team(words, at)) {
        found.push(Claim { only_tells: true, ..Claim::of(HandedOver) });
    }
    if is_written(words).is_some_and(|at| is_said(sentence, nth, at))
        && sentence.iter().any(has_time)
        && !words.iter().any(|w| is_available(&w.plain))
    {
        found.push(Claim::standing(Booked));
    }
    if let Some(at) = at(&THERE).filter(|at| is_said(sentence, nth, *at))
        && !words[..at].iter().any(|w| matches!(w.plain.as_str(), "look" | "check" | "revisa" | "busca"))
        && words.iter().any(|w| nouns::object(w) == Some(Object::Mail) || matches!(w.plain.as_str(), "email" | "correo"))
    {
        found.push(Claim::of(Sent));
    }
    for (sayings, only_tells) in [(&KNOWN, true), (&TAKEN_OVER, false)] {
        if at(sayings).is_some_and(|at| is_said(sentence, nth, at))
            && (words.iter().any(|w| nouns::object(w) == Some(Object::Team)) || about(&[Object::Case]).is_some())
        {
            found.push(Claim { only_tells, ..Claim::of(HandedOver) });
        }
    }
    found
}

/// `The appointment on Monday? Done.`
pub(super) fn answered(question: &Sentence, answer: &Sentence) -> Option<Claim> {
    let [asked] = question.as_slice() else { return None };
    let first = &answer.first().filter(|c| !c.is_question)?.words;
    // What is offered is asked with a verb.
    if !asked.is_question || !DONE.is(first) {
        return None;
    }
    let is_offer = asked.words.iter().any(|w| !is_small(w) && super::guards::is_would(w));
    let object = asked.words.iter().filter_map(nouns::object).find(|o| !matches!(o, Object::Harmless | Object::Calendar))?;
    let is_known = matches!(object, Object::Appointment | Object::Money | Object::Cancellation | Object::Change | Object::Mail);
    (is_known && !is_offer).then(|| Claim::of(if object == Object::Mail { Sent } else { meaning(object) }))
}

fn meaning(object: Object) -> ReceiptKind {
    match object {
        Object::Money => Paid,
        Object::Details => ContactUpdated,
        Object::Cancellation => Cancelled,
        Object::Change => Rescheduled,
        _ => Booked,
    }
}

/// Not denied, wished, or made to depend on something.
fn is_said(sentence: &Sentence, nth: usize, at: usize) -> bool {
    let words = &sentence[nth].words;
    !has_no(words, at.saturating_sub(4), at)
        && !has_would(words, at.saturating_sub(3), at)
        && !is_conditional(sentence, nth, at, true)
}

/// In this clause, or else in an earlier one.
fn nearest(sentence: &Sentence, nth: usize, kinds: &[Object]) -> Option<Object> {
    let clauses = sentence[..=nth].iter().rev();
    clauses.flat_map(|c| c.words.iter().filter_map(nouns::object)).find(|o| kinds.contains(o))
}

/// `quedaste en la agenda`, `Sie stehen im Kalender`, `it's on the books`: where.
fn is_written(words: &[Word]) -> Option<usize> {
    static IN_IT: Phrases = Phrases::of(
        "\
        en la agenda, en agenda, en el calendario, na agenda, no calendario, in agenda, in calendario, im kalender, im \
        terminkalender, dans l agenda, dans le planning, au planning, on the books, on the calendar, on our calendar, on the \
        schedule, in the calendar, in our calendar, in the book",
    );
    static STANDS: Words =
        Words::of("quedas queda quedaste quedo estas esta fica ficou estao stehen steht etes est e is are re s figura figuras");
    let at = IN_IT.position_in(words)?;
    let from = (at.saturating_sub(6)..at).rev().find(|i| STANDS.has(&words[*i].plain))?;
    let is_theirs = words[..at].iter().any(|w| is_possessive(w) || matches!(w.plain.as_str(), "you" | "voce" | "sie" | "vous"));
    let is_second = matches!(words[from].plain.as_str(), "quedas" | "quedaste" | "estas" | "etes" | "figuras");
    let is_bare = words[from].raw == "è";
    (is_theirs || is_second || is_bare).then_some(from)
}

/// By us: neither `hable con la gerente` nor `you spoke with our manager`.
fn is_with_the_team(words: &[Word], at: usize) -> bool {
    let before = &words[at.saturating_sub(3)..at];
    let says = |who: &[&str]| before.iter().any(|w| who.contains(&w.plain.as_str()));
    let is_ours = match words[at].plain.as_str() {
        "hable" | "consulte" | "pregunte" => words[at].raw.ends_with('é'),
        "spoke" | "spoken" | "talked" | "checked" => says(&["i", "we", "ve"]) && !says(&["you", "they"]),
        _ => true,
    };
    let is_later = words[..at].iter().any(|w| matches!(w.plain.as_str(), "after" | "before" | "antes" | "despues"));
    let after = words[at + 1..].iter().take(5);
    let is_of_team = after.clone().any(|w| nouns::object(w) == Some(Object::Team));
    is_ours && !is_later && is_of_team && !after.take(3).any(|w| matches!(w.plain.as_str(), "you" | "ti" | "usted"))
}

fn is_appointment(word: &Word) -> bool {
    nouns::object(word) == Some(Object::Appointment)
}

/// Their appointment.
fn is_about_theirs(words: &[Word]) -> bool {
    words.iter().any(|w| nouns::object(w) == Some(Object::Appointment))
        && words.iter().any(|w| is_possessive(w) || nouns::is_day(w))
}
