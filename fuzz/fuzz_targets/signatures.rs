//! Headers that claim to be a vendor's.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_connect::fuzz::signatures(data));
