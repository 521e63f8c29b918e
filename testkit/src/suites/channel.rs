//! The contract of a channel.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_kernel::{
    ErrorKind::{Malformed, NotFound, RateLimited, Rejected, TooLarge, Unauthorized, Unavailable, Unsupported, WindowClosed},
    Retry::{self, After, Later, Never},
    Secret,
    message::{Media, MediaKind, Part},
    ports::{
        channel::{Account, Address, Channel, EventKind, Handshake, Outbound, RawRequest},
        http::Http,
    },
    split::split,
};
use serde_json::json;

use super::assert_fails;
use crate::fakes::{FakeGraph, GraphFault, Route};

/// A channel with everything that is needed to try it.
pub struct ChannelSubject<'a> {
    pub channel: &'static dyn Channel,
    pub http: &'a dyn Http,
    pub account: Account,
    pub to: Address,
    /// A genuine webhook with one message, and the secret that signed it. `None`: nothing comes in through webhooks.
    pub webhook: Option<(RawRequest, Secret)>,
    /// The vendor. `None`: there is none, every send succeeds.
    pub vendor: Option<&'a FakeGraph>,
}

impl ChannelSubject<'_> {
    /// # Panics
    /// When the channel breaks its contract.
    pub async fn assert_keeps_its_contract(&self) {
        self.states_sensible_limits();
        self.hides_its_secrets();
        self.refuses_forged_requests();
        self.reads_a_redelivery_as_the_same_events();
        self.answers_only_its_own_handshake();
        self.sends_what_was_formatted_and_split().await;
        self.tells_faults_apart().await;
        self.marks_messages_as_read().await;
        self.fetches_files_within_their_limit().await;
        let line = self.channel.check(self.http, &self.account).await.expect("the account works");
        assert!(!line.is_empty() && !self.secrets().iter().any(|s| line.contains(s)));
        let violations = self.vendor.map(FakeGraph::violations).unwrap_or_default();
        assert!(violations.is_empty(), "{violations:#?}");
    }

    fn states_sensible_limits(&self) {
        let about = self.channel.about();
        assert!(!about.key.is_empty() && about.key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", about.key);
        assert!(about.limits.text >= 160 && about.limits.button_title > 0 && !about.name.is_empty());
        for setting in about.settings {
            assert!(!setting.label.is_empty() && !setting.help.is_empty(), "{}", setting.key);
            assert!(
                !setting.required || !setting.secret || self.account.secret(setting.key).is_some(),
                "{} is missing",
                setting.key
            );
        }
    }

    fn hides_its_secrets(&self) {
        let shown = format!("{:?} {:?}", self.account, self.channel.about());
        assert!(self.secrets().iter().all(|s| !shown.contains(s)), "{shown}");
    }

    fn refuses_forged_requests(&self) {
        let anything = RawRequest { query: String::new(), headers: Vec::new(), body: Bytes::from_static(b"{}") };
        let Some((genuine, secret)) = &self.webhook else {
            assert!(self.channel.verify(&anything, &Secret::new("s")).is_err());
            let refused = self.channel.receive(&anything);
            return assert_fails("a webhook where there is none", refused, &[Unsupported], Never, &[]);
        };
        assert!(self.channel.verify(genuine, secret).is_ok());
        let with_body = |body: Vec<u8>| RawRequest { body: body.into(), ..genuine.clone() };
        let mut flipped = genuine.body.to_vec();
        flipped[genuine.body.len() / 2] ^= 1;
        let longer = [&genuine.body[..], b" "].concat();
        for (what, forged) in [
            ("a changed byte", with_body(flipped)),
            ("a byte more", with_body(longer)),
            ("no body", with_body(Vec::new())),
            ("no signature", RawRequest { headers: Vec::new(), ..genuine.clone() }),
        ] {
            assert!(self.channel.verify(&forged, secret).is_err(), "{what} passed");
        }
        for other in ["", "another secret"] {
            assert!(self.channel.verify(genuine, &Secret::new(other)).is_err(), "the secret `{other}` passed");
        }
    }

    fn reads_a_redelivery_as_the_same_events(&self) {
        let Some((genuine, _)) = &self.webhook else { return };
        let first = self.channel.receive(genuine).expect("a genuine webhook is read");
        assert_eq!(first, self.channel.receive(genuine).expect("so is its redelivery"));
        let [event] = first.as_slice() else { panic!("one message was sent: {first:?}") };
        assert_eq!(event.account, self.account.account);
        let EventKind::Message(inbound) = &event.kind else { panic!("a message was sent: {event:?}") };
        assert!(!inbound.vendor_id.is_empty() && !inbound.addresses.is_empty() && !inbound.parts.is_empty());
        for body in [&b""[..], b"{", b"[1,2", b"\xff"] {
            let broken = RawRequest { body: Bytes::copy_from_slice(body), ..genuine.clone() };
            assert_fails("a body that is no JSON", self.channel.receive(&broken), &[Malformed], Never, &[]);
        }
    }

    fn answers_only_its_own_handshake(&self) {
        let raw = |query: &str| RawRequest { query: query.to_owned(), headers: Vec::new(), body: Bytes::new() };
        for query in ["", "a=b", "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1"] {
            let answer = self.channel.handshake(&raw(query), &[Secret::new("right")]);
            assert!(!matches!(answer, Handshake::Answer(_)), "{query} was answered");
        }
    }

    async fn sends_what_was_formatted_and_split(&self) {
        let limit = self.channel.about().limits.text;
        let markdown = "# Título\n\n**negrita** y `código` con *énfasis* 👩🏽‍🚀 y [enlace](https://example.org)\n\n";
        let long = self.channel.format(&markdown.repeat(limit / 40 + 2));
        let pieces = split(&long, limit);
        assert!(pieces.len() > 1 && pieces.iter().all(|p| p.chars().count() <= limit));
        let mut ids = Vec::new();
        for text in pieces {
            ids.push(self.send(Part::Text { text }).await.expect("a piece within the limit is accepted"));
        }
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert!(ids.iter().all(|id| !id.is_empty()) && (unique.len() == ids.len() || self.vendor.is_none()));
        for odd in ["", "*", "**", "```", "[](", "\u{202e}", "<script>", "| a |\n|--|"] {
            assert_eq!(self.channel.format(odd), self.channel.format(odd), "{odd}");
        }
    }

    async fn tells_faults_apart(&self) {
        let Some(vendor) = self.vendor else { return };
        let seven = Duration::from_secs(7);
        let secrets = self.secrets();
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        for (fault, kind, retry) in [
            (GraphFault::VendorError(190), Unauthorized, Never),
            (GraphFault::Status(401, json!({})), Unauthorized, Never),
            (GraphFault::VendorError(100), Rejected, Never),
            (GraphFault::Status(404, json!({})), NotFound, Never),
            (GraphFault::Status(413, json!({})), TooLarge, Never),
            (GraphFault::VendorError(131_047), WindowClosed, Never),
            (GraphFault::VendorError(131_056), RateLimited, After(Duration::from_secs(6))),
            (GraphFault::RateLimited { retry_after: Some(seven) }, RateLimited, After(seven)),
            (GraphFault::RateLimited { retry_after: None }, RateLimited, Later),
            (GraphFault::Status(500, json!({})), Unavailable, Retry::Unknown),
            (GraphFault::AcceptThen502, Unavailable, Retry::Unknown),
            (GraphFault::Reset, Unavailable, Retry::Unknown),
            (GraphFault::AnswerLost, Unavailable, Retry::Unknown),
            (GraphFault::InvalidJson200, Malformed, Retry::Unknown),
            (GraphFault::NoIdIn200, Malformed, Retry::Unknown),
        ] {
            vendor.faults().push(fault.clone());
            let sent = self.send(Part::Text { text: "hola".to_owned() }).await;
            assert_fails(&format!("{fault:?}"), sent, &[kind], retry, &secrets);
        }
    }

    async fn marks_messages_as_read(&self) {
        let Some(vendor) = self.vendor.filter(|_| self.channel.about().read_receipts) else { return };
        for typing in [false, true] {
            self.channel.mark_read(self.http, &self.account, "wamid.1", typing).await.expect("a read mark");
        }
        let typing: Vec<_> = vendor.read_marks().iter().map(|m| m.typing).collect();
        assert_eq!(typing, [false, true]);
        vendor.faults_of(Route::MarkRead).push(GraphFault::AcceptThen502);
        let lost = self.channel.mark_read(self.http, &self.account, "wamid.1", true).await;
        assert_fails("a lost read mark, which may be repeated", lost, &[Unavailable], Later, &[]);
    }

    async fn fetches_files_within_their_limit(&self) {
        let fetch =
            |media: Media, max: usize| async move { self.channel.fetch_media(self.http, &self.account, &media, max).await };
        let Some(vendor) = self.vendor.filter(|_| self.channel.about().media_in) else {
            return assert_fails("files where there are none", fetch(image("1"), 100).await, &[Unsupported], Never, &[]);
        };
        let kept = vendor.add_media("image/png", vec![7; 100]);
        let file = fetch(image(&kept.id), 100).await.expect("a file within the limit");
        assert_eq!((file.mime.as_str(), file.bytes.len()), ("image/png", 100));
        assert_fails("a byte too much", fetch(image(&kept.id), 99).await.map(|_| ()), &[TooLarge], Never, &[]);
        let gone = fetch(image("900000099999999"), 100).await.map(|_| ());
        assert_fails("a file that is gone", gone, &[NotFound, Rejected], Never, &[]);
    }

    async fn send(&self, part: Part) -> Result<String, frontdesk_kernel::ConnectorError> {
        let message = Outbound { to: self.to.clone(), part, quotes: None, echo: "v1.eff_1.1.mac".to_owned(), media: None };
        self.channel.send(self.http, &self.account, &message).await.map(|receipt| receipt.vendor_id)
    }

    fn secrets(&self) -> Vec<String> {
        self.account.secrets.values().map(|s| s.reveal().to_owned()).collect()
    }
}

fn image(id: &str) -> Media {
    Media {
        kind: MediaKind::Image,
        vendor_ref: Some(id.to_owned()),
        url: None,
        stored: None,
        mime: None,
        sha256: None,
        file_name: None,
        caption: None,
        transcript: None,
        problem: None,
    }
}
