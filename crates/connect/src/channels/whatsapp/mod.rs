//! WhatsApp Business Cloud API: its webhooks, messages, media and errors in our terms.

mod choices;
mod content;
mod errors;
mod format;
mod graph;
mod inbound;
mod json;
mod media;
mod outbound;
mod settings;
mod signature;
mod templates;
#[cfg(test)]
mod tests;
mod wire;

use async_trait::async_trait;

use frontdesk_kernel::{
    ConnectorError, Secret,
    message::Media,
    ports::{
        channel::{About, Account, Channel, Event, Forged, Handshake, MediaBytes, Outbound, RawRequest, Receipt, Template},
        http::Http,
    },
};

pub struct WhatsApp;

#[async_trait]
impl Channel for WhatsApp {
    fn about(&self) -> &'static About {
        &settings::ABOUT
    }

    fn handshake(&self, raw: &RawRequest, tokens: &[Secret]) -> Handshake {
        signature::handshake(raw, tokens)
    }

    fn verify(&self, raw: &RawRequest, secret: &Secret) -> Result<(), Forged> {
        signature::verify(raw, secret)
    }

    fn receive(&self, raw: &RawRequest) -> Result<Vec<Event>, ConnectorError> {
        inbound::receive(&raw.body)
    }

    fn format(&self, markdown: &str) -> String {
        format::whatsapp(markdown)
    }

    async fn send(&self, http: &dyn Http, account: &Account, message: &Outbound) -> Result<Receipt, ConnectorError> {
        outbound::send(http, account, message).await
    }

    async fn mark_read(&self, http: &dyn Http, account: &Account, vendor_id: &str, typing: bool) -> Result<(), ConnectorError> {
        outbound::mark_read(http, account, vendor_id, typing).await
    }

    async fn fetch_media(
        &self,
        http: &dyn Http,
        account: &Account,
        media: &Media,
        max_bytes: usize,
    ) -> Result<MediaBytes, ConnectorError> {
        media::fetch(http, account, media, max_bytes).await
    }

    async fn templates(&self, http: &dyn Http, account: &Account) -> Result<Vec<Template>, ConnectorError> {
        templates::list(http, account).await
    }

    async fn check(&self, http: &dyn Http, account: &Account) -> Result<String, ConnectorError> {
        graph::check(http, account).await
    }
}
