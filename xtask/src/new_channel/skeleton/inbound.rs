//! What SKELETON sends to us: is it really from there, and what does it say?

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Secret,
    ports::channel::{Event, Forged, RawRequest},
};

use super::{not_connected, wire::Payload};

/// Refuses everything until the provider's signature is checked here, over the raw bytes and in constant time.
pub(super) fn verify(_raw: &RawRequest, _secret: &Secret) -> Result<(), Forged> {
    Err(Forged)
}

pub(super) fn receive(raw: &RawRequest) -> Result<Vec<Event>, ConnectorError> {
    let payload: Payload = serde_json::from_slice(&raw.body)
        .map_err(|error| ConnectorError::new("skeleton", "receive", ErrorKind::Malformed, Retry::Never, error.to_string()))?;
    let mut refused = not_connected("receive");
    refused.detail = format!("{}: {} events not read", refused.detail, payload.events.len());
    Err(refused)
}
