//! Words of somebody else's server.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_engine::fuzz::foreign_words(data));
