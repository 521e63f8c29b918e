//! Reading a request body within limits: size, time, and size once inflated.

use std::io::Read;

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header::CONTENT_ENCODING},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

use crate::Limits;

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    TooLarge,
    TooSlow,
    Broken,
    UnknownEncoding,
}

impl Refused {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Refused::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Refused::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Refused::Broken => StatusCode::BAD_REQUEST,
            Refused::UnknownEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }
    pub(crate) fn text(self) -> &'static str {
        match self {
            Refused::TooLarge => "Payload too large",
            Refused::TooSlow => "Body took too long",
            Refused::Broken => "Body could not be read",
            Refused::UnknownEncoding => "Content-Encoding must be absent or gzip",
        }
    }
}

/// The body as the sender wrote it; gzip is opened, up to its own limit.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Bytes, Refused> {
    let raw =
        tokio::time::timeout(limits.body_timeout, collect(body, limits.body_bytes)).await.map_err(|_| Refused::TooSlow)??;
    match headers.get(CONTENT_ENCODING).map(|v| v.as_bytes()) {
        None | Some(b"identity") => Ok(raw),
        Some(b"gzip") => inflate(&raw, limits.inflated_bytes),
        Some(_) => Err(Refused::UnknownEncoding),
    }
}

async fn collect(body: Body, max: usize) -> Result<Bytes, Refused> {
    let mut stream = body.into_data_stream();
    let mut first: Option<Bytes> = None;
    let mut all = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refused::Broken)?;
        let have = first.as_ref().map_or(0, Bytes::len) + all.len();
        if have + chunk.len() > max {
            discard(stream, max).await;
            return Err(Refused::TooLarge);
        }
        // Most bodies are one chunk: it is kept as it is.
        match first.take() {
            None if all.is_empty() => first = Some(chunk),
            None => all.extend_from_slice(&chunk),
            Some(before) => {
                all.extend_from_slice(&before);
                all.extend_from_slice(&chunk);
            }
        }
    }
    Ok(first.unwrap_or_else(|| all.freeze()))
}

/// Reads on for a while without keeping anything: a sender that is still writing would see a broken connection instead of our answer.
async fn discard(mut stream: impl futures_util::Stream<Item = Result<Bytes, axum::Error>> + Unpin, max: usize) {
    let mut left = max.saturating_mul(4);
    while let Some(Ok(chunk)) = stream.next().await {
        left = left.saturating_sub(chunk.len());
        if left == 0 {
            return;
        }
    }
}

fn inflate(raw: &[u8], max: usize) -> Result<Bytes, Refused> {
    let mut out = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(raw).take(max as u64 + 1);
    decoder.read_to_end(&mut out).map_err(|_| Refused::Broken)?;
    if out.len() > max { Err(Refused::TooLarge) } else { Ok(out.into()) }
}
