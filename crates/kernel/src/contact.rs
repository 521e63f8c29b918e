//! A customer and the ways to reach them.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, ids::ContactId};

/// A way to name a person on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// E.164 without `+` (WhatsApp's `wa_id`).
    Phone,
    /// WhatsApp's business-scoped user id (`US.1349…`).
    Bsuid,
    Email,
    Visitor,
}

impl AddressKind {
    pub fn as_str(self) -> &'static str {
        match self {
            AddressKind::Phone => "phone",
            AddressKind::Bsuid => "bsuid",
            AddressKind::Email => "email",
            AddressKind::Visitor => "visitor",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "phone" => AddressKind::Phone,
            "bsuid" => AddressKind::Bsuid,
            "email" => AddressKind::Email,
            "visitor" => AddressKind::Visitor,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub id: ContactId,
    /// What they told us or staff wrote; never the channel's profile name.
    pub name: Option<String>,
    /// Free facts that tools keep (`age`, `birthday` …); values are short texts.
    #[serde(default)]
    pub facts: std::collections::BTreeMap<String, String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
