//! One message out: built within the vendor's limits, sent, and its receipt read. Texts were formatted by the host.

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    contact::AddressKind,
    message::{Media, MediaKind, Part, SharedContact},
    ports::{
        channel::{Account, Address, Outbound, Receipt},
        http::{Body, Http, Method},
    },
    split::shorten,
};
use serde::Serialize;
use serde_json::Value;

use super::{
    choices,
    graph::Graph,
    json, media,
    settings::{ABOUT, limits},
    wire::{self, Content, Product, Source},
};

pub(super) async fn send(http: &dyn Http, account: &Account, message: &Outbound) -> Result<Receipt, ConnectorError> {
    let graph = Graph::open(http, account, "send")?;
    let uploaded = match (&message.part, &message.media) {
        (Part::Media(_), Some(file)) => Some(media::upload(&graph, account, file).await?),
        _ => None,
    };
    let body = build(message, uploaded.as_deref()).map_err(|why| graph.error(why.kind, Retry::Never, why.detail))?;
    let mut request = graph.request(Method::Post, &account.account, "/messages")?;
    request.body = json_body(&graph, &body)?;
    let response = graph.call(request).await?;
    let receipt = serde_json::from_slice::<Value>(&response.body).ok().and_then(|answer| {
        let vendor_id = json::id(json::list(&answer, "messages").first()?, "id")?;
        Some(Receipt { vendor_id })
    });
    receipt.ok_or_else(|| {
        graph.error(ErrorKind::Malformed, Retry::Unknown, "accepted without a message id").with_status(response.status)
    })
}

pub(super) async fn mark_read(http: &dyn Http, account: &Account, vendor_id: &str, typing: bool) -> Result<(), ConnectorError> {
    let graph = Graph::open(http, account, "mark_read")?;
    let mut request = graph.request(Method::Post, &account.account, "/messages")?;
    let read = wire::Read {
        messaging_product: Product::WhatsApp,
        status: "read",
        message_id: vendor_id,
        typing_indicator: typing.then_some(wire::Typing { kind: "text" }),
    };
    request.body = json_body(&graph, &read)?;
    graph.ask(request).await.map(drop)
}

/// Why a message cannot be expressed on this channel.
#[derive(Debug)]
struct Unsendable {
    kind: ErrorKind,
    detail: &'static str,
}

fn rejected(detail: &'static str) -> Unsendable {
    Unsendable { kind: ErrorKind::Rejected, detail }
}

fn build<'a>(message: &'a Outbound, uploaded: Option<&'a str>) -> Result<wire::Message<'a>, Unsendable> {
    let (to, recipient) = match &message.to {
        Address { kind: AddressKind::Phone, value } => (Some(format!("+{}", value.trim_start_matches('+'))), None),
        Address { kind: AddressKind::Bsuid, value } => (None, Some(value.as_str())),
        _ => return Err(rejected("WhatsApp reaches phone numbers and business-scoped user ids only")),
    };
    let content = content(&message.part, uploaded)?;
    Ok(wire::Message {
        messaging_product: Product::WhatsApp,
        recipient_type: "individual",
        to,
        recipient,
        // A reaction names its message itself.
        context: message
            .quotes
            .as_deref()
            .filter(|_| !matches!(content, Content::Reaction(_)))
            .map(|message_id| wire::Context { message_id }),
        biz_opaque_callback_data: &message.echo,
        kind: content.kind(),
        content,
    })
}

fn content<'a>(part: &'a Part, uploaded: Option<&'a str>) -> Result<Content<'a>, Unsendable> {
    Ok(match part {
        Part::Text { text } => plain(text)?,
        Part::Media(media) => file(media, uploaded)?,
        Part::Buttons { text, buttons } => match choices::buttons(buttons) {
            None => plain(text)?,
            Some(action) => interactive("button", text, action)?,
        },
        Part::List { text, button, sections } => match choices::list(button, sections) {
            None => plain(text)?,
            Some(action) => interactive("list", text, action)?,
        },
        Part::Template { name, language, components, .. } => Content::Template(wire::Template {
            name,
            language: wire::Language { code: language },
            components: match components {
                Value::Null => &[],
                Value::Array(components) => components,
                _ => return Err(rejected("the components of a template must be a list")),
            },
        }),
        Part::Location { latitude, longitude, name, address } => Content::Location(wire::Location {
            latitude: *latitude,
            longitude: *longitude,
            name: name.as_deref(),
            address: address.as_deref(),
        }),
        Part::Contacts { contacts } if contacts.is_empty() => return Err(rejected("there is no contact to share")),
        Part::Contacts { contacts } => Content::Contacts(contacts.iter().take(limits::CONTACTS).map(card).collect()),
        Part::Reaction { to, emoji } => {
            Content::Reaction(wire::Reaction { message_id: to, emoji: emoji.as_deref().unwrap_or_default() })
        }
        Part::Choice { .. }
        | Part::Form { .. }
        | Part::Order { .. }
        | Part::Edit { .. }
        | Part::Delete { .. }
        | Part::System { .. }
        | Part::Unsupported { .. } => {
            return Err(Unsendable { kind: ErrorKind::Unsupported, detail: "a business cannot send this kind of message" });
        }
    })
}

fn plain<'a>(text: &str) -> Result<Content<'a>, Unsendable> {
    Ok(Content::Text(wire::Text { preview_url: false, body: fitting(text, ABOUT.limits.text)? }))
}

fn interactive<'a>(kind: &'static str, text: &str, action: wire::Action<'a>) -> Result<Content<'a>, Unsendable> {
    let body = wire::Body { text: fitting(text, limits::BODY)? };
    Ok(Content::Interactive(wire::Interactive { kind, body, action }))
}

fn fitting(text: &str, limit: usize) -> Result<String, Unsendable> {
    match text.trim() {
        "" => Err(rejected("the message has no text")),
        text => Ok(shorten(text, limit).into_owned()),
    }
}

fn file<'a>(media: &'a Media, uploaded: Option<&'a str>) -> Result<Content<'a>, Unsendable> {
    let link = || media.url.as_deref().filter(|u| u.starts_with("https://") || u.starts_with("http://")).map(Source::Link);
    let known = || media.vendor_ref.as_deref().map(Source::Id);
    let source = uploaded
        .map(Source::Id)
        .or_else(link)
        .or_else(known)
        .ok_or_else(|| rejected("the file has neither bytes nor an address"))?;
    let caption = || media.caption.as_deref().and_then(|c| fitting(c, ABOUT.limits.caption).ok());
    let bare = wire::File { source, caption: None, filename: None };
    Ok(match media.kind {
        MediaKind::Image => Content::Image(wire::File { caption: caption(), ..bare }),
        MediaKind::Video => Content::Video(wire::File { caption: caption(), ..bare }),
        MediaKind::Document => Content::Document(wire::File { caption: caption(), filename: media.file_name.as_deref(), ..bare }),
        // Neither sound nor stickers may carry a caption.
        MediaKind::Audio | MediaKind::Voice => Content::Audio(bare),
        MediaKind::Sticker => Content::Sticker(bare),
    })
}

fn card(contact: &SharedContact) -> wire::Card<'_> {
    let name = if contact.name.is_empty() { contact.phones.first().map_or("?", String::as_str) } else { &contact.name };
    wire::Card {
        name: wire::CardName { formatted_name: name, first_name: name.split_whitespace().next().unwrap_or(name) },
        phones: contact.phones.iter().map(|phone| wire::CardPhone { phone }).collect(),
        emails: contact.emails.iter().map(|email| wire::CardEmail { email }).collect(),
    }
}

fn json_body(graph: &Graph<'_>, body: &impl Serialize) -> Result<Body, ConnectorError> {
    let bytes = serde_json::to_vec(body)
        .map_err(|_| graph.error(ErrorKind::Unexpected, Retry::Never, "the message cannot be written as JSON"))?;
    Ok(Body::Json(bytes.into()))
}
