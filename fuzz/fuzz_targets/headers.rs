//! Headers that say who asks.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_web::fuzz::headers(data));
