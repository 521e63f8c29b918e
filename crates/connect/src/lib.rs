//! Everything outside, as implementations of the kernel's ports: channels, models, the way out.

pub mod channels;
pub mod http;
pub mod models;
