//! Ids, which stand in statements.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_kernel::fuzz::ids(data));
