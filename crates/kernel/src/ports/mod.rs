//! What connectors implement. Each port is small; abilities are data, not methods with defaults.

pub mod channel;
pub mod http;
pub mod model;
