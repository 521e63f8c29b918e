//! A telephone number.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_engine::fuzz::phone(data));
