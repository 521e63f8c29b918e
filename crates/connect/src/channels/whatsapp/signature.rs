//! Is this Meta? The set-up handshake and the signature over the raw body.

use frontdesk_kernel::{
    Secret,
    ports::channel::{Forged, Handshake, RawRequest},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use url::form_urlencoded;

use crate::hex;

/// Meta's challenges are short numbers; what we echo to strangers stays short too.
const LONGEST_CHALLENGE: usize = 512;

pub(super) fn handshake(raw: &RawRequest, tokens: &[Secret]) -> Handshake {
    let parameter = |name: &str| {
        let found = form_urlencoded::parse(raw.query.as_bytes()).find(|(n, _)| n == name);
        found.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
    };
    let (Some(mode), Some(token), Some(challenge)) =
        (parameter("hub.mode"), parameter("hub.verify_token"), parameter("hub.challenge"))
    else {
        return Handshake::Incomplete;
    };
    if challenge.len() > LONGEST_CHALLENGE {
        return Handshake::Incomplete;
    }
    // All of them are compared, so that the time tells nothing about which one is close.
    let known = tokens
        .iter()
        .filter(|t| !t.is_empty())
        .fold(Choice::from(0), |known, t| known | t.reveal().as_bytes().ct_eq(token.as_bytes()));
    if mode == "subscribe" && known.into() { Handshake::Answer(challenge) } else { Handshake::Refused }
}

/// `X-Hub-Signature-256: sha256=<hex HMAC-SHA256 of the raw body>`.
pub(super) fn verify(raw: &RawRequest, secret: &Secret) -> Result<(), Forged> {
    if secret.is_empty() {
        return Err(Forged);
    }
    let stated = raw.header("x-hub-signature-256").and_then(|h| h.strip_prefix("sha256=")).and_then(hex::decode).ok_or(Forged)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).map_err(|_| Forged)?;
    mac.update(&raw.body);
    mac.verify_slice(&stated).map_err(|_| Forged)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn get(query: &str) -> RawRequest {
        RawRequest { query: query.to_owned(), headers: Vec::new(), body: Bytes::new() }
    }

    #[test]
    fn the_challenge_is_answered_only_to_one_of_our_tokens() {
        // Two accounts may have the same one.
        let tokens = [Secret::new(""), Secret::new("first"), Secret::new("se cond+ñ"), Secret::new("first")];
        let of_length = |n| format!("hub.mode=subscribe&hub.verify_token=first&hub.challenge={}", "9".repeat(n));
        let (longest, longer, long) = (of_length(LONGEST_CHALLENGE), of_length(LONGEST_CHALLENGE + 1), of_length(10_000));
        let cases = [
            ("hub.mode=subscribe&hub.verify_token=first&hub.challenge=1158201444", Handshake::Answer("1158201444".into())),
            ("hub.challenge=a%20b&hub.verify_token=se+cond%2B%C3%B1&hub.mode=subscribe", Handshake::Answer("a b".into())),
            ("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1", Handshake::Refused),
            ("hub.mode=unsubscribe&hub.verify_token=first&hub.challenge=1", Handshake::Refused),
            ("hub.mode=subscribe&hub.verify_token=&hub.challenge=1", Handshake::Incomplete),
            ("hub.mode=subscribe&hub.verify_token=first", Handshake::Incomplete),
            ("", Handshake::Incomplete),
            (longest.as_str(), Handshake::Answer("9".repeat(LONGEST_CHALLENGE))),
            (longer.as_str(), Handshake::Incomplete),
            (long.as_str(), Handshake::Incomplete),
        ];
        for (query, expected) in cases {
            assert_eq!(handshake(&get(query), &tokens), expected, "{}", &query[..query.len().min(80)]);
        }
        assert_eq!(handshake(&get("hub.mode=subscribe&hub.verify_token=x&hub.challenge=1"), &[]), Handshake::Refused);
    }

    #[test]
    fn only_the_raw_bytes_under_the_right_secret_pass() {
        let signed = |body: &'static str, header: Option<&str>| RawRequest {
            query: String::new(),
            headers: header.map(|h| ("x-hub-signature-256".to_owned(), h.to_owned())).into_iter().collect(),
            body: Bytes::from_static(body.as_bytes()),
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(b"s3cret").unwrap();
        let body = r#"{"text":"\u00f1 😀"}"#;
        mac.update(body.as_bytes());
        let good = format!("sha256={}", hex::encode(&mac.finalize().into_bytes()));
        let secret = Secret::new("s3cret");
        assert_eq!(verify(&signed(body, Some(&good)), &secret), Ok(()));
        assert_eq!(verify(&signed(body, Some(&good.to_uppercase().replace("SHA256", "sha256"))), &secret), Ok(()));

        let short = &good[..good.len() - 2];
        for header in
            [None, Some(""), Some("sha256="), Some("sha256=zz"), Some(short), Some(&good[7..]), Some("sha256=mock_signature")]
        {
            assert_eq!(verify(&signed(body, header), &secret), Err(Forged), "{header:?}");
        }
        assert_eq!(verify(&signed(r#"{"text":"ñ 😀"}"#, Some(&good)), &secret), Err(Forged), "same JSON, other bytes");
        assert_eq!(verify(&signed(body, Some(&good)), &Secret::new("other")), Err(Forged));
        let mut empty = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        empty.update(body.as_bytes());
        let keyless = format!("sha256={}", hex::encode(&empty.finalize().into_bytes()));
        assert_eq!(verify(&signed(body, Some(&keyless)), &Secret::new("")), Err(Forged), "an unset secret opens nothing");
    }
}
