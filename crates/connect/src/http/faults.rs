//! What a request that came to nothing means, and how it is told: never with its address.

use std::error::Error;

use frontdesk_kernel::ports::http::HttpError;

use super::address::NoPublicAddress;

/// Only what failed before a connection stood is certainly not sent.
pub(super) fn failure(error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    if causes(&error).any(|e| e.is::<NoPublicAddress>()) {
        return HttpError::Refused(NoPublicAddress.to_string());
    }
    let text = story(&error);
    if error.is_dns() {
        HttpError::NoName(text)
    } else if error.is_connect() && causes(&error).any(is_about_tls) {
        HttpError::Untrusted(text)
    } else if error.is_connect() {
        HttpError::NotSent(text)
    } else if error.is_builder() {
        HttpError::Refused(text)
    } else if error.is_timeout() {
        HttpError::Timeout(text)
    } else {
        HttpError::Broken(text)
    }
}

/// The handshake failed: a certificate that is not theirs, expired or unknown, or no common protocol. The wrapping kinds differ, so the
/// words are asked too.
fn is_about_tls(error: &(dyn Error + 'static)) -> bool {
    let text = error.to_string();
    ["certificate", "TLS", "tls", "HandshakeFailure", "InvalidContentType", "corrupt message"]
        .iter()
        .any(|word| text.contains(word))
}

pub(super) fn word(error: &HttpError) -> &'static str {
    match error {
        HttpError::NotSent(_) | HttpError::NoName(_) | HttpError::Untrusted(_) => "not_sent",
        HttpError::Refused(_) => "refused",
        HttpError::Timeout(_) => "timeout",
        HttpError::Broken(_) => "broken",
        HttpError::TooLarge(_) => "too_large",
    }
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&e| e.source())
}

/// An error with its causes in one line: the outermost alone says only "error sending request".
pub(super) fn story(error: &(dyn Error + 'static)) -> String {
    let mut lines: Vec<String> = causes(error).map(ToString::to_string).collect();
    lines.dedup();
    lines.join(": ")
}
