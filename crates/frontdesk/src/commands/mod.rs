//! One file per command.

pub(crate) mod agent;
pub(crate) mod backup;
pub(crate) mod bench;
pub(crate) mod channel;
pub(crate) mod chat;
pub(crate) mod contact;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod input;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod openapi;
mod output;
mod place;
pub(crate) mod replay;
pub(crate) mod restore;
pub(crate) mod resume;
mod running;
pub(crate) mod serve;
pub(crate) mod tenant;
pub(crate) mod token;
pub(crate) mod trace;
pub(crate) mod user;
