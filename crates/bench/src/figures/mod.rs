//! What is measured, a file each.

pub(crate) mod acks;
pub(crate) mod instructions;
mod limits;
pub(crate) mod nodes;
pub(crate) mod parked;
pub(crate) mod size;
pub(crate) mod start;
pub(crate) mod turns;
pub(crate) mod waiting;
