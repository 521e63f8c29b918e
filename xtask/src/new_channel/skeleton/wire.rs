//! SKELETON's JSON, only what we use.

use serde::Deserialize;
use serde_json::Value;

/// The body of a webhook request. Its items stay raw until each is read on its own, so that a bad one never hides the good ones.
#[derive(Debug, Deserialize)]
pub(super) struct Payload {
    #[serde(default)]
    pub(super) events: Vec<Value>,
}
