//! Answers in words that name a request by its code: `ok 4F7K`. A no anywhere comes first; what is not plainly an answer is asked again.

use crate::{
    random::{self, Random},
    search::fold,
};

/// What somebody wrote about the request with this code. Codes are in capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coded {
    Yes(String),
    No(String, Option<String>),
    /// The code, then words: the answer to a question.
    Words(String, String),
    /// Nothing but the code.
    Bare(String),
    /// A code, and nothing that can be relied on. `begins`: it stands where an answer has it.
    Unclear {
        code: String,
        begins: bool,
    },
}

impl Coded {
    pub fn code(&self) -> &str {
        match self {
            Coded::Yes(code) | Coded::No(code, _) | Coded::Words(code, _) | Coded::Bare(code) | Coded::Unclear { code, .. } => {
                code
            }
        }
    }
}

const DIGITS: &[u8] = b"234679";
const LETTERS: &[u8] = b"ACDEFGHJKMNPQRTUVWXY";

/// A new code: a digit and a letter in turn, none of which is taken for another; never a word. Four say one of 14 400, six one of 1.7 million.
pub fn code(random: &dyn Random, length: usize) -> String {
    let mut out = String::with_capacity(length);
    while out.len() < length {
        let from = if out.len().is_multiple_of(2) { DIGITS } else { LETTERS };
        for b in random::bytes::<8>(random) {
            // Bytes beyond the last whole multiple are thrown away, so that every sign is equally likely.
            if (b as usize) < 256 / from.len() * from.len() {
                out.push(from[b as usize % from.len()] as char);
                break;
            }
        }
    }
    out
}

/// In capitals, when it has the form of one.
fn as_code(text: &str) -> Option<String> {
    let code = text.to_ascii_uppercase();
    let in_turn = |(i, b): (usize, u8)| if i % 2 == 0 { DIGITS.contains(&b) } else { LETTERS.contains(&b) };
    (matches!(code.len(), 4 | 6) && code.bytes().enumerate().all(in_turn)).then_some(code)
}

/// The whole text is this code, spaces and marks aside.
pub fn is_only(text: &str, code: &str) -> bool {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    bare.eq_ignore_ascii_case(code)
}

/// The code that this text is, spaces and marks aside.
pub fn only(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).take(7).collect();
    as_code(&bare)
}

const YES: &str = "ok okay okey yes yep si sip approve approved apruebo aprobar aprobado aprueba autorizo autorizar autorizado autoriza \
    confirm confirmed confirmo confirmado dale claro vale adelante 👍 ✅ 👌";
const NO: &str = "no nope not never don dont reject rejected rechazo rechazar rechazado rechaza deny denied decline declined nunca tampoco \
    cancel cancela cancelar niego 👎 ❌ 🚫";
/// Said before or after it, they change nothing.
const FILLERS: &str = "please thanks thank you por favor gracias muchas the el la code codigo";

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub coded: Coded,
    /// The code stands whole behind a yes or no: it is meant as one, even if there is no such code. Anything else that has the form of one
    /// may be ordinary words, as `9a-6p`.
    pub meant: bool,
}

/// What this text says about the request that it names; `None`: it names none.
pub fn read(text: &str) -> Option<Said> {
    let words = words(text);
    let (at, code) = (0..words.len()).find_map(|at| code_at(&words, at).map(|found| (at, found)))?;
    let (code, taken, glued) = code;
    let mut lead: Vec<&str> = words[..at].iter().map(|w| w.folded.as_str()).collect();
    lead.extend(glued.as_deref());
    let rest = &words[at + taken..];
    let after = words[at + taken - 1].end;
    let said = text[after..].trim_start_matches(|c: char| c.is_whitespace() || ",.:;-–—)]\"'!".contains(c)).trim_end();
    let (yes, no) = (lead.iter().any(|w| is(YES, w)), lead.iter().any(|w| is(NO, w)));
    let begins = lead.iter().all(|w| is(YES, w) || is(NO, w) || is(FILLERS, w));
    let meant = begins && (yes || no) && taken == 1;
    let asks = text.contains(['?', '¿']);
    let plain = rest.iter().all(|w| is(YES, &w.folded) || is(FILLERS, &w.folded));
    let coded = match (yes, no) {
        _ if !begins => Coded::Unclear { code, begins },
        (true, false) if plain && !asks => Coded::Yes(code),
        (true, _) => Coded::Unclear { code, begins },
        (false, true) => Coded::No(code, Some(said.to_owned()).filter(|s| !s.is_empty())),
        (false, false) if said.is_empty() => Coded::Bare(code),
        (false, false) => Coded::Words(code, said.to_owned()),
    };
    Some(Said { coded, meant })
}

fn is(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

struct Word {
    folded: String,
    raw: String,
    end: usize,
}

/// A code that begins with this word: itself, with the next one (`4f 7k`), or behind a yes or no that it is glued to (`ok4f7k`). The code,
/// how many words it takes, and what it was glued to.
fn code_at(words: &[Word], at: usize) -> Option<(String, usize, Option<String>)> {
    let word = &words[at];
    if let Some(code) = as_code(&word.raw) {
        return Some((code, 1, None));
    }
    if let Some(next) = words.get(at + 1)
        && word.raw.len() == 2
        && let Some(code) = as_code(&format!("{}{}", word.raw, next.raw))
    {
        return Some((code, 2, None));
    }
    let split = word.folded.find(|c: char| c.is_ascii_digit()).filter(|split| *split > 0)?;
    let (lead, code) = word.folded.split_at(split);
    (is(YES, lead) || is(NO, lead)).then(|| as_code(code).map(|code| (code, 1, Some(lead.to_owned())))).flatten()
}

/// Words in order with where each ends; signs that mean yes or no are words of their own.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut begun: Option<usize> = None;
    let close = |words: &mut Vec<Word>, from: usize, end: usize| {
        let raw = text[from..end].to_owned();
        words.push(Word { folded: fold(&raw), raw, end });
    };
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() {
            begun.get_or_insert(at);
            continue;
        }
        // Combining accents belong to their letter.
        if begun.is_some() && fold(&c.to_string()).is_empty() {
            continue;
        }
        if let Some(from) = begun.take() {
            close(&mut words, from, at);
        }
        if !c.is_ascii() && (YES.contains(c) || NO.contains(c)) {
            close(&mut words, at, at + c.len_utf8());
        }
    }
    if let Some(from) = begun {
        close(&mut words, from, text.len());
    }
    words
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill_with(|| self.0.fetch_add(37, Ordering::Relaxed));
        }
    }

    fn coded(text: &str) -> Option<Coded> {
        read(text).map(|said| said.coded)
    }

    #[test]
    fn only_a_whole_code_behind_a_yes_or_no_is_certainly_meant_as_one() {
        for (text, meant) in [
            ("ok 4F7K", true),
            ("no 4f7k: mañana", true),
            ("ok4f7k", true),
            ("ok 4F7K?", true),
            ("sí, el código 4F7K", true),
            ("ok 4F 7K", false),
            ("4F7K", false),
            ("4F7K Sí hay", false),
            ("abren 9a-6p?", false),
            ("9a-6p", false),
            ("ok, 9a-6p", false),
            ("mide 2m 3m", false),
            ("no, 2m 3m", false),
            ("creo que ok 4F7K", false),
        ] {
            assert_eq!(read(text).map(|said| said.meant), Some(meant), "{text}");
        }
    }

    #[test]
    fn a_code_is_no_word_and_nothing_in_it_is_taken_for_something_else() {
        let random = Counting(0.into());
        for length in [4, 6] {
            for _ in 0..50 {
                let code = code(&random, length);
                assert!(code.len() == length && !code.contains(['0', 'O', '1', 'I', 'L', '5', 'S', '8', 'B']), "{code}");
                assert_eq!(as_code(&code.to_lowercase()), Some(code));
            }
        }
        for word in ["HELP", "4F7", "4F7KM", "F4K7", "1F7K", "4O7K", "", "2026"] {
            assert_eq!(as_code(word), None, "{word}");
        }
        assert!(is_only(" 4f7k-9m. ", "4F7K9M") && !is_only("4f7k9m please", "4F7K9M"));
        assert_eq!((only("4F7 K9M"), only("code 4F7K9M")), (Some("4F7K9M".to_owned()), None));
    }

    #[test]
    fn a_plain_yes_with_a_code_is_a_yes() {
        for text in [
            "ok 4F7K",
            "OK 4f7k",
            "ok: 4F7K.",
            " Ok,  4F7K ! ",
            "yes 4F7K",
            "sí 4F7K",
            "Si 4f7k",
            "SI\u{301} 4F7K",
            "approve 4F7K",
            "apruebo 4F7K",
            "ok 4F 7K",
            "ok4f7k",
            "sí, 4F7K, gracias",
            "yes please 4F7K thank you",
            "ok\n4F7K",
            "👍 4F7K",
            "ok ok 4F7K",
            "dale 4F7K por favor",
            "ok code 4F7K",
        ] {
            assert_eq!(coded(text), Some(Coded::Yes("4F7K".into())), "{text}");
        }
    }

    #[test]
    fn a_no_comes_first_and_brings_its_reason() {
        for (text, reason) in [
            ("no 4F7K", None),
            ("NO, 4f7k.", None),
            ("reject 4F7K too expensive", Some("too expensive")),
            ("no 4F7K: Solo con anticipo, ¿sí?", Some("Solo con anticipo, ¿sí?")),
            ("rechazo 4F7K – ok mañana", Some("ok mañana")),
            ("no4f7k", None),
            ("👎 4F7K", None),
            ("no no 4F7K\nask again", Some("ask again")),
        ] {
            assert_eq!(coded(text), Some(Coded::No("4F7K".into(), reason.map(str::to_owned))), "{text}");
        }
    }

    #[test]
    fn words_after_a_code_are_an_answer() {
        for (text, answer) in [
            ("4F7K Sí hay, azul cobalto", "Sí hay, azul cobalto"),
            ("4f7k: mañana a las 5?", "mañana a las 5?"),
            ("4F7K no", "no"),
            ("4F 7K ok", "ok"),
        ] {
            assert_eq!(coded(text), Some(Coded::Words("4F7K".into(), answer.into())), "{text}");
        }
        assert_eq!(coded(" 4f7k. "), Some(Coded::Bare("4F7K".into())));
    }

    #[test]
    fn what_is_neither_is_asked_again() {
        for (text, begins) in [
            ("no ok 4F7K", true),
            ("ok no 4F7K", true),
            ("no apruebo 4F7K", true),
            ("don't approve 4F7K", false),
            ("do not approve 4F7K", false),
            ("ok 4F7K but only half", true),
            ("sí 4F7K pero mañana", true),
            ("ok 4F7K?", true),
            ("¿sí 4F7K?", true),
            ("ok 4F7K no", true),
            ("I think 4F7K is fine", false),
            ("👍👎 4F7K", true),
        ] {
            assert_eq!(coded(text), Some(Coded::Unclear { code: "4F7K".into(), begins }), "{text}");
        }
        for text in ["", "ok", "no", "hola", "ok 2026", "ok OK4F", "la orden A-7 es de 50000", "manicure 10am", "ok 4F7", "🙂"]
        {
            assert_eq!(coded(text), None, "{text}");
        }
    }
}
