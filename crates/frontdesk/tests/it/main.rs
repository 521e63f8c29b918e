//! The program as people run it: the real binary on data folders of its own.
#![expect(clippy::unwrap_used, reason = "a test says with a panic what went wrong")]

mod admin;
mod program;
mod refusals;
mod running;
mod scripts;
