//! A body of the API.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_web::fuzz::json_body(data));
