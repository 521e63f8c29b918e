//! `cargo xtask simulate`: lives through the worlds of many seeds, as fast as this machine can, and stops at the first that breaks a promise.

use std::{path::PathBuf, thread};

use anyhow::Result;

use crate::shell;

/// Optimised, with every check of a development build: it is built apart, so that it changes nobody else's.
const PROFILE: &str = "simulation";

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    shell::run(&mut shell::cargo(&["build", "--locked", "--profile", PROFILE, "-p", "frontdesk-testkit", "--bin", "simulate"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
    let mut simulate = std::process::Command::new(target.join(PROFILE).join("simulate"));
    if !arguments.iter().any(|argument| argument == "--threads") {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        simulate.args(["--threads", &threads.to_string()]);
    }
    shell::run(simulate.args(arguments))
}
