//! What parameters a tool may have: a JSON Schema, or a bare map of properties as the predecessor's people wrote it.

use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value, json};

const LARGEST: usize = 32 << 10;
const DEEPEST: usize = 16;
const MOST_PROPERTIES: usize = 64;

/// What the server knows better than any model; a request says `{{contact.phone}}` instead.
const IDENTITY: &[(&str, &str)] = &[
    ("phone", "{{contact.phone}}"),
    ("phone_number", "{{contact.phone}}"),
    ("customer_phone", "{{contact.phone}}"),
    ("user_phone", "{{contact.phone}}"),
    ("whatsapp_id", "{{contact.address}}"),
    ("wa_id", "{{contact.address}}"),
    ("contact_id", "{{contact.id}}"),
    ("customer_id", "{{contact.id}}"),
    ("user_id", "{{contact.id}}"),
    ("conversation_id", "{{conversation.id}}"),
    ("tenant", "{{tenant.id}}"),
    ("tenant_id", "{{tenant.id}}"),
    ("business_id", "{{tenant.id}}"),
    ("time_zone", "{{tenant.time_zone}}"),
    ("timezone", "{{tenant.time_zone}}"),
    ("now", "{{now}}"),
    ("current_time", "{{now}}"),
];

/// The arguments' schema in its one form: an object, closed to strangers unless it says otherwise.
pub fn normalise(given: &Value) -> Result<Value, String> {
    let Value::Object(map) = given else {
        return match given {
            Value::Null => Ok(json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false})),
            _ => Err("must be a JSON Schema object, or a map of properties".to_owned()),
        };
    };
    let mut schema = if is_schema(map) { map.clone() } else { from_properties(map)? };
    match schema.get("type") {
        None => drop(schema.insert("type".to_owned(), "object".into())),
        Some(Value::String(kind)) if kind == "object" => {}
        Some(_) => return Err("`type` must be \"object\": a call has named arguments".to_owned()),
    }
    match schema.get("properties") {
        None => drop(schema.insert("properties".to_owned(), json!({}))),
        Some(Value::Object(_)) => {}
        Some(_) => return Err("`properties` must be an object".to_owned()),
    }
    schema.entry("additionalProperties").or_insert(Value::Bool(false));
    Ok(Value::Object(schema))
}

fn is_schema(map: &Map<String, Value>) -> bool {
    let word = |key: &str| map.get(key).is_some_and(|v| v.is_string() || v.is_array());
    let of_schemas = |v: &Value| v.as_object().is_some_and(|o| o.values().all(|v| v.is_object() || v.is_boolean()));
    word("type")
        || word("$ref")
        || word("allOf")
        || word("anyOf")
        || word("oneOf")
        || map.get("properties").is_some_and(of_schemas)
}

/// `{"city": {"type": "string", "required": true}}`; a type may stand alone (`{"city": "string"}`).
fn from_properties(map: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, property) in map {
        let mut property = match property {
            Value::Object(property) => property.clone(),
            Value::String(kind) => Map::from_iter([("type".to_owned(), Value::String(kind.clone()))]),
            _ => return Err(format!("`{name}` must be described by an object like {{\"type\": \"string\"}}")),
        };
        match property.get("required") {
            Some(Value::Bool(true)) => required.push(Value::String(name.clone())),
            Some(Value::Bool(false)) => {}
            _ => {
                properties.insert(name.clone(), Value::Object(property));
                continue;
            }
        }
        property.remove("required");
        properties.insert(name.clone(), Value::Object(property));
    }
    let schema = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    Ok(schema.as_object().cloned().unwrap_or_default())
}

/// Compiles a normalised schema; patterns in linear time, nothing is fetched.
pub fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::options().with_pattern_options(PatternOptions::regex()).build(schema).map_err(|e| e.to_string())
}

/// What is wrong with the form of a normalised schema, whoever wrote it.
pub(crate) fn shape_problems(schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if schema.to_string().len() > LARGEST {
        return vec![format!("is larger than {LARGEST} bytes")];
    }
    if depth(schema) > DEEPEST {
        return vec![format!("is nested deeper than {DEEPEST}")];
    }
    if let Some(reference) = foreign_reference(schema) {
        return vec![format!("`$ref` may only point into this schema (#/…), not to `{reference}`")];
    }
    let properties = schema["properties"].as_object().map(Map::len).unwrap_or_default();
    if properties > MOST_PROPERTIES {
        found.push(format!("has more than {MOST_PROPERTIES} properties"));
    }
    if let Err(problem) = compile(schema) {
        found.push(format!("is not a JSON Schema: {problem}"));
    }
    found
}

/// What is wrong with a normalised schema of a business's own.
pub(super) fn problems(schema: &Value) -> Vec<String> {
    let mut found = shape_problems(schema);
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if let Some((name, place)) = IDENTITY.iter().find(|(name, _)| name.eq_ignore_ascii_case(required)) {
            found.push(format!(
                "requires `{name}`, which the server knows and a model may not choose: write {place} in the request instead"
            ));
        } else if schema["properties"].get(required).is_none() {
            found.push(format!("requires `{required}`, which is not among its properties"));
        }
    }
    found
}

/// What the server would fill in for a parameter of this name.
pub(super) fn identity(name: &str) -> Option<&'static str> {
    IDENTITY.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, place)| *place)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

fn foreign_reference(value: &Value) -> Option<&str> {
    match value {
        Value::Array(items) => items.iter().find_map(foreign_reference),
        Value::Object(map) => match map.get("$ref") {
            Some(Value::String(target)) if !target.starts_with('#') => Some(target),
            _ => map.values().find_map(foreign_reference),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations_become_one_closed_schema() {
        let city = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false});
        let cases = [
            (json!({"city": {"type": "string", "required": true}}), city.clone()),
            (json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}), city.clone()),
            (json!({"properties": {"city": {"type": "string"}}, "required": ["city"]}), city.clone()),
            (
                json!({"city": "string"}),
                json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": [], "additionalProperties": false}),
            ),
            (
                json!({"type": {"type": "string"}}),
                json!({"type": "object", "properties": {"type": {"type": "string"}}, "required": [], "additionalProperties": false}),
            ),
            (
                json!({"type": "object", "additionalProperties": true}),
                json!({"type": "object", "properties": {}, "additionalProperties": true}),
            ),
            (json!({}), json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false})),
            (Value::Null, json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false})),
        ];
        for (given, expected) in cases {
            let normal = normalise(&given).unwrap();
            assert_eq!(normal, expected, "{given}");
            assert_eq!(normalise(&normal).unwrap(), normal, "{given}: once is enough");
        }
    }

    #[test]
    fn what_is_no_schema_is_refused_with_the_reason() {
        for (given, word) in [
            (json!([]), "JSON Schema"),
            (json!("x"), "JSON Schema"),
            (json!({"type": "string"}), "object"),
            (json!({"a": 1}), "`a`"),
        ] {
            assert!(normalise(&given).unwrap_err().contains(word), "{given}");
        }
        let deep = (0..20).fold(json!({"type": "string"}), |inner, _| json!({"type": "object", "properties": {"x": inner}}));
        for (given, word) in [
            (json!({"type": "object", "properties": {"a": {"type": "strin"}}}), "not a JSON Schema"),
            (json!({"type": "object", "properties": {"a": {"$ref": "https://example.com/x.json"}}}), "$ref"),
            (json!({"type": "object", "properties": {"phone": {"type": "string"}}, "required": ["phone"]}), "{{contact.phone}}"),
            (json!({"type": "object", "properties": {}, "required": ["a"]}), "not among"),
            (deep, "deeper"),
            (json!({"type": "object", "properties": {"a": {"description": "x".repeat(40_000)}}}), "larger"),
        ] {
            let problems = problems(&normalise(&given).unwrap());
            assert!(problems.iter().any(|p| p.contains(word)), "{word}: {problems:?}");
        }
        let fine = json!({"a": {"type": "string", "pattern": "^(a+)+$"}});
        let fine = normalise(&fine).unwrap();
        assert_eq!(problems(&fine), Vec::<String>::new());
        assert!(!compile(&fine).unwrap().is_valid(&json!({"a": format!("{}b", "a".repeat(5000))})), "in linear time");
    }
}
