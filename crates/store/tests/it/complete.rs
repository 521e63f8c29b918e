//! No public function of the store goes untested: a name that no test calls fails here.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

#[test]
fn every_public_async_function_is_called_by_a_test() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests: String = sources(&home.join("tests")).into_iter().map(|(_, text)| text).collect();
    let mut found = 0;
    let mut forgotten = BTreeSet::new();
    for (path, text) in sources(&home.join("src")) {
        let module = path.file_stem().unwrap().to_string_lossy().into_owned();
        for name in public_async_functions(&text) {
            found += 1;
            let as_function = tests.contains(&format!("{module}::{name}("));
            let as_method = ["db", "query"].contains(&module.as_str())
                && (tests.contains(&format!(".{name}(")) || tests.contains(&format!("Db::{name}(")));
            if !as_function && !as_method {
                forgotten.insert(format!("{module}::{name}"));
            }
        }
    }
    assert!(found > 100, "only {found} functions were found: has the source moved?");
    assert_eq!(forgotten, BTreeSet::new());
}

fn public_async_functions(text: &str) -> impl Iterator<Item = &str> {
    text.split("pub async fn ").skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        &rest[..end]
    })
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}
