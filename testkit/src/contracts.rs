//! The vendors' published contracts as an oracle: would this vendor accept this request, give this reply, send this webhook?

mod payload;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::{Map, Value};

pub(crate) use payload::multipart;

/// A folder of contract data (`bundles/`, `examples/`).
pub struct Contracts {
    root: PathBuf,
    vendors: Mutex<BTreeMap<String, Arc<Vendor>>>,
}

/// One vendor's operations and webhooks.
pub struct Vendor {
    name: String,
    /// Path of the vendor's server URL (`/v1`), not part of the operations' paths.
    base: String,
    defs: Value,
    operations: Vec<Operation>,
    webhooks: Vec<Schema>,
}

impl Contracts {
    /// The data named by `FRONTDESK_CONTRACTS`, else those next to the workspace. `None`, said loudly, when there are none.
    ///
    /// # Panics
    /// When they are absent and `CI=true`: there, nothing may be skipped.
    pub fn load() -> Option<Arc<Contracts>> {
        static LOADED: OnceLock<Option<Arc<Contracts>>> = OnceLock::new();
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/contracts");
        let found = || open(variable("FRONTDESK_CONTRACTS").unwrap_or_else(|| beside.to_owned()).into());
        let loaded =
            LOADED.get_or_init(|| found().inspect_err(|line| skip(line, variable("CI").as_deref() == Some("true"))).ok());
        loaded.clone()
    }

    /// # Panics
    /// When there is no such bundle.
    pub fn vendor(&self, name: &str) -> Arc<Vendor> {
        let mut vendors = self.vendors.lock().unwrap_or_else(PoisonError::into_inner);
        let load = || Arc::new(Vendor::new(name, self.read(&format!("bundles/{name}.json"))));
        vendors.entry(name.to_owned()).or_insert_with(load).clone()
    }

    /// A JSON file of the collection, by its path in it.
    ///
    /// # Panics
    /// When it is not there or is not JSON.
    pub fn read(&self, path: &str) -> Value {
        let file = self.root.join(path);
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("contract data {}: {e}", file.display()));
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("contract data {}: {e}", file.display()))
    }

    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Vendor {
    /// Would the vendor accept this request? `path` may start with the path of the vendor's server (`/v1`); `query` is what
    /// follows the `?`, `content_type` the header as sent. Several operations can share a path: one must accept.
    pub fn check_request(
        &self,
        method: &str,
        path: &str,
        query: &str,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<(), String> {
        self.any(method, path, |operation, parameters| {
            operation.path.check(self, &Value::Object(parameters)).map_err(|e| format!("path: {e}"))?;
            let query = self.query(operation, query);
            operation.query.check(self, &query).map_err(|e| format!("query: {e}"))?;
            self.check_body(operation, content_type.unwrap_or_default(), body).map_err(|e| format!("body: {e}"))
        })
    }

    /// Would the vendor answer so? Failures that the vendor does not describe pass.
    pub fn check_response(&self, method: &str, path: &str, status: u16, body: &Value) -> Result<(), String> {
        self.check_reply(method, path, status, "application/json", body)
    }

    /// The same for one event of a stream.
    pub fn check_event(&self, method: &str, path: &str, event: &Value) -> Result<(), String> {
        self.check_reply(method, path, 200, "text/event-stream", event)
    }

    /// Would the vendor send this webhook?
    pub fn check_webhook(&self, body: &Value) -> Result<(), String> {
        let mut problem = format!("{} describes no webhooks", self.name);
        for schema in &self.webhooks {
            match schema.check(self, body) {
                Ok(()) => return Ok(()),
                Err(e) => problem = format!("webhook: {e}"),
            }
        }
        Err(problem)
    }

    fn new(name: &str, mut bundle: Value) -> Vendor {
        let server = bundle["servers"][0].as_str().unwrap_or_default();
        let base = server.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
        let base = base.trim_end_matches('/').to_owned();
        let webhooks = match bundle["schemas"].get("WebhookPayload") {
            Some(schema) => vec![Schema::new(schema)],
            None => members(&bundle["webhooks"])
                .filter_map(|(_, w)| w.pointer("/requests/application~1json/open"))
                .map(Schema::new)
                .collect(),
        };
        let mut operations: Vec<_> = members(&bundle["operations"]).map(|(name, data)| Operation::new(name, data)).collect();
        operations.sort_by_key(|o| (o.braces, std::cmp::Reverse(o.template.len())));
        Vendor { name: name.to_owned(), base, defs: bundle["$defs"].take(), operations, webhooks }
    }

    /// Asks the operations of this path that have the fewest parameters; the first refusal is the reason.
    fn any(
        &self,
        method: &str,
        path: &str,
        check: impl Fn(&Operation, Map<String, Value>) -> Result<(), String>,
    ) -> Result<(), String> {
        let path = path.strip_prefix(&self.base).filter(|rest| rest.starts_with('/')).unwrap_or(path);
        let mut refusal: Option<(usize, String)> = None;
        for operation in self.operations.iter().filter(|o| o.method == method) {
            if refusal.as_ref().is_some_and(|(braces, _)| operation.braces > *braces) {
                break;
            }
            let Some(parameters) = operation.matches(path) else { continue };
            match check(operation, parameters) {
                Ok(()) => return Ok(()),
                Err(e) if refusal.is_none() => {
                    refusal = Some((operation.braces, format!("{method} {}: {e}", operation.template)))
                }
                Err(_) => {}
            }
        }
        Err(refusal.map_or_else(|| format!("{} has no operation {method} {path}", self.name), |(_, e)| e))
    }

    fn query(&self, operation: &Operation, query: &str) -> Value {
        // Google documents these for every operation, in no operation.
        let everywhere: &[&str] = match self.name.as_str() {
            "gemini" | "google-calendar" => &["alt", "fields", "key", "prettyPrint", "quotaUser"],
            _ => &[],
        };
        let pairs = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| !everywhere.contains(&&**name));
        payload::typed(&self.defs, &operation.query.source, payload::tree(pairs))
    }

    fn check_body(&self, operation: &Operation, content_type: &str, body: &[u8]) -> Result<(), String> {
        if body.is_empty() && !operation.body_required {
            let nothing = Value::Object(Map::new());
            return operation.requests.values().try_for_each(|(open, _)| open.check(self, &nothing));
        }
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let Some((open, closed)) = operation.requests.get(&kind) else {
            return Err(format!("content type `{kind}` is not described"));
        };
        let value = match kind.as_str() {
            "application/x-www-form-urlencoded" => {
                payload::typed(&self.defs, &open.source, payload::tree(url::form_urlencoded::parse(body)))
            }
            "multipart/form-data" => {
                let fields = multipart(content_type, body)?;
                let value = payload::typed(&self.defs, &open.source, payload::tree(fields.iter().map(payload::Field::pair)));
                // The closed form is not asked: Meta's leaves out `type`, which its documentation demands.
                return open.check(self, &value);
            }
            _ if kind.ends_with("json") => serde_json::from_slice(body).map_err(|e| format!("not JSON: {e}"))?,
            _ => return Ok(()),
        };
        open.check(self, &value)?;
        closed.check(self, &value)
    }

    fn check_reply(&self, method: &str, path: &str, status: u16, kind: &str, body: &Value) -> Result<(), String> {
        self.any(method, path, |operation, _| match operation.responses.get(&status) {
            None if status >= 400 => Ok(()),
            None => Err(format!("status {status} is not described")),
            Some(kinds) if kinds.is_empty() => Ok(()),
            Some(kinds) => match kinds.get(kind) {
                Some(schema) => schema.check(self, body).map_err(|e| format!("reply: {e}")),
                None => Err(format!("a reply of type {kind} is not described")),
            },
        })
    }
}

struct Operation {
    method: String,
    template: String,
    braces: usize,
    path: Schema,
    query: Schema,
    body_required: bool,
    /// By content type: open (unknown members pass) and closed.
    requests: BTreeMap<String, (Schema, Schema)>,
    responses: BTreeMap<u16, BTreeMap<String, Schema>>,
}

impl Operation {
    fn new(name: &str, data: &Value) -> Operation {
        let (method, template) = name.split_once(' ').unwrap_or(("", name));
        let request =
            |(kind, both): (&String, &Value)| (kind.clone(), (Schema::new(&both["open"]), Schema::new(&both["closed"])));
        let response = |(status, kinds): (&String, &Value)| {
            let kinds = members(kinds).map(|(kind, schema)| (kind.clone(), Schema::new(schema))).collect();
            Some((status.parse().ok()?, kinds))
        };
        Operation {
            method: method.to_owned(),
            template: template.to_owned(),
            braces: template.matches('{').count(),
            path: Schema::new(&data["path"]),
            query: Schema::new(&data["query"]),
            body_required: data["request_required"] == true,
            requests: members(&data["requests"]).map(request).collect(),
            responses: members(&data["responses"]).filter_map(response).collect(),
        }
    }

    /// The parameters in `path`. A segment of the template holds at most one: `{name}`, `{name}:suffix`.
    fn matches(&self, path: &str) -> Option<Map<String, Value>> {
        let mut found = Map::new();
        let (mut wanted, mut given) = (self.template.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return Some(found),
                (Some(segment), Some(text)) => match segment.split_once('{').and_then(|(a, b)| Some((a, b.split_once('}')?))) {
                    None if segment == text => {}
                    Some((prefix, (name, suffix))) => {
                        let value = text.strip_prefix(prefix)?.strip_suffix(suffix).filter(|v| !v.is_empty())?;
                        found.insert(name.to_owned(), Value::from(value));
                    }
                    None => return None,
                },
                _ => return None,
            }
        }
    }
}

/// A schema of a bundle, compiled when first needed.
struct Schema {
    source: Value,
    compiled: OnceLock<Result<Validator, String>>,
}

impl Schema {
    fn new(source: &Value) -> Schema {
        Schema { source: source.clone(), compiled: OnceLock::new() }
    }

    fn check(&self, vendor: &Vendor, instance: &Value) -> Result<(), String> {
        match self.compiled.get_or_init(|| self.compile(&vendor.defs)) {
            Ok(validator) => validator.validate(instance).map_err(|e| explain(&e)),
            Err(e) => Err(format!("the schema does not compile: {e}")),
        }
    }

    fn compile(&self, defs: &Value) -> Result<Validator, String> {
        let mut schema = self.source.as_object().cloned().ok_or("it is not an object")?;
        schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("$defs".into(), Value::Object(reached(&self.source, defs)));
        jsonschema::validator_for(&Value::Object(schema)).map_err(|e| e.to_string())
    }
}

/// Of the definitions those that `source` leads to: compiling all of a vendor's takes longer than the story that asks for one.
fn reached(source: &Value, defs: &Value) -> Map<String, Value> {
    let (mut found, mut open) = (Map::new(), vec![source]);
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => open.extend(members.values()),
            Value::Array(items) => open.extend(items),
            Value::String(text) => {
                let name = text.strip_prefix("#/$defs/").and_then(|rest| rest.split('/').next());
                if let Some((name, definition)) = name.and_then(|name| Some((name, defs.get(name)?)))
                    && !found.contains_key(name)
                {
                    found.insert(name.to_owned(), definition.clone());
                    open.push(definition);
                }
            }
            _ => {}
        }
    }
    found
}

/// Where and why, taken from the alternative that came closest.
fn explain(error: &ValidationError<'_>) -> String {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = error.kind() else {
        let reason: String = error.masked().to_string().chars().take(200).collect();
        return format!("{}: {reason}", if error.instance_path().is_empty() { "/" } else { error.instance_path().as_str() });
    };
    let nearest = context.iter().filter(|errors| !errors.is_empty()).min_by_key(|errors| {
        let wrong_kind = errors.iter().filter(|e| matches!(e.kind(), ValidationErrorKind::Enum { .. })).count();
        let depth: usize = errors.iter().map(|e| e.instance_path().as_str().matches('/').count()).max().unwrap_or(0);
        (wrong_kind, errors.len(), usize::MAX - depth)
    });
    nearest.and_then(|errors| errors.first()).map_or_else(|| error.to_string(), explain)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn open(root: PathBuf) -> Result<Arc<Contracts>, String> {
    if root.join("bundles").is_dir() {
        return Ok(Arc::new(Contracts { root, vendors: Mutex::default() }));
    }
    Err(format!("NO CONTRACT DATA in {}: checks against the vendors' specifications are SKIPPED", root.display()))
}

fn skip(line: &str, ci: bool) {
    assert!(!ci, "{line}");
    // Not eprintln: that would be captured, and a skipped oracle must be heard.
    let _ = writeln!(io::stderr(), "\n*** {line} ***\n");
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the contract data are")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

#[cfg(test)]
mod tests;
