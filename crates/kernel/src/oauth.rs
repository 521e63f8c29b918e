//! How a program gets a token to speak to a service with: OAuth client credentials.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a token is fetched, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientCredentials {
    pub token_url: String,
    pub client_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// For whom the token is (RFC 8707), where the service asks for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub resource: String,
    #[serde(default)]
    pub send_as: ClientLogin,
}

/// How the client's id and secret are sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientLogin {
    /// `Authorization: Basic …`.
    #[default]
    Basic,
    /// Among the fields of the form.
    Form,
}
