//! Web chat: a channel of our own, for visitors of a business's site; what leaves is kept for the browser to fetch.
#![doc = include_str!("README.md")]

mod plain;
mod settings;

use async_trait::async_trait;

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Secret,
    message::Media,
    ports::{
        channel::{About, Account, Channel, Event, Forged, Handshake, MediaBytes, Outbound, RawRequest, Receipt},
        http::Http,
    },
};

use self::settings::ABOUT;

#[derive(Debug)]
pub struct WebChat;

#[async_trait]
impl Channel for WebChat {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn review(&self, setting: &str, value: &str) -> Result<String, String> {
        settings::review(setting, value)
    }

    fn handshake(&self, _: &RawRequest, _: &[Secret]) -> Handshake {
        Handshake::Refused
    }

    fn verify(&self, _: &RawRequest, _: &Secret) -> Result<(), Forged> {
        Err(Forged)
    }

    fn receive(&self, _: &RawRequest) -> Result<Vec<Event>, ConnectorError> {
        Err(unsupported("receive", "visitors write through our own door, not through a webhook"))
    }

    fn format(&self, markdown: &str) -> String {
        plain::text(markdown)
    }

    /// Nothing leaves: the visitor's feed is the delivery. The echo names it, so a repeated send is the same message.
    async fn send(&self, _: &dyn Http, _: &Account, message: &Outbound) -> Result<Receipt, ConnectorError> {
        Ok(Receipt { vendor_id: message.echo.clone() })
    }

    async fn mark_read(&self, _: &dyn Http, _: &Account, _: &str, _: bool) -> Result<(), ConnectorError> {
        Ok(())
    }

    async fn fetch_media(&self, _: &dyn Http, _: &Account, _: &Media, _: usize) -> Result<MediaBytes, ConnectorError> {
        Err(unsupported("fetch_media", "visitors upload their files to us, there is nothing to fetch"))
    }

    async fn check(&self, _: &dyn Http, account: &Account) -> Result<String, ConnectorError> {
        let origins = account.setting(settings::ALLOWED_ORIGINS).unwrap_or("any site");
        Ok(format!("nothing to connect; may be shown on: {origins}"))
    }
}

fn unsupported(operation: &'static str, detail: &str) -> ConnectorError {
    ConnectorError::new(ABOUT.key, operation, ErrorKind::Unsupported, Retry::Never, detail)
}
