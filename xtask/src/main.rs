//! What a developer runs: `cargo xtask <verb>`. Each verb is one module; `VERBS` is the list.
#![expect(clippy::print_stderr, reason = "a tool for the terminal: progress and findings go to stderr")]

mod bench;
mod ci;
mod conform;
mod copy;
mod crash;
mod demo;
mod e2e;
mod everything;
mod fuzz;
mod instructions;
mod mutants;
mod new_channel;
mod packaging;
mod postgres;
mod proof;
mod removals;
mod rig;
mod sbom;
mod shell;
mod simulate;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// Something that `cargo xtask` can do.
struct Verb {
    name: &'static str,
    usage: &'static str,
    does: &'static str,
    run: fn(&[String]) -> Result<()>,
}

const VERBS: &[Verb] = &[
    Verb {
        name: "ci",
        usage: "",
        does: "everything that must pass: format, tidy, clippy, docs, console, supply chain, what a turn costs, packaging, conformance, \
               stories in a browser, crashes, tests",
        run: ci::run,
    },
    Verb { name: "test", usage: "[FILTER | runner options]", does: "every test, on SQLite and PostgreSQL", run: test::run },
    Verb { name: "e2e", usage: "[PLAYWRIGHT OPTIONS]", does: "stories in a real browser, against a demo", run: e2e::run },
    Verb {
        name: "conform",
        usage: "[tools]",
        does: "asks the server everything that its description says it answers, and uses the tools of a server of others",
        run: conform::run,
    },
    Verb { name: "tidy", usage: "", does: "the house rules that a program can check", run: tidy::run },
    Verb {
        name: "crash",
        usage: "[--little | --points [--hits N] | --power-loss [--runs N] [--lying-disk] | --faults | --drain [--runs N]] [--only WORD] [--nodes N] \
                [--engine sqlite|postgres|both] [--at-once N] [--kills N] [--weather] [--messages N] [--conversations N] [--seed N] [--release]",
        does: "brings the product down under load, in every way, and checks that nobody is forgotten or answered twice",
        run: crash::run,
    },
    Verb {
        name: "simulate",
        usage: "[--seeds N] [--first N] [--all] [--threads N] [--trace]",
        does: "the real engine in worlds of its own, each decided by a seed; a broken promise is told with its seed",
        run: simulate::run,
    },
    Verb {
        name: "bench",
        usage: "[PART …] [--quick] [--json] [--markdown FILE] [--svg FILE]",
        does: "`frontdesk bench` of a release build, on SQLite and on a PostgreSQL of its own",
        run: bench::run,
    },
    Verb {
        name: "instructions",
        usage: "[--agree]",
        does: "refuses a turn that became more expensive, counted in instructions",
        run: instructions::run,
    },
    Verb {
        name: "proof",
        usage: "[SECTION …] [--nightly]",
        does: "runs what shows our promises and writes docs/proof.md anew",
        run: proof::run,
    },
    Verb {
        name: "sbom",
        usage: "[FILE]",
        does: "what a release is made of, as CycloneDX; refuses licences and sources that are not allowed",
        run: sbom::run,
    },
    Verb {
        name: "removals",
        usage: "[PART OF A NAME ...]",
        does: "takes each protection away in a copy of the sources and expects a test to fail",
        run: removals::run,
    },
    Verb {
        name: "mutants",
        usage: "[MODULE ...] [--shard K/N] [--survivors]",
        does: "changes what guards the product in small ways and expects a test to fail each time",
        run: mutants::run,
    },
    Verb {
        name: "fuzz",
        usage: "[--seconds N] [--until N] [TARGET ...]",
        does: "feeds every parser with what nobody would send",
        run: fuzz::run,
    },
    Verb { name: "new", usage: "channel NAME", does: "the skeleton of a channel connector, registered", run: new_channel::run },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else { bail!("what shall I do?\n{}", help()) };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        eprintln!("{}", help());
        return Ok(());
    }
    match VERBS.iter().find(|verb| verb.name == name) {
        Some(verb) => (verb.run)(rest),
        None => bail!("there is no `{name}`\n{}", help()),
    }
}

fn help() -> String {
    let mut text = String::from("usage: cargo xtask <verb>\n");
    for verb in VERBS {
        let call = format!("{} {}", verb.name, verb.usage);
        // A long call has what it does on a line of its own.
        let gap = if call.len() > 32 { format!("\n  {:<32}", "") } else { String::new() };
        text.push_str(&format!("\n  {call:<32}{gap} {}", verb.does));
    }
    text
}

/// For verbs that take no arguments.
fn no_arguments(arguments: &[String]) -> Result<()> {
    match arguments.first() {
        None => Ok(()),
        Some(first) => bail!("`{first}` is one argument too many"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_verb_and_an_unknown_one_is_refused() {
        for verb in VERBS {
            assert!(help().contains(verb.name) && help().contains(verb.does), "{}", verb.name);
        }
        let refused = dispatch(&["tets".to_owned()]).unwrap_err().to_string();
        assert!(refused.starts_with("there is no `tets`"), "{refused}");
        assert!(dispatch(&[]).is_err());
        assert!(dispatch(&["ci".to_owned(), "--fast".to_owned()]).is_err());
    }
}
