//! Environment names: the prefixed name of every key, the well-known short ones, and those that have no effect yet.

use std::collections::BTreeMap;

use super::{
    keys::{KEYS, is_secret, meant, nearest},
    problems::Problem,
    secret_file::{self, ReadSecret},
    values::Values,
};

pub(super) const PREFIX: &str = "FRONTDESK_";

/// Well-known names and their keys. Of two names of one key the upper one counts.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("DATABASE_URL", "database.url"),
    ("LISTEN", "server.listen"),
    ("PUBLIC_BASE_URL", "server.public_base_url"),
    ("LOG_LEVEL", "log.level"),
    ("RUST_LOG", "log.level"),
    ("LOG_FORMAT", "log.format"),
    ("ACCESS_TOKEN", "whatsapp.access_token"),
    ("PHONE_NUMBER_ID", "whatsapp.phone_number_id"),
    ("APP_ID", "whatsapp.app_id"),
    ("APP_SECRET", "whatsapp.app_secret"),
    ("VERIFY_TOKEN", "whatsapp.verify_token"),
    ("VERSION", "whatsapp.version"),
    ("GRAPH_BASE_URL", "whatsapp.graph_base_url"),
    ("MOCK_MODE", "whatsapp.mock_mode"),
    ("WHATSAPP_MESSAGES_PER_SECOND", "whatsapp.messages_per_second"),
    ("WHATSAPP_PAIR_BURST", "whatsapp.pair_burst"),
    ("DEFAULT_AI_MODEL", "models.default"),
    ("OPENAI_API_KEY", "models.openai.api_key"),
    ("OPENAI_BASE_URL", "models.openai.base_url"),
    ("OPENAI_ORG_ID", "models.openai.organization"),
    ("OPENAI_PROJECT", "models.openai.project"),
    ("OPENAI_MODEL", "models.openai.model"),
    ("OPENAI_MODEL_NAME", "models.openai.model"),
    ("AI_DEFAULT_MODEL", "models.openai.model"),
    ("GEMINI_API_KEY", "models.gemini.api_key"),
    ("GEMINI_BASE_URL", "models.gemini.base_url"),
    ("OPENROUTER_API_KEY", "models.openrouter.api_key"),
    ("BURST_WAIT_MS", "turns.burst_wait_ms"),
    ("BURST_MAX_MS", "turns.burst_max_ms"),
    ("HISTORY_LIMIT", "turns.history_limit"),
    ("TURN_TIMEOUT_S", "turns.timeout_s"),
    ("TRACER_TYPE", "tracing.type"),
    ("TRACE_LOG_PII", "tracing.log_pii"),
    ("SECRET_KEY", "security.encryption_key"),
    ("ENCRYPTION_KEY", "security.encryption_key"),
    ("STRIPE_BASE_URL", "payments.stripe_base_url"),
    ("SMTP_URL", "mail.smtp_url"),
    ("IMAP_URL", "mail.imap_url"),
    ("API_SERVER_URL", "tools.api_server_url"),
    ("API_SERVER_KEY", "tools.api_server_key"),
    ("WEB_UI_USERNAME", "owner.username"),
    ("WEB_UI_PASSWORD", "owner.password"),
    ("AI_AUTOREPLY", "agent.autoreply"),
    ("AI_AGENT_NAME", "agent.name"),
];

/// Names that later features and the systems before us use; they are accepted and have no effect.
pub(super) const WITHOUT_EFFECT: &[&str] = &[
    "AI_SESSION_MODE",
    "AI_SESSION_DB",
    "AI_ASSISTANT_NAME",
    "AI_ASSISTANT_MODEL",
    "AI_ASSISTANT_INSTRUCTIONS",
    "AI_OPENAI_ASSISTANT_ID",
    "OPENAI_ASSISTANT_ID",
    "RECIPIENT_WAID",
    "FLASK_DEBUG",
    "DEBUG_MODE",
    "REDIS_URL",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_PASSWORD",
    "DATABASE_HOST",
    "DATABASE_PORT",
    "DATABASE_USERNAME",
    "DATABASE_PASSWORD",
    "DATABASE_NAME",
    "DYNAMODB_MESSAGES_TABLE",
    "DYNAMODB_SESSAGES_TABLE",
    "DYNAMODB_SESSIONS_TABLE",
    "AWS_REGION",
    "KAFKA_BROKERS",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "ELEVENLABS_API_KEY",
    "ASTERISK_ARI_URL",
    "ASTERISK_ARI_USERNAME",
    "ASTERISK_ARI_PASSWORD",
    "ASTERISK_APP_NAME",
    "GOOGLE_CLIENT_ID",
    "GOOGLE_CLIENT_SECRET",
    "GOOGLE_REFRESH_TOKEN",
    "GRAPHQL_URL",
    "GRAPHQL_API_KEY",
    "LANGFUSE_PUBLIC_KEY",
    "LANGFUSE_SECRET_KEY",
    "LANGFUSE_HOST",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// Prefixed names that are read elsewhere: where the file is, the key for another machine's server, where tests find their data, and where
/// the crash harness wants us to die.
const OTHER_NAMES: &[&str] = &["FRONTDESK_CONFIG", "FRONTDESK_API_KEY", "FRONTDESK_CONTRACTS", "FRONTDESK_CRASH"];

/// Names with their text and where it stands.
pub(super) type Layer = BTreeMap<String, (String, String)>;

pub(super) fn apply(layer: &Layer, read_secret: ReadSecret, values: &mut Values) {
    for (name, (text, place)) in layer.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        if !is_known(name) && !is_of_kubernetes(name, text) {
            values.problems.push(unknown(name, place));
        }
    }
    for key in KEYS.keys() {
        let given = given(key, layer);
        let Some((first, more)) = given.split_first() else { continue };
        for other in more.iter().filter(|other| other.text != first.text || other.is_file != first.is_file) {
            let what = format!("{} and {} both set `{key}`", first.name, other.name);
            if first.is_file != other.is_file {
                values.refuse(key, first.place, what, "keep one of the two".to_owned());
            } else {
                values.warn(first.place, what, &format!("{} counts; remove the other", first.name));
            }
        }
        if first.is_file {
            secret_file::apply(key, first.text, first.place, read_secret, values);
        } else {
            values.set_text(key, first.text, first.place);
        }
    }
    if let Some((text, place)) = layer.get("PORT").filter(|(text, _)| !text.trim().is_empty()) {
        values.port = Some((text.trim().to_owned(), place.clone()));
    }
    for name in WITHOUT_EFFECT {
        let given = layer.get(*name).is_some_and(|(text, _)| !text.trim().is_empty());
        if given && !values.not_yet_used.iter().any(|n| n == name) {
            values.not_yet_used.push((*name).to_owned());
        }
    }
}

/// Warns of names that look like slips of the fingers. Only for `.env`: the environment is full of other programs' names.
pub(super) fn warn_of_slips(layer: &Layer, values: &mut Values) {
    const SLIP: f64 = 0.85;
    let known = || ALIASES.iter().map(|(name, _)| *name).chain(WITHOUT_EFFECT.iter().copied()).chain(["PORT"]);
    for (name, (_, place)) in layer.iter().filter(|(name, _)| !name.starts_with(PREFIX)) {
        let plain = name.strip_suffix("_FILE").unwrap_or(name);
        if known().any(|k| k == name || k == plain) {
            continue;
        }
        if let Some(meant) = nearest(name, known()).filter(|k| strsim::normalized_damerau_levenshtein(name, k) >= SLIP) {
            values.warn(place, format!("{name} has no effect"), &format!("did you mean {meant}?"));
        }
    }
}

/// The prefixed name of a key.
pub(super) fn prefixed(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

/// How a key is set, for messages: its best known name.
pub(super) fn best_name(key: &str) -> String {
    ALIASES.iter().find(|(_, k)| *k == key).map_or_else(|| prefixed(key), |(name, _)| (*name).to_owned())
}

struct Given<'l> {
    name: String,
    text: &'l str,
    place: &'l str,
    is_file: bool,
}

/// Everything in the layer that sets the key, the strongest name first.
fn given<'l>(key: &str, layer: &'l Layer) -> Vec<Given<'l>> {
    let aliases = ALIASES.iter().filter(|(_, k)| *k == key).map(|(name, _)| (*name).to_owned());
    let names: Vec<String> = std::iter::once(prefixed(key)).chain(aliases).collect();
    let files = names.iter().filter(|_| is_secret(key)).map(|name| (format!("{name}_FILE"), true));
    let plain = names.iter().map(|name| (name.clone(), false));
    plain
        .chain(files)
        .filter_map(|(name, is_file)| {
            let (text, place) = layer.get(&name)?;
            (!text.trim().is_empty()).then(|| Given { name, text: text.trim(), place, is_file })
        })
        .collect()
}

fn is_known(name: &str) -> bool {
    OTHER_NAMES.contains(&name)
        || KEYS.keys().any(|key| {
            let prefixed = prefixed(key);
            name == prefixed || (is_secret(key) && name.strip_suffix("_FILE") == Some(&prefixed))
        })
}

/// Kubernetes gives every pod the addresses of the services beside it: a service `frontdesk` brings FRONTDESK_SERVICE_HOST,
/// FRONTDESK_PORT_8000_TCP and the like, a service `frontdesk-db` the same with FRONTDESK_DB_.
fn is_of_kubernetes(name: &str, text: &str) -> bool {
    let mut words = name.split('_').skip(1).peekable();
    while let Some(word) = words.next() {
        match (word, words.peek()) {
            ("SERVICE", Some(&("HOST" | "PORT"))) => return true,
            ("PORT", None) => return text.contains("://"),
            ("PORT", Some(next)) => return !next.is_empty() && next.bytes().all(|b| b.is_ascii_digit()),
            ("", _) => return false,
            _ => {}
        }
    }
    false
}

fn unknown(name: &str, place: &str) -> Problem {
    let path = name.strip_prefix(PREFIX).unwrap_or(name).replace("__", ".").to_ascii_lowercase();
    let fix = match meant(&path).filter(|key| KEYS.contains_key(*key)) {
        Some(key) => format!("did you mean {}?", prefixed(key)),
        None => "unset it; config.default.toml lists every setting".to_owned(),
    };
    Problem::new(place, format!("there is no setting {name}"), fix)
}

#[cfg(test)]
mod tests {
    use std::{io, path::Path};

    use super::{super::secret_file::SecretFile, *};

    fn read_secret(path: &Path) -> io::Result<SecretFile> {
        match path.to_str() {
            Some("/private") => Ok(SecretFile { text: " s3cret\n".to_owned(), open_to_others: false }),
            Some("/public") => Ok(SecretFile { text: "open".to_owned(), open_to_others: true }),
            Some("/empty") => Ok(SecretFile { text: "\n".to_owned(), open_to_others: false }),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn applied(vars: &[(&str, &str)]) -> Values {
        let place = |name: &str| format!("{name} (environment)");
        let layer = vars.iter().map(|(name, text)| ((*name).to_owned(), ((*text).to_owned(), place(name)))).collect();
        let mut values = Values::defaults();
        apply(&layer, read_secret, &mut values);
        values
    }

    fn lines(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn every_key_has_a_name_in_the_environment() {
        for (name, text, key, value) in [
            ("FRONTDESK_DATA_DIR", "/srv", "data_dir", "\"/srv\""),
            ("FRONTDESK_SERVER__LISTEN", "0.0.0.0:80", "server.listen", "\"0.0.0.0:80\""),
            ("FRONTDESK_MODELS__OPENAI__API_KEY", "k", "models.openai.api_key", "\"k\""),
            ("FRONTDESK_MODELS__FALLBACK", "gemini, ollama", "models.fallback", "[\"gemini\", \"ollama\"]"),
            ("FRONTDESK_MODELS__FALLBACK", "['gemini']", "models.fallback", "[\"gemini\"]"),
            (
                "FRONTDESK_MODELS__PRICES",
                "{ m = { input = 1, output = 2 } }",
                "models.prices",
                "{ m = { input = 1, output = 2 } }",
            ),
            ("FRONTDESK_MEDIA__MAX_IMAGE_BYTES", "1_000", "media.max_image_bytes", "1000"),
            ("AI_AUTOREPLY", "Off", "agent.autoreply", "false"),
            ("MOCK_MODE", " TRUE ", "whatsapp.mock_mode", "true"),
            ("AI_DEFAULT_MODEL", "m", "models.openai.model", "\"m\""),
            ("ACCESS_TOKEN_FILE", "/private", "whatsapp.access_token", "\"s3cret\""),
            ("FRONTDESK_WHATSAPP__ACCESS_TOKEN_FILE", "/private", "whatsapp.access_token", "\"s3cret\""),
        ] {
            let values = applied(&[(name, text)]);
            assert_eq!((lines(&values.problems), lines(&values.warnings)), (vec![], vec![]), "{name}");
            assert_eq!(values.value(key).to_string(), value, "{name}");
            assert_eq!(values.place(key), Some(format!("{name} (environment)").as_str()));
        }
    }

    #[test]
    fn a_name_or_text_that_cannot_be_taken_is_a_problem_with_a_way_out() {
        for (name, text, problem) in [
            (
                "FRONTDESK_SERVER_LISTEN",
                "x",
                "there is no setting FRONTDESK_SERVER_LISTEN; did you mean FRONTDESK_SERVER__LISTEN?",
            ),
            ("FRONTDESK_PORT", "80", "there is no setting FRONTDESK_PORT; did you mean FRONTDESK_SERVER__LISTEN?"),
            ("FRONTDESK_ZOO", "", "there is no setting FRONTDESK_ZOO; unset it; config.default.toml lists every setting"),
            (
                "FRONTDESK_LOG__LEVEL_FILE",
                "x",
                "there is no setting FRONTDESK_LOG__LEVEL_FILE; did you mean FRONTDESK_LOG__LEVEL?",
            ),
            ("HISTORY_LIMIT", "ten", "`turns.history_limit` cannot be `ten`; write a whole number"),
            ("MOCK_MODE", "maybe", "`whatsapp.mock_mode` cannot be `maybe`; write true or false"),
            (
                "APP_SECRET_FILE",
                "/none",
                "the file `/none` of `whatsapp.app_secret` cannot be read (entity not found); name a file that this user may read",
            ),
            ("APP_SECRET_FILE", "/empty", "the file `/empty` of `whatsapp.app_secret` is empty; put the secret into it"),
        ] {
            assert_eq!(lines(&applied(&[(name, text)]).problems), [format!("{name} (environment): {problem}")]);
        }
        let both = applied(&[("APP_SECRET", "s3cret"), ("APP_SECRET_FILE", "/private")]);
        let expected =
            "APP_SECRET (environment): APP_SECRET and APP_SECRET_FILE both set `whatsapp.app_secret`; keep one of the two";
        assert_eq!(lines(&both.problems), [expected]);
    }

    #[test]
    fn two_names_of_one_key_and_open_secrets_are_told() {
        let values = applied(&[("OPENAI_MODEL", "a"), ("AI_DEFAULT_MODEL", "b"), ("OPENAI_MODEL_NAME", "a")]);
        let expected = "OPENAI_MODEL (environment): OPENAI_MODEL and AI_DEFAULT_MODEL both set `models.openai.model`; \
                        OPENAI_MODEL counts; remove the other";
        assert_eq!((lines(&values.warnings), values.text("models.openai.model")), (vec![expected.to_owned()], "a"));

        let values = applied(&[("VERIFY_TOKEN_FILE", "/public")]);
        let expected = "VERIFY_TOKEN_FILE (environment): the file `/public` of `whatsapp.verify_token` can be read by every user \
                        of this machine; run chmod o-r /public";
        assert_eq!((lines(&values.warnings), values.text("whatsapp.verify_token")), (vec![expected.to_owned()], "open"));
    }

    #[test]
    fn names_of_other_programs_and_empty_texts_are_left_alone() {
        let values = applied(&[
            ("PATH", "/bin"),
            ("OPENAI_API_KEY", ""),
            ("LOG_LEVEL", "  "),
            ("FRONTDESK_CONFIG", "x.toml"),
            ("FRONTDESK_PORT", "tcp://10.0.0.1:8000"),
            ("FRONTDESK_PORT_8000_TCP_ADDR", "10.0.0.1"),
            ("FRONTDESK_SERVICE_HOST", "10.0.0.1"),
            ("FRONTDESK_WEB_SERVICE_PORT_HTTP", "80"),
        ]);
        assert_eq!((lines(&values.problems), values.given()), (vec![], vec![]));
        for (name, text) in [("FRONTDESK_SERVER__PORT", "tcp://x"), ("FRONTDESK_REPORT", "tcp://x"), ("FRONTDESK_PORT", "80")] {
            assert!(!is_of_kubernetes(name, text), "{name}");
        }
    }

    #[test]
    fn names_without_effect_are_remembered_when_they_are_set() {
        let values = applied(&[("REDIS_URL", "redis://x"), ("FLASK_DEBUG", "False"), ("KAFKA_BROKERS", "")]);
        assert_eq!(values.not_yet_used, ["FLASK_DEBUG", "REDIS_URL"]);
        assert_eq!(lines(&values.problems), Vec::<String>::new());
    }

    #[test]
    fn a_slip_in_a_dotenv_is_told() {
        let place = |name: &str| (name.to_owned(), ("x".to_owned(), ".env:1".to_owned()));
        let layer = ["OPENAI_APIKEY", "NEXTAUTH_SECRET", "APP_SECRET_FILE", "JWT_SECRET", "PORT"].map(place).into();
        let mut values = Values::defaults();
        warn_of_slips(&layer, &mut values);
        assert_eq!(lines(&values.warnings), [".env:1: OPENAI_APIKEY has no effect; did you mean OPENAI_API_KEY?"]);
    }
}
