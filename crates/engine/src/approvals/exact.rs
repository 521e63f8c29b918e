//! Values exactly as they are, written so that nothing in them is hidden, turned around, or taken for the form of the message.

use serde_json::Value;

use crate::prompt::hides;

/// What stands between values that share a line.
pub(super) const BETWEEN: &str = " · ";

/// A text as it is written, unless it would not stay on its line, hides something, or looks like two values. What would not be seen as itself
/// is written as its number: nobody says yes to something else than they read.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => self::text(text),
        other => escaped(&other.to_string()),
    }
}

pub(super) fn text(text: &str) -> String {
    let as_it_is = !text.is_empty()
        && text.trim() == text
        && !text.starts_with('"')
        && !text.contains(BETWEEN.trim())
        && signs(text).all(|(_, plain)| plain);
    if as_it_is { text.to_owned() } else { escaped(&Value::from(text).to_string()) }
}

/// The name of a value: besides, it ends where it seems to.
pub(super) fn name(name: &str) -> String {
    if name.contains(':') { escaped(&Value::from(name).to_string()) } else { text(name) }
}

/// Somebody's words in one line, without what is not seen.
pub(super) fn one_line(text: &str) -> String {
    let seen: String = neighbours(text).map(|(before, c, after)| if is_unseen(before, c, after) { ' ' } else { c }).collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// JSON whose strings stay the same strings.
fn escaped(json: &str) -> String {
    signs(json).fold(String::with_capacity(json.len()), |mut out, (c, plain)| {
        match plain {
            true => out.push(c),
            false => out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
        out
    })
}

/// Each sign, and whether it is seen as itself where it stands.
fn signs(text: &str) -> impl Iterator<Item = (char, bool)> {
    neighbours(text).map(|(before, c, after)| {
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        // WhatsApp writes bold between stars that stand at the edge of a word, and code anywhere between backticks.
        let marks = c == '`' || (matches!(c, '*' | '_' | '~') && !(inside(before) && inside(after)));
        (c, !marks && !is_unseen(before, c, after))
    })
}

fn neighbours(text: &str) -> impl Iterator<Item = (Option<char>, char, Option<char>)> {
    let mut before = None;
    text.char_indices().map(move |(at, c)| (before.replace(c), c, text[at + c.len_utf8()..].chars().next()))
}

/// Controls, formats, separators, and letters without a shape. What joins pictures is seen as the picture that they are.
fn is_unseen(before: Option<char>, c: char, after: Option<char>) -> bool {
    let picture = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_alphanumeric() && !c.is_whitespace());
    match c {
        '\u{200c}' | '\u{200d}' => !(picture(before) && picture(after)),
        '\u{fe00}'..='\u{fe0f}' => !picture(before),
        _ => c.is_control() || (c.is_whitespace() && c != ' ') || hides(c) || is_shapeless(c),
    }
}

/// Beside what hides in a prompt: the other formats of Unicode, and what is a letter or a mark by name only.
fn is_shapeless(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0080}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_in_a_value_is_unseen_or_looks_like_another_value() {
        for (value, expected) in [
            (json!("Calle 8 #12-3, ¿apto 4?"), "Calle 8 #12-3, ¿apto 4?"),
            (json!("svc_123"), "svc_123"),
            (json!("5*3"), "5*3"),
            (json!(5), "5"),
            (json!(""), r#""""#),
            (json!(" x"), r#"" x""#),
            (json!("a\nb\\"), r#""a\nb\\""#),
            (json!("5\u{202e}005"), r#""5\u202e005""#),
            (json!("a\u{200b}b"), r#""a\u200bb""#),
            (json!("a\u{200d}b"), r#""a\u200db""#),
            (json!("a\u{2028}amount: 1"), r#""a\u2028amount: 1""#),
            (json!("c\u{2029}d\u{a0}e\u{7f}f\u{85}"), r#""c\u2029d\u00a0e\u007ff\u0085""#),
            (json!("a\u{e0041}"), r#""a\udb40\udc41""#),
            (json!("a\u{3164}b\u{fe0f}c"), r#""a\u3164b\ufe0fc""#),
            (json!("late · amount: 1"), r#""late · amount: 1""#),
            (json!("· amount: 1"), r#""· amount: 1""#),
            (json!("\"5\""), r#""\"5\"""#),
            (json!("*ok*"), r#""\u002aok\u002a""#),
            (json!("no ~500~ _5_"), r#""no \u007e500\u007e \u005f5\u005f""#),
            (json!("a`b`c"), r#""a\u0060b\u0060c""#),
            (json!({ "x": "a\u{202e}" }), r#"{"x":"a\u202e"}"#),
            (json!({ "to\u{202e}": ["*x*", 1] }), r#"{"to\u202e":["\u002ax\u002a",1]}"#),
            (json!("niño 👩\u{200d}🔧 👩🏽\u{200d}🔧 ❤\u{fe0f}\u{200d}🔥"), "niño 👩\u{200d}🔧 👩🏽\u{200d}🔧 ❤\u{fe0f}\u{200d}🔥"),
        ] {
            let out = shown(&value);
            assert_eq!(out, expected, "{value:?}");
            if out.starts_with(['"', '{']) {
                assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), value, "it is the same value");
            }
        }
        assert_eq!(
            (name("amount"), name("a: 5"), name("a\u{202e}")),
            ("amount".into(), r#""a: 5""#.into(), r#""a\u202e""#.into())
        );
        assert_eq!(one_line(" Ana\u{202e}\nMaría\u{200b}\u{2028}ok "), "Ana María ok");
    }
}
