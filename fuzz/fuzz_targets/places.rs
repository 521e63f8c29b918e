//! A request's template, and what it may be imported from.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_engine::fuzz::places(data));
