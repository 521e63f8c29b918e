//! A schema of a tool.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_engine::fuzz::tool_schema(data));
