//! Rust sources: length, first sentence, unfinished work, where SQL and vendors' names may stand.

use super::{
    File, Finding, Rule,
    rust::{self, Kind, Piece},
};

static LENGTH: Rule = Rule { name: "file length", reason: "a file is one room that a reader can see at once" };
static MODULE_DOC: Rule = Rule { name: "module doc", reason: "the first line of a file says in one sentence what it is for" };
static UNFINISHED: Rule = Rule { name: "unfinished", reason: "what is merged works; what is missing is an issue" };
static SQL: Rule =
    Rule { name: "sql", reason: "every statement lives in crates/store, behind a scope, and runs on both databases" };
static VENDOR: Rule = Rule { name: "vendor name", reason: "connectors translate; what they translate for knows no vendor" };

const LONGEST: usize = 400;
/// Longer files that may stay so: path, reason.
const LONG_FILES: &[(&str, &str)] = &[
    ("crates/kernel/src/receipts/tests/claims.rs", "a table of sentences: data, read by searching"),
    ("testkit/tests/it/webchat.rs", "one story after another about one visitor"),
];

const VENDORS: &[&str] =
    &["whatsapp", "twilio", "telegram", "elevenlabs", "asterisk", "openai", "openrouter", "gemini", "stripe"];
/// Crates that know no vendor.
const VENDOR_FREE: &[&str] = &["crates/kernel/src/", "crates/store/src/", "crates/engine/src/"];
/// Where a vendor may be named all the same: path, name, reason. Comments may name anyone.
const VENDOR_NAMES: &[(&str, &str, &str)] = &[
    ("crates/engine/src/contacts/import/mapping.rs", "whatsapp", "what people call a column of phone numbers in their files"),
    ("crates/engine/src/http_tools/schema.rs", "whatsapp", "a parameter name by which people ask for what the server knows"),
    ("crates/engine/src/prompt/sample.rs", "whatsapp", "the sample data that prompts are checked with"),
    ("crates/engine/src/tracer.rs", "whatsapp", "the predecessors' argument names that are hashed"),
    ("crates/kernel/src/ledger.rs", "whatsapp", "the predecessors' name of a cost, which tables of costs keep"),
    ("crates/kernel/src/receipts/guards.rs", "whatsapp", "a word that customers read, in sentences"),
];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut out = stale_exceptions(files);
    for file in files.iter().filter(|file| file.is("rs")) {
        let pieces = rust::pieces(file.text());
        let tests = rust::test_code(file.text(), &pieces);
        let in_test = |at: usize| is_test_file(&file.path) || tests.iter().any(|range| range.contains(&at));
        length(file, &pieces, &mut out);
        module_doc(file, &mut out);
        for piece in &pieces {
            unfinished(file, piece, &mut out);
            sql(file, piece, &in_test, &mut out);
            vendors(file, piece, &in_test, &mut out);
        }
    }
    out
}

fn length(file: &File, pieces: &[Piece<'_>], out: &mut Vec<Finding>) {
    let lines = lines_of_code(file.text(), pieces);
    if lines > LONGEST && !LONG_FILES.iter().any(|(path, _)| *path == file.path) {
        out.push(file.finding(
            &LENGTH,
            0,
            format!("{lines} lines of code are more than {LONGEST}: split it, or list it in tidy with a reason"),
        ));
    }
}

/// Lines that hold something else than space and comments.
fn lines_of_code(source: &str, pieces: &[Piece<'_>]) -> usize {
    let mut code = String::with_capacity(source.len());
    for piece in pieces {
        match piece.kind {
            Kind::Comment => code.extend(piece.text.chars().filter(|c| *c == '\n')),
            Kind::Code | Kind::Text => code.push_str(piece.text),
        }
    }
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

fn module_doc(file: &File, out: &mut Vec<Finding>) {
    // The name says it.
    let tests = file.path.ends_with("/tests.rs");
    if !tests && !file.text().trim_start().starts_with("//! ") {
        out.push(file.finding(&MODULE_DOC, 1, "does not begin with `//! `"));
    }
}

fn unfinished(file: &File, piece: &Piece<'_>, out: &mut Vec<Finding>) {
    // Put together here, so that this file does not find itself.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let calls = [concat!("to", "do!("), concat!("unimple", "mented!(")];
    let marked = marks.iter().filter(|mark| piece.kind == Kind::Comment && has_word(piece.text, mark));
    let called = calls.iter().filter(|call| piece.kind == Kind::Code && piece.text.contains(*call));
    for mark in marked.chain(called) {
        let offset = piece.text.find(mark).unwrap_or_default();
        out.push(file.finding(&UNFINISHED, line(file, piece.at + offset), format!("`{mark}`")));
    }
}

fn sql(file: &File, piece: &Piece<'_>, in_test: &dyn Fn(usize) -> bool, out: &mut Vec<Finding>) {
    let outside = file.path.starts_with("crates/") && !file.path.starts_with("crates/store/");
    if !outside || piece.kind != Kind::Text || in_test(piece.at) {
        return;
    }
    let words: Vec<&str> = piece.text.split_whitespace().take(2).collect();
    let statement = match words.as_slice() {
        ["SELECT" | "UPDATE", _] | ["INSERT", "INTO" | "OR"] | ["DELETE", "FROM"] => true,
        ["WITH", _] => piece.text.contains(" AS ("),
        _ => false,
    };
    if statement {
        out.push(file.finding(&SQL, line(file, piece.at), format!("`{} …`", words.join(" "))));
    }
}

fn vendors(file: &File, piece: &Piece<'_>, in_test: &dyn Fn(usize) -> bool, out: &mut Vec<Finding>) {
    if piece.kind == Kind::Comment || !VENDOR_FREE.iter().any(|folder| file.path.starts_with(folder)) {
        return;
    }
    let text = piece.text.to_ascii_lowercase();
    for vendor in VENDORS {
        if VENDOR_NAMES.iter().any(|(path, name, _)| *path == file.path && name == vendor) {
            continue;
        }
        for (offset, _) in text.match_indices(vendor).filter(|(offset, _)| !in_test(piece.at + offset)) {
            out.push(file.finding(&VENDOR, line(file, piece.at + offset), format!("`{vendor}` is named")));
        }
    }
}

/// An exception that is no longer needed hides the next breach.
fn stale_exceptions(files: &[File]) -> Vec<Finding> {
    let mut out = Vec::new();
    for file in files {
        let pieces = || rust::pieces(file.text());
        if LONG_FILES.iter().any(|(path, _)| *path == file.path) && lines_of_code(file.text(), &pieces()) <= LONGEST {
            out.push(file.finding(&LENGTH, 0, "is listed in tidy as long and is not: remove the line"));
        }
        let allowed = VENDOR_NAMES.iter().filter(|(path, _, _)| *path == file.path);
        for (_, vendor, _) in allowed.filter(|(_, vendor, _)| !file.text().to_ascii_lowercase().contains(vendor)) {
            out.push(file.finding(&VENDOR, 0, format!("is listed in tidy as naming `{vendor}` and does not: remove the line")));
        }
    }
    out
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// The line on which a byte stands.
fn line(file: &File, at: usize) -> usize {
    file.text()[..at].matches('\n').count() + 1
}

/// `word` with nothing alphanumeric beside it.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::{super::said, *};

    fn found(path: &str, code: &str) -> Vec<String> {
        said(check, path, &format!("//! A file.\n{code}"))
    }

    #[test]
    fn comments_and_blank_lines_are_not_code() {
        let long = "let a = 1;\n".repeat(399);
        assert!(found("xtask/src/a.rs", &format!("{long}// more\n\n/* and\nmore */\nfn last() {{}}\n")).is_empty());
        let findings = found("xtask/src/a.rs", &format!("{long}let b = 2;\nlet c = 3;\n"));
        assert!(findings[0].starts_with("0: 401 lines of code"), "{findings:?}");
    }

    #[test]
    fn a_file_begins_by_saying_what_it_is_for() {
        assert!(said(check, "a.rs", "//! Things.\n").is_empty());
        assert!(said(check, "crates/kernel/src/tests.rs", "use super::*;\n").is_empty());
        for text in ["use std::fmt;\n", "", "//!\n", "// Things\n", "/// Things\n"] {
            assert_eq!(said(check, "a.rs", text).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn unfinished_work_is_found_and_a_spanish_sentence_is_not() {
        let call = concat!("to", "do!()");
        assert_eq!(found("a.rs", &format!("fn a() {{ {call} }}")), [format!("2: `{}`", concat!("to", "do!("))]);
        assert_eq!(found("a.rs", concat!("\n// FIX", "ME later")).len(), 1);
        assert!(found("a.rs", "fn a() { say(\"¡Eso es todo! TODO BIEN\") } // métodos").is_empty());
    }

    #[test]
    fn sql_stands_in_the_store_and_in_tests_only() {
        let statement = "fn a() { run(\"SELECT id FROM turn\") }";
        assert_eq!(found("crates/engine/src/a.rs", statement), ["2: `SELECT id …`"]);
        assert_eq!(found("crates/web/src/a.rs", "const A: &str = r#\"\n  WITH a AS (SELECT 1) …\"#;").len(), 1);
        assert!(found("crates/store/src/a.rs", statement).is_empty());
        assert!(found("crates/frontdesk/tests/it/a.rs", statement).is_empty());
        assert!(found("crates/engine/src/a.rs", &format!("#[cfg(test)]\nmod tests {{ {statement} }}")).is_empty());
        for harmless in ["\"SELECT\"", "\"select one of these\"", "\"DELETE /v1/things\"", "\"UPDATE\"", "1 // SELECT id FROM a"]
        {
            assert!(found("crates/engine/src/a.rs", &format!("const A: B = {harmless};")).is_empty(), "{harmless}");
        }
    }

    #[test]
    fn the_inner_crates_know_no_vendor() {
        let named = "fn a(b: WhatsAppThing) { c(\"twilio_sms\") }";
        assert_eq!(found("crates/engine/src/a.rs", named), ["2: `whatsapp` is named", "2: `twilio` is named"]);
        assert!(found("crates/connect/src/channels/a.rs", named).is_empty());
        assert!(found("crates/engine/src/a.rs", "/// Such as WhatsApp's.\nfn a() {}").is_empty());
        assert!(found("crates/engine/src/a.rs", &format!("#[cfg(test)]\nmod tests {{ {named} }}")).is_empty());
    }
}
