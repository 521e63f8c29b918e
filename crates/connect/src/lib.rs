//! Everything outside, as implementations of the kernel's ports: channels, models, mail, payments, single sign-on, the way out.

pub mod channels;
mod hex;
pub mod http;
pub mod mail;
pub mod models;
pub mod payments;
pub mod sso;
