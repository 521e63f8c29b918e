//! Reads a `.env` text as python-dotenv and Node's dotenv do, so that the files of the systems before us mean the same here.
//!
//! Unquoted values may contain spaces and a lone `$` (passwords do); a comment begins with ` #`; quoted values may span lines.

use std::collections::BTreeMap;

/// One assignment; the last one of a name counts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) value: String,
}

/// A line that cannot be read, and how to write it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) line: usize,
    pub(super) what: &'static str,
    pub(super) fix: &'static str,
}

/// `${NAME}` is replaced from the environment, else from the lines above.
pub(super) fn parse(text: &str, env: &BTreeMap<String, String>) -> (Vec<Assignment>, Vec<Unreadable>) {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let (mut assignments, mut unreadable) = (Vec::new(), Vec::new());
    let mut rest = text.as_str();
    let mut line = 1;
    while !rest.is_empty() {
        let start = line;
        let (parsed, after) = statement(rest);
        line += rest[..rest.len() - after.len()].matches('\n').count();
        rest = after;
        match parsed {
            Ok(None) => {}
            Ok(Some((name, raw))) => {
                let value = raw.expand(env, &assignments);
                assignments.push(Assignment { line: start, name: name.to_owned(), value });
            }
            Err((what, fix)) => unreadable.push(Unreadable { line: start, what, fix }),
        }
    }
    (assignments, unreadable)
}

enum Raw<'t> {
    Unquoted(&'t str),
    Single(&'t str),
    Double(String),
}

type Statement<'t> = Result<Option<(&'t str, Raw<'t>)>, (&'static str, &'static str)>;

/// The first statement of `text` and what comes after its last line.
fn statement(text: &str) -> (Statement<'_>, &str) {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    let bare = line.trim();
    if bare.is_empty() || bare.starts_with('#') {
        return (Ok(None), after);
    }
    let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.contains('\n')) else {
        return (Err(("the line has no `=`", "write NAME=value, or # before a comment")), after);
    };
    let name = name.trim();
    let name = name.strip_prefix("export ").map_or(name, str::trim_start);
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-')) {
        return (Err(("what is before `=` is not a name", "write NAME=value with letters, digits and _")), after);
    }
    let value = value.trim_start_matches([' ', '\t']);
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        let (value, after) = value.split_once('\n').unwrap_or((value, ""));
        return (Ok(Some((name, Raw::Unquoted(without_comment(value))))), after);
    };
    let Some(end) = closing(&value[1..], quote) else {
        return (Err(("a quote is not closed", "put the same quote at the end of the value")), after);
    };
    let (inside, behind) = (&value[1..=end], &value[end + 2..]);
    let (tail, after) = behind.split_once('\n').unwrap_or((behind, ""));
    if !matches!(tail.trim_start().chars().next(), None | Some('#')) {
        return (Err(("there is text after the closing quote", "put the whole value in quotes")), after);
    }
    let raw = if quote == '"' { Raw::Double(unescape(inside)) } else { Raw::Single(inside) };
    (Ok(Some((name, raw))), after)
}

fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(i, c)| {
        let ends = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        ends.then_some(i)
    })
}

fn without_comment(value: &str) -> &str {
    let comment =
        value.char_indices().find(|(i, c)| *c == '#' && value[..*i].chars().next_back().is_none_or(char::is_whitespace));
    value[..comment.map_or(value.len(), |(i, _)| i)].trim()
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some(next)) if "nrt\\\"".contains(next) => {
                chars.next();
                out.push(match next {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    same => same,
                });
            }
            _ => out.push(c),
        }
    }
    out
}

impl Raw<'_> {
    fn expand(&self, env: &BTreeMap<String, String>, above: &[Assignment]) -> String {
        let mut rest = match self {
            Raw::Single(text) => return text.replace("\\'", "'"),
            Raw::Unquoted(text) => text,
            Raw::Double(text) => text.as_str(),
        };
        let mut out = String::with_capacity(rest.len());
        while let Some((before, tail)) = rest.split_once("${") {
            let Some((inside, after)) = tail.split_once('}') else { break };
            let (name, default) = inside.split_once(":-").unwrap_or((inside, ""));
            let earlier = || above.iter().rev().find(|a| a.name == name).map(|a| &a.value);
            out.push_str(before);
            out.push_str(env.get(name).or_else(earlier).map_or(default, String::as_str));
            rest = after;
        }
        out + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_mean_what_they_meant_to_the_systems_before_us() {
        for (line, value) in [
            ("A=b", "b"),
            ("export A = b  ", "b"),
            ("A=", ""),
            ("A=\"\"", ""),
            ("A= # nothing", ""),
            ("A=My Bot", "My Bot"),
            ("A=b # comment", "b"),
            ("A=b#c", "b#c"),
            ("A='b # c' # d", "b # c"),
            ("A=pa$$word", "pa$$word"),
            ("A=p$x@host", "p$x@host"),
            ("A='${HOME}'", "${HOME}"),
            ("A=${HOME}/x", "/home/me/x"),
            ("A=\"${NONE:-y}-${NONE}\"", "y-"),
            ("A=${open", "${open"),
            ("A=it's", "it's"),
            ("A=a\\b", "a\\b"),
            ("A=\"a\\nb \\\"c\\\" \\d\"", "a\nb \"c\" \\d"),
            ("A=\"one\ntwo\"", "one\ntwo"),
            ("A=postgres://u:p%40@h/db?x=1&y=2", "postgres://u:p%40@h/db?x=1&y=2"),
            ("A={\"a\": 1}", "{\"a\": 1}"),
            ("A=é\r\n", "é"),
        ] {
            let env = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
            let (found, unreadable) = parse(line, &env);
            assert_eq!(unreadable, [], "{line}");
            assert_eq!(found, [Assignment { line: 1, name: "A".to_owned(), value: value.to_owned() }], "{line}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_and_the_others_count() {
        let text = "\u{feff}# top\n\nA=\"1\n2\"\nword\nB=$A ${A}\nC='open\nD=\"x\" y\n1 2=3\nE=5";
        let (found, unreadable) = parse(text, &BTreeMap::new());
        let found: Vec<_> = found.iter().map(|a| (a.line, a.name.as_str(), a.value.as_str())).collect();
        assert_eq!(found, [(3, "A", "1\n2"), (6, "B", "$A 1\n2"), (10, "E", "5")]);
        assert_eq!(unreadable.iter().map(|u| u.line).collect::<Vec<_>>(), [5, 7, 8, 9]);
    }
}
