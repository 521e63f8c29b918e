//! The arguments of a tool call, as a model wrote them.

use frontdesk_kernel::ports::model::ToolCall;
use serde_json::Value;

const MAX_BYTES: usize = 64 << 10;
const MAX_DEPTH: usize = 32;

/// Why a call of an answer that was cut off does not run.
pub(super) const CUT_OFF: &str = "the answer was cut off at the token limit before the call was complete";

/// Reads the text of the arguments. No text means no arguments.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("the arguments are longer than {MAX_BYTES} bytes"));
    }
    if text.trim().is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    let value: Value = serde_json::from_str(text).map_err(|e| format!("the arguments are not valid JSON: {e}"))?;
    check(&value)?;
    Ok(value)
}

/// The same limits for arguments that came as JSON.
pub(crate) fn admit(value: Value) -> Result<Value, String> {
    check(&value)?;
    if value.to_string().len() > MAX_BYTES {
        return Err(format!("the arguments are longer than {MAX_BYTES} bytes"));
    }
    Ok(value)
}

pub(super) fn tool_call(id: String, name: String, arguments: Result<Value, String>) -> ToolCall {
    match arguments {
        Ok(arguments) => ToolCall { id, name, arguments, broken: None },
        Err(why) => ToolCall { id, name, arguments: Value::Null, broken: Some(why) },
    }
}

fn check(value: &Value) -> Result<(), String> {
    if !value.is_object() {
        return Err("the arguments are not a JSON object".to_owned());
    }
    if depth(value) > MAX_DEPTH {
        return Err(format!("the arguments are nested deeper than {MAX_DEPTH} levels"));
    }
    Ok(())
}

/// The parser has already refused more than 128 levels.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_objects_within_limits_are_arguments() {
        assert_eq!(parse(r#"{"day":"2026-12-01"}"#), Ok(json!({"day":"2026-12-01"})));
        assert_eq!(parse(""), Ok(json!({})));
        assert_eq!(parse(" \n"), Ok(json!({})));
        let nested = |levels: usize| format!("{}{}", r#"{"a":"#.repeat(levels - 1) + "{}", "}".repeat(levels - 1));
        assert!(parse(&nested(32)).is_ok());
        let long = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
        assert!(parse(&long(64 << 10)).is_ok());
        for (text, why) in [
            (r#"{"day":"2026"#.to_owned(), "not valid JSON"),
            (r#"{"a":1}{"a":2}"#.to_owned(), "not valid JSON"),
            (r#"{"a":NaN}"#.to_owned(), "not valid JSON"),
            ("[1]".to_owned(), "not a JSON object"),
            ("null".to_owned(), "not a JSON object"),
            (r#""{}""#.to_owned(), "not a JSON object"),
            (nested(33), "deeper"),
            (nested(500), "not valid JSON"),
            (long((64 << 10) + 1), "longer"),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        let large = json!({ "a": "x".repeat(64 << 10) });
        assert!(admit(large).is_err() && admit(json!([])).is_err() && admit(json!({"a": 1})).is_ok());
    }
}
