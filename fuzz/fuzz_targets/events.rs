//! Events of a stream.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_connect::fuzz::events(data));
