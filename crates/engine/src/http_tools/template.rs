//! From a template and the arguments of a call to the exact request: every place filled, every value encoded for where it stands.

use std::{collections::BTreeSet, fmt::Write};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use frontdesk_kernel::{
    http_tool::{Encoding, HttpToolSpec, Rest, ToolAuth},
    ports::http::Method,
};
use serde_json::{Map, Value};
use url::Url;

/// A piece of a template's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Plain(&'t str),
    /// `{name}`: an argument of the call.
    Argument(&'t str),
    /// `{{name}}`: a value of the server.
    Ours(&'t str),
}

/// The pieces of a text. Braces around anything but a name are plain.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut plain_from, mut at) = (Vec::new(), 0, 0);
    while let Some(open) = text[at..].find('{').map(|i| at + i) {
        let double = text[open..].starts_with("{{");
        let inner = open + if double { 2 } else { 1 };
        let close = if double { "}}" } else { "}" };
        let name = text[inner..].find(close).map(|i| text[inner..inner + i].trim()).filter(|name| is_place(name));
        let Some(name) = name else {
            at = inner;
            continue;
        };
        let end = inner + text[inner..].find(close).unwrap_or_default() + close.len();
        if plain_from < open {
            found.push(Piece::Plain(&text[plain_from..open]));
        }
        found.push(if double { Piece::Ours(name) } else { Piece::Argument(name) });
        (plain_from, at) = (end, end);
    }
    if plain_from < text.len() {
        found.push(Piece::Plain(&text[plain_from..]));
    }
    found
}

pub(super) fn is_place(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.len() <= 128
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// Every text of a template with what it is, for checks and for finding which arguments have a place.
pub(crate) fn texts(spec: &HttpToolSpec) -> Vec<(String, &str)> {
    let r = &spec.request;
    let mut found = vec![("request.url".to_owned(), r.url.as_str())];
    found.extend(r.query.iter().enumerate().map(|(i, f)| (format!("request.query.{i}.value"), f.value.as_str())));
    found.extend(r.headers.iter().enumerate().map(|(i, f)| (format!("request.headers.{i}.value"), f.value.as_str())));
    if let ToolAuth::Basic { username, .. } = &r.auth {
        found.push(("request.auth.username".to_owned(), username));
    }
    if let Some(body) = &r.body {
        texts_of(body, "request.body", &mut found);
    }
    found
}

fn texts_of<'t>(value: &'t Value, path: &str, found: &mut Vec<(String, &'t str)>) {
    match value {
        Value::String(text) => found.push((path.to_owned(), text)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| texts_of(v, &format!("{path}.{i}"), found)),
        Value::Object(map) => map.iter().for_each(|(k, v)| texts_of(v, &format!("{path}.{k}"), found)),
        _ => {}
    }
}

/// The server's values for one call.
pub(crate) trait Ours {
    /// `None`: there is no value of this name (now).
    fn value(&self, name: &str) -> Option<String>;
}

/// A request, ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prepared {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<(Encoding, String)>,
}

/// Why there is no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// The arguments do not do; in words for the model.
    Arguments(String),
    /// The tool is not set up; in words for staff.
    Setup(String),
}

/// Fills the template. The same function makes what is sent and, with masked secrets, what is shown.
pub(crate) fn prepare(spec: &HttpToolSpec, arguments: &Map<String, Value>, ours: &dyn Ours) -> Result<Prepared, Unfit> {
    let r = &spec.request;
    let named: BTreeSet<&str> = texts(spec).iter().flat_map(|(_, text)| pieces(text)).filter_map(argument_name).collect();
    let mut url = Url::parse(&fill_url(&r.url, arguments, ours)?).map_err(|e| Unfit::Setup(format!("the URL: {e}")))?;
    let mut query: Vec<(String, String)> = Vec::new();
    for field in &r.query {
        if let Some(value) = fill(&field.value, arguments, ours)? {
            query.push((field.name.clone(), value));
        }
    }
    let rest = || arguments.iter().filter(|(name, _)| !named.contains(name.as_str()));
    if r.rest == Rest::Query {
        rest().for_each(|(name, value)| spread(name, value, &mut query));
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(&query);
    }
    let body = match &r.body {
        Some(template) => Some(fill_body(template, arguments, ours)?.unwrap_or(Value::Null)),
        None if r.rest == Rest::Body => Some(Value::Object(rest().map(|(k, v)| (k.clone(), v.clone())).collect())),
        None => None,
    };
    let mut headers = Vec::new();
    for field in &r.headers {
        if let Some(value) = fill(&field.value, arguments, ours)? {
            headers.push((field.name.clone(), value));
        }
    }
    headers.extend(proof(&r.auth, arguments, ours)?);
    let body = body.map(|value| match r.encoding {
        Encoding::Json => (Encoding::Json, value.to_string()),
        Encoding::Form => (Encoding::Form, as_form(&value)),
    });
    Ok(Prepared { method: r.method, url: url.into(), headers, body })
}

pub(crate) fn argument_name<'t>(piece: Piece<'t>) -> Option<&'t str> {
    if let Piece::Argument(name) = piece { Some(name) } else { None }
}

fn proof(auth: &ToolAuth, arguments: &Map<String, Value>, ours: &dyn Ours) -> Result<Option<(String, String)>, Unfit> {
    let secret = |name: &str| ours.value(&format!("secret.{name}")).ok_or_else(|| no_value(&format!("secret.{name}")));
    Ok(match auth {
        // Its token is fetched when the call is made.
        ToolAuth::None | ToolAuth::ClientCredentials { .. } => None,
        ToolAuth::Header { header, secret: name } => Some((header.clone(), secret(name)?)),
        ToolAuth::Bearer { secret: name } => Some(("authorization".to_owned(), format!("Bearer {}", secret(name)?))),
        ToolAuth::Basic { username, secret: name } => {
            let username = fill(username, arguments, ours)?.unwrap_or_default();
            let both = format!("{username}:{}", secret(name)?);
            Some(("authorization".to_owned(), format!("Basic {}", BASE64_STANDARD.encode(both))))
        }
    })
}

fn no_value(name: &str) -> Unfit {
    match name.strip_prefix("secret.") {
        Some(secret) => Unfit::Setup(format!("the secret {secret} is not set")),
        None => Unfit::Setup(format!("`{{{{{name}}}}}` has no value here")),
    }
}

/// Percent-encoded values; none of them can leave its place in the path.
fn fill_url(template: &str, arguments: &Map<String, Value>, ours: &dyn Ours) -> Result<String, Unfit> {
    let (mut filled, mut in_query) = (String::with_capacity(template.len()), false);
    for piece in pieces(template) {
        let (name, value) = match piece {
            Piece::Plain(text) => {
                in_query |= text.contains('?');
                filled.push_str(text);
                continue;
            }
            Piece::Argument(name) => (name, arguments.get(name).and_then(scalar)),
            Piece::Ours(name) => (name, Some(ours.value(name).ok_or_else(|| no_value(name))?)),
        };
        match value {
            Some(value) if in_query => encode(&value, &mut filled),
            None if in_query => {}
            Some(value) if !value.is_empty() && value != "." && value != ".." => encode(&value, &mut filled),
            _ => {
                return Err(Unfit::Arguments(format!(
                    "`{name}` must be given as a text or number that is not empty, `.` or `..`"
                )));
            }
        }
    }
    if filled.split(['?', '#']).next().unwrap_or_default().split('/').any(|segment| segment == "." || segment == "..") {
        return Err(Unfit::Arguments("a value would change the path of the address".to_owned()));
    }
    Ok(filled)
}

fn encode(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~*".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// A text with its places filled; `None` when it is nothing but an argument that was not given.
fn fill(template: &str, arguments: &Map<String, Value>, ours: &dyn Ours) -> Result<Option<String>, Unfit> {
    let pieces = pieces(template);
    if let [Piece::Argument(name)] = pieces[..] {
        return Ok(arguments.get(name).filter(|v| !v.is_null()).map(as_text));
    }
    let mut filled = String::with_capacity(template.len());
    for piece in pieces {
        match piece {
            Piece::Plain(text) => filled.push_str(text),
            Piece::Argument(name) => {
                filled.push_str(&arguments.get(name).filter(|v| !v.is_null()).map(as_text).unwrap_or_default())
            }
            Piece::Ours(name) => filled.push_str(&ours.value(name).ok_or_else(|| no_value(name))?),
        }
    }
    Ok(Some(filled))
}

/// A document with its places filled: a text that is one place becomes the argument with its type, or is left out when it was not given.
fn fill_body(template: &Value, arguments: &Map<String, Value>, ours: &dyn Ours) -> Result<Option<Value>, Unfit> {
    Ok(Some(match template {
        Value::String(text) => match pieces(text)[..] {
            [Piece::Argument(name)] => return Ok(arguments.get(name).cloned()),
            _ => fill(text, arguments, ours)?.map_or(Value::Null, Value::String),
        },
        Value::Array(items) => {
            let mut filled = Vec::with_capacity(items.len());
            for item in items {
                filled.extend(fill_body(item, arguments, ours)?);
            }
            Value::Array(filled)
        }
        Value::Object(map) => {
            let mut filled = Map::new();
            for (key, value) in map {
                if let Some(value) = fill_body(value, arguments, ours)? {
                    filled.insert(key.clone(), value);
                }
            }
            Value::Object(filled)
        }
        other => other.clone(),
    }))
}

fn scalar(value: &Value) -> Option<String> {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)).then(|| as_text(value))
}

pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Lists repeat their name; what was not given is left out.
pub(crate) fn spread(name: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|item| out.push((name.to_owned(), as_text(item)))),
        value => out.push((name.to_owned(), as_text(value))),
    }
}

fn as_form(value: &Value) -> String {
    let mut fields = Vec::new();
    if let Value::Object(map) = value {
        map.iter().for_each(|(name, value)| spread(name, value, &mut fields));
    }
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
