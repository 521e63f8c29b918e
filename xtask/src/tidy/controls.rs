//! The table of security controls: every control has its row, and every test, story and file that it names is there; so are those of the
//! page of promises.

use std::collections::BTreeMap;

use super::{
    File, Finding, Rule,
    rust::{self, pieces},
};

static ROW: Rule = Rule { name: "control", reason: "a control without proof and without a word about it is taken for granted" };
static SHOWN: Rule = Rule { name: "shown by", reason: "a test that was renamed or removed shows nothing any more" };
static PLACE: Rule = Rule { name: "place", reason: "a reader opens the file that is named" };

const TABLE: &str = "docs/security-controls.md";
/// The page with what we promise: its tests are held to the same.
const PROMISES: &str = "docs/proof.md";
const CONTROLS: usize = 34;
/// Columns: number, control, where it lives, shown by, not yet.
const COLUMNS: usize = 5;
/// Where paths in the table begin.
const PLACES: [&str; 6] = ["crates/", "testkit/", "xtask/", "console/", "packaging/", "docs/"];
/// Macros that make a test for each database out of one story.
const STORIES: [&str; 2] = ["story!(", "db_test!("];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let known: BTreeMap<&str, &File> = files.iter().map(|file| (file.path.as_str(), file)).collect();
    let mut out = known.get(TABLE).map(|table| rows(table)).unwrap_or_default();
    for page in [TABLE, PROMISES].iter().filter_map(|page| known.get(page)) {
        for (index, line) in page.text().lines().enumerate() {
            for span in line.split('`').skip(1).step_by(2) {
                if let Some((rule, what)) = wrong(span, &known) {
                    out.push(page.finding(rule, index + 1, what));
                }
            }
        }
    }
    out
}

/// Each control once; each is shown by something, or it is said what is missing.
fn rows(table: &File) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut seen = [0; CONTROLS];
    for (index, line) in table.text().lines().enumerate() {
        let Some(row) = line.strip_prefix("| S") else { continue };
        let cells: Vec<&str> = row.trim_end().trim_end_matches('|').split('|').map(str::trim).collect();
        match cells[0].parse::<usize>() {
            Ok(n) if (1..=CONTROLS).contains(&n) => seen[n - 1] += 1,
            _ => out.push(table.finding(&ROW, index + 1, format!("there is no control S{}", cells[0]))),
        }
        if cells.len() != COLUMNS {
            out.push(table.finding(&ROW, index + 1, format!("S{} has {} columns, not {COLUMNS}", cells[0], cells.len())));
        } else if cells[3].is_empty() && cells[4].is_empty() {
            out.push(table.finding(&ROW, index + 1, format!("S{}: neither what shows it nor what is missing", cells[0])));
        }
    }
    for (n, times) in seen.iter().enumerate().filter(|(_, times)| **times != 1) {
        out.push(table.finding(&ROW, 0, format!("S{} has {times} rows", n + 1)));
    }
    out
}

/// What is wrong with a name between backticks; other words, such as commands, are left alone.
fn wrong(span: &str, known: &BTreeMap<&str, &File>) -> Option<(&'static Rule, String)> {
    if let Some((spec, title)) = span.split_once(" › ") {
        let told = known.get(spec).is_some_and(|file| file.text().contains(&format!("test('{title}'")));
        return (!told).then(|| (&SHOWN, format!("there is no story `{title}` in {spec}")));
    }
    match span.split_once(' ') {
        Some((binary, path)) if span.contains("::") && !path.contains(' ') => {
            (!is_test(binary, path, known)).then(|| (&SHOWN, format!("there is no test `{span}`")))
        }
        None if PLACES.iter().any(|place| span.starts_with(place)) => {
            let folder = format!("{}/", span.trim_end_matches('/'));
            let there = known.contains_key(span) || known.keys().any(|path| path.starts_with(&folder));
            (!there).then(|| (&PLACE, format!("`{span}` does not exist")))
        }
        _ => None,
    }
}

/// `frontdesk-store::it contacts::a_contact_is_kept`, as the test runner names it: package and binary, then modules and function.
fn is_test(binary: &str, path: &str, known: &BTreeMap<&str, &File>) -> bool {
    let Some((folder, roots)) = home(binary, known) else { return false };
    if !roots.iter().any(|root| known.contains_key(root.as_str())) {
        return false;
    }
    let mut modules: Vec<&str> = path.split("::").collect();
    let Some(name) = modules.pop() else { return false };
    // The first modules are files and folders, the others stand inside the file.
    (0..=modules.len()).any(|depth| {
        let files = match depth {
            0 => roots.clone(),
            _ => {
                let place = format!("{folder}/{}", modules[..depth].join("/"));
                vec![format!("{place}.rs"), format!("{place}/mod.rs")]
            }
        };
        files.iter().filter_map(|file| known.get(file.as_str())).any(|file| holds(file.text(), &modules[depth..], name))
    })
}

/// The folder with the modules of a test binary, and the files it may begin with.
fn home(binary: &str, known: &BTreeMap<&str, &File>) -> Option<(String, Vec<String>)> {
    let (package, target) = binary.split_once("::").unwrap_or((binary, ""));
    let manifest = format!("name = \"{package}\"");
    let is_its = |file: &File| file.path.ends_with("/Cargo.toml") && file.text().lines().any(|line| line == manifest);
    let root = known.values().find(|file| is_its(file))?.path.trim_end_matches("/Cargo.toml");
    Some(match (target, target.strip_prefix("bin/")) {
        ("", _) => (format!("{root}/src"), vec![format!("{root}/src/lib.rs")]),
        (_, Some(name)) if name == package => (format!("{root}/src"), vec![format!("{root}/src/main.rs")]),
        (_, Some(name)) => (format!("{root}/src/bin/{name}"), vec![format!("{root}/src/bin/{name}/main.rs")]),
        (name, None) => {
            (format!("{root}/tests/{name}"), vec![format!("{root}/tests/{name}/main.rs"), format!("{root}/tests/{name}.rs")])
        }
    })
}

/// Whether a source has these modules and, as a test that runs, this function or story.
fn holds(source: &str, modules: &[&str], name: &str) -> bool {
    let code = rust::code(source, &pieces(source));
    let story = |name: &str| {
        let after = |at: usize, opening: &str| code[at + opening.len()..].trim_start().strip_prefix(name);
        STORIES.iter().any(|opening| {
            code.match_indices(opening).any(|(at, _)| after(at, opening).is_some_and(|rest| rest.starts_with(',')))
        })
    };
    let inside = |module: &&str| code.contains(&format!("mod {module} {{"));
    modules.iter().all(inside) && (story(name) || code.match_indices(&format!("fn {name}(")).any(|(at, _)| runs(&code[..at])))
}

/// Whether the attributes above a function make it a test, and one that is not left out.
fn runs(before: &str) -> bool {
    let attributes: Vec<&str> = before
        .split('\n')
        .rev()
        .skip(1)
        .map(str::trim)
        .take_while(|line| line.is_empty() || line.starts_with("#["))
        .filter(|line| !line.is_empty())
        .collect();
    let is_test = |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    attributes.iter().any(is_test) && !attributes.iter().any(|line| line.starts_with("#[ignore"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table with a row for each control, of which the first says this.
    fn table(first: &str) -> String {
        let rest = (2..=CONTROLS).map(|n| format!("| S{n} | c | w |  | not begun |\n")).collect::<String>();
        format!("| # | control | where | shown by | not yet |\n|---|---|---|---|---|\n{first}\n{rest}")
    }

    fn found(first: &str) -> Vec<String> {
        let files = [
            File::new(TABLE, &table(first)),
            File::new("crates/store/Cargo.toml", "[package]\nname = \"frontdesk-store\"\n"),
            File::new(
                "crates/store/src/lib.rs",
                "mod vault;\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn at_the_root() {}\n}\n",
            ),
            File::new(
                "crates/store/src/vault.rs",
                "#[cfg(test)]\nmod tests {\n    /// Why.\n    #[test]\n    #[expect(x, reason = \"y\")]\n    fn it_opens() {}\n\n    \
                 fn a_helper() {}\n\n    #[test]\n    #[ignore]\n    fn it_sleeps() {}\n\n    // #[test] fn it_was() {}\n}\n",
            ),
            File::new(
                "crates/store/src/search/mod.rs",
                "mod tests {\n    #[tokio::test(start_paused = true)]\n    async fn finds() {}\n}\n",
            ),
            File::new("crates/store/tests/it/main.rs", "mod rows;\n#[test]\nfn by_itself() {}\n"),
            File::new(
                "crates/store/tests/it/rows.rs",
                "db_test!(a_row, |db| async {});\nstory!(\n    a_tale,\n    told(),\n    |desk| async {}\n);\nmod by_hand {\n    #[test]\n    \
                 fn sqlite() {}\n}\n// story!(a_dream, |desk| async {});\n",
            ),
            File::new("crates/desk/Cargo.toml", "[package]\nname = \"frontdesk\"\n"),
            File::new("crates/desk/src/main.rs", "#[test]\nfn it_starts() {}\n"),
            File::new("crates/desk/src/local.rs", "mod tests {\n    #[test]\n    fn is_found() {}\n}\n"),
            File::new("console/e2e/01-begin.spec.ts", "test('a door', async () => {});\n"),
        ];
        check(&files).iter().map(|finding| finding.what.clone()).collect()
    }

    fn naming(span: &str) -> Vec<String> {
        found(&format!("| S1 | c | `crates/store` | `{span}` |  |"))
    }

    #[test]
    fn tests_are_found_where_the_runner_finds_them() {
        for span in [
            "frontdesk-store tests::at_the_root",
            "frontdesk-store vault::tests::it_opens",
            "frontdesk-store search::tests::finds",
            "frontdesk-store::it by_itself",
            "frontdesk-store::it rows::a_row",
            "frontdesk-store::it rows::a_tale",
            "frontdesk-store::it rows::by_hand::sqlite",
            "frontdesk::bin/frontdesk local::tests::is_found",
            "console/e2e/01-begin.spec.ts › a door",
            "cargo xtask tidy",
        ] {
            assert_eq!(naming(span), Vec::<String>::new(), "{span}");
        }
    }

    #[test]
    fn a_test_that_is_gone_left_out_or_none_shows_nothing() {
        for span in [
            "frontdesk-store vault::tests::it_closes",
            "frontdesk-store vault::tests::a_helper",
            "frontdesk-store vault::tests::it_sleeps",
            "frontdesk-store vault::tests::it_was",
            "frontdesk-store vault::others::it_opens",
            "frontdesk-store search::finds::tests",
            "frontdesk-store::it rows::a_dream",
            "frontdesk-store::it rows::a_ta",
            "frontdesk-store::other rows::a_row",
            "frontdesk-shop vault::tests::it_opens",
            "frontdesk local::tests::is_found",
        ] {
            assert_eq!(naming(span), [format!("there is no test `{span}`")]);
        }
        assert_eq!(
            naming("console/e2e/01-begin.spec.ts › a window"),
            ["there is no story `a window` in console/e2e/01-begin.spec.ts"]
        );
        assert_eq!(naming("console/e2e/02.spec.ts › a door"), ["there is no story `a door` in console/e2e/02.spec.ts"]);
    }

    #[test]
    fn a_place_is_a_file_or_folder_that_exists() {
        assert!(naming("crates/store/src/vault.rs").is_empty() && naming("crates/store/").is_empty());
        assert_eq!(naming("crates/store/src/vaults.rs"), ["`crates/store/src/vaults.rs` does not exist"]);
        assert_eq!(naming("crates/sto"), ["`crates/sto` does not exist"]);
    }

    #[test]
    fn each_control_has_one_row_that_says_something() {
        assert!(found("| S1 | c | w |  | not begun |").is_empty());
        assert_eq!(found("| S1 | c | w |  |  |"), ["S1: neither what shows it nor what is missing"]);
        assert_eq!(found("| S1 | c | w | not begun |"), ["S1 has 4 columns, not 5"]);
        assert_eq!(found(""), ["S1 has 0 rows"]);
        assert_eq!(found("| S1 | c | w |  | x |\n| S2 | c | w |  | x |"), ["S2 has 2 rows"]);
        assert_eq!(found("| S1 | c | w |  | x |\n| S35 | c | w |  | x |"), ["there is no control S35"]);
    }
}
