//! A mail as it lies in a mailbox.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_connect::fuzz::letter(data));
