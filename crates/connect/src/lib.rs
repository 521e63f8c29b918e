//! Everything outside, as implementations of the kernel's ports: channels, models, mail, payments, servers of tools, single sign-on, the
//! way out.

pub mod channels;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod hex;
pub mod http;
pub mod mail;
pub mod mcp;
pub mod models;
pub mod payments;
pub mod sso;
