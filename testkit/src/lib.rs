//! What tests stand on: the vendors' published contracts as an oracle, fakes of the vendors, time and ids under control, worlds from a seed.

pub mod contracts;
pub mod desk;
pub mod fakes;
pub mod marks;
pub mod sim;
pub mod suites;
pub mod time;
