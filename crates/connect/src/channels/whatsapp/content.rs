//! What a received message consists of.

use base64::{Engine, engine::general_purpose::STANDARD};
use frontdesk_kernel::message::{Media, MediaKind, OrderItem, Part, SharedContact};
use serde_json::Value;

use super::{errors, json};
use crate::hex;

/// At least one part, or which piece is missing.
pub(super) fn parts(message: &Value) -> Result<Vec<Part>, &'static str> {
    let kind = json::id(message, "type").ok_or("a message without a type")?;
    if let Some(error) = json::list(message, "errors").first() {
        return Ok(vec![unsupported(message, &kind, errors::reason(error))]);
    }
    let content = message.get(kind.as_str()).unwrap_or(&Value::Null);
    let part = match kind.as_str() {
        "text" => Part::Text { text: json::text(content, "body").ok_or("a text message without a text")? },
        "image" | "audio" | "video" | "document" | "sticker" => Part::Media(media(&kind, content)?),
        "location" => location(content)?,
        "contacts" => Part::Contacts { contacts: json::list(message, "contacts").iter().map(shared_contact).collect() },
        "interactive" => interactive(content)?,
        "button" => button(content)?,
        "order" => order(content),
        "reaction" => Part::Reaction {
            to: json::id(content, "message_id").ok_or("a reaction to nothing")?,
            emoji: json::text(content, "emoji"),
        },
        "edit" => edit(content)?,
        "revoke" => Part::Delete { of: json::id(content, "original_message_id").ok_or("a deletion of nothing")? },
        "system" => system(content),
        "request_welcome" => Part::System { kind, text: "opened the chat".to_owned() },
        _ => unsupported(message, &kind, None),
    };
    Ok(std::iter::once(part).chain(inquired_product(message)).collect())
}

/// The product whose page the contact wrote from; without it "is this available?" has no answer.
fn inquired_product(message: &Value) -> Option<Part> {
    let product = message.get("context")?.get("referred_product")?;
    let id = json::id(product, "product_retailer_id")?;
    Some(Part::System { kind: "referred_product".to_owned(), text: format!("about product {id}") })
}

fn unsupported(message: &Value, kind: &str, detail: Option<String>) -> Part {
    // `unsupported` and `unknown` say nothing; newer payloads name the real type inside.
    let inner = message.get(kind).and_then(|inner| json::id(inner, "type")).filter(|inner| inner != "unknown");
    Part::Unsupported { kind: inner.unwrap_or_else(|| kind.to_owned()), detail }
}

fn media(kind: &str, content: &Value) -> Result<Media, &'static str> {
    let voice = content.get("voice").and_then(Value::as_bool).unwrap_or(false);
    Ok(Media {
        kind: match kind {
            "image" => MediaKind::Image,
            "audio" if voice => MediaKind::Voice,
            "audio" => MediaKind::Audio,
            "video" => MediaKind::Video,
            "sticker" => MediaKind::Sticker,
            _ => MediaKind::Document,
        },
        vendor_ref: Some(json::id(content, "id").ok_or("a file without an id")?),
        url: None,
        stored: None,
        mime: json::text(content, "mime_type"),
        sha256: json::text(content, "sha256").map(|stated| digest(&stated).map_or(stated, |bytes| hex::encode(&bytes))),
        file_name: json::text(content, "filename"),
        caption: json::text(content, "caption"),
        transcript: None,
        problem: None,
    })
}

/// A SHA-256 as the vendor writes it: hex or base64. `None` when it is neither.
pub(super) fn digest(stated: &str) -> Option<[u8; 32]> {
    let bytes = hex::decode(stated).filter(|b| b.len() == 32).or_else(|| STANDARD.decode(stated).ok())?;
    bytes.try_into().ok()
}

fn location(content: &Value) -> Result<Part, &'static str> {
    let coordinate = |key| json::number(content, key).ok_or("a location without coordinates");
    Ok(Part::Location {
        latitude: coordinate("latitude")?,
        longitude: coordinate("longitude")?,
        name: json::text(content, "name"),
        address: json::text(content, "address"),
    })
}

fn shared_contact(card: &Value) -> SharedContact {
    let name = card.get("name").unwrap_or(&Value::Null);
    let spelled = || ["first_name", "last_name"].iter().filter_map(|key| json::text(name, key)).collect::<Vec<_>>().join(" ");
    let each = |list, key| json::list(card, list).iter().filter_map(|item| json::text(item, key)).collect();
    SharedContact {
        name: json::text(name, "formatted_name").unwrap_or_else(spelled),
        phones: each("phones", "phone"),
        emails: each("emails", "email"),
    }
}

fn interactive(content: &Value) -> Result<Part, &'static str> {
    let kind = json::id(content, "type").ok_or("an interactive reply without a type")?;
    let reply = content.get(kind.as_str()).unwrap_or(&Value::Null);
    Ok(match kind.as_str() {
        "button_reply" | "list_reply" => {
            let id = json::id(reply, "id").ok_or("a choice without an id")?;
            Part::Choice { title: json::text(reply, "title").unwrap_or_else(|| id.clone()), id }
        }
        "nfm_reply" => Part::Form {
            name: json::text(reply, "name").unwrap_or_default(),
            answers: match reply.get("response_json").ok_or("a form without answers")? {
                Value::String(text) => json::clean(text).unwrap_or_default(),
                object => object.to_string(),
            },
        },
        "call_permission_reply" => Part::System { text: json::text(reply, "response").unwrap_or_default(), kind },
        _ => Part::Unsupported { kind: format!("interactive {kind}"), detail: None },
    })
}

/// A template's quick reply.
fn button(content: &Value) -> Result<Part, &'static str> {
    let (id, title) = (json::id(content, "payload"), json::text(content, "text"));
    let id = id.or_else(|| title.clone()).ok_or("a button without a payload")?;
    Ok(Part::Choice { title: title.unwrap_or_else(|| id.clone()), id })
}

fn order(content: &Value) -> Part {
    let item = |item: &Value| OrderItem {
        product: json::id(item, "product_retailer_id").unwrap_or_default(),
        quantity: json::integer(item, "quantity").unwrap_or(1),
        price: json::id(item, "item_price").unwrap_or_default(),
        currency: json::id(item, "currency").unwrap_or_default(),
    };
    Part::Order {
        catalog: json::id(content, "catalog_id").unwrap_or_default(),
        text: json::text(content, "text"),
        items: json::list(content, "product_items").iter().map(item).collect(),
    }
}

fn edit(content: &Value) -> Result<Part, &'static str> {
    let of = json::id(content, "original_message_id").ok_or("an edit of nothing")?;
    let message = content.get("message").unwrap_or(&Value::Null);
    let inner = json::id(message, "type").and_then(|kind| message.get(kind.as_str())).unwrap_or(&Value::Null);
    let text = json::text(inner, "body").or_else(|| json::text(inner, "caption"));
    Ok(Part::Edit { of, text: text.unwrap_or_default() })
}

/// The text of a changed number or id is the new one, so that it can be linked; else the vendor's sentence.
fn system(content: &Value) -> Part {
    let kind = json::id(content, "type").unwrap_or_else(|| "unknown".to_owned());
    let renamed = kind.starts_with("user_changed");
    let new = ["wa_id", "new_wa_id", "user_id"].iter().find_map(|key| json::id(content, key)).filter(|_| renamed);
    Part::System { text: new.or_else(|| json::text(content, "body")).unwrap_or_default(), kind }
}
