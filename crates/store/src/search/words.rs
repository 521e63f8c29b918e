//! The words of a message and what somebody looks for: folded in the same way, so that `manana` finds `mañana`.

use std::ops::Range;

use frontdesk_kernel::search::fold;

/// Longest query, in characters.
pub const LONGEST: usize = 256;
const MOST_WORDS: usize = 16;
/// A beginning shorter than this is taken as a whole word.
const SHORTEST_BEGINNING: usize = 2;
/// Beginnings of these lengths are words of the index: many words share them.
pub(super) const SHORT_BEGINNINGS: Range<usize> = 2..5;
/// Ends the key of a short beginning; no word contains it.
const BEGINNING: u8 = 1;
/// Of a snippet, in characters.
const BEFORE_HIT: usize = 40;
const SNIPPET: usize = 160;

pub(super) struct Word {
    pub(super) text: String,
    at: Range<usize>,
}

/// Letters and digits that stand together. Scripts without spaces: each sign is a word.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { text: String::new(), at: 0..0 };
    let mut end = |word: &mut Word, next: usize| {
        if !word.text.is_empty() {
            words.push(Word { text: std::mem::take(&mut word.text), at: word.at.clone() });
        }
        word.at = next..next;
    };
    for (i, c) in text.char_indices() {
        let next = i + c.len_utf8();
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() {
                if word.text.is_empty() {
                    word.at.start = i;
                }
                word.text.push(c.to_ascii_lowercase());
                word.at.end = next;
            } else {
                end(&mut word, next);
            }
            continue;
        }
        let folded = fold(c.encode_utf8(&mut [0; 4]));
        if folded.is_empty() {
            // An accent of its own belongs to the letter before.
            if !word.text.is_empty() {
                word.at.end = next;
            }
        } else if folded.chars().all(char::is_alphanumeric) {
            let alone = stands_alone(c);
            if alone {
                end(&mut word, i);
            }
            if word.text.is_empty() {
                word.at.start = i;
            }
            word.text.push_str(&folded);
            word.at.end = next;
            if alone {
                end(&mut word, next);
            }
        } else {
            end(&mut word, next);
        }
    }
    end(&mut word, text.len());
    words
}

/// Chinese, Japanese and Thai write no spaces.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// What is wanted: every phrase must stand in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    phrases: Vec<Phrase>,
}

/// Words that stand together. `open`: the last one is only its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phrase {
    words: Vec<String>,
    open: bool,
}

impl Phrase {
    fn terms(&self) -> impl Iterator<Item = Term> {
        self.words.iter().enumerate().map(|(n, word)| {
            let open = self.open && n + 1 == self.words.len();
            match word.chars().count() {
                n if open && SHORT_BEGINNINGS.contains(&n) => Term::Key(beginning(word)),
                _ if open => Term::Beginning(word.as_bytes().to_vec()),
                _ => Term::Key(word.as_bytes().to_vec()),
            }
        })
    }
}

/// A key of the index, or everything that begins so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term {
    Key(Vec<u8>),
    Beginning(Vec<u8>),
}

impl Term {
    /// A whole word: the index knows where it stands in a message.
    pub(super) fn is_word(&self) -> bool {
        matches!(self, Term::Key(key) if key.last() != Some(&BEGINNING))
    }
}

impl Query {
    /// Words, "phrases in quotes", and the beginning of the last word. Nothing else has a meaning: operators are letters or nothing.
    pub fn parse(text: &str) -> Result<Query, String> {
        if text.chars().count() > LONGEST {
            return Err(format!("at most {LONGEST} characters"));
        }
        let mut phrases = Vec::new();
        let pieces: Vec<&str> = text.split('"').collect();
        for (n, piece) in pieces.iter().enumerate() {
            if n % 2 == 1 {
                phrases.push(Phrase { words: words(piece).into_iter().map(|w| w.text).collect(), open: false });
                continue;
            }
            let typing = n + 1 == pieces.len() && !piece.ends_with(char::is_whitespace);
            let chunks: Vec<&str> = piece.split_whitespace().collect();
            for (m, chunk) in chunks.iter().enumerate() {
                let words: Vec<String> = words(chunk).into_iter().map(|w| w.text).collect();
                let long = words.last().is_some_and(|w| w.chars().count() >= SHORTEST_BEGINNING);
                phrases.push(Phrase { open: typing && m + 1 == chunks.len() && long && ends_in_word(chunk), words });
            }
        }
        phrases.retain(|p| !p.words.is_empty());
        match phrases.iter().map(|p| p.words.len()).sum() {
            0 => Err("there is no word in it".to_owned()),
            1..=MOST_WORDS => Ok(Query { phrases }),
            _ => Err(format!("at most {MOST_WORDS} words")),
        }
    }

    /// What the index is asked, the most telling first.
    pub(super) fn terms(&self) -> Vec<Term> {
        let mut terms: Vec<Term> = self.phrases.iter().flat_map(Phrase::terms).collect();
        terms.sort_by_key(|t| {
            std::cmp::Reverse(match t {
                Term::Key(k) | Term::Beginning(k) => k.len(),
            })
        });
        terms.dedup();
        terms
    }

    /// The terms of those phrases whose words must follow each other.
    pub(super) fn phrases(&self) -> Vec<Vec<Term>> {
        self.phrases.iter().filter(|p| p.words.len() > 1).map(|p| p.terms().collect()).collect()
    }

    /// Where the phrases stand in a text; `None` when one of them does not.
    pub fn find_in(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let words = words(text);
        let mut found = Vec::new();
        for phrase in &self.phrases {
            let before = found.len();
            for (n, window) in words.windows(phrase.words.len()).enumerate() {
                let fits = window.iter().zip(&phrase.words).enumerate().all(|(m, (word, wanted))| {
                    if phrase.open && m + 1 == phrase.words.len() {
                        word.text.starts_with(wanted.as_str())
                    } else {
                        word.text == *wanted
                    }
                });
                if fits {
                    found.push(words[n].at.start..words[n + window.len() - 1].at.end);
                }
            }
            if found.len() == before {
                return None;
            }
        }
        found.sort_by_key(|range| (range.start, range.end));
        let mut joined: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match joined.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        Some(joined)
    }
}

fn ends_in_word(chunk: &str) -> bool {
    chunk.chars().next_back().is_some_and(|c| c.is_alphanumeric() && !stands_alone(c))
}

/// A piece of a text around its first hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    pub text: String,
    /// From and to, in UTF-16 units of `text`, as JavaScript counts.
    pub highlights: Vec<(u32, u32)>,
}

impl Snippet {
    pub(super) fn cut(text: &str, hits: &[Range<usize>]) -> Snippet {
        let first = hits.first().map_or(0, |hit| hit.start);
        let start = text[..first].char_indices().rev().take(BEFORE_HIT).last().map_or(first, |(i, _)| i);
        let start = if text[..first].chars().count() <= BEFORE_HIT { 0 } else { start };
        let end = text[start..].char_indices().nth(SNIPPET).map_or(text.len(), |(i, _)| start + i);
        let mut snippet = Snippet { text: String::new(), highlights: Vec::new() };
        if start > 0 {
            snippet.text.push('…');
        }
        let shift = utf16(&snippet.text);
        for hit in hits.iter().filter(|hit| hit.start < end && hit.end > start) {
            let (from, to) = (hit.start.max(start), hit.end.min(end));
            snippet.highlights.push((shift + utf16(&text[start..from]), shift + utf16(&text[start..to])));
        }
        snippet.text.extend(text[start..end].chars().map(|c| if c.is_control() { ' ' } else { c }));
        if end < text.len() {
            snippet.text.push('…');
        }
        snippet
    }
}

fn utf16(text: &str) -> u32 {
    text.chars().map(|c| c.len_utf16() as u32).sum()
}

/// The key of a short beginning.
pub(super) fn beginning(word: &str) -> Vec<u8> {
    let mut key = word.as_bytes().to_vec();
    key.push(BEGINNING);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &str, text: &str) -> bool {
        Query::parse(query).unwrap().find_in(text).is_some()
    }

    #[test]
    fn words_phrases_and_beginnings_are_found_whatever_their_accents() {
        for (query, text, found) in [
            ("manana", "¿Puede ser MAÑANA?", true),
            ("mañana", "manana", true),
            ("man", "mañana", true),
            ("man ", "mañana", false),
            ("m", "mañana", false),
            ("corte mañana", "mañana quiero un corte", true),
            ("\"un corte\"", "quiero un corte", true),
            ("\"corte un\"", "quiero un corte", false),
            ("\"un cort\"", "quiero un corte", false),
            ("\"un corte", "quiero un corte", true),
            ("ana@example.org", "escribe a Ana@Example.org!", true),
            ("ana@example.com", "escribe a ana@example.org", false),
            ("e\u{301}l", "él", true),
            ("corte OR tinte", "un corte", false),
            ("a.*a.*a.*$", "a a a", true),
            ("你好", "说你好吗", true),
            ("好你", "说你好吗", false),
            ("300-12", "llama al 300 1234", true),
            ("💇 corte", "un corte 💇", true),
        ] {
            assert_eq!(finds(query, text), found, "{query} in {text}");
        }
        for wrong in ["", "  ", "\"\"", "¿?!", &"a".repeat(257), &"a ".repeat(17)] {
            assert!(Query::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_snippet_marks_its_hits_as_javascript_counts() {
        let text = format!("{} 💇 quiero un CORTÉ mañana {}", "antes ".repeat(20), "después ".repeat(40));
        let hits = Query::parse("corte").unwrap().find_in(&text).unwrap();
        let snippet = Snippet::cut(&text, &hits);
        let units: Vec<u16> = snippet.text.encode_utf16().collect();
        let (from, to) = snippet.highlights[0];
        assert_eq!(String::from_utf16(&units[from as usize..to as usize]).unwrap(), "CORTÉ");
        assert!(snippet.text.starts_with('…') && snippet.text.ends_with('…'), "{}", snippet.text);
        let hits = Query::parse("hola").unwrap().find_in("Hola, hola").unwrap();
        assert_eq!(Snippet::cut("Hola, hola", &hits), Snippet { text: "Hola, hola".into(), highlights: vec![(0, 4), (6, 10)] });
    }

    #[test]
    fn a_short_beginning_is_a_key_and_a_longer_one_a_range() {
        assert_eq!(Query::parse("ma").unwrap().terms(), [Term::Key(beginning("ma"))]);
        assert_eq!(Query::parse("maña").unwrap().terms(), [Term::Key(beginning("mana"))]);
        assert_eq!(Query::parse("mañan").unwrap().terms(), [Term::Beginning(b"manan".to_vec())]);
        assert_eq!(
            Query::parse("\"un corte\" ma").unwrap().phrases(),
            [vec![Term::Key(b"un".to_vec()), Term::Key(b"corte".to_vec())]]
        );
    }
}
