//! What we send to SKELETON.

use frontdesk_kernel::{
    ConnectorError,
    ports::channel::{Account, Receipt},
};

use super::{not_connected, settings};

/// Markdown is readable as it is; a provider with its own marks translates them here.
pub(super) fn format(markdown: &str) -> String {
    markdown.to_owned()
}

pub(super) fn send(account: &Account) -> Result<Receipt, ConnectorError> {
    settings::token(account, "send")?;
    Err(not_connected("send"))
}
