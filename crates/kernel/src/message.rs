//! Messages and what they are made of.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, ids::*};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    In,
    Out,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    Contact,
    Bot,
    Staff,
    /// A fixed line of ours (apology, handoff notice), not the model's words.
    System,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    Image,
    Audio,
    Voice,
    Video,
    Document,
    Sticker,
}

/// A file. `vendor_ref` is the channel's own id until `stored` says where we keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Media {
    pub kind: MediaKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_ref: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored: Option<MediaId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Hex, as the vendor states it; checked after download.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// What was said in it, once transcribed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// Why it could not be fetched or transcribed, in words for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Button {
    pub id: String,
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListRow {
    pub id: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListSection {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub rows: Vec<ListRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderItem {
    pub product: String,
    pub quantity: i64,
    /// As the vendor sent it, a decimal text.
    pub price: String,
    pub currency: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SharedContact {
    pub name: String,
    #[serde(default)]
    pub phones: Vec<String>,
    #[serde(default)]
    pub emails: Vec<String>,
}

/// A piece of a message, inbound or outbound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    Text {
        text: String,
    },
    Media(Media),
    Location {
        latitude: f64,
        longitude: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<String>,
    },
    Contacts {
        contacts: Vec<SharedContact>,
    },
    /// The contact pressed a button or chose a row of ours (or a template's button: `id` is its payload).
    Choice {
        id: String,
        title: String,
    },
    /// The contact sent a form back (WhatsApp flow); `answers` is the vendor's JSON text.
    Form {
        name: String,
        answers: String,
    },
    Order {
        catalog: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        items: Vec<OrderItem>,
    },
    /// To another message; no emoji means "taken back".
    Reaction {
        to: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        emoji: Option<String>,
    },
    /// The contact changed an earlier message.
    Edit {
        of: String,
        text: String,
    },
    /// The contact took back an earlier message.
    Delete {
        of: String,
    },
    /// The channel's own news (number changed, identity changed).
    System {
        kind: String,
        text: String,
    },
    /// Something the channel or we do not support; `kind` is the vendor's word.
    Unsupported {
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    // --- outbound only
    Buttons {
        text: String,
        buttons: Vec<Button>,
    },
    List {
        text: String,
        button: String,
        sections: Vec<ListSection>,
    },
    Template {
        name: String,
        language: String,
        /// The vendor's `components`, as JSON.
        #[serde(default)]
        components: serde_json::Value,
        /// What a person reads in the thread.
        #[serde(default)]
        preview: String,
    },
}

/// Where the contact came from (click-to-chat advertisement).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    pub source_type: Option<String>,
    pub source_id: Option<String>,
    pub source_url: Option<String>,
    pub headline: Option<String>,
    pub body: Option<String>,
    pub click_id: Option<String>,
}

/// How far an outbound message came. Order matters: it only moves up; `Failed` ends it unless it was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Queued,
    Sending,
    /// Sent, but no answer came back: being confirmed.
    Unknown,
    Sent,
    Delivered,
    Read,
    Played,
    Failed,
}

impl Delivery {
    pub const ALL: [Delivery; 8] = [
        Delivery::Queued,
        Delivery::Sending,
        Delivery::Unknown,
        Delivery::Sent,
        Delivery::Delivered,
        Delivery::Read,
        Delivery::Played,
        Delivery::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Delivery::Queued => "queued",
            Delivery::Sending => "sending",
            Delivery::Unknown => "unknown",
            Delivery::Sent => "sent",
            Delivery::Delivered => "delivered",
            Delivery::Read => "read",
            Delivery::Played => "played",
            Delivery::Failed => "failed",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "queued" => Delivery::Queued,
            "sending" => Delivery::Sending,
            "unknown" => Delivery::Unknown,
            "sent" => Delivery::Sent,
            "delivered" => Delivery::Delivered,
            "read" => Delivery::Read,
            "played" => Delivery::Played,
            "failed" => Delivery::Failed,
            _ => return None,
        })
    }
    /// The state after the vendor's news: never down; a failure does not undo a delivery.
    pub fn after(self, news: Delivery) -> Delivery {
        match (self, news) {
            (Delivery::Failed, Delivery::Delivered | Delivery::Read | Delivery::Played) => news,
            (Delivery::Failed, _) => Delivery::Failed,
            (Delivery::Delivered | Delivery::Read | Delivery::Played, Delivery::Failed) => self,
            _ => self.max(news),
        }
    }
}

/// A stored message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub direction: Direction,
    pub author: Author,
    pub parts: Vec<Part>,
    /// The vendor's id; what quotes, reactions and statuses refer to.
    pub vendor_id: Option<String>,
    /// The vendor id of the message this one quotes.
    pub quotes: Option<String>,
    pub delivery: Option<Delivery>,
    /// The vendor's reason when delivery failed, in words.
    pub failure: Option<String>,
    pub turn: Option<TurnId>,
    pub at: Timestamp,
}

/// The parts as one plain text: what history, search and the model see.
pub fn plain_text(parts: &[Part]) -> String {
    let mut out = String::new();
    for part in parts {
        let line = describe(part);
        if !line.is_empty() {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&line);
        }
    }
    out
}

fn describe(part: &Part) -> String {
    match part {
        Part::Text { text } => text.clone(),
        Part::Media(m) => {
            let what = match m.kind {
                MediaKind::Image => "image",
                MediaKind::Audio => "audio",
                MediaKind::Voice => "voice note",
                MediaKind::Video => "video",
                MediaKind::Document => "document",
                MediaKind::Sticker => "sticker",
            };
            let mut line = match (&m.transcript, &m.file_name) {
                (Some(said), _) => format!("[{what}] {said}"),
                (None, Some(name)) => format!("[{what}: {name}]"),
                (None, None) => format!("[{what}]"),
            };
            if let Some(caption) = &m.caption {
                line.push(' ');
                line.push_str(caption);
            }
            line
        }
        Part::Location { latitude, longitude, name, address } => {
            let mut line = format!("[location {latitude:.5},{longitude:.5}]");
            for extra in [name, address].into_iter().flatten() {
                line.push(' ');
                line.push_str(extra);
            }
            line
        }
        Part::Contacts { contacts } => contacts
            .iter()
            .map(|c| format!("[contact] {} {}", c.name, c.phones.join(", ")).trim_end().to_owned())
            .collect::<Vec<_>>()
            .join("\n"),
        Part::Choice { title, .. } => title.clone(),
        Part::Form { name, answers } => format!("[form {name}] {answers}"),
        Part::Order { items, text, .. } => {
            let mut line = String::from("[order]");
            for item in items {
                line.push_str(&format!(" {}× {} ({} {})", item.quantity, item.product, item.price, item.currency));
            }
            if let Some(text) = text {
                line.push(' ');
                line.push_str(text);
            }
            line
        }
        Part::Reaction { emoji: Some(emoji), .. } => format!("[reaction {emoji}]"),
        Part::Reaction { emoji: None, .. } => "[reaction removed]".into(),
        Part::Edit { text, .. } => format!("[edited] {text}"),
        Part::Delete { .. } => "[message deleted]".into(),
        Part::System { text, .. } => format!("[{text}]"),
        Part::Unsupported { kind, .. } => format!("[unsupported: {kind}]"),
        Part::Buttons { text, .. } | Part::List { text, .. } => text.clone(),
        Part::Template { preview, name, .. } if preview.is_empty() => format!("[template {name}]"),
        Part::Template { preview, .. } => preview.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delivery_only_moves_up_and_a_failure_never_undoes_a_delivery() {
        use Delivery::*;
        for (was, news, is) in [
            (Queued, Sent, Sent),
            (Unknown, Delivered, Delivered),
            (Read, Sent, Read),
            (Read, Delivered, Read),
            (Delivered, Failed, Delivered),
            (Sent, Failed, Failed),
            (Failed, Sent, Failed),
            (Failed, Delivered, Delivered),
            (Read, Played, Played),
        ] {
            assert_eq!(was.after(news), is, "{was:?} then {news:?}");
        }
    }

    #[test]
    fn parts_are_stored_with_their_type_named() {
        let parts = vec![Part::Text { text: "hola".into() }, Part::Choice { id: "b1".into(), title: "Sí".into() }];
        let json = serde_json::to_string(&parts).unwrap();
        assert_eq!(json, r#"[{"type":"text","text":"hola"},{"type":"choice","id":"b1","title":"Sí"}]"#);
        assert_eq!(serde_json::from_str::<Vec<Part>>(&json).unwrap(), parts);
        assert_eq!(plain_text(&parts), "hola\nSí");
    }
}
