//! What a messaging provider must teach us: translation, nothing else.
//! Retry, timing, pacing, storage, money and permission belong to the host.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;

use crate::{
    ConnectorError, Secret, Timestamp,
    contact::AddressKind,
    effect::Class,
    message::{Delivery, Media, Part, Referral},
    ports::http::Http,
};

/// A request as it came in, untouched.
#[derive(Debug, Clone)]
pub struct RawRequest {
    /// The query string after `?`, still encoded.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl RawRequest {
    pub fn header(&self, name: &str) -> Option<&str> {
        super::http::header(&self.headers, name)
    }
}

/// What a channel is and can do.
#[derive(Debug)]
pub struct About {
    /// `whatsapp`, `api` …: stored in the database, part of routes.
    pub key: &'static str,
    pub name: &'static str,
    pub limits: Limits,
    /// What is known when the answer to a send is lost (reliability: A key honoured, B echo comes, C neither).
    pub send_class: Class,
    /// Free text may go only this long after the contact's last message.
    pub window: Option<std::time::Duration>,
    /// What a message costs the business in tokens: a key of `ledger::COSTS`; `None`: nothing.
    pub cost: Option<&'static str>,
    /// The settings a person fills in to connect it.
    pub settings: &'static [Setting],
    pub media_in: bool,
    pub read_receipts: bool,
    /// We are the provider: whoever is at the other end reads the messages from us, in the order of their feed.
    pub hosted: bool,
    /// Its contacts are reached at their telephone number, also those who have not written yet.
    pub reaches_numbers: bool,
    /// Secrets that we make ourselves when nobody gives one; shown once.
    pub own_secrets: &'static [&'static str],
}

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Longest text of one message, in characters (UTF-16 is the vendor's business).
    pub text: usize,
    pub buttons: usize,
    pub button_title: usize,
    pub list_rows: usize,
    /// Longest text beside a file, or above buttons or a list.
    pub caption: usize,
    /// Messages a second for one account; 0 = no limit known.
    pub per_second: u32,
    /// Messages to one person before the slow pace begins; 0 = no limit known.
    pub pair_burst: u32,
    /// The slow pace: one message each so long.
    pub pair_interval: std::time::Duration,
}

/// One setting of a channel.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub key: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub secret: bool,
    pub required: bool,
}

/// A connected account with its credentials opened, as handed to a connector.
#[derive(Debug, Clone)]
pub struct Account {
    /// The vendor's name for it (WhatsApp: `phone_number_id`).
    pub account: String,
    pub settings: serde_json::Map<String, Value>,
    pub secrets: std::collections::BTreeMap<String, Secret>,
    /// Base URL and version of the vendor's API, from configuration.
    pub base_url: String,
    pub version: String,
}

impl Account {
    pub fn secret(&self, key: &str) -> Option<&Secret> {
        self.secrets.get(key)
    }
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.get(key).and_then(Value::as_str)
    }
}

/// The request was not signed by the vendor with this secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is missing or wrong")]
pub struct Forged;

/// One thing that came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The vendor's name of our account; empty when the payload has none.
    pub account: String,
    pub kind: EventKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    Message(Box<Inbound>),
    Status(StatusUpdate),
    /// Vendor news that is stored and not answered (template status, account update …). `id` is stable over redelivery.
    Notice {
        id: String,
        kind: String,
        body: Value,
    },
    /// A piece of the payload that could not be read; parked for a person. `id` is stable over redelivery.
    Malformed {
        id: String,
        problem: String,
        body: Value,
    },
}

/// A way to name the person, strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub kind: AddressKind,
    pub value: String,
}

/// An inbound message in our terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    pub vendor_id: String,
    /// At least one; the first is what we answer to.
    pub addresses: Vec<Address>,
    /// As the vendor shows it; never used to address the person.
    pub profile_name: Option<String>,
    pub parts: Vec<Part>,
    pub quotes: Option<String>,
    pub referral: Option<Referral>,
    /// The vendor's time; our receive time rules.
    pub sent_at: Option<Timestamp>,
    /// Forwarded by the contact from somewhere else.
    pub forwarded: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct StatusUpdate {
    pub vendor_id: String,
    pub delivery: Delivery,
    pub at: Option<Timestamp>,
    /// Our own text given at send (`biz_opaque_callback_data`).
    pub echo: Option<String>,
    pub recipient: Option<String>,
    pub code: Option<String>,
    /// The vendor's reason, for staff.
    pub reason: Option<String>,
}

/// One message to send; already within `limits` (the host splits).
#[derive(Debug, Clone)]
pub struct Outbound {
    pub to: Address,
    /// Sent as it is: the host has run `format` on the model's Markdown and split it.
    pub part: Part,
    pub quotes: Option<String>,
    /// Comes back in statuses; ≤ 512 characters.
    pub echo: String,
    /// For media: the bytes to upload first.
    pub media: Option<MediaBytes>,
}

#[derive(Debug, Clone)]
pub struct MediaBytes {
    pub mime: String,
    pub file_name: Option<String>,
    pub bytes: Bytes,
}

/// The vendor accepted the message under this id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub vendor_id: String,
}

/// A text that the vendor approved: it may open a conversation, or go out after the window has closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub name: String,
    pub language: String,
    /// The vendor's word: `UTILITY`, `MARKETING` …
    pub category: String,
    /// With blanks such as `{{1}}` or `{{name}}`, like the body.
    pub header: Option<String>,
    pub body: String,
    pub footer: Option<String>,
    pub buttons: Vec<String>,
    /// Why a text with its blanks filled in is not enough to send it: it needs a picture, an address, a code.
    pub needs_more: Option<&'static str>,
}

/// The answer to a vendor's set-up handshake (GET).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handshake {
    /// Answer 200 with this text.
    Answer(String),
    /// Wrong token: 403.
    Refused,
    /// Parameters missing or too long: 400.
    Incomplete,
}

#[async_trait]
pub trait Channel: Send + Sync + 'static {
    fn about(&self) -> &'static About;
    /// A setting as it is kept, or what is wrong with it.
    fn review(&self, _setting: &str, value: &str) -> Result<String, String> {
        Ok(value.to_owned())
    }
    /// Pure. `tokens` are the verify tokens of every account of this channel.
    fn handshake(&self, raw: &RawRequest, tokens: &[Secret]) -> Handshake;
    /// Pure: is this request signed with `secret`? Over the raw bytes, in constant time.
    fn verify(&self, raw: &RawRequest, secret: &Secret) -> Result<(), Forged>;
    /// Pure: bytes in, our types out. One bad item never hides the good ones.
    fn receive(&self, raw: &RawRequest) -> Result<Vec<Event>, ConnectorError>;
    /// Markdown as models write it → the channel's own text.
    fn format(&self, markdown: &str) -> String;
    async fn send(&self, http: &dyn Http, account: &Account, message: &Outbound) -> Result<Receipt, ConnectorError>;
    /// Shows the contact that the message was read and (when `typing`) that an answer is being written. Best effort.
    async fn mark_read(&self, http: &dyn Http, account: &Account, vendor_id: &str, typing: bool) -> Result<(), ConnectorError>;
    /// Downloads a received file; more than `max_bytes` is `TooLarge`.
    async fn fetch_media(
        &self,
        http: &dyn Http,
        account: &Account,
        media: &Media,
        max_bytes: usize,
    ) -> Result<MediaBytes, ConnectorError>;
    /// What the vendor approved for this account; a channel without a window has none.
    async fn templates(&self, _http: &dyn Http, _account: &Account) -> Result<Vec<Template>, ConnectorError> {
        Ok(Vec::new())
    }
    /// Asks the vendor whether the credentials work, without sending anything. `Ok` is a line for the operator.
    async fn check(&self, http: &dyn Http, account: &Account) -> Result<String, ConnectorError>;
}
