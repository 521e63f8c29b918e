//! What is fuzzed here, by `cargo xtask fuzz`: files, numbers, templates, tools and queries of people, and what must hold of them.

use std::{str, sync::LazyLock};

use frontdesk_kernel::{Secret, ports::model::ToolCall, tool::ToolSpec};
use frontdesk_store::search::Query;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{
    contacts::{
        import::{self, Duplicates, Hints, Plan},
        phone,
    },
    echo::EchoKey,
    http_tools::{
        curl, openapi, schema,
        template::{Piece, pieces},
    },
    mcp::clean,
    prompt::{fuzz as prompts, hides},
    tools::{Toolbox, fits},
};

/// A file of contacts. What is kept of it is read again as it was.
pub fn import(data: &[u8]) {
    let Ok(read) = import::understand(data, &Hints::default()) else { return };
    assert_eq!(read.rows.len(), read.lines.len());
    assert!(read.rows.iter().all(|row| row.len() == read.shape.columns.len()), "{:?}", read.shape);
    let again = import::again(read.format, &read.shape, read.text.clone()).expect("what was read can be read again");
    assert_eq!((&again.rows, &again.lines), (&read.rows, &read.lines));
    let mapping = import::suggest(&read.shape.columns, read.shape.has_header, read.rows.first());
    let plan = Plan { mapping, duplicates: Duplicates::Merge, tags: Vec::new() };
    let looked = prompts::of_tenant(|tenant| import::look(&read, &plan, tenant, 100));
    assert_eq!(looked.len(), read.rows.len().min(100));
}

/// A telephone number as somebody writes it. What it comes to is the same when it is written that way.
pub fn phone(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    for region in [None, "CO".parse().ok(), "MX".parse().ok(), "DE".parse().ok()] {
        let Ok(digits) = phone::digits(text, region) else { continue };
        assert!((6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()), "{digits}");
        assert_eq!(phone::digits(&format!("+{digits}"), region), Ok(digits.clone()));
        let variants = phone::variants(&digits);
        assert!(variants.contains(&digits));
        for variant in &variants {
            assert!(phone::variants(variant).contains(&digits), "{digits} is {variant}, which is not {digits}");
        }
    }
}

/// A prompt's template: compiled and rendered within its bounds.
pub fn template(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    prompts::template(text);
}

/// A template of a request: its pieces are the text.
pub fn places(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let mut at = 0;
    for piece in pieces(text) {
        let (name, is_place) = match piece {
            Piece::Plain(plain) => (plain, false),
            Piece::Argument(name) | Piece::Ours(name) => (name, true),
        };
        let found = text[at..].find(name).expect("pieces are of the text, in order");
        assert!(is_place || found == 0 || text[at..at + found].chars().all(|c| c == '}' || c.is_whitespace()), "{text:?}");
        at += found + name.len();
    }
    let _ = (curl::read(text), openapi::read(text));
}

/// Our tools, their schemas compiled once.
static TOOLS: LazyLock<Vec<(ToolSpec, Validator)>> = LazyLock::new(|| {
    let toolbox = Toolbox::default();
    let names: Vec<String> = toolbox.names().map(str::to_owned).collect();
    let specs = toolbox.specs(Some(&names));
    let compiled = |spec: &ToolSpec| schema::compile(&spec.parameters).expect("the schema of a tool of ours");
    specs.iter().map(|spec| (spec.clone(), compiled(spec))).collect()
});

/// Arguments of a call to one of our tools: what fits names nothing that its schema does not name.
pub fn tool_arguments(data: &[u8]) {
    let Some((which, text)) = data.split_first() else { return };
    let Ok(arguments) = serde_json::from_slice::<Value>(text) else { return };
    let (spec, validator) = &TOOLS[usize::from(*which) % TOOLS.len()];
    let call = ToolCall { id: "c".into(), name: spec.name.clone(), arguments, broken: None };
    if fits(validator, &call).is_ok() {
        let named = call.arguments.as_object().expect("arguments are an object");
        assert!(named.keys().all(|name| spec.parameters["properties"].get(name).is_some()), "{}: {named:?}", spec.name);
    }
}

/// A schema that somebody writes for a tool: what is taken can be used, and is closed to strangers unless it says otherwise.
pub fn tool_schema(data: &[u8]) {
    let Ok(given) = serde_json::from_slice::<Value>(data) else { return };
    let Ok(taken) = schema::normalise(&given) else { return };
    if !schema::shape_problems(&taken).is_empty() {
        return;
    }
    let validator = schema::compile(&taken).expect("it has no problem");
    assert!(!validator.is_valid(&json!("text")), "arguments that are no object fit {taken}");
    if taken["additionalProperties"] == false && taken.get("patternProperties").is_none() {
        assert!(taken["properties"].get("stranger").is_some() || !validator.is_valid(&json!({ "stranger": 1 })), "{taken}");
    }
    let _ = clean::schema(taken);
}

/// Words of a server of others, as people and models are shown them.
pub fn foreign_words(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let line = clean::line(text, 80);
    assert!(line.chars().count() <= 80 && !line.contains(|c: char| c.is_control() || hides(c)), "{line:?}");
    let shown = clean::text(text, 80);
    assert!(!shown.contains(|c: char| hides(c) || (c.is_control() && c != '\n' && c != '\t')), "{shown:?}");
    let key = EchoKey::new(&Secret::new("ours"));
    assert_eq!(key.read(text), None, "an echo was forged");
}

/// What somebody looks for in messages: hits lie in the text, between letters.
pub fn search(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (query, message) = text.split_once('\n').unwrap_or((text, text));
    let Ok(query) = Query::parse(query) else { return };
    for hit in query.find_in(message).into_iter().flatten() {
        assert!(message.get(hit.clone()).is_some_and(|found| !found.is_empty()), "{hit:?} of {message:?}");
    }
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn contacts() {
        replay("import", super::import);
        replay("phone", super::phone);
        replay("search", super::search);
    }

    #[test]
    fn templates() {
        replay("template", super::template);
        replay("places", super::places);
    }

    #[test]
    fn tools() {
        replay("tool_arguments", super::tool_arguments);
        replay("tool_schema", super::tool_schema);
        replay("foreign_words", super::foreign_words);
    }
}
