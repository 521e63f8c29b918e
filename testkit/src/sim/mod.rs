//! A whole front desk in a world of its own: the real engine, store and webhook route on a clock, vendors, a model and faults that one seed
//! decides. One thread, no sockets; the same seed is the same story, to the last row.
//!
//! Two machines work on one database. They are killed, frozen past their lease and woken, stopped in good order; units of work are refused
//! or committed without an answer; vendors refuse, act and do not answer, answer late or nonsense; news come twice, in any order, or much
//! later; customers write in bursts and twice; people take over and decide. Then the faults end, everything must settle, and every promise
//! is held against what the vendors saw and what the database holds.

mod audit;
mod brain;
mod business;
mod climate;
mod customers;
mod dice;
mod fate;
mod gate;
mod meta;
mod node;
mod seeds;
mod service;
mod staff;
mod timeline;
mod trace;
mod wire;
mod world;

use std::time::Duration;

pub use seeds::{KEPT, Kept};

/// How a world is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// What happens is printed.
    pub shown: bool,
    /// The messaging vendor sends everything twice and tells of it once.
    pub doubles: bool,
    /// The business's service does the same again under a key that it has seen.
    pub forgets_keys: bool,
}

/// What became of a world.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Over everything that happened and every row at the end.
    pub hash: String,
    pub steps: u64,
    /// How much time passed in it.
    pub simulated: Duration,
    /// From the end of the faults until nothing was left to do.
    pub settled_after: Duration,
    /// What customers wrote, and what reached them.
    pub messages: usize,
    pub sent: usize,
    /// Promises that were broken.
    pub wrong: Vec<String>,
}

/// Lives through the world of a seed.
///
/// # Panics
/// When the world itself cannot be made.
pub fn run(seed: u64, options: Options) -> Outcome {
    world::run(seed, options)
}
