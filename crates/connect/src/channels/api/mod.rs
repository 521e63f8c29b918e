//! The channel without a vendor: programs and the terminal chat read the replies from our own API.

use std::time::Duration;

use async_trait::async_trait;

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry, Secret,
    effect::Class,
    message::Media,
    ports::{
        channel::{About, Account, Channel, Event, Forged, Handshake, Limits, MediaBytes, Outbound, RawRequest, Receipt},
        http::Http,
    },
};

static ABOUT: About = About {
    key: "api",
    name: "API",
    limits: Limits {
        text: 65_536,
        buttons: 10,
        button_title: 80,
        list_rows: 50,
        caption: 65_536,
        per_second: 0,
        pair_burst: 0,
        pair_interval: Duration::ZERO,
    },
    send_class: Class::A,
    window: None,
    cost: None,
    settings: &[],
    media_in: false,
    read_receipts: false,
    hosted: false,
    reaches_numbers: false,
    own_secrets: &[],
};

pub struct Api;

#[async_trait]
impl Channel for Api {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn handshake(&self, _: &RawRequest, _: &[Secret]) -> Handshake {
        Handshake::Refused
    }

    fn verify(&self, _: &RawRequest, _: &Secret) -> Result<(), Forged> {
        Err(Forged)
    }

    fn receive(&self, _: &RawRequest) -> Result<Vec<Event>, ConnectorError> {
        Err(unsupported("receive", "messages come in through the API, not through a webhook"))
    }

    fn format(&self, markdown: &str) -> String {
        markdown.to_owned()
    }

    /// Nothing leaves: the stored message is the delivery. The echo names it, so a repeated send is the same message.
    async fn send(&self, _: &dyn Http, _: &Account, message: &Outbound) -> Result<Receipt, ConnectorError> {
        Ok(Receipt { vendor_id: message.echo.clone() })
    }

    async fn mark_read(&self, _: &dyn Http, _: &Account, _: &str, _: bool) -> Result<(), ConnectorError> {
        Ok(())
    }

    async fn fetch_media(&self, _: &dyn Http, _: &Account, _: &Media, _: usize) -> Result<MediaBytes, ConnectorError> {
        Err(unsupported("fetch_media", "files are uploaded through the API, not fetched"))
    }

    async fn check(&self, _: &dyn Http, _: &Account) -> Result<String, ConnectorError> {
        Ok("nothing to connect".to_owned())
    }
}

fn unsupported(operation: &'static str, detail: &str) -> ConnectorError {
    ConnectorError::new(ABOUT.key, operation, ErrorKind::Unsupported, Retry::Never, detail)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use frontdesk_kernel::{
        contact::AddressKind,
        message::Part,
        ports::{
            channel::Address,
            http::{HttpError, Request, Response, Streaming},
        },
    };

    use super::*;

    struct NoNetwork;

    #[async_trait]
    impl Http for NoNetwork {
        async fn send(&self, _: Request) -> Result<Response, HttpError> {
            Err(HttpError::NotSent("the api channel has no vendor".into()))
        }
        async fn stream(&self, _: Request) -> Result<Streaming, HttpError> {
            Err(HttpError::NotSent("the api channel has no vendor".into()))
        }
    }

    #[tokio::test]
    async fn a_send_is_its_own_receipt_and_needs_no_network() {
        let account = Account {
            account: "api".into(),
            settings: Default::default(),
            secrets: Default::default(),
            base_url: String::new(),
            version: String::new(),
        };
        let message = Outbound {
            to: Address { kind: AddressKind::Visitor, value: "v1".into() },
            part: Part::Text { text: "**hi**".into() },
            quotes: None,
            echo: "v1.eff_1.1".into(),
            media: None,
        };
        let receipt = Api.send(&NoNetwork, &account, &message).await.unwrap();
        assert_eq!(receipt.vendor_id, "v1.eff_1.1");
        assert_eq!(Api.format("**hi**\n\n- a"), "**hi**\n\n- a");
        assert!(Api.mark_read(&NoNetwork, &account, "m", true).await.is_ok());
    }

    #[test]
    fn nothing_comes_in_through_a_webhook() {
        let raw = RawRequest { query: String::new(), headers: Vec::new(), body: Bytes::from_static(b"{}") };
        assert_eq!(Api.verify(&raw, &Secret::new("s")), Err(Forged));
        assert_eq!(Api.handshake(&raw, &[Secret::new("s")]), Handshake::Refused);
        assert_eq!(Api.receive(&raw).unwrap_err().kind, ErrorKind::Unsupported);
    }
}
