//! What a person fills in to connect SKELETON.

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Secret,
    ports::channel::{Account, Setting},
};

pub(super) const ALL: &[Setting] = &[
    Setting {
        key: "token",
        label: "Access token",
        help: "From the provider's console; it must be allowed to send messages.",
        secret: true,
        required: true,
    },
    Setting {
        key: "webhook_secret",
        label: "Webhook secret",
        help: "The provider signs its requests with it.",
        secret: true,
        required: true,
    },
];

pub(super) fn token<'a>(account: &'a Account, operation: &'static str) -> Result<&'a Secret, ConnectorError> {
    account.secret("token").filter(|token| !token.is_empty()).ok_or_else(|| {
        ConnectorError::new("skeleton", operation, ErrorKind::Unauthorized, Retry::Never, "the access token is not set")
    })
}
