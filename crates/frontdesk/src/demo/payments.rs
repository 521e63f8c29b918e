//! What the demo's customers paid, through a till that only pretends; one of them wants their money back.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use frontdesk_engine::{
    inbox::{self, Accepted},
    payments::{KEY_FIELD, SECRET_FIELD},
};
use frontdesk_kernel::{
    Id, Scope, Secret, Timestamp,
    booking::Service,
    contact::{AddressKind, Contact},
    message::{Author, Direction, Message, Part},
    payment::{Payment, State},
    ports::{
        channel::{Address, RawRequest},
        payments::MOCK,
    },
};
use frontdesk_store::{
    Tx,
    channels::Channel,
    conversations, messages,
    payments::{self as rows},
    tills::Till,
    vault::Vault,
};
use serde::Deserialize;
use serde_json::json;

use super::{Keyed, find};
use crate::{
    app::App,
    random::{self, RandomIds},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DemoPayment {
    days_ago: u32,
    /// What was paid for, at its price.
    service: String,
    contact: String,
    /// What the customer writes when the demo opens.
    #[serde(default)]
    asks: Option<String>,
}

/// A payment, and the line that its customer got.
pub(super) struct Paid {
    payment: Payment,
    address: Address,
    message: Message,
    channel: Channel,
}

/// Whose words, from which number.
pub(super) type Asked = Vec<(String, String)>;

pub(super) fn made(
    demo: Vec<DemoPayment>,
    line: &Channel,
    services: &Keyed<Service>,
    people: &Keyed<Contact>,
    now: Timestamp,
) -> Result<(Vec<Paid>, Asked)> {
    let (mut all, mut asked) = (Vec::new(), Vec::new());
    for d in demo {
        let (service, contact) = (find(services, &d.service)?, find(people, &d.contact)?);
        let amount = service.price.clone().with_context(|| format!("{} has no price", d.service))?;
        let paid_at = now.minus(DAY * d.days_ago);
        let id = Id::new(&RandomIds, paid_at);
        let text = format!("✅ Recibimos tu pago de {amount}: {}.", service.name);
        let conversation = Id::new(&RandomIds, paid_at);
        let payment = Payment {
            reference: format!("demo/{}", d.contact),
            contact: contact.id.clone(),
            conversation: Some(conversation),
            appointment: None,
            amount,
            description: service.name.clone(),
            state: State::Paid,
            refunded: 0,
            vendor: MOCK.to_owned(),
            vendor_link: None,
            vendor_payment: Some(format!("mock_{id}")),
            url: None,
            problem: None,
            created_at: paid_at.minus(Duration::from_secs(600)),
            paid_at: Some(paid_at),
            ended_at: None,
            ended: None,
            updated_at: paid_at,
            id,
        };
        let message = Message {
            id: Id::new(&RandomIds, paid_at),
            conversation: payment.conversation.clone().context("it has just been given one")?,
            direction: Direction::Out,
            author: Author::System,
            parts: vec![Part::Text { text }],
            vendor_id: None,
            quotes: None,
            delivery: None,
            failure: None,
            turn: None,
            at: paid_at,
        };
        let address = Address { kind: AddressKind::Phone, value: d.contact.clone() };
        all.push(Paid { payment, address, message, channel: line.clone() });
        asked.extend(d.asks.map(|words| (d.contact, words)));
    }
    Ok((all, asked))
}

pub(super) async fn keep(tx: &mut Tx, scope: &Scope, paid: &Paid) -> frontdesk_store::Result<()> {
    let (payment, message, at) = (&paid.payment, &paid.message, paid.message.at);
    conversations::open(tx, scope, &message.conversation, &paid.channel.id, &payment.contact, &paid.address, at).await?;
    messages::insert(tx, scope, message).await?;
    rows::insert(tx, scope, payment).await?;
    rows::keep(tx, scope, payment).await.map(drop)
}

/// Its key opens nothing anywhere.
pub(super) fn till(vault: &Vault, scope: &Scope, now: Timestamp) -> Till {
    let seal = |field| vault.seal(scope, field, &Secret::new(random::text(24)), random::bytes());
    Till {
        tenant: scope.tenant().clone(),
        vendor: MOCK.to_owned(),
        sealed_key: seal(KEY_FIELD),
        sealed_secrets: vec![seal(SECRET_FIELD)],
        rules: serde_json::Map::new(),
        updated_at: now,
    }
}

/// Comes in as every message of a customer does; the agent answers it when the workers start.
pub(super) async fn ask_back(app: &App, line: &Channel, asked: &Asked, now: Timestamp) -> Result<()> {
    let desk = app.desk()?;
    let channel = desk.channel(&line.kind).context("the demo's channel is not built in")?;
    for (number, text) in asked {
        let message = json!({ "from": number, "id": format!("wamid.demo_{number}"), "timestamp": (now.0 / 1000).to_string(),
            "type": "text", "text": { "body": text } });
        let value = json!({ "messaging_product": "whatsapp", "metadata": { "phone_number_id": line.account },
            "contacts": [{ "wa_id": number }], "messages": [message] });
        let webhook = json!({ "object": "whatsapp_business_account", "entry": [
            { "id": "demo", "changes": [{ "field": "messages", "value": value }] },
        ] });
        let raw = RawRequest { query: String::new(), headers: Vec::new(), body: Bytes::from(webhook.to_string()) };
        let accepted = inbox::accept(&desk, channel, &raw).await?;
        ensure!(matches!(accepted, Accepted::Stored { .. }), "the demo's customer was not understood: {accepted:?}");
    }
    Ok(())
}
