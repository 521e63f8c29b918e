//! What a single value may be. A refusal says what is wrong and what to write instead.

use frontdesk_store::Result;
use serde_json::{Map, Value};

use super::refused;

/// A name or title: one line, not empty, not endless.
pub(crate) fn line(what: &str, text: &str, longest: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest {
        return Err(refused(format!("{what}: write 1 to {longest} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(refused(format!("{what}: write one line without control characters")));
    }
    Ok(text.to_owned())
}

/// An IANA zone, in its own spelling.
pub(super) fn time_zone(text: &str) -> Result<String> {
    match jiff::tz::TimeZone::get(text) {
        Ok(zone) => Ok(zone.iana_name().unwrap_or(text).to_owned()),
        Err(_) => {
            let all: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
            let hint = meant(text, all.iter().map(String::as_str))
                .map_or("write an IANA name such as America/Bogota".to_owned(), did_you_mean);
            Err(refused(format!("time zone: there is no `{text}`; {hint}")))
        }
    }
}

/// A language tag such as `es` or `es-CO`.
pub(crate) fn language(text: &str) -> Result<String> {
    let tag = text.trim().replace('_', "-");
    let mut parts = tag.split('-');
    let primary = parts.next().is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest = parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    if primary && rest {
        Ok(tag)
    } else {
        Err(refused(format!("language: `{text}` is not a language tag; write for example es-CO or en")))
    }
}

/// Three letters, upper case.
pub(super) fn currency(text: &str) -> Result<String> {
    let text = text.trim();
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Ok(text.to_ascii_uppercase());
    }
    Err(refused(format!("currency: `{text}` is not a currency code; write three letters such as COP or USD")))
}

pub(crate) fn email(text: &str) -> Result<String> {
    let text = line("e-mail", text, 254)?.to_lowercase();
    let fine = text.split_once('@').is_some_and(|(who, host)| !who.is_empty() && host.len() > 2 && !host.contains('@'));
    if fine && !text.contains(char::is_whitespace) {
        Ok(text)
    } else {
        Err(refused(format!("e-mail: `{text}` is not an address")))
    }
}

/// Where a model server is.
pub(super) fn http_url(what: &str, text: &str) -> Result<String> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.starts_with('/') || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(refused(format!("{what}: `{text}` is not a URL; write for example https://models.example.com/v1")));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// One of a few words.
pub(super) fn one_of<'c>(what: &str, word: &str, choices: impl IntoIterator<Item = &'c str>) -> Result<&'c str> {
    let choices: Vec<&str> = choices.into_iter().collect();
    if let Some(found) = choices.iter().find(|c| **c == word) {
        return Ok(found);
    }
    let hint = meant(word, choices.iter().copied()).map(|m| format!("; {}", did_you_mean(m))).unwrap_or_default();
    Err(refused(format!("{what}: there is no `{word}`{hint} (there are {})", choices.join(", "))))
}

/// Members of `given` that were not understood, by path: what reading it and writing it back has lost.
pub(super) fn strangers(given: &Value, understood: &Value, path: &str, out: &mut Vec<String>) {
    match (given, understood) {
        (Value::Object(given), Value::Object(understood)) => {
            for (name, value) in given {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                match understood.get(name) {
                    Some(known) => strangers(value, known, &path, out),
                    None => out.push(stranger(&path, name, understood)),
                }
            }
        }
        (Value::Array(given), Value::Array(understood)) => {
            for (i, (value, known)) in given.iter().zip(understood).enumerate() {
                strangers(value, known, &format!("{path}[{i}]"), out);
            }
        }
        _ => {}
    }
}

fn stranger(path: &str, name: &str, understood: &Map<String, Value>) -> String {
    let hint = meant(name, understood.keys().map(String::as_str)).map(|m| format!("; {}", did_you_mean(m))).unwrap_or_default();
    format!("{path}: there is no such member{hint}")
}

fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

/// The most similar candidate, when it is similar enough to be a slip of the fingers.
fn meant<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    const SIMILAR: f64 = 0.6;
    let word = word.to_lowercase();
    let likeness = |c: &'c str| (strsim::normalized_damerau_levenshtein(&word, &c.to_lowercase()), c);
    candidates.into_iter().map(likeness).max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(alike, _)| *alike >= SIMILAR).map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use frontdesk_store::Error;
    use serde_json::json;

    use super::*;

    fn why<T: std::fmt::Debug>(result: Result<T>) -> String {
        match result {
            Err(Error::Refused(why)) => why,
            other => panic!("{other:?} is no refusal"),
        }
    }

    #[test]
    fn values_are_brought_into_their_written_form() {
        assert_eq!(time_zone("america/bogota").unwrap(), "America/Bogota");
        assert_eq!(language("es_CO").unwrap(), "es-CO");
        assert_eq!(currency("cop").unwrap(), "COP");
        assert_eq!(email(" Ana@Salon.example ").unwrap(), "ana@salon.example");
        assert_eq!(http_url("base URL", "https://m.example/v1/").unwrap(), "https://m.example/v1");
        assert_eq!(line("name", " Salón ", 10).unwrap(), "Salón");
    }

    #[test]
    fn a_wrong_value_is_refused_with_what_to_write_instead() {
        for (said, part) in [
            (why(time_zone("America/Bogta")), "did you mean `America/Bogota`?"),
            (why(time_zone("5")), "write an IANA name"),
            (why(language("español de Colombia")), "es-CO"),
            (why(currency("pesos")), "three letters"),
            (why(email("ana")), "not an address"),
            (why(email("a b@c.example")), "not an address"),
            (why(http_url("base URL", "models.example")), "not a URL"),
            (why(http_url("base URL", "https:///v1")), "not a URL"),
            (why(line("name", "  ", 5)), "1 to 5"),
            (why(line("name", "a\nb", 5)), "one line"),
            (why(one_of("role", "onwer", ["owner", "staff"])), "did you mean `owner`?"),
            (why(one_of("role", "x", ["owner", "staff"])), "there are owner, staff"),
        ] {
            assert!(said.contains(part), "{said}");
            assert!(!said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn members_that_were_not_understood_are_named_by_path() {
        let mut found = Vec::new();
        let given = json!({ "adress": "x", "hours": { "monday": [{ "open": "09:00", "closes": "1" }] }, "city": "B" });
        let understood = json!({ "address": null, "hours": { "monday": [{ "open": "09:00", "close": "12:00" }] }, "city": "B" });
        strangers(&given, &understood, "", &mut found);
        assert_eq!(
            found,
            [
                "adress: there is no such member; did you mean `address`?",
                "hours.monday[0].closes: there is no such member; did you mean `close`?"
            ]
        );
    }
}
