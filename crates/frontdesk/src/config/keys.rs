//! The keys there are: read from the manual, so that it cannot be incomplete.

use std::{collections::BTreeMap, sync::LazyLock};

use toml::{Table, Value};

use super::environment::ALIASES;

/// `config.default.toml`: every key, its default and what it means.
pub(crate) const MANUAL: &str = include_str!("../../config.default.toml");

/// Keys whose values are never shown and may come from a file.
pub(super) const SECRETS: &[&str] = &[
    "database.url",
    "whatsapp.access_token",
    "whatsapp.app_secret",
    "whatsapp.verify_token",
    "models.openai.api_key",
    "models.gemini.api_key",
    "models.openrouter.api_key",
    "models.ollama.api_key",
    "models.vllm.api_key",
    "models.custom.api_key",
    "credit.stripe_secret_key",
    "credit.stripe_webhook_secret",
    "security.encryption_key",
    "mail.smtp_url",
    "mail.imap_url",
    "tools.api_server_key",
    "sign_in.oidc.client_secret",
    "owner.password",
];

/// Keys with their defaults, by path (`turns.burst_wait_ms`).
pub(super) static KEYS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let manual: Table = MANUAL.parse().expect("the embedded manual is TOML: a test reads it");
    let mut keys = BTreeMap::new();
    collect("", manual, &mut keys);
    keys
});

/// A table without entries in the manual is a map whose entries are the user's.
fn collect(prefix: &str, table: Table, keys: &mut BTreeMap<String, Value>) {
    for (name, value) in table {
        let path = join(prefix, &name);
        match value {
            Value::Table(inner) if !inner.is_empty() => collect(&path, inner, keys),
            leaf => _ = keys.insert(path, leaf),
        }
    }
}

pub(super) fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

pub(super) fn is_section(path: &str) -> bool {
    KEYS.keys().any(|key| key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

pub(super) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key)
}

/// The key or section that was probably meant: known under another name, spelt almost so, or in another section.
pub(super) fn meant(path: &str) -> Option<&'static str> {
    let path = path.strip_suffix("_file").unwrap_or(path);
    let names = ALIASES.iter().chain(&[("PORT", "server.listen")]);
    let by_alias = names.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(leaf(path))).map(|(_, key)| *key);
    let sections = KEYS.keys().filter_map(|key| key.rsplit_once('.')).map(|(section, _)| section);
    let by_leaf = || KEYS.keys().map(String::as_str).find(|key| leaf(key) == leaf(path));
    by_alias.or_else(|| nearest(path, KEYS.keys().map(String::as_str).chain(sections))).or_else(by_leaf)
}

/// The most similar candidate, when it is similar enough to be a slip of the fingers. The last part of a path counts twice.
pub(super) fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    const SIMILAR: f64 = 0.6;
    let alike = strsim::normalized_damerau_levenshtein;
    let likeness = |candidate| ((alike(word, candidate) + alike(leaf(word), leaf(candidate))) / 2.0, candidate);
    let best = candidates.into_iter().map(likeness).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= SIMILAR).then_some(best.1)
}

fn leaf(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_finds_its_key() {
        for (wrong, right) in [
            ("turns.burst_wait", Some("turns.burst_wait_ms")),
            ("turn.burst_wait_ms", Some("turns.burst_wait_ms")),
            ("turn", Some("turns")),
            ("server.burst_wait_ms", Some("turns.burst_wait_ms")),
            ("OPENAI_API_KEY", Some("models.openai.api_key")),
            ("access_token", Some("whatsapp.access_token")),
            ("turns.history", Some("turns.history_limit")),
            ("server_listen", Some("server.listen")),
            ("server.port", Some("server.listen")),
            ("log.level_file", Some("log.level")),
            ("server.colour", None),
            ("completely_else", None),
        ] {
            assert_eq!(meant(wrong), right, "{wrong}");
        }
    }

    #[test]
    fn secrets_and_aliases_are_keys_of_the_manual() {
        for key in SECRETS.iter().chain(ALIASES.iter().map(|(_, key)| key)) {
            assert!(KEYS.contains_key(*key), "{key}");
        }
        assert!(is_section("models.openai") && !is_section("models.open") && !is_section("models.prices"));
    }

    /// The comment lines right above each key.
    fn comments() -> BTreeMap<String, String> {
        let (mut section, mut comment, mut found) = (String::new(), String::new(), BTreeMap::new());
        for line in MANUAL.lines() {
            if let Some(text) = line.strip_prefix('#') {
                comment.push_str(text);
            } else {
                if let Some(name) = line.strip_prefix('[') {
                    name.trim_end_matches(']').clone_into(&mut section);
                    found.insert(section.clone(), comment.clone());
                } else if let Some((key, _)) = line.split_once(" = ") {
                    found.insert(join(&section, key), comment.clone());
                }
                comment.clear();
            }
        }
        found
    }

    #[test]
    fn the_manual_explains_every_key_with_its_names_and_limits() {
        let comments = comments();
        for key in KEYS.keys() {
            let comment = comments[key].as_str();
            assert!(comment.trim().len() > 10, "{key} has no comment");
            assert_eq!(comment.contains("Secret."), is_secret(key), "{key}: secret or not");
            for (name, _) in ALIASES.iter().filter(|(_, k)| k == key) {
                let words = comment.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                assert!(words.into_iter().any(|word| word == *name), "{key} does not mention {name}");
            }
            for limit in super::super::rules::limits(key) {
                assert!(comment.contains(&limit), "{key} does not mention {limit}");
            }
        }
    }
}
