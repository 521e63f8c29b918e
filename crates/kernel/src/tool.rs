//! Something the model may call.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

/// A tool as shown to a model. Identity, tenant and time are never parameters: the server injects them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    pub name: String,
    pub description: String,
    /// JSON Schema (2020-12) of the arguments object, `additionalProperties: false`.
    pub parameters: Schema,
}

/// A JSON Schema and its text, which is written once: a model is told it with every call.
#[derive(Debug, Clone)]
pub struct Schema {
    value: Value,
    text: Box<RawValue>,
}

impl Schema {
    /// As JSON.
    pub fn text(&self) -> &str {
        self.text.get()
    }
}

impl From<Value> for Schema {
    fn from(value: Value) -> Schema {
        let text = to_raw_value(&value).expect("a JSON value has a text");
        Schema { value, text }
    }
}

impl Deref for Schema {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Schema) -> bool {
        self.value == other.value
    }
}

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(s)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Schema, D::Error> {
        Value::deserialize(d).map(Schema::from)
    }
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
