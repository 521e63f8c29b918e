//! Stories: a whole front desk between fakes of the vendors, on both engines.
#![expect(clippy::unwrap_used, reason = "a story says with a panic what went wrong")]

mod access_factors;
mod access_sign_in;
mod access_sso;
mod access_team;
mod agents;
mod agents_playground;
mod api;
mod booking;
mod calendar;
mod calendar_lists;
mod console;
mod contacts;
mod contacts_files;
mod deliveries;
mod endings;
mod foreign_ids;
mod http_tools;
mod http_tools_api;
mod http_tools_compat;
mod inbox;
mod inbox_media;
mod isolation;
mod leaving;
mod mcp;
mod media;
mod models;
mod people;
mod prompts_compat;
mod sending;
mod tasks;
mod templates;
mod turns;
mod webchat;
mod webhook;
