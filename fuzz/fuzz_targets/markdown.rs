//! What a model says, for a channel.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_connect::fuzz::markdown(data));
