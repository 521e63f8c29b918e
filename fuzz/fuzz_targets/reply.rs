//! An answer by mail, above what it quotes.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_kernel::fuzz::reply(data));
