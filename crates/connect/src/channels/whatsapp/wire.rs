//! The JSON we send, exactly as the Graph API takes it.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
pub(super) struct Message<'a> {
    pub(super) messaging_product: Product,
    pub(super) recipient_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recipient: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context: Option<Context<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) biz_opaque_callback_data: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// Under a key that is named like `kind`.
    #[serde(flatten)]
    pub(super) content: Content<'a>,
}

#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Product {
    WhatsApp,
}

#[derive(Serialize)]
pub(super) struct Context<'a> {
    pub(super) message_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Content<'a> {
    Text(Text),
    Image(File<'a>),
    Audio(File<'a>),
    Video(File<'a>),
    Document(File<'a>),
    Sticker(File<'a>),
    Location(Location<'a>),
    Contacts(Vec<Card<'a>>),
    Reaction(Reaction<'a>),
    Interactive(Interactive<'a>),
    Template(Template<'a>),
}

impl Content<'_> {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Content::Text(_) => "text",
            Content::Image(_) => "image",
            Content::Audio(_) => "audio",
            Content::Video(_) => "video",
            Content::Document(_) => "document",
            Content::Sticker(_) => "sticker",
            Content::Location(_) => "location",
            Content::Contacts(_) => "contacts",
            Content::Reaction(_) => "reaction",
            Content::Interactive(_) => "interactive",
            Content::Template(_) => "template",
        }
    }
}

#[derive(Serialize)]
pub(super) struct Text {
    pub(super) preview_url: bool,
    pub(super) body: String,
}

/// Where the vendor finds the file: uploaded before, or at an address.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Source<'a> {
    Id(&'a str),
    Link(&'a str),
}

#[derive(Serialize)]
pub(super) struct File<'a> {
    #[serde(flatten)]
    pub(super) source: Source<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) caption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) filename: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Location<'a> {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Card<'a> {
    pub(super) name: CardName<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) phones: Vec<CardPhone<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) emails: Vec<CardEmail<'a>>,
}

/// The vendor wants one more member than the formatted name.
#[derive(Serialize)]
pub(super) struct CardName<'a> {
    pub(super) formatted_name: &'a str,
    pub(super) first_name: &'a str,
}

#[derive(Serialize)]
pub(super) struct CardPhone<'a> {
    pub(super) phone: &'a str,
}

#[derive(Serialize)]
pub(super) struct CardEmail<'a> {
    pub(super) email: &'a str,
}

/// An empty emoji takes the reaction back.
#[derive(Serialize)]
pub(super) struct Reaction<'a> {
    pub(super) message_id: &'a str,
    pub(super) emoji: &'a str,
}

#[derive(Serialize)]
pub(super) struct Interactive<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) body: Body,
    pub(super) action: Action<'a>,
}

#[derive(Serialize)]
pub(super) struct Body {
    pub(super) text: String,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Action<'a> {
    Buttons { buttons: Vec<Button<'a>> },
    List { button: Cow<'a, str>, sections: Vec<Section<'a>> },
}

#[derive(Serialize)]
pub(super) struct Button<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) reply: Reply<'a>,
}

#[derive(Serialize)]
pub(super) struct Reply<'a> {
    pub(super) id: &'a str,
    pub(super) title: String,
}

#[derive(Serialize)]
pub(super) struct Section<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    pub(super) rows: Vec<Row<'a>>,
}

#[derive(Serialize)]
pub(super) struct Row<'a> {
    pub(super) id: &'a str,
    pub(super) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Template<'a> {
    pub(super) name: &'a str,
    pub(super) language: Language<'a>,
    #[serde(skip_serializing_if = "<[Value]>::is_empty")]
    pub(super) components: &'a [Value],
}

#[derive(Serialize)]
pub(super) struct Language<'a> {
    pub(super) code: &'a str,
}

/// "Read", and, while an answer is being written, "typing …".
#[derive(Serialize)]
pub(super) struct Read<'a> {
    pub(super) messaging_product: Product,
    pub(super) status: &'static str,
    pub(super) message_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) typing_indicator: Option<Typing>,
}

#[derive(Serialize)]
pub(super) struct Typing {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}
