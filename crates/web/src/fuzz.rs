//! What is fuzzed here, by `cargo xtask fuzz`: files, headers and bodies of requests, and what must hold of them.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, HeaderValue, header},
};
use serde_json::Value;

use crate::{
    api::media,
    kit::{authenticate, body, client},
    webchat::sniff,
};

/// A file of a visitor: what is taken is bounded, and text is no page.
pub fn file(data: &[u8]) {
    if let Ok(found) = sniff::sniff(data) {
        let text = data.to_ascii_lowercase();
        let holds = |mark: &[u8]| text.windows(mark.len()).any(|window| window == mark);
        assert!(
            !found.mime.starts_with("text/") || !(holds(b"<script") || holds(b"<html") || holds(b"<svg") || data.contains(&0))
        );
        assert_eq!(found.image, found.mime.starts_with("image/"));
    }
    for mime in ["image/png", "text/html", "image/svg+xml", "application/pdf", "audio/ogg"] {
        let shown = media::kinds::is_shown(mime, data);
        assert!(!shown || !matches!(mime, "text/html" | "image/svg+xml" | "application/pdf"), "{mime}");
    }
}

/// Headers that say who asks, and from where.
pub fn headers(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let mut headers = HeaderMap::new();
    for name in [header::COOKIE, header::AUTHORIZATION, header::HeaderName::from_static("x-forwarded-for")] {
        headers.insert(name, value.clone());
    }
    if let Some(cookie) = authenticate::cookie(&headers, "frontdesk") {
        assert!(!cookie.contains(';'));
    }
    assert!(authenticate::bearer(&headers).is_none_or(|key| !key.is_empty() && key == key.trim()));
    let (stranger, proxy): (IpAddr, IpAddr) = ([192, 0, 2, 7].into(), [10, 0, 0, 1].into());
    let mut extensions = Extensions::new();
    extensions.insert(ConnectInfo(SocketAddr::new(stranger, 1)));
    assert_eq!(client::address(&extensions, &headers, &[proxy]), Some(stranger), "a stranger was believed");
    extensions.insert(ConnectInfo(SocketAddr::new(proxy, 1)));
    assert!(client::address(&extensions, &headers, &[proxy]).is_some());
}

/// A body of the API: what is read can be stored.
pub fn json_body(data: &[u8]) {
    if let Ok(value) = body::read::<Value>(data) {
        assert!(!holds_nul(&value), "a NUL got through: {value}");
    }
}

/// In a text or a name; a backslash that is followed by `u0000` is none.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn requests() {
        replay("file", super::file);
        replay("headers", super::headers);
        replay("json_body", super::json_body);
    }
}
