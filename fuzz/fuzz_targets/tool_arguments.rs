//! Arguments of a call to a tool of ours.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_engine::fuzz::tool_arguments(data));
