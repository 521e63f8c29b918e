//! Documents: the README's two commands, verbs that exist, links that lead somewhere, an open change log.

use std::collections::BTreeSet;

use super::{File, Finding, Rule};
use crate::VERBS;

static FIRST_STEPS: Rule = Rule { name: "first steps", reason: "a new user types the README's two commands and nothing else" };
static VERB: Rule = Rule { name: "verb", reason: "a document never names a command that does not exist" };
static LINK: Rule = Rule { name: "link", reason: "a link that leads nowhere is worse than none" };
static CHANGES: Rule = Rule { name: "change log", reason: "a change is told where it is made, before its release has a number" };

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut out = Vec::new();
    for file in files.iter().filter(|file| file.is("md")) {
        match file.path.as_str() {
            "README.md" => first_steps(file, &mut out),
            "CHANGELOG.md" => change_log(file, &mut out),
            _ => {}
        }
        for (index, line) in file.text().lines().enumerate() {
            verbs(file, index + 1, line, &mut out);
            links(file, index + 1, line, &paths, &mut out);
        }
    }
    out
}

fn first_steps(file: &File, out: &mut Vec<Finding>) {
    let commands: BTreeSet<&str> = file.text().lines().map(str::trim).collect();
    for (what, spellings) in
        [("to start it", &["cargo run -- demo", "cargo run --release -- demo"][..]), ("to test it", &["cargo xtask test"])]
    {
        if !spellings.iter().any(|spelling| commands.contains(spelling)) {
            out.push(file.finding(&FIRST_STEPS, 0, format!("the command {what}, `{}`, is on no line of its own", spellings[0])));
        }
    }
}

fn change_log(file: &File, out: &mut Vec<Finding>) {
    if !file.text().lines().any(|line| line.trim_end() == "## Unreleased") {
        out.push(file.finding(&CHANGES, 0, "has no section `## Unreleased`"));
    }
}

fn verbs(file: &File, number: usize, line: &str, out: &mut Vec<Finding>) {
    for (at, call) in line.match_indices("cargo xtask ") {
        let word: String = line[at + call.len()..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        if !word.is_empty() && !VERBS.iter().any(|verb| verb.name == word) {
            out.push(file.finding(&VERB, number, format!("`cargo xtask {word}` does not exist")));
        }
    }
}

fn links(file: &File, number: usize, line: &str, paths: &BTreeSet<&str>, out: &mut Vec<Finding>) {
    for (at, _) in line.match_indices("](") {
        let Some((target, _)) = line[at + 2..].split_once(')') else { continue };
        let path = target.split('#').next().unwrap_or_default();
        if path.is_empty() || path.contains(':') {
            continue;
        }
        let full = resolve(&file.path, path);
        let folder = format!("{full}/");
        if !paths.contains(full.as_str()) && !paths.iter().any(|known| known.starts_with(&folder)) {
            out.push(file.finding(&LINK, number, format!("`{target}` leads nowhere")));
        }
    }
}

/// `../adr/x.md` as seen from `docs/howto/y.md` is `docs/adr/x.md`.
fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{super::said, *};

    const README: &str = "# x\n```\ncargo run -- demo\ncargo xtask test\n```\n";

    #[test]
    fn the_readme_has_both_commands_on_lines_of_their_own() {
        assert!(said(check, "README.md", README).is_empty());
        assert!(said(check, "README.md", &README.replace("run --", "run --release --")).is_empty());
        assert_eq!(said(check, "README.md", &README.replace("cargo run", "frontdesk")).len(), 1);
        assert_eq!(said(check, "README.md", &README.replace("xtask test", "test")).len(), 1);
        assert_eq!(said(check, "README.md", "Run `cargo run -- demo` or `cargo xtask test`.").len(), 2);
    }

    #[test]
    fn a_document_names_only_verbs_that_exist() {
        assert!(said(check, "docs/a.md", "`cargo xtask tidy` and cargo xtask <verb>").is_empty());
        assert_eq!(said(check, "docs/a.md", "\nuse `cargo xtask tydi`"), ["2: `cargo xtask tydi` does not exist"]);
    }

    #[test]
    fn links_lead_to_files_folders_or_away() {
        let files = [
            File::new("docs/howto/a.md", "[b](b.md#part) [c](../adr/) [d](https://example.org) [e](#here) [f](../../Cargo.toml)"),
            File::new("docs/howto/b.md", "[up](../README.md)"),
            File::new("docs/adr/0001.md", ""),
            File::new("Cargo.toml", ""),
        ];
        let found: Vec<String> = check(&files).iter().map(|finding| format!("{} {}", finding.path, finding.what)).collect();
        assert_eq!(found, ["docs/howto/b.md `../README.md` leads nowhere"]);
    }

    #[test]
    fn the_change_log_has_an_open_section() {
        assert!(said(check, "CHANGELOG.md", "# Changes\n\n## Unreleased\n").is_empty());
        assert_eq!(said(check, "CHANGELOG.md", "# Changes\n\n## 1.0.0\n").len(), 1);
    }
}
