//! Something the model may call.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A tool as shown to a model. Identity, tenant and time are never parameters: the server injects them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    pub name: String,
    pub description: String,
    /// JSON Schema (2020-12) of the arguments object, `additionalProperties: false`.
    pub parameters: Value,
}

/// What a successful tool call proves. A reply may claim exactly these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    Booked,
    Rescheduled,
    Cancelled,
    /// The contact's data were saved.
    ContactUpdated,
    HandedOver,
    Paid,
    Sent,
    /// A report was made and kept.
    ReportMade,
}

/// What a tool call came to. `content` is what the model reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    pub call: String,
    pub name: String,
    pub ok: bool,
    pub content: String,
    /// Facts for receipts, console and scripted model (`{"slots":[…]}`, `{"appointment":{…}}`); shown to the model only through `content`.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub data: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptKind>,
}
