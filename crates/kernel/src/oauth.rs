//! How a program gets a token to speak to a service with: OAuth, with credentials of its own or with a person's consent.

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

/// As whom a person is asked for access (authorization code with PKCE). Where and for what is found out from the service itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuthorizationCode {
    /// Registered by hand; empty: we register ourselves where the service lets us.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client_id: String,
    /// Empty: what the service says it takes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
}

/// Who gives access to a service, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Giver {
    pub issuer: String,
    pub token_url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_url: Option<String>,
}

/// Who we are to whom gives access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    pub id: String,
    /// How its secret is sent; `None`: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<ClientLogin>,
    /// We registered it ourselves, with this way back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered_for: Option<String>,
}
