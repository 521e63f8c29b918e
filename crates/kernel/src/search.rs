//! How text is found: without regard to case and accents, by the beginnings of its words.

use unicode_normalization::UnicodeNormalization;

/// Words of a query beyond these say nothing more.
const MOST_WORDS: usize = 8;
/// Longer words are cut: nobody types them to the end.
const LONGEST_WORD: usize = 40;

/// Lower case, without accents: `ÑÁÑEZ` and `nanez` are the same.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)) {
        for c in c.to_lowercase() {
            match c {
                'ß' => out.push_str("ss"),
                'æ' => out.push_str("ae"),
                'œ' => out.push_str("oe"),
                'ø' => out.push('o'),
                'ł' => out.push('l'),
                'đ' | 'ð' => out.push('d'),
                'þ' => out.push_str("th"),
                'ı' => out.push('i'),
                c if unicode_normalization::char::is_combining_mark(c) => {}
                c => out.push(c),
            }
        }
    }
    out
}

/// The folded words of a text, each once.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut words: Vec<String> = Vec::new();
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        let word: String = word.chars().take(LONGEST_WORD).collect();
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// What a person typed, as beginnings of words. What looks like a phone number is one word of digits.
pub fn wanted(query: &str) -> Vec<String> {
    let digits: String = query.chars().filter(char::is_ascii_digit).collect();
    let number = digits.len() >= 3 && query.chars().all(|c| c.is_ascii_digit() || " +-().\u{a0}".contains(c));
    if number {
        return vec![digits.trim_start_matches('0').chars().take(LONGEST_WORD).collect()];
    }
    let mut words = words(query);
    words.truncate(MOST_WORDS);
    words
}

/// What a phone number is found by: its beginning with and without the country code, which has one to three digits.
pub fn of_phone(digits: &str) -> Vec<String> {
    (0..=3).filter(|n| digits.len() > n + 3 && digits.is_char_boundary(*n)).map(|n| digits[n..].to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        for (text, folded) in
            [("María ÑÁÑEZ", "maria nanez"), ("Straße", "strasse"), ("Łódź", "lodz"), ("İstanbul", "istanbul"), ("ﬁn", "fin")]
        {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn a_number_is_one_word_and_names_are_several() {
        assert_eq!(wanted("+57 (300) 123-45"), ["5730012345"]);
        assert_eq!(wanted("José  pé"), ["jose", "pe"]);
        assert_eq!(wanted("ana 2"), ["ana", "2"]);
        assert!(wanted(" -_'% ").is_empty());
        assert_eq!(of_phone("573001234567"), ["573001234567", "73001234567", "3001234567", "001234567"]);
    }
}
