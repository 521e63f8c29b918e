//! Request bodies that are not JSON, as the JSON that the schemas speak of: forms, query strings, multipart.

use std::{borrow::Cow, collections::BTreeSet};

use serde_json::{Map, Value};

/// A part of a multipart body.
pub(crate) struct Field<'a> {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) data: &'a [u8],
}

impl Field<'_> {
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.data)
    }
    /// A file stands for itself: its bytes are not part of a contract.
    pub(super) fn pair(&self) -> (Cow<'_, str>, Cow<'_, str>) {
        let value = if self.file_name.is_some() { "<file>".into() } else { self.text() };
        (Cow::Borrowed(&self.name), value)
    }
}

/// The parts of a multipart body; `content_type` is the header with the boundary.
pub(crate) fn multipart<'a>(content_type: &str, body: &'a [u8]) -> Result<Vec<Field<'a>>, String> {
    let boundary = parameter(content_type, "boundary").ok_or("multipart without a boundary")?;
    let (first, next) = (format!("--{boundary}"), format!("\r\n--{boundary}"));
    let start = find(body, first.as_bytes()).ok_or("multipart without its first boundary")?;
    let mut rest = &body[start + first.len()..];
    let mut fields = Vec::new();
    while !rest.starts_with(b"--") {
        let part = rest.strip_prefix(b"\r\n").ok_or("multipart: a boundary without a line end")?;
        let head_end = find(part, b"\r\n\r\n").ok_or("multipart: a part without headers")?;
        let (head, part) = (String::from_utf8_lossy(&part[..head_end]), &part[head_end + 4..]);
        let end = find(part, next.as_bytes()).ok_or("multipart: a part without an end")?;
        let header = |name: &str| {
            let lines = head.lines().filter_map(|l| l.split_once(':'));
            lines.filter(|(n, _)| n.trim().eq_ignore_ascii_case(name)).map(|(_, v)| v.trim().to_owned()).next()
        };
        let disposition = header("content-disposition").unwrap_or_default();
        fields.push(Field {
            name: parameter(&disposition, "name").ok_or("multipart: a part without a name")?,
            file_name: parameter(&disposition, "filename"),
            content_type: header("content-type"),
            data: &part[..end],
        });
        rest = &part[end + next.len()..];
    }
    Ok(fields)
}

/// `a[b][0]=c` as objects in objects (list places are members named `0`, `1` …); a repeated key becomes a list.
pub(super) fn tree<K: AsRef<str>, V: AsRef<str>>(pairs: impl Iterator<Item = (K, V)>) -> Value {
    let mut root = Map::new();
    for (key, value) in pairs {
        let mut names = key.as_ref().split(['[', ']']).filter(|name| !name.is_empty()).peekable();
        let mut at = &mut root;
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                add(at, name, Value::from(value.as_ref()));
                break;
            }
            let inner = at.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            let Some(inner) = inner.as_object_mut() else { break };
            at = inner;
        }
    }
    Value::Object(root)
}

/// Texts turned into what the schema allows there: numbers, booleans, lists.
pub(super) fn typed(defs: &Value, schema: &Value, value: Value) -> Value {
    coerce(defs, &[schema], value)
}

fn add(object: &mut Map<String, Value>, name: &str, value: Value) {
    match object.get_mut(name) {
        None => drop(object.insert(name.to_owned(), value)),
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn coerce(defs: &Value, schemas: &[&Value], value: Value) -> Value {
    let kinds: BTreeSet<&str> = flat(defs, schemas).into_iter().flat_map(kinds).collect();
    let items = || -> Vec<&Value> { flat(defs, schemas).into_iter().filter_map(|s| s.get("items")).collect() };
    let list = |list: Vec<Value>| list.into_iter().map(|v| coerce(defs, &items(), v)).collect();
    match value {
        Value::Object(object) => {
            let places = object.keys().map(|k| k.parse::<usize>().ok()).collect::<Option<BTreeSet<_>>>();
            match places {
                Some(places) if !places.is_empty() && kinds.contains("array") => {
                    let mut object = object;
                    list(places.iter().filter_map(|place| object.remove(&place.to_string())).collect())
                }
                _ => {
                    let member = |(name, value): (String, Value)| {
                        let schemas = properties(defs, schemas, &name);
                        let value = coerce(defs, &schemas, value);
                        (name, value)
                    };
                    Value::Object(object.into_iter().map(member).collect())
                }
            }
        }
        Value::Array(values) => list(values),
        Value::String(_) if kinds.contains("array") && !kinds.contains("string") => list(vec![value]),
        Value::String(text) => scalar(text, &kinds),
        other => other,
    }
}

fn scalar(text: String, kinds: &BTreeSet<&str>) -> Value {
    let number = || {
        let whole = text.parse::<i64>().ok().map(Value::from);
        whole.or_else(|| text.parse::<f64>().ok().filter(|n| n.is_finite()).map(Value::from))
    };
    if (kinds.contains("integer") || kinds.contains("number"))
        && let Some(number) = number()
    {
        return number;
    }
    match text.as_str() {
        "true" if kinds.contains("boolean") => Value::Bool(true),
        "false" if kinds.contains("boolean") => Value::Bool(false),
        _ => Value::String(text),
    }
}

/// The schemas that are meant: references followed, alternatives and conjunctions opened.
fn flat<'s>(defs: &'s Value, schemas: &[&'s Value]) -> Vec<&'s Value> {
    fn open<'s>(defs: &'s Value, schema: &'s Value, depth: usize, out: &mut Vec<&'s Value>) {
        if depth > 12 {
            return;
        }
        if let Some(name) = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
            open(defs, &defs[name], depth + 1, out);
        }
        for inner in ["anyOf", "allOf"].iter().filter_map(|k| schema[*k].as_array()).flatten() {
            open(defs, inner, depth + 1, out);
        }
        out.push(schema);
    }
    let mut out = Vec::new();
    schemas.iter().for_each(|schema| open(defs, schema, 0, &mut out));
    out
}

fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn properties<'s>(defs: &'s Value, schemas: &[&'s Value], name: &str) -> Vec<&'s Value> {
    let of = |schema: &'s Value| {
        let named = schema["properties"].get(name);
        named.or_else(|| schema.get("additionalProperties").filter(|extra| extra.is_object()))
    };
    flat(defs, schemas).into_iter().filter_map(of).collect()
}

/// `name` of `form-data; name="file"; filename="a.ogg"`.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut parameters = header.split(';').skip(1).filter_map(|p| p.trim().split_once('='));
    parameters.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_matches('"').to_owned())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(schema: &Value, text: &str) -> Value {
        typed(&json!({}), schema, tree(url::form_urlencoded::parse(text.as_bytes())))
    }

    #[test]
    fn a_form_becomes_what_its_schema_says() {
        let schema = json!({"properties": {
            "items": {"type": "array", "items": {"properties": {"quantity": {"type": "integer"}}}},
            "urls": {"type": "array", "items": {"type": "string"}},
            "live": {"type": "boolean"},
            "price": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "name": {"type": "string"},
        }});
        let cases = [
            ("items[0][quantity]=2&items[1][quantity]=3", json!({"items": [{"quantity": 2}, {"quantity": 3}]})),
            ("urls=a&urls=b", json!({"urls": ["a", "b"]})),
            ("urls=a", json!({"urls": ["a"]})),
            ("live=true&price=1.5&name=12", json!({"live": true, "price": 1.5, "name": "12"})),
            ("live=maybe&price=cheap", json!({"live": "maybe", "price": "cheap"})),
            ("unknown[x]=1", json!({"unknown": {"x": "1"}})),
        ];
        for (text, expected) in cases {
            assert_eq!(form(&schema, text), expected, "{text}");
        }
    }

    #[test]
    fn a_multipart_body_is_read_part_by_part() {
        let body = b"--X\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--X\r\n\
            content-disposition: form-data; name=\"file\"; filename=\"a.ogg\"\r\nContent-Type: audio/ogg\r\n\r\n\xff\r\n\xfe\r\n--X--\r\n";
        let fields = multipart("multipart/form-data; boundary=X", body).unwrap();
        assert_eq!((fields[0].name.as_str(), &*fields[0].text(), &fields[0].file_name), ("model", "whisper-1", &None));
        assert_eq!((fields[1].name.as_str(), fields[1].data), ("file", &b"\xff\r\n\xfe"[..]));
        assert_eq!(fields[1].content_type.as_deref(), Some("audio/ogg"));
        for cut in [10, 60, body.len() - 8] {
            assert!(multipart("multipart/form-data; boundary=X", &body[..cut]).is_err(), "cut at {cut}");
        }
        assert!(multipart("multipart/form-data", body).is_err());
    }
}
