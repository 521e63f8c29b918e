//! Long texts in pieces: whole paragraphs, else lines, sentences, words; never inside a grapheme.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

const FENCE: &str = "```";
/// What closing an open fence costs: a line break and the fence.
const CLOSING: usize = 4;
/// Below this there is no room to close and reopen a fence.
const SMALLEST_FENCED: usize = 64;

/// Pieces of at most `limit` characters each. A code block that is cut is closed and opened again. A blank text has no pieces.
pub fn split(text: &str, limit: usize) -> Vec<String> {
    let limit = limit.max(1);
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    let mut head = String::new();
    while !rest.is_empty() {
        let (piece, opener, tail) = next_piece(rest, &head, limit);
        pieces.push(piece);
        head = opener.map(|o| format!("{o}\n")).unwrap_or_default();
        // Inside code the indentation of the next line counts.
        rest = if head.is_empty() { tail.trim_start() } else { tail.trim_start_matches(['\r', '\n']) };
    }
    pieces
}

/// The longest beginning of at most `limit` characters that ends between two graphemes.
pub fn cut(text: &str, limit: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(limit) else { return text };
    &text[..last_grapheme(text, end)]
}

/// The text on at most `limit` characters; an ellipsis shows that something is missing.
pub fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    if text.chars().nth(limit).is_none() {
        return Cow::Borrowed(text);
    }
    match limit {
        0 => Cow::Borrowed(""),
        _ => Cow::Owned(format!("{}…", cut(text, limit - 1).trim_end())),
    }
}

/// The piece, the fence that is still open after it, and what is left.
fn next_piece<'t>(rest: &'t str, head: &str, limit: usize) -> (String, Option<&'t str>, &'t str) {
    let fenced = limit >= SMALLEST_FENCED && (!head.is_empty() || rest.contains(FENCE));
    let room = limit - head.chars().count();
    let (mut body, mut tail) = cut_off(rest, room);
    let mut open = fenced && is_open(head, body);
    if open && (!tail.is_empty() || body.chars().count() + CLOSING > room) {
        (body, tail) = cut_off(rest, room - CLOSING);
        open = is_open(head, body);
    }
    let mut piece = format!("{head}{body}");
    if !open || tail.is_empty() {
        return (piece, None, tail);
    }
    piece.push('\n');
    piece.push_str(FENCE);
    (piece, Some(opener(body)), tail)
}

fn is_open(head: &str, body: &str) -> bool {
    (head.matches(FENCE).count() + body.matches(FENCE).count()) % 2 == 1
}

/// The line that opened the last fence, with its language; a plain fence when the line is something else or was opened earlier.
fn opener(body: &str) -> &str {
    let Some(at) = body.rfind(FENCE) else { return FENCE };
    let line_start = body[..at].rfind('\n').map_or(0, |n| n + 1);
    let line = body[at..].lines().next().unwrap_or(FENCE);
    let plain = !body[line_start..at].trim().is_empty() || line[FENCE.len()..].contains(['`', ' ']) || line.chars().count() > 24;
    if plain { FENCE } else { line }
}

fn cut_off(text: &str, room: usize) -> (&str, &str) {
    let Some((end, _)) = text.char_indices().nth(room) else { return (text, "") };
    let at = border(text, end);
    (text[..at].trim_end(), &text[at..])
}

/// The best place to cut at or before `end`; never 0.
fn border(text: &str, end: usize) -> usize {
    // A line break right after the window is a fine place too.
    let reach = text[end..].chars().next().filter(|c| c.is_whitespace()).map_or(end, |c| end + c.len_utf8());
    let window = &text[..reach];
    let by_paragraph = || window.rfind("\n\n");
    let by_line = || window.rfind('\n');
    let by_sentence = || window.split_sentence_bound_indices().map(|(at, _)| at).filter(|&at| at <= end).last();
    let by_word = || window.rfind(char::is_whitespace);
    let usable = |at: &usize| *at > 0 && !text[..*at].trim().is_empty();
    let at = by_paragraph()
        .filter(usable)
        .or_else(|| by_line().filter(usable))
        .or_else(|| by_sentence().filter(usable))
        .or_else(|| by_word().filter(usable))
        .unwrap_or_else(|| last_grapheme(text, end));
    outside_backticks(text, at)
}

/// The last border between graphemes at or before `end`; `end` itself when the first grapheme is longer than that.
fn last_grapheme(text: &str, end: usize) -> usize {
    let fitting = text.grapheme_indices(true).map(|(at, g)| at + g.len()).take_while(|&at| at <= end).last();
    fitting.unwrap_or(end)
}

/// Three backticks are one sign: a cut inside them would leave both halves meaningless.
fn outside_backticks(text: &str, at: usize) -> usize {
    if !text[at..].starts_with('`') {
        return at;
    }
    let before = text[..at].trim_end_matches('`').len();
    if before > 0 { before } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_falls_on_the_strongest_border_that_fits() {
        let cases: &[(&str, &str, usize, &[&str])] = &[
            ("nothing to do", "short", 10, &["short"]),
            ("blank", " \n ", 10, &[]),
            ("paragraph", "one two.\nthree\n\nfour five", 20, &["one two.\nthree", "four five"]),
            ("line", "one two\nthree four five", 12, &["one two", "three four", "five"]),
            ("sentence", "One two. Three four. Five", 22, &["One two. Three four.", "Five"]),
            ("word", "alpha beta gamma", 11, &["alpha beta", "gamma"]),
            ("exact fit before a space", "alpha beta gamma", 10, &["alpha beta", "gamma"]),
            ("no border at all", "abcdefghij", 4, &["abcd", "efgh", "ij"]),
            ("family emoji stays whole", "👨‍👩‍👧👨‍👩‍👧", 7, &["👨‍👩‍👧", "👨‍👩‍👧"]),
            ("combining accent stays whole", "ae\u{301}ae\u{301}", 2, &["a", "e\u{301}", "a", "e\u{301}"]),
            ("one grapheme larger than the limit", "e\u{301}\u{301}\u{301}", 2, &["e\u{301}", "\u{301}\u{301}"]),
            ("a limit of zero counts as one", "ab", 0, &["a", "b"]),
        ];
        for (name, text, limit, expected) in cases {
            assert_eq!(split(text, *limit), *expected, "{name}");
        }
    }

    #[test]
    fn every_piece_fits_and_together_they_say_the_whole_text() {
        let prose = "Buenos días. ¿Cómo está usted? Sí, señora; 2×3=6 👩🏽‍🚀 אבג مرحبا\n- uno\n- dos\n\n".repeat(40);
        let code = format!("Antes\n\n```rust\n{}```\nDespués", "    let x = 1; // línea\n\n".repeat(60));
        let unbroken = "漢字".repeat(500);
        let words = |s: &str| s.split_whitespace().filter(|w| !w.starts_with(FENCE)).collect::<String>();
        for text in [&prose, &code, &unbroken] {
            for limit in [1, 2, 7, 63, 64, 65, 100, 1000, 4096] {
                let pieces = split(text, limit);
                assert!(pieces.iter().all(|p| !p.is_empty() && p.chars().count() <= limit), "limit {limit}");
                if limit >= SMALLEST_FENCED {
                    assert!(pieces.iter().all(|p| p.matches(FENCE).count() % 2 == 0), "limit {limit}: {pieces:#?}");
                    assert_eq!(words(&pieces.join("\n")).len(), words(text).len(), "limit {limit}");
                    assert_eq!(words(&pieces.join("\n")), words(text), "limit {limit}");
                }
            }
        }
    }

    #[test]
    fn a_cut_code_block_is_closed_and_opened_again_with_its_language_and_indentation() {
        let text = format!("```sql\n{}\n    indented {}\n```", "a".repeat(40), "b".repeat(40));
        let pieces = split(&text, 70);
        assert_eq!(pieces, [format!("```sql\n{}\n```", "a".repeat(40)), format!("```sql\n    indented {}\n```", "b".repeat(40))]);
    }

    #[test]
    fn a_shortened_text_ends_in_an_ellipsis_between_graphemes() {
        for (text, limit, expected) in
            [("corto", 5, "corto"), ("demasiado", 5, "dema…"), ("uno dos", 5, "uno…"), ("ab👨‍👩‍👧c", 4, "ab…"), ("ab", 0, "")]
        {
            assert_eq!(shorten(text, limit), expected, "{text}");
        }
        assert_eq!(cut("ab👨‍👩‍👧", 4), "ab");
    }
}
