//! The console's files, as the build script made them.

use frontdesk_web::Asset;

/// Sorted by path; empty when the program was built without Node.js.
pub(crate) static FILES: &[Asset] = include!(concat!(env!("OUT_DIR"), "/console.rs"));
