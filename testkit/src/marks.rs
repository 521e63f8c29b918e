//! Words in a message by which a crash run finds its own again: `for:c1-m20`.

/// The word behind a mark.
pub fn marked<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let word = text.split_once(mark)?.1.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()?;
    Some(word).filter(|w| !w.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_where_its_word_does() {
        for (text, token) in [
            (r#"{"title":"please for:c1-m20"}"#, Some("c1-m20")),
            ("(please for:c1-m2). ¿Lo hago?", Some("c1-m2")),
            ("for: c1", None),
            ("ref:c1-m2", None),
        ] {
            assert_eq!(marked(text, "for:"), token, "{text}");
        }
    }
}
