//! Rust text cut into code, string literals and comments: enough for the rules, far from a parser.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    /// The inside of a string or character literal.
    Text,
    Comment,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) kind: Kind,
    pub(super) at: usize,
    pub(super) text: &'a str,
}

/// Cuts a source into its pieces, in order.
pub(super) fn pieces(source: &str) -> Vec<Piece<'_>> {
    let bytes = source.as_bytes();
    let mut cutter = Cutter { source, pieces: Vec::new(), code_from: 0 };
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        at = if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            cutter.cut(Kind::Comment, at..at + length, at + length)
        } else if rest.starts_with("/*") {
            let length = block_comment(rest);
            cutter.cut(Kind::Comment, at..at + length, at + length)
        } else if let Some((open, inside, close)) = raw_string(source, at) {
            cutter.cut(Kind::Text, at + open..at + open + inside, at + open + inside + close)
        } else if bytes[at] == b'"' {
            let inside = until_quote(&rest[1..], b'"');
            cutter.cut(Kind::Text, at + 1..at + 1 + inside, (at + 2 + inside).min(bytes.len()))
        } else if let Some(inside) = character(rest) {
            cutter.cut(Kind::Text, at + 1..at + 1 + inside, at + 2 + inside)
        } else {
            at + rest.chars().next().map_or(1, char::len_utf8)
        };
    }
    cutter.finish()
}

/// Same length as the source, with everything that is not code blanked out.
pub(super) fn code(source: &str, pieces: &[Piece<'_>]) -> String {
    let mut code = vec![b' '; source.len()];
    for piece in pieces.iter().filter(|piece| piece.kind == Kind::Code) {
        code[piece.at..piece.at + piece.text.len()].copy_from_slice(piece.text.as_bytes());
    }
    String::from_utf8_lossy(&code).into_owned()
}

/// Where the code under `#[cfg(test)]` stands.
pub(super) fn test_code(source: &str, pieces: &[Piece<'_>]) -> Vec<Range<usize>> {
    let code = code(source, pieces);
    let mut out: Vec<Range<usize>> = Vec::new();
    for (at, _) in code.match_indices("#[cfg(test)]").chain(code.match_indices("#[cfg(all(test")) {
        let body = code[at..].find(['{', ';']).map_or(code.len(), |offset| at + offset);
        out.push(at..body + block(&code[body..]));
    }
    out
}

struct Cutter<'a> {
    source: &'a str,
    pieces: Vec<Piece<'a>>,
    code_from: usize,
}

impl<'a> Cutter<'a> {
    /// Everything before `piece` that is not cut yet is code; goes on at `next`.
    fn cut(&mut self, kind: Kind, piece: Range<usize>, next: usize) -> usize {
        self.push(Kind::Code, self.code_from..piece.start);
        self.push(kind, piece.clone());
        self.code_from = piece.end;
        next
    }
    fn push(&mut self, kind: Kind, range: Range<usize>) {
        if !range.is_empty() {
            self.pieces.push(Piece { kind, at: range.start, text: &self.source[range] });
        }
    }
    fn finish(mut self) -> Vec<Piece<'a>> {
        self.push(Kind::Code, self.code_from..self.source.len());
        self.pieces
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Lengths of the opening (`r#"`), the inside and the closing of a raw string that starts here.
fn raw_string(source: &str, at: usize) -> Option<(usize, usize, usize)> {
    let rest = source[at..].strip_prefix('r')?;
    let before = &source[..at];
    let prefixed = before.strip_suffix(['b', 'c']).unwrap_or(before);
    if prefixed.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let inside = rest[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let length = inside.find(&close).unwrap_or(inside.len());
    Some((hashes + 2, length, close.len().min(inside.len() - length)))
}

/// The length up to the closing quote; a backslash takes the next byte with it.
fn until_quote(inside: &str, quote: u8) -> usize {
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return at,
            _ => {}
        }
    }
    inside.len()
}

/// The length inside a character literal that starts here; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    let mut two = inside.chars();
    match (two.next()?, two.next()?) {
        ('\\', _) => Some(until_quote(inside, b'\'')).filter(|length| *length < inside.len()),
        (c, '\'') => Some(c.len_utf8()),
        _ => None,
    }
}

/// The length of the block that starts here with `{`; 1 when something else stands here.
fn block(code: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, source: &str) -> Vec<&str> {
        pieces(source).into_iter().filter(|piece| piece.kind == kind).map(|piece| piece.text).collect()
    }

    #[test]
    fn strings_and_comments_are_told_from_code() {
        let source = r####"//! doc "no"
let a = "one \" // 1"; /* two /* "x" */ y */ let b = r#"raw "2""#;
let c: &'static str = b"three"; let d = '"'; let e = '\''; let f = 'ñ'; for r in "4" {}"####;
        assert_eq!(of(Kind::Text, source), [r#"one \" // 1"#, r#"raw "2""#, "three", "\"", "\\'", "ñ", "4"]);
        assert_eq!(of(Kind::Comment, source), [r#"//! doc "no""#, r#"/* two /* "x" */ y */"#]);
        assert_eq!(pieces(source).iter().map(|piece| piece.text).collect::<String>(), source);
    }

    #[test]
    fn what_is_cut_open_ends_at_the_end() {
        for source in ["\"never closed", "/* never closed", "r##\"never closed\"#", "'", "'\\", "b\"x\\", "ñ'"] {
            assert_eq!(pieces(source).iter().map(|piece| piece.text).collect::<String>(), source);
        }
    }

    #[test]
    fn test_code_is_the_item_under_the_attribute() {
        let source =
            "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { let c = '}'; }\n}\nfn d() {}\n#[cfg(test)]\nmod e;\nfn f() {}";
        let found: Vec<&str> = test_code(source, &pieces(source)).into_iter().map(|range| &source[range]).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].contains("fn b()") && found[0].ends_with("}\n}"), "{}", found[0]);
        assert_eq!(found[1], "#[cfg(test)]\nmod e;");
    }
}
