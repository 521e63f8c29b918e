//! A file of a visitor.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_web::fuzz::file(data));
