//! The store on both engines: what holds on SQLite holds on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test says with a panic what went wrong")]

#[macro_use]
mod harness;

mod access;
mod agents;
mod appointments;
mod approvals;
mod audit;
mod backup;
mod calendar;
mod channels;
mod complete;
mod contact_history;
mod contact_search;
mod contacts;
mod conversations;
mod counters;
mod db;
mod echoes;
mod effects;
mod feed;
mod http_tools;
mod imports;
mod inbound;
mod isolation;
mod lanes;
mod locations;
mod macros;
mod media;
mod merges;
mod messages;
mod meta;
mod migrate;
mod neighbours;
mod nodes;
mod notes;
mod people;
mod policies;
mod postgres;
mod prompts;
mod relay;
mod repeats;
mod search;
mod sessions;
mod sqlite;
mod stats;
mod tasks;
mod tenants;
mod threads;
mod timers;
mod turns;
mod uploads;
mod versions;
mod zombies;
