//! What each single value may be. A value that passes comes back in its one written form (`23.0` as `v23.0`).

use toml::Value;

use super::{
    keys::{is_secret, nearest},
    models::{Price, Vendor},
    problems::shown,
    settings::{Listen, is_local_host},
    values::Values,
};

/// Applies every rule; what breaks one is reported and becomes its default, so that the other checks can go on.
pub(super) fn apply(values: &mut Values) {
    for (key, rule) in RULES {
        let Some(place) = values.place(key).map(str::to_owned) else { continue };
        match rule.apply(values.value(key)) {
            Ok(value) => values.replace(key, value),
            Err(Wrong { why, fix }) => {
                let value = values.value(key);
                let what = match value.as_str() {
                    _ if is_secret(key) => format!("`{key}` {why}"),
                    Some(text) => format!("`{key}` is {}, which {why}", shown(text)),
                    None => format!("`{key}` is {}, which {why}", shown(&value.to_string())),
                };
                values.refuse(key, &place, what, fix);
                values.reset(key);
            }
        }
    }
}

enum Rule {
    Between(i64, i64),
    OneOf(&'static [&'static str]),
    EachOf(&'static [&'static str]),
    Text(fn(&str) -> Result<String, Wrong>),
    Prices,
}
use Rule::{Between, EachOf, OneOf, Prices, Text};

/// `why` follows the value ("is …, which *why*"), `fix` is an order.
#[derive(Debug, PartialEq)]
struct Wrong {
    why: String,
    fix: String,
}

const VENDORS: &[&str] = &Vendor::NAMES;
const GIB: i64 = 1 << 30;

const RULES: &[(&str, Rule)] = &[
    ("database.url", Text(database_url)),
    ("database.pool_size", Between(1, 1000)),
    ("server.listen", Text(listen)),
    ("server.public_base_url", Text(public_url)),
    ("server.max_body_bytes", Between(1024, GIB)),
    ("server.body_timeout_s", Between(1, 600)),
    ("server.requests_per_second", Between(0, 100_000)),
    ("server.shutdown_grace_ms", Between(0, 60_000)),
    ("server.security_contact", Text(contact)),
    ("server.role", OneOf(&["all", "web", "worker"])),
    ("log.level", Text(log_level)),
    ("log.format", OneOf(&["text", "json"])),
    ("whatsapp.version", Text(graph_version)),
    ("whatsapp.graph_base_url", Text(http_url)),
    ("whatsapp.messages_per_second", Between(0, 10_000)),
    ("whatsapp.pair_burst", Between(0, 10_000)),
    ("whatsapp.pair_interval_ms", Between(0, 600_000)),
    ("whatsapp.unknown_window_s", Between(1, 3600)),
    ("payments.stripe_base_url", Text(http_url)),
    ("models.default", OneOf(VENDORS)),
    ("models.fallback", EachOf(VENDORS)),
    ("models.transcription", OneOf(VENDORS)),
    ("models.openai.base_url", Text(http_url)),
    ("models.gemini.base_url", Text(http_url)),
    ("models.openrouter.base_url", Text(http_url)),
    ("models.ollama.base_url", Text(http_url)),
    ("models.vllm.base_url", Text(http_url)),
    ("models.custom.base_url", Text(http_url)),
    ("models.timeouts.first_token_s", Between(1, 600)),
    ("models.timeouts.gap_s", Between(1, 600)),
    ("models.timeouts.total_s", Between(1, 3600)),
    ("models.prices", Prices),
    ("turns.burst_wait_ms", Between(0, 60_000)),
    ("turns.burst_max_ms", Between(0, 600_000)),
    ("turns.history_limit", Between(0, 1000)),
    ("turns.timeout_s", Between(5, 3600)),
    ("turns.max_model_calls", Between(1, 100)),
    ("turns.max_tool_calls", Between(0, 100)),
    ("turns.token_budget", Between(0, 1_000_000_000)),
    ("turns.daily_token_budget", Between(0, 1_000_000_000_000)),
    ("turns.concurrency", Between(1, 100_000)),
    ("turns.max_attempts", Between(1, 100)),
    ("turns.contact_messages_per_hour", Between(0, 1_000_000)),
    ("media.max_image_bytes", Between(0, GIB)),
    ("media.max_audio_bytes", Between(0, GIB)),
    ("media.max_video_bytes", Between(0, GIB)),
    ("media.max_document_bytes", Between(0, GIB)),
    ("tracing.type", OneOf(&["console", "off", "langfuse", "otlp"])),
    ("sign_in.oidc.issuer", Text(https_url)),
    ("sign_in.oidc.provision", OneOf(&["admin", "staff", "viewer"])),
    ("tenant.time_zone", Text(time_zone)),
    ("tenant.language", Text(language_tag)),
    ("tenant.currency", Text(currency)),
];

impl Rule {
    fn apply(&self, value: &Value) -> Result<Value, Wrong> {
        match (self, value) {
            (Between(low, high), Value::Integer(n)) if !(low..=high).contains(&n) => {
                Err(wrong("is out of range", format!("write a number from {low} to {high}")))
            }
            (OneOf(choices), Value::String(text)) => one_of(choices, text).map(Value::String),
            (EachOf(choices), Value::Array(items)) => {
                let chosen = items.iter().map(|item| one_of(choices, item.as_str().unwrap_or_default()).map(Value::String));
                chosen.collect::<Result<_, _>>().map(Value::Array)
            }
            (Text(rule), Value::String(text)) => rule(text.trim()).map(Value::String),
            (Prices, Value::Table(prices)) => {
                for (model, price) in prices {
                    if let Err(e) = price.clone().try_into::<Price>() {
                        let fix = format!("write \"{model}\" = {{ input = 150000, cached = 75000, output = 600000 }}");
                        return Err(wrong(format!("has a wrong price of {}: {}", shown(model), e.message()), fix));
                    }
                }
                Ok(value.clone())
            }
            _ => Ok(value.clone()),
        }
    }
}

fn wrong(why: impl Into<String>, fix: impl Into<String>) -> Wrong {
    Wrong { why: why.into(), fix: fix.into() }
}

fn one_of(choices: &[&str], text: &str) -> Result<String, Wrong> {
    let text = text.trim().to_ascii_lowercase();
    match (choices.contains(&text.as_str()), nearest(&text, choices.iter().copied())) {
        (true, _) => Ok(text),
        (false, Some(meant)) => Err(wrong("is not a choice", format!("did you mean `{meant}`?"))),
        (false, None) => Err(wrong("is not a choice", format!("write one of {}", choices.join(", ")))),
    }
}

fn listen(text: &str) -> Result<String, Wrong> {
    let listen = Listen::try_from(text.to_owned());
    listen.map(|l| l.to_string()).map_err(|_| wrong("is not host:port", "write for example 0.0.0.0:8000 (port 0 to 65535)"))
}

/// Scheme in lower case and host of a URL without a trailing slash.
fn http_parts(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = Some(scheme.to_ascii_lowercase()).filter(|s| s == "http" || s == "https")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "80"),
    };
    let whole = !host.is_empty() && !text.contains(char::is_whitespace) && !text.contains(['?', '#']) && !authority.contains('@');
    (whole && port.parse::<u16>().is_ok()).then_some((scheme, host))
}

fn http_url(text: &str) -> Result<String, Wrong> {
    match http_parts(text) {
        Some(_) => Ok(text.trim_end_matches('/').to_owned()),
        None => Err(wrong("is not an http(s) address", "write https://host/path, without login and `?`")),
    }
}

/// Whom we believe who somebody is: nobody may listen in, except on this machine.
fn https_url(text: &str) -> Result<String, Wrong> {
    match http_parts(text) {
        Some((scheme, host)) if scheme == "http" && !is_local_host(host) => Err(wrong("is not https", "write https://…")),
        _ => http_url(text),
    }
}

/// Where a person can be told something.
fn contact(text: &str) -> Result<String, Wrong> {
    let is_mail = text.strip_prefix("mailto:").is_some_and(|mail| mail.contains('@') && !mail.contains(char::is_whitespace));
    match is_mail {
        true => Ok(text.to_owned()),
        false => https_url(text).map_err(|_| wrong("is neither", "write mailto:somebody@example.com or https://…")),
    }
}

fn public_url(text: &str) -> Result<String, Wrong> {
    match http_parts(text) {
        Some((scheme, host)) if scheme == "http" && !is_local_host(host) => Err(wrong(
            "is public but not https",
            "write https://… (a reverse proxy or tunnel gives it), or an address of localhost while developing",
        )),
        _ => http_url(text),
    }
}

/// Reads SQLAlchemy's forms too: `sqlite:///./test.db`, `postgresql+asyncpg://…`.
fn database_url(text: &str) -> Result<String, Wrong> {
    let (scheme, rest) = text.split_once(':').unwrap_or(("", ""));
    let scheme = scheme.to_ascii_lowercase();
    let plain = scheme.split('+').next().unwrap_or_default();
    match plain {
        "sqlite" => sqlite_file(rest).map(|file| format!("sqlite:{file}")),
        "postgres" | "postgresql" if rest.len() > 2 && rest.starts_with("//") => Ok(format!("{plain}:{rest}")),
        _ => Err(wrong(
            "is neither sqlite:<file> nor postgres://…",
            "write sqlite:data/frontdesk.db or postgres://user:password@host/name",
        )),
    }
}

fn sqlite_file(rest: &str) -> Result<&str, Wrong> {
    let file = match rest.strip_prefix("//") {
        Some(after) => match after.strip_prefix('/') {
            Some(path) if path.starts_with('/') => path,
            Some(path) if path.starts_with('.') || !path.contains('/') => path,
            Some(path) => {
                let fix = format!("write sqlite:/{path} for the absolute path or sqlite:{path} for the relative one");
                return Err(wrong("with three slashes means two places", fix));
            }
            None => after,
        },
        None => rest,
    };
    if file.is_empty() || file.starts_with(":memory:") {
        return Err(wrong("names no file, and a database in memory forgets everything", "write sqlite:data/frontdesk.db"));
    }
    Ok(file)
}

/// A level in tracing's or Python's words, or a filter of `target=level` parts.
fn log_level(text: &str) -> Result<String, Wrong> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let level = |word: &str| {
        let word = match word.trim().to_ascii_lowercase().as_str() {
            "warning" => "warn".to_owned(),
            "critical" | "fatal" => "error".to_owned(),
            "notset" | "verbose" => "trace".to_owned(),
            other => other.to_owned(),
        };
        one_of(&LEVELS, &word)
    };
    if text.contains('[') {
        return Ok(text.to_owned());
    }
    let parts = text.split(',').filter(|part| !part.trim().is_empty()).map(|part| match part.rsplit_once('=') {
        Some((target, word)) => level(word).map(|level| format!("{}={level}", target.trim())),
        None => level(part),
    });
    Ok(parts.collect::<Result<Vec<_>, _>>()?.join(","))
}

fn graph_version(text: &str) -> Result<String, Wrong> {
    let number = text.trim_start_matches(['v', 'V']);
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.len() < 4 && part.bytes().all(|b| b.is_ascii_digit());
    if digits(major) && digits(minor) {
        return Ok(format!("v{major}.{minor}"));
    }
    Err(wrong("is not a version of the Graph API", "write for example v23.0"))
}

fn time_zone(text: &str) -> Result<String, Wrong> {
    if jiff::tz::TimeZone::get(text).is_ok() {
        return Ok(text.to_owned());
    }
    let names: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
    let fix = match nearest(text, names.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write an IANA name such as America/Bogota".to_owned(),
    };
    Err(wrong("is not a time zone", fix))
}

fn language_tag(text: &str) -> Result<String, Wrong> {
    let tag = text.replace('_', "-");
    let mut parts = tag.split('-');
    let primary = parts.next().is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    if primary && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return Ok(tag);
    }
    Err(wrong("is not a language tag", "write for example es, es-CO or en"))
}

fn currency(text: &str) -> Result<String, Wrong> {
    match text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        true => Ok(text.to_ascii_uppercase()),
        false => Err(wrong("is not a currency code", "write three letters such as COP or USD")),
    }
}

/// The limits of a key as the manual must mention them.
#[cfg(test)]
pub(super) fn limits(key: &str) -> Vec<String> {
    match RULES.iter().find(|(k, _)| *k == key).map(|(_, rule)| rule) {
        Some(Between(low, high)) => vec![format!("{low} to {high}")],
        Some(OneOf(choices) | EachOf(choices)) => choices.iter().map(|choice| format!("`{choice}`")).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::keys::KEYS, *};

    /// A rule, a text, and what is written for it or how the fix begins.
    type Case = (fn(&str) -> Result<String, Wrong>, &'static str, &'static str);

    #[test]
    fn values_come_back_in_their_one_written_form() {
        let cases: &[Case] = &[
            (database_url, "sqlite:data/x.db", "sqlite:data/x.db"),
            (database_url, "sqlite:/srv/x.db", "sqlite:/srv/x.db"),
            (database_url, "sqlite://x.db", "sqlite:x.db"),
            (database_url, "sqlite:///./test.db", "sqlite:./test.db"),
            (database_url, "sqlite:///test.db", "sqlite:test.db"),
            (database_url, "sqlite+aiosqlite:////srv/x.db", "sqlite:/srv/x.db"),
            (database_url, "postgres://u:p@h/d", "postgres://u:p@h/d"),
            (database_url, "postgresql+asyncpg://u:p@h:5432/d?x=y", "postgresql://u:p@h:5432/d?x=y"),
            (http_url, "http://127.0.0.1:9000/", "http://127.0.0.1:9000"),
            (http_url, "HTTPS://graph.facebook.com", "HTTPS://graph.facebook.com"),
            (http_url, "http://[::1]/v1", "http://[::1]/v1"),
            (public_url, "https://desk.example.com/", "https://desk.example.com"),
            (public_url, "http://localhost:8000", "http://localhost:8000"),
            (public_url, "http://[::1]:8000", "http://[::1]:8000"),
            (public_url, "http://127.0.0.1", "http://127.0.0.1"),
            (log_level, "INFO", "info"),
            (log_level, "WARNING", "warn"),
            (log_level, "info, hyper=Off,frontdesk_engine=debug,", "info,hyper=off,frontdesk_engine=debug"),
            (log_level, "x[span{id=1}]=debug", "x[span{id=1}]=debug"),
            (graph_version, "23.0", "v23.0"),
            (graph_version, "v18.0", "v18.0"),
            (graph_version, "V24", "v24.0"),
            (time_zone, "Europe/Paris", "Europe/Paris"),
            (language_tag, "es_CO", "es-CO"),
            (currency, "usd", "USD"),
            (listen, "[::]:80", "[::]:80"),
        ];
        for (rule, text, written) in cases {
            assert_eq!(rule(text).as_deref(), Ok(*written), "{text}");
        }
    }

    #[test]
    fn a_wrong_value_says_why_and_what_to_write() {
        let cases: &[Case] = &[
            (database_url, "mysql://u@h/d", "write sqlite:data/frontdesk.db or"),
            (database_url, "data/x.db", "write sqlite:data/frontdesk.db or"),
            (database_url, "postgres:", "write sqlite:data/frontdesk.db or"),
            (database_url, "sqlite::memory:", "write sqlite:data/frontdesk.db"),
            (database_url, "sqlite://", "write sqlite:data/frontdesk.db"),
            (database_url, "sqlite:///var/lib/x.db", "write sqlite:/var/lib/x.db for the absolute path or sqlite:var/lib/x.db"),
            (http_url, "graph.facebook.com", "write https://"),
            (http_url, "ftp://x", "write https://"),
            (http_url, "https://", "write https://"),
            (http_url, "https://u:p@host", "write https://"),
            (http_url, "https://host:99999", "write https://"),
            (http_url, "https://ho st", "write https://"),
            (public_url, "http://desk.example.com", "write https://… (a reverse proxy"),
            (public_url, "http://192.168.1.4:8000", "write https://… (a reverse proxy"),
            (public_url, "HTTP://localhost.example.com", "write https://… (a reverse proxy"),
            (log_level, "inof", "did you mean `info`?"),
            (log_level, "frontdesk=loud", "write one of off, error"),
            (graph_version, "latest", "write for example v23.0"),
            (graph_version, "1.2.3", "write for example v23.0"),
            (time_zone, "America/Bogata", "did you mean `America/Bogota`?"),
            (time_zone, "nowhere at all", "write an IANA name"),
            (language_tag, "Spanish language", "write for example es"),
            (currency, "pesos", "write three letters"),
            (listen, "8000", "write for example 0.0.0.0:8000"),
        ];
        for (rule, text, fix) in cases {
            let wrong = rule(text).unwrap_err();
            assert!(wrong.fix.starts_with(fix) && !wrong.why.is_empty(), "{text}: {wrong:?}");
        }
    }

    #[test]
    fn every_number_has_limits_that_its_default_keeps_and_every_rule_a_key() {
        for (key, rule) in RULES {
            let default = &KEYS[*key];
            if default.as_str() != Some("") {
                assert_eq!(rule.apply(default).as_ref(), Ok(default), "{key}");
            }
        }
        for (key, default) in KEYS.iter().filter(|(_, default)| default.is_integer()) {
            assert_eq!(limits(key).len(), 1, "{key} = {default} has no limits");
        }
    }
}
