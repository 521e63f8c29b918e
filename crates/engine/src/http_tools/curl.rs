//! A pasted cURL command becomes a draft: its values become parameters, its credentials are offered as secrets.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use frontdesk_kernel::{
    http_tool::{Encoding, Field, LONGEST_WAIT_MS, Rest, ToolAuth},
    ports::http::Method,
};
use serde_json::{Map, Value};
use url::Url;

use super::{
    draft::{Draft, names_a_secret, schema_of, tool_name},
    host_of, words,
};

const LONGEST: usize = 64 << 10;

/// Options that say nothing about the request.
const IGNORED: &[&str] = &[
    "-s",
    "-S",
    "-i",
    "-v",
    "-f",
    "-g",
    "-N",
    "-#",
    "-L",
    "--silent",
    "--show-error",
    "--include",
    "--verbose",
    "--fail",
    "--globoff",
    "--compressed",
    "--location",
    "--no-buffer",
    "--http1.1",
    "--http2",
    "--http2-prior-knowledge",
    "--progress-bar",
    "--tlsv1.2",
    "--ipv4",
    "--ipv6",
    "-4",
    "-6",
    "--fail-with-body",
    "--no-progress-meter",
];
const IGNORED_WITH_VALUE: &[&str] = &[
    "-o",
    "--output",
    "-w",
    "--write-out",
    "--retry",
    "--connect-timeout",
    "--retry-delay",
    "--max-redirs",
    "-D",
    "--dump-header",
    "-c",
    "--cookie-jar",
];

#[derive(Default)]
struct Command {
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    json: Option<String>,
    get: bool,
    user: Option<String>,
    bearer: Option<String>,
    seconds: Option<f64>,
    notes: Vec<String>,
}

/// `Err`: why it cannot be read.
pub fn read(text: &str) -> Result<Draft, String> {
    if text.len() > LONGEST {
        return Err(format!("is longer than {LONGEST} bytes"));
    }
    let mut words = words::split(text.trim().trim_start_matches(['$', '%', '#']).trim_start())?.into_iter();
    match words.next() {
        Some(first) if first == "curl" || first.ends_with("/curl") || first == "curl.exe" => draft(command(words)?),
        _ => Err("must begin with `curl`".to_owned()),
    }
}

fn command(words: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut c = Command::default();
    let mut words = words.peekable();
    let mut only_urls = false;
    while let Some(word) = words.next() {
        if only_urls || !word.starts_with('-') || word == "-" {
            if c.url.is_some() {
                return Err(format!("there are two URLs; the second is `{}`", shorten(&word)));
            }
            c.url = Some(word);
            continue;
        }
        if word == "--" {
            only_urls = true;
            continue;
        }
        for (option, attached) in options(&word) {
            if IGNORED.contains(&option.as_str()) {
                continue;
            }
            if option == "-k" || option == "--insecure" {
                c.notes.push("certificates are always checked (-k was left out)".to_owned());
                continue;
            }
            if option == "-G" || option == "--get" {
                c.get = true;
                continue;
            }
            if option == "-I" || option == "--head" {
                return Err("HEAD requests have no answer that a model could read".to_owned());
            }
            let value = match attached {
                Some(value) => value,
                None => words.next().ok_or_else(|| format!("`{option}` needs a value"))?,
            };
            take(&mut c, &option, value)?;
        }
    }
    Ok(c)
}

/// One word may hold several short options, the last one with its value: `-sSLXPOST`, `-H'a: b'`.
fn options(word: &str) -> Vec<(String, Option<String>)> {
    if word.starts_with("--") {
        return match word.split_once('=') {
            Some((option, value)) => vec![(option.to_owned(), Some(value.to_owned()))],
            None => vec![(word.to_owned(), None)],
        };
    }
    let mut found = Vec::new();
    let mut rest = &word[1..];
    while let Some(letter) = rest.chars().next() {
        let option = format!("-{letter}");
        rest = &rest[letter.len_utf8()..];
        let alone = IGNORED.contains(&option.as_str()) || ["-k", "-G", "-I"].contains(&option.as_str());
        if !alone {
            found.push((option, (!rest.is_empty()).then(|| rest.to_owned())));
            break;
        }
        found.push((option, None));
    }
    found
}

fn take(c: &mut Command, option: &str, value: String) -> Result<(), String> {
    match option {
        "-X" | "--request" => c.method = Some(value),
        "--url" if c.url.is_some() => return Err("there are two URLs".to_owned()),
        "--url" => c.url = Some(value),
        "-H" | "--header" => match value.split_once(':') {
            Some((name, text)) if !text.trim().is_empty() => c.headers.push((name.trim().to_owned(), text.trim().to_owned())),
            // `-H 'Accept:'` takes away a header of cURL's own.
            Some(_) => {}
            None => return Err(format!("the header `{}` has no colon", shorten(&value))),
        },
        "-A" | "--user-agent" => c.headers.push(("user-agent".to_owned(), value)),
        "-e" | "--referer" => c.headers.push(("referer".to_owned(), value)),
        "-b" | "--cookie" => c.headers.push(("cookie".to_owned(), value)),
        "-d" | "--data" | "--data-ascii" | "--data-binary" if value.starts_with('@') => return Err(reads_a_file(&value)),
        "-d" | "--data" | "--data-ascii" | "--data-raw" | "--data-binary" => c.data.push(value),
        "--data-urlencode" => c.data.push(url_encoded(&value)?),
        "--json" if value.starts_with('@') => return Err(reads_a_file(&value)),
        "--json" => c.json.get_or_insert_default().push_str(&value),
        "-u" | "--user" => c.user = Some(value),
        "--oauth2-bearer" => c.bearer = Some(value),
        "-m" | "--max-time" => c.seconds = value.parse().ok(),
        "-F" | "--form" | "--form-string" => {
            return Err("forms with files (-F) are not supported: JSON and plain forms are".to_owned());
        }
        "-T" | "--upload-file" => return Err("uploads (-T) are not supported".to_owned()),
        "-x" | "--proxy" => return Err("a proxy (-x) cannot be chosen by a tool".to_owned()),
        _ if IGNORED_WITH_VALUE.contains(&option) => {}
        _ => return Err(format!("the option `{}` is not known here", shorten(option))),
    }
    Ok(())
}

fn reads_a_file(value: &str) -> String {
    format!("`{}` reads a file of your machine: paste its contents instead", shorten(value))
}

/// `name=content` with the content encoded; `=content` and `content` without a name.
fn url_encoded(value: &str) -> Result<String, String> {
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    match value.split_once('=') {
        Some(("", content)) => Ok(encode(content)),
        Some((name, content)) => Ok(format!("{name}={}", encode(content))),
        None if value.contains('@') => Err(reads_a_file(value)),
        None => Ok(encode(value)),
    }
}

fn draft(mut c: Command) -> Result<Draft, String> {
    let url = c.url.take().ok_or("there is no URL")?;
    let url = if url.contains("://") { url } else { format!("https://{url}") };
    let mut url = Url::parse(&url).map_err(|e| format!("the URL `{}`: {e}", shorten(&url)))?;
    let has_body = c.json.is_some() || (!c.data.is_empty() && !c.get);
    let method = match c.method.as_deref() {
        Some(text) => Method::parse(text).ok_or_else(|| format!("the method {} is not supported", shorten(text)))?,
        None if has_body => Method::Post,
        None => Method::Get,
    };
    if has_body && method == Method::Get {
        return Err("GET with a body is not supported".to_owned());
    }
    if c.get {
        let query = url.query().map(str::to_owned).into_iter().chain(c.data.drain(..)).collect::<Vec<_>>().join("&");
        url.set_query(Some(&query));
    }
    if !url.username().is_empty() {
        let (user, password) = (decoded(url.username()), decoded(url.password().unwrap_or_default()));
        c.user.get_or_insert(format!("{user}:{password}"));
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    let pairs: Vec<(String, String)> = url.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    url.set_query(None);
    url.set_fragment(None);
    let mut draft = Draft::new(method, url.as_str());
    draft.notes = std::mem::take(&mut c.notes);
    let host = host_of(url.as_str()).unwrap_or_default();
    draft.name = tool_name(&name_of(&url, method));
    if let Some(seconds) = c.seconds {
        draft.spec.request.timeout_ms = ((seconds * 1000.0).max(1_000.0) as u32).min(LONGEST_WAIT_MS);
    }
    query(&mut draft, &host, pairs);
    proof(&mut draft, &host, &c);
    let kind = headers(&mut draft, &host, &c);
    body(&mut draft, c, kind)?;
    Ok(draft)
}

fn decoded(text: &str) -> String {
    url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map(|(_, v)| v.into_owned())
        .unwrap_or_default()
}

fn name_of(url: &Url, method: Method) -> String {
    let plain = |s: &&str| !s.is_empty() && !s.bytes().all(|b| b.is_ascii_digit()) && s.len() <= 40;
    let last = url.path_segments().and_then(|mut all| all.rfind(plain)).unwrap_or("data");
    let verb = match method {
        Method::Get => "get",
        Method::Post => "create",
        Method::Put | Method::Patch => "update",
        Method::Delete => "delete",
    };
    format!("{verb}_{last}")
}

fn query(draft: &mut Draft, host: &str, pairs: Vec<(String, String)>) {
    let reads = draft.spec.request.rest == Rest::Query;
    for (name, value) in pairs {
        if names_a_secret(&name) && !value.is_empty() {
            let secret = draft.secret(&name, host, Some(value));
            draft.spec.request.query.push(Field { name, value: format!("{{{{secret.{secret}}}}}") });
        } else if reads && super::template::is_place(&name) && !draft.has_parameter(&name) {
            let (schema, needed) = schema_of(&Value::String(value.clone()));
            draft.parameter(&name, schema, needed && !value.is_empty());
        } else {
            draft.spec.request.query.push(Field { name, value });
        }
    }
}

fn proof(draft: &mut Draft, host: &str, c: &Command) {
    let authorization =
        c.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization")).map(|(_, value)| value.clone());
    let written = c.bearer.as_ref().map(|token| format!("Bearer {token}")).or(authorization);
    let basic =
        written.as_deref().and_then(|w| w.strip_prefix("Basic ")).and_then(|text| BASE64_STANDARD.decode(text.trim()).ok());
    let basic = basic.and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(both) = c.user.clone().or(basic) {
        let (user, password) = both.split_once(':').unwrap_or((&both, ""));
        let secret = draft.secret("PASSWORD", host, Some(password.to_owned()));
        draft.spec.request.auth = ToolAuth::Basic { username: user.to_owned(), secret };
    } else if let Some(token) = written.as_deref().and_then(|w| w.strip_prefix("Bearer ").or_else(|| w.strip_prefix("bearer "))) {
        let secret = draft.secret("TOKEN", host, Some(token.trim().to_owned()));
        draft.spec.request.auth = ToolAuth::Bearer { secret };
    } else if let Some(written) = written {
        let secret = draft.secret("AUTHORIZATION", host, Some(written));
        draft.spec.request.auth = ToolAuth::Header { header: "authorization".to_owned(), secret };
    }
}

/// Returns the content type that the command names.
fn headers(draft: &mut Draft, host: &str, c: &Command) -> Option<String> {
    let mut kind = None;
    for (name, value) in &c.headers {
        match name.to_ascii_lowercase().as_str() {
            "authorization" => {}
            "content-type" => kind = Some(value.to_ascii_lowercase()),
            "host" | "content-length" | "connection" | "accept-encoding" => {
                draft.note(format!("the header {name} is written by the server itself"))
            }
            // What a browser says about itself.
            lower if lower.starts_with("sec-") || ["user-agent", "origin", "referer", "priority", "dnt"].contains(&lower) => {}
            "idempotency-key" => draft.spec.idempotent = true,
            _ if names_a_secret(name) => {
                let secret = draft.secret(name, host, Some(value.clone()));
                draft.spec.request.headers.push(Field { name: name.clone(), value: format!("{{{{secret.{secret}}}}}") });
            }
            _ => draft.spec.request.headers.push(Field { name: name.clone(), value: value.clone() }),
        }
    }
    kind
}

fn body(draft: &mut Draft, c: Command, kind: Option<String>) -> Result<(), String> {
    let text = match (c.json, c.data.is_empty()) {
        (Some(json), _) => json,
        (None, false) => c.data.join("&"),
        (None, true) => {
            if draft.spec.request.rest == Rest::Body {
                draft.spec.request.rest = Rest::Nowhere;
            }
            return Ok(());
        }
    };
    let json = serde_json::from_str::<Value>(&text).ok();
    let says_form = kind.as_deref().is_some_and(|k| k.contains("form-urlencoded"));
    let says_other = kind.as_deref().is_some_and(|k| !k.contains("json") && !says_form);
    let fields = match json {
        _ if says_other => {
            return Err(format!("a body of the kind {} is not supported: JSON and plain forms are", kind.unwrap_or_default()));
        }
        Some(Value::Object(map)) if !says_form => map,
        Some(other) if !says_form => {
            draft.spec.request.body = Some(other);
            draft.spec.request.rest = Rest::Nowhere;
            return Ok(());
        }
        None if kind.as_deref().is_some_and(|k| k.contains("json")) => return Err("the body is not JSON".to_owned()),
        _ => {
            draft.spec.request.encoding = Encoding::Form;
            let pairs = url::form_urlencoded::parse(text.as_bytes());
            pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect::<Map<_, _>>()
        }
    };
    draft.spec.request.rest = Rest::Body;
    for (name, example) in &fields {
        let (schema, needed) = schema_of(example);
        draft.parameter(name, schema, needed);
    }
    Ok(())
}

fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}
