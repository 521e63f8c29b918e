//! Stories: a whole front desk between fakes of the vendors, on both engines.
#![expect(clippy::unwrap_used, reason = "a story says with a panic what went wrong")]

mod booking;
mod people;
mod sending;
mod webhook;
