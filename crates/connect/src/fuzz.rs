//! What is fuzzed here, by `cargo xtask fuzz`: what vendors, models, mailboxes and servers of others send, and what must hold of it.

use std::{cell::RefCell, collections::HashSet, net::IpAddr, str};

use bytes::Bytes;
use frontdesk_kernel::{
    Secret, Timestamp,
    ports::{
        channel::{Channel, EventKind, Handshake, RawRequest},
        model::{Completion, Finish, Model},
        payments::Payments,
    },
};
use jsonwebtoken::jwk::JwkSet;
use rmcp::model::{CallToolResult, ListToolsResult, ServerJsonRpcMessage};
use url::{Host, Url};

use crate::{
    channels::{webchat::WebChat, whatsapp::WhatsApp},
    http::address,
    mail::letter,
    mcp::said,
    models::{
        arguments,
        fake::{Answer, Fake, Said, endpoint, request, user},
        gemini::Gemini,
        openai_like::OpenAiLike,
    },
    payments::stripe::Stripe,
    sso::token,
};

/// A body of Meta's: read twice it says the same, and nothing in it is without an account and a bounded name.
pub fn whatsapp(data: &[u8]) {
    let raw = RawRequest { query: String::new(), headers: Vec::new(), body: Bytes::copy_from_slice(data) };
    let Ok(events) = WhatsApp.receive(&raw) else { return };
    for event in &events {
        let id = match &event.kind {
            EventKind::Message(message) => &message.vendor_id,
            EventKind::Status(status) => &status.vendor_id,
            EventKind::Notice { id, .. } | EventKind::Malformed { id, .. } => id,
        };
        assert!(!id.is_empty() && id.len() <= 600, "{event:?}");
        if let EventKind::Message(message) = &event.kind {
            assert!(!message.addresses.is_empty() && !message.parts.is_empty(), "{event:?}");
        }
    }
    assert_eq!(WhatsApp.receive(&raw).unwrap_or_default(), events);
}

/// Headers and queries that claim to be a vendor's: nobody who does not know the secret gets through.
pub fn signatures(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (line, body) = text.split_once('\n').unwrap_or((text, ""));
    let header = |name: &str| vec![(name.to_owned(), line.to_owned())];
    let raw = |headers| RawRequest { query: line.to_owned(), headers, body: Bytes::copy_from_slice(body.as_bytes()) };
    let secret = Secret::new("nobody outside knows this");
    assert!(WhatsApp.verify(&raw(header("x-hub-signature-256")), &secret).is_err());
    let secrets = [secret.clone()];
    let now = Timestamp(1_800_000_000_000);
    assert!(Stripe.verify(&raw(header("stripe-signature")), &secrets, now).is_err());
    assert!(!matches!(WhatsApp.handshake(&raw(Vec::new()), &secrets), Handshake::Answer(_)));
}

/// A report of Stripe's.
pub fn stripe(data: &[u8]) {
    if let Ok(notice) = Stripe.read(data) {
        assert!(!notice.id.is_empty() && !notice.kind.is_empty(), "{notice:?}");
        assert_eq!(Stripe.read(data).ok(), Some(notice));
    }
}

/// What a model says is turned into what a channel shows.
pub fn markdown(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let _ = (WhatsApp.format(text), WebChat.format(text));
}

/// A mail as it lies in a mailbox. The library's panics are caught where it is called, and are no finding.
pub fn letter(data: &[u8]) {
    std::panic::set_hook(Box::new(|_| {}));
    let letter = letter::read(7, data);
    let _ = std::panic::take_hook();
    assert!(letter.number == 7 && letter.text.chars().count() <= 20_000 && !letter.text.contains('\0'), "{letter:?}");
    assert!(!letter.answers.is_some_and(|id| id.is_empty() || id.contains(['<', '>'])));
}

thread_local! {
    static RUNTIME: RefCell<Option<tokio::runtime::Runtime>> = const { RefCell::new(None) };
}

/// An answer of the OpenAI dialect, streamed or whole: the same however it is cut.
pub fn openai(data: &[u8]) {
    answered(&OpenAiLike, "openai", data);
}

/// An answer of Gemini's.
pub fn gemini(data: &[u8]) {
    answered(&Gemini, "gemini", data);
}

fn answered(model: &dyn Model, vendor: &'static str, data: &[u8]) {
    let Some((kind, body)) = data.split_first() else { return };
    let (whole, told) = ask(model, vendor, *kind, body, usize::MAX);
    let (cut, told_in_pieces) = ask(model, vendor, *kind, body, usize::from(*kind >> 1) + 1);
    assert_eq!(whole, cut);
    assert_eq!(told, told_in_pieces);
    let Some(completion) = whole else { return };
    for call in &completion.calls {
        assert!(call.broken.is_some() || call.arguments.is_object(), "{call:?}");
        assert!(completion.finish != Finish::Length || call.broken.is_some(), "a call that was cut off could run: {call:?}");
    }
    assert!(completion.finish != Finish::Refused || completion.calls.is_empty(), "{completion:?}");
}

fn ask(model: &dyn Model, vendor: &'static str, kind: u8, body: &[u8], piece: usize) -> (Option<Completion>, String) {
    let mime = if kind & 1 == 0 { "text/event-stream" } else { "application/json" };
    let pieces = body.chunks(piece.min(body.len().max(1))).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let fake = Fake::answering([Answer { pieces, ..Answer::new(200, mime, "") }]);
    let mut said = Said::default();
    let completion = RUNTIME.with_borrow_mut(|runtime| {
        let runtime = runtime.get_or_insert_with(|| {
            tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime without I/O")
        });
        runtime.block_on(model.complete(&fake, &endpoint(vendor), &request(vec![user("hola")]), &mut said))
    });
    (completion.ok(), said.0)
}

/// Arguments of a tool call, as a model wrote them.
pub fn arguments(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    if let Ok(value) = arguments::parse(text) {
        assert!(value.is_object());
        assert_eq!(arguments::admit(value.clone()).ok().as_ref(), (value.to_string().len() <= 64 << 10).then_some(&value));
    }
}

/// A URL that somebody gave us, and any address: what is let out is public by a second way to decide.
pub fn url(data: &[u8]) {
    if let Ok(bytes) = <[u8; 4]>::try_from(data) {
        agrees(IpAddr::from(bytes));
    }
    if let Ok(bytes) = <[u8; 16]>::try_from(data) {
        agrees(IpAddr::from(bytes));
    }
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(url) = Url::parse(text) else { return };
    if address::check_form(&url).and_then(|()| address::check_public(&url)).is_err() {
        return;
    }
    assert!(matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none(), "{url}");
    // As whoever connects reads it: from the text of the host, not from what the parser kept.
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = host.parse::<IpAddr>() {
        assert!(!is_closed(ip), "{url} leads to {ip}");
    }
    if let Some(Host::Domain(name)) = url.host() {
        assert!(!name.is_empty() && name.trim_end_matches('.').parse::<IpAddr>().is_err(), "{url}");
    }
    let again = Url::parse(url.as_str()).expect("what was parsed can be parsed");
    assert!(address::check_public(&again).is_ok(), "{url}");
}

fn agrees(ip: IpAddr) {
    assert!(!(address::is_public(ip) && is_closed(ip)), "{ip} is let through");
}

/// By the standard library's own words for addresses.
fn is_closed(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b))
        }
        IpAddr::V6(ip) => {
            let inner = ip.to_ipv4().filter(|_| ip.segments()[..6].iter().all(|s| *s == 0 || *s == 0xffff));
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || inner.is_some_and(|ip| is_closed(IpAddr::V4(ip)))
        }
    }
}

/// What a server of tools says: an answer, its list of tools, a message of the protocol.
pub fn mcp(data: &[u8]) {
    if let Ok(result) = serde_json::from_slice::<CallToolResult>(data) {
        let _ = said::answer(result);
    }
    if let Ok(list) = serde_json::from_slice::<ListToolsResult>(data) {
        for tool in list.tools {
            assert!(said::definition(tool).input_schema.is_object());
        }
    }
    let _ = serde_json::from_slice::<ServerJsonRpcMessage>(data);
}

/// A token of a sign-in. Nobody outside has the key that made this public one.
pub fn id_token(data: &[u8]) {
    let Ok(token) = str::from_utf8(data) else { return };
    let keys: JwkSet = serde_json::from_str(KEYS).expect("a set of keys");
    let expected =
        token::Expected { issuer: "https://id.example", audience: "desk", nonce: "n", now: Timestamp(1_800_000_000_000) };
    for kid in [None, Some("e"), token::key_id(token).ok().flatten().as_deref()] {
        assert!(token::verified(token, kid, &keys, &expected).is_err());
    }
    // What a provider could sign: who it names is bounded, and it is for us.
    if let Ok(identity) = token::judged(data, &expected) {
        assert!((1..=255).contains(&identity.subject.len()) && identity.issuer == "https://id.example", "{identity:?}");
        assert!(identity.name.is_none_or(|name| name.chars().count() <= 120 && !name.contains(char::is_control)));
        assert!(identity.email.is_none_or(|email| email.contains('@') && email.len() <= 254));
    }
}

const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"e","x":"Hhp9K-kG4Y18tWiS2lP10kICDUB7kTZgW--sFAgt2i0","y":"GZd9i7zQAKa6RaSJUVBjMJ2Uwr2jSkekTcd2ySola7A"}]}"#;

/// Events of a stream.
pub fn events(data: &[u8]) {
    use crate::models::sse::Decoder;
    let Some((cut, body)) = data.split_first() else { return };
    let read = |piece: usize| {
        let mut decoder = Decoder::new(4096, 8192);
        let mut events = Vec::new();
        for piece in body.chunks(piece.max(1)) {
            events.extend(decoder.feed(piece).ok()?);
        }
        events.extend(decoder.end().ok()?);
        Some(events)
    };
    let whole = read(body.len());
    assert_eq!(whole, read(usize::from(*cut) + 1));
    let names: HashSet<usize> = whole.into_iter().flatten().map(|event| event.data.len()).collect();
    assert!(names.iter().all(|length| *length <= 3 * 8192));
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn vendors() {
        replay("whatsapp", super::whatsapp);
        replay("signatures", super::signatures);
        replay("stripe", super::stripe);
        replay("markdown", super::markdown);
    }

    #[test]
    fn letters() {
        replay("letter", super::letter);
    }

    #[test]
    fn models() {
        replay("events", super::events);
        replay("openai", super::openai);
        replay("gemini", super::gemini);
        replay("arguments", super::arguments);
    }

    #[test]
    fn the_way_out() {
        replay("url", super::url);
        replay("mcp", super::mcp);
        replay("id_token", super::id_token);
    }
}
