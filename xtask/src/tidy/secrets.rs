//! Credentials that must never be committed, not even in a recording.

use super::{File, Finding, Rule};

static SECRET: Rule = Rule { name: "secret", reason: "what is committed is public for ever: revoke it, then remove it" };

/// A kind of credential: how it begins, which characters follow, and how many at least.
struct Pattern {
    what: &'static str,
    prefix: &'static str,
    tail: fn(char) -> bool,
    at_least: usize,
}

fn letter_or_digit(c: char) -> bool {
    c.is_ascii_alphanumeric()
}
fn or_dash(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}
fn upper_or_digit(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

const PATTERNS: &[Pattern] = &[
    Pattern { what: "a Meta access token", prefix: "EAA", tail: letter_or_digit, at_least: 20 },
    Pattern { what: "a model vendor's key", prefix: "sk-", tail: or_dash, at_least: 20 },
    Pattern { what: "an AWS key", prefix: "AKIA", tail: upper_or_digit, at_least: 16 },
    Pattern { what: "a Google key", prefix: "AIza", tail: or_dash, at_least: 35 },
    Pattern { what: "a GitHub token", prefix: "ghp_", tail: letter_or_digit, at_least: 36 },
    Pattern { what: "a Slack token", prefix: "xoxb-", tail: or_dash, at_least: 20 },
    Pattern { what: "a Stripe key", prefix: "sk_live_", tail: letter_or_digit, at_least: 16 },
];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut out = Vec::new();
    for file in files {
        for (index, line) in file.text().lines().enumerate() {
            for what in secrets_in(line) {
                out.push(file.finding(&SECRET, index + 1, format!("looks like {what}")));
            }
        }
    }
    out
}

fn secrets_in(line: &str) -> Vec<&'static str> {
    let mut out: Vec<&str> = PATTERNS.iter().filter(|pattern| pattern.is_in(line)).map(|pattern| pattern.what).collect();
    if line.contains(concat!("-----BEG", "IN")) && line.contains(concat!("PRIV", "ATE KEY-----")) {
        out.push("a private key");
    }
    out
}

impl Pattern {
    /// The tail must hold a digit: words joined by dashes are not keys.
    fn is_in(&self, line: &str) -> bool {
        line.match_indices(self.prefix).any(|(at, _)| {
            let inside_a_word = line[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            let tail: String = line[at + self.prefix.len()..].chars().take_while(|c| (self.tail)(*c)).collect();
            !inside_a_word && tail.len() >= self.at_least && tail.contains(|c: char| c.is_ascii_digit())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_credential_is_found_and_its_look_alikes_are_not() {
        for pattern in PATTERNS {
            let key = format!("{}{}", pattern.prefix, "A1B2C3D4E5".repeat(4));
            let line = format!("  \"token\": \"{key}\",");
            assert_eq!(secrets_in(&line), [pattern.what]);
            assert!(secrets_in(&format!("x{key}")).is_empty(), "{}", pattern.what);
            assert!(secrets_in(&line[..line.len() - 2 - key.len() + pattern.prefix.len() + 5]).is_empty(), "{}", pattern.what);
        }
        assert_eq!(secrets_in(concat!("-----BEG", "IN RSA PRIV", "ATE KEY-----")), ["a private key"]);
        for line in [
            "OPENAI_API_KEY=sk-...",
            "frontdesk-metrics-exporter-prometheus-0123456789",
            "sk-test",
            "-----BEGIN CERTIFICATE-----",
        ] {
            assert!(secrets_in(line).is_empty(), "{line}");
        }
    }
}
