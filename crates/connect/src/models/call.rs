//! One call to a vendor, as its errors name it.

use std::time::Duration;

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    ports::{
        http::{HttpError, header},
        model::Endpoint,
    },
};

/// Who is called, for what. Makes the errors of that call; each may be made again, for a model call changes nothing.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) operation: &'static str,
}

/// What the vendor said when it refused.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// Of HTTP, or the one the body claims when the refusal came inside a 200.
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) message: String,
    pub(super) retry_after: Option<Duration>,
}

impl Call<'_> {
    pub(super) fn error(&self, kind: ErrorKind, retry: Retry, detail: impl Into<String>) -> ConnectorError {
        ConnectorError::new(self.endpoint.vendor, self.operation, kind, retry, detail)
    }

    pub(super) fn malformed(&self, detail: impl Into<String>) -> ConnectorError {
        self.error(ErrorKind::Malformed, Retry::Later, detail)
    }

    /// The parser's own words would quote the answer, and with it the contact.
    pub(super) fn unreadable(&self, what: &str, error: &serde_json::Error) -> ConnectorError {
        let (line, column) = (error.line(), error.column());
        self.malformed(format!("{what}: {:?} error at line {line} column {column}", error.classify()))
    }

    pub(super) fn too_large(&self, limit: usize) -> ConnectorError {
        self.error(ErrorKind::TooLarge, Retry::Later, format!("the answer is larger than {limit} bytes"))
    }

    pub(super) fn transport(&self, error: HttpError) -> ConnectorError {
        let (kind, retry) = match &error {
            HttpError::NotSent(_) | HttpError::NoName(_) | HttpError::Untrusted(_) | HttpError::Broken(_) => {
                (ErrorKind::Unavailable, Retry::Later)
            }
            HttpError::Timeout(_) => (ErrorKind::Timeout, Retry::Later),
            HttpError::TooLarge(_) => (ErrorKind::TooLarge, Retry::Later),
            HttpError::Refused(_) => (ErrorKind::Rejected, Retry::Never),
        };
        self.error(kind, retry, error.to_string())
    }

    pub(super) fn refused(&self, kind: ErrorKind, retry: Retry, refusal: Refusal) -> ConnectorError {
        let detail = match refusal.message.trim() {
            "" => "the vendor gave no reason".to_owned(),
            said => presentable(said, self.endpoint),
        };
        let mut error = self.error(kind, retry, detail);
        error.status = refusal.status;
        error.code = refusal.code.map(|code| presentable(&code, self.endpoint));
        error
    }
}

/// What an HTTP status means for a call that changes nothing.
pub(super) fn by_status(status: u16, retry_after: Option<Duration>) -> (ErrorKind, Retry) {
    let later = retry_after.map_or(Retry::Later, Retry::After);
    match status {
        401 => (ErrorKind::Unauthorized, Retry::Never),
        402 => (ErrorKind::Quota, Retry::Never),
        403 => (ErrorKind::Forbidden, Retry::Never),
        404 => (ErrorKind::NotFound, Retry::Never),
        413 => (ErrorKind::TooLarge, Retry::Never),
        408 | 409 | 500..=599 => (ErrorKind::Unavailable, later),
        429 => (ErrorKind::RateLimited, later),
        300..=499 => (ErrorKind::Rejected, Retry::Never),
        _ => (ErrorKind::Unexpected, later),
    }
}

/// The wait that the vendor asks for. A date is not read: there is no clock here, and model vendors send seconds.
pub(super) fn retry_after(headers: &[(String, String)]) -> Option<Duration> {
    let number = |name| header(headers, name).and_then(|value| value.trim().parse::<f64>().ok());
    let seconds = number("retry-after-ms").map(|ms| ms / 1000.0).or_else(|| number("retry-after"))?;
    wait_of(seconds)
}

/// A wait in seconds, when it is one.
pub(super) fn wait_of(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().map(|wait| wait.min(LONGEST_WAIT))
}

/// A model's name within a path. The slash of `author/model` separates segments; what a path cannot hold is escaped.
pub(super) fn path_of(model: &str) -> String {
    let mut out = String::with_capacity(model.len());
    for byte in model.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);
const LONGEST_DETAIL: usize = 300;

/// A vendor's words for the operator: short, in one line, without anything that looks like a key.
fn presentable(text: &str, endpoint: &Endpoint) -> String {
    let text = match endpoint.key.as_ref().map(|key| key.reveal()) {
        Some(key) if !key.is_empty() => text.replace(key, MASK),
        _ => text.to_owned(),
    };
    let mut out = String::with_capacity(text.len().min(LONGEST_DETAIL));
    for word in text.split_inclusive(|c: char| !is_key_letter(c)) {
        let body = word.trim_end_matches(|c: char| !is_key_letter(c));
        if is_key_like(body) {
            out.push_str(MASK);
            out.push_str(&word[body.len()..]);
        } else {
            out.push_str(word);
        }
    }
    let line: Vec<&str> = out.split_whitespace().collect();
    let line = line.join(" ");
    match line.char_indices().nth(LONGEST_DETAIL) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

const MASK: &str = "[masked]";

fn is_key_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*')
}

fn is_key_like(word: &str) -> bool {
    const PREFIXES: [&str; 8] = ["sk-", "sk_", "gsk_", "rk_", "pk-", "pk_", "AIza", "xai-"];
    let random = |word: &str| {
        word.len() >= 32
            && word.bytes().all(|b| b.is_ascii_alphanumeric())
            && word.bytes().any(|b| b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_alphabetic())
    };
    PREFIXES.iter().any(|prefix| word.len() > prefix.len() && word.starts_with(prefix)) || random(word)
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::Secret;

    use super::*;
    use crate::models::fake::endpoint;

    #[test]
    fn a_vendors_words_are_shown_without_keys_and_at_length_300() {
        let endpoint = Endpoint { key: Some(Secret::new("my-own.key")), ..endpoint("openai") };
        for (said, shown) in [
            ("Incorrect API key provided: sk-abc***xyz. Find yours", "Incorrect API key provided: [masked]. Find yours"),
            ("key=sk-proj-A_1-b, gsk_77aa!", "key=[masked], [masked]!"),
            ("bad `my-own.key` here", "bad `[masked]` here"),
            ("AIzaSyD4 and 0123456789abcdef0123456789abcdef", "[masked] and [masked]"),
            ("the model gpt-4o-mini-2024-07-18 is\r\n  unknown", "the model gpt-4o-mini-2024-07-18 is unknown"),
            ("ask-me risk-free sk-", "ask-me risk-free sk-"),
        ] {
            assert_eq!(presentable(said, &endpoint), shown);
        }
        assert_eq!(presentable(&"ñ ".repeat(400), &endpoint).chars().count(), 301);
    }

    #[test]
    fn the_wait_is_read_from_either_header() {
        for (name, value, expected) in [
            ("retry-after", "7", Some(7_000)),
            ("retry-after", " 0.5 ", Some(500)),
            ("retry-after-ms", "250", Some(250)),
            ("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT", None),
            ("retry-after", "-1", None),
            ("retry-after", "NaN", None),
            ("retry-after", "1e300", None),
            ("retry-after", "999999999", Some(24 * 3_600_000)),
            ("x-other", "7", None),
        ] {
            let headers = [(name.to_owned(), value.to_owned())];
            assert_eq!(retry_after(&headers), expected.map(Duration::from_millis), "{name}: {value}");
        }
    }

    #[test]
    fn every_broken_transport_may_be_tried_again_unless_the_address_is_refused() {
        let endpoint = endpoint("openai");
        let call = Call { endpoint: &endpoint, operation: "complete" };
        for (error, kind, retry) in [
            (HttpError::NotSent("x".into()), ErrorKind::Unavailable, Retry::Later),
            (HttpError::Broken("x".into()), ErrorKind::Unavailable, Retry::Later),
            (HttpError::Timeout("x".into()), ErrorKind::Timeout, Retry::Later),
            (HttpError::TooLarge(1), ErrorKind::TooLarge, Retry::Later),
            (HttpError::Refused("x".into()), ErrorKind::Rejected, Retry::Never),
        ] {
            let error = call.transport(error);
            assert_eq!((error.kind, error.retry, error.vendor, error.operation), (kind, retry, "openai", "complete"));
        }
    }
}
