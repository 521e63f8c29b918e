//! Databases to test on, and words to test with.

#[macro_use]
mod macros;
mod asked;
mod fixtures;
mod home;
mod postgres;
mod town;

pub(crate) use asked::*;
pub(crate) use fixtures::*;
pub(crate) use home::{Home, at_home, run, runtime};
pub(crate) use town::*;
