//! Arguments of a call, as a model wrote them.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_connect::fuzz::arguments(data));
