//! Contacts as people work with them: written, merged, erased, taken in from files and out to files. The API and the command line both
//! come through here.

pub mod change;
pub mod duplicates;
pub mod export;
pub mod fields;
pub mod import;
pub mod phone;

pub use fields::{Draft, Wrong};
