//! Mutation testing of what guards the product: each small change of these modules, made in a copy of the sources, must make one of
//! their tests fail.

use std::{
    fs,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{copy::Copy, postgres::Cluster, shell, test::POSTGRES};

/// A guard, its files, and the tests that hold it.
struct Module {
    name: &'static str,
    files: &'static [&'static str],
    package: &'static str,
    /// Parts of names of tests.
    tests: &'static [&'static str],
    /// Which of the package's programs of tests, so that no other is built.
    only: &'static str,
    postgres: bool,
}

const fn kernel(name: &'static str, files: &'static [&'static str], tests: &'static [&'static str]) -> Module {
    Module { name, files, package: "frontdesk-kernel", tests, only: "--lib", postgres: false }
}

const fn connect(name: &'static str, files: &'static [&'static str], tests: &'static [&'static str]) -> Module {
    Module { name, files, package: "frontdesk-connect", tests, only: "--lib", postgres: false }
}

const fn store(name: &'static str, files: &'static [&'static str], tests: &'static [&'static str]) -> Module {
    Module { name, files, package: "frontdesk-store", tests, only: "--test=it", postgres: true }
}

const fn stories(name: &'static str, files: &'static [&'static str], tests: &'static [&'static str]) -> Module {
    Module { name, files, package: "frontdesk-testkit", tests, only: "--test=it", postgres: true }
}

const MODULES: &[Module] = &[
    kernel("decision", &["crates/kernel/src/decision.rs"], &["decision::"]),
    kernel("member", &["crates/kernel/src/member.rs"], &["member::"]),
    kernel("approval", &["crates/kernel/src/approval.rs"], &["approval::"]),
    kernel("effect", &["crates/kernel/src/effect.rs"], &["effect::"]),
    kernel("turn", &["crates/kernel/src/turn.rs"], &["turn::"]),
    kernel("ledger", &["crates/kernel/src/ledger.rs", "crates/kernel/src/ledger/price.rs"], &["ledger::"]),
    connect("address", &["crates/connect/src/http/address.rs"], &["http::"]),
    connect("signature", &["crates/connect/src/channels/whatsapp/signature.rs"], &["signature::"]),
    connect("payment-signature", &["crates/connect/src/payments/stripe/signature.rs"], &["stripe::"]),
    connect("id-token", &["crates/connect/src/sso/token.rs"], &["sso::"]),
    store("fence", &["crates/store/src/lanes.rs"], &["lanes::", "zombies::", "inbound::", "turns::"]),
    store("dedupe", &["crates/store/src/inbound.rs", "crates/store/src/inbound/thread.rs"], &["inbound::"]),
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

/// What was asked for.
#[derive(Debug, PartialEq)]
struct Asked<'a> {
    modules: Vec<&'a str>,
    /// Of so many parts of each module's changes, one: `2/8`.
    shard: Option<&'a str>,
    /// Without those that were noticed before.
    survivors: bool,
}

/// `[MODULE …] [--shard K/N] [--survivors]`; no module = all.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let asked = read(arguments)?;
    let chosen = MODULES.iter().filter(|m| asked.modules.is_empty() || asked.modules.contains(&m.name));
    let chosen: Vec<&Module> = chosen.collect();
    if shell::read(Command::new("cargo").args(["mutants", "--version"])).is_err() {
        shell::run(Command::new("cargo").args(["install", "cargo-mutants", "--locked"]))?;
    }
    let cluster = match (chosen.iter().any(|m| m.postgres), std::env::var_os(POSTGRES)) {
        (true, None) => Some(Cluster::start(false)?),
        _ => None,
    };
    let copy = Copy::of_the_sources()?;
    let mut rows = Vec::new();
    let mut survivors = 0;
    for module in chosen {
        let counts = one(module, &asked, &copy, cluster.as_ref())?;
        survivors += counts.missed.len();
        rows.push(format!(
            "  {:<18} {:>4} mutants {:>4} settled before {:>4} noticed {:>4} not compiled {:>4} survived{}",
            module.name,
            counts.before + counts.caught + counts.unviable + counts.missed.len(),
            counts.before,
            counts.caught,
            counts.unviable,
            counts.missed.len(),
            counts.missed.iter().map(|line| format!("\n      {line}")).collect::<String>()
        ));
    }
    drop(cluster);
    eprintln!("\nchanged: {} modules\n{}", rows.len(), rows.join("\n"));
    if survivors > 0 {
        bail!("{survivors} changes were noticed by no test");
    }
    Ok(())
}

fn read(arguments: &[String]) -> Result<Asked<'_>> {
    let mut asked = Asked { modules: Vec::new(), shard: None, survivors: false };
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        match argument {
            "--shard" => asked.shard = Some(arguments.next().context("--shard wants K/N")?),
            "--survivors" => asked.survivors = true,
            option if option.starts_with('-') => bail!("there is no option `{option}`"),
            name if MODULES.iter().any(|m| m.name == name) => asked.modules.push(name),
            stranger => {
                let known: Vec<&str> = MODULES.iter().map(|m| m.name).collect();
                bail!("there is no module `{stranger}`; there are {}", known.join(", "));
            }
        }
    }
    Ok(asked)
}

struct Counts {
    /// Noticed, or not compiled, in an earlier run.
    before: usize,
    caught: usize,
    unviable: usize,
    missed: Vec<String>,
}

fn one(module: &Module, asked: &Asked<'_>, copy: &Copy, cluster: Option<&Cluster>) -> Result<Counts> {
    eprintln!("== {}", module.name);
    let output = copy.home().join("mutants").join(module.name);
    fs::create_dir_all(&output)?;
    let mut command = Command::new("cargo");
    command.args(["mutants", "--in-place", "--workspace", "--no-shuffle", "--colors=never", "--output"]).arg(&output);
    // What is left alone stands in `.cargo/mutants.toml`.
    for file in module.files {
        command.args(["--file", file]);
    }
    if let Some(shard) = asked.shard {
        command.args(["--shard", shard]);
    }
    if asked.survivors {
        command.arg("--iterate");
    }
    command.args(["--test-package", module.package]).arg(format!("--cargo-arg={}", module.only));
    command.args(["--", "--"]).args(module.tests);
    command.env("CARGO_TARGET_DIR", copy.target()).env("CARGO_INCREMENTAL", "1").env("FRONTDESK_WITHOUT_CONSOLE", "1");
    if let Some(cluster) = cluster {
        command.env(POSTGRES, cluster.url());
    }
    command.current_dir(copy.tree()).stdin(Stdio::null());
    // 2: some survived, 3: some ran too long, which counts as noticed.
    match command.status().context("cannot start cargo")?.code() {
        Some(0 | 2 | 3) => {}
        code => bail!("`cargo mutants` ended with {code:?}: do the tests of {} pass without a change?", module.name),
    }
    let list = |name: &str| -> Result<Vec<String>> {
        let path = output.join("mutants.out").join(name);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            // Not written where nothing was noticed before.
            Err(_) if name == "previously_caught.txt" => String::new(),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Ok(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
    };
    Ok(Counts {
        before: list("previously_caught.txt")?.len(),
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
            assert!(!module.files.is_empty() && !module.tests.is_empty());
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

    #[test]
    fn modules_a_part_of_them_and_survivors_can_be_asked_for() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let asked = words("effect --shard 1/4 turn --survivors");
        let expected = Asked { modules: vec!["effect", "turn"], shard: Some("1/4"), survivors: true };
        assert_eq!(read(&asked).unwrap(), expected);
        assert!(read(&words("--shard")).is_err() && read(&words("--jobs 4")).is_err());
    }
}
