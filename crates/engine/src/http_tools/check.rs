//! May this tool be kept? Every flaw is named with the place where it stands.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    http_tool::{Encoding, Field, HttpToolSpec, LONGEST_WAIT_MS, Rest, ToolAuth, is_tool_name},
    ports::http::{Http, HttpError, Method},
    tool::ReceiptKind,
};
use serde_json::Value;
use url::Url;

use super::{
    host_of, schema,
    template::{Piece, argument_name, pieces, texts},
    uses_of, values,
};
use crate::mcp::check::credential_flaws;

/// Headers that the way out writes itself.
const OURS: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "idempotency-key",
    "accept-encoding",
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// `request.headers.0.name`.
    pub path: String,
    pub problem: String,
}

/// What a tool is checked against.
pub struct Known<'k> {
    /// Names that the model knows already.
    pub taken: &'k dyn Fn(&str) -> bool,
    /// Secrets and the hosts they were given for.
    pub secrets: &'k BTreeMap<String, String>,
    pub http: &'k dyn Http,
}

/// All flaws of a tool whose parameters are normalised; none = it may be kept.
pub fn flaws(name: &str, spec: &HttpToolSpec, known: &Known<'_>) -> Vec<Flaw> {
    let mut found = Flaws(Vec::new());
    if !is_tool_name(name) {
        found.add("name", "must begin with a letter and hold letters, digits, `_` and `-` only, at most 64");
    } else if (known.taken)(name) {
        found.add("name", format!("`{name}` is taken by another tool"));
    }
    found.line("title", &spec.title, 120);
    let description = spec.description.trim();
    if description.is_empty() || description.chars().count() > 1024 {
        found.add("description", "must tell the model in 1 to 1024 characters when to use the tool and what comes back");
    }
    for problem in schema::problems(&spec.parameters) {
        found.add("parameters", problem);
    }
    url(spec, known.http, &mut found);
    fields(spec, &mut found);
    places(spec, known, &mut found);
    body(spec, &mut found);
    decided(spec, &mut found);
    if !(1_000..=LONGEST_WAIT_MS).contains(&spec.request.timeout_ms) {
        found.add("request.timeout_ms", format!("must be between 1000 and {LONGEST_WAIT_MS}"));
    }
    if !(spec.answer.pointer.is_empty() || spec.answer.pointer.starts_with('/')) || spec.answer.pointer.len() > 200 {
        found.add("answer.pointer", "must be empty or a JSON pointer like /data/0/name");
    }
    if !(200..=32_000).contains(&spec.answer.max_chars) {
        found.add("answer.max_chars", "must be between 200 and 32000");
    }
    if spec.proves == Some(ReceiptKind::HandedOver) {
        found.add("proves", "only our own tool hands a conversation over");
    }
    found.0
}

struct Flaws(Vec<Flaw>);

impl Flaws {
    fn add(&mut self, path: impl Into<String>, problem: impl Into<String>) {
        self.0.push(Flaw { path: path.into(), problem: problem.into() });
    }
    fn line(&mut self, path: &str, text: &str, longest: usize) {
        if text.chars().count() > longest || text.chars().any(char::is_control) {
            self.add(path, format!("must be one line of at most {longest} characters"));
        }
    }
}

fn url(spec: &HttpToolSpec, http: &dyn Http, found: &mut Flaws) {
    let text = spec.request.url.as_str();
    if text.len() > 2_000 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return found.add("request.url", "must be at most 2000 characters without spaces");
    }
    if text.contains('#') {
        found.add("request.url", "may not hold a fragment (#…)");
    }
    let start = text.find("://").map_or(0, |i| i + 3);
    let host_end = text[start..].find(['/', '?', '#']).map_or(text.len(), |i| start + i);
    if text[..host_end].contains(['{', '}']) {
        return found.add("request.url", "the host is fixed: places are allowed in path and query only");
    }
    let stray = |piece: Piece<'_>| matches!(piece, Piece::Plain(text) if text.contains(['{', '}']));
    if pieces(text).into_iter().any(stray) {
        return found.add("request.url", "a place is written {name}; other braces are not allowed");
    }
    // Places stand for themselves: encoded braces are fine in path and query.
    let Ok(url) = Url::parse(text) else {
        return found.add("request.url", "is not a URL like https://api.example.com/orders/{id}");
    };
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return found.add("request.url", "must begin with https:// or http:// and name a host");
    }
    match http.admits_guest(text) {
        Err(HttpError::Refused(why)) => found.add("request.url", format!("may not be called: {why}")),
        _ => {
            let path_end = text.find('?').unwrap_or(text.len());
            let in_path =
                pieces(&text[..path_end]).into_iter().any(|p| matches!(p, Piece::Ours(name) if name.starts_with("secret.")));
            if in_path {
                found.add("request.url", "a secret may stand in the query, a header or the body, not in the path");
            }
        }
    }
}

fn fields(spec: &HttpToolSpec, found: &mut Flaws) {
    let r = &spec.request;
    if r.query.len() > 50 || r.headers.len() > 50 {
        found.add("request", "at most 50 query fields and 50 headers");
    }
    for (i, field) in r.query.iter().enumerate() {
        if field.name.is_empty() || field.name.len() > 200 || field.name.chars().any(char::is_control) {
            found.add(format!("request.query.{i}.name"), "must be 1 to 200 characters");
        }
    }
    let mut names: Vec<String> = Vec::new();
    for (i, Field { name, value }) in r.headers.iter().enumerate() {
        header_name(&format!("request.headers.{i}.name"), name, found);
        if names.contains(&name.to_ascii_lowercase()) {
            found.add(format!("request.headers.{i}.name"), format!("`{name}` is there twice"));
        }
        names.push(name.to_ascii_lowercase());
        let path = format!("request.headers.{i}.value");
        if value.len() > 4_000 || value.chars().any(|c| c.is_control() && c != '\t') {
            found.add(path, "must be one line of at most 4000 characters");
        } else if pieces(value).into_iter().filter_map(argument_name).next().is_some() {
            found.add(path, "a model's argument may not stand in a header");
        }
    }
    let proves_by = match &r.auth {
        ToolAuth::None => return,
        ToolAuth::Header { header, .. } => {
            header_name("request.auth.header", header, found);
            header.to_ascii_lowercase()
        }
        ToolAuth::Bearer { .. } | ToolAuth::Basic { .. } | ToolAuth::ClientCredentials { .. } => "authorization".to_owned(),
    };
    if names.contains(&proves_by) {
        found.add("request.auth", format!("`{proves_by}` is among the headers already"));
    }
}

fn header_name(path: &str, name: &str, found: &mut Flaws) {
    if let Some(problem) = header_problem(name) {
        found.add(path, problem);
    }
}

/// Why a header may not be called so.
pub(crate) fn header_problem(name: &str) -> Option<String> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || name.len() > 100 || !name.bytes().all(token) {
        return Some("is not a header's name".to_owned());
    }
    let ours = OURS.contains(&name.to_ascii_lowercase().as_str());
    ours.then(|| format!("`{name}` is written by the server itself"))
}

fn places(spec: &HttpToolSpec, known: &Known<'_>, found: &mut Flaws) {
    let properties = spec.parameters["properties"].as_object();
    let mut named = Vec::new();
    for (path, text) in texts(spec) {
        for piece in pieces(text) {
            match piece {
                Piece::Plain(_) => {}
                Piece::Argument(name) => {
                    if properties.is_none_or(|p| !p.contains_key(name)) {
                        found.add(path.clone(), format!("`{{{name}}}` is not among the parameters"));
                    }
                    named.push(name);
                }
                Piece::Ours(name) => match name.strip_prefix("secret.") {
                    // Judged with where it goes, below.
                    Some(_) => {}
                    None if values::NAMES.iter().any(|(known, _)| *known == name) => {}
                    None => {
                        let all: Vec<_> = values::NAMES.iter().map(|(name, _)| *name).collect();
                        found.add(
                            path.clone(),
                            format!("there is no `{{{{{name}}}}}`; there are secret.NAME, {}", all.join(", ")),
                        );
                    }
                },
            }
        }
    }
    let host = host_of(&spec.request.url).unwrap_or_default();
    for (path, secret, destination) in uses_of(spec, &host) {
        secret_for(&path, &secret, &destination, known, found);
    }
    if let Some(credentials) = spec.request.auth.credentials() {
        for flaw in credential_flaws(&credentials, known.http) {
            found.add(format!("request.auth.{}", flaw.path), flaw.problem);
        }
    }
    if spec.request.rest == Rest::Nowhere {
        for unused in properties.into_iter().flatten().map(|(name, _)| name).filter(|name| !named.contains(&name.as_str())) {
            found.add("parameters", format!("`{unused}` has no place in the request: write {{{unused}}} where it belongs"));
        }
    }
}

fn secret_for(path: &str, secret: &str, goes_to: &str, known: &Known<'_>, found: &mut Flaws) {
    match known.secrets.get(secret) {
        Some(given_for) if given_for == goes_to => {}
        Some(given_for) => found.add(
            path,
            format!("the secret `{secret}` was given for {given_for} and is not sent to {goes_to}: enter it again for {goes_to}"),
        ),
        None => found.add(path, format!("there is no secret `{secret}`: enter it first")),
    }
}

/// What rules see of a call, and the call that may be made to try it.
fn decided(spec: &HttpToolSpec, found: &mut Flaws) {
    if let Some(pointer) = &spec.amount {
        let first = pointer.strip_prefix('/').and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let first = first.replace("~1", "/").replace("~0", "~");
        let known = spec.parameters["properties"].as_object().is_some_and(|p| p.contains_key(&first));
        if !known || pointer.len() > 200 {
            found.add("amount", "must be a JSON pointer to a parameter, like /amount");
        }
    }
    let Some(example) = &spec.example else { return };
    if example.to_string().len() > 16 << 10 {
        return found.add("example", "must be at most 16 KiB");
    }
    let problem = match schema::compile(&spec.parameters) {
        Ok(validator) => {
            validator.iter_errors(example).next().map(|e| format!("does not fit the parameters: {}: {e}", e.instance_path()))
        }
        // Told beside the parameters.
        Err(_) => None,
    };
    if let Some(problem) = problem {
        found.add("example", problem);
    }
}

fn body(spec: &HttpToolSpec, found: &mut Flaws) {
    let r = &spec.request;
    if r.body.is_some() && r.rest == Rest::Body {
        found.add("request.rest", "the body is a template already: the other arguments go to the query or nowhere");
    }
    if r.method == Method::Get && (r.body.is_some() || r.rest == Rest::Body) {
        found.add("request.body", "GET sends no body");
    }
    if r.encoding == Encoding::Form && r.body.as_ref().is_some_and(|body| !matches!(body, Value::Object(_))) {
        found.add("request.body", "a form is made from an object of fields");
    }
    if r.body.as_ref().is_some_and(|body| body.to_string().len() > 32 << 10) {
        found.add("request.body", "must be at most 32 KiB");
    }
}
