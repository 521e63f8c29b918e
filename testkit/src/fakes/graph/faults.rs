//! What can go wrong between the product and Meta.

use std::time::Duration;

use axum::{body::Body, response::Response};
use serde_json::{Value, json};

use super::errors;
use crate::fakes::{faults, server::Line};

/// A fault of one call. "Accepted" means: it took effect, and statuses follow.
#[derive(Debug, Clone, PartialEq)]
pub enum GraphFault {
    /// The connection is reset; nothing was accepted. (Uploads: before the body is read.)
    Reset,
    /// Accepted, then the connection is reset instead of an answer.
    AnswerLost,
    /// The same, after so long.
    LostAfter(Duration),
    /// Not accepted: this status with this body.
    Status(u16, Value),
    /// Not accepted: 429, with `Retry-After` when given.
    RateLimited { retry_after: Option<Duration> },
    /// Accepted, but a proxy on the way answers 502.
    AcceptThen502,
    /// Accepted, but the answer takes so long.
    Stall(Duration),
    /// Accepted, with a body that ends in the middle.
    InvalidJson200,
    /// Accepted, with a body that lacks the message's id.
    NoIdIn200,
    /// Not accepted: Meta's error with this code (131047, 190, 130429 …).
    VendorError(i64),
}

impl GraphFault {
    /// Bad weather on a bad day, for `Faults::storm`: mostly refusals, often a lost answer.
    pub fn weather() -> Vec<GraphFault> {
        let unavailable = || GraphFault::VendorError(131_016);
        vec![
            GraphFault::RateLimited { retry_after: None },
            GraphFault::VendorError(130_429),
            unavailable(),
            unavailable(),
            GraphFault::Reset,
            GraphFault::AnswerLost,
            GraphFault::AnswerLost,
            GraphFault::AcceptThen502,
            GraphFault::AcceptThen502,
            GraphFault::InvalidJson200,
        ]
    }

    /// The answer when this fault keeps the call from taking effect.
    pub(super) fn instead(&self, line: &Line) -> Option<Response> {
        match self {
            GraphFault::Reset => Some(line.cut()),
            GraphFault::Status(status, body) => Some(faults::json(*status, body)),
            GraphFault::RateLimited { retry_after } => Some(faults::retry_after(errors::refusal(130_429), *retry_after)),
            GraphFault::VendorError(code) => Some(errors::refusal(*code)),
            _ => None,
        }
    }

    /// What becomes of the answer to a call that took effect.
    pub(super) async fn spoil(&self, answer: Response, line: &Line) -> Response {
        match self {
            GraphFault::AnswerLost => line.cut(),
            GraphFault::LostAfter(pause) => {
                tokio::time::sleep(*pause).await;
                line.cut()
            }
            GraphFault::AcceptThen502 => faults::bad_gateway(),
            GraphFault::Stall(pause) => {
                tokio::time::sleep(*pause).await;
                answer
            }
            GraphFault::InvalidJson200 => {
                faults::raw(200, "application/json", Body::from(r#"{"messaging_product":"whatsapp","mess"#))
            }
            GraphFault::NoIdIn200 => faults::json(200, &json!({"messaging_product": "whatsapp"})),
            _ => answer,
        }
    }
}
