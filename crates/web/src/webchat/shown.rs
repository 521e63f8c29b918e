//! A message as its visitor sees it: no vendor, no trace, no name of a colleague.

use frontdesk_engine::visitors;
use frontdesk_kernel::message::{Direction, Media, MediaKind, Part, plain_text};
use frontdesk_store::feed::Entry;
use serde_json::{Value, json};

pub(super) fn shown(entry: &Entry) -> Value {
    let m = &entry.message;
    let own = m.direction == Direction::In;
    json!({
        "seq": entry.seq,
        "id": m.id,
        "client_id": m.vendor_id.as_deref().filter(|_| own).and_then(visitors::own_id),
        "author": if own { json!("visitor") } else { json!(m.author) },
        "at": m.at.to_string(),
        "parts": m.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

fn part(part: &Part) -> Value {
    match part {
        Part::Media(Media { stored: Some(id), kind, mime, file_name, caption, .. }) => json!({
            "type": "file", "id": id, "image": matches!(kind, MediaKind::Image | MediaKind::Sticker), "mime": mime, "name": file_name,
            "caption": caption,
        }),
        Part::Buttons { text, buttons } => json!({ "type": "choices", "text": text, "choices": buttons }),
        Part::List { text, sections, .. } => {
            let rows: Vec<_> = sections.iter().flat_map(|s| &s.rows).collect();
            json!({ "type": "choices", "text": text, "choices": rows })
        }
        Part::Location { latitude, longitude, name, address } => {
            json!({ "type": "location", "latitude": latitude, "longitude": longitude, "name": name, "address": address })
        }
        part => json!({ "type": "text", "text": plain_text(std::slice::from_ref(part)) }),
    }
}
