//! Takes one protection away at a time, in a copy of the sources, and expects that a test fails: what nobody would miss protects nothing.

mod proof;
mod table;
mod without;

use std::time::Instant;

use anyhow::{Result, bail};

use self::{
    proof::{Outcome, Workshop},
    table::{ALL, Removal},
    without::without,
};
use crate::{copy::Copy, postgres::Cluster, test::POSTGRES};

/// `arguments`: parts of the names of removals; none = all.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let chosen: Vec<&Removal> =
        ALL.iter().filter(|r| arguments.is_empty() || arguments.iter().any(|part| r.name.contains(part.as_str()))).collect();
    if chosen.is_empty() {
        bail!("no removal is called that; there are:\n  {}", ALL.iter().map(|r| r.name).collect::<Vec<_>>().join("\n  "));
    }
    let (cluster, server) = match std::env::var_os(POSTGRES).and_then(|url| url.into_string().ok()) {
        Some(url) => (None, url),
        None => {
            let cluster = Cluster::start(false)?;
            let url = cluster.url();
            (Some(cluster), url)
        }
    };
    let copy = Copy::of_the_sources()?;
    let workshop = Workshop { copy: &copy, server: &server };
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    for proof in distinct(&chosen) {
        eprintln!("== with everything in place: {} {}", proof.package, proof.tests.join(" "));
        match workshop.prove(proof)? {
            Outcome::Passed(_) => {}
            Outcome::Failed(tests) => bail!("these fail with nothing removed: {}", tests.join(", ")),
            Outcome::DoesNotBuild => bail!("{} does not build with nothing removed", proof.package),
        }
    }
    for removal in &chosen {
        eprintln!("== without: {}", removal.name);
        let start = Instant::now();
        let changed = without(&copy, removal)?;
        let outcome = workshop.prove(&removal.proof)?;
        drop(changed);
        let said = match &outcome {
            Outcome::Failed(tests) => format!("{} failed: {}", tests.len(), tests[0]),
            Outcome::Passed(n) => {
                problems.push(removal.name);
                format!("NOBODY NOTICED: {n} tests passed")
            }
            Outcome::DoesNotBuild => {
                problems.push(removal.name);
                "DOES NOT BUILD: the removal shows nothing".to_owned()
            }
        };
        rows.push(format!("  {:<52} {:>4} s  {said}", removal.name, start.elapsed().as_secs()));
    }
    drop(cluster);
    eprintln!("\n{} removals:\n{}", chosen.len(), rows.join("\n"));
    match problems.len() {
        0 => Ok(()),
        n => bail!("{n} of {} removals show nothing: {}", chosen.len(), problems.join(", ")),
    }
}

/// Each set of tests once.
fn distinct<'r>(removals: &[&'r Removal]) -> Vec<&'r table::Proof> {
    let mut found: Vec<&table::Proof> = Vec::new();
    for removal in removals {
        let proof = &removal.proof;
        if !found.iter().any(|f| (f.package, f.target, f.tests) == (proof.package, proof.target, proof.tests)) {
            found.push(proof);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::shell;

    #[test]
    fn what_is_taken_away_stands_there_once() {
        for removal in ALL {
            assert!(!removal.edits.is_empty() && !removal.proof.tests.is_empty(), "{}", removal.name);
            for edit in removal.edits {
                let text = fs::read_to_string(shell::root().join(edit.file)).unwrap();
                assert_eq!(text.matches(edit.text).count(), 1, "{}: in {}", removal.name, edit.file);
                assert_ne!(edit.text, edit.instead, "{}", removal.name);
            }
        }
    }

    #[test]
    fn each_removal_has_a_name_of_its_own() {
        for (at, removal) in ALL.iter().enumerate() {
            assert!(ALL[..at].iter().all(|other| other.name != removal.name), "{}", removal.name);
        }
    }

    #[test]
    fn a_name_that_no_removal_has_is_refused_with_the_list() {
        let refused = run(&["no such thing".to_owned()]).unwrap_err().to_string();
        assert!(refused.contains("\n  fence\n") && refused.contains("dedupe constraint"), "{refused}");
    }
}
