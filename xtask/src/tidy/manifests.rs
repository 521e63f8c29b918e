//! Cargo manifests: which way dependencies point, who may reach the database or the network, what every crate inherits.

use toml::{Table, Value};

use super::{File, Finding, Rule};

static DIRECTION: Rule = Rule {
    name: "dependency direction",
    reason: "kernel ← store ← engine ← web ← frontdesk and kernel ← connect ← frontdesk",
};
static DRIVER: Rule =
    Rule { name: "database driver", reason: "only the store reaches the database; anything else could skip the scope" };
static OUTSIDE: Rule =
    Rule { name: "input and output", reason: "the kernel is pure: everything in it can be tested without a runtime" };
static INHERITED: Rule = Rule { name: "inherited", reason: "edition, toolchain and lints are the workspace's, once" };

const RUST_VERSION: &str = "1.95";

/// Folder, name, and those of ours that it may depend on. A new crate is a new forbidden edge: add it here with its arrows.
const CRATES: &[(&str, &str, &[&str])] = &[
    ("crates/kernel", "frontdesk-kernel", &[]),
    ("crates/store", "frontdesk-store", &["frontdesk-kernel"]),
    ("crates/connect", "frontdesk-connect", &["frontdesk-kernel"]),
    ("crates/engine", "frontdesk-engine", &["frontdesk-kernel", "frontdesk-store"]),
    ("crates/web", "frontdesk-web", &["frontdesk-kernel", "frontdesk-store", "frontdesk-engine"]),
    ("crates/bench", "frontdesk-bench", &["frontdesk-kernel", "frontdesk-store"]),
    (
        "crates/frontdesk",
        "frontdesk",
        &["frontdesk-kernel", "frontdesk-store", "frontdesk-connect", "frontdesk-engine", "frontdesk-web", "frontdesk-bench"],
    ),
    (
        "testkit",
        "frontdesk-testkit",
        &["frontdesk-kernel", "frontdesk-store", "frontdesk-connect", "frontdesk-engine", "frontdesk-web"],
    ),
    ("xtask", "xtask", &[]),
];

const DRIVERS: &[&str] = &["sqlx", "rusqlite", "libsqlite3-sys", "tokio-postgres", "deadpool-postgres", "diesel", "sea-orm"];
const NOT_IN_KERNEL: &[&str] = &["tokio", "reqwest", "axum", "hyper", "getrandom", "rand"];

pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut out = Vec::new();
    for file in files {
        let Some(folder) = file.path.strip_suffix("Cargo.toml") else { continue };
        match (file.text().parse::<Table>(), folder.trim_end_matches('/')) {
            (Err(error), _) => out.push(file.finding(&INHERITED, 0, format!("is not TOML: {}", error.message()))),
            // A workspace of its own, for another compiler.
            (Ok(_), "fuzz") => {}
            (Ok(manifest), "") => workspace(file, &manifest, &mut out),
            (Ok(manifest), folder) => member(file, folder, &manifest, &mut out),
        }
    }
    out
}

fn workspace(file: &File, manifest: &Table, out: &mut Vec<Finding>) {
    let version = at(manifest, &["workspace", "package", "rust-version"]).and_then(Value::as_str);
    if version != Some(RUST_VERSION) {
        out.push(file.finding(&INHERITED, 0, format!("rust-version is {version:?}, not {RUST_VERSION:?}")));
    }
}

fn member(file: &File, folder: &str, manifest: &Table, out: &mut Vec<Finding>) {
    for path in [&["package", "rust-version", "workspace"][..], &["package", "edition", "workspace"], &["lints", "workspace"]] {
        if at(manifest, path).and_then(Value::as_bool) != Some(true) {
            out.push(file.finding(&INHERITED, 0, format!("`{} = true` is missing", path.join("."))));
        }
    }
    let Some((_, name, allowed)) = CRATES.iter().find(|(known, _, _)| *known == folder) else {
        out.push(file.finding(&DIRECTION, 0, "this crate is not listed in tidy with what it may depend on"));
        return;
    };
    for dependency in dependencies(manifest) {
        let dependency = dependency.as_str();
        let ours = CRATES.iter().any(|(_, known, _)| *known == dependency);
        if ours && !allowed.contains(&dependency) {
            out.push(file.finding(&DIRECTION, 0, format!("`{name}` depends on `{dependency}`")));
        }
        if DRIVERS.contains(&dependency) && folder != "crates/store" && folder.starts_with("crates/") {
            out.push(file.finding(&DRIVER, 0, format!("`{name}` depends on `{dependency}`")));
        }
        if NOT_IN_KERNEL.contains(&dependency) && folder == "crates/kernel" {
            out.push(file.finding(&OUTSIDE, 0, format!("`{name}` depends on `{dependency}`")));
        }
    }
}

/// What is compiled into the crate itself, on any platform: not its dev-dependencies. A renamed one counts under its real name.
fn dependencies(manifest: &Table) -> Vec<String> {
    let platforms =
        manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values).filter_map(Value::as_table);
    std::iter::once(manifest)
        .chain(platforms)
        .flat_map(|table| ["dependencies", "build-dependencies"].map(|section| table.get(section)))
        .flatten()
        .filter_map(Value::as_table)
        .flatten()
        .map(|(name, value)| value.get("package").and_then(Value::as_str).unwrap_or(name).to_owned())
        .collect()
}

fn at<'t>(table: &'t Table, path: &[&str]) -> Option<&'t Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(key))
}

#[cfg(test)]
mod tests {
    use super::{super::said, *};

    const HEAD: &str = "[package]\nrust-version.workspace = true\nedition.workspace = true\n[lints]\nworkspace = true\n";

    fn found(folder: &str, body: &str) -> Vec<String> {
        said(check, &format!("{folder}/Cargo.toml"), &format!("{HEAD}{body}"))
    }

    #[test]
    fn dependencies_point_one_way() {
        for (folder, body, findings) in [
            ("crates/engine", "[dependencies]\nfrontdesk-store.workspace = true", 0),
            ("crates/engine", "[dependencies]\nfrontdesk-connect.workspace = true", 1),
            ("crates/engine", "[dev-dependencies]\nfrontdesk-connect.workspace = true", 0),
            ("crates/kernel", "[dependencies]\nfrontdesk-store.workspace = true", 1),
            ("crates/web", "[dependencies]\nfrontdesk-testkit.workspace = true", 1),
            ("crates/web", "[dev-dependencies]\nfrontdesk-testkit.workspace = true", 0),
            (
                "crates/web",
                "[target.'cfg(unix)'.dependencies]\nx = { package = \"frontdesk-connect\", path = \"../connect\" }",
                1,
            ),
            ("crates/stray", "", 1),
        ] {
            assert_eq!(found(folder, body).len(), findings, "{folder} {body}");
        }
    }

    #[test]
    fn only_the_store_has_a_driver_and_the_kernel_has_no_runtime() {
        for (folder, body, findings) in [
            ("crates/store", "[dependencies]\nrusqlite.workspace = true", 0),
            ("crates/connect", "[dependencies]\nrusqlite = \"1\"", 1),
            ("crates/frontdesk", "[dependencies]\ntokio-postgres = \"1\"", 1),
            ("crates/kernel", "[dependencies]\ntokio.workspace = true", 1),
            ("crates/engine", "[dependencies]\ntokio.workspace = true", 0),
        ] {
            assert_eq!(found(folder, body).len(), findings, "{folder} {body}");
        }
    }

    #[test]
    fn members_inherit_and_the_workspace_names_the_toolchain() {
        assert_eq!(said(check, "crates/kernel/Cargo.toml", "[package]\nedition = \"2024\"").len(), 3);
        let workspace = |version| format!("[workspace.package]\nrust-version = \"{version}\"");
        assert!(said(check, "Cargo.toml", &workspace("1.95")).is_empty());
        assert_eq!(said(check, "Cargo.toml", &workspace("1.80")).len(), 1);
        assert_eq!(said(check, "Cargo.toml", "not toml").len(), 1);
    }
}
