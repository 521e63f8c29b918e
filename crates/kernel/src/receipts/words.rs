//! Lists of words, written as one text.

use std::{collections::HashSet, sync::OnceLock};

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
        self.set.get_or_init(|| self.text.split(' ').collect()).contains(word)
    }
}
