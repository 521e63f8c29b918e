//! References of a document, followed inside it and within bounds.

use std::cell::Cell;

use serde_json::{Map, Value, json};

/// Deeper than this a schema says nothing more to a model.
const DEEPEST: usize = 8;
/// Values of one operation.
const MOST_VALUES: usize = 4_000;

/// Keywords that are not for models, or that JSON Schema does not know.
const LEFT_OUT: &[&str] =
    &["example", "examples", "xml", "externalDocs", "discriminator", "deprecated", "nullable", "writeOnly", "$schema", "$id"];

pub(super) struct Document<'d> {
    root: &'d Value,
    left: Cell<usize>,
}

impl<'d> Document<'d> {
    pub(super) fn new(root: &'d Value) -> Document<'d> {
        Document { root, left: Cell::new(MOST_VALUES) }
    }

    /// The thing itself, when it is named by a reference.
    pub(super) fn follow(&self, value: &'d Value) -> Result<Value, String> {
        self.target(value).cloned()
    }

    fn target(&self, mut value: &'d Value) -> Result<&'d Value, String> {
        for _ in 0..DEEPEST {
            let Some(reference) = value["$ref"].as_str() else { return Ok(value) };
            value = self.find(reference)?;
        }
        Err("references lead in a circle".to_owned())
    }

    fn find(&self, reference: &str) -> Result<&'d Value, String> {
        let shown: String = reference.chars().take(80).collect();
        let Some(pointer) = reference.strip_prefix('#') else {
            return Err(format!("`{shown}` leads out of the document: paste one that is complete"));
        };
        self.root.pointer(pointer).ok_or_else(|| format!("`{shown}` leads nowhere"))
    }

    /// A schema without references, for a model.
    pub(super) fn whole(&self, schema: &Value) -> Result<Value, String> {
        self.expand(schema, 0)
    }

    fn expand(&self, schema: &Value, depth: usize) -> Result<Value, String> {
        let left = self.left.get().checked_sub(1).ok_or("its schema is too large for a model")?;
        self.left.set(left);
        let Value::Object(map) = schema else {
            return Ok(if schema.is_null() { json!({}) } else { schema.clone() });
        };
        // What contains itself ends somewhere.
        if depth > DEEPEST {
            return Ok(json!({}));
        }
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            return self.expand(self.find(reference)?, depth + 1);
        }
        let mut out = Map::new();
        for (key, value) in map {
            let expanded = match key.as_str() {
                key if LEFT_OUT.contains(&key) || key.starts_with("x-") => continue,
                "properties" | "patternProperties" => {
                    let mut all = Map::new();
                    for (name, property) in value.as_object().into_iter().flatten() {
                        all.insert(name.clone(), self.expand(property, depth + 1)?);
                    }
                    Value::Object(all)
                }
                "items" | "additionalProperties" | "not" => self.expand(value, depth + 1)?,
                "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                    let all = value.as_array().into_iter().flatten().map(|v| self.expand(v, depth + 1));
                    Value::Array(all.collect::<Result<_, _>>()?)
                }
                "description" => value.as_str().unwrap_or_default().chars().take(300).collect::<String>().into(),
                // OpenAPI 3.0 said it with a word beside the limit.
                "exclusiveMinimum" | "exclusiveMaximum" if value.is_boolean() => continue,
                _ => value.clone(),
            };
            out.insert(key.clone(), expanded);
        }
        if map.get("nullable") == Some(&Value::Bool(true))
            && let Some(Value::String(kind)) = out.get("type").cloned()
        {
            out.insert("type".to_owned(), json!([kind, "null"]));
        }
        Ok(Value::Object(merged(out)))
    }
}

/// `allOf` of objects is one object; models read it better.
fn merged(mut schema: Map<String, Value>) -> Map<String, Value> {
    let of_objects =
        schema.get("allOf").and_then(Value::as_array).is_some_and(|all| all.iter().all(|s| s["properties"].is_object()));
    let Some(Value::Array(parts)) = of_objects.then(|| schema.remove("allOf")).flatten() else { return schema };
    let mut properties = Map::new();
    let mut required = Vec::new();
    for part in parts.into_iter().chain([Value::Object(schema.clone())]) {
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(part["required"].as_array().cloned().unwrap_or_default());
    }
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert("required".to_owned(), Value::Array(required));
    schema
}
