//! A reply as sentences of clauses of words.

use super::words::{Phrases, Words};
use crate::booking::normalise;

/// A word: as written in lower case, and folded to plain letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) raw: String,
    pub(super) plain: String,
}

#[derive(Debug, Default)]
pub(super) struct Clause {
    pub(super) words: Vec<Word>,
    pub(super) is_question: bool,
    /// It begins with `¿`.
    pub(super) opens_question: bool,
}

pub(super) type Sentence = Vec<Clause>;

/// Phrases with a "no" or "if" that deny or condition nothing; they end a clause.
static IDIOMS: Phrases = Phrases::of(
    "\
    no te preocupes, no se preocupe, nao se preocupe, no hay problema, no hay de que, no olvides, no te olvides, no faltaba \
    mas, sin problema, sem problema, no problem, no worries, not a problem, do not worry, don not worry, don not forget, pas \
    de souci, pas de probleme, ne vous inquietez pas, kein problem, keine sorge, nessun problema, non preoccuparti, non si \
    preoccupi",
);

static BUT: Words = Words::of("pero but aber porem however embargo cependant jedoch pourtant tuttavia");

/// Titles and the like, whose full stop ends nothing.
static ABBREVIATIONS: Words = Words::of("dr dra sr sra srta mr mrs ms num av st aprox hrs hs h min am pm");

pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let mut reader = Reader::default();
    let chars: Vec<char> = text.chars().collect();
    for (i, c) in chars.iter().copied().enumerate() {
        reader.read(c, &chars[i + 1..]);
    }
    reader.end_sentence(false);
    reader.sentences
}

#[derive(Default)]
struct Reader {
    sentences: Vec<Sentence>,
    clauses: Vec<Clause>,
    clause: Clause,
    word: String,
}

impl Reader {
    fn read(&mut self, c: char, rest: &[char]) {
        let next = rest.first().copied().unwrap_or(' ');
        let inside_word = !self.word.is_empty() && next.is_alphanumeric();
        match c {
            _ if c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}') => self.word.extend(c.to_lowercase()),
            // 10:30, 10.30, a.m., rendez-vous
            ':' | '.' if inside_word && self.ends_in_digit() && next.is_ascii_digit() => self.word.push(':'),
            '-' | '‑' if inside_word => {}
            '.' if inside_word && self.word.chars().count() == 1 => {}
            '\'' | '’' | '`' => self.apostrophe(next),
            '.' if self.is_abbreviation() => {
                let follows = rest.iter().find(|c| !c.is_whitespace());
                if follows.is_some_and(|c| c.is_lowercase())
                    || !matches!(self.word.as_str(), "am" | "pm" | "h" | "hs" | "hrs" | "min")
                {
                    self.end_word();
                } else {
                    self.end_sentence(false);
                }
            }
            '.' | '!' | '…' | '\n' | '\r' => self.end_sentence(false),
            '?' => self.end_sentence(true),
            '¿' => {
                self.end_clause();
                self.clause.opens_question = true;
            }
            // An amount of it.
            '$' | '€' | '£' => {
                self.end_word();
                self.clause.words.push(Word { raw: "money".to_owned(), plain: "money".to_owned() });
            }
            _ if c.is_whitespace()
                || matches!(c, '*' | '_' | '~' | '"' | '“' | '”' | '«' | '»' | '/' | '%' | '#' | '@' | '&' | '¡') =>
            {
                self.end_word();
            }
            '-' if !rest.first().is_some_and(|c| c.is_whitespace()) => self.end_word(),
            '\u{fe0f}' | '\u{200d}' => {}
            // Commas, colons, semicolons, brackets, dashes, emoji.
            _ => self.end_clause(),
        }
    }

    fn ends_in_digit(&self) -> bool {
        self.word.ends_with(|c: char| c.is_ascii_digit())
    }

    fn is_abbreviation(&self) -> bool {
        ABBREVIATIONS.has(&self.word)
    }

    /// `couldn't` is two words, `couldn` and `not`; so are `j'ai` and `it's`. An accent written behind its letter belongs to it: `e'`.
    fn apostrophe(&mut self, next: char) {
        if matches!(next, 't' | 'T') && self.word.ends_with('n') {
            self.end_word();
            self.clause.words.push(Word { raw: "not".to_owned(), plain: "not".to_owned() });
        } else if self.word == "e" && !next.is_alphanumeric() {
            self.word = "è".to_owned();
            self.end_word();
        } else {
            self.end_word();
        }
    }

    fn end_word(&mut self) {
        let raw = std::mem::take(&mut self.word);
        if raw.is_empty() || (raw == "t" && self.clause.words.last().is_some_and(|w| w.plain == "not")) {
            return;
        }
        let plain = normalise(&raw).replace(' ', "");
        if BUT.has(&plain) {
            return self.end_clause();
        }
        let plain = if raw.contains(':') { raw.clone() } else { plain };
        self.clause.words.push(Word { raw, plain });
        if let Some(length) = IDIOMS.ending(&self.clause.words) {
            let kept = self.clause.words.len() - length;
            self.clause.words.truncate(kept);
            self.end_clause();
        }
    }

    fn end_clause(&mut self) {
        if !self.word.is_empty() {
            self.end_word();
        }
        let clause = std::mem::take(&mut self.clause);
        if clause.words.is_empty() {
            self.clause.opens_question = clause.opens_question;
        } else {
            self.clauses.push(clause);
        }
    }

    fn end_sentence(&mut self, asked: bool) {
        self.end_clause();
        self.clause = Clause::default();
        let mut clauses = std::mem::take(&mut self.clauses);
        if clauses.is_empty() {
            return;
        }
        if asked {
            let last = clauses.len() - 1;
            let opening = clauses.iter().position(|c| c.opens_question);
            let from = match opening {
                Some(at) => at,
                None if super::guards::starts_like_a_question(&clauses[0]) => 0,
                None => last,
            };
            clauses[from..].iter_mut().for_each(|c| c.is_question = true);
        }
        self.sentences.push(clauses);
    }
}
