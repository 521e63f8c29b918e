//! The npm packages of which parts may be in the console that browsers load, from its lock file.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{Found, Part};

/// Packages for development of which whole files are shipped: the pages of the API's description.
const SHIPPED: [&str; 2] = ["redoc", "swagger-ui-dist"];
/// Licences beside those of crates.
pub(super) const ALSO_ALLOWED: &[&str] = &["BSD-2-Clause", "Python-2.0"];
/// What packages that name their licence badly say in their LICENSE file.
const READ: [(&str, &str); 3] = [("decko", "MIT"), ("stickyfill", "MIT"), ("url-template", "BSD-3-Clause")];

const INSIDE: &str = "node_modules/";

pub(super) fn found(lock: &Value, npmrc: &str) -> Result<Found> {
    let all: BTreeMap<&str, &Value> = lock["packages"]
        .as_object()
        .context("package-lock.json names no packages")?
        .iter()
        .map(|(k, v)| (k.as_str(), v))
        .collect();
    let root = all.get("").context("package-lock.json does not name the console")?;
    let mut found = Found::default();
    if !npmrc.lines().any(|line| line.trim() == "ignore-scripts=true") {
        found
            .problems
            .push("console/.npmrc: `ignore-scripts=true` is missing: packages would run code when they are installed".into());
    }
    // Also what only builds and tests runs on our machines.
    for (place, package) in all.iter().filter(|(place, _)| !place.is_empty()) {
        found.problems.extend(unpinned(place, package));
    }
    let mut waiting: Vec<&str> = needed(root).chain(SHIPPED).filter_map(|name| find(&all, "", name)).collect();
    let mut seen = BTreeSet::new();
    while let Some(place) = waiting.pop() {
        if !seen.insert(place) {
            continue;
        }
        let needs: Vec<&str> = needed(all[place]).filter_map(|name| find(&all, place, name)).collect();
        let mut part = part(place, all[place]);
        part.needs = needs.iter().map(|place| purl(place, all[place])).collect();
        found.parts.push(part);
        waiting.extend(needs);
    }
    found.parts.sort_by(|a, b| a.purl.cmp(&b.purl));
    found.parts.dedup_by(|a, b| a.purl == b.purl);
    Ok(found)
}

fn unpinned(place: &str, package: &Value) -> Option<String> {
    let elsewhere = package["resolved"].as_str().filter(|from| !from.starts_with("https://registry.npmjs.org/"));
    match (elsewhere, package["integrity"].as_str()) {
        (Some(from), _) => Some(format!("{place}: comes from {from}")),
        (None, Some(sum)) if sum.starts_with("sha512-") => None,
        (None, _) => Some(format!("{place}: has no SHA-512 in package-lock.json")),
    }
}

fn needed(package: &Value) -> impl Iterator<Item = &str> {
    let of = |member: &str| package[member].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    of("dependencies").chain(of("peerDependencies"))
}

/// Where a package finds another: in its own folder, else in one around it. A peer that is not there is not needed.
fn find<'a>(all: &BTreeMap<&'a str, &Value>, from: &str, name: &str) -> Option<&'a str> {
    let own = if from.is_empty() { format!("{INSIDE}{name}") } else { format!("{from}/{INSIDE}{name}") };
    match all.get_key_value(own.as_str()) {
        Some((place, _)) => Some(place),
        None if from.is_empty() => None,
        None => find(all, from.rsplit_once(INSIDE).map_or("", |(around, _)| around.trim_end_matches('/')), name),
    }
}

fn name(place: &str) -> &str {
    place.rsplit_once(INSIDE).map_or(place, |(_, name)| name)
}

fn purl(place: &str, package: &Value) -> String {
    format!("pkg:npm/{}@{}", name(place).replace('@', "%40"), package["version"].as_str().unwrap_or_default())
}

fn part(place: &str, package: &Value) -> Part {
    let read = READ.iter().find(|(known, _)| *known == name(place)).map(|(_, licence)| *licence);
    let sum = package["integrity"].as_str().and_then(|sum| BASE64_STANDARD.decode(sum.strip_prefix("sha512-")?).ok());
    Part {
        purl: purl(place, package),
        name: name(place).to_owned(),
        version: package["version"].as_str().unwrap_or_default().to_owned(),
        licence: read.or(package["license"].as_str()).unwrap_or("NONE").to_owned(),
        checksum: sum.map(|bytes| ("SHA-512", bytes.iter().map(|byte| format!("{byte:02x}")).collect())),
        needs: BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SAFE: &str = "# Why.\nignore-scripts=true\n";

    fn lock() -> Value {
        let package = |version: &str| json!({ "version": version, "integrity": "sha512-AQI=", "license": "MIT" });
        let mut lock = json!({ "packages": {
            "": { "dependencies": { "@a/b": "^1" }, "devDependencies": { "redoc": "^2", "vite": "^8" } },
            "node_modules/@a/b": package("1.2.3"),
            "node_modules/@a/b/node_modules/c": package("1.0.0"),
            "node_modules/c": package("2.0.0"),
            "node_modules/decko": package("1.1.0"),
            "node_modules/redoc": package("2.5.4"),
            "node_modules/vite": package("8.0.0"),
        } });
        lock["packages"]["node_modules/@a/b"]["dependencies"] = json!({ "c": "^1" });
        lock["packages"]["node_modules/@a/b"]["peerDependencies"] = json!({ "absent": "*" });
        lock["packages"]["node_modules/redoc"]["dependencies"] = json!({ "c": "^2", "decko": "^1" });
        lock["packages"]["node_modules/decko"].as_object_mut().unwrap().remove("license");
        lock
    }

    #[test]
    fn what_browsers_may_load_is_found_each_in_the_version_that_it_finds() {
        let found = found(&lock(), SAFE).unwrap();
        assert_eq!(found.problems, Vec::<String>::new());
        let all: Vec<&str> = found.parts.iter().map(|part| part.purl.as_str()).collect();
        assert_eq!(
            all,
            ["pkg:npm/%40a/b@1.2.3", "pkg:npm/c@1.0.0", "pkg:npm/c@2.0.0", "pkg:npm/decko@1.1.0", "pkg:npm/redoc@2.5.4"]
        );
        assert_eq!(found.parts[0].needs, BTreeSet::from(["pkg:npm/c@1.0.0".to_owned()]));
        assert_eq!(found.parts[0].checksum, Some(("SHA-512", "0102".to_owned())));
        assert_eq!(found.parts[3].licence, "MIT", "read in its file");
        assert!(found.parts[4].needs.contains("pkg:npm/c@2.0.0"));
    }

    #[test]
    fn what_runs_code_comes_from_elsewhere_or_is_not_pinned_is_told() {
        let told = |change: &dyn Fn(&mut Value), npmrc: &str| {
            let mut lock = lock();
            change(&mut lock["packages"]["node_modules/vite"]);
            found(&lock, npmrc).unwrap().problems
        };
        assert!(told(&|_| {}, "").iter().any(|problem| problem.contains("ignore-scripts")));
        assert_eq!(
            told(&|package| package["resolved"] = "git+ssh://git@example.org/vite.git#1".into(), SAFE),
            ["node_modules/vite: comes from git+ssh://git@example.org/vite.git#1"]
        );
        for sum in [Value::Null, json!("sha1-AQI=")] {
            let change = |package: &mut Value| package["integrity"] = sum.clone();
            assert_eq!(told(&change, SAFE), ["node_modules/vite: has no SHA-512 in package-lock.json"]);
        }
    }
}
