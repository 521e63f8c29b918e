//! The language of the product: types, rules, state machines and ports. No IO, no tokio, no SQL.

pub mod action;
pub mod agent;
pub mod approval;
pub mod booking;
pub mod coded;
pub mod confirm;
pub mod contact;
pub mod conversation;
pub mod decision;
pub mod effect;
pub mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod http_tool;
pub mod ids;
pub mod language;
pub mod ledger;
pub mod location;
pub mod mcp;
pub mod member;
pub mod message;
pub mod money;
pub mod oauth;
pub mod payment;
pub mod ports;
pub mod profile;
pub mod random;
pub mod receipts;
pub mod reply;
pub mod report;
pub mod scope;
pub mod search;
pub mod secret;
pub mod split;
pub mod tenant;
pub mod time;
pub mod tool;
pub mod turn;

pub use error::{ConnectorError, ErrorKind, Retry};
pub use ids::{Id, Ids};
pub use scope::Scope;
pub use secret::Secret;
pub use time::{Clock, Timestamp};
