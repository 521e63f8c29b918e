//! Texts of somebody else, made fit to be shown to a model or a person: bounded, and without what cannot be seen.

use serde_json::Value;

use crate::prompt::hides;

/// Of a description inside of a schema.
const LONGEST_INSIDE: usize = 500;

/// Cut after so many characters. Letters that hide or turn text around are left out, line breaks and tabs stay.
pub(crate) fn text(text: &str, limit: usize) -> String {
    let mut seen = text.chars().filter(|c| is_plain(*c) || matches!(c, '\n' | '\t'));
    let kept: String = seen.by_ref().take(limit).collect();
    if seen.next().is_some() { format!("{kept} … (cut off)") } else { kept }
}

/// The same in one line.
pub(crate) fn line(text: &str, limit: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().filter(|c| is_plain(*c)).take(limit).collect()
}

fn is_plain(c: char) -> bool {
    !c.is_control() && !hides(c)
}

/// Titles and descriptions inside of a schema; what decides about arguments stays as it is.
pub(crate) fn schema(mut schema: Value) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.remove("$schema");
    }
    inside(&mut schema, false);
    schema
}

/// `named`: the members are named by whoever wrote the schema, they are no keywords.
fn inside(value: &mut Value, named: bool) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(told) if !named && matches!(name.as_str(), "description" | "title" | "$comment") => {
                        *told = text(told, LONGEST_INSIDE);
                    }
                    value => {
                        let names = matches!(name.as_str(), "properties" | "patternProperties" | "$defs" | "definitions");
                        inside(value, names && !named);
                    }
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| inside(item, false)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_hides_is_left_out_and_what_is_long_is_cut() {
        let hidden = "a\u{200b}b\u{202e}c\u{e0041}\u{e0042}d\u{7}e\0f";
        assert_eq!(text(hidden, 100), "abcdef");
        assert_eq!(text("a\nb\tc", 100), "a\nb\tc");
        assert_eq!(line(" a\n\n  b \t c ", 100), "a b c");
        assert_eq!(text(&"x".repeat(11), 10), format!("{} … (cut off)", "x".repeat(10)));
        assert_eq!(text("👩\u{200d}🚀 niño", 100), "👩\u{200d}🚀 niño", "joined pictures stay");
    }

    #[test]
    fn of_a_schema_only_words_for_people_are_touched() {
        let given = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object", "description": "a\u{200b}b",
            "properties": {
                "description": {"type": "string", "description": "x".repeat(600), "enum": ["a\u{200b}"]},
                "title": {"type": "object", "properties": {"y": {"title": "b\u{7}"}}},
            },
        });
        let shown = schema(given);
        assert_eq!(shown["$schema"], Value::Null);
        assert_eq!(shown["description"], "ab");
        assert_eq!(shown["properties"]["description"]["enum"][0], "a\u{200b}");
        assert!(shown["properties"]["description"]["description"].as_str().unwrap().len() < 530);
        assert_eq!(shown["properties"]["title"]["properties"]["y"]["title"], "b");
    }
}
