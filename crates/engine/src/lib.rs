//! What happens without a request: turns, tools, the outbox, timers and upkeep.

pub mod access;
pub mod admin;
pub mod agents;
pub mod approvals;
pub mod audit_chain;
pub mod bookings;
pub mod breaker;
pub mod checkup;
pub mod contacts;
pub mod crash;
mod decisions;
pub mod desk;
pub mod directory;
pub mod echo;
pub mod events;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod grants;
pub mod handover;
pub mod http_tools;
pub mod in_hand;
pub mod inbox;
pub mod indexing;
pub mod knocks;
pub mod lease;
pub mod mcp;
pub mod models;
pub mod news;
pub mod outbox;
pub mod payments;
pub mod playground;
pub mod prompt;
pub mod relay;
pub mod reports;
pub mod settings;
pub mod signer;
pub mod tokens;
pub mod tools;
pub mod trace;
pub mod tracer;
pub mod turns;
pub mod upkeep;
pub mod visitors;
pub mod workers;

pub use desk::Desk;
pub use settings::Settings;
