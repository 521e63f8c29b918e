//! The connector against published examples, the vendor's own schema and a scripted vendor.

mod contracts;
mod files;
mod format;
mod receive;
mod robust;
mod send;
mod templates;

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use frontdesk_kernel::{
    Secret,
    contact::AddressKind,
    message::Part,
    ports::{
        channel::{Account, Address, Channel, Event, EventKind, Inbound, Outbound, RawRequest},
        http::{Body, Http, HttpError, Request, Response, Streaming},
    },
};
use serde_json::{Value, json};

use super::WhatsApp;

const TOKEN: &str = "EAAGtest-token";
const NUMBER_ID: &str = "106540352242922";

/// Answers what it was told to, in order, and keeps what it was asked.
struct Vendor {
    answers: Mutex<VecDeque<Result<Response, HttpError>>>,
    asked: Mutex<Vec<Request>>,
}

impl Vendor {
    fn answering(answers: impl IntoIterator<Item = Result<Response, HttpError>>) -> Self {
        Vendor { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() }
    }
    fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Http for Vendor {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let next = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        next.unwrap_or_else(|| Err(HttpError::NotSent("nothing more was scripted".into())))
    }
    async fn stream(&self, _: Request) -> Result<Streaming, HttpError> {
        Err(HttpError::NotSent("this channel does not stream".into()))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "scripts mix answers and failures")]
fn answer(status: u16, body: &Value) -> Result<Response, HttpError> {
    Ok(Response { status, headers: Vec::new(), body: Bytes::from(body.to_string()) })
}

fn accepted() -> Result<Response, HttpError> {
    answer(
        200,
        &json!({"messaging_product": "whatsapp", "contacts": [{"input": "x", "wa_id": "x"}], "messages": [{"id": "wamid.OUT"}]}),
    )
}

fn account() -> Account {
    Account {
        account: NUMBER_ID.into(),
        settings: Default::default(),
        secrets: [("access_token".to_owned(), Secret::new(TOKEN))].into(),
        base_url: "https://graph.example/".into(),
        version: "v23.0".into(),
    }
}

fn outbound(part: Part) -> Outbound {
    Outbound {
        to: Address { kind: AddressKind::Phone, value: "573001234567".into() },
        part,
        quotes: None,
        echo: "v1.eff_1.1.mac".into(),
        media: None,
    }
}

fn text(text: &str) -> Part {
    Part::Text { text: text.to_owned() }
}

fn posted(body: impl Into<Bytes>) -> RawRequest {
    RawRequest { query: String::new(), headers: Vec::new(), body: body.into() }
}

fn sent_json(request: &Request) -> Value {
    match &request.body {
        Body::Json(bytes) => serde_json::from_slice(bytes).unwrap(),
        other => panic!("not JSON: {other:?}"),
    }
}

/// A payload with one change of the field `messages`.
fn payload(value: &Value) -> Value {
    let mut value = value.clone();
    value["metadata"] = json!({"display_phone_number": "15550783881", "phone_number_id": NUMBER_ID});
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
}

fn received(payload: &Value) -> Vec<Event> {
    WhatsApp.receive(&posted(payload.to_string())).unwrap()
}

/// The only event of a payload, which must be a message.
fn message(payload: &Value) -> Inbound {
    match <[Event; 1]>::try_from(received(payload)).map(|[event]| event.kind) {
        Ok(EventKind::Message(inbound)) => *inbound,
        other => panic!("not one message: {other:?}"),
    }
}

/// A message of this type from a customer with a phone number.
fn message_of(kind: &str, content: &Value) -> Value {
    json!({"from": "16505551234", "id": "wamid.IN", "timestamp": "1749416383", "type": kind, kind: content})
}

/// Vendor contracts; `None` with a loud line where they are not on this machine.
#[expect(clippy::disallowed_methods, reason = "tests find the contracts through the environment")]
fn contracts() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contracts");
    let folder = PathBuf::from(std::env::var("FRONTDESK_CONTRACTS").unwrap_or_else(|_| default.to_owned()));
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("CI").is_err(), "no vendor contracts in {}", folder.display());
    eprintln!("SKIPPED: no vendor contracts in {}; set FRONTDESK_CONTRACTS", folder.display());
    None
}

fn example(path: &str) -> Option<Value> {
    let file = contracts()?.join("examples/whatsapp").join(path);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    Some(serde_json::from_str(&text).unwrap())
}
