//! What people give to commands: files, secrets, `key=value` pairs, spans of time, consent.

use std::{
    io::{IsTerminal, Read},
    path::Path,
};

use anyhow::{Context, Result};
use frontdesk_kernel::Secret;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::terminal;

/// The command was not used as it is meant to be: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

impl Usage {
    pub(crate) const EXIT_CODE: u8 = 2;
}

/// A part of a TOML or JSON file: its member of that name, or the whole when it has none.
pub(crate) fn section<T: DeserializeOwned>(path: &Path, name: &str) -> Result<T> {
    let text = text(path)?;
    let is_json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let mut document: Value = if is_json {
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?
    } else {
        toml::from_str(&text).map(plain).map_err(|e: toml::de::Error| {
            let line = 1 + text.bytes().take(e.span().map_or(0, |span| span.start)).filter(|b| *b == b'\n').count();
            anyhow::anyhow!("{}:{line}: this is not TOML: {}", path.display(), e.message())
        })?
    };
    let part = document.get_mut(name).map(Value::take).unwrap_or(document);
    serde_json::from_value(part).with_context(|| format!("{name} in {}", path.display()))
}

pub(crate) fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// TOML's own dates as texts.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => match members.iter().next() {
            Some((name, Value::String(date))) if name.starts_with("$__toml_private") => date.as_str().into(),
            _ => members.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        },
        Value::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

/// `@FILE` or `-` (a line of standard input). In clear it would stay in the shell's history and show in the list of processes.
pub(crate) fn secret(from: &str) -> Result<Secret> {
    let text = match (from, from.strip_prefix('@')) {
        ("-", _) => line_of_stdin()?,
        (_, Some(path)) => text(Path::new(path))?.trim_end_matches(['\r', '\n']).to_owned(),
        _ => {
            return Err(Usage(
                "a secret is not written on the command line: give @FILE, or - to read a line of standard input".into(),
            )
            .into());
        }
    };
    if text.trim().is_empty() {
        return Err(Usage("the secret is empty".into()).into());
    }
    Ok(Secret::new(text))
}

/// One line; what follows is left for the next one who reads.
pub(crate) fn line_of_stdin() -> Result<String> {
    let mut stdin = std::io::stdin().lock();
    let mut line = Vec::new();
    let mut byte = [0];
    while stdin.read(&mut byte).context("cannot read standard input")? == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    Ok(String::from_utf8(line).context("standard input is not UTF-8")?.trim_end_matches('\r').to_owned())
}

/// `key=value`; an empty value takes the key away.
pub(crate) fn pair(text: &str) -> Result<(String, Option<String>), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), Some(value.to_owned()).filter(|v| !v.is_empty())))
        }
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

/// `90d`, `12h`, `30m`, `2w` in seconds.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    let (number, unit) = text.split_at(text.len() - text.chars().next_back().map_or(0, char::len_utf8));
    let unit = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return Err("write a number with m, h, d or w, such as 90d".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write a number with m, h, d or w, such as 90d".to_owned())?;
    number
        .checked_mul(unit)
        .filter(|s| (1..=100 * 366 * 86_400).contains(s))
        .ok_or_else(|| "from one minute to 100 years".to_owned())
}

/// Refuses a change that changes nothing.
pub(crate) fn something<T: Default + Serialize>(change: T) -> Result<T> {
    if serde_json::to_value(&change)? == serde_json::to_value(T::default())? {
        return Err(Usage("nothing to change was given: see --help".into()).into());
    }
    Ok(change)
}

/// Asks at a terminal; elsewhere `--yes` must say it.
pub(crate) fn consent(yes: bool, what: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Usage(format!("{what} cannot be undone: say --yes")).into());
    }
    if terminal::confirm(&format!("{what} cannot be undone. Go on?")) {
        Ok(())
    } else {
        Err(anyhow::anyhow!("nothing was deleted"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spans_of_time_and_pairs_are_read_as_people_write_them() {
        for (text, wanted) in
            [("90d", Some(7_776_000)), ("12h", Some(43_200)), ("2w", Some(1_209_600)), ("1m", Some(60)), ("0d", None)]
        {
            assert_eq!(seconds(text).ok(), wanted, "{text}");
        }
        for wrong in ["", "d", "90", "-1d", "1y", "99999999999999999999d", "9é"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
        assert_eq!(pair("a=b=c"), Ok(("a".into(), Some("b=c".into()))));
        assert_eq!(pair("a="), Ok(("a".into(), None)));
        assert!(pair("a").is_err() && pair("=b").is_err());
    }

    #[test]
    fn a_part_of_a_file_is_found_and_what_is_wrong_is_said_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let whole: Value = section(&write("a.json", r#"[{"name":"x"}]"#), "services").unwrap();
        assert_eq!(whole, json!([{ "name": "x" }]));
        let part: Value =
            section(&write("a.toml", "[profile]\ncity = \"B\"\n[[profile.holidays]]\ndate = 2026-12-25\n"), "profile").unwrap();
        assert_eq!(part, json!({ "city": "B", "holidays": [{ "date": "2026-12-25" }] }));
        let wrong = section::<Value>(&write("b.toml", "a = 1\nb = [\n"), "profile").unwrap_err().to_string();
        assert!(wrong.contains("b.toml:") && wrong.contains("not TOML"), "{wrong}");
        assert!(section::<Value>(&folder.path().join("none"), "profile").unwrap_err().to_string().contains("cannot read"));
    }

    #[test]
    fn a_secret_is_never_taken_from_the_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "s3cret\n").unwrap();
        assert_eq!(secret(&format!("@{}", path.display())).unwrap().reveal(), "s3cret");
        let refused = secret("s3cret").unwrap_err();
        assert!(refused.is::<Usage>() && !refused.to_string().contains("s3cret"));
    }
}
