//! An answer of the OpenAI dialect.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_connect::fuzz::openai(data));
