//! A pasted OpenAPI 3 document, JSON or YAML: each operation becomes a draft. References are followed inside the document only, within
//! bounds; nothing is fetched.

mod references;

use std::collections::BTreeSet;

use frontdesk_kernel::{
    http_tool::{Encoding, Field, Rest, ToolAuth},
    ports::http::Method,
};
use serde_json::{Map, Value};
use url::Url;

use self::references::Document;
use super::{
    draft::{Draft, tool_name},
    host_of, schema,
    template::is_place,
};

const LARGEST: usize = 2 << 20;
/// Operations of one document; a larger one is cut off, which is said.
pub const MOST: usize = 300;

/// What a document holds.
#[derive(Debug)]
pub struct Found {
    pub title: String,
    pub version: String,
    pub operations: Vec<Operation>,
    pub notes: Vec<String>,
}

#[derive(Debug)]
pub struct Operation {
    pub method: Method,
    pub path: String,
    pub summary: String,
    /// Why it cannot be a tool; then there is no draft.
    pub outcome: Result<Draft, String>,
}

/// `Err`: why it is no document that we can read.
pub fn read(text: &str) -> Result<Found, String> {
    if text.len() > LARGEST {
        return Err(format!("is larger than {} MiB", LARGEST >> 20));
    }
    let root = parse(text)?;
    match (root["openapi"].as_str(), root["swagger"].as_str()) {
        (Some(version), _) if version.starts_with("3.") => {}
        (_, Some(version)) => return Err(format!("is Swagger {version}: convert it to OpenAPI 3 first")),
        (Some(version), _) => return Err(format!("is OpenAPI {version}; 3.0 and 3.1 are read")),
        (None, None) => return Err("is not an OpenAPI document: `openapi: 3.…` is missing".to_owned()),
    }
    let Some(paths) = root["paths"].as_object() else { return Err("has no `paths`".to_owned()) };
    let mut found = Found {
        title: words(&root["info"]["title"], 120),
        version: words(&root["info"]["version"], 40),
        operations: Vec::new(),
        notes: Vec::new(),
    };
    let mut names = BTreeSet::new();
    for (path, item) in paths {
        for method in Method::ALL {
            let operation = &item[method.as_str().to_ascii_lowercase()];
            if !operation.is_object() {
                continue;
            }
            if found.operations.len() >= MOST {
                found.notes.push(format!("only the first {MOST} operations are shown"));
                return Ok(found);
            }
            let outcome = draft(&root, path, method, item, operation).map(|draft| renamed(draft, &mut names));
            let summary = [&operation["summary"], &operation["description"]].map(|v| words(v, 200));
            let summary = summary.into_iter().find(|s| !s.is_empty()).unwrap_or_default();
            found.operations.push(Operation { method, path: path.clone(), summary, outcome });
        }
    }
    if found.operations.is_empty() {
        return Err("has no operations".to_owned());
    }
    Ok(found)
}

fn parse(text: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{')
        && let Ok(value) = serde_json::from_str(text)
    {
        return Ok(value);
    }
    // JSON is YAML, too: this names the line in either.
    serde_saphyr::from_str::<Value>(text).map_err(|e| {
        let first = e.to_string();
        format!("is neither JSON nor YAML: {}", first.lines().next().unwrap_or_default().chars().take(200).collect::<String>())
    })
}

fn words(value: &Value, longest: usize) -> String {
    let text = value.as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(longest).collect()
}

fn renamed(mut draft: Draft, names: &mut BTreeSet<String>) -> Draft {
    let plain = draft.name.clone();
    let free = (1..).map(|n| if n == 1 { plain.clone() } else { format!("{plain}_{n}") }).find(|name| !names.contains(name));
    draft.name = free.unwrap_or(plain);
    names.insert(draft.name.clone());
    draft
}

fn draft(root: &Value, path: &str, method: Method, item: &Value, operation: &Value) -> Result<Draft, String> {
    let document = Document::new(root);
    let base = server(root, item, operation)?;
    let mut parameters = Vec::new();
    for parameter in [&item["parameters"], &operation["parameters"]].into_iter().filter_map(Value::as_array).flatten() {
        let parameter = document.follow(parameter)?;
        let key = (words(&parameter["name"], 200), words(&parameter["in"], 20));
        // An operation's own parameter takes the place of the path's.
        parameters.retain(|(known, _): &((String, String), Value)| *known != key);
        parameters.push((key, parameter));
    }
    let mut draft = Draft::new(method, &format!("{base}{}", path_template(path)?));
    let operation_id = words(&operation["operationId"], 60);
    draft.name = if operation_id.is_empty() {
        tool_name(&format!("{} {path}", method.as_str().to_ascii_lowercase()))
    } else {
        tool_name(&operation_id)
    };
    draft.spec.title = words(&operation["summary"], 120);
    let described = [words(&operation["summary"], 300), words(&operation["description"], 700)];
    draft.spec.description = described.iter().filter(|t| !t.is_empty()).cloned().collect::<Vec<_>>().join(". ");
    if draft.spec.description.is_empty() {
        draft.spec.description = format!("{} {path}", method.as_str());
    }
    for ((name, place), parameter) in &parameters {
        parameter_of(&document, &mut draft, name, place, parameter)?;
    }
    body(&document, &mut draft, operation)?;
    let host = host_of(&draft.spec.request.url).unwrap_or_default();
    security(root, &mut draft, operation, &host);
    for name in schema_names(&draft) {
        if let Some(place) = schema::identity(&name) {
            draft.note(format!("`{name}` is known to the server: consider {place} in the request instead of a parameter"));
        }
    }
    Ok(draft)
}

fn schema_names(draft: &Draft) -> Vec<String> {
    draft.spec.parameters["properties"].as_object().map(|p| p.keys().cloned().collect()).unwrap_or_default()
}

/// The nearest server; its variables take their defaults.
fn server(root: &Value, item: &Value, operation: &Value) -> Result<String, String> {
    let servers = [&operation["servers"], &item["servers"], &root["servers"]];
    let Some(server) = servers.into_iter().find_map(|s| s.as_array().and_then(|all| all.first())) else {
        return Err("the document names no server: add `servers: [{url: https://…}]`".to_owned());
    };
    let mut url = server["url"].as_str().unwrap_or_default().to_owned();
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        url = url.replace(&format!("{{{name}}}"), variable["default"].as_str().unwrap_or_default());
    }
    match Url::parse(&url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.query().is_none() => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => Err(format!("the server `{}` is not a whole URL: write https://… there", url.chars().take(80).collect::<String>())),
    }
}

fn path_template(path: &str) -> Result<String, String> {
    if !path.starts_with('/') {
        return Err("the path does not begin with /".to_owned());
    }
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { return Err("a { in the path is not closed".to_owned()) };
        if !is_place(name) {
            return Err(format!("the path's place {{{name}}} has a name that cannot be used"));
        }
        rest = after;
    }
    Ok(path.to_owned())
}

fn parameter_of(document: &Document<'_>, draft: &mut Draft, name: &str, place: &str, parameter: &Value) -> Result<(), String> {
    let required = place == "path" || parameter["required"] == true;
    let schema = match parameter["schema"].is_null() {
        true => &parameter["content"]["application/json"]["schema"],
        false => &parameter["schema"],
    };
    let mut schema = document.whole(schema)?;
    if let (Some(map), Some(text)) = (schema.as_object_mut(), parameter["description"].as_str()) {
        map.entry("description").or_insert(words(&text.into(), 300).into());
    }
    match place {
        "path" | "query" if !is_place(name) => {
            if required {
                return Err(format!("the parameter `{name}` has a name that cannot be used"));
            }
            draft.note(format!("the query parameter `{name}` was left out: its name cannot be used"));
        }
        "path" => draft.parameter(name, schema, true),
        "query" => {
            draft.parameter(name, schema, required);
            draft.spec.request.query.push(Field { name: name.to_owned(), value: format!("{{{name}}}") });
        }
        "header" if name.eq_ignore_ascii_case("idempotency-key") => draft.spec.idempotent = true,
        "header" if ["accept", "content-type", "authorization"].contains(&name.to_ascii_lowercase().as_str()) => {}
        "header" if !schema["default"].is_null() => {
            let value = super::template::as_text(&schema["default"]);
            draft.spec.request.headers.push(Field { name: name.to_owned(), value });
        }
        _ if required => draft.note(format!("the {place} `{name}` is required: add it by hand, with a fixed value or a secret")),
        _ => draft.note(format!("the {place} `{name}` was left out")),
    }
    Ok(())
}

fn body(document: &Document<'_>, draft: &mut Draft, operation: &Value) -> Result<(), String> {
    if draft.spec.request.method == Method::Get || operation["requestBody"].is_null() {
        draft.spec.request.rest = Rest::Nowhere;
        return Ok(());
    }
    let body = document.follow(&operation["requestBody"])?;
    let Some(content) = body["content"].as_object() else {
        draft.spec.request.rest = Rest::Nowhere;
        return Ok(());
    };
    let json = content.iter().find(|(kind, _)| kind.contains("json"));
    let form = content.iter().find(|(kind, _)| kind.contains("form-urlencoded"));
    let (encoding, media) = match (json, form) {
        (Some((_, media)), _) => (Encoding::Json, media),
        (None, Some((_, media))) => (Encoding::Form, media),
        (None, None) => {
            let kinds: Vec<_> = content.keys().map(String::as_str).collect();
            return Err(format!("its body is {}: JSON and plain forms are supported", kinds.join(" or ")));
        }
    };
    draft.spec.request.encoding = encoding;
    let schema = document.whole(&media["schema"])?;
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let clash = properties.keys().any(|name| draft.has_parameter(name));
    if properties.is_empty() || clash {
        if encoding == Encoding::Form {
            return Err("its form has no fields of its own".to_owned());
        }
        let whole = if draft.has_parameter("body") { "request_body" } else { "body" };
        draft.parameter(whole, schema, body["required"] == true);
        draft.spec.request.body = Some(format!("{{{whole}}}").into());
        draft.spec.request.rest = Rest::Nowhere;
        return Ok(());
    }
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in properties {
        if property["readOnly"] == true {
            continue;
        }
        let needed = required.contains(&name.as_str());
        draft.parameter(&name, property, needed);
    }
    draft.spec.request.rest = Rest::Body;
    Ok(())
}

/// The first way of the document that we know.
fn security(root: &Value, draft: &mut Draft, operation: &Value, host: &str) {
    let wanted = if operation["security"].is_array() { &operation["security"] } else { &root["security"] };
    let schemes = &root["components"]["securitySchemes"];
    let none = Map::new();
    let ways: Vec<&Map<String, Value>> =
        wanted.as_array().into_iter().flatten().map(|way| way.as_object().unwrap_or(&none)).collect();
    let Some(way) = ways.iter().find(|way| !way.is_empty()) else { return };
    for name in way.keys() {
        let scheme = &schemes[name.as_str()];
        let text = |key: &str| scheme[key].as_str().unwrap_or_default().to_ascii_lowercase();
        match (text("type").as_str(), text("scheme").as_str(), text("in").as_str()) {
            ("http", "bearer", _) | ("oauth2" | "openidconnect", _, _) => {
                if text("type") != "http" {
                    draft.note(format!("`{name}` is OAuth: enter an access token that stays valid"));
                }
                let secret = draft.secret(name, host, None);
                draft.spec.request.auth = ToolAuth::Bearer { secret };
            }
            ("http", "basic", _) => {
                let secret = draft.secret(name, host, None);
                draft.spec.request.auth = ToolAuth::Basic { username: String::new(), secret };
                draft.note(format!("`{name}`: enter the user name, too"));
            }
            ("apikey", _, "header") => {
                let secret = draft.secret(name, host, None);
                let header = scheme["name"].as_str().unwrap_or_default().to_owned();
                draft.spec.request.headers.push(Field { name: header, value: format!("{{{{secret.{secret}}}}}") });
            }
            ("apikey", _, "query") => {
                let secret = draft.secret(name, host, None);
                let field = scheme["name"].as_str().unwrap_or_default().to_owned();
                draft.spec.request.query.push(Field { name: field, value: format!("{{{{secret.{secret}}}}}") });
            }
            _ => draft.note(format!("the security scheme `{name}` is not supported: set it up by hand")),
        }
    }
}
