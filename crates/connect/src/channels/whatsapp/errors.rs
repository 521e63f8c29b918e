//! What Meta's error codes mean, and whether the same call may be made again.

use std::{ops::RangeInclusive, time::Duration};

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Secret,
    ports::http::{HttpError, Response},
    split::{cut, shorten},
};
use serde_json::Value;

use super::{
    json::{self, scalar},
    settings::{PAIR_INTERVAL, VENDOR},
};

use ErrorKind::{
    Forbidden, NotFound, Quota, RateLimited, Rejected, TooLarge, Unauthorized, Unavailable, Unsupported, WindowClosed,
};
use Retry::{After, Later, Never};

/// Codes with one meaning whatever the HTTP status. `Forbidden` and `Quota` stop the account until a person acts.
const CODES: &[(RangeInclusive<i64>, ErrorKind, Retry)] = &[
    (0..=0, Unauthorized, Never),                         // who is this?
    (1..=2, Unavailable, Later),                          // unknown; service down
    (3..=3, Forbidden, Never),                            // the app may not call this
    (4..=4, RateLimited, Later),                          // calls of the app
    (10..=10, Forbidden, Never),                          // permission not granted
    (17..=17, RateLimited, Later),                        // calls of the user
    (100..=100, Rejected, Never),                         // invalid parameter
    (190..=190, Unauthorized, Never),                     // token expired or revoked
    (200..=299, Forbidden, Never),                        // permission of some kind
    (368..=368, Forbidden, Never),                        // blocked for policy violations
    (613..=613, RateLimited, Later),                      // calls of one kind
    (80007..=80007, RateLimited, Later),                  // calls of the business account
    (130429..=130429, RateLimited, Later),                // messages per second of the number
    (130472..=130472, Rejected, Never),                   // recipient is in an experiment group
    (130497..=130497, Rejected, Never),                   // country not allowed for this business
    (131000..=131000, Unavailable, Later),                // unknown
    (131005..=131005, Forbidden, Never),                  // access denied
    (131008..=131009, Rejected, Never),                   // parameter missing or invalid
    (131016..=131016, Unavailable, Later),                // service down
    (131021..=131021, Rejected, Never),                   // recipient is the sender
    (131026..=131026, Rejected, Never),                   // undeliverable
    (131030..=131030, Rejected, Never),                   // test number: recipient not on its list
    (131031..=131031, Forbidden, Never),                  // account locked
    (131037..=131037, Forbidden, Never),                  // display name not approved
    (131042..=131042, Quota, Never),                      // payment
    (131044..=131044, Quota, Never),                      // payment
    (131045..=131045, Forbidden, Never),                  // number not registered properly
    (131047..=131047, WindowClosed, Never),               // more than 24 hours since their last message
    (131048..=131048, Forbidden, Never),                  // too many messages marked as spam
    (131049..=131050, Rejected, Never),                   // marketing withheld by Meta; stopped by the recipient
    (131051..=131051, Unsupported, Never),                // message type
    (131052..=131053, Unavailable, Later),                // file not downloaded; not uploaded: a new upload may help
    (131056..=131056, RateLimited, After(PAIR_INTERVAL)), // too fast to this recipient
    (131057..=131057, Unavailable, Later),                // account in maintenance
    (131062..=131063, Rejected, Never),                   // not to a business-scoped id; marketing template not here
    (131064..=131064, Quota, Never),                      // messaging limit after violations
    (132000..=132999, Rejected, Never),                   // template or flow: parameters, approval, policy, paused
    (133010..=133010, Forbidden, Never),                  // number not registered
    (135000..=135000, Rejected, Never),                   // generic error with the parameters
    (137000..=137000, Rejected, Never),                   // recipient's identity changed
    (803..=803, NotFound, Never),                         // no such object
];

const LONGEST_DETAIL: usize = 300;
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);
/// Fewer digits are no phone number.
const PHONE_DIGITS: usize = 7;
/// Fewer letters and digits in a row are no token.
const TOKEN_CHARS: usize = 24;

/// No answer came back from a call that may have changed something.
pub(super) fn no_answer(operation: &'static str, error: &HttpError) -> ConnectorError {
    let (kind, retry) = match error {
        HttpError::NotSent(_) | HttpError::NoName(_) | HttpError::Untrusted(_) => (Unavailable, Later),
        HttpError::Refused(_) => (Rejected, Never),
        HttpError::Timeout(_) => (ErrorKind::Timeout, Retry::Unknown),
        HttpError::Broken(_) => (Unavailable, Retry::Unknown),
        HttpError::TooLarge(_) => (TooLarge, Retry::Unknown),
    };
    ConnectorError::new(VENDOR, operation, kind, retry, masked(&error.to_string()))
}

/// The vendor answered with something other than 2xx.
pub(super) fn refusal(operation: &'static str, response: &Response, token: &Secret) -> ConnectorError {
    let body = serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
    let error = body.get("error").unwrap_or(&Value::Null);
    let code = json::integer(error, "code");
    let (kind, retry) = meaning(code, response.status);
    let retry = match (kind, retry_after(response)) {
        (RateLimited, Some(wait)) => After(wait),
        _ => retry,
    };
    let mut words = words(error).unwrap_or_else(|| "no reason given".to_owned());
    if !token.is_empty() {
        words = words.replace(token.reveal(), "[token]");
    }
    let refused = ConnectorError::new(VENDOR, operation, kind, retry, masked(&words)).with_status(response.status);
    match code {
        Some(code) => refused.with_code(code.to_string()),
        None => refused,
    }
}

/// The same for a call that changes nothing when repeated: no outcome is unknown.
pub(super) fn repeatable(mut error: ConnectorError) -> ConnectorError {
    if error.retry == Retry::Unknown {
        error.retry = Later;
    }
    error
}

/// The code of an error inside a webhook.
pub(super) fn code(error: &Value) -> Option<String> {
    error.get("code").and_then(scalar).map(|c| c.into_owned())
}

/// `131047: Re-engagement message (More than 24 hours …)`, without numbers of people.
pub(super) fn reason(error: &Value) -> Option<String> {
    let words = words(error).map(|w| masked(&w));
    match (code(error), words) {
        (Some(code), Some(words)) => Some(format!("{code}: {words}")),
        (code, words) => code.or(words),
    }
}

fn meaning(code: Option<i64>, status: u16) -> (ErrorKind, Retry) {
    let known = code.and_then(|c| CODES.iter().find(|(codes, ..)| codes.contains(&c)));
    match known {
        // "Something went wrong here" does not say before or after the message left.
        Some((_, Unavailable, _)) if status >= 500 => (Unavailable, Retry::Unknown),
        Some((_, Rejected, _)) if status == 404 => (NotFound, Never),
        Some((_, kind, retry)) => (*kind, *retry),
        None => by_status(status),
    }
}

fn by_status(status: u16) -> (ErrorKind, Retry) {
    match status {
        401 => (Unauthorized, Never),
        403 => (Forbidden, Never),
        404 | 410 => (NotFound, Never),
        408 | 409 => (Unavailable, Retry::Unknown),
        413 => (TooLarge, Never),
        429 => (RateLimited, Later),
        400..=499 => (Rejected, Never),
        500.. => (Unavailable, Retry::Unknown),
        _ => (ErrorKind::Unexpected, Retry::Unknown),
    }
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

/// `title (details)`, whichever of them exist.
fn words(error: &Value) -> Option<String> {
    let title = json::text(error, "title").or_else(|| json::text(error, "message"));
    let details = error
        .get("error_data")
        .and_then(|data| json::text(data, "details"))
        .or_else(|| json::text(error, "error_user_msg"))
        .filter(|details| title.as_ref() != Some(details));
    match (title, details) {
        (Some(title), Some(details)) => Some(format!("{title} ({details})")),
        (title, details) => title.or(details),
    }
}

/// Without anything that looks like a phone number or a token, and of bounded length.
fn masked(text: &str) -> String {
    let mut rest = cut(text, 4 * LONGEST_DETAIL);
    let mut out = String::with_capacity(rest.len());
    while let Some(first) = rest.chars().next() {
        let number = leading(rest, |c| c.is_ascii_digit() || "-.() ".contains(c)).trim_end_matches(|c: char| !c.is_ascii_digit());
        let word = leading(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let taken = if first.is_ascii_digit() && number.bytes().filter(u8::is_ascii_digit).count() >= PHONE_DIGITS {
            out.push_str("[number]");
            number.len()
        } else if word.len() >= TOKEN_CHARS {
            out.push_str("[token]");
            word.len()
        } else {
            out.push(first);
            first.len_utf8()
        };
        rest = &rest[taken..];
    }
    shorten(&out, LONGEST_DETAIL).into_owned()
}

fn leading(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c| !belongs(c)).unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;

    fn answer(status: u16, code: Option<i64>) -> Response {
        let body = code.map_or(Value::Null, |code| json!({"error": {"message": "m", "type": "OAuthException", "code": code}}));
        Response { status, headers: Vec::new(), body: Bytes::from(body.to_string()) }
    }

    #[test]
    fn codes_rule_and_the_status_speaks_where_there_is_no_known_code() {
        use ErrorKind::*;
        let six = Retry::After(Duration::from_secs(6));
        let cases = [
            (401, Some(190), Unauthorized, Never),
            (401, Some(0), Unauthorized, Never),
            (403, Some(10), Forbidden, Never),
            (403, Some(294), Forbidden, Never),
            (400, Some(100), Rejected, Never),
            (404, Some(100), NotFound, Never),
            (429, Some(4), RateLimited, Later),
            (429, Some(80007), RateLimited, Later),
            (400, Some(130429), RateLimited, Later),
            (400, Some(131056), RateLimited, six),
            (400, Some(131048), Forbidden, Never),
            (400, Some(131047), WindowClosed, Never),
            (400, Some(131026), Rejected, Never),
            (400, Some(131050), Rejected, Never),
            (400, Some(131051), Unsupported, Never),
            (400, Some(131053), Unavailable, Later),
            (400, Some(131042), Quota, Never),
            (400, Some(132015), Rejected, Never),
            (400, Some(131000), Unavailable, Later),
            (500, Some(131000), Unavailable, Retry::Unknown),
            (500, Some(2), Unavailable, Retry::Unknown),
            (500, Some(190), Unauthorized, Never),
            (400, Some(999_999), Rejected, Never),
            (401, None, Unauthorized, Never),
            (403, None, Forbidden, Never),
            (404, None, NotFound, Never),
            (408, None, Unavailable, Retry::Unknown),
            (409, None, Unavailable, Retry::Unknown),
            (413, None, TooLarge, Never),
            (418, None, Rejected, Never),
            (429, None, RateLimited, Later),
            (502, None, Unavailable, Retry::Unknown),
            (302, None, Unexpected, Retry::Unknown),
        ];
        for (status, code, kind, retry) in cases {
            let error = refusal("send", &answer(status, code), &Secret::new("t"));
            assert_eq!((error.kind, error.retry), (kind, retry), "HTTP {status}, code {code:?}");
            assert_eq!((error.status, error.code), (Some(status), code.map(|c| c.to_string())));
        }
    }

    #[test]
    fn the_vendor_may_say_how_long_to_wait_but_not_for_ever() {
        for (header, expected) in [("30", 30), ("999999", 3600)] {
            let mut response = answer(429, Some(130_429));
            response.headers.push(("retry-after".into(), header.into()));
            assert_eq!(refusal("send", &response, &Secret::new("t")).retry, After(Duration::from_secs(expected)));
        }
        let mut dated = answer(429, None);
        dated.headers.push(("retry-after".into(), "Wed, 21 Oct 2026 07:28:00 GMT".into()));
        assert_eq!(refusal("send", &dated, &Secret::new("t")).retry, Later);
        let mut expired = answer(401, Some(190));
        expired.headers.push(("retry-after".into(), "30".into()));
        assert_eq!(refusal("send", &expired, &Secret::new("t")).retry, Never);
    }

    #[test]
    fn no_number_and_no_token_reaches_the_operator() {
        let token = format!("EAAG{}", "x1Y2z3".repeat(20));
        let error = json!({"error": {
            "message": format!("(#131030) Recipient +57 300-123 4567 / 573001234567 / US.13491208655302741918, token {token}, tiny"),
            "code": 131_030,
            "error_data": {"details": "since 24 hours; see row 12"},
        }});
        let response = Response { status: 400, headers: Vec::new(), body: Bytes::from(error.to_string()) };
        let shown = refusal("send", &response, &Secret::new("tiny")).to_string();
        for hidden in ["4567", "300", "1349", "EAAG", "tiny"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        for kept in ["131030", "Recipient +[number]", "since 24 hours; see row 12"] {
            assert!(shown.contains(kept), "{kept} not in {shown}");
        }
        assert_eq!(masked("v1a2b3 is 12 of 2026"), "v1a2b3 is 12 of 2026");
        assert_eq!(masked(&"é1 ".repeat(400)).chars().count(), LONGEST_DETAIL);
    }

    #[test]
    fn an_error_in_a_webhook_is_told_in_one_line() {
        let full =
            json!({"code": 131_047, "title": "Re-engagement message", "message": "x", "error_data": {"details": "Too late."}});
        assert_eq!(reason(&full).as_deref(), Some("131047: Re-engagement message (Too late.)"));
        assert_eq!(reason(&json!({"code": "5"})).as_deref(), Some("5"));
        assert_eq!(reason(&json!({"message": "m", "error_data": {"details": "m"}})).as_deref(), Some("m"));
        assert_eq!((reason(&Value::Null), code(&Value::Null)), (None, None));
    }

    #[test]
    fn an_answer_that_got_lost_leaves_it_open_whether_the_call_was_carried_out() {
        for (error, retry) in [
            (HttpError::NotSent("dns".into()), Later),
            (HttpError::Refused("private address".into()), Never),
            (HttpError::Timeout("10 s".into()), Retry::Unknown),
            (HttpError::Broken("reset".into()), Retry::Unknown),
            (HttpError::TooLarge(1), Retry::Unknown),
        ] {
            let lost = no_answer("send", &error);
            assert_eq!(lost.retry, retry, "{error}");
            assert_ne!(repeatable(lost).retry, Retry::Unknown);
        }
    }
}
