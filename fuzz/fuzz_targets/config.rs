//! A configuration file and a `.env`, as an operator might write them: read, or refused in words.
#![no_main]
#![expect(dead_code, reason = "the program's own module, of which this uses a part")]

#[path = "../../crates/frontdesk/src/config/mod.rs"]
mod config;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| config::fuzz::file(data));
