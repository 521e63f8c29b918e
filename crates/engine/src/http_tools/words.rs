//! The words of a pasted command line, as a shell would split them. Nothing is expanded and nothing is run.

/// `Err`: a quote is not closed, or the text asks the shell to compute something.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    // Chrome's copy for Windows continues lines with `^`.
    let text = text.replace("^\r\n", " ").replace("^\n", " ");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\n') => {}
                Some('\r') => drop(chars.next_if_eq(&'\n')),
                Some(c) => word.get_or_insert_default().push(c),
                None => {}
            },
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err("a ' is not closed".to_owned()),
                    }
                }
            }
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                ansi_quoted(&mut chars, word.get_or_insert_default())?;
            }
            '`' => return Err("` asks the shell to run a command: paste the finished command".to_owned()),
            '$' if chars.peek() == Some(&'(') => {
                return Err("$( asks the shell to run a command: paste the finished command".to_owned());
            }
            '|' | ';' | '>' | '<' if word.is_none() => break,
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn double_quoted(chars: &mut Chars<'_>, word: &mut String) -> Result<(), String> {
    loop {
        match chars.next() {
            Some('"') => return Ok(()),
            Some('\\') => match chars.next() {
                Some('\n') => {}
                Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                Some(c) => word.extend(['\\', c]),
                None => {}
            },
            Some(c) => word.push(c),
            None => return Err("a \" is not closed".to_owned()),
        }
    }
}

/// `$'…'`, as Chrome writes texts with quotes or line breaks.
fn ansi_quoted(chars: &mut Chars<'_>, word: &mut String) -> Result<(), String> {
    loop {
        match chars.next() {
            Some('\'') => return Ok(()),
            Some('\\') => match chars.next() {
                Some('n') => word.push('\n'),
                Some('r') => word.push('\r'),
                Some('t') => word.push('\t'),
                Some('x') => word.extend(code(chars, 2)),
                Some('u') => word.extend(code(chars, 4)),
                Some(c) => word.push(c),
                None => {}
            },
            Some(c) => word.push(c),
            None => return Err("a $' is not closed".to_owned()),
        }
    }
}

fn code(chars: &mut Chars<'_>, most: usize) -> Option<char> {
    let mut value = 0;
    for _ in 0..most {
        let Some(digit) = chars.next_if(char::is_ascii_hexdigit).and_then(|c| c.to_digit(16)) else { break };
        value = value * 16 + digit;
    }
    char::from_u32(value)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_split_as_a_shell_does() {
        let cases: &[(&str, &[&str])] = &[
            ("curl a  b\tc", &["curl", "a", "b", "c"]),
            ("curl 'a b' \"c d\"", &["curl", "a b", "c d"]),
            ("a'b'\"c\"d", &["abcd"]),
            ("a \\\n  b \\\r\n c ^\n d", &["a", "b", "c", "d"]),
            (r#""a \"b\" \\ \n $x""#, &["a \"b\" \\ \\n $x"]),
            (r"'it'\''s'", &["it's"]),
            (r"$'a\'b\n\x41\u00e9'", &["a'b\nAé"]),
            ("'' x", &["", "x"]),
            ("curl x | jq .", &["curl", "x"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text).unwrap(), *expected, "{text}");
        }
        for broken in ["'a", "\"a", "$'a", "curl `pwd`", "curl $(pwd)"] {
            assert!(split(broken).is_err(), "{broken}");
        }
    }
}
