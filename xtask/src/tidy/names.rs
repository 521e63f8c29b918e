//! What files are called and how large they are.

use super::{File, Finding, Rule};

static NAME: Rule =
    Rule { name: "file name", reason: "files are named after nouns of the business and verbs of the user, in one spelling" };
static SIZE: Rule = Rule { name: "file size", reason: "the repository is cloned by everyone, for ever" };

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["common", "helper", "helpers", "misc", "stuff", "util", "utils"];
const LARGEST: u64 = 1 << 20;

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut out = Vec::new();
    for file in files {
        if file.size > LARGEST {
            out.push(file.finding(&SIZE, 0, format!("{} bytes are more than {LARGEST}", file.size)));
        }
        if let Some(strange) = file.path.chars().find(|c| !c.is_ascii_alphanumeric() && !"/._-".contains(*c)) {
            out.push(file.finding(&NAME, 0, format!("{strange:?} in a path")));
        }
        if !file.is("rs") {
            continue;
        }
        for word in file.path.trim_end_matches(".rs").split('/') {
            if EMPTY_NAMES.contains(&word) {
                out.push(file.finding(&NAME, 0, format!("`{word}` says nothing")));
            }
            if word.chars().any(|c| c.is_ascii_uppercase()) {
                out.push(file.finding(&NAME, 0, format!("`{word}` is not snake_case")));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{super::said, *};

    #[test]
    fn names_are_plain_and_say_something() {
        for (path, findings) in [
            ("crates/kernel/src/booking.rs", 0),
            ("docs/howto/add-a-channel.md", 0),
            ("fixtures/whatsapp.text.json", 0),
            ("crates/kernel/src/utils.rs", 1),
            ("crates/kernel/src/common/booking.rs", 1),
            ("crates/kernel/src/Booking.rs", 1),
            ("docs/how to.md", 1),
            ("docs/añadir.md", 1),
        ] {
            assert_eq!(said(check, path, "").len(), findings, "{path}");
        }
    }

    #[test]
    fn a_file_of_more_than_a_mebibyte_is_too_large() {
        let file = |size| File { path: "a.bin".into(), size, text: None };
        assert!(check(&[file(LARGEST)]).is_empty());
        assert_eq!(check(&[file(LARGEST + 1)]).len(), 1);
    }
}
