//! An answer that may claim to have done something.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_kernel::fuzz::claims(data));
