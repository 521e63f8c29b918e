//! A message as words without accents or case, and phrases to look for in them.

/// One word or number of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As written.
    pub(super) raw: String,
    /// Lower case, without accents and apostrophes.
    pub(super) folded: String,
    /// A clause ends after it.
    pub(super) stop: bool,
}

/// Splits letters from digits (`10am` is two words); `10:30`, `25/11`, `2026-11-25` and `10.30` stay whole.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let digit = c.is_ascii_digit();
        if !digit && !c.is_alphabetic() {
            if let Some(last) = out.last_mut().filter(|_| ends_clause(c)) {
                last.stop = true;
            }
            continue;
        }
        let mut end = start + c.len_utf8();
        while let Some(&(at, c)) = rest.peek() {
            let joined = text[at + c.len_utf8()..].chars().next();
            let continues = if digit {
                c.is_ascii_digit() || (matches!(c, ':' | '/' | '-' | '.') && joined.is_some_and(|n| n.is_ascii_digit()))
            } else {
                c.is_alphabetic() || (matches!(c, '\'' | '’') && joined.is_some_and(char::is_alphabetic))
            };
            if !continues {
                break;
            }
            end = at + c.len_utf8();
            rest.next();
        }
        let raw = text[start..end].to_owned();
        let folded = fold(&raw);
        match out.last_mut() {
            Some(last) if folded == "m" && matches!(last.folded.as_str(), "a" | "p") => {
                last.folded.push('m');
                last.stop = false;
            }
            _ => out.push(Word { raw, folded, stop: false }),
        }
    }
    out
}

/// Lower case, without accents and apostrophes.
pub(super) fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| {
            Some(match c {
                'á' | 'à' | 'ä' | 'â' | 'ã' => 'a',
                'é' | 'è' | 'ë' | 'ê' => 'e',
                'í' | 'ì' | 'ï' | 'î' => 'i',
                'ó' | 'ò' | 'ö' | 'ô' | 'õ' => 'o',
                'ú' | 'ù' | 'ü' | 'û' => 'u',
                'ñ' => 'n',
                'ç' => 'c',
                '\'' | '’' => return None,
                other => other,
            })
        })
        .collect()
}

/// Where a phrase stands (`move my`, `reprogram*`): its first word and the first word after it.
pub(super) fn find(words: &[Word], phrase: &str) -> Option<(usize, usize)> {
    let length = phrase.split(' ').count();
    words
        .windows(length)
        .position(|window| window.iter().zip(phrase.split(' ')).all(|(w, p)| fits(w, p)))
        .map(|i| (i, i + length))
}

/// Any phrase of a list separated by commas.
pub(super) fn any(words: &[Word], list: &str) -> bool {
    phrases(list).any(|phrase| find(words, phrase).is_some())
}

pub(super) fn phrases(list: &str) -> impl Iterator<Item = &str> {
    list.split(", ")
}

/// A list separated by commas has exactly this phrase.
pub(super) fn is_listed(list: &str, phrase: &str) -> bool {
    phrases(list).any(|listed| listed == phrase)
}

/// The folded word at a position; empty beyond the ends.
pub(super) fn at(words: &[Word], index: usize) -> &str {
    words.get(index).map_or("", |w| w.folded.as_str())
}

/// The folded word `back` places before a position; empty beyond the start.
pub(super) fn before(words: &[Word], index: usize, back: usize) -> &str {
    index.checked_sub(back).map_or("", |i| at(words, i))
}

fn fits(word: &Word, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => word.folded.starts_with(stem),
        None => word.folded == pattern,
    }
}

fn ends_clause(c: char) -> bool {
    matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | '¿' | '¡' | '\n' | '(' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_folded_as_the_rules_expect() {
        for (text, expected) in [
            ("¿Qué horarios tienes mañana?", "que horarios tienes manana"),
            ("10am, 15h30", "10 am 15 h 30"),
            ("a las 3 p.m. del 25/11", "a las 3 pm del 25/11"),
            ("What's free on 2026-11-25 at 10:30?", "whats free on 2026-11-25 at 10:30"),
            ("👍🏽", ""),
        ] {
            let folded: Vec<String> = words(text).into_iter().map(|w| w.folded).collect();
            assert_eq!(folded.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_phrase_is_found_with_its_open_endings() {
        let said = words("Quiero reprogramar mi cita, por favor");
        assert_eq!(find(&said, "reprogram* mi"), Some((1, 3)));
        assert_eq!(find(&said, "cita mi"), None);
        assert!(said[3].stop && !said[2].stop);
    }
}
