//! A tool as an import proposes it: to be looked at, completed and saved by a person.

use frontdesk_kernel::{
    http_tool::{AnswerRule, Encoding, HttpToolSpec, LONGEST_WAIT_MS, RequestTemplate, Rest, ToolAuth, ToolEffect},
    ports::http::Method,
};
use serde_json::{Map, Value, json};

#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub name: String,
    pub spec: HttpToolSpec,
    /// To be entered, or found in what was pasted.
    pub secrets: Vec<Offered>,
    /// What the import could not carry over, or assumed.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    pub name: String,
    pub host: String,
    pub value: Option<String>,
}

impl Draft {
    pub(super) fn new(method: Method, url: &str) -> Draft {
        let reads = method == Method::Get;
        let request = RequestTemplate {
            method,
            url: url.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            auth: ToolAuth::None,
            rest: if matches!(method, Method::Get | Method::Delete) { Rest::Query } else { Rest::Body },
            body: None,
            encoding: Encoding::Json,
            timeout_ms: 10_000.min(LONGEST_WAIT_MS),
        };
        let spec = HttpToolSpec {
            title: String::new(),
            description: String::new(),
            parameters: json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false}),
            request,
            answer: AnswerRule::default(),
            effect: if reads { ToolEffect::Reads } else { ToolEffect::Writes },
            idempotent: false,
            proves: None,
            level: None,
            category: None,
            amount: None,
            example: None,
            legacy: None,
        };
        Draft { name: String::new(), spec, secrets: Vec::new(), notes: Vec::new() }
    }

    /// Adds a parameter; the first of a name stays.
    pub(super) fn parameter(&mut self, name: &str, schema: Value, required: bool) {
        if let Some(properties) = self.spec.parameters["properties"].as_object_mut() {
            properties.entry(name).or_insert(schema);
        }
        if let Some(all) = self.spec.parameters["required"].as_array_mut()
            && required
            && !all.iter().any(|n| n == name)
        {
            all.push(name.into());
        }
    }

    pub(super) fn has_parameter(&self, name: &str) -> bool {
        self.spec.parameters["properties"].get(name).is_some()
    }

    /// A secret, under a name of its own.
    pub(super) fn secret(&mut self, wanted: &str, host: &str, value: Option<String>) -> String {
        let name = secret_name(wanted);
        let taken = |name: &str, all: &[Offered]| all.iter().any(|o| o.name == name && o.value != value);
        let name = (1..100)
            .map(|n| if n == 1 { name.clone() } else { format!("{name}_{n}") })
            .find(|name| !taken(name, &self.secrets))
            .unwrap_or(name);
        if !self.secrets.iter().any(|o| o.name == name) {
            self.secrets.push(Offered { name: name.clone(), host: host.to_owned(), value });
        }
        name
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }
}

/// `Get order (v2)` → `get_order_v2`; `getOrder` stays.
pub(super) fn tool_name(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || c == '-' => name.push(c),
            _ if name.is_empty() || name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_matches(['_', '-']);
    let name = if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name.to_owned() } else { format!("call_{name}") };
    name.chars().take(60).collect::<String>().trim_end_matches(['_', '-']).to_owned()
}

fn secret_name(text: &str) -> String {
    let name = tool_name(text).replace('-', "_").to_ascii_uppercase();
    if name.is_empty() { "SECRET".to_owned() } else { name }
}

/// The schema of which a value is an example.
pub(super) fn schema_of(example: &Value) -> (Value, bool) {
    let schema = match example {
        Value::Null => return (json!({}), false),
        Value::Bool(_) => json!({ "type": "boolean" }),
        Value::Number(n) => json!({ "type": if n.is_f64() { "number" } else { "integer" } }),
        Value::String(text) => {
            json!({ "type": "string", "description": format!("for example: {}", text.chars().take(80).collect::<String>()) })
        }
        Value::Array(items) => json!({ "type": "array", "items": items.first().map_or(json!({}), |item| schema_of(item).0) }),
        Value::Object(map) => {
            let mut properties = Map::new();
            let mut required = Vec::new();
            for (name, value) in map {
                let (schema, needed) = schema_of(value);
                properties.insert(name.clone(), schema);
                if needed {
                    required.push(name.clone());
                }
            }
            json!({ "type": "object", "properties": properties, "required": required })
        }
    };
    (schema, true)
}

/// Headers and query fields whose values are somebody's credentials.
pub fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let exact =
        ["authorization", "cookie", "key", "sig", "signature", "code", "password", "pwd", "apikey", "appid", "auth", "x-auth"];
    exact.contains(&name.as_str())
        || name.ends_with("-key")
        || name.ends_with("apikey")
        || name.ends_with("-auth")
        || name.contains("token")
        || name.contains("secret")
        || name.contains("password")
        || name.contains("authorization")
}
