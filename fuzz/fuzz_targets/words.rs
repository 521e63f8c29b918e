//! Words of customers and members, and texts that are cut.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_kernel::fuzz::words(data));
