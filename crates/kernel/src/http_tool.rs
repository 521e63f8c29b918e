//! A tool that a business defines itself: one HTTP request, described as data. What a model writes fills its places; it never chooses
//! where the request goes.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    Timestamp,
    action::{Category, Level},
    effect::Class,
    ids::ToolId,
    oauth::{ClientCredentials, ClientLogin},
    ports::http::Method,
    tool::ReceiptKind,
};

/// Longest wait for an answer.
pub const LONGEST_WAIT_MS: u32 = 20_000;
/// Larger answers are an error.
pub const LARGEST_ANSWER: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq)]
pub struct HttpTool {
    pub id: ToolId,
    /// Counts up within the tenant; the id of the predecessor's routes.
    pub number: i64,
    /// What the model sees.
    pub name: String,
    pub enabled: bool,
    /// Counts the changes.
    pub version: i64,
    pub spec: HttpToolSpec,
    /// What its last example call came to.
    pub probe: Option<Probe>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An example call, made on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    pub at: Timestamp,
    pub succeeded: bool,
    /// What a model would have read, or why there was no answer.
    pub told: String,
    pub millis: i64,
    /// Of the tool, as it was then.
    pub version: i64,
}

/// What a tool says and does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HttpToolSpec {
    /// For people; empty = the name.
    #[serde(default)]
    pub title: String,
    /// For the model: when to use it and what comes back.
    #[serde(default)]
    pub description: String,
    /// JSON Schema of the arguments object.
    pub parameters: Value,
    pub request: RequestTemplate,
    #[serde(default)]
    pub answer: AnswerRule,
    pub effect: ToolEffect,
    /// The service honours an `Idempotency-Key`: the same call may be made again.
    #[serde(default)]
    pub idempotent: bool,
    /// What a success proves, so that a reply may say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proves: Option<ReceiptKind>,
    /// How far the agent goes alone, where no rule says otherwise; `None` = automatic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// `None` = external.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// JSON pointer to the amount among the arguments, in minor units; `None` = recognised by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Arguments of a call that may be made to see whether the service answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
    /// Set for tools that came by the predecessor's routes: its own words for them, and its texts for errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legacy: Option<LegacyTool>,
}

impl HttpToolSpec {
    /// What is known when the answer is lost.
    pub fn class(&self) -> Class {
        if self.effect == ToolEffect::Reads || self.idempotent { Class::A } else { Class::C }
    }
}

/// `{argument}` in path, query and body is filled from the call, `{{contact.name}}` and `{{secret.NAME}}` by the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolRequest)]
pub struct RequestTemplate {
    pub method: Method,
    /// Scheme, host and port are fixed; path and query may hold places.
    pub url: String,
    #[serde(default)]
    pub query: Vec<Field>,
    #[serde(default)]
    pub headers: Vec<Field>,
    #[serde(default)]
    pub auth: ToolAuth,
    /// Where arguments go that no place names.
    pub rest: Rest,
    /// A JSON document with places in its texts; `None` with `rest: body` = the arguments themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    #[serde(default)]
    pub encoding: Encoding,
    pub timeout_ms: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ToolField)]
pub struct Field {
    pub name: String,
    pub value: String,
}

/// How we prove who we are; the values are names of secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ToolAuth {
    #[default]
    None,
    Header {
        header: String,
        secret: String,
    },
    Bearer {
        secret: String,
    },
    Basic {
        username: String,
        secret: String,
    },
    /// OAuth client credentials: the secret buys a token, and the token proves who we are.
    ClientCredentials {
        secret: String,
        token_url: String,
        client_id: String,
        #[serde(default)]
        scope: String,
        /// For whom the token is (RFC 8707), where the service asks for it.
        #[serde(default)]
        resource: String,
        #[serde(default)]
        send_as: ClientLogin,
    },
}

impl ToolAuth {
    /// The name of the secret.
    pub fn secret(&self) -> Option<&str> {
        match self {
            ToolAuth::None => None,
            ToolAuth::Header { secret, .. }
            | ToolAuth::Bearer { secret }
            | ToolAuth::Basic { secret, .. }
            | ToolAuth::ClientCredentials { secret, .. } => Some(secret),
        }
    }

    /// As whom a token is fetched, and where.
    pub fn credentials(&self) -> Option<ClientCredentials> {
        let ToolAuth::ClientCredentials { token_url, client_id, scope, resource, send_as, .. } = self else { return None };
        Some(ClientCredentials {
            token_url: token_url.clone(),
            client_id: client_id.clone(),
            scope: scope.clone(),
            resource: resource.clone(),
            send_as: *send_as,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ToolRest)]
pub enum Rest {
    Query,
    Body,
    Nowhere,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ToolEncoding)]
pub enum Encoding {
    #[default]
    Json,
    Form,
}

/// What of an answer the model reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolAnswer)]
pub struct AnswerRule {
    /// JSON pointer; empty = everything.
    #[serde(default)]
    pub pointer: String,
    /// Characters; the rest is cut off.
    pub max_chars: u32,
}

impl Default for AnswerRule {
    fn default() -> Self {
        AnswerRule { pointer: String::new(), max_chars: 8_000 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolEffect {
    Reads,
    Writes,
}

impl ToolEffect {
    pub fn as_str(self) -> &'static str {
        match self {
            ToolEffect::Reads => "reads",
            ToolEffect::Writes => "writes",
        }
    }
    pub fn parse(text: &str) -> Option<ToolEffect> {
        [ToolEffect::Reads, ToolEffect::Writes].into_iter().find(|effect| effect.as_str() == text)
    }
}

/// A tool in the predecessor's form, as it was given (secret header values are places, not values).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LegacyTool {
    pub parameters: Value,
    pub api_config: Value,
}

/// A letter, then letters, digits, `_` and `-`; at most 64. The vendors of models allow no more.
pub fn is_tool_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// As the name of a tool, without `-`: secrets are named inside templates.
pub fn is_secret_name(text: &str) -> bool {
    is_tool_name(text) && !text.contains('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_every_model_vendor_accepts() {
        for good in ["a", "WeatherAPI", "get-order_2", &"x".repeat(64)] {
            assert!(is_tool_name(good), "{good}");
        }
        for bad in ["", "1a", "_a", "a b", "a.b", "ñ", "a/b", &"x".repeat(65)] {
            assert!(!is_tool_name(bad), "{bad}");
        }
        assert!(is_secret_name("SHOP_KEY") && !is_secret_name("shop-key"));
    }
}
