//! Business credit: an account per business, an append-only ledger whose sums are the account, and what is reserved for work under way.
//!
//! Whoever changes an account takes its row first; on PostgreSQL everybody else waits there until the unit of work is over. So what is
//! read after it is true until the commit, and a balance for k actions lets k of them through, however many ask at once.

pub mod account;
pub mod alerts;
pub mod entries;
pub mod holds;
pub mod orders;
pub mod people;
pub mod spent;
