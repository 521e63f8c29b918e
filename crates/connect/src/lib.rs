//! Everything outside, as implementations of the kernel's ports: channels, models, mail, single sign-on, the way out.

pub mod channels;
pub mod http;
pub mod mail;
pub mod models;
pub mod sso;
