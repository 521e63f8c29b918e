//! The durable turn: claim, gather, drive, finish. Facts are journaled; whoever holds the lane folds them and goes on.

mod approved;
mod changes;
pub mod claim;
mod drive;
mod finish;
mod gather;
mod listen;
pub(crate) mod outside;
mod own_words;
pub(crate) mod rules;
