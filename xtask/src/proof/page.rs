//! The page: its sections lie between marks, what lies outside of them is written by people.

use std::time::Duration;

use super::{CHART, Section};
use crate::shell;

/// Lines of a verb's output that are about how, not about what.
const NOISE: [&str; 10] =
    ["Compiling", "Finished", "Running", "warning:", "$ ", "Blocking", "PostgreSQL: 1", "Adding", "Locking", "Updating"];

/// The page with this section written anew; a section that was not there comes last.
pub(super) fn with(page: &str, section: &Section, words: &[&str], said: &[String], took: Duration, good: bool) -> String {
    let (begin, end) = (format!("<!-- {} -->\n", section.name), format!("<!-- end of {} -->\n", section.name));
    let command = format!("cargo xtask {}", words.join(" "));
    let verdict = if good { "" } else { " **It failed.**" };
    let chart = if words.contains(&CHART) { "\n![How much of each goal is used](proof.svg)\n" } else { "" };
    let text = format!(
        "{begin}## {}\n\n{}\n\n`{command}`, {} s.{verdict}\n{chart}\n```text\n{}\n```\n{end}",
        section.title,
        section.about,
        took.as_secs(),
        kept(said)
    );
    match (page.find(&begin), page.find(&end)) {
        (Some(from), Some(to)) if from < to => format!("{}{text}{}", &page[..from], &page[to + end.len()..]),
        _ => format!("{}\n\n{text}", page.trim_end()),
    }
}

/// Where a table begins that says it all.
const TABLES: [&str; 3] = ["processor: ", "fuzzed: ", "changed: "];

/// What a reader wants to see of the output: of a table that was printed line by line and then whole, only the whole. Where this checkout
/// lies is nobody's business.
fn kept(said: &[String]) -> String {
    let here = format!("{}/", shell::root().display());
    let lines: Vec<String> = said.iter().map(|line| line.trim_end().replace(&here, "")).filter(|line| !is_noise(line)).collect();
    let whole = lines.iter().rposition(|line| TABLES.iter().any(|table| line.starts_with(table))).unwrap_or(0);
    lines[whole..].join("\n").trim().to_owned()
}

fn is_noise(line: &str) -> bool {
    NOISE.iter().any(|noise| line.trim_start().starts_with(noise))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::SECTIONS;

    fn written(page: &str, said: &[&str]) -> String {
        let said: Vec<_> = said.iter().map(|&line| line.to_owned()).collect();
        with(page, &SECTIONS[2], &["crash"], &said, Duration::from_secs(9), true)
    }

    #[test]
    fn a_section_is_written_anew_where_it_was_and_the_rest_stays() {
        let first = written("# Proof\n\nWords of ours.\n", &["   Compiling x", "SQLite: every promise kept", "  lost   0"]);
        assert!(first.starts_with("# Proof\n\nWords of ours.\n\n<!-- kills -->"), "{first}");
        assert!(first.contains("```text\nSQLite: every promise kept\n  lost   0\n```"), "{first}");
        let more = format!("{first}\nMore words.\n");
        let second = written(&more, &["SQLite: BROKEN"]);
        assert!(
            second.contains("BROKEN") && !second.contains("every promise kept") && second.ends_with("More words.\n"),
            "{second}"
        );
        assert_eq!(second.matches("<!-- kills -->").count(), 1);
    }

    #[test]
    fn a_table_is_shown_once_and_a_failure_is_named() {
        let said = ["a 1", "b 2", "processor: one", "a 1", "b 2"].map(str::to_owned);
        let page = with("", &SECTIONS[0], &["bench"], &said, Duration::ZERO, false);
        assert!(page.contains("```text\nprocessor: one\na 1\nb 2\n```") && page.contains("**It failed.**"), "{page}");
    }

    #[test]
    fn where_the_checkout_lies_is_not_said() {
        let place = shell::root().join("target/crash");
        let page = written("", &[&format!("everything is kept in {}", place.display())]);
        assert!(page.contains("everything is kept in target/crash"), "{page}");
    }
}
