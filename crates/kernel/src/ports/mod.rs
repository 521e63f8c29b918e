//! What connectors implement. Each port is small; abilities are data, not methods with defaults.

pub mod channel;
pub mod http;
pub mod identity;
pub mod mail;
pub mod mailbox;
pub mod mcp;
pub mod model;
pub mod payments;
pub mod scripts;
