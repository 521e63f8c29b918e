//! Mutation testing of what guards the product: each small change of these modules must make one of their tests fail.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{postgres::Cluster, shell, test::POSTGRES};

/// A guard, its files, and the tests that hold it.
struct Module {
    name: &'static str,
    files: &'static [&'static str],
    package: &'static str,
    /// Parts of names of tests; none = all of the package.
    tests: &'static [&'static str],
    /// `--lib` where unit tests alone hold it.
    only: Option<&'static str>,
    postgres: bool,
}

const fn kernel(name: &'static str, files: &'static [&'static str]) -> Module {
    Module { name, files, package: "frontdesk-kernel", tests: &[], only: Some("--lib"), postgres: false }
}

const fn connect(name: &'static str, files: &'static [&'static str], tests: &'static [&'static str]) -> Module {
    Module { name, files, package: "frontdesk-connect", tests, only: Some("--lib"), postgres: false }
}

const fn store(name: &'static str, files: &'static [&'static str], tests: &'static [&'static str]) -> Module {
    Module { name, files, package: "frontdesk-store", tests, only: None, postgres: true }
}

const fn stories(name: &'static str, files: &'static [&'static str], tests: &'static [&'static str]) -> Module {
    Module { name, files, package: "frontdesk-testkit", tests, only: Some("--test=it"), postgres: true }
}

const MODULES: &[Module] = &[
    kernel("decision", &["crates/kernel/src/decision.rs"]),
    kernel("member", &["crates/kernel/src/member.rs"]),
    kernel("approval", &["crates/kernel/src/approval.rs"]),
    kernel("effect", &["crates/kernel/src/effect.rs"]),
    kernel("turn", &["crates/kernel/src/turn.rs"]),
    kernel("ledger", &["crates/kernel/src/ledger.rs", "crates/kernel/src/ledger/price.rs"]),
    connect("address", &["crates/connect/src/http/address.rs"], &["http::"]),
    connect("signature", &["crates/connect/src/channels/whatsapp/signature.rs"], &["signature::"]),
    connect("payment-signature", &["crates/connect/src/payments/stripe/signature.rs"], &["stripe::"]),
    connect("id-token", &["crates/connect/src/sso/token.rs"], &["sso::"]),
    store("fence", &["crates/store/src/lanes.rs"], &["lanes::", "zombies::", "inbound::", "turns::"]),
    store("dedupe", &["crates/store/src/inbound.rs"], &["inbound::"]),
    store("approvals", &["crates/store/src/approvals.rs"], &["approvals::"]),
    store("credit", &["crates/store/src/tokens/account.rs", "crates/store/src/tokens/holds.rs"], &["tokens"]),
    store("vault", &["crates/store/src/vault.rs"], &["vault::"]),
    stories("receipts-gate", &["crates/engine/src/turns/rules.rs"], &["booking::", "endings::", "turns::liar::"]),
    stories("approval-word", &["crates/engine/src/approvals/say.rs"], &["approvals"]),
    stories(
        "authenticate",
        &["crates/web/src/kit/authenticate.rs", "crates/web/src/kit/caller.rs"],
        &["access_", "foreign_ids::"],
    ),
];

/// `[MODULE …]`; none = all.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some(stranger) = arguments.iter().find(|name| MODULES.iter().all(|m| m.name != name.as_str())) {
        let known: Vec<&str> = MODULES.iter().map(|m| m.name).collect();
        bail!("there is no module `{stranger}`; there are {}", known.join(", "));
    }
    let chosen: Vec<&Module> =
        MODULES.iter().filter(|m| arguments.is_empty() || arguments.iter().any(|name| name == m.name)).collect();
    if shell::read(Command::new("cargo").args(["mutants", "--version"])).is_err() {
        shell::run(Command::new("cargo").args(["install", "cargo-mutants", "--locked"]))?;
    }
    let cluster = match (chosen.iter().any(|m| m.postgres), std::env::var_os(POSTGRES)) {
        (true, None) => Some(Cluster::start(false)?),
        _ => None,
    };
    let mut rows = Vec::new();
    let mut survivors = 0;
    for module in chosen {
        let counts = one(module, cluster.as_ref())?;
        survivors += counts.missed.len();
        rows.push(format!(
            "  {:<18} {:>4} mutants {:>4} noticed {:>4} not compiled {:>4} survived{}",
            module.name,
            counts.caught + counts.unviable + counts.missed.len(),
            counts.caught,
            counts.unviable,
            counts.missed.len(),
            counts.missed.iter().map(|line| format!("\n      {line}")).collect::<String>()
        ));
    }
    drop(cluster);
    eprintln!("\n{}", rows.join("\n"));
    if survivors > 0 {
        bail!("{survivors} changes were noticed by no test");
    }
    Ok(())
}

struct Counts {
    caught: usize,
    unviable: usize,
    missed: Vec<String>,
}

fn one(module: &Module, cluster: Option<&Cluster>) -> Result<Counts> {
    eprintln!("== {}", module.name);
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
    let home = std::path::absolute(target)?.join("mutants");
    let output = home.join(module.name);
    fs::create_dir_all(&output)?;
    let mut command = Command::new("cargo");
    command.args(["mutants", "--workspace", "--no-shuffle", "--colors=never", "--output"]).arg(&output);
    // What is left alone stands in `.cargo/mutants.toml`.
    for file in module.files {
        command.args(["--file", file]);
    }
    command.args(["--test-package", module.package]);
    if let Some(only) = module.only {
        command.arg(format!("--cargo-test-arg={only}"));
    }
    command.args(["--", "--"]).args(module.tests);
    command.env("CARGO_TARGET_DIR", home.join("target")).env("FRONTDESK_WITHOUT_CONSOLE", "1");
    if let Some(cluster) = cluster {
        command.env(POSTGRES, cluster.url());
    }
    command.current_dir(shell::root()).stdin(Stdio::null());
    // 2: some survived, 3: some ran too long, which counts as noticed.
    match command.status().context("cannot start cargo")?.code() {
        Some(0 | 2 | 3) => {}
        code => bail!("`cargo mutants` ended with {code:?}: do the tests of {} pass without a change?", module.name),
    }
    let list = |name: &str| -> Result<Vec<String>> {
        let path = output.join("mutants.out").join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
    };
    Ok(Counts {
        caught: list("caught.txt")?.len() + list("timeout.txt")?.len(),
        unviable: list("unviable.txt")?.len(),
        missed: list("missed.txt")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_is_a_file_and_has_a_name_of_its_own() {
        for (at, module) in MODULES.iter().enumerate() {
            assert!(MODULES[..at].iter().all(|other| other.name != module.name), "{}", module.name);
            assert!(!module.files.is_empty());
            for file in module.files {
                assert!(shell::root().join(file).is_file(), "{file}");
            }
        }
    }

    #[test]
    fn an_unknown_module_is_refused_with_the_list() {
        let refused = run(&["decisions".to_owned()]).unwrap_err().to_string();
        assert!(refused.starts_with("there is no module `decisions`; there are decision, member"), "{refused}");
    }
}
