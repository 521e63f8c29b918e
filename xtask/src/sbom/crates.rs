//! The crates of which the program is made, macros included, from cargo's own account and its lock file.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Found, Part, licence};

const PROGRAM: &str = "frontdesk";
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// `metadata` is what `cargo metadata` says.
pub(super) fn found(metadata: &Value, lock: &toml::Table) -> Result<Found> {
    let mut found = Found::default();
    let checksums = checksums(lock, &mut found.problems)?;
    let by_id = |list: &Value| -> Option<BTreeMap<String, Value>> {
        list.as_array()?.iter().map(|entry| Some((entry["id"].as_str()?.to_owned(), entry.clone()))).collect()
    };
    let packages = by_id(&metadata["packages"]).context("cargo names no packages")?;
    let nodes = by_id(&metadata["resolve"]["nodes"]).context("cargo resolves nothing")?;
    let program = packages.iter().find(|(_, package)| package["name"] == PROGRAM && package["source"].is_null());
    let mut waiting = vec![program.with_context(|| format!("there is no crate {PROGRAM}"))?.0.clone()];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let (package, node) = (&packages[&id], &nodes[&id]);
        let needs = linked(node);
        let mut part = part(package, &mut found.problems);
        part.checksum = checksums.get(&(part.name.clone(), part.version.clone())).map(|sum| ("SHA-256", sum.clone()));
        part.needs = needs.iter().map(|id| purl(&packages[id])).collect();
        found.parts.push(part);
        waiting.extend(needs);
    }
    let whole = found.parts.remove(0);
    found.parts.sort_by(|a, b| a.purl.cmp(&b.purl));
    found.parts.insert(0, whole);
    Ok(found)
}

/// What a crate is made with; a build script's crates and those of tests are not among it.
fn linked(node: &Value) -> Vec<String> {
    let is_linked = |dependency: &&Value| {
        dependency["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
    };
    let all = node["deps"].as_array().into_iter().flatten().filter(is_linked);
    all.filter_map(|dependency| Some(dependency["pkg"].as_str()?.to_owned())).collect()
}

fn part(package: &Value, problems: &mut Vec<String>) -> Part {
    let text = |member: &str| package[member].as_str().unwrap_or_default().to_owned();
    if package["license"].is_null() {
        problems.push(format!("{}: names no licence", purl(package)));
    }
    Part {
        purl: purl(package),
        name: text("name"),
        version: text("version"),
        licence: licence::spdx(&text("license")),
        checksum: None,
        needs: BTreeSet::new(),
    }
}

fn purl(package: &Value) -> String {
    let text = |member: &str| package[member].as_str().unwrap_or_default();
    // `+` would be read as a space.
    format!("pkg:cargo/{}@{}", text("name"), text("version").replace('+', "%2B"))
}

/// By name and version; also of crates that only build and test, each is of the registry and has one.
fn checksums(lock: &toml::Table, problems: &mut Vec<String>) -> Result<BTreeMap<(String, String), String>> {
    let all = lock.get("package").and_then(toml::Value::as_array).context("Cargo.lock names no packages")?;
    let mut sums = BTreeMap::new();
    for package in all {
        let text = |member: &str| package.get(member).and_then(toml::Value::as_str);
        let (name, version) = (text("name").unwrap_or_default(), text("version").unwrap_or_default());
        match (text("source"), text("checksum")) {
            (None, _) => {}
            (Some(REGISTRY), Some(sum)) => drop(sums.insert((name.to_owned(), version.to_owned()), sum.to_owned())),
            (Some(REGISTRY), None) => problems.push(format!("{name} {version}: has no checksum in Cargo.lock")),
            (Some(source), _) => problems.push(format!("{name} {version}: comes from {source}")),
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata() -> Value {
        let package = |id: &str, source: Value, licence: Value| {
            let (name, version) = id.split_once(' ').unwrap();
            json!({ "id": id, "name": name, "version": version, "source": source, "license": licence })
        };
        let needs = |pkg: &str, kind: Value| json!({ "pkg": pkg, "dep_kinds": [{ "kind": kind }] });
        json!({
            "packages": [
                package("serde 1.0.0+x", json!(REGISTRY), json!("MIT/Apache-2.0")),
                package("frontdesk 0.1.0", Value::Null, json!("MIT")),
                package("cc 1.0.0", json!(REGISTRY), json!("MIT")),
                package("proptest 1.0.0", json!(REGISTRY), json!("MIT")),
            ],
            "resolve": { "nodes": [
                { "id": "frontdesk 0.1.0", "deps": [
                    needs("serde 1.0.0+x", Value::Null), needs("cc 1.0.0", json!("build")), needs("proptest 1.0.0", json!("dev")),
                ] },
                { "id": "serde 1.0.0+x", "deps": [] },
            ] },
        })
    }

    fn lock(extra: &str) -> toml::Table {
        let text = format!(
            "[[package]]\nname = \"frontdesk\"\nversion = \"0.1.0\"\n[[package]]\nname = \"serde\"\nversion = \"1.0.0+x\"\n\
             source = \"{REGISTRY}\"\nchecksum = \"ab\"\n{extra}"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn what_is_linked_is_found_with_its_checksum_and_nothing_else() {
        let found = found(&metadata(), &lock("")).unwrap();
        let all: Vec<_> = found.parts.iter().map(|p| (p.purl.as_str(), p.licence.as_str(), p.checksum.clone())).collect();
        assert_eq!(
            all,
            [
                ("pkg:cargo/frontdesk@0.1.0", "MIT", None),
                ("pkg:cargo/serde@1.0.0%2Bx", "MIT OR Apache-2.0", Some(("SHA-256", "ab".to_owned()))),
            ]
        );
        assert!(found.parts[0].needs.contains("pkg:cargo/serde@1.0.0%2Bx") && found.problems.is_empty(), "{found:?}");
    }

    #[test]
    fn what_comes_from_elsewhere_or_is_not_pinned_is_told() {
        let git = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"git+https://example.org/a#1\"\n";
        let bare = format!("[[package]]\nname = \"b\"\nversion = \"2.0.0\"\nsource = \"{REGISTRY}\"\n");
        let told = found(&metadata(), &lock(&format!("{git}{bare}"))).unwrap().problems;
        assert_eq!(told, ["a 1.0.0: comes from git+https://example.org/a#1", "b 2.0.0: has no checksum in Cargo.lock"]);
        let mut nameless = metadata();
        nameless["packages"][0]["license"] = Value::Null;
        assert_eq!(found(&nameless, &lock("")).unwrap().problems, ["pkg:cargo/serde@1.0.0%2Bx: names no licence"]);
    }
}
