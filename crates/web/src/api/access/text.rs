//! What short texts of people may be.

use crate::kit::Problem;

/// A name or title: one line, not empty, not endless.
pub(super) fn line(path: &'static str, text: &str, longest: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest {
        return Err(Problem::field(path, format!("write 1 to {longest} characters")));
    }
    if text.chars().any(char::is_control) {
        return Err(Problem::field(path, "write one line without control characters"));
    }
    Ok(text.to_owned())
}

/// An address that mail can reach, in lower case.
pub(super) fn email(path: &'static str, text: &str) -> Result<String, Problem> {
    let text = text.trim().to_lowercase();
    let fits = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || "@<>,;:\"()[]\\".contains(c))
    };
    match text.split_once('@') {
        Some((name, domain)) if text.len() <= 254 && fits(name) && fits(domain) && domain.contains('.') => Ok(text),
        _ => Err(Problem::field(path, "is not an e-mail address")),
    }
}

/// The console speaks these.
pub(super) fn language(path: &'static str, text: &str) -> Result<String, Problem> {
    match text {
        "en" | "es" => Ok(text.to_owned()),
        _ => Err(Problem::field(path, "the console speaks `en` and `es`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_and_a_domain() {
        assert_eq!(email("email", " Ana@Luna.example ").unwrap(), "ana@luna.example");
        for wrong in [
            "",
            "ana",
            "ana@",
            "@luna.example",
            "ana@luna",
            "a b@luna.example",
            "a@b@c.example",
            "a@b.example\nbcc: x",
            "<a@b.example>",
        ] {
            assert!(email("email", wrong).is_err(), "{wrong:?}");
        }
        assert!(line("name", " ", 5).is_err() && line("name", "a\nb", 5).is_err() && line("name", "abcdef", 5).is_err());
    }
}
