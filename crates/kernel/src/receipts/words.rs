//! Lists of words and phrases, written as one text and looked up by a word: a reply is read word by word, and most words are in no list.

use std::{
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

use super::clauses::Word;

pub(super) struct Words {
    text: &'static str,
    set: OnceLock<HashSet<&'static str>>,
}

impl Words {
    /// Separated by single spaces, folded to plain letters.
    pub(super) const fn of(text: &'static str) -> Words {
        Words { text, set: OnceLock::new() }
    }

    pub(super) fn has(&self, word: &str) -> bool {
        self.set.get_or_init(|| self.each().collect()).contains(word)
    }

    pub(super) fn each(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.split(' ')
    }
}

pub(super) struct Phrases {
    text: &'static str,
    by_first: OnceLock<Index>,
    by_last: OnceLock<Index>,
}

/// Phrases by one of their words, each with its place in the list.
type Index = HashMap<&'static str, Vec<(usize, Vec<&'static str>)>>;

impl Phrases {
    /// Separated by a comma and a space, folded to plain letters.
    pub(super) const fn of(text: &'static str) -> Phrases {
        Phrases { text, by_first: OnceLock::new(), by_last: OnceLock::new() }
    }

    /// Where the phrase of the list stands that comes first in the list.
    pub(super) fn position_in(&self, words: &[Word]) -> Option<usize> {
        let index = self.by_first.get_or_init(|| self.index(|phrase| phrase.first()));
        let here = |at: usize| {
            let known = index.get(words[at].plain.as_str()).into_iter().flatten();
            known.filter(move |(_, phrase)| starts_with(&words[at..], phrase)).map(move |(nth, _)| (*nth, at))
        };
        (0..words.len()).flat_map(here).min().map(|(_, at)| at)
    }

    pub(super) fn is_in(&self, words: &[Word]) -> bool {
        self.position_in(words).is_some()
    }

    /// How many words the phrase has with which these end.
    pub(super) fn ending(&self, words: &[Word]) -> Option<usize> {
        let index = self.by_last.get_or_init(|| self.index(|phrase| phrase.last()));
        let known = index.get(words.last()?.plain.as_str())?.iter();
        let ends =
            |phrase: &[&str]| words.len().checked_sub(phrase.len()).is_some_and(|from| starts_with(&words[from..], phrase));
        known.filter(|(_, phrase)| ends(phrase)).min_by_key(|(nth, _)| nth).map(|(_, phrase)| phrase.len())
    }

    /// These words are one of them, and nothing else.
    pub(super) fn is(&self, words: &[Word]) -> bool {
        self.text.split(", ").any(|phrase| phrase.split(' ').eq(words.iter().map(|word| word.plain.as_str())))
    }

    fn index(&self, key: for<'p> fn(&'p Vec<&'static str>) -> Option<&'p &'static str>) -> Index {
        let mut index = Index::new();
        for (nth, phrase) in self.text.split(", ").map(|phrase| phrase.split(' ').collect::<Vec<_>>()).enumerate() {
            if let Some(key) = key(&phrase).copied() {
                index.entry(key).or_default().push((nth, phrase));
            }
        }
        index
    }
}

fn starts_with(words: &[Word], phrase: &[&str]) -> bool {
    words.len() >= phrase.len() && words.iter().zip(phrase).all(|(word, wanted)| word.plain == *wanted)
}
