//! Letters of the fonts that every reader of PDF has: which there are, and how wide they are.

use encoding_rs::WINDOWS_1252;
use unicode_normalization::UnicodeNormalization;

/// Widths of the letters from space to tilde in Helvetica, in thousandths of the size. Those with accents are as wide as without.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556,
    556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778,
    722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222,
    500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];
/// A letter that is none of those, such as `€`.
const USUAL: u16 = 556;

/// As the fonts know it. A letter that they lack loses its accent (`ő`), or is a question mark.
pub(super) fn encoded(text: &str) -> Vec<u8> {
    text.nfc().filter(|c| !c.is_control()).map(|c| letter(c).or_else(|| bare(c).and_then(letter)).unwrap_or(b'?')).collect()
}

fn letter(c: char) -> Option<u8> {
    let mut bytes = [0; 4];
    let (encoded, _, lacking) = WINDOWS_1252.encode(c.encode_utf8(&mut bytes));
    // What that encoding leaves free is no letter of a font.
    encoded
        .first()
        .copied()
        .filter(|byte| !lacking && encoded.len() == 1 && !(0x80..0xa0).contains(&u32::from(c)) && *byte >= b' ')
}

fn bare(c: char) -> Option<char> {
    std::iter::once(c).nfd().next().filter(|bare| *bare != c)
}

/// In points.
pub(super) fn width(text: &str, size: f32) -> f32 {
    let one = |c: char| {
        let c = if c.is_ascii() { c } else { bare(c).unwrap_or(c) };
        let place = u32::from(c).checked_sub(32).and_then(|n| usize::try_from(n).ok());
        f32::from(place.and_then(|n| WIDTHS.get(n)).copied().unwrap_or(USUAL))
    };
    text.chars().map(one).sum::<f32>() * size / 1000.0
}

/// The text, or as much of its beginning as fits.
pub(super) fn fitting(text: &str, size: f32, most: f32) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if width(&out, size) + width("…", size) > most {
            out.pop();
            break;
        }
    }
    format!("{}…", out.trim_end())
}

/// The words in lines that fit.
pub(super) fn lines(text: &str, size: f32, most: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fitting(word, size, most)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_western_europe_are_themselves_and_others_are_as_near_as_can_be() {
        for (text, expected) in [
            ("Peluquería Ñandú", &b"Peluquer\xeda \xd1and\xfa"[..]),
            ("Gerät, façade, São, Œuvre, ß", b"Ger\xe4t, fa\xe7ade, S\xe3o, \x8cuvre, \xdf"),
            ("12 € – “x”", b"12 \x80 \x96 \x93x\x94"),
            ("e\u{301}", b"\xe9"),
            ("Erdős Łukasz", b"Erdos ?ukasz"),
            ("日本 Привет 🙂", b"?? ?????? ?"),
            ("a\nb\u{7}\u{81}", b"ab"),
        ] {
            assert_eq!(encoded(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_is_cut_or_broken_where_it_does_not_fit() {
        assert_eq!(width("ii", 1000.0), 444.0);
        assert_eq!(width("é", 10.0), width("e", 10.0));
        assert_eq!(fitting("Corte", 10.0, 100.0), "Corte");
        let cut = fitting("Corte de dama con secado", 10.0, 50.0);
        assert!(cut.starts_with("Corte") && cut.ends_with('…') && width(&cut, 10.0) <= 50.0, "{cut}");
        assert_eq!(fitting("Corte", 10.0, 0.0), "…");
        assert_eq!(lines("one two three", 10.0, 40.0), ["one two", "three"]);
    }
}
