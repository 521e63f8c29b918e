//! Operations of the API as tools: named and described as there, with one schema for everything that a call needs.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Map, Value, json};

use crate::describe;

/// A person at a screen, not a program with a key.
const NOT_FOR_PROGRAMS: &[&str] = &["session", "account"];
const REFERENCE: &str = "#/components/schemas/";

/// An operation of the API that can be called as a tool.
pub(super) struct Operation {
    pub(super) tool: Tool,
    pub(super) tags: Vec<String>,
    pub(super) method: String,
    /// With places, `/contacts/{id}`.
    pub(super) path: String,
    pub(super) in_path: Vec<String>,
    pub(super) in_query: Vec<String>,
    pub(super) has_body: bool,
}

/// Everything there is, in the order of the description.
pub(super) static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let document: Value = serde_json::from_str(&describe::openapi_json()).expect("a test reads the description");
    let schemas = &document["components"]["schemas"];
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(m, o)| (path, m, o)));
    operations.filter_map(|(path, method, operation)| of(path, method, operation, schemas)).collect()
});

/// `None`: streams and files, which a tool's text cannot carry, and what is for people.
fn of(path: &str, method: &str, operation: &Value, schemas: &Value) -> Option<Operation> {
    let tags: Vec<String> = operation["tags"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if tags.iter().any(|t| NOT_FOR_PROGRAMS.contains(&t.as_str())) || !answers_json(operation) {
        return None;
    }
    let body = match operation["requestBody"]["content"].as_object() {
        Some(kinds) => Some(kinds.get("application/json")?),
        None => None,
    };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    let mut named = |place: &str| -> Vec<String> {
        let parameters = operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == place);
        let named = parameters.filter_map(|p| {
            let name = p["name"].as_str()?;
            let mut schema = p["schema"].clone();
            if let (Some(schema), Some(text)) = (schema.as_object_mut(), p["description"].as_str()) {
                schema.insert("description".to_owned(), text.into());
            }
            properties.insert(name.to_owned(), schema);
            if p["required"] == true {
                required.push(name.to_owned());
            }
            Some(name.to_owned())
        });
        named.collect()
    };
    let (in_path, in_query) = (named("path"), named("query"));
    if let Some(body) = body {
        properties.insert("body".to_owned(), body["schema"].clone());
        if operation["requestBody"]["required"] == true {
            required.push("body".to_owned());
        }
    }
    let schema = self_contained(
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false }),
        schemas,
    );
    let mut tool = Tool::new(operation["operationId"].as_str()?.to_owned(), description(operation), Arc::new(schema));
    tool.annotations = Some(annotations(method));
    let (method, path) = (method.to_uppercase(), path.to_owned());
    Some(Operation { tool, tags, method, path, in_path, in_query, has_body: body.is_some() })
}

fn answers_json(operation: &Value) -> bool {
    let answers = operation["responses"].as_object().into_iter().flatten().filter(|(status, _)| status.starts_with('2'));
    answers.filter_map(|(_, answer)| answer["content"].as_object()).flatten().all(|(kind, _)| kind == "application/json")
}

fn description(operation: &Value) -> String {
    let parts = ["summary", "description"].map(|name| operation[name].as_str().unwrap_or_default());
    parts.join("\n\n").trim().to_owned()
}

/// Hints: what is allowed is decided by the key's permissions, when it is called.
fn annotations(method: &str) -> ToolAnnotations {
    let reads = method == "get";
    let repeatable = matches!(method, "get" | "put" | "delete");
    ToolAnnotations::from_raw(None, Some(reads), Some(method == "delete"), Some(repeatable), Some(false))
}

/// References lead out of the schema: what they lead to comes along as `$defs`.
fn self_contained(mut schema: Value, schemas: &Value) -> JsonObject {
    let (mut found, mut open) = (BTreeSet::new(), Vec::new());
    redirect(&mut schema, &mut open);
    let mut defs = Map::new();
    while let Some(name) = open.pop() {
        if !found.insert(name.clone()) {
            continue;
        }
        let mut definition = schemas[&name].clone();
        redirect(&mut definition, &mut open);
        defs.insert(name, definition);
    }
    let mut schema = match schema {
        Value::Object(schema) => schema,
        _ => JsonObject::new(),
    };
    if !defs.is_empty() {
        schema.insert("$defs".to_owned(), Value::Object(defs));
    }
    schema
}

fn redirect(value: &mut Value, open: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(REFERENCE).map(str::to_owned)
            {
                *reference = format!("#/$defs/{name}");
                open.push(name);
            }
            members.values_mut().for_each(|v| redirect(v, open));
        }
        Value::Array(items) => items.iter_mut().for_each(|v| redirect(v, open)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_stands_for_itself() {
        assert!(ALL.len() > 100, "{}", ALL.len());
        let mut names = BTreeSet::new();
        for operation in ALL.iter() {
            let name = operation.tool.name.as_ref();
            assert!(names.insert(name), "{name} twice");
            assert!(name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{name}");
            assert!(operation.tool.description.as_ref().is_some_and(|d| !d.is_empty()), "{name} says nothing");
            let schema = Value::Object(operation.tool.input_schema.as_ref().clone());
            assert!(!schema.to_string().contains(REFERENCE), "{name} leads out");
            jsonschema::validator_for(&schema).unwrap_or_else(|e| panic!("{name}: {e}"));
        }
        let find = |name: &str| ALL.iter().find(|o| o.tool.name == name);
        let change = find("patch_contacts_id").unwrap();
        assert_eq!((&*change.in_path, &*change.in_query, change.has_body), (&["id".to_owned()][..], &[][..], true));
        for absent in ["get_events", "post_media", "post_session", "post_agents_id_playground"] {
            assert!(find(absent).is_none(), "{absent}");
        }
    }
}
