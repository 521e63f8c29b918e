//! What a refusal says about how to do better, in the words of HTTP (RFC 9110, 6750, 9728).

#[derive(Debug, Default, PartialEq)]
pub(super) struct Challenge {
    pub(super) metadata: Option<String>,
    pub(super) scope: Option<String>,
}

impl Challenge {
    pub(super) fn of<'h>(headers: impl Iterator<Item = &'h str>) -> Challenge {
        let mut found = Challenge::default();
        for header in headers {
            let mut rest = header;
            while let Some((name, value, after)) = parameter(rest) {
                rest = after;
                match name.to_ascii_lowercase().as_str() {
                    "resource_metadata" if found.metadata.is_none() => found.metadata = Some(value),
                    "scope" if found.scope.is_none() && is_scope(&value) => found.scope = Some(value),
                    _ => {}
                }
            }
        }
        found
    }
}

pub(super) fn is_scope(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 1_000
        && text.bytes().all(|b| b == b' ' || (b.is_ascii_graphic() && b != b'"' && b != b'\\'))
}

/// The next `name=value` or `name="value"`; what is in between are names of schemes.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let equals = text.find('=')?;
    let before = text[..equals].trim_end();
    let name = &before[before.rfind([' ', ',', '\t']).map_or(0, |at| at + 1)..];
    let rest = text[equals + 1..].trim_start();
    let Some(quoted) = rest.strip_prefix('"') else {
        let end = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
        return Some((name, rest[..end].to_owned(), &rest[end..]));
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((name, value, &quoted[at + 1..])),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_with_quotes_commas_and_several_schemes() {
        let read = |text: &str| {
            let found = Challenge::of([text].into_iter());
            (found.metadata.unwrap_or_default(), found.scope.unwrap_or_default())
        };
        for (text, metadata, scope) in [
            ("Bearer", "", ""),
            ("", "", ""),
            (r#"Bearer resource_metadata="https://a.example/x""#, "https://a.example/x", ""),
            (
                r#"Bearer realm="a, b=c", Resource_Metadata = "https://a.example/x?y=1,2", scope="a b""#,
                "https://a.example/x?y=1,2",
                "a b",
            ),
            (r#"Basic realm="x", Bearer scope=read, resource_metadata=https://a.example/x"#, "https://a.example/x", "read"),
            (r#"Bearer realm="say \"hi\"", scope="a""#, "", "a"),
            (r#"Bearer scope="a\"b""#, "", ""),
            (r#"Negotiate abc==, Bearer scope="b""#, "", "b"),
            (r#"Bearer scope="never closed"#, "", ""),
            (r#"Bearer scope="one", scope="two""#, "", "one"),
        ] {
            assert_eq!(read(text), (metadata.to_owned(), scope.to_owned()), "{text}");
        }
    }
}
