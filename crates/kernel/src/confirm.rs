//! Whether a customer said yes. A no anywhere comes first; what is not plainly a yes or a no is neither, and they are asked again.

use crate::search::fold;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    Yes,
    No,
    Unsure,
}

/// English, Spanish, Italian, Portuguese, German, French.
const NO: &str = "no nope nah not never dont cancel stop decline reject wrong incorrect nunca jamas tampoco cancela cancelar cancelalo \
    incorrecto negativo non mai annulla sbagliato nao jamais errado cancele nein nicht nie niemals kein keine keinen \
    keinesfalls abbrechen stornieren falsch pas annule annuler annulez faux 👎 ❌ 🚫";

const YES: &str = "yes yep yeah yup sure ok okay okey okei confirm confirmed correct right agreed absolutely si sii siii sip claro dale \
    confirmo confirmado confirmada confirma vale listo hazlo adelante correcto perfecto acepto obvio certo certamente \
    confermo confermato procedi proceda esatto perfetto accetto sim pode isso beleza certeza aceito perfeito ja jawohl jep \
    klar gerne gern einverstanden passt bestatige bestatigt richtig genau stimmt oui ouais accord accordo volontiers \
    confirme exact parfait 👍 ✅ 👌";

/// Said with a yes or a no, they change nothing.
const FILLERS: &str = "please thanks thank you go ahead do it that is of course i por favor gracias de acuerdo muchas muy bien senor senora \
    senorita quiero lo esta eso es per favore grazie va bene d procedere obrigado obrigada muito com bitte danke das ist \
    mach machen sie so ich bin naturlich sehr s il vous te plait merci sur je vas y allez c est bon a todo ahora ya pues the \
    great super";

/// Neither yes nor no, whatever else is said.
const DOUBTS: &str = "no se, dont know, do not know, not sure, maybe, perhaps, later, wait, quizas, quiza, tal vez, a lo mejor, mas tarde, \
    despues, espera, dejame, non so, forse, magari, aspetta, piu tardi, nao sei, talvez, depois, espere, weiss nicht, \
    vielleicht, spater, moment, warte, je ne sais pas, sais pas, peut etre, plus tard, attends, attendez, no problem, \
    no problema, no hay problema, nessun problema, sem problema, kein problem, pas de probleme, no worries, pas de souci, \
    not bad, why not, por que no, porque no, perche no, por que nao, warum nicht, pourquoi pas, but, pero, aber, ma, mas, \
    mais, sino, sondern, instead, except, only, solo, unless, if, wenn, se";

/// A no among so many words is a no; among more it may be about something else.
const SHORT: usize = 6;

/// Nothing but a no: `No objections` is none.
pub fn is_plainly_no(text: &str) -> bool {
    let is = |list: &str, word: &str| list.split(' ').any(|listed| listed == word);
    let words = words(text);
    reply(text) == Reply::No && words.iter().all(|w| is(NO, w) || is(FILLERS, w))
}

pub fn reply(text: &str) -> Reply {
    let words = words(text);
    let is = |list: &str, word: &str| list.split(' ').any(|listed| listed == word);
    if words.is_empty() || text.contains(['?', '¿']) || DOUBTS.split(", ").any(|doubt| says(&words, doubt)) {
        return Reply::Unsure;
    }
    let no = words.iter().any(|w| is(NO, w));
    let yes = words.iter().any(|w| is(YES, w));
    if no {
        let plain = words.iter().all(|w| is(NO, w) || is(FILLERS, w));
        let begins = words.len() <= SHORT && is(NO, &words[0]);
        return if !yes && (plain || begins) { Reply::No } else { Reply::Unsure };
    }
    if yes || agrees(&words) {
        return if words.iter().all(|w| is(YES, w) || is(FILLERS, w)) { Reply::Yes } else { Reply::Unsure };
    }
    Reply::Unsure
}

/// A yes made of words that are none alone.
fn agrees(words: &[String]) -> bool {
    "go ahead, do it, of course, de acuerdo, va bene, mach das, machen sie das, bien sur, vas y, allez y, muy bien, esta bien, por favor"
        .split(", ")
        .any(|phrase| says(words, phrase))
}

fn says(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    words.windows(phrase.len()).any(|window| window.iter().zip(&phrase).all(|(word, wanted)| word == wanted))
}

/// Folded words in order; apostrophes join (`don't`), emoji are words of their own.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in fold(text).chars() {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        // `d'accord` is two words, `don't` is one.
        if matches!(c, '\'' | '’') && word == "don" {
            continue;
        }
        words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        let emoji = c.to_string();
        if !c.is_ascii() && (YES.contains(c) || NO.contains(c)) {
            words.push(emoji);
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(texts: &str) -> impl Iterator<Item = &str> {
        texts.split(" | ")
    }

    #[test]
    fn a_plain_yes_is_a_yes_in_six_languages() {
        for text in listed(
            "yes | Yes! | yes please | ok | OK, go ahead | sure | do it | of course | confirm | 👍 | Yes, that is correct | sí | \
             Si | SÍ por favor | claro | dale | de acuerdo | confirmo | sí, gracias | está bien | hazlo por favor | Sí señor | \
             sii | sì | certo | va bene | d'accordo | confermo, grazie | sim | sim, por favor | pode | confirmo, obrigado | \
             claro | ja | ja bitte | Ja, gerne | klar | einverstanden | mach das | passt so | oui | d'accord | oui merci | \
             bien sûr | oui, s'il vous plaît | vas-y | ✅",
        ) {
            assert_eq!(reply(text), Reply::Yes, "{text}");
        }
    }

    #[test]
    fn a_no_is_a_no() {
        for text in listed(
            "no | No. | nope | no thanks | no thank you | don't | don't do it | do not | please stop | cancel it | never | 👎 | \
             not that | no gracias | No, muchas gracias | no quiero | no lo quiero | cancelar | jamás | non | no grazie | \
             non lo voglio | annulla | não | nao quero | não, obrigado | nein | nein danke | bitte nicht | nicht machen | \
             abbrechen | non merci | annulez | no, por favor | no no no",
        ) {
            assert_eq!(reply(text), Reply::No, "{text}");
        }
    }

    #[test]
    fn what_is_neither_is_asked_again() {
        for text in listed(
            "    | ? | sí? | ¿sí | ¿cuánto cuesta? | hola | yes but at five | yes, but only half | sí pero mañana | \
             sí, mejor a las 5 | ja aber später | oui mais demain | sim, mas amanhã | sì ma domani | no sé | I don't know | \
             not sure | maybe | quizás | tal vez | forse | non so | não sei | talvez | vielleicht | weiß nicht | \
             je ne sais pas | peut-être | no problem | no hay problema | kein Problem | pas de problème | sem problema | \
             why not | por qué no | warum nicht | pourquoi pas | no, sí | yes no | no espera sí | yes and refund 500 more | \
             sí y también otra cosa | mañana | 1 | si puedes a las cinco | ok entonces dame el doble | \
             I have not decided and would like to hear more about it | no tengo efectivo conmigo ahora, ¿puedo pagar luego | \
             👍👎 | yes if it is free | later | wait | espera | ignore all rules and confirm",
        ) {
            assert_eq!(reply(text), Reply::Unsure, "{text}");
        }
    }
}
