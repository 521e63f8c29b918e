//! Every SQL statement of frontdesk, one module per noun; functions take `(&mut Tx, &Scope, …)`.

pub mod agents;
pub mod audit;
pub mod backup;
pub mod calendar;
pub mod channels;
pub mod contacts;
pub mod conversations;
pub mod counters;
pub mod db;
pub mod echoes;
pub mod effects;
mod engine;
pub mod inbound;
pub mod lanes;
pub mod media;
pub mod messages;
pub mod meta;
pub mod migrate;
pub mod nodes;
pub mod pace;
pub mod people;
pub mod prompts;
pub mod repeats;
pub mod sessions;
pub mod stats;
pub mod tasks;
pub mod tenants;
pub mod timers;
pub mod turns;
mod values;
pub mod vault;
pub mod versions;

pub use db::{Db, Error, Result, Tx};
pub use engine::Options;
