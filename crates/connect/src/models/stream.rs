//! Reading a vendor's answer: as events while it is written, or as a whole.

use std::ops::ControlFlow;

use frontdesk_kernel::{
    ConnectorError,
    ports::{
        http::{Chunks, HttpError, header},
        model::CallLimits,
    },
};
use tokio::time::{Duration, Instant, timeout, timeout_at};

use super::{
    call::Call,
    sse::{Decoder, Event, TooLong},
};

/// How a stream ended.
pub(super) enum Ended {
    Orderly,
    /// The connection broke or fell silent. Whether the answer was complete by then, its reader knows.
    Cut(HttpError),
}

/// Bytes on the wire for one byte of answer: an event of some hundred bytes can carry one letter.
pub(super) const WIRE_FACTOR: usize = 16;

/// Much larger than any event with text; small enough for any machine.
const MAX_EVENT: usize = 1 << 20;

/// Hands on the data of each event until the reader has enough. Comments keep a connection alive but not a call: only events
/// count against the limits on silence.
pub(super) async fn events(
    call: Call<'_>,
    body: &mut dyn Chunks,
    limits: &CallLimits,
    read: &mut (dyn FnMut(&Event) -> Result<ControlFlow<()>, ConnectorError> + Send),
) -> Result<Ended, ConnectorError> {
    let mut decoder = Decoder::new(MAX_EVENT, MAX_EVENT);
    let too_long = |TooLong| call.too_large(MAX_EVENT);
    let mut silent = limits.first_token;
    let mut due = Instant::now() + silent;
    loop {
        let piece = match timeout_at(due, body.next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(error))) => return Ok(Ended::Cut(error)),
            Ok(None) => break,
            Err(_) => return Ok(Ended::Cut(HttpError::Timeout(format!("no event within {silent:?}")))),
        };
        let events = decoder.feed(&piece).map_err(too_long)?;
        if !events.is_empty() {
            silent = limits.gap;
            due = Instant::now() + silent;
        }
        for event in &events {
            if read(event)?.is_break() {
                finish_body(body).await;
                return Ok(Ended::Orderly);
            }
        }
    }
    if let Some(event) = decoder.end().map_err(too_long)? {
        // Nothing comes after the last event, whether the reader has enough or not.
        let _ = read(&event)?;
    }
    Ok(Ended::Orderly)
}

/// The whole body, as long as it is within `limit`.
pub(super) async fn whole(call: Call<'_>, body: &mut dyn Chunks, limit: usize) -> Result<Vec<u8>, ConnectorError> {
    let mut out = Vec::new();
    while let Some(piece) = body.next().await {
        out.extend_from_slice(&piece.map_err(|e| call.transport(e))?);
        if out.len() > limit {
            return Err(call.too_large(limit));
        }
    }
    Ok(out)
}

/// What can be had of the body of a refusal: it explains, so half of it is better than nothing.
pub(super) async fn explanation(body: &mut dyn Chunks) -> Vec<u8> {
    const ENOUGH: usize = 64 << 10;
    let mut out = Vec::new();
    while let Some(Ok(piece)) = body.next().await {
        out.extend_from_slice(&piece[..piece.len().min(ENOUGH - out.len())]);
        if out.len() == ENOUGH {
            break;
        }
    }
    out
}

pub(super) fn is_json(headers: &[(String, String)]) -> bool {
    header(headers, "content-type").is_some_and(|mime| mime.to_ascii_lowercase().contains("json"))
}

/// After the vendor's last event only the end mark of the body is due. Taking it lets the connection serve the next call.
async fn finish_body(body: &mut dyn Chunks) {
    let _ = timeout(Duration::from_millis(50), async { while let Some(Ok(_)) = body.next().await {} }).await;
}
