//! Words in a message by which a crash run or a simulation finds its own again: `for:c1-m20`.

/// The word behind a mark.
pub fn marked<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let word = text.split_once(mark)?.1.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()?;
    Some(word).filter(|w| !w.is_empty())
}

/// The words behind every such mark, in order.
pub fn all_marked<'t>(text: &'t str, mark: &str) -> Vec<&'t str> {
    let mut rest = text;
    let mut found = Vec::new();
    while let Some(at) = rest.find(mark) {
        found.extend(marked(&rest[at..], mark));
        rest = &rest[at + mark.len()..];
    }
    found
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

    #[test]
    fn all_of_several_are_found() {
        assert_eq!(all_marked("ref:a ref: b, ref:c-1. xref:d", "ref:"), ["a", "c-1", "d"]);
    }
}
